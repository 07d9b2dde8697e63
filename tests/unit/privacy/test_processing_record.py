"""The record of processing activities as data: whole, and what is missing in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm.config.settings import Settings, settings_of
from crm.privacy.declarations import OWN
from crm.privacy.host_declarations import host
from crm.privacy.processing_record import missing, record_data

SAID = {"controller": "Events GmbH, Bern", "contact": "privacy@example.com"}


def test_every_collection_with_personal_data_is_a_row() -> None:
    settings = Settings()
    told: Any = record_data(settings)
    rows = {one["name"]: one for one in told["data"]}
    for collection in (*host(settings), *OWN):
        personal = [one for one in collection.fields if one.erasure != "no personal data"]
        assert (collection.path in rows) == bool(personal)
        for one in personal:
            assert one.what in rows[collection.path]["what"]
            assert one.why in rows[collection.path]["until"]
    for row in rows.values():
        assert all(row[key] for key in ("what", "where", "why", "until"))
    assert rows["Firebase Authentication"]["where"] == "Firebase Authentication"
    assert rows["customers"]["until"] == "until the person is erased"
    assert "10 years" in rows["orders"]["until"]
    assert json.loads(json.dumps(told)) == told


def test_what_crm_toml_says_is_in_it() -> None:
    told: Any = record_data(
        settings_of(
            {
                "privacy": {**SAID, "officer": "Dora", "purposes": ["mail", ""], "transfers": "US"},
                "erasure": {"orders": "keep", "basis": "tax law", "keep_years": 7},
                "fields": {"company": {"type": "text", "label": "Company", "purpose": "bills"}},
            }
        )
    )
    assert told["controller"] == SAID["controller"]
    assert (told["officer"], told["purposes"], told["transfers"]) == ("Dora", ["mail"], "US")
    assert told["erasure"] == {"orders": "keep", "basis": "tax law", "keepYears": 7}
    assert told["fields"] == [{"label": "Company", "purpose": "bills"}]
    assert told["automatedDecisions"] == "none (art. 22)"
    assert told["missing"] == []


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({}, ["privacy.controller", "privacy.contact"]),
        (SAID, []),
        ({**SAID, "purposes": [], "recipients": [""]}, ["privacy.purposes", "privacy.recipients"]),
        (
            {**SAID, "retention": " ", "source": "", "complaint": ""},
            ["privacy.retention", "privacy.source", "privacy.complaint"],
        ),
        ({**SAID, "officer": "", "transfers": "", "automated_decisions": ""}, []),
    ],
)
def test_what_must_be_said_and_is_not_is_named(said: dict[str, Any], names: list[str]) -> None:
    assert missing(settings_of({"privacy": said})) == names
