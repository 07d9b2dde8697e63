"""Many handlers at once, with pauses where they hurt, then everything counted again."""

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from crm.core.errors import Conflict
from testing.memory import MemoryStore
from testing.world import World
from tests.support.storm import Storm

STORMS = int(os.environ.get("STORMS", "4"))
THREADS = 8
OPERATIONS = 150
"""For each thread."""


@pytest.mark.parametrize(
    ("seed", "erasures"),
    [*((seed, False) for seed in range(STORMS)), *((seed, True) for seed in range(STORMS // 2))],
)
def test_a_storm_leaves_everything_exact(seed: int, erasures: bool) -> None:
    lost = 0.3 if seed % 2 else 0.0
    # Short waits, but real ones: who collides lets the others go first, as in life.
    world = World(MemoryStore(), sleep=lambda seconds: time.sleep(seconds / 50))
    storms: list[Storm] = []
    made: list[str] = []
    local = threading.local()
    conflicts = 0
    commit = world.store.commit

    def counted(writes):  # type: ignore[no-untyped-def]
        nonlocal conflicts
        try:
            commit(writes)
        except Conflict:
            conflicts += 1
            raise

    world.store.commit = counted  # type: ignore[method-assign]

    def pause() -> None:
        # An erasure works in threads of its own.
        draw = getattr(local, "random", random).random()
        if draw < 0.02:
            time.sleep(draw / 10)
        elif draw < 0.3:
            time.sleep(0)

    def run(number: int) -> None:
        local.random = random.Random(f"{seed}-{number}")
        own = random.Random(f"{seed}/{number}")
        storm = Storm(world.store, world.sync, own, lambda: own.random() < lost, made=made)
        storm.erasures = erasures
        storms.append(storm)
        for _ in range(OPERATIONS):
            storm.step()

    world.store.pause = pause
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(run, number) for number in range(THREADS)]:
            done.result()
    world.store.pause = lambda: None

    assert sum(storm.merged + storm.undone for storm in storms) >= 3, (
        "hardly any merges: this was no storm"
    )
    if erasures:
        assert sum(storm.erased for storm in storms) >= 5, "hardly any erasures"
    if not lost:
        assert conflicts > 30, "the handlers never met: this was no storm"
    world.resync()
    if erasures:
        world.resync()  # the events of what the first one redacted
    assert world.wrong() == []
    assert world.resync() is False
