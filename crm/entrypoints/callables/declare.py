"""Declaring a callable whose requests are checked before the SDK sees them.

First who calls, then the body: whoever has no token learns nothing of it, and costs nothing.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, Final

from firebase_functions import https_fn
from flask import Request, Response, jsonify
from flask_cors import cross_origin

from crm.core.errors import ConfigError, Refusal, Transient
from crm.core.roles import NO_TOKEN, Role, require
from crm.entrypoints.callables import envelope
from crm.entrypoints.errors import Failure, failed, failure_of

log = logging.getLogger(__name__)

TOKEN: Final = Refusal(
    "unauthenticated",
    "sign-in",
    "The ID token, or the App Check token where one is asked for, was not accepted: sign in again,"
    " and send a fresh one as `Authorization: Bearer …`.",
)

LITTLE: Final = 8_192
"""Bytes of a body that is parsed before the SDK has verified the token. No call of somebody without
a role takes as many."""

LISTS: Final = 25 * 2**20
"""Bytes of a body that brings a list: 8 MB of text, each of its letters written as `\\u00e9`."""

_PIECE: Final = 65_536

Handler = Callable[[https_fn.CallableRequest[Any]], object]


def on_call(
    *, most_bytes: int = envelope.MAX_BYTES, **options: Any
) -> Callable[[Handler], Callable[[Request], Response]]:
    """Declare a callable, as `https_fn.on_call`; a malformed request is refused by its reason.

    Args:
        most_bytes: Bytes that a body may have. Above the usual ones only an admin's is read.
        **options: Those of `https_fn.on_call`.
    """

    def declare(handler: Handler) -> Callable[[Request], Response]:
        served: Any = https_fn.on_call(**options)(handler)

        @functools.wraps(served)  # its name and its endpoint, by which it is discovered
        def checked(request: Request) -> Response:
            try:
                if request.method != "OPTIONS":  # a browser asking whether it may call
                    envelope.check_head(request.method, request.mimetype)
                    _check_caller(request, most_bytes)
                    envelope.check_size(request.content_length, most_bytes)
                    envelope.check_body(request.get_data(), most_bytes)
            except (Refusal, Transient, ConfigError) as error:
                # To its end, or who sends it meets a broken connection instead of the answer.
                while request.stream.read(_PIECE):
                    pass
                return _refused(failed(log, handler.__name__, error))
            answer: Response = served(request)
            return _refused(failure_of(TOKEN)) if _unexplained(answer) else answer

        return checked

    return declare


def _check_caller(request: Request, most_bytes: int) -> None:
    """Refuse whom nothing else can come of, before the body is looked at: to parse it costs most.

    Raises:
        Refusal: `unauthenticated` (`sign-in`, `tenant`): no token; or, with a body above `LITTLE`,
            one that is not valid. `permission-denied` (`role`): such a body, and no role, or a
            lower one than it takes.
        ConfigError, Transient: The token could not be verified.
    """
    said = request.headers.get("Authorization")
    if said is None:
        raise NO_TOKEN
    kind, _, token = said.partition(" ")
    if kind != "Bearer" or not token.strip():
        raise TOKEN
    if request.content_length is None or request.content_length > LITTLE:
        from crm.firebase import auth  # nearly no call needs it here

        size = request.content_length or most_bytes
        large = most_bytes > envelope.MAX_BYTES and size > envelope.MAX_BYTES
        require(auth.verified(token.strip()), Role.ADMIN if large else Role.VIEWER)


def _unexplained(answer: Response) -> bool:
    """Whether the SDK has refused a token, which it does without a word of what to change."""
    return answer.status_code == 401 and "details" not in (answer.json or {}).get("error", {})


@cross_origin(methods="POST", origins="*")  # as the SDK's own answers, or no web app can read it
def _refused(failure: Failure) -> Response:
    answer = jsonify(failure.body)
    answer.status_code = failure.status
    return answer
