"""Calling CRM-Lite over HTTP, in the protocol of Firebase's callable functions.

https://firebase.google.com/docs/functions/callable-reference
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, Final

import requests

from crm_lite_client.calls import Calls
from crm_lite_client.errors import CrmError, NoAnswer, Refusal
from crm_lite_client.numbers import unwrapped

_CONNECTING: Final = 10.0
"""Seconds that a connection may take to be made."""

_SPARE: Final = 10
"""Seconds that are waited longer than a function may take."""

_WAITS: Final = (0.5, 1.0, 2.0)
"""Seconds before a call is made again, about."""

_BUSY: Final = frozenset({429, 500, 502, 503, 504})
"""What Google's front answers in the place of a function that has no room, or is restarted."""

Token = str | Callable[[], str]


class Crm(Calls):
    """All calls of CRM-Lite, as somebody who is signed in.

    A call that only reads is made again where it had no answer, four times in all. One that changes
    something is made again only where it is known that nothing was changed: others kept changing
    the same documents, or there were too many calls in a minute.

    Args:
        project: The id of the Firebase project.
        token: An ID token of an account with a role, or a function that gives one which is not
            out, as `with_password` and `with_custom_token` make it.
        region: Where the functions are: `region` of `crm.toml`.
        app_check: An App Check token, or a function that gives one, where the project asks for it.
        emulator: The functions emulator, such as `http://127.0.0.1:5001`.
        session: What makes the requests; one of its own, if absent. A thread needs its own client,
            or a session that threads may share.
        sleep: Waits, for tests.
    """

    def __init__(
        self,
        project: str,
        *,
        token: Token,
        region: str = "us-central1",
        app_check: Token | None = None,
        emulator: str | None = None,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._origin = (
            f"{emulator.rstrip('/')}/{project}/{region}"
            if emulator
            else f"https://{region}-{project}.cloudfunctions.net"
        )
        self._token = token
        self._app_check = app_check
        self._session = session or requests.Session()
        self._sleep = sleep

    def _call(self, name: str, data: dict[str, Any], *, seconds: int, reads: bool) -> Any:
        given = {key: one for key, one in data.items() if one is not None}
        for usual in _WAITS:
            try:
                return self._once(name, given, seconds)
            except CrmError as error:
                wait = _wait(error, usual, reads=reads)
                if wait is None:
                    raise
                self._sleep(wait)
        return self._once(name, given, seconds)

    def _once(self, name: str, data: dict[str, Any], seconds: int) -> Any:
        headers = {"Authorization": f"Bearer {_given(self._token)}"}
        if self._app_check is not None:
            headers["X-Firebase-AppCheck"] = _given(self._app_check)
        try:
            answer = self._session.post(
                f"{self._origin}/{name}",
                json={"data": data},
                headers=headers,
                timeout=(_CONNECTING, seconds + _SPARE),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise NoAnswer(name, None, f"no answer came ({type(error).__name__})") from error
        return _read(name, answer)


def _read(name: str, answer: requests.Response) -> Any:
    """Return the result.

    Raises:
        Refusal: It was refused.
        NoAnswer: Something answered that is no callable.
    """
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        body = None
    if isinstance(body, dict):
        if answer.ok and "result" in body:
            return unwrapped(body["result"])
        error = body.get("error")
        if isinstance(error, dict) and isinstance(error.get("status"), str):
            code = error["status"].lower().replace("_", "-")
            details = unwrapped(error.get("details") or {})
            reason = details.get("reason") if isinstance(details, dict) else None
            if isinstance(reason, str):
                raise Refusal(name, code, reason, str(error.get("message")), details)
    what = f"the answer is none of a callable (HTTP {answer.status_code})"
    if answer.status_code in {403, 404}:
        what += ": are project and region right, and is it deployed?"
    raise NoAnswer(name, answer.status_code, what)


def _wait(error: CrmError, usual: float, *, reads: bool) -> float | None:
    """Return how many seconds to wait before the call is made again; None where it must not be."""
    if isinstance(error, Refusal):
        if error.reason == "too-many-calls":
            return float(error.details.get("retryAfterSeconds", usual))
        again = error.code == "aborted" or (reads and error.code == "unavailable")
    else:
        status = error.status if isinstance(error, NoAnswer) else None
        again = reads and (status is None or status in _BUSY)
    return usual * random.uniform(0.75, 1.25) if again else None  # noqa: S311


def _given(token: Token) -> str:
    return token if isinstance(token, str) else token()
