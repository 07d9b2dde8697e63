"""Saving, listing and deleting segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm.core.ids import Id, Text
from crm.core.roles import Role
from crm.entrypoints.answers.segments import SegmentDeleted, SegmentSaved, SegmentsPage
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request, SegmentInput
from crm.rules.refreshing import refresh, refuse_used
from crm.runtime.services import Services
from crm.segments import saved
from crm.segments.asking import understand
from crm.segments.language import text
from crm.segments.names import to_data
from crm.segments.saved_plan import Definition, description_of, name_of


class SaveRequest(Request):
    """`save_segment`."""

    name: Text
    segment: SegmentInput
    description: Text | None = None
    segment_id: Id | None = None
    revision: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _of_one_that_is_there(self) -> SaveRequest:
        if self.revision is not None and self.segment_id is None:
            raise PydanticCustomError("value", "`revision` belongs to a `segmentId`: give both")
        return self


class DeleteSegmentRequest(Request):
    """`delete_segment`."""

    segment_id: Id


def _save(services: Services, _caller: Caller, request: SaveRequest) -> Mapping[str, object]:
    name, description = name_of(request.name), description_of(request.description)
    question = understand(services.runner, text.parse(request.segment))
    wanted = Definition(name, question.asked, description)
    segment_id, revision = saved.save(services.runner, wanted, request.segment_id, request.revision)
    refresh(services.runner, segment_id)
    warnings = to_data(question.doubts)
    return {"segmentId": segment_id, "revision": revision, "warnings": warnings}


def _list(services: Services, caller: Caller, request: PageRequest) -> Mapping[str, object]:
    return saved.list_segments(services.store, pager_of(services, caller, request))


def _delete(
    services: Services, _caller: Caller, request: DeleteSegmentRequest
) -> Mapping[str, object]:
    refuse_used(services.runner, request.segment_id)
    saved.delete(services.runner, request.segment_id)
    return {"segmentId": request.segment_id}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "save_segment": Call(Role.EDITOR, SaveRequest, SegmentSaved, _save),
    "list_segments": Call(Role.VIEWER, PageRequest, SegmentsPage, _list),
    "delete_segment": Call(Role.EDITOR, DeleteSegmentRequest, SegmentDeleted, _delete),
}
