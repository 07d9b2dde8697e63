"""Searching customers by what staff type first: an address, a name, or the beginning of one."""

from __future__ import annotations

import functools
from typing import Final

from crm.core.errors import Refusal
from crm.customers import search_terms as search
from crm.customers.customer import public
from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Query, Store
from crm.db.paging import PageTokens, Scope
from crm.db.retry import INTERACTIVE, RetryPolicy

MOST_READ: Final = 2_000
"""Documents read for one page; a page that would take more is short, and the next goes on."""

_AT_ONCE: Final = 200
"""Documents read together where some of them will not do."""


def search_customers(
    store: Store,
    tokens: PageTokens,
    caller: str,
    q: str,
    page_size: int,
    page_token: str | None = None,
    retry: RetryPolicy = INTERACTIVE,
) -> dict[str, object]:
    """Return a page of the customers that something typed stands for, in the order of ids.

    Args:
        store: The database.
        tokens: Signs page tokens.
        caller: The uid of who asks.
        q: What was typed; each of its words must begin an address or a word of the name.
        page_size: How many customers at most.
        page_token: The `nextPageToken` of the page before.
        retry: For each query.

    Raises:
        Refusal: `invalid-argument`: `search-too-short`, `page-token`.
        Conflict, Transient: Not settled before the deadline.
    """
    typed = search.words(q)
    term = search.lookup(typed)
    if term is None:
        raise Refusal(
            "invalid-argument",
            "search-too-short",
            f"Write a word of at least {search.MIN_LENGTH} characters of the name or the address.",
        )
    # One word that the index knows whole: all who come back belong, so none is read in vain.
    at_once = page_size + 1 if typed == [term] else _AT_ONCE
    scope = Scope(caller, "search_customers", {"q": typed})
    after: str | None = tokens.read(scope, page_token)[0] if page_token is not None else None
    customers: list[dict[str, object]] = []
    read, more = 0, True
    while more and len(customers) < page_size and read < MOST_READ:
        query = Query(
            CUSTOMERS,
            (("search", "array_contains", term),),
            BY_ID,
            at_once,
            None if after is None else (None, after),
        )
        rows = retry.call(functools.partial(store.find, query))
        read += len(rows)
        more = len(rows) == at_once
        for row in rows:
            if len(customers) == page_size:
                more = True
                break
            after = row.id
            if search.found(row.fields, typed):
                customers.append(public(row.id, row.fields))
    return {
        "customers": customers,
        "nextPageToken": tokens.issue(scope, [after]) if more else None,
    }
