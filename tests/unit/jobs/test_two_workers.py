"""Two workers at one job: what one does between two remote calls of the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from crm.db.collections import SLICES
from crm.db.documents import Snapshot
from tests.support.fanning import FanBench
from tests.unit.jobs.test_fan_out import all_is_done

POINTS = range(4)
"""Before and after each remote call of a worker that cuts a phase, up to its commit."""


def between(bench: FanBench, at: int, other: Callable[[], object]) -> list[int]:
    """Let something else happen at a pause between two remote calls; say how many there were."""
    calls: list[int] = []

    def pause() -> None:
        calls.append(len(calls))
        if len(calls) == at + 1:
            bench.world.store.pause = lambda: None
            other()

    bench.world.store.pause = pause
    return calls


@pytest.mark.parametrize("at", POINTS)
def test_a_phase_that_another_worker_has_cut_is_not_cut_again(at: int) -> None:
    """Nor is the next one cut in its place, before anything of this one is done."""
    bench = FanBench()
    job_id = bench.start()
    task = bench.world.queue.pop()
    calls = between(bench, at, lambda: bench.deliver(task))
    bench.deliver(task)
    bench.world.store.pause = lambda: None
    assert len(calls) == at + 1
    assert (bench.document(job_id)["phase"], len(bench.slices)) == (0, 3)
    bench.work()
    all_is_done(bench, job_id)


@pytest.mark.parametrize("at", POINTS)
def test_a_job_that_is_cancelled_meanwhile_is_not_cut(at: int) -> None:
    bench = FanBench()
    job_id = bench.start()
    task = bench.world.queue.pop()
    between(bench, at, lambda: bench.cancel(job_id))
    bench.deliver(task)
    job = bench.document(job_id)
    assert (job["state"], job["error"], job["phase"]) == ("failed", "cancelled", None)
    assert (bench.slices, bench.world.queue) == ({}, [])


def test_a_slice_that_is_ended_while_it_is_looked_for_again_is_not_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever did not find it looks once more, at the job and at the slice of one moment."""
    bench = FanBench()
    job_id, store = bench.start(), bench.world.store
    bench.deliver(bench.world.queue.pop())
    task, read = bench.world.queue.pop(0), store.read
    path = f"{SLICES}/{task}"

    def end() -> None:
        store.tear = lambda: None
        bench.deliver(task)
        assert task not in bench.slices

    def missed(paths: Iterable[str]) -> dict[str, Snapshot]:
        found = read(paths)
        if path in found:
            monkeypatch.undo()
            found[path] = Snapshot(path, None, found[path].version)
            store.tear = end
        return found

    monkeypatch.setattr(store, "read", missed)
    bench.deliver(task)
    bench.work()
    all_is_done(bench, job_id)
