"""Who is in a segment: page by page in the order of ids.

Each page begins behind the last id that the page before looked at. So pages partition the answer;
nobody who belongs to it throughout is missed or met twice, however customers change meanwhile; and
the thousandth page costs what the first does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from crm.db.documents import BY_ID, Data, Snapshot, Store
from crm.db.paging import PAGE_BYTES
from crm.db.ranges import in_range
from crm.segments.engine.planner import Disjuncts, QueryPlan, plan, query
from crm.segments.engine.predicate import matches
from crm.segments.language.ast import Node

MOST_READ: Final = 2_000
"""Documents read for one page; a page that would take more is short, and the next goes on."""

MOST_AT_ONCE: Final = 500
"""Documents of one query."""

FULL_ENOUGH: Final = (0.9, 0.5)
"""How full a page is not worth a second round trip, or a third, where who comes back is checked."""

FoundCustomer = tuple[str, Data]
"""A customer's id and document."""


@dataclass(frozen=True)
class Explain:
    """How an answer was found.

    Attributes:
        plan: What was asked of the indexes.
        documents_read: What Firestore bills.
    """

    plan: QueryPlan
    documents_read: int

    def to_data(self) -> dict[str, object]:
        """Return it in words and figures."""
        return {
            "plan": self._words(),
            "queries": [[sorted(keys) for keys in terms] for terms in self.plan.queries],
            "checked": not self.plan.exact,
            "documentsRead": self.documents_read,
        }

    def _words(self) -> str:
        number = len(self.plan.queries)
        if not number:
            return "Nobody can match: nothing is read."
        if self.plan.everyone:
            how = "Every customer is read in the order of ids"
        elif number == 1:
            how = "One query on facets"
        else:
            how = f"{number} queries on facets at one moment, merged"
        return f"{how}." if self.plan.exact else f"{how}; who comes back is checked."


@dataclass(frozen=True)
class Page:
    """Some customers of a segment, in the order of ids.

    Attributes:
        snapshots: At most as many as were asked for; fewer, even none, where the work for one page
            was done before there were more, or where they are large (`PAGE_BYTES`).
        next_after: Where the next page begins; None where there is none.
        explain: How they were found.
    """

    snapshots: list[Snapshot]
    next_after: str | None
    explain: Explain

    @property
    def customers(self) -> list[FoundCustomer]:
        """Their ids and documents."""
        return [(snapshot.id, snapshot.fields) for snapshot in self.snapshots]


def page(
    store: Store,
    node: Node,
    now: datetime,
    after: str | None = None,
    size: int = 50,
    before: str | None = None,
) -> Page:
    """Return a page.

    Args:
        store: The database.
        node: The segment, its saved ones expanded.
        now: What days are counted back from: the same for all pages of one answer.
        after: The `next_after` of the page before.
        size: How many customers.
        before: Where the last page ends: the first id that no page has; None for no bound.

    Raises:
        Transient: The database did not answer.
    """
    planned = plan(node, now)
    return page_of(store, planned, lambda data: matches(node, data, now), after, size, before)


def pages(
    store: Store, node: Node, now: datetime, after: str | None = None, size: int = 200
) -> Iterator[Page]:
    """Return one page after the other, to the end; some may be empty. One page is in memory.

    Customers who change while this goes on are judged as they are when it comes by.

    Args and errors:
        As `page`.
    """
    planned = plan(node, now)
    while True:
        found = page_of(store, planned, lambda data: matches(node, data, now), after, size)
        yield found
        if found.next_after is None:
            return
        after = found.next_after


def page_of(
    store: Store,
    planned: QueryPlan,
    belongs: Callable[[Data], bool],
    after: str | None,
    size: int,
    before: str | None = None,
) -> Page:
    """Return a page by a plan that was made before.

    Args:
        store: The database; where it is of one moment, all of the page is of that.
        planned: Finds everyone who belongs.
        belongs: Asked where the plan can find others.
        after: The `next_after` of the page before.
        size: How many customers.
        before: As of `page`.

    Raises:
        Transient: The database did not answer.
    """
    reader = _Reader(store, planned, after, before)
    belonging: list[Snapshot] = []
    trips = held = 0
    while not reader.done and reader.read < MOST_READ and held < PAGE_BYTES:
        if trips and len(belonging) >= _enough(planned, size, trips):
            break
        trips += 1
        wanted = size - len(belonging)
        for snapshot in reader.next(_worth_reading(wanted, len(belonging), reader.seen)):
            if planned.exact or belongs(snapshot.fields):
                belonging.append(snapshot)
                held += snapshot.size
                if len(belonging) == size or held >= PAGE_BYTES:
                    break
    explain = Explain(planned, reader.read)
    return Page(belonging, None if reader.done else reader.after, explain)


def _enough(planned: QueryPlan, size: int, trips: int) -> float:
    """Return how many customers end a page after so many round trips."""
    return size if planned.exact else size * FULL_ENOUGH[min(trips, len(FULL_ENOUGH)) - 1]


def _worth_reading(wanted: int, found: int, seen: int) -> int:
    """Return how many documents to read next, so that hardly one is read in vain.

    First as many as are wanted; then three quarters of what the share so far promises.
    """
    share = (found + 1) / (seen + 1)
    return min(MOST_AT_ONCE, max(wanted, int(0.75 * wanted / share)))


class _Stream:
    """One query, a few documents at a time."""

    def __init__(
        self,
        store: Store,
        terms: Disjuncts,
        ids: tuple[str | None, str | None],
        most: int,
    ) -> None:
        self._store, self._terms = store, terms
        self._after, self._before = ids
        self._most = most  # bytes at a time
        self.waiting: deque[Snapshot] = deque()
        self.ended = False

    def fill(self, number: int) -> int:
        """Read where nothing is waiting; give what that cost."""
        if self.waiting or self.ended:
            return 0
        asked = query(self._terms, number, self._after)
        where = (*asked.where, *in_range(BY_ID[0], (None, self._before)))
        asked = replace(asked, where=where, most_bytes=self._most)
        found = self._store.find(asked)
        self.waiting.extend(found)
        self.ended = asked.is_answered(found)
        if found:
            self._after = found[-1].id
        return max(1, len(found))  # an empty answer is billed as one read


class _Reader:
    """Reads what a plan's queries find, in the order of ids, each document once.

    Attributes:
        after: The last id that was given out.
        read: Documents read.
        seen: Documents given out.
    """

    def __init__(
        self, store: Store, planned: QueryPlan, after: str | None, before: str | None
    ) -> None:
        merged = len(planned.queries) > 1  # then nobody may move from one to the other
        moment = store.at(store.moment) if merged else store
        most = PAGE_BYTES // max(1, len(planned.queries))
        self._streams = [_Stream(moment, terms, (after, before), most) for terms in planned.queries]
        self.after = after
        self.read = int(merged and store.moment is None)  # to learn the time
        self.seen = 0

    @property
    def done(self) -> bool:
        """Whether everything was given out."""
        return all(one.ended and not one.waiting for one in self._streams)

    def next(self, number: int) -> Iterator[Snapshot]:
        """Return so many documents, or fewer at the end; none is kept once it was given out."""
        share = -(-number // len(self._streams))
        for _ in range(number):
            self.read += sum(one.fill(share) for one in self._streams)
            heads = [one.waiting[0] for one in self._streams if one.waiting]
            if not heads:
                return
            given = min(heads, key=lambda snapshot: snapshot.id)
            for one in self._streams:
                if one.waiting and one.waiting[0].id == given.id:
                    one.waiting.popleft()
            self.after = given.id
            self.seen += 1
            yield given
