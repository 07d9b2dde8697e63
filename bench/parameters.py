"""What the simulation is told: how long things take, what an instance reads, which events come."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from bench.discrete import ENDLESS
from crm.sync.striped_locks import LONGEST

CONCURRENCY: Final = 16
"""Events that one instance takes at a time, as `main.py` says."""

AGE: Final = 300.0
"""Seconds that an instance remembers a customer (`crm/db/memory.py`)."""

ROOM: Final = 900
"""Customers with ten orders that find room there, about (64 MiB at 73 kB)."""


@dataclass(frozen=True)
class Platform:
    """How long things take, in seconds.

    Attributes:
        receive: Computing of the framework around one event.
        ask: Computing of one reading round trip.
        plan: Computing of one plan and the coding of its commit.
        link: The way to the database and back, median.
        read: The database's own time of a read, median.
        commit: Its own time of a commit, median: for so long it holds the documents. One that is
            refused takes the time of a read.
        spread: Of these three, the standard deviation of the logarithm.
        workers: Requests that the database serves at a time; none for as many as come.
        cores: Cores' worth of time that instances and database share; none where each has its own.
    """

    receive: float
    ask: float
    plan: float
    link: float
    read: float
    commit: float
    spread: float = 0.0
    workers: int | None = None
    cores: float | None = None


@dataclass(frozen=True)
class Look:
    """A reading: round trips one after the other, and documents in all."""

    trips: int
    documents: int


@dataclass(frozen=True)
class Protocol:
    """What an instance reads before it commits.

    Attributes:
        stranger: Of a customer whom the instance has not met.
        known: Of one whom it has met.
        again: After a collision.
        remembers: Whether a plan relies on what the instance remembers; else on what it has read.
        room: Customers that an instance remembers, those seen last.
        age: Seconds after which it forgets them.
        turns: Whether events of one customer take turns within an instance.
        patience: Seconds that one waits for a turn.
        sheds: Whether who has waited so long is left to be delivered again; else it goes on
            without a turn.
    """

    stranger: Look
    known: Look
    again: Look
    remembers: bool
    room: int = 10_000
    age: float = ENDLESS
    turns: bool = True
    patience: float = LONGEST
    sheds: bool = True


IDS: Final[Protocol] = Protocol(
    Look(2, 4), Look(1, 4), Look(1, 4), remembers=False, patience=5.0, sheds=False
)
"""As it was before: an instance remembers ids alone, reads order, row, identity and customer each
time, and does not leave an event to be delivered again for want of a turn."""

SNAPSHOTS: Final[Protocol] = Protocol(
    Look(2, 2), Look(0, 0), Look(1, 3), remembers=True, room=ROOM, age=AGE
)
"""The event carries the order, and an instance remembers snapshots of identity and customer."""


@dataclass(frozen=True)
class Load:
    """Which events come.

    Attributes:
        customers: How many people buy.
        skew: How unequal they are: the exponent of Zipf's law; 0 for all alike.
        hot: The share of one box office that buys for everybody.
        rate: Orders a second, whatever becomes of them; none for as many as are taken.
        in_flight: Where there is no rate, how many each instance always has in hand.
        events: Events of one order, each to any instance.
        gap: Seconds between them, on average.
    """

    customers: int = 100_000
    skew: float = 0.0
    hot: float = 0.0
    rate: float | None = None
    in_flight: int = CONCURRENCY
    events: int = 1
    gap: float = 20.0

    def buyers(self, rng: Random) -> Callable[[], int]:
        """Return what draws a customer; 0 is the box office, and the most faithful one."""
        if not self.skew:
            return lambda: 0 if rng.random() < self.hot else rng.randrange(self.customers)
        sums = list(accumulate((n + 1) ** -self.skew for n in range(self.customers)))
        return lambda: (
            0
            if rng.random() < self.hot
            else bisect(sums, rng.random() * sums[-1], 0, len(sums) - 1)
        )
