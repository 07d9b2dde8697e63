"""The catalogue of tags: one row a tag, and which of them long work has in hand. Pure.

A commit that gives a customer a tag creates the tag's row, or writes the row's own label to it
under the version that was read. That changes nothing, so it is in nobody's way, but it fails where
the row was marked or deleted meanwhile: nobody gets a tag behind a rename or a deletion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from crm.core.errors import Refusal
from crm.core.tag_names import tag_id
from crm.db.collections import TAGS
from crm.db.documents import Create, Data, Replace, Snapshot, Write
from crm.db.transaction import Context, Reading
from crm.jobs.job import Job, path_of

UNMARKED: Final[Data] = {"state": None, "jobId": None, "since": None}
"""Fields of a row that no job has in hand."""


State = Literal["renaming", "deleting", "receiving"]


@dataclass(frozen=True, slots=True)
class TagRow:
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
    state: State | None = None
    job_id: str | None = None
    since: datetime | None = None

    def held(self, state: State, job_id: str, since: datetime) -> TagRow:
        """Give the row as a job takes it in hand."""
        return replace(self, state=state, job_id=job_id, since=since)

    def to_data(self) -> dict[str, object]:
        """Give the whole document."""
        return {
            "label": self.label,
            "createdAt": self.created_at,
            "state": self.state,
            "jobId": self.job_id,
            "since": self.since,
        }

    @classmethod
    def from_data(cls, data: Data) -> TagRow:
        """Read a document."""
        marked = data.get("since")  # older rows say nothing of it
        return cls(data["label"], data["createdAt"], data["state"], data["jobId"], marked)


def row_path(tag: str) -> str:
    """Give the path of a tag's row."""
    return f"{TAGS}/{tag}"


def working_on(reading: Reading, rows: Iterable[Snapshot]) -> list[Job]:
    """Give the unfinished jobs that have one of these rows in hand."""
    ids = {row.fields["jobId"] for row in rows if row.exists and row.fields["jobId"]}
    found = reading.documents(path_of(job_id) for job_id in sorted(ids))
    jobs = [Job.from_data(one.id, one.data) for one in found if one.data is not None]
    return [job for job in jobs if not job.over]


def refuse_busy(reading: Reading, tags: Iterable[str]) -> None:
    """Refuse to give tags that are being renamed or deleted.

    Raises:
        Refusal: `failed-precondition` (`tag-busy`).
    """
    rows = reading.documents(row_path(tag) for tag in tags)
    going = [row for row in rows if row.fields.get("state") in ("renaming", "deleting")]
    for job in working_on(reading, going):
        raise busy(job.id)


def marks(reading: Reading, context: Context, job: Job) -> list[Write]:
    """Give the writes by which a job takes the tag that it ends in hand, and the one it becomes.

    Args:
        reading: What has been read; demands the rows.
        context: Says when.
        job: Its arguments are `tag`, an id, and of a rename `to`, a label.

    Raises:
        Refusal: `not-found` (`no-such-tag`); `failed-precondition` (`tag-busy`).
    """
    to = job.arguments.get("to", "")
    tags = [job.arguments["tag"], *([tag_id(to)] if to else [])]
    old, *new = rows = reading.documents(map(row_path, tags))
    for other in working_on(reading, rows):
        raise busy(other.id)
    if old.data is None:
        raise unknown()
    row = TagRow.from_data(old.data)
    marked = row.held("renaming" if to else "deleting", job.id, context.now)
    writes: list[Write] = [Replace(old.path, marked.to_data(), old.version)]
    for one in new:
        receiver = replace(row, label=to) if one.data is None else TagRow.from_data(one.data)
        data = receiver.held("receiving", job.id, context.now).to_data()
        there = one.exists
        writes.append(Replace(one.path, data, one.version) if there else Create(one.path, data))
    return writes


def guarded(reading: Reading, context: Context, labels: Mapping[str, str]) -> list[Write]:
    """Give the writes that hold on to the rows of tags; they make what is missing.

    Args:
        reading: What has been read; demands the rows.
        context: Says when.
        labels: Tag id to the label of a new row.
    """
    writes: list[Write] = []
    for tag, label in labels.items():
        row = reading.document(row_path(tag))
        if row.exists:
            writes.append(Replace(row.path, {"label": row.fields["label"]}, row.version))
        else:
            writes.append(Create(row.path, TagRow(label, context.now).to_data()))
    return writes


def busy(job_id: str) -> Refusal:
    """Make the refusal of work on a tag that a job has in hand."""
    return Refusal(
        "failed-precondition",
        "tag-busy",
        f"The job {job_id} is renaming or deleting one of these tags: wait until `get_job` says"
        " that it is over, then call again.",
    )


def unknown() -> Refusal:
    """Make the refusal of a tag that nobody ever gave."""
    return Refusal("not-found", "no-such-tag", "There is no such tag: `list_tags` names them all.")
