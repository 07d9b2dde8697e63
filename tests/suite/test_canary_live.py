"""A person with every kind of data, by triggers and callables; after the erasure nothing is left.

Looked at are the whole database, all accounts, and what all functions have logged.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest

from crm.config.settings import settings
from crm.core.roles import Role
from crm.firebase.staff import grant
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.client import PatientClient
from testing.hosts import order, user
from testing.patience import PATIENCE, eventually
from tests.support.canary import ADDRESS, NAME, PHONE, UID, Canary, residue
from tests.support.web import call


def dump(suite: Suite) -> dict[str, object]:
    """Every document of the project, and every account."""
    client = PatientClient(project=suite.project)
    found: dict[str, object] = {}
    for collection in client.collections():
        for snapshot in collection.stream():
            found[snapshot.reference.path] = snapshot.to_dict()
    request = urllib.request.Request(
        f"http://{suite.auth_host}/identitytoolkit.googleapis.com/v1/projects/{suite.project}"
        "/accounts:batchGet?maxResults=1000",
        headers={"Authorization": "Bearer owner"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        for account in json.load(answer).get("users", []):
            found[f"account {account['localId']}"] = account
    return found


def strange(suite: Suite, token: str, body: object) -> None:
    """Call a function as nobody should: a line is logged, and not what was sent."""
    request = urllib.request.Request(
        suite.function_url("get_customer", settings().region),
        json.dumps({"data": body}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=PATIENCE)


def done(suite: Suite, staff: Person, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    answers = call(suite, staff, *calls)
    assert [answer for answer in answers if "data" not in answer] == []
    return [answer["data"] for answer in answers]


def test_nothing_is_left_in_database_accounts_and_logs(suite: Suite) -> None:
    staff = sign_up()
    grant(staff.email, Role.ADMIN)
    mark = uuid.uuid4().hex[:12]
    name, phone = f"Serinus {mark.title()}", f"+49 30 {int(mark, 16)}"
    guest = f"Guest.{mark}@bücher-{mark}.example"
    person = sign_up(email=f"person-{mark}@example.com")
    canaries = [
        Canary(ADDRESS, guest.lower()),
        Canary(ADDRESS, person.email),
        Canary(UID, person.uid),
        Canary(NAME, name),
        Canary(PHONE, phone),
    ]
    host = PatientClient(project=suite.project)

    def buy(suffix: str, email: str, **more: Any) -> str:
        order_id = f"{mark}-{suffix}"
        data = {**order(email), "name": name, "phone": phone, "marketingOptIn": True, **more}
        host.document(f"orders/{order_id}").set(data)
        return order_id

    def customer_of(email: str) -> str:
        (answer,) = call(suite, staff, ("get_customer", {"email": email}))
        return str(answer["data"]["customer"]["customerId"])

    host.document(f"users/{person.uid}").set(user(person.email, name=name))
    buy("own", person.email, userId=person.uid)
    buy("guest", guest)
    odd = buy("odd", guest, total="a lot")
    account, other = (
        eventually(lambda: customer_of(person.email)),
        eventually(lambda: customer_of(guest)),
    )

    def quarantined() -> None:
        (answer,) = done(suite, staff, ("list_quarantine", {"pageSize": 200}))
        assert odd in [item["documentId"] for item in answer["items"]]

    eventually(quarantined)
    done(
        suite,
        staff,
        ("tag_customers", {"add": [f"friend {mark}"], "customerIds": [account, other]}),
        ("merge_customers", {"sourceId": other, "targetId": account}),
        (
            "set_consent",
            {
                "customerId": account,
                "status": "subscribed",
                "evidence": f"letter of {name}, {guest}",
            },
        ),
        ("query_segment", {"segment": f'tag:"friend {mark}"'}),
        ("search_customers", {"q": name.split()[1]}),
        ("list_orders", {"customerId": account}),
        ("export_customer", {"email": guest}),
    )
    call(
        suite, staff, ("search_customers", {"q": guest, name: phone}), ("get_customer", {guest: 1})
    )
    call(suite, person, ("claim_my_orders", None))
    strange(suite, person.email, {"email": guest, name: phone})

    before = residue(dump(suite), canaries)
    assert set(before) == set(canaries), "the scanner finds each one first"
    for kind in ("orders/", "customers/", "crmConsents/", "users/", "account "):
        assert any(kind in place for places in before.values() for place in places), kind

    (answer,) = done(suite, staff, ("delete_customer", {"email": guest, "reason": "by letter"}))
    assert answer["status"] == "done"

    # Late and again: an event of a document that came before the erasure.
    host.document(f"orders/{mark}-guest").update({"name": name, "email": guest})

    def gone() -> None:
        assert residue(dump(suite), canaries) == {}

    eventually(gone)
    done(suite, staff, ("delete_customer", {"email": guest, "reason": "by letter"}))
    # A line of the functions' own shows that what they logged before is there, too.
    eventually(lambda: suite.logs().index('"function": "get_customer"'))
    assert residue({"logs": suite.logs()}, canaries) == {}
