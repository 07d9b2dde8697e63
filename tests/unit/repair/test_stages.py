"""A stage goes through a collection in any pieces, and each document is in exactly one of them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.db.collections import AUDIT_HEADS
from crm.repair.partitions import Range
from crm.repair.stages import BEHIND_HOST, FIELDS, STAGES, Stage, stages
from testing.hosts import order, user
from testing.world import World
from tests.unit.repair.test_invariants import lived


def damaged() -> World:
    """A world in which every stage has something to do."""
    world = lived()
    store = world.store
    store.put("orders/new", order("new@example.com"))
    store.put("users/u7", user("seven@example.com"))
    store.delete("orders/o1")
    for name, row in store.all("crmOrders").items():
        store.put(f"crmOrders/{name}", row | {"version": 2**62})
    for name in store.all("customers"):
        store.put(f"customers/{name}", store.all("customers")[name] | {"orderCount": 99, "tags": 1})
    for name in store.all(AUDIT_HEADS):
        store.delete(f"{AUDIT_HEADS}/{name}")
    return world


WORLD = damaged()

IDS = sorted({path.rpartition("/")[2] for path in WORLD.store._kept} | {"00", "13", "zz"})


def looked_at(stage: Stage, ids: Range, most: int) -> tuple[int, list[str]]:
    """Go through a range page by page; give how many were seen, and the candidates."""
    low, high = ids
    seen, candidates = 0, list[str]()
    while True:
        page = stage.look((low, high), most)
        seen += page.seen
        candidates += page.candidates
        if page.following is None:
            return seen, candidates
        low = page.following


def test_the_world_has_something_for_most_stages() -> None:
    busy = {one.name for one in stages(WORLD.runner) if looked_at(one, (None, None), 500)[1]}
    assert busy >= {f"{FIELDS} of customers", f"{FIELDS} of {AUDIT_HEADS}", "users", "orders"}


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(IDS), max_size=6), st.integers(1, 4))
def test_pieces_of_a_stage_are_a_partition_of_it(cuts: set[str], most: int) -> None:
    for stage in stages(WORLD.runner):
        seen, candidates = looked_at(stage, (None, None), 500)
        parts = [looked_at(stage, ids, most) for ids in pairwise([None, *sorted(cuts), None])]
        assert sum(count for count, _ in parts) == seen, stage.name
        found = [name for _, names in parts for name in names]
        assert sorted(found) == sorted(candidates), stage.name


def test_there_are_as_many_stages_as_is_said() -> None:
    every = stages(WORLD.runner)
    assert len(every) == STAGES
    assert [one.path for one in every if one.mirror] == ["users", "orders"]
    assert every[BEHIND_HOST - 1].path == "orders"


def test_where_documents_can_be_missing_an_empty_collection_is_looked_at() -> None:
    empty = World()
    empty.put_order("o1", order())
    empty.put_user("u1", user("bob@example.com"))
    for collection in ("orders", "users", AUDIT_HEADS):
        for name in empty.store.all(collection):
            empty.store.delete(f"{collection}/{name}")
    busy = {one.path for one in stages(empty.runner) if looked_at(one, (None, None), 500)[1]}
    assert busy >= {one.path for one in stages(empty.runner) if one.finds_missing}
    assert {"orders", "users"} <= busy
