"""The audit trail as admins read it."""

from __future__ import annotations

from crm.audit.tag_names import with_names
from crm.core.keyring import Keyring
from crm.db.collections import AUDIT, LINKS
from crm.db.documents import Clause, Query, Snapshot, Store, read_one
from crm.db.paging import Pager

SHOWN = ("at", "actor", "action", "customers", "facts")


def list_audit(
    store: Store, keys: Keyring, pager: Pager, customer_id: str | None, user_id: str | None
) -> dict[str, object]:
    """Return a page of entries, newest first; ids break ties.

    Args:
        store: The database.
        keys: The installation's keyring.
        pager: Which page.
        customer_id: Only entries about this customer, under any id that leads to it. One that is
            gone has entries too.
        user_id: Only entries of changes that this uid made.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_audit", {"customerId": customer_id, "userId": user_id})
    where: list[Clause] = []
    if customer_id is not None:
        ids = pager.retry.call(lambda: _ids_of(store, customer_id))
        where.append(("customers", "array_contains_any", ids))
    if user_id is not None:
        where.append(("actor", "in", keys.user_ever(user_id)))  # entries are sealed as they are
    page, following = cursor.newest_first(store, Query(AUDIT, tuple(where)), "at")
    shown = [_entry(row) for row in page]
    entries = pager.retry.call(lambda: with_names(store, keys, shown))
    return {"entries": entries, "nextPageToken": following}


def _ids_of(store: Store, customer_id: str) -> tuple[str, ...]:
    """Return every id that leads to the same customer; at most as many as it has identities."""
    link = read_one(store, f"{LINKS}/{customer_id}")
    live = link.fields.get("customerId", customer_id)
    merged = store.find(Query(LINKS, (("customerId", "==", live),)))
    return tuple(sorted({customer_id, live, *(one.id for one in merged)}))


def _entry(row: Snapshot) -> dict[str, object]:
    return {"entryId": row.id, **{name: row.fields[name] for name in SHOWN}}
