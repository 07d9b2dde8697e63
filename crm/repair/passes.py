"""The ways through the database that a rebuild takes: each relies on those before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from crm.core.errors import Conflict
from crm.customers.customer import read_customer
from crm.db.collections import CUSTOMERS, IDENTITIES, LINKS, QUARANTINE
from crm.db.documents import BY_ID, Path, Query, Snapshot, Store
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.repair import customers, identities, rows, sums
from crm.repair.mirrors import Mirror, mirrors
from crm.repair.partitions import between
from crm.sync.sync import Sync

SUMS: Final = "sums"
"""What the pass is called that holds customers to their orders."""

Planner = Callable[[Transaction, str], Plan[None]]


@dataclass(frozen=True)
class Found:
    """A stretch of a collection.

    Attributes:
        seen: How many documents were looked at.
        suspects: Those to be handled.
        following: The id where the next stretch begins; None at the end.
    """

    seen: int
    suspects: Sequence[str]
    following: str | None


@dataclass(frozen=True)
class Pass:
    """One way through a collection.

    Attributes:
        name: What reports call it.
        path: The collection.
        stretch: Looks at so many documents from an id on.
        handle: Brings one of them in order; says whether anything was written.
    """

    name: str
    path: str
    chunk: Callable[[str | None, int], Found]
    handle: Callable[[str], bool]


def passes(runner: Runner) -> list[Pass]:
    """Return every pass, in their order."""
    users, orders = (_Host(runner, mirror) for mirror in mirrors(Sync(runner)))
    recount = _Recount(runner)
    own = [
        _pass(runner, CUSTOMERS, _customers, customers.plan_customer),
        _pass(runner, IDENTITIES, _identities, identities.plan_parts),
        _pass(runner, LINKS, _links, rows.plan_link),
    ]
    return [
        *own,
        Pass(users.path, users.path, users.chunk, users.handle),
        Pass(orders.path, orders.path, orders.chunk, orders.handle),
        _pass(runner, QUARANTINE, _listed, rows.plan_listed),
        Pass(SUMS, CUSTOMERS, partial(_uncounted, runner), recount),
    ]


Suspects = Callable[[Runner, Sequence[Snapshot]], list[str]]


def _pass(runner: Runner, collection: str, suspects: Suspects, plan: Planner) -> Pass:
    def chunk(low: str | None, most: int) -> Found:
        found, following = _page(runner, collection, low, most)
        return Found(len(found), suspects(runner, found), following)

    def handle(name: str) -> bool:
        carried, _ = runner.run(lambda tx: plan(tx, name))
        return bool(carried.writes)

    return Pass(collection, collection, chunk, handle)


def _customers(runner: Runner, found: Sequence[Snapshot]) -> list[str]:
    read = [one for one in found if read_customer(one)]
    there = _read(runner, (path for one in read for path in customers.points_to(one)))
    right = {one.id for one in read if customers.points_right(one, there)}
    return [one.id for one in found if one.id not in right]


def _identities(runner: Runner, found: Sequence[Snapshot]) -> list[str]:
    there = _read(runner, (path for one in found for path in identities.leads_to(one)))
    return [one.id for one in found if not identities.leads_right(one, there)]


def _links(runner: Runner, found: Sequence[Snapshot]) -> list[str]:
    there = _read(runner, (path for one in found for path in rows.link_paths(one)))
    return [one.id for one in found if not rows.link_is_right(one, there)]


def _listed(_runner: Runner, found: Sequence[Snapshot]) -> list[str]:
    return [one.id for one in found]  # few, and each takes one reading


def _uncounted(runner: Runner, low: str | None, most: int) -> Found:
    """Count a page of customers at one moment, and give those that are not as they should be."""
    retry = runner.retry
    view = retry.call(runner.store.at)
    found, following = _page(replace(runner, store=view), CUSTOMERS, low, most)
    counted = sums.count_anew(view, retry, found, runner.now())
    suspects = [one.customer.id for one in counted if one.changed or one.crowded]
    return Found(len(found), suspects, following)


class _Host:
    """A collection of the host, beside what is known of it; rows that cannot be are forgotten."""

    def __init__(self, runner: Runner, mirror: Mirror) -> None:
        self._runner, self._side = runner, mirror
        self._wrong: dict[str, Path] = {}

    @property
    def path(self) -> str:
        return self._side.path

    def chunk(self, low: str | None, most: int) -> Found:
        runner = self._runner
        chunk = self._side.chunk(runner.store, runner.retry, (low, None), most)
        homes = [rows.home_of(row) for row in chunk.rows.values()]
        there = _read(runner, (home for home in homes if home))
        latest = rows.latest_version(runner.now())
        for name, row in chunk.rows.items():
            if not rows.row_is_right(row, there, latest):
                self._wrong[name] = row.path
        return Found(len(chunk.ids), chunk.ids, chunk.following)

    def handle(self, name: str) -> bool:
        path = self._wrong.get(name)
        if path is not None:
            self._runner.run(lambda tx: rows.plan_row(tx, path))
        return self._side.handle(name)


class _Recount:
    """Counts customers anew, all at one moment as long as nobody changes them meanwhile."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._view: Store | None = None

    def __call__(self, customer_id: str) -> bool:
        done = self._runner.retry.call(lambda: self._once(customer_id))
        if done is None:
            return False
        sync = Sync(self._runner)
        fitted = [sync.sync_order(order_id, refit=True) for order_id in done.crowded]
        return done.changed or any(fitted)

    def _once(self, customer_id: str) -> sums.Recounted | None:
        view = self._view = self._view or self._runner.store.at()
        try:
            return sums.recount(self._runner, view, customer_id)
        except Conflict:
            self._view = None
            raise


def _page(
    runner: Runner, collection: str, low: str | None, most: int
) -> tuple[list[Snapshot], str | None]:
    where = between(BY_ID[0], (low, None))
    query = Query(collection, where, BY_ID, most + 1)
    found = runner.retry.call(partial(runner.store.find, query))
    return found[:most], found[most].id if len(found) > most else None


def _read(runner: Runner, paths: Iterable[Path]) -> dict[Path, Snapshot]:
    wanted = list(dict.fromkeys(paths))
    return runner.retry.call(partial(runner.store.read, wanted))
