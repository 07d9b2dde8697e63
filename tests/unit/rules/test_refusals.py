"""What is said to staff whose rule is not well made, and where the bounds are."""

from __future__ import annotations

from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.customers.limits import MAX_TAGS
from crm.rules import saving
from crm.rules.refreshing import refuse_used
from crm.segments import saved
from crm.segments.language.text import parse
from crm.segments.saved_plan import Definition
from tests.support.ruled import Ruled
from tests.support.ruling import RuleRoom

ENDED: Any = {"eventEnded": {"days": 1, "at": "10:00"}}

WHEN = "write an object with exactly one of the keys enters, eventEnded, sinceLastOrder, subscribed"

MANY = f"write a list of at most {MAX_TAGS} tags"

LABELS = [f"T{number}" for number in range(MAX_TAGS + 1)]


def ended(days: object = 1, at: object = "10:00") -> Any:
    return {"when": {"eventEnded": {"days": days, "at": at}}}


def since(days: object) -> Any:
    return {"when": {"sinceLastOrder": {"days": days}}}


@pytest.mark.parametrize(
    ("said", "at", "rule"),
    [
        ({"when": 3}, "when", WHEN),
        ({"when": {"enters": "tag:a", "subscribed": True}}, "when", WHEN),
        ({"when": {"leaves": "tag:a"}}, "when", WHEN),
        ({"when": {"subscribed": False}}, "when.subscribed", "write true"),
        ({"when": {"subscribed": 1}}, "when.subscribed", "write true"),
        (
            {"when": {"eventEnded": {"days": 1}}},
            "when.eventEnded",
            'write {"days": 1, "at": "10:00"}',
        ),
        ({"when": {"eventEnded": 1}}, "when.eventEnded", 'write {"days": 1, "at": "10:00"}'),
        (ended(at="24:00"), "when.eventEnded.at", "write a time of the day such as 10:00"),
        (ended(at="10:60"), "when.eventEnded.at", "write a time of the day such as 10:00"),
        (ended(at=10), "when.eventEnded.at", "write a time of the day such as 10:00"),
        (ended(days=-1), "when.eventEnded.days", "write a whole number from 0 to 365"),
        (ended(days=366), "when.eventEnded.days", "write a whole number from 0 to 365"),
        (ended(days=1.5), "when.eventEnded.days", "write a whole number from 0 to 365"),
        (since(0), "when.sinceLastOrder.days", "write a whole number from 1 to 3,650"),
        (since(3_651), "when.sinceLastOrder.days", "write a whole number from 1 to 3,650"),
        (since(True), "when.sinceLastOrder.days", "write a whole number from 1 to 3,650"),
        ({"when": {"sinceLastOrder": 3}}, "when.sinceLastOrder", 'write {"days": 180}'),
        (
            {"when": {"sinceLastOrder": {"days": 3, "at": "10:00"}}},
            "when.sinceLastOrder",
            'write {"days": 180}',
        ),
        (
            {"once": "event"},
            "once",
            "`event` belongs to a rule with `eventEnded`: write `ever`",
        ),
        ({"once": "always"}, "once", 'write "ever", "event" or {"days": 365}'),
        ({"once": 3}, "once", 'write "ever", "event" or {"days": 365}'),
        ({"once": {"weeks": 1}}, "once", 'write {"days": 180}'),
        ({"once": {"days": 0}}, "once.days", "write a whole number from 1 to 3,650"),
        ({"once": {"days": 3_651}}, "once.days", "write a whole number from 1 to 3,650"),
        (
            {"then": []},
            "then",
            'write {"addTags": […], "removeTags": […]} or {"send": campaignId}',
        ),
        ({"then": {}}, "then", "write addTags and removeTags, or send alone"),
        ({"then": {"addTags": None}}, "then", "write addTags and removeTags, or send alone"),
        (
            {"then": {"addTags": ["A"], "send": "c"}},
            "then",
            "write addTags and removeTags, or send alone",
        ),
        ({"then": {"addTags": []}}, "then", "write a tag in addTags or in removeTags"),
        ({"then": {"addTags": "VIP"}}, "then.addTags", MANY),
        ({"then": {"addTags": LABELS}}, "then.addTags", MANY),
        ({"then": {"removeTags": LABELS}}, "then.removeTags", MANY),
        ({"then": {"addTags": ["A", 3]}}, "then.addTags", "write a list of tags"),
        ({"then": {"removeTags": [None]}}, "then.removeTags", "write a list of tags"),
        ({"then": {"send": ".."}}, "then.send", "write the campaignId of a draft"),
        ({"then": {"send": 3}}, "then.send", "write the campaignId of a draft"),
        ({"most": 0}, "most", "write a whole number from 1 to 100,000"),
        ({"most": 100_001}, "most", "write a whole number from 1 to 100,000"),
    ],
)
def test_a_rule_that_is_not_well_made_is_told_where_and_what_to_write(
    said: dict[str, Any], at: str, rule: str
) -> None:
    with pytest.raises(Refusal) as refused:
        Ruled().save(**said)
    error = refused.value
    assert (error.code, error.reason, error.more) == ("invalid-argument", "rule-invalid", {})
    assert error.message == f"The rule was refused at `{at}`: {rule}."


@pytest.mark.parametrize("where", ["when", "only"])
def test_this_event_is_told_to_belong_to_rules_about_events(where: str) -> None:
    asked: Any = "attended:this_event"
    said = {where: {"enters": asked} if where == "when" else asked}
    with pytest.raises(Refusal) as refused:
        Ruled().save(**said)
    assert (refused.value.code, refused.value.reason) == ("invalid-argument", "this-event")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (ended(days=0, at="00:00"), ended(days=0, at="00:00")),
        (ended(days=365, at="23:59"), ended(days=365, at="23:59")),
        (since(1), since(1)),
        (since(3_650), since(3_650)),
        ({"once": {"days": 1}}, {"once": {"days": 1}}),
        ({"once": {"days": 3_650}}, {"once": {"days": 3_650}}),
        ({"once": "ever"}, {"once": "ever"}),
        ({"once": None}, {"once": "ever"}),
        ({"when": ENDED, "once": "event"}, {"when": ENDED, "once": "event"}),
        ({"most": 1}, {"most": 1}),
        ({"most": 100_000}, {"most": 100_000}),
        ({"most": None}, {"most": 1_000}),
        (
            {"then": {"addTags": LABELS[1:]}},
            {"then": {"addTags": LABELS[1:], "removeTags": []}},
        ),
        (
            {"then": {"removeTags": ["b", "A"]}},
            {"then": {"addTags": [], "removeTags": ["a", "b"]}},
        ),
        (
            {"then": {"addTags": ["A"], "removeTags": None, "send": None}},
            {"then": {"addTags": ["A"], "removeTags": []}},
        ),
    ],
)
def test_what_is_just_within_the_bounds_is_kept_as_it_was_said(
    said: dict[str, Any], kept: dict[str, Any]
) -> None:
    rule = Ruled().save(**said)
    assert {name: getattr(rule, name) for name in kept} == kept


def test_what_one_rule_may_use_is_told_whole() -> None:
    world = Ruled()
    with pytest.raises(Refusal) as refused:
        world.save(when={"enters": {"segment": "nowhere"}})
    assert (refused.value.code, refused.value.reason) == ("not-found", "no-such-segment")
    used, _ = saved.save(world.runner, Definition("Mine", parse("tag:a")), None)
    rules = [world.save(name=name, when={"enters": "segment:Mine"}) for name in ("One", "Two")]
    world.save(name="Other", when={"enters": "tag:b"})
    with pytest.raises(Refusal) as refused:
        refuse_used(world.runner, used)
    assert (refused.value.code, refused.value.reason, refused.value.more) == (
        "failed-precondition",
        "segment-in-use",
        {"ruleIds": [one.id for one in rules]},
    )
    assert refused.value.message.endswith(": “One”, “Two”.")


def waiting(number: int = 4) -> tuple[Ruled, str]:
    """A world with a rule that has paused because of so many people."""
    world = Ruled()
    rule = world.save(most=number - 1)
    for at in range(number):
        world.buy(f"p{at}")
    assert world.drain().paused == [rule.id]
    return world, rule.id


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"name": "Other"},
        {"waiting": "act", "when": {"enters": "order_count >= 1"}},
        {"waiting": "act", "then": {"addTags": ["Other"]}},
    ],
)
def test_a_rule_that_waits_is_not_changed_before_staff_say_what_becomes_of_them(
    said: dict[str, Any],
) -> None:
    world, rule_id = waiting()
    with pytest.raises(Refusal) as refused:
        world.save(rule_id, **{"most": 3, **said})
    error = refused.value
    assert (error.code, error.reason, error.more) == (
        "failed-precondition",
        "rule-waits",
        {"waiting": 4},
    )
    assert error.message.startswith("This rule has paused, and 4 people wait for it: say in ")


def test_who_waits_for_a_rule_without_its_draft_has_not_entered_at_once() -> None:
    room = RuleRoom()
    template = room.template()
    said: Any = {"when": {"enters": "order_count >= 1"}, "then": {"send": template}}
    rule = room.rule(**said)
    room.buy("p0@example.com")
    room.store.delete(f"crmCampaigns/{template}")
    room.sweep()
    assert room.rule_now(rule.id).paused == "template-gone"
    with pytest.raises(Refusal) as refused:
        room.rule(rule.id, **{**said, "then": {"send": room.template()}})
    assert (refused.value.reason, refused.value.more) == ("rule-waits", {"waiting": 1})
    assert "entered at once" not in refused.value.message
    assert " 1 people wait for it" in refused.value.message


def test_refusals_of_the_book_are_told_whole() -> None:
    world = Ruled()
    rule = world.save()
    world.save(rule.id, name="Other")
    found: list[Any] = []
    for act in (
        lambda: world.save("nowhere"),
        lambda: saving.delete(world.runner, "nowhere"),
        lambda: world.save(rule.id, name="Third", revision=1),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        found.append((refused.value.code, refused.value.reason, refused.value.more))
    assert found == [
        ("not-found", "no-such-rule", {}),
        ("not-found", "no-such-rule", {}),
        ("failed-precondition", "changed-meanwhile", {"revision": 2}),
    ]
