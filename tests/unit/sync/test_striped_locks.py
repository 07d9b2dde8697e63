"""Threads of one process that are at the same customer go one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from crm.core.errors import Conflict
from crm.db.documents import Write
from crm.sync.striped_locks import StripedLocks
from testing.hosts import order
from testing.world import World

THREADS = 8


def meeting(threads: int) -> Callable[[], bool]:
    """Return a call that says whether so many threads are in it at once."""
    barrier = threading.Barrier(threads)

    def meet() -> bool:
        try:
            barrier.wait(0.2)
        except threading.BrokenBarrierError:
            return False
        return True

    return meet


@pytest.mark.parametrize(("keys", "meets"), [(("a", "a"), False), (("a", "b"), True)])
def test_only_those_with_one_key_wait(keys: tuple[str, str], meets: bool) -> None:
    locks, meet = StripedLocks(), meeting(2)

    def take(key: str) -> bool:
        with locks.hold(key):
            return meet()

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(take, keys)) == {meets}


def test_nobody_waits_for_ever() -> None:
    locks = StripedLocks(longest=0.01)
    with locks.hold("a"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: locks.hold("a").__enter__()).result(5) is None


def test_a_turn_ends_with_an_error_too() -> None:
    locks = StripedLocks()
    with pytest.raises(Conflict), locks.hold("a"):
        raise Conflict("x")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: locks.hold("a").__enter__()).result(1)


@pytest.mark.parametrize("waits", [True, False])
def test_orders_of_one_address_do_not_collide_in_one_process(waits: bool) -> None:
    world = World()
    sync = replace(world.sync, lock=StripedLocks().hold) if waits else world.sync
    together = threading.Barrier(THREADS)
    commit = world.store.commit
    collisions: list[int] = []

    def together_at_first(writes: list[Write]) -> None:
        if not together.broken:
            with suppress(threading.BrokenBarrierError):
                together.wait(0.2)  # all have read by now, if nobody waits
        try:
            commit(writes)
        except Conflict:
            collisions.append(1)
            raise

    world.store.commit = together_at_first  # type: ignore[method-assign,assignment]
    documents = {f"o{number}": order(total="1.00", day=number + 1) for number in range(THREADS)}
    for order_id, document in documents.items():
        world.store.put(f"orders/{order_id}", document)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda one: sync.sync_order(one[0], None, one[1]), documents.items()))
    assert bool(collisions) is not waits
    assert world.wrong() == []
