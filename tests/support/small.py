"""A small project with functions of its own, for tests of the suite itself."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from suite.launch import ROOT
from testing.patience import PATIENCE

EMULATORS_ALONE: dict[str, object] = {}
WITH_FUNCTIONS: dict[str, object] = {
    "functions": {"source": ".", "codebase": "small", "ignore": ["venv"]}
}


def project(folder: Path, config: dict[str, object], main: str) -> Path:
    """Lay out a project whose `main.py` is given."""
    folder.joinpath("venv").symlink_to(ROOT / "venv")
    folder.joinpath("requirements.txt").touch()
    folder.joinpath("main.py").write_text(main, encoding="utf-8")
    path = folder / "firebase.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def call(url: str, data: object) -> object:
    """Call a callable without signing in."""
    request = urllib.request.Request(
        url, json.dumps({"data": data}).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)["result"]
