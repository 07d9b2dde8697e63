"""`[fields.NAME]` and `[forms.NAME]`: what is understood, and what is told of a mistake."""

from __future__ import annotations

import re
from typing import Any

import pytest

from crm.config.emulators import CONTACTS, contact_lines
from crm.config.fields import MAX_FIELDS, OwnField
from crm.config.forms import Form
from crm.config.settings import Settings, settings, settings_of, with_contacts
from crm.core.errors import ConfigError
from suite.settings import contact_settings

WHOLE: dict[str, Any] = {"type": "text", "label": "Company", "purpose": "Invoices"}
CHOICE = {**WHOLE, "type": "choice"}
TEXT = {"en": "Yes"}


def test_without_tables_there_are_none() -> None:
    assert settings_of({}).fields == settings_of({"fields": {}}).fields == {}
    assert settings_of({}).forms == settings_of({"forms": {}}).forms == {}


def test_an_own_field_is_declared() -> None:
    read = settings_of({"fields": {"company": {**WHOLE, "from": "profile.company"}}})
    assert read.fields == {"company": OwnField(**WHOLE, **{"from": "profile.company"})}
    assert read.fields["company"].from_ == "profile.company"
    size = settings_of({"fields": {"size": {**CHOICE, "choices": ["S", "M"]}}}).fields["size"]
    assert size.choices == ("S", "M")


def test_a_form_is_declared() -> None:
    form = settings_of({"forms": {"news-2": {"text": {"en": " Yes ", "pt-BR": "Sim"}}}}).forms
    assert form["news-2"].text == {"en": "Yes", "pt-BR": "Sim"}
    assert form["news-2"].tags == ()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (5, "fields: write a table for each field: [fields.company]"),
        ({"Company": WHOLE}, 'fields: "Company": choose another name'),
        ({"email": WHOLE}, 'fields: "email": choose another name'),
        ({"a" * 41: WHOLE}, "choose another name"),
        ({f"a{n}": WHOLE for n in range(MAX_FIELDS + 1)}, "fields: there are at most 30"),
        ({"company": 5}, "fields.company: write a table, [fields.company]"),
        ({"company": {}}, "fields.company.purpose: is missing: write it"),
        (
            {"company": {**WHOLE, "tpye": "text"}},
            'fields.company.tpye: unknown key; did you mean "type"?',
        ),
        ({"company": {**WHOLE, "type": "txt"}}, "fields.company.type: write 'text', 'number'"),
        ({"company": {**WHOLE, "label": ""}}, "fields.company.label: write a text with at least 1"),
        ({"company": {**WHOLE, "label": "x" * 81}}, "company.label: write a text with at most 80"),
        ({"company": {**WHOLE, "purpose": 5}}, "fields.company.purpose: write a text"),
        ({"company": {**WHOLE, "from": "a..b"}}, "fields.company.from: write a path into the"),
        ({"company": {**WHOLE, "choices": ["a"]}}, 'fields.company: choices belong to type = "ch'),
        ({"company": CHOICE}, 'fields.company: choices belong to type = "choice"'),
        ({"company": {**CHOICE, "choices": ["a", 5]}}, "fields.company.choices.1: write a text"),
        ({"company": {**CHOICE, "choices": [" a"]}}, "fields.company: choices are texts"),
        ({"company": {**CHOICE, "choices": "ab"}}, "fields.company.choices: write a list"),
    ],
)
def test_a_mistake_in_a_field_is_one_sentence_with_its_key(fields: object, told: str) -> None:
    with pytest.raises(ConfigError, match=rf"(?m)^crm\.toml: .*{re.escape(told)}") as raised:
        settings_of({"fields": fields})
    assert "validation error" not in str(raised.value)
    assert "pydantic" not in str(raised.value)


@pytest.mark.parametrize(
    ("forms", "told"),
    [
        (5, "forms: write a table for each form: [forms.newsletter]"),
        ({"News": {"text": TEXT}}, 'forms: "News": name it with small letters'),
        ({"news": 5}, "forms.news: write a table, [forms.news]"),
        ({"news": {}}, "forms.news.text: is missing: write it"),
        ({"news": {"text": "Yes"}}, "forms.news.text: write what people agree to"),
        ({"news": {"text": {"english": "Yes"}}}, "forms.news.text: write what people agree to"),
        ({"news": {"text": {"en": " "}}}, "forms.news.text: write what people agree to"),
        ({"news": {"text": {"en": "x" * 1001}}}, "forms.news.text: write what people agree to"),
        ({"news": {"text": TEXT, "tags": "a"}}, "forms.news.tags: write a list of tags"),
        ({"news": {"text": TEXT, "tags": ["#!"]}}, "forms.news.tags: A tag may hold letters"),
        ({"news": {"text": TEXT, "tag": []}}, 'forms.news.tag: unknown key; did you mean "tags"?'),
    ],
)
def test_a_mistake_in_a_form_is_one_sentence_with_its_key(forms: object, told: str) -> None:
    with pytest.raises(ConfigError, match=rf"(?m)^crm\.toml: {re.escape(told)}") as raised:
        settings_of({"forms": forms})
    assert "validation error" not in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", " ACME ", "ACME"),
        ("number", 12, 12),
        ("number", 12.0, 12),
        ("number", 0.1234567, 0.123457),
        ("date", "2026-11-29", "2026-11-29"),
        ("bool", False, False),
        ("choice", "S", "S"),
    ],
)
def test_a_value_is_kept_in_one_form(kind: str, given: object, kept: object) -> None:
    assert field(kind).value(given) == kept
    assert type(field(kind).value(given)) is type(kept)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        *[("text", one) for one in ("", " ", "a\nb", "x" * 201, 5, None)],
        *[("number", one) for one in ("12", True, float("nan"), float("inf"), 10**15, None)],
        *[("date", one) for one in ("29.11.2026", "2026-02-30", "2026-1-1", 20261129, "")],
        *[("bool", one) for one in ("true", 1, None)],
        *[("choice", one) for one in ("L", "s", 5)],
    ],
)
def test_what_is_no_value_says_what_to_write(kind: str, given: object) -> None:
    with pytest.raises(ValueError, match=r"^write "):
        field(kind).value(given)


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("bool", "TRUE ", True),
        ("number", "12.5", 12.5),
        ("number", "-3", -3),
        ("text", " ACME", "ACME"),
        ("date", "2026-11-29", "2026-11-29"),
    ],
)
def test_a_column_of_a_file_is_read(kind: str, text: str, kept: object) -> None:
    assert field(kind).read(text) == kept


@pytest.mark.parametrize(
    ("kind", "text"), [("bool", "yes"), ("number", "1e5"), ("number", "1,5"), ("number", "")]
)
def test_a_column_that_is_not_understood_says_what_to_write(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"^write "):
        field(kind).read(text)


def field(kind: str) -> OwnField:
    choices = ["S", "M"] if kind == "choice" else []
    return OwnField.model_validate({**WHOLE, "type": kind, "choices": choices})


def test_a_text_is_known_by_its_words_in_each_language() -> None:
    form = Form.model_validate({"text": {"en": "Yes", "de": "Ja"}})
    assert form.version("en") != form.version("de")
    assert form.version("en") == Form.model_validate({"text": {"en": "Yes"}}).version("en")
    assert re.fullmatch("[0-9a-f]{12}", form.version("en"))


LINES = '[fields.company]\ntype = "text"\nlabel = "Company"\npurpose = "Invoices"\n'


def test_a_suites_forms_and_fields_stand_in_the_place_of_a_files() -> None:
    file = settings_of({"fields": {"old": WHOLE}, "forms": {"old": {"text": TEXT}}})
    read = with_contacts(file, LINES, CONTACTS)
    assert (set(read.fields), set(read.forms)) == ({"company"}, set())
    assert read.model_copy(update={"fields": file.fields, "forms": file.forms}) == file


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("fields = ", f"{CONTACTS}: not TOML"),
        ("fields = 5", f"{CONTACTS}: fields: write a table"),
        ("[forms.news]", f"{CONTACTS}: forms.news.text: is missing"),
    ],
)
def test_lines_that_are_wrong_are_told_as_those_of_a_file(lines: str, told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(told)):
        with_contacts(Settings(), lines, CONTACTS)


def test_they_hold_on_an_emulator_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONTACTS, LINES)
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    assert contact_lines() == ""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    settings.cache_clear()
    try:
        assert set(settings().fields) == {"company"}
    finally:
        settings.cache_clear()


def test_the_suites_own_have_a_field_of_every_type_and_a_form_in_two_languages() -> None:
    read = with_contacts(Settings(), contact_settings(), "contacts.toml")
    assert {one.type for one in read.fields.values()} == {
        *("text", "number", "date", "bool", "choice")
    }
    assert read.fields["city"].from_ == "profile.city"
    assert list(read.forms["newsletter"].text) == ["en", "de"]
    assert "press" in read.forms
