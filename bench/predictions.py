"""What the simulation predicts, as tables for a terminal and for `docs/scale.md`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from bench.monthly import LARGE, monthly, storage
from bench.parameters import IDS, SNAPSHOTS, Load, Platform, Protocol
from bench.report import DOCS, END, Table
from bench.simulation import KEPT, Outcome, Simulation

DOCUMENT: Final = DOCS / "scale.md"
BEGIN: Final = "<!-- figures: begin, written by `python -m bench.simulation --write` -->"

INSTANCES: Final = (1, 2, 5, 10, 20, 50, 100)
CUSTOMERS: Final = 10_000_000

ON_SALE: Final = Load(customers=CUSTOMERS, rate=1_000, events=3, gap=2.0)
"""A thousand orders a second: placed, paid and confirmed within seconds."""

EVENTS: Final = 12_000
"""Events of one prediction, about: 100 instances handle them in a second."""

PROTOCOLS: Final[Mapping[str, Protocol]] = {"ids": IDS, "snapshots": SNAPSHOTS}


def production(kept: Mapping[str, Any]) -> Platform:
    """Return the parameters of production: its latencies, and our own computing times."""
    return Platform(**kept["production"]["platform"] | kept["local"]["undisturbed"])


def outcome(platform: Platform, load: Load, instances: int, protocol: Protocol) -> Outcome:
    """Return what comes of a load, after a warming up; few events need a longer time."""
    most = load.rate * load.events if load.rate else 150.0 * instances
    seconds = min(40.0, max(1.5, EVENTS / most))
    if load.hot == 1.0 or load.customers == 1:
        seconds = 40.0
    warm = 4 * load.gap if load.rate and load.events > 1 else seconds / 3
    return Simulation(platform, protocol, load, instances).run(seconds, warm)


def tables(kept: Mapping[str, Any]) -> Iterator[Table]:
    """Return all tables."""
    platform = production(kept)
    yield capacity("Events a second that instances can handle, production", platform)
    slow = replace(
        platform, **{key: 2 * getattr(platform, key) for key in ("link", "read", "commit")}
    )
    yield capacity("The same where the database takes twice as long", slow)
    yield on_sale(platform)
    yield box_office(platform)
    yield beside(kept)


def capacity(title: str, platform: Platform) -> Table:
    """Return how much many instances can do: customers whom nobody has met, and who come again."""
    again = Load(customers=500)
    rows = []
    for instances in INSTANCES:
        found = outcome(platform, Load(customers=CUSTOMERS), instances, SNAPSHOTS)
        met = outcome(platform, again, instances, SNAPSHOTS)
        rows.append(
            [
                f"{instances}",
                *(f"{found.rate:,.0f}", f"{1000 * found.p50:.0f}", f"{found.reads:.2f}"),
                *(f"{met.rate:,.0f}", f"{met.reads:.2f}", f"{met.conflicts:.1%}"),
            ]
        )
    head = ["instances", "10 M customers", "p50 ms", "reads", "500 customers", "reads", "conflicts"]
    return Table(title, head, rows)


def on_sale(platform: Platform) -> Table:
    """Return what an on-sale of 1,000 orders a second is to so many instances."""
    rows = []
    for instances in (5, 10, 20, 50, 100):
        found = outcome(platform, ON_SALE, instances, SNAPSHOTS)
        rows.append(
            [
                f"{instances}",
                *(f"{found.rate:,.0f}", f"{1000 * found.p50:,.0f}", f"{1000 * found.p95:,.0f}"),
                *(f"{found.reads:.2f}", f"{found.conflicts:.1%}"),
            ]
        )
    head = ["instances", "events/s done", "p50 ms", "p95 ms", "reads", "conflicts"]
    return Table("1,000 orders a second of three events each, production", head, rows)


def box_office(platform: Platform) -> Table:
    """Return what one customer who buys for everybody is to so many instances."""
    going_on = replace(SNAPSHOTS, patience=5.0, sheds=False)
    rows = []
    for rate in (5.0, 10.0, 20.0, 40.0):
        for instances in (1, 5, 20):
            row = [f"{rate:.0f}", f"{instances}"]
            for protocol in (SNAPSHOTS, going_on):
                load = Load(customers=1, rate=rate)
                found = Simulation(platform, protocol, load, instances).run(60.0, warm=20.0)
                row += [f"{found.rate:.1f}", f"{found.p95:,.1f}", f"{found.reads:,.1f}"]
                row += [f"{found.conflicts:.0%}"]
            rows.append(row)
    head = ["events/s", "instances", "done/s", "p95 s", "reads", "conflicts"]
    head += ["before: done/s", "p95 s", "reads", "conflicts"]
    return Table("One customer's events, production", head, rows)


def beside(kept: Mapping[str, Any]) -> Table:
    """Return the predictions beside the real runs."""
    rows = []
    runs = kept.get("runs", [])
    for run in runs:
        pace = pace_of(run, runs)
        found = predicted(run, pace, link_of(run, runs, pace))
        off = found.rate / run["rate"] - 1 if run["rate"] else 0.0
        rows.append(
            [
                _what(run),
                f"{run['processes']}",
                f"{run['used']:.2f}",
                *(f"{run['rate']:.0f}", f"{found.rate:.0f}", f"{off:+.0%}"),
                *(f"{run['reads']:.2f}", f"{found.reads:.2f}"),
                *(f"{run['conflicts']:.1%}", f"{found.conflicts:.1%}"),
            ]
        )
    head = ["an instance remembers", "processes", "cores", "events/s", "predicted", "off by"]
    head += ["reads", "predicted", "conflicts", "predicted"]
    return Table("Real processes on this machine, and what was predicted", head, rows)


def _what(run: Mapping[str, Any]) -> str:
    who = "one customer" if run["hot"] else "200 customers"
    return f"{run['remembers']}{', turns or none' if run.get('sheds') else ''}; {who}"


def predicted(run: Mapping[str, Any], pace: float = 1.0, link: float = 0.0) -> Outcome:
    """Return what the simulation makes of a real run, on the cores' time that it was given.

    Args:
        run: The run.
        pace: By how much all times are longer than those that were measured one by one.
        link: Seconds more on the way to the database and back.
    """
    given = Platform(**run["platform"])
    times = {key: pace * getattr(given, key) for key in ("ask", "plan", "read", "commit")}
    link += pace * given.link
    platform = replace(given, cores=run["used"], link=link, **times)
    load = Load(customers=1 if run["hot"] else 200)
    protocol = replace(PROTOCOLS[run["remembers"]], room=10_000)
    if not run.get("sheds"):
        protocol = replace(protocol, patience=5.0, sheds=False)
    simulation = Simulation(platform, protocol, load, run["processes"])
    return simulation.run(5.0 + 2.0)  # the real ones count reads from the beginning, too


def link_of(run: Mapping[str, Any], runs: Sequence[Mapping[str, Any]], pace: float) -> float:
    """Return how much longer the way is than measured, by what one process does alone.

    With one customer it has one event in hand at a time; where others use the machine, most of
    that is waiting: for a core, at each step from the instance to the database and back.
    """
    if not run["hot"]:
        return 0.0
    (first,) = [
        one
        for one in runs
        if one["hot"]
        and one["processes"] == 1
        and (one["remembers"], one.get("sheds")) == (run["remembers"], run.get("sheds"))
    ]
    trips = 2 - PROTOCOLS[run["remembers"]].remembers  # a reading, and the commit
    took: float = first["rate"]
    return max(0.0, 1 / took - 1 / predicted(first, pace).rate) / trips


def pace_of(run: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> float:
    """Return the pace at which one process among many customers does what it really did.

    Times are measured one event at a time. With sixteen in flight each computes less: threads that
    wait for an answer need not be woken for every one of them.
    """
    (first,) = [
        one
        for one in runs
        if (one["remembers"], one["hot"], one["processes"]) == (run["remembers"], False, 1)
    ]
    rate: float = first["rate"]
    return predicted(first).rate / rate


def figures(kept: Mapping[str, Any], found: Iterable[Table]) -> str:
    """Return the part of the document that figures are in."""
    local = kept["local"]
    own = kept["local"]["undisturbed"]
    told = (
        f"Parameters measured on {local['at']} ({local['machine']['processor']},"
        f" {local['machine']['cores']}, load average {local['machine']['load']}): a reading"
        f" computes {1000 * own['ask']:.1f} ms and a plan {1000 * own['plan']:.1f} ms."
        " Production's latencies are assumed, not measured by us."
    )
    return "\n\n".join([BEGIN, told, *(one.markdown() for one in found), END])


def main() -> None:
    """Print all tables; write them into the document where that is asked for."""
    from rich.console import Console

    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help=f"into docs/{DOCUMENT.name}, too")
    options = arguments.parse_args()
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    found = [*tables(kept), storage(LARGE), monthly(LARGE)]
    console = Console(width=160)
    for table in found:
        table.show(console)
    if options.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        DOCUMENT.write_text(before + figures(kept, found) + after, encoding="utf-8")
