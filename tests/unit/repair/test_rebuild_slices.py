"""A rebuild by many workers comes to the same as one by one worker, whatever becomes of them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.db.collections import SLICES
from crm.repair import mirrors, rebuild_job
from crm.repair.verify import verify
from testing.hosts import order, user
from testing.world import World
from tests.support.slicing import Turn, Workers, turns
from tests.support.storm import Storm
from tests.unit.privacy.test_residue import normal
from tests.unit.repair.test_invariants import lived

JOB_TELLS = ("state", "done", "total", "result", "drift", "error")

INTERLEAVED = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few documents are several slices of several steps."""
    monkeypatch.setattr(rebuild_job, "LEAST", 3)
    monkeypatch.setattr(rebuild_job, "STEP", 2)
    monkeypatch.setattr(rebuild_job, "THREADS", 1)
    monkeypatch.setattr(mirrors, "PAGE", 3)


def stormy(seed: int) -> World:
    """A host that has lived on while two events in five were lost."""
    world = World()
    own = random.Random(seed)
    storm = Storm(world.store, world.sync, own, lambda: own.random() < 0.4)
    for _ in range(60):
        storm.step()
    return world


def damaged() -> World:
    """A database in which hands have been at work."""
    world = lived()
    store = world.store
    for number, (name, data) in enumerate(store.all("customers").items()):
        store.put(f"customers/{name}", data | [{"orderCount": 99}, {"tags": 1}][number % 2])
    for number, (name, data) in enumerate(store.all("crmOrders").items()):
        if number % 3 == 0:
            store.put(f"crmOrders/{name}", data | {"version": 2**62})
    store.delete(f"crmIdentities/{next(iter(store.all('crmIdentities')))}")
    store.delete("orders/o1")
    store.put("orders/new", order("new@example.com"))
    store.put("users/u7", user("seven@example.com"))
    return world


def rebuilt(world: World, *plan: Turn, dry_run: bool = False) -> tuple[dict[str, Any], Workers]:
    """Have a rebuild done; give what its job tells, and who did it."""
    world.queue.clear()
    workers = Workers(world)
    job_id = rebuild_job.start(world.runner, world.queue.append, dry_run=dry_run)
    workers.work(*plan)
    assert world.store.all(SLICES) == {}
    job = world.store.all("crmJobs")[job_id]
    return {name: job[name] for name in JOB_TELLS}, workers


def in_one(world: World, **options: bool) -> dict[str, Any]:
    """As one worker alone does it, without cutting anything."""
    whole = rebuild_job.LEAST
    rebuild_job.LEAST = 1_000  # type: ignore[misc]
    try:
        return rebuilt(world, **options)[0]
    finally:
        rebuild_job.LEAST = whole  # type: ignore[misc]


def test_it_is_cut_where_there_is_much_and_not_where_there_is_little() -> None:
    assert rebuilt(stormy(1))[1].most > 3
    world = World()
    world.store.put("orders/o1", order())
    assert rebuilt(world)[1].most == 1


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_any_number_of_workers_comes_to_the_same(workers: int) -> None:
    alone, together = damaged(), damaged()
    jobs = together.runner.settings.jobs.model_copy(update={"workers": workers})
    together.runner = replace(
        together.runner, settings=together.runner.settings.model_copy(update={"jobs": jobs})
    )
    assert rebuilt(together)[0] == in_one(alone)
    assert normal(together) == normal(alone)


@INTERLEAVED
@given(st.integers(0, 50), turns)
def test_lost_events_are_made_good_whoever_dies(seed: int, plan: list[Turn]) -> None:
    alone, together = stormy(seed), stormy(seed)
    expected = in_one(alone)
    told, _ = rebuilt(together, *plan)
    assert together.wrong() == []
    assert [*verify(together.runner)] == []
    assert normal(together) == normal(alone)
    if not any(one.dies or one.beside for one in plan):
        assert told == expected


@INTERLEAVED
@given(turns)
def test_damage_is_mended_whoever_dies(plan: list[Turn]) -> None:
    alone, together = damaged(), damaged()
    in_one(alone)
    rebuilt(together, *plan)
    assert [*verify(together.runner)] == [*verify(alone.runner)] == []
    assert normal(together) == normal(alone)


@INTERLEAVED
@given(turns)
def test_a_check_tells_the_same_in_whatever_order_slices_end(plan: list[Turn]) -> None:
    """It writes nothing, so that steps that are taken twice tell nothing twice."""
    world = damaged()
    before = world.database
    expected = in_one(world, dry_run=True)
    told, _ = rebuilt(world, *plan, dry_run=True)
    for one in (told, expected):  # a step that is taken twice looks twice
        assert one["result"].pop("checked") == one.pop("done") > 0
        del one["total"]
    assert told == expected
    assert expected["result"]["drifted"] == len(expected["drift"]) > 2
    assert world.database == before


@pytest.mark.parametrize("copies", [0, 1, 3])
def test_copies_of_tasks_do_not_make_ever_more_of_them(copies: int) -> None:
    """A copy that comes when its phase is over finds slices unbegun whose tasks are waiting."""
    world = stormy(1)
    world.queue.clear()
    workers = Workers(world)
    rebuild_job.start(world.runner, world.queue.append, dry_run=False)
    delivered = 0
    while world.queue:
        task = world.queue.pop(0)
        workers.deliver(task, 60)
        delivered += 1
        assert delivered < 60 * (copies + 1)
        if delivered == 3:
            world.queue += [task] * copies
    assert world.wrong() == []
