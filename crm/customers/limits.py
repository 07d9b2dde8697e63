"""How much one order, one customer and one document may hold, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm.customers.facets import MAX_ID_BYTES

MAX_EVENTS = 2_500
"""Distinct events of one customer; about 360 bytes each in a document of 1 MiB."""

MAX_PARTS = 30
"""Identities of one customer: what one Firestore `in` query takes."""

MAX_TAGS = 100
"""Tags of one customer."""

MAX_CUSTOMER_BYTES = 900_000
"""Room for events on a customer: Firestore's 1 MiB less what else the document holds at worst.

That is 1,000 days, 30 parts with the longest addresses, 100 tags, and 30 own fields with the facets
of days.
"""

MAX_DOCUMENT_BYTES: Final = 1_000_000
"""What a merge, and who writes own fields, may make of a customer's document; the rest of 1 MiB is
for what orders add by themselves (see `room`)."""

MAX_DAYS = 1_000
"""Days with orders of one customer, each part's counted by themselves. At an order of every day of
a further year they would be 20 kB a year more."""

DAY_BYTES: Final = 56
"""What a day costs a customer document, at most: in its part, and facets of day, week and month."""

NEARLY: Final = 0.9


def event_bytes(event_id: str, name: str | None) -> int:
    """Estimate what an event costs a customer document: part, summary, two lists and three facets.

    By Firestore's storage size rules a string is its UTF-8 length and one, a number or time 8
    bytes, a boolean 1; the constants are the fixed fields of `part.Attendance` and of the summary's
    entry, and what a facet has besides the id.
    """
    size = len(event_id.encode())
    return 190 + 4 * size + 3 * (4 + min(size, MAX_ID_BYTES)) + 2 * len((name or "").encode())


def is_crowded(held: Mapping[str, str | None]) -> bool:
    """Return whether a customer with these events may have had no room for an order."""
    size = sum(event_bytes(key, name) for key, name in held.items())
    return len(held) > NEARLY * MAX_EVENTS or size > NEARLY * MAX_CUSTOMER_BYTES


def over_limit(held: Mapping[str, str | None], wanted: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return which wanted events find no room beside those that a customer holds already.

    Args:
        held: Event id to name of what the customer holds through other orders.
        wanted: The same of the order that comes.

    Returns:
        Event ids, sorted; whatever the order of the items, the same ones.
    """
    return _Room(held).take(wanted)


def is_day_over_limit(day: str | None, own: Mapping[str, int], others: int) -> bool:
    """Return whether an order's day finds no room on its customer.

    Args:
        day: The day; None where the order does not count.
        own: The days of its part, without this order.
        others: How many days the customer's other parts hold.
    """
    return day is not None and day not in own and len(own) + others >= MAX_DAYS


@dataclass(frozen=True)
class Claim:
    """What a counted order wants of its customer's room.

    Attributes:
        order_id: The order.
        free: Whether nothing was to be paid for it.
        created_at: When it was placed.
        events: Its events, with their names.
    """

    order_id: str
    free: bool
    created_at: datetime
    events: Mapping[str, str | None]


def arranged(claims: Iterable[Claim]) -> dict[str, tuple[str, ...]]:
    """Give a customer's room out, and return what finds none of each order, as `over_limit`.

    Orders with money first, for anybody can place free ones in anybody's name; among these and
    those the oldest first. So it is the same in whatever order they came.
    """
    some = sorted(claims, key=lambda one: (one.free, one.created_at, one.order_id))
    names: dict[str, str | None] = {}
    for one in some:
        for event_id, name in one.events.items():
            # The longest: whichever of them is shown, there is room for it.
            names[event_id] = max(names.get(event_id) or "", name or "", key=_size)
    room = _Room({})
    return {one.order_id: room.take({key: names[key] for key in one.events}) for one in some}


def _size(name: str) -> int:
    return len(name.encode())


class _Room:
    """The room that is left beside the events that a customer holds."""

    def __init__(self, held: Mapping[str, str | None]) -> None:
        self._held = set(held)
        self._size = sum(event_bytes(key, name) for key, name in held.items())

    def take(self, wanted: Mapping[str, str | None]) -> tuple[str, ...]:
        """Let events in as long as there is room; return the others, sorted."""
        refused = []
        for event_id in sorted(wanted.keys() - self._held):
            cost = event_bytes(event_id, wanted[event_id])
            if len(self._held) >= MAX_EVENTS or self._size + cost > MAX_CUSTOMER_BYTES:
                refused.append(event_id)
            else:
                self._held.add(event_id)
                self._size += cost
        return tuple(refused)
