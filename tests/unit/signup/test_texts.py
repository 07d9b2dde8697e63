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
        (ENGLISH.replace('"Sign up"', '""'), "fr.toml: form.button: String should have at least 1"),
        (ENGLISH.replace('"Sign up"', "3"), "fr.toml: form.button: Input should be a valid string"),
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


def refused(folder: Path, **files: str) -> str:
    """Return what is said of some languages of one's own."""
    for name, text in files.items():
        folder.joinpath(f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load([OURS, folder])
    return str(caught.value)


def test_all_that_is_wrong_in_a_file_is_said_line_by_line(tmp_path: Path) -> None:
    text = ENGLISH.replace("not_me = ", "not_us = ").replace('"Sign up"', '""')
    said = refused(tmp_path, fr=text).splitlines()
    (button,) = [line for line in said if line.startswith("languages/fr.toml: form.button: ")]
    assert said == [
        "languages/fr.toml: mail.not_me: this text is missing",
        "languages/fr.toml: mail.not_us: nobody knows this key",
        button,
        "languages/fr.toml: confirm.not_me: this text is missing",
        "languages/fr.toml: confirm.not_us: nobody knows this key",
    ]


def test_a_file_without_a_part_of_the_texts_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path, fr=ENGLISH.partition("[form]")[0]).splitlines() == [
        f"languages/fr.toml: {part}: this text is missing" for part in ("form", "said", "confirm")
    ]


@pytest.mark.parametrize("bad", [b"[mail", b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, bad: bytes | None) -> None:
    path = tmp_path / "fr.toml"
    if bad is None:
        path.mkdir()
    else:
        path.write_bytes(bad)
    with pytest.raises(ConfigError) as caught:
        load([tmp_path])
    assert str(caught.value).startswith("languages/fr.toml: cannot be read: ")
    assert caught.value.__cause__ is None


def test_a_text_is_read_in_utf_8_and_stripped(tmp_path: Path) -> None:
    text = ENGLISH.replace('"Sign up"', '"  Żądaj  "')
    tmp_path.joinpath("pl.toml").write_text(text, encoding="utf-8")
    tmp_path.joinpath("notes.txt").write_text("no language", encoding="utf-8")
    known = load([tmp_path])
    assert [*known] == ["pl"]
    assert known["pl"].form.button == "Żądaj"


def test_a_form_without_the_texts_of_a_language_is_named_with_the_file() -> None:
    forms = settings_of(
        {"forms": {"a": {"text": {"en": "Yes."}}, "f": {"text": {"de": "Ja.", "fr": "Oui."}}}}
    ).forms
    check({"a": forms["a"]}, load([OURS]))
    with pytest.raises(ConfigError) as caught:
        check(forms, load([OURS]))
    assert str(caught.value) == (
        "crm.toml: forms.f.text.fr: there is no languages/fr.toml beside crm.toml, which has the"
        " texts around it: docs/sign-up.md, Languages"
    )


def test_a_languages_own_texts_are_nearer_than_those_without_its_region() -> None:
    german, english = (load([OURS])[tag] for tag in ("de", "en"))
    known = {"de": german, "de-CH": english}
    assert text_of(known, "de-CH") is english
    assert text_of(known, "de-AT") is german
    assert text_of({"de-CH": english}, "de") is None
    assert text_of({"de": german, "de-Latn": english}, "de-Latn-AT") is german


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["de"], "de"),
        (["DE"], "de"),
        (["de-CH"], "de"),
        (["DE-ch"], "de"),
        (["fr", "de", "en"], "de"),
        (["en", "de"], "en"),
        (["fr"], "en"),
        (["d"], "en"),
        (["", "de"], "de"),
        (["-de"], "en"),
        (["de-Latn-AT"], "de"),
    ],
)
def test_the_first_language_that_there_is_is_chosen(wanted: list[str], language: str) -> None:
    assert chosen(wanted) == language


def test_a_language_with_a_region_is_chosen_by_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = load([OURS])
    both = {"pt-BR": known["en"], "de": known["de"]}
    monkeypatch.setattr(texts, "languages", lambda: both)
    assert [chosen([one]) for one in ("pt-br", "pt", "pt-PT", "de")] == ["pt-BR", "en", "en", "de"]


def test_the_newsletters_language_is_before_that_of_the_forms() -> None:
    forms = {"f": {"text": {"de": "Ja.", "en": "Yes."}}, "g": {"text": {"en": "Yes."}}}
    assert of_orders(settings_of({"forms": forms})) == "de"
    assert of_orders(settings_of({"forms": forms, "newsletter": {"language": "en"}})) == "en"
