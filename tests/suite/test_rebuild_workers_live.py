"""A rebuild by worker processes: what two come to, one of them killed, and how fast they are.

`CRM_REBUILT_BY` workers (2) go through `CRM_REBUILD_ORDERS` (200) orders of a real shop, and one
does. With all 6,919 the figures say something.
"""

from __future__ import annotations

import os
import re
import time
import uuid
from datetime import datetime
from itertools import islice
from statistics import median
from typing import Any

import pytest

from crm.db.collections import JOBS, SLICES
from crm.repair import rebuild_job
from crm.repair.verify import verify
from demo.orders import order_document, read_purchases
from tests.support.live import LiveWorld
from tests.support.worker_processes import Processes

ORDERS = int(os.environ.get("CRM_REBUILD_ORDERS", "200"))
WORKERS = int(os.environ.get("CRM_REBUILT_BY", "2"))
ROUNDS = int(os.environ.get("CRM_REBUILD_ROUNDS", "1"))
FEW = 200
"""Orders that are enough where no figure is wanted."""
KILLED_AT = 5
"""Tasks after which a worker is killed: fewer than there are slices of orders."""
BATCH = 250
RANDOM_ID = re.compile("(?<![a-z2-7])[a-z2-7]{26}(?![a-z2-7])")
pytestmark = pytest.mark.usefixtures("project_id")
TOLD = ("state", "done", "total", "result", "drift", "error")


def host(orders: int) -> LiveWorld:
    """A host that has lived before CRM-Lite was installed."""
    live = LiveWorld(f"demo-{uuid.uuid4().hex[:20]}")
    purchases = list(islice(read_purchases(), orders))
    for start in range(0, len(purchases), BATCH):
        batch = live.client.batch()
        for one in purchases[start : start + BATCH]:
            batch.set(live.client.document(f"orders/{one.order_id}"), order_document(one))
        batch.commit()
    return live


def begin(live: LiveWorld, workers: Processes) -> str:
    return rebuild_job.start(live.runner, workers.enqueue, dry_run=False)


def told(live: LiveWorld, job_id: str) -> dict[str, Any]:
    job = live.host.all(JOBS)[job_id]
    return {name: job[name] for name in TOLD}


def plain(value: Any) -> Any:
    """A value without random ids, times of the database and versions."""
    if isinstance(value, dict):
        items = [(RANDOM_ID.sub("id", key), plain(one)) for key, one in value.items()]
        return sorted(items, key=repr)
    if isinstance(value, list):
        return sorted(map(plain, value), key=repr)
    if isinstance(value, datetime):
        return "now" if value.year >= 2024 else value
    if isinstance(value, int) and value > 10**15:
        return "version"
    return RANDOM_ID.sub("id", value) if isinstance(value, str) else value


def documents(live: LiveWorld) -> list[str]:
    kept = ("customers", "crmOrders", "crmIdentities", "crmEvents", "crmQuarantine", "crmConsents")
    found = [(name, plain(live.host.all(name))) for name in kept]
    return sorted(repr((name, one)) for name, all_of in found for one in all_of)


def test_two_workers_one_of_them_killed_come_to_what_one_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = min(ORDERS, FEW)
    monkeypatch.setattr(rebuild_job, "LEAST", few // 8)  # of the job's beginning, in this process
    alone, together = host(few), host(few)
    one, two = Processes(alone.project, 1), Processes(together.project, WORKERS, kill_at=KILLED_AT)
    expected = begin(alone, one)
    one.work()
    job_id = begin(together, two)
    two.work()
    assert two.deaths == 1
    assert told(together, job_id) == told(alone, expected)
    assert told(together, job_id)["state"] == "done"
    assert documents(together) == documents(alone)
    assert together.wrong() == []
    assert [*verify(together.runner)] == []
    assert together.host.all(SLICES) == {}


def test_how_much_faster_more_workers_are(capsys: pytest.CaptureFixture[str]) -> None:
    if "CRM_REBUILT_BY" not in os.environ:
        return  # a comparison for people
    seconds: dict[int, list[float]] = {1: [], WORKERS: []}
    for _ in range(ROUNDS):
        for workers, taken in seconds.items():
            live = host(ORDERS)
            processes = Processes(live.project, workers)
            began = time.monotonic()
            job_id = begin(live, processes)
            taken.append(processes.work())
            job = told(live, job_id)
            assert (job["state"], job["result"]["failed"]) == ("done", 0)
            with capsys.disabled():
                busy = ", ".join(f"{one:.1f}" for one in processes.busy)
                print(
                    f"\n{workers} workers: {ORDERS:,} orders in {taken[-1]:.1f} s"
                    f" ({time.monotonic() - began:.1f} with their start), {busy} s of processor"
                )
    one, many = median(seconds[1]), median(seconds[WORKERS])
    with capsys.disabled():
        print(
            f"\nmedians of {ROUNDS}: {one:.1f} s by 1, {many:.1f} s by {WORKERS}: {one / many:.2f}"
        )
