"""Asking who is in a segment, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm.core.roles import Role
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request
from crm.runtime.services import Services
from crm.segments import query
from crm.segments.language.text import parse


class QueryRequest(PageRequest):
    """`query_segment`."""

    segment: object
    explain: bool | None = None


class CountRequest(Request):
    """`count_segment`."""

    segment: object


def _query(services: Services, caller: Caller, request: QueryRequest) -> Mapping[str, object]:
    asked, pager = parse(request.segment), pager_of(services, caller, request)
    return query.query_segment(services.runner, pager, asked, explain=bool(request.explain))


def _count(services: Services, _caller: Caller, request: CountRequest) -> Mapping[str, object]:
    return query.count_segment(services.runner, parse(request.segment))


CALLS: Final[Mapping[str, Call[Any]]] = {
    "query_segment": Call(Role.VIEWER, QueryRequest, _query),
    "count_segment": Call(Role.VIEWER, CountRequest, _count),
}
