"""Records of consent: one for each decision and identity, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from crm.core.keyring import Keyring
from crm.customers.decision import SUBSCRIBED
from crm.customers.ledger import LedgerEntry
from crm.db.codec import Stored
from crm.db.collections import CONSENTS
from crm.db.documents import Delete, Set, Write, version_of
from crm.db.transaction import SYSTEM

Status = Literal["subscribed", "unsubscribed"]

Evidence = str | Mapping[str, str]
"""What shows a decision, as staff give it: a text, or texts by name (`source`, `textVersion`)."""

STAFF: Final = "staff"

ORDER: Final = "order"

UNSUBSCRIBE: Final = "unsubscribe"

COMPLAINT: Final = "complaint"

FORM: Final = "form"

IMPORT: Final = "import"


@dataclass(frozen=True, slots=True)
class Record(Stored):
    """One decision about one identity, as it was made.

    Attributes:
        identity: The key of the address; of the uid where the decision is the user's own.
        status: What was decided.
        at: When (UTC).
        source: By what way: `staff`, `order`, `unsubscribe` (the link in a newsletter),
            `complaint` (the person called a mail spam), `form` (a sign-up, or the opt-in of an
            order, that was confirmed by mail) or `import`.
        actor: Who recorded it (see `transaction.Transaction`).
        evidence: What shows it. Personal data: an erasure deletes the record.
    """

    identity: str
    status: Status
    at: datetime
    source: str
    actor: str
    evidence: Evidence | None = None


def order_records(
    keys: Keyring, order_id: str, before: LedgerEntry | None, after: LedgerEntry
) -> list[Write]:
    """Return the writes that record an order's opt-in; guarded by the order's row of the ledger.

    An opt-in that is taken out of an order later keeps its record, for it was given. One that goes
    to somebody else, because the order does, was never the first one's: its record goes too.
    """
    was, now = _opt_in(keys, order_id, before), _opt_in(keys, order_id, after)
    writes: list[Write] = []
    if was and after.contribution and after.identity != was[1].identity:
        writes.append(Delete(was[0]))
    if now and now != was:
        writes.append(Set(now[0], now[1].to_data()))
    return writes


def _opt_in(keys: Keyring, order_id: str, row: LedgerEntry | None) -> tuple[str, Record] | None:
    """Return the record of an order's opt-in and its path, the same whenever it is asked for."""
    if (
        row is None
        or row.identity is None
        or row.contribution is None
        or row.contribution.opted_at is None
    ):
        return None
    at = row.contribution.opted_at
    record_id = keys.opt_in(row.identity, order_id, version_of(at))
    evidence = {"orderId": order_id}
    record = Record(row.identity, SUBSCRIBED, at, ORDER, SYSTEM, evidence)
    return f"{CONSENTS}/{record_id}", record
