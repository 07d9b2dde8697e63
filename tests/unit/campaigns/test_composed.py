"""What stands in the way of a campaign, how it is told, and the mails that are made of its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any

import pytest

from crm.campaigns.by_rule import NOBODY, Sending, fit_template, plan_sending, template_in
from crm.campaigns.campaign import Campaign
from crm.campaigns.composed import (
    MOST_TOLD,
    compose,
    frame_of,
    look_over,
    problems_of,
    told,
    unfit,
)
from crm.campaigns.last_look import Person
from crm.campaigns.letters import letters
from crm.composing.problems import Problem
from crm.config.settings import Settings
from crm.core.errors import Refusal
from crm.db.collections import AUDIT, JOBS
from crm.db.transaction import Plan
from crm.jobs.job import Job
from crm.mail.port import Mail
from crm.newsletter import unsubscribe_link
from testing.world import World
from tests.support.campaigns import STAFF, campaign_in, put_campaign, world_of

POSTAL = "1 Way, Town"

TEXT = {
    "format": "markdown",
    "source": "# Hello\n\nDear {{ name | default: 'guest' }}, come again.",
}

LANDING = "https://example.com/leave"


def settings(**mail: Any) -> Settings:
    own = {"company": {"type": "text", "label": "Company", "purpose": "Invoices"}}
    said = {"from": "News <news@example.com>", "postal_address": POSTAL, **mail}
    return Settings.model_validate({"mail": said, "fields": own, "time_zone": "Europe/Berlin"})


def draft(sender: str = "News <news@example.com>", **fields: Any) -> Campaign:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    made = Campaign("c1", "May", "News", "", TEXT, {}, sender, at, at)
    return replace(made, **fields)


def senders(found: Sequence[Problem]) -> list[tuple[str, str, bool]]:
    return [(one.reason, one.at, one.blocking) for one in found if one.at == "from"]


# Problems


@pytest.mark.parametrize(
    ("sender", "from_", "problem"),
    [
        ("News <news@example.com>", "News <news@example.com>", None),
        ("other@EXAMPLE.com", "News <news@example.com>", None),
        ("other@example.com", "news@Example.COM", None),
        ("News <news@example.org>", "news@example.com", ("sender-domain", False)),
        ("a@sub.example.com", "news@example.com", ("sender-domain", False)),
        ("", "news@example.com", ("mail-not-set-up", True)),
        ("news@example.com", None, ("mail-not-set-up", True)),
    ],
)
def test_a_sender_is_of_the_domain_that_is_set_up(
    sender: str, from_: str | None, problem: tuple[str, bool] | None
) -> None:
    mail = {} if from_ is None else {"from": from_}
    given = Settings.model_validate({"mail": {**mail, "postal_address": POSTAL}})
    found = problems_of(given, draft(sender))
    assert senders(found) == ([] if problem is None else [(problem[0], "from", problem[1])])
    if problem is not None and problem[0] == "sender-domain":
        (said,) = [one.message for one in found if one.reason == "sender-domain"]
        domains = (parseaddr(sender)[1].split("@")[1], "example.com")
        assert f"domain is {domains[0]}, `from` in `[mail]` has {domains[1]}:" in said


def test_what_blocks_is_told_first_and_all_of_it_in_words() -> None:
    body = {"format": "markdown", "source": "Hello {% if %}"}
    found = problems_of(settings(), draft("a@example.org", body=body))
    blocking = [one.blocking for one in found]
    assert True in blocking
    assert blocking == sorted(blocking, reverse=True)
    assert found[-1].reason == "sender-domain"
    assert told(found[-1:]) == [
        {
            "reason": "sender-domain",
            "message": found[-1].message,
            "at": "from",
            "blocking": False,
        }
    ]


def problem(number: int, reason: str = "liquid", *, blocking: bool = True) -> Problem:
    return Problem(reason, f"Mend {number}.", f"body:{number}", blocking=blocking)


def test_only_what_blocks_refuses_and_the_first_of_it_is_named() -> None:
    hints = [problem(one, blocking=False) for one in range(3)]
    assert unfit([]) is unfit(hints) is None
    refusal = unfit([*hints, problem(7), problem(8)])
    assert refusal is not None
    assert (refusal.code, refusal.reason) == ("failed-precondition", "campaign-has-problems")
    assert "Mend 7. (`body:7`)" in refusal.message
    assert refusal.more == {"problems": told([problem(7), problem(8)])}


def test_a_refusal_names_some_problems_at_most() -> None:
    refusal = unfit([problem(one) for one in range(MOST_TOLD + 1)])
    assert refusal is not None
    assert refusal.more == {"problems": told([problem(one) for one in range(MOST_TOLD)])}


def test_that_mail_is_not_set_up_refuses_before_all_else() -> None:
    refusal = unfit([problem(1), problem(2, "mail-not-set-up")])
    assert refusal is not None
    assert (refusal.code, refusal.reason) == ("failed-precondition", "mail-not-set-up")
    assert refusal.more == {}
    hint = unfit([problem(1), problem(2, "mail-not-set-up", blocking=False)])
    assert hint is not None
    assert hint.reason == "campaign-has-problems"


def test_a_campaign_that_can_be_sent_is_looked_over_in_silence() -> None:
    look = look_over(settings())
    look(draft())
    with pytest.raises(Refusal) as refused:
        look(draft(body={"format": "markdown", "source": "{% if %}"}))
    assert refused.value.reason == "campaign-has-problems"


# Around the text


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("News <news@example.com>", "News"),
        ("news@example.com", "example.com"),
        ('"news@home"@example.com', "example.com"),
        ('"A, B" <a@b.example>', "A, B"),
        ("", ""),
    ],
)
def test_who_sends_and_from_where_is_around_the_text(sender: str, name: str) -> None:
    given = settings()
    frame = frame_of(given, sender)
    assert (frame.sender_name, frame.postal_address) == (name, POSTAL)
    assert (frame.time_zone, frame.fields) == (given.time_zone, {"company": "Example"})


def world() -> tuple[World, dict[str, Any]]:
    """A world with one subscriber, and the document of this one."""
    made = world_of(1, postal_address=POSTAL)
    customer = made.the_customer()
    del customer["id"]
    return made, customer


def test_a_mail_is_made_for_its_person_with_the_way_out_of_that_mail() -> None:
    made, data = world()
    data = {**data, "name": "Ada"}
    campaign = draft(id="c7", reply_to="Bob <bob@example.com>")
    write = letters(made.runner, campaign, compose, LANDING)
    person = Person(0, "x", "thekey", data, None, None, None)
    mail = write(person)
    link = unsubscribe_link.link(made.runner.keys, LANDING, "p0@example.com", "c7-thekey")
    assert mail == Mail(
        key="c7-thekey",
        sender="News <news@example.com>",
        to="p0@example.com",
        subject="News",
        text=mail.text,
        html=mail.html,
        reply_to="Bob <bob@example.com>",
        headers=unsubscribe_link.headers(link),
        campaign="c7",
    )
    for part in (mail.text, mail.html or ""):
        assert "Dear Ada, come again." in part
        assert link in part
        assert POSTAL in part


def test_a_mail_without_html_is_one_of_text_alone() -> None:
    made, data = world()
    write = letters(made.runner, draft(), lambda *_: lambda *_: ("s", "", "t"), LANDING)
    mail = write(Person(0, "x", "k", data, None, None, None))
    assert (mail.subject, mail.text, mail.html) == ("s", "t", None)


# Copies that rules send


WANTED = Sending("c9", "j9", "r1", "Thanks", 3)


def sent(made: World, template: Campaign, wanted: Sending) -> None:
    made.runner.run(lambda tx: Plan(plan_sending(tx, template, wanted), None))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"people": ["a", "b"], "scope": "e1"},
        {"segment": {"tag": "x"}, "latest_by": datetime(2026, 2, 1, tzinfo=UTC)},
    ],
)
def test_a_copy_is_scheduled_with_its_job_behind_the_undo_window(more: dict[str, Any]) -> None:
    made = world_of(0, undo_seconds=40, latest_hours=3)
    now = made.store.now() + timedelta(hours=1)
    made.runner = replace(made.runner, now=lambda: now)
    template = draft(preview="So good", reply_to="b@example.com", expected=9, revision=4)
    sent(made, template, replace(WANTED, **more))
    start = now + timedelta(seconds=40)
    people = more.get("people")
    assert campaign_in(made, "c9") == Campaign(
        "c9",
        "Thanks",
        "News",
        "So good",
        TEXT,
        more.get("segment", NOBODY),
        "News <news@example.com>",
        now,
        now + timedelta(microseconds=1),
        reply_to="b@example.com",
        state="scheduled",
        scheduled_at=start,
        latest_by=more.get("latest_by", start + timedelta(hours=3)),
        actor=STAFF,
        job_id="j9",
        rule="r1",
        scope=more.get("scope"),
        people=None if people is None else tuple(people),
    )
    job = Job("j9", "send_campaign", {"campaignId": "c9"}, STAFF, now, now, total=3)
    assert made.store.all(JOBS) == {"j9": replace(job, not_before=start).to_data()}
    (entry,) = [one for one in made.store.all(AUDIT).values() if "campaign" in one["action"]]
    assert (entry["action"], entry["actor"], entry["customers"], entry["facts"]) == (
        "campaign.send",
        STAFF,
        [],
        {"campaign": "c9", "rule": "r1"},
    )


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"body": TEXT}, ""),
        ({"body": {"format": "markdown", "source": "{% if %}"}}, "template-unfit"),
        ({"body": TEXT, "sender": "a@example.org"}, ""),  # is said, and does not block
        *(({"body": TEXT, "state": one}, "template-gone") for one in ("scheduled", "done")),
        ({"body": TEXT, "rule": "r2"}, "template-gone"),
        (None, "template-gone"),
    ],
)
def test_a_rule_sends_copies_of_a_draft_that_can_be_sent(
    fields: dict[str, Any] | None, why: str
) -> None:
    made = world_of(0, postal_address=POSTAL)
    if fields is not None:
        put_campaign(made, **fields)
    found = made.runner.evaluate(lambda tx: fit_template(tx, "c1"))
    assert found == (None if why else campaign_in(made), why)
    there = made.runner.evaluate(lambda tx: template_in(tx, "c1"))
    assert there == (None if why == "template-gone" else campaign_in(made))
