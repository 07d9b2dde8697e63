"""Reading a whole collection, a page in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from crm.documents import BY_ID, Query, Snapshot, Store
from crm.retry import Patience

PAGE: Final = 500
"""Documents that are held in memory at a time."""


def walk(store: Store, patience: Patience, query: Query) -> Iterator[Snapshot]:
    """Give a query's documents in the order of their ids; its own order and limit play no part.

    Errors:
        Conflict, Transient: A page could not be read before the deadline.
    """
    query = replace(query, order=BY_ID, limit=PAGE)
    while True:
        page = patience.insist(partial(store.find, query))
        yield from page
        if len(page) < PAGE:
            return
        query = replace(query, after=(None, page[-1].id))
