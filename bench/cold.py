"""What a cold start pays: importing `main`, beside the libraries that it cannot do without."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import Final

from bench.serving import ROOT

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


def cold(runs: int) -> dict[str, dict[str, float]]:
    """Return CPU seconds of a whole process (the least of so many), and its memory in MiB.

    Linux alone.
    """
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in IMPORTS}
    for _ in range(1 + runs):
        for name, code in IMPORTS.items():
            command = [sys.executable, "-c", MEASURED.format(code=code)]
            done = subprocess.run(
                command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
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
