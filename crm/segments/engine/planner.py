"""From a segment to queries: pure equalities on facets, in the order of ids. Pure.

A query finds everyone in the segment and as few others as can be; where it can find others, the
predicate decides. `docs/segments-measured.md` tells what that costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Clause, Query, key_path
from crm.segments.engine.formula import And, Formula, Has, In, Lacks, OneOf, Or, formula
from crm.segments.engine.ranges import Keys, cover
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

Terms = tuple[Keys, ...]
"""Alternatives: each a set of facets that hold together. `frozenset()` is everyone."""


@dataclass(frozen=True)
class Plan:
    """How a segment is read.

    Attributes:
        queries: What to ask: at most 30 alternatives each; no query for nobody. Several are merged
            by id and read at one moment.
        exact: Whether they find the segment and nobody else.
    """

    queries: tuple[Terms, ...]
    exact: bool

    @property
    def everyone(self) -> bool:
        """Whether every customer is read."""
        return any(not keys for terms in self.queries for keys in terms)


def plan(node: Node, now: datetime) -> Plan:
    """Plan how to read a segment.

    Args:
        node: The segment, its saved ones expanded.
        now: What days are counted back from.
    """
    wanted = formula(node, now)

    def one_query(nodes: int) -> Plan | None:
        found = to_dnf(wanted, nodes)
        return Plan(split(found.terms), found.exact) if found.fits() else None

    def quick_query(nodes: int) -> Plan | None:
        found = one_query(nodes)
        return found if found and all(map(_quick, found.queries)) else None

    if planned := finest(quick_query) or finest(one_query):
        return planned
    for streams in (MAX_STREAMS, 1):
        for nodes in _COARSE:
            found = to_dnf(wanted, nodes, streams)
            queries = split(found.terms)
            if (found.whole or streams == 1) and len(queries) <= MAX_STREAMS:
                return Plan(queries, found.exact)
    return Plan(((frozenset(),),), exact=False)


def finest(attempt: Callable[[int], T | None]) -> T | None:
    """Return what an attempt makes of the finest ranges with which it succeeds.

    The finest of all mostly do. Else halves the list: what succeeds does so with coarser ranges
    too, nearly always.
    """
    best = attempt(FINENESS[0])
    low, high = (0, 0) if best else (1, len(FINENESS))
    while low < high:
        middle = (low + high) // 2
        made = attempt(FINENESS[middle])
        if made is None:
            low = middle + 1
        else:
            best, high = made, middle
    return best


def fits(terms: Sequence[Keys], queries: int = 1) -> bool:
    """Whether alternatives go into one query, or so many."""
    filters = sum(map(len, terms))
    return len(terms) <= MAX_DISJUNCTIONS * queries and filters <= MAX_FILTERS * queries


def _quick(terms: Terms) -> bool:
    return len(terms) <= MOST_ALTERNATIVES and sum(map(len, terms)) <= MOST_FILTERS


def split(terms: Sequence[Keys]) -> tuple[Terms, ...]:
    """Divide alternatives among as few queries as take them in this order."""
    queries: list[list[Keys]] = []
    for keys in terms:
        if queries and fits([*queries[-1], keys]):
            queries[-1].append(keys)
        else:
            queries.append([keys])
    return tuple(map(tuple, queries))


@dataclass(frozen=True)
class Alternatives:
    """Sets of facets, one of which holds.

    Attributes:
        terms: One holds for everyone for whom the formula does.
        exact: None holds for anybody else.
        whole: Nothing that facets could say was left out for want of room.
    """

    terms: Terms
    exact: bool
    whole: bool = True

    def fits(self, queries: int = 1) -> bool:
        """Whether all that facets could say goes into so many queries."""
        return self.whole and fits(self.terms, queries)


def to_dnf(wanted: Formula, nodes: int = 1, queries: int = 1) -> Alternatives:
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

    def of(self, wanted: Formula) -> Alternatives:
        match wanted:
            case Has(key):
                return Alternatives((frozenset([key]),), exact=True)
            case Lacks():
                return Alternatives((frozenset(),), exact=False)
            case In(field, values):
                covered = cover(field, values, self.nodes)
                return Alternatives(covered.all, exact=not covered.edge)
            case OneOf(items):
                return Alternatives(items, exact=True)
            case Or(items):
                found = [self.of(item) for item in items]
                terms = tuple(keys for one in found for keys in one.terms)
                return Alternatives(
                    least(terms) if self._room_for(len(terms)) else terms, *_of_all(found)
                )
            case And(items):
                return self._product([self.of(item) for item in items])

    def _product(self, found: list[Alternatives]) -> Alternatives:
        exact, whole = _of_all(found)
        product: Terms = (frozenset(),)
        for one in sorted(found, key=lambda one: len(one.terms)):
            more = product
            if fitting := self._room_for(len(product) * len(one.terms)):
                more = least(mine | theirs for mine in product for theirs in one.terms)
                fitting = fits(more, self.queries)
            if fitting:
                product = more
            else:
                exact = whole = False
        return Alternatives(product, exact, whole)

    def _room_for(self, number: int) -> bool:
        """Whether so many alternatives are worth looking at: some of them may say nothing new."""
        return number <= 2 * MAX_DISJUNCTIONS * self.queries


def _of_all(found: Sequence[Alternatives]) -> tuple[bool, bool]:
    return all(one.exact for one in found), all(one.whole for one in found)


def least(terms: Iterable[Keys]) -> Terms:
    """Leave out alternatives that cannot hold, and those that say no more than another."""
    kept: list[Keys] = []
    shorter = size = 0
    for keys in sorted(set(terms), key=lambda keys: (len(keys), sorted(keys))):
        if len(keys) > size:
            shorter, size = len(kept), len(keys)
        if _possible(keys) and not any(one <= keys for one in kept[:shorter]):
            kept.append(keys)
    return tuple(kept)


def _possible(keys: Keys) -> bool:
    """Whether nobody has two statuses, or is both registered and not."""
    kinds = [key[:2] for key in keys if key[0] in "mr"]
    return len(kinds) == len(set(kinds))


def query(terms: Sequence[Keys], limit: int | None = None, after: str | None = None) -> Query:
    """Make the query for alternatives that fit: what all of them share, and either of the rest."""
    shared = frozenset.intersection(*terms)
    rest = [keys - shared for keys in terms]
    return Query(
        CUSTOMERS,
        _clauses(shared),
        BY_ID,
        limit,
        None if after is None else (None, after),
        either=tuple(map(_clauses, rest)) if all(rest) else (),
    )


def _clauses(keys: Keys) -> tuple[Clause, ...]:
    return tuple((_path(key), "==", True) for key in sorted(keys))


def _path(key: str) -> str:
    return key_path("facets", key)
