"""Rules about people who have not ordered for long: each once, from when the rule is on."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Conflict, Transient
from crm.rules import since as since_module
from tests.support.faults import Faults, Killed
from tests.support.ruling import RuleRoom, each

TAGS = {"addTags": ["Gone"], "removeTags": []}


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(since_module, "PAGE", 3)


def win_back(room: RuleRoom, days: int = 180, **asked: Any) -> str:
    said = {"when": {"sinceLastOrder": {"days": days}}, "once": {"days": 365}, **asked}
    return room.rule(**said).id


def bought(room: RuleRoom, *days_ago: float) -> list[str]:
    """Let people have ordered so many days ago; give their addresses."""
    addresses = each(len(days_ago))
    for address, days in zip(addresses, days_ago, strict=True):
        room.buy(address, at=room.store.now() - timedelta(days=days))
    return addresses


def days_pass(room: RuleRoom, number: float, hours: float = 6) -> None:
    """Let time pass, with a sweep now and then."""
    for _ in range(int(number * 24 / hours)):
        room.wait(hours=hours)
        room.sweep()


def test_each_gets_a_mail_on_the_day_and_no_other_for_a_year() -> None:
    room = RuleRoom()
    bought(room, 179, 178.5, 170)
    win_back(room)
    days_pass(room, 3)
    assert room.mailed == {"p0@example.com": 1, "p1@example.com": 1}
    days_pass(room, 9)
    assert room.mailed == dict.fromkeys(each(3), 1)
    room.buy("p0@example.com")
    days_pass(room, 190, hours=12)
    assert room.mailed == dict.fromkeys(each(3), 1)
    room.buy("p0@example.com")
    days_pass(room, 190, hours=12)
    assert room.mailed["p0@example.com"] == 2


def test_who_was_due_as_it_was_switched_on_is_not_met() -> None:
    room = RuleRoom()
    bought(room, 181, 180.01, 400)
    win_back(room)
    days_pass(room, 10)
    assert room.mailed == {}
    assert room.outbox == {}


def test_who_orders_again_is_not_met() -> None:
    room = RuleRoom()
    bought(room, 179.5, 179.5)
    win_back(room)
    room.buy("p0@example.com")
    days_pass(room, 2)
    assert room.mailed == {"p1@example.com": 1}


def test_many_who_ordered_at_the_same_moment_are_met_once_each() -> None:
    room = RuleRoom()
    bought(room, *([179.5] * 11))
    win_back(room, then=TAGS)
    room.wait(days=1)
    assert room.tick().entered == 11
    assert room.tick().entered == 0
    assert len(room.outbox) == 11
    room.sweep()
    assert room.tagged("gone") == {*each(11)}


def test_what_was_due_while_everything_was_down_is_missed_but_for_a_day() -> None:
    room = RuleRoom()
    bought(room, 179.9, 178.5)
    win_back(room, then=TAGS)
    room.wait(hours=50)
    room.sweep()
    assert room.tagged("gone") == {"p1@example.com"}


def test_a_rule_that_was_off_for_a_month_begins_anew() -> None:
    room = RuleRoom()
    bought(room, 179, 149)
    rule = win_back(room, then=TAGS)
    days_pass(room, 0.5)
    said = {"when": {"sinceLastOrder": {"days": 180}}, "once": {"days": 365}, "then": TAGS}
    room.rule(rule, **said, on=False)
    days_pass(room, 30, hours=24)
    room.rule(rule, **said)
    days_pass(room, 2)
    assert room.tagged("gone") == {"p1@example.com"}


def test_an_order_of_long_ago_that_comes_late_is_no_reason() -> None:
    room = RuleRoom()
    win_back(room, then=TAGS)
    days_pass(room, 1)
    bought(room, 300, 181)
    days_pass(room, 3)
    assert room.tagged("gone") == set()


def test_more_than_are_allowed_are_asked_about() -> None:
    room = RuleRoom()
    bought(room, *([179.5] * 5))
    rule = win_back(room, then=TAGS, most=4)
    room.wait(days=1)
    room.sweep()
    assert (room.rule_now(rule).paused, room.rule_now(rule).waiting) == ("too-many", 5)
    assert room.tagged("gone") == set()


def test_where_nobody_is_due_nothing_is_written() -> None:
    room = RuleRoom()
    bought(room, 100)
    win_back(room)
    room.sweep()
    before = room.store.writes
    for _ in range(11):
        room.wait(minutes=5)
        room.sweep()
    assert room.store.writes == before


def test_a_sweep_that_dies_anywhere_meets_each_once() -> None:
    def due() -> RuleRoom:
        room = RuleRoom()
        bought(room, 179.1, 179.2, 179.2, 179.2, 179.2, 179.3, 179.3)
        win_back(room, then=TAGS)
        room.wait(days=1)
        return room

    faults = Faults()
    due().tick(faults)
    assert len(faults.points) > 30
    for fault, at in faults.points:
        room = due()
        with suppress(Killed, Conflict, Transient):
            room.tick(Faults(at, fault))
        room.tick()
        met = [one["customerId"] for one in room.outbox.values()]
        assert len(met) == len({*met}) == 7, (fault, at)
