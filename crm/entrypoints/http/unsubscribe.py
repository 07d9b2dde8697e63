"""The HTTP function `unsubscribe`: a page to look at, and the POST that acts (RFC 8058).

Whoever has the link may use it: no login, no cookie, no redirect. GET changes nothing, because mail
scanners follow links. The token is never logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Final

from flask import Request, Response
from werkzeug.formparser import FormDataParser

from crm.campaigns.came_back import plan_left
from crm.consent.plan import plan_unsubscribe
from crm.core.errors import Conflict, Transient
from crm.db.retry import INTERACTIVE
from crm.entrypoints.errors import failed
from crm.entrypoints.watching import watched
from crm.newsletter.unsubscribe_link import FIELD, ONE_CLICK, read_link
from crm.newsletter.unsubscribe_page import LANGUAGES, SECURITY, Language, PageKind, page
from crm.runtime import services as runtime
from crm.runtime.services import Services

log = logging.getLogger(__name__)

METHODS: Final = "GET, HEAD, OPTIONS, POST"

MULTIPART: Final = "multipart/form-data"

URLENCODED: Final = "application/x-www-form-urlencoded"

MAX_BODY: Final = 16_384
"""Bytes of a form that is read; the one that mail programs send has 26."""


def answer(request: Request, services: Callable[[], Services] = runtime.services) -> Response:
    """Answer a request.

    Args:
        request: What came, from anybody.
        services: Gives what the use case works with.
    """
    if request.method == "OPTIONS":
        return Response(status=204, headers={**SECURITY, "Allow": METHODS})
    if request.method not in METHODS.split(", "):
        return Response(status=405, headers={**SECURITY, "Allow": METHODS})
    try:
        return _answer(request, watched(services()))
    except (Conflict, Transient):
        return _page(request, "try-again", 503)
    except Exception as error:
        failed(log, "unsubscribe", error)
        return _page(request, "try-again", 500)


def _answer(request: Request, services: Services) -> Response:
    link = read_link(services.keys, request.args.get("token", ""), services.runner.now())
    if link is None:
        return _page(request, "bad-link", 400)
    if request.method != "POST":
        return _page(request, "ask", 200)
    if not _one_click(request):
        return _page(request, "ask", 400)
    # The link is as good as its address: whoever uses it acts in the name of that identity.
    runner = replace(services.runner, actor=link.key, retry=INTERACTIVE)
    key, mail = link.key, link.mail
    if mail is None:
        runner.run(lambda tx: plan_unsubscribe(tx, key))
    else:
        runner.run(lambda tx: plan_left(tx, key, mail))
    return _page(request, "done", 200)


def _one_click(request: Request) -> bool:
    body = request.stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        # To its end, or who sends it meets a broken connection instead of the answer.
        while request.stream.read(MAX_BODY):
            pass
        return False
    # The token is what lets in, so the rest is taken as mail programs send it: as plain text,
    # without a type, with a line end behind.
    kind = request.mimetype if request.mimetype == MULTIPART else URLENCODED
    _, form, _ = FormDataParser().parse(
        BytesIO(body), kind, len(body), dict(request.mimetype_params)
    )
    return form.get(FIELD, "").strip() == ONE_CLICK


def _language(request: Request) -> Language:
    """Choose the first language that the reader knows and we do."""
    for tag in request.accept_languages.values():  # the most wanted first
        for language in LANGUAGES:
            if tag.partition("-")[0].lower() == language:
                return language
    return LANGUAGES[0]


def _page(request: Request, kind: PageKind, status: int) -> Response:
    language = _language(request)
    headers = {**SECURITY, "Content-Language": language, "Vary": "Accept-Language"}
    if status == 503:
        headers["Retry-After"] = "60"
    return Response(page(kind, language), status, headers, content_type="text/html; charset=utf-8")
