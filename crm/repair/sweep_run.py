"""One run of the sweep: its time, its threads, and what it reports."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from crm.core.errors import Transient
from crm.db.documents import Query, Snapshot
from crm.db.runner import Runner, Watch
from crm.repair.damage import why_of
from crm.repair.heal import healing

T = TypeVar("T")


@dataclass
class SweepReport:
    """What a sweep found.

    Attributes:
        mismatched: Collection to by how many documents the counts differed.
        looked: Collection to documents compared.
        mended: Collection to documents for which something was written.
        failed: What could not be mended: collection, id, and why, without values.
        restarted: Jobs that had stopped.
        deleted: Jobs that had been over for long.
        finished: Whether the time was enough; else the next run finds the rest.
    """

    mismatched: dict[str, int] = field(default_factory=dict)
    looked: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    restarted: int = 0
    deleted: int = 0
    finished: bool = True


@dataclass
class SweepRun:
    """What the steps of one sweep share: they read, and have documents mended, through it.

    Attributes:
        runner: Carries plans out.
        pool: Threads that mend and count.
        end: When the time is over, by `clock`.
        turn: The number of this run by the clock on the wall: says which share of things is due.
        clock: Seconds.
        report: What was found so far.
        watch: Sees what happens of itself, as that an event begins; what is mended it does not see.
    """

    runner: Runner
    pool: ThreadPoolExecutor
    end: float
    turn: int
    clock: Callable[[], float] = time.monotonic
    report: SweepReport = field(default_factory=SweepReport)
    watch: Watch | None = None

    @property
    def over(self) -> bool:
        """Whether the time is over: nothing more is begun."""
        return self.clock() >= self.end

    def call(self, attempt: Callable[[], T]) -> T:
        """Make a call of the database; again, where it does not answer."""
        return self.runner.retry.call(attempt)

    def find(self, query: Query) -> list[Snapshot]:
        """Return what a query finds."""
        return self.call(partial(self.runner.store.find, query))

    def count(self, query: Query) -> int:
        """Count what a query would find."""
        return self.call(partial(self.runner.store.count, query))

    def read(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        """Read documents."""
        return self.call(partial(self.runner.store.read, paths))

    def mend(
        self,
        collection: str,
        handle: Callable[[str], bool],
        ids: Sequence[str],
        again: Callable[[Runner, str], bool] | None = None,
    ) -> None:
        """Have documents handled as long as there is time; report each that fails.

        Args:
            collection: Whose documents they are.
            handle: Handles one of them.
            ids: Which.
            again: Handles one with another runner: what fails over damaged documents is handled
                again once these are mended.
        """

        def one(name: str) -> bool:
            if self.over:
                return False
            try:
                return handle(name)
            except Exception as error:
                if again is not None and not isinstance(error, Transient):
                    return self._heal(collection, again, name)
                self.report.failed.append((collection, name, why_of(error)))
                return False

        if ids:
            self.report.mended[collection] += sum(self.pool.map(one, ids))

    def _heal(self, collection: str, again: Callable[[Runner, str], bool], name: str) -> bool:
        try:
            healing(self.runner, lambda runner: again(runner, name))
        except Exception as error:
            self.report.failed.append((collection, name, why_of(error)))
            return False
        return True
