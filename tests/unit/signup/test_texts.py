"""Languages: those that are there say all, and a file that lacks something is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm.config.settings import Settings, settings_of
from crm.core.errors import ConfigError
from crm.signup import texts
from crm.signup.texts import OURS, check, chosen, load, of_orders, text_of

ENGLISH = (OURS / "en.toml").read_text(encoding="utf-8")


def test_english_and_german_come_along() -> None:
    known = load([OURS])
    assert {*known} == {"de", "en"}
    for one in known.values():
        for part in (one.mail, one.form, one.said, one.confirm):
            assert all(part.model_dump().values())


def test_a_language_of_ones_own_is_a_file(tmp_path: Path) -> None:
    text = ENGLISH.replace("Sign up", "S'inscrire")
    tmp_path.joinpath("fr.toml").write_text(text, encoding="utf-8")
    tmp_path.joinpath("en.toml").write_text(ENGLISH.replace("Sign up", "Join"), encoding="utf-8")
    known = load([OURS, tmp_path])
    assert {*known} == {"de", "en", "fr"}
    assert (known["fr"].form.button, known["en"].form.button) == ("S'inscrire", "Join")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENGLISH.replace("not_me = ", "not_us = "), "fr.toml: mail.not_me: this text is missing"),
        (ENGLISH.replace("not_me = ", "not_us = "), "fr.toml: mail.not_us: nobody knows this key"),
        (ENGLISH.replace('"Sign up"', '""'), "fr.toml: form.button: "),
        ("[mail", "fr.toml: cannot be read: "),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, text: str, message: str) -> None:
    tmp_path.joinpath("fr.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="languages/") as caught:
        load([OURS, tmp_path])
    assert message in str(caught.value)


def test_a_form_needs_the_texts_of_its_languages() -> None:
    forms = settings_of({"forms": {"f": {"text": {"en": "Yes.", "de-AT": "Ja."}}}}).forms
    check(forms, load([OURS]))
    lacking = settings_of({"forms": {"f": {"text": {"en": "Yes.", "fr": "Oui."}}}}).forms
    with pytest.raises(ConfigError, match=r"forms\.f\.text\.fr: there is no languages/fr\.toml"):
        check(lacking, load([OURS]))


def test_the_nearest_language() -> None:
    known = load([OURS])
    assert text_of(known, "de-CH") is known["de"]
    assert text_of(known, "fr") is None
    assert texts.texts("fr") == known["en"]
    assert [chosen(one) for one in (["fr", "de-AT"], ["EN"], [], ["x"])] == ["de", "en", "en", "en"]


def test_the_language_of_orders() -> None:
    assert of_orders(Settings()) == "en"
    assert of_orders(settings_of({"forms": {"f": {"text": {"de": "Ja."}}}})) == "de"
    assert of_orders(settings_of({"newsletter": {"language": "de"}})) == "de"


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["de-AT"], "de"),
        (["pt"], "pt-BR"),
        (["PT-br"], "pt-BR"),
        (["fr", "de"], "de"),
        (["*"], "en"),
        ([], "en"),
        (["e"], "en"),
    ],
)
def test_the_language_of_a_form(wanted: list[str], language: str) -> None:
    text = {"en": "Yes.", "de": "Ja.", "pt-BR": "Sim."}
    form = settings_of({"forms": {"f": {"text": text}}}).forms["f"]
    assert form.language(wanted) == language


def test_keys_of_forms() -> None:
    for wrong in ({"per_hour": 0}, {"per_network": "x"}, {"per_hour": True}, {"per_hour": 1.5}):
        with pytest.raises(ConfigError, match="whole number of mails in an hour"):
            settings_of({"forms": {"f": {"text": {"en": "Yes."}, **wrong}}})
    with pytest.raises(ConfigError, match=r"newsletter\.language"):
        settings_of({"newsletter": {"language": "english"}})
