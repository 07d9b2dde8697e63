"""Exporting a person's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from crm.core.ids import Text
from crm.core.roles import Person, Role
from crm.db.paging import MAX_TOKEN_LENGTH, Scope
from crm.entrypoints.answers.privacy import ArchivePart
from crm.entrypoints.callables.call import HEAVY, Call, Caller
from crm.entrypoints.callables.requests import Request, WhoRequest
from crm.privacy.export.archive import export
from crm.privacy.own import SignedIn, catch_up
from crm.runtime.services import Services

Token = Annotated[Text, Field(max_length=MAX_TOKEN_LENGTH)]


class ExportRequest(WhoRequest):
    """`export_customer`."""

    page_token: Token | None = None


class OwnExportRequest(Request):
    """`export_my_data`."""

    page_token: Token | None = None


def _export(services: Services, caller: Caller, request: ExportRequest) -> Mapping[str, object]:
    who = request.who
    scope = Scope(caller.uid, "export_customer", {who.kind: who.value})
    return export(services.runner, scope, who, request.page_token)


def _export_own(
    services: Services, caller: Caller, request: OwnExportRequest
) -> Mapping[str, object]:
    scope = Scope(caller.uid, "export_my_data", {})
    person = SignedIn(caller.uid, caller.address)
    if request.page_token is None:  # later parts are of the moment of the first one
        catch_up(services.runner, person)
    return export(services.runner, scope, person, request.page_token)


CALLS: Final[Mapping[str, Call[Any]]] = {
    "export_customer": Call(Role.ADMIN, ExportRequest, ArchivePart, _export, HEAVY),
    "export_my_data": Call(Person.RECENT, OwnExportRequest, ArchivePart, _export_own, HEAVY),
}
