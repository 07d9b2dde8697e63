"""The audit trail: who changed what and when, in the same commit as the change.

Entries hold ids, counts and codes, never a person's data: customers by their random ids, callers by
their identity keys. They form chains, each entry sealed by an HMAC over itself and the one before,
so that an entry that was edited, dropped, moved or cut off at the end is found. Many chains, one
chosen at random by each commit, keep any one document from being written too often.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from crm.db.collections import AUDIT, AUDIT_HEADS
from crm.db.documents import Create, Data, Path, Update, Write
from crm.db.transaction import Plan, Transaction

CHAINS: Final = 16
"""Firestore sustains about one write a second on a document: about 16 audited changes a second."""

START: Final = ""
"""The seal before the first entry of a chain."""

Fact = str | int | bool | None


def record(
    tx: Transaction,
    action: str,
    customers: Sequence[str] = (),
    **facts: Fact,
) -> list[Write]:
    """Return the writes that record a change; commit them with it.

    Args:
        tx: The transaction.
        action: What was done, as `noun.verb` (`customer.merge`).
        customers: Ids of the customers that it was done to.
        **facts: Ids, counts and codes that say more. No personal data, no free text.
    """
    chain = tx.memoise("audit chain", lambda: _pick(tx))
    head = tx.document(f"{AUDIT_HEADS}/{chain:02}")
    number = head.fields.get("count", 0) + 1
    entry: dict[str, object] = {
        "chain": chain,
        "number": number,
        "at": tx.now,
        "actor": tx.actor,
        "action": action,
        "customers": list(customers),
        "facts": facts,
    }
    sealed = seal(tx.keys.derive("audit"), head.fields.get("seal", START), entry)
    tip = {"count": number, "seal": sealed}
    return [
        Create(f"{AUDIT}/{entry_id(chain, number)}", {**entry, "seal": sealed}),
        Update(head.path, tip, head.version) if head.exists else Create(head.path, tip),
    ]


@dataclass
class Once:
    """The plan of an entry that stands alone, such as that of an export, for one `Runner.run`.

    A change whose answer was lost shows when it is planned again. This entry changes nothing, so
    the plan looks for what its earlier tries would have written.

    Attributes:
        action: What was done, as in `record`.
        customers: Ids of the customers that it was done to.
        facts: As in `record`.
    """

    action: str
    customers: Sequence[str] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    _tried: dict[Path, object] = field(default_factory=dict)

    def __call__(self, tx: Transaction) -> Plan[None]:
        """Plan to write it, unless an earlier try did."""
        found = tx.documents(self._tried)
        if any(one.fields.get("seal") == self._tried[one.path] for one in found):
            return Plan([], None)
        entry, head = record(tx, self.action, self.customers, **self.facts)
        assert isinstance(entry, Create)
        self._tried[entry.path] = entry.data["seal"]
        return Plan([entry, head], None)


def entry_id(chain: int, number: int) -> str:
    """Return the id of a chain's entry; ids sort by chain and number."""
    return f"{chain:02}-{number:012}"


def seal(secret: bytes, before: str, entry: Data) -> str:
    """Return an entry's seal: HMAC-SHA-256 (RFC 2104) of the seal before it and its own fields."""
    own = {key: _plain(value) for key, value in entry.items() if key != "seal"}
    text = json.dumps([before, own], sort_keys=True)
    return hmac.digest(secret, text.encode(), hashlib.sha256).hex()


def _pick(tx: Transaction) -> int:
    return hashlib.sha256(tx.new_id().encode()).digest()[0] % CHAINS


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        # Without the type that Firestore's client gives times, and to the microsecond it keeps.
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return value
