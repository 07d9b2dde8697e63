"""Asking who is in a segment, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from crm.core.roles import Role
from crm.customers.customer import public
from crm.db.paging import Scope
from crm.db.retry import INTERACTIVE
from crm.entrypoints.callables.call import Call, Caller
from crm.entrypoints.callables.requests import PageRequest, Request
from crm.runtime.services import Services
from crm.segments.engine.count import count
from crm.segments.engine.pages import page
from crm.segments.language.ast import Saved
from crm.segments.language.expansion import expand
from crm.segments.language.json_form import to_json
from crm.segments.language.text import parse, to_text
from crm.segments.saved import counted, finder


class QueryRequest(PageRequest):
    """`query_segment`."""

    segment: object
    explain: bool | None = None


class CountRequest(Request):
    """`count_segment`."""

    segment: object


def _query(services: Services, caller: Caller, request: QueryRequest) -> Mapping[str, object]:
    asked = parse(request.segment)
    tokens = services.page_tokens
    scope = Scope(caller.uid, "query_segment", {"segment": to_json(asked)})
    after, now = None, services.runner.now()
    if request.page_token is not None:
        after, began = tokens.read(scope, request.page_token)
        now = datetime.fromisoformat(began)  # days are counted back from where the first page was
    node = expand(asked, finder(services.store, services.keys))
    found = INTERACTIVE.call(lambda: page(services.store, node, now, after, request.size))
    position = None if found.next_after is None else [found.next_after, now.isoformat()]
    return {
        "customers": [public(customer_id, data) for customer_id, data in found.customers],
        "nextPageToken": tokens.issue(scope, position) if position else None,
        **({"explain": found.explain.to_data()} if request.explain else {}),
    }


def _count(services: Services, _caller: Caller, request: CountRequest) -> Mapping[str, object]:
    asked, now = parse(request.segment), services.runner.now()
    node = expand(asked, finder(services.store, services.keys))
    found = INTERACTIVE.call(lambda: count(services.store, node, now))
    if isinstance(asked, Saved):
        counted(services.store, services.keys, asked.segment_id, found.value, now)
    return {
        "count": found.value,
        "how": found.how,
        "documentsRead": found.reads,
        "segment": to_json(asked),
        "text": to_text(asked),
    }


CALLS: Final[Mapping[str, Call[Any]]] = {
    "query_segment": Call(Role.VIEWER, QueryRequest, _query),
    "count_segment": Call(Role.VIEWER, CountRequest, _count),
}
