"""Identities, held to the customers that they lead to; one that is gone is made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from crm.consent.records import ORDER, Record
from crm.core.errors import Unreadable
from crm.customers.customer import Customer
from crm.customers.decision import SUBSCRIBED, Decision, latest
from crm.customers.draft import Draft
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.limits import MAX_PARTS
from crm.customers.part import Part
from crm.db.collections import CONSENTS, CUSTOMERS, IDENTITIES, LINKS, MERGES, ORDERS
from crm.db.documents import Query, Snapshot
from crm.db.transaction import Context, Reading, RepairPlan
from crm.host import reader as host
from crm.merging.record import Merge
from crm.repair.customers import by_staff, leads
from crm.repair.sums import add_up, known

ASKED: Final = 5
"""Orders that are asked for an address that nothing else says."""


def leads_right(identity: Snapshot, customers: Mapping[str, Snapshot]) -> bool:
    """Say whether the customers that an identity leads to are there, and have its parts.

    Args:
        identity: An identity.
        customers: By path, what `leads_to` gives.
    """
    return all(
        part_id in customers[f"{CUSTOMERS}/{home}"].fields.get("parts", {})
        for part_id, home in leads(identity).items()
    )


def leads_to(identity: Snapshot) -> list[str]:
    """Give the paths of the customers that an identity leads to."""
    return [f"{CUSTOMERS}/{home}" for home in leads(identity).values()]


def plan_parts(reading: Reading, context: Context, key: str) -> RepairPlan:
    """Plan to put the parts of an identity back to where it leads, customers that are gone too."""
    row = reading.document(f"{IDENTITIES}/{key}")
    if row.data is None:
        return RepairPlan([])
    draft = Draft(reading, context.now)
    identity = draft.find(key)
    assert identity is not None
    homes = {part_id: _home(reading, home) for part_id, home in identity.parts.items()}
    reading.documents(f"{CUSTOMERS}/{home}" for home in homes.values())
    customers: dict[str, Customer] = {}
    for part_id, home in homes.items():
        customer = customers.get(home) or _customer(reading, context, row, home)
        if part_id in customer.parts:
            identity = identity.moved(part_id, home)
            continue
        rank = _rank(reading, customer, part_id)
        part = _part(reading, context, key, identity, part_id, rank)
        if part.orders or part.live:
            customers[home] = customer.with_part(part_id, part)
            identity = identity.moved(part_id, home)
        else:
            identity = identity.without(part_id)
    if identity == draft.find(key) and not customers:
        return RepairPlan([])
    for customer in customers.values():
        draft.put_customer(customer)
    draft.put_identity(key, identity)
    return RepairPlan(draft.writes())


def _home(reading: Reading, customer_id: str) -> str:
    """Give the customer that an id leads to; one that is gone altogether keeps its own."""
    if reading.document(f"{CUSTOMERS}/{customer_id}").exists:
        return customer_id
    link = reading.document(f"{LINKS}/{customer_id}")
    return str(link.fields["customerId"]) if link.exists else customer_id


def _customer(reading: Reading, context: Context, row: Snapshot, customer_id: str) -> Customer:
    data = reading.document(f"{CUSTOMERS}/{customer_id}").data
    if data is not None:
        return Customer.from_data(customer_id, data)
    into = Query(MERGES, (("targetId", "==", customer_id), ("state", "==", "open")))
    found = {one.id: Merge.from_data(one.fields) for one in reading.find(into)}
    merges = sorted(found, key=lambda one: (found[one].at, one))
    created = row.created or context.now
    return Customer(customer_id, created, merges=tuple(merges), staff_merges=by_staff(found))


def _rank(reading: Reading, customer: Customer, part_id: str) -> int:
    """Give a part its place: behind those that the survivor had before it came by a merge."""
    into = reading.documents(f"{MERGES}/{merge}" for merge in customer.merges)
    for number, found in enumerate(into, start=1):
        rank = found.fields.get("ranks", {}).get(part_id)
        if rank is not None:
            return number * MAX_PARTS + int(rank)
    return sum(part.rank < MAX_PARTS for part in customer.parts.values())


def _part(
    reading: Reading,
    context: Context,
    key: str,
    identity: AddressIdentity | UserIdentity,
    part_id: str,
    rank: int,
) -> Part:
    """Give a part as the ledger, the records of consent and its identity know it."""
    rows = reading.find(Query(ORDERS, (("partId", "==", part_id),)))
    part = add_up({part_id: Part(key, rank)}, rows)[part_id]
    decided = reading.find(Query(CONSENTS, (("identity", "==", key),)))
    records = [Record.from_data(one.fields) for one in decided]
    opt_ins = [one.at for one in records if one.source == ORDER and one.status == SUBSCRIBED]
    decisions: list[Decision | None] = [
        Decision(one.status, one.at, one.source) for one in records if one.source != ORDER
    ]
    part = replace(part, opted_in_at=max([*opt_ins, *known(part.opted_in_at)], default=None))
    if isinstance(identity, UserIdentity):
        user = replace(part, uid=identity.uid, live=identity.live, user_name=identity.name)
        return replace(user, proven=identity.proven, decision=latest(decisions))
    decision = latest(decisions)
    objection = identity.suppression
    if objection and (decision is None or objection.at > decision.at):
        decision = objection  # of a customer before this one
    if part_id != identity.part_id:
        return replace(part, decision=decision)
    return replace(
        part,
        address=_address(reading, context, key, identity, rows),
        by_proof=identity.owner is not None,
        decision=decision,
    )


def _address(
    reading: Reading,
    context: Context,
    key: str,
    identity: AddressIdentity,
    rows: Sequence[Snapshot],
) -> str | None:
    """Find the address that a key stands for; only the host's documents say it."""
    settings = context.settings
    ids = [row.id for row in rows if row.fields["addressKey"] == key][:ASKED]
    paths = [f"{settings.orders.path}/{one}" for one in ids]
    if identity.owner is not None:
        owner = reading.document(f"{IDENTITIES}/{identity.owner}")
        paths += [f"{settings.users.path}/{uid}" for uid in known(owner.fields.get("uid"))]
    for found in reading.documents(paths):
        email = host.read_named(found.fields, context.now, settings).email
        if found.path.startswith(f"{settings.users.path}/"):
            email = _email_of(found, context)
        if email is not None and context.keys.address(email) == key:
            return email
    return None


def _email_of(user: Snapshot, context: Context) -> str | None:
    try:
        return host.read_user(user.fields, context.settings).email
    except Unreadable:
        return None
