"""A mail to staff: to nobody else, marked, and with a link that takes nobody else off the list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from crm.campaigns.trying import send_test
from crm.core.errors import Refusal
from crm.mail.port import Accepted, Answer, Halt, Later, Mail, Refused, Uncertain
from crm.newsletter.unsubscribe_link import headers, read_token
from testing.hosts import order
from testing.world import World
from tests.unit.campaigns.test_previewing import HELLO, LANDING
from tests.unit.campaigns.test_saving import MAIL, made, saved

STAFF = ["s1@example.com", "s2@example.com", "s3@example.com", "s4@example.com", "s5@example.com"]


class Server:
    """A mailer that answers as it is told."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.mails, self.closed = list(answers), list[Mail](), False

    def send(self, mails: Sequence[Mail]) -> Iterator[Answer]:
        for mail in mails:
            self.mails.append(mail)
            yield self.answers.pop(0) if self.answers else Accepted("p")

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def world() -> World:
    world = made({**MAIL, "postal_address": "1 Way, Town"})
    for number, address in enumerate(STAFF):
        world.accounts.of[f"s{number}"] = address
        world.accounts.staff.add(f"s{number}")
    return world


def tried(world: World, to: list[str], server: Server | None = None, **more: Any) -> Any:
    draft = saved(world, **{"body": HELLO, "subject": "Hello {{ name }}", **more})
    return send_test(world.runner, lambda: server or Server(), draft, to, LANDING)


def refusal(world: World, to: list[str], **more: Any) -> str:
    server = Server()
    with pytest.raises(Refusal) as refused:
        tried(world, to, server, **more)
    assert server.mails == []
    assert "@" not in refused.value.message
    return refused.value.reason


def test_staff_get_the_mail_of_an_example_marked_as_a_test(world: World) -> None:
    server = Server()
    answer = tried(world, STAFF[:2], server)
    assert answer["sent"] == 2
    assert [mail.to for mail in server.mails] == STAFF[:2]
    assert {mail.subject for mail in server.mails} == {"[Test] Hello Ada Example"}
    assert len({mail.key for mail in server.mails}) == 2
    assert server.closed


def test_it_says_of_each_address_what_the_server_said(world: World) -> None:
    server = Server(
        Accepted(), Refused("550 5.1.1"), Later("451"), Uncertain("lost"), Halt("535", "Mend it.")
    )
    answer = tried(world, STAFF, server)
    assert answer["sent"] == 1
    assert [(one["to"], one["state"], one["reason"]) for one in answer["results"]] == [
        (STAFF[0], "accepted", None),
        (STAFF[1], "refused", "550 5.1.1"),
        (STAFF[2], "later", "451"),
        (STAFF[3], "uncertain", "lost"),
        (STAFF[4], "halted", "535"),
    ]
    assert answer["results"][4]["message"] == "Mend it."


def test_the_link_is_of_the_address_that_the_mail_goes_to(world: World) -> None:
    server = Server()
    tried(world, STAFF[:1], server)
    link = server.mails[0].headers["List-Unsubscribe"].strip("<>")
    token = link.partition("token=")[2]
    key = read_token(world.runner.keys, token, world.store.now())
    assert key == world.runner.keys.address(STAFF[0])


def test_strangers_get_nothing_not_even_beside_staff(world: World) -> None:
    """The door of whoever has got hold of an editor's account."""
    world.put_order("o", order("customer@example.com", marketingOptIn=True))
    world.accounts.of["u1"] = "customer@example.com"
    strangers = [f"victim{number}@example.org" for number in range(5)]
    for to in (strangers, [*STAFF[:4], strangers[0]], ["customer@example.com"]):
        assert refusal(world, to) == "not-staff"


def test_staff_whose_address_is_not_verified_get_nothing(world: World) -> None:
    world.accounts.of["s0"] = None
    assert refusal(world, STAFF[:1]) == "not-staff"


@pytest.mark.parametrize(
    "to",
    [
        [],
        [""],
        ["nobody"],
        ["s1@example.com, victim@example.org"],
        ["s1@example.com\nBcc: victim@example.org"],
        ["<s1@example.com>"],
        [*STAFF, "s1@example.com", "s6@example.com"],
    ],
)
def test_what_is_not_one_address_of_staff_each_is_refused(world: World, to: list[str]) -> None:
    assert refusal(world, to) == "not-staff"


def test_an_address_twice_gets_one_mail(world: World) -> None:
    server = Server()
    tried(world, [STAFF[0], STAFF[0].upper()], server)
    assert len(server.mails) == 1


def test_without_a_sender_nothing_is_sent() -> None:
    world = made({})
    world.accounts.of["s1"] = STAFF[0]
    world.accounts.staff.add("s1")
    assert refusal(world, STAFF[:1]) == "mail-not-set-up"


def test_a_text_that_cannot_be_read_is_refused_by_what_is_wrong(world: World) -> None:
    assert refusal(world, STAFF[:1], body=("markdown", "{% if %}")) == "campaign-has-problems"


def test_the_mail_is_the_campaigns_with_its_sender_and_way_out(world: World) -> None:
    server = Server()
    text = ("markdown", "# Hello\n\nDear {{ name }}, at {{ email }}.")
    more: dict[str, Any] = {
        "reply_to": "Bob <bob@example.com>",
        "body": text,
        "subject": "Hi {{ name }}",
    }
    draft = saved(world, **more)
    answer = send_test(world.runner, lambda: server, draft, STAFF[1:2], LANDING)
    assert answer == {
        "sent": 1,
        "results": [{"to": STAFF[1], "state": "accepted", "reason": None}],
    }
    (mail,) = server.mails
    link = mail.headers["List-Unsubscribe"].strip("<>")
    assert mail == Mail(
        key=mail.key,
        sender=MAIL["from"],
        to=STAFF[1],
        subject="[Test] Hi Ada Example",
        text=mail.text,
        html=mail.html,
        reply_to="Bob <bob@example.com>",
        headers=headers(link),
        campaign=draft.id,
    )
    assert re.fullmatch("test-id[a-j]{5}x{19}", mail.key)
    for part in (mail.text, mail.html or ""):
        assert f"Dear Ada Example, at {STAFF[1]}." in part
        assert link in part


def test_each_refusal_has_its_code(world: World) -> None:
    def refused(to: list[str], **more: Any) -> Refusal:
        with pytest.raises(Refusal) as caught:
            tried(world, to, **more)
        return caught.value

    stranger = refused(["victim@example.org"])
    assert (stranger.code, stranger.more) == ("invalid-argument", {})
    unread = refused(STAFF[:1], body=("markdown", "{% if %}"))
    assert unread.code == "failed-precondition"
    assert [one["at"] for one in unread.more["problems"]] == ["body:1"]  # type: ignore[attr-defined]
    assert "(`body:1`)" in unread.message


def test_a_text_that_fails_with_the_example_is_refused_by_that(world: World) -> None:
    """It can be read, so that nothing else is wrong with it."""
    text = (
        "markdown",
        "# Hello\n\n{% if name > 3 %}Dear{% endif %} guest, it was good to have you here.",
    )
    server = Server()
    with pytest.raises(Refusal) as caught:
        tried(world, STAFF[:1], server, body=text)
    assert (caught.value.code, caught.value.reason) == (
        "failed-precondition",
        "campaign-has-problems",
    )
    assert server.mails == []


def test_it_leaves_no_record(world: World) -> None:
    tried(world, STAFF[:1])
    assert world.store.all("crmMails") == world.store.all("crmAudiences") == {}
