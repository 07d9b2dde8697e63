"""An order whose event comes late: after an erasure, or beside its user's first sync."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.privacy.erasure.erase import erase
from crm.sync.sync import Sync
from testing.hosts import order, user
from testing.world import World
from tests.unit.merging.test_races import meanwhile
from tests.unit.privacy.test_erasure import ADA


@pytest.fixture
def world() -> World:
    return World()


# --- After an erasure ----------------------------------------------------------------------------


def erased(world: World) -> Any:
    """Erase Ada, as a call does; give the erasure."""
    answer = erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    return answer["erasureId"]


def test_an_order_written_before_the_erasure_stays_erased_whatever_it_says_itself(
    world: World,
) -> None:
    """A clock that goes ahead, or a day of the show in `createdAt`, makes it no new purchase."""
    world.put_order("seen", order())
    prefetch = world.store.now() + timedelta(days=30)
    world.store.put("orders/late", order(createdAt=prefetch))
    erasure_id = erased(world)
    world.sync.sync_order("late")
    assert world.customers() == []
    assert world.store.all("crmOrders")["late"]["erased"] == erasure_id
    assert world.store.all("orders")["late"]["name"] is None
    world.work()
    assert world.customers() == []
    assert world.wrong() == []


def test_an_order_of_a_restored_backup_stays_erased_by_what_it_says_itself(world: World) -> None:
    """Everything in it was written after the erasure, says the database."""
    world.put_order("seen", order())
    erasure_id = erased(world)
    world.work()
    world.put_order("restored", order())
    assert world.customers() == []
    assert world.store.all("crmOrders")["restored"]["erased"] == erasure_id
    assert world.wrong() == []


# --- Beside its user's first sync ----------------------------------------------------------------


def belongs_to_its_user(world: World) -> None:
    assert world.the_customer()["userIds"] == ["u1"]
    assert world.the_customer()["orderCount"] == 1
    assert world.store.all("crmOrders")["o1"]["awaiting"] is None
    assert world.wrong() == []
    assert world.resync() is False


PAUSES_OF_AN_ORDER = 14
"""Before and after each remote call of the first sync of an order with a uid that is not known:
the document, the identities, the commit, the event that is new to the catalogue (its document, the
newest order that names it, the commit), and whether the user has come meanwhile."""


@pytest.mark.parametrize("at", range(PAUSES_OF_AN_ORDER))
def test_an_order_is_its_users_whenever_that_user_comes(world: World, at: int) -> None:
    """The user's sync happens whole between any two remote calls of the order's.

    From when the order has found no such user (3) to its commit (4), the user finds no order
    waiting, and the commit guards nothing that the user writes.
    """
    meanwhile(world, at, lambda: world.put_user("u1", user("else@example.com")))
    world.put_order("o1", order(userId="u1"))
    belongs_to_its_user(world)


def test_those_are_all_the_moments_at_which_a_user_can_come(world: World) -> None:
    calls: list[None] = []
    world.store.pause = lambda: calls.append(None)
    world.put_order("o1", order(userId="u1"))
    assert len(calls) == PAUSES_OF_AN_ORDER


def test_an_order_that_a_user_was_not_given_goes_over_with_the_next_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever brought the user up to its document may have died before."""
    world.put_order("o1", order(userId="u1"))
    with monkeypatch.context() as dead:
        dead.setattr(Sync, "_find", lambda *_: [])
        world.put_user("u1", user("else@example.com"))
    assert len(world.customers()) == 2
    assert world.sync.sync_user("u1") is True
    belongs_to_its_user(world)
