"""A job as a value: what a step, a cut, a slice, a failure and a retry make of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm.jobs.job import INTERNAL, Job, Progress, unknown_kind
from crm.jobs.slices import Slice
from testing.hosts import DAY

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
NOW = DAY + HOUR
NAME = {"customerId": "c", "fields": ["name"]}
BOTH = {"customerId": "c", "fields": ["name", "tags"]}
TAGS = {"customerId": "c", "fields": ["tags"]}
QUEUED = Job("j", "kind", {"to": 9}, "first", DAY, DAY)
GOING = replace(
    QUEUED,
    state="running",
    done=7,
    total=9,
    cursor=[1],
    result={"n": 7},
    drift=(NAME,),
    not_before=DAY,
)
CUT = replace(GOING, phase=1, left=(0, 2, 3), lanes=2)
FAILED = replace(CUT, state="failed", error="code")


@pytest.mark.parametrize(("now", "then"), [(HOUR, HOUR), (0 * HOUR, TICK), (-HOUR, TICK)])
def test_whatever_becomes_of_a_job_it_is_later_than_before(now: timedelta, then: timedelta) -> None:
    """A write that changed nothing would leave the version, and others' preconditions with it."""
    at = DAY + now
    slice_ = Slice("j-1-2", "j", 1, 2, None, None, DAY, DAY)
    for job in (
        FAILED.again("second", at, "cursor"),
        CUT.failed("code", at, "cursor"),
        GOING.after(Progress(), at),
        GOING.finished(at),
        GOING.cut(0, range(1), 1, None, at),
        CUT.with_counts(slice_, at),
    ):
        assert job.updated_at == DAY + then


def test_a_step_adds_up() -> None:
    progress = Progress(
        [2], done=3, counts={"n": 3, "m": 1}, drift=[TAGS], not_before=DAY + 2 * HOUR
    )
    expected = replace(
        GOING,
        done=10,
        cursor=[2],
        result={"n": 10, "m": 1},
        drift=(BOTH,),
        not_before=DAY + 2 * HOUR,
        updated_at=NOW,
    )
    assert GOING.after(progress, NOW) == expected
    assert GOING.after(replace(progress, total=0), NOW) == replace(expected, total=0)
    begun = replace(QUEUED, state="running", updated_at=NOW)
    assert QUEUED.after(Progress(), NOW) == begun


def test_the_last_step_ends_the_job_and_drops_what_is_no_longer_needed() -> None:
    ended = replace(GOING, state="done", arguments={}, cursor=None, updated_at=NOW)
    assert GOING.finished(NOW) == ended
    # The same moment would leave the time of the step: there are two changes in one.
    last = GOING.after(Progress([2], done=2, not_before=DAY, finished=True), NOW)
    assert last == replace(ended, done=9, updated_at=NOW + TICK)
    assert CUT.finished(NOW) == replace(ended, lanes=2)


def test_a_job_that_is_cut_names_its_slices() -> None:
    expected = replace(QUEUED, state="running", phase=0, left=(0, 1), lanes=2, updated_at=NOW)
    assert QUEUED.cut(0, range(2), 2, None, NOW) == expected
    assert QUEUED.cut(0, [0, 1], 2, 0, NOW) == replace(expected, total=0)
    assert GOING.cut(0, range(2), 2, None, NOW).total == 9
    assert CUT.slice_paths == ["crmSlices/j-1-0", "crmSlices/j-1-2", "crmSlices/j-1-3"]
    assert replace(CUT, phase=0).slice_paths[0] == "crmSlices/j-0-0"
    assert QUEUED.slice_paths == []


def test_what_a_slice_counted_is_added_and_one_that_is_over_is_left_no_more() -> None:
    one = Slice(
        "j-1-2", "j", 1, 2, None, None, DAY, DAY, "running", done=2, counts={"n": 1}, drift=(TAGS,)
    )
    expected = replace(CUT, done=9, result={"n": 8}, drift=(BOTH,), updated_at=NOW)
    assert CUT.with_counts(one, NOW) == expected
    assert CUT.with_counts(replace(one, state="stopped"), NOW) == expected
    over = CUT.with_counts(replace(one, state="over"), NOW)
    assert over == replace(expected, left=(0, 3))


@pytest.mark.parametrize(
    ("lane", "behind", "number"),
    [
        (0, -1, 2),
        (1, -1, 1),
        (2, -1, 2),  # the lane of slice 2
        (3, -1, 1),
        (1, 1, 5),
        (1, 0, 1),
        (1, 4, 5),
        (1, 5, None),
        (0, 2, None),
    ],
)
def test_a_lane_goes_on_with_its_first_slice_that_is_left(
    lane: int, behind: int, number: int | None
) -> None:
    job = replace(CUT, left=(5, 2, 1))
    assert job.next_in_lane(lane, behind) == number
    if behind == -1:
        assert job.next_in_lane(lane) == number


def test_a_lane_begins_with_its_slice_of_number_0() -> None:
    assert CUT.next_in_lane(0) == 0
    assert CUT.next_in_lane(0, 0) == 2
    assert replace(CUT, left=()).next_in_lane(0) is None


@pytest.mark.parametrize(("resumes", "cursor"), [("cursor", [1]), ("start", None)])
def test_a_failed_job_keeps_what_it_did_and_its_place_where_that_is_of_use(
    resumes: str, cursor: list[int] | None
) -> None:
    failed = CUT.failed("code", NOW, resumes)  # type: ignore[arg-type]
    assert failed == replace(FAILED, cursor=cursor, updated_at=NOW)


def test_a_retry_goes_on_where_it_was_or_begins_afresh() -> None:
    expected = replace(FAILED, state="queued", error=None, actor="second", updated_at=NOW)
    assert FAILED.again("second", NOW, "cursor") == expected
    assert FAILED.again("second", NOW, "start") == expected
    afresh = replace(expected, done=0, result={}, drift=())
    assert FAILED.again("second", NOW, "afresh") == afresh


@pytest.mark.parametrize(
    ("state", "over"), [("queued", False), ("running", False), ("done", True), ("failed", True)]
)
def test_a_job_is_over_when_no_step_is_left(state: str, over: bool) -> None:
    assert replace(QUEUED, state=state).over is over  # type: ignore[arg-type]


def test_a_job_is_shown_without_what_is_internal() -> None:
    shown: dict[str, object] = {
        "jobId": "j",
        "kind": "kind",
        "startedAt": DAY,
        "updatedAt": DAY,
        "state": "failed",
        "done": 7,
        "total": 9,
        "error": "code",
        "result": {"n": 7},
        "drift": [NAME],
    }
    assert FAILED.shown() == shown
    assert {*FAILED.to_data()} == {*shown, *INTERNAL} - {"jobId"}


def test_work_that_nobody_knows_is_refused() -> None:
    refusal = unknown_kind()
    told = (refusal.code, refusal.reason, refusal.message)
    assert told == ("failed-precondition", "unknown-kind", "No worker knows this kind of work.")


def test_a_job_of_an_older_version_is_read_as_one_that_is_not_cut() -> None:
    data = QUEUED.to_data()
    for name in ("phase", "left", "lanes", "notBefore"):
        del data[name]
    assert Job.from_data("j", data) == QUEUED
