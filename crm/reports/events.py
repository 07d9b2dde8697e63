"""The list of events, and how many people each of them had.

Numbers are counted by the indexes of customers' facets, never kept: four aggregations an event, all
of one moment. Firestore bills one read for each 1,000 people that an aggregation counts, so a page
costs at most its rows and four reads a row, and one more for each 1,000 that a number holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, Literal
from zoneinfo import ZoneInfo

from crm.core.days import start_of
from crm.core.errors import Refusal
from crm.customers import facets
from crm.db.collections import CUSTOMERS, EVENTS
from crm.db.documents import Clause, Query, Snapshot, Store, key_path
from crm.db.paging import Pager
from crm.db.retry import RetryPolicy, interactive
from crm.db.runner import Runner
from crm.events import search_terms
from crm.events.event import Event, event_path

When = Literal["past", "upcoming"]

Range = tuple[datetime | None, datetime | None]
"""From the first moment to before the second; None for no bound."""

MOST_READ: Final = 2_000
"""Events read for one page; a page that would take more is short, and the next goes on."""

THREADS: Final = 8
"""Aggregations that run at the same time."""

_AT_ONCE: Final = 200
"""Events read together where some of them will not do."""

_COUNTED: Final = 1_000
"""Index entries that one read of an aggregation counts (Firestore's price)."""

_TICK: Final = timedelta(microseconds=1)

_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")

Facets = Mapping[str, Callable[[str], str]]
"""What is counted of an event: each number's name, and the facet of whom it counts."""

NUMBERS: Final[Facets] = {
    "holders": facets.has_ticket,
    "attended": facets.attended,
    "checkedIn": facets.checked_in,
    "noShows": facets.no_show,
}


def list_events(
    runner: Runner, pager: Pager, q: str | None = None, when: When | None = None
) -> dict[str, object]:
    """Return a page of the events, the newest start first, each with its numbers.

    Args:
        runner: Its store is read, its clock says what is past, its settings whose days those are.
        pager: Which page.
        q: Beginnings of words of the name or the id; or a day, a month or a year as ISO 8601 writes
            them. Nothing, or blanks, for every event.
        when: Those that have begun, or those to come; one without a known start has begun.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Conflict, Transient: Not answered before the deadline.
    """
    typed = search_terms.words(q or "")
    cursor = pager.open("list_events", {"q": typed, "when": when})
    after, now = None, runner.now()
    if cursor.position is not None:
        start, last, began = cursor.position
        after = (datetime.fromisoformat(start), last)
        now = datetime.fromisoformat(began)  # what is past is so from the first page on
    span = _begun(now, when)
    days = _both(span, _days(typed, runner.settings.time_zone))
    view = pager.retry.call(runner.store.at)
    found, more, read = pager.retry.call(lambda: _page(view, typed, span, days, after, pager.size))
    events = [Event.from_data(one.fields) for one in found]
    numbers, counted = _counted(view, pager.retry, [one.event_id for one in events], NUMBERS)
    token = None
    if more is not None:
        token = cursor.next_token([more[0].isoformat(), more[1], now.isoformat()])
    rows = [_row(one) | mine for one, mine in zip(events, numbers, strict=True)]
    return {"events": rows, "nextPageToken": token, "documentsRead": 1 + read + counted}


def get_event(runner: Runner, event_id: str) -> dict[str, object]:
    """Return an event with its numbers, and how many of its people had been to an earlier one.

    Args:
        runner: Its store is read.
        event_id: The host's id.

    Raises:
        Refusal: `not-found` (`no-such-event`).
        Conflict, Transient: Not answered before the deadline.
    """
    retry, path = interactive(runner.retry), event_path(event_id)
    view = retry.call(runner.store.at)
    found = retry.call(partial(view.read, [path]))[path]
    if found.data is None:
        raise Refusal(
            "not-found",
            "no-such-event",
            "No counted order names an event of this id: `list_events` names them all.",
        )
    event = Event.from_data(found.data)
    wanted = {**NUMBERS, "newcomers": facets.first_event}
    if event.starts_at is None:
        wanted = {**NUMBERS}  # nobody knows what was before it
    (numbers,), counted = _counted(view, retry, [event_id], wanted)
    newcomers = numbers.get("newcomers")
    returning = None if newcomers is None else numbers["holders"] - newcomers
    said = {**_row(event), **numbers, "newcomers": newcomers, "returning": returning}
    return {"event": said, "documentsRead": 2 + counted}


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


def _page(
    store: Store,
    typed: Sequence[str],
    span: Range,
    days: Range | None,
    after: tuple[datetime, str] | None,
    size: int,
) -> tuple[list[Snapshot], tuple[datetime, str] | None, int]:
    """Return a page of events, where the next one begins (None at the end), and what was read.

    Args:
        store: One moment of the database.
        typed: The words of the search; none for every event.
        span: Which starts are asked for.
        days: Which starts the search stands for, where it is a date.
        after: The start and the id of the last event of the page before.
        size: At most so many events.
    """
    term = search_terms.lookup(typed) if typed else None
    named: tuple[Clause, ...] = (("search", "array_contains", term),) if typed else ()
    queries = [_query(named, span), *([_query((), days)] if days else [])]
    # One word that the index knows whole: all who come back belong, so none is read in vain.
    at_once = size + 1 if len(typed) < 2 and [*typed] in ([], [term]) else _AT_ONCE
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
        ordered = sorted(found.values(), key=_place, reverse=True)
        more = more or len(ordered) > at_once
        for one in ordered[:at_once]:  # what is behind may have others of the other query before it
            if len(events) == size:
                more = True
                break
            after = _place(one)
            if _belongs(one, typed, days):
                events.append(one)
    return events, after if more else None, read


def _query(named: tuple[Clause, ...], span: Range) -> Query:
    low, high = span
    where = list(named)
    if low is not None:
        where.append(("startKey", ">=", low))
    if high is not None:
        where.append(("startKey", "<", high))
    return Query(EVENTS, tuple(where), ("startKey", "desc"))


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


def _counted(
    view: Store, retry: RetryPolicy, event_ids: Sequence[str], wanted: Facets
) -> tuple[list[dict[str, int]], int]:
    """Return the numbers of events, and what Firestore bills for them, at least."""

    def count(asked: tuple[str, Callable[[str], str]]) -> int:
        event_id, facet = asked
        query = Query(CUSTOMERS, ((key_path("facets", facet(event_id)), "==", True),))
        return retry.call(partial(view.count, query))

    asked = [(one, facet) for one in event_ids for facet in wanted.values()]
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(count, asked))
    size = len(wanted)
    rows = [found[at : at + size] for at in range(0, len(found), size)]
    reads = sum(max(1, -(-one // _COUNTED)) for one in found)
    return [dict(zip(wanted, row, strict=True)) for row in rows], reads
