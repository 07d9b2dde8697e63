"""What staff write down about a customer."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from crm.core.ids import CustomerId, Id, plain
from crm.core.roles import Role
from crm.entrypoints.answers.staff_words import NoteKept, NotesPage
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import PageRequest, Request
from crm.notes import keeping, listing
from crm.notes.note import MAX_TEXT
from crm.runtime.services import Services

_BESIDE_TEXT: Final = frozenset({"\n", "\t"})
"""Control characters that are part of a text of several lines."""


def _text(value: object) -> str:
    """Return a text as it is kept: one form of letters (NFC) and of line ends, no blanks around."""
    if isinstance(value, str):
        lines = unicodedata.normalize("NFC", plain(value)).replace("\r\n", "\n").replace("\r", "\n")
        kept = [one for one in lines if one in _BESIDE_TEXT or unicodedata.category(one) != "Cc"]
        text = "".join(kept).strip()
        if 0 < len(text) <= MAX_TEXT:
            return text
    raise PydanticCustomError("note", f"must be a text of 1 to {MAX_TEXT:,} characters")


class AddNoteRequest(Request):
    """`add_note`."""

    customer_id: CustomerId
    text: Annotated[str, PlainValidator(_text, json_schema_input_type=str)]


class ListNotesRequest(PageRequest):
    """`list_notes`."""

    customer_id: CustomerId


class DeleteNoteRequest(Request):
    """`delete_note`."""

    note_id: Id


def _add_note(services: Services, _caller: Caller, request: AddNoteRequest) -> Mapping[str, object]:
    plan, _ = services.runner.run(
        lambda tx: keeping.plan_note(tx, request.customer_id, request.text)
    )
    return {"noteId": plan.result}


def _list_notes(
    services: Services, caller: Caller, request: ListNotesRequest
) -> Mapping[str, object]:
    pager = pager_of(services, caller, request)
    return listing.list_notes(services.runner, pager, request.customer_id)


def _delete_note(
    services: Services, _caller: Caller, request: DeleteNoteRequest
) -> Mapping[str, object]:
    keeping.delete_note(services.runner, request.note_id)
    return {"noteId": request.note_id}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "add_note": Call(Role.EDITOR, AddNoteRequest, NoteKept, _add_note),
    "list_notes": Call(Role.VIEWER, ListNotesRequest, NotesPage, _list_notes),
    "delete_note": Call(Role.EDITOR, DeleteNoteRequest, NoteKept, _delete_note),
}
