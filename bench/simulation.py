"""The commit protocol as a model: what N instances would do, without any of them.

Instances take events on threads that share one processor (Python's lock lets one compute at a
time), keep events of one customer apart, read or remember, plan, and commit; the database holds a
document while it commits to it, and refuses what was planned from another version than it has.
`venv/bin/python -m bench.simulation` prints what follows of the parameters in
`bench/simulation.json`. Pure and seeded: real runs are in `bench/simulated.py`.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

from bench.discrete import ENDLESS, Clock, Places, Process, Try, Wanted
from bench.parameters import CONCURRENCY, Load, Platform, Protocol
from crm.db.retry import RetryPolicy

REDELIVERED: Final = 10.0
"""Seconds after which the platform delivers an event again that failed."""

KEPT: Final = Path(__file__).with_name("simulation.json")
"""The parameters and the real runs, as last measured."""

Answering: TypeAlias = Generator[Wanted, None, bool]


@dataclass
class Tally:
    """What happened.

    Attributes:
        latencies: Seconds from arrival to the end, of each event that was done.
        commits: Commits that were tried.
        collisions: Those that were refused.
        stale: Those of them that relied on a memory.
        documents: Documents that were read.
        failed: Events that were given back to the platform.
        arrived: Events that came.
    """

    latencies: list[float] = field(default_factory=list)
    commits: int = 0
    collisions: int = 0
    stale: int = 0
    documents: int = 0
    failed: int = 0
    arrived: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of a run, after its beginning.

    Attributes:
        rate: Events done a second.
        p50: Seconds from arrival to the end.
        p95: Likewise.
        reads: Documents read for each event.
        conflicts: The share of commits that were refused.
        stale: The share of commits that were refused and relied on a memory.
        behind: Events that had come and were not done at the end.
    """

    rate: float
    p50: float
    p95: float
    reads: float
    conflicts: float
    stale: float
    behind: int


class Instance:
    """One instance of the function."""

    def __init__(self, clock: Clock) -> None:
        self.threads = Places(clock, CONCURRENCY)
        self.processor = Places(clock)
        self.turns: defaultdict[int, Places] = defaultdict(lambda: Places(clock))
        self.memory: OrderedDict[int, tuple[int, float]] = OrderedDict()

    def recall(self, customer: int, since: float) -> int | None:
        """Return the version of a customer that is remembered, from no earlier than a moment."""
        version, at = self.memory.get(customer, (0, 0.0))
        if customer not in self.memory or at < since:
            return None
        self.memory.move_to_end(customer)
        return version

    def remember(self, customer: int, version: int, at: float, room: int) -> None:
        """Remember a customer, and forget the one that was seen longest ago."""
        self.memory[customer] = version, at
        self.memory.move_to_end(customer)
        if len(self.memory) > room:
            self.memory.popitem(last=False)


class Simulation:
    """A number of instances, the database, and what happens to them.

    Attributes:
        clock: Its time.
        versions: What the database has: customer to how often it was written.
        done: Customer to events that are done.
        tally: What happened since the count began.
    """

    def __init__(
        self,
        platform: Platform,
        protocol: Protocol,
        load: Load,
        instances: int,
        seed: int = 1,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.clock = Clock()
        self.versions: Counter[int] = Counter()
        self.done: Counter[int] = Counter()
        self.tally = Tally()
        self._platform, self._protocol, self._load = platform, protocol, load
        self._retry = retry or RetryPolicy()
        self._open = True
        self._rng = Random(seed)
        self._buyer = load.buyers(self._rng)
        self._instances = [Instance(self.clock) for _ in range(instances)]
        self._held: defaultdict[int, Places] = defaultdict(lambda: Places(self.clock))
        self._database = Places(self.clock, platform.workers or ENDLESS)
        self._machine = Places(self.clock, math.ceil(platform.cores or 0) or ENDLESS)
        # Of one and a half cores, two are there and do three quarters of the work each.
        self._slower = math.ceil(platform.cores) / platform.cores if platform.cores else 1.0
        if load.rate is None:
            for instance in self._instances:
                for _ in range(load.in_flight):
                    self.clock.start(self._always(instance))
        else:
            self.clock.start(self._arrivals(load.rate))

    def run(self, seconds: float, warm: float = 0.0) -> Outcome:
        """Let time pass, count what happens after the warming up, and say what came of it."""
        if warm:
            self.clock.run(self.clock.now + warm)
            self.tally = Tally()
        self.clock.run(self.clock.now + seconds)
        found = self.tally
        ordered = sorted(found.latencies) or [0.0]
        events = max(1, len(found.latencies))
        commits = max(1, found.commits)
        return Outcome(
            rate=len(found.latencies) / seconds,
            p50=ordered[len(ordered) // 2],
            p95=ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)],
            reads=found.documents / events,
            conflicts=found.collisions / commits,
            stale=found.stale / commits,
            behind=max(0, found.arrived - len(found.latencies)),
        )

    def finish(self) -> None:
        """Let nobody come any more, and everybody end who is there."""
        self._open = False
        self.clock.run(ENDLESS)

    def _always(self, instance: Instance) -> Process:
        """One place of the closed loop: the next event comes when the last one is done."""
        while self._open:
            yield from self._event(instance, self._buyer())

    def _arrivals(self, rate: float) -> Process:
        """Orders, as independent of each other as people are, and each one's events."""
        while self._open:
            yield self._rng.expovariate(rate)
            customer, delay = self._buyer(), 0.0
            for _ in range(self._load.events):
                self.clock.start(self._delivered(customer), delay)
                delay += self._rng.expovariate(1 / self._load.gap)

    def _delivered(self, customer: int) -> Process:
        """An event goes to any instance that has a thread for it, else it waits at any."""
        free = [one for one in self._instances if one.threads.free > 0]
        yield from self._event(self._rng.choice(free or self._instances), customer)

    def _event(self, instance: Instance, customer: int) -> Process:
        arrived, self.tally.arrived = self.clock.now, self.tally.arrived + 1
        yield instance.threads
        yield from self._compute(instance, self._platform.receive)
        protocol = self._protocol
        turn = Try(instance.turns[customer], protocol.patience) if protocol.turns else None
        if turn is not None:
            yield turn
        if turn is not None and protocol.sheds and not turn.has:
            done = False
        else:
            done = yield from self._sync(instance, customer)
        if turn is not None and turn.has:
            turn.places.leave()
        instance.threads.leave()
        if done:
            self.done[customer] += 1
            self.tally.latencies.append(self.clock.now - arrived)
        else:
            self.tally.failed += 1
            self.clock.start(self._delivered(customer), REDELIVERED * (1 + self._rng.random()))

    def _sync(self, instance: Instance, customer: int) -> Answering:
        """Read or remember, plan, commit; again on a collision. Say whether it is done."""
        protocol, retry, clock = self._protocol, self._retry, self.clock
        end, tries = clock.now + retry.seconds, 0
        version = instance.recall(customer, clock.now - protocol.age)
        look = protocol.stranger if version is None else protocol.known
        while True:
            remembered = protocol.remembers and version is not None
            for trip in range(look.trips):
                yield from self._compute(instance, self._platform.ask)
                yield from self._travel()
                yield from self._serve(self._platform.read)
                if not remembered and trip == look.trips - 1:
                    version = self.versions[customer]
                yield from self._travel()
            self.tally.documents += look.documents
            yield from self._compute(instance, self._platform.plan)
            assert version is not None
            accepted = yield from self._commit(customer, version)
            if accepted:
                instance.remember(customer, version + 1, clock.now, protocol.room)
                return True
            self.tally.stale += remembered
            instance.memory.pop(customer, None)
            version, look = None, protocol.again
            if remembered:
                continue  # at once: nobody need be in the way, what was remembered was old
            wait = self._rng.random() * min(retry.longest_wait, retry.conflict_wait * 2**tries)
            tries += 1
            if clock.now + wait > end:
                return False
            yield wait

    def _commit(self, customer: int, relied_on: int) -> Answering:
        """Commit, if the document is as it was; say whether it was."""
        yield from self._travel()
        held = self._held[customer]
        yield held
        accepted = self.versions[customer] == relied_on
        yield from self._serve(self._platform.commit if accepted else self._platform.read)
        self.versions[customer] += accepted
        held.leave()
        self.tally.commits += 1
        self.tally.collisions += not accepted
        yield from self._travel()
        return accepted

    def _compute(self, instance: Instance, seconds: float) -> Process:
        """Compute: one thread of an instance at a time, on a core of the machine."""
        if seconds:
            yield instance.processor
            yield self._machine
            yield seconds * self._slower
            self._machine.leave()
            instance.processor.leave()

    def _serve(self, seconds: float) -> Process:
        """Have the database work, on a core of the machine where it shares one."""
        yield self._database
        yield self._machine
        yield self._spread(seconds) * self._slower
        self._machine.leave()
        self._database.leave()

    def _travel(self) -> Process:
        yield self._spread(self._platform.link / 2)

    def _spread(self, median: float) -> float:
        sigma = self._platform.spread
        return median * math.exp(self._rng.gauss(0.0, sigma)) if sigma else median


if __name__ == "__main__":
    from bench.predictions import main  # which needs this

    main()
