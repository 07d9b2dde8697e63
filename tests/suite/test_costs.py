"""What an order costs, counted at the client: the figures of docs/costs.md are these."""

from dataclasses import replace
from typing import Any

import pytest

from crm.db.memory import Memory
from crm.sync.sync import Sync
from testing.counting import Bill, counted
from testing.hosts import item, order, user
from testing.told import told
from tests.support.costs import COSTS, MOST_WHEN_THE_FIRST_ORDER_LEAVES
from tests.support.live import LiveWorld


@pytest.fixture
def bill(live: LiveWorld) -> Bill:
    return counted(live.client)


@pytest.fixture(params=["meets first", "has met"])
def met(request: pytest.FixtureRequest) -> bool:
    """Whether the instance has met the order and its customer lately."""
    return bool(request.param == "has met")


def sync(
    live: LiveWorld,
    bill: Bill,
    order_id: str,
    data: dict[str, Any],
    met: bool,
    *,
    again: bool = False,
) -> Bill:
    """Write an order as the host; give what its event alone costs an instance."""
    instance = Sync(replace(live.runner, memory=Memory()), catalogue=live.sync.catalogue)
    another = replace(instance, runner=replace(live.runner, memory=Memory()))

    def gets(order_id: str, data: dict[str, Any], instance: Sync = instance) -> None:
        path = f"orders/{order_id}"
        is_new = not live.store.read([path])[path].exists
        live.host.put(path, data)
        event = told(live.store, path, is_new=is_new)
        bill.clear()
        instance.sync_order(order_id, None, event)

    if met:
        gets("met", {**data, "status": "paid", "items": order()["items"]})
        if live.store.read([f"orders/{order_id}"])[f"orders/{order_id}"].exists:
            gets(order_id, order(userId=data["userId"], note="seen by nobody"))
    gets(order_id, data)
    if again:
        gets(order_id, data, instance if met else another)
    return bill


def paid(bill: Bill, case: str, met: bool) -> bool:
    """Whether a bill is as it is told."""
    cost = COSTS[case]
    expected = (cost.met if met else cost.reads, cost.writes, 0)
    assert (bill.reads, bill.writes, bill.deletes) == expected
    return True


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
def test_a_new_order_of_a_known_guest(live: LiveWorld, bill: Bill, met: bool, orders: int) -> None:
    known(live, orders)
    live.put_order("other", order("bob@example.com", items=[item("new-event")]))
    cost = sync(live, bill, "o", order(day=1, items=[item("new-event")]), met)
    assert paid(cost, "a new order of a known guest", met)
    assert cost.round_trips == (1 if met else 3)
    (ada,) = [one for one in live.customers() if "ada@example.com" in one["emails"]]
    assert ada["orderCount"] == orders + 1 + met


def test_the_first_order_of_an_event(live: LiveWorld, bill: Bill, met: bool) -> None:
    known(live, 1)
    cost = sync(live, bill, "o", order(day=1, items=[item("new-event")]), met)
    assert paid(cost, "the first order of an event, of a known guest", met)


@pytest.mark.parametrize("orders", [1, 500])
def test_a_new_order_of_a_known_user(live: LiveWorld, bill: Bill, met: bool, orders: int) -> None:
    live.host.put("users/u1", user())
    live.sync.sync_user("u1")
    known(live, orders, "u1")
    cost = sync(live, bill, "o", order(day=1, userId="u1"), met)
    assert paid(cost, "a new order of a known user", met)
    assert live.the_customer()["orderCount"] == orders + 1 + met


def test_a_new_order_with_an_opt_in(live: LiveWorld, bill: Bill, met: bool) -> None:
    known(live, 1)
    cost = sync(live, bill, "o", order(day=1, marketingOptIn=True), met)
    assert paid(cost, "a new order with an opt-in, of a known guest", met)


def test_a_new_order_while_its_uid_is_unknown(live: LiveWorld, bill: Bill, met: bool) -> None:
    known(live, 1)
    cost = sync(live, bill, "o", order(day=1, userId="u9"), met)
    assert paid(cost, "a new order whose uid is not known yet", met)


@pytest.mark.parametrize("orders", [1, 500])
def test_the_same_version_again_writes_nothing(
    live: LiveWorld, bill: Bill, met: bool, orders: int
) -> None:
    known(live, orders)
    cost = sync(live, bill, "first", order(total=1), met, again=True)
    assert paid(cost, "the same version again", met)


@pytest.mark.parametrize("orders", [1, 500])
def test_a_newer_version_with_the_same_share_writes_the_row_alone(
    live: LiveWorld, bill: Bill, met: bool, orders: int
) -> None:
    known(live, orders)
    cost = sync(live, bill, "first", order(note="or by nobody else"), met)
    assert paid(cost, "a change of something that is not read", met)
    assert cost.written == ["crmOrders/first"]


@pytest.mark.parametrize("orders", [2, 500])
def test_a_refund(live: LiveWorld, bill: Bill, met: bool, orders: int) -> None:
    known(live, orders)
    cost = sync(live, bill, "first", order(refunded=1), met)
    assert paid(cost, "a refund", met)


def test_the_first_order_of_a_new_address(live: LiveWorld, bill: Bill) -> None:
    live.put_order("other", order("bob@example.com"))
    cost = sync(live, bill, "o", order(), met=False)
    assert paid(cost, "the first order of a new address", met=False)


@pytest.mark.parametrize("orders", [3, 500])
def test_the_first_order_leaving_asks_the_index_and_not_the_orders(
    live: LiveWorld, bill: Bill, met: bool, orders: int
) -> None:
    known(live, orders)
    cost = sync(live, bill, "first", order(status="cancelled"), met)
    most = MOST_WHEN_THE_FIRST_ORDER_LEAVES
    assert cost.writes == most.writes
    assert cost.reads <= (most.met if met else most.reads)
