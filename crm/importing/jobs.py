"""The jobs of an import and of its undo: each step is one commit for one chunk of people.

The commit that handles people also empties their rows out of the chunk, or what was to be taken
back. So a chunk is done once, whatever dies and begins again, and says itself what is left of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from crm.core.errors import Refusal, Transient
from crm.core.roles import Role
from crm.db.diff import replaced
from crm.db.documents import Snapshot, Update, Write
from crm.db.runner import Runner
from crm.db.transaction import Transaction
from crm.importing.plan import plan_rows
from crm.importing.record import Chunk, Import, chunk_id, chunk_path, import_path
from crm.importing.undo import plan_undo
from crm.jobs.cutting import ALL
from crm.jobs.fan_out import pieces
from crm.jobs.job import Cut, Job, Kind, Kinds, Phase, Progress
from crm.jobs.slices import Slice

IMPORT: Final = "import_contacts"

UNDO: Final = "undo_import"

Counts = Mapping[str, int]


@dataclass(frozen=True)
class _Handled:
    """What was done with a chunk.

    Attributes:
        chunk: What is left of it.
        people: How many addresses were handled.
        counts: What came of them.
        writes: What to commit with it.
    """

    chunk: Chunk
    people: int
    counts: Counts
    writes: list[Write]


def _take_in(runner: Runner, of: Import, number: int, chunk: Chunk) -> _Handled | None:
    """Handle the rows of a chunk; None where nothing waits there."""
    if chunk.undone or not chunk.rows:
        return None

    def planned(tx: Transaction) -> _Handled:
        handled = plan_rows(tx, chunk.rows, of, number)
        writes = handled.writes(tx, of)
        done = handled.done
        keys = {key for one in done.values() for key in (one.key, one.fields_key) if key}
        left = replace(chunk, keys=tuple(sorted(keys)), rows={}, done=done)
        return _Handled(left, len(chunk.rows), handled.counts, writes)

    try:
        return runner.evaluate(planned)
    except Refusal as busy:  # a tag is renamed or deleted just now
        raise Transient(busy.reason) from busy


def _take_back(runner: Runner, of: Import, number: int, chunk: Chunk) -> _Handled | None:
    """Undo a chunk, and let nothing of it be done any more; None where that is so."""
    if chunk.undone:
        return None

    def planned(tx: Transaction) -> _Handled:
        undone = plan_undo(tx, chunk.done, of, number)
        left = replace(chunk, keys=(), rows={}, done={}, undone=True)
        return _Handled(left, len(chunk.done), undone.counts, undone.writes(tx, of))

    return runner.evaluate(planned)


@dataclass(frozen=True)
class _Work:
    """What the two jobs have in common.

    Attributes:
        handle: What is done with a chunk.
        end: The fields of the import's document when all is done, given what came of it.
        backwards: Whether the last chunk comes first.
    """

    handle: Callable[[Runner, Import, int, Chunk], _Handled | None]
    end: Callable[[Runner, Counts], dict[str, object]]
    backwards: bool = False

    def step(self, runner: Runner, job: Job) -> Progress:
        """Take the step of a worker that does all of it alone."""
        turn = job.cursor or 0
        if turn >= job.arguments["chunks"]:
            return self._finish(runner, job)
        return self._chunk(runner, job, turn)

    def cut(self, runner: Runner, job: Job) -> Cut:
        """Cut the chunks that are left."""
        first, behind = job.cursor or 0, job.arguments["chunks"]
        many = pieces(runner, behind - first, 1)
        size = -(-(behind - first) // many)
        starts = range(first, behind, size or 1)
        name = job.arguments["importId"]
        return Cut(
            [(chunk_id(name, low), chunk_id(name, min(low + size, behind))) for low in starts]
        )

    def slice(self, runner: Runner, job: Job, part: Slice) -> Progress:
        """Handle the next chunk of a slice."""
        turn = part.cursor if part.cursor is not None else _number(part.low)
        progress = self._chunk(runner, job, turn)
        return replace(progress, finished=turn + 1 >= _number(part.high))

    def cut_end(self, _runner: Runner, _job: Job) -> Cut:
        """The end is one step."""
        return Cut([ALL])

    def slice_of_end(self, runner: Runner, job: Job, _part: Slice) -> Progress:
        """Take the last step, when all that was counted is in the job."""
        return self._finish(runner, job)

    def _chunk(self, runner: Runner, job: Job, turn: int) -> Progress:
        runner = replace(runner, watch=None)  # an import is never an entry for a rule
        number = job.arguments["chunks"] - 1 - turn if self.backwards else turn
        of, found = _read(runner, job.arguments["importId"], number)
        chunk = Chunk.from_data(found.id, found.data) if found.data is not None else None
        handled = self.handle(runner, of, number, chunk) if chunk is not None else None
        if handled is None:  # done by a step before this one, or forgotten since
            return Progress(cursor=turn + 1)
        return Progress(
            cursor=turn + 1,
            done=handled.people,
            counts=handled.counts,
            writes=[replaced(found, handled.chunk.to_data()), *handled.writes],
        )

    def _finish(self, runner: Runner, job: Job) -> Progress:
        found = runner.read_one(import_path(job.arguments["importId"]))
        fields = self.end(runner, job.result)
        return Progress(finished=True, writes=[Update(found.path, fields, found.version)])

    def kind(self) -> Kind:
        """Return the kind of job."""
        return Kind(
            self.step,
            Role.ADMIN,
            cancellable=True,
            resumes="cursor",
            phases=[Phase(self.cut, self.slice), Phase(self.cut_end, self.slice_of_end)],
        )


def _number(name: str | None) -> int:
    """Return the number of a chunk by its id."""
    return int((name or "").rpartition("-")[2])


def _read(runner: Runner, import_id: str, number: int) -> tuple[Import, Snapshot]:
    paths = [import_path(import_id), chunk_path(import_id, number)]
    found = runner.store.read(paths)
    record = found[paths[0]]
    return Import.from_data(record.id, record.fields), found[paths[1]]


def _ended(runner: Runner, counts: Counts) -> dict[str, object]:
    return {"state": "done", "counts": dict(counts), "finishedAt": runner.now()}


def _undone(runner: Runner, counts: Counts) -> dict[str, object]:
    return {"state": "undone", "undone": dict(counts), "undoneAt": runner.now()}


KINDS: Final[Kinds] = {
    IMPORT: _Work(_take_in, _ended).kind(),
    UNDO: _Work(_take_back, _undone, backwards=True).kind(),
}
"""The jobs that begin here."""
