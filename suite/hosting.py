"""The web app as a suite serves it: a copy that knows the emulators' addresses."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from suite.ports import HOST
from suite.running import Suite

META = "crm-suite"
"""The name of the `<meta>` element that tells the page what a deployed one must not have."""

_PAGE = "index.html"
_META = re.compile(rf'<meta name="{META}" content="[^"]*" */>')


def served(base: Mapping[str, Any], folder: Path, name: str) -> dict[str, Any] | None:
    """Return the `hosting` of a suite's configuration; None where there is nothing built to serve.

    Args:
        base: The project's `firebase.json`.
        folder: Where it lies.
        name: Tells this suite's copy from others'.
    """
    hosting = base.get("hosting")
    if not isinstance(hosting, Mapping) or not folder.joinpath(hosting["public"], _PAGE).exists():
        return None
    own = {key: value for key, value in hosting.items() if key != "predeploy"}
    # firebase-tools serves nothing from outside of the project's folder.
    return own | {"public": f".suite/{name}", "headers": _local(hosting.get("headers", []))}


def lay_out(source: Path, suite: Suite) -> None:
    """Copy what was built to where the suite serves it, with the emulators' addresses."""
    assert suite.site is not None
    shutil.copytree(source, suite.site, dirs_exist_ok=True)
    tell(suite)


def tell(suite: Suite, accounts: Sequence[Mapping[str, str]] = ()) -> None:
    """Write the addresses into the page, and accounts (email, password, role) to sign in with."""
    if suite.site is None:
        return
    told = {
        "auth": suite.auth_host,
        "firestore": suite.firestore_host,
        "functions": suite.functions_origin,
        "accounts": [dict(account) for account in accounts],
    }
    page = suite.site / _PAGE
    plain = _META.sub("", page.read_text(encoding="utf-8"))
    element = f'<meta name="{META}" content="{html.escape(json.dumps(told))}" />'
    page.write_text(plain.replace("<head>", f"<head>{element}", 1), encoding="utf-8")


def _local(headers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Let the page reach and frame the emulators, beside what its Content-Security-Policy names."""
    text = json.dumps(list(headers))
    for directive in ("connect-src", "frame-src"):
        text = text.replace(directive, f"{directive} http://{HOST}:*")
    own: list[dict[str, Any]] = json.loads(text)
    return own
