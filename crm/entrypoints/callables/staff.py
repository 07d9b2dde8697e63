"""Who of the staff may do what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from crm.core.ids import Id, Text
from crm.core.roles import Role
from crm.db.paging import MAX_TOKEN_LENGTH, Pager
from crm.entrypoints.answers.staff import RoleChanged, StaffPage
from crm.entrypoints.callables.call import HEAVY, Call, Caller
from crm.entrypoints.callables.requests import MAX_PAGE, Request
from crm.runtime.services import Services
from crm.staff import manage

MAX_EMAIL: Final = 320
"""Characters: 64 before the sign, 255 behind it (RFC 5321, 4.5.3.1)."""


class StaffRequest(Request):
    """`list_staff`."""

    page_token: Annotated[Text, Field(max_length=MAX_TOKEN_LENGTH)] | None = None


class GrantRequest(Request):
    """`grant_role`."""

    email: Annotated[Text, Field(max_length=MAX_EMAIL)]
    role: Literal["viewer", "editor", "admin"]


class RevokeRequest(Request):
    """`revoke_role`."""

    uid: Id


def _list(services: Services, caller: Caller, request: StaffRequest) -> Mapping[str, object]:
    pager = Pager(services.page_tokens, caller.uid, MAX_PAGE, request.page_token)
    return manage.list_staff(services.staff(), services.keys, pager, caller.uid)


def _grant(services: Services, caller: Caller, request: GrantRequest) -> Mapping[str, object]:
    role = Role[request.role.upper()]
    row = manage.grant_role(services.runner, services.staff(), caller.uid, request.email, role)
    return {"staff": row}


def _revoke(services: Services, caller: Caller, request: RevokeRequest) -> Mapping[str, object]:
    row = manage.revoke_role(services.runner, services.staff(), caller.uid, request.uid)
    return {"staff": row}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "list_staff": Call(Role.ADMIN, StaffRequest, StaffPage, _list, HEAVY),
    "grant_role": Call(Role.ADMIN, GrantRequest, RoleChanged, _grant, HEAVY, recent=True),
    "revoke_role": Call(Role.ADMIN, RevokeRequest, RoleChanged, _revoke, HEAVY, recent=True),
}
