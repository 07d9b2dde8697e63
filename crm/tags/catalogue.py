"""The catalogue of tags: one row a tag, and which of them long work has in hand. Pure.

A commit that gives a customer a tag creates the tag's row, or writes the row's own label to it
under the version that was read. That changes nothing, so it is in nobody's way, but it fails where
the row was marked or deleted meanwhile: nobody gets a tag behind a rename or a deletion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from crm.core.errors import Refusal
from crm.core.tag_names import tag_id
from crm.db.codec import Stored, kept
from crm.db.collections import TAGS
from crm.db.documents import Create, Data, Snapshot, Update, Write
from crm.db.transaction import Transaction
from crm.jobs.job import Job, path_of

UNLOCKED: Final[Data] = {"state": None, "jobId": None, "since": None}
"""Fields of a row that no job has in hand."""

LockState = Literal["renaming", "deleting", "receiving"]


@dataclass(frozen=True, slots=True)
class TagRow(Stored):
    """A tag of the catalogue. How many customers have it is counted, never kept.

    Attributes:
        label: As staff first wrote it.
        created_at: When it was first given (UTC).
        state: What a job does to it: rename or delete it, or rename another one to it.
        job_id: That job.
        since: Since when (UTC). Each mark has another time, so that it moves the row's version.
    """

    label: str
    created_at: datetime
    state: LockState | None = None
    job_id: str | None = None
    since: datetime | None = field(default=None, metadata=kept(added_later=True))

    def locked(self, state: LockState, job_id: str, since: datetime) -> TagRow:
        """Return the row as a job takes it in hand."""
        return replace(self, state=state, job_id=job_id, since=since)


def row_path(tag: str) -> str:
    """Return the path of a tag's row."""
    return f"{TAGS}/{tag}"


def locked_by(tx: Transaction, rows: Iterable[Snapshot]) -> list[Job]:
    """Return the unfinished jobs that have one of these rows in hand."""
    ids = {row.fields["jobId"] for row in rows if row.exists and row.fields["jobId"]}
    found = tx.documents(path_of(job_id) for job_id in sorted(ids))
    jobs = [Job.from_data(one.id, one.data) for one in found if one.data is not None]
    return [job for job in jobs if not job.over]


def refuse_busy(tx: Transaction, tags: Iterable[str]) -> None:
    """Refuse to give tags that are being renamed or deleted.

    Raises:
        Refusal: `failed-precondition` (`tag-busy`).
    """
    rows = tx.documents(row_path(tag) for tag in tags)
    going = [row for row in rows if row.fields.get("state") in ("renaming", "deleting")]
    for job in locked_by(tx, going):
        raise busy(job.id)


def lock(tx: Transaction, job: Job) -> list[Write]:
    """Return the writes by which a job takes the tag that it ends in hand, and the one it becomes.

    Args:
        tx: The transaction.
        job: Its arguments are `tag`, an id, and of a rename `to`, a label.

    Raises:
        Refusal: `not-found` (`no-such-tag`); `failed-precondition` (`tag-busy`).
    """
    to = job.arguments.get("to", "")
    tags = [job.arguments["tag"], *([tag_id(to)] if to else [])]
    old, *new = rows = tx.documents(map(row_path, tags))
    for other in locked_by(tx, rows):
        raise busy(other.id)
    if old.data is None:
        raise unknown_tag()
    row = TagRow.from_data(old.data)
    locked = row.locked("renaming" if to else "deleting", job.id, tx.now)
    writes: list[Write] = [Update(old.path, locked.to_data(), old.version)]
    for one in new:
        receiver = replace(row, label=to) if one.data is None else TagRow.from_data(one.data)
        data = receiver.locked("receiving", job.id, tx.now).to_data()
        there = one.exists
        writes.append(Update(one.path, data, one.version) if there else Create(one.path, data))
    return writes


def fence(tx: Transaction, labels: Mapping[str, str]) -> list[Write]:
    """Return the writes that hold on to the rows of tags; they make what is missing.

    Args:
        tx: The transaction.
        labels: Tag id to the label of a new row.
    """
    writes: list[Write] = []
    for tag, label in labels.items():
        row = tx.document(row_path(tag))
        if row.exists:
            writes.append(Update(row.path, {"label": row.fields["label"]}, row.version))
        else:
            writes.append(Create(row.path, TagRow(label, tx.now).to_data()))
    return writes


def busy(job_id: str) -> Refusal:
    """Make the refusal of work on a tag that a job has in hand."""
    return Refusal(
        "failed-precondition",
        "tag-busy",
        f"The job {job_id} is renaming or deleting one of these tags: wait until `get_job` says"
        " that it is over, then call again.",
    )


def unknown_tag() -> Refusal:
    """Make the refusal of a tag that nobody ever gave."""
    return Refusal("not-found", "no-such-tag", "There is no such tag: `list_tags` names them all.")
