"""The list of events, one of them, and some beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from crm.core.ids import Text
from crm.core.roles import Role
from crm.entrypoints.answers.reports import EventsCompared, EventShown, EventsPage, SalesShown
from crm.entrypoints.callables.call import HEAVY, Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request
from crm.reports import comparing, events
from crm.reports.sales import get_event_sales
from crm.runtime.services import Services

MAX_TEXT_LENGTH: Final = 256  # characters


class ListRequest(PageRequest):
    """`list_events`."""

    q: Annotated[Text, Field(max_length=MAX_TEXT_LENGTH)] | None = None
    when: events.When | None = None
    sales: bool | None = None
    order: events.Order | None = None


class EventRequest(Request):
    """`get_event`, `get_event_sales`."""

    event_id: Text


class CompareRequest(Request):
    """`compare_events`."""

    event_ids: Annotated[list[Text], Field(min_length=comparing.FEWEST, max_length=comparing.MOST)]

    @field_validator("event_ids")
    @classmethod
    def _each_once(cls, event_ids: list[str]) -> list[str]:
        if len({*event_ids}) < len(event_ids):
            raise PydanticCustomError("event-ids", "give each event once")
        return event_ids


def _list(services: Services, caller: Caller, request: ListRequest) -> Mapping[str, object]:
    pager = pager_of(services, caller, request)
    sales, order = bool(request.sales), request.order or "newest"
    q, when = request.q, request.when
    return events.list_events(services.runner, pager, q, when, sales=sales, order=order)


def _get(services: Services, _caller: Caller, request: EventRequest) -> Mapping[str, object]:
    return events.get_event(services.runner, request.event_id)


def _sales(services: Services, _caller: Caller, request: EventRequest) -> Mapping[str, object]:
    return get_event_sales(services.runner, request.event_id)


def _compare(services: Services, _caller: Caller, request: CompareRequest) -> Mapping[str, object]:
    return comparing.compare_events(services.runner, request.event_ids)


CALLS: Final[Mapping[str, Call[Any]]] = {
    "list_events": Call(Role.VIEWER, ListRequest, EventsPage, _list),
    "get_event": Call(Role.VIEWER, EventRequest, EventShown, _get),
    "get_event_sales": Call(Role.VIEWER, EventRequest, SalesShown, _sales, HEAVY),
    "compare_events": Call(Role.VIEWER, CompareRequest, EventsCompared, _compare, HEAVY),
}
