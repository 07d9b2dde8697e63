"""The HTTP function `confirm_subscription`: what the links of a confirmation mail open.

Whoever has the link may use it: no login, no cookie, no redirect. GET and HEAD change nothing,
because mail scanners follow links. The token is never logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from flask import Request, Response

from crm.core.errors import Conflict, Transient
from crm.db.retry import INTERACTIVE
from crm.entrypoints.errors import failed
from crm.entrypoints.http.forms import NotJson, TooLarge, fields, wanted_languages
from crm.entrypoints.watching import watched
from crm.runtime import services as runtime
from crm.runtime.services import Services
from crm.signup import link as links
from crm.signup.confirming import Look, look, plan_confirm, plan_refuse
from crm.signup.letter import NOT_ME, agreed_to, sender_name
from crm.signup.pages import SECURITY, again_page, ask_page, said_page
from crm.signup.texts import chosen, texts

log = logging.getLogger(__name__)

METHODS: Final = "GET, HEAD, OPTIONS, POST"


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
        return _again(request, 503)
    except Exception as error:
        failed(log, "confirm_subscription", error)
        return _again(request, 500)


def _answer(request: Request, services: Services) -> Response:
    posted = request.method == "POST"
    try:
        said = fields(request) if posted else {}
    except (TooLarge, NotJson):
        return _bad(request)
    runner = replace(services.runner, retry=INTERACTIVE)
    token = request.args.get("token") or said.get("token", "")
    link = links.read(runner.keys, token, runner.now())
    if link is None:
        return _bad(request)
    if not posted:
        found = runner.retry.call(lambda: runner.evaluate(lambda tx: look(tx, link)))
        return _shown(request, services, found)
    # The link is as good as its address: whoever uses it acts in the name of that identity.
    acting = replace(runner, actor=link.key)
    confirming = said.get("action") != NOT_ME
    plan = plan_confirm if confirming else plan_refuse
    done, _ = acting.run(lambda tx: plan(tx, link))
    return _done(request, done.result, confirming=confirming)


def _shown(request: Request, services: Services, found: Look) -> Response:
    """Return the page of a link that was followed."""
    outcome, asked = found
    refuse = NOT_ME in request.args
    if asked is None or (outcome != "open" and not (refuse and outcome == "already")):
        return _said(request, found)
    language = asked.language
    said = texts(language)
    agreed = agreed_to(services.settings, asked)
    opening = said.confirm.body if agreed is not None else said.confirm.order
    opening = opening.replace("{sender}", sender_name(services.settings.mail))
    return _html(language, ask_page(said, language, opening, agreed, refuse=refuse), 200)


def _done(request: Request, found: Look, *, confirming: bool) -> Response:
    """Return the page of a link that was acted on."""
    outcome, asked = found
    if outcome != "open" or asked is None:
        return _said(request, found, confirming=confirming)
    said = texts(asked.language).confirm
    return _html(asked.language, said_page(asked.language, said.done_title, said.done), 200)


def _said(request: Request, found: Look, *, confirming: bool = False) -> Response:
    outcome, asked = found
    language = asked.language if asked is not None else _language(request)
    said = texts(language).confirm
    pages: Mapping[str, tuple[str, str, int]] = {
        "already": (said.already_title, said.already, 200),
        "refused": (said.refused_title, said.refused, 410 if confirming else 200),
    }
    title, text, status = pages.get(outcome, (said.over_title, said.over, 410))
    return _html(language, said_page(language, title, text), status)


def _bad(request: Request) -> Response:
    language = _language(request)
    said = texts(language).confirm
    return _html(language, said_page(language, said.bad_title, said.bad), 400)


def _again(request: Request, status: int) -> Response:
    language = _language(request)
    response = _html(language, again_page(texts(language), language), status)
    if status == 503:
        response.headers["Retry-After"] = "60"
    return response


def _language(request: Request) -> str:
    return chosen(wanted_languages(request))


def _html(language: str, page: str, status: int) -> Response:
    headers = {**SECURITY, "Content-Language": language, "Vary": "Accept-Language"}
    return Response(page, status, headers, content_type="text/html; charset=utf-8")
