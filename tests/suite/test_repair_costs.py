"""What repair costs: a sweep of a quiet database, and a rebuild beside the bare calls of it.

`CRM_QUIET_ORDERS=20000` and `CRM_REBUILD_ORDERS=6919` for the full sizes.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import DELETE_FIELD

from crm.db.collections import ORDERS, SWEEP
from crm.db.documents import REMOVED, Delete, Query, Snapshot, Update, Version, Write, version_of
from crm.db.documents import Path as DocumentPath
from crm.firebase.store import FirestoreStore
from crm.repair.partitions import Partitions, size_of
from crm.repair.rebuild import THREADS, rebuild
from crm.repair.sweep import EVERY, sweep
from demo.orders import order_document, read_purchases
from testing.counting import counted
from testing.hosts import order
from tests.support.live import LiveWorld

QUIET = int(os.environ.get("CRM_QUIET_ORDERS", "1000"))
REBUILT = int(os.environ.get("CRM_REBUILD_ORDERS", "150"))
FULL = 5_000
"""From so many on the figures are judged; fewer say nothing."""
BATCH = 250
LEADER = threading.main_thread().ident
Call = tuple[str, Any]
MEGABYTE = 2**20


def test_a_quiet_sweep_costs_little(live: LiveWorld, capsys: pytest.CaptureFixture[str]) -> None:
    live.put_order("o", order())
    ((_, row),) = live.host.all(ORDERS).items()
    ids = ["o", *(f"p{number:06}" for number in range(QUIET - 1))]
    for start in range(1, QUIET, BATCH):
        names = ids[start : start + BATCH]
        hosts, rows = live.client.batch(), live.client.batch()
        for name in names:
            hosts.set(live.client.document(f"orders/{name}"), order())
        for name, result in zip(names, hosts.commit(), strict=True):
            data = {**row, "version": version_of(result.update_time)}
            rows.set(live.client.document(f"{ORDERS}/{name}"), data)
        rows.commit()
    size = size_of(QUIET)
    cuts = Partitions(
        tuple(ids[size::size]), complete=True
    )  # as some hundred sweeps have learned them
    live.host.put(f"{SWEEP}/{ORDERS}", cuts.to_data())
    live.host.put(f"{SWEEP}/crmIdentities", Partitions(complete=True).to_data())

    bill = counted(live.client)
    reads = []
    for number in range(5):
        bill.clear()
        runner = replace(live.runner, now=lambda n=number: live.runner.now() + n * EVERY)  # type: ignore[misc]
        begun = time.monotonic()
        report = sweep(runner, lambda _job: None)
        seconds = time.monotonic() - begun
        assert report.finished
        assert (report.mismatched, report.mended, report.failed) == ({}, {}, [])
        assert (bill.writes, bill.deletes, bill.commits) == (0, 0, 0)
        reads.append(bill.reads)
    with capsys.disabled():
        share = max(reads) / QUIET
        print(f"\na quiet sweep of {QUIET:,} orders: {reads} reads ({share:.2%}), {seconds:.1f} s")
    if QUIET >= FULL:
        assert max(reads) <= 0.01 * QUIET


class Recording:
    """A store that notes all calls, without those that ended in vain.

    Attributes:
        synced: For each commit, the calls of its thread since the last one, and itself.
        others: Those of the thread that leads, which never commits: lists, and customers' orders.
    """

    def __init__(self, store: FirestoreStore, whole: Recording | None = None) -> None:
        self._store = store
        self._own: threading.local = whole._own if whole else threading.local()
        self.synced: list[list[Call]] = whole.synced if whole else []
        self.others: list[Call] = whole.others if whole else []
        self.count, self.sum = store.count, store.sum

    def at(self, moment: datetime | None = None) -> Recording:
        return Recording(self._store.at(moment), self)

    @property
    def moment(self) -> datetime | None:
        return self._store.moment

    def _note(self, what: str, argument: Any) -> None:
        if threading.get_ident() == LEADER:
            self.others.append((what, argument))
            return
        if not hasattr(self._own, "calls"):
            self._own.calls = []
        self._own.calls.append((what, argument))

    def read(self, paths: Iterable[DocumentPath]) -> dict[DocumentPath, Snapshot]:
        wanted = list(paths)
        self._note("read", wanted)
        return self._store.read(wanted)

    def find(self, query: Query) -> list[Snapshot]:
        self._note("find", query)
        return self._store.find(query)

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        calls, self._own.calls = getattr(self._own, "calls", []), []
        versions = self._store.commit(writes)
        if writes:
            self.synced.append([*calls, ("commit", writes)])
        return versions


def is_of_an_order(write: Write) -> bool:
    return write.path.startswith(f"{ORDERS}/")


def bare(live: LiveWorld, calls: list[Call]) -> None:
    """The same calls without plans, preconditions and retries."""
    for what, argument in calls:
        if what == "read":
            live.store.read(argument)
        elif what == "find":
            live.store.find(argument)
        else:
            batch = live.client.batch()
            for one in argument:
                reference = live.client.document(one.path)
                if isinstance(one, Delete):
                    batch.delete(reference)
                else:
                    data = {k: DELETE_FIELD if v is REMOVED else v for k, v in one.data.items()}
                    batch.set(reference, data, merge=isinstance(one, Update))
            batch.commit()


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def filled(project: str) -> LiveWorld:
    live = LiveWorld(project)
    purchases = list(islice(read_purchases(), REBUILT))
    for start in range(0, len(purchases), BATCH):
        batch = live.client.batch()
        for one in purchases[start : start + BATCH]:
            batch.set(live.client.document(f"orders/{one.order_id}"), order_document(one))
        batch.commit()
    return live


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")
def test_a_rebuild_is_near_the_bare_calls(
    project_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    live = filled(project_id)
    recording = Recording(live.store)
    begun = time.monotonic()
    told: dict[str, float] = {}
    report = rebuild(
        replace(live.runner, store=recording),
        progress=lambda name, *_: told.update({name: time.monotonic() - begun}),
    )
    seconds, orders_only = time.monotonic() - begun, told["orders"]
    assert report.failed == []
    assert report.changed["orders"] == REBUILT
    synced = [calls for calls in recording.synced if any(map(is_of_an_order, calls[-1][1]))]
    assert len(synced) == REBUILT  # the rest are events of the catalogue

    memory: list[int] = []  # of a second one, for the first was noted down
    again = rebuild(live.runner, progress=lambda *_: memory.append(resident()))
    assert again.changed.total() == 0
    empty = filled(f"demo-{uuid.uuid4().hex[:20]}")
    begun = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda calls: bare(empty, calls), recording.synced))
    bare_orders_only = time.monotonic() - begun
    bare(empty, recording.others)
    alone = time.monotonic() - begun

    grown = (memory[-1] - memory[min(2, len(memory) - 1)]) / MEGABYTE
    with capsys.disabled():
        print(
            f"\nrebuild of {REBUILT:,} orders: {REBUILT / seconds:.0f} orders/s; the bare calls"
            f" {REBUILT / alone:.0f}/s: {alone / seconds:.2f} of them; before customers are counted"
            f" {REBUILT / orders_only:.0f}/s and {REBUILT / bare_orders_only:.0f}/s:"
            f" {bare_orders_only / orders_only:.2f}; {grown:+.1f} MB in memory"
            f" from the third page of {len(memory)} to the last"
        )
    if REBUILT >= FULL:
        assert alone / seconds >= 0.6
        assert bare_orders_only / orders_only >= 0.6
        assert grown < 20
