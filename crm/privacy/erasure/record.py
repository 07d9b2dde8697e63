"""The record of an erasure: what it went through, and the report that is made of it.

Pure. The record holds identity keys, ids, counts and codes. While it is `running` it also holds the
uids whose Firebase Auth accounts are still to be deleted; they leave it as soon as that is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from crm.config.erasure import Erasure as Rules
from crm.db.documents import Data

BACKUP_DAYS = 7
"""For how long Firestore's point-in-time recovery can read what was deleted."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure of one person.

    Attributes:
        id: Random; also in the pseudonym on the orders that are kept.
        at: When (UTC). What is from before then stays erased.
        actor: Who asked for it (see `planning.Context`).
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
    left_open: Mapping[str, int] = field(default_factory=dict)
    newest: datetime | None = None
    suppressed: datetime | None = None

    def done(self, counts: Mapping[str, int]) -> Erasure:
        """Give the record when the last step has been taken."""
        return replace(self, state="done", uids=(), counts={**self.counts, **counts})

    def to_data(self) -> dict[str, object]:
        """Give the whole document."""
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


_REMOVED = {
    "customers": "customer with its tags, sums and consent",
    "users": "documents of the host's users",
    "accounts": "uids whose Firebase Auth account is deleted, where there is one",
    "consents": "records of consent",
    "links": "ids merged earlier, which led here",
}


_OPEN = {
    "backups": f"Point-in-time recovery, where it is on, keeps what was deleted readable for"
    f" {BACKUP_DAYS} days, and backups for as long as you keep them: after a restore run"
    " `python -m crm reapply-erasures`.",
    "host-data": "What else you keep of the person outside the fields that crm.toml names is not"
    " touched: payment providers, mailing tools, files.",
    "claimed-by-others": "Other users' documents name an address of the person as theirs, without"
    " proof: look at them.",
    "claims-another": "The person's user document named an address that is another customer's,"
    " without proof: that customer stays.",
    "kept-as-they-are": "The orders still hold name and address, because crm.toml says"
    ' `orders = "keep"`: erase them by your own rules.',
}


def report(erasure: Erasure, rules: Rules) -> dict[str, object]:
    """Say what was removed, what is kept and why, and what is left to do."""
    counts = erasure.counts
    removed = [
        {"what": what, "text": text, "count": counts[what]}
        for what, text in _REMOVED.items()
        if counts.get(what)
    ]
    orders = counts.get("orders", 0)
    retained: list[dict[str, object]] = []
    if orders and rules.orders == "delete":
        removed.append(
            {"what": "orders", "text": "documents of the host's orders", "count": orders}
        )
    elif orders:
        retained.append(
            {
                "what": "orders",
                "text": "orders without anything personal: sums, tickets, dates"
                if rules.orders == "pseudonymise"
                else "orders as they are",
                "count": orders,
                "basis": rules.basis,
                "until": _until(erasure, rules),
            }
        )
    retained.append(
        {
            "what": "tombstones",
            "text": "keyed hashes of the addresses and uids, so that the person stays erased and is"
            " never written to again",
            "count": len(erasure.keys),
            "basis": "the erasure itself (GDPR art. 5(2), art. 17(1), art. 21(3))",
            "until": None,
        }
    )
    codes = {"backups": 0, "host-data": 0, **erasure.left_open}
    if orders and rules.orders == "keep":
        codes["kept-as-they-are"] = orders
    open_points = [
        {"reason": code, "text": _OPEN[code], "count": number or None}
        for code, number in codes.items()
    ]
    return {"removed": removed, "retained": retained, "open": open_points}


def _until(erasure: Erasure, rules: Rules) -> datetime:
    year = (erasure.newest or erasure.at).year + rules.keep_years
    return datetime(min(year, 9999), 12, 31, 23, 59, 59, tzinfo=UTC)
