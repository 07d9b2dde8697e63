"""What only a real Firestore can say: odd ids, references, numbers that are none."""

from __future__ import annotations

from datetime import UTC, datetime

from crm.customers.reference import CustomerRef
from crm.privacy.erasure.erase import erase
from crm.repair.sweep import sweep
from testing.client import PatientClient
from testing.hosts import item, order, user
from tests.support.live import LiveWorld

UNNAMEABLE = ["a\n", "a\r\n", "a ", " a", "\ta", "a\x7f", "a\nb", "a\u2028", "\n"]


def orders_of(live: LiveWorld) -> dict[str, int]:
    found = [one.to_dict() or {} for one in live.client.collection("customers").stream()]
    return {address: one["orderCount"] for one in found for address in one["emails"]}


def test_the_sweep_counts_orders_whose_ids_no_event_can_name(live: LiveWorld) -> None:
    for number, order_id in enumerate(UNNAMEABLE):
        live.client.document(f"orders/{order_id}").set(order(f"p{number}@example.com"))
        live.client.document(f"users/{order_id}").set({"name": "Ada"})
    for _ in range(2):
        report = sweep(live.runner, lambda _job: None)
        assert report.failed == []
    assert orders_of(live) == {f"p{number}@example.com": 1 for number in range(len(UNNAMEABLE))}
    for order_id in UNNAMEABLE:
        live.client.document(f"orders/{order_id}").delete()
        live.client.document(f"users/{order_id}").delete()
    assert sweep(live.runner, lambda _job: None).failed == []
    assert orders_of(live) == {}


def test_references_and_numbers_are_read_and_outlive_an_erasure(live: LiveWorld) -> None:
    event = live.client.document("events/devops-2024")
    uid = live.client.document("users/u1")
    at = datetime(2024, 6, 1, 9, tzinfo=UTC)
    live.client.document("users/u1").set(user(None))
    live.client.document("orders/o1").set(
        order(None, userId=uid, items=[item(eventId=event, checkedIn=at), item(eventId=12.0)])
    )
    live.client.document("orders/o2").set(order("guest@example.com", userId=float("nan")))
    assert sweep(live.runner, lambda _job: None).failed == []
    found = {
        tuple(one.get("userIds")): one.to_dict() or {}
        for one in live.client.collection("customers").stream()
    }
    assert found["u1",]["eventIds"] == ["12", "devops-2024"]
    assert found["u1",]["events"]["devops-2024"]["checkedIn"] == 1
    assert found[()]["emails"] == ["guest@example.com"]
    erase(live.runner, lambda _job: None, CustomerRef("userId", "u1"), reason="asked by letter")
    left = live.client.document("orders/o1").get().to_dict() or {}
    assert left["userId"] is None
    assert left["items"][0]["eventId"] == event


def test_a_reference_into_another_project_is_a_value_like_any_other(live: LiveWorld) -> None:
    """The library raises for the whole answer; orders copied from a staging project hold them."""
    shop = PatientClient(project="staging").document("shops/s1")
    live.client.document("orders/o1").set({**order(), "shop": shop})
    live.put_order("o2", order("guest@example.com"))
    assert sweep(live.runner, lambda _job: None).failed == []
    assert orders_of(live) == {"ada@example.com": 1, "guest@example.com": 1}
    erase(
        live.runner, lambda _job: None, CustomerRef("email", "ada@example.com"), reason="by letter"
    )
    left = live.client.document("orders/o1").get().to_dict() or {}
    assert left["email"].endswith("@erased.invalid")
    assert left["shop"]._document_path == shop._document_path
