"""Serves one function as the framework does, asks it, and tells what came of each request.

Run in a process of its own: `python -m tests.support.served FUNCTION < requests.json`. A request
has `method`, `headers` and `body` (base64). The last line of standard output is the answers in
JSON; all else that the process prints is what the log of the function would be.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testing.patience import PATIENCE

ROOT = Path(__file__).parents[2]
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Ask:
    """A request to a function."""

    body: bytes = b""
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


def ask(function: str, requests: Sequence[Ask], **env: str) -> tuple[list[dict[str, Any]], str]:
    """Return of each request status, headers and body, and everything that was printed."""
    told = [
        {"method": one.method, "headers": one.headers, "body": base64.b64encode(one.body).decode()}
        for one in requests
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.served", function],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE,
        env=os.environ | {"FUNCTION_TARGET": function, "GCLOUD_PROJECT": "demo-served"} | env,
    )
    assert done.returncode == 0, done.stderr
    *printed, answers = done.stdout.splitlines()
    return json.loads(answers), "\n".join([*printed, done.stderr])


def serve(function: str, signature: str) -> None:
    """Ask what standard input holds."""
    import functions_framework

    framework: Any = functions_framework  # without types
    client = framework.create_app(function, str(ROOT / "main.py"), signature).test_client()
    answers = []
    for one in json.load(sys.stdin):
        answer = client.open(
            "/",
            method=one["method"],
            headers=one["headers"],
            data=base64.b64decode(one["body"]),
        )
        answers.append([answer.status_code, dict(answer.headers), answer.get_data(as_text=True)])
    keys = ("status", "headers", "body")
    print(json.dumps([dict(zip(keys, answer, strict=True)) for answer in answers]))


if __name__ == "__main__":
    target = sys.argv[1]
    serve(target, "cloudevent" if target.startswith("on_") else "http")
