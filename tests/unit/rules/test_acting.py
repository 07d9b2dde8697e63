"""What a rule does with those who wait, and with whom it does nothing."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from crm.core.errors import Conflict, Refusal
from crm.customers.limits import MAX_TAGS
from crm.rules.acting import LATE, plan_act
from crm.rules.drain import drain
from crm.rules.entry import RuleEntry
from crm.rules.pausing import plan_pause
from crm.tags import tagging
from testing.hosts import item, order
from tests.support.ruled import Ruled


def entered(name: str = "ada", **said: Any) -> Ruled:
    """A world in which somebody has just entered."""
    world = Ruled()
    world.save(**said)
    world.buy(name)
    assert len(world.rows()) == 1
    return world


def outcomes(world: Ruled) -> dict[str, int]:
    return dict(world.drain().outcomes)


def test_a_rule_acts_and_leaves_its_traces() -> None:
    world = entered()
    assert outcomes(world) == {"done": 1}
    assert world.tags("ada") == ["vip"]
    assert world.rows() == []
    (run,) = world.runs()
    assert (run["customerId"], run["did"], run["counted"]) == (world.id("ada"), "tags", True)
    assert world.store.all("crmTags")["vip"]["label"] == "VIP"
    entry = max(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    assert (entry["action"], entry["facts"]["rule"]) == ("customer.tag", run["ruleId"])
    assert entry["customers"] == [world.id("ada")]
    assert world.wrong() == []


def test_a_rule_takes_tags() -> None:
    world = Ruled()
    world.buy("ada")
    world.tag("ada", ["Guest", "Press"])
    world.save(when={"enters": "order_count >= 2"}, then={"removeTags": ["Guest"]})
    world.buy("ada")
    assert outcomes(world) == {"done": 1}
    assert world.tags("ada") == ["press"]


def test_it_acts_on_a_person_once() -> None:
    world = entered()
    world.drain()
    world.tag("ada", remove=["VIP"])
    world.put_order("back", order("ada@example.com", total=1))
    world.put_order("ada0", order("ada@example.com", total=1))
    world.put_order("ada0", order("ada@example.com", total=500))
    assert outcomes(world) == {"before": 1}
    assert world.tags("ada") == []
    assert world.rows() == []


def test_once_in_so_many_days_it_acts_again() -> None:
    world = entered(once={"days": 10})
    world.drain()
    for days, then in ((9, {"before": 1}), (2, {"done": 1}), (1, {"before": 1})):
        world.tag("ada", remove=["VIP"])
        world.store.wait(timedelta(days=days))
        world.put_order("ada0", order("ada@example.com", total=1))
        world.put_order("ada0", order("ada@example.com", total=500))
        assert outcomes(world) == then
    assert len(world.runs()) == 1


def test_only_is_asked_at_the_moment_of_acting() -> None:
    world = entered(only="not tag:press")
    world.tag("ada", ["Press"])
    assert outcomes(world) == {"not-meant": 1}
    assert world.tags("ada") == ["press"]
    assert world.rows() == world.runs() == []


def test_only_is_about_the_event_for_which_a_rule_acts() -> None:
    world = Ruled()
    world.buy("ada", items=[item("gala", checkedIn=True)])
    world.buy("bob", items=[item("gala", checkedIn=0)])
    ended: Any = {"eventEnded": {"days": 1, "at": "10:00"}}
    rule = world.save(when=ended, only="attended:this_event", once="event")

    def act(name: str, scope: str) -> str:
        row = RuleEntry("x", rule.id, world.id(name), world.store.now(), rule.since, scope)
        return world.runner.run(partial(plan_act, entry=row, stored=False))[0].result

    said = [act("ada", "gala"), act("bob", "gala"), act("ada", "ball"), act("ada", "gala")]
    assert said == ["done", "not-meant", "not-meant", "before"]


def test_one_who_comes_too_late_is_let_be() -> None:
    world = entered()
    world.store.wait(LATE + timedelta(seconds=1))
    assert outcomes(world) == {"dropped": 1}
    assert (world.tags("ada"), world.rows()) == ([], [])


def test_who_is_late_by_the_time_that_a_rule_acts_is_let_be() -> None:
    world = entered()
    row = RuleEntry.from_data(*world.store.all("crmOutbox").popitem())
    world.store.wait(LATE + timedelta(seconds=1))
    planned, _ = world.runner.run(partial(plan_act, entry=row))
    assert planned.result == "late"
    assert world.rows() == []


@pytest.mark.parametrize("again", [False, True])
def test_a_rule_that_was_switched_off_acts_on_nobody_from_before(again: bool) -> None:
    world = entered()
    (rule_id,) = {row["ruleId"] for row in world.rows()}
    row = RuleEntry.from_data(*world.store.all("crmOutbox").popitem())
    world.save(rule_id, on=False)
    if again:
        world.save(rule_id, on=True)
    planned, _ = world.runner.run(partial(plan_act, entry=row))
    assert planned.result == "off"
    assert world.tags("ada") == []


@pytest.mark.parametrize("how", ["off", "again", "deleted", "other"])
def test_rows_of_before_go(how: str) -> None:
    from crm.rules import saving

    world = entered()
    rule_id = world.rows()[0]["ruleId"]
    if how == "deleted":
        saving.delete(world.runner, rule_id)
    elif how == "other":
        world.save(rule_id, when={"enters": "order_count >= 1"})
    else:
        world.save(rule_id, on=False)
        if how == "again":
            world.save(rule_id, on=True)
    assert outcomes(world) == {"dropped": 1}
    assert (world.tags("ada"), world.rows()) == ([], [])


def test_somebody_who_was_merged_meanwhile_is_the_survivor() -> None:
    world = entered()
    world.buy("bob", 1)
    world.merge("ada", "bob")
    assert outcomes(world) == {"done": 1}
    assert world.tags("bob") == ["vip"]


def test_somebody_who_has_gone_is_let_be() -> None:
    world = entered()
    world.delete_order("ada0")
    assert world.customers() == []
    assert outcomes(world) == {"gone": 1}
    assert world.rows() == []


def test_somebody_with_as_many_tags_as_can_be_is_let_be_and_it_is_known() -> None:
    world = entered()
    world.tag("ada", [f"t{number}" for number in range(MAX_TAGS)])
    assert outcomes(world) == {"full": 1}
    assert world.runs() == world.rows() == []
    entry = max(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    assert (entry["action"], entry["facts"]["reason"]) == ("rule.skip", "too-many-tags")


def test_while_its_tag_is_renamed_a_rule_waits() -> None:
    world = entered()
    world.buy("bob", 1)
    world.tag("bob", ["VIP"])
    world.store.put(
        "crmTags/vip", {**world.store.all("crmTags")["vip"], "state": "renaming", "jobId": "j"}
    )
    world.store.put("crmJobs/j", _job())
    assert outcomes(world) == {"busy": 1}
    assert len(world.rows()) == 1
    world.store.delete("crmJobs/j")
    assert outcomes(world) == {"done": 1}


def _job() -> dict[str, Any]:
    world = Ruled()
    world.buy("bob", 1)
    world.tag("bob", ["VIP"])
    tagging.rename_tag(world.runner, lambda _task: None, "vip", "Very")
    (job,) = world.store.all("crmJobs").values()
    return {**job, "state": "running"}


def test_one_who_has_the_tag_already_counts_as_acted_on() -> None:
    world = entered()
    world.tag("ada", ["VIP"])
    assert outcomes(world) == {"done": 1}
    assert len(world.runs()) == 1


def test_somebody_erased_meanwhile_is_not_written_of() -> None:
    world = entered()
    world.tag("ada", ["VIP"])  # so that nothing of the customer changes
    row = RuleEntry.from_data(*world.store.all("crmOutbox").popitem())
    tx = world.runner.begin()
    planned = world.runner.evaluate(partial(plan_act, entry=row), tx)
    world.store.delete(f"customers/{world.id('ada')}")
    with pytest.raises(Conflict):
        world.store.commit(planned.writes)


def test_two_workers_cannot_both_act() -> None:
    world = entered()
    row = RuleEntry.from_data(*world.store.all("crmOutbox").popitem())
    plans = [world.runner.evaluate(partial(plan_act, entry=row)) for _ in range(2)]
    world.store.commit(plans[0].writes)
    with pytest.raises(Conflict):
        world.store.commit(plans[1].writes)
    other = replace(row, id="other")
    with pytest.raises(Conflict):  # also where there are two rows
        world.store.commit(plans[1].writes[:-1])
    done, _ = world.runner.run(partial(plan_act, entry=other, stored=False))
    assert done.result == "before"
    done, _ = world.runner.run(partial(plan_act, entry=row))
    assert done.result == "handled"


def test_a_chain_of_rules_goes_on() -> None:
    world = entered()
    world.save(name="Party", when={"enters": "tag:vip"}, then={"addTags": ["Party"]})
    world.drain()
    world.drain()
    assert world.tags("ada") == ["party", "vip"]


def crowd(most: int = 3, people: str = "abcdef", **said: Any) -> tuple[Ruled, Any]:
    world = Ruled()
    rule = world.save(most=most, **said)
    for name in people:
        world.buy(name)
    return world, rule


def test_for_too_many_a_rule_acts_on_nobody_and_asks() -> None:
    world, rule = crowd()
    report = world.drain()
    assert (dict(report.outcomes), report.paused) == ({}, [rule.id])
    now = world.rule(rule)
    assert (now.on, now.active, now.paused, now.waiting) == (True, False, "too-many", 6)
    assert [one["tags"] for one in world.customers()] == [[]] * 6
    world.watch.forget()
    world.buy("late")
    assert len(world.rows()) == 6  # while it waits, nobody is added
    assert dict(world.drain().outcomes) == {}
    with pytest.raises(Refusal) as refused:
        world.save(rule.id, most=3)
    assert (refused.value.reason, refused.value.more) == ("rule-waits", {"waiting": 6})


def test_as_many_as_it_may_act_on_it_does() -> None:
    world, _ = crowd(most=6)
    assert dict(world.drain().outcomes) == {"done": 6}


def test_staff_have_it_act_however_late_it_is() -> None:
    world, rule = crowd()
    world.drain()
    world.store.wait(timedelta(days=30))
    world.save(rule.id, most=3, waiting="act")
    for name in "xy":
        world.buy(name)
    assert dict(world.drain().outcomes) == {"done": 8}
    assert all(one["tags"] == ["vip"] for one in world.customers())


def test_what_staff_allowed_holds_for_those_alone_who_waited() -> None:
    world, rule = crowd()
    world.drain()
    world.save(rule.id, most=3, waiting="act")
    for name in "uvxy":
        world.buy(name)
    drained = world.drain()
    assert dict(drained.outcomes) == {"done": 6}
    assert drained.paused == [rule.id]
    assert world.rule(rule).waiting == 4
    assert [world.tags(name) for name in "abcdefuvxy"] == [["vip"]] * 6 + [[]] * 4


def test_a_rule_asks_about_others_when_it_has_acted_on_all_whom_staff_allowed() -> None:
    asked = set()
    for seconds in range(20):  # each look at the clock takes one
        world, rule = crowd()
        world.drain()
        world.save(rule.id, most=3, waiting="act")
        for name in "uvxy":
            world.buy(name)
        clock = partial(next, itertools.count())
        drain(world.seen, world.queue.append, seconds, lambda *_: None, threads=1, clock=clock)
        done = sum(world.tags(name) == ["vip"] for name in "abcdef")
        paused = world.rule(rule).paused
        assert done == 6 or paused is None
        asked.add((done, paused))
    assert {(0, None), (3, None), (6, "too-many")} <= asked


def test_staff_have_it_drop_them() -> None:
    world, rule = crowd()
    world.drain()
    world.save(rule.id, most=3, waiting="drop")
    assert dict(world.drain().outcomes) == {"dropped": 6}
    world.buy("x")
    assert dict(world.drain().outcomes) == {"done": 1}


def test_one_rule_that_waits_does_not_stop_another() -> None:
    world, _ = crowd()
    world.save(name="Other", then={"addTags": ["Other"]}, when={"enters": "order_count >= 2"})
    world.drain()
    world.buy("a")
    assert dict(world.drain().outcomes) == {"done": 1}
    assert world.tags("a") == ["other"]


def test_what_a_rule_sends_is_handed_over_in_its_name() -> None:
    world, rule = crowd(most=6)
    book = world.store.all("crmRules")["book"]
    book["rules"][rule.id]["then"] = {"send": "c1"}
    world.store.put("crmRules/book", book)
    world.drain()
    assert sorted(world.sent) == sorted((rule.id, world.id(name)) for name in "abcdef")


def test_an_empty_outbox_costs_one_read() -> None:
    world = Ruled()
    world.save()
    reads = world.store.reads
    world.drain()
    assert world.store.reads == reads + 1


def test_one_who_cannot_be_acted_on_stops_nobody() -> None:
    world, _ = crowd(most=6)
    customer = world.store.all("customers")[world.id("a")]
    world.store.put(f"customers/{world.id('a')}", {**customer, "parts": 3})
    report = world.drain()
    assert report.outcomes["done"] == 5
    assert len(report.failed) == len(world.rows()) == 1


def test_a_drain_that_is_stopped_is_gone_on_with() -> None:
    world, _ = crowd(most=6)
    ticks = iter(range(1_000))
    report = drain(
        world.seen, world.queue.append, 9, lambda *_: None, threads=1, clock=lambda: next(ticks)
    )
    assert not report.finished
    assert report.outcomes["left"] > 0
    world.drain()
    assert all(one["tags"] == ["vip"] for one in world.customers())


def test_a_pause_is_of_the_rule_as_it_was() -> None:
    world = Ruled()
    rule = world.save()
    world.runner.run(lambda tx: plan_pause(tx, rule.id, None, "too-many", 9))
    assert world.rule(rule).active
    world.runner.run(lambda tx: plan_pause(tx, rule.id, rule.since, "template-gone"))
    assert world.rule(rule).paused == "template-gone"
    world.save(rule.id)
    assert world.rule(rule).active
