"""Mails to providers' APIs: a local HTTP server that answers as they do."""

from __future__ import annotations

import builtins
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import ConfigError
from crm.mail import answers
from crm.mail.anymail import AnymailMailer
from crm.mail.dsn import ProviderDsn, parsed
from crm.mail.port import Accepted, Answer, Halt, Later, Mail, Refused, Uncertain
from crm.mail.providers import PROVIDERS
from tests.support import certificates
from tests.support.mail_api import MailApi, Said

MAIL = Mail(
    key="e1-abc",
    sender="Events <news@example.com>",
    to="ann@example.org",
    subject="Danke",
    text="Hello",
    html="<p>Hello</p>",
    reply_to="help@example.com",
    headers={
        "List-Unsubscribe": "<https://example.com/u>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
    campaign="c1",
)

POSTMARK = (200, {"ErrorCode": 0, "Message": "OK", "To": "ann@example.org", "MessageID": "pm-1"})
MAILGUN = (200, {"id": "<2027.1.abc@mg.example.com>", "message": "Queued. Thank you."})

DSNS = {
    "postmark": "anymail+postmark://TOKEN@default?message_stream=broadcast",
    "mailgun": "anymail+mailgun://TOKEN@mg.example.com",
    "mailjet": "anymail+mailjet://TOKEN:SECRET@default",
    "postal": "anymail+postal://TOKEN@postal.example.com",
    "scaleway": "anymail+scaleway://PROJECT:TOKEN@default",
    "unisender_go": "anymail+unisender-go://TOKEN@go1.unisender.ru",
}


@contextmanager
def mailer_to(api: MailApi, name: str, timeout: float = 20) -> Iterator[AnymailMailer]:
    dsn = parsed(DSNS.get(name, f"anymail+{name}://TOKEN@default"))
    assert isinstance(dsn, ProviderDsn)
    local = replace(dsn, settings={**dsn.settings, "api_url": api.url}, timeout=timeout)
    with closing(AnymailMailer(local)) as mailer:
        yield mailer


def answer(name: str, *said: Said, mail: Mail = MAIL) -> tuple[Answer, MailApi]:
    with MailApi(said) as api, mailer_to(api, name) as mailer:
        return next(mailer.send([mail])), api


def test_postmark_is_given_everything() -> None:
    found, api = answer("postmark", POSTMARK)
    assert found == Accepted("pm-1")
    (request,) = api.requests
    assert request.path == "/email"
    assert request.headers["X-Postmark-Server-Token"] == "TOKEN"
    asked = request.json
    headers = {one["Name"]: one["Value"] for one in asked.pop("Headers")}
    assert headers == {
        "List-Unsubscribe": "<https://example.com/u>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Message-ID": "<e1-abc@example.com>",
        "X-PM-KeepID": "true",
        "Feedback-ID": "c1:campaign:crm-lite",
    }
    assert asked == {
        "From": "Events <news@example.com>",
        "To": "ann@example.org",
        "ReplyTo": "help@example.com",
        "Subject": "Danke",
        "TextBody": "Hello",
        "HtmlBody": "<p>Hello</p>",
        "Metadata": {"key": "e1-abc"},
        "MessageStream": "broadcast",
        "TrackOpens": False,
        "TrackLinks": "None",
    }


def test_mailgun_is_given_everything() -> None:
    found, api = answer("mailgun", MAILGUN)
    assert found == Accepted("<2027.1.abc@mg.example.com>")
    (request,) = api.requests
    assert request.path == "/mg.example.com/messages"
    form = request.form
    assert form["to"] == ["ann@example.org"]
    assert form["o:tracking-opens"] == form["o:tracking-clicks"] == ["no"]
    assert form["v:key"] == ["e1-abc"]
    assert form["h:List-Unsubscribe-Post"] == ["List-Unsubscribe=One-Click"]
    assert form["h:Message-Id"] == ["<e1-abc@example.com>"]


def test_mails_go_one_by_one_over_one_connection() -> None:
    with MailApi([POSTMARK]) as api, mailer_to(api, "postmark") as mailer:
        found = mailer.send([MAIL] * 3)
        assert api.requests == []
        next(found)
        assert len(api.requests) == 1
        assert list(found) == [Accepted("pm-1")] * 2
    assert {request.connection for request in api.requests} == {1}


def test_it_can_be_used_again_after_closing() -> None:
    with MailApi([POSTMARK]) as api, mailer_to(api, "postmark") as mailer:
        assert next(mailer.send([MAIL])) == Accepted("pm-1")
        mailer.close()
        assert next(mailer.send([MAIL])) == Accepted("pm-1")


INACTIVE = "Found inactive addresses: ann@example.org. Inactive recipients are ones that"


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("postmark", (422, {"ErrorCode": 406, "Message": INACTIVE}), Refused("rejected")),
        (
            "postmark",
            (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'ann@example.org'."}),
            Refused("rejected", unreachable=True),
        ),
        (
            "postmark",
            (422, {"ErrorCode": 300, "Message": "Invalid 'From' address: 'news@example.com'."}),
            Halt("422", answers.SENDER),
        ),
        ("postmark", (401, {"ErrorCode": 10, "Message": "Bad token"}), Halt("401", answers.LOGIN)),
        ("postmark", (429, "slow", {"Retry-After": "7"}), Later("429", whole=True, seconds=7)),
        ("postmark", (429, "slow", {"Retry-After": "soon"}), Later("429", whole=True)),
        ("postmark", (503, "down"), Later("503", whole=True)),
        ("postmark", (500, "broken"), Uncertain("500")),
        ("postmark", (504, "gateway"), Uncertain("504")),
        ("postmark", (200, "no JSON"), Uncertain("bad-answer")),
        ("postmark", (200, {"Message": "OK"}), Uncertain("bad-answer")),
        ("postmark", (422, {"ErrorCode": 406, "Message": "Who?"}), Uncertain("bad-answer")),
        ("postmark", None, Uncertain("connection-lost")),
        ("mailgun", (401, "Forbidden"), Halt("401", answers.LOGIN)),
        ("mailgun", (404, {"message": "Domain not found: mg"}), Halt("404", answers.SENDER)),
        ("mailgun", (400, {"message": "to parameter is not a valid address"}), Refused("400")),
        ("mailgun", (200, "Mailgun Magnificent API"), Uncertain("bad-answer")),
        (
            "mandrill",
            (500, {"status": "error", "name": "Invalid_Key", "message": "Invalid API key"}),
            Halt("401", answers.LOGIN),
        ),
        ("mandrill", (500, {"name": "GeneralError"}), Uncertain("500")),
        (
            "mandrill",
            (200, [{"email": "ann@example.org", "status": "rejected", "_id": "1"}]),
            Refused("rejected"),
        ),
        (
            "postal",
            (200, {"status": "error", "data": {"code": "UnauthenticatedFromAddress"}}),
            Halt("403", answers.SENDER),
        ),
        (
            "postal",
            (200, {"status": "error", "data": {"code": "InvalidServerAPIKey"}}),
            Halt("401", answers.LOGIN),
        ),
    ],
)
def test_an_answer_means(name: str, said: Said, expected: Answer) -> None:
    found, api = answer(name, said)
    assert found == expected
    assert len(api.requests) == 1


@pytest.mark.parametrize("name", sorted(PROVIDERS))
@pytest.mark.parametrize(
    "said",
    [
        {},
        [],
        [1],
        [[]],
        [{}],
        None,
        7,
        "x",
        {"data": []},
        {"data": {"messages": 5}},
        {"status": "success"},
        {"id": 5, "message": 5, "results": 5, "emails": 5, "success": True, "messages": 5},
        {"message": "Queued", "id": None},
        {"Messages": [{"Status": "success", "To": 5}]},
    ],
    ids=repr,
)
def test_an_answer_of_no_known_form_leaves_a_mail_uncertain(name: str, said: object) -> None:
    found, _ = answer(name, (200, said))
    if isinstance(found, Accepted):  # such as MailerSend's, which has no body
        assert found.provider_id is None
    else:
        assert isinstance(found, Uncertain)


def test_what_concerns_everybody_is_asked_once() -> None:
    with MailApi([(401, "Forbidden")]) as api, mailer_to(api, "mailgun") as mailer:
        assert list(mailer.send([MAIL] * 4)) == [Halt("401", answers.LOGIN)] * 4
    assert len(api.requests) == 1


@pytest.mark.parametrize("name", ["resend", "brevo"])
def test_a_provider_that_knows_the_key_is_asked_once_more(name: str) -> None:
    taken = (200, {"id": "r-1", "messageId": "r-1"})
    found, api = answer(name, None, taken)
    assert found == Accepted("r-1")
    first, second = api.requests
    assert first.body == second.body
    if name == "resend":
        assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "e1-abc"
    else:
        assert uuid.UUID(first.json["headers"]["idempotencyKey"]).version == 5


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("brevo", (400, {"code": "duplicate_parameter", "message": "Key is used"})),
        ("resend", (409, {"name": "invalid_idempotent_request", "message": "Key is used"})),
        ("resend", (409, {"name": "concurrent_idempotent_requests", "message": "Wait"})),
    ],
)
def test_a_provider_that_has_seen_the_key_has_refused_nothing(name: str, said: Said) -> None:
    assert answer(name, None, said)[0] == Uncertain("asked-before")


def test_each_mail_has_a_key_of_its_own_at_brevo() -> None:
    keys = [
        answer("brevo", (200, {"messageId": "1"}), mail=replace(MAIL, key=key))[1]
        .requests[0]
        .json["headers"]["idempotencyKey"]
        for key in ("e1-abc", "e1-abc", "e1-abd")
    ]
    assert keys[0] == keys[1] != keys[2]


def test_a_provider_that_knows_the_key_and_is_silent_twice_leaves_it_uncertain() -> None:
    found, api = answer("resend", None)
    assert found == Uncertain("connection-lost")
    assert len(api.requests) == 2


def test_a_silent_provider_is_not_waited_for() -> None:
    with MailApi([3600.0]) as api, mailer_to(api, "postmark", timeout=0.5) as mailer:
        assert next(mailer.send([MAIL])) == Uncertain("timeout")


def test_a_provider_that_cannot_be_reached_has_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        mailer = AnymailMailer(ProviderDsn("postmark", {"server_token": "T", "api_url": url}))
        assert list(mailer.send([MAIL] * 2)) == [Later("cannot-connect", whole=True)] * 2
        mailer.close()


def test_who_cannot_show_that_they_are_the_provider_is_told_nothing() -> None:
    with (
        MailApi([POSTMARK], certificate=certificates.made()) as api,
        mailer_to(api, "postmark") as mailer,
    ):
        assert next(mailer.send([MAIL])) == Later("cannot-connect", whole=True)
    assert api.requests == []


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_every_provider_is_asked_and_a_wrong_key_halts(name: str) -> None:
    found, api = answer(name, (401, {"message": "Unauthorized"}))
    assert found == Halt("401", answers.LOGIN)
    (request,) = api.requests
    assert b"ann@example.org" in request.body.replace(b"%40", b"@")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject": "Hi\r\nBcc: x@example.com"}, "invalid-subject"),
        ({"to": "ann@example.org, eve@example.org"}, "invalid-address"),
        ({"headers": {"X-A": "v\nBcc: x"}}, "invalid-header"),
        ({"headers": {"Bcc": "x@example.org"}}, "invalid-header"),
        ({"to": "änn@example.org"}, "no-smtputf8"),
    ],
)
def test_a_mail_that_cannot_be_one_never_reaches_the_provider(
    change: dict[str, Any], code: str
) -> None:
    found, api = answer("postmark", POSTMARK, mail=replace(MAIL, **change))
    assert found == Refused(code)
    assert api.requests == []


def test_django_changes_nothing_of_the_process() -> None:
    before = dict(os.environ), time.tzname
    answer("postmark", POSTMARK)
    assert (dict(os.environ), time.tzname) == before


def test_who_has_not_installed_it_is_told_what_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def missing(name: str, *more: Any) -> Any:
        if name.partition(".")[0] in ("anymail", "django"):
            raise ImportError(name)
        return load(name, *more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ConfigError, match=r"add the line `-r requirements-anymail\.txt` to"):
        AnymailMailer(ProviderDsn("postmark", {"server_token": "T"}))
