"""How many customers are in a segment: exact, and without reading them where indexes can tell.

A formula over facets is counted by aggregation; what it lacks by inclusion and exclusion, ranges by
the sum over disjoint nodes. Only customers at the edge of a range, in a node that is not wholly
within it, are read, and judged by the predicate. All is of one moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from crm.db.documents import Snapshot, Store
from crm.db.paging import PAGE_BYTES
from crm.segments.engine.formula import (
    EVERYONE,
    NOBODY,
    And,
    Formula,
    Has,
    In,
    Lacks,
    OneOf,
    Or,
    both,
    either,
    formula,
)
from crm.segments.engine.pages import pages
from crm.segments.engine.planner import Disjuncts, finest, query, split, to_dnf
from crm.segments.engine.predicate import matches
from crm.segments.engine.ranges import Disjunct, cover
from crm.segments.language.ast import Node

MOST_QUERIES: Final = 24
"""Aggregations for one count; beyond, and for what indexes cannot tell, the segment is read."""

MOST_EDGES: Final = 8
"""Queries for customers at the edges of ranges."""

_AGGREGATED: Final = 1_000
"""Index entries that one read of an aggregation counts (Firestore's price)."""

_AT_ONCE: Final = 300  # documents

How = Literal["indexes", "indexes and documents", "documents"]


@dataclass(frozen=True)
class Count:
    """How many there are, exactly.

    Attributes:
        value: How many.
        how: What told it. `documents`: all that a walk would read were read.
        reads: What Firestore bills, at least: it may look at more entries to merge indexes.
    """

    value: int
    how: How
    reads: int


@dataclass(frozen=True)
class Counting:
    """How to count.

    Attributes:
        inner: Who is counted by aggregation.
        sums: What to count, and how often to add it.
        edge: Where everyone else is who may belong to the segment.
    """

    inner: Formula
    sums: Mapping[Disjuncts, int]
    edge: tuple[Disjuncts, ...]


def count(store: Store, node: Node, now: datetime) -> Count:
    """Count a segment.

    Args:
        store: The database.
        node: The segment, its saved ones expanded.
        now: What days are counted back from.

    Raises:
        Transient: The database did not answer.
    """
    counting = plan_count(node, now)
    if counting is None:
        return _read_through(store, node, now)
    value = reads = 0
    if len(counting.sums) + len(counting.edge) > 1:
        store = store.at()
        reads += 1
    for terms, times in counting.sums.items():
        counted = store.count(query(terms))
        value += times * counted
        reads += max(1, -(-counted // _AGGREGATED))
    at_edge: dict[str, bool] = {}  # a customer may be at several edges
    for terms in counting.edge:
        for found in _chunks(store, terms):
            reads += max(1, len(found))
            for one in found:
                inside = _holds(counting.inner, one.fields["facets"])
                at_edge[one.id] = not inside and matches(node, one.fields, now)
    value += sum(at_edge.values())
    return Count(value, "indexes and documents" if counting.edge else "indexes", reads)


def _read_through(store: Store, node: Node, now: datetime) -> Count:
    moment = store.at()
    value, reads = 0, 1
    for found in pages(moment, node, now, size=_AT_ONCE):
        value += len(found.customers)
        reads += found.explain.documents_read
    return Count(value, "documents", reads)


def _chunks(store: Store, terms: Disjuncts) -> Iterator[list[Snapshot]]:
    after = None
    while True:
        asked = replace(query(terms, _AT_ONCE, after), most_bytes=PAGE_BYTES)
        found = store.find(asked)
        yield found
        if asked.is_answered(found):
            return
        after = found[-1].id


def plan_count(node: Node, now: datetime) -> Counting | None:
    """Plan how to count a segment; None where indexes cannot tell by few enough aggregations.

    Args:
        node: The segment, its saved ones expanded.
        now: What days are counted back from.
    """
    wanted = formula(node, now)

    def few_enough(nodes: int) -> Counting | None:
        bounds = _bounds(wanted, nodes)
        sums = _sums(bounds.inner)
        if sums is None:
            return None
        edge = to_dnf(bounds.edge, queries=MOST_EDGES)
        return (
            Counting(bounds.inner, sums, split(edge.disjuncts)) if edge.fits(MOST_EDGES) else None
        )

    return finest(few_enough)


@dataclass(frozen=True)
class _Bounds:
    """What facets know of a formula.

    Attributes:
        inner: Holds for nobody for whom the formula does not.
        outer: Holds for everybody for whom the formula does. Nothing is lacking in it.
        edge: Holds for everybody for whom the formula does and `inner` does not, likewise.
    """

    inner: Formula
    outer: Formula
    edge: Formula


def _bounds(wanted: Formula, nodes: int) -> _Bounds:
    match wanted:
        case In(field, values):
            covered = cover(field, values, nodes)
            return _Bounds(*map(_one_of, (covered.inner, covered.all, covered.edge)))
        case Lacks(item):
            below = _bounds(item, nodes)
            return _Bounds(Lacks(below.outer), EVERYONE, below.edge)
        case And(items):
            parts = [_bounds(item, nodes) for item in items]
            edge = (
                both([part.edge, *(one.outer for one in parts if one is not part)])
                for part in parts
            )
            return _Bounds(
                both(part.inner for part in parts), both(part.outer for part in parts), either(edge)
            )
        case Or(items):
            parts = [_bounds(item, nodes) for item in items]
            return _Bounds(
                either(part.inner for part in parts),
                either(part.outer for part in parts),
                either(part.edge for part in parts),
            )
    return _Bounds(wanted, wanted, NOBODY)


def _one_of(items: tuple[Disjunct, ...]) -> Formula:
    return OneOf(items) if items else NOBODY


def _sums(wanted: Formula) -> Mapping[Disjuncts, int] | None:
    """Return what to count so that the sum is the number of those for whom a formula holds."""
    sums: Counter[Disjuncts] = Counter()
    left = [(wanted, 1)]
    while left:
        if len(sums) + len(left) > MOST_QUERIES:
            return None
        one, times = left.pop()
        lacking = _first_lacking(one)
        if lacking:
            # Of those with it, for whom does it hold all the same; of all, who would not mind it.
            without = _replaced(one, lacking, EVERYONE)
            left.append((both([_replaced(one, lacking, NOBODY), lacking.item]), times))
            left.append((without, times))
            left.append((both([without, lacking.item]), -times))
            continue
        found = to_dnf(one)
        if found.fits():
            if found.disjuncts:
                sums[found.disjuncts] += times
        elif halves := _halves(one):
            left += [(half, times) for half in halves]
        else:
            return None
    return {terms: times for terms, times in sums.items() if times}


def _first_lacking(wanted: Formula) -> Lacks | None:
    match wanted:
        case Lacks():
            return wanted
        case And(items) | Or(items):
            return next(filter(None, map(_first_lacking, items)), None)
    return None


def _replaced(wanted: Formula, old: Formula, new: Formula) -> Formula:
    match wanted:
        case _ if wanted == old:
            return new
        case And(items):
            return both(_replaced(item, old, new) for item in items)
        case Or(items):
            return either(_replaced(item, old, new) for item in items)
    return wanted


def _halves(wanted: Formula) -> list[Formula]:
    """Take a formula apart into two that never hold together, where it says one of several."""
    items = wanted.items if isinstance(wanted, And) else (wanted,)
    longest = max(
        (one for one in items if isinstance(one, OneOf)),
        key=lambda one: len(one.items),
        default=None,
    )
    if longest is None or len(longest.items) < 2:
        return []
    rest = [one for one in items if one is not longest]
    middle = len(longest.items) // 2
    parts = longest.items[:middle], longest.items[middle:]
    return [both([*rest, OneOf(part)]) for part in parts]


def _holds(wanted: Formula, held: Mapping[str, object]) -> bool:
    """Whether a formula without ranges holds for who has these facets."""
    match wanted:
        case Has(key):
            return key in held
        case OneOf(items):
            return any(keys <= held.keys() for keys in items)
        case Lacks(item):
            return not _holds(item, held)
        case And(items):
            return all(_holds(item, held) for item in items)
        case Or(items):
            return any(_holds(item, held) for item in items)
        case In():
            raise ValueError("a range is not one of facets")
