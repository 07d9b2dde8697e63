"""Whom a rule lets through as the audience of its campaign is fixed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns.campaign import Campaign
from crm.campaigns.gate import Passed
from crm.core.errors import Conflict
from crm.db.documents import Create, Update
from crm.rules.gate import RuleGate
from crm.rules.rule import Rule
from crm.segments.engine.pages import FoundCustomer
from tests.support.ruled import Ruled
from tests.support.stored import DAY

TICK = timedelta(microseconds=1)


def campaign(made: Rule, **more: Any) -> Campaign:
    fixed = Campaign(
        "c1",
        "News",
        "Hello",
        "",
        {"format": "markdown", "source": "Hi"},
        {"not": {}},
        "Events <news@example.com>",
        DAY,
        DAY,
        rule=made.id,
    )
    return replace(fixed, **more)


def gated(said: dict[str, Any] | None = None) -> tuple[Ruled, Rule]:
    """A world with some people, and a rule that sends."""
    world = Ruled()
    made = world.save(**(said or {}))
    book = world.store.all("crmRules")["book"]
    book["rules"][made.id]["then"] = {"send": "draft"}
    world.store.put("crmRules/book", book)
    for name in "abc":
        world.buy(name)
    return world, world.rule(made)


def passed(world: Ruled, sent: Campaign, *ids: str) -> Passed:
    people: list[FoundCustomer] = [(one, {}) for one in ids]
    return RuleGate().look(world.runner, sent, people, world.store.now())


def test_who_is_let_through_has_a_record_and_who_is_not_a_reason() -> None:
    world, made = gated({"only": "not tag:press"})
    a, b, c = (world.id(name) for name in "abc")
    world.tag("b", ["Press"])
    sent = campaign(made, created_at=made.since)
    found = passed(world, sent, a, b, "nobody", c)
    assert found.excluded == {b: "rule-only"}
    assert {*found.writes} == {a, c}
    for name, writes in found.writes.items():
        (write,) = writes
        assert isinstance(write, Create)
        assert (write.data["customerId"], write.data["did"]) == (name, "send")
        assert (write.data["campaignId"], write.data["ruleId"]) == ("c1", made.id)
        world.store.commit(writes)
    # A second try meets the records of the first one; another campaign does not pass them.
    again = passed(world, sent, a, c)
    assert (again.excluded, {*again.writes}) == ({}, {a, c})
    assert all(isinstance(one, Update) for some in again.writes.values() for one in some)
    other = passed(world, replace(sent, id="c2"), a, c)
    assert (other.excluded, other.writes) == (dict.fromkeys([a, c], "rule-already"), {})


def test_of_two_who_are_one_by_now_one_is_let_through() -> None:
    world, made = gated()
    a, b = world.id("a"), world.id("b")
    world.store.put(f"customers/{b}", world.store.all("customers")[a])
    found = passed(world, campaign(made, created_at=made.since), a, b)
    assert ({*found.writes}, found.excluded) == ({a}, {b: "rule-already"})


def test_a_person_who_comes_a_second_time_behind_another_is_left_out() -> None:
    world, made = gated()
    a, b, c = (world.id(name) for name in "abc")
    world.store.put(f"customers/{c}", world.store.all("customers")[a])
    found = passed(world, campaign(made, created_at=made.since), a, b, c)
    assert ({*found.writes}, found.excluded) == ({a, b}, {c: "rule-already"})


@pytest.mark.parametrize(
    ("change", "off"),
    [
        ({}, False),
        ({"paused": "too-many"}, False),
        ({"on": False}, True),
        ({"then": {"addTags": ["A"], "removeTags": []}}, True),
        ({"since": None}, True),
    ],
)
def test_a_rule_that_does_not_send_any_more_lets_nobody_through(
    change: dict[str, Any], off: bool
) -> None:
    world, made = gated()
    ids = [world.id(name) for name in "ab"]
    book = world.store.all("crmRules")["book"]
    book["rules"][made.id] |= change
    world.store.put("crmRules/book", book)
    found = passed(world, campaign(made, created_at=made.since), *ids)
    assert found.excluded == (dict.fromkeys(ids, "rule-off") if off else {})
    assert {*found.writes} == (set() if off else {*ids})


def test_a_campaign_of_before_the_rule_was_switched_on_again_reaches_nobody() -> None:
    world, made = gated()
    assert made.since is not None
    name = world.id("a")
    for before, excluded in ((0 * TICK, {}), (TICK, {name: "rule-off"})):
        sent = campaign(made, created_at=made.since - before)
        assert passed(world, sent, name).excluded == excluded
    gone = campaign(made, created_at=made.since, rule="nobody")
    assert passed(world, gone, name).excluded == {name: "rule-off"}


def test_only_is_about_the_event_of_the_campaign() -> None:
    world, made = gated({"only": {"tag": "a"}})
    book = world.store.all("crmRules")["book"]
    book["rules"][made.id] |= {"asked": {"attended": "this_event"}, "once": "event"}
    world.store.put("crmRules/book", book)
    name = world.id("a")
    customer = world.store.all("customers")[name]
    world.store.put(f"customers/{name}", {**customer, "attendedEventIds": ["gala"]})
    sent = campaign(made, created_at=made.since)
    no = {name: "rule-only"}
    for scope, excluded in (("gala", {}), ("ball", no), (None, no)):
        found = passed(world, replace(sent, scope=scope), name)
        assert found.excluded == excluded
        for (write,) in found.writes.values():
            assert isinstance(write, Create)
            assert write.data["scope"] == scope


def test_two_audiences_that_give_one_person_a_place_do_not_both_come() -> None:
    world, made = gated()
    name = world.id("a")
    sent = campaign(made, created_at=made.since)
    first = passed(world, sent, name)
    second = passed(world, replace(sent, id="c2"), name)
    world.store.commit(first.writes[name])
    with pytest.raises(Conflict):
        world.store.commit(second.writes[name])


def test_the_gate_reads_three_times_however_many_come() -> None:
    """The people, the book, and all records together."""
    world, made = gated()
    ids = [world.id(name) for name in "abc"]
    calls: list[int] = []
    read = world.store.read

    def counted(paths: Any) -> Any:
        some = list(paths)
        calls.append(len(some))
        return read(some)

    world.store.read = counted  # type: ignore[method-assign]
    passed(world, campaign(made, created_at=made.since), *ids)
    assert calls == [3, 1, 3]
