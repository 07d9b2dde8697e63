"""Searching customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from crm.core.ids import Text
from crm.core.roles import Role
from crm.customers.search import search_customers
from crm.entrypoints.answers.customers import CustomersPage
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest
from crm.runtime.services import Services

MAX_TEXT_LENGTH: Final = 256  # characters


class SearchRequest(PageRequest):
    """`search_customers`."""

    q: Annotated[Text, Field(max_length=MAX_TEXT_LENGTH)]


def _search(services: Services, caller: Caller, request: SearchRequest) -> Mapping[str, object]:
    return search_customers(services.runner, pager_of(services, caller, request), request.q)


CALLS: Final[Mapping[str, Call[Any]]] = {
    "search_customers": Call(Role.VIEWER, SearchRequest, CustomersPage, _search),
}
