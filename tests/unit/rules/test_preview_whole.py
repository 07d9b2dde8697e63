"""All that a preview says, of each kind of rule, and how far it looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.rules import preview as preview_module
from crm.rules.book import book_of
from crm.rules.checking import Asked, check
from crm.rules.preview import preview
from tests.support.ruling import RuleRoom, each

PARTY = datetime(2026, 1, 10, 18, tzinfo=UTC)

DUE = datetime(2026, 1, 11, 9, tzinfo=UTC)

THE_DAY_AFTER = {"eventEnded": {"days": 1, "at": "10:00"}}

TAGS = {"addTags": ["Guest"], "removeTags": []}


def shown(room: RuleRoom, **asked: Any) -> Any:
    """Preview a rule that is not saved."""
    if "then" not in asked:
        asked["then"] = {"send": room.template()}
    said = Asked(**{"name": "Thanks", "on": True, **asked})
    rule = check(room.runner, said).rule("unsaved", room.store.now())
    return preview(room.runner, rule, book_of(room.store.all("crmRules").get("book")), saved=False)


def saved(room: RuleRoom, rule_id: str) -> Any:
    book = book_of(room.store.all("crmRules")["book"])
    return preview(room.runner, book.rules[rule_id], book, saved=True)


def person(room: RuleRoom, address: str, **more: Any) -> dict[str, Any]:
    """Somebody as previews name people."""
    known = {"customerId": room.customer(address)["id"], "name": "Ada Lovelace", "email": address}
    return {**known, "excluded": None, "dueAt": None, **more}


def by_id(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(people, key=lambda one: str(one["customerId"]))


def test_of_a_rule_that_people_enter() -> None:
    room = RuleRoom()
    for address in each(2):
        room.buy(address)
    assert shown(room, when={"enters": "order_count >= 1"}, then=TAGS) == {
        "matching": 2,
        "people": by_id([person(room, one, excluded="belongs-already") for one in each(2)]),
        "events": (),
        "audience": None,
        "most": 1_000,
        "pauses": False,
        "problems": [],
    }


def test_of_a_rule_about_events() -> None:
    room = RuleRoom()
    room.buy("p0@example.com", "party", PARTY)
    room.buy("quiet@example.com", "party", PARTY, agreed=False)
    found = shown(room, when=THE_DAY_AFTER, most=1)
    assert [one["reason"] for one in found.pop("problems")] == ["no-heading"]
    assert found == {
        "matching": 0,
        "people": by_id(
            [
                person(room, "p0@example.com", dueAt=DUE),
                person(room, "quiet@example.com", dueAt=DUE, excluded="not-subscribed"),
            ]
        ),
        "events": [
            {
                "eventId": "party",
                "name": "DevOps Workshop",
                "startsAt": PARTY,
                "dueAt": DUE,
                "dueLocal": "2026-01-11T10:00:00+01:00",
                "people": 2,
                "begun": False,
            }
        ],
        "audience": {"matched": 2, "reachable": 1, "excluded": {"not-subscribed": 1}},
        "most": 1,
        "pauses": True,
    }


def test_of_a_rule_that_gives_tags_whoever_gets_no_mail_is_no_exception() -> None:
    room = RuleRoom()
    room.buy("quiet@example.com", "party", PARTY, agreed=False)
    people = shown(room, when=THE_DAY_AFTER, then=TAGS)["people"]
    assert people == [person(room, "quiet@example.com", dueAt=DUE)]


def test_of_a_rule_about_people_who_have_not_ordered_for_long() -> None:
    room = RuleRoom()
    at = room.store.now() - timedelta(days=20)
    room.buy("p0@example.com", at=at)
    last = room.customer("p0@example.com")["lastOrderAt"]
    assert shown(room, when={"sinceLastOrder": {"days": 30}}, then=TAGS) == {
        "matching": 0,
        "people": [person(room, "p0@example.com", dueAt=last + timedelta(days=30))],
        "events": (),
        "audience": None,
        "most": 1_000,
        "pauses": False,
        "problems": [],
    }


# --- How far it looks


def test_so_many_events_are_named_before_now_and_behind() -> None:
    room = RuleRoom()
    days = [-9, -7, -6, -5, -4, -3, -2, 1, 2, 3, 4, 5, 6, 7]
    for day in days:
        room.buy("p0@example.com", f"e{day}", room.store.now() + timedelta(days=day))
    events = [one["eventId"] for one in shown(room, when=THE_DAY_AFTER, then=TAGS)["events"]]
    assert events == [f"e{day}" for day in (5, 4, 3, 2, 1, -2, -3, -4, -5, -6)]


def test_without_a_past_event_the_people_of_the_next_one_are_named() -> None:
    room = RuleRoom()
    room.buy("p0@example.com", "party", PARTY)
    room.buy("p1@example.com", "later", PARTY + timedelta(days=1))
    people = shown(room, when=THE_DAY_AFTER, then=TAGS)["people"]
    assert people == [person(room, "p0@example.com", dueAt=DUE)]


def test_where_no_event_is_known_nobody_is_named() -> None:
    room = RuleRoom()
    room.buy("p0@example.com")
    found = shown(room, when=THE_DAY_AFTER)
    assert (found["people"], found["events"], found["audience"]) == ([], [], None)


def test_the_largest_event_to_come_says_whether_a_rule_would_pause() -> None:
    room = RuleRoom()
    for address in each(4):
        room.buy(address, "over", room.store.now() - timedelta(days=3))
    for address in each(3):
        room.buy(address, "soon", PARTY)
    room.buy("p0@example.com", "later", PARTY + timedelta(days=1))
    assert shown(room, when=THE_DAY_AFTER, then=TAGS, most=3)["pauses"] is False
    assert shown(room, when=THE_DAY_AFTER, then=TAGS, most=2)["pauses"] is True


def days_ago(room: RuleRoom, *days: float) -> list[str]:
    for address, one in zip(each(len(days)), days, strict=True):
        room.buy(address, at=room.store.now() - timedelta(days=one))
    return each(len(days))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_whoever_becomes_due_is_named_once_however_many_are_read_at_a_time(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = RuleRoom()
    at = room.store.now() - timedelta(days=179)
    addresses = each(7)
    for address in addresses[:4]:  # all of one moment: ids tell them apart
        room.buy(address, at=at)
    for number, address in enumerate(addresses[4:]):
        room.buy(address, at=at + timedelta(days=number + 1))
    monkeypatch.setattr(preview_module, "SHOWN", size)
    found = shown(room, when={"sinceLastOrder": {"days": 180}})
    assert found["audience"] == {"matched": 7, "reachable": 7, "excluded": {}}
    emails = [one["email"] for one in found["people"]]
    assert len(emails) == len({*emails}) == min(size, 7)
    assert emails[4:] == addresses[4:size]


def test_whoever_is_due_by_now_or_in_more_than_a_month_is_not_named() -> None:
    room = RuleRoom()
    days_ago(room, 180.01, 179.99, 150.01, 149.99)
    people = shown(room, when={"sinceLastOrder": {"days": 180}})["people"]
    assert [one["email"] for one in people] == each(3)[1:]


@pytest.mark.parametrize(("most", "pauses"), [(1, True), (2, False)])
def test_whoever_is_due_within_a_day_says_whether_a_rule_would_pause(
    most: int, pauses: bool
) -> None:
    room = RuleRoom()
    days_ago(room, 180.01, 179.9, 179.1, 178.9, 178.5)
    found = shown(room, when={"sinceLastOrder": {"days": 180}}, then=TAGS, most=most)
    assert found["pauses"] is pauses


def test_only_holds_of_those_who_become_due() -> None:
    room = RuleRoom()
    days_ago(room, 170, 160)
    name = room.customer("p0@example.com")["id"]
    room.store.put(f"customers/{name}", {**room.store.all("customers")[name], "tags": ["no"]})
    found = shown(room, when={"sinceLastOrder": {"days": 180}}, only={"not": {"tag": "no"}})
    assert [one["email"] for one in found["people"]] == ["p1@example.com"]
    assert found["audience"] == {"matched": 1, "reachable": 1, "excluded": {}}


def test_so_many_are_looked_at_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_module, "MOST_LOOKED_AT", 3)
    room = RuleRoom()
    days_ago(room, 170, 169, 168, 167)
    assert shown(room, when={"sinceLastOrder": {"days": 180}})["audience"]["matched"] == 3


def test_all_are_counted_of_whom_some_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_module, "SHOWN", 2)
    room = RuleRoom()
    for address in each(4):
        room.buy(address, "party", PARTY, agreed=address != "p3@example.com")
    found = shown(room, when=THE_DAY_AFTER)
    assert len(found["people"]) == 2
    assert found["audience"] == {"matched": 4, "reachable": 3, "excluded": {"not-subscribed": 1}}
    assert len(shown(room, when=THE_DAY_AFTER, then=TAGS)["people"]) == 2
    entering = shown(room, when={"enters": "order_count >= 1"}, then=TAGS)
    assert (entering["matching"], len(entering["people"])) == (4, 2)


# --- On whom it has acted


def test_a_saved_rule_says_on_whom_it_has_acted_and_of_the_others_why_not() -> None:
    room = RuleRoom()
    room.buy("p0@example.com", "party", PARTY)
    rule = room.rule(when=THE_DAY_AFTER, once="event").id
    room.until(DUE)
    room.sweep()
    room.buy("late@example.com", "party", PARTY)
    room.buy("quiet@example.com", "party", PARTY, agreed=False)
    found = saved(room, rule)
    assert {one["email"]: one["excluded"] for one in found["people"]} == {
        "p0@example.com": "rule-already",
        "late@example.com": None,
        "quiet@example.com": "not-subscribed",
    }
    # Of another event it has acted on nobody.
    room.buy("p0@example.com", "second", DUE + timedelta(hours=1))
    room.wait(hours=2)
    (shown_again,) = saved(room, rule)["people"]
    assert (shown_again["email"], shown_again["excluded"]) == ("p0@example.com", None)


def test_the_records_of_those_are_read_who_might_be_acted_on_and_at_once() -> None:
    room = RuleRoom()
    for address in each(3):
        room.buy(address, "party", PARTY)
    room.buy("quiet@example.com", "party", PARTY, agreed=False)
    rule = room.rule(when=THE_DAY_AFTER, once="event").id
    entering = room.rule(when={"enters": "order_count >= 1"}).id
    read, records = room.store.read, list[int]()

    def counted(paths: Any) -> Any:
        some = list(paths)
        records.extend([len(some)] if some and some[0].startswith("crmRuleRuns/") else [])
        return read(some)

    room.store.read = counted  # type: ignore[method-assign]
    saved(room, rule)
    assert records == [3]
    saved(room, entering)  # of them it says anyway why not
    assert records == [3]


def test_of_a_rule_that_gives_tags_no_more_are_read_than_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preview_module, "SHOWN", 2)
    room = RuleRoom()
    days_ago(room, *range(151, 159))
    find, pages = room.store.find, list[int]()

    def counted(query: Any) -> Any:
        found = find(query)
        pages.extend([len(found)] if query.limit == 2 else [])
        return found

    room.store.find = counted  # type: ignore[method-assign]
    shown(room, when={"sinceLastOrder": {"days": 180}}, then=TAGS)
    assert pages == [2, 2]


def test_an_event_that_is_due_just_now_is_not_to_come() -> None:
    room = RuleRoom()
    for address in each(3):
        room.buy(address, "party", PARTY)
    for before, pauses in ((timedelta(microseconds=1), True), (timedelta(), False)):
        room.runner = replace(room.runner, now=lambda at=DUE - before: at)  # type: ignore[misc]
        assert shown(room, when=THE_DAY_AFTER, then=TAGS, most=2)["pauses"] is pauses


# --- What stands in its way


def problems(found: Any) -> list[tuple[str, str, bool]]:
    return [(one["reason"], one["at"], one["blocking"]) for one in found["problems"]]


def test_what_stands_in_the_way_is_named_with_its_place() -> None:
    room = RuleRoom()
    template = room.template()
    rule = room.rule(when=THE_DAY_AFTER, then={"send": template}).id
    kept = room.store.all("crmCampaigns")[template]
    assert problems(saved(room, rule)) == [("no-heading", "body", False)]
    for gone in ({**kept, "state": "done"}, {**kept, "rule": "r"}):
        room.store.put(f"crmCampaigns/{template}", gone)
        assert problems(saved(room, rule)) == [("template-gone", "then.send", True)]
    broken = {"format": "markdown", "source": "Hello {{ name"}
    room.store.put(f"crmCampaigns/{template}", {**kept, "body": broken})
    (problem,) = saved(room, rule)["problems"]
    assert problem["blocking"] is True
    room.rule(when={"enters": {"tag": "a"}}, then={"addTags": ["b"]})
    looping = shown(room, when={"enters": {"tag": "b"}}, then={"addTags": ["a"]})
    assert problems(looping) == [("rules-loop", "then", True)]
