"""A slice as a value, and the tasks that name slices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm.db.documents import Set
from crm.jobs.progress import Progress
from crm.jobs.slices import Slice, Task, parsed, payload_of, slice_id, slice_path, task_of
from testing.hosts import DAY

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
BEGUN = Slice(
    "j-1-2", "j", 1, 2, "b", "d", DAY, DAY, "running", "me", [1], 7, {"n": 7},
    ({"customerId": "c", "fields": ["name"]},), DAY,
)  # fmt: skip


def test_a_step_adds_what_it_did_and_says_who_took_it() -> None:
    progress = Progress(
        cursor=[2],
        done=3,
        total=99,  # of a slice nobody asks for it
        counts={"n": 3, "m": 1},
        drift=[{"customerId": "c", "fields": ["tags"]}],
        writes=[Set("a/b", {})],
        not_before=DAY + HOUR,
    )
    expected = Slice(
        "j-1-2", "j", 1, 2, "b", "d", DAY, DAY + HOUR, "running", "you", [2], 10,
        {"n": 10, "m": 1}, ({"customerId": "c", "fields": ["name", "tags"]},), DAY + HOUR,
    )  # fmt: skip
    assert BEGUN.after(progress, DAY + HOUR, "you") == expected
    last = BEGUN.after(replace(progress, finished=True), DAY + HOUR, "you")
    assert last == replace(expected, state="over")


def test_what_the_job_took_over_counts_in_the_slice_no_more() -> None:
    expected = Slice(
        "j-1-2", "j", 1, 2, "b", "d", DAY, DAY + HOUR, "running", "me", [1], 0, {}, (), DAY
    )
    assert BEGUN.folded(DAY + HOUR) == expected
    assert BEGUN.folded(DAY + HOUR, stopped=True) == replace(expected, state="stopped")


@pytest.mark.parametrize("now", [DAY, DAY - HOUR])
def test_a_slice_is_always_later_than_it_was(now: object) -> None:
    assert BEGUN.after(Progress(), now, "me").updated_at == DAY + TICK  # type: ignore[arg-type]
    assert BEGUN.folded(now).updated_at == DAY + TICK  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "counted"),
    [
        ({}, False),
        ({"done": 1}, True),
        ({"counts": {"n": 0}}, True),
        ({"drift": ({"customerId": "c", "fields": []},)}, True),
    ],
)
def test_anything_that_the_job_does_not_have_is_counted(
    part: dict[str, object], counted: bool
) -> None:
    one = Slice("j-0-0", "j", 0, 0, None, None, DAY, DAY)
    assert replace(one, **part).counted is counted  # type: ignore[arg-type]


def test_a_slice_is_found_by_its_job_phase_and_number() -> None:
    assert slice_id("j", 1, 2) == "j-1-2"
    assert slice_path("j", 1, 2) == BEGUN.path == "crmSlices/j-1-2"
    assert BEGUN.bounds == ("b", "d")


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("j", Task("j")),
        ("j-1", Task("j-1")),
        ("j-1-2", Task("j", 1, 2)),
        ("j-0-0", Task("j", 0, 0)),
        ("j-k-1-2", Task("j-k", 1, 2)),
        ("1-2-3-4", Task("1-2", 3, 4)),
        ("j-x-2", Task("j-x-2")),
        ("j-1-x", Task("j-1-x")),
        ("j--2", Task("j--2")),
        ("j-1-", Task("j-1-")),
        ("-1-2", Task("-1-2")),
    ],
)
def test_a_task_names_a_job_or_a_slice_of_it(text: str, task: Task) -> None:
    assert parsed(text) == task


def test_the_queue_is_given_a_job_or_a_slice() -> None:
    assert payload_of("j") == {"jobId": "j"}
    assert payload_of("j-0-2") == {"jobId": "j", "phase": 0, "slice": 2}
    assert payload_of("j-1-0") == {"jobId": "j", "phase": 1, "slice": 0}


@pytest.mark.parametrize(
    ("payload", "task"),
    [
        ({"jobId": "j"}, Task("j")),
        ({"jobId": "j", "phase": None, "slice": None}, Task("j")),
        ({"jobId": "j", "more": 1}, Task("j")),
        ({"jobId": "j", "phase": 0, "slice": 0}, Task("j", 0, 0)),
        ({"jobId": "j", "phase": 1, "slice": 2}, Task("j", 1, 2)),
        ({"jobId": "j", "phase": 1, "slice": None}, None),
        ({"jobId": "j", "phase": None, "slice": 1}, None),
        ({"jobId": "j", "phase": 1, "slice": False}, None),
        ({"jobId": "j", "phase": -1, "slice": 1}, None),
        ({"jobId": "j", "phase": 1, "slice": 1.0}, None),
        ({"jobId": ""}, None),
        ({"jobId": "a/b"}, None),
        ({"jobId": 7}, None),
        ({"jobId": None}, None),
        ({}, None),
        ([], None),
        ("j", None),
        (None, None),
    ],
)
def test_a_worker_reads_what_the_queue_was_given(payload: object, task: Task | None) -> None:
    assert task_of(payload) == task
