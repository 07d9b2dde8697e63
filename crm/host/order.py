"""What a host's order and user mean to CRM-Lite, once read. Plain values, no input or output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crm.config.fields import FieldValue

# Why an item of an order is odd. Stable: `docs/mapping.md` tells the host's engineer what each one
# means and what to do about it.
OddReason = Literal[
    "items-invalid",
    "item-invalid",
    "event-missing",
    "event-invalid",
    "quantity-invalid",
    "check-in-invalid",
    "check-in-above-quantity",
    "too-many-events",
]


@dataclass(frozen=True, slots=True)
class Tickets:
    """The tickets of one event in one order.

    Attributes:
        name: The event's name, where the order says one.
        starts_at: When the event starts (UTC), where the order says so.
        tickets: How many tickets, at least 1.
        checked_in: How many of them are recorded as checked in.
        unrecorded: How many of them have no check-in recorded, one way or the other.
    """

    name: str | None
    starts_at: datetime | None
    tickets: int
    checked_in: int
    unrecorded: int


@dataclass(frozen=True, slots=True)
class OddItem:
    """An item of an order that counts in part or not at all, while its order does.

    Attributes:
        index: Its place in the order's list, from 0; 0 where the list itself is not one.
        reason: What is odd about it.
    """

    index: int
    reason: OddReason


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the host, as CRM-Lite understands it.

    Attributes:
        email: The canonical address, or None where only `user_id` says whose order it is.
        user_id: The Firebase Auth uid of a signed-in buyer.
        name: The buyer's name.
        status: The host's own word.
        counted: Whether the status counts towards spend and attendance.
        currency: ISO 4217 code, upper case.
        total: Integer minor units.
        refunded: Integer minor units, at most `total`.
        created_at: UTC.
        opted_in: The buyer ticked "send me news".
        events: Event id to tickets, at most 1,000.
        odd_items: The first items that could not be used (at most 20 are kept).
        odd_count: How many there were in all.
        erasure: The erasure whose pseudonym stands where the address is, or what looks like one;
            `email` is None then.
    """

    email: str | None
    user_id: str | None
    name: str | None
    status: str
    counted: bool
    currency: str
    total: int
    refunded: int
    created_at: datetime
    opted_in: bool
    events: Mapping[str, Tickets] = field(default_factory=dict)
    odd_items: tuple[OddItem, ...] = ()
    odd_count: int = 0
    erasure: str | None = None

    @property
    def net(self) -> int:
        """What the order brings, net of refunds, in minor units."""
        return self.total - self.refunded


@dataclass(frozen=True, slots=True)
class PartialOrder:
    """What can be read of an order that cannot be understood: whose it is, and from when.

    Attributes:
        email: As in `Order`; None also where it is malformed.
        user_id: Likewise.
        created_at: UTC; the document's own create time where the order says none that is possible.
        erasure: As in `Order`.
    """

    email: str | None
    user_id: str | None
    created_at: datetime
    erasure: str | None


@dataclass(frozen=True, slots=True)
class User:
    """One `users` document: a name, own fields, an address that is claimed until it is proven.

    Attributes:
        email: The canonical address, or None where there is none or it is malformed.
        name: The user's name.
        unreadable: Why the address could not be read (a quarantine reason), else None.
        fields: Own fields that are read from there, by name; absent where there is no value.
    """

    email: str | None
    name: str | None
    unreadable: str | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
