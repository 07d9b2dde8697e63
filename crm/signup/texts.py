"""What people read who sign up: one file for each language.

English and German come with CRM-Lite. An organiser adds a language, or changes one, by a file
`languages/<tag>.toml` beside `crm.toml`; it is held to the English one's keys.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm.config.forms import Forms
from crm.config.settings import DEFAULT_FILE, Settings
from crm.core.errors import ConfigError

OURS: Final = Path(__file__).resolve().parent / "languages"

OWN: Final = DEFAULT_FILE.parent / "languages"
"""Where an organiser's own languages are."""

FALLBACK: Final = "en"


class _Texts(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, str_min_length=1, str_strip_whitespace=True
    )


class MailTexts(_Texts):
    """`[mail]`: the mail that asks back."""

    subject: str = Field(max_length=120)
    form: str
    order: str
    confirm_hint: str
    confirm: str
    ignore: str
    not_me: str


class FormTexts(_Texts):
    """`[form]`: the page with the form."""

    title: str
    email: str
    trap: str
    button: str
    note: str
    working: str


class SaidTexts(_Texts):
    """`[said]`: what a post of the form is answered."""

    accepted_title: str
    accepted: str
    email: str
    again: str
    early: str
    unknown_form: str
    not_set_up: str
    try_again: str
    too_large: str


class ConfirmTexts(_Texts):
    """`[confirm]`: the pages behind the links of the mail."""

    title: str
    body: str
    order: str
    button: str
    not_me: str
    done_title: str
    done: str
    already_title: str
    already: str
    refuse_title: str
    refuse: str
    refused_title: str
    refused: str
    over_title: str
    over: str
    bad_title: str
    bad: str
    again_title: str
    again: str


class Texts(_Texts):
    """All texts of a language."""

    mail: MailTexts
    form: FormTexts
    said: SaidTexts
    confirm: ConfirmTexts


def load(folders: Iterable[Path]) -> Mapping[str, Texts]:
    """Read all languages, by their tags; a later folder's file stands over an earlier one's.

    Raises:
        ConfigError: A file lacks a text, or has one that nobody knows; the message names it.
    """
    paths = {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}
    return {tag: _read(path) for tag, path in sorted(paths.items())}


@cache
def languages() -> Mapping[str, Texts]:
    """Return all languages of this installation, read once in a process; raises as `load`."""
    return load([OURS, OWN])


def check(forms: Forms, known: Mapping[str, Texts]) -> None:
    """Hold the languages of forms to those that there are.

    Raises:
        ConfigError: A form has a language for which there is no file.
    """
    for name, form in forms.items():
        for tag in form.text:
            if text_of(known, tag) is None:
                raise ConfigError(
                    f"crm.toml: forms.{name}.text.{tag}: there is no languages/{tag}.toml beside"
                    " crm.toml, which has the texts around it: docs/sign-up.md, Languages"
                )


def text_of(known: Mapping[str, Texts], tag: str) -> Texts | None:
    """Return the texts of a language: its own, or those without its region."""
    return known.get(tag) or known.get(tag.partition("-")[0])


def texts(tag: str) -> Texts:
    """Return the texts of a language; English where there are none. Raises as `load`."""
    known = languages()
    return text_of(known, tag) or known[FALLBACK]


def chosen(wanted: Iterable[str]) -> str:
    """Return the first of these languages that there are texts of, else English."""
    known = languages()
    for tag in wanted:
        for one in known:
            if one.lower() == tag.lower() or one == tag.partition("-")[0].lower():
                return one
    return FALLBACK


def of_orders(settings: Settings) -> str:
    """Return the language of mails about orders, which say nothing of one."""
    own = next((next(iter(form.text)) for form in settings.forms.values()), FALLBACK)
    return settings.newsletter.language or own


def _read(path: Path) -> Texts:
    try:
        return Texts.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"languages/{path.name}: cannot be read: {error}") from None
    except ValidationError as error:
        lines = []
        for one in error.errors():
            key = ".".join(map(str, one["loc"]))
            missing, unknown = "this text is missing", "nobody knows this key"
            why = {"missing": missing, "extra_forbidden": unknown}.get(one["type"], one["msg"])
            lines.append(f"languages/{path.name}: {key}: {why}")
        raise ConfigError("\n".join(lines)) from None
