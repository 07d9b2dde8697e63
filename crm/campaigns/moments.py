"""When a campaign is to be sent: an instant, or a time as the organiser's clock shows it. Pure.

Clocks that go forward leave out an hour, and one that goes back has it twice. What staff write then
is still one instant, always the same one, and they are shown which.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crm.core.errors import Refusal

_FORM: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(?P<offset>Z|[+-]\d\d:\d\d)?", re.ASCII
)

_YEARS: Final = range(2, 9_999)
"""In which each local time is a moment of UTC."""


def instant_of(text: str, zone: ZoneInfo, name: str = "at") -> datetime:
    """Return the instant that a text stands for, in UTC.

    Args:
        text: ISO 8601 with an offset or `Z`; or without one: a time of the organiser's clock. Of
            two such instants the earlier one is meant; of none, the first one behind the gap.
        zone: The organiser's zone.
        name: The key that a refusal names.

    Raises:
        Refusal: `invalid-argument`, `time-invalid`.
    """
    form = _FORM.fullmatch(text)
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        written = None
    if form is None or written is None or written.year not in _YEARS:
        raise Refusal(
            "invalid-argument",
            "time-invalid",
            f"`{name}` must be a time such as 2026-03-29T08:00:00Z, or 2026-03-29T10:00 as the"
            f" clock shows it in {zone.key}.",
        )
    if form["offset"]:
        return written.astimezone(UTC)
    return first_valid(written, zone)


def local_of(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """Return an instant as the organiser's clock shows it, with the offset that holds then."""
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None


def first_valid(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant at which a clock shows a time, or would have passed it."""
    # Of two instants the earlier one is the one with `fold` 0. In a gap that one reckons with the
    # offset before it, so it lies behind the change; with `fold` 1 it lies before.
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return first
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    low, high = before.replace(microsecond=0), first.replace(microsecond=0)
    offset = first.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high
