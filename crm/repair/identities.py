"""Mending identities: the customers that they lead to are there and have their parts again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from crm.config.paths import name_in
from crm.consent.records import ORDER, Record
from crm.core.equality import same
from crm.core.errors import InvalidDocument
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.decision import SUBSCRIBED, Decision, latest
from crm.customers.identity import AddressIdentity, UserIdentity, identity_from
from crm.customers.limits import MAX_PARTS
from crm.customers.part import Part
from crm.db.collections import CONSENTS, CUSTOMERS, IDENTITIES, LINKS, MERGES, ORDERS
from crm.db.documents import Delete, Query, Snapshot
from crm.db.transaction import Plan, Transaction
from crm.host import reader as host
from crm.merging.record import Merge
from crm.repair.customers import by_staff
from crm.repair.invariants import is_from_the_future, is_misplaced, lost_owner, strays
from crm.repair.records import notes_on
from crm.repair.sums import add_up, known

ASKED: Final = 5
"""How many orders are read in search of the address that a key stands for."""


def plan_identity(tx: Transaction, key: str) -> Plan[None]:
    """Plan to put the parts of an identity back to where it leads, customers that are gone too.

    A user of a version from the future gets none, so that the next look at its document is newer.
    """
    row = tx.document(f"{IDENTITIES}/{key}")
    if row.data is None:
        return Plan([], None)
    if is_misplaced(tx, row):
        return Plan([Delete(row.path, row.version)], None)
    changes = ChangeSet(tx)
    was = changes.identity(key)
    identity = _seen_anew(tx, row)
    homes = {part_id: _home(tx, home) for part_id, home in identity.parts.items()}
    tx.documents(f"{CUSTOMERS}/{home}" for home in homes.values())
    customers: dict[str, Customer] = {}
    for part_id, home in homes.items():
        customer = customers.get(home) or _customer(tx, row, home)
        if part_id in customer.parts:
            held = customer.parts[part_id].key == key
            identity = identity.moved(part_id, home) if held else identity.without(part_id)
            continue
        rank = _rank(tx, customer, part_id)
        part = _part(tx, key, identity, part_id, rank)
        if part.orders or part.live:
            customers[home] = customer.with_part(part_id, part)
            identity = identity.moved(part_id, home)
        else:
            identity = identity.without(part_id)
    if isinstance(identity, AddressIdentity):
        identity = replace(identity, owner=lost_owner(tx, row) or identity.owner)
        for user_key in strays(tx, key, identity):
            identity = identity.without_contact(user_key)
    if same(identity, was) and not customers:
        return Plan([], None)
    for customer in customers.values():
        changes.put_customer(customer)
    changes.put_identity(key, identity)
    return Plan(changes.writes(), None)


def _seen_anew(tx: Transaction, row: Snapshot) -> AddressIdentity | UserIdentity:
    """Return an identity without what no sync of its user can have left."""
    identity = identity_from(row.fields)
    if isinstance(identity, UserIdentity):
        if is_from_the_future(tx, row):
            identity = replace(identity, version=0)
        if not identity.live:
            identity = replace(identity, quarantined=None)
    return identity


def _home(tx: Transaction, customer_id: str) -> str:
    """Return the live customer that an id stands for; the id itself where there is none."""
    if tx.document(f"{CUSTOMERS}/{customer_id}").exists:
        return customer_id
    link = tx.document(f"{LINKS}/{customer_id}")
    return str(link.fields["customerId"]) if link.exists else customer_id


def _customer(tx: Transaction, row: Snapshot, customer_id: str) -> Customer:
    data = tx.document(f"{CUSTOMERS}/{customer_id}").data
    if data is not None:
        return Customer.from_data(customer_id, data)
    into = Query(MERGES, (("targetId", "==", customer_id), ("state", "==", "open")))
    found = {one.id: Merge.from_data(one.fields) for one in tx.find(into)}
    merges = sorted(found, key=lambda one: (found[one].at, one))
    created = row.created or tx.now
    return Customer(customer_id, created, merges=tuple(merges), staff_merges=by_staff(found))


def _rank(tx: Transaction, customer: Customer, part_id: str) -> int:
    """Return the rank of a part that comes back: one that a merge brought is behind the others."""
    into = tx.documents(f"{MERGES}/{merge}" for merge in customer.merges)
    for number, found in enumerate(into, start=1):
        rank = found.fields.get("ranks", {}).get(part_id)
        if rank is not None:
            return number * MAX_PARTS + int(rank)
    return sum(part.rank < MAX_PARTS for part in customer.parts.values())


def part_anew(tx: Transaction, row: Snapshot, part_id: str, rank: int) -> Part:
    """Return a part of an identity as everything but its customer knows it.

    Args:
        tx: The transaction.
        row: The identity; it is whole.
        part_id: The part, its own or a former one.
        rank: Its place among the customer's parts.
    """
    return _part(tx, row.id, identity_from(row.fields), part_id, rank)


def _part(
    tx: Transaction,
    key: str,
    identity: AddressIdentity | UserIdentity,
    part_id: str,
    rank: int,
) -> Part:
    """Return a part as the ledger, the records of consent and its identity know it."""
    rows = tx.find(Query(ORDERS, (("partId", "==", part_id),)))
    part = add_up({part_id: Part(key, rank)}, rows)[part_id]
    decided = tx.find(Query(CONSENTS, (("identity", "==", key),)))
    records = [Record.from_data(one.fields) for one in decided]
    opt_ins = [one.at for one in records if one.source == ORDER and one.status == SUBSCRIBED]
    decisions: list[Decision | None] = [
        Decision(one.status, one.at, one.source) for one in records if one.source != ORDER
    ]
    part = replace(part, opted_in_at=max([*opt_ins, *known(part.opted_in_at)], default=None))
    part = replace(part, notes=notes_on(tx, part_id))
    if isinstance(identity, UserIdentity) and part_id == identity.part_id:
        user = replace(part, uid=identity.uid, live=identity.live, user_name=identity.name)
        user = replace(user, proven=identity.proven, decision=latest(decisions))
        user = replace(user, user_fields=identity.fields)
        return user.claiming(_claimed(tx, identity))
    decision = latest(decisions)
    objection = identity.suppression if isinstance(identity, AddressIdentity) else None
    if objection and (decision is None or objection.at > decision.at):
        decision = objection  # of a customer before this one
    if part_id != identity.part_id or isinstance(identity, UserIdentity):
        return replace(part, decision=decision)
    return replace(
        part,
        address=_address(tx, key, identity, rows),
        by_proof=identity.owner is not None,
        decision=decision,
        unreachable=identity.unreachable,
    )


def _address(
    tx: Transaction,
    key: str,
    identity: AddressIdentity,
    rows: Sequence[Snapshot],
) -> str | None:
    """Find the address that a key stands for; only the host's documents say it."""
    settings = tx.settings
    ids = [row.id for row in rows if row.fields["addressKey"] == key][:ASKED]
    paths = [settings.orders.document(one) for one in ids]
    if identity.owner is not None:
        owner = tx.document(f"{IDENTITIES}/{identity.owner}")
        paths += [f"{settings.users.path}/{uid}" for uid in known(owner.fields.get("uid"))]
    for found in tx.documents(paths):
        email = host.read_named(found.fields, tx.now, settings).email
        if name_in(settings.users.path, found.path) is not None:
            email = _email_of(found, tx)
        if email is not None and tx.keys.address(email) == key:
            return email
    return None


def _claimed(tx: Transaction, user: UserIdentity) -> str | None:
    """Return the address that a user claims, as the user's document says it."""
    if user.claimed is None or not user.live:
        return None
    email = _email_of(tx.document(f"{tx.settings.users.path}/{user.uid}"), tx)
    return email if email is not None and tx.keys.address(email) == user.claimed else None


def _email_of(user: Snapshot, tx: Transaction) -> str | None:
    try:
        return host.read_user(user.fields, tx.settings).email
    except InvalidDocument:
        return None
