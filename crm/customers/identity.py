"""Identity documents: which customer an address or a uid belongs to.

Part ids are never used again. When an address changes its owner, its old part stays with the old
customer as a former part, so that the orders counted there are still found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, Self

from crm.customers.decision import UNSUBSCRIBED, Decision
from crm.customers.part import FieldValue
from crm.db.codec import Stored, kept
from crm.db.documents import Data, Version

MAX_CONTACTS: Final = 50
"""Users who are to be reached by one address: anybody can type anybody's."""


@dataclass(frozen=True, slots=True)
class Identity(Stored):
    """What an address and a uid have in common.

    Attributes:
        customer_id: The customer it belongs to now; None for a uid without a customer.
        part_id: The part there that takes its orders.
        former: Parts it had before, with the customers that hold them.
        erased: Parts that were erased, with their erasures.
        erased_at: When its person was last erased: orders from before then stay so.
        erased_by: That erasure.
    """

    customer_id: str | None = None
    part_id: str | None = None
    former: Mapping[str, str] = field(default_factory=dict)
    erased: Mapping[str, str] = field(default_factory=dict, metadata=kept(added_later=True))
    erased_at: datetime | None = field(default=None, metadata=kept(added_later=True))
    erased_by: str | None = field(default=None, metadata=kept(added_later=True))

    def customer_of(self, part_id: str) -> str | None:
        """Return the customer that holds a part, the current or a former one."""
        return self.customer_id if part_id == self.part_id else self.former.get(part_id)

    @property
    def parts(self) -> dict[str, str]:
        """Its parts, the current and former ones, each with the customer that holds it."""
        now = {self.part_id: self.customer_id} if self.part_id and self.customer_id else {}
        return {**self.former, **now}

    def moved(self, part_id: str, customer_id: str) -> Self:
        """Return the identity after one of its parts has moved to another customer."""
        if part_id == self.part_id:
            return replace(self, customer_id=customer_id)
        return replace(self, former={**self.former, part_id: customer_id})

    def without(self, part_id: str) -> Self:
        """Return the identity after the customer of one of its parts has disappeared."""
        if part_id == self.part_id:
            return replace(self, customer_id=None, part_id=None)
        return replace(self, former={k: v for k, v in self.former.items() if k != part_id})

    def erase(self, part_id: str, erasure_id: str, at: datetime) -> Self:
        """Return the identity after the customer of one of its parts was erased.

        Where the part was a former one, the identity is somebody else's and stays theirs.
        """
        left = replace(self.without(part_id), erased={**self.erased, part_id: erasure_id})
        return left.buried(erasure_id, at) if part_id == self.part_id else left

    def buried(self, erasure_id: str, at: datetime) -> Self:
        """Return the identity as the tombstone that what comes late of an erased person meets."""
        return replace(self, erased_at=at, erased_by=erasure_id)


@dataclass(frozen=True, slots=True)
class AddressIdentity(Identity):
    """An address that was ordered with or proven.

    Attributes:
        owner: The key of the user who proved it, if any.
        suppressed: When marketing to it was last objected to. It outlives every customer that the
            address belongs to: a withdrawal is never forgotten, not even by an erasure.
        contacts: Keys of users who are to be reached by it: they typed it into an order, or their
            account claims it. They hear what becomes of it; it is not theirs.
        unreachable: When mail to it last came back for good; None while it arrives, as far as is
            known. Like a withdrawal it stays when its customer goes: nobody writes to it again.
    """

    owner: str | None = None
    suppressed: datetime | None = field(default=None, metadata=kept(added_later=True))
    contacts: tuple[str, ...] = field(default=(), metadata=kept(added_later=True))
    unreachable: datetime | None = field(default=None, metadata=kept(added_later=True))
    kind: Literal["address"] = field(init=False, default="address")

    @property
    def suppression(self) -> Decision | None:
        """The decision that a new part of this address begins with.

        Whoever was erased asked for no news either: anybody can order under the address afterwards.
        """
        known = [moment for moment in (self.suppressed, self.erased_at) if moment is not None]
        return Decision(UNSUBSCRIBED, max(known), "suppression") if known else None

    def suppress(self, at: datetime | None) -> AddressIdentity:
        """Return the identity after a withdrawal; the last one counts. None changes nothing."""
        known = [moment for moment in (self.suppressed, at) if moment is not None]
        return replace(self, suppressed=max(known, default=None))

    @property
    def free(self) -> bool:
        """Whether it is nobody's, and no erased person's: whoever typed it may be reached by it."""
        return self.customer_id is None and self.erased_at is None

    def with_contact(self, user_key: str) -> AddressIdentity:
        """Return the identity with one more user who is to be reached by it."""
        if user_key in self.contacts or len(self.contacts) >= MAX_CONTACTS:
            return self
        return replace(self, contacts=tuple(sorted([*self.contacts, user_key])))

    def without_contact(self, user_key: str) -> AddressIdentity:
        """Return the identity with one user less."""
        return replace(self, contacts=tuple(one for one in self.contacts if one != user_key))

    @property
    def needed(self) -> bool:
        """Whether the document must stay: it leads to somebody, or late events must meet it."""
        leads = self.customer_id is not None or self.former or self.contacts
        known = self.suppressed or self.unreachable or self.erased or self.erased_at
        return bool(leads or known)

    def buried(self, erasure_id: str, at: datetime) -> Self:
        """Return the identity as a tombstone, nobody's any more."""
        return replace(Identity.buried(self, erasure_id, at), owner=None)


@dataclass(frozen=True, slots=True)
class UserIdentity(Identity):
    """A uid, and what was last seen of its `users` document: the user's row of the ledger.

    Attributes:
        uid: The uid itself: the sweep finds by it documents that are gone. Empty once erased.
        version: The update time of the document that was read (see `ledger.Entry.version`).
        known: The document was there once, and not an anonymous visitor's. A uid that is known
            stays known.
        live: The document is there.
        name: The name in it.
        claimed: The key of its address while that is not proven.
        proven: The key of the address that was proven last.
        conflict: The claimed address is proven, but belongs to another live user.
        keep_apart: Keys of addresses that staff took away from this user again.
        quarantined: Why its address cannot be read, else None.
        fields: Own fields that the document holds.
        account: Firebase Auth has said that an address is verified. Without it, what is proven was
            taken on the word of the user's document.
    """

    uid: str = ""
    version: Version = 0
    known: bool = False
    live: bool = False
    name: str | None = None
    claimed: str | None = None
    proven: str | None = None
    conflict: bool = False
    keep_apart: tuple[str, ...] = ()
    quarantined: str | None = None
    account: bool = field(default=False, metadata=kept(added_later=True))
    fields: Mapping[str, FieldValue] = field(default_factory=dict, metadata=kept(added_later=True))
    kind: Literal["user"] = field(init=False, default="user")

    def without(self, part_id: str) -> UserIdentity:
        """Return the identity after its customer, and the address it had proven, have gone."""
        left = Identity.without(self, part_id)
        return replace(left, proven=None) if part_id == self.part_id else left

    def buried(self, erasure_id: str, at: datetime) -> Self:
        """Return the identity as a tombstone, with nothing of the person but its key."""
        return replace(
            Identity.buried(self, erasure_id, at),
            uid="",
            known=False,
            live=False,
            name=None,
            claimed=None,
            proven=None,
            conflict=False,
            keep_apart=(),
            quarantined=None,
            account=False,
            fields={},
        )

    @property
    def needed(self) -> bool:
        """Always: even a deleted user's document is the tombstone that late events meet."""
        return True


def identity_from(data: Data) -> AddressIdentity | UserIdentity:
    """Read an identity document of either kind."""
    return (UserIdentity if data["kind"] == "user" else AddressIdentity).from_data(data)
