"""What providers tell in their own words, read by django-anymail's views."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from crm.mail.anymail_events import NotTheirs, read
from crm.mail.events import BadEvent, MailEvent
from crm.mail.webhooks import PROVIDERS, parsed
from tests.support.mailed import mail_id

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
AT = "2026-05-01T10:00:00Z"
THEN = datetime(2026, 5, 1, 10, tzinfo=UTC)
SECONDS = int(THEN.timestamp())
ID = mail_id()
LOGIN = "us:a-password-of-some-length"
KEY = "a-signing-key-of-some-length"
ADA = "ada@example.com"


def told(name: str, data: Any, headers: dict[str, str] | None = None) -> list[MailEvent]:
    secret = LOGIN if PROVIDERS[name] == "login" else KEY
    if PROVIDERS[name] == "standard":
        secret = "whsec_" + base64.b64encode(b"x" * 24).decode()
    body = json.dumps(data).encode()
    if headers is None:
        headers = {"Authorization": "Basic " + base64.b64encode(LOGIN.encode()).decode()}
        if name == "mailersend":
            headers = {"Signature": hmac.digest(KEY.encode(), body, hashlib.sha256).hex()}
        if name == "mailtrap":
            digest = hmac.digest(KEY.encode(), body, hashlib.sha256).hex()
            headers = {"Mailtrap-Signature": digest}
    environ = EnvironBuilder(
        method="POST", data=body, content_type="application/json", headers=Headers(headers)
    ).get_environ()
    return read(parsed(f"{name}://{secret}"), environ, body, NOW)


def mailgun(event: str, **more: Any) -> dict[str, Any]:
    token, stamp = "t" * 50, str(SECONDS)
    signature = hmac.digest(KEY.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hex()
    data = {
        "event": event,
        "id": "ev",
        "timestamp": SECONDS,
        "recipient": ADA,
        "message": {"headers": {"message-id": f"{ID}@example.com"}},
        "user-variables": {"mail": ID},
        **more,
    }
    return {
        "signature": {"token": token, "timestamp": stamp, "signature": signature},
        "event-data": data,
    }


def brevo(event: str, **more: Any) -> dict[str, Any]:
    tags = {"X-Mailin-custom": json.dumps({"mail": ID})}
    about = {"event": event, "email": ADA, "ts_epoch": SECONDS * 1000, "message-id": "<b@relay>"}
    return {**about, **tags, **more}


def postmark(kind: str, **more: Any) -> dict[str, Any]:
    about = {"RecordType": "Bounce", "Type": kind, "BouncedAt": AT, "MessageID": "pm", "Email": ADA}
    return {**about, "Metadata": {"mail": ID}, **more}


def mailjet(event: str, **more: Any) -> list[dict[str, Any]]:
    payload = json.dumps({"mail": ID})
    return [{"event": event, "time": SECONDS, "email": ADA, "Payload": payload, **more}]


def sparkpost(kind: str, **more: Any) -> list[dict[str, Any]]:
    meta = {"rcpt_meta": {"mail": ID}, "timestamp": str(SECONDS), "rcpt_to": ADA}
    return [{"msys": {"message_event": {"type": kind, **meta, **more}}}]


def resend(kind: str, **more: Any) -> dict[str, Any]:
    headers = [{"name": "X-Metadata", "value": json.dumps({"mail": ID})}]
    data = {"email_id": "re", "to": [ADA], "headers": headers, **more}
    return {"type": kind, "created_at": AT, "data": data}


def mailersend(kind: str, **more: Any) -> dict[str, Any]:
    data = {
        "type": kind,
        "created_at": AT,
        "email": {"message": {"id": ID}, "recipient": {"email": ADA}},
        **more,
    }
    return {"type": f"activity.{kind}", "data": data}


def mailtrap(event: str, **more: Any) -> dict[str, Any]:
    about = {"event": event, "timestamp": SECONDS, "email": ADA, "message_id": "mt"}
    return {"events": [{**about, "custom_variables": {"mail": ID}, **more}]}


GONE = "550 5.1.1 no such user ada@example.com"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("postmark", postmark("HardBounce"), "hard_bounce"),
        ("postmark", postmark("SoftBounce"), "soft_bounce"),
        ("postmark", postmark("Transient"), "deferred"),
        ("postmark", postmark("BadEmailAddress"), "hard_bounce"),
        ("postmark", postmark("Blocked"), "rejected"),
        ("postmark", postmark("SpamComplaint"), "complaint"),
        ("mailgun", mailgun("delivered"), "delivered"),
        ("mailgun", mailgun("failed", severity="temporary", reason="bounce"), "deferred"),
        (
            "mailgun",
            mailgun(
                "failed",
                severity="permanent",
                reason="bounce",
                **{"delivery-status": {"code": 550, "message": GONE}},
            ),
            "hard_bounce",
        ),
        (
            "mailgun",
            mailgun(
                "failed",
                severity="permanent",
                reason="bounce",
                **{"delivery-status": {"code": 552, "message": "552 5.2.2 mailbox full"}},
            ),
            "soft_bounce",
        ),
        (
            "mailgun",
            mailgun(
                "failed",
                severity="permanent",
                reason="bounce",
                **{"delivery-status": {"code": 550, "message": "550 5.7.26 not authenticated"}},
            ),
            "rejected",
        ),
        ("mailgun", mailgun("complained"), "complaint"),
        ("mailgun", mailgun("unsubscribed"), "unsubscribed"),
        ("brevo", brevo("delivered"), "delivered"),
        ("brevo", brevo("hard_bounce", reason=GONE), "hard_bounce"),
        ("brevo", brevo("soft_bounce", reason="mailbox full"), "soft_bounce"),
        ("brevo", brevo("spam"), "complaint"),
        ("mailjet", mailjet("sent"), "delivered"),
        (
            "mailjet",
            mailjet("bounce", hard_bounce=True, error_related_to="recipient", error="user unknown"),
            "hard_bounce",
        ),
        ("mailjet", mailjet("bounce", hard_bounce=False, error="quota exceeded"), "soft_bounce"),
        ("mailjet", mailjet("spam"), "complaint"),
        ("sparkpost", sparkpost("delivery"), "delivered"),
        ("sparkpost", sparkpost("bounce", bounce_class="10", raw_reason=GONE), "hard_bounce"),
        ("sparkpost", sparkpost("bounce", bounce_class="22"), "soft_bounce"),
        ("sparkpost", sparkpost("bounce", bounce_class="51"), "rejected"),
        ("sparkpost", sparkpost("spam_complaint"), "complaint"),
        ("resend", resend("email.delivered"), "delivered"),
        (
            "resend",
            resend("email.bounced", bounce={"message": "… sent a hard bounce message, …"}),
            "hard_bounce",
        ),
        ("resend", resend("email.complained"), "complaint"),
        ("mailersend", mailersend("delivered"), "delivered"),
        ("mailersend", mailersend("soft_bounced"), "soft_bounce"),
        ("mailersend", mailersend("hard_bounced"), "hard_bounce"),
        ("mailersend", mailersend("spam_complaint"), "complaint"),
        ("mailtrap", mailtrap("delivery"), "delivered"),
        ("mailtrap", mailtrap("bounce", response=GONE), "hard_bounce"),
        ("mailtrap", mailtrap("soft bounce"), "deferred"),
        ("mailtrap", mailtrap("spam"), "complaint"),
    ],
)
def test_a_providers_word_is_one_of_ours(name: str, data: Any, kind: str) -> None:
    (event,) = told(name, data)
    assert (event.kind, event.at, event.mail_id) == (kind, THEN, ID)
    assert "ada" not in repr(event)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("postmark", {"RecordType": "Open", "ReceivedAt": AT, "MessageID": "pm"}),
        ("mailgun", mailgun("opened")),
        ("brevo", brevo("click")),
    ],
)
def test_what_people_read_or_click_is_not_taken_in(name: str, data: Any) -> None:
    assert told(name, data) == []


@pytest.mark.parametrize("name", sorted(set(PROVIDERS) - {"resend"}))
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic " + base64.b64encode(b"us:another").decode()},
        {"Signature": "0" * 64, "Mailtrap-Signature": "0" * 64},
    ],
    ids=["none", "login", "signature"],
)
def test_a_post_without_its_proof_is_nobodys(name: str, headers: dict[str, str]) -> None:
    data: dict[str, Any] = {
        "postmark": postmark("HardBounce"),
        "mailgun": {
            **mailgun("failed"),
            "signature": {"token": "t", "timestamp": "1", "signature": "x"},
        },
        "brevo": brevo("hard_bounce"),
        "mailjet": mailjet("bounce"),
        "sparkpost": sparkpost("bounce"),
        "mailersend": mailersend("hard_bounced"),
        "mailtrap": mailtrap("bounce"),
    }
    with pytest.raises(NotTheirs):
        told(name, data[name], headers)


def test_what_a_provider_garbles_is_no_event() -> None:
    with pytest.raises(BadEvent):
        told("mailjet", [{"email": ADA}])
