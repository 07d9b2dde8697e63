"""How much one order, one customer and one document may hold, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crm.customers.facets import MAX_ID_BYTES

MAX_EVENTS = 2_500
"""Distinct events of one customer; about 330 bytes each in a document of 1 MiB."""

MAX_PARTS = 30
"""Identities of one customer: what one Firestore `in` query takes."""

MAX_TAGS = 100
"""Tags of one customer."""

MAX_CUSTOMER_BYTES = 960_000
"""Room for events on a customer: Firestore's 1 MiB less what else the document holds."""

NEARLY: Final = 0.9


def event_bytes(event_id: str, name: str | None) -> int:
    """Estimate what an event costs a customer document: part, summary, two lists and two facets.

    By Firestore's storage size rules a string is its UTF-8 length and one, a number or time 8
    bytes, a boolean 1; the constants are the fixed fields of `part.Attendance` and of the summary's
    entry, and what a facet has besides the id.
    """
    size = len(event_id.encode())
    return 210 + 4 * size + 2 * (4 + min(size, MAX_ID_BYTES)) + 2 * len((name or "").encode())


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
    count = len(held)
    size = sum(event_bytes(key, name) for key, name in held.items())
    refused = []
    for event_id in sorted(wanted):
        if event_id in held:
            continue
        cost = event_bytes(event_id, wanted[event_id])
        if count >= MAX_EVENTS or size + cost > MAX_CUSTOMER_BYTES:
            refused.append(event_id)
        else:
            count, size = count + 1, size + cost
    return tuple(refused)
