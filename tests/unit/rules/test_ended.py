"""Rules about events that are over: once, in time, for whom they are meant."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.core.errors import Conflict, Transient
from tests.support.faults import Fault, Faults, Killed
from tests.support.ruling import RuleRoom, each

PARTY = datetime(2026, 1, 10, 18, tzinfo=UTC)

DUE = datetime(2026, 1, 11, 9, tzinfo=UTC)
"""The day after, at ten in Berlin."""

THE_DAY_AFTER = {"eventEnded": {"days": 1, "at": "10:00"}}

TAGS = {"addTags": ["Guest"], "removeTags": []}


def party(number: int = 3, **room: Any) -> RuleRoom:
    """Return a room whose people hold tickets of an event."""
    made = RuleRoom(**room)
    for address in each(number):
        made.buy(address, "party", PARTY)
    return made


def thanks(room: RuleRoom, **asked: Any) -> str:
    return room.rule(**{"when": THE_DAY_AFTER, "once": "event", **asked}).id


# --- Once, in time


def test_a_mail_goes_to_everybody_of_the_event_once_when_it_is_due() -> None:
    room = party()
    rule = thanks(room)
    room.until(DUE - timedelta(minutes=1))
    room.sweep()
    assert room.mailed == {}
    room.until(DUE)
    for _ in range(3):
        room.sweep()
        room.wait(minutes=5)
    assert room.mailed == dict.fromkeys(each(3), 1)
    (campaign,) = room.by_rules
    assert (campaign.rule, campaign.scope, campaign.state) == (rule, "party", "done")
    assert campaign.latest_by == DUE + timedelta(hours=2)
    assert campaign.name == "Thanks: DevOps Workshop"
    assert {one["scope"] for one in room.runs.values()} == {"party"}


def test_tags_are_given_to_everybody_of_the_event_once() -> None:
    room = party(120)
    thanks(room, then=TAGS)
    room.until(DUE)
    room.sweep()
    assert room.tagged("guest") == {*each(120)}
    assert len(room.runs) == 120
    written = room.store.writes
    room.wait(minutes=5)
    room.sweep()
    assert room.store.writes == written
    assert room.mailed == {}


def test_who_has_no_ticket_of_it_or_has_not_subscribed_gets_no_mail() -> None:
    room = party()
    room.buy("other@example.com", "another", PARTY - timedelta(days=5))
    room.buy("quiet@example.com", "party", PARTY, agreed=False)
    thanks(room)
    room.until(DUE)
    room.sweep()
    assert room.mailed == dict.fromkeys(each(3), 1)
    assert room.excluded() == {"not-subscribed": 1}


def test_only_those_who_are_known_not_to_have_come() -> None:
    room = RuleRoom()
    for address, came in (("a", True), ("b", False), ("c", None)):
        room.buy(f"{address}@example.com", "party", PARTY, came=came)
    room.buy("d@example.com", "unrecorded", PARTY)
    thanks(room, only={"noShow": "this_event"})
    room.until(DUE)
    room.sweep()
    assert room.mailed == {"b@example.com": 1}


def test_check_ins_that_come_late_count_from_then_on_and_for_the_hours_of_a_mail() -> None:
    room = RuleRoom()
    for at, address in enumerate(each(2)):
        room.buy(address, "party", PARTY, order_id=f"o{at}")
    thanks(room, only={"noShow": "this_event"})
    room.until(DUE)
    room.sweep()
    assert room.by_rules == []
    room.wait(hours=1)
    room.buy(each(2)[0], "party", PARTY, order_id="o0", came=True)
    room.buy(each(2)[1], "party", PARTY, order_id="o1", came=False)
    room.sweep()
    assert room.mailed == {"p1@example.com": 1}
    # What comes after that does not begin it anew.
    room.buy(each(2)[0], "party", PARTY, order_id="o0", came=False)
    room.sweep()
    assert room.mailed == {"p1@example.com": 1}


@pytest.mark.parametrize("then", [None, TAGS])
def test_what_was_due_while_everything_was_down_for_thirty_hours_is_missed(then: Any) -> None:
    room = party()
    thanks(room, **({"then": then} if then else {}))
    room.until(DUE + timedelta(hours=30))
    room.sweep()
    assert room.by_rules == []
    assert room.mailed == {}
    assert room.tagged("guest") == set()


def test_a_mail_that_is_late_but_for_hours_is_shown_as_missed() -> None:
    room = party()
    thanks(room)
    room.until(DUE + timedelta(hours=3))
    room.sweep()
    assert room.mailed == {}
    (campaign,) = room.by_rules
    assert (campaign.state, campaign.reason) == ("missed", "too-late")
    assert room.runs == {}


def test_tags_come_late_for_a_day() -> None:
    room = party()
    thanks(room, then=TAGS)
    room.until(DUE + timedelta(hours=23))
    room.sweep()
    assert room.tagged("guest") == {*each(3)}


# --- Switched on and off


def test_what_was_due_before_the_rule_was_on_is_none_of_its_business() -> None:
    room = party()
    room.until(DUE + timedelta(minutes=1))
    thanks(room)
    room.sweep()
    assert room.mailed == {}


def test_a_rule_that_was_off_for_a_month_acts_on_nobody_of_that_time() -> None:
    room = party()
    rule = thanks(room, then=TAGS)
    room.rule(rule, when=THE_DAY_AFTER, once="event", then=TAGS, on=False)
    room.until(DUE + timedelta(hours=1))
    room.sweep()
    room.wait(days=30)
    room.buy("late@example.com", "second", room.store.now() + timedelta(hours=1))
    room.rule(rule, when=THE_DAY_AFTER, once="event", then=TAGS)
    room.sweep()
    assert room.tagged("guest") == set()
    room.wait(hours=30)
    room.sweep()
    assert room.tagged("guest") == {"late@example.com"}


def test_a_rule_that_is_switched_off_before_the_audience_is_fixed_sends_nothing() -> None:
    room = party()
    then = {"send": room.template()}
    rule = thanks(room, then=then)
    room.until(DUE)
    room.tick()
    room.rule(rule, when=THE_DAY_AFTER, once="event", then=then, on=False)
    room.work()
    assert room.mailed == {}
    assert room.excluded() == {"rule-off": 3}
    assert room.runs == {}


# --- Events that move


def test_an_event_that_moves_before_it_is_due_is_due_later() -> None:
    room = party(1)
    thanks(room)
    room.buy("p0@example.com", "party", PARTY + timedelta(days=7), order_id="o1")
    room.until(DUE + timedelta(hours=1))
    room.sweep()
    assert room.mailed == {}
    room.until(DUE + timedelta(days=7, hours=1))
    room.sweep()
    assert room.mailed == {"p0@example.com": 1}


def test_an_event_that_moves_after_it_was_due_is_not_due_again() -> None:
    room = party(1)
    thanks(room, once={"days": 1})
    room.until(DUE)
    room.sweep()
    room.buy("p0@example.com", "party", PARTY + timedelta(days=60), order_id="o1")
    room.until(DUE + timedelta(days=60, hours=1))
    room.sweep()
    assert room.mailed == {"p0@example.com": 1}


# --- How often


@pytest.mark.parametrize(
    ("once", "mails"), [("event", 2), ("ever", 1), ({"days": 365}, 1), ({"days": 2}, 2)]
)
def test_a_person_of_two_events_is_met_as_often_as_is_said(once: Any, mails: int) -> None:
    room = party(1)
    room.buy("p0@example.com", "second", PARTY + timedelta(days=7))
    thanks(room, once=once)
    for at in (DUE, DUE + timedelta(days=7)):
        room.until(at + timedelta(minutes=1))
        room.sweep()
    assert room.mailed == {"p0@example.com": mails}


def test_a_person_of_two_events_of_one_day_is_met_once_where_that_is_said() -> None:
    room = party(2)
    room.buy("p0@example.com", "second", PARTY)
    thanks(room, once="ever")
    room.until(DUE)
    room.sweep()
    assert room.mailed == dict.fromkeys(each(2), 1)
    assert room.runs.keys() == {*room.runs}
    assert len(room.runs) == 2


# --- Too many


@pytest.mark.parametrize("then", [None, TAGS])
def test_more_than_are_allowed_are_asked_about(then: Any) -> None:
    room = party(5)
    asked = {"then": then or {"send": room.template()}, "most": 3}
    rule = thanks(room, **asked)
    room.until(DUE)
    room.sweep()
    room.sweep()
    assert (room.rule_now(rule).paused, room.rule_now(rule).waiting) == ("too-many", 5)
    assert room.by_rules == []
    assert room.tagged("guest") == set()
    room.wait(hours=50)
    room.rule(rule, when=THE_DAY_AFTER, once="event", **asked, waiting="act")
    room.sweep()
    room.sweep()
    if then is None:
        assert room.mailed == dict.fromkeys(each(5), 1)
        assert room.by_rules[0].latest_by > room.store.now()  # type: ignore[operator]
    else:
        assert room.tagged("guest") == {*each(5)}


def test_too_many_are_dropped_where_staff_say_so() -> None:
    room = party(5)
    asked = {"then": TAGS, "most": 3}
    rule = thanks(room, **asked)
    room.until(DUE)
    room.sweep()
    room.rule(rule, when=THE_DAY_AFTER, once="event", **asked, waiting="drop")
    room.sweep()
    room.buy("p9@example.com", "second", room.store.now())
    room.wait(hours=30)
    room.sweep()
    assert room.tagged("guest") == {"p9@example.com"}
    for address in each(4):
        room.buy(address, "third", room.store.now())
    room.wait(hours=30)
    room.sweep()
    room.rule(rule, when=THE_DAY_AFTER, once="event", **asked, waiting="act")
    room.sweep()
    assert room.tagged("guest") == {"p9@example.com", *each(4)}


def test_events_of_one_day_are_too_many_together() -> None:
    room = party(3)
    for address in each(3):
        room.buy(address, "second", PARTY + timedelta(hours=1))
    rule = thanks(room, then=TAGS, most=4)
    room.until(DUE)
    room.sweep()
    assert room.rule_now(rule).waiting == 6
    assert room.tagged("guest") == set()


def test_an_answer_that_nobody_acts_on_for_a_day_is_too_late() -> None:
    room = party(5)
    asked = {"then": TAGS, "most": 3}
    rule = thanks(room, **asked)
    room.until(DUE)
    room.sweep()
    room.rule(rule, when=THE_DAY_AFTER, once="event", **asked, waiting="act")
    room.wait(hours=25)
    room.sweep()
    assert room.tagged("guest") == set()


# --- The draft


@pytest.mark.parametrize("gone", ["deleted", "sent"])
def test_a_draft_that_is_gone_has_the_rule_pause(gone: str) -> None:
    room = party()
    template = room.template()
    rule = thanks(room, then={"send": template})
    path = f"crmCampaigns/{template}"
    if gone == "deleted":
        room.store.delete(path)
    else:
        room.store.put(path, {**room.store.all("crmCampaigns")[template], "state": "done"})
    room.until(DUE)
    room.sweep()
    assert (room.rule_now(rule).paused, room.rule_now(rule).waiting) == ("template-gone", 3)
    assert room.by_rules == []


# --- Whoever dies


def _all_points(room_of: Any) -> list[tuple[Fault, int]]:
    faults = Faults()
    room_of().tick(faults)
    return faults.points


@pytest.mark.parametrize("then", [None, TAGS])
def test_a_sweep_that_dies_anywhere_begins_it_once(then: Any) -> None:
    def due() -> RuleRoom:
        room = party()
        thanks(room, **({"then": then} if then else {}))
        room.until(DUE)
        return room

    points = _all_points(due)
    assert len(points) > 20
    for fault, at in points:
        room = due()
        with contextlib.suppress(Killed, Conflict, Transient):
            room.tick(Faults(at, fault))
        room.queue.clear()  # what was enqueued is lost, too; the sweep finds such jobs later
        room.sweep()
        jobs = room.store.all("crmJobs")
        assert len(jobs) == 1, (fault, at)
        room.queue += [*jobs]
        room.work()
        if then is None:
            assert room.mailed == dict.fromkeys(each(3), 1), (fault, at)
        else:
            assert room.tagged("guest") == {*each(3)}, (fault, at)
        assert len(room.runs) == 3


def test_a_worker_that_dies_anywhere_while_it_gives_tags_gives_each_once() -> None:
    def due() -> RuleRoom:
        room = party(3)
        thanks(room, then=TAGS)
        room.until(DUE)
        room.tick()
        return room

    faults, clean = Faults(), due()
    clean.deliver(clean.queue[0], faults=faults)
    assert len(faults.points) > 30
    for fault, at in faults.points:
        room = due()
        with contextlib.suppress(Killed, Conflict, Transient):
            room.deliver(room.queue[0], faults=Faults(at, fault))
        room.work()
        assert room.tagged("guest") == {*each(3)}, (fault, at)
        assert len(room.runs) == 3
        acted = [e for e in room.store.all("crmAudit").values() if e["action"] == "customer.tag"]
        assert len(acted) == 3, (fault, at)


def test_a_worker_that_dies_anywhere_while_the_audience_is_fixed_mails_each_once() -> None:
    def due() -> RuleRoom:
        room = party(3)
        thanks(room)
        room.until(DUE)
        room.tick()
        room.wait(minutes=1)
        room.queue += [task for _, task in room.delayed]
        room.delayed.clear()
        return room

    def prepare(room: RuleRoom, faults: Faults) -> None:
        while room.by_rules[0].state in ("scheduled", "preparing"):
            room.deliver(room.queue[0], seconds=0, faults=faults)
            room.queue.pop(0)

    faults = Faults()
    prepare(due(), faults)
    assert len(faults.points) > 60
    for fault, at in faults.points:
        room = due()
        with contextlib.suppress(Killed, Conflict, Transient):
            prepare(room, Faults(at, fault))
        room.server.faults = Faults()
        room.work()
        assert room.failed == [], (fault, at)
        assert room.mailed == dict.fromkeys(each(3), 1), (fault, at)
        assert len(room.runs) == 3
