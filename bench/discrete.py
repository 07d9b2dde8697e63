"""Discrete events: processes that wait for time, or for a place, on a clock that jumps.

A process is a generator. It yields seconds to wait, or a `Places` to wait for one of its places,
which it gives back with `leave`, or a `Try` to wait for one no longer than so many seconds. Nothing
depends on the real clock, so what a seed makes is always the same.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from itertools import count
from typing import Final, TypeAlias

ENDLESS: Final = float("inf")

Wanted: TypeAlias = "float | Places | Try"

Process: TypeAlias = "Generator[Wanted, None, None]"


class Clock:
    """Time, and who waits for what moment.

    Attributes:
        now: Seconds since the beginning.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, int, Process]] = []
        self._turns = count()  # of two that wait for one moment, the first comes first

    def start(self, process: Process, delay: float = 0.0) -> None:
        """Begin a process after a while."""
        heapq.heappush(self._waiting, (self.now + delay, next(self._turns), process))

    def run(self, until: float) -> None:
        """Let time pass until a moment, or until nobody waits for any."""
        while self._waiting and self._waiting[0][0] <= until:
            self.now, _, process = heapq.heappop(self._waiting)
            self._go_on(process)
        self.now = max(self.now, until) if until < ENDLESS else self.now

    def _go_on(self, process: Process) -> None:
        for wanted in process:
            if isinstance(wanted, Try):
                if not wanted.places.enter(process, wanted):
                    self.start(self._give_up(process, wanted), wanted.seconds)
                    return
            elif isinstance(wanted, Places):
                if not wanted.enter(process):
                    return
            else:
                self.start(process, wanted)
                return

    def _give_up(self, process: Process, wanted: Try) -> Process:
        if wanted.places.forget(wanted):
            self._go_on(process)
        yield from ()


@dataclass
class Try:
    """A wait for a place that ends after some seconds.

    Attributes:
        places: One of these.
        seconds: For so long.
        has: Whether it has come to a place.
    """

    places: Places
    seconds: float
    has: bool = False


class Places:
    """A number of places, taken in the order in which they are asked for.

    Attributes:
        free: How many are free.
    """

    def __init__(self, clock: Clock, number: float = 1) -> None:
        self.free = number
        self._clock = clock
        self._queue: deque[tuple[Process, Try | None]] = deque()

    def enter(self, process: Process, one: Try | None = None) -> bool:
        """Take a place for a process, or have it wait; say whether it has one."""
        if self.free > 0:
            self.free -= 1
            if one is not None:
                one.has = True
            return True
        self._queue.append((process, one))
        return False

    def leave(self) -> None:
        """Give a place back, to whoever waits longest."""
        if self._queue:
            process, one = self._queue.popleft()
            if one is not None:
                one.has = True
            self._clock.start(process)
        else:
            self.free += 1

    def forget(self, one: Try) -> bool:
        """Have nobody wait for it any more; say whether somebody did."""
        for place, (_, waiting) in enumerate(self._queue):
            if waiting is one:
                del self._queue[place]
                return True
        return False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)
