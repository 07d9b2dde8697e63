"""What a segment means: whether a customer belongs to it.

Pure, and the only place that decides it: the planner asks here whatever an index leaves open.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from crm.config.fields import FieldValue
from crm.customers.facets import missed
from crm.customers.scales import day_number
from crm.segments.language import ast
from crm.segments.language.days import has_days


def matches(node: ast.Node, customer: Mapping[str, Any], now: datetime) -> bool:
    """Whether a customer belongs to a segment.

    Args:
        node: The segment, its saved ones and days expanded.
        customer: The fields of `customers/{customerId}`.
        now: What days are counted back from. One moment for a whole answer.

    Raises:
        ValueError: A saved segment or a day was not expanded.
    """
    match node:
        case ast.All(items):
            return all(matches(item, customer, now) for item in items)
        case ast.AnyOf(items):
            return any(matches(item, customer, now) for item in items)
        case ast.Not(item):
            return not matches(item, customer, now)
        case ast.Everyone():
            return True
        case ast.Tag(tag):
            return tag in customer["tags"]
        case ast.Attended(event_id):
            return event_id in customer["attendedEventIds"]
        case ast.HasTicket(event_id):
            return event_id in customer["eventIds"]
        case ast.NoShow(event_id):
            return event_id in missed(customer)
        case ast.Tagged(value):
            return bool(customer["tags"]) is value
        case ast.TotalSpend(currency, bounds):
            return _compare(bounds, customer["totalSpend"].get(currency, 0))
        case ast.OrderCount(bounds):
            return _compare(bounds, customer["orderCount"])
        case ast.FirstOrderAt(when):
            return _happened(when, customer["firstOrderAt"], now)
        case ast.LastOrderAt(when):
            return _happened(when, customer["lastOrderAt"], now)
        case ast.Marketing(status):
            return bool(customer["marketing"]["status"] == status)
        case ast.Registered(value):
            return bool(customer["registered"] == value)
        case ast.EmailDomain(domain):
            # Addresses are canonical, and so is the domain.
            return any(email.rpartition("@")[2] == domain for email in customer["emails"])
        case ast.Own():
            return _holds(node, customer.get("fields", {}).get(node.name))
        case ast.Saved():
            raise ValueError("expand saved segments first")


def _holds(own: ast.Own, value: FieldValue | None) -> bool:
    """Return whether a value of an own field is meant; a document of before has none."""
    if own.known is not None:
        return (value is not None) is own.known
    if value is None or not all(_of_one_type(value, one) for one in own.compared.values()):
        return False
    if isinstance(value, str) and own.ranged and day_number(value) is None:
        return False
    return _compare(own, value)


def _of_one_type(value: FieldValue, other: FieldValue) -> bool:
    """Return whether both are texts, numbers or truths: to Python 1 is True."""
    for kind in (bool, str):
        if isinstance(value, kind) or isinstance(other, kind):
            return isinstance(value, kind) and isinstance(other, kind)
    return True


def _compare(compared: ast.Bounds | ast.When | ast.Own, value: Any) -> bool:
    return (
        (compared.eq is None or value == compared.eq)
        and (compared.gt is None or value > compared.gt)
        and (compared.gte is None or value >= compared.gte)
        and (compared.lt is None or value < compared.lt)
        and (compared.lte is None or value <= compared.lte)
    )


def _happened(when: ast.When, value: datetime | None, now: datetime) -> bool:
    if has_days(when):
        raise ValueError("expand days first")
    return (
        value is not None
        and _compare(when, value)
        and (when.within_days is None or value >= now - timedelta(when.within_days))
        and (when.older_than_days is None or value < now - timedelta(when.older_than_days))
    )
