"""What giving out room on a full customer looks at, and the room of days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.customers import limits
from crm.customers.identity import AddressIdentity
from crm.db.documents import Clause, Query, Snapshot
from crm.repair.verify import verify
from crm.sync import sync
from crm.sync.order_plan import plan_order
from testing.hosts import DAY, item, order, user
from testing.world import KEYS, World
from tests.support.events import listed, wrong
from tests.unit.sync.test_room import bought, free, left_by_a_process_that_died, over, shown


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_EVENTS", 5)


def looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The orders that are synced from now on."""
    names: list[str] = []
    look = sync.Sync.sync_order

    def noted(self: sync.Sync, order_id: str, *given: Any, **more: Any) -> bool:
        names.append(order_id)
        return look(self, order_id, *given, **more)

    monkeypatch.setattr(sync.Sync, "sync_order", noted)
    return names


def parts(world: World) -> list[str]:
    return [*world.the_customer()["parts"]]


def test_only_orders_that_lose_or_win_are_looked_at_and_losers_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = left_by_a_process_that_died()
    assert over(world) == {"f2": "f", "f3": "ghij", "paid": "xyz"}
    names = looked_at(world, monkeypatch)
    assert world.sync.give_room(parts(world)) is True
    assert names == ["f1", "f2", "paid"]
    assert over(world) == {"f1": "cd", "f2": "cdef", "f3": "ghij"}
    names.clear()
    assert world.sync.give_room(parts(world)) is False
    assert names == []


def test_whether_an_order_waits_for_room_is_one_read() -> None:
    world, asked = World(), list[Query]()
    find = world.store.find

    def noted(query: Query) -> list[Snapshot]:
        asked.append(query)
        return find(query)

    world.put_order("full", bought("abcd"))
    world.put_order("late", bought("xy", 1))
    world.put_order("later", bought("z", 2))
    some = tuple(sorted(parts(world)))
    world.store.find = noted  # type: ignore[method-assign]
    world.put_order("last", bought("w", 3))
    waiting: tuple[Clause, ...] = (
        ("partId", "in", some),
        ("marks", "array_contains", "crowded"),
    )
    assert Query("crmOrders", waiting, limit=1) in asked


def test_room_is_given_out_over_all_parts_of_a_customer() -> None:
    world = World()
    world.put_user("u1", user())
    world.put_order("guest", free("abc", 1))
    world.put_order("signed", free("de", 2, userId="u1"))
    world.put_order("paid", bought("xy", 3, userId="u1"))
    assert shown(world) == "abcxy"
    assert over(world) == {"signed": "de"}
    world.put_order("also", bought("z", 4))
    assert shown(world) == "abxyz"
    assert over(world) == {"guest": "c", "signed": "de"}
    assert wrong(world.store) == []
    assert list(verify(world.runner)) == []


def test_what_found_no_room_is_forgotten_when_the_order_wants_it_no_more() -> None:
    world = World()
    world.put_order("full", bought("abcd"))
    world.put_order("late", bought("xy", 1))
    assert over(world) == {"late": "y"}
    world.put_order("late", bought("x", 1))
    assert over(world) == {}
    world.put_order("late", bought("xz", 1))
    assert over(world) == {"late": "z"}
    world.put_order("late", bought("xz", 1, status="pending"))
    world.put_order("late", bought("xz", 1))
    assert over(world) == {"late": "z"}
    assert shown(world) == "abcdx"


def test_an_event_of_an_order_that_found_no_room_for_all_is_in_the_catalogue() -> None:
    world = World()
    world.put_order("full", bought("abcd"))
    nameless = [{**item(one), "eventName": None} for one in "xy"]
    world.put_order("late", {**bought("", 1), "items": nameless})
    assert over(world) == {"late": "y"}
    assert {*listed(world.store)} == {*"abcdx"}
    world.put_order("late", {**bought("", 1), "items": [item("x"), *nameless[1:]]})
    assert listed(world.store)["x"] == ("DevOps Workshop", None)


def test_an_order_that_counts_again_looks_for_room_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it found none for before is no word on what there is by now."""
    world = World()
    world.put_order("full", bought("abcd"))
    world.put_order("late", bought("xy", 1))
    world.put_order("late", bought("xy", 1, status="pending"))
    world.put_order("full", bought("abc"))
    names = looked_at(world, monkeypatch)
    world.put_order("late", bought("xy", 1))
    assert (shown(world), over(world), names) == ("abcxy", {}, ["late"])


def test_an_order_that_does_not_count_wants_no_room() -> None:
    world = World()
    world.put_order("full", bought("abcde"))
    world.put_order("late", bought("xy", 1, status="pending"))
    assert over(world) == {}
    assert world.store.all("crmOrders")["late"]["marks"] == ["named"]


def test_an_order_has_room_for_what_it_held_itself() -> None:
    world = World()
    world.put_order("full", bought("abcde"))
    world.put_order("full", bought("vwxyz"))
    assert (shown(world), over(world)) == ("vwxyz", {})
    world.put_order("full", bought("uvwxyz"))
    assert (shown(world), over(world)) == ("uvwxy", {"full": "z"})


@pytest.mark.parametrize(("orders", "few"), [(6, True), (7, False)])
def test_for_a_free_order_few_are_read_and_for_one_with_money_any_number(
    monkeypatch: pytest.MonkeyPatch, orders: int, few: bool
) -> None:
    monkeypatch.setattr(sync, "FEW", 6)
    world = World()
    for number in range(orders - 1):
        world.put_order(f"o{number}", bought("abcde"[number % 5], number))
    given: list[object] = []
    monkeypatch.setattr(sync.Sync, "give_room", lambda self, parts: given.append(parts))
    world.put_order("free", free("x", 99))
    assert len(given) == few
    given.clear()
    world.put_order("paid", bought("y", 100))
    assert given == [tuple(sorted(parts(world)))]


def test_an_order_that_leaves_a_nearly_full_customer_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where it goes to another one, room is given out on both."""
    given: list[object] = []
    world = World()
    world.put_order("ada", bought("abcde"))
    world.put_order("waits", bought("f", 1))
    world.put_order("bob", {**bought("vwxyz", 2), "email": "bob@example.com"})
    ids = {
        name: tuple(sorted(world.with_email(f"{name}@example.com")["parts"]))
        for name in ("ada", "bob")
    }
    monkeypatch.setattr(sync.Sync, "_fill", lambda self, parts: given.append(parts))
    world.put_order("ada", {**bought("abcde"), "note": "nothing else"})
    assert given == []
    world.put_order("ada", {**bought("abcde"), "email": "bob@example.com"})
    assert {*given} == {ids["ada"], ids["bob"]}
    given.clear()
    world.delete_order("waits")
    assert given == []  # nothing of it had any room


def test_of_a_part_that_is_nobodys_no_customer_is_looked_for() -> None:
    world = World()
    world.put_order("o1", bought("a"))
    key = KEYS.address("ada@example.com")
    held = world.store.all("crmIdentities")[key]
    nobodys = AddressIdentity(erased={held["partId"]: "e"}, erased_at=DAY, erased_by="e")
    world.store.put(f"crmIdentities/{key}", nobodys.to_data())
    world.store.delete("orders/o1")
    tx = world.runner.begin()
    world.runner.evaluate(lambda tx: plan_order(tx, "o1", None), tx)
    assert not any(path.startswith("customers/") for path in tx.snapshots)


# Days


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(limits, "MAX_DAYS", 3)
    return World()


def held(world: World) -> list[str]:
    """The days of a customer's parts, which were placed in March 2024."""
    some = [[*one["days"]] for one in world.the_customer()["parts"].values()]
    return sorted(day.removeprefix("2024-03-") for one in some for day in one)


def placed(day: int, **fields: Any) -> dict[str, Any]:
    return order(items=[], createdAt=DAY + timedelta(days=day - 1), **fields)


def without_room(world: World) -> list[str]:
    rows = world.store.all("crmOrders").items()
    return [name for name, row in rows if row["dayOverLimit"]]


def test_a_day_too_many_is_left_out_and_its_order_counts(days: World) -> None:
    for day in (1, 2, 3, 3, 4):
        days.put_order(f"o{day}", placed(day))
    assert held(days) == ["01", "02", "03"]
    assert without_room(days) == ["o4"]
    assert days.the_customer()["orderCount"] == 4
    days.put_order("again", placed(2))
    assert without_room(days) == ["o4"]
    assert list(verify(days.runner)) == []


def test_days_of_all_parts_take_room(days: World) -> None:
    """Each part's are counted by themselves, also where they are the same."""
    days.put_user("u1", user())
    days.put_order("o1", placed(1))
    days.put_order("o2", placed(1, userId="u1"))
    days.put_order("o3", placed(2, userId="u1"))
    assert held(days) == ["01", "01", "02"]
    days.put_order("o4", placed(3, userId="u1"))
    days.put_order("o5", placed(2))
    assert held(days) == ["01", "01", "02"]
    assert without_room(days) == ["o4", "o5"]
    days.put_order("o6", placed(2, userId="u1"))
    assert without_room(days) == ["o4", "o5"]
    assert list(verify(days.runner)) == []


def test_an_order_has_room_for_the_day_that_it_held_itself(days: World) -> None:
    for day in (1, 2, 3):
        days.put_order(f"o{day}", placed(day))
    days.put_order("o3", placed(9))
    assert held(days) == ["01", "02", "09"]
    assert without_room(days) == []
    days.put_order("o3", placed(9, status="cancelled"))
    assert held(days) == ["01", "02"]
    days.put_order("o4", placed(4))
    days.put_order("o3", placed(9))
    assert without_room(days) == ["o3"]
    days.put_order("o3", placed(9, status="pending"))
    assert without_room(days) == []
    assert list(verify(days.runner)) == []


def test_items_of_an_order_make_no_difference_to_its_day(days: World) -> None:
    days.put_order("o1", {**placed(1), "items": [item("a")]})
    days.put_order("o1", {**placed(1), "items": [item("b")]})
    assert held(days) == ["01"]
    assert days.store.all("crmOrders")["o1"]["day"] == "2024-03-01"
