"""What an event says of a document, as a plan is given it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm.db.documents import Snapshot
from crm.sync.told import Told
from testing.hosts import DAY, order
from testing.world import World

TOLD = Told({"total": 1}, 7, DAY)


def test_an_event_that_says_the_version_is_a_reading_of_then() -> None:
    assert TOLD.reading("orders/o") == (Snapshot("orders/o", {"total": 1}, 7, DAY),)
    assert Told({}, 0).reading("orders/o") == (Snapshot("orders/o", {}, 0),)
    assert replace(TOLD, version=None).reading("orders/o") == ()


@pytest.mark.parametrize(
    ("is_new", "version", "supposed"),
    [(True, 7, True), (True, 0, True), (True, None, False), (False, 7, False)],
)
def test_of_an_order_that_is_new_no_row_is_supposed(
    is_new: bool, version: int | None, supposed: bool
) -> None:
    told = replace(TOLD, is_new=is_new, version=version)
    expected = (Snapshot("crmOrders/o", None, 0),) if supposed else ()
    assert told.supposed("crmOrders/o") == expected


def test_an_order_that_says_no_time_is_of_when_it_was_created() -> None:
    """So an event says that, too."""
    world = World()
    data = order()
    del data["createdAt"]
    world.store.put("orders/o", data)
    (found,) = world.store.read(["orders/o"]).values()
    world.store.wait(timedelta(hours=1))
    world.sync.sync_order("o", None, Told(data, found.version, found.created, is_new=True))
    assert world.the_customer()["firstOrderAt"] == found.created
    assert world.sync.sync_order("o") is False
