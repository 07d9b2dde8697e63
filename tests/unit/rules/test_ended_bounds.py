"""Events to the moment: which are due, which wait for staff, and what a second sweep does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.db.runner import Runner
from crm.rules import ended as ended_module
from crm.rules.acting import LATE
from crm.rules.ended import act_on_ended, audience, due_events, named, people_of
from crm.rules.rule import Rule
from crm.segments.language.ast import MAX_LEAVES
from crm.segments.language.json_form import to_json
from tests.support.faults import Fault, Faults
from tests.support.ruling import RuleRoom, each

PARTY = datetime(2026, 1, 10, 18, tzinfo=UTC)

DUE = datetime(2026, 1, 11, 9, tzinfo=UTC)

TICK = timedelta(microseconds=1)

SAID: dict[str, Any] = {
    "when": {"eventEnded": {"days": 1, "at": "10:00"}},
    "once": "event",
    "then": {"addTags": ["Guest"], "removeTags": []},
}


def party(number: int = 2, **said: Any) -> tuple[RuleRoom, Rule]:
    room = RuleRoom()
    for address in each(number):
        room.buy(address, "party", PARTY)
    return room, room.rule(**{**SAID, **said})


def at(room: RuleRoom, moment: datetime) -> Runner:
    return replace(room.runner, now=lambda: moment)


def found(room: RuleRoom, rule: Rule, moment: datetime) -> list[str]:
    return [one.event.event_id for one in due_events(at(room, moment), rule)]


# --- Which are due


@pytest.mark.parametrize(
    ("late", "due"),
    [
        (-TICK, False),
        (timedelta(), True),
        (LATE - TICK, True),
        (LATE, False),
        (timedelta(days=3), False),
    ],
)
def test_an_event_is_due_from_its_moment_until_rules_do_not_act_any_more(
    late: timedelta, due: bool
) -> None:
    room, rule = party()
    assert found(room, rule, DUE + late) == (["party"] if due else [])
    assert act_on_ended(at(room, DUE + late), room.queue.append, rule, room.later) == due
    assert len(room.queue) == due


@pytest.mark.parametrize(("before", "due"), [(TICK, True), (timedelta(), False), (-TICK, False)])
def test_an_event_that_was_due_as_the_rule_was_switched_on_is_over(
    before: timedelta, due: bool
) -> None:
    room, rule = party()
    rule = replace(rule, since=DUE - before)
    assert found(room, rule, DUE + timedelta(hours=1)) == (["party"] if due else [])


def test_what_is_found_says_when_and_for_how_many() -> None:
    room, rule = party()
    (one,) = due_events(at(room, DUE), rule)
    assert (one.event.event_id, one.event.name) == ("party", "DevOps Workshop")
    assert (one.at, one.people, one.noted) == (DUE, 2, None)


@pytest.mark.parametrize(
    "other", [{"on": False}, {"paused": "too-many"}, {"when": {"enters": {"tag": "a"}}}]
)
def test_of_a_rule_that_is_off_asks_or_is_of_another_kind_none_is_due(other: Any) -> None:
    room, rule = party()
    assert found(room, replace(rule, **other), DUE) == []


@pytest.mark.parametrize("page", [1, 2, 3, 5, 6])
def test_each_event_is_found_once_however_many_are_read_at_a_time(
    page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ended_module, "PAGE", page)
    room, rule = party(1)
    for name in ("a", "z"):  # of one moment: ids tell them apart
        room.buy("p0@example.com", name, PARTY)
    for hours in (1, 2):
        room.buy("p0@example.com", f"later-{hours}", PARTY + timedelta(hours=hours))
    room.buy("p0@example.com", "next-day", PARTY + timedelta(hours=5))  # past midnight in Berlin
    room.buy("p0@example.com", "nobody-knows")
    names = found(room, rule, DUE)
    assert sorted(names) == ["a", "later-1", "later-2", "party", "z"]
    assert act_on_ended(at(room, DUE), room.queue.append, rule, room.later) == 5
    assert found(room, rule, DUE) == []


def test_midnight_begins_another_day() -> None:
    room, rule = party(1)
    midnight = datetime(2026, 1, 10, 23, tzinfo=UTC)
    room.buy("p0@example.com", "last", midnight - TICK)
    room.buy("p0@example.com", "first", midnight)
    room.buy("p0@example.com", "morning", datetime(2026, 1, 9, 23, tzinfo=UTC))
    assert sorted(found(room, rule, DUE)) == ["last", "morning", "party"]


def test_on_the_day_itself_morning_and_evening_are_apart() -> None:
    """At ten the morning's are over; what begins later is due at ten on the next day."""
    said = {**SAID, "when": {"eventEnded": {"days": 0, "at": "10:00"}}}
    room = RuleRoom()
    ten, day = datetime(2026, 1, 10, 9, tzinfo=UTC), timedelta(days=1)
    for name, hours in (("old", -26), ("evening", -15), ("early", -1), ("ten", 0), ("late", 1)):
        room.buy("p0@example.com", name, ten + timedelta(hours=hours))
    rule = room.rule(**said)
    for moment in (ten, ten + day - TICK):
        assert sorted(found(room, rule, moment)) == ["early", "evening", "ten"]
    assert found(room, rule, ten + day) == ["late"]


# --- For whom


def test_a_rule_that_sends_counts_those_who_are_subscribed() -> None:
    room = RuleRoom()
    room.buy("p0@example.com", "party", PARTY)
    room.buy("quiet@example.com", "party", PARTY, agreed=False)
    tags = room.rule(**SAID)
    sends = room.rule(when=SAID["when"], once="event")
    runner = at(room, DUE)
    assert [people_of(runner, one, "party") for one in (tags, sends)] == [2, 1]
    assert people_of(runner, tags, "another") == 0


@pytest.mark.parametrize(
    ("only", "asked"),
    [
        (None, {"hasTicket": "party"}),
        ({"tag": "a"}, {"all": [{"hasTicket": "party"}, {"tag": "a"}]}),
        (
            {"all": [{"tag": "a"}, {"attended": "this_event"}]},
            {"all": [{"hasTicket": "party"}, {"tag": "a"}, {"attended": "party"}]},
        ),
        (
            {"any": [{"noShow": "this_event"}, {"not": {"attended": "gala"}}]},
            {
                "all": [
                    {"hasTicket": "party"},
                    {"any": [{"noShow": "party"}, {"not": {"attended": "gala"}}]},
                ]
            },
        ),
    ],
)
def test_the_people_of_an_event_are_who_holds_a_ticket_and_is_meant(only: Any, asked: Any) -> None:
    _, rule = party(only=only)
    assert to_json(audience(rule, "party")) == asked


def test_a_question_that_would_be_too_large_is_asked_without_only() -> None:
    _, rule = party()
    many = {"any": [{"tag": f"t{number}"} for number in range(MAX_LEAVES - 1)]}
    fits = audience(replace(rule, asked=many), "party")
    assert to_json(fits) == {"all": [{"hasTicket": "party"}, many]}
    more = {"any": [*many["any"], {"tag": "t"}]}
    assert to_json(audience(replace(rule, asked=more), "party")) == {"hasTicket": "party"}


@pytest.mark.parametrize(
    ("name", "about", "line"),
    [
        ("Thanks", "Gala", "Thanks: Gala"),
        (" Thanks\n a lot", "The\tGala", "Thanks a lot: The Gala"),
        ("Mail me@example.com", "x", "Mail me example.com: x"),
        ("Tha\u200bnks\x07", "Gala", "Thanks: Gala"),
        ("x" * 90, "y" * 90, "x" * 90 + ": " + "y" * 8),
    ],
)
def test_the_name_of_a_campaign_is_one_short_line_without_an_address(
    name: str, about: str, line: str
) -> None:
    _, rule = party()
    assert named(replace(rule, name=name), about) == line


def test_an_event_without_a_name_is_named_by_its_id() -> None:
    room = RuleRoom()
    room.buy("p0@example.com", "party", PARTY)
    rule = room.rule(when=SAID["when"], once="event")
    (path,) = [f"crmEvents/{one}" for one in room.store.all("crmEvents")]
    event = room.store.read([path])[path].fields
    room.store.put(path, {**event, "name": None})
    room.until(DUE)
    room.tick()
    assert [one.name for one in room.by_rules] == ["Thanks: party"]
    assert [one.rule for one in room.by_rules] == [rule.id]


# --- Too many


@pytest.mark.parametrize(("most", "begins"), [(5, 0), (6, 2), (7, 2)])
def test_the_people_of_all_events_of_a_round_are_counted_together(most: int, begins: int) -> None:
    room, rule = party(3, most=most)
    for address in each(3):
        room.buy(address, "second", PARTY + timedelta(hours=1))
    room.buy("p9@example.com", "empty", PARTY)
    room.store.delete(f"customers/{room.customer('p9@example.com')['id']}")
    assert act_on_ended(at(room, DUE), room.queue.append, rule, room.later) == begins
    states = sorted(
        (one["eventId"], one["state"])
        for name, one in room.store.all("crmRules").items()
        if name != "book"
    )
    state = "begun" if begins else "waiting"
    assert states == [("party", state), ("second", state)]
    assert room.rule_now(rule.id).waiting == (0 if begins else 6)


def asked(number: int = 5) -> tuple[RuleRoom, Rule]:
    """A room whose rule has paused over an event of too many people."""
    room, rule = party(number, most=number - 1)
    room.until(DUE)
    assert room.tick().events == 0
    assert room.rule_now(rule.id).paused == "too-many"
    return room, rule


def answer(room: RuleRoom, rule: Rule, number: int = 5) -> Rule:
    return room.rule(rule.id, **SAID, most=number - 1, waiting="act")


@pytest.mark.parametrize(("after", "begins"), [(LATE - TICK, 1), (LATE, 0)])
def test_an_answer_is_acted_on_within_a_day(after: timedelta, begins: int) -> None:
    room, rule = asked()
    rule = answer(room, rule)
    assert rule.allowed is not None
    moment = rule.allowed + after
    assert act_on_ended(at(room, moment), room.queue.append, rule, room.later) == begins
    assert len(room.queue) == begins


def test_an_answer_is_for_those_events_alone_that_waited_then() -> None:
    room, rule = asked()
    for address in each(5):
        room.buy(address, "second", PARTY + timedelta(days=1))
    answer(room, rule)
    assert room.tick().events == 1
    room.until(DUE + timedelta(days=1))
    assert room.tick().events == 0
    now = room.rule_now(rule.id)
    assert (now.paused, now.waiting) == ("too-many", 5)
    jobs = [one["arguments"]["eventId"] for one in room.store.all("crmJobs").values()]
    assert jobs == ["party"]


def test_what_staff_allowed_begins_before_they_are_asked_about_what_came_since() -> None:
    room, rule = asked()
    answer(room, rule)
    for address in each(5):
        room.buy(address, "second", PARTY)
    assert room.tick().events == 1
    assert room.rule_now(rule.id).paused is None
    room.work()
    assert room.tagged("guest") == {*each(5)}
    assert room.tick().events == 0
    now = room.rule_now(rule.id)
    assert (now.paused, now.waiting) == ("too-many", 5)


@pytest.mark.parametrize("gone", ["event", "people", "since", "later"])
def test_what_waited_and_is_gone_or_of_before_is_let_be(gone: str) -> None:
    room, rule = asked()
    rule = answer(room, rule)
    (path,) = [f"crmRules/{one}" for one in room.store.all("crmRules") if one != "book"]
    kept = room.store.read([path])[path].fields
    if gone == "event":
        for name in room.store.all("crmEvents"):
            room.store.delete(f"crmEvents/{name}")
    elif gone == "people":
        for name in room.store.all("customers"):
            room.store.delete(f"customers/{name}")
    elif gone == "since":
        room.store.put(path, {**kept, "since": kept["since"] - TICK})
    else:
        assert rule.allowed is not None
        room.store.put(path, {**kept, "at": rule.allowed + TICK})
    assert room.tick().events == 0
    assert room.queue == []


def test_what_waited_as_staff_answered_begins_beside_what_is_of_before() -> None:
    room, rule = party(3, most=4)
    for name in ("a", "b"):
        for address in each(3):
            room.buy(address, name, PARTY)
    room.until(DUE)
    room.tick()
    rule = room.rule(rule.id, **SAID, most=4, waiting="act")
    assert rule.allowed is not None
    noted = {n: one for n, one in room.store.all("crmRules").items() if n != "book"}
    first, *others = sorted(noted)
    room.store.put(f"crmRules/{first}", {**noted[first], "since": DUE})
    for name in others:  # noted in the moment of the answer
        room.store.put(f"crmRules/{name}", {**noted[name], "at": rule.allowed})
    assert room.tick().events == 2


def test_so_many_events_as_one_answer_is_for_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended_module, "MOST_WAITING", 2)
    room, rule = party(2, most=5)
    for name in ("second", "third"):
        for address in each(2):
            room.buy(address, name, PARTY)
    room.until(DUE)
    room.tick()
    assert room.rule_now(rule.id).waiting == 6
    room.rule(rule.id, **SAID, most=5, waiting="act")
    assert [room.tick().events for _ in range(3)] == [2, 1, 0]


# --- Two sweeps


def test_two_sweeps_that_ask_at_once_ask_once() -> None:
    room, rule = party(5, most=4)
    runner = at(room, DUE)
    new = [*due_events(runner, rule)]
    act_on_ended(runner, room.queue.append, rule, room.later)
    before = room.store.writes
    plan = runner.evaluate(lambda tx: ended_module._plan_asking(tx, rule, new))
    assert plan.writes == []
    assert room.store.writes == before


def test_a_sweep_does_not_ask_about_what_another_one_has_begun() -> None:
    room, rule = party(5, most=4)
    runner = at(room, DUE)
    new = [*due_events(runner, rule)]
    rule = room.rule(rule.id, **SAID, most=5)
    assert act_on_ended(runner, room.queue.append, rule, room.later) == 1
    plan = runner.evaluate(lambda tx: ended_module._plan_asking(tx, rule, new))
    assert plan.writes == []
    assert room.rule_now(rule.id).active


@pytest.mark.parametrize("how", ["off", "since"])
def test_a_rule_that_staff_switch_meanwhile_does_not_ask(how: str) -> None:
    room, rule = party(5, most=4)
    runner = at(room, DUE)
    new = [*due_events(runner, rule)]
    room.rule(rule.id, **SAID, most=4, on=False)
    if how == "since":
        room.rule(rule.id, **SAID, most=4)
    plan = runner.evaluate(lambda tx: ended_module._plan_asking(tx, rule, new))
    assert plan.writes == []


@pytest.mark.parametrize("how", ["moved", "gone", "off", "since", "then", "begun"])
def test_what_has_changed_since_an_event_was_found_begins_nothing(how: str) -> None:
    room, rule = party()
    runner = at(room, DUE)
    (one,) = due_events(runner, rule)
    if how == "moved":
        room.buy("p0@example.com", "party", PARTY + timedelta(days=7))
    elif how == "gone":
        for name in room.store.all("crmEvents"):
            room.store.delete(f"crmEvents/{name}")
    elif how == "off":
        room.rule(rule.id, **SAID, on=False)
    elif how == "since":
        room.rule(rule.id, **SAID, on=False)
        room.rule(rule.id, **SAID)
    elif how == "then":
        room.rule(rule.id, **{**SAID, "then": {"addTags": ["Other"], "removeTags": []}})
    else:
        act_on_ended(runner, room.queue.append, rule, room.later)
        room.queue.clear()
    jobs = len(room.store.all("crmJobs"))
    assert ended_module._begin(runner, room.queue.append, rule, one, room.later) is False
    assert (len(room.store.all("crmJobs")), room.queue) == (jobs, [])


@pytest.mark.parametrize(
    ("after", "begins"), [(0 * TICK, True), (-TICK, False), (LATE - TICK, True), (LATE, False)]
)
def test_an_event_is_to_be_due_as_its_work_begins(after: timedelta, begins: bool) -> None:
    """Clocks differ, and work that is found may begin later."""
    room, rule = party()
    (one,) = due_events(at(room, DUE), rule)
    runner = at(room, DUE + after)
    assert ended_module._begin(runner, room.queue.append, rule, one, room.later) is begins


def test_a_sweep_whose_answer_was_lost_hands_its_own_work_over() -> None:
    calm = Faults()
    room, _ = party()
    room.until(DUE)
    room.tick(calm)
    for number in calm.changing:
        room, _ = party()
        room.until(DUE)
        assert room.tick(Faults(number, Fault.LOST)).events == 1
        assert room.queue == [*room.store.all("crmJobs")]
