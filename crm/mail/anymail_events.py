"""Events of providers, read by django-anymail's webhook views without a Django project.

Only imported where `CRM_MAIL_EVENTS` names a provider.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from anymail.exceptions import AnymailInsecureWebhookWarning, AnymailWebhookValidationFailure
from anymail.signals import EventType, RejectReason
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.utils.module_loading import import_string

from crm.mail.events import (
    BadEvent,
    EventKind,
    MailEvent,
    codes_in,
    mail_id_in,
    not_after,
    provider_id_of,
)
from crm.mail.webhooks import Source

_VIEWS: Final[Mapping[str, str]] = {
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "mailjet": "MailjetTrackingWebhookView",
    "mailtrap": "MailtrapTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "resend": "ResendTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
}

_KEY: Final[Mapping[str, str]] = {
    "mailersend": "signing_secret",
    "mailgun": "webhook_signing_key",
    "mailtrap": "tracking_secret",
}
"""What anymail calls the key that signs a provider's posts."""

_PLAIN: Final[Mapping[str, EventKind]] = {
    EventType.DELIVERED: "delivered",
    EventType.DEFERRED: "deferred",
    EventType.COMPLAINED: "complaint",
    EventType.UNSUBSCRIBED: "unsubscribed",
    EventType.FAILED: "rejected",
}

_KNOWN_BEFORE: Final[Mapping[str, EventKind]] = {
    RejectReason.BOUNCED: "hard_bounce",
    RejectReason.INVALID: "hard_bounce",
    RejectReason.SPAM: "complaint",
    RejectReason.UNSUBSCRIBED: "unsubscribed",
}
"""Why a provider did not even try: what it knows of the address from earlier."""

_HARD_CLASSES: Final = frozenset({"10", "30"})
"""SparkPost's classes of bounces that say that there is no such mailbox."""


class NotTheirs(Exception):
    """A post that the provider did not sign."""


def read(source: Source, environ: Mapping[str, Any], body: bytes, now: datetime) -> list[MailEvent]:
    """Return the events of a post, once it is known to be the provider's.

    Args:
        source: The provider; a post that is signed as Standard Webhooks are is verified already.
        environ: The request's (PEP 3333).
        body: Its body.
        now: When it came.

    Raises:
        NotTheirs: It is not the provider's.
        BadEvent: It cannot be read.
    """
    if not settings.configured:
        settings.configure()
    request = WSGIRequest({**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": len(body)})
    view = _view(source)
    try:
        view.run_validators(request)
    except AnymailWebhookValidationFailure:
        raise NotTheirs from None
    except Exception as error:  # such as of a body that is to have its signature in it
        raise NotTheirs(type(error).__name__) from None
    try:
        told = view.parse_events(request)
        some = [_event(one, now) for one in told]
    except Exception as error:  # its text can hold what came
        raise BadEvent(f"It cannot be read ({type(error).__name__}).") from None
    return [one for one in some if one is not None]


def _view(source: Source) -> Any:
    own: dict[str, Any] = {}
    if source.proof == "login":
        own["webhook_secret"] = source.secrets[0]
    elif source.proof == "key":
        own[_KEY[source.name]] = source.secrets[0]
    cls = import_string(f"anymail.webhooks.{source.name}.{_VIEWS[source.name]}")
    with warnings.catch_warnings():
        # Of a post that it is not to verify, for that was done.
        warnings.simplefilter("ignore", AnymailInsecureWebhookWarning)
        return cls(**own)


def _event(told: Any, now: datetime) -> MailEvent | None:
    kind = _kind(told)
    if kind is None:
        return None
    at = told.timestamp
    if not isinstance(at, datetime):
        at = now
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    named = told.metadata.values() if isinstance(told.metadata, Mapping) else ()
    return MailEvent(
        kind,
        not_after(at, now),
        mail_id_in([*named, told.message_id]),
        provider_id_of(told.message_id),
        provider_id_of(told.event_id),
        _code(told),
    )


def _kind(told: Any) -> EventKind | None:
    if told.event_type == EventType.BOUNCED:
        return _bounce(told)
    if told.event_type == EventType.REJECTED:
        return _KNOWN_BEFORE.get(told.reject_reason, "rejected")
    return _PLAIN.get(told.event_type)


def _bounce(told: Any) -> EventKind:
    """Return what a bounce says of the mailbox: `hard_bounce` only where it is surely gone."""
    if told.reject_reason in (RejectReason.BLOCKED, RejectReason.SPAM):
        return "rejected"
    raw = told.esp_event if isinstance(told.esp_event, Mapping) else {}
    words = " ".join(str(raw.get(name)) for name in ("Type", "event", "type")).lower()
    if "soft" in words or raw.get("hard_bounce") is False:
        return "soft_bounce"
    if isinstance(raw.get("msys"), Mapping):  # SparkPost's
        inner = next(iter(raw["msys"].values()))
        return "hard_bounce" if str(inner["bounce_class"]) in _HARD_CLASSES else "soft_bounce"
    code = (_code(told) or "").split()[-1:]
    if code and code[0].startswith(("4", "5.2.2")):  # 5.2.2: the mailbox is full
        return "soft_bounce"
    if code and code[0].startswith("5.7"):  # it is the sender, or the mail, that is not wanted
        return "rejected"
    sure = told.reject_reason in (RejectReason.BOUNCED, RejectReason.INVALID)
    return "hard_bounce" if sure or "hard" in words else "soft_bounce"


def _code(told: Any) -> str | None:
    return codes_in(told.mta_response) or codes_in(told.description)
