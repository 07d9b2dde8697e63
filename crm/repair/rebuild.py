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

from crm.customers.customer import INTERNAL
from crm.db.collections import CUSTOMERS
from crm.db.documents import Delete, Path, Query, Snapshot, Store, Version, Write
from crm.db.runner import Runner
from crm.db.scan import PAGE, apart
from crm.repair.damage import why_of
from crm.repair.mirrors import ALL, mirrors
from crm.repair.partitions import Range
from crm.repair.stages import stages
from crm.repair.understanding import FAILED, Understanding, Understood, Watched
from crm.sync.seen_events import SeenEvents
from crm.sync.sync import Sync

OnProgress = Callable[[str, int, int], None]
"""Told a collection, how many of its documents were looked at, and how many there are."""

THREADS: Final = 8


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
    for which, one in enumerate(stages(runner)):
        low: str | None = None
        total = count(runner, one.path)
        while True:
            ids = (low, None)
            low = look(runner, report, which, ids, PAGE, dry_run=dry_run, threads=threads)
            if total:
                progress(one.name, report.seen[one.name], total)
            if low is None:
                break
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


def count(runner: Runner, path: str) -> int:
    """Count the documents of a collection.

    Raises:
        Transient: Not answered before the deadline.
    """
    return runner.retry.call(partial(runner.store.count, Query(path)))


def look(
    runner: Runner,
    report: RebuildReport,
    which: int,
    ids: Range,
    most: int,
    *,
    dry_run: bool,
    threads: int,
) -> str | None:
    """Look at the beginning of a range of a stage, and have its candidates handled.

    Args:
        runner: Carries plans out.
        report: Is added to.
        which: The stage, by its place among `stages`.
        ids: The range of its collection's ids.
        most: Documents at most.
        dry_run: As of `rebuild`.
        threads: As of `rebuild`.

    Returns:
        The id where to go on; None at the end of the range.

    Raises:
        Conflict, Transient: The range could not be looked at.
    """
    watched = Watched(DryStore(runner.store, report) if dry_run else runner.store)
    here = stages(replace(runner, store=watched), report.events)[which]
    found = here.look(ids, most)

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
    return found.following


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

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        """Note the public fields of customers that would change."""
        for write in writes:
            collection, name = write.path.rsplit("/", 1)
            if collection != CUSTOMERS or write.path not in self._seen:
                continue  # one that would be new has no id yet
            changed = self._seen[write.path].fields if isinstance(write, Delete) else write.data
            fields = {path.partition(".")[0] for path in changed}
            self._report.drift.setdefault(name, set()).update(fields - INTERNAL - {"updatedAt"})
        return [0] * len(writes)
