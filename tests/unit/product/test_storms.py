"""Many handlers at once that meet wherever it hurts, then everything counted again.

The threads hand over to each other at every remote call, and a seed draws to whom
(`testing.scheduler`): a storm that fails fails again with its seed. It goes on until enough
has happened in it.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest

from crm.core.errors import Conflict
from crm.db.documents import Version, Write
from crm.privacy.erasure import job as erasure_steps
from testing.memory import MemoryStore
from testing.scheduler import Pool, Scheduler
from testing.told import Forgetful
from testing.world import World
from tests.support.faults import hurried
from tests.support.storm import Storm

STORMS = int(os.environ.get("STORMS", "4"))
THREADS = 8
INSTANCES = 3
"""Each with a memory of its own, which is out of date more often than not."""
OPERATIONS = 150
"""For each thread, at least."""
MOST = 10 * OPERATIONS
"""Where not enough has happened until then, it never will."""


class Weather:
    """Storms over one world, one for each thread."""

    def __init__(self, seed: int, *, erasures: bool, lost: float) -> None:
        self.schedule = Scheduler(seed)
        self.world = World(
            MemoryStore(), trust="auth", sleep=self.schedule.sleep, clock=self.schedule.clock
        )
        self.conflicts = self.contacts = 0
        self.storms: list[Storm] = []
        runner = self.world.runner
        instances = [
            replace(runner, memory=Forgetful(random.Random(f"{seed}/of {number}")))
            for number in range(INSTANCES)
        ]
        for number in range(THREADS):
            chance = random.Random(f"{seed}/{number}")
            crash = partial(lambda own: own.random() < lost, chance)
            sync = replace(self.world.sync, runner=instances[number % INSTANCES])
            storm = Storm(self.world.store, sync, chance, crash)
            storm.erasures = erasures
            storm.accounts = self.world.accounts
            storm.unproven = ("nobodys@example.com",)  # the others are somebody's before long
            self.storms.append(storm)
        # A merge of somebody who is erased cannot be undone.
        self.floors = Counter({"merged": 3, ("erased" if erasures else "undone"): 5})
        self.floors |= {"verified": 10, "not any more": 5, "deleted": 3, "contacts": 5}
        if not lost:
            self.floors["conflicts"] = 30
        self._commit = self.world.store.commit

    @property
    def seen(self) -> Counter[str]:
        """What has happened so far."""
        seen = Counter({"conflicts": self.conflicts, "contacts": self.contacts})
        for storm in self.storms:
            seen.update(merged=storm.merged, undone=storm.undone, erased=storm.erased)
            seen.update(storm.turns)
        return seen

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        try:
            return self._commit(writes)
        except Conflict:
            self.conflicts += 1
            raise

    def rage(self) -> None:
        """Let the storms loose, until enough has happened."""
        store = self.world.store
        store.pause = store.tear = self.schedule.pause
        store.commit = self.commit  # type: ignore[method-assign]
        for storm in self.storms:
            self.schedule.start(partial(self._steps, storm))
        with hurried(self.schedule.sleep, self.schedule.clock):
            self.schedule.run()
        store.pause = store.tear = lambda: None

    def _steps(self, storm: Storm) -> None:
        for step in range(MOST):
            if step >= OPERATIONS and self.seen >= self.floors:
                return
            storm.step()
            customers = self.world.store.all("customers").values()
            self.contacts += any(one["contactEmail"] for one in customers)
            self.schedule.pause()


@pytest.mark.parametrize(
    ("seed", "erasures"),
    [*((seed, False) for seed in range(STORMS)), *((seed, True) for seed in range(STORMS // 2))],
)
def test_a_storm_leaves_everything_exact(
    seed: int, erasures: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    weather = Weather(seed, erasures=erasures, lost=0.3 if seed % 2 else 0.0)
    monkeypatch.setattr(erasure_steps, "ThreadPoolExecutor", partial(Pool, weather.schedule))
    weather.rage()
    print(f"{weather.schedule}: {dict(weather.seen)}")
    assert weather.seen >= weather.floors, "this was no storm"
    world = weather.world
    world.resync()
    if erasures:
        world.resync()  # the events of what the first one redacted
    assert world.wrong() == []
    assert world.resync() is False


def test_one_seed_is_one_storm(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for _ in range(2):
        weather = Weather(1, erasures=True, lost=0.3)
        monkeypatch.setattr(erasure_steps, "ThreadPoolExecutor", partial(Pool, weather.schedule))
        weather.rage()
        ends.append((repr(weather.schedule), weather.seen, weather.world.database))
    assert ends[0] == ends[1]
