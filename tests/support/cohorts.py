"""Cohorts counted from a plain list of orders, by other code than the product's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm.reports.cohorts import get_cohorts
from tests.support.figures import Sale
from tests.support.history import History


def expected(
    sales: Iterable[Sale], first: date, last: date, zone: ZoneInfo
) -> list[dict[str, Any]]:
    """Count the cohorts: a month is what a calendar on the wall shows, as text."""
    ordered: dict[str, set[str]] = {}
    for sale in sales:
        ordered.setdefault(sale.person, set()).add(sale.at.astimezone(zone).strftime("%Y-%m"))
    number = (last - first).days + 1
    days = (first + timedelta(days=one) for one in range(number))
    months = list(dict.fromkeys(day.strftime("%Y-%m") for day in days))
    cohorts = []
    for place, begun in enumerate(months):
        mine = [some for some in ordered.values() if min(some) == begun]
        active = [sum(month in some for some in mine) for month in months[place:]]
        cohorts.append({"month": begun, "customers": len(mine), "active": active})
    return cohorts


def check(history: History, first: date, last: date) -> None:
    """Hold what the product says to what other code counts."""
    people = [replace(one, person=history.person[one.person]) for one in history.sales.values()]
    said = get_cohorts(history.world.runner, first, last)
    assert said["cohorts"] == expected(people, first, last, history.zone)
    assert said["erasedOrdersLeftOut"] == 0
