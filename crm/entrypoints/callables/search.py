"""Searching customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from crm.core.ids import Text
from crm.core.roles import Role
from crm.customers.search import Among, search_customers
from crm.db.documents import Data
from crm.entrypoints.answers.customers import SearchPage
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, SegmentInput
from crm.runtime.services import Services
from crm.segments.asking import understand
from crm.segments.engine.predicate import matches
from crm.segments.language.json_form import to_json
from crm.segments.language.text import parse
from crm.segments.names import to_data

MAX_TEXT_LENGTH: Final = 256  # characters


class SearchRequest(PageRequest):
    """`search_customers`."""

    q: Annotated[Text, Field(max_length=MAX_TEXT_LENGTH)]
    segment: SegmentInput | None = None


def _search(services: Services, caller: Caller, request: SearchRequest) -> Mapping[str, object]:
    runner, pager = services.runner, pager_of(services, caller, request)
    if request.segment is None:
        return search_customers(runner, pager, request.q)
    question = understand(runner, parse(request.segment), doubting=pager.token is None)
    node, now = question.whole, runner.now()

    def belongs(customer: Data) -> bool:
        return matches(node, customer, now)

    among = Among(to_json(node), belongs)
    found = search_customers(runner, pager, request.q, among)
    return {**found, "warnings": to_data(question.doubts)}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "search_customers": Call(Role.VIEWER, SearchRequest, SearchPage, _search),
}
