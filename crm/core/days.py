"""Days of an organiser: which instants they hold, in a time zone of the IANA database. Pure.

A day begins at its first instant, which is not always midnight: where clocks go forward at midnight
there is none. A day on which clocks change has 23 or 25 hours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a day, in UTC.

    Args:
        day: A day between the years 2 and 9998: it is a moment of UTC in every zone.
        zone: The zone whose day it is.
    """
    # Of two midnights the earlier one (`fold` is 0). Of none, zoneinfo reckons with the offset
    # before the change: that is the moment of the change, the first one of that day.
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return midnight.astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant behind a day, in UTC."""
    return start_of(day + timedelta(days=1), zone)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day that a moment is in.

    Args:
        moment: With a zone, whichever.
        zone: The zone whose day is asked for. At the very ends of the calendar, where its day has
            no name, it is the moment's own.
    """
    try:
        day = moment.astimezone(zone).date()
        # Where clocks go back over midnight, the hour that comes again is the new day's: one has
        # begun already, and a day is in one piece.
        return day + timedelta(days=1) if end_of(day, zone) <= moment else day
    except OverflowError:
        return moment.date()


def week_of(day: date) -> date:
    """Return the Monday of a day's week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)
