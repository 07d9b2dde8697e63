"""What must always hold is checked, and each way in which it may not hold is found."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crm.db.retry import RetryPolicy
from crm.merging.merge import plan_merge
from crm.repair import sums
from crm.repair import verify as room
from crm.repair.verify import verify
from testing.hosts import order, user
from testing.world import World
from tests.support.storm import Storm


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "AT_ONCE", 4)
    monkeypatch.setattr(sums, "IN_QUERY", 2)


def lived() -> World:
    world = World()
    for number in range(6):
        world.put_order(f"o{number}", order(f"p{number % 3}@example.com", day=number))
    world.put_user("u0", user("p0@example.com"))
    world.put_user("u5", user("p5@example.com"))
    world.put_order("odd", order(total="much"))
    world.put_order("gone", order("p1@example.com"))
    world.delete_order("gone")
    first, second = (world.with_email(f"p{number}@example.com")["id"] for number in (1, 2))
    world.runner.run(lambda tx: plan_merge(tx, first, second))
    return world


def changed(world: World, collection: str, change: Callable[[dict[str, Any]], Any]) -> str:
    """Change the first document of a collection in which there is something to change."""
    for name, data in sorted(world.store.all(collection).items()):
        if change(data) is not False:
            world.store.put(f"{collection}/{name}", data)
            return f"{collection}/{name}"
    raise AssertionError("nothing to change")


def has_orders(data: dict[str, Any]) -> bool:
    return bool(data["orderCount"])


@pytest.mark.parametrize("seed", range(6))
def test_after_any_life_everything_holds(seed: int) -> None:
    world = World()
    storm = Storm(world.store, world.sync, random.Random(seed))
    for _ in range(150):
        storm.step()
    writes = world.store.writes
    assert list(verify(world.runner)) == []
    assert world.store.writes == writes


def test_it_says_what_it_does() -> None:
    told: list[tuple[str, int]] = []
    assert list(verify(lived().runner, lambda *one: told.append(one))) == []
    assert {what for what, _ in told} == {
        "orders",
        "users",
        "customers",
        "crmOrders",
        "crmIdentities",
        "crmLinks",
        "crmQuarantine",
        "crmMerges",
        "crmAudit",
        "crmAuditHeads",
        "crmEvents",
    }
    assert ("orders", 7) in told


def spend(data: dict[str, Any]) -> Any:
    return data["totalSpend"].update(USD=1) if data["orderCount"] else False


def part_sum(data: dict[str, Any]) -> Any:
    if not data["orderCount"]:
        return False
    for part in data["parts"].values():
        part["counted"] += 1
    data["orderCount"] += len(data["parts"])
    return True


def facets(data: dict[str, Any]) -> Any:
    return data["facets"].update({"t:vip": True})


def unknown_tag(data: dict[str, Any]) -> Any:
    data["tags"] = ["vip"]


def other_part(data: dict[str, Any]) -> Any:
    if data["partId"] is None or data["quarantined"]:
        return False
    data["partId"] = "nowhere"
    return True


def nowhere(data: dict[str, Any]) -> Any:
    if data["kind"] != "address" or data["customerId"] is None:
        return False
    data["customerId"] = "nobody"
    return True


@pytest.mark.parametrize(
    ("collection", "change", "what"),
    [
        ("customers", spend, "totalSpend is not what its parts say"),
        ("customers", facets, "facets is not what its parts say"),
        ("customers", part_sum, "counted of part"),
        ("customers", unknown_tag, "has a tag that the catalogue does not"),
        ("crmOrders", other_part, "is not in exactly one place"),
        ("crmIdentities", nowhere, "is not where it leads"),
        ("crmLinks", lambda data: data.update(customerId="nobody"), "does not lead"),
        ("crmMerges", lambda data: data.update(state="undone"), "is not open"),
        ("crmQuarantine", lambda data: data.update(reason="other"), "not in quarantine"),
        ("orders", lambda data: data.update(total=1), "is not accounted for as it is now"),
        ("users", lambda data: data.update(name="Other"), "is not accounted for as it is now"),
    ],
)
def test_a_fault_is_found(collection: str, change: Any, what: str) -> None:
    world = lived()
    changed(world, collection, change)
    found = list(verify(world.runner))
    assert any(what in fault for _, fault in found), found


@pytest.mark.parametrize("collection", ["customers", "crmOrders", "crmIdentities", "crmQuarantine"])
def test_a_document_that_is_missing_is_found(collection: str) -> None:
    for name, data in lived().store.all(collection).items():
        broken = lived()
        broken.store.delete(f"{collection}/{name}")
        # The tombstone of a deleted order guards against late events; nothing depends on it.
        assert bool(list(verify(broken.runner))) == (not data.get("deleted")), name


def test_a_host_document_that_is_missing_is_found() -> None:
    world = lived()
    world.store.delete("orders/o1")
    world.store.delete("users/u5")
    found = [path for path, _ in verify(world.runner)]
    assert sorted(found) == ["orders/o1", "users/u5"]


def test_an_event_that_is_on_its_way_is_no_fault() -> None:
    world = lived()
    world.store.put("orders/late", order("late@example.com"))
    world.store.put("orders/lost", order("lost@example.com"))
    slept = 0

    def sleep(_seconds: float) -> None:
        nonlocal slept
        slept += 1
        if slept == 3:
            world.sync.sync_order("late")

    runner = replace(world.runner, retry=RetryPolicy(sleep=sleep))
    assert [path for path, _ in verify(runner)] == ["orders/lost"]
    assert slept == room.LOOKS


def test_no_value_is_told() -> None:
    world = lived()
    for collection in ("customers", "crmOrders"):
        for name, data in world.store.all(collection).items():
            world.store.put(f"{collection}/{name}", data | {"tags": ["x"], "counted": 7, "name": 1})
    text = str(list(verify(world.runner)))
    assert "example.com" not in text
    assert "Ada" not in text


def test_a_listing_is_where_its_document_is_listed() -> None:
    world = lived()
    world.put_user("odd", user("no address"))
    assert list(verify(world.runner)) == []
    rows = world.store.all("crmQuarantine").items()
    ((name, listing),) = [(key, one) for key, one in rows if one["collection"] == "users"]
    world.store.delete(f"crmQuarantine/{name}")
    world.store.put("crmQuarantine/elsewhere", listing)
    identity = f"crmIdentities/{world.runner.keys.user('odd')}"
    assert set(verify(world.runner)) == {
        ("crmQuarantine/elsewhere", "is not where its document is listed"),
        (identity, "is not listed in quarantine as it should be"),
    }
