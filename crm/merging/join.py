"""Joining two customers: one moves its parts to the other, in one commit, whatever it has bought.

Neither the ledger nor the host's orders are touched: they point at parts, and parts keep their
ids. So the cost does not grow with the number of orders, and the record is enough to move the
same parts back.
"""

from __future__ import annotations

from dataclasses import replace

from crm.core.errors import Conflict
from crm.customers import room
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.limits import (
    DAY_BYTES,
    MAX_CUSTOMER_BYTES,
    MAX_DAYS,
    MAX_EVENTS,
    MAX_PARTS,
    MAX_TAGS,
    event_bytes,
)
from crm.db.collections import IDENTITIES, LINKS, MERGES
from crm.db.documents import Create, Query, Update
from crm.db.transaction import Transaction
from crm.merging.record import Before, Merge, Proof


def fits(target: Customer, source: Customer) -> bool:
    """Return whether one customer can hold both."""
    return (
        len(target.parts) + len(source.parts) <= MAX_PARTS
        and len({*target.tags, *source.tags}) <= MAX_TAGS
        and room_for_events(target, source)
        and room_in_document(target, source)
    )


def room_in_document(target: Customer, source: Customer) -> bool:
    """Return whether one document can hold both, own fields of all their parts included."""
    return room.fits(survivor_of(target, source))


def room_for_events(target: Customer, source: Customer) -> bool:
    """Return whether one document can hold the events of both, beside the days of both."""
    held = {**source.held_events, **target.held_events}
    size = sum(event_bytes(key, name) for key, name in held.items())
    days = sum(len(part.days) for one in (target, source) for part in one.parts.values())
    size += DAY_BYTES * max(0, days - MAX_DAYS)  # so many days have room besides
    return len(held) <= MAX_EVENTS and size <= MAX_CUSTOMER_BYTES


def survivor_of(target: Customer, source: Customer) -> Customer:
    """Return the target with everything of the source: what a merge leaves, but for its own id.

    Scalars are the target's and fall back to the source's by the order of ranks; tags and parts
    are united; the older date of creation stays. What a summary shows of it is folded as ever.
    """
    first = target.next_rank
    moved = {key: replace(part, rank=first + part.rank) for key, part in source.parts.items()}
    return replace(
        target,
        parts={**target.parts, **moved},
        tags=tuple(sorted({*target.tags, *source.tags})),
        created_at=min(target.created_at, source.created_at),
        staff_merges=target.staff_merges + source.staff_merges,
    )


def join(
    changes: ChangeSet,
    tx: Transaction,
    target: Customer,
    source: Customer,
    proof: Proof | None,
) -> tuple[Customer, str]:
    """Move everything of `source` to `target`; the old id becomes a link to the survivor.

    Returns:
        The survivor, already among the changes, and the merge's id.

    Raises:
        Conflict: A part has moved meanwhile.
    """
    tx.documents(f"{IDENTITIES}/{part.key}" for part in source.parts.values())
    # Links lead to a customer as long as merges into it are open, so most need no query.
    to_source = Query(LINKS, (("customerId", "==", source.id),))
    links = tx.find(to_source) if source.merges else []
    merge_id = tx.new_id()
    for part_id, part in source.parts.items():
        identity = changes.identity(part.key)
        if identity.customer_of(part_id) != source.id:
            raise Conflict(f"part {part_id} has moved")
        assert isinstance(identity, AddressIdentity | UserIdentity)
        changes.put_identity(part.key, identity.moved(part_id, target.id))
    survivor = survivor_of(target, source)
    survivor = replace(
        survivor,
        merges=(*target.merges, merge_id),
        staff_merges=survivor.staff_merges + (proof is None),
    )
    changes.put_customer(survivor)
    changes.drop_customer(source.id)
    for link in links:
        changes.add(Update(link.path, {**link.fields, "customerId": target.id}, link.version))
    record = Merge(
        source.id,
        target.id,
        tx.now,
        "open",
        {part_id: part.rank for part_id, part in source.parts.items()},
        tuple(sorted(target.parts)),
        Before.of(source),
        Before.of(target),
        tuple(sorted(link.id for link in links)),
        proof,
    )
    changes.add(
        Create(f"{LINKS}/{source.id}", {"customerId": target.id, "mergeId": merge_id}),
        Create(f"{MERGES}/{merge_id}", record.to_data()),
    )
    return survivor, merge_id
