"""The steps of an erasure: a job that dies anywhere and goes on where it was.

Since the first commit (`plan`) the sync of an order knows what an erased person's order is
and redacts it. So all that is to be done about orders is to look at every one of them again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

from crm.core.errors import Conflict, Refusal, Transient, described
from crm.core.roles import Role
from crm.db.collections import CONSENTS, ERASURES, IDENTITIES, MERGES, ORDERS, SWEEP
from crm.db.documents import BY_ID, Clause, Delete, Query, Snapshot, Update, Write
from crm.db.runner import Runner
from crm.host import reader as host
from crm.jobs.job import Job, Kind, Kinds, Progress
from crm.privacy.erasure.plan import KIND
from crm.privacy.erasure.reason import WITHHELD, holds_number, may_hold_number, names
from crm.privacy.erasure.record import Erasure
from crm.sync.sync import Sync

log = logging.getLogger(__name__)

PAGE: Final = 100
"""Documents of one step."""

THREADS: Final = 8


@dataclass(frozen=True)
class _Phase:
    """Documents that the steps look at, a page at a time, and what they do to each page.

    Attributes:
        query: Which ones.
        handle: Gives writes to commit with the progress.
    """

    query: Query
    handle: Callable[[Runner, Erasure, Sequence[Snapshot]], list[Write]]


def step(runner: Runner, job: Job) -> Progress:
    """Take one step of an erasure; every step may be taken again.

    Raises:
        Refusal: `orders-left`: some orders could not be redacted; the log names them.
        Conflict, Transient: Not now.
    """
    snapshot = runner.read_one(f"{ERASURES}/{job.arguments['erasureId']}")
    erasure = Erasure.from_data(snapshot.id, snapshot.fields)
    if erasure.state == "done":
        return Progress(finished=True)
    number, after = job.cursor or (0, None)
    if number == 0:
        for uid in erasure.uids:
            runner.accounts.delete(uid)
        # Nothing else names them; what is kept holds keys alone.
        write = Update(snapshot.path, {"uids": []}, snapshot.version)
        return Progress([1, None], writes=[write, *_uncut(runner, erasure.uids)])
    phases = _phases(erasure)
    if number <= len(phases):
        phase = phases[number - 1]
        start = (None, after) if after is not None else None
        page = runner.store.find(replace(phase.query, order=BY_ID, limit=PAGE, after=start))
        if phase.handle is _look_again and _named_by(runner, erasure.reason, page):
            # Before the orders forget what the person was called.
            runner.store.commit([Update(snapshot.path, {"reason": WITHHELD}, snapshot.version)])
        writes = phase.handle(runner, erasure, page)
        more = len(page) == PAGE
        done = len(page) if phase.handle is _look_again else 0
        cursor = [number, page[-1].id] if more else [number + 1, None]
        return Progress(cursor, done=done, writes=writes)
    return _finish(runner, erasure, snapshot)


def _named_by(runner: Runner, reason: str, page: Sequence[Snapshot]) -> bool:
    """Return whether a reason names the buyer of one of these orders."""
    if names(reason, [row.fields["name"] for row in page if row.fields["name"]]):
        return True
    # What the rows do not know: telephone numbers, and the names of unreadable orders.
    numbers = may_hold_number(reason)
    ids = [row.id for row in page if numbers or row.fields["quarantined"]]
    orders = runner.store.read(map(runner.settings.orders.document, ids)) if ids else {}
    contacts = [host.read_contact(one.fields, runner.settings) for one in orders.values()]
    return names(reason, [name for name, _ in contacts if name]) or holds_number(
        reason, [phone for _, phone in contacts if phone]
    )


def _uncut(runner: Runner, uids: Sequence[str]) -> list[Write]:
    """Take uids out of the cuts that a sweep made between users."""
    kept = runner.read_one(f"{SWEEP}/{IDENTITIES}")
    ids = [uid for uid in kept.fields.get("ids", ()) if uid not in uids]
    if ids == kept.fields.get("ids", []):
        return []
    return [Update(kept.path, {"ids": ids}, kept.version)]


def _phases(erasure: Erasure) -> list[_Phase]:
    """Return everything that is found by the keys and ids of a record (see `privacy.registry`)."""
    phases = []
    if erasure.parts:
        phases.append(_Phase(Query(ORDERS, (("partId", "in", erasure.parts),)), _look_again))
    for field, kind in (("addressKey", "e"), ("userKey", "u")):
        keys = tuple(key for key in erasure.keys if key.startswith(kind))
        if keys:
            phases.append(_Phase(Query(ORDERS, ((field, "in", keys),)), _look_again))
    phases.append(_Phase(Query(CONSENTS, (("identity", "in", erasure.keys),)), _forget_consent))
    for side in ("sourceId", "targetId"):
        for start in range(0, len(erasure.customers), 30):  # what one `in` query takes
            ids = erasure.customers[start : start + 30]
            phases.append(_Phase(Query(MERGES, ((side, "in", ids),)), _clear_merges))
    return phases


def _look_again(runner: Runner, _erasure: Erasure, page: Sequence[Snapshot]) -> list[Write]:
    """Sync each order: its plan knows what has become of it."""
    sync = Sync(runner)

    def one(order_id: str) -> None:
        try:
            sync.sync_order(order_id)
        except (Conflict, Transient):
            raise
        except Exception as error:
            # The others first; the last step finds that this one is left.
            log.error("order %s: %s", order_id, described(error))

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(one, row.id) for row in page]:
            done.result()
    return []


def _forget_consent(_runner: Runner, erasure: Erasure, page: Sequence[Snapshot]) -> list[Write]:
    """Delete records of consent, with their evidence; that news are unwanted stays known."""
    # By the decision's time or by the database's, the earlier: an order's clock can run ahead.
    return [
        Delete(one.path)
        for one in page
        if min(one.fields["at"], one.created or one.fields["at"]) <= erasure.at
    ]


def _clear_merges(_runner: Runner, erasure: Erasure, page: Sequence[Snapshot]) -> list[Write]:
    """Take the person's tags out of records of merges; ids and dates stay, for the audit trail."""
    writes: list[Write] = []
    for one in page:
        changes = {
            side: {**one.fields[side], "tags": []}
            for side, key in (("source", "sourceId"), ("target", "targetId"))
            if one.fields[key] in erasure.customers and one.fields[side]["tags"]
        }
        if changes:
            writes.append(Update(one.path, changes, one.version))
    return writes


def _finish(runner: Runner, erasure: Erasure, snapshot: Snapshot) -> Progress:
    held: Clause = ("partId", "in", erasure.parts)
    if erasure.parts and runner.store.count(Query(ORDERS, (held,))):
        raise Refusal("failed-precondition", "orders-left", "Some orders could not be redacted.")
    counts = {"orders": runner.store.count(Query(ORDERS, (("erased", "==", erasure.id),)))}
    done: Mapping[str, Any] = erasure.done(counts).to_data()
    return Progress(
        finished=True, counts=counts, writes=[Update(snapshot.path, done, snapshot.version)]
    )


KINDS: Final[Kinds] = {KIND: Kind(step, Role.ADMIN, cancellable=False, resumes="afresh")}
