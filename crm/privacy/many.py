"""Documents by more values than a query takes: several queries that are read as one.

A customer has no more identities than one query takes (`limits.MAX_PARTS`). A person can have more:
whoever signs in has what the account and the address have, which may be two customers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from crm.core.batches import batches
from crm.db.documents import BY_ID, IN_QUERY, Query, Snapshot, Store

T = TypeVar("T")


def some(values: Sequence[T]) -> Iterator[tuple[T, ...]]:
    """Return values in pieces of as many as one query takes."""
    return map(tuple, batches(values, IN_QUERY))


def named(collection: str, field: str, values: Sequence[str]) -> tuple[Query, ...]:
    """Return the queries that find by any of these values; none where there are none."""
    return tuple(Query(collection, ((field, "in", piece),)) for piece in some(values))


def find_page(
    store: Store, queries: Sequence[Query], size: int, after: str | None
) -> list[Snapshot]:
    """Return the next documents that any of the queries finds, each once, by their ids.

    Args:
        store: The database.
        queries: Of one collection; their own order and limit play no part.
        size: How many at most; fewer are the last ones.
        after: The id behind which they begin; None for the beginning.
    """
    start = None if after is None else (None, after)
    pages = [store.find(replace(one, order=BY_ID, limit=size, after=start)) for one in queries]
    if len(pages) == 1:
        return pages[0]
    found = {one.id: one for page in pages for one in page}
    return [found[name] for name in sorted(found)[:size]]
