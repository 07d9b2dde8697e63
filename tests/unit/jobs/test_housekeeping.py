"""Which jobs the sweep hands over again, and which it deletes: each bound to the microsecond."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.db.collections import JOBS, SLICES
from crm.db.documents import Delete, Query, Snapshot, Version, Write
from crm.jobs import housekeeping
from crm.jobs.housekeeping import OVERDUE, RETENTION, STALE, delete_expired, stale
from crm.jobs.job import Job
from crm.jobs.slices import Slice
from testing.hosts import DAY
from testing.memory import MemoryStore

TICK = timedelta(microseconds=1)


class Watched(MemoryStore):
    """Notes the queries and the commits."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Query] = []
        self.committed: list[list[Write]] = []

    def find(self, query: Query) -> list[Snapshot]:
        self.asked.append(query)
        return super().find(query)

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        self.committed.append([*writes])
        return super().commit(writes)


@pytest.fixture
def store() -> Watched:
    return Watched()


def put_job(store: MemoryStore, name: str, at: datetime = DAY, **fields: Any) -> None:
    job = Job(name, "kind", {}, "system", at, at)
    store.put(f"{JOBS}/{name}", {**job.to_data(), **fields})


def put_slice(store: MemoryStore, job_id: str, number: int = 0, **fields: Any) -> None:
    one = Slice(f"{job_id}-0-{number}", job_id, 0, number, None, None, DAY, DAY)
    store.put(one.path, {**one.to_data(), **fields})


@pytest.mark.parametrize(
    ("fields", "until"),
    [
        ({}, STALE),
        ({"notBefore": None}, STALE),
        ({"notBefore": DAY}, STALE),  # it went on at its time
        ({"notBefore": DAY - TICK}, STALE),
        ({"notBefore": DAY + TICK}, OVERDUE + TICK),
        ({"notBefore": DAY + 9 * STALE}, 9 * STALE + OVERDUE),
        ({"notBefore": "soon"}, STALE),
    ],
)
@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_job_is_handed_over_when_it_got_on_too_long_ago(
    store: MemoryStore, state: str, fields: dict[str, Any], until: timedelta
) -> None:
    put_job(store, "j", state=state, **fields)
    assert stale(store, DAY + until) == []
    assert stale(store, DAY + until + TICK) == ["j"]


@pytest.mark.parametrize("moment", [None, "yesterday", 7])
def test_a_job_of_which_nobody_knows_when_it_got_on_is_handed_over(
    store: MemoryStore, moment: object
) -> None:
    put_job(store, "j", updatedAt=moment)
    assert stale(store, DAY - timedelta(days=9)) == ["j"]


@pytest.mark.parametrize("state", ["done", "failed"])
def test_a_job_that_is_over_is_left_alone(store: MemoryStore, state: str) -> None:
    put_job(store, "j", state=state)
    assert stale(store, DAY + 2 * STALE) == []


@pytest.mark.parametrize(
    ("state", "found"),
    [("queued", ["j"]), ("running", ["j"]), ("over", ["j"]), ("stopped", [])],
)
def test_slices_that_do_not_know_that_their_job_is_over_have_it_handed_over(
    store: MemoryStore, state: str, found: list[str]
) -> None:
    put_job(store, "j", state="failed")
    put_slice(store, "j", state=state)
    put_slice(store, "j", 1, state=state)
    assert stale(store, DAY + STALE) == []
    assert stale(store, DAY + STALE + TICK) == found


def test_lost_jobs_come_first_then_those_of_old_slices_each_once(store: MemoryStore) -> None:
    long_ago = DAY - 2 * STALE
    put_job(store, "z", long_ago)
    put_job(store, "y", DAY)
    for name in ("z", "y", "b", "a"):  # of y the slice is old, and the job is not
        put_slice(store, name, updatedAt=long_ago)
    assert stale(store, DAY) == ["z", "a", "b"]


def test_one_sweep_looks_at_so_many_slices_and_at_those_that_are_open(store: Watched) -> None:
    stale(store, DAY)
    assert store.asked == [
        Query(JOBS, (("state", "in", ("queued", "running")),)),
        Query(SLICES, (("state", "in", ("queued", "running", "over")),), limit=1_000),
    ]


# Jobs that are long over


@pytest.mark.parametrize("state", ["done", "failed"])
def test_a_job_is_deleted_when_it_has_been_over_for_long(store: Watched, state: str) -> None:
    put_job(store, "j", state=state)
    assert delete_expired(store, DAY + RETENTION) == 0
    assert delete_expired(store, DAY + RETENTION + TICK) == 1
    assert store.all(JOBS) == {}


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_job_that_is_not_over_is_never_too_old(store: Watched, state: str) -> None:
    put_job(store, "j", state=state)
    assert delete_expired(store, DAY + 9 * RETENTION) == 0
    assert [*store.all(JOBS)] == ["j"]


def test_the_oldest_go_first(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "EXPIRED_AT_ONCE", 2)
    for number, name in enumerate("cabd"):
        put_job(store, name, DAY + number * TICK, state="done")
    now = DAY + 2 * RETENTION
    assert delete_expired(store, now) == 2
    assert [*store.all(JOBS)] == ["b", "d"]
    assert delete_expired(store, now) == 2
    assert delete_expired(store, now) == 0


def test_a_job_goes_with_its_slices_in_a_commit_of_its_own(store: Watched) -> None:
    """Jobs that have none go together; one commit holds no more than so many writes."""
    left: dict[str, dict[str, Any]] = {
        "a": {},
        "b": {"phase": 0, "left": [0, 2]},
        "c": {"phase": 1, "left": [1]},
        "d": {"phase": 1, "left": []},
    }
    for name, fields in left.items():
        put_job(store, name, state="failed", **fields)
    of = {path: one.version for path, one in store.read(f"{JOBS}/{x}" for x in left).items()}
    assert delete_expired(store, DAY + 2 * RETENTION) == 4
    gone = {name: Delete(f"{JOBS}/{name}", of[f"{JOBS}/{name}"]) for name in left}
    assert store.committed == [
        [gone["a"], gone["d"]],
        [gone["b"], Delete(f"{SLICES}/b-0-0"), Delete(f"{SLICES}/b-0-2")],
        [gone["c"], Delete(f"{SLICES}/c-1-1")],
    ]


def test_a_job_that_cannot_be_read_is_deleted_in_its_time(store: Watched) -> None:
    store.put(f"{JOBS}/j", {"state": "done", "updatedAt": DAY})
    assert delete_expired(store, DAY + 2 * RETENTION) == 1
    assert store.all(JOBS) == {}
