"""Rules as staff save them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal, Transient
from crm.rules import saving
from crm.rules.book import MOST_RULES
from crm.rules.refreshing import refresh, refuse_used
from crm.segments import saved
from crm.segments.language.text import parse
from crm.segments.saved_plan import Definition
from tests.support.ruled import Ruled

ENDED: Any = {"eventEnded": {"days": 1, "at": "10:00"}}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"name": " "}, "name-invalid"),
        ({"when": {}}, "rule-invalid"),
        ({"when": 3}, "rule-invalid"),
        ({"when": {"enters": "tag:a", "subscribed": True}}, "rule-invalid"),
        ({"when": {"leaves": "tag:a"}}, "rule-invalid"),
        ({"when": {"enters": "tag:"}}, "segment-syntax"),
        ({"when": {"enters": {"segment": "nowhere"}}}, "no-such-segment"),
        ({"when": {"enters": "attended:this_event"}}, "this-event"),
        ({"when": {"enters": "tag:b"}, "only": "attended:this_event"}, "this-event"),
        ({"when": {"subscribed": False}}, "rule-invalid"),
        ({"when": {"eventEnded": {"days": 1}}}, "rule-invalid"),
        ({"when": {"eventEnded": {"days": 366, "at": "10:00"}}}, "rule-invalid"),
        ({"when": {"eventEnded": {"days": -1, "at": "10:00"}}}, "rule-invalid"),
        ({"when": {"eventEnded": {"days": 1, "at": "24:00"}}}, "rule-invalid"),
        ({"when": {"eventEnded": {"days": 1, "at": "9:00"}}}, "rule-invalid"),
        ({"when": {"eventEnded": {"days": True, "at": "10:00"}}}, "rule-invalid"),
        ({"when": {"sinceLastOrder": {"days": 0}}}, "rule-invalid"),
        ({"when": {"sinceLastOrder": {"days": 3_651}}}, "rule-invalid"),
        ({"when": {"sinceLastOrder": 3}}, "rule-invalid"),
        ({"once": "event"}, "rule-invalid"),
        ({"once": "always"}, "rule-invalid"),
        ({"once": {"days": 0}}, "rule-invalid"),
        ({"once": {"weeks": 1}}, "rule-invalid"),
        ({"then": {}}, "rule-invalid"),
        ({"then": []}, "rule-invalid"),
        ({"then": {"addTags": []}}, "rule-invalid"),
        ({"then": {"addTags": "VIP"}}, "rule-invalid"),
        ({"then": {"addTags": [3]}}, "rule-invalid"),
        ({"then": {"addTags": ["?"]}}, "tag-invalid"),
        ({"then": {"addTags": ["A"], "removeTags": ["a"]}}, "tag-twice"),
        ({"then": {"addTags": ["A"], "send": "c"}}, "rule-invalid"),
        ({"then": {"send": ".."}}, "rule-invalid"),
        ({"then": {"send": "nowhere"}}, "no-such-campaign"),
        ({"most": 0}, "rule-invalid"),
        ({"most": 100_001}, "rule-invalid"),
    ],
)
def test_what_is_not_well_made_is_refused(said: dict[str, Any], reason: str) -> None:
    world = Ruled()
    with pytest.raises(Refusal) as refused:
        world.save(**said)
    assert refused.value.reason == reason
    assert world.store.all("crmRules") == {}


@pytest.mark.parametrize(
    "said",
    [
        {"when": {"enters": {"tag": "press"}}},
        {"when": {"subscribed": True}},
        {"when": {"enters": None, "subscribed": True}},
        {"when": {"sinceLastOrder": {"days": 180}}, "once": {"days": 365}},
        {"when": ENDED, "only": "attended:this_event", "once": "event"},
        {"when": ENDED, "only": {"noShow": "this_event"}, "then": {"removeTags": ["Guest"]}},
        {"on": False, "most": 100_000},
    ],
)
def test_what_is_well_made_is_kept_and_shown(said: dict[str, Any]) -> None:
    world = Ruled()
    rule = world.save(**said)
    assert world.rule(rule) == rule
    (shown,) = world.listed()
    assert shown["ruleId"] == rule.id
    assert shown["on"] is said.get("on", True)
    assert shown["acted"] == 0
    assert (rule.since is not None) is rule.on


def test_a_text_is_kept_as_what_it_asks_and_a_tag_by_its_label() -> None:
    rule = Ruled().save(only="tag:Press", then={"addTags": ["Big Spender"]})
    assert rule.only == {"tag": "press"}
    assert rule.when == {"enters": {"totalSpend": {"currency": "USD", "gte": 10_000}}}
    assert rule.then == {"addTags": ["Big Spender"], "removeTags": []}


def test_this_event_is_no_unknown_event() -> None:
    from crm.rules.checking import Asked, check

    world = Ruled()
    asked = Asked("n", ENDED, {"addTags": ["A"]}, only="attended:this_event or attended:nowhere")
    assert [doubt.name for doubt in check(world.runner, asked).doubts] == ["nowhere"]


def test_a_rule_of_a_draft_is_of_that_alone() -> None:
    from crm.campaigns.saving import Written
    from crm.campaigns.saving import save as save_campaign

    world = Ruled()
    body = {"format": "markdown", "source": "Hello"}
    draft = save_campaign(
        world.runner, Written("n", "s", "", body, {}, "News <news@example.com>", None)
    )
    assert world.save(then={"send": draft.id}).campaign_id == draft.id
    world.store.put(draft.path, {**draft.to_data(), "state": "sending"})
    with pytest.raises(Refusal) as refused:
        world.save(then={"send": draft.id})
    assert refused.value.reason == "template-not-draft"


def test_a_change_is_over_the_revision_that_was_read() -> None:
    world = Ruled()
    rule = world.save()
    assert world.save(rule.id, name="Other", revision=1).revision == 2
    with pytest.raises(Refusal) as refused:
        world.save(rule.id, name="Third", revision=1)
    assert (refused.value.reason, refused.value.more) == ("changed-meanwhile", {"revision": 2})
    assert world.save(rule.id, name="Third").revision == 3
    assert world.save(rule.id, name="Third", revision=2).revision == 3  # nothing to change
    with pytest.raises(Refusal) as refused:
        world.save("nowhere")
    assert refused.value.reason == "no-such-rule"


def test_since_moves_when_what_the_rule_waits_for_does() -> None:
    world = Ruled()
    rule = world.save()
    world.store.wait(timedelta(days=1))
    assert world.save(rule.id, name="Other", most=5).since == rule.since
    assert world.save(rule.id, only="tag:a").since == rule.since
    later = world.save(rule.id, when={"enters": "tag:b"})
    assert later.since is not None
    assert rule.since is not None
    assert later.since > rule.since
    assert world.save(rule.id, on=False).since is None


def test_there_are_as_many_as_fit() -> None:
    world = Ruled()
    rule = world.save(on=False)
    book = world.store.all("crmRules")["book"]
    held = book["rules"][rule.id]
    rules = {f"r{number}": {**held, "id": f"r{number}"} for number in range(MOST_RULES)}
    world.store.put("crmRules/book", {**book, "rules": rules})
    with pytest.raises(Refusal) as refused:
        world.save()
    assert refused.value.reason == "too-many-rules"
    large = {"enters": {"any": [{"attended": "e" * 200} for _ in range(50)]}}
    big = {**held, "entered": large["enters"], "only": large["enters"], "when": large}
    rules = {name: {**big, "id": name} for name in list(rules)[:-1]}
    world.store.put("crmRules/book", {**book, "rules": rules})
    with pytest.raises(Refusal) as refused:
        world.save()
    assert refused.value.reason == "rules-too-large"


def test_they_are_listed_page_by_page() -> None:
    world = Ruled()
    names = [f"Rule {number}" for number in range(7)]
    for name in names:
        world.save(name=name)
    assert [one["name"] for one in world.listed(3)] == names


def test_how_many_it_acted_on_is_counted_by_people() -> None:
    world = Ruled()
    world.save()
    world.put_user("u1", {"email": "ada@example.com"})
    world.buy("ada")
    world.drain()
    assert len(world.runs()) == 2
    assert world.listed()[0]["acted"] == 1


def test_a_deleted_rule_is_gone_and_what_it_did_stays() -> None:
    world = Ruled()
    rule = world.save()
    world.buy("ada")
    world.drain()
    saving.delete(world.runner, rule.id)
    assert world.listed() == []
    assert [one["rule"] for one in world.runs_of("ada")] == [None]
    with pytest.raises(Refusal) as refused:
        saving.delete(world.runner, rule.id)
    assert refused.value.reason == "no-such-rule"
    world.store.wait(timedelta(days=3))
    world.save()
    assert world.store.all("crmRules")["book"]["gone"] == {}


def test_saving_and_deleting_are_in_the_audit_trail() -> None:
    world = Ruled()
    rule = world.save()
    world.save(rule.id, on=False)
    saving.delete(world.runner, rule.id)
    entries = sorted(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    said = [
        (one["action"], one["facts"].get("on"), one["facts"].get("switched")) for one in entries
    ]
    assert said == [
        ("rule.save", True, True),
        ("rule.save", False, True),
        ("rule.delete", None, None),
    ]


def test_a_save_whose_answer_was_lost_is_done_once() -> None:
    world = Ruled()
    commit = world.store.commit
    left = [1]

    def lost(writes: Any) -> Any:
        done = commit(writes)
        if left and left.pop():
            raise Transient("the answer was lost")
        return done

    world.store.commit = lost  # type: ignore[method-assign]
    rule = world.save()
    assert (len(world.listed()), rule.revision) == (1, 1)
    left.append(1)
    saving.delete(world.runner, rule.id)
    assert world.listed() == []


def segment(world: Ruled, name: str, text: str, segment_id: str | None = None) -> str:
    return saved.save(world.runner, Definition(name, parse(text)), segment_id)[0]


def test_a_rule_follows_the_saved_segments_that_it_uses() -> None:
    world = Ruled()
    inner = segment(world, "Inner", "tag:a")
    outer = segment(world, "Outer", "segment:Inner or tag:b")
    rule = world.save(when={"enters": f"segment:{outer}"}, only="segment:Inner")
    assert set(rule.uses) == {inner, outer}
    assert rule.entered == {"any": [{"tag": "a"}, {"tag": "b"}]}
    segment(world, "Inner", "tag:c", inner)
    assert refresh(world.runner, inner) == 1
    now = world.rule(rule)
    assert (now.entered, now.asked) == ({"any": [{"tag": "c"}, {"tag": "b"}]}, {"tag": "c"})
    assert now.since == rule.since
    assert refresh(world.runner, inner) == 0
    with pytest.raises(Refusal) as refused:
        refuse_used(world.runner, inner)
    assert (refused.value.reason, refused.value.more) == ("segment-in-use", {"ruleIds": [rule.id]})
    refuse_used(world.runner, "another")


def test_a_rule_whose_segment_has_gone_pauses() -> None:
    world = Ruled()
    mine = segment(world, "Mine", "tag:a")
    rule = world.save(when={"enters": "segment:Mine"})
    world.store.delete(f"crmSegments/{mine}")
    assert refresh(world.runner) == 1
    assert world.rule(rule).paused == "segment-gone"
    assert refresh(world.runner) == 0


def test_rules_that_come_to_loop_by_a_saved_segment_pause() -> None:
    world = Ruled()
    mine = segment(world, "Mine", "order_count >= 2")
    first = world.save(when={"enters": "segment:Mine"}, then={"addTags": ["A"]})
    second = world.save(when={"enters": "tag:a"}, then={"addTags": ["B"]})
    segment(world, "Mine", "tag:b", mine)
    refresh(world.runner, mine)
    assert {world.rule(one).paused for one in (first, second)} == {"loop"}
    with pytest.raises(Refusal, match="set each other off"):
        world.save(first.id, when={"enters": "segment:Mine"}, then={"addTags": ["A"]})


def test_a_book_without_saved_segments_costs_one_read_to_look_at() -> None:
    world = Ruled()
    world.save()
    reads = world.store.reads
    assert refresh(world.runner) == 0
    assert world.store.reads == reads + 1


def test_what_rules_did_is_listed_once_for_each_act() -> None:
    world = Ruled()
    world.put_user("u1", {"email": "ada@example.com"})
    for number in range(3):
        then = {"addTags": [f"T{number}"]}
        world.save(name=f"R{number}", when={"enters": f"order_count >= {number + 1}"}, then=then)
    for _ in range(3):
        world.buy("ada")
        world.drain()
    assert len(world.runs()) == 6
    for size in (1, 2, 5, 50):
        assert [one["rule"] for one in world.runs_of("ada", size)] == ["R2", "R1", "R0"]
