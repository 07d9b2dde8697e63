"""What a preview says of a rule, and that nothing comes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.rules.book import book_of
from crm.rules.checking import Asked, check
from crm.rules.preview import preview
from tests.support.ruling import RuleRoom, each

PARTY = datetime(2026, 1, 10, 18, tzinfo=UTC)

THE_DAY_AFTER = {"eventEnded": {"days": 1, "at": "10:00"}}

TAGS = {"addTags": ["Guest"]}


def shown(room: RuleRoom, **asked: Any) -> Any:
    """Preview a rule that is not saved; nothing may be written by it."""
    if "then" not in asked:
        asked["then"] = {"send": room.template()}
    writes = room.store.writes
    said = Asked(**{"name": "Thanks", "on": True, **asked})
    rule = check(room.runner, said).rule("unsaved", room.store.now())
    found = preview(room.runner, rule, book_of(room.store.all("crmRules").get("book")), saved=False)
    assert room.store.writes == writes
    return found


def saved(room: RuleRoom, rule_id: str) -> Any:
    book = book_of(room.store.all("crmRules")["book"])
    return preview(room.runner, book.rules[rule_id], book, saved=True)


def test_who_belongs_already_is_counted_and_named_as_not_acted_on() -> None:
    room = RuleRoom()
    for address in each(60):
        room.buy(address)
    room.buy("other@example.com", "another")
    found = shown(room, when={"enters": {"hasTicket": "party"}}, then=TAGS)
    assert found["matching"] == 60
    assert len(found["people"]) == 50
    assert {one["excluded"] for one in found["people"]} == {"belongs-already"}
    assert found["pauses"] is False
    assert found["audience"] is None
    assert found["problems"] == []


def test_of_subscribed_those_are_counted_who_are() -> None:
    room = RuleRoom()
    room.buy("p0@example.com")
    room.buy("quiet@example.com", agreed=False)
    assert shown(room, when={"subscribed": True}, then=TAGS)["matching"] == 1


def test_of_events_the_last_and_the_next_are_shown_with_their_moments_and_people() -> None:
    room = RuleRoom()
    for day in (-3, -1, 5, 9):
        room.buy("p0@example.com", f"e{day}", room.store.now() + timedelta(days=day))
    for address in each(3):
        room.buy(address, "e-1", room.store.now() - timedelta(days=1))
    room.buy("quiet@example.com", "e-1", room.store.now() - timedelta(days=1), agreed=False)
    room.buy("p0@example.com", "never")
    found = shown(room, when=THE_DAY_AFTER)
    assert [one["eventId"] for one in found["events"]] == ["e9", "e5", "e-1", "e-3"]
    last = found["events"][2]
    assert last["people"] == 4
    assert last["dueAt"] == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert last["dueLocal"] == "2026-01-01T10:00:00+01:00"
    assert found["audience"] == {"matched": 4, "reachable": 3, "excluded": {"not-subscribed": 1}}
    by_address = {one["email"]: one["excluded"] for one in found["people"]}
    assert by_address == {**dict.fromkeys(each(3)), "quiet@example.com": "not-subscribed"}
    assert {one["name"] for one in found["people"]} == {"Ada Lovelace"}


def test_a_clock_that_changes_is_shown_as_it_will_be() -> None:
    room = RuleRoom()
    room.buy("p0@example.com", "party", datetime(2026, 3, 28, 18, tzinfo=UTC))
    found = shown(room, when={"eventEnded": {"days": 1, "at": "02:30"}})
    assert found["events"][0]["dueLocal"] == "2026-03-29T03:00:00+02:00"


def test_only_holds_of_those_who_are_shown() -> None:
    room = RuleRoom()
    for address, came in (("a@example.com", True), ("b@example.com", False)):
        room.buy(address, "party", room.store.now() - timedelta(hours=9), came=came)
    found = shown(room, when=THE_DAY_AFTER, only={"not": {"attended": "this_event"}}, then=TAGS)
    assert [one["email"] for one in found["people"]] == ["b@example.com"]
    assert found["events"][0]["people"] == 1


def test_an_event_to_come_of_too_many_would_have_the_rule_pause() -> None:
    room = RuleRoom()
    for address in each(5):
        room.buy(address, "party", PARTY)
    assert shown(room, when=THE_DAY_AFTER, most=4)["pauses"] is True
    assert shown(room, when=THE_DAY_AFTER, most=5)["pauses"] is False


def test_who_becomes_due_within_a_month_is_named_with_the_moment() -> None:
    room = RuleRoom()
    for address, days in zip(each(4), (181, 179, 160, 149), strict=True):
        room.buy(address, at=room.store.now() - timedelta(days=days))
    found = shown(room, when={"sinceLastOrder": {"days": 180}})
    assert [one["email"] for one in found["people"]] == ["p1@example.com", "p2@example.com"]
    assert found["people"][0]["dueAt"] - room.store.now() == pytest.approx(
        timedelta(days=1), abs=timedelta(seconds=1)
    )
    assert found["audience"]["reachable"] == 2


def test_on_whom_a_saved_rule_has_acted_is_said() -> None:
    room = RuleRoom()
    for address in each(2):
        room.buy(address, "party", PARTY)
    rule = room.rule(when=THE_DAY_AFTER, once="event").id
    room.until(datetime(2026, 1, 11, 9, tzinfo=UTC))
    room.sweep()
    found = saved(room, rule)
    assert {one["excluded"] for one in found["people"]} == {"rule-already"}
    assert found["events"][0]["begun"] is True


def test_a_draft_that_is_gone_is_a_problem() -> None:
    room = RuleRoom()
    template = room.template()
    rule = room.rule(when=THE_DAY_AFTER, then={"send": template}).id
    room.store.delete(f"crmCampaigns/{template}")
    (problem,) = saved(room, rule)["problems"]
    assert (problem["reason"], problem["blocking"]) == ("template-gone", True)


def test_rules_that_would_set_each_other_off_are_a_problem() -> None:
    room = RuleRoom()
    room.rule(when={"enters": {"tag": "a"}}, then={"addTags": ["b"]})
    try:
        found = shown(room, when={"enters": {"tag": "b"}}, then={"addTags": ["a"]})
    except Refusal as refusal:
        raise AssertionError("a preview tells, and does not refuse") from refusal
    assert [one["reason"] for one in found["problems"]] == ["rules-loop"]
