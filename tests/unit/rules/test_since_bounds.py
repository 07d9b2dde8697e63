"""Who is due to the microsecond, and where the next round goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.rules import saving
from crm.rules import since as since_module
from crm.rules.acting import LATE
from crm.rules.rule import Rule
from crm.rules.since import NOTED, enter_overdue
from tests.support.ruling import RuleRoom, each

AFTER = timedelta(days=30)

TICK = timedelta(microseconds=1)

SAID: dict[str, Any] = {
    "when": {"sinceLastOrder": {"days": 30}},
    "then": {"addTags": ["Gone"], "removeTags": []},
}


class Waiting(RuleRoom):
    """A room with a rule, whose rounds are at moments that tests name.

    Attributes:
        made: The rule.
        since: Since when it is on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.made: Rule = self.rule(**SAID)
        assert self.made.since is not None
        self.since: datetime = self.made.since

    def due(self, *moments: datetime) -> list[str]:
        """Have somebody due at each of these moments; give their ids."""
        for address, moment in zip(each(len(moments)), moments, strict=True):
            self.buy(address, at=moment - AFTER)
        return [self.customer(address)["id"] for address in each(len(moments))]

    def round_at(self, moment: datetime) -> int:
        return enter_overdue(replace(self.runner, now=lambda: moment), self.made)

    @property
    def met(self) -> set[str]:
        return {one["customerId"] for one in self.outbox.values()}

    @property
    def noted(self) -> dict[str, Any]:
        return self.store.all("crmRules").get(f"since-{self.made.id}", {})


def test_who_is_due_behind_the_beginning_and_by_now_is_met() -> None:
    room = Waiting()
    now = room.since + timedelta(hours=3)
    ids = room.due(room.since, room.since + TICK, now, now + TICK)
    assert room.round_at(now) == 2
    assert room.met == {*ids[1:3]}
    assert room.noted == {
        "ruleId": room.made.id,
        "since": room.since,
        "until": now,
        "last": None,
    }
    assert room.round_at(now + TICK) == 1
    assert room.met == {*ids[1:]}


def test_who_was_due_longer_ago_than_rules_act_late_is_not_met() -> None:
    room = Waiting()
    now = room.since + LATE * 3
    ids = room.due(now - LATE - TICK, now - LATE, now - LATE + TICK)
    assert room.round_at(now) == 1
    assert room.met == {*ids[2:]}


def test_where_nobody_has_become_due_it_is_noted_once_an_hour() -> None:
    room = Waiting()
    assert room.round_at(room.since + NOTED - TICK) == 0
    assert room.noted == {}
    assert room.round_at(room.since + NOTED) == 0
    assert room.noted["until"] == room.since + NOTED
    assert room.round_at(room.since + NOTED * 2 - TICK) == 0
    assert room.noted["until"] == room.since + NOTED


@pytest.mark.parametrize("people", [1, 2, 3, 4, 5, 6, 7])
def test_each_is_met_once_however_many_a_page_and_a_run_take(
    people: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(since_module, "PAGE", 2)
    monkeypatch.setattr(since_module, "MOST_PAGES", 2)
    room = Waiting()
    moment = room.since + timedelta(hours=1)
    ids = room.due(*[moment + timedelta(minutes=one // 3) for one in range(people)])
    now = room.since + timedelta(hours=2)
    found = [room.round_at(now) for _ in range(3)]
    assert found == [min(people, 4), max(0, people - 4), 0]
    assert len(room.outbox) == people
    assert room.met == {*ids}
    assert {one["at"] for one in room.outbox.values()} == {
        moment + timedelta(minutes=one // 3) for one in range(people)
    }


def test_a_run_that_ends_within_a_moment_notes_who_was_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(since_module, "PAGE", 2)
    monkeypatch.setattr(since_module, "MOST_PAGES", 1)
    room = Waiting()
    moment = room.since + timedelta(hours=1)
    ids = sorted(room.due(moment, moment, moment))
    now = moment + timedelta(hours=1)
    assert room.round_at(now) == 2
    assert (room.noted["until"], room.noted["last"]) == (moment, ids[1])
    assert room.met == {*ids[:2]}
    assert room.round_at(now) == 1
    assert (room.noted["until"], room.noted["last"]) == (now, None)
    assert room.met == {*ids}


@pytest.mark.parametrize(("late", "met"), [(0 * TICK, 1), (TICK, 0)])
def test_who_was_left_of_a_moment_is_met_until_rules_do_not_act_late(
    late: timedelta, met: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(since_module, "PAGE", 2)
    monkeypatch.setattr(since_module, "MOST_PAGES", 1)
    room = Waiting()
    moment = room.since + timedelta(hours=1)
    room.due(moment, moment, moment)
    assert room.round_at(moment) == 2
    assert room.round_at(moment + LATE + late) == met


def test_where_a_round_was_left_out_it_goes_on_behind_what_is_too_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(since_module, "PAGE", 1)
    monkeypatch.setattr(since_module, "MOST_PAGES", 1)
    room = Waiting()
    first = room.since + timedelta(hours=1)
    now = first + LATE * 2
    names = room.due(first, now - LATE, now - LATE + TICK)
    assert room.round_at(first) == 1
    assert room.noted["last"] == names[0]
    # As if that one's id came before all others'.
    path = f"crmRules/since-{room.made.id}"
    room.store.put(path, {**room.noted, "last": "0"})
    assert room.round_at(now) == 1
    assert room.met == {names[0], names[2]}


@pytest.mark.parametrize("how", ["off", "paused", "deleted", "other"])
def test_a_rule_that_is_another_by_now_meets_nobody(how: str) -> None:
    room = Waiting()
    room.due(room.since + timedelta(hours=1))
    if how == "deleted":
        saving.delete(room.runner, room.made.id)
    elif how == "paused":
        book = room.store.all("crmRules")["book"]
        book["rules"][room.made.id]["paused"] = "too-many"
        room.store.put("crmRules/book", book)
    elif how == "other":
        room.rule(room.made.id, **{**SAID, "when": {"enters": "order_count >= 9"}})
    else:
        room.rule(room.made.id, **SAID, on=False)
    assert room.round_at(room.since + timedelta(hours=2)) == 0
    assert room.outbox == {}
    assert room.noted == {}


def test_switched_on_anew_it_begins_anew() -> None:
    room = Waiting()
    room.round_at(room.since + timedelta(hours=2))
    room.wait(hours=5)
    room.rule(room.made.id, **SAID, on=False)
    again = room.rule(room.made.id, **SAID)
    assert again.since is not None
    ids = room.due(again.since - timedelta(hours=1), again.since + timedelta(hours=1))
    assert room.round_at(again.since + timedelta(hours=2)) == 1
    assert room.met == {ids[1]}
    assert room.noted["since"] == again.since
