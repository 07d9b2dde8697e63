"""A rebuild as a job of many workers: each stage is a phase, and large ones are cut into slices.

A stage relies on those before it, so it begins when all of the one before is over. Within a stage
each document is looked at alone, or collides and is looked at again, as beside live events: so it
makes no difference how a stage is cut, nor which slice ends first. A small database is gone through
by one worker, for whom a phase takes several stages: to cut it would cost more than it saves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from crm.core.roles import Role
from crm.db.documents import Query
from crm.db.runner import Runner
from crm.jobs import run as jobs
from crm.jobs.cutting import ALL, cut
from crm.jobs.fan_out import pieces
from crm.jobs.job import Cut, Enqueue, Job, Kind, Kinds, Phase, Progress
from crm.jobs.progress import joined
from crm.jobs.slices import Slice
from crm.repair.rebuild import THREADS, RebuildReport, count, look
from crm.repair.stages import BEHIND_HOST, STAGES, Stage, stages

STEP: Final = 200
"""Documents that one step looks at."""

LEAST: Final = 500
"""Documents of a collection for which a slice is worth while."""

JOB: Final = "rebuild"


def start(runner: Runner, enqueue: Enqueue, *, dry_run: bool) -> str:
    """Have workers do it; give the job's id.

    Raises:
        Conflict, Transient: Not started.
    """
    counts = _counts(runner, stages(runner))
    arguments = {"dryRun": dry_run, "cut": max(counts) > LEAST}
    action = "customers.check" if dry_run else "customers.rebuild"
    return jobs.start(runner, enqueue, JOB, arguments, action=action, total=sum(counts))


def step(runner: Runner, job: Job) -> Progress:
    """Take one step of a job that is not cut: by whoever takes its steps one after the other."""
    done = _step(runner, job, job.cursor or (0, None), STAGES)
    if not done.finished:
        return done
    drifted = len(joined(job.drift, done.drift))
    return replace(done, counts={**done.counts, "drifted": drifted})


def _counts(runner: Runner, some: Sequence[Stage]) -> list[int]:
    """Return how many documents each of some stages has to look at."""
    counts = {path: count(runner, path) for path in dict.fromkeys(one.path for one in some)}
    return [counts[one.path] for one in some]


def _step(
    runner: Runner, job: Job, at: Sequence[Any], last: int, high: str | None = None
) -> Progress:
    """Take one step.

    Args:
        runner: Carries plans out.
        job: The job.
        at: Where to begin: which of the stages, and from which id.
        last: The stage before which to stop.
        high: The id before which to stop.
    """
    which, low = at
    report = RebuildReport()
    dry_run = job.arguments["dryRun"]
    ids = (low, high)
    following = look(runner, report, which, ids, STEP, dry_run=dry_run, threads=THREADS)
    behind = [which, following] if following is not None else [which + 1, None]
    return Progress(
        cursor=behind,
        done=report.seen.total(),
        counts={
            # That it only looked is told when the job's arguments are gone.
            **({"checked": report.seen.total()} if dry_run else {}),
            "changed": report.changed.total(),
            "failed": len(report.failed),
            "drifted": 0,  # several slices can have met the same customer: see `_tell`
            "understood": sum(one.understood for one in report.understood.values()),
            "notUnderstood": sum(one.missed for one in report.understood.values()),
        },
        drift=[
            {"customerId": customer_id, "fields": sorted(fields)}
            for customer_id, fields in sorted(report.drift.items())
        ],
        finished=behind[0] == last,
    )


@dataclass(frozen=True)
class _Stages:
    """A phase that goes through some stages, one after the other.

    Attributes:
        first: Its first stage, by its place among all.
        last: The one behind its last stage.
        cuts: Whether it is for jobs that are cut; it has one stage then.
    """

    first: int
    last: int
    cuts: bool = True

    def cut(self, runner: Runner, job: Job) -> Cut:
        """Count what is left anew, as a backfill makes what later stages look at, and cut."""
        if self.cuts != job.arguments.get("cut", False) or self._begin(job)[0] >= self.last:
            return Cut(())
        left = stages(runner)[self.first :]
        counts = _counts(runner, left)
        total = job.done + sum(counts)
        if not self.cuts:
            return Cut([ALL], total)
        if not counts[0] and not left[0].finds_missing:
            return Cut((), total)
        many = pieces(runner, counts[0], LEAST)
        return Cut(cut(runner, Query(left[0].path), counts[0], many), total)

    def step(self, runner: Runner, job: Job, part: Slice) -> Progress:
        """Take one step of a slice."""
        at = part.cursor or ((self.first, part.low) if self.cuts else self._begin(job))
        return _step(runner, job, at, self.last, part.high)

    def _begin(self, job: Job) -> Sequence[Any]:
        """Return where to begin: behind the steps that were taken before anything was cut."""
        taken: Sequence[Any] = job.cursor or (0, None)
        return taken if taken[0] >= self.first else (self.first, None)


# --- Customers that drift ------------------------------------------------------------------------


def _cut_told(_runner: Runner, job: Job) -> Cut:
    return Cut([ALL] if job.drift else ())


def _tell(_runner: Runner, job: Job, _part: Slice) -> Progress:
    """Count the customers that drift: several slices can have met the same."""
    return Progress(counts={"drifted": len(job.drift)}, finished=True)


_STAGES: Final = (
    _Stages(0, BEHIND_HOST, cuts=False),
    _Stages(BEHIND_HOST, STAGES, cuts=False),
    *(_Stages(which, which + 1) for which in range(STAGES)),
)

KINDS: Final[Kinds] = {
    JOB: Kind(
        step,
        Role.ADMIN,
        cancellable=True,
        resumes="afresh",
        phases=[*(Phase(one.cut, one.step) for one in _STAGES), Phase(_cut_told, _tell)],
    )
}
