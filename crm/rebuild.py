"""Looking at everything again: the backfill on the day of installation, and repair on any day.

It is the very same sync that the triggers call, for every document of the host and for everything
that is known of documents that are gone. So it is safe beside live events, can be stopped and
started again, and writes nothing where nothing is wrong.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any

from crm.customer import INTERNAL
from crm.documents import BY_ID, Clause, Path, Query, Replace, Snapshot, Store, Write
from crm.errors import place_of
from crm.planning import CUSTOMERS, IDENTITIES, ORDERS
from crm.runner import Runner
from crm.sync import Sync

PAGE = 500
"""Ids that are held in memory at a time."""

Progress = Callable[[str, int, int], None]
"""Told, of a collection, how many documents were looked at and how many there are."""


@dataclass
class Report:
    """What a rebuild did, or would do.

    Attributes:
        seen: Collection to documents looked at.
        changed: Collection to documents for which something was to be written.
        drift: Of a dry run: customer id to the public fields that are not as they should be.
        failed: What could not be brought up to date: collection, id, and why, without values.
    """

    seen: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    drift: dict[str, set[str]] = field(default_factory=dict)
    failed: list[tuple[str, str, str]] = field(default_factory=list)


def rebuild(
    runner: Runner,
    *,
    dry_run: bool = False,
    threads: int = 8,
    progress: Progress = lambda _collection, _done, _total: None,
) -> Report:
    """Bring everything up to the host's documents: users first, so that orders find them.

    Args:
        runner: Carries plans out.
        dry_run: Write nothing, report what would be written. Each document is judged alone then,
            against the database as it is.
        threads: How many documents at a time.
        progress: Told after each page of ids.

    Errors:
        Transient: The collections could not be listed. What a single document meets is reported.
    """
    report = Report()
    if dry_run:
        runner = replace(runner, store=DryStore(runner.store, report))
    sync = Sync(runner)
    users, orders = runner.settings.users.path, runner.settings.orders.path
    with ThreadPoolExecutor(threads) as pool:
        for collection, handle, ids in (
            (users, sync.sync_user, _users(runner, users)),
            (orders, sync.sync_order, _orders(runner, orders)),
        ):
            total = runner.patience.insist(partial(runner.store.count, Query(collection)))
            report.seen[collection] = report.changed[collection] = 0

            def one(name: str, handle: Any = handle, collection: str = collection) -> bool:
                try:
                    return bool(handle(name))
                except Exception as error:
                    why = f"{type(error).__name__} at {place_of(error)}"
                    report.failed.append((collection, name, why))
                    return False

            for page in _pages(ids):
                report.changed[collection] += sum(pool.map(one, page))
                report.seen[collection] += len(page)
                progress(collection, report.seen[collection], total)
    return report


def _users(runner: Runner, path: str) -> Iterator[str]:
    """Give every uid: of the documents, then of users that are still taken to be there."""
    yield from _ids(runner, path)
    known = _walk(runner, IDENTITIES, (("live", "==", True),), keys_only=False)
    for page in _pages(known):
        uids = [identity.fields["uid"] for identity in page]
        paths = [f"{path}/{uid}" for uid in uids]
        found = runner.patience.insist(partial(runner.store.read, paths))
        yield from (uid for uid, at in zip(uids, paths, strict=True) if not found[at].exists)


def _orders(runner: Runner, path: str) -> Iterator[str]:
    """Give every order id, of the documents and of the ledger, each once.

    Both come in the order of ids (by their UTF-8 bytes), so that two pages are all it holds. Where
    an order of ids differed, an order would be looked at once more, which does nothing.
    """
    in_ledger = (row.id for row in _walk(runner, ORDERS, (("deleted", "==", False),)))
    row = next(in_ledger, None)
    for order_id in _ids(runner, path):
        while row is not None and row.encode() < order_id.encode():
            yield row
            row = next(in_ledger, None)
        if row == order_id:
            row = next(in_ledger, None)
        yield order_id
    if row is not None:
        yield row
    yield from in_ledger


def _ids(runner: Runner, collection: str) -> Iterator[str]:
    return (found.id for found in _walk(runner, collection, ()))


def _walk(
    runner: Runner, collection: str, where: tuple[Clause, ...], *, keys_only: bool = True
) -> Iterator[Snapshot]:
    """Give a query's documents in the order of their ids, a page in memory at a time."""
    query = Query(collection, where, order=BY_ID, limit=PAGE, keys_only=keys_only)
    while True:
        page = runner.patience.insist(partial(runner.store.find, query))
        yield from page
        if len(page) < PAGE:
            return
        query = replace(query, after=(None, page[-1].id))


def _pages(items: Iterable[Any]) -> Iterator[list[Any]]:
    items = iter(items)
    while page := list(islice(items, PAGE)):
        yield page


class DryStore:
    """A store that commits nothing and notes what it would have changed on customers."""

    def __init__(self, store: Store, report: Report) -> None:
        self._store, self._report = store, report
        self._seen = threading.local()
        self.find, self.count, self.frozen = store.find, store.count, store.frozen
        self.moment = store.moment

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        """Read as ever."""
        found = self._store.read(paths)
        self._seen.last = {**getattr(self._seen, "last", {}), **found}
        return found

    def commit(self, writes: Sequence[Write]) -> None:
        """Note the public fields of customers that would change."""
        before: dict[Path, Snapshot] = self._seen.__dict__.pop("last", {})
        for write in writes:
            collection, name = write.path.rsplit("/", 1)
            if collection != CUSTOMERS or write.path not in before:
                continue
            held = before[write.path].fields
            new = write.data if isinstance(write, Replace) else {}
            fields = {key for key in held if held[key] != new.get(key)}
            self._report.drift.setdefault(name, set()).update(fields - INTERNAL - {"updatedAt"})
