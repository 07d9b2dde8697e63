"""What is shown of documents: the names and shapes of fields, and never what a person wrote."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.config.settings import Settings
from crm.mapping.fields import is_name, look_at, shape
from crm.mapping.propose import propose, propose_users, try_orders
from crm.mapping.report import item_bases, order_roles, report_on

CREATED = datetime(2026, 1, 1, tzinfo=UTC)


class Reference:
    path = "users/secret"
    id = "secret"


def shapes(*documents: dict[str, Any]) -> dict[str, str]:
    return {seen.name: shape(seen) for seen in look_at(documents).values()}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ada@example.com", "e-mail address"),
        ("Ada Lovelace", "text"),
        ("Ada", "one word"),
        ("+491701234567", "one word"),
        ("0170123", "digits in text"),
        (491701234567, "whole number"),
        (1_700_000_000, "seconds since 1970"),
        (1_700_000_000_000, "milliseconds since 1970"),
        ("49.90", "decimal number in text"),
        ("2024-05-01T10:00:00", "time in text"),
        ("2024-05-01", "day in text"),
        ("https://example.com/ada", "web address"),
        ("", "blank"),
        (True, "true or false"),
        (1.5, "number"),
        (CREATED, "time"),
        ([], "empty list"),
        (["Ada"], "list of text"),
        (b"x", "other"),
        (Reference(), "reference"),
    ],
)
def test_a_value_is_shown_by_its_shape(value: object, shown: str) -> None:
    assert shapes({"field": value})["field"] == shown


def test_words_are_shown_where_they_are_currencies_or_states_of_orders() -> None:
    documents = [
        {
            "status": "paid" if number % 2 else "klarna_ok",
            "currency": "EUR",
            "name": "Ron" if number % 2 else "Mad",
            "city": "Berlin",
            "billing": {"state": "CA"},
            "mood": "paid",
        }
        for number in range(10)
    ]
    shown = shapes(*documents)
    assert shown["status"] == "klarna_ok, paid"
    assert shown["currency"] == "EUR"
    assert shown["mood"] == "paid"
    assert shown["name"] == "currency"  # its shape: three letters that are one, too
    assert shown["city"] == shown["billing.state"] == "one word"


def test_a_word_that_few_documents_have_is_not_shown() -> None:
    documents = [{"status": "paid"}] * 8 + [{"status": "Ada"}] * 2
    assert shapes(*documents)["status"] == "paid and others"


@pytest.mark.parametrize(
    "key", ["email", "address_line_1", "marketingConsentAt", "_id", "Line Items"]
)
def test_names_of_fields_are_names(key: str) -> None:
    assert is_name(key)


@pytest.mark.parametrize(
    "key",
    [
        "ada@example.com",
        "+49170123",
        "Zt9aVb3kQ1XyLw0mN8pRsT6uVxY2",
        "3f2504e0-4f89-11d3",
        "a.b",
        "",
    ],
)
def test_ids_and_addresses_are_no_names_of_fields(key: str) -> None:
    assert not is_name(key)


def test_a_map_by_ids_is_a_list_of_its_values() -> None:
    documents = [{"tickets": {f"tQ3x9Lw0mN8p{n}": {"eventId": "e"}}} for n in range(5)]
    assert set(shapes(*documents)) == {"tickets", "tickets[]", "tickets[].eventId"}


def test_a_map_by_names_of_people_is_a_list_of_its_values() -> None:
    people = [f"person{chr(97 + one)}{chr(97 + two)}" for one in range(10) for two in range(5)]
    documents = [{"guests": {name: True}} for name in people]
    assert set(shapes(*documents)) == {"guests", "guests[]"}


def everything_said(documents: list[dict[str, Any]]) -> str:
    sample = [(one, CREATED) for one in documents]
    settings = Settings()
    now = try_orders(sample, settings)
    roles, bases = order_roles(settings), item_bases(settings)
    said = [
        report_on("orders", sample, roles, bases, now, found)
        for found in (propose(sample), propose_users(sample))
    ]
    return json.dumps([one.to_data() for one in said]) + str([one.lines for one in said])


SECRET = st.text("abcdefghij", max_size=5).flatmap(
    lambda more: st.sampled_from(
        [
            f"Secretperson{more}",
            f"secretperson{more}@example.com",
            f"Secretperson {more}",
            f"+49secretperson{more}",
            f"secretperson{more}" * 2,
        ]
    )
)

FIELDS = st.sampled_from(
    [
        *("email", "status", "state", "payment_status", "currency", "name", "userId", "uid"),
        *("phone", "total", "items", "tickets", "event_id", "event_name", "notes", "checked_in"),
        *("address.state", "cancelled", "test", "newsletter", "createdAt"),
    ]
)

NESTED = st.recursive(
    SECRET,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(FIELDS, inner, max_size=3)
        | st.dictionaries(SECRET.filter(lambda key: not is_name(key)), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(FIELDS, NESTED, max_size=6), min_size=1, max_size=2))
def test_nothing_that_a_person_wrote_is_ever_said(documents: list[dict[str, Any]]) -> None:
    # Not in three documents: a word for the state of an order in as many is no person's.
    sound = {"email": "secretperson@example.com", "status": "paid", "total": 1, "currency": "EUR"}
    said = everything_said([*documents, sound])
    assert "secretperson" not in said.casefold()
