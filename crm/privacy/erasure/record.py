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
