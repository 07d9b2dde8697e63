"""Real processes beside the simulation: its parameters, measured, and its predictions, checked.

`venv/bin/python -m bench.simulated` starts the Firestore emulator, measures how long a read, a plan
and a commit take on this machine, then lets 1, 2 and 4 processes handle events of one project, and
writes both into `bench/simulation.json`. Each process is what an instance is: the sync that the
trigger calls, on 16 threads. The emulator and they share the machine's cores, and so does whoever
else is at work there: what they were given is measured beside each run.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from google.cloud.firestore import Client

from bench.bill import Bill, Counting
from bench.costs import order
from bench.parameters import CONCURRENCY, Platform
from bench.peers.ours import runner_on
from bench.place import fresh, put_all, shop
from bench.simulation import KEPT
from crm.core.errors import Conflict, Transient
from crm.db.documents import Version, Write, version_of
from crm.db.memory import Memory
from crm.runtime.services import Services
from crm.sync.sync import Sync
from crm.sync.told import Told
from suite import start_suite

PEOPLE: Final = 200
EVENTS: Final = 800
"""Orders that wait for each process."""

SECONDS: Final = 5.0
WARM: Final = 2.0
ROUNDS: Final = 3
SAMPLES: Final = 150
CREWS: Final = (1, 2, 4)


class Watched(Counting):
    """A store that counts what it is asked for, and which commits were refused."""

    def __init__(self, store: Any, bill: Bill) -> None:
        super().__init__(store, bill)
        self.commits = self.refused = 0

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        """Carry out all writes or none."""
        self.commits += bool(writes)
        try:
            return super().commit(writes)
        except Conflict:
            self.refused += 1
            raise


def instance(client: Client) -> tuple[Sync, Watched]:
    """Return the sync of an instance, and its store."""
    runner = runner_on(client)
    store = Watched(runner.store, Bill())
    services = Services(replace(runner, store=store, memory=Memory()), lambda _job: None)
    return services.sync, store


def person(number: int) -> str:
    """Return the name of somebody."""
    return f"p{number % PEOPLE:03}"


@functools.cache
def known_people() -> dict[str, Any]:
    """Return the documents of a shop where everybody has one order."""
    return shop({person(number): 1 for number in range(PEOPLE)})


def prepare(host: Client, processes: int, *, hot: bool) -> None:
    """Write who is known, and the orders that wait for each process."""
    put_all(host, known_people().items())
    for process in range(processes):
        put_all(host, ((f"orders/{name}", data) for name, data in waiting(process, hot=hot)))


def waiting(process: int, *, hot: bool) -> Iterator[tuple[str, Any]]:
    """Yield the orders that wait for a process; neighbours are of different people."""
    for number in range(EVENTS):
        who = person(0) if hot else person(number * 7 + process * 101)
        yield f"{process}-{number:05}", order(who, 1 + number % 40)


def events(client: Any, process: int, *, hot: bool) -> list[tuple[str, Told]]:
    """Return what the events of a process's orders say, which were all created."""
    orders = dict(waiting(process, hot=hot))
    found = client.get_all([client.document(f"orders/{name}") for name in orders])
    at = {one.id: version_of(one.update_time) for one in found}
    return [(name, Told(data, at[name], None, is_new=True)) for name, data in orders.items()]


def work(project: str, process: int, *, hot: bool) -> dict[str, float]:
    """Handle events as one instance does; count those after the first moments."""
    client = Client(project=project)
    sync, store = instance(client)
    orders, lock = iter(events(client, process, hot=hot)), threading.Lock()
    latencies: list[tuple[float, float]] = []

    def handle() -> None:
        while time.monotonic() < end:
            with lock:
                one = next(orders, None)
            if one is None:
                return
            began = time.monotonic()
            try:
                sync.sync_order(one[0], None, one[1])
            except Transient:
                continue  # the platform would deliver it again, later than this ends
            latencies.append((began, time.monotonic()))

    sync.sync_order("absent")  # connects
    print("ready", flush=True)
    sys.stdin.readline()
    loaded = time.process_time()
    begun = time.monotonic() + WARM
    end = begun + SECONDS
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        for done in [pool.submit(handle) for _ in range(CONCURRENCY)]:
            done.result()
    counted = [till - since for since, till in latencies if begun <= till <= end]
    last = max((till for _, till in latencies), default=end)
    share = len(counted) / max(1, len(latencies))
    return {
        "events": len(counted),
        "seconds": max(0.001, min(end, last) - begun),
        "p50": statistics.median(counted or [0.0]),
        "p95": sorted(counted or [0.0])[len(counted) * 95 // 100],
        "commits": store.commits * share,
        "refused": store.refused * share,
        "reads": store.bill.reads * share,
        "cpu": time.process_time() - loaded,
    }


def together(processes: int, *, hot: bool) -> dict[str, float]:
    """Have so many processes handle events of one project at once; say what came of it."""
    host = fresh()
    prepare(host, processes, hot=hot)
    cores = free_cores()
    command = [sys.executable, "-m", "bench.simulated", "--work", host.project]
    command += ["--hot"] if hot else []
    crew = [
        subprocess.Popen(
            [*command, "--process", str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for one in crew:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    busy, begun = java_seconds(), time.monotonic()
    for one in crew:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    found = [json.loads(one.communicate()[0].splitlines()[-1]) for one in crew]
    busy, lasted = java_seconds() - busy, time.monotonic() - begun
    events, commits = (sum(one[key] for one in found) for key in ("events", "commits"))
    return {
        "rate": sum(one["events"] / one["seconds"] for one in found),
        "p50": statistics.median(one["p50"] for one in found),
        "p95": max(one["p95"] for one in found),
        "reads": sum(one["reads"] for one in found) / max(1, events),
        "conflicts": sum(one["refused"] for one in found) / max(1, commits),
        "cores": cores,
        "used": (sum(one["cpu"] for one in found) + busy) / lasted,
        "load": os.getloadavg()[0],
    }


def free_cores(seconds: float = 0.6) -> float:
    """Return how many cores' time one is given now, by computing on all of them."""
    spin = f"end = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass"
    spin = f"import time\n{spin}\nprint(time.process_time())"
    crew = [
        subprocess.Popen([sys.executable, "-c", spin], stdout=subprocess.PIPE, text=True)
        for _ in range(os.cpu_count() or 1)
    ]
    return sum(float(one.communicate()[0]) for one in crew) / seconds


def java_seconds() -> float:
    """Return the computing time of the emulator so far."""
    port = os.environ["FIRESTORE_EMULATOR_HOST"].rpartition(":")[2]
    for one in Path("/proc").glob("[0-9]*"):
        try:
            command = (one / "cmdline").read_bytes().decode().split("\0")
            if "java" in command[0] and any(port in word for word in command):
                fields = (one / "stat").read_text().rpartition(")")[2].split()
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError):
            continue
    raise RuntimeError("no emulator is running on this machine")


def measured() -> tuple[Platform, dict[str, float]]:
    """Measure how long things take, one after the other.

    Returns:
        The parameters of this machine as it is now, and our own computing times where nobody
        disturbs: those of the swiftest tenth.
    """
    host = fresh()
    prepare(host, 1, hot=False)
    sync, store = instance(Client(project=host.project))
    orders = events(host, 0, hot=False)
    met, new = orders[: 2 * PEOPLE], orders[2 * PEOPLE :]
    for name, told in met:  # warms both sides up, and everybody is known afterwards
        sync.sync_order(name, None, told)
    one_of_each = [*{path.partition("/")[0]: path for path in known_people()}.values()]
    ask = timed(lambda _: store.read(one_of_each))
    store.bill.clear()
    event = timed(lambda number: sync.sync_order(new[number][0], None, new[number][1]))
    trips = store.bill.trips / SAMPLES - 1  # the last one of each is the commit
    plan, commit, least = (event[key] - trips * ask[key] for key in ("own", "java", "least"))
    undisturbed = {"ask": round(ask["least"], 5), "plan": round(least, 5)}
    platform = Platform(
        receive=0.0,
        ask=round(ask["own"], 5),
        plan=round(plan, 5),
        link=round(max(0.0, ask["wall"] - ask["own"] - ask["java"]), 5),
        read=round(ask["java"], 5),
        commit=round(commit, 5),
        spread=0.3,
        cores=float(os.cpu_count() or 1),
    )
    return platform, undisturbed


def timed(run: Callable[[int], object]) -> dict[str, float]:
    """Return seconds a call: on the wall, of this process (median and least), of the emulator."""
    wall, own, java = [], [], java_seconds()
    for number in range(SAMPLES):
        since = time.perf_counter(), time.process_time()
        run(number)
        wall.append(time.perf_counter() - since[0])
        own.append(time.process_time() - since[1])
    java = (java_seconds() - java) / SAMPLES
    least = sorted(own)[SAMPLES // 10]
    return {
        "wall": statistics.median(wall),
        "own": statistics.median(own),
        "least": least,
        "java": java,
    }


@contextmanager
def emulator() -> Iterator[None]:
    """Run Firestore without functions, known to this process and those it starts."""
    with start_suite("demo-bench", functions=False) as suite:
        os.environ.update(suite.env)
        yield


def main() -> None:
    """Measure and check, or work as one of the processes."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", metavar="PROJECT", help=argparse.SUPPRESS)
    arguments.add_argument("--process", type=int, default=0, help=argparse.SUPPRESS)
    arguments.add_argument("--hot", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.work:
        print(json.dumps(work(options.work, options.process, hot=options.hot)))
        return
    from bench.__main__ import machine  # loads what the processes do without

    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    with emulator():
        measured()  # the emulator's program is compiled as it runs
        platform, undisturbed = measured()
        print(platform, undisturbed, flush=True)
        runs = [
            checked(processes, asdict(platform), hot=hot)
            for hot in (False, True)
            for processes in CREWS
        ]
    kept["local"] = {
        "at": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "platform": asdict(platform),
        "undisturbed": undisturbed,
    }
    before = [one for one in kept.get("runs", []) if not one.get("sheds")]
    kept["runs"] = before + runs  # those of earlier versions stay for comparison
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def checked(processes: int, platform: Any, *, hot: bool) -> dict[str, Any]:
    """Return the median of some rounds, by their rate, with the parameters that held then."""
    rounds = [together(processes, hot=hot) for _ in range(ROUNDS)]
    middle = sorted(rounds, key=lambda one: one["rate"])[ROUNDS // 2]
    found = {key: round(value, 4) for key, value in middle.items()}
    one = {"processes": processes, "hot": hot, **found, "rates": [r["rate"] for r in rounds]}
    one |= {"remembers": "snapshots", "sheds": True, "platform": platform}
    print({key: one[key] for key in one if key != "platform"}, flush=True)
    return one


if __name__ == "__main__":
    main()
