"""The door `mail_events`: who comes in, and what becomes of what they tell (case 15)."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

import pytest
from flask import Request, Response
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from crm.core.errors import Transient
from crm.entrypoints.http import mail_events
from crm.entrypoints.http.mail_events import MAX_BODY, answer
from crm.runtime.services import Services
from testing.world import World
from tests.support.mailed import event, mail_id, mailed, put_campaign, record_of, subscribed
from tests.unit.mail.test_webhooks import OTHER, SECRET, sign

LOGIN = "provider:a password of some length"
BASIC = "Basic " + base64.b64encode(LOGIN.encode()).decode()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("CRM_MAIL_EVENTS", f"standard://{SECRET}")
    world = World()
    subscribed(world, "ada", "bob")
    mailed(world, {"ada": "accepted", "bob": "uncertain"})
    return world


def send(world: World | None, body: bytes, headers: dict[str, str], **more: Any) -> Response:
    more = {"method": "POST", "content_type": "application/json", **more}
    environ = EnvironBuilder(data=body, headers=Headers(headers), **more).get_environ()

    def services() -> Services:
        assert world is not None, "this request needs nothing"
        return world.services

    return answer(Request(environ), services)


def body_of(kind: str, name: str = "ada", **data: Any) -> bytes:
    about = {"messageId": f"<{mail_id(name)}@example.com>", "code": "550 5.1.1", **data}
    told = event("delivered").at.isoformat()
    return json.dumps({"type": kind, "timestamp": told, "data": about}).encode()


def headers_of(
    world: World, body: bytes, secret: str = SECRET, name: str = "msg_1"
) -> dict[str, str]:
    seconds = str(int(world.store.now().timestamp()))
    signature = sign(name, seconds, body, secret)
    return {"webhook-id": name, "webhook-timestamp": seconds, "webhook-signature": signature}


def tell(world: World, body: bytes, **more: Any) -> int:
    return send(world, body, headers_of(world, body), **more).status_code


def everything(world: World) -> Any:
    return {name: world.store.all(name) for name in world.store.collections()}


def marketing(world: World) -> Any:
    return world.with_email("ada@example.com")["marketing"]


# Case 15


def test_what_is_forged_is_401_and_nothing(world: World) -> None:
    body, before = body_of("complaint"), everything(world)
    good = headers_of(world, body)
    for forged in (
        {},
        headers_of(world, body, OTHER),
        {**good, "webhook-signature": ""},
        {name: value for name, value in good.items() if name != "webhook-signature"},
        {**good, "webhook-id": "msg_2"},
        {"Authorization": BASIC},
    ):
        answered = send(world, body, forged)
        assert answered.status_code == 401
        assert b"ada" not in answered.data
    assert send(world, body_of("hard_bounce"), good).status_code == 401  # another's signature
    assert everything(world) == before


def test_what_is_replayed_changes_nothing(world: World) -> None:
    body = body_of("complaint")
    assert tell(world, body) == 204
    before = everything(world)
    assert tell(world, body) == 204
    assert send(world, body, headers_of(world, body, name="msg_2")).status_code == 204
    assert everything(world) == before


def test_out_of_order_comes_to_the_same(world: World) -> None:
    assert tell(world, body_of("hard_bounce", "bob")) == 204
    assert tell(world, body_of("deferred", "bob")) == 204
    assert tell(world, body_of("delivered", "bob")) == 204
    assert (record_of(world, "bob").state, record_of(world, "bob").reason) == (
        "accepted",
        "bounced",
    )


def test_an_unknown_mail_is_answered_as_a_known_one_and_does_nothing(world: World) -> None:
    before = everything(world)
    for data in ({"messageId": "<x@example.com>"}, {"messageId": mail_id("ada", 5)}):
        assert tell(world, body_of("complaint", **data)) == 204
    assert everything(world) == before


def test_one_soft_bounce_changes_nothing_for_the_person(world: World) -> None:
    before = marketing(world)
    assert tell(world, body_of("soft_bounce")) == 204
    assert marketing(world) == before


def test_a_hard_bounce_is_unreachable(world: World) -> None:
    assert tell(world, body_of("hard_bounce")) == 204
    assert marketing(world)["unreachable"] == event("hard_bounce").at


def test_a_complaint_is_unsubscribed_with_proof(world: World) -> None:
    assert tell(world, body_of("complaint")) == 204
    assert marketing(world)["source"] == "complaint"
    (proof,) = [
        one for one in world.store.all("crmConsents").values() if one["source"] == "complaint"
    ]
    assert proof["evidence"]["mailId"] == mail_id()


# The door


def test_nobody_comes_in_where_no_provider_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = body_of("complaint")
    headers = headers_of(world, body)
    for value in ("", "  "):
        monkeypatch.setenv("CRM_MAIL_EVENTS", value)
        assert send(None, body, headers).status_code == 401
    monkeypatch.delenv("CRM_MAIL_EVENTS")
    assert send(None, body, headers).status_code == 401


def test_a_wrong_setting_is_401_and_told_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CRM_MAIL_EVENTS", "sendgrid://hush:hushhushhush")
    assert send(None, b"{}", {}).status_code == 401
    assert "sendgrid" in caplog.text
    assert "hush" not in caplog.text


def test_a_huge_body_is_read_to_its_end_and_refused(world: World) -> None:
    assert send(None, b" " * (MAX_BODY + 1), {}).status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(method: str) -> None:
    answered = send(None, b"", {}, method=method)
    assert (answered.status_code, answered.headers["Allow"]) == (405, mail_events.METHODS)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_provider_may_look_whether_anybody_is_there(method: str) -> None:
    assert send(None, b"", {}, method=method).status_code == 204


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]
)
def test_what_a_body_is_called_does_not_matter(world: World, content_type: str | None) -> None:
    assert tell(world, body_of("hard_bounce"), content_type=content_type) == 204
    assert "unreachable" in marketing(world)


@pytest.mark.parametrize("body", [b"hello", b"[" * 200_000, b'{"type": "complaint"}'])
def test_signed_nonsense_is_400_and_nothing(world: World, body: bytes) -> None:
    before = everything(world)
    assert tell(world, body) == 400
    assert everything(world) == before


def test_what_is_ahead_of_its_record_is_to_be_sent_again(world: World) -> None:
    put_campaign(world, 2)
    about = {"messageId": mail_id("ada", 2)}
    body = json.dumps({"type": "hard_bounce", "data": about}).encode()
    answered = send(world, body, headers_of(world, body))
    assert (answered.status_code, answered.headers["Retry-After"]) == (503, "60")


def test_where_the_database_is_silent_it_is_to_be_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any) -> Any:
        raise Transient("silent")

    monkeypatch.setattr(mail_events, "apply", silent)
    assert tell(world, body_of("hard_bounce")) == 503


def test_no_log_and_no_answer_holds_what_came(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = body_of("complaint", recipient="ada@example.com", code="550 ada@example.com")
    answers = [send(world, body, headers_of(world, body)), send(world, body, {})]
    answers.append(send(world, b"ada@example.com", headers_of(world, b"ada@example.com")))
    assert "example.com" not in caplog.text
    assert mail_id() not in caplog.text
    assert not any(b"example.com" in one.data for one in answers)


# Providers


def test_resends_own_signature_is_demanded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_MAIL_EVENTS", f"resend://{SECRET}")
    told = [{"name": "X-Metadata", "value": json.dumps({"mail": mail_id()})}]
    data = {"email_id": "re", "to": ["ada@example.com"], "headers": told}
    about = {"type": "email.complained", "created_at": event("delivered").at.isoformat()}
    body = json.dumps({**about, "data": data}).encode()
    good = {name.replace("webhook", "svix"): v for name, v in headers_of(world, body).items()}
    before = everything(world)
    for bad in ({}, {**good, "svix-signature": "v1,AAAA"}, headers_of(world, body)):
        assert send(world, body, bad).status_code == 401
    assert everything(world) == before
    assert send(world, body, good).status_code == 204
    assert marketing(world)["source"] == "complaint"


def postmark(kind: str, name: str = "ada", **more: Any) -> bytes:
    bounce = {"RecordType": "Bounce", "Type": kind, "BouncedAt": event("delivered").at.isoformat()}
    delivery = {"RecordType": "Delivery", "DeliveredAt": event("delivered").at.isoformat()}
    about = {
        **(delivery if kind == "Delivery" else bounce),
        "ID": 42,
        "MessageID": "pm-1",
        "Email": "ada@example.com",
        "Details": "smtp;550 5.1.1 no such user ada@example.com",
        "Metadata": {"mail": mail_id(name)},
    }
    return json.dumps({**about, **more}).encode()


@pytest.fixture
def by_postmark(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("CRM_MAIL_EVENTS", f"postmark://{LOGIN.replace(' ', '%20')}")
    return world


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic " + "A" * 24}, {"Authorization": "x"}]
)
def test_an_unsigned_post_of_postmark_is_401_and_nothing(
    by_postmark: World, headers: dict[str, str]
) -> None:
    before = everything(by_postmark)
    assert send(by_postmark, postmark("HardBounce"), headers).status_code == 401
    assert everything(by_postmark) == before


def test_a_post_of_postmark_with_its_login_is_taken(by_postmark: World) -> None:
    answered = send(by_postmark, postmark("HardBounce"), {"Authorization": BASIC})
    assert answered.status_code == 204
    assert marketing(by_postmark)["unreachable"] == event("delivered").at


def test_an_accepted_mail_is_found_by_postmarks_id(by_postmark: World) -> None:
    mailed(by_postmark, {"ada": "accepted"}, 2, provider_id="pm-1")
    body = postmark("SpamComplaint", Metadata={})
    assert send(by_postmark, body, {"Authorization": BASIC}).status_code == 204
    assert marketing(by_postmark)["source"] == "complaint"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[" * 200_000, b"\xff"])
def test_nonsense_of_a_provider_is_400(by_postmark: World, body: bytes) -> None:
    assert send(by_postmark, body, {"Authorization": BASIC}).status_code == 400
