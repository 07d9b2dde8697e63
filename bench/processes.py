"""Several instances of `on_order_written` on one database, as the platform runs them side by side.

Each is a process of its own, served as in production, and keeps a bill (`bench/counted`). They
share nothing but the database; who gets which event is decided here, in turn or by chance.
"""

from __future__ import annotations

import itertools
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.events import Change
from bench.serving import ROOT, Event, Server, starting

COUNTED: Final = ROOT / "bench" / "counted" / "functions.py"

DELIVERIES: Final = 20
"""How often an event is delivered at most; the platform goes on for a day."""

Pick = Callable[[Sequence[Server]], Callable[[], Server]]
"""Returns, for servers, what says who gets the next event."""


def in_turn(servers: Sequence[Server]) -> Callable[[], Server]:
    """Give each server one event after the other."""
    return itertools.cycle(servers).__next__


def by_chance(seed: int = 7) -> Pick:
    """Give each event to any server; the same seed gives the same choices."""
    chance = random.Random(seed)
    return lambda servers: lambda: chance.choice(servers)


@dataclass(frozen=True)
class Delivered:
    """What came of delivering events.

    Attributes:
        events: How many there were.
        seconds: From the first to the last.
        waits: Seconds that each took, its further deliveries included.
        again: Deliveries that failed and were made again.
        bill: What the instances asked of Firestore meanwhile, by the names of
            `testing.counting.Bill`: `reads`, `writes`, `deletes`, `round_trips`, `commits`, and
            `refused` commits, which are those that collided.
    """

    events: int
    seconds: float
    waits: Sequence[float]
    again: int
    bill: Counter[str]

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def reads(self) -> float:
        """Documents read for an event."""
        return self.bill["reads"] / self.events

    @property
    def conflicts(self) -> float:
        """The share of commits that were refused."""
        tried = self.bill["commits"] + self.bill["refused"]
        return self.bill["refused"] / tried if tried else 0.0


@dataclass
class Processes:
    """Instances that run.

    Attributes:
        servers: One for each.
        bills: The file of each one's bill.
    """

    servers: Sequence[Server]
    bills: Sequence[Path]
    _past: Counter[str] = field(default_factory=Counter)

    def warm(self, changes: Sequence[Change]) -> None:
        """Have each instance handle each of these changes, one after the other.

        It loads what it needs, and meets the people of these orders.
        """
        with ThreadPoolExecutor(len(self.servers)) as pool:
            list(pool.map(lambda one: self._alone(one, changes), self.servers))
        self._past = self._billed()

    @staticmethod
    def _alone(server: Server, changes: Sequence[Change]) -> None:
        for change in changes:
            _until_handled(lambda: server, server.event(change))

    def deliver(self, changes: Sequence[Change], in_flight: int, pick: Pick = in_turn) -> Delivered:
        """Deliver the events of changes.

        Args:
            changes: What the host has written.
            in_flight: Events under way at a time, at all instances together; each takes
                `serving.CONCURRENCY` of them at once.
            pick: Who gets which event: `in_turn` or `by_chance()`.

        Raises:
            RuntimeError: An event was never handled.
        """
        events = [self.servers[0].event(one) for one in changes]
        next_one = pick(self.servers)

        def one(event: Event) -> tuple[int, float]:
            began = time.perf_counter()
            failed = _until_handled(next_one, event)
            return failed, time.perf_counter() - began

        with ThreadPoolExecutor(in_flight) as pool:
            began = time.perf_counter()
            done = list(pool.map(one, events))
            seconds = time.perf_counter() - began
        billed, before = self._billed(), self._past
        self._past = billed
        again, waits = sum(failed for failed, _ in done), [waited for _, waited in done]
        return Delivered(len(events), seconds, waits, again, billed - before)

    def _billed(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for file in self.bills:
            if file.exists():
                total.update(json.loads(file.read_text(encoding="utf-8")))
        return total


def _until_handled(pick: Callable[[], Server], event: Event) -> int:
    """Deliver an event until it is handled; return how often in vain."""
    for failed in range(DELIVERIES):
        if pick().post(event):
            return failed
    raise RuntimeError(f"{event.head['ce-document']} failed {DELIVERIES} times.")


@contextmanager
def processes(number: int, project: str) -> Iterator[Processes]:
    """Run so many instances of `on_order_written` on one Firestore project.

    The emulator's address is in the environment (`FIRESTORE_EMULATOR_HOST`), as for `served`.
    """
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bills = [scratch / f"bill-{one}" for one in range(number)]
        servers = [
            stack.enter_context(
                starting(
                    "on_order_written",
                    COUNTED,
                    project,
                    "orders",
                    BENCH_BILL=str(bill),
                    PYTHONPATH=str(ROOT),
                )
            )
            for bill in bills
        ]
        for server in servers:
            server.wait()
        yield Processes(servers, bills)
