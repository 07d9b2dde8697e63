"""A member of the host's staff: an account with a role, who calls the callables over HTTP."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Final

from firebase_admin import auth

from demo.errors import DemoError
from suite import Suite

ROOT: Final = Path(__file__).parent.parent
EMAIL: Final = "staff@example.com"
ROLE: Final = "editor"
_NOT_FOUND: Final = 404  # what the callable protocol answers for `not-found`


def appoint(suite: Suite, email: str, password: str, role: str) -> None:
    """Sign somebody up, and give them a role by the operator's command.

    Raises:
        DemoError: The command failed.
    """
    auth.create_user(email=email, password=password, email_verified=True)
    operate(suite, "grant", email, role)


def operate(suite: Suite, *command: str) -> None:
    """Run the operator's command.

    Raises:
        DemoError: It failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "crm", *command],
        cwd=ROOT,
        env=os.environ | suite.env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DemoError(f"`python -m crm {' '.join(command)}` failed: {done.stderr.strip()}")


class Staff:
    """Someone signed in with a role.

    Calls as `httpsCallable` of the web SDK does: POST of `{"data": …}` with the ID token.
    """

    def __init__(self, suite: Suite, token: str) -> None:
        self._suite = suite
        self._token = token

    @classmethod
    def hire(cls, suite: Suite, email: str = EMAIL, role: str = ROLE) -> Staff:
        """Sign somebody up, give them a role, and sign them in."""
        password = secrets.token_urlsafe(16)
        appoint(suite, email, password, role)
        sign_in = (
            f"http://{suite.auth_host}/identitytoolkit.googleapis.com/v1/"
            "accounts:signInWithPassword?key=any"
        )
        body = {"email": email, "password": password, "returnSecureToken": True}
        return cls(suite, _post(sign_in, body)["idToken"])

    def call(self, name: str, /, **data: Any) -> dict[str, Any]:
        """Call a callable.

        Raises:
            DemoError: It refused.
        """
        answer = self._call(name, data)
        if answer is None:
            raise DemoError(f"{name} found nothing.")
        return answer

    def download(self, name: str, **parameters: str) -> str:
        """Return what an HTTP function streams.

        Raises:
            DemoError: It refused.
        """
        url = f"{self._suite.function_url(name)}?{urllib.parse.urlencode(parameters)}"
        request = urllib.request.Request(  # noqa: S310 - the suite's own address
            url, headers={"Authorization": f"Bearer {self._token}"}
        )
        return _answer(name, request)

    def click(self, link: str) -> None:
        """Use an unsubscribe link as a mail program does (RFC 8058).

        Raises:
            DemoError: It refused.
        """
        form = b"List-Unsubscribe=One-Click"
        _answer("unsubscribe", urllib.request.Request(link, form))  # noqa: S310 - the suite's own

    def find(self, **who: str) -> dict[str, Any] | None:
        """Answer `get_customer`, None where there is no such customer."""
        return self._call("get_customer", who)

    def _call(self, name: str, data: object) -> dict[str, Any] | None:
        url = self._suite.function_url(name)
        try:
            answer = _post(url, {"data": data}, Authorization=f"Bearer {self._token}")
        except urllib.error.HTTPError as error:
            if error.code == _NOT_FOUND:
                return None
            refusal = error.read(500).decode(errors="replace")
            raise DemoError(f"{name} answered {error.code}: {refusal}") from error
        result: dict[str, Any] = answer["result"]
        return result


def _answer(name: str, request: urllib.request.Request) -> str:
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - likewise
            return str(response.read().decode())
    except urllib.error.HTTPError as error:
        refusal = error.read(500).decode(errors="replace")
        raise DemoError(f"{name} answered {error.code}: {refusal}") from error


def _post(url: str, body: object, **headers: str) -> Any:
    request = urllib.request.Request(  # noqa: S310 - the suite's own address
        url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
    )
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - likewise
        return json.load(response)
