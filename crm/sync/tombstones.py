"""Whether an order is an erased person's: the rules that keep an erased person away for good.

Pure. The tombstones stand in the identities, which every sync reads anyway. An order from before
an erasure stays erased, however late, often or changed it comes; a purchase made after it is a
new customer's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crm.customers.identity import AddressIdentity, Identity, UserIdentity
from crm.customers.ledger import LedgerEntry
from crm.db.documents import Snapshot, version_of
from crm.host.order import Order, PartialOrder


def first_seen(document: Snapshot, order: Order | PartialOrder) -> datetime:
    """Return when an order was there first: by its own word or by the database's, the earlier.

    Its own word alone can lie ahead of an erasure, the database's alone can be that of a restored
    backup.
    """
    return min(order.created_at, document.created or order.created_at)


@dataclass(frozen=True)
class ErasureCheck:
    """What an order is judged by.

    Attributes:
        document: The order as it is stored.
        order: What it says, or as much of it as can be read.
        before: Its row of the ledger.
        user: The identity of its uid.
        address: The identity of its address.
        address_key: The key of its address.
        home: The identity whose part the row says holds it.
        in_path: Whether its uid stands in its path alone, where no erasure can take it out.
    """

    document: Snapshot
    order: Order | PartialOrder
    before: LedgerEntry | None
    user: UserIdentity | None
    address: AddressIdentity | None
    address_key: str | None
    home: Identity | None
    in_path: bool = False

    @property
    def since(self) -> datetime:
        """When the order was there first."""
        return first_seen(self.document, self.order)

    def erasure(self, is_visitor: Callable[[str], bool]) -> str | None:
        """Return the erasure that the order fell under; None where it is a living customer's.

        The first rule that fits:

        1. It fell under one before, and is still the same order: that one.
        2. Its uid is a known user's: none.
        3. Its uid was erased after it came: the uid's.
        4. It is counted in a part of the identity that it names, and that part is somebody's: none.
        5. Its uid is somebody's who is not known yet, and no visitor's: none. Such a buyer has
           mistyped the address, and keeps the rest of the order.
        6. The part in which it is counted was erased after it came: the part's.
        7. An erasure has left its mark in the document, which names no uid since: that one.
        8. Its address was erased after it came: the address's.

        Args:
            is_visitor: Says whether a uid is an anonymous visitor's; asked for rule 5 alone.
        """
        if self.before and self.before.erased and not self._another_order(self.before):
            return self.before.erased
        if self.user and self.user.known:
            return None
        if self.user and self._from_before(self.user):
            return self.user.erased_by
        found, uid = self._of_its_address(), self.order.user_id
        return None if found and uid is not None and not is_visitor(uid) else found

    def _of_its_address(self) -> str | None:
        # An address that is another now has turned out to be somebody else's order.
        unnamed = self.order.email is None
        row = self.before
        if row and row.part_id and self.home and (unnamed or row.identity == self.address_key):
            if self.home.customer_of(row.part_id):
                return None  # an order stays where it is counted
            by = self.home.erased.get(row.part_id)
            if by is not None and (self.home.erased_at is None or self._from_before(self.home)):
                return by
        if self.order.erasure is not None and (self.order.user_id is None or self.in_path):
            return self.order.erasure
        return self.lost_address

    @property
    def lost_address(self) -> str | None:
        """The erasure that took the order's address away, whoever the order belongs to."""
        if self.address and self._from_before(self.address):
            return self.address.erased_by
        return None

    def _from_before(self, identity: Identity) -> bool:
        return identity.erased_at is not None and self.since <= identity.erased_at

    def _another_order(self, before: LedgerEntry) -> bool:
        """Whether the document was deleted and a new one has its id, which names nobody erased."""
        created = self.document.created
        anew = before.deleted or (created is not None and version_of(created) > before.version)
        named = (self.user, self.address)
        return anew and not any(identity and identity.erased_at for identity in named)
