"""Rules: saved, listed, deleted, and on whom they acted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from crm.core.ids import CustomerId, Id, Text
from crm.core.roles import Role
from crm.customers.reference import CustomerRef
from crm.entrypoints.answers.rules import RuleDeleted, RuleRunsPage, RuleSaved, RulesPage
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import AnyObject, PageRequest, Request, SegmentInput
from crm.entrypoints.watching import watch_of
from crm.privacy import rule_records
from crm.rules import saving
from crm.rules.checking import Asked, Waiting, check
from crm.runtime.services import Services
from crm.segments.names import to_data

OnceInput = Annotated[
    object,
    WithJsonSchema(
        {"anyOf": [{"enum": ["ever", "event"]}, {"type": "object", "additionalProperties": True}]}
    ),
]


class RuleRequest(Request):
    """A rule as staff ask for it: `save_rule`, and `preview_rule` of one that is not saved."""

    name: Text
    when: AnyObject
    then: AnyObject
    on: bool | None = None
    only: SegmentInput | None = None
    once: OnceInput | None = None
    most: Annotated[int, Field(ge=1)] | None = None

    def asked(self, waiting: Waiting | None = None) -> Asked:
        """Return what is asked for."""
        return Asked(
            self.name,
            self.when,
            self.then,
            bool(self.on),
            self.only,
            self.once,
            self.most,
            waiting,
        )


class SaveRequest(RuleRequest):
    """`save_rule`."""

    waiting: Waiting | None = None
    rule_id: Id | None = None
    revision: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _of_one_that_is_there(self) -> SaveRequest:
        if self.revision is not None and self.rule_id is None:
            raise PydanticCustomError("value", "`revision` belongs to a `ruleId`: give both")
        return self


class DeleteRequest(Request):
    """`delete_rule`."""

    rule_id: Id


class RunsRequest(PageRequest):
    """`list_rule_runs`."""

    customer_id: CustomerId | None = None
    rule_id: Id | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> RunsRequest:
        if (self.customer_id is None) == (self.rule_id is None):
            raise PydanticCustomError("value", "give exactly one of customerId and ruleId")
        return self


def _save(services: Services, _caller: Caller, request: SaveRequest) -> Mapping[str, object]:
    checked = check(services.runner, request.asked(request.waiting))
    rule = saving.save(services.runner, checked, request.rule_id, request.revision)
    watch_of(services.store).forget()
    return {"rule": saving.shown(rule), "warnings": to_data(checked.doubts)}


def _list(services: Services, caller: Caller, request: PageRequest) -> Mapping[str, object]:
    return saving.list_rules(services.store, pager_of(services, caller, request))


def _delete(services: Services, _caller: Caller, request: DeleteRequest) -> Mapping[str, object]:
    saving.delete(services.runner, request.rule_id)
    watch_of(services.store).forget()
    return {"ruleId": request.rule_id}


def _list_runs(services: Services, caller: Caller, request: RunsRequest) -> Mapping[str, object]:
    pager = pager_of(services, caller, request)
    if request.rule_id is not None:
        return rule_records.runs_of_rule(services.store, pager, request.rule_id)
    who = CustomerRef("customerId", request.customer_id or "")
    return rule_records.runs_of_customer(services.runner, pager, who)


CALLS: Final[Mapping[str, Call[Any]]] = {
    "save_rule": Call(Role.EDITOR, SaveRequest, RuleSaved, _save),
    "list_rules": Call(Role.VIEWER, PageRequest, RulesPage, _list),
    "delete_rule": Call(Role.EDITOR, DeleteRequest, RuleDeleted, _delete),
    "list_rule_runs": Call(Role.VIEWER, RunsRequest, RuleRunsPage, _list_runs),
}
