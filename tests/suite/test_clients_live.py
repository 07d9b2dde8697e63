"""Every call by each client, against functions that run: as an app and as a script have them."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from crm_lite_client import Crm, Refusal, with_password
from google.cloud.firestore import FieldFilter

from crm.core.roles import Role
from crm.entrypoints.callables.dispatch import CALLS
from crm.entrypoints.callables.numbers import SIGNED, UNSIGNED
from crm.firebase.staff import grant
from suite.running import Suite
from testing.answers import held
from testing.auth import Person, id_token, sign_up
from testing.hosts import item
from testing.patience import eventually
from tests.support.asked import Asks, Everything, Refused
from tests.support.shop import Shop
from tests.support.typescript import calling, installed, packed, where
from tests.support.web import call

LARGE = 10**15 - 1
"""Minor units: the most that an order may bring."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an app's folder with the TypeScript client in it."""
    folder = tmp_path_factory.mktemp("app")
    return installed(folder, packed(folder / "packed"))


def admin_of(suite: Suite) -> Person:
    admin = sign_up()
    grant(admin.email, Role.ADMIN)
    return admin


def crm_of(suite: Suite, person: Person) -> Crm:
    token = with_password("any", person.email, person.password, emulator=suite.auth_host)
    return Crm(suite.project, token=token, emulator=suite.functions_origin)


def asking(crm: Crm) -> Asks:
    def ask(name: str, /, **data: Any) -> Any:
        taken = {"from_" if key == "from" else key: one for key, one in data.items()}
        try:
            answer = getattr(crm, name)(**taken)
        except Refusal as refusal:
            raise Refused(refusal.reason) from refusal
        held(name, answer)
        return answer

    return ask


def everything(suite: Suite, admin: Asks, member: Callable[[Person], Asks]) -> Everything:
    shop = Shop(suite)
    gala, fair = f"gala-{shop.mark}", f"fair-{shop.mark}"
    for day, name in enumerate(("ada", "bob", "cyd")):
        shop.customer(name, day=day, items=[item(gala)])
    odd = shop.order("odd", status="unheard of")
    somebody = sign_up(email=shop.address("eve"))
    shop.documents.document(f"users/{somebody.uid}").set({"email": somebody.email, "name": "Eve"})
    shop.customer("eve", total=0, items=[item(fair)])

    def quarantined() -> str:
        rows = shop.documents.collection("crmQuarantine")
        (row,) = rows.where(filter=FieldFilter("documentId", "==", odd)).get()
        row_id: str = row.id
        return row_id

    return Everything(
        admin=admin,
        member=member(somebody),
        ada=shop.address("ada"),
        bob=shop.address("bob"),
        cyd=shop.address("cyd"),
        event=gala,
        another=fair,
        odd=eventually(quarantined),
        hired=sign_up().email,
        wait=eventually,
    )


def test_every_call_by_the_typescript_client(suite: Suite, app: Path) -> None:
    members = []

    def member(somebody: Person) -> Asks:
        members.append(calling(app, where(suite, somebody)))
        return members[-1].__enter__()

    with calling(app, where(suite, admin_of(suite))) as admin:
        all_of_it = everything(suite, admin, member)
        all_of_it.run()
    for one in members:
        one.__exit__(None, None, None)
    assert all_of_it.made == set(CALLS)


def test_every_call_by_the_python_client(suite: Suite) -> None:
    admin = asking(crm_of(suite, admin_of(suite)))
    all_of_it = everything(suite, admin, lambda somebody: asking(crm_of(suite, somebody)))
    all_of_it.run()
    assert all_of_it.made == set(CALLS)


def posted(suite: Suite, name: str, person: Person, data: object) -> Any:
    """Call without any SDK, and answer what came over the wire."""
    request = urllib.request.Request(
        f"{suite.functions_origin}/{suite.project}/us-central1/{name}",
        json.dumps({"data": data}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {id_token(person)}"},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)["result"]


def test_numbers_as_phones_wrap_them_and_sums_that_javascript_rounds(suite: Suite) -> None:
    shop, admin = Shop(suite), admin_of(suite)
    for day in range(10):
        shop.order("rich", day=day, total=LARGE, currency="JPY")

    def whole() -> str:
        found = shop.find("rich")
        assert found.get("orderCount") == 10
        customer_id: str = found.id
        return customer_id

    customer = {"customerId": eventually(whole)}
    total = 10 * LARGE
    assert total > 2**53
    wrapped = {"@type": SIGNED, "value": str(total)}
    told = posted(suite, "get_customer", admin, customer)["customer"]
    assert told["totalSpend"] == {"JPY": wrapped}
    assert told["orderCount"] == 10
    by_python = crm_of(suite, admin).get_customer(**customer)["customer"]
    assert by_python["totalSpend"] == {"JPY": total}
    (by_sdk,) = call(suite, admin, ("get_customer", customer))
    assert by_sdk["data"]["customer"]["totalSpend"] == {"JPY": int(float(total))}
    page = {**customer, "pageSize": {"@type": UNSIGNED, "value": "2"}}
    assert len(posted(suite, "list_orders", admin, page)["orders"]) == 2
    segment = {"orderCount": {"gte": {"@type": SIGNED, "value": "10"}}}
    found = posted(suite, "query_segment", admin, {"segment": segment, "pageSize": 200})
    assert customer["customerId"] in {one["customerId"] for one in found["customers"]}
