"""Identity parts: what the orders of one identity add up to.

A part belongs to one uid, or to one address under one owner. It is a function of its ledger rows:
an order is replaced in it by taking its old contribution out and putting the new one in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from crm.customers.attendance import Attendance, NameSource, Search, apply_events, extreme
from crm.customers.decision import SUBSCRIBED, Decision, latest
from crm.customers.ledger import COUNTED, NAMED, OPTED_IN, TYPED, Contribution
from crm.db.codec import Stored, beside, kept

HISTORY: Final = frozenset(
    {"key", "rank", "address", "by_proof", "uid", "live", "user_name", "proven", "claimed"}
    | {"opted_in_at", "decision", "unreachable"}
    | {"entry", "fields", "user_fields", "notes", "asked_at"}
)
"""Fields of a part that its orders alone do not determine."""


@dataclass(frozen=True, slots=True)
class Spend:
    """Net minor units of one currency, and how many counted orders they come from."""

    net: int
    orders: int


@dataclass(frozen=True, slots=True)
class Contact(Stored):
    """An address to reach a person by, who has not proven it. It joins nobody.

    Attributes:
        address: The canonical address.
        at: When the order was made in which it was typed (UTC); None where the account claims it.
        order_id: That order.
        free: It is no other customer's address, nor an erased person's.
        withdrawn: When news to it were last objected to, by whomever.
        unreachable: When mail to it last came back for good.
    """

    address: str
    at: datetime | None = None
    order_id: str | None = None
    free: bool = True
    withdrawn: datetime | None = None
    unreachable: datetime | None = field(default=None, metadata=kept(added_later=True))

    @property
    def source(self) -> NameSource | None:
        """The order in which it was typed."""
        if self.at is None or self.order_id is None:
            return None
        return NameSource(self.at, self.order_id)


FieldValue = str | int | float | bool
"""A value of an own field; a date is a text, `2026-11-29`."""


@dataclass(frozen=True, slots=True)
class Entry(Stored):
    """How a person came in who had ordered nothing: a form, or a list of the organiser's.

    Attributes:
        source: `form` or `import`.
        by: The form's name, or the import's id.
        at: When (UTC).
        name: The name that came along.
    """

    source: Literal["form", "import"]
    by: str
    at: datetime
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Part(Stored):
    """The aggregate of one identity's orders, and what is known of the identity itself.

    Attributes:
        key: The identity's key.
        rank: Its place among the customer's parts; the lowest speaks for the customer.
        address: The canonical address while this is the part of an address that its customer
            owns; None for a uid, and for an address that has gone to somebody else.
        by_proof: The address came to this customer by proof, not by an order alone.
        uid: The uid of a user's part.
        live: The user document is there.
        user_name: The name in the user document.
        proven: The key of the user's proven address.
        claimed: The address that the user's account claims and has not proven.
        typed: The address that the user typed in the newest order; of a user's part alone.
        orders: All orders, counted or not.
        counted: Counted orders.
        opted_in_at: The newest order in which the buyer opted in to news. It stays when that
            order is edited or deleted, for consent is history; it goes along when the order turns
            out to be somebody else's.
        decision: The newest marketing decision made otherwise, by the person or by staff.
        days: The organiser's days (ISO 8601) on which counted orders were placed, and how many.
        unreachable: When mail to its address last came back for good, as the identity knows it.
        entry: How it came in without an order; None where it did not.
        fields: Own fields that staff wrote; None for one that staff emptied. The part of the
            lowest rank that knows a field speaks for the customer.
        user_fields: Own fields that the user's document holds.
        notes: How many notes staff keep on it (`crmNotes`).
        asked_at: When the person was last asked by mail to confirm an opt-in of it.
    """

    key: str
    rank: int = 0
    address: str | None = None
    by_proof: bool = False
    uid: str | None = None
    live: bool = False
    user_name: str | None = None
    proven: str | None = None
    orders: int = 0
    counted: int = 0
    spend: Mapping[str, Spend] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None
    name: str | None = None
    name_source: NameSource | None = field(
        default=None, metadata=beside(at="nameAt", order_id="nameBy")
    )
    events: Mapping[str, Attendance] = field(default_factory=dict)
    opted_in_at: datetime | None = None
    decision: Decision | None = None
    claimed: Contact | None = field(default=None, metadata=kept(added_later=True))
    typed: Contact | None = field(default=None, metadata=kept(added_later=True))
    days: Mapping[str, int] = field(default_factory=dict, metadata=kept(added_later=True))
    unreachable: datetime | None = field(default=None, metadata=kept(added_later=True))
    entry: Entry | None = field(default=None, metadata=kept(added_later=True))
    fields: Mapping[str, FieldValue | None] = field(
        default_factory=dict, metadata=kept(added_later=True)
    )
    user_fields: Mapping[str, FieldValue] = field(
        default_factory=dict, metadata=kept(added_later=True)
    )
    notes: int = field(default=0, metadata=kept(added_later=True))
    asked_at: datetime | None = field(default=None, metadata=kept(added_later=True))

    def apply(
        self,
        order_id: str,
        old: Contribution | None,
        new: Contribution | None,
        search: Search,
        *,
        moves: bool = False,
    ) -> Part:
        """Replace one order's old contribution by its new one.

        Args:
            order_id: The order.
            old: What the part holds of it now; None for an order that is new here.
            new: What it shall hold; None to take the order away.
            search: Asked only where the order that leaves was the first, the last or the one
                that gave a name.
            moves: The order leaves for another part, and its opt-in with it.
        """
        then = old if old and old.counted else None
        now = new if new and new.counted else None
        others = self.counted - bool(then)
        name, name_source = self._name(order_id, old, new, search)
        changed = replace(
            self,
            orders=self.orders - bool(old) + bool(new),
            counted=others + bool(now),
            spend=_spend(self.spend, then, now),
            first=extreme(
                "asc",
                self.first,
                then.created_at if then else None,
                now.created_at if now else None,
                lambda: _created(search(COUNTED, "asc")) if others else None,
            ),
            last=extreme(
                "desc",
                self.last,
                then.created_at if then else None,
                now.created_at if now else None,
                lambda: _created(search(COUNTED, "desc")) if others else None,
            ),
            name=name,
            name_source=name_source,
            typed=self._typed(order_id, old, new, search),
            events=apply_events(self.events, order_id, then, now, search),
            days=self.days_with(then, now),
            opted_in_at=extreme(
                "desc",
                self.opted_in_at,
                old.opted_at if moves and old else None,
                new.opted_at if new else None,
                lambda: found[1].opted_at if (found := search(OPTED_IN, "desc")) else None,
            ),
        )
        return changed.knowing(self)

    def days_with(self, old: Contribution | None, new: Contribution | None) -> Mapping[str, int]:
        """Return the days with one order's old contribution replaced by its new one."""
        before, after = old.held_day if old else None, new.held_day if new else None
        if before == after:
            return self.days
        days = dict(self.days)
        if before is not None:
            days[before] = days.get(before, 0) - 1
        if after is not None:
            days[after] = days.get(after, 0) + 1
        return {day: orders for day, orders in days.items() if orders > 0}

    @property
    def held_decision(self) -> Decision | None:
        """The marketing decision that holds for this identity."""
        opt_in = Decision(SUBSCRIBED, self.opted_in_at, "order") if self.opted_in_at else None
        return latest([opt_in, self.decision])

    @property
    def contacts(self) -> list[Contact]:
        """Addresses to reach the user by, the better one first."""
        return [one for one in (self.typed, self.claimed) if one is not None]

    def claiming(self, address: str | None) -> Part:
        """Return the part with the address that the user's account claims; None for none."""
        return replace(self, claimed=Contact(address) if address else None).knowing(self)

    def knowing(self, before: Part) -> Part:
        """Return the part with what was known before of the addresses to reach its user by."""

        def known(contact: Contact | None) -> Contact | None:
            for one in before.contacts:
                if contact is not None and one.address == contact.address:
                    return replace(
                        contact,
                        free=one.free,
                        withdrawn=one.withdrawn,
                        unreachable=one.unreachable,
                    )
            return contact

        return replace(self, claimed=known(self.claimed), typed=known(self.typed))

    def with_contact(
        self,
        address: str,
        *,
        free: bool,
        withdrawn: datetime | None,
        unreachable: datetime | None = None,
    ) -> Part:
        """Return the part with what is known now of an address that it is to be reached by."""

        def known(contact: Contact | None) -> Contact | None:
            if contact is None or contact.address != address:
                return contact
            return replace(contact, free=free, withdrawn=withdrawn, unreachable=unreachable)

        return replace(self, claimed=known(self.claimed), typed=known(self.typed))

    def _typed(
        self, order_id: str, old: Contribution | None, new: Contribution | None, search: Search
    ) -> Contact | None:
        contacts: dict[NameSource, Contact] = {}
        if self.typed is not None and self.typed.source is not None:
            contacts[self.typed.source] = self.typed

        def told(by: str, contribution: Contribution | None) -> NameSource | None:
            if contribution is None or contribution.typed is None:
                return None
            source = NameSource(contribution.created_at, by)
            # What is known of the address comes back with it (see `knowing`).
            contacts[source] = Contact(contribution.typed, contribution.created_at, by)
            return source

        def other() -> NameSource | None:
            found = search(TYPED, "desc") if self.orders > 1 else None
            return told(*found) if found else None

        was = NameSource(old.created_at, order_id) if old and old.typed is not None else None
        source = extreme(
            "desc", self.typed.source if self.typed else None, was, told(order_id, new), other
        )
        return contacts[source] if source is not None else None

    def _name(
        self, order_id: str, old: Contribution | None, new: Contribution | None, search: Search
    ) -> tuple[str | None, NameSource | None]:
        names: dict[NameSource, str] = {}
        if self.name is not None and self.name_source is not None:
            names[self.name_source] = self.name

        def other() -> NameSource | None:
            found = search(NAMED, "desc") if self.orders > 1 else None
            if found is None or found[1].name is None:
                return None
            source = NameSource(found[1].created_at, found[0])
            names[source] = found[1].name
            return source

        before = NameSource(old.created_at, order_id) if old and old.name is not None else None
        after = NameSource(new.created_at, order_id) if new and new.name is not None else None
        source = extreme("desc", self.name_source, before, after, other)
        if source is not None and source == after and new:
            return new.name, source
        return (names[source], source) if source else (None, None)


def _created(found: tuple[str, Contribution] | None) -> datetime | None:
    return found[1].created_at if found else None


def _spend(
    spend: Mapping[str, Spend], old: Contribution | None, new: Contribution | None
) -> dict[str, Spend]:
    result = dict(spend)
    for contribution, sign in ((old, -1), (new, 1)):
        if contribution:
            was = result.get(contribution.currency, Spend(0, 0))
            result[contribution.currency] = Spend(
                was.net + sign * contribution.net, was.orders + sign
            )
    return {currency: value for currency, value in result.items() if value.orders}
