"""Cohorts: of those who ordered first in a month, how many ordered again in the months after it.

Customers are counted by two facets, the month of the first order and a month with one. Who was
erased is read, as for figures: there is no customer any more to be counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from crm.core.days import day_of, month_of
from crm.core.errors import Refusal
from crm.customers.facets import first_ordered_in, ordered_in_month
from crm.db.runner import Runner
from crm.reports.asking import Asking, at_one_moment, who_has
from crm.reports.buckets import span
from crm.reports.erased import erased_people

MOST: Final = 24
"""Months in one answer: at most 300 aggregations."""


def get_cohorts(runner: Runner, first: date | None, last: date | None) -> dict[str, object]:
    """Return the cohorts of a stretch of months.

    Args:
        runner: Its store is read; its settings say whose months are told.
        first: A day of the first month; None for twelve months.
        last: A day of the last month, which is also the last one that is looked at; None for the
            month that it is.

    Raises:
        Refusal: `invalid-argument` (`value-invalid`): the days are in the wrong order, or the
            months too many.
        Conflict, Transient: Not answered before the deadline.
    """
    zone = runner.settings.time_zone
    months = _months(*span(first, last, "month", day_of(runner.now(), zone)))
    if len(months) > MOST:
        raise Refusal(
            "invalid-argument",
            "value-invalid",
            f"From `from` to `to` it is {len(months)} months, and one answer has at most {MOST}:"
            " ask for fewer.",
        )
    with at_one_moment(runner) as asking:
        active = _customers(asking, months)
        people, left_out = erased_people(asking)
    places = {month: place for place, month in enumerate(months)}
    for times in people:
        ordered = {month_of(day_of(one, zone)) for one in times}
        begun = places.get(min(ordered))
        for month in ordered & places.keys() if begun is not None else ():
            active[begun or 0][places[month] - (begun or 0)] += 1
    return {
        "cohorts": [
            {"month": month.isoformat()[:7], "customers": mine[0], "active": mine}
            for month, mine in zip(months, active, strict=True)
        ],
        "timeZone": zone.key,
        "erasedOrdersLeftOut": left_out,
        "documentsRead": asking.reads,
    }


def _months(first: date, last: date) -> list[date]:
    found = [month_of(first)]
    while (following := month_of(found[-1] + timedelta(days=31))) <= last:
        found.append(following)
    return found


def _customers(asking: Asking, months: Sequence[date]) -> list[list[int]]:
    """Return of each month's new customers how many ordered in it, and in each one after it."""
    new = asking.counts([who_has(first_ordered_in(month)) for month in months])
    cells = [
        (begun, place)
        for begun, number in enumerate(new)
        if number  # of nobody, nobody came again
        for place in range(begun + 1, len(months))
    ]
    again = asking.counts(
        [
            who_has(first_ordered_in(months[begun]), ordered_in_month(months[place]))
            for begun, place in cells
        ]
    )
    active = [[number, *[0] * (len(months) - begun - 1)] for begun, number in enumerate(new)]
    for (begun, place), number in zip(cells, again, strict=True):
        active[begun][place - begun] = number
    return active
