"""The catalogue of events is found again by rebuild, and held to the ledger by verify and sweep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from operator import add
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.bill import Bill, Counting
from crm.repair import rebuild as rebuilding
from crm.repair import sweep as sweeping
from crm.repair.rebuild import rebuild
from crm.repair.sweep import EVERY, sweep
from crm.repair.verify import verify
from crm.sync.catalogue import Catalogue
from crm.sync.seen_events import SeenEvents
from crm.sync.sync import Sync
from testing.hosts import DAY, item, order
from testing.world import World
from tests.support.events import listed, wrong


def shop() -> World:
    world = World()
    for number in range(12):
        names = {"eventName": f"Name {number}", "eventStartsAt": DAY + timedelta(days=number)}
        items = [item(f"e{number % 4}", **names), item("often")]
        world.put_order(
            f"o{number:02}", order(f"p{number % 5}@example.com", items=items, day=number)
        )
    world.put_order("p", order("p0@example.com", items=[item("bare", eventName=None)], day=20))
    world.put_order("q", order("p0@example.com", items=[item("unpaid")], status="pending"))
    assert wrong(world.store) == []
    return world


@pytest.fixture
def world() -> World:
    return shop()


def rows(world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """The catalogue's documents by the host's ids, each with its own id."""
    return {one["eventId"]: (name, one) for name, one in world.store.all("crmEvents").items()}


def lose(world: World, event_id: str) -> None:
    world.store.delete(f"crmEvents/{rows(world)[event_id][0]}")


def rename(world: World, event_id: str) -> None:
    name, data = rows(world)[event_id]
    said = {"name": "Wrong", "nameKey": "wrong", "search": ["w", "wr", "wro", "wron", "wrong"]}
    said["search"] = sorted({*said["search"], *(event_id[:n] for n in range(1, len(event_id) + 1))})
    world.store.put(f"crmEvents/{name}", {**data, **said})


def move(world: World, event_id: str) -> None:
    name, data = rows(world)[event_id]
    world.store.delete(f"crmEvents/{name}")
    world.store.put("crmEvents/elsewhere", data)


DAMAGES: dict[str, Callable[[World, str], None]] = {"lost": lose, "renamed": rename, "moved": move}


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["e0", "e1", "e2", "e3", "often", "bare"]), st.sampled_from(list(DAMAGES))
    )
)
def test_verify_names_what_is_wrong_and_a_rebuild_mends_it(damages: dict[str, str]) -> None:
    world = shop()
    before = listed(world.store)
    for event_id, damage in damages.items():
        if (event_id, damage) != ("bare", "renamed"):  # no order says what it is called
            DAMAGES[damage](world, event_id)
    changed = listed(world.store) != before or "moved" in damages.values()
    assert bool(list(verify(world.runner))) == changed
    report = rebuild(world.runner, threads=1)
    assert report.failed == []
    assert listed(world.store) == before
    assert list(verify(world.runner)) == []
    assert +rebuild(world.runner, threads=1).changed == {}


def test_what_verify_says_of_each(world: World) -> None:
    lost = rows(world)["e0"][0]
    lose(world, "e0")
    rename(world, "e1")
    move(world, "e2")
    moved = rows(world)["e2"]
    named = dict(verify(world.runner))
    assert named[f"crmEvents/{lost}"] == "is missing although orders name the event"
    assert named[f"crmEvents/{rows(world)['e1'][0]}"] == (
        "does not say what the newest order says of it"
    )
    assert named[f"crmEvents/{moved[0]}"] == "is not where its id is kept"
    assert not any("Wrong" in why for why in named.values())


def test_an_event_that_no_order_names_any_more_is_no_fault(world: World) -> None:
    world.delete_order("p")
    for number in (1, 5, 9):
        world.delete_order(f"o{number:02}")
    before = listed(world.store)
    assert list(verify(world.runner)) == []
    rebuild(world.runner, threads=1)
    assert listed(world.store) == before
    assert {"bare", "e1"} <= before.keys()


def test_an_order_whose_event_is_written_right_now_is_no_false_alarm(world: World) -> None:
    """Between the two commits the catalogue is behind; `verify` looks again."""
    lose(world, "often")
    rename(world, "e3")

    def later(_seconds: float) -> None:
        for name in world.store.all("orders"):
            world.sync.sync_order(name)

    world.sync = Sync(world.runner, catalogue=Catalogue(SeenEvents(age=timedelta(0))))
    runner = replace(world.runner, retry=replace(world.runner.retry, sleep=later))
    assert list(verify(runner)) == []


def test_a_dry_run_writes_nothing(world: World) -> None:
    lose(world, "often")
    rename(world, "e3")
    before = world.database
    report = rebuild(world.runner, dry_run=True, threads=1)
    assert report.changed["crmEvents"] == 1
    assert world.database == before


def test_a_catalogue_is_made_of_a_ledger_that_had_none(world: World) -> None:
    before = listed(world.store)
    for name in world.store.all("crmEvents"):
        world.store.delete(f"crmEvents/{name}")
    rebuild(world.runner, threads=4)
    assert listed(world.store) == before


def test_a_rebuild_reads_each_event_once_to_see_that_it_is_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And twice more for what it is called, however many pages its orders are on."""
    monkeypatch.setattr(rebuilding, "PAGE", 2)
    read: list[str] = []
    store = world.store
    sound = store.read
    monkeypatch.setattr(store, "read", lambda paths: sound([read.append(p) or p for p in paths]))  # type: ignore[func-returns-value]
    rebuild(world.runner, threads=1)
    events = [path for path in read if path.startswith("crmEvents/")]
    assert len(events) == len(listed(store)) == len({*events})


def test_sweeps_find_a_wrong_name_in_their_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "FEW_EVENTS", 2)
    before = listed(world.store)
    for event_id in ("e0", "e3", "often"):
        rename(world, event_id)
    move(world, "e2")
    rounds = -(-len(before) // 2)
    start = world.store.now()
    for turn in range(rounds):
        turned = replace(world.runner, now=partial(add, start, turn * EVERY))
        report = sweep(turned, world.queue.append, threads=1)
        assert report.failed == []
    assert {key: word for key, word in before.items() if key != "e2"} == listed(world.store)
    world.sync.catalogue.seen._young.clear()
    world.put_order("o02", order("p2@example.com", items=[item("e2")], day=30))
    assert wrong(world.store) == []


def test_a_sweep_looks_at_few_events_however_many_there_are() -> None:
    world = World()
    world.put_order("o", order(items=[item(f"e{number}") for number in range(300)]))
    bill = Bill()
    runner = replace(world.runner, store=Counting(world.store, bill))
    sweep(runner, world.queue.append, threads=1)
    bill.clear()
    sweep(runner, world.queue.append, threads=1)
    looked = bill.clear().reads
    for name in world.store.all("crmEvents"):
        world.store.delete(f"crmEvents/{name}")
    sweep(runner, world.queue.append, threads=1)
    assert 2 <= looked - bill.clear().reads <= 4 * 2 * sweeping.FEW_EVENTS
