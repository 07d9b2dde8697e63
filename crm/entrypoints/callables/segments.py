"""Asking who is in a segment, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from crm.campaigns.reach import count_reach
from crm.core.roles import Role
from crm.entrypoints.answers.customers import SegmentPage
from crm.entrypoints.answers.segments import Counted
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request, SegmentInput
from crm.runtime.services import Services
from crm.segments import query
from crm.segments.asking import understand
from crm.segments.engine.order import By, Direction, Sort
from crm.segments.language.text import parse
from crm.segments.language.values import Currency


class SortRequest(Request):
    """An order of customers."""

    by: By
    currency: Currency | None = None
    direction: Direction | None = None

    @model_validator(mode="after")
    def _currency_of_spend(self) -> SortRequest:
        if self.by == "totalSpend" and self.currency is None:
            raise PydanticCustomError("currency", "give a currency beside totalSpend, such as USD")
        if self.by != "totalSpend" and self.currency is not None:
            raise PydanticCustomError("currency", "give a currency beside totalSpend alone")
        return self

    @property
    def sort(self) -> Sort:
        """The order that is meant."""
        return Sort(self.by, self.currency, self.direction or "desc")


class QueryRequest(PageRequest):
    """`query_segment`."""

    segment: SegmentInput
    sort: SortRequest | None = None
    explain: bool | None = None


class CountRequest(Request):
    """`count_segment`."""

    segment: SegmentInput
    reach: bool | None = None


def _query(services: Services, caller: Caller, request: QueryRequest) -> Mapping[str, object]:
    asked, pager = parse(request.segment), pager_of(services, caller, request)
    sort = request.sort.sort if request.sort else None
    return query.query_segment(
        services.runner, pager, asked, sort=sort, explain=bool(request.explain)
    )


def _count(services: Services, _caller: Caller, request: CountRequest) -> Mapping[str, object]:
    asked = parse(request.segment)
    counted = query.count_segment(services.runner, asked)
    if not request.reach:
        return counted
    node = understand(services.runner, asked, doubting=False).whole
    return {**counted, "reach": count_reach(services.runner, node).to_data()}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "query_segment": Call(Role.VIEWER, QueryRequest, SegmentPage, _query),
    "count_segment": Call(Role.VIEWER, CountRequest, Counted, _count),
}
