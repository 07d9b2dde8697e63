"""Customers in memory behind the two kinds of index that segments may use.

It answers equalities on facets in the order of ids, and one field's range in the order of that
field over everyone. It refuses anything else, holds the limits of a query, and bills as Firestore
does. The emulator cannot show this: whatever is asked, it reads all
that it has.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Clause, Data, Query, Snapshot, Sum, Version, Write, up_to
from crm.segments.engine.planner import MAX_DISJUNCTIONS, MAX_FILTERS

_FACET = re.compile(r"facets\.`((?:[^`\\]|\\.)+)`")


class FacetStore:
    """A `documents.Store` of customers alone, read-only.

    Attributes:
        customers: All there are.
        reads: What Firestore would bill.
        sent: The queries so far.
    """

    def __init__(self, customers: Mapping[str, Data]) -> None:
        self.customers = customers
        self._ids = sorted(customers)
        self._having: dict[str, set[str]] = defaultdict(set)
        for customer_id, data in customers.items():
            for key in data["facets"]:
                self._having[key].add(customer_id)
        self.reads = 0
        self.sent: list[Query] = []
        self._in_order: dict[str, list[tuple[Any, str]]] = {}
        self._last: tuple[list[tuple[Clause, ...]], list[str]] = ([], [])

    def find(self, query: Query) -> list[Snapshot]:
        """Run a query."""
        if query.order is not None and query.order != BY_ID:
            return self._answered(query, self._of_field(query, *query.order))
        assert query.order == BY_ID
        ids = self._found(query)
        start = bisect_right(ids, query.after[1]) if query.after else 0
        return self._answered(query, ids[start:])

    def _answered(self, query: Query, ids: Sequence[str]) -> list[Snapshot]:
        limited = ids[: query.limit]
        documents = (Snapshot(f"{CUSTOMERS}/{one}", self.customers[one], 1) for one in limited)
        found = list(up_to(query.most_bytes, documents))
        self.reads += max(1, len(found))
        return found

    def count(self, query: Query) -> int:
        """Count what a query finds."""
        number = len(self._found(query))
        number = number if query.limit is None else min(number, query.limit)
        self.reads += max(1, -(-number // 1_000))
        return number

    def sum(self, query: Query, field: str) -> Sum:
        """Refused: these customers have no orders to add up."""
        raise NotImplementedError

    @property
    def moment(self) -> None:
        """None: this is the database itself."""

    def at(self, moment: datetime | None = None) -> FacetStore:  # noqa: ARG002
        """Return itself, for nothing changes here; to learn the time is one read."""
        self.reads += 1
        return self

    def read(self, paths: Iterable[str]) -> dict[str, Snapshot]:
        """Refuse: a segment is found, never read by id."""
        raise NotImplementedError

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        """Refuse."""
        raise NotImplementedError

    def _of_field(self, query: Query, path: str, direction: str) -> list[str]:
        """Answer what the automatic index of one field does: a range of it, in its order."""
        self.sent.append(query)
        assert query.collection == CUSTOMERS
        assert not query.either
        assert {(name, operator) for name, operator, _ in query.where} <= {
            (path, ">="),
            (path, "<"),
        }
        if path not in self._in_order:
            held = ((_at(data, path), key) for key, data in self.customers.items())
            self._in_order[path] = sorted(one for one in held if one[0] is not None)
        rows = self._in_order[path]
        first, beyond = 0, len(rows)
        for _, operator, limit in query.where:
            found = bisect_left(rows, (limit,))
            first, beyond = (found, beyond) if operator == ">=" else (first, found)
        ids = [key for _, key in rows[first:beyond]]
        return ids if direction == "asc" else ids[::-1]

    def _found(self, query: Query) -> Sequence[str]:
        self.sent.append(query)
        assert query.collection == CUSTOMERS
        ways = [(*query.where, *more) for more in query.either or ((),)]
        assert len(ways) <= MAX_DISJUNCTIONS
        assert sum(map(len, ways)) <= MAX_FILTERS
        if ways == [()]:
            return self._ids
        if self._last[0] != ways:  # the next page asks the same
            self._last = (ways, sorted(set().union(*map(self._all, ways))))
        return self._last[1]

    def _all(self, clauses: Iterable[Clause]) -> set[str]:
        sets = [self._having.get(_facet(clause), set()) for clause in clauses]
        return set.intersection(*sorted(sets, key=len))


def _at(data: Any, path: str) -> Any:
    for name in path.split("."):
        data = data.get(name)
        if data is None:
            return None
    return data


def _facet(clause: Clause) -> str:
    path, operator, value = clause
    named = _FACET.fullmatch(path)
    assert named
    assert operator == "=="
    assert value is True
    return re.sub(r"\\(.)", r"\1", named[1])
