"""What was asked for of people's data, and what became of it: exports, erasures, and what waits.

Erasures are read from their records, and exports from the audit trail. Stored here is only what a
person asked for alone and in vain: an erasure that takes a look by staff.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm.audit.trail import record
from crm.customers.identity import identity_from
from crm.db.codec import StoredById
from crm.db.collections import AUDIT, ERASURES, IDENTITIES, REQUESTS
from crm.db.documents import Create, Query, Snapshot, Update, Write
from crm.db.paging import Pager
from crm.db.runner import Runner
from crm.db.transaction import OPERATOR, Plan, Transaction
from crm.privacy.erasure.reason import OWN
from crm.privacy.erasure.record import Erasure
from crm.privacy.erasure.report import report
from crm.privacy.own import SignedIn, own_parts

EXPORTED: Final = "customer.export"
"""The audit entry of an export's first part."""

EXPORT_PART: Final = "customer.export-part"
"""Of each later one."""


@dataclass(frozen=True, slots=True)
class WaitingRequest(StoredById):
    """An erasure that a person asked for, and that waits for staff.

    Attributes:
        id: The identity key of the uid: one for each person, however often they ask.
        at: When it was first asked for (UTC).
        customers: The customers that hold something of the person.
        stopped_by: The reason why the person could not have it alone.
    """

    id: str
    at: datetime
    customers: tuple[str, ...]
    stopped_by: str


def plan_request(tx: Transaction, who: SignedIn, stopped_by: str) -> Plan[None]:
    """Plan to have staff see that a person asked to be erased.

    Args:
        tx: The transaction.
        who: The person.
        stopped_by: The reason of the refusal.

    Returns:
        No writes where such a request waits already: its time runs from the first one.
    """
    key = tx.keys.user(who.uid)
    kept = tx.document(f"{REQUESTS}/{key}")
    if kept.exists and _answer(tx, WaitingRequest.from_data(key, kept.fields)) is None:
        return Plan([], None)
    customers = tuple(one.customer.id for one in own_parts(tx, who))
    data = WaitingRequest(key, tx.now, customers, stopped_by).to_data()
    write: Write = Update(kept.path, data, kept.version) if kept.exists else Create(kept.path, data)
    entry = record(tx, "erasure.request", customers, stoppedBy=stopped_by)
    return Plan([write, *entry], None)


def list_requests(runner: Runner, pager: Pager) -> Mapping[str, object]:
    """Return a page of requests, newest first; ids break ties.

    Args:
        runner: Reads.
        pager: Which page.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    sources = (Query(REQUESTS), Query(ERASURES), Query(AUDIT, (("action", "==", EXPORTED),)))
    page, following = pager.open("list_requests", {}).newest_first(runner.store, sources, "at")
    shown = pager.retry.call(lambda: runner.evaluate(lambda tx: _all_shown(tx, page)))
    return {"requests": shown, "nextPageToken": following}


def due(asked: datetime) -> datetime:
    """Return until when a request is to be answered: within one month (GDPR art. 12(3)).

    The same day of the next month, else its last one (Regulation 1182/71, art. 3(2)(c)).
    """
    year, month = (asked.year, asked.month + 1) if asked.month < 12 else (asked.year + 1, 1)
    return asked.replace(year=year, month=month, day=min(asked.day, monthrange(year, month)[1]))


def _all_shown(tx: Transaction, page: Sequence[Snapshot]) -> list[dict[str, object]]:
    """Return a page as it is answered; what its rows ask for is read together."""
    asked = [row.id for row in page if row.path.startswith(f"{REQUESTS}/")]
    identities = tx.documents(f"{IDENTITIES}/{key}" for key in asked)
    answers = {identity_from(one.data).erased_by for one in identities if one.data is not None}
    tx.documents(f"{ERASURES}/{one}" for one in answers if one)
    return [_shown(tx, row) for row in page]


def _shown(tx: Transaction, row: Snapshot) -> dict[str, object]:
    shown: dict[str, object] = {
        "requestId": row.id,
        "kind": "erasure",
        "state": "done",
        "at": row.fields["at"],
        "dueAt": None,
        "actor": row.fields.get("actor", row.id),
        "customerIds": list(row.fields["customers"]),
        "reason": None,
        "stoppedBy": None,
        "erasureId": None,
        "report": None,
    }
    collection = row.path.split("/")[0]
    if collection == AUDIT:
        own = bool(row.fields["facts"].get("own"))
        return shown | {"kind": "export", "by": _by(row.fields["actor"], own)}
    if collection == ERASURES:
        return shown | _erased(tx, Erasure.from_data(row.id, row.fields))
    waiting = WaitingRequest.from_data(row.id, row.fields)
    answer = _answer(tx, waiting)
    asked = {"by": "person", "stoppedBy": waiting.stopped_by, "dueAt": due(waiting.at)}
    return shown | {"state": "open"} | (_erased(tx, answer) if answer else {}) | asked


def _erased(tx: Transaction, erasure: Erasure) -> dict[str, object]:
    return {
        "state": erasure.state,
        "by": _by(erasure.actor, erasure.reason == OWN),
        "reason": erasure.reason,
        "erasureId": erasure.id,
        "report": report(erasure, tx.settings),
    }


def _by(actor: str, own: bool) -> str:
    return "person" if own else "operator" if actor == OPERATOR else "staff"


def _answer(tx: Transaction, request: WaitingRequest) -> Erasure | None:
    """Return the erasure that came of a request; None as long as it waits."""
    identity = tx.document(f"{IDENTITIES}/{request.id}").data
    erased_by = identity_from(identity).erased_by if identity is not None else None
    if erased_by is None:
        return None
    erasure = Erasure.from_data(erased_by, tx.document(f"{ERASURES}/{erased_by}").fields)
    return erasure if erasure.at >= request.at else None
