"""Figures of orders and decisions by the day, the week or the month, and cohorts."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from crm.core.roles import Role
from crm.entrypoints.answers.reports import Cohorts, Figures, Growth, News
from crm.entrypoints.callables.call import HEAVY, Call, Caller
from crm.entrypoints.callables.requests import Request
from crm.reports.buckets import By
from crm.reports.cohorts import get_cohorts
from crm.reports.figures import get_figures
from crm.reports.growth import get_growth
from crm.reports.news import get_news
from crm.runtime.services import Services

MAX_MOMENT: Final = 40
"""Characters of a time in ISO 8601, with room for nine digits of a second and a zone."""


def _day(value: object) -> object:
    if value is None:
        return None
    # Not every form of ISO 8601 that Python reads: `2024-W09-5` is a day as well, and a riddle.
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("day", "write a day of the calendar as 2024-01-31")


Day = Annotated[date, BeforeValidator(_day)]


def _moment(value: object) -> datetime:
    if isinstance(value, str) and len(value) <= MAX_MOMENT and "T" in value:
        # Month 13, and a moment that is in year 0 or 10000 in UTC.
        with contextlib.suppress(ValueError, OverflowError):
            at = datetime.fromisoformat(value)
            if at.tzinfo is not None:
                return at.astimezone(UTC)
    raise PydanticCustomError("moment", "write a time with its zone as 2024-01-31T18:00:00Z")


class CohortsRequest(Request):
    """`get_cohorts`."""

    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None


class FiguresRequest(CohortsRequest):
    """`get_figures`, `get_growth`."""

    by: By | None = None


class NewsRequest(Request):
    """`get_news`."""

    since: Annotated[datetime, BeforeValidator(_moment)]


def _figures(services: Services, _caller: Caller, request: FiguresRequest) -> Mapping[str, object]:
    return get_figures(services.runner, request.first, request.last, request.by or "day")


def _cohorts(services: Services, _caller: Caller, request: CohortsRequest) -> Mapping[str, object]:
    return get_cohorts(services.runner, request.first, request.last)


def _growth(services: Services, _caller: Caller, request: FiguresRequest) -> Mapping[str, object]:
    return get_growth(services.runner, request.first, request.last, request.by or "day")


def _news(services: Services, _caller: Caller, request: NewsRequest) -> Mapping[str, object]:
    return get_news(services.runner, request.since)


CALLS: Final[Mapping[str, Call[Any]]] = {
    "get_figures": Call(Role.VIEWER, FiguresRequest, Figures, _figures, HEAVY),
    "get_cohorts": Call(Role.VIEWER, CohortsRequest, Cohorts, _cohorts, HEAVY),
    "get_growth": Call(Role.VIEWER, FiguresRequest, Growth, _growth, HEAVY),
    "get_news": Call(Role.VIEWER, NewsRequest, News, _news),
}
