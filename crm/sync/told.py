"""What an event says of a document: a reading of it at the version that it had then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm.db.documents import Data, Path, Snapshot, Version


@dataclass(frozen=True, slots=True)
class Told:
    """A document as an event carries it.

    Attributes:
        fields: Its fields; of a deleted document the last ones.
        version: Its update time. None where the event does not say how the document is, as that of
            a deletion: the fields are a hint of what to read, then, and no more.
        created: When it was created (UTC).
        is_new: Whether the event is of its creation: nothing was written of it before.
    """

    fields: Data
    version: Version | None = None
    created: datetime | None = None
    is_new: bool = False

    def reading(self, path: Path) -> tuple[Snapshot, ...]:
        """Return the document as it was read, if the event says that."""
        if self.version is None:
            return ()
        return (Snapshot(path, self.fields, self.version, self.created),)

    def supposed(self, row: Path) -> tuple[Snapshot, ...]:
        """Return what is to be supposed of the order's row of the ledger: of a new one none."""
        return (Snapshot(row, None, 0),) if self.is_new and self.version is not None else ()
