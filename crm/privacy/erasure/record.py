"""The record of an erasure: what it went through, and the report that is made of it.

Pure. The record holds identity keys, ids, counts and codes. While it is `running` it also holds the
uids whose Firebase Auth accounts are still to be deleted; they leave it as soon as that is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from crm.db.codec import StoredById, kept
from crm.db.documents import Data


@dataclass(frozen=True, slots=True)
class Erasure(StoredById):
    """One erasure of one person.

    Attributes:
        id: Random; also in the pseudonym on the orders that are kept.
        at: When (UTC). What is from before then stays erased.
        actor: Who asked for it (see `transaction.Transaction`).
        reason: Why, in the words of who asked; they hold nothing personal.
        customers: The customer's id, and those that had been merged into it.
        keys: Keys of the identities that were the person's alone.
        parts: Ids of the parts that held the person's orders.
        job_id: The job that takes its steps.
        forced: It went on although the person holds tickets for events that have not begun.
        state: `done` once every step is.
        uids: Accounts that are still to be deleted.
        counts: How much of what was removed.
        left_open: Codes of open points, with numbers.
        newest: When the person bought last; None where that is not known.
        suppressed: When the person last objected to marketing, if ever.
    """

    id: str
    at: datetime
    actor: str
    reason: str
    customers: tuple[str, ...]
    keys: tuple[str, ...]
    parts: tuple[str, ...]
    job_id: str
    forced: bool = False
    state: Literal["running", "done"] = "running"
    uids: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    left_open: Mapping[str, int] = field(default_factory=dict, metadata=kept("open"))
    newest: datetime | None = None
    suppressed: datetime | None = None

    def done(self, counts: Mapping[str, int]) -> Erasure:
        """Return the record when the last step has been taken."""
        return replace(self, state="done", uids=(), counts={**self.counts, **counts})

    def to_data(self) -> dict[str, object]:
        """Return the whole document."""
        return {
            "at": self.at,
            "actor": self.actor,
            "reason": self.reason,
            "customers": list(self.customers),
            "keys": list(self.keys),
            "parts": list(self.parts),
            "jobId": self.job_id,
            "forced": self.forced,
            "state": self.state,
            "uids": list(self.uids),
            "counts": dict(self.counts),
            "open": dict(self.left_open),
            "newest": self.newest,
            "suppressed": self.suppressed,
        }

    @classmethod
    def from_data(cls, erasure_id: str, data: Data) -> Erasure:
        """Read a document."""
        return cls(
            erasure_id,
            data["at"],
            data["actor"],
            data["reason"],
            tuple(data["customers"]),
            tuple(data["keys"]),
            tuple(data["parts"]),
            data["jobId"],
            data["forced"],
            data["state"],
            tuple(data["uids"]),
            data["counts"],
            data["open"],
            data["newest"],
            data["suppressed"],
        )
