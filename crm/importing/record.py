"""What is kept of an import: what it was, its rows until they are handled, and how to undo it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from crm.customers.part import FieldValue
from crm.db.codec import Stored, StoredById
from crm.db.collections import CONSENTS, IMPORTED, IMPORTS
from crm.importing.row import Row, RowError

KEPT: Final = timedelta(days=30)
"""For how long an import can be undone; then what that takes is deleted (a TTL policy on
`crmImported.goesAt`)."""

CHUNK: Final = 100
"""Addresses of a chunk at most: all of them are one commit."""

CHUNK_BYTES: Final = 300_000
"""Of what a chunk's rows say, about. What undoes them may say it twice; a document has 1 MiB."""

ROW_BYTES: Final = 400
"""What a row takes besides its texts: names of fields, its key, random ids."""

State = Literal["running", "done", "undoing", "undone"]


@dataclass(frozen=True, slots=True)
class Import(StoredById):
    """An import. It stays: it shows where contacts came from, and who vouched for their consent.

    Attributes:
        id: Random.
        at: When it was asked for (UTC).
        actor: By whom (see `transaction.Transaction`).
        source: Where the list comes from, as staff say it.
        evidence: What shows the consent of those who are subscribed by it.
        job_id: The job.
        chunks: How many pieces it was cut into.
        rows: Rows of the file.
        people: Addresses of the file that were understood.
        duplicates: Rows whose address another row before has.
        error_count: Rows that were left out.
        errors: The first of them.
        state: How far it is; of a job that failed the job says so.
        counts: What came of its addresses, when it is done.
        finished_at: When it was done.
        undo_job_id: The job that undoes it.
        undone_by: Who asked for that.
        undone_at: When it was undone.
        undone: What came of that.
    """

    id: str
    at: datetime
    actor: str
    source: str
    evidence: str | None
    job_id: str
    chunks: int
    rows: int
    people: int
    duplicates: int
    error_count: int
    errors: tuple[RowError, ...] = ()
    state: State = "running"
    counts: Mapping[str, int] = field(default_factory=dict)
    finished_at: datetime | None = None
    undo_job_id: str | None = None
    undone_by: str | None = None
    undone_at: datetime | None = None
    undone: Mapping[str, int] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where its document is."""
        return import_path(self.id)

    @property
    def proof(self) -> dict[str, str]:
        """What a record of consent says of it."""
        said = {"importId": self.id, "source": self.source}
        return said if self.evidence is None else {**said, "evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class Was(Stored):
    """What an import wrote into an own field, and what was there."""

    value: FieldValue
    there: bool = False
    before: FieldValue | None = None


@dataclass(frozen=True, slots=True)
class Done(Stored):
    """What an import did for an address, as far as it can be taken back.

    Attributes:
        key: The identity key of the address.
        part_id: The address's part.
        customer_id: The customer that had it.
        merges: The customer's merges that could be undone then.
        began: The customer began with it.
        tags: Tags that were added.
        granted: From when news were granted; None where they were not.
        fields_key: The identity key of the part on which own fields were written.
        fields_part: That part.
        fields: Own fields that were written there.
    """

    key: str
    part_id: str
    customer_id: str
    merges: tuple[str, ...] = ()
    began: bool = False
    tags: tuple[str, ...] = ()
    granted: datetime | None = None
    fields_key: str | None = None
    fields_part: str | None = None
    fields: Mapping[str, Was] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Whether there is anything to take back."""
        return bool(self.began or self.tags or self.granted or self.fields)


@dataclass(frozen=True, slots=True)
class Chunk(StoredById):
    """A piece of an import: rows that wait, then what was done for them.

    Attributes:
        id: See `chunk_id`.
        import_id: The import.
        keys: Identity keys of all that is in it, by which an erasure finds it.
        goes_at: When it is deleted, whatever is in it.
        rows: What waits, by its place.
        done: What was done and can be taken back, by the same places.
        undone: Nothing of it is to be done any more.
    """

    id: str
    import_id: str
    keys: tuple[str, ...]
    goes_at: datetime
    rows: Mapping[str, Row] = field(default_factory=dict)
    done: Mapping[str, Done] = field(default_factory=dict)
    undone: bool = False


def import_path(import_id: str) -> str:
    """Return the path of an import's document."""
    return f"{IMPORTS}/{import_id}"


def chunk_id(import_id: str, number: int) -> str:
    """Return the id of a chunk; ids sort by import and number."""
    return f"{import_id}-{number:06}"


def chunk_path(import_id: str, number: int) -> str:
    """Return the path of a chunk."""
    return f"{IMPORTED}/{chunk_id(import_id, number)}"


def consent_path(import_id: str, number: int, place: str) -> str:
    """Return the path of the record of a grant: found again without the address."""
    return f"{CONSENTS}/{chunk_id(import_id, number)}-{place}"


def chunks(people: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield people in pieces that fit into a document, and into a commit."""
    piece: list[Row] = []
    size = 0
    for row in people:
        more = ROW_BYTES + _bytes_of(row)
        if piece and (len(piece) == CHUNK or size + more > CHUNK_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(row)
        size += more
    if piece:
        yield piece


def _bytes_of(row: Row) -> int:
    texts = [row.email, row.name or "", *row.tags, *map(str, row.fields.values())]
    return sum(len(one.encode()) for one in texts)
