"""What a provider tells of mails, forged, replayed, out of order, of nobody's; what it means."""

from __future__ import annotations

import base64
import json
import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from testing.patience import eventually
from tests.support.campaigning import CampaignScene
from tests.support.smtp_server import Taken

FEW = 5


@pytest.fixture
def sent(scene: CampaignScene) -> tuple[str, Taken]:
    """A campaign that is done, and one of its mails."""
    scene.gather(FEW)
    campaign_id = scene.sent()
    scene.until(campaign_id, "done")
    return campaign_id, scene.mails()[0]


def marketing(scene: CampaignScene, mail: Taken) -> Any:
    return scene.customers()[scene.id_of(mail.to)]["marketing"]


def told(scene: CampaignScene, campaign_id: str, **counts: int) -> None:
    """Wait until the counts are so."""

    def are_so() -> None:
        held = scene.campaign(campaign_id)["counts"]
        assert {name: held[name] for name in counts} == counts

    eventually(are_so)


def unchanged(scene: CampaignScene, campaign_id: str, mail: Taken) -> Any:
    """What must be the same after something that changes nothing."""
    counts = scene.campaign(campaign_id)["counts"]
    return counts, scene.recipients(campaign_id), scene.customers()[scene.id_of(mail.to)]


# --- Who may tell


def test_what_is_forged_is_401_and_changes_nothing(
    scene: CampaignScene, sent: tuple[str, Taken]
) -> None:
    campaign_id, mail = sent
    before = unchanged(scene, campaign_id, mail)
    other = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    assert scene.tell("complaint", mail, secret=other) == 401
    body = json.dumps({"type": "complaint", "data": {"messageId": mail.key}}).encode()
    old = datetime.now(UTC) - timedelta(minutes=10)
    assert scene.post_event(body, "msg_old", sent=old) == 401
    url = scene.post.suite.function_url("mail_events")
    assert scene.staff("admin").send(url, "POST", body).status == 401
    assert scene.staff("admin").send(url, "GET").status in (401, 405)
    assert unchanged(scene, campaign_id, mail) == before


def test_what_is_no_event_is_refused_and_changes_nothing(
    scene: CampaignScene, sent: tuple[str, Taken]
) -> None:
    campaign_id, mail = sent
    before = unchanged(scene, campaign_id, mail)
    for body in (b"", b"{", b"[]", b'{"type": "complaint"}', b'{"type": 7, "data": {}}'):
        assert scene.post_event(body, f"msg_{uuid.uuid4().hex}") == 400
    assert unchanged(scene, campaign_id, mail) == before


def test_a_mail_that_is_not_ours_and_a_type_that_means_nothing_are_taken_and_change_nothing(
    scene: CampaignScene, sent: tuple[str, Taken]
) -> None:
    campaign_id, mail = sent
    before = unchanged(scene, campaign_id, mail)
    assert scene.tell("hard_bounce", f"{'a' * 26}-{'b' * 21}") < 300
    assert scene.tell("hard_bounce", "somebody-elses") < 300
    assert scene.tell("opened", mail) < 300
    assert unchanged(scene, campaign_id, mail) == before


# --- What it means


def test_a_hard_bounce_makes_somebody_unreachable_and_is_counted_once_however_often_told(
    scene: CampaignScene, sent: tuple[str, Taken]
) -> None:
    campaign_id, mail = sent
    for event_id in ("msg_one", "msg_one", "msg_two"):  # replayed, and told anew
        assert scene.tell("hard_bounce", mail, event_id=event_id, code="550 5.1.1") < 300
    told(scene, campaign_id, bounced=1)
    assert marketing(scene, mail)["unreachable"] is not None
    shown = scene.call("preview_campaign", campaignId=scene.save())["audience"]
    assert (shown["reachable"], shown["excluded"]) == (FEW - 1, {"unreachable": 1})


def test_one_soft_bounce_is_nothing(scene: CampaignScene, sent: tuple[str, Taken]) -> None:
    _, mail = sent
    assert scene.tell("soft_bounce", mail, code="452 4.2.2") < 300
    assert scene.tell("deferred", mail, code="451 4.7.1") < 300
    assert marketing(scene, mail).get("unreachable") is None
    assert scene.call("preview_campaign", campaignId=scene.save())["audience"]["reachable"] == FEW


def test_a_complaint_unsubscribes_with_proof(scene: CampaignScene, sent: tuple[str, Taken]) -> None:
    campaign_id, mail = sent
    assert scene.tell("complaint", mail) < 300
    told(scene, campaign_id, complained=1)
    assert marketing(scene, mail)["status"] == "unsubscribed"
    consents = scene.call("list_consents", "viewer", email=mail.to)["consents"]
    assert (consents[0]["status"], consents[0]["source"]) == ("unsubscribed", "complaint")
    assert consents[0]["evidence"], "what shows it is kept"


def test_out_of_order_the_worse_holds(scene: CampaignScene, sent: tuple[str, Taken]) -> None:
    campaign_id, mail = sent
    now = datetime.now(UTC)
    assert scene.tell("complaint", mail, at=now) < 300
    told(scene, campaign_id, complained=1)
    assert scene.tell("delivered", mail, at=now - timedelta(minutes=3)) < 300
    assert scene.tell("deferred", mail, at=now - timedelta(minutes=4)) < 300
    assert marketing(scene, mail)["status"] == "unsubscribed"
    assert scene.state_of(campaign_id, mail.to)[0] == "accepted"
    told(scene, campaign_id, complained=1, accepted=FEW)


def test_what_is_told_while_a_campaign_is_under_way_adds_up(scene: CampaignScene) -> None:
    scene.gather(40)
    campaign_id = scene.save()
    scene.send(campaign_id)
    with scene.post.gate.held(scene.mark, nth=12) as reached, scene.adding_up(campaign_id):
        reached()
        early, another, *_ = scene.mails()
        assert scene.tell("delivered", early) < 300
        assert scene.tell("hard_bounce", another, code="550 5.1.1") < 300
    scene.until(campaign_id, "done", seconds=600)
    told(scene, campaign_id, bounced=1)
    assert sum(scene.prove(campaign_id, 40).values()) == 40
