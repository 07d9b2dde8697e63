"""Joining two customers: one moves its parts to the other, in one commit, whatever it has bought.

Neither the ledger nor the host's orders are touched: they point at parts, and parts keep their
ids. So the cost does not grow with the number of orders, and the record is enough to move the
same parts back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from crm.customer import Customer
from crm.directory import AddressIdentity, UserIdentity
from crm.documents import Create, Query, Replace
from crm.errors import Conflict
from crm.limits import MAX_CUSTOMER_BYTES, MAX_EVENTS, MAX_PARTS, event_bytes
from crm.planning import IDENTITIES, LINKS, MERGES, Context, Draft, Reading


def fits(target: Customer, source: Customer) -> bool:
    """Say whether one document can hold both."""
    held = {**source.held_events, **target.held_events}
    return (
        len(target.parts) + len(source.parts) <= MAX_PARTS
        and len(held) <= MAX_EVENTS
        and sum(event_bytes(key, name) for key, name in held.items()) <= MAX_CUSTOMER_BYTES
    )


def join(
    draft: Draft,
    reading: Reading,
    context: Context,
    target: Customer,
    source: Customer,
    by: Literal["proof", "staff"],
) -> Customer:
    """Move everything of `source` to `target`; the old id becomes a link to the survivor.

    Returns:
        The survivor, already put into the draft.

    Errors:
        Conflict: A part has moved meanwhile.
    """
    reading.documents(f"{IDENTITIES}/{part.key}" for part in source.parts.values())
    merge_id = context.new_id()
    rank = target.next_rank
    moved = {
        part_id: replace(part, rank=rank + part.rank) for part_id, part in source.parts.items()
    }
    for part_id, part in source.parts.items():
        identity = draft.identity(part.key)
        if identity.customer_of(part_id) != source.id:
            raise Conflict(f"part {part_id} has moved")
        assert isinstance(identity, AddressIdentity | UserIdentity)
        draft.put_identity(part.key, identity.moved(part_id, target.id))
    by_staff = by == "staff"
    survivor = replace(
        target,
        parts={**target.parts, **moved},
        tags=tuple(sorted({*target.tags, *source.tags})),
        created_at=min(target.created_at, source.created_at),
        merges=(*target.merges, merge_id),
        staff_merges=target.staff_merges + source.staff_merges + by_staff,
    )
    draft.put_customer(survivor)
    draft.drop_customer(source.id)
    for link in reading.find(Query(LINKS, (("customerId", "==", source.id),))):
        draft.add(Replace(link.path, {"customerId": target.id}, link.version))
    draft.add(
        Create(f"{LINKS}/{source.id}", {"customerId": target.id, "mergeId": merge_id}),
        Create(
            f"{MERGES}/{merge_id}",
            {
                "sourceId": source.id,
                "targetId": target.id,
                "by": by,
                "at": context.now,
                "state": "open",
                "ranks": {part_id: part.rank for part_id, part in source.parts.items()},
                "source": _pointers(source),
                "target": _pointers(target),
                "tagsAfter": list(survivor.tags),
            },
        ),
    )
    return survivor


def _pointers(customer: Customer) -> dict[str, object]:
    """What an undo gives back to a customer besides its parts; no address, no name."""
    return {
        "tags": list(customer.tags),
        "createdAt": customer.created_at,
        "merges": list(customer.merges),
        "staffMerges": customer.staff_merges,
    }
