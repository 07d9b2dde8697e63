"""The few words that CRM-Lite writes into a mail itself, by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

RIGHT_TO_LEFT: Final = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the foot of a mail."""

    why: str
    unsubscribe: str


WORDS: Final[Mapping[str, Words]] = {
    "de": Words("Sie erhalten diese E-Mail, weil Sie zugestimmt haben.", "Abmelden"),
    "en": Words("You get this mail because you agreed to it.", "Unsubscribe"),
    "es": Words("Recibe este correo porque dio su consentimiento.", "Darse de baja"),
    "fr": Words("Vous recevez cet e-mail car vous y avez consenti.", "Se désinscrire"),
    "it": Words("Ricevi questa e-mail perché hai dato il consenso.", "Annulla iscrizione"),
    "nl": Words("U ontvangt deze e-mail omdat u hebt toegestemd.", "Afmelden"),
    "pt": Words("Recebe este e-mail porque deu o seu consentimento.", "Cancelar subscrição"),
}


def words(language: str) -> Words:
    """Return the words of a language, in English where it has none here."""
    return WORDS.get(language.partition("-")[0].lower(), WORDS["en"])


def direction(language: str) -> str:
    """Return in which direction a language is written: `ltr` or `rtl`."""
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"
