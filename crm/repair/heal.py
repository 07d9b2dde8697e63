"""Mending on the way: work that fails over damaged documents is done again once they are whole.

Nothing is looked at as long as nothing fails, so it costs an order or a call nothing. What the work
read before it failed is what is looked at then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from crm.core.errors import (
    ConfigError,
    Conflict,
    CrmError,
    Damaged,
    Rejected,
    Transient,
    Unfinished,
    described,
)
from crm.db.collections import (
    AUDIT,
    AUDIT_HEADS,
    CUSTOMERS,
    EVENTS,
    IDENTITIES,
    LINKS,
    MERGES,
    QUARANTINE,
)
from crm.db.documents import Path, Query, Snapshot, Store, Version, Write, document_id
from crm.db.retry import RetryPolicy
from crm.db.runner import Runner
from crm.db.transaction import SYSTEM, Plan, Transaction
from crm.repair import damage
from crm.repair.customers import plan_customer
from crm.repair.events import plan_event
from crm.repair.identities import plan_identity
from crm.repair.records import plan_merge_record
from crm.repair.rows import plan_link, plan_listed
from crm.repair.shapes import collection_of, examine
from crm.repair.sums import recount

log = logging.getLogger(__name__)

T = TypeVar("T")

TIMES: Final = 3
"""How often the same work is looked after: what was mended can lead to more."""

REMEMBERED: Final = 2_000
"""Documents that are looked at, the last ones read: whatever failed was among them."""

_Planner = Callable[[Transaction, str], Plan[None]]

_PLANS: Final[dict[str, _Planner]] = {
    LINKS: plan_link,
    MERGES: plan_merge_record,
    QUARANTINE: plan_listed,
    EVENTS: plan_event,
    IDENTITIES: plan_identity,
    CUSTOMERS: plan_customer,
}


class _Watched:
    """A store that remembers which documents of ours were read."""

    def __init__(self, store: Store, seen: dict[Path, Snapshot] | None = None) -> None:
        self._store = store
        self.seen: dict[Path, Snapshot] = {} if seen is None else seen
        self.count, self.sum = store.count, store.sum

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        found = self._store.read(paths)
        self._remember(found.values())
        return found

    def find(self, query: Query) -> list[Snapshot]:
        found = self._store.find(query)
        if not query.keys_only:
            self._remember(found)
        return found

    def at(self, moment: datetime | None = None) -> Store:
        return _Watched(self._store.at(moment), self.seen)

    @property
    def moment(self) -> datetime | None:
        return self._store.moment

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        return self._store.commit(writes)

    def _remember(self, found: Iterable[Snapshot]) -> None:
        for one in found:
            if collection_of(one.path):
                self.seen.pop(one.path, None)
                self.seen[one.path] = one
        while len(self.seen) > REMEMBERED:
            del self.seen[next(iter(self.seen))]


def healing(runner: Runner, work: Callable[[Runner], T]) -> T:
    """Do work that has failed again, and mend what it fails over.

    Args:
        runner: Carries plans out.
        work: Is given the runner to work with; safe to do again.

    Returns:
        What the work returns.

    Raises:
        Damaged: A document that it needs is damaged, and nothing knows what was there.
        Exception: What the work raises, where nothing that it read is damaged.
    """
    hasty = RetryPolicy(seconds=1.0, sleep=runner.retry.sleep, clock=runner.retry.clock)
    for _ in range(TIMES):
        watched = _Watched(runner.store)
        try:
            return work(replace(runner, store=watched, retry=hasty))
        except Exception as error:
            if not _is_mendable(error):
                raise
            if mend(runner, watched.seen.values()):
                continue
            flawed = [one.path for one in watched.seen.values() if examine(one).flaws]
            now = runner.retry.call(partial(runner.store.read, flawed)) if flawed else {}
            left = [one for one in now.values() if examine(one).flaws]
            if len(left) < len(flawed):
                continue  # somebody else was quicker
            if not left or isinstance(error, CrmError):
                raise
            flaw = examine(left[0]).flaws[0]
            raise Damaged(left[0].path, flaw.field, flaw.why) from error
    return work(runner)


def _is_mendable(error: Exception) -> bool:
    """Return whether an error can come of a damaged document: not an answer, and not silence.

    A collision is among them: what points to a part that is not there looks like one that moved.
    """
    if isinstance(error, Transient | ConfigError):
        return False
    return not isinstance(error, CrmError) or isinstance(error, Conflict | Rejected | Unfinished)


def mend(runner: Runner, seen: Iterable[Snapshot]) -> bool:
    """Mend documents that were read, and count the customers among them anew.

    Returns:
        Whether anything was written.
    """
    acting = replace(runner, actor=SYSTEM, watch=None)
    found = list(seen)
    gone = [
        document_id(one.path)
        for one in found
        if not one.exists and collection_of(one.path) == CUSTOMERS
    ]
    paths = sorted(
        {one.path for one in found if one.exists or collection_of(one.path) in _MADE_ANEW}
        | {path for customer_id in gone for path in _leading_to(runner, customer_id)},
        key=lambda path: (_ORDER.index(collection_of(path)), path),
    )
    done = [_run(acting, partial(_planned, damage.plan_whole, path)) for path in paths]
    for path in paths:
        plan = _PLANS.get(collection_of(path))
        if plan is not None:
            name = document_id(path)
            done.append(_run(acting, partial(_planned, plan, name)))
    customers = [document_id(path) for path in paths if collection_of(path) == CUSTOMERS]
    done += [_counted(acting, customer_id) for customer_id in (*customers, *gone)]
    return any(done)


def _leading_to(runner: Runner, customer_id: str) -> list[Path]:
    """Return the identities of a customer that is gone: they bring it back, each with its part."""
    query = Query(IDENTITIES, (("customerId", "==", customer_id),))
    return [one.path for one in runner.retry.call(partial(runner.store.find, query))]


_MADE_ANEW: Final = (AUDIT_HEADS,)

_ORDER: Final = (*damage.ORDER, AUDIT)


def _planned(plan: _Planner, name: str, tx: Transaction) -> Plan[None]:
    return plan(tx, name)


def _run(runner: Runner, plan: Callable[[Transaction], Plan[None]]) -> bool:
    try:
        done, _ = runner.run(plan)
    except Transient:
        raise
    except Conflict:
        return True  # somebody else has changed it, perhaps mended: to be looked at again
    except Exception as error:
        log.warning("not mended: %s", damage.why_of(error))
        return False
    return bool(done.writes)


def _counted(runner: Runner, customer_id: str) -> bool:
    try:
        done = recount(runner, runner.store.at(), customer_id)
    except Transient:
        raise
    except Exception as error:
        log.warning("not counted anew: %s", described(error))
        return False
    return bool(done and done.changed)
