"""Rules where functions fire: real orders enter, the scheduler's call has rules act."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter

from crm.core.roles import Role
from crm.db.collections import CUSTOMERS, OUTBOX, RULE_RUNS
from crm.db.documents import Query
from crm.firebase.staff import grant
from crm.rules import saving
from crm.rules.checking import Asked, check
from crm.rules.watch import BookWatch
from crm.sync.sync import Sync
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.counting import counted
from testing.hosts import order
from testing.patience import eventually
from tests.support.gathering import gather
from tests.support.live import LiveWorld
from tests.support.scheduled import schedule
from tests.support.shop import Shop
from tests.support.web import call

ALREADY = 300


@pytest.fixture(scope="module")
def editor(suite: Suite) -> Person:
    person = sign_up()
    grant(person.email, Role.EDITOR)
    return person


@pytest.fixture
def shop(suite: Suite) -> Shop:
    return Shop(suite)


def save(suite: Suite, person: Person, **said: Any) -> dict[str, Any]:
    (answer,) = call(suite, person, ("save_rule", {"on": True, **said}))
    assert "code" not in answer, json.dumps(answer)
    rule: dict[str, Any] = answer["data"]["rule"]
    return rule


@pytest.fixture
def rules(suite: Suite, editor: Person) -> Iterator[list[str]]:
    """Ids of rules that are deleted behind the test: all of the suite share one book."""
    made: list[str] = []
    yield made
    call(suite, editor, *(("delete_rule", {"ruleId": one}) for one in made))


def waiting(shop: Shop, rule_id: str, collection: str = OUTBOX) -> list[dict[str, Any]]:
    asked = FieldFilter("ruleId", "==", rule_id)
    found = shop.documents.collection(collection).where(filter=asked).get()
    return [one.to_dict() for one in found]


def test_an_order_enters_and_the_scheduler_has_the_rule_act(
    suite: Suite, editor: Person, shop: Shop, rules: list[str]
) -> None:
    tag = f"big-{shop.mark}"
    segment = f"total_spend >= 100 USD and has_ticket:{shop.mark}"
    rule = save(suite, editor, name="Big", when={"enters": segment}, then={"addTags": [tag]})
    rules.append(rule["ruleId"])
    names = (f"Ada {number}" for number in itertools.count())

    def entered() -> str:
        """Somebody buys; until the trigger's process knows the rule."""
        name = next(names)
        shop.customer(name, total=500, items=[{"eventId": shop.mark, "eventName": "Gala"}])
        assert waiting(shop, rule["ruleId"])
        return name

    name = eventually(entered)
    (row,) = waiting(shop, rule["ruleId"])
    ada = shop.id_of(name)
    assert row["customerId"] == ada
    schedule(suite)
    assert tag in shop.find(name).to_dict()["tags"]
    assert waiting(shop, rule["ruleId"]) == []
    (run,) = waiting(shop, rule["ruleId"], RULE_RUNS)
    assert run["customerId"] == ada
    by_rule, by_person, listed = call(
        suite,
        editor,
        ("list_rule_runs", {"ruleId": rule["ruleId"]}),
        ("list_rule_runs", {"customerId": ada}),
        ("list_rules", {}),
    )
    told = {"ruleId": rule["ruleId"], "customerId": ada, "rule": "Big", "did": "tags"}
    for answer in (by_rule, by_person):
        (shown,) = answer["data"]["runs"]
        assert shown.items() >= told.items()
    (mine,) = [one for one in listed["data"]["rules"] if one["ruleId"] == rule["ruleId"]]
    assert (mine["acted"], mine["on"], mine["paused"]) == (1, True, None)


def test_those_who_belong_already_are_acted_on_by_nothing(
    suite: Suite, editor: Person, shop: Shop, rules: list[str]
) -> None:
    crowd = gather(shop.documents, ALREADY)
    first, other = f"was-{shop.mark}", f"seen-{shop.mark}"
    segment = f"attended:{crowd.event}"
    rule = save(suite, editor, name="Was", when={"enters": segment}, then={"addTags": [first]})
    rules.append(rule["ruleId"])
    (answer,) = call(suite, editor, ("tag_customers", {"add": [other], "segment": segment}))
    assert "code" not in answer

    def written() -> None:
        assert crowd.having(other) == ALREADY

    eventually(written)  # each of them was written by a process that watches
    schedule(suite)
    assert waiting(shop, rule["ruleId"]) == []
    assert waiting(shop, rule["ruleId"], RULE_RUNS) == []
    assert crowd.having(first) == 0
    batch = shop.documents.batch()
    for customer_id in crowd.ids:
        batch.delete(shop.documents.document(f"{CUSTOMERS}/{customer_id}"))
    batch.commit()


def test_for_too_many_a_rule_pauses_until_staff_answer(
    suite: Suite, editor: Person, shop: Shop, rules: list[str]
) -> None:
    crowd = gather(shop.documents, 12)
    first, given = f"group-{shop.mark}", f"many-{shop.mark}"
    said = {"name": "Many", "when": {"enters": f"tag:{first}"}, "then": {"addTags": [given]}}
    rule = save(suite, editor, **said, most=5)
    rules.append(rule["ruleId"])
    segment = f"attended:{crowd.event}"
    change = {"remove": [first], "segment": segment}, {"add": [first], "segment": segment}

    def entered() -> None:
        call(suite, editor, *(("tag_customers", one) for one in change))
        assert len(waiting(shop, rule["ruleId"])) >= 12

    eventually(entered)
    schedule(suite)
    assert crowd.having(given) == 0
    refused, done = call(
        suite,
        editor,
        ("save_rule", {**said, "most": 5, "on": True, "ruleId": rule["ruleId"]}),
        (
            "save_rule",
            {**said, "most": 5, "on": True, "ruleId": rule["ruleId"], "waiting": "act"},
        ),
    )
    assert refused["details"]["reason"] == "rule-waits"
    assert done["data"]["rule"]["paused"] is None
    schedule(suite)
    assert crowd.having(given) == 12


def test_ten_rules_cost_an_order_one_read_a_minute(live: LiveWorld) -> None:
    """Counted at the client: documents read and written."""
    bill = counted(live.client)
    for number in range(10):
        asked = Asked(
            f"R{number}",
            {"enters": f"order_count >= {50 + number}"},
            {"addTags": ["X"]},
            on=True,
        )
        saving.save(live.runner, check(live.runner, asked))

    def cost(order_id: str, watch: BookWatch | None) -> tuple[int, int]:
        live.host.put(f"orders/{order_id}", order())
        bill.clear()
        Sync(replace(live.runner, watch=watch), catalogue=live.sync.catalogue).sync_order(order_id)
        return bill.reads, bill.writes

    cost("first", None)
    watch = BookWatch(live.store)
    bare, beginning, known = cost("a", None), cost("b", watch), cost("c", watch)
    assert beginning == (bare[0] + 1, bare[1])
    assert known == bare
    asked = Asked("Fifth", {"enters": "order_count >= 5"}, {"addTags": ["Y"]}, on=True)
    saving.save(live.runner, check(live.runner, asked))
    watch.forget()
    assert cost("e", watch) == (bare[0] + 1, bare[1] + 1)
    assert len(live.store.find(Query(OUTBOX))) == 1
