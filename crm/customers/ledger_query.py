"""Looking through the ledger for another order of a part."""

from __future__ import annotations

from typing import Literal

from crm.customers.attendance import Search
from crm.customers.ledger import Contribution
from crm.db.collections import ORDERS
from crm.db.documents import Query
from crm.db.transaction import Transaction


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
