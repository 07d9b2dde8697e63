"""How much faster two workers tag a segment than one.

`python -m suite exec -- python -m tests.support.lanes 20000 3` tags so many customers so many times
with one worker and with two, in turn, and prints the ratio of the medians.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from datetime import UTC, datetime

from crm.core.json import jsonable
from crm.db.documents import Set
from crm.jobs import run as jobs
from crm.jobs.job import path_of
from crm.segments.language.json_form import to_json
from crm.segments.language.text import parse
from crm.tags.catalogue import TagRow, row_path
from crm.tags.jobs import TAG_SEGMENT
from testing.client import client_of
from tests.support.gathering import Crowd, gather
from tests.support.live import LiveWorld
from tests.support.worker_processes import Processes

PROJECT = "demo-lanes"


def tag(crowd: Crowd, name: str, workers: int) -> float:
    """Give a crowd a tag; return how many seconds that took."""
    runner, processes = LiveWorld(PROJECT).runner, Processes(PROJECT, workers)
    now = datetime.now(UTC)
    runner.store.commit([Set(row_path(name), TagRow(name, now).to_data())])
    segment = json.dumps(jsonable(to_json(parse(f"attended:{crowd.event}"))))
    arguments = {"add": [name], "remove": [], "segment": segment, "now": now}
    job_id = jobs.start(runner, processes.enqueue, TAG_SEGMENT, arguments, action="segment.tag")
    took = processes.work()
    result = runner.read_one(path_of(job_id)).fields["result"]
    assert result == {"updated": len(crowd.ids), "unchanged": 0, "full": 0}, result
    assert crowd.having(name) == len(crowd.ids)
    return took


def main(number: int, rounds: int) -> None:
    """Measure, and print."""
    crowd = gather(client_of(PROJECT), number)
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
