"""Exports by the real SDK, functions and database, and of somebody with very many orders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from typing import Any

import pytest
from google.cloud.firestore import GeoPoint

from crm.core.roles import Role
from crm.customers.reference import CustomerRef
from crm.db.documents import version_of
from crm.db.paging import Scope
from crm.firebase.staff import grant
from crm.privacy.export.archive import Limits, export
from crm.runtime import services as runtime
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.client import PatientClient
from testing.hosts import order
from tests.support.archive import whole
from tests.support.live import LiveWorld
from tests.support.web import call

ORDERS = int(os.environ.get("CRM_EXPORT_ORDERS", "300"))
"""Of the person with very many; 10,000 for the figures that are told."""

MOST_OF_A_PART = 10_000_000  # bytes
MOST_MEMORY = 150_000  # kB above what the process has before


@pytest.fixture(scope="module")
def admin(suite: Suite) -> Person:
    person = sign_up()
    grant(person.email, Role.ADMIN)
    return person


@pytest.fixture(scope="module")
def buyer(suite: Suite) -> Person:
    """A user with orders too large to come at once."""
    person = sign_up(email=f"{uuid.uuid4().hex}@example.com")
    documents = PatientClient(project=suite.project)
    for number in range(6):
        note = "long " * 180_000 if number else ""
        data = order(person.email, day=number, note=note, place=GeoPoint(52.5, 13.4))
        documents.document(f"orders/{person.uid}-{number}").set(data)
    documents.document(f"users/{person.uid}").set({"email": person.email, "phone": "+49 30 123456"})
    sync = runtime.services().sync  # beside the triggers, of which a busy machine may lose one
    sync.sync_user(person.uid)
    for number in range(6):
        sync.sync_order(f"{person.uid}-{number}")
    return person


@pytest.fixture(scope="module")
def customer_id(suite: Suite, admin: Person, buyer: Person) -> str:
    (answer,) = call(suite, admin, ("get_customer", {"userId": buyer.uid}))
    assert answer["data"]["customer"]["orderCount"] == 6
    found: str = answer["data"]["customer"]["customerId"]
    return found


def test_an_admin_exports_a_customer_in_parts(
    suite: Suite, admin: Person, buyer: Person, customer_id: str
) -> None:
    (answer,) = call(suite, admin, ("export_customer", {"email": buyer.email}))
    first = answer["data"]["archive"]
    assert (first["format"], first["version"], first["part"]) == ("crm-lite-export", 1, 1)
    assert first["complete"] is False
    assert answer["data"]["nextPageToken"]

    (answer,) = call(suite, admin, ("export_customer", {"customerId": customer_id}), whole=True)
    archive = answer["data"]
    assert archive["complete"] is True
    assert archive["part"] > 1
    assert archive["profile"]["customerId"] == customer_id
    orders = archive["orders"]
    assert [one["orderId"] for one in orders] == [f"{buyer.uid}-{number}" for number in range(6)]
    assert [len(one["document"]["note"]) for one in orders] == [0] + [900_000] * 5
    point = {"geoPointValue": {"latitude": 52.5, "longitude": 13.4}}
    assert orders[0]["document"]["place"] == point
    (user,) = archive["users"]
    assert user["document"]["phone"] == "+49 30 123456"
    (account,) = archive["accounts"]
    assert (account["email"], account["emailVerified"]) == (buyer.email, True)
    assert [one["providerId"] for one in account["providers"]] == ["password"]
    assert "assword" not in json.dumps(account).replace('"password"', "")
    assert account["createdAt"].endswith("Z")
    (entry,) = archive["audit"]  # of the call above
    assert (entry["action"], entry["by"]) == ("customer.export", "staff")


def test_a_person_exports_oneself_and_nobody_else(
    suite: Suite, buyer: Person, customer_id: str
) -> None:
    mine, of_another, as_staff = call(
        suite,
        buyer,
        ("export_my_data", {}),
        ("export_my_data", {"customerId": customer_id}),
        ("export_customer", {"customerId": customer_id}),
    )
    assert mine["data"]["archive"]["profile"]["emails"] == [buyer.email]
    assert of_another["details"] == {"reason": "unknown-key"}
    assert as_staff["details"] == {"reason": "role"}
    (unverified,) = call(suite, sign_up(verified=False), ("export_my_data", {}))
    assert unverified["details"] == {"reason": "address-not-verified"}
    (nobody,) = call(suite, sign_up(), ("export_my_data", {}))
    assert (nobody["code"], nobody["details"]["reason"]) == (
        "functions/not-found", "no-such-customer",
    )  # fmt: skip
    assert buyer.email not in suite.logs()


def test_values_that_json_cannot_say_come_from_the_database(live: LiveWorld) -> None:
    reference = live.client.document("users/u1")
    strange = {"nan": float("nan"), "bytes": b"\0", "ref": reference, "big": 2**62}
    live.put_order("o1", order(strange=strange))
    who = live.the_customer()["id"]
    answer = export(live.runner, Scope("staff", "", {}), CustomerRef("customerId", who))
    archive: Any = answer["archive"]
    assert archive["orders"][0]["document"]["strange"] == {
        "nan": {"doubleValue": "NaN"},
        "bytes": {"bytesValue": "AA=="},
        "ref": {"referenceValue": "users/u1"},
        "big": {"integerValue": str(2**62)},
    }


def test_parts_are_of_one_snapshot_of_firestore(live: LiveWorld) -> None:
    for number in range(6):
        live.put_order(f"o{number}", order(day=number))
    who = CustomerRef("customerId", live.the_customer()["id"])

    def disturbed(token: str | None) -> Any:
        answer = export(live.runner, Scope("staff", "", {}), who, token, Limits(items=2, page=2))
        live.put_order("o5", order("bob@example.com"))
        live.put_order("n1", order())
        return answer

    archive = whole(disturbed)
    assert [one["orderId"] for one in archive["orders"]] == [f"o{number}" for number in range(6)]
    assert {one["document"]["email"] for one in archive["orders"]} == {"ada@example.com"}
    assert archive["part"] == 3


MEASURED = """
import json, sys, time
from google.cloud.firestore import Client
from crm.config.settings import Settings
from crm.core.json import jsonable
from crm.customers.reference import CustomerRef
from crm.db.paging import Scope
from crm.db.runner import Runner
from crm.firebase.store import FirestoreStore
from crm.privacy.export.archive import export
from testing.world import KEYS, Accounts

project, customer_id, small_id = sys.argv[1:]
store = FirestoreStore(Client(project=project))
runner = Runner(store, Settings(), KEYS, Accounts())
scope = Scope("staff", "", {})
peak = lambda: int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
export(runner, scope, CustomerRef("customerId", small_id))  # what the libraries themselves take
before, token, parts = peak(), None, []
while token or not parts:
    began = time.monotonic()
    answer = jsonable(export(runner, scope, CustomerRef("customerId", customer_id), token))
    size = len(json.dumps(answer))
    ids = [one["orderId"] for one in answer["archive"]["orders"]]
    parts.append({"seconds": time.monotonic() - began, "bytes": size, "orders": ids})
    token = answer["nextPageToken"]
print(json.dumps({"memory": peak() - before, "parts": parts}))
"""


def test_somebody_with_very_many_orders_is_exported(
    live: LiveWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    live.put_order("small", order("bob@example.com"))
    live.put_order("o00000", order(note="x" * 400))
    (row,) = [r for key, r in live.host.all("crmOrders").items() if key == "o00000"]
    ids = [f"o{number:05}" for number in range(ORDERS)]
    for first in range(1, ORDERS, 250):  # as so many syncs would leave them
        batch = live.client.batch()
        some = ids[first : first + 250]
        for order_id in some:
            batch.set(live.client.document(f"orders/{order_id}"), order(note="x" * 400))
        written = zip(some, batch.commit(), strict=True)
        rows = live.client.batch()
        for order_id, result in written:
            data = row | {"version": version_of(result.update_time)}
            rows.set(live.client.document(f"crmOrders/{order_id}"), data)
        rows.commit()
    customers = {one["emails"][0]: one["id"] for one in live.customers()}
    arguments = [live.project, customers["ada@example.com"], customers["bob@example.com"]]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments], capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [order_id for part in told["parts"] for order_id in part["orders"]] == ids
    assert max(part["bytes"] for part in told["parts"]) < MOST_OF_A_PART
    assert told["memory"] < MOST_MEMORY
    figures = ", ".join(
        f"{len(part['orders'])} orders {part['bytes'] / 1e6:.1f} MB {part['seconds']:.1f} s"
        for part in told["parts"]
    )
    with capsys.disabled():
        print(f"\nexport of {ORDERS} orders: {figures}; {told['memory'] / 1000:.0f} MB more memory")
