"""An erasure finds what is personal wherever the mapping can name it, and leaves the sums."""

from __future__ import annotations

import copy
import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.config.settings import Settings, load
from crm.core.errors import InvalidDocument
from crm.host.reader import read_named, read_order
from crm.host.redaction import without_person
from testing.systems import SYSTEMS, Document, Reference, documents, mapping

STORED = datetime(2024, 12, 1, tzinfo=UTC)
X1 = "xa" + "a" * 24
X2 = "xb" + "b" * 24

# What is personal in a system's documents: parts of names, addresses, numbers, ids of accounts.
PERSONAL = {
    "woocommerce": [
        *("john", "doe@", "maria", "garcia", "garcía", "555", "market", "203.0.113.7", "mozilla"),
        "wc_order_58d2d042d1d",
    ],
    "hi_events": ["ada", "lovelace", "babbage", "charles@", "james's", "vegan"],
    "indico": ["guinevere", "beck", "gbeck", "manager@"],
    "eventbrite": ["john", "smith"],
    "stripe": ["jenny", "rosen", "kvtq0wm1", "94107"],
    "pretix": ["tester", "john doe", "peter", "491234567", "test street", "eu123456789"],
    "flutterflow": ["lena", "meier", "zt9avb3k", "491701234567", "52.5"],
}

CASES = [
    pytest.param(system, document, id=f"{system}: {document.why}")
    for system in SYSTEMS
    for document in documents(system)
]


def texts(value: Any) -> list[str]:
    match value:
        case dict():
            return [text for one in value.values() for text in texts(one)]
        case list():
            return [text for one in value for text in texts(one)]
        case Reference(path=path):
            return [path]
    return [str(value)]


def erased(data: dict[str, Any], settings: Settings, erasure: str = X1) -> dict[str, Any]:
    return {**data, **without_person(data, settings, erasure)}


def test_every_system_says_what_is_personal() -> None:
    assert set(PERSONAL) == set(SYSTEMS)
    for system, personal in PERSONAL.items():
        there = " ".join(texts([one.data for one in documents(system)])).lower()
        assert [one for one in personal if one not in there] == []


@pytest.mark.parametrize(("system", "document"), CASES)
def test_nothing_personal_survives_an_erasure(system: str, document: Document) -> None:
    settings = load(mapping(system))
    before = copy.deepcopy(document.data)
    after = erased(document.data, settings)
    assert document.data == before, "the document itself is not changed"
    left = " ".join(texts(after)).lower()
    assert [one for one in PERSONAL[system] if one in left] == []


@pytest.mark.parametrize(("system", "document"), CASES)
def test_an_erased_order_is_nobodys_for_good(system: str, document: Document) -> None:
    settings = load(mapping(system))
    after = erased(document.data, settings)
    named = read_named(after, STORED, settings)
    assert (named.email, named.user_id, named.erasure) == (None, None, X1)
    assert without_person(after, settings, X1) == {}
    assert without_person(after, settings, X2) == {}, "the first pseudonym stays"


@pytest.mark.parametrize(("system", "document"), CASES)
def test_sums_and_tickets_stay(system: str, document: Document) -> None:
    settings = load(mapping(system))
    try:
        before = read_order(document.data, STORED, settings)
    except InvalidDocument:
        return
    nobody = dataclasses.replace(before, email=None, user_id=None, name=None, erasure=X1)
    assert read_order(erased(document.data, settings), STORED, settings) == nobody


LANGUAGE = Settings.model_validate(
    {
        "orders": {
            "fields": {
                "email": ["mail", "buyer.mail"],
                "userId": {"path": "answers.value", "where": {"key": "uid"}},
                "name": [
                    {"join": ["buyer.first", "buyer.last"]},
                    {"path": "answers.value", "where": {"key": ["name", "nick"]}},
                ],
                "phone": {"path": "answers.value", "where": {"key": "phone"}},
                "items": {"path": "tickets", "values": True},
            },
            "items": {"eventId": "event", "quantity": "n"},
        },
        "erasure": {"order_fields": ["buyer", "tickets.holder.name"]},
    }
)


def test_every_form_that_can_name_a_person_is_followed() -> None:
    data = {
        "buyer": {"first": "Ada", "last": "Lovelace", "mail": "ada@example.com"},
        "answers": [
            {"key": "name", "value": "Ada Lovelace"},
            {"key": "nick", "value": "Countess"},
            {"key": "uid", "value": "u1"},
            {"key": "diet", "value": "kept: not mapped"},
            {"key": "phone", "value": "+44 20"},
            "Ada",
        ],
        "tickets": {
            "t1": {"event": "e", "n": 2, "holder": {"name": "Ada", "seat": 4}},
            "holder": {"event": "f", "holder": {"name": "Grace"}},
            "t3": 7,
        },
        "status": "paid",
        "total": 1,
        "currency": "EUR",
    }
    before = read_order(data, STORED, LANGUAGE)
    assert (before.email, before.user_id, before.name) == ("ada@example.com", "u1", "Ada Lovelace")
    assert erased(data, LANGUAGE) == {
        **data,
        "mail": f"erased-{X1}@erased.invalid",
        "buyer": None,
        "answers": [
            {"key": "name", "value": None},
            {"key": "nick", "value": None},
            {"key": "uid", "value": None},
            {"key": "diet", "value": "kept: not mapped"},
            {"key": "phone", "value": None},
            "Ada",
        ],
        "tickets": {
            "t1": {"event": "e", "n": 2, "holder": {"name": None, "seat": 4}},
            "holder": {"event": "f", "holder": {"name": None}},
            "t3": 7,
        },
    }
    assert read_order(erased(data, LANGUAGE), STORED, LANGUAGE).events == before.events


def test_a_pseudonym_stays_where_the_whole_map_around_it_is_personal() -> None:
    settings = load(mapping("woocommerce"))
    data = {"billing": {"email": "ada@example.com", "city": "London"}}
    once = erased(data, settings)
    assert once == {"billing": {"email": f"erased-{X1}@erased.invalid"}}
    assert erased(once, settings, X2) == once
