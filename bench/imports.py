"""An import beside bare batched writes: `venv/bin/python -m bench.imports [PEOPLE]`.

A list is taken in on the Firestore emulator, twice, and undone; by threads of one process, as
`python -m crm import` does it. Beside it the same documents of people, a customer and an identity
each, are written by bare batches of as many in as many threads, with nothing around them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from google.cloud.firestore import Client
from rich.console import Console

from bench.peers.ours import runner_on
from bench.place import fresh
from bench.report import Table
from crm.core.keyring import random_id
from crm.db.collections import CONSENTS, CUSTOMERS, IDENTITIES, IMPORTED
from crm.db.documents import BY_ID, Query
from crm.db.runner import Runner
from crm.db.scan import scan
from crm.entrypoints.job_kinds import KINDS
from crm.importing import imports
from crm.importing.here import work_here
from crm.importing.record import CHUNK
from suite import start_suite

KEPT: Final = Path(__file__).with_name("imports.json")

PEOPLE: Final = 50_000

THREADS: Final = 4

SAMPLE: Final = 5_000
"""People of each run of bare writes: one before the import, and one behind it."""

ASKED: Final = {"ratio": 0.5, "secondWrites": 0}


def lines(number: int) -> Iterator[str]:
    """Yield a list's lines: half of it says subscribed."""
    yield "email,name,tags,status,consentedAt"
    for one in range(number):
        status = "subscribed,2025-06-01" if one % 2 else ","
        yield f"person.{one:06}@example{one % 97}.com,Person Number{one},fair;press,{status}"


def memory() -> float:
    """Return the most that the process has held by now, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def hashed(runner: Runner, *, when: bool = False) -> str:
    """Return a hash of everything that is kept of people.

    Args:
        runner: Reads.
        when: Also of when each customer was written: any write of one moves that on.
    """
    found = hashlib.sha256()
    for collection in (CUSTOMERS, IDENTITIES, CONSENTS):
        for one in scan(runner.store, runner.retry, Query(collection, order=BY_ID)):
            data = {
                name: value for name, value in one.fields.items() if when or name != "updatedAt"
            }
            found.update(json.dumps([one.path, data], sort_keys=True, default=str).encode())
    return found.hexdigest()


def bare(client: Client, samples: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> float:
    """Write people by bare batches; return how many a second."""

    def write(group: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        batch = client.batch()
        for customer, identity in group:
            batch.create(client.document(f"bareCustomers/{random_id()}"), dict(customer))
            batch.create(client.document(f"bareIdentities/{random_id()}"), dict(identity))
        batch.commit()

    groups = [samples[at : at + CHUNK] for at in range(0, len(samples), CHUNK)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(write, groups))
    return len(samples) / (time.perf_counter() - begun)


def people_of(client: Client, number: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return documents of people as an import makes them, to be written bare."""
    runner = runner_on(client)
    take_in(runner, "\n".join(lines(number)))
    customers = [one.fields for one in scan(runner.store, runner.retry, Query(CUSTOMERS))]
    identities = [one.fields for one in scan(runner.store, runner.retry, Query(IDENTITIES))]
    return [(dict(a), dict(b)) for a, b in zip(customers, identities, strict=True)]


def take_in(runner: Runner, text: str) -> tuple[str, dict[str, Any]]:
    """Take a list in; return its id and the report."""
    done: dict[str, Any] = imports.import_contacts(
        runner, lambda _job: None, text, source="the fair", evidence="a ticked box on paper"
    )
    if done["jobId"]:
        work_here(runner, KINDS, done["jobId"], THREADS)
    report: Any = imports.report_of(runner, done["importId"])
    return done["importId"], report


def measure(number: int) -> dict[str, Any]:
    """Take a list in twice and undo it; say what that took."""
    client = fresh()
    samples = people_of(fresh(), min(SAMPLE, number))
    before_writes = bare(fresh(), samples)
    runner = replace(runner_on(client), memory=None)
    text = "\n".join(lines(number))
    start = hashed(runner)
    held = memory()
    begun = time.perf_counter()
    import_id, first = take_in(runner, text)
    seconds = time.perf_counter() - begun
    after = memory()
    kept = hashed(runner, when=True)
    begun = time.perf_counter()
    second_id, second = take_in(runner, text)
    again = time.perf_counter() - begun
    same = hashed(runner, when=True) == kept
    bare_rate = (before_writes + bare(fresh(), samples)) / 2
    begun = time.perf_counter()
    for one in (second_id, import_id):
        job_id = str(imports.undo_import(runner, lambda _job: None, one)["jobId"])
        work_here(runner, KINDS, job_id, THREADS)
    undone = time.perf_counter() - begun
    chunks = runner.store.count(Query(IMPORTED)) // 2
    return {
        "people": number,
        "threads": THREADS,
        "bytes": len(text.encode()),
        "added": first["added"],
        "seconds": round(seconds, 1),
        "rowsPerSecond": round(number / seconds),
        "barePerSecond": round(bare_rate),
        "ratio": round(number / seconds / bare_rate, 2),
        "mibBefore": round(held),
        "mibAfter": round(after),
        "secondSeconds": round(again, 1),
        "secondUnchanged": second["unchanged"],
        "secondWrites": 0 if same and second["unchanged"] == number else None,
        "bookkeepingWrites": 3 * chunks,
        "undoSeconds": round(undone, 1),
        "asBefore": hashed(runner) == start,
    }


def table(found: Mapping[str, Any]) -> Table:
    """Return what was found, for people."""
    rows = [
        (name, f"{value:,}" if isinstance(value, int | float) else str(value))
        for name, value in found.items()
    ]
    return Table(f"An import of {found['people']:,} people", ["what", "is"], rows)


def main() -> int:
    """Measure, print, keep."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("people", nargs="?", type=int, default=PEOPLE)
    number = arguments.parse_args().people
    with start_suite("demo-bench", functions=False) as suite:
        os.environ.update(suite.env)
        found = measure(number)
    table(found).show(Console(width=None if sys.stdout.isatty() else 140))
    KEPT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
