"""Looking through the ledger for other orders of parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from crm.core.batches import batches
from crm.customers.attendance import Search
from crm.customers.ledger import COUNTED, Contribution
from crm.customers.limits import Claim
from crm.db.collections import ORDERS
from crm.db.documents import IN_QUERY, Clause, Query, Snapshot
from crm.db.transaction import Transaction


def counted_queries(part_ids: Iterable[str]) -> Iterator[Query]:
    """Yield the queries that find the counted orders of parts, each query's oldest first."""
    for ids in batches(sorted(part_ids), IN_QUERY):
        held: Clause = ("partId", "in", tuple(ids))
        yield Query(ORDERS, (held, ("marks", "array_contains", COUNTED)), ("createdAt", "asc"))


def claims_of(rows: Iterable[Snapshot]) -> list[Claim]:
    """Return what counted orders want of their customer's room."""
    found = ((row.id, Contribution.from_data(row.fields)) for row in rows)
    return [
        Claim(order_id, one.free, one.created_at, {key: t.name for key, t in one.events.items()})
        for order_id, one in found
    ]


def find_by_term(tx: Transaction, part_id: str, row_path: str) -> Search:
    """Return the search for a part's first or last order, other than one, with an index term."""

    def search(term: str, direction: Literal["asc", "desc"]) -> tuple[str, Contribution] | None:
        query = Query(
            ORDERS,
            (("partId", "==", part_id), ("marks", "array_contains", term)),
            ("createdAt", direction),
            limit=2,  # the order that leaves may be one of them
        )
        for snapshot in tx.find(query):
            if snapshot.path != row_path:
                return snapshot.id, Contribution.from_data(snapshot.fields)
        return None

    return search
