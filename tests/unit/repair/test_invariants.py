"""A rebuild mends what a hand, or a backup of some collections alone, has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from crm.consent.plan import plan_consent
from crm.customers.limits import MAX_EVENTS
from crm.db.documents import Update, Write
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from crm.repair.identities import plan_identity
from crm.repair.rebuild import RebuildReport, rebuild
from crm.repair.verify import verify
from crm.sync.sync import Sync
from testing.hosts import DAY, item, order, user
from testing.world import KEYS, World
from tests.unit.privacy.test_erasure import ADA

OF_TIME = {"updatedAt", "createdAt"}


def lived() -> World:
    """Guests, users, aliases, a merge, consents, an erasure, a deleted and an odd order."""
    world = World(trust="auth")
    world.put_order("gone", order("bob@example.com", day=1))
    world.put_order("erased", order("ada@example.com"))
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    world.delete_order("gone")
    for number in range(8):
        name = ("bob", "cyd", "dan", "eve")[number % 4]
        world.put_order(f"o{number}", order(f"{name}@example.com", day=number, name=name.title()))
    world.put_order("opted", order("cyd@example.com", day=9, marketingOptIn=True))
    world.put_user("u1", user("bob@example.com"))  # proves his address, and then another one
    world.put_user("u1", user("bobby@example.com"))
    world.put_order("late", order("bobby@example.com", day=10))
    world.put_user("u2", user("bob@example.com"))  # who has his old address now
    world.put_order("new", order("bob@example.com", day=11))
    world.put_order("odd", order("eve@example.com", total="much"))
    ids = {name: world.with_email(f"{name}@example.com")["id"] for name in ("cyd", "dan", "eve")}
    world.runner.run(lambda tx: plan_merge(tx, ids["cyd"], ids["dan"]))
    world.runner.run(lambda tx: plan_consent(tx, "x", ids["eve"], "unsubscribed", None))
    world.resync()  # to redact an order is an event of its own
    assert found(world) == []
    return world


def found(world: World) -> list[tuple[str, str]]:
    recount = [fault for fault in world.wrong() if not fault.startswith("order odd ")]
    return [*verify(world.runner), *(("", fault) for fault in recount)]


def state(world: World) -> dict[str, Any]:
    kept = ("customers", "crmOrders", "crmIdentities", "crmLinks", "crmMerges", "crmQuarantine")
    return {
        f"{collection}/{name}": {key: value for key, value in data.items() if key not in OF_TIME}
        for collection in kept
        for name, data in world.store.all(collection).items()
    }


def mend(world: World) -> RebuildReport:
    report = rebuild(world.runner, threads=2)
    assert report.failed == []
    return report


def nothing_is_left_to_do(world: World) -> None:
    assert found(world) == []
    assert mend(world).changed.total() == 0
    assert world.resync() is False


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "sums": lambda data: data.update(orderCount=99, totalSpend={"USD": 1}),
    "facets": lambda data: data.update(facets={}),
    "name and addresses": lambda data: data.update(name="X", emails=[], primaryEmail=None),
    "consent": lambda data: data.update(marketing={"status": "none", "at": None, "source": None}),
    "search": lambda data: data.update(search=["zz"]),
    "parts": lambda data: [
        part.update(counted=9, orders=9, spend={"EUR": {"net": 1, "orders": 9}}, name=None)
        for part in data["parts"].values()
    ],
    "users": lambda data: [
        part.update(live=not part["live"], userName="X", proven=None)
        for part in data["parts"].values()
        if part["uid"]
    ],
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_customer_that_was_edited_is_what_its_orders_say_again(name: str) -> None:
    world = lived()
    before = state(world)
    for customer_id, data in world.store.all("customers").items():
        CHANGES[name](data)
        world.store.put(f"customers/{customer_id}", data)
    broken = state(world)
    drift = rebuild(world.runner, dry_run=True).drift
    changed = {path for path in before if broken[path] != before[path]}
    assert {f"customers/{one}" for one in drift} == changed
    assert state(world) == broken
    mend(world)
    assert state(world) == before
    nothing_is_left_to_do(world)


@pytest.mark.parametrize("collection", ["customers", "crmIdentities", "crmOrders", "crmQuarantine"])
def test_a_document_that_was_deleted_comes_back(collection: str) -> None:
    for name, data in lived().store.all(collection).items():
        if data.get("erasedAt") or data.get("erased"):
            continue  # `reapply-erasures` knows of those
        world = lived()
        before = state(world)
        world.store.delete(f"{collection}/{name}")
        mend(world)
        if collection == "crmOrders":  # only the row knew by whom it was counted
            assert spent(state(world)) == spent(before)
        else:
            assert _plain(state(world)) == _plain(before), name
        nothing_is_left_to_do(world)


def spent(kept: dict[str, Any]) -> int:
    return sum(data.get("totalSpend", {}).get("USD", 0) for data in kept.values())


def _plain(kept: dict[str, Any]) -> dict[str, Any]:
    """Without what nothing else knows: versions, ranks, and how an address came."""
    plain = {}
    for path, data in kept.items():
        data = {key: value for key, value in data.items() if key not in ("version", "at")}
        if "parts" in data:
            data["parts"] = {
                key: {field: value for field, value in part.items() if field not in _UNKNOWN}
                for key, part in data["parts"].items()
            }
        plain[path] = data
    return plain


_UNKNOWN = {"rank", "byProof"}


def test_everything_but_the_ledger_comes_back() -> None:
    world = lived()
    before = state(world)
    for name in world.store.all("customers"):
        world.store.delete(f"customers/{name}")
    mend(world)
    assert _plain(state(world)) == _plain(before)
    nothing_is_left_to_do(world)


def test_an_address_keeps_a_user_whose_customer_comes_back_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To tell an address what it knows leaves its version: it stops nobody who drops the user."""
    world = lived()
    for name in world.store.all("customers"):
        world.store.delete(f"customers/{name}")
    commit, users = world.store.commit, [KEYS.user("u1"), KEYS.user("u2")]

    def late(writes: Sequence[Write]) -> None:
        if any(isinstance(one, Update) and "contacts" in one.data for one in writes):
            while users:
                world.runner.run(partial(plan_identity, key=users.pop()))
        commit(writes)

    monkeypatch.setattr(world.store, "commit", late)
    assert rebuild(world.runner, threads=1).failed == []
    nothing_is_left_to_do(world)


def test_a_customer_that_is_gone_stands_in_nobodys_way() -> None:
    """Orders and erasures of the person work again."""
    world = lived()
    eve = world.with_email("eve@example.com")
    world.store.delete(f"customers/{eve['id']}")
    mend(world)
    world.put_order("again", order("eve@example.com", day=12))
    again = world.with_email("eve@example.com")
    assert (again["id"], again["orderCount"]) == (eve["id"], eve["orderCount"] + 1)
    assert again["marketing"]["status"] == "unsubscribed"


def test_a_merge_can_be_undone_when_its_survivor_came_back() -> None:
    world = lived()
    (merge_id,) = [key for key, one in world.store.all("crmMerges").items() if not one["proof"]]
    dan = world.with_email("dan@example.com")["id"]
    world.store.delete(f"customers/{dan}")
    mend(world)
    world.runner.run(lambda tx: plan_unmerge(tx, merge_id))
    assert world.with_email("cyd@example.com")["id"] != dan
    nothing_is_left_to_do(world)


def test_a_row_that_is_gone_does_not_count_its_order_twice() -> None:
    world = lived()
    dan = world.with_email("dan@example.com")
    world.store.delete("crmOrders/o2")
    mend(world)
    assert world.with_email("dan@example.com")["totalSpend"] == dan["totalSpend"]


def test_live_events_beside_it_are_not_lost() -> None:
    """An order comes in between every two calls of a repair."""
    for at in range(40):
        world = lived()
        for name, data in world.store.all("customers").items():
            CHANGES["parts"](data)
            world.store.put(f"customers/{name}", data)
        calls = 0

        def pause(at: int = at, world: World = world) -> None:
            nonlocal calls
            calls += 1
            if calls == at + 1:
                world.store.pause = lambda: None
                world.put_order("beside", order("dan@example.com", day=20))

        world.store.pause = pause
        rebuild(world.runner, threads=1)
        world.store.pause = lambda: None
        rebuild(world.runner, threads=1)
        assert found(world) == []


def no_catalogue(world: World) -> None:
    for name, data in world.store.all("customers").items():
        world.store.put(f"customers/{name}", data | {"tags": ["vip"]})


def ghost(world: World) -> None:
    world.store.put("customers/ghost", world.with_email("eve@example.com") | {"id": None})


def empty_ghost(world: World) -> None:
    world.store.put("customers/ghost", world.with_email("eve@example.com") | {"parts": {}})


def rows(change: dict[str, Any]) -> Callable[[World], None]:
    def break_it(world: World) -> None:
        world.store.put("crmOrders/o1", world.store.all("crmOrders")["o1"] | change)

    return break_it


def users_ahead(world: World) -> None:
    for name, data in world.store.all("crmIdentities").items():
        if data["kind"] == "user" and data["uid"]:
            world.store.put(f"crmIdentities/{name}", data | {"version": 2**62})


def elsewhere(world: World) -> None:
    for name, data in world.store.all("crmIdentities").items():
        if data["customerId"]:
            world.store.put(f"crmIdentities/{name}", data | {"customerId": "nobody"})


def nobodys(world: World) -> None:
    for name, data in world.store.all("crmIdentities").items():
        if data["customerId"]:
            world.store.put(f"crmIdentities/{name}", data | {"customerId": None, "partId": None})


def links(world: World) -> None:
    eve = world.with_email("eve@example.com")["id"]
    world.store.put("crmLinks/old", {"customerId": "nobody", "mergeId": "none"})
    world.store.put(f"crmLinks/{eve}", {"customerId": eve, "mergeId": "none"})


def no_merge(world: World) -> None:
    for name in world.store.all("crmMerges"):
        world.store.delete(f"crmMerges/{name}")


def listed(world: World) -> None:
    row = {"collection": "orders", "documentId": "o1", "reason": "email-invalid", "at": DAY}
    world.store.put("crmQuarantine/stray", row)
    ((name, odd),) = [
        (key, one) for key, one in world.store.all("crmQuarantine").items() if key != "stray"
    ]
    world.store.put(f"crmQuarantine/{name}", odd | {"reason": "other"})


BROKEN: dict[str, Callable[[World], None]] = {
    "tags that the catalogue does not know": no_catalogue,
    "a customer twice": ghost,
    "a customer of nobody": empty_ghost,
    "a row with other sums": rows({"net": 12345, "total": 12345}),
    "a row of a part that nobody has": rows({"partId": "nowhere"}),
    "a row from the future": rows({"version": 2**62}),
    "users from the future": users_ahead,
    "identities that lead elsewhere": elsewhere,
    "identities that lead to nobody": nobodys,
    "links that lead nowhere": links,
    "merges that are not there": no_merge,
    "quarantine that is none": listed,
}


@pytest.mark.parametrize("name", BROKEN)
def test_whatever_verify_finds_is_mended(name: str) -> None:
    world = lived()
    before = spent(state(world))
    BROKEN[name](world)
    assert list(verify(world.runner)) != []
    mend(world)
    assert spent(state(world)) == before
    nothing_is_left_to_do(world)


def test_events_that_found_no_room_come_back_when_there_is_some() -> None:
    for how in ("live", "rebuilt"):
        world = World()
        for number in range(3):
            events = [item(f"e{number}-{one:04}") for one in range(1000)]
            world.put_order(f"o{number}", order(day=number, items=events))
        assert len(world.the_customer()["eventIds"]) == MAX_EVENTS
        world.store.put("orders/o0", order(status="cancelled"))
        sync = Sync(replace(world.runner, store=world.store))
        if how == "rebuilt":  # killed before it looked at the others
            object.__setattr__(sync, "_fill", lambda _parts: None)
        sync.sync_order("o0")
        if how == "rebuilt":
            assert len(world.the_customer()["eventIds"]) == 1500
            mend(world)
        assert len(world.the_customer()["eventIds"]) == 2000
        assert world.store.all("crmOrders")["o2"]["overLimit"] == []
        writes = world.store.writes
        mend(world)
        assert world.store.writes == writes


@pytest.mark.parametrize("data", [{}, {"name": "Ada"}, {"parts": "none", "tags": []}])
def test_a_document_of_another_kind_is_named_and_stops_nothing(data: dict[str, Any]) -> None:
    """As somebody makes one in the Firebase console."""
    world = lived()
    eve = world.with_email("eve@example.com")["id"]
    world.store.put(f"customers/{eve}", {**world.store.all("customers")[eve], "orderCount": 99})
    world.store.put("customers/0-stray", data)
    assert ("customers/0-stray", "is not a customer") in list(verify(world.runner))
    report = rebuild(world.runner)
    assert [(path, name) for path, name, _ in report.failed] == [("customers", "0-stray")]
    assert [fault for fault in verify(world.runner) if "stray" not in fault[0]] == []
    assert world.store.all("customers")["0-stray"] == data
