"""Who is in a segment, sorted: page by page, exactly, without a composite index.

Facets of a field's codes keep its order. So counts tell how far to reach for about a page of a
segment's customers, one query reads them all, and they are sorted here; who does not fit is read
again for the next page. Where one code holds more than that (a price that thousands paid, an hour
in which a sale began), customers of one value are read in the order of ids, and others by walking
the field's own index over everyone. All of one page is of one moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from crm.customers.scales import CEILING
from crm.db.collections import CUSTOMERS
from crm.db.documents import Clause, Data, Query, Snapshot, Store
from crm.db.paging import PAGE_BYTES
from crm.segments.engine.formula import And, Formula, In, OneOf, both, formula
from crm.segments.engine.narrowing import narrow
from crm.segments.engine.order import Position, Sort
from crm.segments.engine.pages import FULL_ENOUGH, MOST_AT_ONCE, MOST_READ, page_of
from crm.segments.engine.planner import QueryPlan, plan_of, query, single_query
from crm.segments.engine.predicate import matches
from crm.segments.engine.ranges import Span, cover
from crm.segments.engine.sorted_page import Hint, SortedPage, SortExplain, Start
from crm.segments.language.ast import Node

MOST_COUNTED: Final = 1_000
"""Of one count: what Firestore counts for one read. More is too much anyway."""

MORE: Final = 0.3
"""Read beyond what a page needs, as a share of it, so that few counts find how far to reach."""

MOST_STEPS: Final = 24
"""Of one page."""

MOST_COUNTS: Final = 48
"""Of one page: each is a round trip."""

MANY: Final = 8
"""Customers of one value, from which on a page that ends among them goes on by their ids."""

NODES: Final = (30, 12, 8, 6, 4, 3, 2)
"""How many facets may cover a reach; the first for which all else fits is taken."""

Valued = tuple[int, Snapshot]
"""A customer with its value."""


def sorted_page(
    store: Store, node: Node, now: datetime, sort: Sort, start: Start | None = None, size: int = 50
) -> SortedPage:
    """Return a page.

    Args:
        store: The database.
        node: The segment, its saved ones expanded.
        now: What days are counted back from: the same for all pages of one answer.
        sort: The order.
        start: The `next_start` of the page before.
        size: How many customers.

    Raises:
        Transient: The database did not answer.
    """
    work = _Work(store, node, now, sort, start, size)
    work.run(first=start is None)
    following = None if work.position is None else Start(work.position, work.hint)
    return SortedPage(work.found, following, work.explain)


class _Work:
    """One page in the making.

    Attributes:
        found: Its customers so far.
        position: How far it has got; None at the end.
        hint: What was learned.
    """

    def __init__(
        self, store: Store, node: Node, now: datetime, sort: Sort, start: Start | None, size: int
    ) -> None:
        self._store = store
        self._node, self._now, self._sort, self._size = node, now, sort, size
        self._wanted = formula(node, now)
        self._plan = plan_of(self._wanted)
        self._over, self._later = False, start is not None
        self._fits_beside = True
        self.found: list[Snapshot] = []
        self.position: Position | None = start.position if start else sort.start
        self.hint = start.hint if start else Hint()
        self.explain = SortExplain(sort)

    def run(self, *, first: bool) -> None:
        """Do steps until the page is full, or enough was read for one."""
        if not self._plan.queries:
            self.position = None
            return
        if first and not self._plan.everyone and len(self._plan.queries) == 1:
            held = self._count(self._plan)
            if held <= self._most(self._size) and self._read_whole(held):
                return  # by one query: that is of one moment
            self._hold_still()
            self._begin(held)
        else:
            self._hold_still()
        for _ in range(MOST_STEPS):
            if self.position is None or self._over or self._full:
                return
            self._step(self.position)

    def _hold_still(self) -> None:
        """Take the database as it is now, for all that is read from here on."""
        self.explain.documents_read += int(self._store.moment is None)  # to learn the time
        self._store = self._store.at(self._store.moment)

    @property
    def _need(self) -> int:
        return self._size - len(self.found)

    @property
    def _full(self) -> bool:
        enough = self._size * FULL_ENOUGH[0] if self.explain.checked else self._size
        return (
            len(self.found) >= enough
            or sum(one.size for one in self.found) >= PAGE_BYTES
            or self.explain.documents_read >= MOST_READ
            or self.explain.counts >= MOST_COUNTS
        )

    def _fitting(self, coming: Sequence[tuple[object, Snapshot]]) -> int:
        """Return how many of these are still room for."""
        held = sum(one.size for one in self.found)
        for number, (_, one) in enumerate(coming[: self._need], start=1):
            held += one.size
            if held >= PAGE_BYTES:
                return number
        return min(len(coming), self._need)

    def _step(self, position: Position) -> None:
        if position.value is None:
            self._in_order_of_ids(self._sort.nothing, position.id)
            if not self._over:
                self.position = self._sort.behind_nothing()
        elif self.hint.tied is not None:
            self._through_tied(position, self.hint.tied)
        elif (value := self._sort.next_value(position)) is None:
            self.position = self._sort.behind_values()
        elif position.id is not None and (self._plan.everyone or self.hint.crowd):
            self._learn(tied=position.value)
        elif self._plan.everyone:
            self._walk(position, self._sort.all_values)
        elif self.hint.crowd and self._sort.place(value) < self.hint.end:
            self._through_crowd(position, self._sort.place(value))
        else:
            if self.hint.crowd:
                self._learn(crowd=0, share=1.0, behind=0)
            self._reach(self._sort.place(value))

    def _learn(self, **changes: Any) -> None:
        self.hint = replace(self.hint, **changes)

    def _belongs(self, snapshot: Snapshot) -> bool:
        return matches(self._node, snapshot.fields, self._now)

    def _valued(self, found: Iterable[Snapshot]) -> list[Valued]:
        valued = [(self._sort.value(one.fields), one) for one in found]
        return [(value, one) for value, one in valued if value is not None]

    # --- By facets, as far as counts tell ---------------------------------------------------------

    def _begin(self, held: int) -> None:
        """See where values begin, to know where to count first."""
        if self.position == self._sort.before_values:
            first, _ = self._of_field(self._sort.all_values, 1)
            if not first:
                self.position = self._sort.behind_values()
                return
            value = first[0][0]
            self.position = Position(value - 1 if self._sort.rising else value + 1, None)
            places = self._sort.places - self._sort.place(value)
            self._learn(step=places * (self._size / held) ** 1.5 / self._size)

    def _read_whole(self, held: int) -> bool:
        found = self._read(self._plan, "all were read and sorted") if held else []
        if found is None:
            return False
        having = self._sorted(self._valued(found))
        lacking = [(None, one) for one in found if self._sort.value(one.fields) is None]
        lacking.sort(key=lambda one: one[1].id)
        ordered = [*lacking, *having] if self._sort.nothing_first else [*having, *lacking]
        fitting = self._fitting(ordered)
        self.found = [one for _, one in ordered[:fitting]]
        self.position = None
        if len(ordered) > fitting:
            value, last = ordered[fitting - 1]
            self.position = Position(value, last.id)
        return True

    def _least(self) -> int:
        wanted = self.hint.behind + round(self._need / max(self.hint.share, 0.02))
        return min(wanted, MOST_COUNTED // 2)

    def _most(self, least: int) -> int:
        return least + max(4, int(MORE * least))

    def _reach(self, place: int) -> None:
        """Read about as many as are needed; what counts cannot divide is a crowd."""
        least, counted = self._least(), dict[Span, int]()

        def count(width: int) -> int:
            span = self._sort.span(place, place + width)
            if span not in counted:
                counted[span] = self._count(self._planned(span)) if span[0] < span[1] else 0
            return counted[span]

        guess = self.hint.step * (1 + MORE / 2) * least
        low, high = narrow(count, place, self._sort.places, least, self._most(least), guess)
        span = self._sort.span(place, place + low.width)
        if low.held:
            read = self._read(self._planned(span), "counts told how far to reach")
            if read is None:
                self._learn(crowd=MOST_COUNTED, end=place + low.width, whole=False, share=1.0)
                return
            found = self._within(read, span)
            step = low.width / low.held
            self._learn(
                step=(step + self.hint.step) / 2 if self._later and self.hint.step else step,
                share=_share(len(found), low.held),
            )
            self._hand_out(found, span)
        elif low.width:
            self.position = self._sort.all_of(span)
        if (
            high
            and low.held < least
            and (not low.width or self.position == self._sort.all_of(span))
        ):
            crowd = min(high.held, MOST_COUNTED)
            self._learn(crowd=crowd, end=place + high.width, whole=False, share=1.0, behind=0)

    def _planned(self, span: Span) -> QueryPlan:
        """Plan to read who has these values: as few others as can be, whatever else is coarser."""
        wanted = both([self._wanted, self._sort.within(span)])
        items = wanted.items if isinstance(wanted, And) else (wanted,)
        of_field = [one for one in items if isinstance(one, In) and one.field == self._sort.field]
        rest = [one for one in items if one not in of_field]
        for values in (one.values for one in of_field if self._fits_beside):
            for nodes in NODES:
                covered = cover(self._sort.field, values, nodes)
                if found := single_query(both([OneOf(covered.all), *rest])):
                    return replace(found, exact=found.exact and not covered.edge)
            # Not even two facets fit beside the rest: nor will those of another reach.
            self._fits_beside = False
        return plan_of(wanted)

    def _count(self, planned: QueryPlan) -> int:
        """Count what a plan would read, as far as it may matter."""
        self.explain.counts += len(planned.queries)
        self.explain.documents_read += len(planned.queries)
        return sum(self._store.count(query(terms, MOST_COUNTED)) for terms in planned.queries)

    def _read(self, planned: QueryPlan, way: str) -> list[Snapshot] | None:
        """Read all that a plan finds; return who belongs. None where it is too much for memory."""
        self.explain.add(planned, way)
        read: dict[str, Snapshot] = {}
        for terms in planned.queries:
            asked = replace(query(terms), most_bytes=2 * PAGE_BYTES)
            found = self._store.find(asked)
            self.explain.documents_read += max(1, len(found))
            if not asked.is_answered(found):
                return None
            read.update((one.id, one) for one in found)
        return [one for one in read.values() if planned.exact or self._belongs(one)]

    def _within(self, found: Iterable[Snapshot], span: Span) -> list[Valued]:
        """Return those with these values; who came before is among them."""
        return [one for one in self._valued(found) if span[0] <= one[0] < span[1]]

    def _sorted(self, found: Iterable[Valued]) -> list[Valued]:
        return sorted(found, key=lambda one: self._sort.key(one[0], one[1].id))

    def _hand_out(self, found: Iterable[Valued], span: Span) -> None:
        """Take everybody of some values who is still to come, as far as there is room."""
        position = self.position
        assert position is not None
        ordered = self._sorted(found)
        coming = [one for one in ordered if self._sort.is_behind(one[0], one[1].id, position)]
        fitting = self._fitting(coming)
        self.found += [one for _, one in coming[:fitting]]
        left = coming[fitting:]
        self.position = self._sort.all_of(span)
        self._learn(behind=0)
        if left:
            value, last = coming[fitting - 1]
            self.position = Position(value, last.id if left[0][0] == value else None)
            place = self._sort.place(left[0][0])
            came = ordered[: -len(left)]
            self._learn(behind=sum(self._sort.place(one) == place for one, _ in came))
            again = sum(one == value for one, _ in came)
            if self.position.id is not None and again + sum(one == value for one, _ in left) > MANY:
                self._learn(tied=value)

    # --- What counts cannot divide ----------------------------------------------------------------

    def _through_crowd(self, position: Position, place: int) -> None:
        span = self._sort.span(place, self.hint.end)
        few = self.hint.crowd <= 2 * self._most(self._need)
        if span[1] - span[0] == 1:
            self._learn(tied=span[0])
        elif few or self.hint.whole:
            found = self._read(self._planned(span), "all within one code were read and sorted")
            if found is None:
                self._learn(crowd=MOST_COUNTED, whole=False)
            else:
                self._hand_out(self._within(found, span), span)
        else:
            self._walk(position, span)
            dear = self._size / self.hint.share > self.hint.crowd
            self._learn(whole=dear and self.hint.crowd < MOST_COUNTED)

    def _through_tied(self, position: Position, value: int) -> None:
        after = position.id if position.value == value else None
        self._in_order_of_ids(self._sort.within((value, value + 1)), after, value)
        if not self._over:
            self.position = Position(value, None)
            self._learn(tied=None)

    def _in_order_of_ids(self, alike: Formula, after: str | None, value: int | None = None) -> None:
        """Read customers who are alike in value; the page is over where more of them are left."""
        planned = plan_of(both([self._wanted, alike]))

        def belongs(data: Data) -> bool:
            return self._sort.value(data) == value and matches(self._node, data, self._now)

        if planned.queries:
            self.explain.add(planned, "customers of one value were read in the order of ids")
            found = page_of(self._store, planned, belongs, after, self._need)
            self.explain.documents_read += found.explain.documents_read
            self.found += found.snapshots
            if found.next_after is not None:
                self._over = True
                self.position = Position(value, found.next_after)

    def _of_field(self, span: Span, limit: int) -> tuple[list[Valued], bool]:
        """Read everyone with these values in the order of the field's own index; whether all."""
        path, (low, high) = self._sort.path, span
        clauses: list[Clause] = [(path, ">=", self._sort.stored(low))]
        if high < CEILING:
            clauses.append((path, "<", self._sort.stored(high)))
        by = (path, self._sort.direction)
        asked = Query(CUSTOMERS, tuple(clauses), by, limit, most_bytes=PAGE_BYTES)
        found = self._store.find(asked)
        self.explain.documents_read += max(1, len(found))
        return self._valued(found), asked.is_answered(found)

    def _walk(self, position: Position, span: Span) -> None:
        """Look through everyone in the order of the field, as far as a page may need."""
        assert position.value is not None
        low, high = span
        if self._sort.rising:
            low = max(low, position.value + 1)
        else:
            high = min(high, position.value)
        limit = min(MOST_AT_ONCE, round(self._need / max(self.hint.share, 0.02)) + 1)
        read, ended = self._of_field((low, high), limit)
        self.explain.ways["everyone was read in the order of the field"] = None
        self.explain.checked |= not (self._plan.everyone and self._plan.exact)
        last = None if ended else read[-1][0]
        sure = [one for one in read if one[0] != last]  # of the last value there may be more
        done = (low, high)
        if last is not None:
            done = (low, last) if self._sort.rising else (last + 1, high)
        found = [one for one in sure if self._belongs(one[1])]
        self._learn(share=_share(len(found), len(sure)))
        self._hand_out(found, done)
        if self.position == self._sort.all_of(done) and len(read) - len(sure) > len(read) / 2:
            self._learn(tied=last)


def _share(found: int, read: int) -> float:
    return (found + 1) / (read + 1)
