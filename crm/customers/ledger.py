"""The ledger: one row an order, saying what the order contributes and to which identity part.

A sync applies *new contribution minus recorded contribution*, so the row is what makes duplicates,
disorder, replays, backfill and repair one and the same code path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from crm.core.days import day_of
from crm.db.codec import Stored, beside, kept
from crm.db.documents import Version
from crm.host.order import OddItem, Order, Tickets

COUNTED = "counted"

NAMED = "named"

OPTED_IN = "opted-in"

TYPED = "typed"

CROWDED = "crowded"


def event_term(event_id: str) -> str:
    """Return the index term of rows that describe an event."""
    return f"event:{event_id}"


def holding_terms(event_id: str) -> tuple[str, str]:
    """Return the index terms of rows in which an event counts: one that describes it, or not."""
    return event_term(event_id), f"bare:{event_id}"


@dataclass(frozen=True, slots=True)
class Contribution(Stored):
    """What one order contributes to its identity part.

    Attributes:
        events: All events of the order, whether they count or not.
        over_limit: Those that found no room on the customer (see `limits`): odd items.
        ahead: When an order was written that says to be of a later moment (UTC).
        typed: The address that a signed-in buyer typed. It says how to reach the person, and
            nothing about who that is; None in the part of an address.
        day: The organiser's day on which it was placed (ISO 8601), in the zone that held when it
            was read: it is taken out of its part as it was put in. None in older rows.
        day_over_limit: That day found no room on the customer (see `limits`).
    """

    DERIVED: ClassVar = {"net": "net", "marks": "index_terms"}

    status: str
    counted: bool
    currency: str
    total: int
    refunded: int
    created_at: datetime
    name: str | None = None
    opted_in: bool = False
    events: Mapping[str, Tickets] = field(default_factory=dict)
    over_limit: tuple[str, ...] = ()
    odd_items: tuple[OddItem, ...] = ()
    odd_count: int = 0
    typed: str | None = field(default=None, metadata=kept(added_later=True))
    ahead: datetime | None = field(default=None, metadata=kept(added_later=True))
    day: str | None = field(default=None, metadata=kept(added_later=True))
    day_over_limit: bool = field(default=False, metadata=kept(added_later=True))

    @classmethod
    def of(
        cls,
        order: Order,
        zone: ZoneInfo,
        typed: str | None = None,
        written: datetime | None = None,
    ) -> Self:
        """Return the contribution of an order.

        Args:
            order: The order.
            zone: The zone of the organiser's days.
            typed: The address that a signed-in buyer typed.
            written: When the document was last written (UTC): what it says of a later moment was
                said then.
        """
        return cls(
            order.status,
            order.counted,
            order.currency,
            order.total,
            order.refunded,
            order.created_at,
            order.name,
            order.opted_in,
            order.events,
            (),
            order.odd_items,
            order.odd_count,
            typed,
            written if written and written < order.created_at else None,
            day_of(order.created_at, zone).isoformat(),
        )

    @property
    def opted_at(self) -> datetime | None:
        """When the buyer opted in; None where that grants nothing, as of an order not counted.

        Anybody can place an order that nobody pays, with anybody's address and a ticked box.
        """
        return (self.ahead or self.created_at) if self.opted_in and self.counted else None

    @property
    def net(self) -> int:
        """Minor units, net of refunds."""
        return self.total - self.refunded

    @property
    def held_day(self) -> str | None:
        """The day that counts on the customer."""
        return self.day if self.counted and not self.day_over_limit else None

    @property
    def free(self) -> bool:
        """Whether nothing was ever to be paid: anybody can place such an order for anybody."""
        return self.total == 0

    @property
    def applied(self) -> Mapping[str, Tickets]:
        """The events that count on the customer."""
        if not self.counted:
            return {}
        return {key: value for key, value in self.events.items() if key not in self.over_limit}

    @property
    def index_terms(self) -> list[str]:
        """What this row can be asked for when another row of its part leaves.

        One array field and one ordering serve every such question with two composite indexes.
        """
        index_terms = [COUNTED] if self.counted else []
        if self.over_limit:
            index_terms.append(CROWDED)
        if self.name is not None:
            index_terms.append(NAMED)
        if self.opted_at:
            index_terms.append(OPTED_IN)
        if self.typed is not None:
            index_terms.append(TYPED)
        for key, value in self.applied.items():
            described, bare = holding_terms(key)
            index_terms.append(described if value.name or value.starts_at else bare)
        return index_terms


@dataclass(frozen=True, slots=True)
class LedgerEntry(Stored):
    """One row of the ledger.

    Attributes:
        version: The update time of the order that was read; of a missing order the time of
            reading. An older reading never overwrites a newer one.
        deleted: The order is gone; the row stays as a tombstone.
        quarantined: Why the order cannot be understood, else None.
        identity: The key of the identity whose part holds the contribution, if any.
        part_id: That part.
        address_key: The key of the address on the order, whoever the order belongs to.
        user_key: The key of the order's uid, likewise.
        awaiting: The key of a uid that is not known yet: its user takes the order over.
        contribution: What the part holds of this order; None for a deleted or quarantined one.
        erased: The erasure that its person fell under. Its contribution is kept without a
            name, in nobody's part: what stays of an order after an erasure.
    """

    version: Version
    deleted: bool = False
    quarantined: str | None = None
    identity: str | None = None
    part_id: str | None = None
    address_key: str | None = None
    user_key: str | None = None
    awaiting: str | None = None
    contribution: Contribution | None = field(default=None, metadata=beside())
    erased: str | None = field(default=None, metadata=kept(added_later=True))
