"""ID tokens for programs, by the REST API of Firebase Auth; each is good for an hour.

https://cloud.google.com/identity-platform/docs/use-rest-api
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import requests

_SECONDS: Final = 30.0

_EARLY: Final = 120.0
"""Seconds before its end from which a token is not given any more."""

_EMULATOR: Final = "FIREBASE_AUTH_EMULATOR_HOST"


class SignIn:
    """A function that gives an ID token which is not out, and renews it by itself.

    Args:
        api_key: The project's web API key, which is no secret.
        way: The method of signing in, such as `accounts:signInWithPassword`.
        credentials: Gives what it takes.
        emulator: Host and port of the Auth emulator; the environment's, if absent.
    """

    def __init__(
        self,
        api_key: str,
        way: str,
        credentials: Callable[[], dict[str, str]],
        emulator: str | None = None,
    ) -> None:
        host = emulator or os.environ.get(_EMULATOR)
        before = f"http://{host}/" if host else "https://"
        self._sign_in = f"{before}identitytoolkit.googleapis.com/v1/{way}"
        self._renew = f"{before}securetoken.googleapis.com/v1/token"
        self._key = {"key": api_key}
        self._credentials = credentials
        self._lock = threading.Lock()
        self._token = ""
        self._refresh = ""
        self._until = 0.0

    def __call__(self) -> str:
        """Return an ID token.

        Raises:
            requests.HTTPError: Firebase Auth refuses; its message says why.
            requests.RequestException: It does not answer.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                self._fetch()
            return self._token

    def again(self) -> None:
        """Sign in anew, for calls that ask for a sign-in of the last five minutes."""
        with self._lock:
            self._refresh, self._until = "", 0.0

    def _fetch(self) -> None:
        if self._refresh:
            form = {"grant_type": "refresh_token", "refresh_token": self._refresh}
            found = self._answer(
                requests.post(self._renew, data=form, params=self._key, timeout=_SECONDS)
            )
            names = ("id_token", "refresh_token", "expires_in")
        else:
            body: dict[str, Any] = {**self._credentials(), "returnSecureToken": True}
            found = self._answer(
                requests.post(self._sign_in, json=body, params=self._key, timeout=_SECONDS)
            )
            names = ("idToken", "refreshToken", "expiresIn")
        self._token, self._refresh, left = (str(found[name]) for name in names)
        self._until = time.monotonic() + float(left) - _EARLY

    def _answer(self, response: requests.Response) -> dict[str, Any]:
        if not response.ok:
            try:
                message = response.json()["error"]["message"]
            except (ValueError, KeyError, TypeError):
                message = f"HTTP {response.status_code}"
            # Without the address: it holds the key.
            raise requests.HTTPError(
                f"Firebase Auth refuses to sign in: {message}", response=response
            )
        found: dict[str, Any] = response.json()
        return found


def with_password(
    api_key: str, email: str, password: str, *, emulator: str | None = None
) -> SignIn:
    """Return what signs in with a password.

    Args:
        api_key: The project's web API key, which is no secret.
        email: The account's verified address. It must have a role (`crm grant`).
        password: Its password.
        emulator: Host and port of the Auth emulator; those of the environment, if absent.
    """
    credentials = {"email": email, "password": password}
    return SignIn(api_key, "accounts:signInWithPassword", lambda: credentials, emulator)


def with_custom_token(
    api_key: str, mint: Callable[[], str | bytes], *, emulator: str | None = None
) -> SignIn:
    """Return what signs in with custom tokens of the Admin SDK.

    Args:
        api_key: The project's web API key, which is no secret.
        mint: Gives one: `lambda: firebase_admin.auth.create_custom_token(uid)`, of an account
            with a verified address and a role.
        emulator: Host and port of the Auth emulator; those of the environment, if absent.
    """

    def credentials() -> dict[str, str]:
        token = mint()
        return {"token": token.decode() if isinstance(token, bytes) else token}

    return SignIn(api_key, "accounts:signInWithCustomToken", credentials, emulator)
