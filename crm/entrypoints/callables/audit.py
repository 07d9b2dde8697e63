"""Reading what was done in whose name: the audit trail, and requests about people's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from crm.audit.read import list_audit
from crm.core.ids import CustomerId, Id
from crm.core.roles import Role
from crm.entrypoints.answers.privacy import AuditPage, RequestsPage
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest
from crm.privacy.requests import list_requests
from crm.runtime.services import Services


class AuditRequest(PageRequest):
    """`list_audit`."""

    customer_id: CustomerId | None = None
    user_id: Id | None = None

    @model_validator(mode="after")
    def _one_at_most(self) -> AuditRequest:
        if self.customer_id is not None and self.user_id is not None:
            raise PydanticCustomError("who", "give customerId or userId, not both")
        return self


def _list_audit(services: Services, caller: Caller, request: AuditRequest) -> Mapping[str, object]:
    return list_audit(
        services.store,
        services.keys,
        pager_of(services, caller, request),
        request.customer_id,
        request.user_id,
    )


def _list_requests(
    services: Services, caller: Caller, request: PageRequest
) -> Mapping[str, object]:
    return list_requests(services.runner, pager_of(services, caller, request))


CALLS: Final[Mapping[str, Call[Any]]] = {
    "list_audit": Call(Role.ADMIN, AuditRequest, AuditPage, _list_audit),
    "list_requests": Call(Role.ADMIN, PageRequest, RequestsPage, _list_requests),
}
