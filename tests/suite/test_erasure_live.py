"""Erasing on the real emulators: by HTTP, over generated histories, and with very many orders.

`CRM_HISTORIES` (3) lives are erased and looked for; a person with `CRM_ERASED` (300) orders too.
"""

from __future__ import annotations

import os
import time
import tracemalloc
import uuid
from dataclasses import replace
from typing import Any

import pytest

from crm.config.settings import Settings
from crm.core.roles import Role
from crm.customers.reference import CustomerRef
from crm.db import collections
from crm.firebase.staff import grant
from crm.privacy.erasure.erase import erase, erasures
from crm.repair.rebuild import rebuild
from suite.running import Suite
from testing.auth import Person, id_token, sign_up
from testing.client import PatientClient
from testing.hosts import order, user
from testing.patience import eventually
from testing.world import Accounts
from tests.support.canary import ADDRESS, Canary, documents, residue
from tests.support.live import LiveWorld
from tests.support.web import call
from tests.unit.privacy.test_residue import MINE, History

HISTORIES = int(os.environ.get("CRM_HISTORIES", "3"))
ORDERS = int(os.environ.get("CRM_ERASED", "300"))
BATCH = 200

COLLECTIONS = [
    "orders",
    "users",
    *collections.ALL,
]


class Facade:
    """A live world with the handles that a history takes."""

    def __init__(self, live: LiveWorld) -> None:
        self.live = live
        self.store = live.host
        self.accounts = Accounts()
        self.runner = replace(live.runner, accounts=self.accounts)
        self.sync = live.sync
        self.queue: list[str] = []
        self.resync = live.resync

    def put_order(self, order_id: str, data: dict[str, Any]) -> None:
        self.live.put_order(order_id, data)

    def put_user(self, uid: str, data: dict[str, Any]) -> None:
        self.store.put(f"users/{uid}", data)
        self.sync.sync_user(uid)

    def delete_user(self, uid: str) -> None:
        self.sync.sync_user(uid, self.store.delete(f"users/{uid}"))

    def work(self) -> None:
        assert self.queue == [], "the call had time enough"

    def dump(self) -> dict[str, object]:
        return {**documents(self.store.all, COLLECTIONS), "accounts": dict(self.accounts.of)}


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_nothing_is_left_after_any_history(live: LiveWorld, seed: int) -> None:
    world = Facade(live)
    history = History(seed, world)
    history.live(steps=15)
    assert set(residue(world.dump(), MINE)) == set(MINE)
    history.erase()
    history.deliver()
    history.erase()  # an address that nobody had heard of before was delivered just now
    history.deliver()
    assert residue(world.dump(), MINE) == {}
    assert live.wrong() == []
    assert live.resync() is False


def test_a_person_with_very_many_orders(live: LiveWorld) -> None:
    with_many_orders(live)
    runner = replace(live.runner, accounts=Accounts())
    tracemalloc.start()
    began = time.monotonic()
    answer = erase(
        runner,
        lambda _job: None,
        CustomerRef("email", "ada@example.com"),
        reason="by letter",
        seconds=3600,
    )
    seconds, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{ORDERS:,} orders erased in {seconds:.1f} s, peak {peak / 2**20:.1f} MiB")
    assert answer["status"] == "done"
    (one,) = erasures(runner)
    assert one.counts["orders"] == ORDERS
    dump = documents(live.host.all, COLLECTIONS)
    assert residue(dump, [Canary(ADDRESS, "ada@example.com")]) == {}
    assert peak < 64 * 2**20, "it holds a page of orders at a time"


def test_fields_of_any_name_are_redacted(live: LiveWorld) -> None:
    """Firestore's client takes a bare name such as `a~b` for a mistake."""
    fields = ["note~s", "[who]", "e-mail", "a/b", "c*"]
    settings = Settings.model_validate({"erasure": {"order_fields": fields}})
    live.put_order("o1", {**order(), **dict.fromkeys(fields, "Ada Lovelace")})
    runner = replace(live.runner, accounts=Accounts(), settings=settings)
    answer = erase(
        runner, lambda _job: None, CustomerRef("email", "ada@example.com"), reason="by letter"
    )
    assert answer["status"] == "done"
    kept = live.host.all("orders")["o1"]
    assert [kept[field] for field in fields] == [None] * len(fields)


def with_many_orders(live: LiveWorld) -> None:
    """One order really synced, the others as if."""
    live.put_order("first", order(name="Ada"))
    (customer,) = live.customers()
    (part_id,) = customer["parts"]
    row = live.client.document("crmOrders/first").get().to_dict() or {}
    for start in range(1, ORDERS, BATCH):
        batch = live.client.batch()
        for number in range(start, min(start + BATCH, ORDERS)):
            name = f"more{number:05d}"
            batch.set(live.client.document(f"orders/{name}"), order(name="Ada"))
            batch.set(live.client.document(f"crmOrders/{name}"), row)
        batch.commit()
    live.client.document(f"customers/{customer['id']}").update(
        {f"parts.`{part_id}`.orders": ORDERS, f"parts.`{part_id}`.counted": ORDERS}
    )


# --- By HTTP -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def admin(suite: Suite) -> Person:
    person = sign_up()
    grant(person.email, Role.ADMIN)
    return person


@pytest.fixture
def host(suite: Suite) -> PatientClient:
    return PatientClient(project=suite.project)


def customer_of(suite: Suite, admin: Person, email: str) -> str:
    answer = call(suite, admin, ("get_customer", {"email": email}))[0]
    name: str = answer["data"]["customer"]["customerId"]
    return name


def test_an_admin_erases_a_guest_who_then_buys_again(
    suite: Suite, admin: Person, host: PatientClient
) -> None:
    name = uuid.uuid4().hex
    email = f"{name}@example.com"
    host.document(f"orders/{name}").set(order(email, phone="030 1234567"))
    before = eventually(lambda: customer_of(suite, admin, email))
    asked = {"email": email, "reason": "asked by letter"}
    first, again = call(suite, admin, ("delete_customer", asked), ("delete_customer", asked))
    answer = first["data"]
    assert answer["status"] == "done"
    assert again["data"] == answer
    kept = host.document(f"orders/{name}").get().to_dict() or {}
    assert kept["email"] == f"erased-{answer['erasureId']}@erased.invalid"
    assert kept["name"] is kept["phone"] is None
    missing = call(suite, admin, ("get_customer", {"customerId": before}))[0]
    assert missing["code"] == "functions/not-found"

    # An edit with the name again, by the live trigger.
    host.document(f"orders/{name}").update({"email": email, "name": "Ada Lovelace"})

    def redacted() -> None:
        data = host.document(f"orders/{name}").get().to_dict() or {}
        assert data["name"] is None
        assert data["email"].endswith("@erased.invalid")

    eventually(redacted)
    later = order(email)
    del later["createdAt"]
    host.document(f"orders/{name}-2").set(later)
    assert eventually(lambda: customer_of(suite, admin, email)) != before


def test_a_person_erases_their_own(suite: Suite, admin: Person, host: PatientClient) -> None:
    person = sign_up()
    host.document(f"users/{person.uid}").set(user(person.email))
    host.document(f"orders/{person.uid}").set(order(person.email, userId=person.uid))
    eventually(lambda: customer_of(suite, admin, person.email))
    answer = call(suite, person, ("delete_my_data", None))[0]["data"]
    assert answer["status"] == "done"
    assert not host.document(f"users/{person.uid}").get().exists
    found = call(suite, admin, ("delete_customer", {"userId": person.uid, "reason": "again"}))[0]
    assert found["data"]["erasureId"] == answer["erasureId"]
    with pytest.raises(Exception, match="400"):  # nobody can sign in as them any more
        id_token(person)


def test_a_lower_role_may_not(suite: Suite) -> None:
    editor = sign_up()
    grant(editor.email, Role.EDITOR)
    asked = {"email": "nobody@example.com", "reason": "x"}
    answer = call(suite, editor, ("delete_customer", asked))[0]
    assert answer["code"] == "functions/permission-denied"


def test_a_rebuild_brings_nobody_back(live: LiveWorld) -> None:
    live.put_order("o1", order())
    runner = replace(live.runner, accounts=Accounts())
    erase(
        runner, lambda _job: None, CustomerRef("email", "ada@example.com"), reason="asked by letter"
    )
    rebuild(live.runner)
    assert live.customers() == []
