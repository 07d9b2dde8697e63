"""An import done by threads in one process, where no function may be deployed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Transient
from crm.core.roles import Role
from crm.db.documents import Write
from crm.entrypoints.job_kinds import KINDS
from crm.importing import record
from crm.importing.here import work_here
from crm.importing.imports import import_contacts
from crm.jobs import control
from crm.jobs.job import Job
from tests.support.importing import Desk
from tests.unit.importing.test_imports import crowd


def begun(monkeypatch: pytest.MonkeyPatch, people: int = 20) -> tuple[Desk, str]:
    """A desk and the job of an import that nobody works at yet."""
    monkeypatch.setattr(record, "CHUNK", 2)
    desk = Desk()
    answer: dict[str, Any] = import_contacts(
        desk.runner, desk.queue.append, crowd(people), source="a fair", evidence="paper"
    )
    desk.queue.clear()
    return desk, answer["jobId"]


def as_kept(desk: Desk, job_id: str) -> Job:
    return Job.from_data(job_id, desk.store.all("crmJobs")[job_id])


@pytest.mark.parametrize("threads", [1, 3])
def test_it_is_done_here_and_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    desk, job_id = begun(monkeypatch)
    told: list[tuple[int, int]] = []
    job = work_here(desk.runner, KINDS, job_id, threads, lambda *one: told.append(one))
    assert job == as_kept(desk, job_id)
    assert (job.state, job.done, job.total, job.result) == ("done", 20, 20, {"added": 20})
    assert told == sorted(told)
    assert {total for _, total in told} == {20}
    assert told[-1] == (20, 20)
    assert (len(desk.customers()), desk.queue) == (20, [])
    assert desk.faults() == []


def test_who_wants_to_be_told_nothing_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, job_id = begun(monkeypatch, 6)
    assert work_here(desk.runner, KINDS, job_id, 1).state == "done"


def test_one_of_which_nobody_knows_how_much_it_is_is_of_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk, job_id = begun(monkeypatch, 6)
    job = as_kept(desk, job_id)
    desk.store.put(job.path, replace(job, total=None).to_data())
    told: list[tuple[int, int]] = []
    assert work_here(desk.runner, KINDS, job_id, 1, lambda *one: told.append(one)).done == 6
    assert {total for _, total in told} == {0}


def test_what_goes_wrong_in_a_thread_is_told_and_the_rest_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk, job_id = begun(monkeypatch)
    commit, runner = desk.store.commit, desk.runner
    seconds = iter(range(0, 1_000_000, 60))

    def away(writes: Sequence[Write]) -> list[int]:
        if desk.customers():
            raise Transient("no answer")
        return commit(writes)

    retry = replace(runner.retry, clock=lambda: float(next(seconds)))
    desk.store.commit = away  # type: ignore[method-assign]
    with pytest.raises(Transient):
        work_here(replace(runner, retry=retry), KINDS, job_id, 1)
    assert not as_kept(desk, job_id).over
    desk.store.commit = commit  # type: ignore[method-assign]
    assert work_here(runner, KINDS, job_id, 1).result == {"added": 20}


def test_of_one_that_stops_what_its_slices_have_counted_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cancelled by staff in the middle: it ends, and no one who was handled is left out."""
    desk, job_id = begun(monkeypatch)
    once = iter([True])

    def pause() -> None:
        if len(desk.customers()) >= 6 and next(once, False):
            control.cancel(desk.runner, KINDS, Role.ADMIN, job_id)

    desk.store.pause = pause
    job = work_here(desk.runner, KINDS, job_id, 1)
    assert (job.state, job.error) == ("failed", "cancelled")
    assert job.done == job.result["added"] == len(desk.customers()) < 20
