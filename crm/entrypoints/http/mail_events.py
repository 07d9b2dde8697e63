"""The HTTP function `mail_events`: what mail providers tell later of the mails that they took.

Whoever calls is believed only where `CRM_MAIL_EVENTS` names the provider and the post is proven to
be the provider's; else the answer is 401 and nothing is done. What is told of mails that nobody
here knows is answered like the rest, so that nobody learns which there are. No body is ever logged.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable
from typing import Final

from flask import Request, Response

from crm.campaigns.came_back import Outcome, apply
from crm.core.errors import ConfigError, Conflict, Transient
from crm.entrypoints.errors import failed
from crm.entrypoints.watching import watched
from crm.mail import webhooks
from crm.mail.events import BadEvent, MailEvent, standard_event
from crm.mail.webhooks import Source
from crm.runtime import services as runtime
from crm.runtime.services import Services

log = logging.getLogger(__name__)

VARIABLE: Final = "CRM_MAIL_EVENTS"

METHODS: Final = "HEAD, OPTIONS, POST"

MAX_BODY: Final = 2_097_152
"""Bytes: providers tell of up to some thousand mails at a time. Django takes 2,621,440."""

MAX_EVENTS: Final = 10_000
"""Events of one post."""

_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def answer(request: Request, services: Callable[[], Services] = runtime.services) -> Response:
    """Answer a request.

    Args:
        request: What came, from anybody.
        services: Gives what the use case works with.
    """
    if request.method in ("HEAD", "OPTIONS"):  # some providers look whether anybody is there
        return _said("", 204, Allow=METHODS)
    if request.method != "POST":
        return _said("Only POST is answered.", 405, Allow=METHODS)
    try:
        return _answer(request, services)
    except ConfigError as error:
        log.error("mail_events: %s", error)
        return _unknown()
    except BadEvent as error:
        return _said(f"This is no event. {error}", 400)
    except (Conflict, Transient):
        return _later()
    except Exception as error:
        failed(log, "mail_events", error)
        return _said("Something went wrong: send it again.", 500)


def _answer(request: Request, services: Callable[[], Services]) -> Response:
    dsn = os.environ.get(VARIABLE, "").strip()
    if not dsn:
        return _unknown()
    source = webhooks.parsed(dsn)
    body = request.stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        # To its end, or who sends it meets a broken connection instead of the answer.
        while request.stream.read(MAX_BODY):
            pass
        return _said("The body is too large.", 413)
    using = watched(services())
    events = _read(request, source, body, using)
    if events is None:
        return _unknown()
    done: Counter[Outcome] = Counter()
    for event in events[:MAX_EVENTS]:
        done[apply(using.runner, event)] += 1
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(done.items()))
    log.info("mail_events: %s", told or "nothing of a mail's way")
    return _later() if done["early"] or len(events) > MAX_EVENTS else _said("", 204)


def _read(
    request: Request, source: Source, body: bytes, services: Services
) -> list[MailEvent] | None:
    """Return the events of a post; None where it is not proven to be the provider's."""
    now = services.runner.now()
    headers = {name.lower(): value for name, value in request.headers.items()}
    if source.proof == "standard" and not webhooks.is_signed(source, headers, body, now):
        return None
    if source.name == "standard":
        event = standard_event(body, headers["webhook-id"], now)
        return [event] if event is not None else []
    from crm.mail import anymail_events

    try:
        return anymail_events.read(source, request.environ, body, now)
    except anymail_events.NotTheirs:
        return None


def _unknown() -> Response:
    return _said("Nobody here knows who you are.", 401, **{"WWW-Authenticate": "Basic"})


def _later() -> Response:
    return _said("Send it again later.", 503, **{"Retry-After": "60"})


def _said(text: str, status: int, **headers: str) -> Response:
    return Response(text, status, {**_HEADERS, **headers}, content_type="text/plain; charset=utf-8")
