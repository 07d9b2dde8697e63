"""The audit trail as admins read it."""

from __future__ import annotations

from crm.core.keyring import Keyring
from crm.db.collections import AUDIT, LINKS
from crm.db.documents import Clause, Query, Snapshot, Store, read_one
from crm.db.paging import NewestFirst, PageTokens, Scope
from crm.db.retry import INTERACTIVE, RetryPolicy

SHOWN = ("at", "actor", "action", "customers", "facts")


def list_audit(
    store: Store,
    keys: Keyring,
    tokens: PageTokens,
    caller: str,
    customer_id: str | None,
    user_id: str | None,
    page_size: int,
    page_token: str | None = None,
    retry: RetryPolicy = INTERACTIVE,
) -> dict[str, object]:
    """Return a page of entries, newest first; ids break ties.

    Args:
        store: The database.
        keys: The installation's keyring.
        tokens: Signs page tokens.
        caller: The uid of who asks.
        customer_id: Only entries about this customer, under any id that leads to it. One that is
            gone has entries too.
        user_id: Only entries of changes that this uid made.
        page_size: At most so many entries.
        page_token: Where to go on.
        retry: How long to try.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    scope = Scope(caller, "list_audit", {"customerId": customer_id, "userId": user_id})
    paged = NewestFirst.at(tokens, scope, page_size, page_token)
    where: list[Clause] = []
    if customer_id is not None:
        ids = retry.call(lambda: _ids_of(store, customer_id))
        where.append(("customers", "array_contains_any", ids))
    if user_id is not None:
        where.append(("actor", "==", keys.user(user_id)))
    page, following = paged.of(store, retry, Query(AUDIT, tuple(where)), "at")
    return {"entries": [_entry(row) for row in page], "nextPageToken": following}


def _ids_of(store: Store, customer_id: str) -> tuple[str, ...]:
    """Return every id that leads to the same customer; at most as many as it has identities."""
    link = read_one(store, f"{LINKS}/{customer_id}")
    live = link.fields.get("customerId", customer_id)
    merged = store.find(Query(LINKS, (("customerId", "==", live),)))
    return tuple(sorted({customer_id, live, *(one.id for one in merged)}))


def _entry(row: Snapshot) -> dict[str, object]:
    return {"entryId": row.id, **{name: row.fields[name] for name in SHOWN}}
