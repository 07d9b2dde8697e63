"""A campaign over HTTP, the task queue and SMTP: to everybody who is to get it, once each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from urllib.parse import urlsplit

from testing.auth import sign_up
from testing.hosts import item, order, user
from testing.patience import eventually
from tests.support.campaigning import CampaignScene
from tests.support.posting import SENDER, Post

FEW = 24
MOST_AFTER = 30
"""Mails of a slow server that may still leave: a worker looks at its campaign once a second."""


# --- One mail each


def test_everybody_who_attended_and_subscribed_gets_one_mail(scene: CampaignScene) -> None:
    scene.gather(FEW)
    (nobody,) = scene.gather(1, marketingOptIn=False)
    campaign_id = scene.save()
    shown = scene.call("preview_campaign", campaignId=campaign_id)
    assert shown["audience"]["matched"] == FEW + 1
    assert shown["audience"]["reachable"] == FEW
    assert shown["audience"]["excluded"] == {"not-subscribed": 1}
    assert "Grace Hopper" in shown["text"]
    scene.send(campaign_id)
    with scene.adding_up(campaign_id):
        scene.until(campaign_id, "done")
    assert scene.prove(campaign_id, FEW + 1) == {"accepted": FEW, "excluded": 1}
    assert scene.state_of(campaign_id, nobody) == ("excluded", "not-subscribed")


def test_a_mail_carries_what_bulk_senders_must(scene: CampaignScene) -> None:
    (address,) = scene.gather(1)
    campaign_id = scene.sent()
    scene.until(campaign_id, "done")
    (taken,) = scene.mails()
    mail = taken.message
    assert str(mail["From"]) == f"Example Events <{SENDER}>"
    assert str(mail["To"]) == address
    link = str(mail["List-Unsubscribe"]).strip("<>")
    assert urlsplit(link).path.endswith("/unsubscribe")
    assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    text, html = part(mail, "plain"), part(mail, "html")
    for shown in (text, html):
        assert "1 Example Street" in shown
        assert "/unsubscribe?" in shown
    for name in ("Message-ID", "Feedback-ID"):
        assert address not in str(mail[name])
        assert scene.mark not in str(mail[name])
    before = scene.customers()[scene.id_of(address)]
    assert before["marketing"]["status"] == "subscribed"
    assert scene.staff().send(link, "POST", b"List-Unsubscribe=One-Click").status == 200
    assert scene.customers()[scene.id_of(address)]["marketing"]["status"] == "unsubscribed"

    def is_counted() -> None:
        assert scene.campaign(campaign_id)["counts"]["unsubscribed"] == 1

    eventually(is_counted)


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body(preferencelist=(kind,))
    assert found is not None, f"there is no {kind} part"
    return str(found.get_content())


def test_a_test_mail_goes_to_staff_and_nobody_else(scene: CampaignScene) -> None:
    scene.gather(2)
    campaign_id = scene.save()
    to, stranger = scene.staff().email, f"{scene.mark}.stranger@example.com"
    assert scene.ask("test_campaign", campaignId=campaign_id, to=[to, stranger]).status == 400
    assert scene.post.mails_to(to, stranger) == []
    assert scene.call("test_campaign", campaignId=campaign_id, to=[to])["sent"]
    assert len(scene.post.mails_to(to)) == 1
    assert scene.mails() == []
    assert scene.campaign(campaign_id)["state"] == "draft"


# --- One mail for one address, one for one person


def test_two_customers_of_one_address_get_one_mail_and_one_of_three_addresses_one(
    scene: CampaignScene, post: Post
) -> None:
    shared = f"{scene.mark}.shared@example.com"
    for _ in range(2):  # both signed in, and neither has shown that the address is theirs
        person = sign_up(verified=False)
        scene.documents.document(f"users/{person.uid}").set(user(shared))
        scene.documents.document(f"orders/{scene.mark}-{person.uid}").set(
            order(shared, userId=person.uid, marketingOptIn=True, items=[item(scene.event)])
        )
    three = scene.gather(3)
    eventually(lambda: _has(scene, 5))
    target, *sources = (scene.id_of(one) for one in three)
    for source in sources:
        scene.call("merge_customers", sourceId=source, targetId=target)
    campaign_id = scene.sent()
    scene.until(campaign_id, "done")
    outcome = scene.prove(campaign_id, 3)
    assert outcome == {"accepted": 2, "excluded": 1}
    (left,) = scene.recipients(campaign_id, "excluded")
    assert left["reason"] == "same-address"
    assert len(post.mails_to(shared)) == 1
    assert len(post.mails_to(*three)) == 1


def _has(scene: CampaignScene, number: int) -> None:
    found = scene.customers().values()
    assert len(found) == number
    assert all(one["marketing"]["status"] == "subscribed" for one in found)


# --- Asked twice


def test_send_in_two_tabs_and_again_is_one_mailing(scene: CampaignScene) -> None:
    scene.gather(FEW)
    campaign_id = scene.save()
    expected = scene.reachable(campaign_id)
    asked = {"campaignId": campaign_id, "expected": expected}
    with ThreadPoolExecutor(4) as tabs:
        answers = [*tabs.map(lambda _: scene.call("send_campaign", **asked), range(4))]
    scene.until(campaign_id, "done")
    answers.append(scene.call("send_campaign", **asked))
    assert len({one["campaign"]["scheduledAt"] for one in answers}) == 1
    assert {one["campaign"]["campaignId"] for one in answers} == {campaign_id}
    assert scene.prove(campaign_id, FEW) == {"accepted": FEW}


def test_an_audience_of_another_size_than_was_shown_is_refused(scene: CampaignScene) -> None:
    scene.gather(FEW)
    campaign_id = scene.save()
    for expected in (FEW * 2, FEW // 2):
        answer = scene.ask("send_campaign", campaignId=campaign_id, expected=expected)
        assert answer.reason == "audience-changed"
    assert scene.campaign(campaign_id)["state"] == "draft"
    assert scene.mails() == []


# --- Paused, and gone on


def test_paused_and_resumed_five_times_fast_nobody_is_skipped_or_mailed_twice(
    scene: CampaignScene,
) -> None:
    scene.gather(80)
    campaign_id = scene.save()
    scene.send(campaign_id)
    with scene.post.gate.held(scene.mark) as reached, scene.adding_up(campaign_id):
        reached()
        for _ in range(5):
            paused = scene.call("pause_campaign", campaignId=campaign_id)["campaign"]
            assert paused["state"] == "paused"
            assert scene.call("resume_campaign", campaignId=campaign_id)["campaign"]["state"] in (
                "preparing",
                "sending",
            )
    with scene.adding_up(campaign_id):
        scene.until(campaign_id, "done", seconds=600)
    assert scene.prove(campaign_id, 80) == {"accepted": 80}


def test_what_is_paused_stays_so_and_what_is_cancelled_too(scene: CampaignScene) -> None:
    slow = f"{scene.mark}.example"
    scene.gather(60, domain=slow)
    scene.post.server.slow("RCPT", 0.1, to=f"@{slow}")
    campaign_id = scene.save()
    scene.warm_up("pause_campaign")
    scene.send(campaign_id)
    with scene.post.gate.held(scene.mark) as reached:
        reached()
        scene.call("pause_campaign", campaignId=campaign_id)

    def has_stopped() -> None:
        counts = scene.campaign(campaign_id)["counts"]
        assert counts["accepted"] >= 1
        assert counts["accepted"] == len(scene.mails())

    eventually(has_stopped)
    assert len(scene.mails()) <= MOST_AFTER
    cancelled = scene.call("cancel_campaign", campaignId=campaign_id)["campaign"]
    assert cancelled["state"] == "cancelled"
    assert scene.ask("resume_campaign", campaignId=campaign_id).status == 400
    assert scene.prove(campaign_id, 60)["waiting"] >= 60 - MOST_AFTER


# --- Consent at the last moment


def test_who_left_was_erased_merged_or_complained_since_gets_no_mail(
    scene: CampaignScene,
) -> None:
    scene.gather(40)
    first = scene.sent(name="The first one")
    scene.until(first, "done")
    scene.warm_up("set_consent", "delete_customer", "merge_customers")
    mail_of = {one.to: one for one in scene.mails()}
    assert scene.tell("deferred", scene.mails()[0]) < 300  # this one starts too
    campaign_id = scene.save(name="The second one", subject="Once more")
    scene.send(campaign_id)
    with scene.post.gate.held(scene.mark) as reached:
        reached()
        left, erased, merged, into, complained = scene.last_waiting(campaign_id, 5)
        scene.call(
            "set_consent",
            customerId=left["customerId"],
            status="unsubscribed",
            evidence="told us by telephone",
        )
        scene.call(
            "delete_customer", "admin", customerId=erased["customerId"], reason="asked by letter"
        )
        scene.call("merge_customers", sourceId=merged["customerId"], targetId=into["customerId"])
        assert scene.tell("complaint", mail_of[complained["email"]]) < 300
        eventually(lambda: _has_left(scene, complained["email"]))
    scene.until(campaign_id, "done", seconds=600)
    assert scene.state_of(campaign_id, left["email"]) == ("excluded", "unsubscribed")
    assert scene.state_of(campaign_id, complained["email"]) == ("excluded", "complained")
    reasons = {one["reason"] for one in scene.recipients(campaign_id, "excluded")}
    assert reasons == {"unsubscribed", "complained", "erased", "merged"}
    counts = scene.campaign(campaign_id)["counts"]
    assert (counts["audience"], counts["accepted"], counts["excluded"]) == (40, 36, 4)
    second = [one.to for one in scene.mails() if "Once more" in str(one.message["Subject"])]
    assert len(second) == len(set(second)) == 36
    gone = {one["email"] for one in (left, erased, merged, complained)}
    assert not gone & {*second}


def _has_left(scene: CampaignScene, address: str) -> None:
    assert scene.customers()[scene.id_of(address)]["marketing"]["status"] == "unsubscribed"
