"""Figures of orders by day, week or month: exact, from the ledger, all of one moment.

Sums are aggregations over an index, and no order is read unless that is cheaper. Customers are
counted by the facets of the days on which they ordered. What an erasure has left of a person's
orders, in nobody's part, is read: there is no customer any more to be counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Final, TypeVar

from crm.core.days import day_of
from crm.db.collections import CUSTOMERS, ORDERS
from crm.db.documents import Clause, Query, Snapshot, Store, Sum, key_path
from crm.db.retry import RetryPolicy, interactive
from crm.db.runner import Runner
from crm.reports.buckets import Bucket, By, buckets, find, span

THREADS: Final = 8
"""Questions that are asked at a time."""

MAX_ERASED: Final = 10_000
"""Orders of erased persons that are read for one answer. Beyond, who was erased counts as no
customer, and the answer says so."""

_DENSE: Final = 16
"""Orders a bucket from which on hardly any is without one: each is asked for, and no halves."""

_PAGE: Final = 500
"""Documents that are read at a time."""

_AGGREGATED: Final = 1_000
"""Index entries that one read of an aggregation counts (Firestore's price)."""

_NEW: Final = ""
"""Instead of a currency: the customers whose first order it was."""

_NOTHING: Final = Sum(0, 0)

T = TypeVar("T")

U = TypeVar("U")


@dataclass
class _Figure:
    """The figures of one bucket."""

    orders: int = 0
    revenue: Counter[str] = field(default_factory=Counter)
    new: int = 0
    returning: int = 0

    def add(self, currency: str, found: Sum) -> None:
        """Add what was sold in a currency."""
        self.orders += found.documents
        self.revenue[currency] += found.total

    def to_data(self, bucket: Bucket) -> dict[str, object]:
        """Return it as it is answered."""
        return {
            "start": bucket.first.isoformat(),
            "orders": self.orders,
            "revenue": dict(sorted(self.revenue.items())),
            "newCustomers": self.new,
            "returningCustomers": self.returning,
        }


def get_figures(runner: Runner, first: date | None, last: date | None, by: By) -> dict[str, object]:
    """Return orders, revenue, new and returning customers of a stretch of days, by bucket.

    It costs at most about buckets x (currencies + 2) reads, and one for each order of an erased
    person, up to `MAX_ERASED`. Firestore bills one read more for each 1,000 orders or customers
    that a question finds.

    Args:
        runner: Reads.
        first: The first day; None for as many buckets as usual (`buckets.USUAL`).
        last: The last day, which is told as a whole; None for today.
        by: What the buckets are.

    Raises:
        Refusal: As `buckets.span`.
        Conflict, Transient: Not read before the deadline.
    """
    zone = runner.settings.time_zone
    first, last = span(first, last, by, day_of(runner.now(), zone))
    told = buckets(first, last, by, zone)
    retry = interactive(runner.retry)
    with ThreadPoolExecutor(THREADS) as pool:
        asking = _Asking(retry.call(runner.store.at), retry, pool)
        figures = [_Figure() for _ in told]
        _add_sales_and_new(asking, told, figures)
        _add_returning(asking, told, figures)
        left_out = _add_erased(asking, told, figures)
    return {
        "figures": [one.to_data(bucket) for one, bucket in zip(figures, told, strict=True)],
        "timeZone": zone.key,
        "erasedOrdersLeftOut": left_out,
        "documentsRead": asking.reads,
    }


class _Asking:
    """Questions to one moment of the database, several at a time.

    Attributes:
        reads: What Firestore bills for them, at least.
    """

    def __init__(self, store: Store, retry: RetryPolicy, pool: ThreadPoolExecutor) -> None:
        self._store, self._retry, self._pool = store, retry, pool
        self.reads = 1  # to learn the moment

    def counts(self, queries: Sequence[Query]) -> list[int]:
        """Return how many documents each query finds."""
        found = self._all(self._store.count, queries)
        self.reads += sum(map(_billed, found))
        return found

    def sums(self, queries: Sequence[tuple[str, Query]]) -> list[Sum]:
        """Return what the orders of each query add up to; of `_NEW` only how many customers."""
        found = self._all(self._sum, queries)
        self.reads += sum(_billed(one.documents) for one in found)
        return found

    def rows(self, collection: str, where: tuple[Clause, ...], by: str) -> Iterator[Snapshot]:
        """Read documents in the order of a field."""
        after = None
        while True:
            query = Query(collection, where, (by, "asc"), _PAGE, after)
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

    def _sum(self, asked: tuple[str, Query]) -> Sum:
        what, query = asked
        return Sum(self._store.count(query), 0) if what == _NEW else self._store.sum(query, "net")

    def _all(self, ask: Callable[[T], U], asked: Sequence[T]) -> list[U]:
        return list(self._pool.map(lambda one: self._retry.call(partial(ask, one)), asked))


def _billed(entries: int) -> int:
    return max(1, -(-entries // _AGGREGATED))


def _within(name: str, since: datetime, until: datetime) -> tuple[Clause, ...]:
    return ((name, ">=", since), (name, "<", until))


def _add_sales_and_new(asking: _Asking, told: Sequence[Bucket], figures: Sequence[_Figure]) -> None:
    """Add orders, revenue and new customers."""
    within = _within("createdAt", told[0].since, told[-1].until)
    (rows,) = asking.counts([Query(ORDERS, within)])
    series = [_NEW]
    if rows > len(told):
        currencies = asking.currencies()
        if rows > len(told) * len(currencies):
            series += currencies
    for (what, place), found in _spread(asking, told, series).items():
        if what == _NEW:
            figures[place].new += found.documents
        else:
            figures[place].add(what, found)
    if rows and len(series) == 1:  # the orders are fewer than the questions would be
        for row in asking.rows(ORDERS, within, "createdAt"):
            held = find(told, row.fields["createdAt"])
            if held is not None and row.fields["counted"]:
                figures[held].add(row.fields["currency"], Sum(1, row.fields["net"]))


def _question(what: str, since: datetime, until: datetime) -> tuple[str, Query]:
    if what == _NEW:
        return what, Query(CUSTOMERS, _within("firstOrderAt", since, until))
    sold: tuple[Clause, ...] = (("counted", "==", True), ("currency", "==", what))
    return what, Query(ORDERS, (*sold, *_within("createdAt", since, until)))


def _spread(
    asking: _Asking, told: Sequence[Bucket], series: Sequence[str]
) -> Mapping[tuple[str, int], Sum]:
    """Return what each series has in each bucket, where it has anything.

    The whole is asked for first and then taken apart. Of the pieces all but one are asked for, for
    the last is what remains: all are of one moment. So a series takes no more questions than there
    are buckets, and a stretch without anything takes none.
    """

    def ask(pieces: Sequence[tuple[str, range]]) -> list[Sum]:
        return asking.sums(
            [_question(what, told[at[0]].since, told[at[-1]].until) for what, at in pieces]
        )

    found: dict[tuple[str, int], Sum] = {}
    whole = [(what, range(len(told))) for what in series]
    known = list(zip(whole, ask(whole), strict=True))
    while known:
        apart: list[tuple[str, Sum, list[range]]] = []
        for (what, at), total in known:
            if not total.documents:
                continue
            if len(at) == 1:
                found[what, at[0]] = total
            else:
                apart.append((what, total, _pieces(at, total.documents)))
        asked = [(what, piece) for what, _, pieces in apart for piece in pieces[:-1]]
        answers = iter(ask(asked))
        known = []
        for what, total, pieces in apart:
            for piece in pieces[:-1]:
                answer = next(answers)
                known.append(((what, piece), answer))
                total -= answer
            known.append(((what, pieces[-1]), total))
    return found


def _pieces(at: range, documents: int) -> list[range]:
    if documents >= _DENSE * len(at):
        return [range(one, one + 1) for one in at]
    middle = at[len(at) // 2]
    return [range(at[0], middle), range(middle, at[-1] + 1)]


def _add_returning(asking: _Asking, told: Sequence[Bucket], figures: Sequence[_Figure]) -> None:
    """Add customers who ordered in a bucket and before it: who ordered there, but for the new."""
    some = [place for place, figure in enumerate(figures) if figure.orders]
    active = asking.counts([_active(told[place]) for place in some])
    for place, customers in zip(some, active, strict=True):
        figures[place].returning += max(0, customers - figures[place].new)


def _active(bucket: Bucket) -> Query:
    """Return the query for who ordered in a bucket: it is one facet, or some of at most 30 days."""
    held: list[Clause] = [(key_path("facets", one), "==", True) for one in bucket.facets]
    if len(held) == 1:
        return Query(CUSTOMERS, (held[0],))
    return Query(CUSTOMERS, either=tuple((one,) for one in held))


def _add_erased(asking: _Asking, told: Sequence[Bucket], figures: Sequence[_Figure]) -> int:
    """Add persons who were erased since, one for each erasure; say how many orders were too many.

    Their orders and what they paid are in the sums already.
    """
    erased: tuple[Clause, ...] = (("erased", ">=", ""),)  # of any erasure
    (number,) = asking.counts([Query(ORDERS, erased)])
    if number > MAX_ERASED:
        return number
    people: dict[str, list[datetime]] = defaultdict(list)
    for row in asking.rows(ORDERS, erased, "erased") if number else ():
        if row.fields["counted"]:
            people[row.fields["erased"]].append(row.fields["createdAt"])
    for times in people.values():
        first = find(told, min(times))
        for place in {find(told, one) for one in times} - {None, first}:
            assert place is not None
            figures[place].returning += 1
        if first is not None:
            figures[first].new += 1
    return 0
