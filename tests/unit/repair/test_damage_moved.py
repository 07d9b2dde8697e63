"""A document that a hand has moved to another id: it is named, and everything is right again."""

from __future__ import annotations

import pytest

from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from testing.hosts import order
from testing.world import World
from tests.support.damage import damaged, shop, swept


def of(collection: str) -> str:
    """A document of a collection that others point to."""
    world = shop()
    keys = world.runner.keys
    found: dict[str, str] = {
        "crmIdentities": keys.address("eve@example.com"),
        "crmIdentities of a uid": keys.user("u1"),
        "customers": world.with_email("eve@example.com")["id"],
        "crmOrders": "o3",
        "crmQuarantine": keys.quarantine("orders", "odd"),
    }
    return found[collection]


MOVED = [
    ("crmIdentities", "e1-" + "a" * 52),
    ("crmIdentities", "elsewhere"),
    ("crmIdentities of a uid", "u1-" + "a" * 52),
    ("crmIdentities of a uid", "elsewhere"),
    ("customers", "idelsewhere"),
    ("crmOrders", "elsewhere"),
    ("crmQuarantine", "q1-" + "a" * 52),
    ("crmQuarantine", "elsewhere"),
]


def moved(what: str, to: str, *, copy: bool = False) -> tuple[World, str]:
    world, collection, name = damaged(), what.split()[0], of(what)
    world.store.put(f"{collection}/{to}", world.store.all(collection)[name])
    if not copy:
        world.store.delete(f"{collection}/{name}")
    return world, collection


@pytest.mark.parametrize("copy", [False, True], ids=["moved", "copied"])
@pytest.mark.parametrize(("what", "to"), MOVED)
def test_it_is_named_and_mended(what: str, to: str, copy: bool) -> None:
    world, collection = moved(what, to, copy=copy)
    named = {path for path, _ in verify(world.runner)}
    # A row of the ledger is about the order of its id, and named as that.
    assert f"{'orders' if what == 'crmOrders' else collection}/{to}" in named, named
    assert rebuild(world.runner, threads=1).failed == []
    assert list(verify(world.runner)) == []
    assert [one for one in world.wrong() if " odd " not in one] == []
    before, after = (
        {tuple(one["emails"]): one["orderCount"] for one in each.customers()}
        for each in (shop(), world)
    )
    assert after == before


@pytest.mark.parametrize(("what", "to"), MOVED)
def test_it_stops_no_sweep_and_no_order(what: str, to: str) -> None:
    world, _ = moved(what, to)
    world.store.put("orders/s", order("eve@example.com", day=20))
    assert swept(world).failed == []
    assert world.store.all("crmOrders")["s"]["partId"]


def test_a_head_of_no_chain_is_named_and_goes() -> None:
    world = damaged()
    (name, head), *_ = world.store.all("crmAuditHeads").items()
    world.store.put(f"crmAuditHeads/{name}x", head)
    assert f"crmAuditHeads/{name}x" in {path for path, _ in verify(world.runner)}
    assert rebuild(world.runner, threads=1).failed == []
    assert list(verify(world.runner)) == []
