"""A process that has the earlier secret writes nothing once a new one is brought in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm.core.errors import Paused
from crm.core.keyring import Keyring
from crm.entrypoints.key_rotation import PAUSE
from crm.firebase.store import TIMEOUT
from crm.runtime.key_fingerprint import begin_rotation, end_rotation, remember_key
from crm.runtime.lease import SECONDS, LeasedStore
from crm.sync.sync import Sync
from testing.hosts import order
from testing.world import KEYS, World

NEW = b"the secret that replaces it"


class Process:
    """One that began under the first secret."""

    def __init__(self) -> None:
        self.world = World()
        remember_key(self.world.store, KEYS, self.world.store.now())
        self.time = 0.0
        self.lost = 0
        store = LeasedStore(self.world.store, KEYS, self.lose, lambda: self.time)
        self.sync = Sync(replace(self.world.runner, store=store))

    def lose(self) -> None:
        self.lost += 1

    def order(self, order_id: str) -> None:
        self.world.store.put(f"orders/{order_id}", order(f"{order_id}@example.com"))
        self.sync.sync_order(order_id)

    def begin(self) -> Keyring:
        store = self.world.store
        keys = begin_rotation(store, KEYS.secret, NEW, store.now())
        assert keys is not None
        return keys


def test_it_asks_once_in_ten_seconds_whatever_it_writes() -> None:
    process = Process()
    process.order("first")  # asks, and meets the event
    reads = process.world.store.reads
    for number in range(5):
        process.order(f"o{number}")
    usual = process.world.store.reads - reads
    process.time += SECONDS
    reads = process.world.store.reads
    for number in range(5, 10):
        process.order(f"o{number}")
    assert process.world.store.reads - reads == usual + 1
    assert process.lost == 0


def test_it_stops_while_and_after_a_new_secret_is_brought_in() -> None:
    process = Process()
    process.order("o1")
    keys = process.begin()
    process.order("o2")  # within its lease; the command waits for it
    process.time += SECONDS
    for _ in range(2):
        with pytest.raises(Paused, match="CRM_KEY is being replaced"):
            process.order("o3")
    end_rotation(process.world.store, keys, process.world.store.now())
    with pytest.raises(Paused, match="was replaced meanwhile"):
        process.order("o3")
    assert process.lost
    assert set(process.world.store.all("crmOrders")) == {"o1", "o2"}


def test_what_it_had_read_before_is_not_written_after() -> None:
    process = Process()
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:  # between its reading and its commit
            process.world.store.pause = lambda: None
            keys = process.begin()
            end_rotation(process.world.store, keys, process.world.store.now())
            process.time += SECONDS

    process.world.store.pause = pause
    with pytest.raises(Paused):
        process.order("o1")
    assert process.world.store.all("customers") == {}


def test_the_command_waits_longer_than_a_lease_and_what_it_lets_begin() -> None:
    assert SECONDS + 2 * TIMEOUT < PAUSE
