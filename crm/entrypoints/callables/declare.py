"""Declaring a callable whose requests are checked before the SDK sees them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

from firebase_functions import https_fn
from flask import Request, Response, jsonify
from flask_cors import cross_origin

from crm.core.errors import Refusal
from crm.entrypoints.callables import envelope
from crm.entrypoints.errors import failure_of

TOKEN: Final = Refusal(
    "unauthenticated",
    "sign-in",
    "The ID token, or the App Check token where one is asked for, was not accepted: sign in again,"
    " and send a fresh one as `Authorization: Bearer …`.",
)

Handler = Callable[[https_fn.CallableRequest[Any]], object]


def on_call(**options: Any) -> Callable[[Handler], Callable[[Request], Response]]:
    """Declare a callable, as `https_fn.on_call`; a malformed request is refused by its reason.

    Args:
        **options: Those of `https_fn.on_call`.
    """

    def declare(handler: Handler) -> Callable[[Request], Response]:
        served: Any = https_fn.on_call(**options)(handler)

        @functools.wraps(served)  # its name and its endpoint, by which it is discovered
        def checked(request: Request) -> Response:
            try:
                if request.method != "OPTIONS":  # a browser asking whether it may call
                    envelope.check_head(request.method, request.mimetype)
                    envelope.check_body(request.get_data())
            except Refusal as refusal:
                return _refused(refusal)
            answer: Response = served(request)
            return _refused(TOKEN) if _unexplained(answer) else answer

        return checked

    return declare


def _unexplained(answer: Response) -> bool:
    """Whether the SDK has refused a token, which it does without a word of what to change."""
    return answer.status_code == 401 and "details" not in (answer.json or {}).get("error", {})


@cross_origin(methods="POST", origins="*")  # as the SDK's own answers, or no web app can read it
def _refused(refusal: Refusal) -> Response:
    failure = failure_of(refusal)
    answer = jsonify(failure.body)
    answer.status_code = failure.status
    return answer
