"""The record of processing activities as data: whole, and what is missing in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm.config.settings import Settings, settings_of
from crm.privacy.declarations import OWN
from crm.privacy.host_declarations import host
from crm.privacy.notice import information
from crm.privacy.processing_record import missing, record, record_data
from crm.privacy.registry import Fields

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


HOST: dict[str, Any] = {
    "orders": {
        "path": "users/{uid}/orders",
        "fields": {
            "email": ["email", "buyer.mail"],
            "name": ["buyer.name", {"join": ["first", "last"]}],
            "phone": "buyer.phone",
        },
    },
    "users": {"path": "people"},
    "erasure": {
        "basis": "tax law",
        "keep_years": 6,
        "order_fields": ["billing.address", "notes"],
    },
}

KEPT = "tax law; 6 years from the end of the newest one's year"


@pytest.mark.parametrize(
    ("rule", "named", "rest", "whys"),
    [
        ("pseudonymise", "redacted", "kept", ("", KEPT)),
        ("keep", "kept", "kept", (KEPT, KEPT)),
        ("delete", "deleted", "deleted", ("", "")),
    ],
)
def test_the_hosts_collections_are_declared_whole(
    rule: str, named: Any, rest: Any, whys: tuple[str, str]
) -> None:
    settings = settings_of({**HOST, "erasure": {**HOST["erasure"], "orders": rule}})
    orders, users, accounts = host(settings)
    assert (orders.path, orders.found) == ("users/{uid}/orders", "through the ledger (`crmOrders`)")
    assert [(one.paths, one.what) for one in orders.fields[:-1]] == [
        ("email buyer.mail", "address"),
        ("userId", "Firebase Auth uid"),
        ("buyer.name first last", "name"),
        ("buyer.phone", "phone"),
        ("billing.address", "as crm.toml says"),
        ("notes", "as crm.toml says"),
        ("{uid}", "Firebase Auth uid, in the path alone"),
    ]
    assert {(one.export, one.erasure, one.why) for one in orders.fields[:-2]} == {
        ("shown", named, whys[0])
    }
    placed, everything = orders.fields[-2:]
    assert (placed.export, placed.erasure, placed.why) == ("shown", "kept", KEPT)
    assert everything.paths == "**"
    assert (everything.export, everything.erasure, everything.why) == ("shown", rest, whys[1])
    assert (users.path, accounts.path) == ("people", "Firebase Authentication")
    assert users.fields == (Fields("**", "the whole document", "shown", "deleted"),)
    assert accounts.fields == (Fields("**", "the whole account", "shown", "deleted"),)
    assert users.found == "by the document's id, the uid"
    assert accounts.found == "by the uid"


def test_a_field_that_comes_from_nowhere_in_an_order_is_not_declared() -> None:
    orders = host(settings_of({"orders": {"fields": {"phone": {"const": "none"}}}}))[0]
    assert [one.what for one in orders.fields[:-1]] == ["address", "Firebase Auth uid", "name"]
    assert host(Settings())[0].path == "orders"


def test_a_row_says_what_is_held_where_why_and_until_when() -> None:
    told: Any = record_data(settings_of({**HOST, "erasure": {**HOST["erasure"], "orders": "keep"}}))
    orders, users, accounts, *own = told["data"]
    everything = "everything else in the document: sums, status, dates, items"
    named = ["address", "Firebase Auth uid", "name", "phone"]
    placed = "Firebase Auth uid, in the path alone"
    held = [*named, "as crm.toml says", "as crm.toml says", placed, everything]
    assert orders == {
        "name": "users/{uid}/orders",
        "what": "; ".join([*named, "as crm.toml says", placed, everything]),
        "where": "Firestore",
        "why": "the host's orders: what was bought, and by whom",
        "until": f"{', '.join(held)}: kept, {KEPT}",
    }
    assert users == {
        "name": "people",
        "what": "the whole document",
        "where": "Firestore",
        "why": "the host's users",
        "until": "until the person is erased",
    }
    assert (accounts["where"], accounts["why"]) == (
        "Firebase Authentication",
        "accounts that people sign in with",
    )
    assert {one["where"] for one in own} == {"Firestore"}
    links = next(one for one in own if one["name"] == "crmLinks")
    assert links["until"] == "until the person is erased"
    merges = next(one for one in own if one["name"] == "crmMerges")
    kept, trail = merges["until"].split("; ", 1)
    assert kept == "until the person is erased"
    assert trail.startswith("when, and whether it was undone, random ids, keyed hashes, dates, of ")
    assert ": kept, accountability (GDPR art. 5(2))" in trail


def test_the_record_is_told_whole() -> None:
    settings = settings_of(
        {
            "privacy": {
                "controller": "Events GmbH",
                "contact": "privacy@example.com",
                "officer": "Dora",
                "purposes": ["mail", "", "orders"],
                "recipients": ["", "staff"],
                "transfers": "US",
                "retention": "a year",
                "source": "you",
                "complaint": "the office",
                "automated_decisions": "none",
            },
            "erasure": {"orders": "keep", "basis": "tax law", "keep_years": 7},
            "fields": {"company": {"type": "text", "label": "Company", "purpose": "bills"}},
        }
    )
    told = record_data(settings)
    assert told.pop("data")
    assert told == {
        "controller": "Events GmbH",
        "contact": "privacy@example.com",
        "officer": "Dora",
        "purposes": ["mail", "orders"],
        "recipients": ["staff"],
        "transfers": "US",
        "retention": "a year",
        "source": "you",
        "complaint": "the office",
        "automatedDecisions": "none",
        "erasure": {"orders": "keep", "basis": "tax law", "keepYears": 7},
        "fields": [{"label": "Company", "purpose": "bills"}],
        "missing": [],
    }
    told = information(settings)
    after = {"orders": "keep", "basis": "tax law", "years": 7}
    lists = ("categories", "rights", "notInThisArchive")
    assert all(told.pop(name) for name in lists)
    assert told == {
        "controller": "Events GmbH",
        "contact": "privacy@example.com",
        "dataProtectionOfficer": "Dora",
        "purposes": ["mail", "orders"],
        "recipients": ["staff"],
        "transfers": "US",
        "retention": "a year",
        "source": "you",
        "complaint": "the office",
        "automatedDecisions": "none",
        "afterErasure": after,
    }


def test_what_the_host_does_not_say_a_person_is_not_told() -> None:
    silent = dict.fromkeys(("retention", "source", "complaint", "transfers"), "")
    settings = settings_of({"privacy": {**silent, "purposes": [""], "recipients": []}})
    assert [*information(settings)] == [
        "categories", "afterErasure", "rights", "automatedDecisions", "notInThisArchive",
    ]  # fmt: skip


def test_the_document_has_a_section_for_the_host_and_one_for_us_and_one_for_own_fields() -> None:
    field = {"type": "text", "label": "City", "purpose": "nearby", "from": "profile.city"}
    text = record(settings_of({**HOST, "fields": {"city": field}}))
    assert text.startswith("# Personal data\n\nEvery collection with personal data")
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == ["## Yours", "## CRM-Lite's", "## Own fields"]
    lines = text.splitlines()
    at = lines.index("### people")
    assert lines[at : at + 7] == [
        "### people",
        "",
        "For: the host's users. Found: by the document's id, the uid.",
        "",
        "| fields | what | in an export | by an erasure |",
        "|---|---|---|---|",
        "| `**` | the whole document | shown | deleted |",
    ]
    assert "| `email`, `buyer.mail` | address | shown | redacted |" in lines
    placed = "Firebase Auth uid, in the path alone"
    assert f"| `{{uid}}` | {placed} | shown | kept: {KEPT} |" in lines
    assert lines[lines.index("## Own fields") :] == [
        "## Own fields",
        "",
        "Of a customer (`fields`), by `[fields]` of `crm.toml`. An export shows each with its label"
        " and purpose, an erasure deletes them.",
        "",
        "| field | label | type | purpose | written by |",
        "|---|---|---|---|---|",
        "| `city` | City | text | nearby | the user's document, `profile.city` |",
    ]
    assert text.endswith(" |\n")
