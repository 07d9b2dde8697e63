"""The erasure of a person of several customers: of the account, and of the address it proves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.privacy.erasure.reason import OWN
from crm.privacy.own import SignedIn
from testing.hosts import DAY, item, order, user
from testing.world import KEYS, World
from tests.unit.privacy.test_erasure_plan import decided, gone, identity


def test_who_signs_in_is_erased_with_the_account_and_the_address_that_it_proves() -> None:
    """Of two customers, whose parts, dates and withdrawals come to one record."""
    world = World(trust="auth")
    world.accounts.of = {"u1": None}
    world.put_user("u1", user("typed@example.com"))
    world.put_order("o1", order("x@y.zz", userId="u1", day=1))
    world.put_order("o2", order(day=3))
    world.put_order("o3", order("typed@example.com", name="Bob"))
    world.put_order("o4", order(day=2))
    account, guest = world.with_uid("u1"), world.with_email("ada@example.com")
    for number, home in enumerate((account, guest, account)):
        link = {"customerId": home["id"], "mergeId": "m"}
        world.store.put(f"crmLinks/l{number}", link)
    decided(world, account["id"], uid=5)
    decided(world, guest["id"], address=4)
    world.accounts.of = {"u1": "ada@example.com"}
    erasure_id = gone(world, SignedIn("u1", "ada@example.com"), reason=OWN)
    assert [one["emails"] for one in world.customers()] == [["typed@example.com"]]
    ((name, record),) = world.store.all("crmErasures").items()
    assert name == erasure_id
    assert record | {"at": 0, "jobId": 0} == {
        "at": 0,
        "actor": "system",
        "reason": OWN,
        "customers": [account["id"], guest["id"], "l0", "l1", "l2"],
        "keys": sorted([KEYS.user("u1"), KEYS.address("ada@example.com")]),
        "parts": sorted([*account["parts"], *guest["parts"]]),
        "jobId": 0,
        "forced": False,
        "state": "running",
        "uids": [],
        "counts": {"customers": 2, "users": 1, "accounts": 1, "links": 3},
        "open": {"claims-another": 1},
        "newest": DAY + timedelta(days=3),
        "suppressed": DAY + timedelta(days=5),
    }
    assert identity(world, KEYS.address("ada@example.com"))["suppressed"] == DAY + timedelta(days=4)
    (entry,) = world.store.all("crmAudit").values()
    assert entry["customers"] == record["customers"]
    assert entry["facts"] == {"erasure": erasure_id, "forced": False, "orders": 3}
    (job,) = world.store.all("crmJobs").values()
    assert job["total"] == 3
    world.work()
    orders = world.store.all("orders")
    assert [orders[f"o{number}"]["name"] for number in range(1, 5)] == [None, None, "Bob", None]


def test_tickets_of_all_customers_of_a_person_hold() -> None:
    world = World(trust="auth")
    world.accounts.of = {"u1": None}
    world.put_user("u1", user("typed@example.com"))

    def soon(name: str) -> list[dict[str, Any]]:
        return [item(name, eventStartsAt=world.store.now() + timedelta(days=1))]

    world.put_order("o1", order("x@y.zz", userId="u1", items=soon("b")))
    world.put_order("o2", order(total=0, items=soon("a")))
    world.accounts.of = {"u1": "ada@example.com"}
    with pytest.raises(Refusal) as refusal:
        gone(world, SignedIn("u1", "ada@example.com"), reason=OWN)
    held = {"events": ["a", "b"], "freeEvents": ["a"], "confirmHelps": False}
    assert refusal.value.more == held
