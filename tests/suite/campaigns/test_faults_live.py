"""A mail server that loses connections, asks to wait, or wants nothing of us at all."""

from __future__ import annotations

import pytest

from tests.support.campaigning import LONG, CampaignScene

FEW = 30


# --- Handed over, and nobody answered


def test_a_mail_whose_answer_was_lost_is_uncertain_and_is_never_sent_again_by_itself(
    scene: CampaignScene,
) -> None:
    lost, *_ = scene.gather(FEW)
    scene.post.server.drop("DOT", keep=True, to=lost)
    campaign_id = scene.sent()
    scene.until(campaign_id, "done", seconds=LONG)
    assert scene.prove(campaign_id, FEW) == {"accepted": FEW - 1, "uncertain": 1}
    assert scene.state_of(campaign_id, lost)[0] == "uncertain"
    scene.post.sweep()
    (mail,) = scene.post.mails_to(lost)
    assert scene.tell("delivered", mail) < 300
    scene.settled(campaign_id, lost, "accepted")
    assert scene.prove(campaign_id, FEW) == {"accepted": FEW}


def test_a_mail_that_never_left_is_sent_again(scene: CampaignScene) -> None:
    addresses = scene.gather(FEW)
    scene.post.server.drop("DATA", to=addresses[3])
    scene.post.server.drop("RCPT", to=addresses[7])
    campaign_id = scene.sent()
    scene.until(campaign_id, "done", seconds=LONG)
    assert scene.prove(campaign_id, FEW) == {"accepted": FEW}


def test_staff_have_an_uncertain_one_sent_again_or_closed_and_only_such(
    scene: CampaignScene,
) -> None:
    again, closed, fine, *_ = scene.gather(FEW)
    scene.post.server.drop("DOT", keep=True, to=again)
    scene.post.server.drop("DOT", keep=False, to=closed)
    campaign_id = scene.sent()
    scene.until(campaign_id, "done", seconds=LONG)
    ids = {address: scene.id_of(address) for address in (again, closed, fine)}
    asked = {"campaignId": campaign_id, "action": "close"}
    done = scene.call("resolve_recipients", **asked, customerIds=[ids[closed], ids[fine]])
    assert done["resolved"] == 1
    assert scene.state_of(campaign_id, closed) == ("refused", "closed")
    asked["action"] = "resend"
    done = scene.call("resolve_recipients", **asked, customerIds=[ids[again], ids[fine]])
    assert done["resolved"] == 1
    scene.settled(campaign_id, again, "accepted")
    assert len(scene.post.mails_to(again)) == 2  # which is what staff were told may be
    assert len(scene.post.mails_to(fine)) == 1
    assert scene.post.mails_to(closed) == []


# --- Not now


def test_who_is_to_be_tried_later_and_a_server_that_throttles_get_everybody_in_the_end(
    scene: CampaignScene,
) -> None:
    slow = f"{scene.mark}.example"
    scene.gather(5, domain=slow)
    scene.gather(FEW)
    scene.post.server.answer("RCPT", "451 4.7.1 Greylisted, try again", to=f"@{slow}", times=2)
    scene.post.server.answer("MAIL", "454 4.7.0 Throttling failure", nth=10, times=1)
    campaign_id = scene.sent()
    with scene.adding_up(campaign_id):
        scene.until(campaign_id, "done", seconds=2 * LONG)
    assert scene.prove(campaign_id, FEW + 5) == {"accepted": FEW + 5}


# --- Not at all


def test_an_address_that_is_refused_is_one_persons_matter(scene: CampaignScene) -> None:
    gone, *_ = scene.gather(FEW)
    scene.post.server.answer("RCPT", "550 5.1.1 No such user", to=gone)
    campaign_id = scene.sent()
    scene.until(campaign_id, "done", seconds=LONG)
    assert scene.prove(campaign_id, FEW) == {"accepted": FEW - 1, "refused": 1}
    assert scene.state_of(campaign_id, gone) == ("refused", "550 5.1.1")
    assert scene.post.mails_to(gone) == []
    again = scene.save(name="The next one")
    shown = scene.call("preview_campaign", campaignId=again)["audience"]
    assert shown["excluded"] == {"unreachable": 1}


@pytest.mark.parametrize(
    ("verb", "answer", "mends"),
    [
        ("AUTH", "535 5.7.8 Authentication credentials invalid", "CRM_MAIL"),
        ("MAIL", "550 5.7.60 Client is not allowed to send as this sender", "`from`"),
        ("MAIL", "550 5.7.26 This mail is unauthenticated", "SPF"),
        ("DOT", "550 5.7.515 Access denied, sending domain does not meet the level", "DKIM"),
    ],
)
def test_where_nobodys_mail_would_be_taken_it_halts_after_five_and_goes_on_when_mended(
    scene: CampaignScene, verb: str, answer: str, mends: str
) -> None:
    scene.gather(FEW)
    # A connection that is there already has logged in before.
    scene.post.server.end_connections("421 4.4.2 Idle too long")
    scene.post.server.answer(verb, answer)
    asked_before = scene.post.server.verbs.count(verb)
    campaign_id = scene.sent()
    halted = scene.until(campaign_id, "halted")
    assert scene.post.server.verbs.count(verb) - asked_before <= 5
    assert halted["reason"]
    assert mends.lower() in halted["message"].lower()
    assert halted["message"].endswith(".")
    assert scene.mails() == []
    assert halted["counts"]["waiting"] == FEW, "nobody is burnt"
    scene.post.server.heal()
    scene.call("resume_campaign", campaignId=campaign_id)
    scene.until(campaign_id, "done", seconds=LONG)
    assert scene.prove(campaign_id, FEW) == {"accepted": FEW}


def test_a_list_that_is_refused_from_the_start_halts_after_the_first_fifty(
    scene: CampaignScene,
) -> None:
    addresses = scene.gather(120)
    for address in addresses:
        if int(address.partition("@")[0].rpartition(".")[2]) % 2:
            scene.post.server.answer("RCPT", "550 5.1.1 No such user", to=address)
    campaign_id = scene.sent()
    halted = scene.until(campaign_id, "halted", seconds=LONG)
    assert halted["reason"] == "too-many-refusals"
    assert 120 - halted["counts"]["waiting"] <= 60
    assert len(scene.mails()) <= 60
