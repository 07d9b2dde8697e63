"""Workers as processes: what the queue does with a job, with so many at a time.

`python -m suite exec -- python -m tests.support.lanes 20000 3` tags so many customers so many times
with one worker and with two, in turn, and prints the ratio of the medians. `work` takes any job.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import queue
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from typing import Any

from crm.config.settings import Settings
from crm.core.json import jsonable
from crm.core.keyring import Keyring
from crm.db.documents import Set, Store, read_one
from crm.db.runner import Runner
from crm.entrypoints.job_kinds import KINDS
from crm.firebase.store import FirestoreStore, client
from crm.jobs import fan_out
from crm.jobs import run as jobs
from crm.jobs.job import OPEN, path_of
from crm.jobs.slices import parsed
from crm.segments.language.json_form import to_json
from crm.segments.language.text import parse
from crm.tags.catalogue import TagRow, row_path
from crm.tags.jobs import TAG_SEGMENT
from testing.world import KEYS, Accounts
from tests.support.gathering import Crowd, gather

SECONDS = 240.0

PROJECT = "demo-lanes"


def runner_of(project: str, workers: int) -> Runner:
    """Return what plans are carried out with in a process of its own."""
    settings = Settings.model_validate({"jobs": {"workers": workers}})
    keys: Keyring = KEYS
    accounts: Any = Accounts()
    return Runner(FirestoreStore(client(project)), settings, keys, accounts)


def _worker(project: str, workers: int, tasks: Queue[str], made: Queue[str]) -> None:
    runner = runner_of(project, workers)
    runner.read_one("crmJobs/warm")
    made.put("ready")
    while True:
        fan_out.work(runner, KINDS, made.put, parsed(tasks.get()), SECONDS)


def work(project: str, store: Store, job_id: str, workers: int) -> float:
    """Work at a job with so many processes; return how many seconds that took.

    Starting the processes is not counted.
    """
    context = multiprocessing.get_context("spawn")
    tasks: Queue[str] = context.Queue()
    made: Queue[str] = context.Queue()
    processes = [
        context.Process(target=_worker, args=(project, workers, tasks, made), daemon=True)
        for _ in range(workers)
    ]
    for one in processes:
        one.start()
    for _ in processes:
        assert made.get(timeout=120) == "ready"
    began = time.monotonic()
    tasks.put(job_id)
    try:
        _pass_on(made, tasks, lambda: _is_open(store, job_id))
    finally:
        for one in processes:
            one.kill()
    return time.monotonic() - began


def _pass_on(made: Queue[str], tasks: Queue[str], going: Callable[[], bool]) -> None:
    while going():
        try:
            tasks.put(made.get(timeout=0.2))
        except queue.Empty:
            continue


def _is_open(store: Store, job_id: str) -> bool:
    return read_one(store, path_of(job_id)).fields["state"] in OPEN


def tag(crowd: Crowd, name: str, workers: int) -> float:
    """Give a crowd a tag; return how many seconds that took."""
    runner = runner_of(PROJECT, workers)
    now = datetime.now(UTC)
    runner.store.commit([Set(row_path(name), TagRow(name, now).to_data())])
    segment = json.dumps(jsonable(to_json(parse(f"attended:{crowd.event}"))))
    arguments = {"add": [name], "remove": [], "segment": segment, "now": now}
    job_id = jobs.start(runner, lambda _: None, TAG_SEGMENT, arguments, action="segment.tag")
    took = work(PROJECT, runner.store, job_id, workers)
    result = runner.read_one(path_of(job_id)).fields["result"]
    assert result == {"updated": len(crowd.ids), "unchanged": 0, "full": 0}, result
    assert crowd.having(name) == len(crowd.ids)
    return took


def main(number: int, rounds: int) -> None:
    """Measure, and print."""
    crowd = gather(client(PROJECT), number)
    took: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(rounds):
        for workers, times in took.items():
            times.append(tag(crowd, f"r{turn}w{workers}", workers))
            rate, load = number / times[-1], os.getloadavg()[0]
            print(f"{workers} workers: {rate:,.0f} a second, load {load:.1f}", flush=True)
    one, two = (statistics.median(times) for times in took.values())
    print(f"2 workers : 1 = {one / two:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
