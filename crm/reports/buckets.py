"""Stretches of time that figures are told for: days, weeks or months of a zone. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from crm.core.days import end_of, month_of, start_of, week_of
from crm.core.errors import Refusal
from crm.customers.facets import ordered_in_month, ordered_in_week, ordered_on

By = Literal["day", "week", "month"]

MAX_BUCKETS: Final = 400
"""In one answer: a year by day, seven by week, thirty-three by month."""

USUAL: Final = {"day": 31, "week": 26, "month": 12}
"""How many are told where nobody says from when."""

_YEARS: Final = (2, 9998)
"""Every day of these begins and ends at a moment of UTC, whatever the zone."""


@dataclass(frozen=True)
class Bucket:
    """A day, a week or a month, or what is asked for of it.

    Attributes:
        first: Its first day.
        last: Its last day.
        since: Its first instant.
        until: The first instant behind it.
        facets: Whoever has one of these has a counted order in it.
    """

    first: date
    last: date
    since: datetime
    until: datetime
    facets: tuple[str, ...]


def span(first: date | None, last: date | None, by: By, today: date) -> tuple[date, date]:
    """Return the first and the last day of what is asked for.

    Args:
        first: The first day; None for as many buckets as usual.
        last: The last day; None for today.
        by: What the buckets are.
        today: The day that it is.

    Raises:
        Refusal: `invalid-argument` (`value-invalid`): the days are in the wrong order, too many, or
            of a year that no calendar has.
    """
    last = today if last is None else last
    if first is None:
        first = _begin(last, by)
        for _ in range(USUAL[by] - 1):
            if first > date.min:
                first = _begin(first - timedelta(days=1), by)
    if not _YEARS[0] <= first.year <= last.year <= _YEARS[1] or first > last:
        raise Refusal(
            "invalid-argument",
            "value-invalid",
            "`from` is a day and `to` the last day that is asked for: give them in this order, with"
            f" years from {_YEARS[0]} to {_YEARS[1]}.",
        )
    number = _number(first, last, by)
    if number > MAX_BUCKETS:
        raise Refusal(
            "invalid-argument",
            "value-invalid",
            f"From `from` to `to` it is {number:,} {by}s, and one answer has at most {MAX_BUCKETS}:"
            " ask for fewer days, or by week or month.",
        )
    return first, last


def buckets(first: date, last: date, by: By, zone: ZoneInfo) -> list[Bucket]:
    """Return the buckets of a stretch of days; what is outside of it is cut off the outer two.

    Args:
        first: The first day.
        last: The last day.
        by: What the buckets are.
        zone: Whose days they are.
    """
    found: list[Bucket] = []
    day = first
    while day <= last:
        end = _end(day, by)
        until = min(end, last)
        whole = _begin(day, by) == day and until == end
        facets = _facets(day, until, by if whole else "day")
        found.append(Bucket(day, until, start_of(day, zone), end_of(until, zone), facets))
        day = until + timedelta(days=1)
    return found


def find(some: Sequence[Bucket], moment: datetime) -> int | None:
    """Return which bucket a moment is in; None where it is in none of them."""
    place = bisect_right(some, moment, key=lambda one: one.since) - 1
    return place if place >= 0 and moment < some[place].until else None


def _begin(day: date, by: By) -> date:
    if by == "day":
        return day
    return week_of(day) if by == "week" else month_of(day)


def _end(day: date, by: By) -> date:
    """Return the last day of a day's bucket."""
    if by == "day":
        return day
    if by == "week":
        return week_of(day) + timedelta(days=6)
    return month_of(month_of(day) + timedelta(days=31)) - timedelta(days=1)


def _number(first: date, last: date, by: By) -> int:
    if by == "month":
        return 12 * (last.year - first.year) + last.month - first.month + 1
    return (_begin(last, by) - _begin(first, by)).days // (7 if by == "week" else 1) + 1


def _facets(first: date, last: date, by: By) -> tuple[str, ...]:
    if by == "week":
        return (ordered_in_week(first),)
    if by == "month":
        return (ordered_in_month(first),)
    return tuple(ordered_on(first + timedelta(days=n)) for n in range((last - first).days + 1))
