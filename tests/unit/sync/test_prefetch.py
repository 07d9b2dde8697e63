"""Fields of an event that says no version are a hint; a write brings what has changed alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.bill import Bill, Counting
from crm.db.collections import CUSTOMERS
from crm.db.diff import difference, replaced
from crm.db.documents import REMOVED, Update, Version, Write
from crm.sync.sync import Sync
from crm.sync.told import Told
from testing.hosts import order, user
from testing.memory import MemoryStore
from testing.world import World


class Watched(World):
    """A world that keeps a bill, and what was written last."""

    def __init__(self) -> None:
        super().__init__()
        self.bill = Bill()
        self.runner = replace(self.runner, store=Counting(self.store, self.bill))
        self.sync = Sync(self.runner)
        self.last: Sequence[Write] = ()
        commit = self.store.commit

        def kept(writes: Sequence[Write]) -> list[Version]:
            self.last = writes
            return commit(writes)

        self.store.commit = kept  # type: ignore[method-assign]


@pytest.fixture
def world() -> Watched:
    made = Watched()
    made.put_order("first", order())
    made.put_order("other", order("bob@example.com"))
    made.bill.clear()
    return made


@pytest.mark.parametrize(
    ("event_data", "reads", "trips"),
    [
        (None, 4, 4),
        (order(), 4, 3),
        (order("ADA@example.com "), 4, 3),
        (order("bob@example.com"), 5, 4),  # of another time
        (order("nobody@example.com", userId="u9"), 6, 4),
        ({"email": 7, "userId": ["u1"], "createdAt": "x"}, 4, 4),
        ({}, 4, 4),
    ],
)
def test_what_an_event_tells_saves_a_round_trip_and_decides_nothing(
    world: Watched, event_data: dict[str, Any] | None, reads: int, trips: int
) -> None:
    world.store.put("orders/o", order(day=1))
    world.sync.sync_order("o", None, Told(event_data) if event_data is not None else None)
    assert (world.bill.reads, world.bill.trips, world.bill.writes) == (reads, trips, 2)
    assert world.with_email("ada@example.com")["orderCount"] == 2
    assert world.wrong() == []


def test_a_users_address_is_read_at_once_too(world: Watched) -> None:
    trips = []
    for uid, event_data in (("u1", None), ("u2", user("bob@example.com"))):
        world.store.put(
            f"users/{uid}", user(event_data["email"] if event_data else "ada@example.com")
        )
        world.bill.clear()
        world.sync.sync_user(uid, None, Told(event_data) if event_data is not None else None)
        trips.append(world.bill.trips)
    assert trips == [trips[1] + 1, trips[1]]
    assert world.wrong() == []


def costs(world: Watched, sync: Callable[[], object]) -> tuple[int, int, int, int]:
    """Reads, round trips, writes and deletions."""
    world.bill.clear()
    sync()
    return world.bill.reads, world.bill.trips, world.bill.writes, world.bill.deletes


def test_what_each_event_of_an_order_costs(world: Watched) -> None:
    def put(email: str, **fields: Any) -> tuple[int, int, int, int]:
        return costs(world, lambda: world.put_order("o", order(email, items=[], **fields)))

    ada, bob = "ada@example.com", "bob@example.com"
    assert put(ada, userId="u9") == (6, 5, 2, 0)  # and whether its user has come meanwhile
    assert put(ada, userId="u9", total=1) == (5, 4, 2, 0)  # which is not asked again
    assert put(ada, userId="u9", total=1, note="x") == (4, 3, 1, 0)
    assert put(bob) == (12, 7, 3, 0)  # both customers at once, and who is first and last of one
    assert put(bob, total="x") == (8, 6, 4, 0)
    assert put(bob, total="y") == (3, 3, 1, 0)
    assert costs(world, lambda: world.sync.sync_order("o")) == (4, 3, 0, 0)
    assert costs(world, lambda: world.sync.sync_order("first")) == (3, 2, 0, 0)
    assert costs(world, lambda: world.delete_order("o")) == (2, 2, 1, 1)
    assert world.wrong() == []


def test_what_each_event_of_a_user_costs(world: Watched) -> None:
    def put(uid: str, email: str | None, **fields: Any) -> tuple[int, int, int, int]:
        return costs(world, lambda: world.put_user(uid, user(email, **fields)))

    def again(uid: str) -> tuple[int, int, int, int]:
        return costs(world, lambda: world.sync.sync_user(uid))

    ada, bob, new = "ada@example.com", "bob@example.com", "new@example.com"
    assert put("u1", new) == (4, 4, 3, 0)
    assert put("u1", new, name="X") == (4, 4, 2, 0)
    assert put("u1", new, name="X", note="x") == (3, 3, 1, 0)
    assert again("u1") == (3, 2, 0, 0)
    assert put("u1", ada) == (7, 6, 5, 1)  # the address and the own customer at once
    assert put("u2", bob) == (5, 5, 5, 1)
    assert put("u3", bob) == (6, 6, 3, 0)
    assert costs(world, lambda: world.delete_user("u3")) == (6, 6, 2, 1)
    assert again("u3") == (3, 2, 0, 0)
    assert put("u4", None) == (3, 3, 2, 0)
    assert put("u2", "z@example.com") == (6, 5, 3, 0)  # and who waits for what it gave up
    assert world.wrong() == []


def test_an_order_brings_what_it_changes_alone(world: Watched) -> None:
    world.put_order("o", order(day=1, items=[]))
    (write,) = [one for one in world.last if one.path.startswith(CUSTOMERS)]
    assert isinstance(write, Update)
    changed = {path.partition(".")[0] for path in write.data}
    assert {"orderCount", "totalSpend", "lastOrderAt", "parts", "updatedAt"} <= changed
    assert not {"emails", "name", "tags", "events", "search", "createdAt", "facets"} & {*write.data}


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 3}),
        ({"a": 1}, {"a": 1, "b": None}, {"b": None}),
        ({"a": 1}, {"a": 1}, {}),
        ({"facets": {"x": True}}, {"facets": {"x": True, "y": True}}, {"facets.`y`": True}),
        ({"m": {"x": 1, "y": 2}}, {"m": {"y": 2}}, {"m.`x`": REMOVED}),
        ({"m": {"x": 1}}, {"m": {}}, {"m": {}}),
        ({"m": {"x": 1}}, {"m": {"x": 2}}, {"m": {"x": 2}}),
        ({"m": {"x": {"p": 1, "q": 2}}}, {"m": {"x": {"p": 1}}}, {"m.`x`.`q`": REMOVED}),
        (
            {"m": {"x": {"p": 1, "q": 2}}},
            {"m": {"x": {"p": 0, "q": 0}}},
            {"m": {"x": {"p": 0, "q": 0}}},
        ),
        ({"m": {"x": {"p": 1}, "y": 3}}, {"m": {"x": 0, "y": 3}}, {"m.`x`": 0}),
    ],
)
def test_a_difference(before: Any, after: Any, changes: Any) -> None:
    assert difference(before, after) == changes


MAPS: st.SearchStrategy[Any] = st.dictionaries(
    st.text("ab.`\\~ é0", min_size=1, max_size=3),
    st.recursive(
        st.integers(0, 2) | st.none() | st.lists(st.integers(0, 1), max_size=2),
        lambda inner: st.dictionaries(st.text("ab.`\\~ é0", min_size=1, max_size=3), inner),
        max_leaves=8,
    ),
    max_size=4,
)


@given(MAPS, MAPS)
@example({"x": {"a": 1}}, {})
def test_a_difference_leads_from_one_to_the_other(before: Any, after: Any) -> None:
    store = MemoryStore()
    store.put("c/d", {"map": before})
    (was,) = store.read(["c/d"]).values()
    store.commit([replaced(was, {"map": after})])
    (now,) = store.read(["c/d"]).values()
    assert now.data == {"map": after}
