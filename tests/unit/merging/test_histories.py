"""Merge and undo over generated histories: the undo gives back what was, field by field."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm.core.errors import Refusal
from testing.hosts import order
from testing.world import World
from tests.support.storm import Storm
from tests.unit.merging.test_merge import merge, state, unmerge


@settings(max_examples=150)
@example(546, 25, 1)  # a user without a document had proven what has another owner since
@given(st.integers(0, 2**32), st.integers(8, 40), st.integers(1, 3))
def test_merges_then_their_undos_are_the_identity(seed: int, steps: int, depth: int) -> None:
    world, shuffle = World(), random.Random(seed)
    storm = Storm(world.store, world.sync, shuffle)
    while steps > 0 or len(world.customers()) < 2:
        storm.step()
        steps -= 1
    befores: list[tuple[str | None, dict[str, Any]]] = []
    for _ in range(depth):
        known = sorted(world.store.all("customers"))
        if len(known) < 2:
            break
        before = state(world)
        pair = shuffle.sample(known, 2)
        befores.append((merge(world, *pair, allow_two_users=True).merge_id, before))
    assert world.wrong() == []
    for merge_id, before in reversed(befores):
        unmerge(world, merge_id)
        assert state(world) == before
    assert world.wrong() == []
    world.resync()
    assert world.wrong() == []


@settings(max_examples=80)
@given(st.integers(0, 2**32), st.integers(5, 25))
def test_whatever_comes_between_a_merge_and_its_undo_adds_up(seed: int, steps: int) -> None:
    world, shuffle = World(), random.Random(seed)
    storm = Storm(world.store, world.sync, shuffle, merges=False)
    while len(world.customers()) < 2:
        storm.step()
    pair = shuffle.sample(sorted(world.store.all("customers")), 2)
    merge_id = merge(world, *pair, allow_two_users=True).merge_id
    for _ in range(steps):
        storm.step()
    try:
        unmerge(world, merge_id)
    except Refusal as refusal:
        assert refusal.reason in {"nothing-left", "undo-later-merges-first"}
    assert world.wrong() == []
    world.resync()
    assert world.wrong() == []
    assert world.resync() is False


@settings(max_examples=100)
@given(st.permutations([("a", "b"), ("b", "c"), ("c", "a"), ("a", "c")]))
def test_a_chain_ends_in_one_customer_in_every_order(pairs: list[tuple[str, str]]) -> None:
    world = World()
    ids = {}
    for name in "abc":
        world.put_order(f"order-{name}", order(f"{name}@example.com"))
        ids[name] = str(world.with_email(f"{name}@example.com")["id"])
    for source, target in pairs:
        merge(world, ids[source], ids[target])
    assert world.the_customer()["orderCount"] == 3
    links = world.store.all("crmLinks")
    assert {link["customerId"] for link in links.values()} == {world.the_customer()["id"]}
    assert len(links) == 2
