"""A round of the sweep over all rules: what it reports, in which order, and where it stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal, Transient
from crm.db.documents import Query
from crm.db.retry import RetryPolicy
from crm.rules import drain as drain_module
from crm.rules import saving
from crm.rules.drain import Drained, drain
from crm.rules.tick import Ticked, tick
from tests.support.faults import Fault, Faults, FaultyStore
from tests.support.ruled import Ruled
from tests.support.ruling import RuleRoom

PARTY = datetime(2026, 1, 10, 18, tzinfo=UTC)

DUE = datetime(2026, 1, 11, 9, tzinfo=UTC)

ENDED = {"eventEnded": {"days": 1, "at": "10:00"}}

TAGS = {"addTags": ["Guest"], "removeTags": []}


def crowd(people: str = "abcdef", **said: Any) -> tuple[Ruled, Any]:
    world = Ruled()
    rule = world.save(**said)
    for name in people:
        world.buy(name)
    return world, rule


# --- Those who wait in the outbox


def test_a_round_over_an_empty_outbox_is_finished() -> None:
    assert Ruled().drain() == Drained()
    assert Ruled().drain().finished


def test_a_round_says_what_became_of_whom() -> None:
    world, rule = crowd(only="not tag:press")
    off = world.save(name="Off", when={"enters": "order_count >= 2"}, then={"addTags": ["B"]})
    world.tag("a", ["Press"])
    world.delete_order("b1")
    world.buy("c")
    world.save(off.id, on=False)
    world.save(name="Many", when={"enters": "tag:x"}, then={"addTags": ["C"]}, most=1)
    many = world.listed()[-1]["ruleId"]
    for name in "de":
        world.tag(name, ["X"])
    report = world.drain()
    assert dict(report.outcomes) == {"not-meant": 1, "gone": 1, "done": 4, "dropped": 1}
    assert (report.paused, report.failed, report.finished) == ([many], [], True)
    assert world.rule(rule).active
    assert len(world.rows()) == 2


def test_rows_of_a_deleted_rule_go_though_they_come_after_its_end() -> None:
    world, rule = crowd("a")
    (row,) = world.rows()
    saving.delete(world.runner, rule.id)
    world.save(name="Other", when={"enters": "tag:b"})
    assert dict(world.drain().outcomes) == {"dropped": 1}
    world.store.put("crmOutbox/late", row)
    assert dict(world.drain().outcomes) == {"dropped": 1}
    assert world.rows() == []


@pytest.mark.parametrize("page", [1, 2, 3, 6, 7])
@pytest.mark.parametrize("how", ["act", "send", "drop"])
def test_everybody_is_met_once_however_many_rows_are_read_at_a_time(
    page: int, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "PAGE", page)
    world, rule = crowd()
    for name in world.store.all("crmOutbox"):  # all of one moment: ids tell them apart
        row = world.store.all("crmOutbox")[name]
        world.store.put(f"crmOutbox/{name}", {**row, "at": rule.since + timedelta(seconds=1)})
    world.store.wait(timedelta(minutes=1))
    if how == "send":
        book = world.store.all("crmRules")["book"]
        book["rules"][rule.id]["then"] = {"send": "c1"}
        world.store.put("crmRules/book", book)
        assert dict(world.drain().outcomes) == {"sent": 6}
        assert sorted(world.sent) == sorted((rule.id, world.id(name)) for name in "abcdef")
        return
    commits: list[int] = []
    commit = world.store.commit
    world.store.commit = lambda writes: commits.append(len(writes)) or commit(writes)  # type: ignore[method-assign,func-returns-value]
    if how == "drop":
        world.save(rule.id, on=False)
        assert dict(world.drain().outcomes) == {"dropped": 6}
        assert 0 not in commits
    else:
        assert dict(world.drain().outcomes) == {"done": 6}
    assert world.rows() == []


def test_whoever_waits_longest_is_first() -> None:
    world, rule = crowd()
    names = ["c", "a", "f", "b", "e", "d"]
    rows = {row["customerId"]: name for name, row in world.store.all("crmOutbox").items()}
    for hours, name in enumerate(reversed(names)):
        path = rows[world.id(name)]
        row = world.store.all("crmOutbox")[path]
        at = rule.since + timedelta(minutes=10 - hours)
        world.store.put(f"crmOutbox/{path}", {**row, "at": at})
    world.store.wait(timedelta(hours=1))
    world.drain()
    entries = [e for e in world.store.all("crmAudit").values() if e["action"] == "customer.tag"]
    entries.sort(key=lambda one: one["at"])
    assert [one["customers"] for one in entries] == [[world.id(name)] for name in names]


@pytest.mark.parametrize(("people", "pauses"), [("ab", False), ("abc", False), ("abcd", True)])
def test_one_more_than_it_may_act_on_at_once_are_too_many(people: str, pauses: bool) -> None:
    world, rule = crowd(people, most=3)
    report = world.drain()
    assert report.paused == ([rule.id] if pauses else [])
    assert dict(report.outcomes) == ({} if pauses else {"done": len(people)})
    assert world.rule(rule).waiting == (len(people) if pauses else 0)


def test_who_is_too_old_and_comes_after_those_were_dropped_is_left_to_the_next_round() -> None:
    world, rule = crowd("ab")
    book = world.store.all("crmRules")["book"]
    book["rules"][rule.id]["then"] = {"send": "c1"}
    world.store.put("crmRules/book", book)
    row = {**world.rows()[0], "at": rule.since - timedelta(seconds=1)}
    count = world.store.count

    def meanwhile(query: Any) -> int:
        world.store.put("crmOutbox/old", row)
        return count(query)

    world.store.count = meanwhile  # type: ignore[method-assign]
    assert dict(world.drain().outcomes) == {"sent": 2}
    assert sorted(world.sent) == sorted((rule.id, world.id(name)) for name in "ab")
    assert "old" in world.store.all("crmOutbox")


@pytest.mark.parametrize(("ago", "too_many"), [(0, False), (1, True)])
def test_those_count_who_came_after_staff_let_the_others_be_acted_on(
    ago: int, too_many: bool
) -> None:
    world, rule = crowd("abcd", most=3)
    world.drain()
    rule = world.save(rule.id, most=3, waiting="act")
    assert rule.allowed is not None
    for name, row in world.store.all("crmOutbox").items():
        at = rule.allowed + timedelta(microseconds=ago)
        world.store.put(f"crmOutbox/{name}", {**row, "at": at})
    world.store.wait(timedelta(minutes=1))
    assert world.drain().paused == ([rule.id] if too_many else [])


def test_whether_anybody_waits_is_asked_of_one_row_without_its_fields() -> None:
    world, _ = crowd()
    asked: list[Query] = []
    find = world.store.find
    world.store.find = lambda query: asked.append(query) or find(query)  # type: ignore[method-assign,func-returns-value]
    world.drain()
    assert asked[0] == Query("crmOutbox", limit=1, keys_only=True)


def test_a_rule_that_cannot_be_acted_on_is_named_and_the_next_one_acts() -> None:
    world, first = crowd("a")
    second = world.save(name="Two", when={"enters": "order_count >= 2"}, then={"addTags": ["B"]})
    world.buy("a")
    book = world.store.all("crmRules")["book"]
    sends, acts = sorted([first.id, second.id])
    book["rules"][sends]["then"] = {"send": "c1"}
    world.store.put("crmRules/book", book)

    def refuse(*_: Any) -> None:
        raise Refusal("not-found", "no-such-campaign", "It is gone.")

    report = drain(world.seen, world.queue.append, 60, refuse, threads=1)
    assert [one for one, _ in report.failed] == [sends]
    assert report.failed[0][1].startswith("Refusal at ")
    assert (dict(report.outcomes), report.finished) == ({"done": 1}, True)
    assert [row["ruleId"] for row in world.rows()] == [sends]
    assert world.tags("a") == [{first.id: "vip", second.id: "b"}[acts]]


def test_a_database_that_does_not_answer_ends_the_round() -> None:
    world, _ = crowd("ab")

    def run(faults: Faults) -> Drained:
        store, once = FaultyStore(world.store, faults), RetryPolicy(seconds=0)
        runner = replace(world.seen, store=store, retry=once)
        return drain(runner, world.queue.append, 60, lambda *_: None, threads=1)

    for at in range(1, 7):
        with pytest.raises(Transient):
            run(Faults(at, Fault.DOWN))
        assert len(world.rows()) == 2
    assert dict(run(Faults()).outcomes) == {"done": 2}


def test_a_row_that_cannot_be_acted_on_is_named_by_its_id_without_values() -> None:
    world, _ = crowd("ab")
    customer = world.store.all("customers")[world.id("a")]
    (bad,) = [
        name
        for name, row in world.store.all("crmOutbox").items()
        if row["customerId"] == world.id("a")
    ]
    world.store.put(f"customers/{world.id('a')}", {**customer, "parts": 3})
    report = world.drain()
    assert dict(report.outcomes) == {"done": 1, "failed": 1}
    ((name, why),) = report.failed
    assert name == bad
    assert "@" not in why


@pytest.mark.parametrize(("seconds", "acts"), [(0, False), (1, False), (60, True)])
def test_a_round_begins_nothing_after_its_time(seconds: float, acts: bool) -> None:
    world, _ = crowd("ab")
    now = iter([0.0, *[1.0] * 1_000])
    report = drain(
        world.seen, world.queue.append, seconds, lambda *_: None, clock=lambda: next(now), threads=1
    )
    assert report.finished is acts
    assert dict(report.outcomes) == ({"done": 2} if acts else {})


def test_to_act_on_somebody_reads_nothing_a_second_time() -> None:
    """What is read for each is known before: the rule, its tags, the row's customer."""
    world, _ = crowd("a")
    read: list[list[str]] = []
    ask = world.store.read

    def noted(paths: Any) -> Any:
        some = list(paths)
        read.append([path.partition("/")[0] for path in some])
        return ask(some)

    world.store.read = noted  # type: ignore[method-assign]
    world.drain()
    several = [sorted({*one}) for one in read if len(one) > 1]
    assert several[0] == ["crmOutbox", "crmRules", "crmTags", "customers"]


# --- What time brings


def room_of_both() -> tuple[RuleRoom, str, str]:
    """A room in which an event is over, and somebody has not ordered for long."""
    room = RuleRoom()
    room.buy("old@example.com", at=DUE - timedelta(days=29, hours=12) - timedelta(days=1))
    room.buy("p0@example.com", "party", PARTY)
    since = room.rule(when={"sinceLastOrder": {"days": 30}}, then=TAGS).id
    ended = room.rule(when=ENDED, once="event", then=TAGS).id
    room.until(DUE + timedelta(minutes=5))
    return room, ended, since


def test_a_round_counts_events_and_people_apart() -> None:
    room, _, _ = room_of_both()
    assert room.tick() == Ticked(events=1, entered=1, failed=[])
    assert room.tick() == Ticked()


def test_events_come_first() -> None:
    room, _, _ = room_of_both()
    seconds = iter([0.0, 0.0, 61.0])
    found = tick(room.runner, room.queue.append, later=room.later, clock=lambda: next(seconds))
    assert found == Ticked(events=1)
    assert room.outbox == {}


@pytest.mark.parametrize(("at", "events"), [(59.9, 1), (60.0, 0)])
def test_no_rule_is_looked_at_after_a_minute(at: float, events: int) -> None:
    room, _, _ = room_of_both()
    seconds = iter([0.0, at, at, at])
    found = tick(room.runner, room.queue.append, later=room.later, clock=lambda: next(seconds))
    assert found.events == events


@pytest.mark.parametrize("how", ["off", "paused"])
def test_a_rule_that_is_off_or_asks_is_passed_over(how: str) -> None:
    room, ended, since = room_of_both()
    book = room.store.all("crmRules")["book"]
    book["rules"][ended] |= {"on": False} if how == "off" else {"paused": "too-many"}
    room.store.put("crmRules/book", book)
    assert room.tick() == Ticked(entered=1)
    assert [one["ruleId"] for one in room.outbox.values()] == [since]


def test_a_rule_over_which_something_fails_is_named_and_the_others_act() -> None:
    room, ended, _ = room_of_both()
    book = room.store.all("crmRules")["book"]
    book["rules"][ended]["when"] = {"eventEnded": {"days": "x", "at": "10:00"}}
    room.store.put("crmRules/book", book)
    found = room.tick()
    assert (found.events, found.entered) == (0, 1)
    ((rule_id, why),) = found.failed
    assert rule_id == ended
    assert why.startswith("ValueError")


def test_without_a_rule_that_is_on_a_round_costs_one_read() -> None:
    room, ended, since = room_of_both()
    for one, when in ((ended, ENDED), (since, {"sinceLastOrder": {"days": 30}})):
        room.rule(one, when=when, then=TAGS, once="ever", on=False)
    room.rule(when={"enters": "order_count >= 1"}, then={"addTags": ["X"]})
    reads = room.store.reads
    assert room.tick() == Ticked()
    assert room.store.reads == reads + 1
