"""What the forms of the mapping find in a document, and how times are written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.config.settings import Settings
from crm.core.errors import InvalidDocument
from crm.host.order import Order
from crm.host.reader import read_order
from crm.host.times import instant, is_a_time
from testing.systems import Reference

CREATED = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER: dict[str, Any] = {"email": "a@x.com", "status": "paid", "total": 10, "currency": "EUR"}
NAN = float("nan")


def read(fields: dict[str, Any], data: dict[str, Any], **orders: Any) -> Order:
    mapping = Settings.model_validate({"orders": {"fields": fields, **orders}})
    return read_order({**ORDER, **data}, CREATED, mapping)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"first": "Ada", "last": "Lovelace"}, "Ada Lovelace"),
        ({"first": " Ada ", "last": " "}, "Ada"),
        ({"last": "Lovelace"}, "Lovelace"),
        ({"first": 7, "last": None}, "the fallback"),
        ({}, "the fallback"),
    ],
)
def test_join(data: dict[str, Any], expected: str) -> None:
    fields = {"name": [{"join": ["first", "last"]}, "nick"]}
    assert read(fields, {"nick": "the fallback", **data}).name == expected


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ([{"k": "name", "v": "Ada"}], "Ada"),
        ([{"k": "x", "v": "no"}, "name", None, {"k": "name"}, {"k": "name", "v": "Ada"}], "Ada"),
        ([{"k": "name", "v": " "}, {"k": "nick", "v": "Ada"}], "Ada"),
        ([{"k": "Name", "v": "Ada"}], None),
        ({"k": "name", "v": "Ada"}, None),
        ("Ada", None),
        ([], None),
        (None, None),
    ],
)
def test_the_element_of_a_list_that_is_meant(meta: object, expected: str | None) -> None:
    fields = {"name": {"path": "meta.v", "where": {"k": ["name", "nick"]}}}
    assert read(fields, {"meta": meta}).name == expected


def test_what_is_asked_of_an_element_has_its_type() -> None:
    fields = {"name": {"path": "meta.v", "where": {"k": 1}}}
    assert read(fields, {"meta": [{"k": True, "v": "no"}, {"k": 1.0, "v": "no"}]}).name is None
    assert read(fields, {"meta": [{"k": True, "v": "no"}, {"k": 1, "v": "Ada"}]}).name == "Ada"


@pytest.mark.parametrize(
    ("refunds", "expected"),
    [
        (None, 0),
        ([], 0),
        ([{"amount": 1}, {"amount": "2.50"}, {"amount": 0.5}], 400),
        ([{"amount": 1}, {"amount": 9}], 1000),
        ({}, 0),
    ],
)
def test_sum(refunds: object, expected: int) -> None:
    assert read({"refunded": {"sum": "refunds.amount"}}, {"refunds": refunds}).refunded == expected


@pytest.mark.parametrize(
    ("refunds", "reason"),
    [
        ([{"amount": 1}, {}], "amount-invalid"),
        ([{"amount": 1}, {"amount": None}], "amount-invalid"),
        ([{"amount": 1}, {"amount": -1}], "amount-invalid"),
        ([{"amount": 1}, {"amount": NAN}], "amount-invalid"),
        ([{"amount": 1}, {"amount": True}], "amount-invalid"),
        ([{"amount": 1}, {"amount": [1]}], "amount-invalid"),
        ([1, 2], "amount-invalid"),
        ([{"amount": 6}, {"amount": 6}], "refund-above-total"),
        ({"r1": {"amount": 1}}, "amount-invalid"),
    ],
)
def test_a_sum_that_is_none_is_never_a_part_of_it(refunds: object, reason: str) -> None:
    with pytest.raises(InvalidDocument) as error:
        read({"refunded": {"sum": "refunds.amount"}}, {"refunds": refunds})
    assert error.value.reason == reason


def test_a_total_that_is_summed_up_has_a_limit() -> None:
    parts = [{"price": 10**13}] * 2
    with pytest.raises(InvalidDocument) as error:
        read({"total": {"sum": "lines.price"}}, {"lines": parts})
    assert error.value.reason == "amount-invalid"
    with pytest.raises(InvalidDocument) as error:
        read({"total": {"sum": "lines.price"}}, {})
    assert error.value.reason == "amount-missing"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (CREATED, (1, 0)),
        (True, (1, 0)),
        ("2026-03-01", (1, 0)),
        ("by hand", (1, 0)),
        (3, (1, 0)),
        ([1], (1, 0)),
        ({"at": 1}, (1, 0)),
        (Reference("gates/g1"), (1, 0)),
        (False, (0, 0)),
        (0, (0, 0)),
        (NAN, (0, 0)),
        (" ", (0, 0)),
        ([], (0, 0)),
        ({}, (0, 0)),
        (None, (0, 1)),
    ],
)
def test_nonempty_holds_for_any_value(value: object, expected: tuple[int, int]) -> None:
    items = {"checkedIn": {"path": "scan", "nonempty": True}}
    found = read({}, {"items": [{"eventId": "e", "scan": value}]}, items=items)
    assert (found.events["e"].checked_in, found.events["e"].unrecorded) == expected


def test_nonempty_with_a_constant_is_a_word() -> None:
    status = [{"path": "paid_at", "nonempty": True, "const": "paid"}, {"const": "pending"}]
    assert read({"status": status}, {"paid_at": CREATED}).status == "paid"
    assert read({"status": status}, {"paid_at": None}).status == "pending"


@pytest.mark.parametrize(
    ("items", "cart", "expected"),
    [
        (
            {"eventId": {"item": "key"}, "quantity": {"item": "value"}},
            {"e": 2, "f": 1.0},
            {"e": 2, "f": 1},
        ),
        ({"eventId": {"item": "key"}, "quantity": "n"}, {"e": {"n": 2}}, {"e": 2}),
        ({"eventId": "event"}, {"t1": {"event": "e"}, "t2": {"event": "e"}}, {"e": 2}),
    ],
)
def test_a_map_is_read_as_a_list(
    items: dict[str, Any], cart: dict[str, Any], expected: dict[str, int]
) -> None:
    order = read({"items": {"path": "cart", "values": True}}, {"cart": cart}, items=items)
    assert {event: found.tickets for event, found in order.events.items()} == expected
    assert order.odd_count == 0


def test_a_list_of_references_or_ids_is_a_list_of_tickets() -> None:
    tickets = ["e", Reference("events/e"), 12, None, NAN]
    order = read({}, {"items": tickets}, items={"eventId": {"item": "value"}})
    assert {event: found.tickets for event, found in order.events.items()} == {"e": 2, "12": 1}
    assert [(one.index, one.reason) for one in order.odd_items] == [
        (3, "item-invalid"),
        (4, "event-invalid"),
    ]


@pytest.mark.parametrize("cart", ["e", 7, True, b"e"])
def test_what_is_no_map_is_no_list_of_items(cart: object) -> None:
    order = read({"items": {"path": "cart", "values": True}}, {"cart": cart})
    assert [one.reason for one in order.odd_items] == ["items-invalid"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("u1", "u1"), ("x" * 180, None), ("a/b", None), ("__x__", None), ("", None), (0, None)],
)
def test_what_can_be_no_uid_is_passed_over_where_the_mapping_says_so(
    value: object, expected: str | None
) -> None:
    assert read({"userId": {"path": "ref", "uid": True}}, {"ref": value}).user_id == expected


def test_a_test_order_counts_nowhere_and_keeps_its_word() -> None:
    order = read({"test": "sandbox"}, {"sandbox": True})
    assert (order.counted, order.status) == (False, "paid")
    for value in (False, None, "true", 1):
        assert read({"test": "sandbox"}, {"sandbox": value}).counted


@pytest.mark.parametrize(
    ("refunded", "status", "counted"),
    [(10, "refunded", False), (9.99, "paid", True), (None, "paid", True)],
)
def test_the_word_for_what_was_refunded_in_full(
    refunded: object, status: str, counted: bool
) -> None:
    words = {"counted": ["paid"], "not_counted": ["refunded"], "refunded_in_full": "refunded"}
    order = read({}, {"refunded": refunded}, status=words)
    assert (order.status, order.counted) == (status, counted)
    free = read({}, {"total": 0, "refunded": 0}, status=words)
    assert (free.status, free.counted) == ("paid", True)


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "times", "zone", "expected"),
    [
        ("2024-06-12T09:00:00", ("iso",), BERLIN, "2024-06-12T07:00:00"),
        ("2024-12-12 09:00", ("iso",), BERLIN, "2024-12-12T08:00:00"),
        ("2024-06-12", ("iso",), BERLIN, "2024-06-11T22:00:00"),
        ("2024-06-12T09:00:00Z", ("iso",), BERLIN, "2024-06-12T09:00:00"),
        ("2024-10-27T02:30:00", ("iso",), BERLIN, "2024-10-27T00:30:00"),  # the first of two
        ("2024-06-12T09:00:00", ("iso",), None, None),
        ("2024-06-12T09:00:00Z", ("unix",), None, None),
        (1_718_182_800, ("unix",), None, "2024-06-12T09:00:00"),
        (1_718_182_800, ("unix", "iso"), None, "2024-06-12T09:00:00"),
        ("2024-06-12T09:00:00Z", ("unix", "iso"), None, "2024-06-12T09:00:00"),
        (1_718_182_800_000, ("unix_ms",), None, "2024-06-12T09:00:00"),
        (1_718_182_800, ("unix_ms",), None, None),  # seconds, which would be January 1970
        (1_718_182_800_000, ("unix",), None, None),
        (1_718_182_800, ("iso",), BERLIN, None),
        (True, ("unix",), None, None),
        (NAN, ("unix",), None, None),
        (10**400, ("unix",), None, None),
        (10**400, ("unix_ms",), None, None),
        ("1718182800", ("unix", "iso"), BERLIN, None),
        ("0000-00-00 00:00:00", ("iso",), BERLIN, None),
        ("0001-01-01", ("iso",), ZoneInfo("Asia/Tokyo"), None),
    ],
)
def test_times(value: object, times: Any, zone: Any, expected: str | None) -> None:
    at = instant(value, times, zone)
    assert (at and at.isoformat()) == (expected and f"{expected}+00:00")


@pytest.mark.parametrize("value", [0, 1, 10_000, 10**8 - 1, 10**14, 10**400, NAN, "2", "yes", None])
def test_a_count_is_no_time(value: object) -> None:
    assert not is_a_time(value)
