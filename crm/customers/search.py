"""Searching customers by what staff type first: an address, a name, an order, or a beginning.

The best match comes first. So a search has four sources, read one after the other, each in the
order of ids, and a customer belongs to the first that has it; which that is, its document says. So
pages partition the answer, and a token need not hold more than the source, the last id, and whose
the order is that may have been typed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from crm.core.errors import Refusal
from crm.customers import facets, search_terms
from crm.customers.customer import public
from crm.customers.lookup import find_by_order
from crm.customers.search_terms import Asked
from crm.db import paging
from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Clause, Data, Query, Snapshot, Store, key_path
from crm.db.paging import Pager
from crm.db.runner import Runner

MOST_READ: Final = 2_000
"""Documents read for one page; a page that would take more is short, and the next goes on."""

_AT_ONCE: Final = 200
"""Documents read together where some of them will not do."""


_Place = tuple[int, str | None]
"""A source, by its number, and an id in it."""


@dataclass(frozen=True)
class _Source:
    """Where customers are found.

    Attributes:
        query: Finds them, and perhaps others.
        has: Whether one that was found belongs.
        sure: Whether nearly all of them do: then no more are read than are wanted.
    """

    query: Query
    has: Callable[[Snapshot], bool]
    sure: bool = True


def _source(*either: Clause, has: Callable[[Snapshot], bool], sure: bool = True) -> _Source:
    """Return the source of those for whom one of some clauses holds."""
    if len(either) == 1:
        return _Source(Query(CUSTOMERS, either, BY_ID), has, sure)
    return _Source(Query(CUSTOMERS, (), BY_ID, either=tuple((one,) for one in either)), has, sure)


@dataclass(frozen=True)
class Among:
    """A question that whoever is found must meet, too.

    Attributes:
        question: Says which it is, for page tokens. JSON values.
        has: Whether a customer's fields meet it.
    """

    question: object
    has: Callable[[Data], bool]


def search_customers(
    runner: Runner, pager: Pager, q: str, among: Among | None = None
) -> dict[str, object]:
    """Return a page of the customers that something typed stands for, the best match first.

    That is: whose whole address it is, whose order, whose whole name; then those of whom each of
    its words begins an address or a word of the name, or who have an address of its domain. Within
    each in the order of ids.

    Among the latter are those of whom an own field of type text or choice has it as its value.

    Args:
        runner: Reads.
        pager: Which page.
        q: What was typed.
        among: Who is looked at; everybody where it is None.

    Raises:
        Refusal: `invalid-argument`: `search-too-short`, `page-token`.
        Conflict, Transient: Not settled before the deadline.
    """
    asked = search_terms.read(q)
    if asked is None:
        raise Refusal(
            "invalid-argument",
            "search-too-short",
            f"Write at least {search_terms.MIN_LENGTH} characters: of the name or the address, a"
            " whole order id, or a domain such as @example.com.",
        )
    own = [name for name, one in runner.settings.fields.items() if one.type in ("text", "choice")]
    valued = {"value": asked.value} if own else {}
    words: dict[str, object] = {"words": asked.words, "domains": asked.domains, **valued}
    if among is not None:
        words["segment"] = among.question
    cursor = pager.open("search_customers", words)
    page = _Page(runner.store, pager)
    if cursor.position is None:
        buyer = find_by_order(runner, q.strip(), pager.retry)
        owner = buyer.id if buyer else None
        sources = _sources(asked, owner, own, among)
        following = page.begin(sources, [buyer] if buyer else [])
    else:
        place, after, owner = cursor.position
        following = page.go_on(_sources(asked, owner, own, among), place, after)
    return {
        "customers": page.customers,
        "nextPageToken": cursor.next_token([*following, owner]) if following else None,
    }


def _sources(
    asked: Asked, owner: str | None, own: Sequence[str], among: Among | None
) -> list[_Source]:
    """Return where to look, the best first; what one has belongs to none behind it.

    Args:
        asked: What was typed.
        owner: Whose order it is.
        own: The own fields that are looked in.
        among: Who is looked at.
    """
    found: list[_Source] = []
    if asked.address is not None:
        found.append(
            _source(
                ("emails", "array_contains", asked.address),
                ("contactEmail", "==", asked.address),
                has=lambda one: asked.is_address_of(one.fields),
            )
        )
    if owner is not None:
        found.append(_source(("__name__", "==", owner), has=lambda one: one.id == owner))
    if asked.name is not None:
        found.append(_named(asked, search_terms.name_term(asked.name)))
    if asked.domains:
        facet = facets.email_domain(asked.domains[0])
        last: list[Clause] = [
            (key_path("facets", facet), "==", True),
            ("search", "array_contains", search_terms.domain_term(asked.domains[0])),
        ]
        sure = not asked.words and len(asked.domains) == 1
    else:
        last = [("search", "array_contains", asked.term)]
        sure = asked.words == (asked.term,)
    if own and asked.value:
        last.append(("search", "array_contains", search_terms.value_term(asked.value)))
    found.append(
        _source(
            *last,
            has=lambda one: asked.fits(one.fields) or asked.is_value_of(one.fields, own),
            sure=sure,
        )
    )
    first = [
        replace(one, has=functools.partial(_first_in, one, found[:place]))
        for place, one in enumerate(found)
    ]
    if among is None:
        return first
    return [replace(one, has=functools.partial(_both, one.has, among), sure=False) for one in first]


def _named(asked: Asked, term: str) -> _Source:
    def has(one: Snapshot) -> bool:
        # A document that no rebuild has written anew lacks the term: it is found by its words.
        return term in one.fields["search"] and asked.is_name_of(one.fields)

    return _source(("search", "array_contains", term), has=has)


def _first_in(source: _Source, better: Sequence[_Source], found: Snapshot) -> bool:
    return source.has(found) and not any(one.has(found) for one in better)


def _both(has: Callable[[Snapshot], bool], among: Among, found: Snapshot) -> bool:
    return has(found) and among.has(found.fields)


@dataclass
class _Page:
    """A page while it fills.

    Attributes:
        store: The database.
        pager: Which page.
        customers: Who is on it.
        read: Documents read.
        held: Bytes of the documents of those on it.
    """

    store: Store
    pager: Pager
    customers: list[dict[str, object]] = field(default_factory=list)
    read: int = 0
    held: int = 0

    @property
    def full(self) -> bool:
        """Whether nobody more is to be on it."""
        return len(self.customers) >= self.pager.size or self.held >= paging.PAGE_BYTES

    @property
    def over(self) -> bool:
        """Whether nothing more is to be read for it."""
        return self.full or self.read >= MOST_READ

    def begin(self, sources: Sequence[_Source], more: Sequence[Snapshot]) -> _Place | None:
        """Fill the first page.

        Args:
            sources: Where to look. Nearly all whom another has the last one has, too: where these
                are few, nothing else needs to be asked.
            more: Who is known to be in another.

        Returns:
            Where the next page goes on; None where there is nobody more.
        """
        query = self._query(sources[-1], None)
        rows = self._find(query)
        if not query.is_answered(rows):
            return self.go_on(sources, 0, None, rows)
        everybody = {row.id: row for row in (*more, *rows)}.values()
        placed = [
            (place, row) for row in everybody for place, s in enumerate(sources) if s.has(row)
        ]
        last: _Place | None = None
        for place, row in sorted(placed, key=lambda one: (one[0], one[1].id)):
            if self.full:
                return last
            self._add(row)
            last = place, row.id
        return None

    def go_on(
        self,
        sources: Sequence[_Source],
        place: int,
        after: str | None,
        known: Sequence[Snapshot] = (),
    ) -> _Place | None:
        """Fill the page from one source on.

        Args:
            sources: As for `begin`.
            place: The first one to look in.
            after: Behind which id there.
            known: What the last source begins with, where that was read already.

        Returns:
            As `begin`.
        """
        while place < len(sources):
            if self.over:
                return place, after
            first = known if place == len(sources) - 1 else ()
            after, ended = self._fill(sources[place], after, first)
            if not ended:
                return place, after
            place, after = place + 1, None
        return None

    def _fill(
        self, source: _Source, after: str | None, known: Sequence[Snapshot]
    ) -> tuple[str | None, bool]:
        """Add who is found in a source; return behind whom to go on, and whether nobody is left."""
        while True:
            query = self._query(source, after)
            rows = known or self._find(query)
            for row in rows:
                if self.full:
                    return after, False
                after = row.id
                if source.has(row):
                    self._add(row)
            if not known and query.is_answered(rows):
                return after, True
            if self.over:
                return after, False
            known = ()

    def _query(self, source: _Source, after: str | None) -> Query:
        wanted = self.pager.size - len(self.customers) + 1  # one more tells whether to go on
        return replace(
            source.query,
            limit=wanted if source.sure else _AT_ONCE,
            after=None if after is None else (None, after),
            most_bytes=paging.PAGE_BYTES,
        )

    def _find(self, query: Query) -> list[Snapshot]:
        rows = self.pager.retry.call(functools.partial(self.store.find, query))
        self.read += max(1, len(rows))
        return rows

    def _add(self, row: Snapshot) -> None:
        self.customers.append(public(row.id, row.fields))
        self.held += row.size
