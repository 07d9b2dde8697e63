"""Looking at everything again: the backfill on the day of installation, and repair on any day.

It goes by the same invariants as `verify`. First CRM-Lite's own documents are held to each other.
Then the very same sync that the triggers call looks at every document of the host, and at every row
of one that is gone. At last customers are counted anew from their orders. So a rebuild is safe
beside live events, can be stopped and begun anew, and writes nothing where nothing is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

from crm.core.roles import Role
from crm.customers.customer import INTERNAL
from crm.db.collections import CUSTOMERS
from crm.db.documents import Delete, Path, Query, Snapshot, Store, Write
from crm.db.runner import Runner
from crm.db.scan import PAGE, apart
from crm.jobs import job as job_model
from crm.jobs import run as jobs
from crm.jobs.job import Job, Kind, Progress
from crm.repair.damage import why_of
from crm.repair.mirrors import ALL, mirrors
from crm.repair.stages import Stage, stages
from crm.repair.understanding import FAILED, Understanding, Understood, Watched
from crm.sync.seen_events import SeenEvents
from crm.sync.sync import Sync

OnProgress = Callable[[str, int, int], None]
"""Told a collection, how many of its documents were looked at, and how many there are."""

Position = tuple[int, str | None]
"""Where to go on: which of the stages, and from which id."""

START: Final[Position] = (0, None)

STEP: Final = 200
"""Documents that one step of a job looks at."""

THREADS: Final = 8

MAX_DRIFT: Final = 200
"""Customers that a job's document names; all are counted."""

JOB: Final = "rebuild"


@dataclass
class RebuildReport:
    """What a rebuild did, or would do.

    Attributes:
        seen: Collection to documents looked at.
        changed: Collection to documents for which something was to be written.
        drift: Of a dry run: customer id to the public fields that are not as they should be.
        failed: What could not be brought up to date: collection, id, and why, without values.
        understood: Of the host's collections: what was understood, or would be.
        events: Those that the catalogue was found to have.
    """

    seen: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    drift: dict[str, set[str]] = field(default_factory=dict)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    understood: Understood = field(default_factory=dict)
    events: SeenEvents = field(default_factory=lambda: SeenEvents(age=None))


def rebuild(
    runner: Runner,
    *,
    dry_run: bool = False,
    threads: int = THREADS,
    progress: OnProgress = lambda _collection, _done, _total: None,
) -> RebuildReport:
    """Bring everything up to the host's documents.

    Args:
        runner: Carries plans out.
        dry_run: Write nothing, report what would be written. Each document is judged alone then,
            against the database as it is.
        threads: How many documents at a time.
        progress: Told after each page of ids.

    Raises:
        Transient: The collections could not be listed. What a single document meets is reported.
    """
    report = RebuildReport()
    at: Position | None = START
    total = 0
    while at is not None:
        one = stages(runner)[at[0]]
        if at[1] is None:
            total = _count(runner, one)
        at = _look(runner, report, at, PAGE, dry_run=dry_run, threads=threads)
        if total:
            progress(one.name, report.seen[one.name], total)
    return report


def vanished(runner: Runner) -> dict[str, int]:
    """Return the host's collections that are empty, and of how many documents one knows there.

    A rebuild takes all of those for deleted. More often the path in `crm.toml` is another one.

    Raises:
        Transient: Not answered.
    """
    found = {}
    for mirror in mirrors(Sync(runner)):
        there = runner.retry.call(partial(runner.store.count, mirror.documents(ALL, 1)))
        known = 0 if there else runner.retry.call(partial(runner.store.count, mirror.known(ALL)))
        if known:
            found[mirror.path] = known
    return found


def start(runner: Runner, enqueue: job_model.Enqueue, *, dry_run: bool) -> str:
    """Have a worker do it; give the job's id.

    Raises:
        Conflict, Transient: Not started.
    """
    total = sum(_count(runner, one) for one in stages(runner))
    arguments = {"dryRun": dry_run}
    action = "customers.check" if dry_run else "customers.rebuild"
    return jobs.start(runner, enqueue, JOB, arguments, action=action, total=total)


def step(runner: Runner, job: Job) -> Progress:
    """Take one step of the job."""
    report = RebuildReport()
    which, low = job.cursor or START
    dry_run = job.arguments["dryRun"]
    at = _look(runner, report, (which, low), STEP, dry_run=dry_run, threads=THREADS)
    named = {row["customerId"] for row in job.drift}
    drift = [
        {"customerId": customer_id, "fields": sorted(fields)}
        for customer_id, fields in sorted(report.drift.items())
        if customer_id not in named
    ]
    return Progress(
        cursor=None if at is None else list(at),
        done=report.seen.total(),
        total=_more(runner, job, at, report),
        counts={
            "changed": report.changed.total(),
            "failed": len(report.failed),
            "drifted": len(drift),
            "understood": sum(one.understood for one in report.understood.values()),
            "notUnderstood": sum(one.missed for one in report.understood.values()),
        },
        drift=drift[: MAX_DRIFT - len(job.drift)],
        finished=at is None,
    )


def _count(runner: Runner, one: Stage) -> int:
    return runner.retry.call(partial(runner.store.count, Query(one.path)))


def _more(runner: Runner, job: Job, at: Position | None, report: RebuildReport) -> int | None:
    """Count anew at the beginning of a stage: a backfill makes what later stages look at."""
    if at is None or at[1] is not None:
        return None
    rest = sum(_count(runner, one) for one in stages(runner)[at[0] :])
    return job.done + report.seen.total() + rest


def _look(
    runner: Runner, report: RebuildReport, at: Position, most: int, *, dry_run: bool, threads: int
) -> Position | None:
    """Look at the next page, and have its candidates handled; return where the one after begins."""
    which, low = at
    watched = Watched(DryStore(runner.store, report) if dry_run else runner.store)
    every = stages(replace(runner, store=watched), report.events)
    here = every[which]
    found = here.look((low, None), most)

    def one(name: str) -> bool:
        try:
            return here.handle(name)
        except Exception as error:
            if not any((here.path, name) == known[:2] for known in report.failed):
                report.failed.append((here.path, name, why_of(error)))
            return False

    with ThreadPoolExecutor(threads) as pool:
        report.changed[here.name] += sum(pool.map(one, apart(found.candidates, threads)))
    report.seen[here.name] += found.seen
    if here.mirror:
        failed = {name for path, name, _ in report.failed if path == here.path}
        understood = report.understood.setdefault(here.path, Understanding())
        for name in found.candidates:
            if name in failed:
                understood.add(FAILED)
            elif watched.is_there(f"{here.path}/{name}"):
                understood.add(watched.reason(here.mirror.place(name)))
    if found.following is not None:
        return which, found.following
    return (which + 1, None) if which + 1 < len(every) else None


class DryStore:
    """A store that commits nothing, and notes what customers would change."""

    def __init__(self, store: Store, report: RebuildReport) -> None:
        self._store, self._report = store, report
        self._seen: dict[Path, Snapshot] = {}
        self.find, self.count, self.at, self.sum = store.find, store.count, store.at, store.sum

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        """Read as ever."""
        found = self._store.read(paths)
        self._seen.update(found)
        return found

    @property
    def moment(self) -> datetime | None:
        """As the store's own."""
        return self._store.moment

    def commit(self, writes: Sequence[Write]) -> None:
        """Note the public fields of customers that would change."""
        for write in writes:
            collection, name = write.path.rsplit("/", 1)
            if collection != CUSTOMERS or write.path not in self._seen:
                continue  # one that would be new has no id yet
            changed = self._seen[write.path].fields if isinstance(write, Delete) else write.data
            fields = {path.partition(".")[0] for path in changed}
            self._report.drift.setdefault(name, set()).update(fields - INTERNAL - {"updatedAt"})


KINDS: Final[job_model.Kinds] = {JOB: Kind(step, Role.ADMIN, cancellable=True, resumes="afresh")}
