"""Keys of facets, written down: stored customers are found by them, so none may ever mean else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm.customers import facets
from crm.customers.facets import COMMON_CURRENCIES
from crm.customers.scales import day_number, place_of

DAY = date(2024, 3, 12)
NOON = datetime(2024, 3, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (facets.tag("vip"), "t:vip"),
        (facets.tagged(True), "g:1"),
        (facets.tagged(False), "g:0"),
        (facets.registered(True), "r:1"),
        (facets.registered(False), "r:0"),
        (facets.marketing("subscribed"), "m:subscribed"),
        (facets.email_domain("example.com"), "d:example.com"),
        (facets.attended("gala"), "a:gala"),
        (facets.has_ticket("gala"), "h:gala"),
        (facets.checked_in("gala"), "c:gala"),
        (facets.no_show("gala"), "x:gala"),
        (facets.first_event("gala"), "b:gala"),
        (facets.has_ticket("x" * 64), "h:" + "x" * 64),
        (facets.has_ticket("x" * 65), "h#9537c5fdf120482f7d58d25e9ed583f5"),
        (facets.has_ticket("é" * 32), "h:" + "é" * 32),
        (facets.has_ticket("é" * 33), "h#f696c24ae52af2f9f6d5feaed130d4d1"),  # by bytes
        (facets.ordered_on(DAY), "o:2024-03-12"),
        (facets.ordered_in_week(DAY), "o:2024-W11"),
        (facets.ordered_in_month(DAY), "o:2024-03"),
        (facets.first_ordered_in(DAY), "e:2024-03"),
        (facets.field_known("company"), "v:company"),
        (facets.field_known("n" * 16), "v:" + "n" * 16),
        (facets.field_known("n" * 17), "v:~524zhnyfspfcm3x"),
        (facets.field_value("x", "ACME"), "v:x=yssibjr7edfce33u"),
        (facets.field_value("x", "1990-01-02"), "v:x=ug4neegd5huybalu"),
        (facets.field_value("x", True), "v:x=yhrp3ruhtjqnbmm5"),
        (facets.field_value("x", False), "v:x=pdjpypdm4q3lwtjq"),
        (facets.field_value("x", 3), "v:x=zygjbr7hi54xvvdz"),
        (facets.field_value("x", 3.0), "v:x=zygjbr7hi54xvvdz"),
        (facets.field_value("x", 0.5), "v:x=h6tjvk534alhlwr4"),
    ],
)
def test_a_key_is_what_it_always_was(key: str, expected: str) -> None:
    assert key == expected


def ranged(prefix: str, bits: range, code: int) -> list[str]:
    """The keys of a value by its code: its block in both directions, and each of its beginnings."""
    block = code >> (bits[-1] - 4)
    above = [f"{prefix}>{reached}" for reached in range(block + 1)]
    below = [f"{prefix}<{beyond}" for beyond in range(block + 1, 16)]
    return [*above, *below, *(f"{prefix}{length}:{code >> (bits[-1] - length)}" for length in bits)]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (
            facets.ORDER_COUNT,
            3,
            [*("n:>0", "n:>1"), *(f"n:<{block}" for block in range(2, 16)), "n:4:1", "n:5:3"],
        ),
        (facets.ORDER_COUNT, 1, ["n:>0", *(f"n:<{block}" for block in range(1, 16)), "n:4:0"]),
        (facets.ORDER_COUNT, 65_536, ranged("n:", range(4, 13), 4_095)),
        (facets.ORDER_COUNT, 0, ["n:0"]),
        (facets.spend("USD"), 4_990, ranged("s:USD:", range(4, 14), 1_847)),
        (facets.spend("USD"), -5, ["s:USD:0"]),
        (facets.FIRST_ORDER, facets.micros(NOON), ranged("f:", range(4, 20), 299_748)),
        (facets.LAST_ORDER, facets.micros(NOON), ranged("l:", range(4, 20), 299_748)),
        (facets.LAST_ORDER, None, ["l:0"]),
        (facets.field_day("x"), day_number("1990-01-02"), ranged("v:x@", range(4, 17), 32_873)),
        (facets.field_number("seats"), place_of(3), ranged("v:seats#", range(4, 15), 10_176)),
        (facets.field_number("seats"), place_of(0), ranged("v:seats#", range(4, 15), 8_192)),
    ],
)
def test_a_value_has_the_keys_that_it_always_had(
    field: facets.FacetField, value: int | None, expected: list[str]
) -> None:
    assert field.of(value) == expected


def test_the_times_of_facets_are_counted_in_microseconds_since_1970() -> None:
    assert facets.micros(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)) == 1_000_005


@pytest.mark.parametrize("value", ["ACME", "1990-01-02", "", 3, -0.5, 0, True, False])
def test_an_own_field_has_the_keys_of_its_value_and_those_of_a_day_or_a_number(value: Any) -> None:
    ranges: list[str] = []
    if value == "1990-01-02":
        ranges = facets.field_day("x").of(day_number(value))
    elif type(value) in (int, float):
        ranges = facets.field_number("x").of(place_of(value))
    assert list(facets.field_facets("x", value)) == ["v:x", facets.field_value("x", value), *ranges]


def customer(**fields: Any) -> dict[str, Any]:
    return {
        "registered": False,
        "marketing": {"status": "subscribed", "at": NOON, "source": "order"},
        "tags": [],
        "eventIds": [],
        "attendedEventIds": [],
        "events": {},
        "updatedAt": NOON,
        "emails": [],
        "orderCount": 0,
        "firstOrderAt": None,
        "lastOrderAt": None,
        "totalSpend": {},
        **fields,
    }


NOTHING = {
    *("r:0", "m:subscribed", "g:0", "n:0", "f:0", "l:0"),
    *(f"s:{currency}:0" for currency in COMMON_CURRENCIES),
}


@pytest.mark.parametrize(
    ("fields", "more", "without"),
    [
        ({}, [], []),
        ({"registered": True}, ["r:1"], ["r:0"]),
        ({"tags": ["a", "b"]}, ["g:1", "t:a", "t:b"], ["g:0"]),
        ({"eventIds": ["e"]}, ["h:e"], []),
        ({"attendedEventIds": ["e"]}, ["a:e"], []),
        ({"emails": ["a@b.example", "x@y.example"]}, ["d:b.example", "d:y.example"], []),
        ({"emails": ['"a@b"@c.example']}, ["d:c.example"], []),  # behind the last sign
        ({"fields": {"vegan": True}}, ["v:vegan", facets.field_value("vegan", True)], []),
        ({"orderCount": 2}, facets.ORDER_COUNT.of(2), ["n:0"]),
        ({"firstOrderAt": NOON}, facets.FIRST_ORDER.of(facets.micros(NOON)), ["f:0"]),
        ({"lastOrderAt": NOON}, facets.LAST_ORDER.of(facets.micros(NOON)), ["l:0"]),
        ({"totalSpend": {"USD": 7}}, facets.spend("USD").of(7), ["s:USD:0"]),
        ({"totalSpend": {"THB": 7}}, facets.spend("THB").of(7), []),
        ({"totalSpend": {"THB": 0}}, ["s:THB:0"], []),
        (
            {"parts": {"p": {"days": {"2024-03-12": 1}}, "q": {"days": {"2023-12-31": 1}}}},
            [
                *("o:2024-03-12", "o:2024-W11", "o:2024-03"),
                *("o:2023-12-31", "o:2023-W52", "o:2023-12", "e:2023-12"),
            ],
            [],
        ),
    ],
)
def test_a_customer_has_the_keys_of_what_it_has_and_of_what_it_lacks(
    fields: dict[str, Any], more: list[str], without: list[str]
) -> None:
    expected = (NOTHING | {*more}) - {*without}
    assert facets.facets(customer(**fields)) == dict.fromkeys(expected, True)


def event(starts_at: datetime | None, checked_in: int | None) -> dict[str, Any]:
    return {"startsAt": starts_at, "checkedIn": checked_in}


EVENTS = {
    "came": event(NOON, 2),
    "missed": event(NOON, 0),
    "undated": event(None, 0),
    "to_come": event(NOON.replace(hour=13), 0),
    "unknown": event(NOON.replace(hour=11), None),
    "together": event(NOON.replace(hour=11), 1),
}


def test_who_came_who_missed_and_whose_first_event_it_was() -> None:
    data = customer(events=EVENTS)
    assert facets.came(data) == ["came", "together"]
    assert facets.missed(data) == ["missed", "undated"]
    assert facets.first_events(data) == ["unknown", "together"]
    expected = {"c:came", "c:together", "x:missed", "x:undated", "b:unknown", "b:together"}
    assert facets.facets(data).keys() == NOTHING | expected
    assert facets.first_events(customer(events={"undated": event(None, 1)})) == []
