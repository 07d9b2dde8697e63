"""Own fields where functions fire: from a user's document to a segment, and gone with it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from crm.core.roles import Role
from crm.firebase.staff import grant
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.client import PatientClient
from testing.hosts import order, user
from testing.patience import eventually
from tests.support.web import call


@pytest.fixture(scope="module")
def editor(suite: Suite) -> Person:
    made = sign_up()
    grant(made.email, Role.EDITOR)
    return made


def ask(suite: Suite, editor: Person, name: str, **data: Any) -> Any:
    return call(suite, editor, (name, data))[0]["data"]


def test_a_city_comes_from_the_user_is_asked_for_and_goes(suite: Suite, editor: Person) -> None:
    host = PatientClient(project=suite.project)
    uid, city = f"u-{uuid.uuid4().hex}", f"City {uuid.uuid4().hex}"
    document = host.document(f"users/{uid}")
    segment = f'field:city = "{city}"'

    def finds(*uids: str) -> None:
        answer = ask(suite, editor, "query_segment", segment=segment)
        assert [one["userIds"][0] for one in answer["customers"]] == [*uids]

    document.set(user(f"{uid}@example.com", profile={"city": city}))
    eventually(lambda: finds(uid))
    customer = ask(suite, editor, "get_customer", userId=uid)["customer"]
    assert customer["fields"] == {"city": city}
    searched = ask(suite, editor, "search_customers", q=city.upper())["customers"]
    assert [one["customerId"] for one in searched] == [customer["customerId"]]
    assert ask(suite, editor, "count_segment", segment=segment)["count"] == 1

    document.update({"profile.city": "Elsewhere"})
    eventually(finds)
    document.delete()

    def gone() -> None:
        assert not host.document(f"customers/{customer['customerId']}").get().exists

    eventually(gone)


def test_what_staff_write_is_found_by_every_comparison(suite: Suite, editor: Person) -> None:
    host = PatientClient(project=suite.project)
    address, company = f"{uuid.uuid4().hex}@example.com", f"Ltd {uuid.uuid4().hex}"
    host.document(f"orders/{uuid.uuid4().hex}").set(order(address))
    who = eventually(lambda: ask(suite, editor, "get_customer", email=address)["customer"])
    fields = {"company": company, "seats": 12.5, "birthday": "1990-01-02", "vegan": True}
    written = {"customerId": who["customerId"], "fields": {**fields, "size": "M"}}
    assert ask(suite, editor, "set_fields", **written)["fields"] == written["fields"]
    listed = {one["name"]: one for one in ask(suite, editor, "list_fields")["fields"]}
    assert (listed["city"]["writable"], listed["size"]["choices"]) == (False, ["S", "M", "L"])
    theirs = f'field:company = "{company}"'
    for condition, count in (
        ("field:seats > 12, <= 12.5", 1),
        ("field:seats >= 13", 0),
        ("not field:seats >= 13", 1),
        ("field:birthday < 1990-01-03 and field:vegan = true and field:size = M", 1),
        ("field:birthday <= 1990-01-01", 0),
        ("field:city unknown", 1),
    ):
        asked = f"{theirs} and ({condition})"
        assert ask(suite, editor, "count_segment", segment=asked)["count"] == count, condition
        page = ask(suite, editor, "query_segment", segment=asked)
        assert len(page["customers"]) == count, condition
