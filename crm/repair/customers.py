"""Mending customers: identities, tags and merges that they point to are there, and point back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.decision import UNSUBSCRIBED
from crm.customers.identity import AddressIdentity, Identity, UserIdentity
from crm.customers.part import Part
from crm.db.collections import CUSTOMERS, MERGES
from crm.db.documents import Create
from crm.db.transaction import Plan, Transaction
from crm.merging.record import Merge
from crm.repair.invariants import (
    has_another_reach,
    is_open,
    is_to_be_told,
    parts_of,
    pointed_to,
)
from crm.tags.catalogue import TagRow, row_path


def plan_customer(tx: Transaction, customer_id: str) -> Plan[None]:
    """Plan to have a customer point to what is there, and be pointed to.

    An identity that is gone is made anew, and one that leads to nobody leads here again. A part
    that another customer has, and that its identity leads to, is not this one's. A part whose
    identity takes its orders to another part by now keeps those that it has, as a former one.
    """
    snapshot = tx.document(f"{CUSTOMERS}/{customer_id}")
    if snapshot.data is None:
        return Plan([], None)
    changes = ChangeSet(tx)
    was = changes.customer(customer_id)
    tx.documents(pointed_to(tx, was))
    customer = _with_open_merges(tx, _with_reach(changes, _with_identities(tx, changes, was)))
    rows = {tag: tx.document(row_path(tag)) for tag in customer.tags}
    lost = [tag for tag, row in rows.items() if not row.exists]
    changes.add(*(Create(row_path(tag), TagRow(tag, tx.now).to_data()) for tag in lost))
    told = [part.key for part in customer.parts.values() if is_to_be_told(tx, customer, part)]
    for key in told:
        changes.tell_again(key)
    if not customer.parts:
        changes.drop_customer(customer_id)
    else:
        changes.put_customer(customer)  # it must be as it was read
        if customer == was and not lost and not told and len(changes.writes()) == 1:
            return Plan([], None)
    return Plan(changes.writes(), None)


def _with_identities(tx: Transaction, changes: ChangeSet, customer: Customer) -> Customer:
    found = {key: changes.find(part.key) for key, part in customer.parts.items()}
    homes = {key: one.customer_of(key) if one else None for key, one in found.items()}
    lost = [key for key, home in homes.items() if home != customer.id]
    leads = [one.customer_id for key in lost if (one := found[key])]
    tx.documents(f"{CUSTOMERS}/{home}" for home in (*map(homes.get, lost), *leads) if home)
    for part_id in lost:
        part = customer.parts[part_id]
        held = changes.find(part.key)
        if held is None or homes[part_id] is None:
            if held and (part.uid or part.address) and _has_another(tx, held, part_id):
                part = replace(part, **_FORMER)
                customer = customer.with_part(part_id, part)
            changes.put_identity(part.key, _identity(held, customer, part_id, part))
        elif part_id in parts_of(tx.document(f"{CUSTOMERS}/{homes[part_id]}")):
            changes.guard(part.key)
            parts = {key: one for key, one in customer.parts.items() if key != part_id}
            customer = replace(customer, parts=parts)
        else:
            changes.put_identity(part.key, held.moved(part_id, customer.id))
    return customer


def _with_reach(changes: ChangeSet, customer: Customer) -> Customer:
    """Return a customer whose addresses arrive, or not, as their identities know it."""
    for part_id, part in customer.parts.items():
        held = changes.find(part.key)
        if held is not None and has_another_reach(customer.id, part_id, part, held):
            changes.guard(part.key)
            says = held.unreachable if isinstance(held, AddressIdentity) and part.address else None
            customer = customer.with_part(part_id, replace(part, unreachable=says))
    return customer


_FORMER: Final[dict[str, Any]] = {
    "address": None,
    "by_proof": False,
    "uid": None,
    "live": False,
    "user_name": None,
    "user_fields": {},
    "proven": None,
    "unreachable": None,
}
"""What a part says of an identity that takes its orders elsewhere: nothing."""


def _has_another(tx: Transaction, held: Identity, part_id: str) -> bool:
    """Return whether an identity takes its orders to another part, which is there."""
    if held.part_id in (None, part_id) or held.customer_id is None:
        return False
    return held.part_id in parts_of(tx.document(f"{CUSTOMERS}/{held.customer_id}"))


def _identity(
    held: AddressIdentity | UserIdentity | None, customer: Customer, part_id: str, part: Part
) -> AddressIdentity | UserIdentity:
    """Return the identity of a part of this customer that leads nowhere, or is gone."""
    if part.uid is None and part.address is None:  # it has gone to somebody else
        known = held or AddressIdentity()
        return replace(known, former={**known.former, part_id: customer.id})
    if part.uid is not None:
        # Of no version, so that the next look at its document is of a newer one.
        user = held if isinstance(held, UserIdentity) else UserIdentity(uid=part.uid)
        user = replace(user, known=True, live=part.live, name=part.user_name, proven=part.proven)
        user = replace(user, fields=part.user_fields)
        return replace(user, customer_id=customer.id, part_id=part_id)
    address = held if isinstance(held, AddressIdentity) else AddressIdentity()
    withdrawn = part.decision if part.decision and part.decision.status == UNSUBSCRIBED else None
    owner = next((one.key for one in customer.parts.values() if one.proven == part.key), None)
    address = replace(address, customer_id=customer.id, part_id=part_id, owner=owner)
    address = replace(address, unreachable=address.unreachable or part.unreachable)
    return address.suppress(withdrawn.at if withdrawn else None)


def _with_open_merges(tx: Transaction, customer: Customer) -> Customer:
    found = tx.documents(f"{MERGES}/{merge}" for merge in customer.merges)
    merges = {one.id: Merge.from_data(one.fields) for one in found if is_open(one)}
    if len(merges) == len(customer.merges):
        return customer
    return replace(customer, merges=tuple(merges), staff_merges=by_staff(merges))


def by_staff(merges: Mapping[str, Merge]) -> int:
    """Return how many merges of staff a customer with these open merges has in it."""
    return sum(one.by_staff + one.source.staff_merges for one in merges.values())
