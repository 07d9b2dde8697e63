"""Searching as a web app does it, over customers that the live triggers made."""

from __future__ import annotations

import uuid

from google.cloud.firestore import Client

from crm.core.roles import Role
from crm.firebase.staff import grant
from suite.running import Suite
from testing.auth import sign_up
from testing.hosts import order
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
        Client(project=suite.project).document(f"orders/{email}").set(order(email, name=name))

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
