"""Merging and undoing beside everything else: the other happens whole between any two calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crm.core.errors import Refusal
from testing.hosts import order, user
from testing.world import World
from tests.unit.merging.test_merge import guest, merge, tag, unmerge


@pytest.fixture
def world() -> World:
    return World()


def meanwhile(world: World, at: int, other: Callable[[], object]) -> None:
    """Let something else happen, whole, at a pause between two remote calls (counted from 0)."""
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == at + 1:
            world.store.pause = lambda: None
            other()

    world.store.pause = pause


INTERLEAVINGS: dict[str, Any] = {
    "source merged elsewhere": lambda w, a, b, c: merge(w, a, c),
    "target merged elsewhere": lambda w, a, b, c: merge(w, b, c),
    "target merged into source": lambda w, a, b, c: merge(w, b, a),
    "an order of the source": lambda w, a, b, c: w.put_order("x", order("ada@example.com", day=2)),
    "an order of the target": lambda w, a, b, c: w.put_order("x", order("bob@example.com", day=2)),
    "an order leaves the source": lambda w, a, b, c: w.put_order("order-ada", order("z@x.com")),
    "a tag on the source": lambda w, a, b, c: tag(w, a, "new"),
    "a tag on the target": lambda w, a, b, c: tag(w, b, "new"),
    "a user proves the source's address": lambda w, a, b, c: w.put_user(
        "u1", user("ada@example.com")
    ),
    "a user proves the target's address": lambda w, a, b, c: w.put_user(
        "u1", user("bob@example.com")
    ),
}


@pytest.mark.parametrize("at", range(10))
@pytest.mark.parametrize("name", INTERLEAVINGS)
def test_a_merge_beside_something_else(world: World, name: str, at: int) -> None:
    """The other happens whole between any two remote calls of the merge."""
    ada, bob, cyd = (guest(world, name) for name in ("ada", "bob", "cyd"))
    meanwhile(world, at, lambda: INTERLEAVINGS[name](world, ada, bob, cyd))
    try:
        merge_id = merge(world, ada, bob).merge_id
    except Refusal as refusal:
        # Its only order moved away first, and with it the customer.
        assert (name, refusal.reason) == ("an order leaves the source", "no-such-customer")
        merge_id = "none"
    world.store.pause = lambda: None
    assert merge_id is not None
    assert world.wrong() == []
    for old in (ada, bob, cyd):
        if merge_id != "none":
            assert old in world.store.all("customers") or old in world.store.all("crmLinks")
    survivors = world.store.all("customers")
    for link in world.store.all("crmLinks").values():
        assert link["customerId"] in survivors
    assert world.resync() is False


BESIDE_AN_UNDO: dict[str, Any] = {
    "an order of the source": INTERLEAVINGS["an order of the source"],
    "an order of the target": INTERLEAVINGS["an order of the target"],
    "an order leaves the source": INTERLEAVINGS["an order leaves the source"],
    "a tag on the target": INTERLEAVINGS["a tag on the target"],
    "a user proves the source's address": INTERLEAVINGS["a user proves the source's address"],
    "the survivor merges on": lambda w, a, b, c: merge(w, b, c),
    "another merges into the survivor": lambda w, a, b, c: merge(w, c, b),
    "the same merge again": lambda w, a, b, c: merge(w, a, b),
    "the same undo": lambda w, a, b, c: [unmerge(w, m) for m in [*w.store.all("crmMerges")][:1]],
}


@pytest.mark.parametrize("at", range(10))
@pytest.mark.parametrize("name", BESIDE_AN_UNDO)
def test_an_undo_beside_something_else(world: World, name: str, at: int) -> None:
    ada, bob, cyd = (guest(world, name) for name in ("ada", "bob", "cyd"))
    merge_id = merge(world, ada, bob).merge_id
    meanwhile(world, at, lambda: BESIDE_AN_UNDO[name](world, ada, bob, cyd))
    try:
        unmerge(world, merge_id)
    except Refusal as refusal:
        assert refusal.reason in {"undo-later-merges-first", "nothing-left"}
    world.store.pause = lambda: None
    assert world.wrong() == []
    customers = world.store.all("customers")
    for link in world.store.all("crmLinks").values():
        assert link["customerId"] in customers
    world.resync()
    assert world.wrong() == []
    assert world.resync() is False
