"""What is new since a moment, as for somebody who was away: orders, people, decisions.

Counted over indexes that other questions have too. An order is new if it was placed since then, so
none is that was only taken over from before; a person is new by the first order, as in figures and
segments, so that a list of them says the same number.
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Final

from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED
from crm.db.collections import CONSENTS, CUSTOMERS, ORDERS
from crm.db.documents import Query
from crm.db.runner import Runner
from crm.reports.asking import at_one_moment, within
from crm.reports.growth import decision_of

MAX_RECORDS: Final = 5_000
"""Records of consent that are read for one answer: the newest."""


def get_news(runner: Runner, since: datetime) -> dict[str, object]:
    """Return how much is new.

    Args:
        runner: Its store is read.
        since: The moment (UTC); one to come is taken for now.

    Raises:
        Conflict, Transient: Not answered before the deadline.
    """
    now = runner.now()
    since = min(since, now)
    placed = within("createdAt", since, now)
    decided: dict[str, set[str]] = {SUBSCRIBED: set(), UNSUBSCRIBED: set()}
    with at_one_moment(runner) as asking:
        (people,) = asking.counts([Query(CUSTOMERS, within("firstOrderAt", since, now))])
        sold = [
            Query(ORDERS, (("counted", "==", True), ("currency", "==", currency), *placed))
            for currency in asking.currencies()
        ]
        orders = sum(one.documents for one in asking.sums(sold))
        records = asking.rows(CONSENTS, within("at", since, now), "at", "desc")
        for row in islice(records, MAX_RECORDS):
            decided[row.fields["status"]].add(decision_of(row))
        truncated = next(records, None) is not None
    return {
        "since": since,
        "orders": orders,
        "people": people,
        "subscribed": len(decided[SUBSCRIBED]),
        "unsubscribed": len(decided[UNSUBSCRIBED]),
        "truncated": truncated,
        "documentsRead": asking.reads,
    }
