"""Documents whose ids no event can name: the sweep finds them, and nobody is taken for another.

The platform puts a document's id into an HTTP header, which loses line breaks and control
characters, and what is blank at its ends.
"""

from __future__ import annotations

import pytest

from crm.repair.sweep import sweep
from crm.sync.sync import Sync
from crm.sync.told import Told
from testing.hosts import order, user
from testing.world import World

UNNAMEABLE = [
    "a\n",
    "a\r\n",
    "a ",
    " a",
    "\ta",
    "a\x7f",
    "a\nb",
    "\x01",
    "a\u2028",
    "é\n",
    "\n",
    "~ ",
]


def swept(world: World) -> None:
    report = sweep(world.runner, world.queue.append, threads=2)
    assert report.failed == []
    assert report.finished


def counted(world: World) -> dict[str, int]:
    return {address: one["orderCount"] for one in world.customers() for address in one["emails"]}


@pytest.mark.parametrize("order_id", UNNAMEABLE)
def test_an_order_that_no_event_names_is_counted_followed_and_let_go(order_id: str) -> None:
    world = World()
    world.put_order("a", order("neighbour@example.com"))
    world.store.put(f"orders/{order_id}", order("ada@example.com"))
    swept(world)
    assert counted(world) == {"ada@example.com": 1, "neighbour@example.com": 1}
    world.store.put(f"orders/{order_id}", order("ada@example.com", status="refunded"))
    swept(world)
    assert counted(world) == {"ada@example.com": 0, "neighbour@example.com": 1}
    world.store.delete(f"orders/{order_id}")
    swept(world)
    assert counted(world) == {"neighbour@example.com": 1}


@pytest.mark.parametrize("uid", UNNAMEABLE)
def test_a_user_that_no_event_names_is_known_and_forgotten(uid: str) -> None:
    world = World()
    world.store.put(f"users/{uid}", user("ada@example.com"))
    swept(world)
    assert [one["userIds"] for one in world.customers()] == [[uid]]
    world.store.delete(f"users/{uid}")
    swept(world)
    assert world.customers() == []


@pytest.mark.parametrize("order_id", UNNAMEABLE)
def test_one_that_is_not_understood_waits_in_quarantine(order_id: str) -> None:
    world = World()
    world.store.put(f"orders/{order_id}", order("ada@example.com", status="?"))
    swept(world)
    assert world.reasons() == {order_id: "status-unknown"}
    world.store.put(f"orders/{order_id}", order("ada@example.com"))
    swept(world)
    assert world.reasons() == {}
    assert counted(world) == {"ada@example.com": 1}


def test_an_event_that_names_a_neighbour_by_mistake_changes_nothing() -> None:
    world = World()
    world.put_order("a", order("neighbour@example.com"))
    world.store.put("orders/a ", order("ada@example.com"))
    gone = world.store.delete("orders/a ")
    sync = Sync(world.runner)
    sync.sync_order("a", gone, Told(order("ada@example.com")))
    assert counted(world) == {"neighbour@example.com": 1}
    world.store.put("orders/a ", order("ada@example.com"))
    sync.sync_order("a", None, Told(order("ada@example.com")))
    swept(world)
    assert counted(world) == {"ada@example.com": 1, "neighbour@example.com": 1}
