"""What rules send: a campaign to those who wait, each once, asked again as it begins."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from crm.campaigns import preparing
from crm.campaigns.by_rule import NOBODY
from crm.campaigns.control import cancel, pause
from crm.campaigns.saving import save as save_campaign
from crm.campaigns.saving import written
from crm.consent.plan import plan_consent
from crm.core.errors import Conflict, Refusal, Transient
from crm.db.collections import AUDIENCES, CAMPAIGNS, CUSTOMERS
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.rules import sending
from crm.segments.language.ast import Everyone
from tests.support.faults import Faults, Killed
from tests.support.ruling import RuleRoom, each

BUYERS = {"enters": {"orderCount": {"gte": 1}}}

TWICE = {"enters": {"orderCount": {"gte": 2}}}


def entered(number: int = 3, **asked: Any) -> RuleRoom:
    """Return a room in which so many people wait in the outbox."""
    room = RuleRoom()
    room.rule(**{"when": BUYERS, **asked})
    for address in each(number):
        room.buy(address)
    assert len(room.outbox) == number
    return room


def merge(room: RuleRoom, source: str, target: str) -> None:
    ids = [room.customer(one)["id"] for one in (source, target)]
    room.watched.run(lambda tx: plan_merge(tx, *ids))


# --- To whom


def test_who_enters_gets_one_mail_and_no_row_is_left() -> None:
    room = entered()
    for _ in range(3):
        room.sweep()
    assert room.mailed == dict.fromkeys(each(3), 1)
    assert room.outbox == {}
    (campaign,) = room.by_rules
    assert campaign.state == "done"
    assert campaign.segment == NOBODY
    assert len(campaign.people or ()) == 3
    assert {one["campaignId"] for one in room.runs.values()} == {campaign.id}
    entry = [e for e in room.store.all("crmAudit").values() if e["action"] == "campaign.send"]
    assert [e["facts"]["rule"] for e in entry] == [campaign.rule]


def test_what_is_sent_says_what_the_draft_says() -> None:
    room = entered(1)
    room.sweep()
    (campaign,) = room.by_rules
    template = room.store.all(CAMPAIGNS)[room.rule_now(campaign.rule or "").campaign_id or ""]
    for name in ("subject", "preview", "body", "from", "replyTo"):
        assert room.store.all(CAMPAIGNS)[campaign.id][name] == template[name]
    assert template["state"] == "draft"


def test_who_waits_twice_gets_one_mail() -> None:
    room = RuleRoom()
    room.rule(when=TWICE)
    names = [room.buy("p0@example.com") for _ in range(2)]
    for _ in range(3):  # leaves, and enters again
        room.store.put(f"orders/{names[0]}", {**room.store.all("orders")[names[0]], "status": "x"})
        order = room.store.all("orders")[names[0]]
        room.store.put(f"orders/{names[0]}", {**order, "status": "refunded"})
        room.sync.sync_order(names[0])
        room.store.put(f"orders/{names[0]}", {**order, "status": "paid"})
        room.sync.sync_order(names[0])
    assert len(room.outbox) == 4
    room.sweep()
    assert room.mailed == {"p0@example.com": 1}
    assert len(room.by_rules) == 1


def test_no_campaign_comes_where_nobody_can_be_reached() -> None:
    room = RuleRoom()
    room.rule(when=BUYERS)
    room.buy("quiet@example.com", agreed=False)
    room.sweep()
    assert room.by_rules == []
    assert room.outbox == {}
    assert room.runs == {}


def test_who_cannot_be_reached_is_named_and_has_not_been_acted_on() -> None:
    room = RuleRoom()
    rule = room.rule(when=BUYERS)
    room.buy("quiet@example.com", agreed=False)
    room.buy("p0@example.com")
    room.sweep()
    assert room.mailed == {"p0@example.com": 1}
    assert room.excluded() == {"not-subscribed": 1}
    assert {one["ruleId"] for one in room.runs.values()} == {rule.id}
    assert len(room.runs) == 1


def test_a_campaign_is_of_whom_the_rule_acts_on_alone() -> None:
    room = entered(3, only={"not": {"tag": "no"}})
    names = [room.customer(one)["id"] for one in each(3)]
    data = room.store.all(CUSTOMERS)[names[0]]
    room.store.put(f"{CUSTOMERS}/{names[0]}", {**data, "tags": ["no"]})
    room.store.delete(f"{CUSTOMERS}/{names[1]}")
    room.drain()
    (campaign,) = room.by_rules
    assert campaign.people == (names[2],)
    assert room.outbox == {}


def test_each_rule_sends_to_those_alone_who_wait_for_it() -> None:
    room = RuleRoom()
    twice = room.rule(when=TWICE)
    for _ in range(2):
        room.buy("p0@example.com")
    once = room.rule(when=BUYERS)
    room.buy("p1@example.com")
    room.sweep()
    ids = [room.customer(address)["id"] for address in each(2)]
    people = {one.rule: [*(one.people or ())] for one in room.by_rules}
    assert people == {twice.id: ids[:1], once.id: ids[1:]}


def test_only_is_asked_again_as_the_audience_is_fixed() -> None:
    room = entered(2, only={"not": {"tag": "no"}})
    room.drain()
    name = room.customer("p0@example.com")["id"]
    data = room.store.all(CUSTOMERS)[name]
    room.store.put(f"{CUSTOMERS}/{name}", {**data, "tags": ["no"]})
    room.work()
    assert room.mailed == {"p1@example.com": 1}
    assert room.excluded() == {"rule-only": 1}
    assert len(room.runs) == 1
    (shard,) = room.store.all(AUDIENCES).values()
    assert set(shard["excluded"]) == {name}
    assert shard["people"] == [room.customer("p1@example.com")["id"]]


def test_consent_is_asked_at_the_last_moment() -> None:
    room = entered(2)
    room.drain()
    while room.by_rules[0].state != "sending":
        room.work(seconds=0, most=1)
    name = room.customer("p0@example.com")["id"]
    evidence = {"source": "by telephone"}
    room.runner.run(lambda tx: plan_consent(tx, "call", name, "unsubscribed", evidence))
    room.work()
    assert room.mailed == {"p1@example.com": 1}


def test_two_campaigns_of_a_rule_to_one_person_are_one_mail() -> None:
    room = entered(1)
    room.drain()
    row = {"ruleId": room.by_rules[0].rule, "customerId": room.customer(each(1)[0])["id"]}
    since = room.rule_now(row["ruleId"] or "").since
    room.store.put(
        "crmOutbox/again", {**row, "at": room.store.now(), "since": since, "scope": None}
    )
    room.drain()
    assert len(room.by_rules) == 2
    room.work()
    assert room.mailed == {"p0@example.com": 1}
    assert room.excluded() == {"rule-already": 1}


# --- People who are merged, and taken apart


def test_who_was_merged_meanwhile_gets_the_mail_as_who_they_are_now() -> None:
    room = entered(2)
    merge(room, "p0@example.com", "p1@example.com")
    room.sweep()
    assert room.mailed.total() == 1
    (campaign,) = room.by_rules
    assert len(campaign.people or ()) == 1


@pytest.mark.parametrize("stop", ["before", "fixed"])
def test_who_is_merged_once_the_campaign_is_there_gets_one_mail(stop: str) -> None:
    room = entered(2)
    room.drain()
    while stop == "fixed" and room.by_rules[0].state != "sending":
        room.work(seconds=0, most=1)
    merge(room, "p0@example.com", "p1@example.com")
    room.work()
    assert room.mailed.total() == 1
    assert room.by_rules[0].state == "done"


def test_a_merge_and_its_undoing_do_not_have_it_act_again() -> None:
    room = entered(2)
    room.sweep()
    merge(room, "p0@example.com", "p1@example.com")
    for address in each(2):
        room.buy(address)
    room.sweep()
    (merged,) = room.store.all("crmMerges")
    room.runner.run(lambda tx: plan_unmerge(tx, merged))
    for address in each(2):
        room.buy(address)
    room.sweep()
    assert room.mailed == dict.fromkeys(each(2), 1)


# --- What staff do


def test_a_rule_that_is_switched_off_before_it_begins_sends_nothing() -> None:
    room = RuleRoom()
    said: dict[str, Any] = {"when": BUYERS, "then": {"send": room.template()}}
    rule = room.rule(**said)
    room.buy("p0@example.com")
    room.rule(rule.id, **said, on=False)
    room.sweep()
    assert room.by_rules == []
    assert room.outbox == {}
    room.rule(rule.id, **said)
    room.sweep()
    assert room.mailed == {}


def test_a_rule_switched_off_and_on_again_does_not_send_what_it_had_begun() -> None:
    room = RuleRoom()
    said: dict[str, Any] = {"when": BUYERS, "then": {"send": room.template()}}
    rule = room.rule(**said)
    room.buy("p0@example.com")
    room.drain()
    room.rule(rule.id, **said, on=False)
    room.rule(rule.id, **said)
    room.work()
    assert room.mailed == {}
    assert room.excluded() == {"rule-off": 1}


def test_a_draft_that_is_gone_has_the_rule_pause_and_nobody_is_lost() -> None:
    room = RuleRoom()
    template = room.template()
    rule = room.rule(when=BUYERS, then={"send": template})
    room.buy("p0@example.com")
    kept = room.store.all(CAMPAIGNS)[template]
    room.store.delete(f"{CAMPAIGNS}/{template}")
    room.sweep()
    assert (room.rule_now(rule.id).paused, room.rule_now(rule.id).waiting) == ("template-gone", 1)
    assert len(room.outbox) == 1
    room.store.put(f"{CAMPAIGNS}/{template}", kept)
    room.rule(rule.id, when=BUYERS, then={"send": template}, waiting="act")
    room.sweep()
    assert room.mailed == {"p0@example.com": 1}


def test_a_rule_that_paused_at_some_stops_at_the_others_without_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    room = RuleRoom()
    template = room.template()
    rule = room.rule(when=BUYERS, then={"send": template})
    for address in each(5):
        room.buy(address)
    room.store.delete(f"{CAMPAIGNS}/{template}")
    room.sweep()
    assert (room.rule_now(rule.id).paused, room.rule_now(rule.id).waiting) == ("template-gone", 5)
    assert len(room.outbox) == 5


def test_a_draft_that_cannot_be_read_has_the_rule_pause_and_nobody_is_lost() -> None:
    room = RuleRoom()
    template = room.template()
    said: dict[str, Any] = {"when": BUYERS, "then": {"send": template}}
    rule = room.rule(**said)
    room.buy("p0@example.com")
    kept = room.store.all(CAMPAIGNS)[template]
    broken = {"format": "markdown", "source": "Hello {{ name"}
    room.store.put(f"{CAMPAIGNS}/{template}", {**kept, "body": broken})
    room.sweep()
    assert (room.rule_now(rule.id).paused, room.rule_now(rule.id).waiting) == ("template-unfit", 1)
    assert room.by_rules == []
    assert len(room.outbox) == 1
    room.store.put(f"{CAMPAIGNS}/{template}", kept)
    room.rule(rule.id, **said, waiting="act")
    room.sweep()
    assert room.mailed == {"p0@example.com": 1}


def test_more_than_are_allowed_get_nothing() -> None:
    room = entered(5, most=4)
    room.sweep()
    assert room.by_rules == []
    assert room.mailed == {}
    assert len(room.outbox) == 5


def test_staff_pause_and_cancel_it_but_do_not_edit_it() -> None:
    room = entered(2)
    room.drain()
    (campaign,) = room.by_rules
    wanted, _ = written(
        room.runner,
        name="Mine",
        subject="Mine",
        preview=None,
        body=("markdown", "Mine"),
        segment=Everyone(),
        sender=None,
        reply_to=None,
    )
    with pytest.raises(Refusal, match="A rule sends") as refused:
        save_campaign(room.runner, wanted, campaign.id)
    assert refused.value.reason == "campaign-of-rule"
    assert cancel(room.runner, campaign.id).state == "cancelled"
    room.work()
    assert room.mailed == {}


def test_one_that_staff_have_paused_stays_so() -> None:
    room = entered(2)
    room.drain()
    while room.by_rules[0].state != "sending":
        room.work(seconds=0, most=1)
    pause(room.runner, room.by_rules[0].id)
    room.work()
    assert room.mailed == {}


# --- Large, late, killed


def test_more_than_fit_into_a_commit_are_in_several_shards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preparing, "MOST_WRITES", 10)
    room = entered(23)
    room.sweep()
    assert room.mailed == dict.fromkeys(each(23), 1)
    assert len(room.shards) >= 4
    assert all(shard.counts.audience <= 5 for shard in room.shards)
    assert room.by_rules[0].counts["audience"] == 23


def test_an_audience_that_is_fixed_anew_meets_its_own_records() -> None:
    room = entered(30)
    room.drain()
    (campaign,) = room.by_rules
    monkey = pytest.MonkeyPatch()
    monkey.setattr(preparing, "MOST", 10)
    try:
        while len(room.shards) < 2:
            room.work(seconds=0, most=1)
        room.wait(minutes=51)
        room.work()
        assert room.by_rules[0].reason == "preparing-too-long"
        from crm.campaigns.control import resume

        resume(room.runner, room.queue.append, campaign.id)
        room.work()
    finally:
        monkey.undo()
    assert room.mailed == dict.fromkeys(each(30), 1)
    assert room.excluded() == {}


def test_a_row_that_is_older_than_a_day_is_not_acted_on() -> None:
    room = entered(2)
    room.wait(hours=25)
    room.sweep()
    assert room.by_rules == []
    assert room.mailed == {}
    assert room.outbox == {}


def test_a_campaign_that_cannot_begin_for_hours_is_missed() -> None:
    room = entered(2)
    room.drain()
    room.wait(hours=3)
    room.work()
    assert room.by_rules[0].state == "missed"
    assert room.mailed == {}
    assert room.runs == {}


def test_a_sweep_that_dies_anywhere_sends_to_each_once() -> None:
    faults = Faults()
    entered().drain(faults)
    assert len(faults.points) > 15
    for fault, at in faults.points:
        room = entered()
        with suppress(Killed, Conflict, Transient):
            room.drain(Faults(at, fault))
        room.sweep()
        room.queue += list(room.store.all("crmJobs"))
        room.work()
        assert room.mailed == dict.fromkeys(each(3), 1), (fault, at)
        assert len(room.by_rules) == 1, (fault, at)
        assert room.outbox == {}
