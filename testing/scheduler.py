"""Many threads whose every meeting is drawn from a seed: one runs at a time and hands over."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")

STEP = 0.0001
"""Seconds from one handing over to the next, by the scheduler's own clock."""

HUNG = 120.0
"""Real seconds without a handing over after which it is said that there will be none."""


class Task(Generic[T]):
    """A thread of a scheduler, and what its work came to: as much of a `Future` as is needed."""

    def __init__(self, scheduler: Scheduler, work: Callable[[], T]) -> None:
        self._scheduler, self._work = scheduler, work
        self._answer: list[T] = []
        self._error: BaseException | None = None
        self._turn = threading.Semaphore(0)
        self.over = False
        self.ready: Callable[[], bool] = lambda: True
        self.wakes: float | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self.await_turn()
            self._answer.append(self._work())
        except BaseException as error:  # it is raised where the result is asked for
            self._error = error
        self.over = True
        self._scheduler.leave(self)

    def await_turn(self) -> None:
        turns = -1
        while not self._turn.acquire(timeout=HUNG):
            if turns == self._scheduler.turns:
                raise AssertionError(f"{self._scheduler}: a thread waits and keeps its turn")
            turns = self._scheduler.turns
        if self._scheduler.stuck:
            raise AssertionError(f"{self._scheduler}: every thread waits for another one")

    def give_turn(self) -> None:
        self._turn.release()

    def result(self) -> T:
        """Return what the work returned, once it is over.

        Raises:
            BaseException: What the work raised.
        """
        self._scheduler.wait(lambda: self.over)
        if self._error is not None:
            raise self._error
        return self._answer[0]


class Scheduler:
    """Runs threads one at a time. Where one says `pause`, the next to go on is drawn.

    One seed is one schedule, as long as nothing else of what the threads do is chance. A thread
    that has its turn waits for another one by `sleep`, `wait` or `Task.result` alone.

    Attributes:
        turns: How often somebody was drawn.
        stuck: Whether it came to nobody being able to go on.
    """

    def __init__(self, seed: object) -> None:
        self._seed = seed
        self._random = random.Random(f"schedule {seed}")
        self._tasks: list[Task[Any]] = []
        self._now: Task[Any] | None = None
        self._seconds = 0.0
        self._all_over = threading.Event()
        self.turns = 0
        self.stuck = False

    def __repr__(self) -> str:
        return f"schedule {self._seed!r} after {self.turns} turns"

    def clock(self) -> float:
        """Return the seconds that have passed: a little with each turn, more where all sleep."""
        return self._seconds

    def start(self, work: Callable[[], T], ready: Callable[[], bool] = lambda: True) -> Task[T]:
        """Return work to a thread of its own, which can be drawn from now on.

        Args:
            work: What to do.
            ready: Whether the thread may begin yet.
        """
        task = Task(self, work)
        task.ready = ready
        self._tasks.append(task)
        return task

    def run(self) -> None:
        """Have the threads run that were started, and all that they start, until all are over.

        Raises:
            BaseException: What the work of the first one raised that did not end well.
        """
        begun = [*self._tasks]
        self._draw()
        self._all_over.wait()
        for task in begun:
            task.result()

    def pause(self) -> None:
        """Let somebody go on: the same thread, or another. Nothing happens outside of `run`."""
        self.wait(lambda: True)

    def sleep(self, seconds: float) -> None:
        """Let the others go on for some seconds of `clock`."""
        wakes = self._seconds + seconds
        self.wait(lambda: self._seconds >= wakes, wakes)

    def wait(self, ready: Callable[[], bool], wakes: float | None = None) -> None:
        """Let the others go on until something holds.

        Args:
            ready: Whether it holds.
            wakes: When it will hold by itself.
        """
        me = self._now
        if me is None:
            return
        me.ready, me.wakes = ready, wakes
        if self._draw() is not me:
            me.await_turn()

    def leave(self, task: Task[Any]) -> None:
        """Go on without a thread that is over."""
        self._tasks.remove(task)
        if self.stuck and self._tasks:
            return
        self._now = None
        if self._tasks:
            self._draw()
        else:
            self._all_over.set()

    def _draw(self) -> Task[Any] | None:
        """Draw who goes on and, where it is somebody else, give it the turn."""
        self.turns += 1
        self._seconds += STEP
        ready = [task for task in self._tasks if task.ready()]
        asleep = [task.wakes for task in self._tasks if task.wakes is not None]
        if not ready and asleep:
            self._seconds = min(asleep)
            ready = [task for task in self._tasks if task.ready()]
        if not ready:
            self.stuck = True
            for task in self._tasks:
                task.give_turn()  # to fail
            return None
        before, drawn = self._now, self._random.choice(ready)
        self._now = drawn
        if drawn is not before:
            drawn.give_turn()  # from here on it runs, and may have drawn somebody else already
        return drawn


class Pool:
    """As `ThreadPoolExecutor`, for a thread of a scheduler that has work of its own done."""

    def __init__(self, scheduler: Scheduler, threads: int) -> None:
        self._scheduler, self._threads = scheduler, threads
        self._tasks: list[Task[Any]] = []

    def submit(self, work: Callable[..., T], *arguments: Any) -> Task[T]:
        before = [*self._tasks]
        task = self._scheduler.start(
            lambda: work(*arguments),
            lambda: sum(not one.over for one in before) < self._threads,
        )
        self._tasks.append(task)
        return task

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._scheduler.wait(lambda: all(one.over for one in self._tasks))
