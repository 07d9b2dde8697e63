"""What a cold start pays: loading `main` beside its libraries, and then the first event.

`venv/bin/python -m bench.cold` measures it alone.
"""

from __future__ import annotations

import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.costs import order
from bench.events import Change
from bench.place import Host, fresh, put_all, shop
from bench.serving import ROOT, served
from crm.runtime.starting import OF_AN_IMAGE
from suite import start_suite

IMPORTS: Final = {
    "nothing": "pass",
    "libraries": (
        "from pydantic import BaseModel\n"
        "from firebase_functions import firestore_fn, https_fn, scheduler_fn, tasks_fn"
    ),
    "main": "import main",
}

MEASURED: Final = """
import resource
{code}
used = resource.getrusage(resource.RUSAGE_SELF)
# Not `ru_maxrss`: on Linux it begins with what the parent has.
memory = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(used.ru_utime + used.ru_stime, int(memory.split()[1]) / 1024)
"""

RUNS: Final = 5

BARE: Final = ROOT / "bench" / "functions" / "cold.py"


def cold(runs: int) -> dict[str, dict[str, float]]:
    """Return CPU seconds of a whole process (the least of so many), and its memory in MiB.

    Linux alone.
    """
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in IMPORTS}
    with deployed() as folder:
        for _ in range(1 + runs):
            for name, code in IMPORTS.items():
                command = [sys.executable, "-c", MEASURED.format(code=code)]
                done = subprocess.run(
                    command, cwd=folder, env=os.environ, capture_output=True, text=True, check=True
                )
                seconds, memory = done.stdout.split()[-2:]
                found[name].append((float(seconds), float(memory)))
    return {
        name: {
            "seconds": round(min(seconds for seconds, _ in runs_[1:]), 3),
            "mebibytes": round(statistics.median(memory for _, memory in runs_[1:]), 1),
        }
        for name, runs_ in found.items()
    }


@contextmanager
def deployed() -> Iterator[Path]:
    """Give a folder with the functions as their image holds them.

    Google's buildpack compiles the sources, and every file of an image gets one and the same time.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "crm", folder / "crm", ignore=unwanted)
        for file in ("main.py", "crm.toml"):
            shutil.copy(ROOT / file, folder)
        compileall.compile_dir(folder, quiet=2, force=True)
        for path in folder.rglob("*"):
            os.utime(path, (OF_AN_IMAGE, OF_AN_IMAGE))
        yield folder


@dataclass(frozen=True)
class First:
    """What one process has used until it answered its first event.

    Attributes:
        loaded: Seconds of computing until it listens.
        answered: Seconds of computing in all.
        waited: Seconds that the event waited for its answer.
    """

    loaded: float
    answered: float
    waited: float


def first_events(runs: int) -> dict[str, dict[str, float]]:
    """Return the least that the first event takes, `ours` and `bare`, of so many fresh processes.

    Ours is a new order of a known guest. The bare one loads the same libraries and commits two
    documents. Needs a running Firestore; Linux alone.
    """
    documents = shop({"0000": 1})
    data = order("0000", 1)
    found: dict[str, list[First]] = {"bare": [], "ours": []}
    with deployed() as folder:
        sides = {
            "bare": ("bare_commit", BARE, "cold"),
            "ours": ("on_order_written", folder / "main.py", "orders"),
        }
        for number in range(1 + runs):
            for name, (target, source, collection) in sides.items():
                host = fresh()
                put_all(host, documents.items())
                (change,) = Host(host, collection).write([("0000-more", data)])
                one = _first(target, source, host.project, collection, change)
                if number:  # the first has met files that nobody had read
                    found[name].append(one)
    return {
        name: {
            "loaded": round(min(one.loaded for one in seen), 3),
            "answered": round(min(one.answered for one in seen), 3),
            "waited": round(min(one.waited for one in seen), 3),
        }
        for name, seen in found.items()
    }


def _first(target: str, source: Path, project: str, collection: str, change: Change) -> First:
    with served(target, source, project, collection) as server:
        event = server.event(change)
        loaded = computing(server.process.pid)
        began = time.perf_counter()
        server.post(event)
        waited = time.perf_counter() - began
        return First(loaded, computing(server.process.pid), waited)


def computing(pid: int) -> float:
    """Return the CPU seconds of a process and of its children, as far as they go on."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return own + sum(computing(int(child)) for child in children)


def main() -> None:
    """Measure and print."""
    for name, one in cold(RUNS).items():
        print(f"import, {name}: {one}")
    with start_suite("demo-bench", functions=False) as suite:
        os.environ.update(suite.env)
        for name, one in first_events(RUNS).items():
            print(f"first event, {name}: {one}")


if __name__ == "__main__":
    main()
