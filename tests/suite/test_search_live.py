"""Searching as a web app does it, over customers that the live triggers made."""

from __future__ import annotations

import uuid

from crm.core.roles import Role
from crm.firebase.staff import grant
from suite.running import Suite
from testing.auth import sign_up
from testing.client import PatientClient
from testing.hosts import DAY, order
from testing.patience import eventually
from tests.support.web import call


def test_a_viewer_searches_by_name_and_address(suite: Suite) -> None:
    viewer = sign_up()
    grant(viewer.email, Role.VIEWER)
    mark = f"x{uuid.uuid4().hex[:10]}"
    people = {
        f"zoe.{mark}@example.com": f"Zoë Łuk-{mark}",
        f"ada.{mark}@example.com": f"ADA {mark}",
    }
    for email, name in people.items():
        PatientClient(project=suite.project).document(f"orders/{email}").set(
            order(email, name=name)
        )

    def search(**asked: object) -> tuple[list[str], str | None]:
        (answer,) = call(suite, viewer, ("search_customers", asked))
        found = [one["primaryEmail"] for one in answer["data"]["customers"]]
        return found, answer["data"]["nextPageToken"]

    def both() -> None:
        assert sorted(search(q=mark)[0]) == sorted(people)

    eventually(both)
    zoe, ada = people
    for q in (zoe, f"ZOE.{mark[:6]}", f"{mark} luk", f'"Łuk, Zoe" <{zoe.upper()}>'):
        assert search(q=q) == ([zoe], None)
    assert search(q=f"ada {mark} zo") == ([], None)
    first, token = search(q=mark, pageSize=1)
    second, end = search(q=mark, pageSize=1, pageToken=token)
    assert (sorted(first + second), end) == (sorted([zoe, ada]), None)
    for q in (f"{mark} luk", f"luk-{mark} zoë", zoe, f"orders/{zoe}"):
        assert search(q=q) == ([zoe], None)
    among = f"email_domain:example.com and order_count >= 1 and last_order_at > {DAY:%Y-%m-%d}"
    assert sorted(search(q=mark, segment=among.replace(" > ", " >= "))[0]) == sorted(people)
    assert search(q=mark, segment=among) == ([], None)
    refused = call(
        suite,
        viewer,
        ("search_customers", {"q": "a"}),
        ("search_customers", {"q": "a" * 257}),
        ("search_customers", {"q": f"other {mark}", "pageToken": token}),
    )
    reasons = [one["details"]["reason"] for one in refused]
    assert reasons == ["search-too-short", "value-invalid", "page-token"]
    assert call(suite, None, ("search_customers", {"q": mark}))[0]["code"] == (
        "functions/unauthenticated"
    )
    assert mark not in suite.logs()


def test_what_staff_have_of_a_person_finds_them(suite: Suite) -> None:
    viewer = sign_up()
    grant(viewer.email, Role.VIEWER)
    mark = uuid.uuid4().hex[:8]
    signs = "".join(chr(0x4E00 + int(digit, 16)) for digit in mark)  # a name of eight signs
    domain = f"büro-{mark}.example"
    people = {
        f"ORD-{mark}-1": order(f"info@{domain}", name=" ".join(signs)),
        f"ORD-{mark}-2": order(f"ada@mail.{domain}", name=f"ORD-{mark}-1"),
        f"ORD-{mark}-3": order(f"bob.{mark}@example.com", name=f"ORD-{mark}-1 Bob"),
    }
    for order_id, data in people.items():
        PatientClient(project=suite.project).document(f"orders/{order_id}").set(data)

    def search(q: str, **more: object) -> list[str]:
        (answer,) = call(suite, viewer, ("search_customers", {"q": q, **more}))
        return [one["primaryEmail"].split("@")[0] for one in answer["data"]["customers"]]

    def all_there() -> None:
        assert search(f"ORD-{mark}-1") == ["info", "ada", f"bob.{mark}"]

    eventually(all_there)  # whose order, whose whole name, whose beginning of it
    assert search(f"ORD-{mark}-1", pageSize=1) == ["info"]
    for q in (
        *(f"@{domain}", f"@{domain.upper()}", f"info@{domain}", f"info@büro-{mark[:4]}"),
        *(" ".join(signs), f"\u202e{' '.join(reversed(signs))}", f"orders/ORD-{mark}-1"),
    ):
        assert search(q) == ["info"]
    assert search(f"@mail.{domain}") == ["ada"]
    for q in (f"@o-{mark}.example", f"ORD-{mark}-9", "__x__", "a/b", "@.", f"@{mark}" * 9):
        assert search(q) == []
    assert mark not in suite.logs()
