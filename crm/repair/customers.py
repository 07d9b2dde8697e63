"""Customers, held to what they point to: identities, tags, merges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.decision import UNSUBSCRIBED
from crm.customers.identity import AddressIdentity, UserIdentity, identity_from
from crm.customers.part import Part
from crm.db.collections import CUSTOMERS, IDENTITIES, MERGES
from crm.db.documents import Create, Snapshot
from crm.db.transaction import Plan, Transaction
from crm.merging.record import Merge
from crm.tags.catalogue import TagRow, row_path


def points_right(customer: Snapshot, found: Mapping[str, Snapshot]) -> bool:
    """Return whether everything that a customer points to is there, and points back.

    Args:
        customer: A customer.
        found: By path, what `points_to` gives.
    """
    parts = customer.fields["parts"]
    homes = (leads(found[f"{IDENTITIES}/{one['key']}"]).get(name) for name, one in parts.items())
    return (
        bool(parts)
        and all(home == customer.id for home in homes)
        and all(found[row_path(tag)].exists for tag in customer.fields["tags"])
        and all(_is_open(found[f"{MERGES}/{one}"]) for one in customer.fields["merges"]["open"])
    )


def points_to(customer: Snapshot) -> list[str]:
    """Return the paths of everything that a customer points to."""
    fields = customer.fields
    return [
        *(f"{IDENTITIES}/{part['key']}" for part in fields["parts"].values()),
        *(row_path(tag) for tag in fields["tags"]),
        *(f"{MERGES}/{merge}" for merge in fields["merges"]["open"]),
    ]


def leads(identity: Snapshot) -> dict[str, str]:
    """Return the parts of an identity, each with the customer that it leads to."""
    return identity_from(identity.data).parts if identity.data is not None else {}


def plan_customer(tx: Transaction, customer_id: str) -> Plan[None]:
    """Plan to have a customer point to what is there, and be pointed to.

    An identity that is gone is made anew, and one that leads to nobody leads here again. A part
    that another customer has, and that its identity leads to, is not this one's. An identity that
    takes its orders elsewhere by now is left alone: `verify` names it.
    """
    snapshot = tx.document(f"{CUSTOMERS}/{customer_id}")
    if snapshot.data is None:
        return Plan([], None)
    tx.documents(points_to(snapshot))
    changes = ChangeSet(tx)
    was = changes.customer(customer_id)
    customer = _with_open_merges(tx, _with_identities(tx, changes, was))
    rows = {tag: tx.document(row_path(tag)) for tag in customer.tags}
    lost = [tag for tag, row in rows.items() if not row.exists]
    changes.add(*(Create(row_path(tag), TagRow(tag, tx.now).to_data()) for tag in lost))
    if not customer.parts:
        changes.drop_customer(customer_id)
    else:
        changes.put_customer(customer)  # it must be as it was read
        if customer == was and not lost and len(changes.writes()) == 1:
            return Plan([], None)
    return Plan(changes.writes(), None)


def _with_identities(tx: Transaction, changes: ChangeSet, customer: Customer) -> Customer:
    found = {key: changes.find(part.key) for key, part in customer.parts.items()}
    homes = {key: one.parts.get(key) if one else None for key, one in found.items()}
    elsewhere = {key: home for key, home in homes.items() if home not in (None, customer.id)}
    tx.documents(f"{CUSTOMERS}/{home}" for home in elsewhere.values())
    for part_id, part in list(customer.parts.items()):
        held = changes.find(part.key)
        if homes[part_id] == customer.id:
            continue
        if held is not None and part_id in elsewhere:
            other = tx.document(f"{CUSTOMERS}/{elsewhere[part_id]}")
            if part_id in other.fields.get("parts", {}):
                changes.guard(part.key)
                parts = {key: one for key, one in customer.parts.items() if key != part_id}
                customer = replace(customer, parts=parts)
            else:
                changes.put_identity(part.key, held.moved(part_id, customer.id))
            continue
        known = _identity(held, customer, part_id, part)
        if known is not None:
            changes.put_identity(part.key, known)
    return customer


def _identity(
    held: AddressIdentity | UserIdentity | None, customer: Customer, part_id: str, part: Part
) -> AddressIdentity | UserIdentity | None:
    if part.uid is None and part.address is None:  # an address that has gone to somebody else
        known = held or AddressIdentity()
        return replace(known, former={**known.former, part_id: customer.id})
    if held is not None and held.part_id is not None:
        return None
    if part.uid is not None:
        # Of no version, so that the next look at its document is of a newer one.
        user = held if isinstance(held, UserIdentity) else UserIdentity(uid=part.uid)
        user = replace(user, known=True, live=part.live, name=part.user_name, proven=part.proven)
        return replace(user, customer_id=customer.id, part_id=part_id)
    address = held if isinstance(held, AddressIdentity) else AddressIdentity()
    withdrawn = part.decision if part.decision and part.decision.status == UNSUBSCRIBED else None
    owner = next((one.key for one in customer.parts.values() if one.proven == part.key), None)
    address = replace(address, customer_id=customer.id, part_id=part_id, owner=owner)
    return address.suppress(withdrawn.at if withdrawn else None)


def _with_open_merges(tx: Transaction, customer: Customer) -> Customer:
    found = tx.documents(f"{MERGES}/{merge}" for merge in customer.merges)
    merges = {one.id: Merge.from_data(one.fields) for one in found if _is_open(one)}
    if len(merges) == len(customer.merges):
        return customer
    return replace(customer, merges=tuple(merges), staff_merges=by_staff(merges))


def _is_open(merge: Snapshot) -> bool:
    return bool(merge.fields.get("state") == "open")


def by_staff(merges: Mapping[str, Merge]) -> int:
    """Return how many merges of staff a customer with these open merges has in it."""
    return sum(one.by_staff + one.source.staff_merges for one in merges.values())
