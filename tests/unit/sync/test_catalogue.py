"""The catalogue of events says what the newest order says, whoever handles orders, in any order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.bill import Bill, Counting
from crm.core.errors import Transient
from crm.db.documents import Create, Update
from crm.events.event import event_path
from crm.sync import catalogue
from crm.sync.catalogue import Catalogue
from crm.sync.seen_events import SeenEvents
from crm.sync.sync import Sync
from testing.hosts import DAY, item, order
from testing.scheduler import Scheduler
from testing.world import World
from tests.support.events import listed, told, wrong
from tests.unit.merging.test_races import meanwhile

EVENTS = ("a", "b/c", "ü" * 128)

NAMES = (None, "Old", "New")

STARTS = (None, DAY + timedelta(days=9))

ITEMS = st.builds(
    lambda event_id, name, start, cancelled: {
        "eventId": event_id,
        "eventName": name,
        "eventStartsAt": start,
        "cancelled": cancelled,
    },
    st.sampled_from(EVENTS),
    st.sampled_from(NAMES),
    st.sampled_from(STARTS),
    st.sampled_from([False, False, True]),
)

WRITES = st.tuples(
    st.sampled_from("opq"),  # which order
    st.integers(0, 2),  # which instance handles it
    st.none()
    | st.builds(
        lambda items, day, status, who: order(
            f"{who}@example.com", items=items, day=day, status=status
        ),
        st.lists(ITEMS, max_size=3),
        st.integers(0, 2),
        st.sampled_from(["paid", "paid", "paid", "cancelled", "odd"]),
        st.sampled_from(["ada", "bob"]),
    ),
)


def forgetful(world: World) -> Sync:
    """An instance of which nothing can be out of date."""
    return Sync(world.runner, catalogue=Catalogue(SeenEvents(age=timedelta(0))))


@settings(max_examples=300)
@given(st.lists(WRITES, max_size=14))
def test_it_is_what_the_ledger_says_after_every_order(
    writes: list[tuple[str, int, dict[str, Any] | None]],
) -> None:
    world = World()
    instances = [forgetful(world) for _ in range(3)]
    ever: set[str] = set()
    for name, which, data in writes:
        gone = None
        if data is None:
            gone = world.store.delete(f"orders/{name}")
        else:
            world.store.put(f"orders/{name}", data)
        instances[which].sync_order(name, gone)
        assert wrong(world.store) == []
        ever |= told(world.store).keys()
        assert listed(world.store).keys() == ever
    before = world.store.writes
    for name in "opq":
        assert instances[0].sync_order(name) is False
    assert world.store.writes == before


@settings(max_examples=100)
@given(st.lists(WRITES, min_size=2, max_size=8), st.permutations(range(8)))
def test_events_in_any_order_and_twice_come_to_the_same(
    writes: list[tuple[str, int, dict[str, Any] | None]], order_of: list[int]
) -> None:
    """The host is ahead: all has been written when the first event comes."""
    world = World()
    gone: dict[str, int | None] = {}
    for name, _, data in writes:
        if data is None:
            gone[name] = world.store.delete(f"orders/{name}")
        else:
            world.store.put(f"orders/{name}", data)
    for at in order_of:
        name, which, _ = writes[at % len(writes)]
        Sync(world.runner, catalogue=Catalogue()).sync_order(name, gone.get(name))
        assert wrong(world.store) == [], which


@pytest.mark.parametrize("seed", range(60))
def test_many_instances_at_once_end_with_the_newest_words(seed: int) -> None:
    """They hand over to each other at every remote call; a seed draws to whom."""
    schedule = Scheduler(seed)
    world = World(sleep=schedule.sleep, clock=schedule.clock)
    world.store.pause = schedule.pause

    def instance(number: int) -> None:
        chance, sync = random.Random(f"{seed}/{number}"), forgetful(world)
        for _ in range(6):
            name = chance.choice(["shared", f"own-{number}"])
            if chance.random() < 0.2:
                sync.sync_order(name, world.store.delete(f"orders/{name}"))
                continue
            items = [item("gala", eventName=chance.choice(["Old", "New"]))]
            status = chance.choice(["paid", "paid", "paid", "cancelled"])
            who, day = f"p{number}@example.com", chance.randrange(9)
            world.store.put(f"orders/{name}", order(who, items=items, status=status, day=day))
            sync.sync_order(name)

    for number in range(4):
        schedule.start(partial(instance, number))
    schedule.run()
    assert wrong(world.store) == []


# --- Names that change ---------------------------------------------------------------------------


def called(name: str | None, day: int, who: str = "ada", **fields: Any) -> dict[str, Any]:
    return order(f"{who}@example.com", day=day, items=[item("gala", eventName=name)], **fields)


@pytest.fixture
def world() -> World:
    made = World()
    made.put_order("first", called("Gala", 0))
    return made


def name_of(world: World) -> str | None:
    return listed(world.store)["gala"][0]


def test_the_newest_order_has_the_word_and_when_it_goes_the_one_before(world: World) -> None:
    world.put_order("late", called("Gala 2", 5))
    assert name_of(world) == "Gala 2"
    world.put_order("between", called("Gaala", 3))
    assert name_of(world) == "Gala 2"
    world.delete_order("late")
    assert name_of(world) == "Gaala"
    world.put_order("between", called("Gaala", 3, status="cancelled"))
    assert name_of(world) == "Gala"
    world.delete_order("first")
    assert name_of(world) == "Gala", "an event stays, as it was called last"


def test_when_it_was_seen_first_stays(world: World) -> None:
    (before,) = world.store.all("crmEvents").values()
    world.store.wait(timedelta(days=3))
    world.put_order("late", called("Gala 2", 5))
    (after,) = world.store.all("crmEvents").values()
    assert after["firstSeenAt"] == before["firstSeenAt"] < world.store.now() - timedelta(days=3)
    assert (after["name"], after["nameKey"]) == ("Gala 2", "gala 2")


def test_an_order_that_does_not_count_makes_no_event(world: World) -> None:
    world.put_order("o", order(items=[item("other")], status="pending"))
    assert listed(world.store).keys() == {"gala"}
    world.put_order("o", order(items=[item("other")]))
    assert listed(world.store).keys() == {"gala", "other"}


def points(world: World, name: str, data: dict[str, Any]) -> int:
    """Count the moments between the remote calls of one order's sync, in a copy of the world."""
    calls: list[None] = []
    world.store.pause = lambda: calls.append(None)
    world.put_order(name, data)
    return len(calls)


RENAMED = called("Old", 5)

MOMENTS = range(24)
"""More than there are between the remote calls of an order with another name."""


def test_those_are_all_the_moments(world: World) -> None:
    assert 18 <= points(world, "late", RENAMED) <= len(MOMENTS)


@pytest.mark.parametrize("at", MOMENTS)
def test_two_instances_with_different_names_end_with_the_newer_ones(world: World, at: int) -> None:
    """The second one finds the catalogue saying what its order says, and writes nothing itself."""
    other = forgetful(world)

    def beside() -> None:
        world.store.put("orders/newest", called("Gala", 9, "bob"))
        other.sync_order("newest")

    world.sync = forgetful(world)
    meanwhile(world, at, beside)
    world.put_order("late", RENAMED)
    if "newest" not in world.store.all("crmOrders"):
        beside()
    assert name_of(world) == "Gala"
    assert wrong(world.store) == []


@pytest.mark.parametrize("at", range(14))
def test_two_instances_that_make_the_same_event_end_with_the_newer_name(at: int) -> None:
    world = World()
    other = forgetful(world)

    def beside() -> None:
        world.store.put("orders/newest", called("New", 9, "bob"))
        other.sync_order("newest")

    meanwhile(world, at, beside)
    world.put_order("o", called("Old", 5))
    if "newest" not in world.store.all("crmOrders"):
        beside()
    assert name_of(world) == "New"


@pytest.mark.parametrize("at", range(14))
def test_where_there_was_no_catalogue_yet_the_order_that_leaves_is_not_believed(at: int) -> None:
    """One instance makes the event by the word of an order that another one cancels meanwhile."""
    world = World()
    world.put_order("first", called("Gala", 0))
    world.put_order("newest", called("Grand Gala", 9, "bob"))
    for name in world.store.all("crmEvents"):
        world.store.delete(f"crmEvents/{name}")
    other = forgetful(world)

    def beside() -> None:
        other.sync_order("newest", world.store.delete("orders/newest"))

    world.sync = forgetful(world)
    meanwhile(world, at, beside)
    world.put_order("o", called("Old", 5, "cyd"))
    if "newest" in world.store.all("orders"):
        beside()
    assert name_of(world) == "Old"


def test_who_died_before_the_catalogue_heard_of_an_order_is_made_good_by_its_event(
    world: World,
) -> None:
    def dead(*_: Any, **__: Any) -> bool:
        raise Transient("the end of the process")

    sound = Catalogue.follow
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Catalogue, "follow", dead)
        with pytest.raises(Transient):
            world.put_order("late", called("Gala 2", 5))
    assert Catalogue.follow is sound
    assert wrong(world.store) == ["gala"]
    assert world.sync.sync_order("late") is True
    assert wrong(world.store) == []


def test_a_commit_that_seemed_to_fail_and_did_not_forgets_no_name(world: World) -> None:
    world.put_order("late", called("Gala 2", 5))
    commit = world.store.commit

    def torn(writes: Any) -> list[int]:
        commit(writes)
        world.store.commit = commit  # type: ignore[method-assign]
        raise Transient("no answer")

    world.store.commit = torn  # type: ignore[method-assign]
    world.put_order("late", called("Gala 2", 5, status="cancelled"))
    assert name_of(world) == "Gala"


# --- What it costs -------------------------------------------------------------------------------


@pytest.fixture
def bill(world: World) -> Bill:
    bill = Bill()
    world.runner = replace(world.runner, store=Counting(world.store, bill))
    world.sync = Sync(world.runner)
    return bill


def cost(world: World, bill: Bill, name: str, data: dict[str, Any]) -> tuple[int, int]:
    bill.clear()
    world.put_order(name, data)
    return bill.reads, bill.writes


def test_an_order_of_a_known_event_costs_what_it_did_without_a_catalogue(
    world: World, bill: Bill
) -> None:
    assert cost(world, bill, "o1", called("Gala", 1)) == (5, 2)  # a new process looks once
    assert cost(world, bill, "o2", called("Gala", 2)) == (4, 2)
    assert cost(world, bill, "o2", called("Gala", 2, refunded=1)) == (4, 2)
    assert cost(world, bill, "o3", called(None, 3)) == (4, 2)
    world.store.wait(timedelta(minutes=2))
    assert cost(world, bill, "o4", called("Gala", 4)) == (5, 2)  # and once a minute


def test_a_new_name_is_one_write_and_its_orders_are_free_again(world: World, bill: Bill) -> None:
    world.put_order("o", called("Gala", 1))
    assert cost(world, bill, "o1", called("New", 2)) == (4 + 4, 2 + 1)
    assert cost(world, bill, "o2", called("New", 3)) == (4, 2)
    assert cost(world, bill, "o", called("Gala", 1, refunded=1)) == (4, 2), "an old name, unchanged"


def test_an_order_that_leaves_asks_whether_others_say_the_same(world: World, bill: Bill) -> None:
    world.put_order("o", called("Gala", 1))
    world.put_order("o2", called("Gala", 2))
    bill.clear()
    world.put_order("o", called("Gala", 1, status="cancelled"))
    with_catalogue = bill.reads
    world.sync = Sync(world.runner, catalogue=Catalogue(SeenEvents(age=None), words=False))
    world.put_order("o", called("Gala", 1))
    bill.clear()
    world.put_order("o", called("Gala", 1, status="cancelled"))
    assert with_catalogue == bill.reads + 1


def test_a_new_event_is_two_reads_and_one_write(world: World, bill: Bill) -> None:
    assert cost(world, bill, "o", order(items=[item("new")], day=1)) == (4 + 2, 2 + 1)


def test_an_order_of_a_thousand_events_takes_few_round_trips(world: World, bill: Bill) -> None:
    many = [item(f"e{number}", eventName=f"Event {number}") for number in range(1_000)]
    bill.clear()
    world.put_order("many", order(items=many, day=3))
    assert len(listed(world.store)) == 1_001
    assert bill.trips < 60
    bill.clear()
    world.put_order("many2", order("bob@example.com", items=many, day=4))
    assert bill.trips < 10
    renamed = [{**one, "eventName": f"{one['eventName']} (new)"} for one in many]
    bill.clear()
    world.put_order("many2", order("bob@example.com", items=renamed, day=4))
    assert bill.trips < 120
    assert wrong(world.store) == []


def test_events_whose_newest_orders_differ_are_told_by_few_questions() -> None:
    world = World()
    for number in range(60):
        world.put_order(f"o{number:02}", order(items=[item(f"e{number:02}")], day=number))
    found = catalogue.newest_words(world.store, [f"e{number:02}" for number in range(70)])
    assert found == {f"e{number:02}": ("DevOps Workshop", None) for number in range(60)}


def test_of_one_event_nothing_but_its_own_document_is_written(world: World) -> None:
    written: list[Any] = []
    commit = world.store.commit
    world.store.commit = lambda writes: (written.extend(writes), commit(writes))[1]  # type: ignore[method-assign,func-returns-value]
    world.put_order("late", called("New", 5))
    world.put_order("other", order(items=[item("b")], day=6))
    events = [one for one in written if one.path.startswith("crmEvents/")]
    assert [type(one) for one in events] == [Update, Create]
    assert [one.path for one in events] == [event_path("gala"), event_path("b")]


def test_the_memory_has_an_age_and_a_bound() -> None:
    seen = SeenEvents(age=timedelta(seconds=60), most=2)
    for key in ("a", "b", "c", "d"):
        seen.put(key, (key, None), DAY)
    assert [seen.get(key, DAY) for key in "abcd"] == [
        ("a", None),
        ("b", None),
        ("c", None),
        ("d", None),
    ]
    seen.put("e", ("e", None), DAY)
    assert seen.get("a", DAY) is None
    assert seen.get("e", DAY + timedelta(seconds=59)) == ("e", None)
    assert seen.get("e", DAY + timedelta(seconds=60)) is None
    assert SeenEvents(age=None).get("e", DAY) is None
