"""When a campaign begins: not before the undo window, not too late, and at one defined instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from testing.patience import eventually
from tests.support.campaigning import CampaignScene
from tests.support.posting import ZONE

FEW = 5


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


# --- Called back, and too late


def test_nothing_leaves_of_what_is_called_back_in_time(scene: CampaignScene) -> None:
    scene.gather(FEW)
    campaign_id = scene.save()
    sent = scene.send(campaign_id, at=iso(datetime.now(UTC) + timedelta(hours=1)))
    assert sent["state"] == "scheduled"
    assert scene.call("cancel_campaign", campaignId=campaign_id)["campaign"]["state"] == "cancelled"
    scene.let_hours_pass(campaign_id, 1.1)
    scene.post.sweep()
    assert scene.campaign(campaign_id)["state"] == "cancelled"
    assert scene.mails() == []


def test_scheduled_for_the_morning_and_down_until_the_afternoon_it_is_missed(
    scene: CampaignScene,
) -> None:
    scene.gather(FEW)
    campaign_id = scene.save()
    at = datetime.now(UTC) + timedelta(minutes=30)
    sent = scene.send(campaign_id, at=iso(at))
    assert moment(sent["latestBy"]) - moment(sent["scheduledAt"]) == timedelta(hours=2)
    scene.let_hours_pass(campaign_id, 6)
    scene.post.sweep()
    missed = scene.until(campaign_id, "missed")
    assert missed["reason"] == "too-late"
    assert missed["message"]
    assert scene.mails() == []
    assert scene.ask("resume_campaign", campaignId=campaign_id).status == 400


def test_down_for_an_hour_only_it_is_sent_late_and_once(scene: CampaignScene) -> None:
    scene.gather(FEW)
    campaign_id = scene.save()
    scene.send(campaign_id, at=iso(datetime.now(UTC) + timedelta(minutes=30)))
    scene.let_hours_pass(campaign_id, 1)
    scene.post.sweep()
    scene.post.sweep()
    scene.until(campaign_id, "done")
    assert scene.prove(campaign_id, FEW) == {"accepted": FEW}


def test_what_is_scheduled_for_soon_begins_by_itself(scene: CampaignScene) -> None:
    scene.gather(FEW)
    campaign_id = scene.save()
    at = datetime.now(UTC) + timedelta(seconds=15)
    scene.send(campaign_id, at=iso(at))
    done = scene.until(campaign_id, "done")
    assert moment(done["startedAt"]) >= at
    assert scene.prove(campaign_id, FEW) == {"accepted": FEW}


def test_an_end_before_the_beginning_and_a_time_that_is_over_are_refused(
    scene: CampaignScene,
) -> None:
    scene.gather(FEW)
    campaign_id = scene.save()
    now = datetime.now(UTC)
    asked = {"campaignId": campaign_id, "expected": FEW}
    for times in (
        {"at": iso(now - timedelta(hours=1))},
        {"at": iso(now + timedelta(hours=2)), "latestBy": iso(now + timedelta(hours=1))},
        {"at": "tomorrow"},
    ):
        assert scene.ask("send_campaign", **asked, **times).status == 400
    assert scene.campaign(campaign_id)["state"] == "draft"


# --- An hour that a clock leaves out or repeats


def last_sunday(month: int) -> datetime:
    """The next one of a month of 31 days that is to come, at half past two as clocks show it."""
    now = datetime.now(UTC)
    for year in (now.year, now.year + 1):
        last = datetime(year, month, 31, 2, 30, tzinfo=UTC)
        last -= timedelta(days=(last.weekday() + 1) % 7)
        if last > now + timedelta(days=1):
            return last.replace(tzinfo=None)
    raise AssertionError("there is always one within a year and a day")


@pytest.mark.parametrize(
    ("month", "utc_hour", "utc_minute"),
    [
        (3, 1, 0),  # 02:30 is left out: the first instant behind the gap
        (10, 0, 30),  # 02:30 comes twice: the earlier one
    ],
)
def test_a_time_that_a_clock_change_leaves_out_or_repeats_is_one_instant_and_shown(
    scene: CampaignScene, month: int, utc_hour: int, utc_minute: int
) -> None:
    scene.gather(FEW)
    campaign_id = scene.save()
    wall = last_sunday(month)
    expected = wall.replace(hour=utc_hour, minute=utc_minute, tzinfo=UTC)
    assert expected.astimezone(ZoneInfo(ZONE)).date() == wall.date()
    for _ in range(2):  # asked again, the same
        sent = scene.send(campaign_id, at=wall.isoformat(timespec="minutes"))
        assert moment(sent["scheduledAt"]) == expected
    assert scene.call("cancel_campaign", campaignId=campaign_id)["campaign"]["state"] == "cancelled"


def test_the_text_of_a_scheduled_campaign_can_be_mended_until_it_begins(
    scene: CampaignScene,
) -> None:
    scene.gather(FEW)
    campaign_id = scene.save()
    scene.send(campaign_id, at=iso(datetime.now(UTC) + timedelta(minutes=30)))
    scene.save(campaignId=campaign_id, subject="Thank you for coming, all of you")
    scene.let_hours_pass(campaign_id, 0.6)
    scene.post.sweep()
    scene.until(campaign_id, "done")

    def is_new() -> None:
        subjects = {str(one.message["Subject"]) for one in scene.mails()}
        assert subjects == {"Thank you for coming, all of you"}

    eventually(is_new)
    refused = scene.ask("save_campaign", campaignId=campaign_id, **WHOLE)
    assert refused.reason == "campaign-not-editable"


WHOLE: dict[str, object] = {
    "name": "Too late",
    "subject": "Too late",
    "body": {"format": "markdown", "source": "Too late"},
    "segment": {"marketing": "subscribed"},
}
