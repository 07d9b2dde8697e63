"""Customers as large as they come: for what must hold of the size of answers."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from testing.hosts import DAY, item, order
from testing.world import World

EVENTS = 1_000
"""Of one order, the most there can be."""


def large_order(email: str, day: int = 0, **fields: Any) -> dict[str, Any]:
    """An order of a thousand events."""
    items = [
        item(
            f"conference-{number:04}-in-berlin",
            eventName=f"The conference number {number} in Berlin",
            eventStartsAt=DAY + timedelta(days=number % 300),
        )
        for number in range(EVENTS)
    ]
    return order(email, day=day, items=items, **fields)


@cache
def large_customer() -> dict[str, Any]:
    """The document of a customer of a thousand events."""
    world = World()
    world.put_order("o", large_order("ada@example.com"))
    (data,) = world.store.all("customers").values()
    assert len(data["events"]) == EVENTS
    return data
