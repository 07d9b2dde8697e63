"""Who gets the room of a full customer: orders with money first, in whatever order they come."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.customers import limits
from crm.customers.limits import Claim, arranged, over_limit
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from crm.sync import sync
from testing.hosts import DAY, item, order
from testing.world import World

ROOM = 5
Orders = Mapping[str, dict[str, Any]]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_EVENTS", ROOM)


def bought(events: str, day: int = 0, **fields: Any) -> dict[str, Any]:
    """An order with an event for each letter."""
    return order(items=[item(one) for one in events], createdAt=DAY + timedelta(days=day), **fields)


def free(events: str, day: int = 0, **fields: Any) -> dict[str, Any]:
    return bought(events, day, total="0", **fields)


def shown(world: World) -> str:
    return "".join(world.the_customer()["eventIds"])


def over(world: World) -> dict[str, str]:
    rows = world.store.all("crmOrders").items()
    return {name: "".join(row["overLimit"]) for name, row in rows if row["overLimit"]}


def settled(world: World) -> None:
    """Nothing is wrong, and looking again changes nothing."""
    assert list(verify(world.runner)) == []
    writes = world.store.writes
    for name in world.store.all("orders"):
        world.sync.sync_order(name)
    assert sum(rebuild(world.runner).changed.values()) == 0
    assert world.store.writes == writes


STRANGERS: Orders = {
    "f1": free("abcd", 1),
    "f2": free("cdef", 2),
    "f3": free("ghij", 3),
    "paid": bought("xyz", 9),
}


@pytest.mark.parametrize("arrival", [*itertools.permutations(STRANGERS)], ids="-".join)
def test_a_paid_concert_counts_whatever_strangers_ordered_before(arrival: Sequence[str]) -> None:
    world = World()
    for name in arrival:
        world.put_order(name, STRANGERS[name])
    assert shown(world) == "abxyz"
    assert over(world) == {"f1": "cd", "f2": "cdef", "f3": "ghij"}
    settled(world)


def test_staff_are_told_which_events_made_way() -> None:
    world = World()
    for name, data in STRANGERS.items():
        world.put_order(name, data)
    (customer,) = world.customers()
    rows = world.store.all("crmOrders")
    assert rows["paid"]["overLimit"] == []
    assert rows["f1"]["overLimit"] == ["c", "d"]
    assert "crowded" in rows["f1"]["marks"]
    assert customer["orderCount"] == 4, "the orders themselves count"


def test_room_that_comes_back_goes_to_orders_with_money_first() -> None:
    world = World()
    world.put_order("p1", bought("abcde", 1))
    world.put_order("f1", free("fg", 2))
    world.put_order("p2", bought("hi", 3))
    assert over(world) == {"f1": "fg", "p2": "hi"}
    world.put_order("p1", bought("abc", 1))
    assert shown(world) == "abchi"
    assert over(world) == {"f1": "fg"}
    world.delete_order("p1")
    assert shown(world) == "fghi"
    settled(world)


def test_an_order_that_is_given_for_free_makes_way_and_one_that_is_paid_now_does_not() -> None:
    world = World()
    world.put_order("o1", bought("abcde", 1))
    world.put_order("o2", bought("fgh", 2))
    assert over(world) == {"o2": "fgh"}
    world.put_order("o1", free("abcde", 1))
    assert shown(world) == "abfgh"
    world.put_order("o1", bought("abcde", 1))
    assert shown(world) == "abcde"
    settled(world)


def test_an_event_of_a_paid_order_stays_although_a_free_one_has_it_too() -> None:
    world = World()
    world.put_order("f1", free("abcde", 1))
    world.put_order("p1", bought("e", 2))
    world.put_order("p2", bought("xyzw", 3))
    assert shown(world) == "ewxyz"
    assert over(world) == {"f1": "abcd"}
    assert world.the_customer()["events"]["e"]["tickets"] == 2
    settled(world)


def left_by_a_process_that_died() -> World:
    """A customer full of strangers' orders, before the paid one was given its room."""
    world = World()
    handler = sync.Sync(world.runner)
    object.__setattr__(handler, "_fill", lambda _parts: None)
    for name, data in STRANGERS.items():
        world.store.put(f"orders/{name}", data)
        handler.sync_order(name)
    return world


def test_a_rebuild_gives_room_out_that_a_dead_process_did_not() -> None:
    world = left_by_a_process_that_died()
    assert "x" not in shown(world)
    assert rebuild(world.runner).failed == []
    assert shown(world) == "abxyz"
    settled(world)


def test_the_next_look_at_an_order_that_waits_gives_it_its_room() -> None:
    world = left_by_a_process_that_died()
    world.sync.sync_order("paid")
    assert shown(world) == "abxyz"


def test_room_is_given_out_anew_only_where_an_order_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[object] = []
    monkeypatch.setattr(sync.Sync, "give_room", lambda self, parts: given.append(parts))
    world = World()
    world.put_order("full", bought("abcde"))
    world.put_order("full", bought("abcd"))
    assert given == []
    world.put_order("more", bought("xy", 1))
    assert len(given) == 1, "one of its events waits"


def test_strangers_cannot_have_all_orders_read_for_each_of_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sync, "FEW", 6)
    world = World()
    for number, event in enumerate("abcdefgh"):
        world.put_order(f"f{number}", free(event, number))
    reads = world.store.reads
    world.put_order("more", free("z", 9))
    assert world.store.reads - reads < 9
    world.put_order("paid", bought("xyz", 10))
    assert set("xyz") < set(shown(world))


@given(
    st.lists(
        st.tuples(
            st.text("abcdefgh", max_size=4),
            st.integers(0, 3),
            st.booleans(),
            st.sampled_from(["paid", "paid", "pending"]),
        ),
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_any_arrival_ends_the_same(orders: list[tuple[str, int, bool, str]], shuffle: Any) -> None:
    """Also of orders that come twice, and of those that come first as something else."""
    said = {
        f"o{number}": (free if gift else bought)(events, day, status=status)
        for number, (events, day, gift, status) in enumerate(orders)
    }
    world = World()
    deliveries = [*said, *said]
    shuffle.shuffle(deliveries)
    for name in deliveries:
        if shuffle.random() < 0.3:
            world.put_order(name, bought(shuffle.choice(["", "abcdefgh"]), 2))
        world.put_order(name, said[name])
    claims = [
        Claim(name, data["total"] == "0", data["createdAt"], {i["eventId"]: None for i in items})
        for name, data in said.items()
        if data["status"] == "paid"
        for items in [data["items"]]
    ]
    expected = {name: "".join(events) for name, events in arranged(claims).items() if events}
    assert over(world) == expected
    if said:
        settled(world)


def claims() -> Iterator[Claim]:
    yield Claim("b", True, DAY, dict.fromkeys("abcd"))
    yield Claim("a", True, DAY, dict.fromkeys("efgh"))
    yield Claim("c", False, DAY + timedelta(days=1), dict.fromkeys("xy"))


def test_the_arrangement_goes_by_money_then_age_then_id() -> None:
    for some in itertools.permutations(claims()):
        assert arranged(some) == {"c": (), "a": ("h",), "b": ("a", "b", "c", "d")}


def test_the_longest_name_of_an_event_is_what_it_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CUSTOMER_BYTES", limits.event_bytes("a", "long name"))
    short, long = {"a": "x"}, {"a": "long name"}
    claims = [Claim("o1", False, DAY, {**short, "b": None}), Claim("o2", False, DAY, long)]
    assert arranged(claims) == {"o1": ("b",), "o2": ()}
    assert over_limit({}, {**short, "b": None}) == ("b",)
