"""Rules that use saved segments, when these change: which follow, which pause, which are let be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.rules import refreshing, saving
from crm.rules.refreshing import refresh, refuse_used
from crm.rules.rule import Rule
from crm.segments import saved
from crm.segments.language.text import parse
from crm.segments.saved_plan import Definition
from tests.support.ruled import Ruled

ENDED: Any = {"eventEnded": {"days": 1, "at": "10:00"}}


def segment(world: Ruled, name: str, text: str, segment_id: str | None = None) -> str:
    return saved.save(world.runner, Definition(name, parse(text)), segment_id)[0]


def following(**said: Any) -> tuple[Ruled, Rule, str]:
    world = Ruled()
    mine = segment(world, "Mine", "tag:a")
    made = world.save(**{"when": {"enters": "segment:Mine"}, **said})
    return world, made, mine


def test_those_alone_follow_that_use_the_segment_that_was_changed() -> None:
    world, first, mine = following()
    other = segment(world, "Other", "tag:x")
    second = world.save(name="Two", when={"enters": "segment:Other"})
    segment(world, "Mine", "tag:b", mine)
    segment(world, "Other", "tag:y", other)
    assert refresh(world.runner, mine) == 1
    assert (world.rule(first).entered, world.rule(second).entered) == ({"tag": "b"}, {"tag": "x"})
    assert refresh(world.runner) == 1
    assert world.rule(second).entered == {"tag": "y"}
    assert refresh(world.runner) == 0


def test_a_rule_may_use_a_segment_in_only_alone() -> None:
    world, made, mine = following(when=ENDED, only="segment:Mine or attended:this_event")
    assert (made.uses, made.entered) == ((mine,), None)
    segment(world, "Mine", "tag:b", mine)
    assert refresh(world.runner, mine) == 1
    now = world.rule(made)
    assert now.asked == {"any": [{"tag": "b"}, {"attended": "this_event"}]}
    assert (now.entered, now.only) == (None, made.only)


def test_a_subscribing_rule_keeps_what_it_waits_for() -> None:
    world, made, mine = following(when={"subscribed": True}, only="segment:Mine")
    segment(world, "Mine", "tag:b", mine)
    assert refresh(world.runner, mine) == 1
    now = world.rule(made)
    assert (now.entered, now.asked) == ({"marketing": "subscribed"}, {"tag": "b"})


def test_a_rule_uses_the_segments_within_its_segments_from_then_on() -> None:
    world, made, mine = following()
    assert made.uses == (mine,)
    inner = segment(world, "Inner", "tag:c")
    segment(world, "Mine", "segment:Inner or tag:a", mine)
    assert refresh(world.runner, mine) == 1
    assert world.rule(made).uses == tuple(sorted([mine, inner]))
    segment(world, "Inner", "tag:d", inner)
    assert refresh(world.runner, inner) == 1
    assert world.rule(made).entered == {"any": [{"tag": "d"}, {"tag": "a"}]}
    with pytest.raises(Refusal):
        refuse_used(world.runner, inner)


@pytest.mark.parametrize("how", ["saved", "deleted"])
def test_a_rule_that_staff_change_meanwhile_is_let_be(how: str) -> None:
    world, made, mine = following()
    segment(world, "Mine", "tag:b", mine)
    other = world.save(name="Other", when={"enters": "segment:Mine"})
    fresh = {"entered": {"tag": "x"}, "asked": None, "uses": (mine,)}
    seen = {made.id: (made.revision, fresh), other.id: (other.revision, fresh)}
    if how == "saved":
        world.save(made.id, when={"enters": "tag:z"})
    else:
        saving.delete(world.runner, made.id)
    before = world.store.all("crmRules")["book"]["rules"]
    plan, _ = world.runner.run(lambda tx: refreshing._plan(tx, seen))
    assert plan.result == 1  # the other one, which nobody has changed
    now = world.rule(other)
    assert now == replace(other, entered={"tag": "x"}, updated_at=now.updated_at)
    after = world.store.all("crmRules")["book"]["rules"]
    assert after == {**before, other.id: now.to_data()}


@pytest.mark.parametrize("change", [{"on": False}, {"paused": "too-many", "waiting": 4}])
def test_a_rule_that_does_not_act_does_not_pause_over_a_segment_that_is_gone(change: Any) -> None:
    world, made, mine = following()
    book = world.store.all("crmRules")["book"]
    book["rules"][made.id] |= change
    world.store.put("crmRules/book", book)
    world.store.delete(f"crmSegments/{mine}")
    assert refresh(world.runner) == 0
    assert world.store.all("crmRules")["book"] == book


def test_of_rules_that_come_to_loop_those_pause_that_act() -> None:
    world = Ruled()
    mine = segment(world, "Mine", "order_count >= 2")
    first = world.save(name="A", when={"enters": "segment:Mine"}, then={"addTags": ["A"]})
    second = world.save(name="B", on=False, when={"enters": "tag:a"}, then={"addTags": ["B"]})
    segment(world, "Mine", "tag:b", mine)
    assert refresh(world.runner, mine) == 1
    assert world.rule(first).paused == "loop"
    assert world.rule(second) == second


def test_each_rule_that_pauses_over_a_loop_says_when() -> None:
    world = Ruled()
    mine = segment(world, "Mine", "order_count >= 2")
    first = world.save(name="A", when={"enters": "segment:Mine"}, then={"addTags": ["A"]})
    second = world.save(name="B", when={"enters": "tag:a"}, then={"addTags": ["B"]})
    world.store.wait(timedelta(hours=1))
    segment(world, "Mine", "tag:b", mine)
    refresh(world.runner, mine)
    for one in (first, second):
        now = world.rule(one)
        assert now.paused == "loop"
        assert now.updated_at > one.updated_at + timedelta(hours=1)


def test_a_refreshed_rule_has_its_time_and_nothing_else_anew() -> None:
    world, made, mine = following(only="segment:Mine", most=7, once={"days": 3})
    world.store.wait(timedelta(hours=1))
    segment(world, "Mine", "tag:b", mine)
    refresh(world.runner)
    now = world.rule(made)
    assert now.to_data() == {
        **made.to_data(),
        "entered": {"tag": "b"},
        "asked": {"tag": "b"},
        "updatedAt": now.updated_at,
    }
    assert now.updated_at > made.updated_at + timedelta(hours=1)
