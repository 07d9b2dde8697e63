"""From a form to a subscription: what is kept, what is mailed, and what a click does."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from crm.consent.plan import plan_consent, plan_unsubscribe
from crm.customers.reference import CustomerRef
from crm.jobs.job import Job
from crm.mail.message import built
from crm.mail.port import Accepted, Answer, Halt, Later, Mail
from crm.privacy.erasure.erase import erase
from crm.signup.record import LIFE, REFUSED_FOR
from crm.signup.waiting import Report
from testing.hosts import order
from testing.world import KEYS
from tests.support.signing_up import ADA, DAY, HOUR, TEXT, TEXT_DE, Door, link_of

KEY = KEYS.address(ADA)


def status(door: Door, email: str = ADA) -> object:
    return door.marketing(email)["status"]


def test_no_server_is_asked_where_nothing_waits(door: Door) -> None:
    assert door.sweep() == Report()
    assert door.box.closed == 0


def test_a_sign_up_is_no_customer_until_it_is_confirmed(door: Door) -> None:
    answer = door.fill_in()
    assert answer.status_code == 202
    assert door.customers() == []
    assert door.store.all("crmIdentities") == {}
    (mail,) = door.box.mails
    assert (mail.to, mail.sender) == (ADA, "Example Events <news@example.org>")
    assert (TEXT in mail.text, TEXT in (mail.html or "")) == (True, True)
    assert mail.headers == {"Auto-Submitted": "auto-generated"}
    assert "@" not in mail.key
    assert KEY not in mail.key

    done = door.click(mail)
    assert (done.status_code, "You are signed up" in done.get_data(as_text=True)) == (200, True)
    customer = door.the_customer()
    assert customer["emails"] == [ADA]
    assert customer["marketing"]["status"] == "subscribed"
    assert customer["marketing"]["source"] == "form"
    assert (customer["orderCount"], customer["tags"]) == (0, ["newsletter"])
    assert door.store.all("crmTags")["newsletter"]["label"] == "Newsletter"
    (part,) = customer["parts"].values()
    assert (part["entry"]["source"], part["entry"]["by"]) == ("form", "newsletter")
    assert door.wrong() == []


def test_what_shows_a_consent(door: Door) -> None:
    asked_from = door.now
    mail = door.sign_up()
    asked = door.kept()
    assert asked is not None
    door.click(mail)
    (record,) = door.consents()
    evidence = record["evidence"]
    form = door.runner.settings.forms["newsletter"]
    assert evidence | {"requestedAt": "", "confirmedAt": ""} == {
        "form": "newsletter",
        "textVersion": form.version("en"),
        "language": "en",
        "requestedAt": "",
        "confirmedAt": "",
        "messageId": f"<{mail.key}@example.org>",
    }
    assert evidence["messageId"].encode() in built(mail, door.now).data  # type: ignore[union-attr]
    assert asked_from.isoformat() <= evidence["requestedAt"] < evidence["confirmedAt"]
    assert (record["identity"], record["source"], record["actor"]) == (KEY, "form", KEY)
    (entry,) = door.store.all("crmAudit").values()
    assert (entry["action"], entry["actor"]) == ("consent.grant", KEY)
    assert entry["facts"] == {"source": "form", "form": "newsletter"}


def test_the_address_goes_with_the_confirmation(door: Door) -> None:
    mail = door.sign_up()
    kept = door.kept()
    assert kept is not None
    assert (kept["address"], kept["state"]) == (ADA, "pending")
    assert kept["expireAt"] - kept["requestedAt"] == LIFE
    door.click(mail)
    kept = door.kept()
    assert kept is not None
    assert (kept["address"], kept["state"]) == (None, "confirmed")
    assert "ada" not in str(kept)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_a_link_changes_nothing(door: Door, method: str) -> None:
    mail = door.sign_up()
    before = (door.store.writes, door.kept())
    for link in (link_of(mail), link_of(mail, not_me=True)):
        for _ in range(3):
            assert door.click(link, method).status_code == 200
    assert (door.store.writes, door.kept()) == before
    assert door.customers() == []


def test_a_page_shows_what_is_agreed_to(door: Door) -> None:
    mail = door.sign_up()
    page = door.click(mail, "GET").get_data(as_text=True)
    assert TEXT in page
    assert 'value="confirm"' in page
    refuse = door.click(link_of(mail, not_me=True), "GET").get_data(as_text=True)
    assert ('value="not-me"' in refuse, 'value="confirm"' in refuse) == (True, False)


def test_a_link_is_confirmed_once(door: Door) -> None:
    mail = door.sign_up()
    door.click(mail)
    before = (door.store.writes, door.the_customer())
    again = door.click(mail)
    assert (again.status_code, "already" in again.get_data(as_text=True)) == (200, True)
    assert "already" in door.click(mail, "GET").get_data(as_text=True)
    assert (door.store.writes, door.the_customer()) == before
    assert len(door.consents()) == 1


def test_a_link_ends_after_seven_days(door: Door) -> None:
    mail = door.sign_up()
    door.store.wait(LIFE - timedelta(seconds=1))
    assert door.click(mail, "GET").status_code == 200
    door.store.wait(timedelta(seconds=1))
    for method in ("GET", "POST"):
        assert door.click(mail, method).status_code == 410
    assert door.sweep().deleted == 1
    assert door.kept() is None
    assert door.click(mail).status_code == 410
    assert door.customers() == []


def test_a_link_from_before_a_withdrawal_confirms_nothing(door: Door) -> None:
    first = door.sign_up()
    door.click(first)
    door.runner.run(lambda tx: plan_unsubscribe(tx, KEY))
    for method in ("GET", "POST"):
        assert door.click(first, method).status_code == 410
    assert status(door) == "unsubscribed"
    door.store.wait(DAY)
    second = door.sign_up()
    assert door.click(first).status_code == 410
    assert status(door) == "unsubscribed"
    assert door.click(second).status_code == 200
    assert status(door) == "subscribed"


def test_a_withdrawal_by_staff_ends_the_link_too(door: Door) -> None:
    door.put_order("o", order(ADA))
    mail = door.sign_up()
    door.store.wait(HOUR)
    customer_id = door.the_customer()["id"]
    door.runner.run(lambda tx: plan_consent(tx, "call", customer_id, "unsubscribed", None))
    assert door.click(mail).status_code == 410
    assert status(door) == "unsubscribed"


def test_an_older_link_of_the_same_address_is_good_too(door: Door) -> None:
    first = door.sign_up()
    door.store.wait(2 * DAY)
    second = door.sign_up(form="press")
    assert door.click(first).status_code == 200
    (record,) = door.consents()
    assert record["evidence"]["form"] == "newsletter"
    assert door.click(second).status_code == 200
    assert [one["evidence"]["form"] for one in door.consents()] == ["newsletter", "press"]


def test_an_older_link_is_good_also_after_the_newer_one(door: Door) -> None:
    first = door.sign_up(form="press")
    door.store.wait(2 * DAY)
    second = door.sign_up()
    door.click(second)
    assert door.click(first).status_code == 200
    assert [one["evidence"]["form"] for one in door.consents()] == ["newsletter", "press"]
    assert door.the_customer()["tags"] == ["newsletter"]


def test_somebody_known_is_not_begun_again(door: Door) -> None:
    door.put_order("o", order(ADA))
    before = door.the_customer()
    mail = door.sign_up()
    assert door.the_customer() == before
    door.click(mail)
    after = door.the_customer()
    assert (after["id"], after["orderCount"]) == (before["id"], 1)
    assert (after["marketing"]["status"], after["tags"]) == ("subscribed", ["newsletter"])
    (part,) = after["parts"].values()
    assert part["entry"] is None


def test_a_subscriber_gets_the_same_mail_and_answer(door: Door) -> None:
    first = door.fill_in().get_data(as_text=True)
    door.click(door.box.mails[0])
    door.store.wait(DAY)
    again = door.fill_in()
    assert (again.status_code, again.get_data(as_text=True)) == (202, first)
    assert len(door.box.mails) == 2
    assert door.click(door.box.mails[1]).status_code == 200
    assert status(door) == "subscribed"


def test_an_erased_person_can_sign_up(door: Door) -> None:
    door.put_order("o", order(ADA))
    old = door.sign_up()
    erase(
        door.runner,
        door.queue.append,
        CustomerRef("customerId", door.the_customer()["id"]),
        reason="asked",
    )
    door.work()
    assert door.kept() is None
    assert door.click(old).status_code == 410
    assert door.customers() == []
    new = door.sign_up()
    assert door.click(new).status_code == 200
    assert status(door) == "subscribed"
    assert door.wrong() == []


def test_mail_that_came_back_arrives_again(door: Door) -> None:
    door.put_order("o", order(ADA))
    identity = door.store.all("crmIdentities")[KEY]
    door.store.put(f"crmIdentities/{KEY}", {**identity, "unreachable": door.now})
    customer = door.the_customer()
    for part in customer["parts"].values():
        part["unreachable"] = door.now
    door.store.put(f"customers/{customer.pop('id')}", customer)
    door.click(door.sign_up())
    assert "unreachable" not in door.marketing()
    assert door.store.all("crmIdentities")[KEY]["unreachable"] is None


# "This was not me"


def test_this_was_not_me(door: Door) -> None:
    mail = door.sign_up()
    done = door.click(link_of(mail, not_me=True), action="not-me")
    assert (done.status_code, "Thank you" in done.get_data(as_text=True)) == (200, True)
    kept = door.kept()
    assert kept is not None
    assert (kept["state"], kept["address"], kept["asked"], kept["network"]) == (
        *("refused", None, []),
        None,
    )
    assert kept["expireAt"] > door.now + REFUSED_FOR - HOUR
    looked = door.click(mail, "GET")
    assert (looked.status_code, "Thank you" in looked.get_data(as_text=True)) == (200, True)
    assert door.click(mail).status_code == 410
    assert door.click(mail, action="not-me").status_code == 200
    assert door.customers() == []
    for _ in range(3):
        door.store.wait(100 * DAY)
        assert door.fill_in().status_code == 202
    assert len(door.box.mails) == 1
    door.store.wait(100 * DAY)
    door.sign_up()


def test_this_was_not_me_takes_back_what_the_link_granted(door: Door) -> None:
    mail = door.sign_up()
    door.click(mail)
    assert door.click(link_of(mail, not_me=True), "GET").status_code == 200
    door.click(mail, action="not-me")
    assert status(door) == "unsubscribed"


def test_this_was_not_me_leaves_what_the_person_subscribed_before(door: Door) -> None:
    door.put_order("o", order(ADA, marketingOptIn=True))
    assert status(door) == "subscribed"
    door.click(door.sign_up(), action="not-me")
    assert status(door) == "subscribed"


# Tags


def test_a_tag_that_is_being_renamed_keeps_nobody_out(door: Door) -> None:
    row = {"label": "Newsletter", "createdAt": door.now, "since": door.now}
    door.store.put("crmTags/newsletter", {**row, "state": "renaming", "jobId": "job"})
    job = Job("job", "renameTag", {}, "system", door.now, door.now, state="running")
    door.store.put(job.path, job.to_data())
    mail = door.sign_up()
    assert door.click(mail).status_code == 200
    assert (door.the_customer()["tags"], status(door)) == ([], "subscribed")


# Languages


def test_the_language_is_the_one_that_was_asked_for(door: Door) -> None:
    for number, (named, browser, text) in enumerate(
        [
            ("de", "en", TEXT_DE),
            ("", "de-AT,de;q=0.9,en;q=0.5", TEXT_DE),
            ("", "fr,en;q=0.5", TEXT),
            ("", "", TEXT),
            ("fr", "de", TEXT_DE),
            ("<b>\r\nBcc: x@example.com", "", TEXT),
        ]
    ):
        door.request(
            data={"form": "newsletter", "email": f"{number}@example.com", "language": named},
            headers={"Accept-Language": browser} if browser else {},
        )
        mail = door.box.mails[-1]
        assert text in mail.text
        assert "Bcc" not in mail.subject + mail.text + str(mail.html)
    assert len(door.box.mails) == 6


def test_a_german_mail(door: Door) -> None:
    door.post(language="de")
    (mail,) = door.box.mails
    assert mail.subject == "Bitte bestätigen: Neues von Example Events"
    done = door.click(mail)
    assert "Sie sind angemeldet" in done.get_data(as_text=True)
    assert done.headers["Content-Language"] == "de"


def test_no_log_holds_an_address(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        mail = door.sign_up()
        door.fill_in()
        door.post("nobody", website="x")
        door.click(mail)
        door.click(mail, action="not-me")
        door.sweep()
    assert "ada" not in caplog.text
    assert link_of(mail).partition("token=")[2] not in caplog.text


@pytest.mark.parametrize(
    ("answers", "line"),
    [
        ([], "a confirmation mail is out: newsletter"),
        ([Later("451")], "a confirmation mail was not taken: 451"),
        ([Halt("535", "Mend it.")], "no confirmation mail goes out: 535 Mend it."),
    ],
)
def test_the_log_says_what_became_of_a_mail(
    door: Door, caplog: pytest.LogCaptureFixture, answers: list[Answer], line: str
) -> None:
    door.box.answers = answers
    with caplog.at_level(logging.INFO):
        door.fill_in()
    assert f"sign-up: {line}" in caplog.messages


def test_the_box_is_a_mailer_like_any_other(door: Door) -> None:
    mail: Mail = door.sign_up()
    assert (next(door.box.send([mail])), door.box.closed) == (Accepted(), 1)
