"""A note of staff's about a customer: a document that names the part that it is kept on.

So a merge moves it with its part and an undo moves it back, and neither writes it. The part counts
its notes, in the same commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm.db.codec import StoredById
from crm.db.collections import NOTES

MAX_TEXT: Final = 5_000
"""Characters."""

MAX_NOTES: Final = 1_000
"""Of a customer."""


@dataclass(frozen=True, slots=True)
class Note(StoredById):
    """A note. It is never changed.

    Attributes:
        id: Random.
        part_id: The part that it is kept on.
        identity: That part's key: it leads to whose the part is now.
        text: What was written. Personal data: an erasure deletes the note.
        at: When it was written (UTC).
        actor: Who wrote it (see `transaction.Transaction`).
    """

    id: str
    part_id: str
    identity: str
    text: str
    at: datetime
    actor: str

    @property
    def path(self) -> str:
        """Where its document is."""
        return note_path(self.id)


def note_path(note_id: str) -> str:
    """Return the path of a note."""
    return f"{NOTES}/{note_id}"
