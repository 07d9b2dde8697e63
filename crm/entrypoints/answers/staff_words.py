"""What staff write down: notes and own fields."""

from typing_extensions import TypedDict

from crm.config.fields import FieldType
from crm.entrypoints.answers.shared import Fields, Moment, Page


class Note(TypedDict):
    """A note about a customer."""

    noteId: str
    text: str
    at: Moment
    author: str
    own: bool
    """Whether the caller wrote it."""


class NotesPage(Page):
    """`list_notes`."""

    notes: list[Note]


class NoteKept(TypedDict):
    """`add_note`, `delete_note`."""

    noteId: str


class OwnField(TypedDict):
    """An own field, as crm.toml declares it."""

    name: str
    type: FieldType
    label: str
    purpose: str
    choices: list[str]
    writable: bool


class OwnFields(TypedDict):
    """`list_fields`."""

    fields: list[OwnField]


class FieldsSet(TypedDict):
    """`set_fields`."""

    fields: Fields
