"""Shapes of documents that hosts of many countries have, and the lines that are proposed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.config.settings import settings_of
from crm.mapping import toml
from crm.mapping.propose import Proposal, propose, propose_users
from testing.hosts import order, user
from testing.systems import Reference

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2025, 3, 1, 12, tzinfo=UTC)


def proposed(*documents: dict[str, Any], users: frozenset[str] = frozenset()) -> Proposal:
    found = propose([(one, CREATED) for one in documents], users)
    assert found is not None
    return found


def fields(found: Proposal) -> dict[str, Any]:
    fields: dict[str, Any] = found.document["orders"]["fields"]
    return fields


def test_documents_of_the_default_mapping_need_no_line() -> None:
    found = proposed(*(order(f"p{number}@example.com", day=number) for number in range(10)))
    assert found.document == {}
    assert found.trial.understood == 10


GERMAN = [
    {
        "kunde": {"mailadresse": f"kunde{number}@example.de", "vorname": "Ute", "nachname": "Aal"},
        "zustand": "bezahlt" if number % 3 else "storniert",
        "gesamtbetrag": f"{number}9.90",
        "waehrung": "EUR",
        "bestelldatum": AT,
        "positionen": [{"veranstaltung_id": "fest", "titel": "Fest", "anzahl": 2}],
    }
    for number in range(1, 9)
]

SPANISH = [
    {
        "correo": f"p{number}@example.es",
        "estado": "pagado" if number % 3 else "pendiente",
        "importe_total": 10.5 * number,
        "moneda": "eur",
        "fecha_creacion": "2025-03-01T12:00:00+01:00",
        "entradas": [{"evento_id": 7, "cantidad": 1}],
    }
    for number in range(1, 9)
]

CAMEL = [
    {
        "buyerEmail": f"p{number}@example.com",
        "isPaid": number % 3 > 0,
        "totalCents": 4990,
        "currencyCode": "USD",
        "createdAtMs": 1_740_830_400_000,
        "tickets": {f"tQ3x9Lw0mN8pRs{number}": {"eventId": "e1", "scannedAt": None}},
    }
    for number in range(1, 9)
]


@pytest.mark.parametrize("documents", [GERMAN, SPANISH, CAMEL])
def test_names_in_other_languages_and_styles_are_found(documents: list[dict[str, Any]]) -> None:
    found = proposed(*documents)
    assert found.trial.understood == len(documents)
    assert found.trial.with_tickets == len(documents)
    assert 0 < found.trial.counted < len(documents)


def test_the_lines_of_a_german_shop() -> None:
    found = proposed(*GERMAN)
    assert toml.lines(found.document, found.notes) == [
        "[orders.fields]",
        'email = "kunde.mailadresse"',
        'status = "zustand"',
        'total = "gesamtbetrag"',
        'currency = "waehrung"',
        'createdAt = "bestelldatum"',
        'items = "positionen"',
        'name = { join = ["kunde.vorname", "kunde.nachname"] }',
        "",
        "[orders.status]",
        'counted = ["bezahlt"]',
        'not_counted = ["storniert"]',
        "",
        "[orders.items]",
        'eventId = "veranstaltung_id"',
        'eventName = "titel"',
        'quantity = "anzahl"',
    ]


def test_a_flag_for_paid_a_map_of_tickets_cents_and_milliseconds_are_seen() -> None:
    found = proposed(*CAMEL)
    assert found.document["amounts"] == "minor"
    assert found.document["times"] == "unix_ms"
    assert fields(found)["status"][0] == {"path": "isPaid", "is": True, "const": "paid"}
    assert fields(found)["items"] == {"path": "tickets", "values": True}


@pytest.mark.parametrize(
    ("amounts", "unit"),
    [([4990, 12000, 2500], "minor"), ([49.9, 120, 25], "major"), ([50, 120, 25], "major")],
)
def test_whole_numbers_are_cents_where_they_look_so(amounts: list[float], unit: str) -> None:
    found = proposed(
        *(
            {"email": "a@example.com", "status": "paid", "price": one, "currency": "EUR"}
            for one in amounts
        )
    )
    assert found.document.get("amounts", "major") == unit


def test_an_id_is_a_uid_only_where_something_shows_it() -> None:
    uid = "Zt9aVb3kQ1XyLw0mN8pRsT6uVxY2"
    base = {"mail": "a@example.com", "state": "paid", "sum": 1.5, "currency": "EUR"}
    assert fields(proposed(base | {"buyer_uid": uid}))["userId"] == "buyer_uid"
    assert "userId" not in fields(proposed(base | {"buyer_id": "4711"}))
    known = proposed(base | {"who": "4711"}, users=frozenset({"4711"}))
    assert fields(known)["userId"] == "who"


def test_a_reference_to_a_user_is_the_buyers_and_not_the_organisers() -> None:
    base = {"mail": "a@example.com", "state": "paid", "sum": 1.5, "currency": "EUR"}
    found = proposed(
        base
        | {"organizer_ref": Reference("users/o1"), "bought_with": Reference("users/u1")}
        | {"event": Reference("events/e1")}
    )
    assert fields(found)["userId"] == "bought_with"


def test_no_field_is_taken_for_a_consent() -> None:
    base = {"mail": "a@example.com", "state": "paid", "sum": 1.5, "currency": "EUR"}
    found = proposed(base | {"newsletter_opt_in": True})
    assert "marketingOptIn" not in fields(found)
    assert "asked for news?" in "\n".join(toml.lines(found.document, found.notes))


def test_words_that_nobody_knows_bring_no_money_by_themselves() -> None:
    base = {"mail": "a@example.com", "sum": 1.5, "currency": "EUR"}
    words = ["paid"] * 5 + ["klarna_ok"] * 4
    found = proposed(*(base | {"state": word} for word in words))
    assert found.trial.understood == 9
    assert found.trial.counted == 5
    assert found.document["orders"]["status"]["not_counted"] == ["klarna_ok"]
    assert "move to counted what is paid: klarna_ok" in found.notes["not_counted"]


def test_a_buyers_address_is_not_the_organisers() -> None:
    found = proposed(
        *(
            {
                "organizer": {"email": "office@example.com"},
                "billing": {"email": f"p{number}@example.com"},
                "status": "paid",
                "total": 5.5,
                "currency": "EUR",
            }
            for number in range(5)
        )
    )
    assert fields(found)["email"] == "billing.email"


def test_nothing_is_proposed_where_nothing_can_be_understood() -> None:
    assert propose([]) is None
    assert propose([({"a": 1}, CREATED), ({}, CREATED)]) is None


def test_users_are_found_by_their_address() -> None:
    documents = [
        ({"mail": f"p{number}@example.com", "vollname": "Ute"}, CREATED) for number in (1, 2)
    ]
    found = propose_users(documents)
    assert found is not None
    assert found.document == {"users": {"fields": {"email": "mail", "name": "vollname"}}}
    assert found.trial.understood == 2
    assert propose_users([({"a": 1}, CREATED)]) is None


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["paid", "EUR", "a@example.com", "49.90", "2024-05-01T10:00:00", AT]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)

KEYS = st.sampled_from(
    [
        "email",
        "status",
        "state",
        "total",
        "items",
        "event_id",
        "name",
        "createdAt",
        "uid",
        "a.b",
        "",
    ]
) | st.text(max_size=8)


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=5))
def test_whatever_documents_hold_the_lines_are_a_mapping(documents: list[dict[str, Any]]) -> None:
    found = propose([(one, CREATED) for one in documents])
    if found is not None:
        settings_of({**found.document})
        assert found.trial.understood > 0
    propose_users([(one, CREATED) for one in documents])


def test_the_default_user_needs_no_line() -> None:
    found = propose_users([(user("a@example.com"), CREATED)])
    assert found is not None
    assert found.document["users"]["fields"]["email"] == "email"


def test_orders_below_users_are_their_users_where_they_name_nobody() -> None:
    def order(uid: str) -> dict[str, Any]:
        return {"{uid}": uid, "state": "paid", "amount": 49.9, "currency": "EUR", "createdAt": AT}

    found = propose([(order(f"u{n}"), CREATED) for n in range(5)], path="users/{uid}/orders")
    assert found is not None
    assert found.document["orders"]["path"] == "users/{uid}/orders"
    assert found.document["orders"]["fields"]["status"] == "state"
    assert (found.trial.understood, found.trial.named) == (5, 5)


def test_orders_elsewhere_that_need_no_other_line_need_the_path() -> None:
    found = propose([(order("a@example.com"), CREATED)], path="shops/berlin/orders")
    assert found is not None
    assert found.document == {"orders": {"path": "shops/berlin/orders"}}
