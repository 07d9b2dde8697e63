"""Many handlers at one customer, in threads and in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest

from crm.core.errors import Conflict
from crm.db.documents import Write
from crm.firebase.firestore import FirestoreStore
from testing.hosts import order
from tests.support.live import LiveWorld
from tests.support.storm import Storm

PROCESSES, THREADS = 2, 5


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

    def commit(self, writes: Sequence[Write]) -> None:
        try:
            self._commit(writes)
        except Conflict:
            self.count += 1
            raise


def test_fifty_first_orders_of_one_address(
    live: LiveWorld, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(50):
        live.host.put(f"orders/o{number}", order(total="1.00", day=number))
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        shares = [list(range(start, 50, PROCESSES)) for start in range(PROCESSES)]
        runs = list(pool.map(run_orders, [live.project] * PROCESSES, shares))
    collisions = sum(run[0] for run in runs)
    seconds = max(run[2] for run in runs) - min(run[1] for run in runs)
    customer = live.the_customer()
    assert customer["orderCount"] == 50
    assert customer["totalSpend"] == {"USD": 5000}
    assert live.wrong() == []
    assert collisions > 0, "they never met"
    record_property("commits_per_second", 50 / seconds)
    with capsys.disabled():
        print(f"\n50 first orders of one address: {50 / seconds:.0f}/s, {collisions} retries")


@pytest.mark.parametrize("seed", range(int(os.environ.get("STORMS", "1"))))
def test_a_storm_on_firestore(live: LiveWorld, seed: int) -> None:
    """As tests/unit/product/test_storms.py, on the emulator; pauses before commits."""
    commit = live.store.commit

    def late(writes: Sequence[Write]) -> None:
        if random.random() < 0.3:
            time.sleep(random.random() / 50)
        commit(writes)

    live.store.commit = late  # type: ignore[method-assign]

    def run(number: int) -> None:
        own = random.Random(f"{seed}/{number}")
        storm = Storm(live.host, live.sync, own, lambda: own.random() < 0.1)
        for _ in range(40):
            storm.step()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(run, number) for number in range(8)]:
            done.result()
    live.resync()
    assert live.wrong() == []
    assert live.resync() is False
