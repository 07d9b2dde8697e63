"""What rules leave in the database and the audit trail, as a whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crm.core.tag_names import tag_id
from crm.rules.refreshing import refresh
from crm.segments import saved
from crm.segments.language.text import parse
from crm.segments.saved_plan import Definition
from tests.support.ruled import Ruled
from tests.support.ruling import RuleRoom, each

PARTY = datetime(2026, 1, 10, 18, tzinfo=UTC)

DUE = datetime(2026, 1, 11, 9, tzinfo=UTC)

THE_DAY_AFTER = {"eventEnded": {"days": 1, "at": "10:00"}}

TAGS = {"addTags": ["Guest"], "removeTags": []}


def said(world: Any, *actions: str) -> list[tuple[str, list[str], dict[str, Any]]]:
    """Return what the audit trail says of some actions, in the order of their time."""
    entries = sorted(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    return [
        (one["action"], one["customers"], one["facts"])
        for one in entries
        if one["action"] in actions
    ]


# --- Of saved segments


def test_what_saved_segments_change_of_rules_is_one_entry() -> None:
    world = Ruled()

    def segment(name: str, text: str, segment_id: str | None = None) -> str:
        return saved.save(world.runner, Definition(name, parse(text)), segment_id)[0]

    mine, other = segment("Mine", "order_count >= 2"), segment("Other", "order_count >= 3")
    loops = [
        world.save(name="A", when={"enters": "segment:Mine"}, then={"addTags": ["A"]}),
        world.save(name="B", when={"enters": "tag:a"}, then={"addTags": ["B"]}),
    ]
    follows = world.save(name="C", when={"enters": "segment:Mine"}, then={"addTags": ["C"]})
    gone = world.save(name="D", when={"enters": "segment:Other"}, then={"addTags": ["D"]})
    off = world.save(name="E", on=False, when={"enters": "segment:Other"}, then={"addTags": ["E"]})
    segment("Mine", "tag:b", mine)
    world.store.delete(f"crmSegments/{other}")
    world.store.wait(timedelta(hours=1))
    assert refresh(world.runner) == 4
    assert said(world, "rule.refresh") == [("rule.refresh", [], {"changed": 4, "paused": 3})]
    now = {one.name: world.rule(one) for one in (*loops, follows, gone, off)}
    assert {name: one.paused for name, one in now.items()} == {
        "A": "loop",
        "B": "loop",
        "C": None,
        "D": "segment-gone",
        "E": None,
    }
    assert [now[name].entered for name in "AC"] == [{"tag": "b"}] * 2
    for name in "ACD":
        assert now[name].updated_at > now["B"].created_at + timedelta(hours=1)
    assert now["E"] == off
    assert {one.revision for one in now.values()} == {1}


# --- Of acting


def test_a_row_of_the_outbox_says_who_and_why() -> None:
    world = Ruled()
    rule = world.save()
    world.buy("ada")
    (row,) = world.rows()
    at = row.pop("at")
    assert row == {
        "ruleId": rule.id,
        "customerId": world.id("ada"),
        "since": rule.since,
        "scope": None,
    }
    assert rule.since is not None
    assert rule.since <= at <= world.store.now()


def test_the_records_of_a_person_are_one_for_each_identity_and_one_counts() -> None:
    world = Ruled()
    rule = world.save()
    world.put_user("u1", {"email": "ada@example.com"})
    world.buy("ada")
    world.drain()
    runs = sorted(world.runs(), key=lambda one: one["identity"])
    (at,) = {one.pop("at") for one in runs}
    keys = world.runner.keys
    identities = sorted([keys.address("ada@example.com"), keys.user("u1")])
    assert runs == [
        {
            "ruleId": rule.id,
            "customerId": world.id("ada"),
            "identity": identity,
            "scope": None,
            "did": "tags",
            "campaignId": None,
            "counted": identity == identities[0],
            "erased": None,
        }
        for identity in identities
    ]
    assert rule.since is not None
    assert at > rule.since


def test_somebody_with_too_many_tags_is_named_as_left_out() -> None:
    world = Ruled()
    rule = world.save()
    world.buy("ada")
    world.tag("ada", [f"t{number}" for number in range(100)])
    world.drain()
    assert said(world, "rule.skip") == [
        ("rule.skip", [world.id("ada")], {"rule": rule.id, "reason": "too-many-tags"})
    ]


# --- Of events


def party(number: int = 3) -> RuleRoom:
    room = RuleRoom()
    for address in each(number):
        room.buy(address, "party", PARTY)
    return room


def noted(room: RuleRoom) -> dict[str, Any]:
    (found,) = [one for name, one in room.store.all("crmRules").items() if name != "book"]
    return found


def test_an_event_is_noted_with_the_job_that_gives_its_people_tags() -> None:
    room = party()
    rule = room.rule(when=THE_DAY_AFTER, once="event", then=TAGS)
    room.until(DUE + timedelta(minutes=5))
    before = room.store.now()
    assert room.tick().events == 1
    (job,) = room.store.all("crmJobs").values()
    (job_id,) = room.store.all("crmJobs")
    found = noted(room)
    now = found.pop("at")
    assert before <= now <= room.store.now()
    assert found == {
        "ruleId": rule.id,
        "eventId": "party",
        "dueAt": DUE,
        "since": rule.since,
        "state": "begun",
        "people": 3,
        "campaignId": None,
        "jobId": job_id,
    }
    assert (job["kind"], job["total"]) == ("rule", 3)
    assert job["arguments"] == {
        "ruleId": rule.id,
        "eventId": "party",
        "since": rule.since,
        "dueAt": DUE,
        "now": now,
    }
    assert room.queue == [job_id]
    assert said(room, "rule.act") == [("rule.act", [], {"rule": rule.id, "job": job_id})]
    room.work()
    assert {one["scope"] for one in room.runs.values()} == {"party"}
    assert room.store.all("crmTags")[tag_id("Guest")]["label"] == "Guest"
    (job,) = room.store.all("crmJobs").values()
    assert (job["state"], job["done"], job["result"]) == ("done", 3, {"done": 3})


def test_an_event_is_noted_with_the_campaign_that_thanks_its_people() -> None:
    room = party()
    rule = room.rule(when=THE_DAY_AFTER, once="event", only={"not": {"tag": "no"}})
    room.until(DUE + timedelta(minutes=5))
    room.tick()
    (campaign,) = room.by_rules
    found = noted(room)
    assert (found["campaignId"], found["jobId"]) == (campaign.id, campaign.job_id)
    assert campaign.people is None
    assert campaign.segment == {"all": [{"hasTicket": "party"}, {"not": {"tag": "no"}}]}
    assert (campaign.rule, campaign.scope) == (rule.id, "party")
    assert campaign.latest_by == DUE + timedelta(hours=2)
    (job,) = room.store.all("crmJobs").values()
    assert job["total"] == 3
    assert said(room, "campaign.send") == [
        ("campaign.send", [], {"campaign": campaign.id, "rule": rule.id})
    ]


def test_events_of_too_many_people_are_noted_as_waiting_and_then_as_begun() -> None:
    room = party(5)
    asked: dict[str, Any] = {"when": THE_DAY_AFTER, "once": "event", "then": TAGS, "most": 3}
    rule = room.rule(**asked)
    room.until(DUE + timedelta(minutes=5))
    room.tick()
    found = noted(room)
    asked_at = found.pop("at")
    assert found == {
        "ruleId": rule.id,
        "eventId": "party",
        "dueAt": DUE,
        "since": rule.since,
        "state": "waiting",
        "people": 5,
        "campaignId": None,
        "jobId": None,
    }
    assert said(room, "rule.pause") == [
        ("rule.pause", [], {"rule": rule.id, "reason": "too-many", "waiting": 5})
    ]
    room.wait(hours=1)
    room.rule(rule.id, **asked, waiting="act")
    assert room.tick().events == 1
    (job_id,) = room.store.all("crmJobs")
    (job,) = room.store.all("crmJobs").values()
    now = noted(room)
    assert (now["state"], now["jobId"], now["dueAt"]) == ("begun", job_id, DUE)
    assert now["at"] > asked_at
    # Whoever was allowed is not late: it counts from when it begins.
    assert job["arguments"]["dueAt"] == job["arguments"]["now"] == now["at"]


# --- Of time


def test_how_far_a_rule_has_looked_is_noted() -> None:
    room = RuleRoom()
    room.buy("p0@example.com", at=room.store.now() - timedelta(days=29.5))
    rule = room.rule(when={"sinceLastOrder": {"days": 30}}, then=TAGS)
    room.wait(days=1)
    assert room.tick().entered == 1
    (row,) = room.outbox.values()
    customer = room.customer("p0@example.com")
    assert row == {
        "ruleId": rule.id,
        "customerId": customer["id"],
        "at": customer["lastOrderAt"] + timedelta(days=30),
        "since": rule.since,
        "scope": None,
    }
    found = noted(room)
    until = found.pop("until")
    assert found == {"ruleId": rule.id, "since": rule.since, "last": None}
    assert timedelta() <= room.store.now() - until < timedelta(minutes=1)
