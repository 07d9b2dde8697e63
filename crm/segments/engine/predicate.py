"""What a segment means: whether a customer belongs to it.

Pure, and the only place that decides it: the planner asks here whatever an index leaves open.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from crm.segments.language.ast import (
    All,
    AnyOf,
    Attended,
    Bounds,
    EmailDomain,
    Everyone,
    FirstOrderAt,
    HasTicket,
    LastOrderAt,
    Marketing,
    Node,
    Not,
    OrderCount,
    Registered,
    Saved,
    Tag,
    TotalSpend,
    When,
)


def matches(node: Node, customer: Mapping[str, Any], now: datetime) -> bool:
    """Whether a customer belongs to a segment.

    Args:
        node: The segment, its saved ones expanded.
        customer: The fields of `customers/{customerId}`.
        now: What days are counted back from. One moment for a whole answer.

    Raises:
        ValueError: A saved segment was not expanded.
    """
    match node:
        case All(items):
            return all(matches(item, customer, now) for item in items)
        case AnyOf(items):
            return any(matches(item, customer, now) for item in items)
        case Not(item):
            return not matches(item, customer, now)
        case Everyone():
            return True
        case Tag(tag):
            return tag in customer["tags"]
        case Attended(event_id):
            return event_id in customer["attendedEventIds"]
        case HasTicket(event_id):
            return event_id in customer["eventIds"]
        case TotalSpend(currency, bounds):
            return _compare(bounds, customer["totalSpend"].get(currency, 0))
        case OrderCount(bounds):
            return _compare(bounds, customer["orderCount"])
        case FirstOrderAt(when):
            return _happened(when, customer["firstOrderAt"], now)
        case LastOrderAt(when):
            return _happened(when, customer["lastOrderAt"], now)
        case Marketing(status):
            return bool(customer["marketing"]["status"] == status)
        case Registered(value):
            return bool(customer["registered"] == value)
        case EmailDomain(domain):
            # Addresses are canonical, and so is the domain.
            return any(email.rpartition("@")[2] == domain for email in customer["emails"])
        case Saved():
            raise ValueError("expand saved segments first")


def _compare(compared: Bounds | When, value: Any) -> bool:
    return (
        (compared.eq is None or value == compared.eq)
        and (compared.gt is None or value > compared.gt)
        and (compared.gte is None or value >= compared.gte)
        and (compared.lt is None or value < compared.lt)
        and (compared.lte is None or value <= compared.lte)
    )


def _happened(when: When, value: datetime | None, now: datetime) -> bool:
    return (
        value is not None
        and _compare(when, value)
        and (when.within_days is None or value >= now - timedelta(when.within_days))
        and (when.older_than_days is None or value < now - timedelta(when.older_than_days))
    )
