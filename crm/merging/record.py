"""The record of a merge: enough to undo it exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crm.customers.customer import Customer
from crm.db.codec import Stored


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
class Before:
    """What an undo gives back to a customer besides its parts; no address, no name."""

    tags: tuple[str, ...]
    created_at: datetime
    merges: tuple[str, ...]
    staff_merges: int

    @classmethod
    def of(cls, customer: Customer) -> Before:
        """Remember a customer as it is before a merge."""
        return cls(customer.tags, customer.created_at, customer.merges, customer.staff_merges)


@dataclass(frozen=True, slots=True)
class Merge(Stored):
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
    source: Before
    target: Before
    links: tuple[str, ...] = ()
    proof: Proof | None = field(default=None)

    @property
    def by_staff(self) -> bool:
        """Whether staff made it."""
        return self.proof is None
