"""Long work, imports, and documents that are not understood."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from crm.entrypoints.answers.shared import Moment, Page
from crm.jobs.job import State


class Drift(TypedDict):
    """A customer that a rebuild would change, and in which fields."""

    customerId: str
    fields: list[str]


class Job(TypedDict):
    """Long work, and how far it is."""

    jobId: str
    kind: str
    state: State
    done: int
    total: int | None
    error: str | None
    startedAt: Moment
    updatedAt: Moment
    result: dict[str, int]
    drift: list[Drift]


class JobShown(TypedDict):
    """`get_job`, `cancel_job`, `retry_job`."""

    job: Job


class JobBegun(TypedDict):
    """`rebuild_customers`, `undo_import`."""

    jobId: str


class RowError(TypedDict):
    """What is wrong with a row of a list."""

    row: int
    reason: str
    column: str | None


class ImportReport(TypedDict):
    """What came of an import, by now."""

    rows: int
    added: int
    changed: int
    unchanged: int
    keptOut: dict[str, int]
    duplicates: int
    errors: list[RowError]
    errorCount: int
    evidenceNeeded: NotRequired[bool]
    """Of a dry run: whether a row says that somebody is subscribed."""


class Imported(TypedDict):
    """`import_contacts`."""

    report: ImportReport
    importId: str | None
    jobId: str | None


class Import(TypedDict):
    """A list that was taken in."""

    importId: str
    at: Moment
    source: str
    evidence: str | None
    state: Literal["running", "done", "failed", "undoing", "undone"]
    error: str | None
    jobId: str
    report: ImportReport
    finishedAt: Moment | None
    undoJobId: str | None
    undoneAt: Moment | None
    undone: dict[str, int]
    undoable: bool


class ImportsPage(Page):
    """`list_imports`."""

    imports: list[Import]


class QuarantineRow(TypedDict):
    """A document of the host that cannot be understood."""

    id: str
    collection: str
    documentId: str
    reason: str
    at: Moment


class QuarantinePage(Page):
    """`list_quarantine`."""

    items: list[QuarantineRow]


class Retried(TypedDict):
    """`retry_quarantine`."""

    resolved: bool


class QuarantineExplained(TypedDict):
    """`explain_quarantine`."""

    field: str | None
    """Where in the document; null where it is no single field."""
    value: str | None
    """What is there, as text."""
    message: str
    documentPath: str
