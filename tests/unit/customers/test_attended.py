"""Which events a customer attended: attendance is about the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.customers.attendance import Attendance, NameSource
from crm.customers.customer import AHEAD, Customer
from crm.customers.part import Part

NOW = datetime(2026, 5, 1, 19, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def holder(updated_at: datetime | None = None, /, **events: Attendance) -> Customer:
    part = Part("e1-x", address="ada@example.com", orders=1, counted=1, events=events)
    return Customer("c", NOW, {"p": part}, updated_at=updated_at)


def tickets(
    starts_at: datetime | None, *, checked_in: int = 0, unrecorded: int = 0, tickets: int = 2
) -> Attendance:
    return Attendance(1, tickets, checked_in, unrecorded, "Gala", starts_at, NameSource(NOW, "o"))


def written(customer: Customer, now: datetime = NOW) -> dict[str, Any]:
    return customer.to_data(now, double=False)


@pytest.mark.parametrize(
    ("event", "attended"),
    [
        (tickets(NOW + SECOND, unrecorded=2), False),
        (tickets(NOW, unrecorded=2), True),
        (tickets(NOW - SECOND, unrecorded=2), True),
        (tickets(None, unrecorded=2), True),
        (tickets(NOW - SECOND), False),
        (tickets(NOW + SECOND), False),
        (tickets(None), False),
        (tickets(NOW - SECOND, checked_in=1), True),
        (tickets(NOW - SECOND, checked_in=1, unrecorded=1), True),
        (tickets(NOW - SECOND, unrecorded=1), True),  # of one ticket nobody knows
        (tickets(NOW + SECOND, unrecorded=1), False),
        # The doors open before the start, and who is in is in.
        (tickets(NOW + SECOND, checked_in=1), True),
        (tickets(NOW + SECOND, checked_in=1, unrecorded=1), True),
    ],
)
def test_an_event_is_attended_by_a_ticket_used_or_by_its_start(
    event: Attendance, attended: bool
) -> None:
    data = written(holder(gala=event))
    assert data["eventIds"] == ["gala"]
    assert data["attendedEventIds"] == (["gala"] if attended else [])
    assert ("a:gala" in data["facets"]) is attended
    assert "h:gala" in data["facets"]


def test_the_next_start_is_the_earliest_after_which_something_is_attended_or_missed() -> None:
    data = written(
        holder(
            over=tickets(NOW - SECOND, unrecorded=2),
            begins=tickets(NOW, unrecorded=2),
            undated=tickets(None, unrecorded=2),
            absent=tickets(NOW + 4 * SECOND),
            inside=tickets(NOW + 2 * SECOND, checked_in=1),
            late=tickets(NOW + 9 * SECOND, unrecorded=2),
            soon=tickets(NOW + 3 * SECOND, unrecorded=1),
        )
    )
    assert data["nextStartAt"] == NOW + 3 * SECOND
    awaited = holder(absent=tickets(NOW + SECOND), soon=tickets(NOW + 3 * SECOND, unrecorded=1))
    assert written(awaited)["nextStartAt"] == NOW + SECOND, "from then on it is missed"


def test_an_event_to_come_is_missed_by_nobody() -> None:
    data = written(holder(over=tickets(NOW), to_come=tickets(NOW + SECOND), undated=tickets(None)))
    assert {key for key in data["facets"] if key[0] == "x"} == {"x:over", "x:undated"}


def test_of_two_parts_the_newest_order_says_when_it_begins() -> None:
    def part(rank: int, starts_at: datetime, at: datetime) -> Part:
        event = Attendance(1, 1, 0, 1, "Gala", starts_at, NameSource(at, "o"))
        return Part(f"e1-{rank}", rank, address=f"{rank}@example.com", events={"gala": event})

    moved = Customer("c", NOW, {"a": part(0, NOW, NOW), "b": part(1, NOW + SECOND, NOW + SECOND)})
    assert written(moved)["attendedEventIds"] == []
    assert written(moved)["nextStartAt"] == NOW + SECOND


starts = st.none() | st.integers(-9, 9).map(lambda seconds: NOW + seconds * SECOND)
events = st.builds(tickets, starts, checked_in=st.integers(0, 2), unrecorded=st.integers(0, 2))
held = st.dictionaries(st.sampled_from("abcd"), events)


@given(held, st.lists(st.integers(-12, 12), min_size=1, max_size=4))
def test_whoever_is_written_at_each_start_is_as_one_written_late(
    some: dict[str, Attendance], moments: list[int]
) -> None:
    """However often, and with clocks that disagree: what was attended stays attended."""
    customer = holder(None, **some)
    seen: set[str] = set()
    for moment in moments:
        data = written(customer, NOW + moment * SECOND)
        customer = holder(data["updatedAt"], **some)
        assert seen <= {*data["attendedEventIds"]}
        assert data["nextStartAt"] is None or data["nextStartAt"] > data["updatedAt"]
        seen = {*data["attendedEventIds"]}
    at_once = written(holder(None, **some), NOW + max(moments) * SECOND)
    assert data["attendedEventIds"] == at_once["attendedEventIds"]
    assert data["nextStartAt"] == at_once["nextStartAt"]


def test_a_date_that_cannot_be_is_not_what_time_it_is() -> None:
    """Somebody wrote it by hand. It would have every event attended, and for ever."""
    gala = tickets(NOW + SECOND, unrecorded=1)
    for ahead in (AHEAD, timedelta(days=9_999)):
        broken = holder(NOW + ahead, gala=gala)
        assert written(broken)["updatedAt"] == NOW
        assert written(broken)["attendedEventIds"] == []
    clocks_differ = holder(NOW + AHEAD - SECOND)
    assert written(clocks_differ)["updatedAt"] > NOW + AHEAD - SECOND
