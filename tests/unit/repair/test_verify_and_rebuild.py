"""Whatever `verify` names, a rebuild mends: each kind of document, each field that must hold."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.db.collections import ORDERS
from crm.db.documents import Write
from crm.repair.invariants import INVARIANTS
from crm.repair.rebuild import rebuild
from crm.repair.rows import plan_row
from crm.repair.stages import stages
from crm.repair.verify import verify
from testing.hosts import order
from testing.world import World
from tests.unit.repair.test_invariants import lived

FAR = datetime(2999, 1, 1, tzinfo=UTC)

AHEAD = 2**62
"""A version that no document can have yet."""

GONE: Any = object()
"""In place of a document: it is deleted."""

DAMAGES: dict[str, dict[str, list[Any]]] = {
    "customers": {
        "orderCount": [99],
        "totalSpend": [{}, {"USD": 1}],
        "name": ["X"],
        "emails": [[]],
        "primaryEmail": [None],
        "userIds": [["u9"]],
        "registered": [None],
        "firstOrderAt": [None],
        "lastOrderAt": [None],
        "events": [{}],
        "eventIds": [["gala"]],
        "attendedEventIds": [["gala"], []],
        "nextStartAt": [None, FAR, "soon"],
        "updatedAt": [None, FAR],
        "marketing": [{"status": "subscribed", "at": None, "source": "staff"}],
        "schemaVersion": [0],
        "facets": [{}],
        "search": [[]],
        "tags": [["vip"], ["z", "a"]],
        "merges": [{"open": ["nowhere"], "byStaff": 1}],
        "parts": [{}, GONE],
        "parts.*.uid": [None],
        "parts.*.live": [True, False],
        "parts.*.userName": ["X"],
        "parts.*.proven": ["e_nobody"],
        "parts.*.orders": [0, 9],
        "parts.*.counted": [9],
        "parts.*.spend": [{}],
        "parts.*.first": [None],
        "parts.*.last": [None],
        "parts.*.name": ["X"],
        "parts.*.nameAt": [None],
        "parts.*.events": [{}],
        "parts.*.optedInAt": [None],
        "parts.*.days": [{}, {"2020-01-01": 9}],
        "parts.*": [GONE],
    },
    "crmOrders": {
        "version": [AHEAD],
        "deleted": [True, False],
        "quarantined": [None, "email-invalid"],
        "identity": [None, "e_nobody"],
        "partId": [None, "nowhere"],
        "erased": ["none", None],
        "status": [None, "paid"],
        "net": [1],
        "total": [1],
        "counted": [True, False],
        "optedIn": [True, False],
        "day": [None, "2020-01-01", "someday"],
    },
    "crmIdentities": {
        "customerId": [None, "nobody"],
        "partId": [None, "nowhere"],
        "former": [{}, {"lost": "nobody"}],
        "version": [AHEAD],
        "live": [True, False],
        "name": ["X"],
        "proven": [None],
        "quarantined": [None, "email-invalid"],
    },
    "crmLinks": {"customerId": ["nobody"]},
    "crmMerges": {"state": ["undone"]},
    "crmQuarantine": {
        "reason": ["other"],
        "documentId": ["o1", "nothing"],
        "collection": ["users"],
    },
    "orders": {"total": [1], "email": ["new@example.com", None]},
    "users": {"name": ["X"], "email": ["new@example.com", None]},
}


def broken(data: dict[str, Any], field: str, value: Any) -> dict[str, Any] | None:
    """Return the document with one field changed, in all its parts; None where it has none."""
    data = copy.deepcopy(data)
    where, _, name = field.rpartition(".*.")
    if field.endswith(".*"):
        data[field[:-2]].clear()
        return data
    holders = list(data[where].values()) if where else [data]
    changed = [one for one in holders if name in one and one[name] != value]
    for one in changed:
        one[name] = value
    return data if changed else None


def damages(world: World, collection: str, field: str) -> Iterator[str]:
    """Do one damage after the other, each to a document as the last one's repair has left it."""
    for value in DAMAGES[collection][field]:
        for name in world.store.all(collection):
            before = world.store.all(collection).get(name)
            if before is None:
                continue
            if value is GONE and not field.endswith(".*"):
                world.store.delete(f"{collection}/{name}")
            else:
                data = broken(before, field, value)
                if data is None:
                    continue
                world.store.put(f"{collection}/{name}", data)
            yield f"{collection}/{name}: {field} = {value!r}"


@pytest.mark.parametrize(
    ("collection", "field"), [(one, field) for one, fields in DAMAGES.items() for field in fields]
)
def test_whatever_is_named_is_mended(collection: str, field: str) -> None:
    world = lived()
    for damage in damages(world, collection, field):
        named = list(verify(world.runner))
        report = rebuild(world.runner, threads=1)
        assert report.failed == [], damage
        if collection == "orders":
            world.resync()  # to redact an erased order is an event of its own
        assert list(verify(world.runner)) == [], (damage, named)
        assert rebuild(world.runner, threads=1).changed.total() == 0, (damage, named)


def tombstones() -> World:
    world = lived()
    assert world.store.all("crmOrders")["gone"]["deleted"]
    return world


@pytest.mark.parametrize(
    "change",
    [{"quarantined": "email-invalid"}, {"erased": "none", "quarantined": "other"}, {"partId": ""}],
    ids=str,
)
def test_the_row_of_a_deleted_order_is_looked_at(change: dict[str, Any]) -> None:
    world = tombstones()
    part = world.store.all("crmOrders")["o1"]
    if "partId" in change:
        change = {"partId": part["partId"], "identity": part["identity"]}
    world.store.put("crmOrders/gone", {**world.store.all("crmOrders")["gone"], **change})
    assert {path for path, _ in verify(world.runner)} >= {"crmOrders/gone"}
    assert rebuild(world.runner, threads=1).failed == []
    assert list(verify(world.runner)) == []
    assert world.store.all("crmOrders")["gone"]["deleted"], "late events still meet it"


def test_an_order_comes_back_whose_tombstone_is_from_the_future() -> None:
    world = tombstones()
    gone = world.store.all("crmOrders")["gone"]
    world.store.put("crmOrders/gone", {**gone, "version": AHEAD})
    world.put_order("gone", order("bob@example.com"))
    assert ("orders/gone", "is not accounted for as it is now") in list(verify(world.runner))
    rebuild(world.runner, threads=1)
    assert list(verify(world.runner)) == []


def test_a_user_who_came_anew_beside_the_old_part_has_one_customer_with_the_uid() -> None:
    world = lived()
    bobby = world.with_uid("u1")
    (key,) = {part["key"] for part in bobby["parts"].values() if part["uid"] == "u1"}
    world.store.delete(f"crmIdentities/{key}")
    world.sync.sync_user("u1")
    assert list(verify(world.runner)) != []
    assert rebuild(world.runner, threads=1).failed == []
    assert list(verify(world.runner)) == []
    assert world.with_uid("u1")["registered"]


def test_a_part_whose_identity_takes_its_orders_elsewhere_keeps_those_it_has() -> None:
    """The identity was deleted; before anybody looked, an order made it anew, of a new customer."""
    world = lived()
    eve = world.with_email("eve@example.com")
    (part_id,) = eve["parts"]
    world.store.delete(f"crmIdentities/{eve['parts'][part_id]['key']}")
    world.put_order("again", order("eve@example.com", day=12))
    fault = f"the identity of part {part_id} does not lead here"
    assert (f"customers/{eve['id']}", fault) in list(verify(world.runner))
    assert rebuild(world.runner, threads=1).failed == []
    assert list(verify(world.runner)) == []
    kept = {one["id"]: one["orderCount"] for one in world.customers()}
    assert kept[eve["id"]] == eve["orderCount"]
    assert world.with_email("eve@example.com")["orderCount"] == 1


def forgetting(world: World, order_id: str) -> list[Write]:
    return world.runner.evaluate(lambda tx: plan_row(tx, order_id)).writes


def test_only_rows_that_cannot_be_are_forgotten() -> None:
    """Whatever a look at the page has said: it may have been of two moments."""
    world = lived()
    for order_id in world.store.all("crmOrders"):
        assert forgetting(world, order_id) == []
    ahead = world.store.all("crmOrders")["o1"] | {"version": AHEAD}
    world.store.put("crmOrders/o1", ahead)
    assert forgetting(world, "o1") != []


def test_each_invariant_has_a_stage() -> None:
    world = lived()
    host = world.runner.settings.orders.path  # whose stage looks at the ledger too
    looked_at = {stage.path for stage in stages(world.runner)}
    looked_at |= {ORDERS} if host in looked_at else set()
    assert {one.collection for one in INVARIANTS} <= looked_at
