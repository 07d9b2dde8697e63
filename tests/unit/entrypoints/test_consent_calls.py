"""`set_consent` and `get_unsubscribe_headers` as calls: requests, refusals, answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.newsletter.unsubscribe_link import read_token
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.unit.entrypoints.test_dispatch import call, refused

EDITOR: dict[str, object] = {"crm": "editor", "email_verified": True}
GRANT = {"customerId": "a", "status": "subscribed", "evidence": "by phone"}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("GCLOUD_PROJECT", "shop")
    monkeypatch.delenv("FUNCTIONS_EMULATOR_ORIGIN", raising=False)
    world = World()
    world.put_order("o1", order())
    return world


@pytest.mark.parametrize(
    "evidence",
    [
        "by phone",
        "x" * 1000,
        "two\nlines",
        {"source": "paper form", "textVersion": "2024-03"},
        {f"n{number}": "x" for number in range(10)},
    ],
    ids=lambda one: repr(one)[:30],
)
def test_evidence_is_kept_as_it_is_given(world: World, evidence: object) -> None:
    customer_id = world.the_customer()["id"]
    request = {"customerId": customer_id, "status": "subscribed", "evidence": evidence}
    marketing = call("set_consent", request, world, claims=EDITOR, uid="boss")["marketing"]
    assert (marketing["status"], marketing["source"]) == ("subscribed", "staff")
    assert marketing["at"].endswith("Z")
    (record,) = world.store.all("crmConsents").values()
    assert record["evidence"] == evidence
    assert record["actor"] == KEYS.user("boss")


def test_a_withdrawal_needs_no_evidence(world: World) -> None:
    request = {"customerId": world.the_customer()["id"], "status": "unsubscribed"}
    for more in ({}, {"evidence": None}):
        answer = call("set_consent", {**request, **more}, world, claims=EDITOR)
        assert answer["marketing"]["status"] == "unsubscribed"


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "missing-key"),
    ({"customerId": "a"}, "missing-key"),
    ({**GRANT, "customerId": "a/b"}, "id-invalid"),
    ({**GRANT, "email": "a@example.com"}, "unknown-key"),
    ({**GRANT, "evidence": None}, "evidence-missing"),
    ({"customerId": "a", "status": "subscribed"}, "evidence-missing"),
    *(({**GRANT, "status": bad}, "value-invalid") for bad in ("none", "SUBSCRIBED", "", True, 1)),
    *(
        ({**GRANT, "evidence": bad}, "value-invalid")
        for bad in (
            "", " \n", "x" * 1001, True, 1, 1.5, float("nan"), [], ["x"], {},
            {"a": 1}, {"a": None}, {"a": ["x"]}, {"a": " "}, {"a": {"b": "c"}},
            {"": "x"}, {"__x__": "x"}, {"a.b": "x"}, {"a/b": "x"}, {"a" * 65: "x"}, {"ä": "x"},
            {f"n{number}": "x" for number in range(11)}, {"a": "x" * 600, "b": "x" * 400},
        )
    ),
    ({**GRANT, "evidence": "a\0"}, "text-invalid"),
    ({**GRANT, "evidence": {"a": "\ud800"}}, "text-invalid"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "reason"), BAD, ids=lambda one: repr(one)[:60])
def test_a_bad_request_is_refused_before_anything_is_read(
    data: dict[str, Any], reason: str
) -> None:
    world = World()
    code, given, message = refused("set_consent", data, world=world, claims=EDITOR)
    assert (code, given) == ("invalid-argument", reason)
    assert "phone" not in message
    assert world.store.reads == 0


def test_the_headers_of_a_customers_newsletter(world: World) -> None:
    answer = call("get_unsubscribe_headers", {"email": "Ada@example.com"}, world, claims=EDITOR)
    url = answer["url"]
    origin, token = url.split("?token=")
    assert origin == "https://us-central1-shop.cloudfunctions.net/unsubscribe"
    assert read_token(KEYS, token, datetime.now(UTC)) == KEYS.address("ada@example.com")
    assert answer["headers"] == {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_who_has_no_address_gets_no_newsletter() -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_user("u1", user(None))
    who = {"userId": "u1"}
    code, reason, _ = refused("get_unsubscribe_headers", who, world=world, claims=EDITOR)
    assert (code, reason) == ("failed-precondition", "no-address")


# list_consents


def consents(world: World, **who: str) -> list[dict[str, Any]]:
    """All pages of two records each, as a viewer sees them."""
    found: list[dict[str, Any]] = []
    token = None
    while True:
        page = call("list_consents", {**who, "pageSize": 2, "pageToken": token}, world)
        assert len(page["consents"]) <= 2
        found += page["consents"]
        token = page["nextPageToken"]
        if token is None:
            return found


def test_everything_that_was_decided_is_listed_newest_first(world: World) -> None:
    customer_id = world.the_customer()["id"]
    assert consents(world, customerId=customer_id) == []
    world.put_order("o2", order(marketingOptIn=True, day=3))
    form = {"source": "paper form", "textVersion": "2024-03"}
    for number in range(3):
        status = "subscribed" if number % 2 else "unsubscribed"
        data = {"customerId": customer_id, "status": status, "evidence": {**form, "n": str(number)}}
        call("set_consent", data, world, EDITOR)
    for who in ({"customerId": customer_id}, {"email": "ADA@example.com"}):
        found = consents(world, **who)
        assert [one["source"] for one in found] == ["staff", "staff", "staff", "order"]
        assert [one["evidence"].get("n") for one in found] == ["2", "1", "0", None]
        assert found[-1]["evidence"] == {"orderId": "o2"}
        assert {one["address"] for one in found} == {"ada@example.com"}
        assert {one["userId"] for one in found} == {None}
        assert len({one["consentId"] for one in found}) == 4
        assert {*found[0]} == {
            *("consentId", "address", "userId", "status", "at", "source", "evidence")
        }


def test_a_merged_customers_records_come_along_and_nobody_elses(world: World) -> None:
    world.put_order("b", order("bob@example.com"))
    world.put_order("c", order("cyd@example.com"))
    ids = {one["primaryEmail"]: one["id"] for one in world.customers()}
    for email, customer_id in ids.items():
        data = {"customerId": customer_id, "status": "subscribed", "evidence": f"form of {email}"}
        call("set_consent", data, world, EDITOR)
    ada, bob = ids["ada@example.com"], ids["bob@example.com"]
    merge = call("merge_customers", {"sourceId": bob, "targetId": ada}, world, EDITOR)
    both = {"form of ada@example.com", "form of bob@example.com"}
    for customer_id in (ada, bob):
        assert {one["evidence"] for one in consents(world, customerId=customer_id)} == both
    call("unmerge_customers", {"mergeId": merge["mergeId"]}, world, EDITOR)
    assert [one["address"] for one in consents(world, customerId=ada)] == ["ada@example.com"]


def test_an_address_that_changed_hands_shows_no_evidence_of_the_one_before(world: World) -> None:
    world.put_user("u1", user("ada@example.com"))
    data = {"customerId": world.the_customer()["id"], "status": "subscribed", "evidence": "form"}
    call("set_consent", data, world, EDITOR)
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user("ada@example.com"))
    assert [one["evidence"] for one in consents(world, userId="u2")] == [None]
    # The first user keeps what was decided for the account, and nothing of the address.
    assert [(one["address"], one["userId"]) for one in consents(world, userId="u1")] == [
        (None, "u1")
    ]


def test_a_token_is_good_for_its_customer_and_caller_alone(world: World) -> None:
    world.put_order("b", order("bob@example.com"))
    ids = [one["id"] for one in world.customers()]
    for _ in range(2):
        data = {"customerId": ids[0], "status": "unsubscribed"}
        call("set_consent", data, world, EDITOR)
    first = call("list_consents", {"customerId": ids[0], "pageSize": 1}, world)
    token = first["nextPageToken"]
    for asked, uid in (({"customerId": ids[1]}, "staff"), ({"customerId": ids[0]}, "other")):
        data = {**asked, "pageToken": token}
        assert refused("list_consents", data, world=world, uid=uid)[:2] == (
            "invalid-argument",
            "page-token",
        )
    assert refused("list_consents", {"customerId": "nobody"}, world=world)[0] == "not-found"
    assert refused("list_consents", {"pageSize": 1}, world=world)[1] == "who"
