"""Many handlers at one customer, in threads and in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from crm.core.errors import Conflict
from crm.db.documents import Version, Write
from crm.firebase.store import FirestoreStore
from testing.hosts import order
from tests.support.live import LiveWorld
from tests.support.storm import Storm

PROCESSES, THREADS = 2, 5
ROUNDS = 20
"""Of fifty orders, until two of them meet."""

THREADS_OF_A_STORM = 8
OPERATIONS = 40
"""For each thread, at least."""
MOST = 10 * OPERATIONS
"""Where not enough has happened until then, it never will."""
FLOORS = Counter(collisions=10, merged=3, undone=1)


def run_orders(project: str, numbers: list[int]) -> tuple[int, float, float]:
    """In a process of its own: sync orders on several threads; give collisions, begin and end."""
    live = LiveWorld(project)
    collisions = Collisions(live.store)
    began = time.time()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: live.sync.sync_order(f"o{number}"), numbers))
    return collisions.count, began, time.time()


class Collisions:
    def __init__(self, store: FirestoreStore) -> None:
        self.count = 0
        self._commit = store.commit
        store.commit = self.commit  # type: ignore[method-assign]

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        try:
            return self._commit(writes)
        except Conflict:
            self.count += 1
            raise


def test_fifty_first_orders_of_one_address(
    live: LiveWorld, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    total = collisions = 0
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        for _ in range(ROUNDS):
            numbers = range(total, total + 50)
            total += 50
            for number in numbers:
                live.host.put(f"orders/o{number}", order(total="1.00", day=number))
            shares = [[*numbers[start::PROCESSES]] for start in range(PROCESSES)]
            runs = list(pool.map(run_orders, [live.project] * PROCESSES, shares))
            seconds = max(run[2] for run in runs) - min(run[1] for run in runs)
            customer = live.the_customer()
            assert customer["orderCount"] == total
            assert customer["totalSpend"] == {"USD": 100 * total}
            assert live.wrong() == []
            collisions += sum(run[0] for run in runs)
            if collisions:
                break
    assert collisions, "they never met"
    record_property("commits_per_second", 50 / seconds)
    with capsys.disabled():
        print(f"\n50 first orders of one address: {50 / seconds:.0f}/s, {collisions} retries")


@pytest.mark.parametrize("seed", range(int(os.environ.get("STORMS", "1"))))
def test_a_storm_on_firestore(live: LiveWorld, seed: int) -> None:
    """As tests/unit/product/test_storms.py, on the emulator; pauses before commits."""
    collisions = Collisions(live.store)
    counted = live.store.commit

    def late(writes: Sequence[Write]) -> list[Version]:
        if random.random() < 0.3:
            time.sleep(random.random() / 50)
        return counted(writes)

    live.store.commit = late  # type: ignore[method-assign]
    storms = []
    for number in range(THREADS_OF_A_STORM):
        own = random.Random(f"{seed}/{number}")
        crash = partial(lambda chance: chance.random() < 0.1, own)
        storms.append(Storm(live.host, live.sync, own, crash))

    def seen() -> Counter[str]:
        merged, undone = (
            sum(getattr(one, what) for one in storms) for what in ("merged", "undone")
        )
        return Counter(collisions=collisions.count, merged=merged, undone=undone)

    def run(storm: Storm) -> None:
        for step in range(MOST):
            if step >= OPERATIONS and seen() >= FLOORS:
                return
            storm.step()

    with ThreadPoolExecutor(THREADS_OF_A_STORM) as pool:
        list(pool.map(run, storms))
    print(f"storm {seed}: {dict(seen())}")
    assert seen() >= FLOORS, "this was no storm"
    live.resync()
    assert live.wrong() == []
    assert live.resync() is False
