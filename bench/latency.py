"""From an order's write to the customer's, live, beside a function that does nothing.

Both are told by the clock of the machine that everything runs on: the emulator stamps the write of
the order and the commit that counts it; the function that does nothing notes when it was called.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from google.cloud.firestore import Client

from bench.costs import order
from bench.serving import ROOT
from crm.db.documents import version_of
from suite import Suite, start_suite

T = TypeVar("T")

PEOPLE: Final = 20
WARM: Final = 6
PATIENCE: Final = 60.0
_POLL: Final = 0.02


@contextmanager
def suite_with_noop() -> Iterator[tuple[Suite, Path]]:
    """Run the suite with a second codebase; give the file in which `noop` notes its calls."""
    with tempfile.TemporaryDirectory() as scratch:
        calls = Path(scratch) / "calls"
        calls.touch()
        # Inside the project, for firebase-tools takes no source from elsewhere.
        folder = ROOT / ".suite" / f"bench-{os.getpid()}"
        folder.mkdir(parents=True)
        config = ROOT / f"firebase.bench-{os.getpid()}.json"
        try:
            shutil.copy(ROOT / "bench" / "functions" / "main.py", folder)
            shutil.copy(ROOT / "requirements.txt", folder)
            (folder / "calls.txt").write_text(str(calls), encoding="utf-8")
            (folder / "venv").symlink_to(ROOT / "venv")
            base = json.loads((ROOT / "firebase.json").read_text(encoding="utf-8"))
            source = str(folder.relative_to(ROOT))
            base["functions"].append({"source": source, "codebase": "bench"})
            config.write_text(json.dumps(base), encoding="utf-8")
            with start_suite("demo-bench", config=config) as suite:
                yield suite, calls
        finally:
            config.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)


def latency(number: int) -> dict[str, dict[str, float]]:
    """Return p50, p95 and p99 of each in milliseconds, one write at a time, in turn.

    Args:
        number: Writes to each.
    """
    noop: list[float] = []
    ours: list[float] = []
    with suite_with_noop() as (suite, calls):
        os.environ.update(suite.env)
        client = Client(project=suite.project)
        for n in range(WARM + number):
            one, other = _noop(client, calls, n), _order(client, n)
            if n >= WARM:
                noop.append(one)
                ours.append(other)
    return {"noop": _percentiles(noop), "on_order_written": _percentiles(ours)}


def _noop(client: Any, calls: Path, n: int) -> float:
    written = client.document(f"noops/n{n}").set(order("nobody", n))

    def called() -> int | None:
        for line in calls.read_text(encoding="utf-8").splitlines():
            name, _, at = line.partition(" ")
            if name == f"n{n}":
                return int(at)
        return None

    return (_until(called) - version_of(written.update_time)) / 1e6


def _order(client: Any, n: int) -> float:
    written = client.document(f"orders/o{n}").set(order(f"p{n % PEOPLE}", n))

    def counted() -> int | None:
        row = client.document(f"crmOrders/o{n}").get()  # in one commit with the customer
        return version_of(row.update_time) if row.exists else None

    return (_until(counted) - version_of(written.update_time)) / 1e6


def _until(look: Callable[[], T | None]) -> T:
    end = time.monotonic() + PATIENCE
    while (found := look()) is None:
        if time.monotonic() > end:
            raise TimeoutError("A function was not called.")
        time.sleep(_POLL)
    return found


def _percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        f"p{share}": round(ordered[min(len(ordered) - 1, share * len(ordered) // 100)], 1)
        for share in (50, 95, 99)
    }
