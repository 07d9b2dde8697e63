"""Facts that the database and Firebase Auth tell, and an order that is sent to see it arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Transient
from crm.core.roles import Role
from crm.db.collections import ERASURES, JOBS, OUTBOX
from crm.db.retry import RetryPolicy
from crm.entrypoints.doctor.sending import BETWEEN, send
from crm.entrypoints.samples import sample
from crm.runtime.key_fingerprint import remember_key
from crm.setup import looking
from crm.setup.check import Silent
from crm.setup.looking import LATELY, PROMPT, SOON, Source, Staffed
from testing.hosts import DAY, order
from testing.staff import Staff
from testing.world import World


def late(world: World) -> int:
    path = world.runner.settings.orders.path
    newest = sample(world.store, path, 200, world.runner.settings, share=1).newest
    return looking.arrivals(Source.of(world.runner), newest).late


def test_new_orders_that_do_not_arrive_are_seen_once_anything_has_arrived() -> None:
    world = World()
    for number in range(3):
        world.store.put(f"orders/before{number}", order())
    world.store.wait(PROMPT * 2)
    assert late(world) == 0, "as before an installation"
    world.put_order("o1", order(createdAt=DAY + timedelta(days=1)))
    world.store.put("orders/o2", order(createdAt=DAY + timedelta(days=2)))
    assert late(world) == 0, "it may be on its way"
    world.store.wait(PROMPT + timedelta(minutes=1))
    assert late(world) == 1
    world.sync.sync_order("o2")
    assert late(world) == 0


def test_new_orders_that_do_not_arrive_are_seen_once_a_sweep_has_been() -> None:
    world = World()
    remember_key(world.store, world.runner.keys, world.runner.now())
    world.store.put("orders/o1", order())
    world.store.wait(PROMPT + timedelta(minutes=1))
    assert late(world) == 1


def test_what_waits_in_quarantine_is_counted_by_reason() -> None:
    world = World()
    world.put_order("o1", order())
    for number in range(3):
        world.put_order(f"w{number}", order(status="weird"))
    world.put_order("w9", order(total="much"))
    found = looking.quarantined(Source.of(world.runner), why=True)
    assert (found.rows, found.odd) == (5, 4)
    assert found.reasons == {"status-unknown": 3, "amount-invalid": 1}
    assert not looking.quarantined(Source.of(world.runner)).reasons


def test_work_that_does_not_get_on_is_found() -> None:
    world = World()
    now = world.store.now()
    source = Source.of(world.runner)
    assert looking.work(source) == looking.Work()

    def job(name: str, state: str, age: timedelta, error: str | None = None) -> None:
        data = {"state": state, "updatedAt": now - age, "error": error, "kind": "rebuild"}
        world.store.put(f"{JOBS}/{name}", data)

    job("lost", "running", SOON * 2)
    job("busy", "running", timedelta(0))
    job("bad", "failed", timedelta(days=1), "damaged")
    job("stopped", "failed", timedelta(days=1), "cancelled")
    job("old", "failed", LATELY * 2, "damaged")
    for minutes in (50, 5):
        at = now - timedelta(minutes=minutes)
        world.store.put(f"{OUTBOX}/r{minutes}", {"ruleId": "r", "at": at})
        world.store.put(f"{ERASURES}/e{minutes}", {"state": "running", "at": at})
    world.store.put(f"{ERASURES}/done", {"state": "done", "at": now - SOON * 2})
    found = looking.work(source)
    assert (found.stopped, dict(found.failed)) == (1, {"damaged": 1})
    assert found.waiting_since == now - timedelta(minutes=50)
    assert found.unfinished == ("e50",)


def test_accounts_are_looked_through_for_so_many_pages() -> None:
    staff, retry = Staff(), RetryPolicy(seconds=0)
    staff.at_once = 1
    staff.hire("second", Role.ADMIN)
    staff.hire("third", Role.VIEWER, verified=False)
    assert looking.staffed(staff, retry) == Staffed(1, 0, all_seen=False)
    assert looking.staffed(staff, retry, pages=9) == Staffed(2, 1)

    def away() -> None:
        raise Transient("Auth is away.")

    staff.pause = away
    assert looking.staffed(staff, retry) == Silent("Auth is away.")


@pytest.mark.parametrize("path", ["orders", "users/{uid}/orders"])
@pytest.mark.parametrize("fires", [True, False])
def test_an_order_is_sent_watched_and_taken_away(path: str, fires: bool) -> None:
    settings: dict[str, Any] = {"orders": {"path": path}}
    world = World(settings=settings)
    now = 0.0
    seen: set[str] = set()

    def sleep(seconds: float) -> None:
        """What happens meanwhile: the functions are called for what is there, and what is gone."""
        nonlocal now
        now += seconds
        seen.update(world.orders())
        if fires and now > 3 * BETWEEN:
            for name in seen:
                world.sync.sync_order(name)

    sent = send(world.store, world.runner.settings, 5.0, clock=lambda: now, sleep=sleep)
    assert len(seen) == 1
    assert world.orders() == {}
    if fires:
        assert sent.seconds is not None
        assert 0.3 < sent.seconds < 0.6
    else:
        assert sent.seconds is None
    assert world.wrong() == []
    assert world.database.customers == {}
    assert world.database.quarantine == {}
