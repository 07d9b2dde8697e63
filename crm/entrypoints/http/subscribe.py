"""The HTTP function `subscribe`: a page with a form, and the POST that asks an address.

Anybody may post, from any website: no cookie, no login. The answer is the same whatever the address
is, and takes the same time at least. No address is logged.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from flask import Request, Response

from crm.config.forms import Form
from crm.config.mail import not_set_up
from crm.core.email import canonical_or_none
from crm.core.errors import ConfigError, Conflict, Transient
from crm.db.retry import INTERACTIVE
from crm.entrypoints.errors import Failure, failed
from crm.entrypoints.http.forms import JSON, NotJson, TooLarge, fields, wanted_languages
from crm.entrypoints.sign_ups import post_of
from crm.runtime import mailing
from crm.runtime import services as runtime
from crm.runtime.services import Services
from crm.signup import proof
from crm.signup.asking import Request as SignUpRequest
from crm.signup.asking import sign_up
from crm.signup.guards import network_of
from crm.signup.pages import SECURITY, TRAP, Asking, form_page, said_page
from crm.signup.texts import SaidTexts, check, chosen, languages, texts

log = logging.getLogger(__name__)

METHODS: Final = "GET, HEAD, OPTIONS, POST"

CORS: Final = {
    "Access-Control-Allow-Origin": "*",  # no cookie is ever read: whoever posts is a stranger
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "3600",
}

LEAST_SECONDS: Final = 1.0
"""An accepted post is answered after so long at the earliest: the time is not to tell whether a
mail was just handed over."""

_STATUSES: Final = {
    "no-such-form": "not-found",
    "mail-not-set-up": "unavailable",
    "unavailable": "unavailable",
    "internal": "internal",
}


def answer(
    request: Request,
    services: Callable[[], Services] = runtime.services,
    set_up: Callable[[Services], bool] = lambda using: mailing.is_set_up(using.settings),
    wait: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Response:
    """Answer a request.

    Args:
        request: What came, from anybody.
        services: Gives what the use case works with.
        set_up: Says whether mails can be sent.
        wait: Waits so many seconds.
        clock: Seconds.
    """
    if request.method == "OPTIONS":
        return Response(status=204, headers={**SECURITY, **CORS, "Allow": METHODS})
    if request.method not in METHODS.split(", "):
        return Response(status=405, headers={**SECURITY, **CORS, "Allow": METHODS})
    try:
        return _Visit(request, services(), wait, clock).answer(set_up)
    except (Conflict, Transient):
        return _failed(request, "unavailable", 503)
    except Exception as error:
        failed(log, "subscribe", error)
        if isinstance(error, ConfigError):
            return _failed(request, "mail-not-set-up", 503)
        return _failed(request, "internal", 500)


class _Visit:
    """One request: what it says, and how it is answered."""

    def __init__(
        self,
        request: Request,
        services: Services,
        wait: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self.request, self.services, self.wait, self.clock = request, services, wait, clock
        self.began = clock()
        self.said: Mapping[str, str] = {}
        self.language = chosen(wanted_languages(request, request.args.get("language", "")))

    def answer(self, set_up: Callable[[Services], bool]) -> Response:
        """Answer it."""
        posted = self.request.method == "POST"
        if posted:
            try:
                self.said = fields(self.request)
            except TooLarge:
                return self._refused("too-large", texts(self.language).said.too_large, 413)
            except NotJson:
                text = "The request was refused: its body is not a JSON object."
                return self._refused("value-invalid", text, 400)
        args = self.request.args
        name = self.said.get("form") or args.get("form", "")
        named = self.said.get("language") or args.get("language", "")
        form = self.services.settings.forms.get(name)
        if form is None:
            return self._refused("no-such-form", texts(self.language).said.unknown_form, 404)
        check(self.services.settings.forms, languages())
        self.language = form.language(wanted_languages(self.request, named))
        if not set_up(self.services):
            return self._refused("mail-not-set-up", texts(self.language).said.not_set_up, 503)
        return self._posted(form, name) if posted else self._asked(form, name)

    def _asked(self, form: Form, name: str) -> Response:
        """Show the form; to a program, what it needs to show its own."""
        if not _wants_json(self.request):
            return self._form(form, name, 200)
        least = int(proof.LEAST.total_seconds())
        return self._json(
            {
                "form": name,
                "language": self.language,
                "text": form.text[self.language],
                "challenge": self._challenge(),
                "bits": proof.BITS,
                "waitSeconds": least,
            },
            200,
        )

    def _posted(self, form: Form, name: str) -> Response:
        said, words = self.said, texts(self.language).said
        if said.get(TRAP):
            log.warning("subscribe: a program filled the form %s in", name)
            return self._accepted(words)
        written = said.get("email", "")
        address = canonical_or_none(written)
        if address is None:
            return self._wrong(form, name, "email-invalid", words.email)
        verdict = proof.judge(
            self.services.keys,
            said.get("challenge", ""),
            said.get("work", ""),
            written,
            self.services.runner.now(),
        )
        if verdict == "early":
            return self._wrong(form, name, "too-early", words.early)
        if verdict in ("stale", "wrong"):
            return self._wrong(form, name, "challenge-over", words.again)
        runner = replace(self.services.runner, retry=INTERACTIVE)
        asked = SignUpRequest(
            form,
            name,
            address,
            self.language,
            network_of(runner.keys, _caller(self.request)),
            verdict == "worked",
        )
        sign_up(post_of(replace(self.services, runner=runner)), asked)
        return self._accepted(words)

    def _accepted(self, words: SaidTexts) -> Response:
        rest = LEAST_SECONDS - (self.clock() - self.began)
        if rest > 0:
            self.wait(rest)
        if _wants_json(self.request):
            return self._json({"message": words.accepted}, 202)
        return self._html(said_page(self.language, words.accepted_title, words.accepted), 202)

    def _wrong(self, form: Form, name: str, reason: str, text: str) -> Response:
        """Say what is wrong with a post, so that it can be sent again."""
        if _wants_json(self.request):
            return self._refused(reason, text, 400)
        return self._form(form, name, 400, text)

    def _form(self, form: Form, name: str, status: int, problem: str = "") -> Response:
        asking = Asking(
            name,
            form.text[self.language],
            self.language,
            self._challenge(),
            self.said.get("email", "")[:320],
            problem,
        )
        return self._html(form_page(texts(self.language), asking), status)

    def _challenge(self) -> str:
        return proof.challenge(self.services.keys, self.services.runner.now())

    def _refused(self, reason: str, text: str, status: int) -> Response:
        return _refusal(self.request, self.language, reason, text, status)

    def _json(self, body: Mapping[str, object], status: int) -> Response:
        return _json(self.language, body, status)

    def _html(self, page: str, status: int) -> Response:
        return _html(self.language, page, status)


def _caller(request: Request) -> str | None:
    """Return the caller's IP address.

    What the platform appends is the last one; whatever is before it, the caller may have written.
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    return forwarded.rpartition(",")[2].strip() or request.remote_addr


def _wants_json(request: Request) -> bool:
    if request.method == "POST" and request.mimetype == JSON:
        return True
    kinds = request.accept_mimetypes
    return kinds.best_match(["text/html", JSON], "text/html") == JSON


def _failed(request: Request, reason: str, status: int) -> Response:
    language = "en"
    try:
        language = chosen(wanted_languages(request, request.args.get("language", "")))
        said = texts(language).said
    except ConfigError:  # the languages themselves cannot be read; it was logged
        return _json(language, _body(reason, not_set_up().message), status)
    text = said.not_set_up if reason == "mail-not-set-up" else said.try_again
    return _refusal(request, language, reason, text, status)


def _refusal(request: Request, language: str, reason: str, text: str, status: int) -> Response:
    if _wants_json(request):
        return _json(language, _body(reason, text), status)
    return _html(language, said_page(language, text, ""), status)


def _body(reason: str, text: str) -> Mapping[str, object]:
    return Failure(_STATUSES.get(reason, "invalid-argument"), reason, text).body


def _json(language: str, body: Mapping[str, object], status: int) -> Response:
    return Response(json.dumps(body), status, _headers(language, status), mimetype=JSON)


def _html(language: str, page: str, status: int) -> Response:
    headers = _headers(language, status)
    return Response(page, status, headers, content_type="text/html; charset=utf-8")


def _headers(language: str, status: int) -> dict[str, str]:
    more = {"Retry-After": "60"} if status == 503 else {}
    return {
        **SECURITY,
        **CORS,
        **more,
        "Content-Language": language,
        "Vary": "Accept, Accept-Language",
    }
