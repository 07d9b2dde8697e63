"""Threads of one process that are at the same customer go one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Conflict, Transient
from crm.db.documents import Version, Write
from crm.db.memory import Memory
from crm.sync.striped_locks import STRIPES, StripedLocks
from crm.sync.sync import Sync
from crm.sync.told import Told
from testing.hosts import order, user
from testing.patience import PATIENCE
from testing.world import KEYS, World

THREADS = 8


class Watched:
    """A lock that tells when somebody begins to wait for it."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._lock, self._tell = threading.Lock(), tell

    def acquire(self, timeout: float) -> bool:
        if self._lock.acquire(blocking=False):
            return True
        self._tell()
        return self._lock.acquire(timeout=timeout)

    def release(self) -> None:
        self._lock.release()


def locks_that_tell(tell: Callable[[], None]) -> StripedLocks:
    locks = StripedLocks(PATIENCE)
    watched: Any = {stripe: Watched(tell) for stripe in range(STRIPES)}
    locks._locks = watched
    return locks


def take(locks: StripedLocks, key: str, work: Callable[[], object] = lambda: None) -> None:
    with locks.hold(key):
        work()


def test_who_has_the_same_key_waits_until_the_other_is_done() -> None:
    waits, seen = threading.Event(), []
    locks = locks_that_tell(waits.set)
    with ThreadPoolExecutor(1) as pool:
        with locks.hold("a"):
            second = pool.submit(take, locks, "a", lambda: seen.append("second"))
            assert waits.wait(PATIENCE)
            seen.append("first")
        second.result(PATIENCE)
    assert seen == ["first", "second"]


def test_who_has_another_key_does_not_wait() -> None:
    waits = threading.Event()
    locks = locks_that_tell(waits.set)
    other = next(key for key in "bcdef" if hash(key) % STRIPES != hash("a") % STRIPES)
    with ThreadPoolExecutor(1) as pool, locks.hold("a"):
        pool.submit(take, locks, other).result(PATIENCE)
    assert not waits.is_set()


def test_who_has_waited_for_long_gives_up_and_does_nothing() -> None:
    locks, done = StripedLocks(longest=0.01), []
    with ThreadPoolExecutor(1) as pool, locks.hold("a"):
        second = pool.submit(take, locks, "a", lambda: done.append(1))
        with pytest.raises(Transient, match="in line"):
            second.result(PATIENCE)
    take(locks, "a", lambda: done.append(2))  # the turn was nobody's but its holder's to give back
    assert done == [2]


def test_an_event_that_finds_no_turn_is_delivered_again_and_counted_once() -> None:
    world = World()
    locks = StripedLocks(longest=0.01)
    sync = replace(world.sync, hold=locks.hold)
    document = order(total="1.00")
    world.store.put("orders/o1", document)
    told = Told(document)
    with ThreadPoolExecutor(1) as pool, sync._turn(sync._keys_of("o1", document)):
        with pytest.raises(Transient):
            pool.submit(sync.sync_order, "o1", None, told).result(PATIENCE)
        assert world.store.all("crmOrders") == {}
    assert sync.sync_order("o1", None, told)
    assert not sync.sync_order("o1", None, told)
    assert world.wrong() == []


def test_whoever_is_remembered_has_one_turn_for_all_identities() -> None:
    world = World()
    world.put_user("u1", user())
    held: list[str] = []

    def hold(key: str) -> AbstractContextManager[object]:
        held.append(key)
        return nullcontext()

    sync = Sync(replace(world.runner, memory=Memory()), hold=hold)
    for number, document in enumerate([order(), order(userId="u1")] * 2):
        world.store.put(f"orders/o{number}", document)
        sync.sync_order(f"o{number}", None, Told(document))
    met = [KEYS.address("ada@example.com"), KEYS.user("u1")]
    assert held == [*met, *[world.the_customer()["id"]] * 2]


def test_a_turn_ends_with_an_error_too() -> None:
    waits = threading.Event()
    locks = locks_that_tell(waits.set)
    with pytest.raises(Conflict), locks.hold("a"):
        raise Conflict("x")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(take, locks, "a").result(PATIENCE)
    assert not waits.is_set()


class Meeting:
    """Until so many have come, at whatever place, nobody goes on."""

    def __init__(self, number: int) -> None:
        self._number, self._come = number, 0
        self._changed = threading.Condition()

    def come(self) -> None:
        with self._changed:
            self._come += 1
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._come >= self._number, PATIENCE)


@pytest.mark.parametrize("in_turn", [True, False])
def test_orders_of_one_address_do_not_collide_in_one_process(in_turn: bool) -> None:
    world, meeting = World(), Meeting(THREADS)
    sync = replace(world.sync, hold=locks_that_tell(meeting.come).hold) if in_turn else world.sync
    commit = world.store.commit
    collisions: list[int] = []

    def once_all_are_here(writes: Sequence[Write]) -> list[Version]:
        meeting.come()
        meeting.wait()  # each has read by now and is here, or waits for its turn
        try:
            return commit(writes)
        except Conflict:
            collisions.append(1)
            raise

    world.store.commit = once_all_are_here  # type: ignore[method-assign]
    documents = {f"o{number}": order(total="1.00", day=number + 1) for number in range(THREADS)}
    for order_id, document in documents.items():
        world.store.put(f"orders/{order_id}", document)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda one: sync.sync_order(one[0], None, Told(one[1])), documents.items()))
    assert bool(collisions) is not in_turn
    assert world.wrong() == []
