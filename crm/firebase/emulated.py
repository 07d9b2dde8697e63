"""The emulators, asked what they have loaded and what their rules let clients do."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from typing import Any, Final

from crm.core.errors import ConfigError, Transient
from crm.db.installed import VERSION_LABEL, Function, Probes
from crm.firebase.app import project

TIMEOUT: Final = 8.0
"""Seconds for one call."""

ORIGIN: Final = "FUNCTIONS_EMULATOR_ORIGIN"

HUB: Final = "FIREBASE_EMULATOR_HUB"

VARIABLES: Final = f"FIRESTORE_EMULATOR_HOST and {ORIGIN}"


def origin(port: int) -> str:
    """Return where the Functions emulator is.

    Args:
        port: Where it listens on this machine, unless a variable says something else.

    Raises:
        ConfigError: It is not running.
        Transient: The hub did not answer.
    """
    if named := os.environ.get(ORIGIN):
        return named.rstrip("/")
    hub = os.environ.get(HUB)
    if hub:
        found = _json(f"http://{hub}/emulators", "The emulators' hub").get("functions")
        if not found:
            raise ConfigError(
                "The Functions emulator is not running: start the emulators with --only"
                " auth,firestore,functions."
            )
        return f"http://{found['host']}:{found['port']}"
    return f"http://127.0.0.1:{port}"


def functions(port: int) -> list[Function]:
    """Return the functions that the Functions emulator has loaded, of every codebase.

    Args:
        port: As of `origin`.

    Raises:
        ConfigError, Transient: It could not be asked.
    """
    answer = _json(f"{origin(port)}/backends", "The Functions emulator")
    return [
        Function(
            str(one.get("name", "")),
            str(one.get("region", "")),
            codebase=str(one.get("codebase", "")),
            version=str((one.get("labels") or {}).get(VERSION_LABEL, "")),
        )
        for backend in answer.get("backends", ())
        for one in backend.get("functionTriggers", ())
    ]


def probes() -> Probes:
    """Read `customers` as clients do: a stranger, somebody without a role, a viewer.

    The emulator takes tokens that nobody has signed, as its own testing library makes them; so no
    account is made for it.

    Raises:
        ConfigError, Transient: The emulator could not be asked.
    """
    host = os.environ.get("FIRESTORE_EMULATOR_HOST", "")
    documents = f"projects/{project()}/databases/(default)/documents"
    url = f"http://{host}/v1/{documents}/customers?pageSize=1&mask.fieldPaths=createdAt"
    nobody = {"email": "doctor@example.invalid", "email_verified": True}
    return Probes(
        _status(url, None), _status(url, nobody), _status(url, {**nobody, "crm": "viewer"})
    )


def _status(url: str, claims: Mapping[str, object] | None) -> int:
    import urllib.error
    import urllib.request

    headers = {} if claims is None else {"Authorization": f"Bearer {_token(claims)}"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - an emulator's address
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError as error:
        raise Transient(_silent("The Firestore emulator", url)) from error


def _token(claims: Mapping[str, object]) -> str:
    """Return an ID token that nobody has signed, which emulators alone take."""
    issued = 1_700_000_000  # any time: an emulator does not look at it
    body = {
        "iss": f"https://securetoken.google.com/{project()}",
        "aud": project(),
        "iat": issued,
        "exp": issued + 10**9,
        "auth_time": issued,
        "sub": "crm-doctor",
        "user_id": "crm-doctor",
        "firebase": {"sign_in_provider": "custom", "identities": {}},
        **claims,
    }
    return f"{_part({'alg': 'none', 'type': 'JWT'})}.{_part(body)}."


def _part(data: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def _json(url: str, who: str) -> Mapping[str, Any]:
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 - an emulator's
            found: Mapping[str, Any] = json.load(answer)
    except (OSError, ValueError) as error:
        raise Transient(_silent(who, url)) from error
    return found


def _silent(who: str, url: str) -> str:
    host = url.split("/")[2]
    return f"{who} does not answer at {host}: start it, or say by {VARIABLES} where it is."
