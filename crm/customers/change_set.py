"""A plan's changes to customers and identities, each guarded by its precondition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crm.core.equality import same
from crm.core.errors import Conflict
from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity, Identity, UserIdentity, identity_from
from crm.db.collections import CUSTOMERS, IDENTITIES, LINKS
from crm.db.diff import replaced
from crm.db.documents import Create, Delete, Path, Query, Write
from crm.db.transaction import Transaction


def document_of(tx: Transaction, customer: Customer) -> dict[str, object]:
    """Return a customer's document as it would be written now."""
    return customer.to_data(tx.now, double=tx.settings.newsletter.double)


def what_contacts_know(address: AddressIdentity) -> tuple[object, ...]:
    """Return what users who are to be reached by an address are told of it."""
    return address.free, address.suppressed, address.unreachable


class ChangeSet:
    """Collects a plan's changes to customers and identities, each guarded by its precondition."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._customers: dict[str, Customer | None] = {}
        self._identities: dict[str, AddressIdentity | UserIdentity] = {}
        self._others: list[Write] = []
        self._unsure: set[str] = set()

    def customer(self, customer_id: str) -> Customer:
        """Return a customer as this plan leaves it so far.

        Raises:
            Conflict: There is none: what led here was read before somebody moved it.
        """
        if customer_id not in self._customers:
            snapshot = self._tx.document(f"{CUSTOMERS}/{customer_id}")
            if snapshot.data is None:
                raise Conflict(f"customer {customer_id} is gone")
            return Customer.from_data(customer_id, snapshot.data)
        customer = self._customers[customer_id]
        if customer is None:
            raise Conflict(f"customer {customer_id} is leaving")
        return customer

    def put_customer(self, customer: Customer) -> None:
        """Write a customer, or delete it with its identities where nothing is left of it."""
        self._customers[customer.id] = customer

    def drop_customer(self, customer_id: str) -> None:
        """Delete a customer whose parts have gone elsewhere."""
        self._customers[customer_id] = None

    def address(self, key: str) -> AddressIdentity | None:
        """Return an address's identity as this plan leaves it so far."""
        identity = self.find(key)
        return identity if isinstance(identity, AddressIdentity) else None

    def user(self, key: str) -> UserIdentity | None:
        """Return a uid's identity as this plan leaves it so far."""
        identity = self.find(key)
        return identity if isinstance(identity, UserIdentity) else None

    def identity(self, key: str) -> Identity:
        """Return an identity that must be there.

        Raises:
            Conflict: It is not.
        """
        identity = self.find(key)
        if identity is None:
            raise Conflict(f"identity {key} is gone")
        return identity

    def find(self, key: str) -> AddressIdentity | UserIdentity | None:
        """Return an identity of either kind as this plan leaves it so far."""
        if key in self._identities:
            return self._identities[key]
        data = self._tx.document(f"{IDENTITIES}/{key}").data
        return identity_from(data) if data is not None else None

    def put_identity(self, key: str, identity: AddressIdentity | UserIdentity) -> None:
        """Write an identity."""
        self._identities[key] = identity

    def guard(self, key: str) -> None:
        """Let the commit fail where an identity, found above, has changed since it was read."""
        identity = self.find(key)
        if identity is not None:
            self.put_identity(key, identity)

    def tell_again(self, user_key: str) -> None:
        """Have the addresses that a user is to be reached by told of it once more."""
        self._unsure.add(user_key)

    def add(self, *writes: Write) -> None:
        """Add writes that carry their own precondition, or need none beside those that do."""
        self._others.extend(writes)

    def replace(self, path: Path, data: dict[str, object]) -> None:
        """Write a document that was read: create it, or replace what was read."""
        self.add(self._write(path, data))

    def prefetch(self, customer_ids: Iterable[str | None]) -> None:
        """Demand customers together rather than one after the other."""
        self._tx.documents(
            f"{CUSTOMERS}/{customer_id}"
            for customer_id in customer_ids
            if customer_id is not None and customer_id not in self._customers
        )

    def writes(self) -> list[Write]:
        """Return everything to commit."""
        for customer_id, customer in list(self._customers.items()):
            if customer and customer.empty:
                self._dissolve(customer)
                self._customers[customer_id] = None
        self._follow_contacts()
        writes = list(self._others)
        for customer_id, customer in self._customers.items():
            path = f"{CUSTOMERS}/{customer_id}"
            if customer:
                writes.append(self._write(path, document_of(self._tx, customer)))
            elif self._was(path):
                writes.append(Delete(path, self._tx.document(path).version))
        for key, identity in self._identities.items():
            path = f"{IDENTITIES}/{key}"
            if identity.needed:
                writes.append(self._write(path, identity.to_data()))
            elif self._was(path):
                writes.append(Delete(path, self._tx.document(path).version))
        return writes

    def _dissolve(self, customer: Customer) -> None:
        """Take an empty customer out of the identities, and the links that ended with it."""
        self._read(part.key for part in customer.parts.values())
        for part_id, part in customer.parts.items():
            identity = self.find(part.key)
            if identity is None or identity.customer_of(part_id) != customer.id:
                raise Conflict(f"part {part_id} has moved")
            left = identity.without(part_id)
            if isinstance(left, AddressIdentity) and part.address:
                left = left.suppress(customer.withdrawn_at)
            self.put_identity(part.key, left)
        if self._was(f"{CUSTOMERS}/{customer.id}"):
            links = Query(LINKS, (("customerId", "==", customer.id),))
            self.add(*(Delete(link.path) for link in self._tx.find(links)))

    def _follow_contacts(self) -> None:
        """Let addresses know who is to be reached by them, and those users what became of them.

        An address may become somebody's, or nobody's again, and news to it may be objected to: a
        user who only typed or claimed it hears of that in the same commit.
        """
        before = {pair for one in self._customers for pair in self._contacts_read(one)}
        after = {
            (part.key, address)
            for customer in self._customers.values()
            if customer
            for part in customer.parts.values()
            for address in customer.strange(part)
        }
        anew = {pair for pair in after if pair not in before or pair[0] in self._unsure}
        keys = {address: self._tx.keys.address(address) for _, address in (before - after) | anew}
        self._read(keys.values())
        for user_key, address in sorted(before - after):
            user, identity = self.user(user_key), self.address(keys[address])
            elsewhere = user and user.customer_id and user.customer_id not in self._customers
            if identity is not None and not elsewhere:
                self.put_identity(keys[address], identity.without_contact(user_key))
        for user_key, address in sorted(anew):
            identity = self.address(keys[address]) or AddressIdentity()
            told = identity.with_contact(user_key)
            self.put_identity(keys[address], told)
            if user_key not in told.contacts:  # it hears of nothing, so it is not to be used
                self._know(user_key, keys[address], identity, free=False)
        new = {keys[address] for _, address in anew}
        for key, known in list(self._identities.items()):
            if not isinstance(known, AddressIdentity) or not known.contacts:
                continue
            if key in new or self._has_turned(key, known):
                self._tell(key, known)

    def _contacts_read(self, customer_id: str) -> Iterator[tuple[str, str]]:
        snapshot = self._tx.snapshots.get(f"{CUSTOMERS}/{customer_id}")
        if snapshot is not None and snapshot.data is not None:
            parts = snapshot.data["parts"].values()  # not decoded: nearly all have none
            for part in parts:
                for contact in (part.get("typed"), part.get("claimed")):
                    if contact and all(one["address"] != contact["address"] for one in parts):
                        yield part["key"], contact["address"]

    def _has_turned(self, key: str, identity: AddressIdentity) -> bool:
        data = self._tx.document(f"{IDENTITIES}/{key}").data
        was = AddressIdentity.from_data(data) if data is not None else AddressIdentity()
        return what_contacts_know(was) != what_contacts_know(identity)

    def _tell(self, key: str, identity: AddressIdentity) -> None:
        """Have the users who are to be reached by an address know what it is now."""
        self._read(identity.contacts)
        users = [self.user(one) for one in identity.contacts]
        self.prefetch(one.customer_id for one in users if one)
        for user_key in identity.contacts:
            self._know(user_key, key, identity, free=identity.free)

    def _know(self, user_key: str, key: str, known: AddressIdentity, *, free: bool) -> None:
        user = self.user(user_key)
        if user is None or user.customer_id is None or user.part_id is None:
            return
        customer = self.customer(user.customer_id)
        part = customer.parts.get(user.part_id)
        if part is None:
            raise Conflict(f"part {user.part_id} has moved")
        for contact in part.contacts:
            if self._tx.keys.address(contact.address) == key:
                part = part.with_contact(
                    contact.address,
                    free=free,
                    withdrawn=known.suppressed,
                    unreachable=known.unreachable,
                )
        if not same(part, customer.parts[user.part_id]):
            self.put_customer(customer.with_part(user.part_id, part))

    def _read(self, keys: Iterable[str]) -> None:
        """Demand identities together rather than one after the other."""
        self._tx.documents(f"{IDENTITIES}/{key}" for key in keys if key not in self._identities)

    def _was(self, path: Path) -> bool:
        snapshot = self._tx.snapshots.get(path)
        return snapshot is not None and snapshot.exists

    def _write(self, path: Path, data: dict[str, object]) -> Write:
        if self._was(path):
            return replaced(self._tx.document(path), data)
        return Create(path, data)
