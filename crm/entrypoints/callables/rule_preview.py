"""What a rule would do: asked before it is saved, or of one that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm.core.ids import Id, Text
from crm.core.roles import Role
from crm.entrypoints.answers.rules import RulePreview
from crm.entrypoints.callables.call import HEAVY, Call, Caller
from crm.entrypoints.callables.requests import AnyObject, Request, SegmentInput
from crm.entrypoints.callables.rules import OnceInput
from crm.runtime.services import Services
from crm.segments.names import to_data

UNSAVED: Final = "unsaved"
"""The id that a rule has which is not saved."""


class PreviewRequest(Request):
    """`preview_rule`: a rule as `save_rule` takes it, or the id of one that is saved."""

    rule_id: Id | None = None
    name: Text | None = None
    when: AnyObject | None = None
    then: AnyObject | None = None
    on: bool | None = None
    only: SegmentInput | None = None
    once: OnceInput | None = None
    most: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> PreviewRequest:
        given = {key for key, value in self if value is not None and key != "rule_id"}
        if self.rule_id is None and not {"when", "then"} <= given:
            raise PydanticCustomError("value", "give a ruleId, or what a rule is made of")
        if self.rule_id is not None and given:
            raise PydanticCustomError("value", "give a ruleId alone, or no ruleId")
        return self


def _preview(services: Services, _caller: Caller, request: PreviewRequest) -> Mapping[str, object]:
    from crm.rules.book import PATH, book_of
    from crm.rules.checking import Asked, check
    from crm.rules.preview import preview
    from crm.rules.saving import unknown_rule

    runner = services.runner
    book = book_of(runner.read_one(PATH).data)
    if request.rule_id is not None:
        rule = book.rules.get(request.rule_id)
        if rule is None:
            raise unknown_rule()
        return {**preview(runner, rule, book, saved=True), "warnings": []}
    asked = Asked(
        request.name or UNSAVED,
        request.when,
        request.then,
        True,
        request.only,
        request.once,
        request.most,
    )
    checked = check(runner, asked)
    rule = checked.rule(UNSAVED, runner.now())
    found = preview(runner, rule, book, saved=False)
    return {**found, "warnings": to_data(checked.doubts)}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "preview_rule": Call(Role.EDITOR, PreviewRequest, RulePreview, _preview, HEAVY)
}
