"""Searching customers by what staff type first: an address, a name, or the beginning of one."""

from __future__ import annotations

import functools
from typing import Final

from crm.core.errors import Refusal
from crm.customers import search_terms
from crm.customers.customer import public
from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Query, Store
from crm.db.paging import Pager

MOST_READ: Final = 2_000
"""Documents read for one page; a page that would take more is short, and the next goes on."""

_AT_ONCE: Final = 200
"""Documents read together where some of them will not do."""


def search_customers(store: Store, pager: Pager, q: str) -> dict[str, object]:
    """Return a page of the customers that something typed stands for, in the order of ids.

    Args:
        store: The database.
        pager: Which page.
        q: What was typed; each of its words must begin an address or a word of the name.

    Raises:
        Refusal: `invalid-argument`: `search-too-short`, `page-token`.
        Conflict, Transient: Not settled before the deadline.
    """
    typed = search_terms.words(q)
    term = search_terms.lookup(typed)
    if term is None:
        raise Refusal(
            "invalid-argument",
            "search-too-short",
            f"Write a word of at least {search_terms.MIN_LENGTH} characters of the name or the"
            " address.",
        )
    cursor, size = pager.open("search_customers", {"q": typed}), pager.size
    after: str | None = cursor.position[0] if cursor.position is not None else None
    # One word that the index knows whole: all who come back belong, so none is read in vain.
    at_once = size + 1 if typed == [term] else _AT_ONCE
    customers: list[dict[str, object]] = []
    read, more = 0, True
    while more and len(customers) < size and read < MOST_READ:
        query = Query(
            CUSTOMERS,
            (("search", "array_contains", term),),
            BY_ID,
            at_once,
            None if after is None else (None, after),
        )
        rows = pager.retry.call(functools.partial(store.find, query))
        read += len(rows)
        more = len(rows) == at_once
        for row in rows:
            if len(customers) == size:
                more = True
                break
            after = row.id
            if search_terms.found(row.fields, typed):
                customers.append(public(row.id, row.fields))
    return {
        "customers": customers,
        "nextPageToken": cursor.next_token([after]) if more else None,
    }
