"""Rules that send: the scheduler's call has them act, by campaigns that are as any other."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from google.cloud.firestore import FieldFilter

from crm.config.settings import settings
from crm.db.collections import CUSTOMERS, OUTBOX, RULE_RUNS, RULES
from testing.hosts import item, order
from testing.patience import PATIENCE, eventually
from tests.support.campaigning import CampaignScene
from tests.support.posting import ZONE

FEW = 12

MANY = 200

Save = Callable[..., str]


@pytest.fixture
def save(scene: CampaignScene) -> Iterator[Save]:
    """Save rules that are on; they are deleted behind the test, for all share one book."""
    made: list[str] = []

    def saved(**said: object) -> str:
        asked = {"name": f"Rule {scene.mark}", "on": True, **said}
        rule_id = str(scene.call("save_rule", **asked)["rule"]["ruleId"])
        made.append(rule_id)
        return rule_id

    yield saved
    for one in made:
        scene.call("delete_rule", ruleId=one)


def schedule(scene: CampaignScene) -> None:
    """What the scheduler does every five minutes: call the function `sweep`."""
    suite = scene.post.suite
    path = f"functions/projects/{suite.project}/triggers/{settings().region}-sweep-0"
    asked = urllib.request.Request(
        f"{suite.functions_origin}/{path}",
        data=b"{}",
        headers={
            "Content-Type": "application/json",
            "X-CloudScheduler-JobName": "firebase-schedule-sweep",
            "X-CloudScheduler-ScheduleTime": datetime(2026, 1, 1, 10, 5, tzinfo=UTC).isoformat(),
        },
    )
    with urllib.request.urlopen(asked, timeout=2 * PATIENCE) as answer:
        assert answer.status == 200


def ended(scene: CampaignScene, hours: float = 26, ago: float = 10) -> tuple[Any, Any]:
    """Return an item of an event that began hours ago, and when a rule acts: minutes ago."""
    now, zone = datetime.now(UTC), ZoneInfo(ZONE)
    starts, due = now - timedelta(hours=hours), (now - timedelta(minutes=ago)).astimezone(zone)
    days = (due.date() - starts.astimezone(zone).date()).days
    when = {"eventEnded": {"days": days, "at": due.strftime("%H:%M")}}
    return item(scene.event, eventName=f"Gala {scene.mark}", eventStartsAt=starts), when


def mine_of(scene: CampaignScene) -> dict[str, Any]:
    """Return the segment of a scene's people: other tests have had events, too."""
    return {"hasTicket": scene.event}


def stay_away(scene: CampaignScene, number: int, ticket: Any) -> list[str]:
    """Let people order whose tickets were not used; give their addresses."""
    addresses = [f"{scene.mark}.away{one}@example.com" for one in range(number)]
    for address in addresses:
        unused = order(address, marketingOptIn=True, items=[{**ticket, "checkedIn": False}])
        scene.documents.document(f"orders/{address}").set(unused)

    def are_there() -> None:
        holds = FieldFilter("emails", "array_contains_any", addresses)
        assert len(scene.documents.collection(CUSTOMERS).where(filter=holds).get()) == number

    eventually(are_there)
    return addresses


def has_been_on(scene: CampaignScene, rule_id: str, hours: float = 20) -> None:
    """Let a rule have been on for hours."""
    since = datetime.now(UTC) - timedelta(hours=hours)
    scene.documents.document(f"{RULES}/book").update({f"rules.`{rule_id}`.since": since})


def campaigns(scene: CampaignScene, rule_id: str) -> list[Any]:
    """Return the campaigns that a rule has sent."""
    return list(scene.call("list_campaigns", "viewer", rule=rule_id)["campaigns"])


def rows(scene: CampaignScene, collection: str, rule_id: str) -> list[dict[str, Any]]:
    own = FieldFilter("ruleId", "==", rule_id)
    return [one.to_dict() for one in scene.documents.collection(collection).where(filter=own).get()]


# --- Events that are over


def test_a_thank_you_goes_to_everybody_of_an_event_once(scene: CampaignScene, save: Save) -> None:
    ticket, when = ended(scene)
    scene.gather(FEW, items=[ticket])
    (quiet,) = scene.gather(1, items=[ticket], marketingOptIn=False)
    template = scene.save()
    rule = save(when=when, once="event", only=mine_of(scene), then={"send": template})
    schedule(scene)
    assert campaigns(scene, rule) == []  # it was due before the rule was on
    has_been_on(scene, rule)

    def is_previewed() -> None:
        # No event of this suite's began later. The catalogue learns of it behind the customers.
        previewed = scene.call("preview_rule", ruleId=rule)
        (mine,) = [one for one in previewed["events"] if one["eventId"] == scene.event]
        assert (mine["people"], mine["begun"]) == (FEW + 1, False)
        # Of the newest event people are named, and who cannot be reached.
        reached = {"matched": FEW + 1, "reachable": FEW, "excluded": {"not-subscribed": 1}}
        assert previewed["audience"] == reached
        assert len(previewed["people"]) == FEW + 1
        assert previewed["pauses"] is False
        assert previewed["problems"] == []

    eventually(is_previewed)
    schedule(scene)
    (campaign,) = campaigns(scene, rule)
    campaign_id = campaign["campaignId"]
    assert (campaign["rule"], campaign["scope"]) == (rule, scene.event)
    with scene.adding_up(campaign_id):
        scene.until(campaign_id, "done")
    assert scene.prove(campaign_id, FEW + 1) == {"accepted": FEW, "excluded": 1}
    assert scene.state_of(campaign_id, quiet) == ("excluded", "not-subscribed")
    assert len(rows(scene, RULE_RUNS, rule)) == FEW
    schedule(scene)
    assert len(campaigns(scene, rule)) == 1
    assert len(scene.mails()) == FEW
    listed = scene.call("list_campaigns", "viewer", pageSize=200)["campaigns"]
    assert campaign_id not in {one["campaignId"] for one in listed}
    assert template in {one["campaignId"] for one in listed}
    changed = scene.ask(
        "save_campaign",
        campaignId=campaign_id,
        name="Mine",
        subject="Mine",
        body={"format": "markdown", "source": "Mine"},
        segment={},
    )
    assert changed.reason == "campaign-of-rule"


def test_who_did_not_come_is_written_to_where_that_is_known(
    scene: CampaignScene, save: Save
) -> None:
    ticket, when = ended(scene)
    scene.gather(3, items=[{**ticket, "checkedIn": True}])
    scene.gather(3, items=[ticket])
    missed = stay_away(scene, 4, ticket)
    only = {"all": [{"noShow": "this_event"}, mine_of(scene)]}
    rule = save(when=when, once="event", only=only, then={"send": scene.save()})
    has_been_on(scene, rule)
    schedule(scene)
    (campaign,) = campaigns(scene, rule)
    scene.until(campaign["campaignId"], "done")
    assert sorted(one.to for one in scene.mails()) == sorted(missed)


def test_everybody_of_an_event_gets_a_tag_by_the_queue(scene: CampaignScene, save: Save) -> None:
    ticket, when = ended(scene)
    scene.gather(FEW, items=[ticket])
    tag = f"guest-{scene.mark}"
    rule = save(when=when, once="event", only=mine_of(scene), then={"addTags": [tag]})
    has_been_on(scene, rule)
    schedule(scene)

    def is_given() -> None:
        assert {tuple(one["tags"]) for one in scene.customers().values()} == {(tag,)}

    eventually(is_given)
    assert len(rows(scene, RULE_RUNS, rule)) == FEW


def test_a_rule_of_too_many_asks_before_it_sends(scene: CampaignScene, save: Save) -> None:
    ticket, when = ended(scene)
    scene.gather(FEW, items=[ticket])
    said = {"when": when, "once": "event", "only": mine_of(scene), "most": FEW - 1}
    said["then"] = {"send": scene.save()}
    rule = save(**said)
    has_been_on(scene, rule)
    schedule(scene)
    assert campaigns(scene, rule) == []

    def mine() -> Any:
        listed = scene.call("list_rules", "viewer", pageSize=200)["rules"]
        (found,) = [one for one in listed if one["ruleId"] == rule]
        return found

    assert (mine()["paused"], mine()["waiting"]) == ("too-many", FEW)
    asked = {"ruleId": rule, "name": f"Rule {scene.mark}", "on": True, **said}
    assert scene.ask("save_rule", **asked).reason == "rule-waits"
    scene.call("save_rule", **asked, waiting="act")
    schedule(scene)
    (campaign,) = campaigns(scene, rule)
    scene.until(campaign["campaignId"], "done")
    assert len(scene.mails()) == FEW


# --- Who has not ordered for long


def test_who_has_not_ordered_for_long_is_written_to_once(scene: CampaignScene, save: Save) -> None:
    now = datetime.now(UTC)
    due = scene.gather(5, createdAt=now - timedelta(days=40, hours=1))
    scene.gather(3, createdAt=now - timedelta(days=42))  # due before the rule was on
    scene.gather(3, createdAt=now - timedelta(days=39))
    rule = save(
        when={"sinceLastOrder": {"days": 40}},
        only={"attended": scene.event},
        once={"days": 365},
        then={"send": scene.save()},
        most=100_000,
    )
    has_been_on(scene, rule)
    for _ in range(2):
        schedule(scene)
    (campaign,) = campaigns(scene, rule)
    scene.until(campaign["campaignId"], "done")
    assert sorted(one.to for one in scene.mails()) == sorted(due)


# --- Who enters


def test_nobody_of_many_who_match_gets_a_mail_until_somebody_enters(
    scene: CampaignScene, save: Save
) -> None:
    scene.gather(MANY)
    segment = {"all": [{"hasTicket": scene.event}, {"orderCount": {"gte": 1}}]}
    rule = save(when={"enters": segment}, then={"send": scene.save()}, most=100_000)
    assert scene.call("preview_rule", ruleId=rule)["matching"] == MANY
    source, target = (scene.id_of(one) for one in scene.addresses[:2])
    merged = scene.call("merge_customers", sourceId=source, targetId=target)
    scene.call("unmerge_customers", mergeId=merged["mergeId"])
    job = scene.call("rebuild_customers", "admin", dryRun=False)["jobId"]

    def is_over() -> None:
        found = scene.call("get_job", "viewer", jobId=job)["job"]
        assert found["state"] == "done", found

    eventually(is_over, 4 * PATIENCE)
    schedule(scene)
    assert rows(scene, OUTBOX, rule) == []
    assert campaigns(scene, rule) == []
    assert scene.mails() == []

    new: list[str] = []

    def enters() -> None:
        new.extend(scene.gather(1))  # until the trigger's process knows the rule
        assert rows(scene, OUTBOX, rule)

    eventually(enters, 4 * PATIENCE)
    schedule(scene)
    (campaign,) = campaigns(scene, rule)
    scene.until(campaign["campaignId"], "done")
    assert [one.to for one in scene.mails()] == [new[-1]]
