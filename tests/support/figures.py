"""Figures counted from a plain list of orders, by other code than the product's.

A day is what a clock on the wall shows, as text; a week or a month is the days with one label.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

LABELS: Final = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}


@dataclass(frozen=True)
class Sale:
    """A counted order.

    Attributes:
        person: Whose it is, whatever became of them.
        at: When it was placed.
        currency: The currency.
        net: Minor units, without what was given back.
    """

    person: str
    at: datetime
    currency: str
    net: int


def expected(
    sales: Iterable[Sale], first: date, last: date, by: str, zone: ZoneInfo
) -> list[dict[str, Any]]:
    """Count the figures of a stretch of days."""
    sales = list(sales)

    def day_of(sale: Sale) -> str:
        return sale.at.astimezone(zone).strftime(LABELS["day"])

    debuts = dict[str, str]()
    for sale in sorted(sales, key=lambda one: one.at, reverse=True):
        debuts[sale.person] = day_of(sale)
    by_day: dict[str, list[Sale]] = {}
    for sale in sales:
        by_day.setdefault(day_of(sale), []).append(sale)

    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    answer = []
    for _, group in groupby(days, key=lambda day: day.strftime(LABELS[by])):
        names = [day.isoformat() for day in group]
        inside = [sale for name in names for sale in by_day.get(name, [])]
        people = {sale.person for sale in inside}
        new = {person for person in people if debuts[person] in names}
        revenue: dict[str, int] = {}
        for sale in inside:
            revenue[sale.currency] = revenue.get(sale.currency, 0) + sale.net
        answer.append(
            {
                "start": names[0],
                "orders": len(inside),
                "revenue": revenue,
                "newCustomers": len(new),
                "returningCustomers": len(people - new),
            }
        )
    return answer
