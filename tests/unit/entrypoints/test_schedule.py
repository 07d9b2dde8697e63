"""What the scheduler's call does: every ten minutes a sweep, and between two see what has begun."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from crm.core.errors import Transient, Unfinished
from crm.entrypoints import sweeping
from crm.entrypoints.triggers import schedule
from testing.hosts import item, order
from testing.world import World

JOB = "firebase-schedule-sweep-us-central1"
HOUR = datetime(2026, 5, 1, 19, tzinfo=UTC)


def waiting() -> World:
    """A world with an event that has begun, and an order whose event was lost."""
    world = World()
    starts = world.store.now() + timedelta(minutes=1)
    world.put_order("o", order(items=[item("gala", eventStartsAt=starts)]))
    world.store.put("orders/lost", order("lost@example.com"))
    world.store.wait(timedelta(minutes=2))
    return world


@pytest.mark.parametrize(
    ("job", "minute", "whole"),
    [
        (JOB, 0, True),
        (JOB, 5, False),
        (JOB, 10, True),
        (JOB, 35, False),
        (JOB, 50, True),
        (JOB, 55, False),
        (None, 0, True),
        (None, 7, True),  # by hand
    ],
)
def test_every_other_call_of_the_scheduler_is_for_a_whole_sweep(
    job: str | None, minute: int, whole: bool
) -> None:
    assert schedule.is_whole(job, HOUR + timedelta(minutes=minute)) is whole


def test_each_ten_minutes_have_one_sweep() -> None:
    """However late a call comes: it is the time that it was scheduled for that tells."""
    day = [HOUR + timedelta(minutes=5 * number) for number in range(288)]
    swept = {moment.timestamp() // 600 for moment in day if schedule.is_whole(JOB, moment)}
    assert len(swept) == 144


def test_a_whole_sweep_does_both() -> None:
    world = waiting()
    schedule.run(lambda: world.services)
    assert world.with_email("ada@example.com")["attendedEventIds"] == ["gala"]
    assert world.with_email("lost@example.com")["orderCount"] == 1


def test_a_call_between_two_sees_what_has_begun_and_looks_for_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = waiting()
    with caplog.at_level(logging.INFO):
        schedule.run(lambda: world.services, whole=False)
    assert world.with_email("ada@example.com")["attendedEventIds"] == ["gala"]
    assert [one["primaryEmail"] for one in world.customers()] == ["ada@example.com"]
    assert "mended {'customers': 1}" in caplog.text
    assert "ada" not in caplog.text
    reads, writes = world.store.reads, world.store.writes
    schedule.run(lambda: world.services, whole=False)
    # Whose event has begun, which sign-ups are over, the rules, and whether anybody waits for them.
    assert (world.store.reads - reads, world.store.writes - writes) == (4, 0)


def test_a_call_between_two_that_nobody_answers_is_the_next_ones(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = waiting()

    def away(*_: object, **__: object) -> None:
        raise Transient("away")

    monkeypatch.setattr(sweeping, "attend_begun", away)
    with pytest.raises(Unfinished):
        schedule.run(lambda: world.services, whole=False)
    assert "Transient" in caplog.text
