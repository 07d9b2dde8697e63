"""A customer: a set of identity parts, and the summary folded from them.

Everything public on the document is a function of its parts, its tags and its dates, so that
moving a part from one customer to another is all that a merge or its undo has to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from crm.customers import marketing
from crm.customers.attendance import Attendance, NameSource
from crm.customers.decision import UNSUBSCRIBED
from crm.customers.facets import facets
from crm.customers.part import Contact, FieldValue, Part
from crm.customers.search_terms import terms
from crm.db.documents import Data, Snapshot

SCHEMA_VERSION = 1
"""Of the document's fields. Nothing reads it yet: it is there for an upgrade that must tell which
documents it still has to rewrite."""

INTERNAL = frozenset({"confirmFrom", "facets", "merges", "nextStartAt", "parts", "search"})
"""Fields of the document that no answer shows."""

_KEPT: Final = frozenset({"staff", "form", "import"})
"""Ways of a decision that keep a customer who has ordered nothing."""

AHEAD: Final = timedelta(hours=1)
"""How far clocks may differ: what is stored of a later moment is of none that ever was."""


@dataclass(frozen=True, slots=True)
class Customer:
    """One live person.

    Attributes:
        id: Random.
        created_at: When the customer was first known.
        parts: Part id to part.
        tags: Tag ids, sorted.
        merges: Ids of merges that can still be undone, the newest last.
        staff_merges: How many of those were made by staff.
        updated_at: When it was last written; None where it never was.
    """

    id: str
    created_at: datetime
    parts: Mapping[str, Part] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    merges: tuple[str, ...] = ()
    staff_merges: int = 0
    updated_at: datetime | None = None

    def with_part(self, part_id: str, part: Part) -> Customer:
        """Return the customer with a part put in or replaced."""
        return replace(self, parts={**self.parts, part_id: part})

    @property
    def next_rank(self) -> int:
        """The rank of a part that is added behind the others."""
        return 1 + max((part.rank for part in self.parts.values()), default=-1)

    @property
    def live(self) -> bool:
        """Whether any of its users is live."""
        return any(part.live for part in self.parts.values())

    @property
    def empty(self) -> bool:
        """Whether nothing is left to know: no order, no live user, nothing that staff did."""
        return not (
            self.live
            or any(part.orders for part in self.parts.values())
            or self.tags
            or self.staff_merges
            or any(_is_kept(part) for part in self.parts.values())
        )

    @property
    def primary(self) -> Part | None:
        """The part whose address a newsletter would go to."""
        return _primary(self._ranked)

    @property
    def contact(self) -> Contact | None:
        """How to reach the customer where no address is its own: an address that nobody has proven.

        The one typed in the newest order; else the one that a user's account claims. Never one
        that is another customer's.
        """
        users = [part for part in self._ranked if part.uid]
        typed = [one for part in users if (one := part.typed) and one.free and one.source]
        if typed:
            return max(typed, key=lambda one: one.source or _NEVER)
        claimed = [one for part in users if (one := part.claimed) and one.free]
        return claimed[0] if claimed else None

    def strange(self, part: Part) -> set[str]:
        """Return the addresses to reach a part's user by that are not the customer's own."""
        own = {one.address for one in self.parts.values()}
        return {contact.address for contact in part.contacts} - own

    @property
    def withdrawn_at(self) -> datetime | None:
        """When the person last withdrew from marketing, through whatever identity."""
        return max(
            (
                part.decision.at
                for part in self.parts.values()
                if part.decision and part.decision.status == UNSUBSCRIBED
            ),
            default=None,
        )

    @property
    def held_events(self) -> dict[str, str | None]:
        """Event ids with names, of all parts."""
        return {
            event_id: event.name for part in self._ranked for event_id, event in part.events.items()
        }

    @property
    def fields(self) -> dict[str, FieldValue]:
        """Own fields, by name: of each the value of the part of the lowest rank that knows it."""
        known: dict[str, FieldValue | None] = {}
        for part in self._ranked:
            told = part.user_fields if part.live else {}
            known = {**told, **part.fields, **known}
        return {name: known[name] for name in sorted(known) if (known[name]) is not None}  # type: ignore[misc]

    @property
    def _ranked(self) -> list[Part]:
        return [part for _, part in sorted(self.parts.items(), key=lambda p: (p[1].rank, p[0]))]

    def to_data(self, now: datetime, *, double: bool) -> dict[str, object]:
        """Return the whole document, to be written.

        Args:
            double: Whether opt-ins need a confirmation (see `marketing.fold`).
            now: The time of writing (UTC). `updatedAt` always moves on, also where two writers'
                clocks agree or differ: a write that changed nothing would leave the document's
                version as it was, and with it the precondition of somebody who read it before.
                So no event that has begun is to come again.
        """
        if self.updated_at is not None and self.updated_at - now < AHEAD:
            now = max(now, self.updated_at + timedelta(microseconds=1))
        return self.as_of(now, double=double)

    def as_of(self, at: datetime, *, double: bool) -> dict[str, object]:
        """Return the whole document as it was written at a moment, which it says (`updatedAt`)."""
        parts = self._ranked
        primary = _primary(parts)
        contact = None if primary else self.contact
        events = _fold_events(parts)
        shown: dict[str, object] = {
            "primaryEmail": primary.address if primary else None,
            "contactEmail": contact.address if contact else None,
            "emails": sorted({part.address for part in parts if part.address}),
            "userIds": sorted({part.uid for part in parts if part.uid}),
            "name": _name(parts),
            "registered": self.live,
            "tags": sorted(self.tags),
            "fields": self.fields,
            "totalSpend": _fold_spend(parts),
            "orderCount": sum(part.counted for part in parts),
            "firstOrderAt": min((part.first for part in parts if part.first), default=None),
            "lastOrderAt": max((part.last for part in parts if part.last), default=None),
            "events": events,
            "eventIds": sorted(events),
            "attendedEventIds": sorted(key for key, e in events.items() if _is_attended(e, at)),
            "marketing": marketing.fold(parts, primary, contact, double=double),
            "createdAt": self.created_at,
            "updatedAt": at,
            "schemaVersion": SCHEMA_VERSION,
        }
        held = {part_id: part.to_data() for part_id, part in self.parts.items()}
        return {
            **shown,
            "facets": facets({**shown, "parts": held}),
            "nextStartAt": _next_start(events.values(), at),
            "confirmFrom": marketing.confirm_from(parts, primary, contact, double=double),
            "search": terms(shown),
            "parts": held,
            "merges": {"open": list(self.merges), "byStaff": self.staff_merges},
        }

    @classmethod
    def from_data(cls, customer_id: str, data: Data) -> Customer:
        """Read a customer's document."""
        return cls(
            customer_id,
            data["createdAt"],
            {part_id: Part.from_data(part) for part_id, part in data["parts"].items()},
            tuple(data["tags"]),
            tuple(data["merges"]["open"]),
            data["merges"]["byStaff"],
            data["updatedAt"],
        )


def read_customer(snapshot: Snapshot) -> Customer | None:
    """Read a document of the collection; None where it is no customer, but somebody's own."""
    try:
        return Customer.from_data(snapshot.id, snapshot.fields)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def public(customer_id: str, data: Data) -> dict[str, object]:
    """Return a customer's document as answers show it."""
    shown = {key: value for key, value in data.items() if key not in INTERNAL}
    return {"customerId": customer_id, **shown}


def mail_address(data: Data) -> str | None:
    """Return the address that a mail to a customer goes to, proven or not; None for none."""
    address: str | None = data["primaryEmail"] or data.get("contactEmail")
    return address


def _is_kept(part: Part) -> bool:
    """Return whether staff, or the person, left something on a part that needs no order."""
    decided = part.decision is not None and part.decision.source in _KEPT
    noted = any(value is not None for value in part.fields.values())
    return bool(decided or noted or part.entry or part.notes)


def _primary(parts: Iterable[Part]) -> Part | None:
    """Choose whose address speaks for the customer: a user's proven one, else the first."""
    parts = list(parts)
    owned = {part.key: part for part in parts if part.address}
    for user in sorted((part for part in parts if part.uid), key=lambda part: not part.live):
        if user.proven in owned:
            return owned[user.proven]
    return next(iter(owned.values()), None)


def _name(parts: Iterable[Part]) -> str | None:
    parts = list(parts)
    for part in parts:
        if part.live and part.user_name:
            return part.user_name
    named = [part for part in parts if part.name_source]
    if named:
        return max(named, key=lambda part: part.name_source or _NEVER).name
    return next((part.entry.name for part in parts if part.entry and part.entry.name), None)


_NEVER = NameSource(datetime.min, "")  # noqa: DTZ901 (never compared: every part in `named` has one)


def _fold_spend(parts: Iterable[Part]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for currency, spend in part.spend.items():
            total[currency] = total.get(currency, 0) + spend.net
    return dict(sorted(total.items()))


def _is_attended(event: Mapping[str, Any], at: datetime) -> bool:
    """Return whether an event was attended by a moment, as far as is known.

    A ticket was used; or nobody recorded whether any was, and the event is not known to be to come.
    """
    if event["checkedIn"] is not None:
        return bool(event["checkedIn"])
    return event["startsAt"] is None or bool(event["startsAt"] <= at)


def _next_start(events: Iterable[Mapping[str, Any]], at: datetime) -> datetime | None:
    """Return when the next event begins that is attended or missed from then on."""
    waiting = (one["startsAt"] for one in events if not one["checkedIn"] and one["startsAt"])
    return min((start for start in waiting if start > at), default=None)


def _fold_events(parts: Iterable[Part]) -> dict[str, dict[str, object]]:
    tickets: dict[str, int] = {}
    checked_in: dict[str, int] = {}
    unrecorded: set[str] = set()
    newest: dict[str, tuple[NameSource, Attendance]] = {}
    for part in parts:
        for event_id, event in part.events.items():
            tickets[event_id] = tickets.get(event_id, 0) + event.tickets
            checked_in[event_id] = checked_in.get(event_id, 0) + event.checked_in
            if event.unrecorded:
                unrecorded.add(event_id)
            if event.source and (event_id not in newest or event.source > newest[event_id][0]):
                newest[event_id] = event.source, event
    folded: dict[str, dict[str, object]] = {}
    for event_id in sorted(tickets):
        described = newest[event_id][1] if event_id in newest else None
        came = checked_in[event_id]
        folded[event_id] = {
            "name": described.name if described else None,
            "startsAt": described.starts_at if described else None,
            "tickets": tickets[event_id],
            # Nothing recorded for any ticket is not the same as nobody having come.
            "checkedIn": came if came or event_id not in unrecorded else None,
        }
    return folded
