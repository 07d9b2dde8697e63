"""What an order does to its customer, change by change."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.sync.sync import Sync
from testing.hosts import DAY, item, order, user
from testing.world import World


@pytest.fixture
def world() -> World:
    return World()


def test_first_order_makes_a_customer(world: World) -> None:
    world.put_order("o1", order())
    customer = world.the_customer()
    assert customer["primaryEmail"] == "ada@example.com"
    assert customer["emails"] == ["ada@example.com"]
    assert customer["userIds"] == []
    assert customer["registered"] is False
    assert customer["name"] == "Ada Lovelace"
    assert customer["totalSpend"] == {"USD": 4990}
    assert customer["orderCount"] == 1
    assert customer["firstOrderAt"] == customer["lastOrderAt"] == DAY
    assert customer["eventIds"] == customer["attendedEventIds"] == ["devops-2024"]
    assert customer["events"]["devops-2024"] == {
        "name": "DevOps Workshop",
        "startsAt": None,
        "tickets": 1,
        "checkedIn": None,
    }
    assert customer["marketing"] == {"status": "none", "at": None, "source": None}
    assert world.wrong() == []


def test_orders_of_one_address_add_up_whatever_its_spelling(world: World) -> None:
    world.put_order("o1", order(" Ada@Example.COM "))
    world.put_order("o2", order(total=0.1, day=3))
    world.put_order("o3", order(total="0.20", currency="eur", day=-2))
    customer = world.the_customer()
    assert customer["totalSpend"] == {"EUR": 20, "USD": 5000}
    assert customer["orderCount"] == 3
    assert customer["firstOrderAt"] == DAY - timedelta(days=2)
    assert customer["lastOrderAt"] == DAY + timedelta(days=3)


STATUSES = ["paid", "pending", "refunded", "partially_refunded", "cancelled", "fulfilled"]


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("after", STATUSES)
def test_a_status_moves_in_any_direction(world: World, before: str, after: str) -> None:
    world.put_order("other", order(day=1))
    world.put_order("o1", order(status=before))
    world.put_order("o1", order(status=after))
    counted = after in {"paid", "partially_refunded", "fulfilled"}
    assert world.the_customer()["orderCount"] == 1 + counted
    assert world.the_customer()["totalSpend"] == {"USD": 4990 * (1 + counted)}
    assert world.wrong() == []


def test_a_currency_without_counted_orders_has_no_key(world: World) -> None:
    world.put_order("o1", order())
    world.put_order("o2", order(currency="EUR", status="pending"))
    assert world.the_customer()["totalSpend"] == {"USD": 4990}
    world.put_order("o2", order(currency="EUR", total=0))
    assert world.the_customer()["totalSpend"] == {"EUR": 0, "USD": 4990}


@pytest.mark.parametrize(("refunded", "left"), [(0, 4990), ("10", 3990), (49.9, 0)])
def test_refunds_are_taken_off(world: World, refunded: Any, left: int) -> None:
    world.put_order("o1", order())
    world.put_order("o1", order(refunded=refunded, status="partially_refunded"))
    assert world.the_customer()["totalSpend"] == {"USD": left}


def test_an_edit_of_currency_and_items_replaces_what_was_counted(world: World) -> None:
    world.put_order("o1", order(items=[item(quantity=2, checkedIn=1)]))
    assert world.the_customer()["events"]["devops-2024"]["checkedIn"] == 1
    world.put_order("o1", order(currency="JPY", total=5000, items=[item("k8s", eventName=None)]))
    customer = world.the_customer()
    assert customer["totalSpend"] == {"JPY": 5000}
    assert customer["eventIds"] == ["k8s"]
    assert customer["events"]["k8s"]["name"] is None


def test_attendance_follows_check_ins(world: World) -> None:
    world.put_order("o1", order(items=[item("came", checkedIn=True), item("absent", checkedIn=0)]))
    customer = world.the_customer()
    assert customer["eventIds"] == ["absent", "came"]
    assert customer["attendedEventIds"] == ["came"]
    assert customer["events"]["absent"]["checkedIn"] == 0


def test_a_corrected_address_moves_the_order(world: World) -> None:
    world.put_order("o1", order("adda@example.com"))
    world.put_order("o2", order("ada@example.com", day=1))
    world.put_order("o1", order("ada@example.com"))
    assert world.the_customer()["emails"] == ["ada@example.com"]
    assert world.the_customer()["orderCount"] == 2
    assert world.wrong() == []


def test_the_only_order_corrected_leaves_no_customer_behind(world: World) -> None:
    world.put_order("o1", order("adda@example.com"))
    world.put_order("o1", order("ada@example.com"))
    assert world.the_customer()["emails"] == ["ada@example.com"]
    assert world.wrong() == []


def test_a_deleted_order_and_its_return(world: World) -> None:
    world.put_order("o1", order())
    world.delete_order("o1")
    assert world.customers() == []
    assert world.store.all("crmOrders")["o1"]["deleted"] is True
    world.put_order("o1", order(total=1))
    assert world.the_customer()["totalSpend"] == {"USD": 100}
    assert world.wrong() == []


def test_the_deletion_of_an_unknown_order_leaves_a_tombstone(world: World) -> None:
    world.store.put("orders/o1", order())
    assert world.delete_order("o1") is True
    assert world.store.all("crmOrders")["o1"]["deleted"] is True
    assert world.sync.sync_order("o1") is False
    assert world.sync.sync_order("o2") is False
    assert "o2" not in world.store.all("crmOrders")


def test_an_uncounted_order_keeps_its_customer(world: World) -> None:
    world.put_order("o1", order(status="pending"))
    assert world.the_customer()["orderCount"] == 0
    assert world.the_customer()["totalSpend"] == {}
    assert world.the_customer()["eventIds"] == []
    world.delete_order("o1")
    assert world.customers() == []


def test_the_name_is_the_newest_orders(world: World) -> None:
    world.put_order("o1", order(name="Old", day=1))
    world.put_order("o2", order(name="New", day=2))
    world.put_order("o3", order(name=None, day=3))
    assert world.the_customer()["name"] == "New"
    world.put_order("o2", order(name="Newer", day=2))
    assert world.the_customer()["name"] == "Newer"
    world.put_order("o2", order(name=None, day=2))
    assert world.the_customer()["name"] == "Old"
    world.delete_order("o1")
    assert world.the_customer()["name"] is None


def test_first_and_last_are_found_again_when_their_order_leaves(world: World) -> None:
    for day in range(5):
        world.put_order(f"o{day}", order(day=day))
    world.delete_order("o0")
    world.put_order("o4", order(day=4, status="cancelled"))
    assert world.the_customer()["firstOrderAt"] == DAY + timedelta(days=1)
    assert world.the_customer()["lastOrderAt"] == DAY + timedelta(days=3)
    assert world.wrong() == []


def test_an_events_name_is_the_newest_orders(world: World) -> None:
    world.put_order("o1", order(items=[item(eventName="DevOps")], day=1))
    world.put_order("o2", order(items=[item(eventName="DevOps Workshop")], day=2))
    assert world.the_customer()["events"]["devops-2024"]["name"] == "DevOps Workshop"
    world.put_order("o2", order(items=[item(eventName="DevOps Workshop")], status="failed", day=2))
    assert world.the_customer()["events"]["devops-2024"]["name"] == "DevOps"
    assert world.wrong() == []


def test_an_opt_in_subscribes_and_its_absence_changes_nothing(world: World) -> None:
    world.put_order("o1", order(marketingOptIn="true"))
    assert world.the_customer()["marketing"]["status"] == "none"
    world.put_order("o2", order(marketingOptIn=True, day=1))
    world.put_order("o3", order(marketingOptIn=False, day=2))
    marketing = world.the_customer()["marketing"]
    assert marketing == {
        "status": "subscribed",
        "at": DAY + timedelta(days=1),
        "source": "order",
    }


@pytest.mark.parametrize("edit", [{}, {"marketingOptIn": False}, {"marketingOptIn": None}])
def test_an_opt_in_stays_when_its_order_is_edited(world: World, edit: dict[str, Any]) -> None:
    world.put_order("o1", order(marketingOptIn=True))
    subscribed = world.the_customer()["marketing"]
    world.put_order("o1", order(**edit))
    assert world.the_customer()["marketing"] == subscribed
    assert subscribed == {"status": "subscribed", "at": DAY, "source": "order"}


def test_an_opt_in_stays_when_its_order_is_deleted(world: World) -> None:
    world.put_order("o1", order(marketingOptIn=True))
    world.put_order("o2", order(day=1))
    subscribed = world.the_customer()["marketing"]
    world.delete_order("o1")
    assert world.the_customer()["marketing"] == subscribed
    assert subscribed == {"status": "subscribed", "at": DAY, "source": "order"}


def test_an_older_opt_in_stands_when_the_newer_was_somebody_elses(world: World) -> None:
    world.put_order("o1", order(marketingOptIn=True))
    world.put_order("o2", order(marketingOptIn=True, day=1))
    world.put_order("o2", order("bob@example.com", marketingOptIn=True, day=1))
    for email, at in (("ada@example.com", DAY), ("bob@example.com", DAY + timedelta(days=1))):
        marketing = world.with_email(email)["marketing"]
        assert marketing == {"status": "subscribed", "at": at, "source": "order"}
    assert world.wrong() == []


def test_an_unreadable_order_is_listed_and_leaves_when_mended(world: World) -> None:
    world.put_order("o1", order(total="12,50"))
    assert world.reasons() == {"o1": "amount-invalid"}
    assert world.customers() == []
    world.put_order("o1", order(status="strange"))
    assert world.reasons() == {"o1": "status-unknown"}
    world.put_order("o1", order())
    assert world.reasons() == {}
    assert world.the_customer()["orderCount"] == 1
    world.put_order("o1", order("no address"))
    assert world.reasons() == {"o1": "email-invalid"}
    assert world.customers() == []
    world.delete_order("o1")
    assert world.reasons() == {}


def test_replaying_everything_writes_nothing(world: World) -> None:
    world.put_order("o1", order())
    world.put_order("o2", order(total="x", odd=True))
    world.put_order("o3", order("b@example.com", userId="u9"))
    world.put_user("u1", user())
    world.put_user("u2", user("nonsense"))
    world.delete_order("o1")
    before = world.store.writes
    assert world.resync() is False
    assert world.store.writes == before
    assert world.wrong() == []


def test_a_paused_older_reading_never_wins(world: World) -> None:
    """Paid, refunded, paid again: the row's version moves although its content does not."""
    world.put_order("o1", order())
    world.store.put("orders/o1", order(refunded="49.90"))
    pauses = iter(range(100))

    def commit_v3_meanwhile() -> None:
        if next(pauses) == 1:  # the slow handler has read the refund
            world.store.pause = lambda: None
            world.put_order("o1", order())

    world.store.pause = commit_v3_meanwhile
    world.sync.sync_order("o1")
    assert world.the_customer()["totalSpend"] == {"USD": 4990}


@pytest.mark.parametrize("later", [0, -1])
def test_a_customers_version_moves_on_with_every_write(world: World, later: int) -> None:
    """Also where nothing else changes, in one microsecond, and by a clock that goes behind."""
    now = DAY
    world.sync = Sync(replace(world.runner, now=lambda: now))
    world.put_order("o1", order(status="pending"))
    (path,) = (f"customers/{customer['id']}" for customer in world.customers())
    before = world.store.read([path])[path]
    now += timedelta(microseconds=later)
    world.put_order("o1", order(status="cancelled"))
    after = world.store.read([path])[path]
    assert after.version > before.version
    assert after.fields["updatedAt"] == before.fields["updatedAt"] + timedelta(microseconds=1)


def test_more_events_than_a_customer_can_hold_are_odd_items(world: World) -> None:
    for number in range(3):
        items = [item(f"e{number}-{i:03d}") for i in range(1000)]
        world.put_order(f"o{number}", order(items=items, day=number))
    assert len(world.the_customer()["eventIds"]) == 2500
    assert len(world.store.all("crmOrders")["o2"]["overLimit"]) == 500
    assert world.resync() is False
    world.delete_order("o2")
    assert len(world.the_customer()["eventIds"]) == 2000
