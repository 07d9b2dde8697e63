"""The campaign that a rule begins for those who wait, as a whole, and when it begins none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.campaigns.by_rule import NOBODY
from crm.core.days import day_of
from crm.core.errors import Conflict
from crm.db.collections import CAMPAIGNS, CUSTOMERS
from crm.db.documents import Delete
from crm.rules import sending
from crm.rules.entry import RuleEntry
from crm.rules.pausing import plan_pause
from crm.rules.rule import Rule
from crm.rules.sending import start
from tests.support.faults import Fault, Faults
from tests.support.ruling import RuleRoom, each

BUYERS = {"enters": {"orderCount": {"gte": 1}}}


def entered(number: int = 3, **asked: Any) -> tuple[RuleRoom, Rule]:
    room = RuleRoom()
    rule = room.rule(**{"when": BUYERS, **asked})
    for address in each(number):
        room.buy(address)
    return room, rule


def entries(room: RuleRoom) -> list[RuleEntry]:
    found = [RuleEntry.from_data(*one) for one in room.outbox.items()]
    return sorted(found, key=lambda one: (one.at, one.id))


def begin(room: RuleRoom, rule: Rule, some: list[RuleEntry], runner: Any = None) -> None:
    start(runner or room.runner, room.queue.append, rule, some, room.later)


def test_a_campaign_is_to_all_who_wait_and_says_of_which_day_it_is() -> None:
    room, rule = entered()
    before = room.store.now()
    begin(room, rule, entries(room))
    (campaign,) = room.by_rules
    (job,) = room.store.all("crmJobs").values()
    day = day_of(before, room.runner.settings.time_zone).isoformat()
    assert campaign.name == f"Thanks: {day}"
    assert campaign.people == tuple(sorted(room.store.all(CUSTOMERS)))
    assert (campaign.segment, campaign.scope, campaign.rule) == (NOBODY, None, rule.id)
    assert campaign.latest_by is not None
    assert campaign.latest_by - timedelta(hours=2) == campaign.scheduled_at
    assert (campaign.state, job["total"]) == ("scheduled", 3)
    assert [task for _, task in room.delayed] == [campaign.job_id]
    assert (room.queue, room.outbox) == ([], {})


def test_a_queue_that_cannot_wait_begins_it_at_once() -> None:
    room, rule = entered(1)
    start(room.runner, room.queue.append, rule, entries(room))
    assert room.queue == [room.by_rules[0].job_id]
    assert room.delayed == []


def test_those_of_each_event_have_a_campaign_of_their_own() -> None:
    room, rule = entered(4)
    some = [
        replace(one, scope=scope)
        for one, scope in zip(entries(room), ("gala", "ball", "gala", None), strict=True)
    ]
    begin(room, rule, some)
    found = {one.scope: one.people for one in room.by_rules}
    names = [one.customer_id for one in some]
    assert found == {
        "gala": tuple(sorted([names[0], names[2]])),
        "ball": (names[1],),
        None: (names[3],),
    }


@pytest.mark.parametrize(("people", "campaigns"), [(1, [1]), (2, [2]), (3, [1, 2]), (5, [1, 2, 2])])
def test_so_many_are_in_one_campaign(
    people: int, campaigns: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    room, rule = entered(people)
    begin(room, rule, entries(room))
    assert sorted(len(one.people or ()) for one in room.by_rules) == campaigns
    everybody = [name for one in room.by_rules for name in one.people or ()]
    assert sorted(everybody) == sorted(room.store.all(CUSTOMERS))
    assert room.outbox == {}


def test_rows_that_another_worker_has_taken_are_left_out() -> None:
    room, rule = entered(3)
    some = entries(room)
    room.store.delete(some[0].path)
    begin(room, rule, some)
    (campaign,) = room.by_rules
    assert campaign.people == tuple(sorted(one.customer_id for one in some[1:]))
    begin(room, rule, some)
    assert len(room.by_rules) == 1


def test_one_who_can_be_reached_is_enough_and_the_others_are_in_it_too() -> None:
    room, rule = entered(1)
    room.buy("quiet@example.com", agreed=False)
    begin(room, rule, entries(room))
    (campaign,) = room.by_rules
    assert len(campaign.people or ()) == 2


def test_where_the_rule_has_paused_meanwhile_the_rows_stay() -> None:
    room, rule = entered(2)
    some = entries(room)
    room.runner.run(lambda tx: plan_pause(tx, rule.id, rule.since, "too-many", 2))
    begin(room, rule, some)
    assert (room.by_rules, len(room.outbox)) == ([], 2)
    assert room.rule_now(rule.id).paused == "too-many"


def test_where_the_rule_is_off_the_rows_go_and_no_campaign_comes() -> None:
    room = RuleRoom()
    said: dict[str, Any] = {"when": BUYERS, "then": {"send": room.template()}}
    rule = room.rule(**said)
    room.buy("p0@example.com")
    room.rule(rule.id, **said, on=False)
    begin(room, rule, entries(room))
    assert (room.by_rules, room.outbox, room.queue, room.delayed) == ([], {}, [], [])


def test_a_pause_counts_those_alone_who_wait_in_time() -> None:
    room = RuleRoom()
    template = room.template()
    rule = room.rule(when=BUYERS, then={"send": template})
    for address in each(3):
        room.buy(address)
    some = entries(room)
    old = room.outbox[some[0].id]
    assert rule.since is not None
    room.store.put(some[0].path, {**old, "at": rule.since - timedelta(seconds=1)})
    room.store.delete(f"{CAMPAIGNS}/{template}")
    begin(room, rule, some[1:])
    now = room.rule_now(rule.id)
    assert (now.paused, now.waiting) == ("template-gone", 2)
    assert len(room.outbox) == 3


def test_one_whose_answer_was_lost_is_handed_over_once() -> None:
    def due() -> tuple[RuleRoom, Rule, list[RuleEntry]]:
        room, rule = entered(2)
        return room, rule, entries(room)

    calm = Faults()
    room, rule, some = due()
    begin(room, rule, some, room._by(calm))
    for number in calm.changing:
        room, rule, some = due()
        begin(room, rule, some, room._by(Faults(number, Fault.LOST)))
        assert len(room.by_rules) == 1
        assert [task for _, task in room.delayed] == [room.by_rules[0].job_id]


def test_two_workers_do_not_both_begin_a_campaign_to_the_same() -> None:
    room, rule = entered(2)
    some = entries(room)

    def begun(number: str) -> Any:
        return room.runner.evaluate(
            lambda tx: sending._plan_start(tx, rule, some, f"c{number}", f"j{number}")
        )

    plans = [begun("1"), begun("2")]
    rows = {one.path: room.store.read([one.path])[one.path].version for one in some}
    for plan in plans:
        gone = {one.path: one.version for one in plan.writes if isinstance(one, Delete)}
        assert gone == rows
    room.store.commit(plans[0].writes)
    with pytest.raises(Conflict):
        room.store.commit(plans[1].writes)


# --- A rule that stops by itself


@pytest.mark.parametrize("how", ["gone", "off", "paused", "since"])
def test_a_rule_that_is_another_by_now_does_not_pause(how: str) -> None:
    room, rule = entered(1)
    book = room.store.all("crmRules")["book"]
    since: datetime | None = rule.since
    if how == "gone":
        book["rules"] = {}
    elif how == "since":
        assert since is not None
        since += timedelta(microseconds=1)
    else:
        book["rules"][rule.id] |= {"off": {"on": False}, "paused": {"paused": "loop"}}[how]
    room.store.put("crmRules/book", book)
    plan, _ = room.runner.run(lambda tx: plan_pause(tx, rule.id, since, "too-many", 9))
    assert plan.writes == []
    assert room.store.all("crmRules")["book"] == book


def test_a_pause_changes_the_rule_alone_and_says_how_many_wait() -> None:
    room, rule = entered(1)
    other = room.rule(name="Other", when={"enters": {"tag": "a"}})
    room.wait(hours=1)
    room.runner.run(lambda tx: plan_pause(tx, rule.id, rule.since, "template-gone"))
    now = room.rule_now(rule.id)
    assert now == replace(rule, paused="template-gone", waiting=0, updated_at=now.updated_at)
    assert now.updated_at > rule.updated_at + timedelta(minutes=59)
    assert room.rule_now(other.id) == other
    room.rule(rule.id, when=BUYERS, then={"send": rule.campaign_id})
    again = room.rule_now(rule.id)
    room.runner.run(lambda tx: plan_pause(tx, rule.id, again.since, "too-many", 7))
    assert (room.rule_now(rule.id).paused, room.rule_now(rule.id).waiting) == ("too-many", 7)
