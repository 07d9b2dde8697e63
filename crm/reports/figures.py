"""Figures of orders by day, week or month: exact, from the ledger, all of one moment.

Sums are aggregations over an index, and no order is read unless that is cheaper. Customers are
counted by the facets of the days on which they ordered. What an erasure has left of a person's
orders, in nobody's part, is read: there is no customer any more to be counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from crm.core.days import day_of
from crm.db.collections import CUSTOMERS, ORDERS
from crm.db.documents import Clause, Query, Sum, key_path
from crm.db.runner import Runner
from crm.reports.asking import Asking, at_one_moment, within
from crm.reports.buckets import Bucket, By, buckets, find, span
from crm.reports.erased import erased_people

_DENSE: Final = 16
"""Orders a bucket from which on hardly any is without one: each is asked for, and no halves."""

_NEW: Final = ""
"""Instead of a currency: the customers whose first order it was."""


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
    with at_one_moment(runner) as asking:
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


def _add_sales_and_new(asking: Asking, told: Sequence[Bucket], figures: Sequence[_Figure]) -> None:
    """Add orders, revenue and new customers."""
    placed = within("createdAt", told[0].since, told[-1].until)
    (rows,) = asking.counts([Query(ORDERS, placed)])
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
        for row in asking.rows(ORDERS, placed, "createdAt"):
            held = find(told, row.fields["createdAt"])
            if held is not None and row.fields["counted"]:
                figures[held].add(row.fields["currency"], Sum(1, row.fields["net"]))


def _question(what: str, since: datetime, until: datetime) -> Query:
    if what == _NEW:
        return Query(CUSTOMERS, within("firstOrderAt", since, until))
    sold: tuple[Clause, ...] = (("counted", "==", True), ("currency", "==", what))
    return Query(ORDERS, (*sold, *within("createdAt", since, until)))


def _spread(
    asking: Asking, told: Sequence[Bucket], series: Sequence[str]
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


def _add_returning(asking: Asking, told: Sequence[Bucket], figures: Sequence[_Figure]) -> None:
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


def _add_erased(asking: Asking, told: Sequence[Bucket], figures: Sequence[_Figure]) -> int:
    """Add persons who were erased since; say how many orders were too many to look at.

    Their orders and what they paid are in the sums already.
    """
    people, left_out = erased_people(asking)
    for times in people:
        first = find(told, min(times))
        for place in {find(told, one) for one in times} - {None, first}:
            assert place is not None
            figures[place].returning += 1
        if first is not None:
            figures[first].new += 1
    return left_out
