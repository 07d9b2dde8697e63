"""What an order costs, counted at the client: the figures of docs/install.md are these."""

import pytest

from testing.counting import Bill, counted
from testing.hosts import item, order, user
from tests.support.costs import COSTS, MOST_WHEN_THE_FIRST_ORDER_LEAVES, Cost
from tests.support.live import LiveWorld


@pytest.fixture
def bill(live: LiveWorld) -> Bill:
    return counted(live.client)


def sync(live: LiveWorld, bill: Bill, order_id: str, data: dict[str, object]) -> Bill:
    """Write an order as the host, then sync it; give what the sync alone cost."""
    live.host.put(f"orders/{order_id}", data)
    bill.clear()
    live.sync.sync_order(order_id)
    return bill


def paid(bill: Bill) -> Cost:
    assert bill.deletes == 0
    return Cost(bill.reads, bill.writes)


def known(live: LiveWorld, orders: int, user_id: str | None = None) -> None:
    """A customer with orders: one really synced, the others as if (a part is only sums)."""
    live.put_order("first", order(userId=user_id))
    (path,) = [f"customers/{customer['id']}" for customer in live.customers()]
    (part_id,) = [k for k, p in live.the_customer()["parts"].items() if p["orders"]]
    batch = live.client.batch()
    row = live.client.document("crmOrders/first").get().to_dict() or {}
    for number in range(1, orders):
        reference = live.client.document(f"crmOrders/more{number:05d}")
        batch.set(reference, row)
        if number % 400 == 0 or number == orders - 1:
            batch.update(
                live.client.document(path),
                {f"parts.`{part_id}`.orders": number + 1, f"parts.`{part_id}`.counted": number + 1},
            )
            batch.commit()
            batch = live.client.batch()


@pytest.mark.parametrize("orders", [1, 500])
def test_a_new_order_of_a_known_guest(live: LiveWorld, bill: Bill, orders: int) -> None:
    known(live, orders)
    live.put_order("other", order("bob@example.com", items=[item("new-event")]))
    cost = sync(live, bill, "o", order(day=1, items=[item("new-event")]))
    assert paid(cost) == COSTS["a new order of a known guest"]
    assert cost.round_trips == 4
    (ada,) = [one for one in live.customers() if "ada@example.com" in one["emails"]]
    assert ada["orderCount"] == orders + 1


def test_the_first_order_of_an_event(live: LiveWorld, bill: Bill) -> None:
    known(live, 1)
    cost = sync(live, bill, "o", order(day=1, items=[item("new-event")]))
    assert paid(cost) == COSTS["the first order of an event, of a known guest"]


@pytest.mark.parametrize("orders", [1, 500])
def test_a_new_order_of_a_known_user(live: LiveWorld, bill: Bill, orders: int) -> None:
    live.host.put("users/u1", user())
    live.sync.sync_user("u1")
    known(live, orders, "u1")
    cost = sync(live, bill, "o", order(day=1, userId="u1"))
    assert paid(cost) == COSTS["a new order of a known user"]
    assert live.the_customer()["orderCount"] == orders + 1


def test_a_new_order_with_an_opt_in(live: LiveWorld, bill: Bill) -> None:
    known(live, 1)
    cost = sync(live, bill, "o", order(day=1, marketingOptIn=True))
    assert paid(cost) == COSTS["a new order with an opt-in, of a known guest"]


def test_a_new_order_while_its_uid_is_unknown(live: LiveWorld, bill: Bill) -> None:
    known(live, 1)
    cost = sync(live, bill, "o", order(day=1, userId="u9"))
    assert paid(cost) == COSTS["a new order whose uid is not known yet"]


@pytest.mark.parametrize("orders", [1, 500])
def test_the_same_version_again_writes_nothing(live: LiveWorld, bill: Bill, orders: int) -> None:
    known(live, orders)
    bill.clear()
    assert live.sync.sync_order("first") is False
    assert paid(bill) == COSTS["the same version again"]


@pytest.mark.parametrize("orders", [1, 500])
def test_a_newer_version_with_the_same_share_writes_the_row_alone(
    live: LiveWorld, bill: Bill, orders: int
) -> None:
    known(live, orders)
    cost = sync(live, bill, "first", order(note="seen by nobody"))
    assert paid(cost) == COSTS["a change of something that is not read"]
    assert cost.written == ["crmOrders/first"]


@pytest.mark.parametrize("orders", [2, 500])
def test_a_refund(live: LiveWorld, bill: Bill, orders: int) -> None:
    known(live, orders)
    cost = sync(live, bill, "first", order(refunded=1))
    assert paid(cost) == COSTS["a refund"]


def test_the_first_order_of_a_new_address(live: LiveWorld, bill: Bill) -> None:
    live.put_order("other", order("bob@example.com"))
    cost = sync(live, bill, "o", order())
    assert paid(cost) == COSTS["the first order of a new address"]


@pytest.mark.parametrize("orders", [3, 500])
def test_the_first_order_leaving_asks_the_index_and_not_the_orders(
    live: LiveWorld, bill: Bill, orders: int
) -> None:
    known(live, orders)
    cost = sync(live, bill, "first", order(status="cancelled"))
    assert paid(cost).writes == MOST_WHEN_THE_FIRST_ORDER_LEAVES.writes
    assert paid(cost).reads <= MOST_WHEN_THE_FIRST_ORDER_LEAVES.reads
