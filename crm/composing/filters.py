"""Liquid's filters, those that mails need. None fails, whatever it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any, Final
from zoneinfo import ZoneInfo

from liquid import Environment
from liquid.exceptions import LiquidError

from crm.composing.marks import LONGEST

WRITTEN: Final = "%Y-%m-%d %H:%M"
"""How a time is written without the filter `date`."""

FROM_LIBRARY: Final = (
    *("append", "capitalize", "default", "downcase", "first", "join", "last", "map", "minus"),
    *("plus", "prepend", "reverse", "size", "sort", "strip", "truncate", "upcase", "where"),
)

_DIRECTIVE: Final = re.compile("%(-?)([aAbBdHIjmMpSuyY%])")
"""What `date` knows: the same everywhere, and nothing of the machine's own zone."""


class Moment(str):
    """A time in the organiser's zone: a text that sorts and compares as times do."""

    at: datetime

    @classmethod
    @lru_cache(maxsize=1_000)
    def of(cls, at: datetime, zone: ZoneInfo) -> Moment:
        """Return a time as templates see it."""
        local = at.astimezone(zone)
        made = cls(local.strftime(WRITTEN))
        made.at = local
        return made


def date(value: object, form: object = WRITTEN) -> object:
    """Return a time in another form; what is no time as it is."""
    at = value.at if isinstance(value, Moment) else None
    if isinstance(value, str) and at is None:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return value
    if at is None or not isinstance(form, str):
        return value
    moment = at

    def one(found: re.Match[str]) -> str:
        shown = moment.strftime(f"%{found[2]}")
        return (shown.lstrip("0") or "0") if found[1] else shown

    return _DIRECTIVE.sub(one, form)


def _total(name: str, library: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that answers what it was given where the library's would fail."""

    @wraps(library)
    def call(value: object, *args: object, **named: object) -> object:
        try:
            found = library(value, *map(_short, args), **named)
        except (LiquidError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError):
            return value
        return found[:LONGEST] if type(found) is str else found

    call.__name__ = name
    return call


def _short(value: object) -> object:
    return value[:LONGEST] if type(value) is str else value


def install(environment: Environment) -> None:
    """Leave an environment no filters but ours."""
    library = {name: environment.filters[name] for name in FROM_LIBRARY}
    environment.filters.clear()
    environment.filters.update({name: _total(name, one) for name, one in library.items()})
    environment.filters["date"] = _total("date", date)


FILTERS: Final[Mapping[str, str]] = {
    "default": '`{{ name | default: "friend" }}`: another word where there is no value',
    "date": '`{{ event.starts_at | date: "%d.%m.%Y" }}`: a time in another form',
    "upcase": "in capital letters",
    "downcase": "in small letters",
    "capitalize": "with a capital letter first",
    "strip": "without blanks around it",
    "truncate": "`{{ event.name | truncate: 40 }}`: at most so many characters",
    "append": "with a text behind it",
    "prepend": "with a text before it",
    "plus": "a number more",
    "minus": "a number less",
    "size": "how long a list or a text is",
    "first": "the first of a list",
    "last": "the last of a list",
    "join": '`{{ tags | join: ", " }}`: a list as one text',
    "sort": "a list in order, or by what its members have",
    "reverse": "a list backwards",
    "map": '`{{ events | map: "name" }}`: of each member one thing',
    "where": '`{% assign seen = events | where: "attended", true %}`: those members of a list',
}
"""Every filter there is, and what it gives."""
