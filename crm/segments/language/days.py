"""Whole days in a question, as the moments that they hold in the organiser's zone. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from crm.core.days import end_of, start_of
from crm.segments.language.ast import When
from crm.segments.language.values import is_day

_Edge = Callable[[date, ZoneInfo], datetime] | None

_EDGES: Final[Mapping[str, tuple[_Edge, _Edge]]] = {
    "eq": (start_of, end_of),
    "gt": (end_of, None),
    "gte": (start_of, None),
    "lt": (None, start_of),
    "lte": (None, end_of),
}
"""Of each comparison with a day: from which moment on, and before which one it holds."""


def has_days(when: When) -> bool:
    """Whether something is compared with a whole day."""
    return any(is_day(getattr(when, name)) for name in _EDGES)


def resolved(when: When, zone: ZoneInfo) -> When:
    """Return the same comparisons with moments alone.

    Args:
        when: Comparisons with moments and days.
        zone: Whose days they are.
    """
    given = {name: value for name, value in vars(when).items() if value is not None}
    days = {name: given.pop(name) for name in _EDGES if is_day(given.get(name))}
    for name, day in days.items():
        first, behind = _EDGES[name]
        if first:
            given["gte"] = max(first(day, zone), given.get("gte", first(day, zone)))
        if behind:
            given["lt"] = min(behind(day, zone), given.get("lt", behind(day, zone)))
    return When(**given)
