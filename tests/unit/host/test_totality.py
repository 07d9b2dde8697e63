"""Reading any document gives a value or `InvalidDocument`; users; the reason codes."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.config.settings import PRESETS, Settings, load
from crm.core.errors import InvalidDocument, QuarantineReason
from crm.core.money import MAX_MINOR_UNITS
from crm.host.order import OddReason, User
from crm.host.reader import read_order, read_user

ROOT = Path(__file__).parents[3]
CREATED = datetime(2026, 3, 1, tzinfo=UTC)


class GeoPoint:
    """Stands in for the client library's own types."""

    __hash__ = None  # type: ignore[assignment]


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(), max_size=20),  # lone surrogates too
        st.binary(max_size=5),
        st.datetimes(),
        st.datetimes(timezones=st.just(UTC)),
        st.builds(GeoPoint),
        st.sampled_from(["paid", "EUR", "a@x.com", "__x__", "0", "49.90"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "eventId": st.one_of(st.sampled_from(["e", "f"]), ANYTHING),
        "eventName": ANYTHING,
        "eventStartsAt": ANYTHING,
        "quantity": st.one_of(st.integers(1, 9), ANYTHING),
        "checkedIn": st.one_of(st.booleans(), st.integers(0, 9), ANYTHING),
    },
)
ORDERS = st.fixed_dictionaries(
    {},
    optional={
        "email": st.one_of(st.just("a@x.com"), ANYTHING),
        "userId": st.one_of(st.just("u1"), ANYTHING),
        "name": ANYTHING,
        "status": st.one_of(st.just("paid"), ANYTHING),
        "total": st.one_of(st.integers(0, 99), ANYTHING),
        "refunded": st.one_of(st.just(0), ANYTHING),
        "currency": st.one_of(st.just("EUR"), ANYTHING),
        "createdAt": ANYTHING,
        "marketingOptIn": ANYTHING,
        "items": st.one_of(st.lists(st.one_of(ITEM, ANYTHING), max_size=6), ANYTHING),
    },
)
SETTINGS = (Settings(), *(load(preset) for preset in sorted(PRESETS.glob("*.toml"))))


@given(st.one_of(ORDERS, ANYTHING), st.sampled_from(SETTINGS))
def test_reading_an_order_is_total(data: Mapping[str, object], settings: Settings) -> None:
    try:
        order = read_order(data, CREATED, settings)
    except InvalidDocument as error:
        reason = error.reason
    else:
        assert order.email or order.user_id
        assert 0 <= order.refunded <= order.total <= MAX_MINOR_UNITS
        assert order.created_at.tzinfo is UTC
        for event_id, found in order.events.items():
            assert event_id.encode()
            assert found.tickets >= found.checked_in + found.unrecorded
            assert min(found.checked_in, found.unrecorded) >= 0
        assert {one.reason for one in order.odd_items} <= set(get_args(OddReason))
        return
    assert reason in get_args(QuarantineReason)


@given(st.lists(ITEM, max_size=8))
def test_every_item_counts_is_odd_or_both_and_is_never_lost(items: list[dict[str, object]]) -> None:
    data = {"email": "a@x.com", "status": "paid", "total": 1, "currency": "EUR", "items": items}
    order = read_order(data, CREATED, Settings())
    refused = {"item-invalid", "event-missing", "event-invalid", "quantity-invalid"}
    dropped = sum(one.reason in refused for one in order.odd_items)
    assert sum(found.tickets for found in order.events.values()) >= len(items) - dropped
    assert order.odd_count == len(order.odd_items)


@given(ANYTHING)
def test_reading_a_user_is_total(data: Mapping[str, object]) -> None:
    try:
        user = read_user(data, Settings())
    except InvalidDocument as error:
        reason = error.reason
    else:
        assert user.email is None or user.unreadable is None
        return
    assert reason == "document-invalid"
    assert not isinstance(data, Mapping)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"email": " A@X.com ", "name": "Ada"}, User("a@x.com", "Ada")),
        ({"email": "a@x.com", "displayName": "Ada"}, User("a@x.com", "Ada")),
        ({"email": "a@x.com", "name": None, "displayName": "Ada"}, User("a@x.com", "Ada")),
        ({"email": "a@x.com", "name": " ", "displayName": "Ada"}, User("a@x.com", "Ada")),
        ({"email": "a@x.com", "name": "", "displayName": ""}, User("a@x.com", None)),
        ({"email": "a@x.com", "name": "Ada", "displayName": "A."}, User("a@x.com", "Ada")),
        ({"email": "a@x.com", "name": 7}, User("a@x.com", None)),
        ({"name": "Ada"}, User(None, "Ada")),
        ({"email": None}, User(None, None)),
        ({"email": " "}, User(None, None)),
        ({}, User(None, None)),
        ({"email": "alice@", "name": "Ada"}, User(None, "Ada", "email-invalid")),
        ({"email": ["a@x.com"]}, User(None, None, "email-invalid")),
    ],
)
def test_user(data: Mapping[str, object], expected: User) -> None:
    assert read_user(data, Settings()) == expected


def test_a_deep_and_long_document_is_read() -> None:
    deep: object = {}
    for _ in range(20):
        deep = {"items": [deep], "email": deep}
    for value in (deep, [deep] * 10_000, "x" * 1_000_000, ["x"] * 10_000):
        for field in ("email", "userId", "status", "total", "currency", "createdAt"):
            with pytest.raises(InvalidDocument):
                read_order({**WHOLE, field: value}, CREATED, Settings())
        assert read_order({**WHOLE, "items": value, "name": value}, CREATED, Settings()).odd_count


WHOLE = {"email": "a@x.com", "status": "paid", "total": 1, "currency": "EUR"}


def raised() -> set[str]:
    """The reasons that the code raises, read from its source."""
    found = set()
    for file in ("core/email", "core/money", "host/reader"):
        for node in ast.walk(ast.parse((ROOT / "crm" / f"{file}.py").read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "InvalidDocument"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found


def documented(heading: str) -> set[str]:
    """The codes in the first column of the table under a heading of the manual."""
    text = (ROOT / "docs" / "mapping.md").read_text("utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE))


def test_the_reasons_raised_are_the_reasons_declared_and_documented() -> None:
    later = {"too-large", "not-processed"}  # found by the sync, not by reading the document
    assert raised() | later == set(get_args(QuarantineReason)) == documented("Quarantine reasons")


def test_the_odd_reasons_declared_are_the_ones_documented() -> None:
    assert set(get_args(OddReason)) == documented("Odd items")
