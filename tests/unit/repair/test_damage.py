"""Whatever a hand does to any field: it is named, stops nothing else, and is mended."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from crm.db.collections import ALL
from crm.repair.rebuild import rebuild
from crm.repair.sweep import sweep
from crm.repair.verify import verify
from crm.sync.sync import Sync
from testing.hosts import order
from testing.memory import MemoryStore
from testing.world import World, numbered_id
from tests.support.damage import Damage, damages, lived, unseen

MOST = 1_000_000 if os.environ.get("CRM_ALL_DAMAGES") else 6
"""Damages of one collection in one run, always the same ones.
All of them take minutes: `CRM_ALL_DAMAGES=1`."""

LEFT = {"crmAudit", "crmInstallation"}
"""Collections of which nothing knows the truth, and nothing is guessed."""


@cache
def shop() -> World:
    return lived()


@cache
def all_damages() -> tuple[Damage, ...]:
    return tuple(damages(shop().store))


def damaged(*some: Damage) -> World:
    """Return a copy of the shop, damaged."""
    start = shop()
    store = MemoryStore()
    store._kept, store._clock = dict(start.store._kept), start.store._clock
    world = World(store, trust="auth")
    world.accounts.of = dict(start.accounts.of)
    numbers = itertools.count(20_000)
    world.runner = replace(
        world.runner,
        new_id=lambda: numbered_id(next(numbers)),
        retry=replace(world.runner.retry, seconds=0.0),
    )
    world.sync = Sync(world.runner)
    for one in some:
        one.do(store)
    return world


def chosen(collection: str) -> Iterator[Damage]:
    some = [one for one in all_damages() if one.collection == collection]
    random.Random(1).shuffle(some)
    # A null where a null may be cannot be told from the truth.
    yield from [one for one in some if one.what != "null"][:MOST]


def test_there_are_more_than_three_hundred_damages() -> None:
    assert len(all_damages()) > 300
    assert {one.collection for one in all_damages()} == ALL
    assert len(unseen(shop().store)) <= 10, "fields that are there in a rotation or a failure only"


def test_the_shop_is_whole() -> None:
    world = damaged()
    assert list(verify(world.runner)) == []
    assert rebuild(world.runner, threads=1).changed.total() == 0


@pytest.mark.parametrize("collection", sorted(ALL))
def test_it_is_named_with_its_path(collection: str) -> None:
    for one in chosen(collection):
        named = {path for path, _ in verify(damaged(one).runner)}
        assert f"{one.collection}/{one.name}" in named or one.pattern in FREE, str(one)


FREE = {"arguments.*", "arguments.**", "cursor", "cursor.**", "facts.*", "segment.**", "drift.**"}
"""What a job or an entry says is of any kind: of a word in it only its seal can tell."""


@pytest.mark.parametrize("collection", sorted(ALL - LEFT))
def test_a_rebuild_mends_it_and_sums_are_right(collection: str) -> None:
    for one in chosen(collection):
        world = damaged(one)
        report = rebuild(world.runner, threads=1)
        if report.failed:
            assert left_alone(one), (str(one), report.failed)
            continue
        assert list(verify(world.runner)) == [], str(one)
        assert [fault for fault in world.wrong() if " odd " not in fault] == [], str(one)


def left_alone(one: Damage) -> bool:
    """Whether nothing knows the field (docs/operating.md, Damage)."""
    return (one.collection, one.pattern) in {("crmConsents", "identity")}


@pytest.mark.parametrize("collection", sorted(ALL - {"crmInstallation"}))
def test_orders_of_the_damaged_person_and_of_others_arrive_by_the_sweep(collection: str) -> None:
    for one in itertools.islice(chosen(collection), 3):
        world = damaged(one)
        names = ("bob", "dan", "eve", "new")
        for name in names:
            world.store.put(f"orders/s-{name}", order(f"{name}@example.com", day=20))
        sweep(world.runner, world.queue.append)
        rows: dict[str, Any] = world.store.all("crmOrders")
        assert [name for name in names if not rows[f"s-{name}"]["partId"]] == [], str(one)


@pytest.mark.parametrize("collection", sorted(ALL - {"crmInstallation", "crmAudit"}))
def test_a_collection_that_is_gone_stops_nothing(collection: str) -> None:
    world = damaged()
    for name in world.store.all(collection):
        world.store.delete(f"{collection}/{name}")
    world.store.put("orders/s", order("zed@example.com", day=20))
    sweep(world.runner, world.queue.append)
    assert world.store.all("crmOrders")["s"]["partId"]
    rebuild(world.runner, threads=1)
    assert list(verify(world.runner)) == []


@pytest.mark.parametrize("collection", sorted(ALL))
def test_a_stray_document_is_named_and_stops_nothing(collection: str) -> None:
    world = damaged()
    world.store.put(f"{collection}/0-stray", {"hello": "world"})
    world.store.put("orders/s", order("zed@example.com", day=20))
    sweep(world.runner, world.queue.append)
    assert world.store.all("crmOrders")["s"]["partId"]
    named = {path for path, _ in verify(world.runner)}
    assert f"{collection}/0-stray" in named
    report = rebuild(world.runner, threads=1)
    assert {f"{at}/{name}" for at, name, _ in report.failed} <= {f"{collection}/0-stray"}
    assert {path for path, _ in verify(world.runner)} <= {f"{collection}/0-stray"}
