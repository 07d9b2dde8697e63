"""The emulators: where they are, what they have loaded, what their rules let clients do."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from crm.console.page import Emulators
from crm.core.codebase import PORTS
from crm.core.errors import ConfigError, Transient
from crm.db.installed import VERSION_LABEL, Function, Probes
from crm.firebase.app import project

TIMEOUT: Final = 8.0
"""Seconds for one call."""

ORIGIN: Final = "FUNCTIONS_EMULATOR_ORIGIN"

HUB: Final = "FIREBASE_EMULATOR_HUB"

AUTH: Final = "FIREBASE_AUTH_EMULATOR_HOST"

FIRESTORE: Final = "FIRESTORE_EMULATOR_HOST"

VARIABLES: Final = f"{FIRESTORE} and {ORIGIN}"


def emulators_of(named: str) -> Emulators | None:
    """Return where the emulators of a project are; None for production.

    They are used where their variables say so, and for a project whose id begins with `demo-`,
    which is nowhere else. What no variable names, the Emulator Suite's hub does.

    Args:
        named: The project's id.

    Raises:
        ConfigError: A `demo-` project without any, or variables of half of them.
    """
    env = os.environ
    if not (env.get(AUTH) or env.get(FIRESTORE) or named.startswith("demo-")):
        return None
    hub = _asked_hub(named)
    auth = env.get(AUTH) or _address(hub, "auth")
    firestore = env.get(FIRESTORE) or _address(hub, "firestore")
    if not auth or not firestore:
        raise ConfigError(
            f"The emulators of {named} are not to be found: start them (`firebase"
            f" emulators:start --project {named}`), or set {AUTH} and {FIRESTORE}."
        )
    functions = _address(hub, "functions") or f"127.0.0.1:{PORTS['functions']}"
    return Emulators(auth, firestore, env.get(ORIGIN) or f"http://{functions}")


def origin(port: int) -> str:
    """Return where the Functions emulator is.

    Args:
        port: Where it listens on this machine, unless a variable or the hub says something else.

    Raises:
        ConfigError: The hub knows of emulators, and not of this one.
    """
    if named := os.environ.get(ORIGIN):
        return named.rstrip("/")
    hub = _asked_hub(project())
    if hub and not _address(hub, "functions"):
        raise ConfigError(
            "The Functions emulator is not running: start the emulators with --only"
            " auth,firestore,functions."
        )
    return f"http://{_address(hub, 'functions') or f'127.0.0.1:{port}'}"


def _asked_hub(named: str) -> Mapping[str, Any]:
    """Return what the Emulator Suite's hub says of its emulators; nothing where none answers.

    `firebase emulators:start` leaves its address in a file for whoever looks for it.
    """
    hosts = [f"http://{os.environ[HUB]}"] if os.environ.get(HUB) else []
    try:
        left = Path(tempfile.gettempdir(), f"hub-{named}.json").read_text(encoding="utf-8")
        hosts += [one for one in json.loads(left)["origins"] if one.startswith("http://")]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        pass  # no hub of this project, or none of a version that we know
    for host in hosts:
        with suppress(Transient):
            found: object = _json(f"{host}/emulators", "The emulators' hub")
            if isinstance(found, dict):
                return found
    return {}


def _address(hub: Mapping[str, Any], service: str) -> str:
    one = hub.get(service)
    if not isinstance(one, dict) or not one.get("port"):
        return ""
    host = str(one.get("host") or "127.0.0.1")
    # Nobody reaches a wildcard, and an IPv6 address is written in brackets.
    host = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"[{host}]:{one['port']}" if ":" in host else f"{host}:{one['port']}"


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
    host = os.environ.get(FIRESTORE, "")
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
