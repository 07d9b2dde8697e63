"""Looking through the ledger for another order of a part."""

from __future__ import annotations

from typing import Literal

from crm.customers.attendance import Search
from crm.customers.ledger import Share
from crm.db.collections import ORDERS
from crm.db.documents import Query
from crm.db.transaction import Reading


def find_by_mark(reading: Reading, part_id: str, row_path: str) -> Search:
    def search(mark: str, direction: Literal["asc", "desc"]) -> tuple[str, Share] | None:
        query = Query(
            ORDERS,
            (("partId", "==", part_id), ("marks", "array_contains", mark)),
            ("createdAt", direction),
            limit=2,  # the order that leaves may be one of them
        )
        for snapshot in reading.find(query):
            if snapshot.path != row_path:
                return snapshot.id, Share.from_data(snapshot.fields)
        return None

    return search
