"""All benchmarks: `make bench`, `make bench SIZE=full`, or `python -m bench --quick`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from bench.cold import cold
from bench.compare import PEERS, SCENARIOS, compared, growth, race
from bench.costs import SIZES, costs, kept
from bench.latency import latency
from bench.limits import limits
from bench.many import many
from bench.report import tables, targets, write_document
from bench.scale import by_customers, by_orders
from bench.throughput import throughput
from suite import start_suite

RESULTS: Final = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Sizes:
    """How much is measured; `writes`, `events` and `spread` in each of so many `rounds`."""

    costs: Sequence[int]
    purchases: int
    growth: Sequence[int]
    writes: int
    events: int
    customers: Sequence[int]
    orders: Sequence[int]
    bulk: int
    imports: int
    rounds: int
    spread: int
    in_flight: Sequence[int] = (1, 8, 32)


USUAL: Final = Sizes(
    costs=(1, 100),
    purchases=48,
    growth=(1, 10, 100),
    writes=12,
    events=32,
    customers=(500, 2_000),
    orders=(1, 10, 100),
    bulk=600,
    imports=6,
    rounds=5,
    spread=32,
    in_flight=(8, 32),
)
FULL: Final = Sizes(
    costs=SIZES,
    purchases=600,
    growth=(1, 10, 100, 1_000, 10_000),
    writes=100,
    events=160,
    customers=(1_000, 10_000, 100_000),
    orders=(1, 10, 100, 1_000, 10_000),
    bulk=5_000,
    imports=10,
    rounds=7,
    spread=160,
)


def measured(sizes: Sizes, console: Console) -> dict[str, Any]:
    """Measure everything."""
    started = time.monotonic()

    def begin(what: str) -> None:
        console.print(f"{time.monotonic() - started:4.0f} s  {what} …")

    results: dict[str, Any] = {}
    begin("costs in memory")
    agreed = {size: _plain(bills) for size, bills in kept().items()}
    results["costs"] = agreed | {str(size): _plain(costs(size)) for size in sizes.costs}
    begin("cold start")
    results["cold"] = cold(sizes.imports)
    begin("latency, live")
    results["latency"] = latency(sizes.writes, sizes.rounds)
    with _emulator():
        begin("throughput")
        results["throughput"] = throughput(sizes.events, sizes.in_flight, sizes.rounds)
        begin("peers")
        scenarios = {name: compared(name, sizes.purchases) for name in SCENARIOS}
        results["peers"] = {
            peer: {name: found[peer] for name, found in scenarios.items()} for peer in PEERS
        }
        results["growth"] = {name: growth(name, sizes.growth) for name in PEERS}
        begin("real orders")
        results["race"] = race(sizes.events, (1, 8), sizes.rounds)
        begin("several instances")
        results["many"] = many(sizes.spread, sizes.rounds)
        begin("limits")
        results["limits"] = limits(sizes.bulk, sizes.rounds)
        begin("scale")
        results["scale"] = {
            "customers": by_customers(sizes.customers),
            "orders": by_orders(sizes.orders),
        }
    return results


@contextmanager
def _emulator() -> Iterator[None]:
    """Run Firestore without functions, known to this process and those it starts."""
    before = dict(os.environ)
    with start_suite("demo-bench", functions=False) as suite:
        os.environ.update(suite.env)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _plain(bills: Any) -> dict[str, Any]:
    return {name: asdict(bill) for name, bill in bills.items()}


def machine() -> dict[str, Any]:
    """Return what this machine is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": f"{os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "python": f"Python {platform.python_version()}",
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def quick(console: Console) -> int:
    """Count what operations cost and compare it with what was agreed; give the exit status."""
    status = 0
    agreed = kept()
    for size in USUAL.costs:
        for name, bill in costs(size).items():
            if bill != agreed[str(size)][name]:
                console.print(f"{name}, {size} orders: {bill}, not {agreed[str(size)][name]}")
                status = 1
    found = cold(3)
    console.print(f"import: main {found['main']}, libraries {found['libraries']}")
    console.print("costs are as agreed" if not status else "costs are not as agreed")
    return status


def main() -> int:
    """Measure, print, write; give the exit status."""
    arguments = argparse.ArgumentParser(description=__doc__)
    which = arguments.add_mutually_exclusive_group()
    which.add_argument(
        "--quick", action="store_true", help="costs alone, compared; within a minute"
    )
    which.add_argument("--size", choices=("usual", "full"), default="usual")
    options = arguments.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 140)
    if options.quick:
        return quick(console)
    head = {
        "at": datetime.now(UTC).date().isoformat(),
        "size": options.size,
        "machine": machine(),
    }
    results = head | measured(FULL if options.size == "full" else USUAL, console)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    from bench.plots import draw  # matplotlib is slow to import

    draw(results)
    write_document(results)
    for table in tables(results):
        table.show(console)
    missed = [
        name for name, (spread, asked) in targets(results).items() if asked.verdict(spread) == "no"
    ]
    console.print(f"missed: {', '.join(missed)}" if missed else "every target is met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
