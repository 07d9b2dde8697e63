"""The sweep: what it finds, what it leaves alone, and what it costs."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any, cast

import pytest

from crm.core.errors import Conflict, Transient
from crm.db.collections import JOBS, ORDERS, SWEEP
from crm.db.documents import Query, Snapshot
from crm.db.retry import RetryPolicy
from crm.jobs.housekeeping import RETENTION
from crm.jobs.run import run, start
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.repair import comparison, mirrors
from crm.repair import sweep as room
from crm.repair.partitions import SMALLEST
from crm.repair.sweep import EVERY, sweep
from crm.repair.sweep_run import SweepReport
from crm.sync.sync import Sync
from testing.hosts import DAY, order, user
from testing.world import World
from tests.support.storm import Storm


class Swept(World):
    """A world whose scheduler calls when the test says so."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.turn = 0
        self.enqueued: list[str] = []

    def run(self, **options: Any) -> SweepReport:
        self.turn += 1
        now = self.store.now() + self.turn * EVERY
        runner = replace(self.runner, now=lambda: now)
        return sweep(runner, self.enqueued.append, threads=2, **options)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Swept:
    monkeypatch.setattr(comparison, "PAGE", 7)
    monkeypatch.setattr(mirrors, "PAGE", 7)  # so that a few documents are several pages
    return Swept()


def fill(world: World, orders: int = 60, users: int = 10) -> None:
    for number in range(users):
        world.put_user(f"u{number:03}", user(f"p{number}@example.com"))
    for number in range(orders):
        owner = f"u{number % 20:03}" if number % 3 == 0 else None
        world.put_order(f"o{number:04}", order(f"p{number % 17}@example.com", userId=owner))


def test_a_lost_order_is_found_by_the_counts(world: Swept) -> None:
    fill(world)
    world.store.put("orders/lost", order("lost@example.com"))
    world.store.put("users/lost", user("found@example.com"))
    report = world.run()
    assert report.mismatched == {"orders": 1, "users": 1}
    assert report.mended == {"orders": 1, "users": 1}
    assert report.finished
    assert world.wrong() == []


def test_a_lost_deletion_is_found_by_the_counts(world: Swept) -> None:
    fill(world)
    world.store.delete("orders/o0000")
    world.store.delete("orders/o0059")
    world.store.delete("users/u003")
    assert world.run().mended == {"orders": 2, "users": 1}
    assert world.wrong() == []


def test_a_collection_that_is_empty_of_a_sudden_is_not_taken_for_deleted(world: Swept) -> None:
    """A path in crm.toml that is another one than before, say."""
    fill(world, orders=comparison.MANY)
    before = world.customers()
    for number in range(comparison.MANY):
        world.store.delete(f"orders/o{number:04}")
    ((collection, _, why),) = world.run().failed
    assert collection == "orders"
    assert "is empty, and 100 documents of it are known" in why
    assert world.customers() == before
    world.store.put("orders/new", order("new@example.com"))  # there is one: it was no other path
    assert world.run().failed == []
    assert world.wrong() == []


def test_a_lost_edit_is_found_within_a_round(world: Swept) -> None:
    fill(world)
    known_cuts(world)
    world.store.put("orders/o0031", order("p14@example.com", total=1))
    world.store.put("users/u005", user("changed@example.com"))
    slices = max(len(partitions["ids"]) + 1 for partitions in world.store.all(SWEEP).values())
    assert slices > 1
    for _ in range(slices):
        world.run()
    assert world.wrong() == []


def known_cuts(world: Swept) -> None:
    while not world.store.all(SWEEP) or not all(
        partitions["complete"] for partitions in world.store.all(SWEEP).values()
    ):
        world.run()


def test_a_slice_that_has_grown_is_cut_when_its_turn_comes(world: Swept) -> None:
    fill(world)
    known_cuts(world)
    for number in range(120):  # a host whose ids grow: all of them behind the last cut
        world.put_order(f"p{number:04}", order(f"p{number % 17}@example.com"))
    before = world.store.all(SWEEP)[ORDERS]["ids"]
    rounds = 3 * (len(before) + 1)  # each cuts what four slices hold, and leaves a tail
    for _ in range(rounds):
        assert world.run().mismatched == {}
    bounds = ["", *world.store.all(SWEEP)[ORDERS]["ids"], "~"]
    names = sorted(world.store.all("orders"))
    held = [sum(low <= name < high for name in names) for low, high in pairwise(bounds)]
    assert sum(held) == 180
    assert max(held) <= 2 * SMALLEST


class Counts:
    """A store that notes how many documents of the host were counted."""

    def __init__(self, world: World) -> None:
        self._store: Any = world.store
        self.counted: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def count(self, query: Query) -> int:
        number: int = self._store.count(query)
        if query.collection == "orders":
            self.counted.append(number)
        return number


def test_a_run_counts_no_more_of_a_large_collection_than_is_enough(
    world: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world, orders=300)
    known_cuts(world)
    monkeypatch.setattr(comparison, "ENOUGH", 60)
    seen = []
    for _ in range(24):
        counts = Counts(world)
        world.runner = replace(world.runner, store=cast("Any", counts))
        assert world.run().mismatched == {}
        seen.append(sum(counts.counted))
        world.runner = replace(world.runner, store=counts._store)
    assert min(seen) > 0
    assert max(seen) <= 60 + 2 * SMALLEST


def test_a_lost_order_of_a_large_collection_is_found_when_its_range_has_its_turn(
    world: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world, orders=300)
    known_cuts(world)
    monkeypatch.setattr(comparison, "ENOUGH", 1)  # one range in each run
    monkeypatch.setattr(comparison, "NEWEST", 0)
    world.store.put("orders/o0123x", order("lost@example.com", day=-400))
    found = [world.run().mismatched.get("orders", 0) for _ in range(24)]
    assert sum(found) == 1
    assert world.wrong() == []


def test_a_large_collection_that_is_empty_all_at_once_is_not_taken_for_deleted(
    world: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world, orders=300)
    known_cuts(world)
    monkeypatch.setattr(comparison, "ENOUGH", 2 * comparison.MANY)
    for name in list(world.store.all("orders")):
        world.store.delete(f"orders/{name}")
    report = world.run()
    assert report.mended["orders"] == 0
    assert "is empty" in report.failed[0][2]


def test_two_lost_events_that_leave_the_total_are_found_by_ranges(world: Swept) -> None:
    fill(world, orders=300)
    known_cuts(world)
    world.store.put("orders/o0000x", order("new@example.com", day=-400))
    world.store.delete("orders/o0290")
    report = world.run()
    assert report.mismatched == {"orders": 2}
    assert report.mended["orders"] == 2
    assert world.wrong() == []


def test_the_newest_are_looked_at_each_time(world: Swept) -> None:
    fill(world, orders=100)
    world.put_order("o0050", order("p16@example.com", day=9))
    known_cuts(world)
    for number in range(3):
        world.store.put("orders/o0050", order("p16@example.com", day=9, refunded=1 + number))
        assert world.run().mended["orders"] == 1
        assert world.wrong() == []


@pytest.mark.parametrize("field", ["booked.at", ["createdAt", "made"], {"const": 1}])
def test_whatever_says_when_an_order_came(field: Any) -> None:
    world = Swept(settings={"orders": {"fields": {"createdAt": field}}})
    world.put_order("o", order(booked={"at": DAY}))
    known_cuts(world)
    world.store.put("orders/o", order(booked={"at": DAY}, refunded=1))
    assert world.run().finished


def test_a_host_without_that_index_is_swept_all_the_same(
    world: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = world.store.find

    def refuse(query: Query) -> list[Snapshot]:
        if query.collection == "orders" and query.order and query.order[0] == "createdAt":
            raise Conflict("FailedPrecondition")
        return find(query)

    monkeypatch.setattr(world.store, "find", refuse)
    fill(world)
    world.store.put("orders/lost", order("lost@example.com"))
    assert world.run().mended["orders"] == 1


def test_where_counts_differ_edits_beside_it_are_found_too(world: Swept) -> None:
    fill(world, orders=20)
    world.store.put("orders/o0007", order("p7@example.com", total=1))
    world.store.put("orders/o0008x", order("p7@example.com", total=1))
    world.run()
    assert world.wrong() == []


def test_a_quiet_database_is_left_alone_at_a_small_cost(world: Swept) -> None:
    fill(world, orders=600, users=120)
    for _ in range(40):
        world.run()  # learns the cuts
    before, writes = world.database, world.store.writes
    for _ in range(30):
        world.store.reads = 0
        report = world.run()
        assert report.mended.get("orders", 0) == report.mended.get("users", 0) == 0
        assert world.store.reads < 4 * 25 * 4
    assert (world.database, world.store.writes) == (before, writes)


def test_everything_dropped_is_everything_mended(world: Swept) -> None:
    for number in range(80):
        world.store.put(f"orders/o{number:04}", order(f"p{number % 9}@example.com"))
    for number in range(20):
        world.store.put(f"users/u{number}", user(f"p{number}@example.com"))
    report = world.run()
    assert report.mismatched == {"orders": 80, "users": 20}
    assert report.mended["orders"] == 80
    assert world.wrong() == []
    assert not world.resync()


@pytest.mark.parametrize("seed", range(8))
def test_after_a_storm_of_lost_events_one_sweep_is_enough(world: Swept, seed: int) -> None:
    """Where everything is in one group, as here, a walk that the counts ask for sees all."""
    own = random.Random(seed)
    storm = Storm(world.store, world.sync, own, lambda: own.random() < 0.3)
    for _ in range(120):
        storm.step()
    world.store.put("orders/lost", order("lost@example.com"))
    world.store.put("users/lost", user("lost@example.com"))
    world.run()
    assert not world.resync()
    assert world.wrong() == []


def test_an_address_proven_since_is_linked() -> None:
    world = Swept(trust="auth")
    for number in range(40):
        world.verified[f"u{number}"] = None
        world.put_user(f"u{number}", user(f"p{number}@example.com"))
        world.put_order(f"o{number}", order(f"p{number}@example.com"))
    assert len(world.customers()) == 80
    for number in range(40):
        world.verified[f"u{number}"] = f"p{number}@example.com"
    for _ in range(4):
        world.run()
    assert len(world.customers()) == 40
    assert world.wrong() == []


def test_who_is_kept_apart_from_an_address_is_not_looked_at_for_it(
    world: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Since an undo they claim it for ever, and at each run each would cost as a sync does."""
    world.put_order("o", order())
    world.put_user("u1", user())
    (merge_id,) = world.store.all("crmMerges")
    world.runner.run(lambda tx: plan_unmerge(tx, merge_id))
    known_cuts(world)
    looked: list[str] = []

    def look(_: Sync, uid: str) -> bool:
        looked.append(uid)
        return False

    monkeypatch.setattr(Sync, "sync_user", look)
    for _ in range(3):
        world.run()
    assert looked == []


def test_a_conflict_that_is_over_is_seen() -> None:
    """Two users who prove one address, and whom staff merge then; nobody writes to them again."""
    world = Swept(trust="auth")
    world.put_order("o", order())
    for uid in ("u1", "u2"):
        world.verified[uid] = "ada@example.com"
        world.put_user(uid, user())
    first, second = (customer["id"] for customer in world.customers())
    world.run()  # which learns where the collections are cut
    writes = world.store.writes
    world.run()
    assert world.store.writes == writes  # still in conflict: there is nothing to write
    world.runner.run(lambda tx: plan_merge(tx, first, second, allow_two_users=True))
    assert world.run().mended == {"users": 1}
    assert world.resync() is False


def test_quarantine_is_tried_again(world: Swept) -> None:
    world.put_order("o1", order(currency="XXX?"))
    world.store.put("orders/o1", order())
    world.put_order("o2", order(total="much"))
    world.run()
    assert world.reasons() == {"o2": "amount-invalid"}
    assert world.with_email("ada@example.com")["orderCount"] == 1


def test_jobs_are_restarted(world: Swept) -> None:
    def nothing(_queue: str) -> None:
        raise Transient("away")

    job_id = start(world.runner, nothing, "test", {}, action="test.start")
    assert world.run().restarted == 0
    world.turn += 3
    assert world.run().restarted == 1
    assert world.enqueued == [job_id]


def test_jobs_that_have_been_over_for_long_are_deleted(world: Swept) -> None:
    job_id = start(world.runner, lambda _job: None, "unknown", {}, action="test.start")
    run(world.runner, {}, job_id, 60)
    assert world.run().deleted == 0
    world.turn += RETENTION // EVERY
    reads = world.store.reads
    assert world.run().deleted == 1
    spent = world.store.reads - reads
    reads = world.store.reads
    assert world.run().deleted == 0
    assert world.store.reads - reads <= spent
    assert world.store.all(JOBS) == {}


def test_when_the_time_is_over_the_next_run_goes_on(world: Swept) -> None:
    for number in range(60):
        world.store.put(f"orders/o{number:04}", order(f"p{number}@example.com"))
    ticks = iter(range(10_000))
    runs = 1
    while not world.run(seconds=20, clock=lambda: float(next(ticks))).finished:
        runs += 1
    assert 2 < runs < 30
    assert world.wrong() == []


def test_what_cannot_be_mended_is_named_and_the_rest_goes_on(
    world: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        world.store.put(f"orders/o{number}", order(f"p{number}@example.com"))
    commit = world.store.commit

    def broken(writes: Any) -> None:
        if any(write.path == "crmOrders/o3" for write in writes):
            raise ValueError("alice@example.com")
        commit(writes)

    monkeypatch.setattr(world.store, "commit", broken)
    report = world.run()
    assert [(collection, name) for collection, name, _ in report.failed] == [("orders", "o3")]
    assert "alice" not in report.failed[0][2]
    assert report.mended["orders"] == 9


def test_a_sweep_beside_a_sweep(world: Swept) -> None:
    """The other comes in at every call, and keeps its cuts first."""
    fill(world, orders=100)
    world.store.put("orders/lost", order())
    other = Swept(world.store)
    inside = False

    def pause() -> None:
        nonlocal inside
        if not inside:
            inside = True
            other.run()
            inside = False

    world.store.pause = pause
    assert world.run().failed == []
    world.store.pause = lambda: None
    assert world.wrong() == []


def test_a_database_that_does_not_answer_is_an_error(
    world: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_query: object) -> int:
        raise Transient("away")

    monkeypatch.setattr(world.store, "count", away)
    world.runner = replace(world.runner, retry=RetryPolicy(seconds=0))
    with pytest.raises(Transient):
        world.run()


def test_the_clock_chooses_the_slice() -> None:
    now = World().store.now()
    assert room._turn(now + timedelta(days=1)) - room._turn(now) == 144
