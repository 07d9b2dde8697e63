"""By what a row of the ledger can be asked for when another one of its part leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.customers.ledger import Contribution, event_term, holding_terms
from crm.host.order import OddItem, Order, Tickets
from testing.hosts import DAY

PLAIN = Contribution("paid", True, "USD", 100, 30, DAY)


def tickets(name: str | None = None, starts_at: Any = None) -> Tickets:
    return Tickets(name, starts_at, 1, 0, 0)


@pytest.mark.parametrize(
    ("change", "terms"),
    [
        ({}, ["counted"]),
        ({"counted": False}, []),
        ({"over_limit": ("e",)}, ["counted", "crowded"]),
        ({"name": ""}, ["counted", "named"]),
        ({"opted_in": True}, ["counted", "opted-in"]),
        ({"opted_in": True, "counted": False}, []),
        ({"typed": "a@b.c"}, ["counted", "typed"]),
        ({"counted": False, "name": "Ada", "typed": "a@b.c"}, ["named", "typed"]),
    ],
)
def test_a_row_has_the_terms_of_what_it_says(change: dict[str, Any], terms: list[str]) -> None:
    assert replace(PLAIN, **change).index_terms == terms


def test_a_row_is_found_by_the_events_that_it_counts_and_by_whether_it_describes_them() -> None:
    events = {
        "named": tickets("Show"),
        "dated": tickets(starts_at=DAY),
        "bare": tickets(),
        "full": tickets("Show", DAY),
    }
    row = replace(PLAIN, events=events, over_limit=("full",))
    described = [event_term("named"), event_term("dated")]
    assert row.index_terms == ["counted", "crowded", *described, "bare:bare"]
    for event_id in events:
        found = {*holding_terms(event_id)} & {*row.index_terms}
        assert len(found) == (event_id != "full")
    assert row.applied.keys() == {"named", "dated", "bare"}
    assert replace(row, counted=False).index_terms == ["crowded"]


def test_money_is_net_of_refunds_and_free_is_what_never_cost_any() -> None:
    assert PLAIN.net == 70
    assert not replace(PLAIN, refunded=100).free
    assert replace(PLAIN, total=0, refunded=0).free


def test_who_opted_in_did_so_when_the_order_was_written_by_a_clock_that_ran_ahead() -> None:
    opted = replace(PLAIN, opted_in=True)
    assert opted.opted_at == DAY
    written = DAY.replace(year=DAY.year - 1)
    assert replace(opted, ahead=written).opted_at == written
    assert replace(opted, counted=False).opted_at is None
    assert PLAIN.opted_at is None


def test_a_row_holds_a_day_on_the_customer_where_it_counts_and_there_was_room() -> None:
    dated = replace(PLAIN, day="2024-03-01")
    assert dated.held_day == "2024-03-01"
    assert replace(dated, counted=False).held_day is None
    assert replace(dated, day_over_limit=True).held_day is None


@pytest.mark.parametrize(
    ("written", "ahead"),
    [
        (None, None),
        (DAY + timedelta(seconds=1), None),
        (DAY, None),
        (DAY - timedelta(microseconds=1), DAY - timedelta(microseconds=1)),
    ],
)
def test_a_row_says_all_that_its_order_does(written: Any, ahead: Any) -> None:
    order = Order(
        "ada@example.com",
        "u1",
        "Ada",
        "paid",
        True,
        "EUR",
        100,
        30,
        DAY,
        True,
        {"e": tickets("Show")},
        (OddItem(2, "item-invalid"),),
        3,
    )
    expected = Contribution(
        "paid",
        True,
        "EUR",
        100,
        30,
        DAY,
        name="Ada",
        opted_in=True,
        events={"e": tickets("Show")},
        odd_items=(OddItem(2, "item-invalid"),),
        odd_count=3,
        typed="t@example.com",
        ahead=ahead,
        day="2024-03-01",
    )
    zone = ZoneInfo("Europe/Berlin")
    assert Contribution.of(order, zone, "t@example.com", written) == expected
    bare = Contribution.of(order, zone)
    assert (bare.typed, bare.ahead, bare.day) == (None, None, "2024-03-01")
    east = Contribution.of(order, ZoneInfo("Pacific/Kiritimati"))
    assert east.day == "2024-03-02", "the organiser's day"
