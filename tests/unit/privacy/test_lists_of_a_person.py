"""Lists of a person's records: whose they are is of the moment of which the page is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.customers.reference import CustomerRef
from crm.db.paging import Pager, PageTokens
from crm.privacy.consent_records import list_consents
from crm.privacy.mail_records import list_mails
from crm.privacy.rule_records import runs_of_customer
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
