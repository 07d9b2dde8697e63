"""Importing `main` opens nothing and costs little: every cold start and every deployment does it.

Figures are CPU seconds of whole processes, the best of several: what else a machine is doing
makes a process slower, and never faster. Where they are too high, more are taken.
"""

import json
import os
import resource
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from testing.patience import PATIENCE

ROOT = Path(__file__).parents[3]
RUNS = 5
MOST_RUNS = 40
MOST = 1.3
"""Times the cost of the libraries that `main` cannot do without."""

LIBRARIES = """
from pydantic import BaseModel
from firebase_functions import firestore_fn, https_fn, scheduler_fn, tasks_fn
"""
MAIN = "import main"

OURS = {"main", "crm", "pydantic", "annotated_types"}
"""What `main` may bring besides those libraries; the standard library aside."""

QUIET = """
import socket, sys
def refuse(*args, **more):
    raise SystemExit("a connection was opened")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.create_connection = socket.getaddrinfo = refuse
import json
import pydantic
from firebase_functions import firestore_fn, https_fn, scheduler_fn, tasks_fn
before = set(sys.modules)
import main
after = set(sys.modules)
import grpc
from google.cloud.firestore import Client
import gc
clients = [one for one in gc.get_objects() if isinstance(one, (Client, grpc.Channel))]
print(json.dumps({"modules": sorted(after - before), "clients": len(clients)}))
"""


def run(code: str, env: dict[str, str] | None = None) -> str:
    """What a fresh interpreter prints, started in the functions' folder."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def cpu_seconds(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.fixture(scope="module")
def imported() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(QUIET))
    return found


def test_importing_main_opens_no_connection(imported: dict[str, Any]) -> None:
    assert "main" in imported["modules"]
    assert imported["clients"] == 0


def test_a_connection_at_import_would_be_seen() -> None:
    code = QUIET.replace("import main\n", "socket.create_connection(('127.0.0.1', 9))\n")
    with pytest.raises(AssertionError, match="a connection was opened"):
        run(code)


def test_what_is_needed_late_is_loaded_late(imported: dict[str, Any]) -> None:
    """The address validator waits for an address, the operator's command for an operator."""
    tops = {name.partition(".")[0] for name in imported["modules"]}
    assert tops <= OURS | sys.stdlib_module_names
    late = (
        "crm.entrypoints.cli",
        "crm.entrypoints.callables.dispatch",
        "crm.sync.sync",
        "crm.firebase.store",
        "crm.host.reader",
    )
    for module in late:
        assert find_spec(module), f"there is no {module} any more: which one is it now?"
        assert module not in imported["modules"]


def test_importing_main_costs_little_more_than_the_libraries(
    record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run(MAIN)  # compiles what has changed
    taken = []
    for number in range(1, MOST_RUNS + 1):
        # In turn, so that all meet the same weather.
        taken.append((cpu_seconds("pass"), cpu_seconds(LIBRARIES), cpu_seconds(MAIN)))
        bare, libraries, main = (min(column) for column in zip(*taken, strict=True))
        ratio = (main - bare) / (libraries - bare)
        if number >= RUNS and ratio <= MOST:
            break
    record_property("import_ratio", ratio)
    with capsys.disabled():
        print(f"\nimport: libraries {libraries:.2f} s, main {main:.2f} s, ratio {ratio:.2f}")
    assert ratio <= MOST
