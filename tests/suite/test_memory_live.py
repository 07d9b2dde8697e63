"""What an instance remembers is what Firestore holds, and what an event carries was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from crm.customers.ledger import LedgerEntry
from crm.db.documents import version_of
from crm.db.memory import Memory
from crm.sync.sync import Sync
from suite.running import Suite
from testing.hosts import DAY, item, order, user
from testing.patience import eventually
from testing.told import held, told
from tests.support.live import LiveWorld
from tests.support.shop import Shop

ADA, BOB = "ada@example.com", "bob@example.com"


def test_what_is_remembered_after_a_commit_is_what_would_be_read(live: LiveWorld) -> None:
    memory = Memory()
    sync = Sync(replace(live.runner, memory=memory))
    live.host.put("users/u1", user(BOB))
    live.sync.sync_user("u1")
    tickets = [item("devops", eventName="DevOps \u00fc.`\\~", eventStartsAt=DAY, checkedIn=True)]
    edits = [
        ("o1", order(ADA)),
        ("o2", order(ADA, items=tickets, marketingOptIn=True, day=1)),
        ("o1", order(ADA, refunded="1.00", items=tickets)),
        ("o3", order(BOB, userId="u1", currency="jpy", total=7, day=2)),
        ("o1", order(BOB, userId="u1", name=None)),  # moves to somebody else
        ("o2", order(ADA, status="unheard of")),
        ("o2", order(ADA, createdAt=DAY + timedelta(microseconds=1))),
    ]
    known: set[str] = set()
    for order_id, data in edits:
        path = f"orders/{order_id}"
        live.host.put(path, data)
        event = told(live.store, path, is_new=order_id not in known)
        known.add(order_id)
        assert sync.sync_order(order_id, None, event)
        remembered = held(memory)
        assert f"crmOrders/{order_id}" in remembered
        assert live.store.read(remembered) == remembered
    assert live.wrong() == []


def test_an_event_carries_the_version_that_was_written(suite: Suite) -> None:
    """To the last digit: the ledger keeps it, and the sweep compares it with the document's."""
    shop = Shop(suite)
    order_id = shop.order("Ada")

    def caught_up() -> None:
        written = shop.documents.document(f"orders/{order_id}").get().update_time
        row = shop.documents.document(f"crmOrders/{order_id}").get().to_dict()
        assert row is not None
        assert LedgerEntry.from_data(row).version == version_of(written)

    eventually(caught_up)
    shop.documents.document(f"orders/{order_id}").update({"status": "refunded"})
    eventually(caught_up)
