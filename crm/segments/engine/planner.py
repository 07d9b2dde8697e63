"""From a segment to queries: pure equalities on facets, in the order of ids. Pure.

A query finds everyone in the segment and as few others as can be; where it can find others, the
predicate decides. `docs/segments-measured.md` tells what that costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from crm.customers import facets
from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Clause, Query, key_path
from crm.segments.engine.formula import And, Formula, Has, In, Lacks, OneOf, Or, formula
from crm.segments.engine.ranges import Disjunct, cover
from crm.segments.language.ast import Node

MAX_DISJUNCTIONS: Final = 30
"""Of one query, after normalisation (Firestore's limit)."""

MAX_FILTERS: Final = 100
"""Of one query, all disjunctions counted (Firestore's limit)."""

MOST_ALTERNATIVES: Final = 16

MOST_FILTERS: Final = 48
"""Of one query, where coarser ranges do as well. Firestore looks each alternative up, so that finer
ranges take longer; beyond this they hardly spare a document."""

MAX_STREAMS: Final = 3
"""Queries whose answers are merged: of each some documents are read in vain."""

FINENESS: Final = (30, 20, 14, 10, 8, 6, 5, 4, 3, 2, 1)
"""How many nodes a range may have; the first for which all fits is taken."""

_COARSE: Final = (4, 2, 1)
"""Where one query is not enough."""

T = TypeVar("T")

Disjuncts = tuple[Disjunct, ...]
"""Alternatives: each a set of facets that hold together. `frozenset()` is everyone."""


@dataclass(frozen=True)
class QueryPlan:
    """How a segment is read.

    Attributes:
        queries: What to ask: at most 30 alternatives each; no query for nobody. Several are merged
            by id and read at one moment.
        exact: Whether they find the segment and nobody else.
    """

    queries: tuple[Disjuncts, ...]
    exact: bool

    @property
    def everyone(self) -> bool:
        """Whether every customer is read."""
        return any(not keys for disjuncts in self.queries for keys in disjuncts)


def plan(node: Node, now: datetime) -> QueryPlan:
    """Plan how to read a segment.

    Args:
        node: The segment, its saved ones expanded.
        now: What days are counted back from.
    """
    return plan_of(formula(node, now))


def plan_of(wanted: Formula) -> QueryPlan:
    """Plan how to read those for whom a formula holds."""
    if planned := single_query(wanted):
        return planned
    for streams in (MAX_STREAMS, 1):
        for nodes in _COARSE:
            found = to_dnf(wanted, nodes, streams)
            queries = split(found.disjuncts)
            if (found.whole or streams == 1) and len(queries) <= MAX_STREAMS:
                return QueryPlan(queries, found.exact)
    return QueryPlan(((frozenset(),),), exact=False)


def single_query(wanted: Formula) -> QueryPlan | None:
    """Plan to read by one query, in which every condition plays a part; None where none can."""

    def one_query(nodes: int) -> QueryPlan | None:
        found = to_dnf(wanted, nodes)
        return QueryPlan(split(found.disjuncts), found.exact) if found.fits() else None

    def quick_query(nodes: int) -> QueryPlan | None:
        found = one_query(nodes)
        return found if found and all(map(_quick, found.queries)) else None

    return finest(quick_query) or finest(one_query)


def finest(attempt: Callable[[int], T | None]) -> T | None:
    """Return what an attempt makes of the finest ranges with which it succeeds.

    The finest of all mostly do. Else halves the list: what succeeds does so with coarser ranges
    too, nearly always.
    """
    best = attempt(FINENESS[0])
    if best:
        return best
    low, high = 1, len(FINENESS)
    while low < high:
        middle = (low + high) // 2
        made = attempt(FINENESS[middle])
        if made is None:
            low = middle + 1
        else:
            best, high = made, middle
    return best


def fits_queries(disjuncts: Sequence[Disjunct], queries: int = 1) -> bool:
    """Whether alternatives go into one query, or so many."""
    filters = sum(map(len, disjuncts))
    return len(disjuncts) <= MAX_DISJUNCTIONS * queries and filters <= MAX_FILTERS * queries


def _quick(disjuncts: Disjuncts) -> bool:
    return len(disjuncts) <= MOST_ALTERNATIVES and sum(map(len, disjuncts)) <= MOST_FILTERS


def split(disjuncts: Sequence[Disjunct]) -> tuple[Disjuncts, ...]:
    """Divide alternatives among as few queries as take them in this order."""
    queries: list[list[Disjunct]] = []
    for keys in disjuncts:
        if queries and fits_queries([*queries[-1], keys]):
            queries[-1].append(keys)
        else:
            queries.append([keys])
    return tuple(map(tuple, queries))


@dataclass(frozen=True)
class NormalForm:
    """Sets of facets, one of which holds.

    Attributes:
        disjuncts: One holds for everyone for whom the formula does.
        exact: None holds for anybody else.
        whole: Nothing that facets could say was left out for want of room.
    """

    disjuncts: Disjuncts
    exact: bool
    whole: bool = True

    def fits(self, queries: int = 1) -> bool:
        """Whether all that facets could say goes into so many queries."""
        return self.whole and fits_queries(self.disjuncts, queries)


def to_dnf(wanted: Formula, nodes: int = 1, queries: int = 1) -> NormalForm:
    """Return the alternatives of a formula, as far as there is room for them.

    Args:
        wanted: The formula.
        nodes: How many each of its ranges may have.
        queries: How many they may fill.
    """
    return _Expansion(nodes, queries).of(wanted)


@dataclass(frozen=True)
class _Expansion:
    nodes: int
    queries: int

    def of(self, wanted: Formula) -> NormalForm:
        match wanted:
            case Has(key):
                return NormalForm((frozenset([key]),), exact=True)
            case Lacks():
                return NormalForm((frozenset(),), exact=False)
            case In(field, values):
                covered = cover(field, values, self.nodes)
                return NormalForm(covered.all, exact=not covered.edge)
            case OneOf(items):
                return NormalForm(items, exact=True)
            case Or(items):
                found = [self.of(item) for item in items]
                disjuncts = tuple(keys for one in found for keys in one.disjuncts)
                return NormalForm(
                    minimised(disjuncts) if self._room_for(len(disjuncts)) else disjuncts,
                    *_of_all(found),
                )
            case And(items):
                return self._product([self.of(item) for item in items])

    def _product(self, found: list[NormalForm]) -> NormalForm:
        exact, whole = _of_all(found)
        product: Disjuncts = (frozenset(),)
        for one in sorted(found, key=lambda one: len(one.disjuncts)):
            more = product
            if fitting := self._room_for(len(product) * len(one.disjuncts)):
                more = minimised(mine | theirs for mine in product for theirs in one.disjuncts)
                fitting = fits_queries(more, self.queries)
            if fitting:
                product = more
            else:
                exact = whole = False
        return NormalForm(product, exact, whole)

    def _room_for(self, number: int) -> bool:
        """Whether so many alternatives are worth looking at: some of them may say nothing new."""
        return number <= 2 * MAX_DISJUNCTIONS * self.queries


def _of_all(found: Sequence[NormalForm]) -> tuple[bool, bool]:
    return all(one.exact for one in found), all(one.whole for one in found)


def minimised(disjuncts: Iterable[Disjunct]) -> Disjuncts:
    """Leave out alternatives that cannot hold, and those that say no more than another."""
    kept: list[Disjunct] = []
    for keys in sorted(set(disjuncts), key=lambda keys: (len(keys), sorted(keys))):
        if _possible(keys) and not any(one <= keys for one in kept):
            kept.append(keys)
    return tuple(kept)


def _possible(keys: Disjunct) -> bool:
    """Whether somebody may have them all.

    Nobody has two statuses, is both registered and not, has tags and none, or has ordered nothing
    and yet at some time, or for some money.
    """
    kinds = [key[:2] for key in keys if key[0] in "mrg"]
    if len(kinds) > len(set(kinds)):
        return False
    if facets.tagged(False) in keys and any(key.startswith("t:") for key in keys):
        return False
    return keys.isdisjoint(_ORDERLESS) or not any(map(_of_an_order, keys))


_ORDERLESS: Final = frozenset(
    field.nothing for field in (facets.ORDER_COUNT, facets.FIRST_ORDER, facets.LAST_ORDER)
)


def _of_an_order(key: str) -> bool:
    """Whether only who has a counted order has a facet."""
    value = {"n": key[2:], "f": key[2:], "l": key[2:], "s": key[6:]}.get(key[0])
    return value is not None and value != "0"


def query(
    disjuncts: Sequence[Disjunct], limit: int | None = None, after: str | None = None
) -> Query:
    """Make the query for alternatives that fit: what all of them share, and either of the rest."""
    shared = frozenset.intersection(*disjuncts)
    rest = [keys - shared for keys in disjuncts]
    return Query(
        CUSTOMERS,
        _clauses(shared),
        BY_ID,
        limit,
        None if after is None else (None, after),
        either=tuple(map(_clauses, rest)) if all(rest) else (),
    )


def _clauses(keys: Disjunct) -> tuple[Clause, ...]:
    return tuple((_path(key), "==", True) for key in sorted(keys))


def _path(key: str) -> str:
    return key_path("facets", key)
