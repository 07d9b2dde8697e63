"""The scheduler of the storms: what happens when is drawn from a seed, and from nothing else."""

from __future__ import annotations

import time
from functools import partial

import pytest

from testing.scheduler import Pool, Scheduler, Task

Seen = list[tuple[int, int]]


def run(seed: object, threads: int = 4, steps: int = 10) -> Seen:
    """Return which thread took which step, in order."""
    scheduler, seen = Scheduler(seed), []

    def work(number: int) -> None:
        for step in range(steps):
            seen.append((number, step))
            scheduler.pause()

    for number in range(threads):
        scheduler.start(partial(work, number))
    scheduler.run()
    return seen


def test_one_seed_is_one_schedule() -> None:
    assert run(1) == run(1)


def test_another_seed_is_another_schedule() -> None:
    assert len({tuple(run(seed)) for seed in range(20)}) == 20


def test_every_step_is_taken_and_each_thread_keeps_its_order() -> None:
    seen = run(1, threads=3, steps=5)
    for thread in range(3):
        assert [step for number, step in seen if number == thread] == [*range(5)]


def test_any_interleaving_of_two_threads_can_be_drawn() -> None:
    assert len({tuple(run(seed, threads=2, steps=2)) for seed in range(200)}) == 6


def test_only_one_thread_runs_at_a_time() -> None:
    scheduler, inside = Scheduler(1), 0

    def work() -> None:
        nonlocal inside
        for _ in range(100):
            inside += 1
            assert inside == 1
            inside -= 1
            scheduler.pause()

    for _ in range(8):
        scheduler.start(work)
    scheduler.run()


def test_a_thread_that_is_slow_to_stand_back_does_not_run_beside_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A machine's busy cores let others run, and hand back, before a thread comes to wait."""
    scheduler, inside, together = Scheduler(1), 0, 0
    give_turn = Task.give_turn

    def give_turn_and_dawdle(task: Task[None]) -> None:
        turns = scheduler.turns
        give_turn(task)
        until = time.monotonic() + 0.02
        while scheduler.turns < turns + 3 and time.monotonic() < until:
            time.sleep(0.0005)

    def work() -> None:
        nonlocal inside, together
        for _ in range(30):
            inside += 1
            together = max(together, inside)
            time.sleep(0.0005)
            inside -= 1
            scheduler.pause()

    monkeypatch.setattr(Task, "give_turn", give_turn_and_dawdle)
    for _ in range(3):
        scheduler.start(work)
    scheduler.run()
    assert together == 1


def test_who_sleeps_lets_the_others_go_first_and_nobody_waits_really() -> None:
    scheduler, seen = Scheduler(1), []

    def sleep(seconds: float) -> None:
        scheduler.sleep(seconds)
        seen.append(seconds)

    for seconds in (3_000.0, 1_000.0, 2_000.0):
        scheduler.start(partial(sleep, seconds))
    scheduler.run()
    assert seen == [1_000, 2_000, 3_000]
    assert 3_000 <= scheduler.clock() < 3_001


def test_what_a_thread_raises_is_raised_in_the_end_and_the_others_go_on() -> None:
    scheduler, seen = Scheduler(1), []

    def fail() -> None:
        raise KeyError("x")

    def work() -> None:
        for _ in range(10):
            scheduler.pause()
        seen.append(1)

    scheduler.start(fail)
    scheduler.start(work)
    with pytest.raises(KeyError):
        scheduler.run()
    assert seen == [1]


def test_threads_that_all_wait_for_another_are_told_so() -> None:
    scheduler = Scheduler("this seed")
    for _ in range(2):
        scheduler.start(lambda: scheduler.wait(lambda: False))
    with pytest.raises(AssertionError, match=r"schedule 'this seed' after .*every thread waits"):
        scheduler.run()


def test_outside_of_a_run_a_pause_does_nothing() -> None:
    scheduler = Scheduler(1)
    scheduler.pause()
    scheduler.start(scheduler.pause)
    scheduler.run()
    scheduler.pause()


def pooled(seed: object, threads: int) -> tuple[Seen, int]:
    """Return what the threads of two pools did in which order, and how many were at it at most."""
    scheduler, seen = Scheduler(seed), []
    busy: dict[int, int] = {0: 0, 1: 0}
    most = 0

    def part(owner: int, number: int) -> int:
        nonlocal most
        busy[owner] += 1
        most = max(most, busy[owner])
        scheduler.pause()
        seen.append((owner, number))
        busy[owner] -= 1
        return number

    def work(owner: int) -> None:
        with Pool(scheduler, threads) as pool:
            parts = [pool.submit(part, owner, number) for number in range(6)]
            assert [one.result() for one in parts] == [*range(6)]

    for owner in range(2):
        scheduler.start(partial(work, owner))
    scheduler.run()
    return seen, most


@pytest.mark.parametrize("threads", [1, 3])
def test_a_pool_within_a_thread_takes_part_in_the_schedule(threads: int) -> None:
    seen, most = pooled(1, threads)
    assert sorted(seen) == [(owner, number) for owner in range(2) for number in range(6)]
    assert most == threads
    assert (seen, most) == pooled(1, threads)
    assert len({tuple(pooled(seed, threads)[0]) for seed in range(10)}) > 1


def test_a_pool_that_is_left_waits_for_its_threads() -> None:
    scheduler, seen = Scheduler(1), []

    def late() -> None:
        scheduler.sleep(5)
        seen.append("late")

    def work() -> None:
        with Pool(scheduler, 2) as pool:
            pool.submit(late)
        seen.append("left")

    scheduler.start(work)
    scheduler.run()
    assert seen == ["late", "left"]


def test_what_a_thread_of_a_pool_raises_is_raised_where_its_result_is_asked_for() -> None:
    def fail() -> None:
        raise KeyError("x")

    def work() -> None:
        with Pool(scheduler, 2) as pool, pytest.raises(KeyError):
            pool.submit(fail).result()

    scheduler = Scheduler(1)
    scheduler.start(work)
    scheduler.run()
