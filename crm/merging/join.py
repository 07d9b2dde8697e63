"""Joining two customers: one moves its parts to the other, in one commit, whatever it has bought.

Neither the ledger nor the host's orders are touched: they point at parts, and parts keep their
ids. So the cost does not grow with the number of orders, and the record is enough to move the
same parts back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from crm.core.errors import Conflict
from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.limits import MAX_CUSTOMER_BYTES, MAX_EVENTS, MAX_PARTS, MAX_TAGS, event_bytes
from crm.db.documents import Create, Data, Query, Replace
from crm.db.transaction import IDENTITIES, LINKS, MERGES, Context, Draft, Reading


@dataclass(frozen=True, slots=True)
class Proof:
    """Why an automatic merge was made, and what to go back to when it is undone.

    Attributes:
        user_key: The user who proved the address.
        proven_before: The key of the address that the user had proven before.
        address_key: The address.
        owner_before: The key of the user who owned the address before, no more live.
    """

    user_key: str
    proven_before: str | None
    address_key: str
    owner_before: str | None


@dataclass(frozen=True, slots=True)
class Pointers:
    """What an undo gives back to a customer besides its parts; no address, no name."""

    tags: tuple[str, ...]
    created_at: datetime
    merges: tuple[str, ...]
    staff_merges: int

    @classmethod
    def of(cls, customer: Customer) -> Pointers:
        """Remember a customer as it is before a merge."""
        return cls(customer.tags, customer.created_at, customer.merges, customer.staff_merges)


@dataclass(frozen=True, slots=True)
class Merge:
    """The record of a merge: enough to undo it exactly. It holds no address and no name.

    Attributes:
        source_id: The customer that was merged away.
        target_id: The survivor.
        at: When (UTC).
        state: `undone` once it was.
        ranks: The source's parts, each with its rank there.
        held: The target's parts at that time.
        source: The source before.
        target: The target before.
        links: Ids merged into the source earlier; they lead to the target since.
        proof: Where the merge was automatic.
    """

    source_id: str
    target_id: str
    at: datetime
    state: Literal["open", "undone"]
    ranks: Mapping[str, int]
    held: tuple[str, ...]
    source: Pointers
    target: Pointers
    links: tuple[str, ...] = ()
    proof: Proof | None = field(default=None)

    @property
    def by_staff(self) -> bool:
        """Whether staff made it."""
        return self.proof is None

    def to_data(self) -> dict[str, object]:
        """Give the whole document."""
        return {
            "sourceId": self.source_id,
            "targetId": self.target_id,
            "at": self.at,
            "state": self.state,
            "ranks": dict(self.ranks),
            "held": list(self.held),
            "source": _pointers_data(self.source),
            "target": _pointers_data(self.target),
            "links": list(self.links),
            "proof": None
            if self.proof is None
            else {
                "userKey": self.proof.user_key,
                "provenBefore": self.proof.proven_before,
                "addressKey": self.proof.address_key,
                "ownerBefore": self.proof.owner_before,
            },
        }

    @classmethod
    def from_data(cls, data: Data) -> Merge:
        """Read a document."""
        proof = data["proof"]
        return cls(
            data["sourceId"],
            data["targetId"],
            data["at"],
            data["state"],
            data["ranks"],
            tuple(data["held"]),
            _pointers(data["source"]),
            _pointers(data["target"]),
            tuple(data["links"]),
            Proof(
                proof["userKey"], proof["provenBefore"], proof["addressKey"], proof["ownerBefore"]
            )
            if proof
            else None,
        )


def _pointers_data(pointers: Pointers) -> dict[str, object]:
    return {
        "tags": list(pointers.tags),
        "createdAt": pointers.created_at,
        "merges": list(pointers.merges),
        "staffMerges": pointers.staff_merges,
    }


def _pointers(data: Data) -> Pointers:
    return Pointers(
        tuple(data["tags"]), data["createdAt"], tuple(data["merges"]), data["staffMerges"]
    )


def fits(target: Customer, source: Customer) -> bool:
    """Say whether one customer can hold both."""
    return (
        len(target.parts) + len(source.parts) <= MAX_PARTS
        and len({*target.tags, *source.tags}) <= MAX_TAGS
        and room_for_events(target, source)
    )


def room_for_events(target: Customer, source: Customer) -> bool:
    """Say whether one document can hold the events of both."""
    held = {**source.held_events, **target.held_events}
    size = sum(event_bytes(key, name) for key, name in held.items())
    return len(held) <= MAX_EVENTS and size <= MAX_CUSTOMER_BYTES


def survivor_of(target: Customer, source: Customer) -> Customer:
    """Give the target with everything of the source: what a merge leaves, but for its own id.

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
    draft: Draft,
    reading: Reading,
    context: Context,
    target: Customer,
    source: Customer,
    proof: Proof | None,
) -> tuple[Customer, str]:
    """Move everything of `source` to `target`; the old id becomes a link to the survivor.

    Returns:
        The survivor, already put into the draft, and the merge's id.

    Errors:
        Conflict: A part has moved meanwhile.
    """
    reading.documents(f"{IDENTITIES}/{part.key}" for part in source.parts.values())
    # Links lead to a customer as long as merges into it are open, so most need no query.
    to_source = Query(LINKS, (("customerId", "==", source.id),))
    links = reading.find(to_source) if source.merges else []
    merge_id = context.new_id()
    for part_id, part in source.parts.items():
        identity = draft.identity(part.key)
        if identity.customer_of(part_id) != source.id:
            raise Conflict(f"part {part_id} has moved")
        assert isinstance(identity, AddressIdentity | UserIdentity)
        draft.put_identity(part.key, identity.moved(part_id, target.id))
    survivor = survivor_of(target, source)
    survivor = replace(
        survivor,
        merges=(*target.merges, merge_id),
        staff_merges=survivor.staff_merges + (proof is None),
    )
    draft.put_customer(survivor)
    draft.drop_customer(source.id)
    for link in links:
        draft.add(Replace(link.path, {**link.fields, "customerId": target.id}, link.version))
    record = Merge(
        source.id,
        target.id,
        context.now,
        "open",
        {part_id: part.rank for part_id, part in source.parts.items()},
        tuple(sorted(target.parts)),
        Pointers.of(source),
        Pointers.of(target),
        tuple(sorted(link.id for link in links)),
        proof,
    )
    draft.add(
        Create(f"{LINKS}/{source.id}", {"customerId": target.id, "mergeId": merge_id}),
        Create(f"{MERGES}/{merge_id}", record.to_data()),
    )
    return survivor, merge_id
