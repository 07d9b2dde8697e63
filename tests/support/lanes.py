"""Workers as processes: what the queue does with a job, with so many at a time.

`python -m tests.support.lanes PROJECT JOB_ID WORKERS [SLEEPLESS]` works at a job until it is over, for
measurements of how work speeds up. The first process is the queue: it gives out tasks and takes in
those that workers enqueue.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from typing import Any

from crm.config.settings import Settings
from crm.core.keyring import Keyring
from crm.db.documents import Store, read_one
from crm.db.runner import Runner
from crm.entrypoints.job_kinds import KINDS
from crm.jobs import fan_out
from crm.jobs.job import OPEN, path_of
from crm.jobs.slices import parsed
from testing.world import KEYS, Accounts

SECONDS = 240.0


def runner_of(project: str, workers: int) -> Runner:
    """Return what plans are carried out with in a process of its own."""
    from crm.firebase.store import FirestoreStore, client

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
    import queue

    while going():
        try:
            tasks.put(made.get(timeout=0.2))
        except queue.Empty:
            continue


def _is_open(store: Store, job_id: str) -> bool:
    return read_one(store, path_of(job_id)).fields["state"] in OPEN
