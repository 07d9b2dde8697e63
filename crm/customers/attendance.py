"""What a part knows of an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar

from crm.customers.ledger import Contribution, event_term
from crm.db.codec import Stored, beside
from crm.host.order import Tickets

Search = Callable[[str, Literal["asc", "desc"]], "tuple[str, Contribution] | None"]
"""Find the part's first or last other order (its id and contribution) with an index term."""


@dataclass(frozen=True, slots=True, order=True)
class NameSource:
    """Which order a name was taken from; the greatest is the newest (ids break ties)."""

    at: datetime
    order_id: str


T = TypeVar("T", datetime, NameSource)


@dataclass(frozen=True, slots=True)
class Attendance(Stored):
    """What a part knows of one event.

    Attributes:
        orders: How many counted orders hold tickets for it.
        tickets: How many valid tickets.
        checked_in: How many of them are recorded as checked in.
        unrecorded: How many have no check-in recorded.
        name: The event's name in the newest order that describes it.
        starts_at: When it starts, by the same order.
        source: That order.
    """

    orders: int
    tickets: int
    checked_in: int
    unrecorded: int
    name: str | None = None
    starts_at: datetime | None = None
    source: NameSource | None = field(default=None, metadata=beside(order_id="by"))


def extreme(
    direction: Literal["asc", "desc"],
    current: T | None,
    old: T | None,
    new: T | None,
    others: Callable[[], T | None],
) -> T | None:
    """Return a set's first or last where `old` makes way for `new`; look only where it must."""

    def best(*some: T | None) -> T | None:
        there = [value for value in some if value is not None]
        if not there:
            return None
        return max(there) if direction == "desc" else min(there)

    if current is None or old != current:
        return best(current, new)
    if new is not None and best(new, current) == new:
        return new
    return best(others(), new)


def apply_events(
    events: Mapping[str, Attendance],
    order_id: str,
    old: Contribution | None,
    new: Contribution | None,
    search: Search,
) -> Mapping[str, Attendance]:
    """Return what a part knows of its events when an order's contribution is replaced by another.

    Args:
        events: What it knows so far, by event id.
        order_id: The order.
        old: What the part holds of the order; None for nothing.
        new: What it is to hold.
        search: Finds another order of the part, where this one gave a name or a date.
    """
    before = old.applied if old else {}
    after = new.applied if new else {}
    if not before and not after:
        return events
    result = dict(events)
    for event_id in dict.fromkeys([*before, *after]):
        changed = _event(
            result.get(event_id, Attendance(0, 0, 0, 0)),
            event_id,
            _Described.of(order_id, old, before.get(event_id)),
            _Described.of(order_id, new, after.get(event_id)),
            search,
        )
        if changed.orders:
            result[event_id] = changed
        else:
            result.pop(event_id, None)
    return result


@dataclass(frozen=True, slots=True)
class _Described:
    """One order's tickets for an event, and that order where it describes the event."""

    tickets: Tickets
    source: NameSource | None

    @classmethod
    def of(
        cls, order_id: str, contribution: Contribution | None, tickets: Tickets | None
    ) -> _Described | None:
        if contribution is None or tickets is None:
            return None
        described = tickets.name is not None or tickets.starts_at is not None
        return cls(tickets, NameSource(contribution.created_at, order_id) if described else None)


def _event(
    was: Attendance,
    event_id: str,
    old: _Described | None,
    new: _Described | None,
    search: Search,
) -> Attendance:
    others = was.orders - bool(old)
    known = {was.source: (was.name, was.starts_at)}
    if new and new.source:
        known[new.source] = (new.tickets.name, new.tickets.starts_at)

    def other() -> NameSource | None:
        found = search(event_term(event_id), "desc") if others else None
        if found is None:
            return None
        source, tickets = NameSource(found[1].created_at, found[0]), found[1].events[event_id]
        known[source] = (tickets.name, tickets.starts_at)
        return source

    source = extreme(
        "desc", was.source, old.source if old else None, new.source if new else None, other
    )
    name, starts_at = known[source] if source else (None, None)

    def total(field: Callable[[Tickets], int]) -> int:
        return (field(new.tickets) if new else 0) - (field(old.tickets) if old else 0)

    return Attendance(
        others + bool(new),
        was.tickets + total(lambda t: t.tickets),
        was.checked_in + total(lambda t: t.checked_in),
        was.unrecorded + total(lambda t: t.unrecorded),
        name,
        starts_at,
        source,
    )
