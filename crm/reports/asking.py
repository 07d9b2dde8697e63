"""Questions to one moment of the database, several at a time, and what Firestore bills for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Final, Literal, TypeVar

from crm.db.collections import CUSTOMERS, ORDERS
from crm.db.documents import Clause, Path, Query, Snapshot, Store, Sum, key_path
from crm.db.retry import RetryPolicy, interactive
from crm.db.runner import Runner

THREADS: Final = 8
"""Questions that are asked at a time."""

_PAGE: Final = 500
"""Documents that are read at a time."""

_AGGREGATED: Final = 1_000
"""Index entries that one read of an aggregation counts (Firestore's price)."""

T = TypeVar("T")

U = TypeVar("U")


class Asking:
    """Questions to one moment of the database.

    Attributes:
        reads: What Firestore bills for them, at least.
    """

    def __init__(self, store: Store, retry: RetryPolicy, pool: ThreadPoolExecutor) -> None:
        self._store, self._retry, self._pool = store, retry, pool
        self.reads = 1  # to learn the moment

    def read(self, paths: Sequence[Path]) -> dict[Path, Snapshot]:
        """Return some documents."""
        self.reads += len(paths)
        return self._retry.call(partial(self._store.read, paths))

    def counts(self, queries: Sequence[Query]) -> list[int]:
        """Return how many documents each query finds."""
        found = self._all(self._store.count, queries)
        self.reads += sum(map(_billed, found))
        return found

    def sums(self, queries: Sequence[Query]) -> list[Sum]:
        """Return what the orders of each query come to, net; of customers only how many."""
        found = self._all(self._sum, queries)
        self.reads += sum(_billed(one.documents) for one in found)
        return found

    def rows(
        self,
        collection: str,
        where: tuple[Clause, ...],
        by: str,
        way: Literal["asc", "desc"] = "asc",
    ) -> Iterator[Snapshot]:
        """Read documents in the order of a field."""
        after = None
        while True:
            query = Query(collection, where, (by, way), _PAGE, after)
            page = self._retry.call(partial(self._store.find, query))
            self.reads += max(1, len(page))
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].fields[by], page[-1].id

    def currencies(self) -> list[str]:
        """Return the currencies of all orders, each found behind the one before: a read each."""
        found: list[str] = []
        while True:
            behind = f"{found[-1]}!" if found else ""  # above the code, below every other one
            query = Query(ORDERS, (("currency", ">=", behind),), ("currency", "asc"), limit=1)
            page = self._retry.call(partial(self._store.find, query))
            self.reads += 1
            if not page:
                return found
            found.append(page[0].fields["currency"])

    def _sum(self, query: Query) -> Sum:
        if query.collection == CUSTOMERS:
            return Sum(self._store.count(query), 0)
        return self._store.sum(query, "net")

    def _all(self, ask: Callable[[T], U], asked: Sequence[T]) -> list[U]:
        return list(self._pool.map(lambda one: self._retry.call(partial(ask, one)), asked))


@contextmanager
def at_one_moment(runner: Runner, store: Store | None = None) -> Iterator[Asking]:
    """Ask about one moment.

    Args:
        runner: Its store is asked.
        store: A view of that moment, where there is one already; none for now.
    """
    retry = interactive(runner.retry)
    with ThreadPoolExecutor(THREADS) as pool:
        yield Asking(store or retry.call(runner.store.at), retry, pool)


def within(name: str, since: datetime, until: datetime) -> tuple[Clause, ...]:
    """Return the clauses for a time of a stretch: its first instant, and the first behind it."""
    return ((name, ">=", since), (name, "<", until))


def who_has(*facets: str) -> Query:
    """Return the query for customers who have all of some facets."""
    return Query(CUSTOMERS, tuple((key_path("facets", one), "==", True) for one in facets))


def _billed(entries: int) -> int:
    return max(1, -(-entries // _AGGREGATED))
