"""Taking back what an import did, as far as it is still as the import left it. Pure.

A withdrawal is never taken back: it was the person's, whoever brought it. What a person or staff
did since stays. Own fields, grants and the entry are found on their parts, wherever merges took
them; tags, which are a customer's as a whole, are left where a merge came between, for nobody can
tell any more whose they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from crm.audit import trail as audit
from crm.consent.records import IMPORT
from crm.core.batches import batches
from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED, Decision
from crm.customers.identity import AddressIdentity
from crm.customers.part import FieldValue, Part
from crm.db.collections import IDENTITIES, LINKS
from crm.db.documents import IN_QUERY, Delete, Query, Write
from crm.db.transaction import MissingReads, Transaction
from crm.importing.plan import in_order
from crm.importing.record import Done, Import, Was, consent_path

ACTION: Final = "contacts.undo"


@dataclass
class Undone:
    """What an undo of some people comes to.

    Attributes:
        counts: How many customers are `removed`, how many addresses `restored`, and for how many
            nothing was left to take back (`kept`).
        customers: Ids of those that change or go.
        revoked: How many grants are taken back.
    """

    changes: ChangeSet
    counts: Counter[str] = field(default_factory=Counter)
    customers: dict[str, None] = field(default_factory=dict)
    revoked: int = 0

    def writes(self, tx: Transaction, of: Import) -> list[Write]:
        """Return what to commit; nothing where nothing is to be taken back."""
        if not self.customers:
            return []
        entry = audit.record(tx, ACTION, [*self.customers], imported=of.id, revoked=self.revoked)
        return [*self.changes.writes(), *entry]


def plan_undo(tx: Transaction, done: Mapping[str, Done], of: Import, number: int) -> Undone:
    """Plan to take back what was done for some people.

    Args:
        tx: The transaction.
        done: What was done, by places.
        of: The import.
        number: Of the chunk, for the ids of records of consent.

    Raises:
        Conflict: Somebody moved meanwhile.
    """
    undone = Undone(ChangeSet(tx))
    changes = undone.changes
    keys = {key for one in done.values() for key in (one.key, one.fields_key) if key}
    tx.documents(f"{IDENTITIES}/{key}" for key in sorted(keys))
    changes.prefetch({_owner(changes, one.key, one.part_id) for one in done.values()})
    changes.prefetch({_owner(changes, one.fields_key, one.fields_part) for one in done.values()})
    # What came last goes first: a list can hold two addresses of one person, and then what the
    # first of them wrote is seen again.
    for place, one in reversed(in_order(done)):
        undone.counts[_Address(tx, undone, of, one).plan(number, place)] += 1
    _know_links(tx, {one for one in undone.customers if changes.customer(one).empty})
    return undone


def _owner(changes: ChangeSet, key: str | None, part_id: str | None) -> str | None:
    """Return the customer that has a part now; None where it is erased or gone."""
    identity = changes.find(key) if key is not None else None
    return identity.customer_of(part_id) if identity is not None and part_id is not None else None


def _know_links(tx: Transaction, ids: Collection[str]) -> None:
    """Have the links that end with customers who go in few queries, not one for each."""
    names = sorted(ids)
    queries = [
        Query(LINKS, (("customerId", "in", tuple(some)),)) for some in batches(names, IN_QUERY)
    ]
    missing = tuple(one for one in queries if one not in tx.found)
    if missing:
        raise MissingReads(queries=missing)
    for name in names:
        tx.found.setdefault(
            Query(LINKS, (("customerId", "==", name),)),
            [
                link
                for query in queries
                for link in tx.found[query]
                if link.fields["customerId"] == name
            ],
        )


@dataclass
class _Address:
    """One address, and what the import did for it."""

    tx: Transaction
    undone: Undone
    of: Import
    done: Done

    def plan(self, number: int, place: str) -> str:
        """Plan what is taken back; say how it is counted."""
        changes, done = self.undone.changes, self.done
        changed = False
        customer = self._customer(done.key, done.part_id)
        if customer is not None:
            before = customer
            customer = self._without_tags(customer)
            part = customer.parts[done.part_id]
            granted = Decision(SUBSCRIBED, done.granted, IMPORT) if done.granted else None
            if granted is not None and part.decision == granted:
                part = replace(part, decision=None)
                changes.add(Delete(consent_path(self.of.id, number, place)))
                self.undone.revoked += 1
            if done.began and part.entry is not None and part.entry.by == self.of.id:
                part = replace(part, entry=None)
            if part is not customer.parts[done.part_id]:
                customer = customer.with_part(done.part_id, part)
            if customer is not before:
                changes.put_customer(customer)
                self.undone.customers[customer.id] = None
                changed = True
        if done.fields_key is not None and done.fields_part is not None:
            changed = self._restore_fields(done.fields_key, done.fields_part) or changed
        if customer is None:
            return "restored" if changed else "kept"
        gone = done.began and self._let_go(customer.id)
        return "removed" if gone else "restored" if changed else "kept"

    def _customer(self, key: str, part_id: str) -> Customer | None:
        """Return the customer that has a part now; None where it is erased or gone."""
        owner = _owner(self.undone.changes, key, part_id)
        if owner is None:
            return None
        customer = self.undone.changes.customer(owner)
        if part_id not in customer.parts:
            raise Conflict(f"part {part_id} has moved")
        return customer

    def _without_tags(self, customer: Customer) -> Customer:
        as_it_was = (customer.id, customer.merges) == (self.done.customer_id, self.done.merges)
        tags = tuple(one for one in customer.tags if one not in self.done.tags)
        if not as_it_was or tags == customer.tags:
            return customer
        return replace(customer, tags=tags)

    def _restore_fields(self, key: str, part_id: str) -> bool:
        customer = self._customer(key, part_id)
        if customer is None:
            return False
        part = customer.parts[part_id]
        fields = _restored(part, self.done.fields)
        if fields is part.fields:
            return False
        self.undone.changes.put_customer(customer.with_part(part_id, replace(part, fields=fields)))
        self.undone.customers[customer.id] = None
        return True

    def _let_go(self, customer_id: str) -> bool:
        """Return whether nothing is left of a customer that began with the import.

        Of a withdrawal that the list brought the address keeps what it has to.
        """
        changes = self.undone.changes
        customer = changes.customer(customer_id)
        identity = changes.address(self.done.key)
        part = customer.parts[self.done.part_id]
        brought = part.decision
        if brought and (brought.status, brought.source) == (UNSUBSCRIBED, IMPORT):
            kept = identity.suppression if isinstance(identity, AddressIdentity) else None
            bare = customer.with_part(self.done.part_id, replace(part, decision=kept))
            if kept is not None and bare.empty:
                changes.put_customer(bare)
                self.undone.customers[customer_id] = None
                return True
        return customer.empty


def _restored(part: Part, written: Mapping[str, Was]) -> Mapping[str, FieldValue | None]:
    """Return the own fields of a part with those as before that are as the import wrote them."""
    fields: dict[str, FieldValue | None] = dict(part.fields)
    for name, was in written.items():
        now = fields.get(name)
        if type(now) is type(was.value) and now == was.value:
            if was.there:
                fields[name] = was.before
            else:
                del fields[name]
    return part.fields if fields == part.fields and len(fields) == len(part.fields) else fields
