"""Documents that cannot be understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm.core.ids import Id
from crm.core.roles import Role
from crm.entrypoints.answers.jobs import QuarantineExplained, QuarantinePage, Retried
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request
from crm.runtime.services import Services
from crm.sync import quarantine


class ItemRequest(Request):
    """`retry_quarantine`, `explain_quarantine`."""

    id: Id


def _list(services: Services, caller: Caller, request: PageRequest) -> Mapping[str, object]:
    return quarantine.list_quarantine(services.store, pager_of(services, caller, request))


def _retry(services: Services, _caller: Caller, request: ItemRequest) -> Mapping[str, object]:
    return {"resolved": quarantine.retry_quarantine(services.runner, request.id)}


def _explain(services: Services, _caller: Caller, request: ItemRequest) -> Mapping[str, object]:
    return quarantine.explain_quarantine(services.runner, request.id)


CALLS: Final[Mapping[str, Call[Any]]] = {
    "list_quarantine": Call(Role.VIEWER, PageRequest, QuarantinePage, _list),
    "retry_quarantine": Call(Role.EDITOR, ItemRequest, Retried, _retry),
    "explain_quarantine": Call(Role.EDITOR, ItemRequest, QuarantineExplained, _explain),
}
