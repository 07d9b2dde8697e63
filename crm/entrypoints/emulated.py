"""Where a project's emulators are, for a page that talks to them."""

from __future__ import annotations

import json
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from crm.console.page import Emulators
from crm.core.errors import ConfigError

_AUTH: Final = "FIREBASE_AUTH_EMULATOR_HOST"

_FIRESTORE: Final = "FIRESTORE_EMULATOR_HOST"

_FUNCTIONS: Final = "FUNCTIONS_EMULATOR_ORIGIN"

_HUB: Final = "FIREBASE_EMULATOR_HUB"

_USUAL: Final = {"auth": 9099, "firestore": 8080, "functions": 5001}
"""The ports that `firebase init emulators` gives."""

_SECONDS: Final = 3


def emulators_of(project: str) -> Emulators | None:
    """Return where the emulators of a project are; None for production.

    They are used where their variables say so, and for a project whose id begins with `demo-`,
    which is nowhere else. What no variable names, the Emulator Suite's hub does.

    Args:
        project: The project's id.

    Raises:
        ConfigError: A `demo-` project without any, or variables of half of them.
    """
    env = os.environ
    named = [name for name in (_AUTH, _FIRESTORE) if env.get(name)]
    if not named and not project.startswith("demo-"):
        return None
    hub = _asked_hub(project)
    auth = env.get(_AUTH) or _address(hub, "auth")
    firestore = env.get(_FIRESTORE) or _address(hub, "firestore")
    if not auth or not firestore:
        raise ConfigError(
            f"The emulators of {project} are not to be found: start them (`firebase"
            f" emulators:start --project {project}`), or set {_AUTH} and {_FIRESTORE}."
        )
    functions = _address(hub, "functions") or f"127.0.0.1:{_USUAL['functions']}"
    return Emulators(auth, firestore, env.get(_FUNCTIONS) or f"http://{functions}")


def _asked_hub(project: str) -> Mapping[str, Any]:
    """Return what the Emulator Suite's hub says of its emulators; nothing where none answers.

    `firebase emulators:start` leaves its address in a file for whoever looks for it.
    """
    hosts = [f"http://{os.environ[_HUB]}"] if os.environ.get(_HUB) else []
    try:
        left = Path(tempfile.gettempdir(), f"hub-{project}.json").read_text(encoding="utf-8")
        hosts += [one for one in json.loads(left)["origins"] if one.startswith("http://")]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        pass  # no hub of this project, or none of a version that we know
    for host in hosts:
        try:
            with urllib.request.urlopen(f"{host}/emulators", timeout=_SECONDS) as answer:  # noqa: S310 - http alone
                found = json.load(answer)
        except (OSError, ValueError):
            continue
        if isinstance(found, dict):
            return found
    return {}


def _address(hub: Mapping[str, Any], service: str) -> str:
    one = hub.get(service)
    if not isinstance(one, dict) or not one.get("port"):
        return ""
    host = str(one.get("host") or "127.0.0.1")
    # A browser reaches no wildcard, and writes an IPv6 address in brackets.
    host = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"[{host}]:{one['port']}" if ":" in host else f"{host}:{one['port']}"
