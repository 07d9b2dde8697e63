"""Tagging customers, and the catalogue of tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm.core.ids import CustomerId, Text
from crm.core.roles import Role
from crm.customers.limits import MAX_TAGS
from crm.entrypoints.answers.segments import TagEnded, Tagged, TagsPage
from crm.entrypoints.callables.call import HEAVY, Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request, SegmentInput
from crm.runtime.services import Services
from crm.segments.asking import understand
from crm.segments.language.text import parse
from crm.segments.names import to_data
from crm.tags import tagging
from crm.tags.plan import change_of

MAX_CUSTOMERS: Final = 500
"""Customers named one by one in one call."""

Tags = Annotated[list[Text], Field(max_length=MAX_TAGS)]

Customers = Annotated[list[CustomerId], Field(min_length=1, max_length=MAX_CUSTOMERS)]


class TagRequest(Request):
    """`tag_customers`."""

    add: Tags | None = None
    remove: Tags | None = None
    customer_ids: Customers | None = None
    segment: SegmentInput | None = None

    @model_validator(mode="after")
    def _whom_and_what(self) -> TagRequest:
        if (self.customer_ids is None) == (self.segment is None):
            raise PydanticCustomError("whom", "give exactly one of customerIds and segment")
        if not (self.add or self.remove):
            raise PydanticCustomError("what", "give a tag in `add` or in `remove`")
        return self


class RenameRequest(Request):
    """`rename_tag`."""

    tag: Text
    to: Text


class DeleteTagRequest(Request):
    """`delete_tag`."""

    tag: Text


def _tag(services: Services, _caller: Caller, request: TagRequest) -> Mapping[str, object]:
    change = change_of(request.add or (), request.remove or ())
    if request.customer_ids is not None:
        done = tagging.tag_customers(services.runner, request.customer_ids, change)
        return {**done, "warnings": []}
    question = understand(services.runner, parse(request.segment))
    done = tagging.tag_segment(services.runner, services.enqueue, question.whole, change)
    return {**done, "warnings": to_data(question.doubts)}


def _rename(services: Services, _caller: Caller, request: RenameRequest) -> Mapping[str, object]:
    return tagging.rename_tag(services.runner, services.enqueue, request.tag, request.to)


def _delete(services: Services, _caller: Caller, request: DeleteTagRequest) -> Mapping[str, object]:
    return tagging.delete_tag(services.runner, services.enqueue, request.tag)


def _list(services: Services, caller: Caller, request: PageRequest) -> Mapping[str, object]:
    return tagging.list_tags(services.store, pager_of(services, caller, request))


CALLS: Final[Mapping[str, Call[Any]]] = {
    "list_tags": Call(Role.VIEWER, PageRequest, TagsPage, _list),
    "tag_customers": Call(Role.EDITOR, TagRequest, Tagged, _tag),
    "rename_tag": Call(Role.EDITOR, RenameRequest, TagEnded, _rename, HEAVY),
    "delete_tag": Call(Role.EDITOR, DeleteTagRequest, TagEnded, _delete, HEAVY),
}
