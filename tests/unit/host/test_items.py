"""Items: tickets by event; what is odd is listed, and the order counts all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.config.settings import Settings
from crm.host.items import MAX_EVENTS_OF_ORDER
from crm.host.order import OddItem, Order, Tickets
from crm.host.reader import MAX_ODD_ITEMS, read_order
from testing.systems import Reference

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 4, 1, tzinfo=UTC)


def read(items: object) -> Order:
    order = {"email": "a@x.com", "status": "paid", "total": 1, "currency": "EUR", "items": items}
    return read_order(order, NOW, Settings())


def tickets(**item: object) -> Tickets:
    return read([{"eventId": "e", **item}]).events["e"]


def test_order_without_items() -> None:
    data = {"email": "a@x.com", "status": "paid", "total": 1, "currency": "EUR"}
    order = read_order(data, NOW, Settings())
    assert (order.events, order.odd_items, order.odd_count) == ({}, (), 0)


@pytest.mark.parametrize("items", [None, []])
def test_no_items_are_not_odd(items: object) -> None:
    assert read(items).odd_count == 0


@pytest.mark.parametrize("items", ["e", 7, True, {}, {"0": {"eventId": "e"}}, b"e"])
def test_items_that_are_no_list_are_one_odd_item(items: object) -> None:
    order = read(items)
    assert order.counted
    assert order.odd_items == (OddItem(0, "items-invalid"),)
    assert order.odd_count == 1


def test_an_item() -> None:
    assert tickets(
        eventName=" DevOps 2024\n", eventStartsAt=LATER, quantity=3, checkedIn=2
    ) == Tickets("DevOps 2024", LATER, tickets=3, checked_in=2, unrecorded=0)


@pytest.mark.parametrize(("quantity", "expected"), [(None, 1), (1, 1), (2.0, 2), (10_000, 10_000)])
def test_quantity(quantity: object, expected: int) -> None:
    assert tickets(quantity=quantity).tickets == expected


@pytest.mark.parametrize(
    ("checked_in", "expected"),
    [
        (True, (3, 0)),
        (False, (0, 0)),
        (None, (0, 3)),
        (0, (0, 0)),
        (2, (2, 0)),
        (2.0, (2, 0)),
        (3, (3, 0)),
    ],
)
def test_checked_in(checked_in: object, expected: tuple[int, int]) -> None:
    order = read([{"eventId": "e", "quantity": 3, "checkedIn": checked_in}])
    found = order.events["e"]
    assert (found.checked_in, found.unrecorded) == expected
    assert found.tickets == 3
    assert order.odd_count == 0


@pytest.mark.parametrize("value", ["yes", "2", 1.5, -1, [], {}, float("nan"), float("inf")])
def test_check_in_that_is_not_understood_is_not_recorded(value: object) -> None:
    order = read([{"eventId": "e", "quantity": 3, "checkedIn": value}])
    assert order.events["e"] == Tickets(None, None, tickets=3, checked_in=0, unrecorded=3)
    assert order.odd_items == (OddItem(0, "check-in-invalid"),)


def test_check_in_above_the_quantity_is_clamped_and_listed() -> None:
    order = read([{"eventId": "e", "quantity": 3, "checkedIn": 4}])
    assert order.events["e"] == Tickets(None, None, tickets=3, checked_in=3, unrecorded=0)
    assert order.odd_items == (OddItem(0, "check-in-above-quantity"),)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, "item-invalid"),
        ("e", "item-invalid"),
        (7, "item-invalid"),
        ([{"eventId": "e"}], "item-invalid"),
        ({}, "event-missing"),
        ({"eventId": None}, "event-missing"),
        ({"eventId": ""}, "event-missing"),
        ({"eventId": " "}, "event-missing"),
        ({"eventId": 7.5}, "event-invalid"),
        ({"eventId": float("nan")}, "event-invalid"),
        ({"eventId": float("inf")}, "event-invalid"),
        ({"eventId": {"path": "events/e", "id": "e"}}, "event-invalid"),
        ({"eventId": True}, "event-invalid"),
        ({"eventId": ["e"]}, "event-invalid"),
        ({"eventId": "__e__"}, "event-invalid"),
        ({"eventId": "__\n__"}, "event-invalid"),
        ({"eventId": "e" * 257}, "event-invalid"),
        ({"eventId": "é" * 129}, "event-invalid"),
        ({"eventId": "\ud800"}, "event-invalid"),
        ({"eventId": "e\x00"}, "event-invalid"),
    ],
)
def test_odd_item_does_not_count_and_its_neighbours_do(item: object, reason: Any) -> None:
    order = read([{"eventId": "good"}, item, {"eventId": "good"}])
    assert {event: found.tickets for event, found in order.events.items()} == {"good": 2}
    assert order.odd_items == (OddItem(1, reason),)
    assert order.odd_count == 1


@pytest.mark.parametrize(
    "quantity", [0, -1, 1.5, 10_001, 2**63, True, "2", [], float("nan"), float("inf")]
)
def test_odd_quantity(quantity: object) -> None:
    order = read([{"eventId": "e", "quantity": quantity}])
    assert order.events == {}
    assert order.odd_items == (OddItem(0, "quantity-invalid"),)


@pytest.mark.parametrize(
    "event_id", ["a/b", "a.b", "$where", " e ", "E", "é" * 128, "_", "__", "___", "`", "日本"]
)
def test_event_ids_are_kept_exactly(event_id: str) -> None:
    assert list(read([{"eventId": event_id}]).events) == [event_id]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (12, "12"),
        (12.0, "12"),
        (0, "0"),
        ("12", "12"),
        (Reference("events/devops-2024"), "devops-2024"),
        (Reference("organizers/o1/events/e"), "e"),
    ],
)
def test_event_ids_that_are_numbers_or_references(written: object, expected: str) -> None:
    order = read([{"eventId": written}, {"eventId": expected}])
    assert {event: found.tickets for event, found in order.events.items()} == {expected: 2}


@pytest.mark.parametrize(
    "when",
    [
        LATER,
        datetime(2026, 4, 1),  # noqa: DTZ001
        "2026-04-01T10:00:00Z",
        "2026-04-01 10:00:00",
        "2026-04-01",
        1_775_037_600,
        1_775_037_600_000,
        1_775_037_600.25,
    ],
)
def test_a_check_in_that_is_a_time_is_in(when: object) -> None:
    order = read([{"eventId": "e", "quantity": 3, "checkedIn": when}])
    assert order.events["e"] == Tickets(None, None, tickets=3, checked_in=3, unrecorded=0)
    assert order.odd_count == 0


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_check_in_is_not_recorded(blank: str) -> None:
    order = read([{"eventId": "e", "checkedIn": blank}])
    assert (order.events["e"].unrecorded, order.odd_count) == (1, 0)


@pytest.mark.parametrize(
    ("cancelled", "expected"),
    [(True, 0), (False, 1), (None, 1), ("true", 1), (1, 1), ("yes", 1)],
)
def test_only_a_literal_true_cancels_an_item(cancelled: object, expected: int) -> None:
    order = read([{"eventId": "e", "cancelled": cancelled}])
    assert len(order.events) == expected
    assert order.odd_count == 0


def test_items_of_one_event_are_summed_and_the_last_word_wins() -> None:
    order = read(
        [
            {"eventId": "e", "quantity": 2, "checkedIn": True, "eventName": "Old"},
            {"eventId": "f"},
            {"eventId": "e", "quantity": 3, "checkedIn": 1, "eventName": "New"},
            {"eventId": "e", "quantity": 4, "eventStartsAt": LATER},
        ]
    )
    assert order.events["e"] == Tickets("New", LATER, tickets=9, checked_in=3, unrecorded=4)
    assert order.events["f"].tickets == 1


@pytest.mark.parametrize("value", [7, [], {}, True, "", "2026-04-01T00:00:00Z", float("nan")])
def test_event_details_of_a_wrong_type_are_ignored(value: object) -> None:
    found = tickets(eventStartsAt=value)
    assert (found.starts_at, found.tickets) == (None, 1)
    if not isinstance(value, str) or not value:
        assert tickets(eventName=value).name is None


def test_event_name_is_cut() -> None:
    assert tickets(eventName="x" * 500).name == "x" * 200


def test_more_than_a_thousand_events_are_odd_in_list_order() -> None:
    items = [{"eventId": f"e{number}"} for number in range(MAX_EVENTS_OF_ORDER + 30)]
    order = read([*items, {"eventId": "e0"}])
    assert list(order.events) == [f"e{number}" for number in range(MAX_EVENTS_OF_ORDER)]
    assert order.events["e0"].tickets == 2  # an event that is in still takes tickets
    assert order.odd_count == 30
    assert len(order.odd_items) == MAX_ODD_ITEMS
    assert order.odd_items[0] == OddItem(MAX_EVENTS_OF_ORDER, "too-many-events")


def test_ten_thousand_items() -> None:
    order = read([{"eventId": f"e{number % 7}"} for number in range(10_000)])
    assert sum(found.tickets for found in order.events.values()) == 10_000


def test_twenty_deep_item_is_odd() -> None:
    item: object = "e"
    for _ in range(20):
        item = {"eventId": item}
    assert read([item]).odd_items == (OddItem(0, "event-invalid"),)
