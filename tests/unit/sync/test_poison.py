"""What the database refuses for good goes to quarantine, and everything else flows."""

from collections.abc import Sequence

import pytest

from crm.core.errors import Rejected
from crm.db.documents import Delete, Write
from testing.hosts import item, order
from testing.world import World

ROOM = 20_000


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    commit = world.store.commit

    def limited(writes: Sequence[Write]) -> None:
        if any(not isinstance(one, Delete) and len(str(one.data)) > ROOM for one in writes):
            raise Rejected("InvalidArgument")
        commit(writes)

    monkeypatch.setattr(world.store, "commit", limited)
    return world


def large(**fields: object) -> dict[str, object]:
    return order("ada@example.com", items=[item(f"e{n}", eventName="x" * 900) for n in range(30)])


def test_an_order_that_cannot_be_kept_is_listed_and_the_rest_counts(world: World) -> None:
    world.put_order("o1", order())
    world.put_order("large", large())
    world.put_order("o2", order(day=1))
    assert world.reasons() == {"large": "too-large"}
    assert world.the_customer()["orderCount"] == 2
    row = world.store.all("crmOrders")["large"]
    assert row["quarantined"] == "too-large"
    assert row["addressKey"] is not None  # an erasure finds it


def test_looking_again_writes_nothing(world: World) -> None:
    world.put_order("large", large())
    writes = world.store.writes
    assert not world.sync.sync_order("large")
    assert world.store.writes == writes


def test_an_order_that_has_grown_leaves_its_customer(world: World) -> None:
    world.put_order("o1", order())
    world.put_order("o2", order(day=1))
    world.put_order("o2", large())
    assert world.the_customer()["orderCount"] == 1


def test_once_it_fits_it_counts(world: World) -> None:
    world.put_order("large", large())
    world.put_order("large", order())
    assert world.reasons() == {}
    assert world.the_customer()["orderCount"] == 1
    assert world.wrong() == []


def test_an_order_that_is_given_up_is_listed_and_counts_once_it_works(world: World) -> None:
    world.store.put("orders/o1", order())
    world.sync.give_up_order("o1")
    assert world.reasons() == {"o1": "not-processed"}
    assert world.customers() == []
    assert world.sync.sync_order("o1")
    assert world.reasons() == {}
    assert world.wrong() == []
