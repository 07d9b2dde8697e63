"""Opt-ins of orders that wait: the sweep asks, one mail for an address and day."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.consent.plan import plan_consent, plan_unsubscribe
from crm.db.retry import RetryPolicy
from crm.entrypoints.sign_ups import post_of
from crm.entrypoints.triggers import schedule
from crm.mail.port import Halt, Later
from crm.signup import orders, sending
from crm.signup.asking import Request, sign_up
from crm.signup.orders import NEWEST, plan_ask
from crm.signup.waiting import Report
from testing.hosts import order, user
from testing.world import KEYS
from tests.support.faults import Faults, FaultyStore
from tests.support.signing_up import ADA, DAY, HOUR, SETTINGS, Door, link_of

DOUBLE: dict[str, Any] = {"newsletter": {"opt_in": "double"}}


def opted(settings: dict[str, Any] | None = None, ago: timedelta = timedelta()) -> Door:
    door = Door(settings={**DOUBLE, **(settings or {})})
    door.put_order("o", ticked(door, ago=ago))
    return door


def ticked(door: Door, email: str = ADA, ago: timedelta = timedelta(), **more: Any) -> Any:
    """Return an order with a ticked box, of just now or of some time ago."""
    return order(email, marketingOptIn=True, createdAt=door.now - ago, **more)


def test_from_the_box_in_an_order_to_a_subscription() -> None:
    door = opted()
    assert door.marketing()["pending"] is True
    assert door.sweep() == Report(asked=1)
    (mail,) = door.box.mails
    assert mail.to == ADA
    assert "In an order with this address" in mail.text
    (part,) = door.the_customer()["parts"].values()
    assert part["askedAt"] is not None
    assert door.the_customer()["confirmFrom"] is None
    assert "In an order" not in door.click(mail, "GET").get_data(as_text=True)
    assert door.click(mail).status_code == 200
    marketing = door.marketing()
    assert (marketing["status"], marketing["source"], "pending" in marketing) == (
        *("subscribed", "form"),
        False,
    )
    (_, record) = door.consents()
    assert record["evidence"]["order"] == "opt-in"
    assert door.the_customer()["tags"] == []
    assert door.sweep() == Report()
    assert door.wrong() == []


def test_an_opt_in_is_asked_about_once() -> None:
    door = opted()
    door.sweep()
    for _ in range(3):
        door.store.wait(2 * DAY)
        door.sweep()
    assert len(door.box.mails) == 1
    door.put_order("o2", ticked(door))
    door.sweep()
    assert len(door.box.mails) == 2


def test_one_mail_for_an_address_and_day() -> None:
    door = opted()
    door.sign_up()
    assert door.sweep() == Report()
    assert len(door.box.mails) == 1
    assert door.the_customer()["confirmFrom"] is not None
    door.store.wait(DAY)
    assert door.sweep() == Report(asked=1)
    assert len(door.box.mails) == 2


@pytest.mark.parametrize("ago", [NEWEST + HOUR, 5 * 365 * DAY])
def test_nobody_is_asked_about_a_box_of_long_ago(ago: timedelta) -> None:
    door = opted(ago=ago)
    writes = door.store.writes
    assert door.sweep() == Report()
    assert (door.box.mails, door.store.writes) == ([], writes)
    assert door.marketing()["pending"] is True


def test_a_box_of_some_weeks_ago_is_asked_about() -> None:
    door = opted(ago=NEWEST - HOUR)
    assert door.sweep() == Report(asked=1)
    assert [one.to for one in door.box.mails] == [ADA]


def test_years_of_orders_are_no_mails_but_for_the_newest() -> None:
    door = Door(settings=DOUBLE)
    for number in range(40):
        door.put_order(f"o{number}", ticked(door, f"v{number}@example.com", 10 * number * DAY))
    assert door.sweep() == Report(asked=3)
    assert {one.to for one in door.box.mails} == {f"v{number}@example.com" for number in range(3)}


def test_who_is_reached_while_it_grows_too_old_is_not_asked() -> None:
    door = opted(ago=NEWEST - HOUR)
    planned, _ = door.runner.run(lambda tx: plan_ask(tx, door.the_customer()["id"], "m"))
    assert planned.result is not None
    door = opted(ago=NEWEST - HOUR)
    door.store.wait(2 * HOUR)
    planned, _ = door.runner.run(lambda tx: plan_ask(tx, door.the_customer()["id"], "m"))
    assert planned.result is None
    assert door.the_customer()["confirmFrom"] is not None


def test_a_newer_box_is_asked_about_though_an_older_one_was_not() -> None:
    door = opted(ago=90 * DAY)
    assert door.sweep() == Report()
    door.put_order("o2", ticked(door))
    assert door.sweep() == Report(asked=1)


def test_an_old_box_that_staff_or_the_person_confirm_waits_no_more() -> None:
    door = opted(ago=90 * DAY)
    door.click(door.sign_up())
    assert door.marketing()["status"] == "subscribed"
    assert door.the_customer()["confirmFrom"] is None


def test_whoever_was_asked_today_does_not_stop_the_others() -> None:
    door = Door(settings={**DOUBLE, "forms": {"f": {"text": {"en": "Yes."}, "per_network": 500}}})
    for number in range(60):
        email = f"v{number:02}@example.com"
        if number < 40:
            door.post(email, form="f", network=f"192.0.{number}.1")
        door.put_order(f"o{number:02}", ticked(door, email, number % 7 * DAY))
    before = len(door.box.mails)
    assert before == 40
    assert door.sweep() == Report(asked=20)
    assert len(door.box.mails) == before + 20


def test_a_run_looks_at_nobody_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "PAGE", 2)
    monkeypatch.setattr(orders, "MOST", 4)
    door = Door(settings=DOUBLE)
    for number in range(4):
        email = f"v{number}@example.com"
        if number < 3:  # asked today: they wait on
            door.sign_up(email)
        door.put_order(f"o{number}", ticked(door, email, (4 - number) * DAY))
    assert door.sweep() == Report(asked=1)


def test_an_opt_in_after_a_withdrawal_waits_too() -> None:
    door = Door()
    door.put_order("o", order(ADA, marketingOptIn=True))
    door.runner.run(lambda tx: plan_unsubscribe(tx, KEYS.address(ADA)))
    door.put_order("o2", ticked(door))
    assert door.marketing()["status"] == "unsubscribed"
    assert door.sweep() == Report(asked=1)
    door.click(door.box.mails[0])
    assert door.marketing()["status"] == "subscribed"


def test_a_withdrawal_after_the_mail_ends_its_link() -> None:
    door = opted()
    door.sweep()
    door.runner.run(lambda tx: plan_unsubscribe(tx, KEYS.address(ADA)))
    assert door.click(door.box.mails[0]).status_code == 410
    assert door.marketing()["status"] == "unsubscribed"


def test_who_refused_is_not_asked_and_it_is_noted() -> None:
    door = opted()
    door.click(door.sign_up(), action="not-me")
    door.store.wait(2 * DAY)
    assert door.sweep() == Report()
    assert door.the_customer()["confirmFrom"] is None
    assert len(door.box.mails) == 1


def test_this_was_not_me_in_an_orders_mail() -> None:
    door = opted()
    door.sweep()
    assert door.click(door.box.mails[0], action="not-me").status_code == 200
    door.put_order("o2", ticked(door))
    door.store.wait(2 * DAY)
    door.sweep()
    assert len(door.box.mails) == 1


def test_nobody_is_asked_where_no_mail_is_sent() -> None:
    door = opted()
    schedule.run(lambda: door.services)
    assert door.the_customer()["confirmFrom"] is not None
    assert door.box.mails == []


@pytest.mark.parametrize("whole", [True, False])
def test_every_call_of_the_scheduler_asks(
    whole: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CRM_MAIL", "smtp://user:password@smtp.example.com:587")
    door = opted()
    with caplog.at_level(logging.INFO):
        schedule.run(lambda: door.services, whole=whole)
    assert [one.to for one in door.box.mails] == [ADA]
    assert door.the_customer()["confirmFrom"] is None
    assert "0 confirmation mails sent late, 1 opt-ins asked about" in caplog.text
    assert "ada" not in caplog.text
    door.store.wait(timedelta(days=8))
    schedule.run(lambda: door.services, whole=whole)
    assert door.kept() is None


def test_a_server_that_takes_nothing_stops_the_run() -> None:
    door = Door(settings=DOUBLE)
    for number in range(5):
        door.put_order(f"o{number}", ticked(door, f"v{number}@example.com"))
    door.box.answers = [Halt("535", "Mend it.")]
    assert door.sweep().asked == 1
    door.store.wait(timedelta(minutes=11))
    assert door.sweep() == Report(sent=1, asked=4)
    assert len(door.box.mails) == 5


def test_a_run_has_a_bound_of_time() -> None:
    door = Door(settings=DOUBLE)
    for number in range(5):
        door.put_order(f"o{number}", ticked(door, f"v{number}@example.com"))
    ticks = iter(range(1_000))
    assert 0 < door.sweep(seconds=6, clock=lambda: float(next(ticks))).asked < 5
    assert door.sweep().asked > 0
    assert len(door.box.mails) == 5


def test_a_run_looks_at_so_many_and_the_next_one_at_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(orders, "PAGE", 2)
    monkeypatch.setattr(orders, "MOST", 4)
    door = Door(settings=DOUBLE)
    for number in range(6):
        door.put_order(f"o{number}", ticked(door, f"v{number}@example.com"))
    assert [door.sweep().asked for _ in range(3)] == [4, 2, 0]


def test_the_language_of_orders() -> None:
    for settings, subject in (
        ({}, "Please confirm"),
        ({"newsletter": {"opt_in": "double", "language": "de"}}, "Bitte bestätigen"),
        ({"forms": {"f": {"text": {"de": "Ja."}}}}, "Bitte bestätigen"),
        ({"forms": {}}, "Please confirm"),
    ):
        door = opted(settings=settings)
        door.sweep()
        assert door.box.mails[0].subject.startswith(subject)


# Users who are only to be reached by an address


def waiting_user(*uids: str) -> Door:
    door = Door(settings={**DOUBLE, "email_trust": "auth"})
    for uid in uids:
        door.accounts.of[uid] = None
        door.put_user(uid, user(f"{uid}@example.com"))
        door.put_order(f"o-{uid}", ticked(door, userId=uid))
    return door


def test_a_user_is_granted_and_nobody_begun() -> None:
    door = waiting_user("u")
    assert door.the_customer()["contactEmail"] == ADA
    assert door.the_customer()["marketing"]["pending"] is True
    assert door.sweep() == Report(asked=1)
    door.click(door.box.mails[0])
    customer = door.the_customer()
    assert (customer["userIds"], customer["marketing"]["status"]) == (["u"], "subscribed")
    assert (customer["contactEmail"], customer["primaryEmail"]) == (ADA, None)
    record = door.consents()[-1]
    assert record["identity"] == KEYS.user("u")


def test_two_users_of_one_address_are_one_mail() -> None:
    door = waiting_user("u", "v")
    assert door.sweep() == Report(asked=1)
    assert len(door.box.mails) == 1
    door.click(door.box.mails[0])
    assert {one["marketing"]["status"] for one in door.customers()} == {"subscribed"}
    assert len(door.customers()) == 2


def test_a_form_grants_the_user_who_waits() -> None:
    door = waiting_user("u")
    door.click(door.sign_up())
    customer = door.the_customer()
    assert (customer["userIds"], customer["tags"]) == (["u"], ["newsletter"])
    assert customer["marketing"]["status"] == "subscribed"


def test_a_form_begins_somebody_where_no_user_waits() -> None:
    door = Door(settings={**DOUBLE, "email_trust": "auth"})
    door.accounts.of["u"] = None
    door.put_user("u", user(ADA))
    door.click(door.sign_up())
    assert len(door.customers()) == 2
    mine = door.with_email(ADA)
    assert (mine["userIds"], mine["marketing"]["status"]) == ([], "subscribed")
    assert door.with_uid("u")["marketing"]["status"] == "none"
    assert door.with_uid("u")["contactEmail"] is None


def test_an_orders_link_begins_nobody() -> None:
    door = waiting_user("u")
    door.sweep()
    customer_id = door.the_customer()["id"]
    door.runner.run(lambda tx: plan_consent(tx, "call", customer_id, "unsubscribed", None))
    assert door.click(door.box.mails[0]).status_code == 410
    assert door.the_customer()["marketing"]["status"] == "unsubscribed"


# Handing over later


@pytest.mark.parametrize(
    "answer", [Later("451"), Halt("535", "Mend it."), Later("budget", True, 60)]
)
def test_a_mail_that_is_not_taken_goes_out_by_the_sweep(answer: Any) -> None:
    door = Door()
    door.box.answers = [answer]
    assert door.fill_in().status_code == 202
    assert door.box.mails == []
    assert door.sweep() == Report()
    door.store.wait(timedelta(minutes=11))
    assert door.sweep() == Report(sent=1)
    (mail,) = door.box.mails
    assert door.click(mail).status_code == 200


def test_a_process_that_dies_before_the_hand_over() -> None:
    door = Door()

    class Dead(BaseException):
        pass

    def die() -> Any:
        raise Dead

    form = door.runner.settings.forms["newsletter"]
    with pytest.raises(Dead):
        sign_up(
            replace(post_of(door.services), mailer=die),
            Request(form, "newsletter", ADA, "en", None, worked=True),
        )
    assert door.sweep() == Report()
    door.store.wait(timedelta(minutes=6))
    assert door.sweep() == Report(sent=1)
    assert door.click(door.box.mails[0]).status_code == 200


def test_a_sweep_reads_no_more_sign_ups_than_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door()
    door.box.answers = [Later("451")] * 3
    for name in ("ada", "bob", "cyd"):
        door.fill_in(f"{name}@example.com")
    door.store.wait(timedelta(hours=1))
    monkeypatch.setattr(sending, "PAGE", 2)
    assert [door.sweep().sent for _ in range(3)] == [2, 1, 0]


def test_one_that_cannot_be_taken_in_hand_stops_no_other() -> None:
    door = Door()
    door.box.answers = [Later("451")] * 3
    for name in ("ada", "bob", "cyd"):
        door.fill_in(f"{name}@example.com")
    door.store.wait(timedelta(hours=1))
    runner, once = door.runner, RetryPolicy(seconds=0)
    faults = Faults(at=3)  # behind the questions what is over and who waits: the first one's turn
    door.runner = replace(runner, store=FaultyStore(door.store, faults), retry=once)
    assert door.sweep() == Report(sent=2)
    assert [one.to for one in door.box.mails] == ["bob@example.com", "cyd@example.com"]
    door.runner = runner
    assert door.sweep() == Report(sent=1)


def test_a_mail_is_given_up_after_a_day() -> None:
    door = Door()
    door.box.answers = [Later("451")] * 100
    door.fill_in()
    for _ in range(40):
        door.store.wait(timedelta(hours=1))
        door.sweep()
    kept = door.kept()
    assert kept is not None
    assert kept["due"] is None
    assert 3 <= kept["tries"] <= 10
    door.box.answers = []
    door.sign_up()


def test_a_form_whose_text_has_changed_meanwhile_sends_nothing() -> None:
    door = Door()
    door.box.answers = [Later("451")]
    door.fill_in()
    other = Door(door.store, settings={"forms": {"newsletter": {"text": {"en": "Another."}}}})
    door.store.wait(timedelta(hours=1))
    assert other.sweep() == Report()
    assert other.box.mails == []
    assert SETTINGS["forms"]["newsletter"]["text"]["en"] != "Another."
    assert link_of(other.sign_up("bob@example.com"))
