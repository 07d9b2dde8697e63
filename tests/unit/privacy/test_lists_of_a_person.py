"""Lists of a person's records: whose they are is of the moment of which the page is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.customers.reference import CustomerRef
from crm.db.paging import Pager, PageTokens, Scope
from crm.privacy.consent_records import list_consents
from crm.privacy.mail_records import list_mails
from crm.privacy.requests import list_requests
from crm.privacy.rule_records import runs_of_customer, runs_of_rule
from testing.hosts import DAY, order
from testing.world import KEYS, World
from tests.unit.privacy.test_export import by_id

LISTS: dict[str, Callable[..., Any]] = {
    "consents": list_consents,
    "mails": list_mails,
    "runs": runs_of_customer,
}
KEY = KEYS.address("ada@example.com")


@pytest.fixture
def world() -> World:
    """Ada, with a record of each kind."""
    made = World()
    made.put_order("o1", order())
    common = {"identity": KEY, "customerId": "c", "at": DAY}
    consent = {"status": "subscribed", "source": "staff", "evidence": None, "actor": "x"}
    times = ("bounced", "softBounced", "complained", "unsubscribed")
    mail = {"campaignId": "m", "address": KEY, "state": "accepted", "reason": None}
    run = {"ruleId": "r", "did": "tags", "scope": None, "campaignId": None}
    made.store.put("crmConsents/a", common | consent)
    made.store.put("crmMails/a", common | mail | dict.fromkeys(times))
    made.store.put("crmRuleRuns/r-a", common | run)
    return made


@pytest.mark.parametrize("name", LISTS)
def test_whose_records_are_listed_is_of_the_same_moment_as_these(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = world.the_customer()
    who = CustomerRef("customerId", customer.pop("id"))
    at = type(world.store).at

    def then(self: Any, moment: datetime | None = None) -> Any:
        view = at(self, moment)
        world.store.put(f"customers/{who.value}", {**customer, "parts": {}})
        return view

    monkeypatch.setattr(type(world.store), "at", then)
    pager = Pager(PageTokens(KEYS.derive("page-token")), "staff", 9)
    assert len(LISTS[name](world.runner, pager, who)[name]) == 1
    assert len(LISTS[name](world.runner, pager, who)[name]) == 0


@pytest.mark.parametrize(
    ("name", "call", "last"),
    [
        ("consents", "list_consents", "b"),
        ("mails", "list_mails", "b"),
        ("runs", "list_rule_runs", "r-b"),
    ],
)
def test_a_token_holds_the_last_record_and_is_bound_to_caller_call_and_person(
    world: World, name: str, call: str, last: str
) -> None:
    for collection, one in (("crmConsents", "a"), ("crmMails", "a"), ("crmRuleRuns", "r-a")):
        data = world.store.all(collection)[one]
        world.store.put(f"{collection}/{one.replace('a', 'b')}", data)
    tokens = PageTokens(KEYS.derive("page-token"))
    page = LISTS[name](
        world.runner, Pager(tokens, "staff", 1), CustomerRef("email", "Ada@Example.com")
    )
    scope = Scope("staff", call, {"email": "Ada@Example.com"})
    assert tokens.read(scope, page["nextPageToken"]) == ["2024-03-01T12:00:00+00:00", last]


def test_tokens_of_a_rules_acts_and_of_requests_are_bound_to_what_they_list(world: World) -> None:
    tokens = PageTokens(KEYS.derive("page-token"))
    pager = Pager(tokens, "staff", 1)
    for name in "ab":
        acted = {**world.store.all("crmRuleRuns")["r-a"], "counted": True}
        world.store.put(f"crmRuleRuns/r-{name}", acted)
        request = {"at": DAY, "customers": [], "stoppedBy": "held"}
        world.store.put(f"crmRequests/{name}", request)
    runs: Any = runs_of_rule(world.store, pager, "r")
    scope = Scope("staff", "list_rule_runs", {"ruleId": "r"})
    assert tokens.read(scope, runs["nextPageToken"]) == ["2024-03-01T12:00:00+00:00", "r-b"]
    requests: Any = list_requests(world.runner, pager)
    scope = Scope("staff", "list_requests", {})
    assert tokens.read(scope, requests["nextPageToken"]) == ["2024-03-01T12:00:00+00:00", "b"]


def test_who_is_found_by_no_key_has_an_archive_without_records(world: World) -> None:
    """Orders of nobody's that nobody could read are no such person's either."""
    left = Customer("c", DAY, {"p": Part("e-of-somebody-else-by-now", orders=1)})
    world.store.put("customers/c", left.to_data(DAY, double=False))
    world.put_order("odd", order("x@y.zz", status="odd"))
    told = by_id(world, "c")
    lists = ("orders", "unreadOrders", "consents", "mails", "notes", "rules", "signUps", "merges")
    assert {name: told[name] for name in lists} == {name: [] for name in lists}
    assert told["identities"] == told["accounts"] == told["users"] == []
    assert told["ordersOfOthers"] == 0


def test_merges_are_told_by_their_time_and_then_their_ids(world: World) -> None:
    ada = world.the_customer()["id"]
    for name, day, source, target in (
        ("c", 1, ada, "x"), ("b", 2, "x", ada), ("a", 2, ada, "y"), ("d", 0, "x", "y"),
    ):  # fmt: skip
        merge = {"sourceId": source, "targetId": target, "state": name, "proof": None}
        world.store.put(f"crmMerges/{name}", {**merge, "at": DAY.replace(day=1 + day)})
    assert [one["mergeId"] for one in by_id(world, ada)["merges"]] == ["c", "a", "b"]
