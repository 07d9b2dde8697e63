"""Instants as hosts write them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from crm.config.times import Kind

# Milliseconds below this are seconds by mistake: as seconds they reach to the year 2286, as
# milliseconds to April 1970.
_FEWEST_MS: Final = 10**10

# No count of tickets is as large: a number from here on is a time (1973 in seconds).
_NO_COUNT: Final = 10**8

_NO_TIME: Final = 10**14  # the year 5138 in milliseconds


def instant(value: object, times: Sequence[Kind], zone: tzinfo | None) -> datetime | None:
    """Return the UTC time that `value` writes; None where it writes none or no time zone.

    Args:
        value: What the document holds.
        times: How the host writes times, besides Firestore timestamps.
        zone: The zone of texts that say none.
    """
    try:
        if isinstance(value, datetime):
            at = value
        elif isinstance(value, str) and "iso" in times:
            at = datetime.fromisoformat(value.strip())
            if at.tzinfo is None:
                at = at.replace(tzinfo=zone)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if "unix" in times:
                at = datetime.fromtimestamp(value, UTC)
            elif "unix_ms" in times and value >= _FEWEST_MS:
                at = datetime.fromtimestamp(value / 1000, UTC)
            else:
                return None
        else:
            return None
        return None if at.utcoffset() is None else utc(at)
    except (ValueError, OverflowError, OSError):  # out of range for a datetime or the platform
        return None


def is_a_time(value: object) -> bool:
    """Return whether a value writes a time in any way: when it was, and in which zone, is open."""
    if isinstance(value, datetime):
        return True
    if isinstance(value, int | float):
        return _NO_COUNT <= value < _NO_TIME
    return instant(value, ("iso",), UTC) is not None


def utc(at: datetime) -> datetime:
    """Return a `datetime` of the standard class in UTC (Firestore answers one of its own)."""
    at = at.astimezone(UTC)
    return datetime.combine(at.date(), at.time(), UTC)
