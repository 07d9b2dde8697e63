"""Calls as a web app makes them: by the real Firebase JavaScript SDK, in Node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crm.config.settings import settings
from crm.entrypoints.callables.dispatch import CALLS
from suite.node import find_node
from suite.running import Suite
from testing.answers import held
from testing.auth import Person
from testing.patience import PATIENCE

CLIENT = Path(__file__).parents[1] / "suite" / "js" / "client.mjs"


def call(
    suite: Suite, person: Person | None, *calls: tuple[str, object], whole: bool = False
) -> list[dict[str, Any]]:
    """Make calls one after the other; give of each its data, or its code, message and details.

    Calls that are `whole` give an archive, put together from its parts.
    """
    origin = urlsplit(suite.functions_origin)
    asked = {
        "project": suite.project,
        "authOrigin": f"http://{suite.auth_host}",
        "functionsHost": origin.hostname,
        "functionsPort": origin.port,
        "region": settings().region,
        "signIn": {"email": person.email, "password": person.password} if person else None,
        "calls": [{"name": name, "data": data, "whole": whole} for name, data in calls],
    }
    done = subprocess.run(
        [find_node(), CLIENT],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    for (name, _), result in zip(calls, results, strict=True):
        if name in CALLS and "data" in result and not whole:
            held(name, result["data"])
    return results
