"""The host's documents and their events, and what the right answer is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple, Protocol

COUNTED: Final = {"paid", "completed", "fulfilled", "partially_refunded"}

Json = dict[str, Any]


class Totals(NamedTuple):
    """What a customer comes to: counted orders, and cents net of refunds."""

    orders: int = 0
    cents: int = 0

    def plus(self, other: Totals, sign: int = 1) -> Totals:
        """Add, or take away."""
        return Totals(self.orders + sign * other.orders, self.cents + sign * other.cents)


@dataclass(frozen=True)
class Event:
    """What Firestore tells a function about a write of an order.

    Attributes:
        order_id: The document's id.
        before: Its fields before; None where it was created.
        after: Its fields now; None where it was deleted.
        sdk: The event itself, as the Functions SDK hands it over, with the versions.
    """

    order_id: str
    before: Json | None
    after: Json | None
    sdk: Any = field(default=None, compare=False)


def worth(order: Mapping[str, Any] | None) -> Totals:
    """Return what one order comes to; nothing for one that does not count, or is not there."""
    if order is None or order["status"] not in COUNTED:
        return Totals()
    net = Decimal(order["total"]) - Decimal(order.get("refunded") or 0)
    return Totals(1, int(net * 100))


def changes(event: Event) -> dict[str, Totals]:
    """Return by how much each address's totals change, where the event is taken at its word."""
    found: dict[str, Totals] = defaultdict(Totals)
    for order, sign in ((event.before, -1), (event.after, 1)):
        if order is not None:
            found[order["email"]] = found[order["email"]].plus(worth(order), sign)
    return dict(found)


def truth(orders: Iterable[Mapping[str, Any]]) -> dict[str, Totals]:
    """Return the totals of each address by the documents as they are."""
    found: dict[str, Totals] = defaultdict(Totals)
    for order in orders:
        found[order["email"]] = found[order["email"]].plus(worth(order))
    return dict(found)


class Peer(Protocol):
    """A design. Safe to use from several threads, as functions are."""

    def deliver(self, event: Event) -> None:
        """Handle an event."""

    def settle(self) -> None:
        """Do what the design does by itself, later."""

    def answers(self) -> dict[str, Totals]:
        """Read the totals of each address that it holds."""


def stored(documents: Any) -> dict[str, Totals]:
    """Read the totals that peers keep in `customers/{address}`."""
    read = ((one.id, one.to_dict() or {}) for one in documents.collection("customers").stream())
    return {name: Totals(data.get("orderCount", 0), data.get("spend", 0)) for name, data in read}
