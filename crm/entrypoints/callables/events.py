"""The list of events, and one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from crm.core.ids import Text
from crm.core.roles import Role
from crm.entrypoints.answers.reports import EventShown, EventsPage
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request
from crm.reports import events
from crm.runtime.services import Services

MAX_TEXT_LENGTH: Final = 256  # characters


class ListRequest(PageRequest):
    """`list_events`."""

    q: Annotated[Text, Field(max_length=MAX_TEXT_LENGTH)] | None = None
    when: events.When | None = None


class EventRequest(Request):
    """`get_event`."""

    event_id: Text


def _list(services: Services, caller: Caller, request: ListRequest) -> Mapping[str, object]:
    pager = pager_of(services, caller, request)
    return events.list_events(services.runner, pager, request.q, request.when)


def _get(services: Services, _caller: Caller, request: EventRequest) -> Mapping[str, object]:
    return events.get_event(services.runner, request.event_id)


CALLS: Final[Mapping[str, Call[Any]]] = {
    "list_events": Call(Role.VIEWER, ListRequest, EventsPage, _list),
    "get_event": Call(Role.VIEWER, EventRequest, EventShown, _get),
}
