"""A customer's orders, as staff read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm.customers.lookup import find_customer
from crm.customers.reference import CustomerRef
from crm.db.collections import ORDERS
from crm.db.documents import Data, Query, Snapshot
from crm.db.paging import Pager
from crm.db.runner import Runner

SHOWN: Final = (
    "status",
    "currency",
    "total",
    "refunded",
    "net",
    "counted",
    "createdAt",
)
"""Fields of a ledger row that `list_orders` answers as they are."""

MAX_ODD_ITEMS_SHOWN: Final = 20  # of one order, named in an answer; all are counted


def list_orders(runner: Runner, pager: Pager, customer_id: str) -> dict[str, object]:
    """Return a page of a customer's orders, newest first; ids break ties.

    Raises:
        Refusal: `not-found`, or `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_orders", {"customerId": customer_id})
    who = CustomerRef("customerId", customer_id)
    _, data = find_customer(runner, who, pager.retry)
    query = Query(ORDERS, (("partId", "in", tuple(sorted(data["parts"]))),))
    page, following = cursor.newest_first(runner.store, query, "createdAt")
    return {"orders": [_order(row) for row in page], "nextPageToken": following}


def _order(row: Snapshot) -> dict[str, object]:
    data = row.fields
    answer = {
        "orderId": row.id,
        **{name: data[name] for name in SHOWN},
        "eventIds": sorted(data["events"]),
    }
    odd = _odd_items(data)
    if odd:
        answer["oddItems"] = odd[:MAX_ODD_ITEMS_SHOWN]
        answer["oddCount"] = data["oddCount"] + len(data["overLimit"])
    return answer


def _odd_items(data: Data) -> list[Mapping[str, Any]]:
    """Items that could not be counted, and events that found no room on the customer."""
    full = [{"eventId": key, "reason": "customer-full"} for key in data["overLimit"]]
    return [*data["oddItems"], *full]
