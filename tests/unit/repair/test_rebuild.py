"""Looking at everything again: what it finds, what it leaves alone, and what a dry run says."""

from __future__ import annotations

import random
from typing import Any

import pytest

from crm.db.accounts import Account
from crm.db.scan import apart
from crm.repair import mirrors, rebuild_job
from crm.repair import rebuild as room
from crm.repair.rebuild import RebuildReport, rebuild
from testing.hosts import order, user
from testing.world import World
from tests.support.storm import Storm


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(room, "PAGE", 3)  # so that a few documents are several pages
    monkeypatch.setattr(rebuild_job, "STEP", 3)
    monkeypatch.setattr(mirrors, "PAGE", 3)
    return World()


def run(world: World, **options: Any) -> RebuildReport:
    return rebuild(world.runner, threads=2, **options)


def host_alone(world: World) -> None:
    """A host that has lived before CRM-Lite was installed."""
    for number in range(7):
        world.store.put(f"orders/o{number}", order(f"p{number % 3}@example.com", day=number))
        world.store.put(f"orders/s{number}", order("x@example.com", userId=f"u{number % 2}"))
    for number in range(4):
        world.store.put(f"users/u{number}", user(f"p{number}@example.com"))


def test_a_backfill_takes_everything_in_and_a_second_writes_nothing(world: World) -> None:
    host_alone(world)
    told: list[tuple[str, int, int]] = []
    report = run(world, progress=lambda *args: told.append(args))
    assert +report.seen == {"users": 4, "orders": 14, "crmEvents": 1, "sums": 4}
    assert +report.changed == {"users": 4, "orders": 14}
    assert report.failed == []
    assert world.wrong() == []
    assert ("orders", 14, 14) in told
    assert told[-1] == ("sums", 4, 4)
    writes = world.store.writes
    again = run(world)
    looked_at = {name: count for name, count in (+again.seen).items() if "fields" not in name}
    assert looked_at == {
        "customers": 4,
        "crmIdentities": 9,
        "users": 4,
        "orders": 14,
        "crmEvents": 1,
        "sums": 4,
    }
    assert +again.changed == {}
    assert world.store.writes == writes


def test_neighbours_are_not_looked_at_together() -> None:
    """They often belong to one customer, and would collide over it."""
    ids = [f"o{number}" for number in range(10)]
    spread = apart(ids, 4)
    assert spread == ["o0", "o3", "o6", "o9", "o1", "o4", "o7", "o2", "o5", "o8"]
    assert apart(ids, 20) == ids
    assert apart([], 4) == []


def test_lost_events_of_every_kind_are_made_good(world: World) -> None:
    host_alone(world)
    run(world)
    world.store.put("orders/o1", order("p1@example.com", total=1))
    world.store.put("orders/new", order("new@example.com"))
    world.store.delete("orders/o0")
    world.store.delete("orders/s6")  # the last of all
    world.store.delete("users/u1")
    world.store.put("users/u0", user("changed@example.com"))
    assert world.wrong() != []
    report = run(world)
    assert world.wrong() == []
    assert +report.changed == {"users": 2, "orders": 4}


def test_a_dry_run_names_the_fields_that_drifted_and_writes_nothing(world: World) -> None:
    host_alone(world)
    run(world)
    world.store.put("orders/o1", order("p1@example.com", total=1, day=1))
    customer = world.with_email("p1@example.com")["id"]
    before, writes = world.database, world.store.writes
    report = run(world, dry_run=True)
    assert report.drift == {customer: {"totalSpend"}}
    assert +report.changed == {"orders": 1}
    assert (world.database, world.store.writes) == (before, writes)


def test_one_that_fails_does_not_keep_the_others(world: World) -> None:
    host_alone(world)
    sound = world.accounts.find

    def find(uid: str) -> Account:
        if uid == "u1":
            raise RuntimeError("about ada@example.com")
        return sound(uid)

    object.__setattr__(
        world.runner, "settings", world.runner.settings.model_copy(update={"email_trust": "auth"})
    )
    world.accounts.find = find  # type: ignore[method-assign]
    report = run(world)
    ((collection, name, why),) = set(report.failed)
    assert (collection, name) == ("users", "u1")
    assert why.startswith("RuntimeError at test_rebuild.py")
    assert len(world.store.all("crmOrders")) == 14


@pytest.mark.parametrize("seed", range(5))
def test_after_any_life_with_lost_events(world: World, seed: int) -> None:
    own = random.Random(seed)
    storm = Storm(world.store, world.sync, own, lambda: own.random() < 0.4)
    for _ in range(200):
        storm.step()
    report = run(world)
    assert report.changed["orders"] > 0
    assert world.wrong() == []
    assert world.resync() is False


@pytest.fixture(params=["in one", "cut"])
def job_world(
    request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch
) -> World:
    """A world whose rebuild is done by one worker, or cut into slices."""
    monkeypatch.setattr(rebuild_job, "LEAST", 3 if request.param == "cut" else 100)
    return world


def as_a_job(world: World, *, dry_run: bool = False) -> dict[str, Any]:
    """Start it as the callable does, and have the queue's workers do it."""
    job_id = rebuild_job.start(world.runner, world.queue.append, dry_run=dry_run)
    world.work()
    assert world.store.all("crmSlices") == {}
    return world.store.all("crmJobs")[job_id]


def test_as_a_job_it_does_the_same(job_world: World) -> None:
    world = job_world
    host_alone(world)
    job = as_a_job(world)
    assert (job["state"], job["done"], job["total"]) == ("done", 25, 25)
    read = {"understood": 18, "notUnderstood": 0}
    assert job["result"] == {"changed": 18, "failed": 0, "drifted": 0, **read}
    assert world.wrong() == []
    again = as_a_job(world)
    assert again["result"] == {"changed": 0, "failed": 0, "drifted": 0, **read}


def test_a_job_that_checks_ends_with_the_drift(job_world: World) -> None:
    world = job_world
    host_alone(world)
    run(world)
    world.store.put("orders/o1", order("p1@example.com", total=1, day=1))
    world.store.put("orders/o4", order("p1@example.com", total=1, day=4))
    customer = world.with_email("p1@example.com")["id"]
    before = world.database
    job = as_a_job(world, dry_run=True)
    assert job["drift"] == [{"customerId": customer, "fields": ["totalSpend"]}]
    read = {"understood": 18, "notUnderstood": 0}
    looked = {"checked": job["done"], "changed": 2, "failed": 0, "drifted": 1}
    assert job["result"] == {**looked, **read}
    assert world.database == before
