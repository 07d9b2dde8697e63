"""What staff save of rules, as a whole: in the book, in the trail, and as answers show it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.core.json import jsonable
from crm.rules import saving
from crm.rules.rule import Rule
from tests.support.ruled import Ruled


def said(world: Any, *actions: str) -> list[tuple[str, list[str], dict[str, Any]]]:
    """Return what the audit trail says of some actions, in the order of their time."""
    entries = sorted(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    return [
        (one["action"], one["customers"], one["facts"])
        for one in entries
        if one["action"] in actions
    ]


def test_each_saving_says_what_it_changed() -> None:
    world = Ruled()
    rule = world.save(on=False)
    world.save(rule.id, on=True)
    world.save(rule.id, name="Other")
    world.save(rule.id, on=False)
    saving.delete(world.runner, rule.id)

    def saved_as(**facts: Any) -> Any:
        return ("rule.save", [], {"rule": rule.id, "new": False, "waiting": None, **facts})

    assert said(world, "rule.save", "rule.delete") == [
        saved_as(new=True, on=False, switched=False),
        saved_as(on=True, switched=True),
        saved_as(on=True, switched=False),
        saved_as(on=False, switched=True),
        ("rule.delete", [], {"rule": rule.id}),
    ]


@pytest.mark.parametrize("answer", ["act", "drop"])
def test_a_pause_and_what_staff_answer_are_in_the_trail(answer: str) -> None:
    world = Ruled()
    rule = world.save(most=2)
    for name in "abc":
        world.buy(name)
    world.drain()
    world.save(rule.id, most=2, waiting=answer)
    facts = {"rule": rule.id, "new": False, "on": True, "switched": False, "waiting": answer}
    assert said(world, "rule.save", "rule.pause")[1:] == [
        ("rule.pause", [], {"rule": rule.id, "reason": "too-many", "waiting": 3}),
        ("rule.save", [], facts),
    ]


def test_a_saved_rule_is_kept_as_it_is_and_the_book_has_nothing_else() -> None:
    world = Ruled()
    rule = world.save(only="tag:press", once={"days": 7}, most=9)
    assert rule == Rule(
        rule.id,
        "VIP",
        True,
        {"enters": {"totalSpend": {"currency": "USD", "gte": 10_000}}},
        {"addTags": ["VIP"], "removeTags": []},
        {"days": 7},
        9,
        rule.created_at,
        rule.created_at,
        only={"tag": "press"},
        entered={"totalSpend": {"currency": "USD", "gte": 10_000}},
        asked={"tag": "press"},
        uses=(),
        since=rule.created_at,
        actor=world.runner.actor,
    )
    assert world.store.all("crmRules") == {"book": {"rules": {rule.id: rule.to_data()}, "gone": {}}}


def test_a_change_leaves_what_it_is_not_about() -> None:
    world = Ruled()
    first = world.save(name="First")
    second = world.save(name="Second", when={"enters": "tag:a"}, then={"addTags": ["B"]})
    world.store.wait(timedelta(hours=1))
    changed = world.save(first.id, name="Changed")
    book = world.store.all("crmRules")["book"]
    assert book["rules"][second.id] == second.to_data()
    assert book["rules"][first.id] == {
        **first.to_data(),
        "name": "Changed",
        "revision": 2,
        "updatedAt": changed.updated_at,
    }
    assert changed.updated_at >= first.updated_at + timedelta(hours=1)
    saving.delete(world.runner, first.id)
    book = world.store.all("crmRules")["book"]
    assert book["rules"] == {second.id: second.to_data()}
    assert [*book["gone"]] == [first.id]


@pytest.mark.parametrize(("short", "known"), [(1, True), (0, False), (-1, False)])
def test_a_deleted_rule_is_known_for_two_days(short: int, known: bool) -> None:
    world = Ruled()
    rule = world.save()
    saving.delete(world.runner, rule.id)
    (gone,) = world.store.all("crmRules")["book"]["gone"].values()
    later = gone + timedelta(days=2) - timedelta(microseconds=short)
    world.runner = replace(world.runner, now=lambda: later)
    world.save(name="Another")
    assert (rule.id in world.store.all("crmRules")["book"]["gone"]) is known


def test_who_saved_a_rule_last_is_kept() -> None:
    world = Ruled()
    world.runner = replace(world.runner, actor="u1-first")
    rule = world.save()
    assert world.rule(rule).actor == "u1-first"
    world.runner = replace(world.runner, actor="u1-second")
    world.save(rule.id, name="Other")
    assert world.rule(rule).actor == "u1-second"
    assert [one["actor"] for one in world.store.all("crmAudit").values()].count("u1-second") == 1


def test_the_book_may_be_as_large_as_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Ruled()
    rule = world.save()
    world.runner = replace(world.runner, now=lambda: rule.updated_at)  # as long as it was
    large = len(json.dumps(jsonable(world.store.all("crmRules")["book"])).encode())
    for most, fits in ((large, True), (large - 1, False)):
        monkeypatch.setattr(saving, "MOST_BYTES", most)
        if fits:
            world.save(rule.id, name="V|P")
            continue
        with pytest.raises(Refusal) as refused:
            world.save(rule.id, name="V/P")
        assert (refused.value.code, refused.value.reason, refused.value.more) == (
            "failed-precondition",
            "rules-too-large",
            {},
        )


def test_a_page_that_is_just_full_is_the_last_one() -> None:
    world = Ruled()
    for name in "abc":
        world.save(name=name)
    for size, more in ((2, True), (3, False), (4, False)):
        page = saving.list_rules(world.store, world.pager(size))
        assert (page["nextPageToken"] is not None) is more


def test_an_answer_shows_a_rule_and_nothing_of_how_it_is_kept() -> None:
    world = Ruled()
    rule = world.save(only="tag:press")
    shown = {
        "ruleId": rule.id,
        "name": "VIP",
        "on": True,
        "when": {"enters": {"totalSpend": {"currency": "USD", "gte": 10_000}}},
        "only": {"tag": "press"},
        "once": "ever",
        "then": {"addTags": ["VIP"], "removeTags": []},
        "most": 1_000,
        "since": rule.since,
        "paused": None,
        "waiting": 0,
        "revision": 1,
        "createdAt": rule.created_at,
        "updatedAt": rule.updated_at,
    }
    assert saving.shown(rule) == shown
    assert world.listed() == [{**shown, "acted": 0}]
