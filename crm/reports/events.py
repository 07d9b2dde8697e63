"""The list of events, how many people each of them had, and what it sold.

Numbers are counted by the indexes of customers' facets, never kept: five aggregations an event, all
of one moment. Firestore bills one read for each 1,000 people that an aggregation counts, so a page
costs at most its rows and five reads a row, and one more for each 1,000 that a number holds. What
was sold is told only where it is asked for: up to 2,000 orders are read then, or more added up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from crm.core.days import start_of
from crm.core.errors import Refusal
from crm.customers import facets
from crm.customers.ledger import holding_terms
from crm.db.collections import EVENTS, ORDERS
from crm.db.documents import Clause, Query, Snapshot, Store, Sum
from crm.db.paging import Pager
from crm.db.runner import Runner
from crm.events import search_terms
from crm.events.event import Event, event_path
from crm.reports.asking import Asking, at_one_moment, who_has

When = Literal["past", "upcoming"]

Order = Literal["newest", "oldest"]
"""Which start is first."""

Range = tuple[datetime | None, datetime | None]
"""From the first moment to before the second; None for no bound."""

MOST_READ: Final = 2_000
"""Events read for one page; a page that would take more is short, and the next goes on."""

MOST_ORDERS: Final = 2_000
"""Orders read to tell what events sold; beyond, they are added up by aggregations."""

_BATCH: Final = 15
"""Events whose orders are found together: two terms each, and Firestore takes 30 in one query."""

_AT_ONCE: Final = 200
"""Events read together where some of them will not do."""

_TICK: Final = timedelta(microseconds=1)

_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")

Facets = Mapping[str, Callable[[str], str]]
"""What is counted of an event: each number's name, and the facet of whom it counts."""

NUMBERS: Final[Facets] = {
    "holders": facets.has_ticket,
    "attended": facets.attended,
    "checkedIn": facets.checked_in,
    "noShows": facets.no_show,
    "newcomers": facets.first_event,
}


@dataclass
class Sold:
    """What orders come to: how many they are, and their net minor units by currency."""

    orders: int = 0
    revenue: Counter[str] = field(default_factory=Counter)

    def add(self, currency: str, found: Sum) -> None:
        """Add orders of a currency."""
        self.orders += found.documents
        self.revenue[currency] += found.total

    def to_data(self) -> dict[str, int]:
        """Return the revenue as it is answered."""
        return dict(sorted(self.revenue.items()))


def list_events(
    runner: Runner,
    pager: Pager,
    q: str | None = None,
    when: When | None = None,
    *,
    sales: bool = False,
    order: Order = "newest",
) -> dict[str, object]:
    """Return a page of the events in the order of their starts, each with its numbers.

    Args:
        runner: Its store is read, its clock says what is past, its settings whose days those are.
        pager: Which page.
        q: Beginnings of words of the name or the id; or a day, a month or a year as ISO 8601 writes
            them. Nothing, or blanks, for every event.
        when: Those that have begun, or those to come; one without a known start has begun.
        sales: Whether to tell orders and revenue too.
        order: Which start is first. What has no known start comes before all others in time.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Conflict, Transient: Not answered before the deadline.
    """
    typed = search_terms.words(q or "")
    cursor = pager.open("list_events", {"q": typed, "when": when, "order": order})
    after, now = None, runner.now()
    if cursor.position is not None:
        start, last, began = cursor.position
        after = (datetime.fromisoformat(start), last)
        now = datetime.fromisoformat(began)  # what is past is so from the first page on
    span = _begun(now, when)
    days = _both(span, _days(typed, runner.settings.time_zone))
    view = pager.retry.call(runner.store.at)
    search = _Search(typed, span, days, "desc" if order == "newest" else "asc")
    found, more, read = pager.retry.call(lambda: _page(view, search, after, pager.size))
    events = [Event.from_data(one.fields) for one in found]
    with at_one_moment(runner, view) as asking:
        rows = _rows(asking, events, sales=sales)
    token = None
    if more is not None:
        token = cursor.next_token([more[0].isoformat(), more[1], now.isoformat()])
    return {"events": rows, "nextPageToken": token, "documentsRead": read + asking.reads}


def get_event(runner: Runner, event_id: str) -> dict[str, object]:
    """Return an event with its numbers, and what it sold.

    Args:
        runner: Its store is read.
        event_id: The host's id.

    Raises:
        Refusal: `not-found` (`no-such-event`).
        Conflict, Transient: Not answered before the deadline.
    """
    with at_one_moment(runner) as asking:
        (row,) = _rows(asking, find_events(asking, [event_id]), sales=True)
    return {"event": row, "documentsRead": asking.reads}


def find_events(asking: Asking, event_ids: Sequence[str]) -> list[Event]:
    """Return events by their ids.

    Raises:
        Refusal: `not-found` (`no-such-event`).
    """
    paths = [event_path(one) for one in event_ids]
    found = asking.read(paths)
    if not all(found[path].exists for path in paths):
        raise Refusal(
            "not-found",
            "no-such-event",
            "No counted order names an event of this id: `list_events` names them all.",
        )
    return [Event.from_data(found[path].fields) for path in paths]


def holding(event_ids: Iterable[str]) -> Clause:
    """Return the clause for rows of the ledger in which any of some events counts."""
    terms = tuple(term for one in event_ids for term in holding_terms(one))
    return ("marks", "array_contains_any", terms)


def sold(asking: Asking, event_ids: Sequence[str]) -> list[Sold]:
    """Return what counted orders of each event come to.

    An order is counted whole with each of its events: nothing says which of them the money is for.
    Where the orders are few they are read, all events of a batch together: that takes a few
    questions, where sums take one for each event and currency.
    """
    pieces = [event_ids[at : at + _BATCH] for at in range(0, len(event_ids), _BATCH)]
    numbers = asking.counts([Query(ORDERS, (holding(piece),)) for piece in pieces])
    if sum(numbers) > MOST_ORDERS:
        return _summed(asking, event_ids)
    found = {event_id: Sold() for event_id in event_ids}
    for piece, number in zip(pieces, numbers, strict=True):
        for row in asking.rows(ORDERS, (holding(piece),), "createdAt", "desc") if number else ():
            for event_id in {*piece} & {*row.fields["events"]}:
                if {*holding_terms(event_id)} & {*row.fields["marks"]}:
                    found[event_id].add(row.fields["currency"], Sum(1, row.fields["net"]))
    return [found[event_id] for event_id in event_ids]


def _summed(asking: Asking, event_ids: Sequence[str]) -> list[Sold]:
    asked = [
        (event_id, currency, term)
        for currency in asking.currencies()
        for event_id in event_ids
        for term in holding_terms(event_id)
    ]
    queries = [
        Query(ORDERS, (("currency", "==", currency), ("marks", "array_contains", term)))
        for _, currency, term in asked
    ]
    found = {event_id: Sold() for event_id in event_ids}
    for (event_id, currency, _), one in zip(asked, asking.sums(queries), strict=True):
        if one.documents:
            found[event_id].add(currency, one)
    return [found[event_id] for event_id in event_ids]


def _rows(asking: Asking, events: Sequence[Event], *, sales: bool) -> list[dict[str, object]]:
    """Return events as they are answered, each with its numbers."""
    ids = [one.event_id for one in events]
    # Where nobody knows when an event begins, nobody knows what was before it.
    asked = [
        {name: facet for name, facet in NUMBERS.items() if name != "newcomers" or one.starts_at}
        for one in events
    ]
    queries = [
        who_has(facet(event_id))
        for event_id, wanted in zip(ids, asked, strict=True)
        for facet in wanted.values()
    ]
    counts = iter(asking.counts(queries))
    rows = []
    for event, wanted in zip(events, asked, strict=True):
        numbers = {name: next(counts) for name in wanted}
        new = numbers.get("newcomers")
        returning = None if new is None else numbers["holders"] - new
        rows.append({**_row(event), **numbers, "newcomers": new, "returning": returning})
    if sales:
        for row, mine in zip(rows, sold(asking, ids), strict=True):
            row |= {"orders": mine.orders, "revenue": mine.to_data()}
    return rows


def _row(event: Event) -> dict[str, object]:
    return {"eventId": event.event_id, "name": event.name, "startsAt": event.starts_at}


def _begun(now: datetime, when: When | None) -> Range:
    """Return the starts of events that have begun, or of those to come."""
    if when is None:
        return None, None
    return (None, now + _TICK) if when == "past" else (now + _TICK, None)


def _days(typed: Sequence[str], zone: ZoneInfo) -> Range | None:
    """Return the days that something typed stands for; None where it is no date."""
    written = _DATE.fullmatch(typed[0]) if len(typed) == 1 else None
    if written is None:
        return None
    year, month, day = (None if one is None else int(one) for one in written.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            behind = first + timedelta(days=1)
        elif month:
            behind = (first + timedelta(days=31)).replace(day=1)
        else:
            behind = date(first.year + 1, 1, 1)
        return start_of(first, zone), start_of(behind, zone)
    except (ValueError, OverflowError):  # such as a month 13, or a day that no calendar has
        return None


def _both(one: Range, other: Range | None) -> Range | None:
    """Return what two ranges share; None where that is nothing."""
    if other is None:
        return None
    low = max((bound for bound in (one[0], other[0]) if bound is not None), default=None)
    high = min((bound for bound in (one[1], other[1]) if bound is not None), default=None)
    return None if low is not None and high is not None and low >= high else (low, high)


@dataclass(frozen=True)
class _Search:
    """Which events are looked for.

    Attributes:
        typed: The words of the search; none for every event.
        span: Which starts are asked for.
        days: Which starts the search stands for, where it is a date.
        way: The order of their starts.
    """

    typed: Sequence[str]
    span: Range
    days: Range | None
    way: Literal["asc", "desc"]

    def queries(self) -> list[Query]:
        """Return what finds them all, and others."""
        term = self._term
        named: tuple[Clause, ...] = (("search", "array_contains", term),) if self.typed else ()
        return [self._query(named, self.span), *([self._query((), self.days)] if self.days else [])]

    def at_once(self, size: int) -> int:
        """Return how many to read together for a page of this size."""
        # One word that the index knows whole: all who come back belong, so none is read in vain.
        sure = len(self.typed) < 2 and [*self.typed] in ([], [self._term])
        return size + 1 if sure else _AT_ONCE

    @property
    def _term(self) -> str | None:
        return search_terms.lookup(self.typed) if self.typed else None

    def _query(self, named: tuple[Clause, ...], span: Range) -> Query:
        low, high = span
        where = list(named)
        if low is not None:
            where.append(("startKey", ">=", low))
        if high is not None:
            where.append(("startKey", "<", high))
        return Query(EVENTS, tuple(where), ("startKey", self.way))


def _page(
    store: Store, search: _Search, after: tuple[datetime, str] | None, size: int
) -> tuple[list[Snapshot], tuple[datetime, str] | None, int]:
    """Return a page of events, where the next one begins (None at the end), and what was read.

    Args:
        store: One moment of the database.
        search: Which.
        after: The start and the id of the last event of the page before.
        size: At most so many events.
    """
    queries, at_once = search.queries(), search.at_once(size)
    events: list[Snapshot] = []
    read, more = 0, True
    while more and len(events) < size and read < MOST_READ:
        found: dict[str, Snapshot] = {}
        more = False
        for query in queries:
            rows = store.find(replace(query, after=after, limit=at_once))
            read += max(1, len(rows))
            more = more or len(rows) == at_once
            found |= {one.id: one for one in rows}
        ordered = sorted(found.values(), key=_place, reverse=search.way == "desc")
        more = more or len(ordered) > at_once
        for one in ordered[:at_once]:  # what is behind may have others of the other query before it
            if len(events) == size:
                more = True
                break
            after = _place(one)
            if _belongs(one, search.typed, search.days):
                events.append(one)
    return events, after if more else None, read


def _place(one: Snapshot) -> tuple[datetime, str]:
    return one.fields["startKey"], one.id


def _belongs(one: Snapshot, typed: Sequence[str], days: Range | None) -> bool:
    """Return whether an event that a query found is one that was searched for."""
    if days is not None:
        low, high = days
        start = one.fields["startKey"]
        if (low is None or low <= start) and (high is None or start < high):
            return True
    return search_terms.found(one.fields["eventId"], one.fields["name"], typed)
