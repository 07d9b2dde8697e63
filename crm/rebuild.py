"""Looking at everything again: the backfill on the day of installation, and repair on any day.

It is the very same sync that the triggers call, for every document of the host and for everything
that is known of documents that are gone. So it is safe beside live events, can be stopped and
started again, and writes nothing where nothing is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

from crm import jobs
from crm.access import Role
from crm.customer import INTERNAL
from crm.documents import Path, Query, Replace, Snapshot, Store, Write
from crm.errors import place_of
from crm.jobs import Job, Kind, Progress
from crm.planning import CUSTOMERS
from crm.runner import Runner
from crm.sides import Stretch, sides
from crm.sync import Sync
from crm.walking import PAGE, apart

Told = Callable[[str, int, int], None]
"""Told, of a collection, how many documents were looked at and how many there are."""

Position = tuple[int, str | None]
"""Where to go on: which of the two collections, and from which id."""

START: Final[Position] = (0, None)

STEP: Final = 200
"""Documents that one step of a job looks at."""

THREADS: Final = 8

MAX_DRIFT: Final = 200
"""Customers that a job's document names; all are counted."""

JOB: Final = "rebuild"


@dataclass
class Report:
    """What a rebuild did, or would do.

    Attributes:
        seen: Collection to documents looked at.
        changed: Collection to documents for which something was to be written.
        drift: Of a dry run: customer id to the public fields that are not as they should be.
        failed: What could not be brought up to date: collection, id, and why, without values.
    """

    seen: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    drift: dict[str, set[str]] = field(default_factory=dict)
    failed: list[tuple[str, str, str]] = field(default_factory=list)


def rebuild(
    runner: Runner,
    *,
    dry_run: bool = False,
    threads: int = THREADS,
    progress: Told = lambda _collection, _done, _total: None,
) -> Report:
    """Bring everything up to the host's documents.

    Args:
        runner: Carries plans out.
        dry_run: Write nothing, report what would be written. Each document is judged alone then,
            against the database as it is.
        threads: How many documents at a time.
        progress: Told after each page of ids.

    Errors:
        Transient: The collections could not be listed. What a single document meets is reported.
    """
    report = Report()
    totals = _totals(runner)
    at: Position | None = START
    while at is not None:
        collection = list(totals)[at[0]]
        at = _look(runner, report, at, PAGE, dry_run=dry_run, threads=threads)
        progress(collection, report.seen[collection], totals[collection])
    return report


def start(runner: Runner, enqueue: jobs.Enqueue, *, dry_run: bool) -> str:
    """Have a worker do it; give the job's id.

    Errors:
        Conflict, Transient: Not started.
    """
    total = sum(_totals(runner).values())
    arguments = {"dryRun": dry_run}
    action = "customers.check" if dry_run else "customers.rebuild"
    return jobs.start(runner, enqueue, JOB, arguments, action=action, total=total)


def step(runner: Runner, job: Job) -> Progress:
    """Take one step of the job."""
    report = Report()
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
        counts={
            "changed": report.changed.total(),
            "failed": len(report.failed),
            "drifted": len(drift),
        },
        drift=drift[: MAX_DRIFT - len(job.drift)],
        finished=at is None,
    )


def _totals(runner: Runner) -> dict[str, int]:
    settings = runner.settings
    return {
        path: runner.patience.insist(partial(runner.store.count, Query(path)))
        for path in (settings.users.path, settings.orders.path)
    }


def _look(
    runner: Runner, report: Report, at: Position, most: int, *, dry_run: bool, threads: int
) -> Position | None:
    """Look at the next stretch again; say where the one after it begins."""
    which, low = at
    side = sides(Sync(runner))[which]
    stretch = side.stretch(runner.store, runner.patience, (low, None), most)

    def one(name: str) -> bool:
        if not dry_run:
            handle = side.handle
        else:
            dry = replace(runner, store=DryStore(runner.store, report))
            handle = sides(Sync(dry))[which].handle
        try:
            return handle(name)
        except Exception as error:
            why = f"{type(error).__name__} at {place_of(error)}"
            report.failed.append((side.path, name, why))
            return False

    with ThreadPoolExecutor(threads) as pool:
        report.changed[side.path] += sum(pool.map(one, apart(stretch.ids, threads)))
    report.seen[side.path] += len(stretch.ids)
    return _next(which, stretch)


def _next(which: int, stretch: Stretch) -> Position | None:
    if stretch.following is not None:
        return which, stretch.following
    return (which + 1, None) if which == 0 else None


class DryStore:
    """A store for one document, which commits nothing and notes what customers would change."""

    def __init__(self, store: Store, report: Report) -> None:
        self._store, self._report = store, report
        self._seen: dict[Path, Snapshot] = {}
        self.find, self.count, self.frozen = store.find, store.count, store.frozen

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
                continue
            changed = write.data if isinstance(write, Replace) else self._seen[write.path].fields
            fields = {path.partition(".")[0] for path in changed}
            self._report.drift.setdefault(name, set()).update(fields - INTERNAL - {"updatedAt"})


KINDS: Final[jobs.Kinds] = {JOB: Kind(step, Role.ADMIN, stoppable=True, keeps="nothing")}
