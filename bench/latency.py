"""From an order's write to the customer's, live, beside functions that do less.

All are told by the clock of the machine that everything runs on: the emulator stamps the write of
the order and the commit that follows; the function that does nothing notes when it was called.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from google.cloud.firestore import Client

from bench.costs import order
from bench.place import put_all, templates
from bench.rounds import in_turn
from bench.serving import ROOT
from crm.db.documents import version_of
from suite import Suite, start_suite

T = TypeVar("T")

PEOPLE: Final = 20
PATIENCE: Final = 60.0
_POLL: Final = 0.01

SHARES: Final = (50, 95, 99)

COMMITS: Final = {
    "on_order_written": ("orders", "crmOrders"),
    "bare_commit": ("bare-commits", "bareRows"),
}
"""Function to the collection of its events, and the one in which its commit creates a document."""


@contextmanager
def suite_with_others() -> Iterator[tuple[Suite, Path]]:
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


def latency(number: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return p50, p95 and p99 of each round in milliseconds, one write at a time, in turn.

    Args:
        number: Writes to each, in one round.
        rounds: How many rounds.
    """
    with suite_with_others() as (suite, calls):
        os.environ.update(suite.env)
        client, numbers = Client(project=suite.project), itertools.count()
        put_all(client, templates().items())
        sides: dict[str, Callable[[int], float]] = {"noop": partial(_noop, client, calls)}
        for name, (events, created) in COMMITS.items():
            sides[name] = partial(_commit, client, events, created)

        def one_round(writes: int) -> dict[str, list[float]]:
            # Each write in turn too: a round is long.
            taken: dict[str, list[float]] = {name: [] for name in sides}
            for n in itertools.islice(numbers, writes):
                for name, ask in sides.items():
                    taken[name].append(ask(n))
            return taken

        one_round(PEOPLE)  # every function loads what it needs, and ours meets everybody
        found = in_turn({"all": lambda: one_round(number)}, rounds)["all"]
    return {
        name: {
            f"p{share}": [_percentile(taken[name], share) for taken in found] for share in SHARES
        }
        for name in sides
    }


def _noop(client: Any, calls: Path, n: int) -> float:
    written = client.document(f"noops/n{n}").set(order("nobody", n))

    def called() -> int | None:
        for line in calls.read_text(encoding="utf-8").splitlines():
            name, _, at = line.partition(" ")
            if name == f"n{n}":
                return int(at)
        return None

    return (_until(called) - version_of(written.update_time)) / 1e6


def _commit(client: Any, events: str, created: str, n: int) -> float:
    document_id = f"{n % PEOPLE:04}-{n}"
    written = client.document(f"{events}/{document_id}").set(order(f"p{n % PEOPLE}", n))

    def committed() -> int | None:
        row = client.document(f"{created}/{document_id}").get()
        return version_of(row.update_time) if row.exists else None

    return (_until(committed) - version_of(written.update_time)) / 1e6


def _until(look: Callable[[], T | None]) -> T:
    end = time.monotonic() + PATIENCE
    while (found := look()) is None:
        if time.monotonic() > end:
            raise TimeoutError("A function was not called.")
        time.sleep(_POLL)
    return found


def _percentile(values: list[float], share: int) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, share * len(ordered) // 100)], 1)
