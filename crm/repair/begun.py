"""Events begin: from then on they are attended, though nobody writes to those who hold tickets.

A customer says when the next event begins that it attends from then on (`nextStartAt`). Those for
whom that moment has come are written again, by the commit path of everything else, which works all
of it out anew. So a run may be stopped at any point, and be beside live events or another run: whom
it did not reach is still due. Where nobody is, it costs one read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Final

from crm.core.errors import Conflict, Transient
from crm.customers.change_set import ChangeSet
from crm.db.collections import CUSTOMERS
from crm.db.documents import Query, Snapshot
from crm.db.runner import Runner, Watch
from crm.db.transaction import Plan, Transaction
from crm.repair.sweep_run import SweepReport, SweepRun

PAGE: Final = 24
"""Customers that are held in memory at a time. One with 2,500 events takes megabytes."""

_FIELD: Final = "nextStartAt"


def attend_begun(
    runner: Runner,
    *,
    seconds: float = 240.0,
    threads: int = 8,
    clock: Callable[[], float] = time.monotonic,
    watch: Watch | None = None,
) -> SweepReport:
    """Do this alone of a sweep, between two of them.

    Args:
        runner: Carries plans out, and says what time it is.
        seconds: After that long, begin nothing more.
        threads: How many customers to write at a time.
        clock: Seconds.
        watch: Sees who has attended.

    Raises:
        Transient: The database could not be asked. What a single customer meets is reported.
    """
    with ThreadPoolExecutor(threads) as pool:
        run = SweepRun(runner, pool, clock() + seconds, 0, clock, watch=watch)
        attend(run)
    run.report.finished = not run.over
    return run.report


def attend(run: SweepRun) -> None:
    """Write every customer again of whose events one has begun, those first who wait longest."""
    # Nobody missed that an event began: it is no mending, and rules act on it.
    runner = replace(run.runner, watch=run.watch)
    due = Query(CUSTOMERS, ((_FIELD, "<", run.runner.now()),), (_FIELD, "asc"), PAGE)
    while not run.over:
        found = run.find(due)
        if not found:
            return
        run.report.looked[CUSTOMERS] += len(found)
        page = {one.id: one for one in found}
        run.mend(CUSTOMERS, partial(_write, runner, page), list(page))
        # Behind the last one: it may be one that cannot be written.
        due = replace(due, after=(found[-1].fields[_FIELD], found[-1].id))


def _write(runner: Runner, page: Mapping[str, Snapshot], customer_id: str) -> bool:
    plan = partial(plan_begun, customer_id=customer_id)
    try:
        tx = runner.begin([page[customer_id]])
        planned = runner.evaluate(plan, tx)
        runner.store.commit(runner.watched(tx, planned.writes))
    except (Conflict, Transient):
        planned, _ = runner.run(plan)  # from the reading
    return bool(planned.writes)


def plan_begun(tx: Transaction, customer_id: str) -> Plan[None]:
    """Plan to have a customer attend its events that have begun; nothing where none has."""
    starts_at = tx.document(f"{CUSTOMERS}/{customer_id}").fields.get(_FIELD)
    if starts_at is None or starts_at > tx.now:
        return Plan([], None)
    changes = ChangeSet(tx)
    changes.put_customer(changes.customer(customer_id))
    return Plan(changes.writes(), None)
