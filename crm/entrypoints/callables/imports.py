"""Lists of contacts: taken in, undone, listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from crm.core.ids import Id, Text
from crm.core.roles import Role
from crm.entrypoints.answers.jobs import Imported, ImportsPage, JobBegun
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request
from crm.importing import imports
from crm.runtime.services import Services

MAX_SOURCE: Final = 200

MAX_EVIDENCE: Final = 1_000

_IMPORTS: Final = 10
"""Calls a minute: each may take all that an instance has."""


def _said(value: str) -> str | None:
    return value.strip() or None


Source = Annotated[Text, Field(max_length=MAX_SOURCE), AfterValidator(_said)]

Evidence = Annotated[Text, Field(max_length=MAX_EVIDENCE), AfterValidator(_said)]


class ImportRequest(Request):
    """`import_contacts`."""

    csv: str
    source: Source | None = None
    evidence: Evidence | None = None
    dry_run: bool | None = None


class UndoRequest(Request):
    """`undo_import`."""

    import_id: Id


def _import(services: Services, _caller: Caller, request: ImportRequest) -> Mapping[str, object]:
    return imports.import_contacts(
        services.runner,
        services.enqueue,
        request.csv,
        source=request.source,
        evidence=request.evidence,
        dry_run=bool(request.dry_run),
    )


def _undo(services: Services, _caller: Caller, request: UndoRequest) -> Mapping[str, object]:
    return imports.undo_import(services.runner, services.enqueue, request.import_id)


def _list(services: Services, caller: Caller, request: PageRequest) -> Mapping[str, object]:
    return imports.list_imports(services.runner, pager_of(services, caller, request))


CALLS: Final[Mapping[str, Call[Any]]] = {
    "import_contacts": Call(Role.ADMIN, ImportRequest, Imported, _import, _IMPORTS),
    "undo_import": Call(Role.ADMIN, UndoRequest, JobBegun, _undo, _IMPORTS),
    "list_imports": Call(Role.ADMIN, PageRequest, ImportsPage, _list),
}
