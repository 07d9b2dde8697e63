"""Reading a whole collection, a page in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from crm.db.documents import BY_ID, Query, Snapshot, Store
from crm.db.retry import RetryPolicy

PAGE: Final = 500
"""Documents that are held in memory at a time."""


def scan(store: Store, retry: RetryPolicy, query: Query) -> Iterator[Snapshot]:
    """Return a query's documents in the order of their ids; its own order and limit play no part.

    Raises:
        Conflict, Transient: A page could not be read before the deadline.
    """
    query = replace(query, order=BY_ID, limit=PAGE)
    while True:
        page = retry.call(partial(store.find, query))
        yield from page
        if len(page) < PAGE:
            return
        query = replace(query, after=(None, page[-1].id))


def apart(ids: Sequence[str], threads: int) -> list[str]:
    """Return ids in an order in which those that threads take at a time are far from each other.

    Neighbours often belong to one customer, and would collide over it.
    """
    step = max(1, -(-len(ids) // threads))
    return [name for first in range(step) for name in ids[first::step]]
