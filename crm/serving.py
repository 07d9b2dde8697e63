"""Declaring a callable whose requests are checked before the SDK sees them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from firebase_functions import https_fn
from flask import Request, Response, jsonify
from flask_cors import cross_origin

from crm import envelope
from crm.errors import Refusal

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
            return answer

        return checked

    return declare


@cross_origin(methods="POST", origins="*")  # as the SDK's own answers, or no web app can read it
def _refused(refusal: Refusal) -> Response:
    code = https_fn.FunctionsErrorCode(refusal.code)
    error = {
        "status": code.name,
        "message": refusal.message,
        "details": {"reason": refusal.reason},
    }
    answer = jsonify(error=error)
    answer.status_code = 400  # of INVALID_ARGUMENT, the only code there is here
    return answer
