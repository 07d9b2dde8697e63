"""Mending single documents that a hand has damaged, before anything is held against anything.

Every lost field comes back from where it is known; else it becomes the nearest safe value, and a
warning says so. What nothing knows and nothing safe can stand for is left, and named. The table in
docs/operating.md says which is which. What is whole again by its own fields may still not be what
others say: the stages after this one see to that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from crm.consent.records import Record
from crm.core.errors import Damaged, Refusal, described
from crm.customers.decision import UNSUBSCRIBED
from crm.customers.ledger import LedgerEntry
from crm.db import collections as ours
from crm.db.documents import Delete, Query, Set, Snapshot, Update, Write, moment_of
from crm.db.shapes import EPOCH, Looked
from crm.db.transaction import SYSTEM, Plan, Transaction
from crm.events.event import Event
from crm.importing.record import Import
from crm.repair.audit_heads import plan_head
from crm.repair.damaged_campaigns import mended_campaign
from crm.repair.damaged_customers import mended_customer
from crm.repair.damaged_identities import mended_identity
from crm.repair.damaged_rules import mended_rules
from crm.repair.records import live_home
from crm.repair.segments import mended_segment
from crm.repair.shapes import collection_of, examine, is_stray
from crm.signup.record import SignUp

log = logging.getLogger(__name__)

DAMAGED: Final = "damaged"
"""Why a job has failed that can no longer be gone on with."""

UNKNOWN: Final = "unknown"
"""Instead of a lost code."""


def plan_whole(tx: Transaction, path: str) -> Plan[None]:
    """Plan to make a document whole again by its own fields; no writes where it is.

    Raises:
        Damaged: Nothing knows what was there.
    """
    collection = collection_of(path)
    found = tx.document(path)
    if collection == ours.AUDIT_HEADS:
        return plan_head(tx, found)
    looked = examine(found)
    if not looked.flaws:
        return Plan([], None)
    mend = _MENDERS.get(collection)
    if mend is None:
        raise _left(found, looked)
    writes = mend(tx, found, looked)
    if not any(isinstance(one, Delete) for one in writes):
        for flaw in looked.flaws:
            log.warning("%s: %s %s: mended", path, flaw.field, flaw.why)
    return Plan(writes, None)


def why_of(error: Exception) -> str:
    """Return why a document could not be mended, without its values."""
    if isinstance(error, Damaged):
        return f"{error.field} {error.why}"
    return described(error)


def _written(found: Snapshot, data: Mapping[str, Any]) -> list[Write]:
    return [Update(found.path, dict(data), found.version)]


def _gone(_tx: Transaction, found: Snapshot, _looked: Looked) -> list[Write]:
    """Have a document made anew by whatever it is derived from."""
    return [Delete(found.path, found.version)]


def _left(found: Snapshot, looked: Looked) -> Damaged:
    flaw = looked.flaws[0]
    return Damaged(found.path, flaw.field, f"{flaw.why}; nothing knows what was there")


def _created(tx: Transaction, found: Snapshot) -> datetime:
    return found.created or tx.now


def _row(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """A row of the ledger: the next sync of its order, new to it by its version, writes it anew."""
    if is_stray(found, looked):
        return [Delete(found.path, found.version)]
    data, broken = dict(looked.data), looked.broken
    order = tx.document(tx.settings.orders.document(found.id))
    if order.exists or "version" in broken:
        data["version"] = 0
    if "deleted" in broken:
        data["deleted"] = not order.exists
    if broken & {"identity", "partId"}:
        data["identity"] = data["partId"] = None
    if not data["status"]:
        data["counted"] = False
    return _written(found, LedgerEntry.from_data(data).to_data())


def _consent(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """A record of consent: never more of a consent than before, never less of a withdrawal."""
    broken = looked.broken
    if is_stray(found, looked) or "identity" in broken:
        raise _left(found, looked)
    data = dict(looked.data)
    if "status" in broken:
        data["status"] = UNSUBSCRIBED
    if "at" in broken:
        data["at"] = _created(tx, found) if data["status"] == UNSUBSCRIBED else EPOCH
    data["source"] = data["source"] or UNKNOWN
    data["actor"] = data["actor"] or SYSTEM
    return _written(found, Record.from_data(data).to_data())


def _note(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """A note: what was written stays; its part is the identity's, its identity the part's."""
    data, broken = dict(looked.data), looked.broken
    if is_stray(found, looked) or "text" in broken or {"partId", "identity"} <= broken:
        raise _left(found, looked)
    if "partId" in broken:
        part_id = tx.document(f"{ours.IDENTITIES}/{data['identity']}").fields.get("partId")
        data["partId"] = part_id if isinstance(part_id, str) else ""
    if "identity" in broken:
        part_id = data["partId"]
        led = tx.find(Query(ours.IDENTITIES, (("partId", "==", part_id),), limit=1))
        data["identity"] = next((one.id for one in led), "")
    if not (data["partId"] and data["identity"]):
        raise _left(found, looked)
    if "at" in broken:
        data["at"] = _created(tx, found)
    data["actor"] = data["actor"] or SYSTEM
    return _written(found, data)


def _link(tx: Transaction, found: Snapshot, _looked: Looked) -> list[Write]:
    """A link: where the newest merge that took the id away led to."""
    taken = tx.find(Query(ours.MERGES, (("sourceId", "==", found.id), ("state", "==", "open"))))
    whole = [one for one in taken if not examine(one).flaws]
    if not whole:
        return [Delete(found.path, found.version)]
    last = max(whole, key=lambda one: one.fields["at"])
    home = live_home(tx, last.fields["targetId"])
    if home is None:
        return [Delete(found.path, found.version)]
    data = {"customerId": home, "mergeId": last.id}
    return [Set(found.path, data), Update(last.path, last.fields, last.version)]


def _merge(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """A merge: without one of its fields no undo is exact, so it can be undone no more."""
    data = dict(looked.data)
    links = tx.find(Query(ours.LINKS, (("mergeId", "==", found.id),), limit=1))
    for link in links:
        data["sourceId"] = data["sourceId"] or link.id
        data["targetId"] = data["targetId"] or link.fields.get("customerId") or ""
    if not (data["sourceId"] and data["targetId"]):
        raise _left(found, looked)
    if "at" in looked.broken:
        data["at"] = _created(tx, found)
    if "proof" in looked.broken:
        data["proof"] = None
    return _written(found, {**data, "state": "undone"})


def _erasure(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """An erasure: what it buried says so; it is as unfinished as can be."""
    if is_stray(found, looked):
        raise _left(found, looked)
    data, broken = dict(looked.data), looked.broken
    buried = tx.find(Query(ours.IDENTITIES, (("erasedBy", "==", found.id),)))
    if "keys" in broken:
        data["keys"] = sorted({*data["keys"], *(one.id for one in buried)})
    if "parts" in broken:
        parts = [one.fields.get("erased") for one in buried]
        mine = {
            key
            for one in parts
            if isinstance(one, Mapping)
            for key, by in one.items()
            if by == found.id
        }
        data["parts"] = sorted({*data["parts"], *mine})
    if "at" in broken:
        times = [one.fields.get("erasedAt") for one in buried]
        known = [one for one in times if isinstance(one, datetime)]
        data["at"] = max(known, default=_created(tx, found))
    if "jobId" in broken:
        data["jobId"] = UNKNOWN
    if "suppressed" in broken:
        data["suppressed"] = data["at"]
    data["actor"] = data["actor"] or SYSTEM
    return _written(found, data)


def _request(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """A request that waits: its person is the identity's."""
    if is_stray(found, looked):
        raise _left(found, looked)
    data, broken = dict(looked.data), looked.broken
    if "customers" in broken:
        home = tx.document(f"{ours.IDENTITIES}/{found.id}").fields.get("customerId")
        data["customers"] = sorted({*data["customers"], *([home] if isinstance(home, str) else [])})
    if "at" in broken:
        data["at"] = _created(tx, found)
    data["stoppedBy"] = data["stoppedBy"] or UNKNOWN
    return _written(found, data)


def _job(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """A job: one that does not know what it does, or how far it is, has failed."""
    if is_stray(found, looked):
        return [Delete(found.path, found.version)]
    data, broken = dict(looked.data), looked.broken
    needed = {"kind", "arguments", "cursor", "actor", "phase", "left", "lanes"}
    if "state" in broken or (data["state"] in ("queued", "running") and broken & needed):
        data |= {"state": "failed", "error": DAMAGED}
    data["kind"] = data["kind"] or UNKNOWN
    data["actor"] = data["actor"] or SYSTEM
    if "startedAt" in broken:
        data["startedAt"] = _created(tx, found)
    if "updatedAt" in broken:
        data["updatedAt"] = moment_of(found.version)
    return _written(found, data)


def _tag(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """A tag: its label is what its id says, and no job has it in hand."""
    if is_stray(found, looked):
        holders = tx.find(Query(ours.CUSTOMERS, (("tags", "array_contains", found.id),), limit=1))
        if not holders:
            return [Delete(found.path, found.version)]
    data, broken = dict(looked.data), looked.broken
    if "label" in broken:
        data["label"] = found.id
    if "createdAt" in broken:
        data["createdAt"] = _created(tx, found)
    if broken & {"state", "jobId", "since"}:
        data |= {"state": None, "jobId": None, "since": None}
    return _written(found, data)


def _event(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """An event: its name and start are the newest order's, and its orders make a lost one anew."""
    data, broken = dict(looked.data), looked.broken
    if not data["eventId"]:
        return [Delete(found.path, found.version)]
    if "firstSeenAt" in broken:
        data["firstSeenAt"] = _created(tx, found)
    return _written(found, Event.from_data(data).to_data())


def _sign_up(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """A sign-up: it can be asked for again. One that was refused, or may have been, stays so."""
    data, broken = looked.data, looked.broken
    refused = data["state"] == "refused" or ("state" in broken and not data["address"])
    if is_stray(found, looked) or not refused:
        return [Delete(found.path, found.version)]
    at = _created(tx, found) if "requestedAt" in broken else data["requestedAt"]
    return _written(found, SignUp(found.id, "refused", at, at).refused(tx.now).to_data())


def _import(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """An import: what it did is on its people; without its words and numbers it is still listed."""
    if is_stray(found, looked):
        return [Delete(found.path, found.version)]
    data = dict(looked.data)
    at = _created(tx, found)
    for name in looked.broken & {"at", "actor", "source", "jobId", "chunks"}:
        data[name] = {"at": at, "actor": SYSTEM, "source": "", "jobId": found.id}.get(name, 0)
    if "chunks" in looked.broken:  # nobody can tell what an undo has to go through
        data |= {"state": "undone", "undoJobId": found.id, "undoneAt": at}
    return _written(found, Import.from_data(found.id, data).to_data())


def _segment(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    try:
        return _written(found, mended_segment(tx, found, looked))
    except Refusal:
        raise _left(found, looked) from None


def _installation(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """The mark of the secret: guessed by nobody; the time at which it was left is."""
    if looked.broken != {"at"}:
        raise _left(found, looked)
    return _written(found, {**found.fields, "at": _created(tx, found)})


Mender = Callable[[Transaction, Snapshot, Looked], list[Write]]

_MENDERS: Final[Mapping[str, Mender]] = {
    **dict.fromkeys((ours.AUDIENCES, ours.CAMPAIGNS, ours.MAILS), mended_campaign),
    **dict.fromkeys((ours.OUTBOX, ours.RULES, ours.RULE_RUNS), mended_rules),
    ours.BUDGETS: _gone,  # counted anew
    ours.CONSENTS: _consent,
    ours.CUSTOMERS: mended_customer,
    ours.ERASURES: _erasure,
    ours.EVENTS: _event,
    ours.IDENTITIES: mended_identity,
    ours.IMPORTED: _gone,  # what is left of it is taken in by the same list again
    ours.IMPORTS: _import,
    ours.INSTALLATION: _installation,
    ours.JOBS: _job,
    ours.LINKS: _link,
    ours.MERGES: _merge,
    ours.NOTES: _note,
    ours.ORDERS: _row,
    ours.QUARANTINE: _gone,
    ours.REQUESTS: _request,
    ours.SEGMENTS: _segment,
    ours.SEGMENT_NAMES: _gone,
    ours.SIGNUPS: _sign_up,
    ours.SLICES: _gone,  # its job fails: `fan_out.DAMAGED`
    ours.SWEEP: _gone,
    ours.TAGS: _tag,
}
"""By collection. An entry of the audit trail is named and never mended: a seal that could be put
back would be no seal."""

ORDER: Final = (
    ours.SWEEP,
    ours.BUDGETS,
    ours.JOBS,
    ours.SLICES,
    ours.TAGS,
    ours.SEGMENTS,
    ours.SEGMENT_NAMES,
    ours.EVENTS,
    ours.AUDIT_HEADS,
    ours.INSTALLATION,
    ours.QUARANTINE,
    ours.CONSENTS,
    ours.MERGES,
    ours.LINKS,
    ours.ERASURES,
    *(ours.IMPORTED, ours.IMPORTS),
    ours.IDENTITIES,
    ours.ORDERS,
    ours.CUSTOMERS,
    ours.NOTES,
    ours.REQUESTS,
    ours.SIGNUPS,
    *(ours.AUDIENCES, ours.MAILS, ours.CAMPAIGNS),
    *(ours.RULES, ours.OUTBOX, ours.RULE_RUNS),
)
"""In which order they are made whole: each relies on those before it, as far as it can."""
