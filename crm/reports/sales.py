"""What an event sold, and on which days: its curve of sales.

How many tickets an order holds is in its row of the ledger and in no index, so the rows are read,
one read each, up to `MAX_ORDERS`.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import islice
from typing import Final

from crm.core.days import day_of
from crm.customers.facets import has_ticket
from crm.db.collections import ORDERS
from crm.db.documents import Sum
from crm.db.runner import Runner
from crm.reports.asking import at_one_moment, who_has
from crm.reports.events import Sold, find_events, holding, sold

MAX_ORDERS: Final = 10_000
"""Orders that are read for one answer: the newest."""


def get_event_sales(runner: Runner, event_id: str) -> dict[str, object]:
    """Return what an event sold: orders, tickets, people and revenue, and its days.

    Args:
        runner: Its store is read; its settings say whose days are told.
        event_id: The host's id.

    Raises:
        Refusal: `not-found` (`no-such-event`).
        Conflict, Transient: Not answered before the deadline.
    """
    zone = runner.settings.time_zone
    orders: Counter[date] = Counter()
    tickets: Counter[date] = Counter()
    whole = Sold()
    erased: set[str] = set()
    shared = 0
    with at_one_moment(runner) as asking:
        find_events(asking, [event_id])
        (people,) = asking.counts([who_has(has_ticket(event_id))])
        found = asking.rows(ORDERS, (holding([event_id]),), "createdAt", "desc")
        for row in islice(found, MAX_ORDERS):
            day = day_of(row.fields["createdAt"], zone)
            orders[day] += 1
            tickets[day] += row.fields["events"][event_id]["tickets"]
            whole.add(row.fields["currency"], Sum(1, row.fields["net"]))
            shared += len(row.fields["events"]) > 1
            if row.fields["erased"] is not None:
                erased.add(row.fields["erased"])
        truncated = next(found, None) is not None
        if truncated:
            (whole,) = sold(asking, [event_id])
    return {
        "sales": {
            "orders": whole.orders,
            "tickets": tickets.total(),
            "people": people + len(erased),
            "revenue": whole.to_data(),
            "sharedOrders": shared,
            "days": [
                {"day": day.isoformat(), "orders": orders[day], "tickets": tickets[day]}
                for day in sorted(orders)
            ],
            "timeZone": zone.key,
            "truncated": truncated,
            "documentsRead": asking.reads,
        }
    }
