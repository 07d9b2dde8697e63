"""A queue at its worst: whatever comes in any order, twice, dies half-way, or is beside another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from crm.db.collections import SLICES
from crm.entrypoints.job_kinds import KINDS
from crm.jobs import fan_out
from crm.jobs.slices import parsed
from testing.world import World
from tests.support.faults import Killed

LONG = 60.0


@dataclass(frozen=True)
class Turn:
    """What becomes of one delivery.

    Attributes:
        which: Which task of the queue is taken.
        twice: It is delivered, and stays in the queue.
        long: It goes on to the end of its slice; else it takes one step.
        dies: The worker is killed at this remote call; the queue delivers again.
        beside: Another task is delivered whole at this remote call.
    """

    which: int = 0
    twice: bool = False
    long: bool = False
    dies: int | None = None
    beside: int | None = None


_call = st.none() | st.integers(1, 60)

turns = st.lists(
    st.builds(Turn, st.integers(0, 9), st.booleans(), st.booleans(), _call, _call), max_size=40
)
"""What becomes of the first deliveries; those that follow are undisturbed."""


@dataclass
class Workers:
    """Workers of a world's queue.

    Attributes:
        world: The world.
        met: What happened, for tests that would say nothing without it.
        most: How many slices there were at once.
    """

    world: World
    met: set[str] = field(default_factory=set)
    most: int = 0

    def deliver(self, task: str, seconds: float) -> None:
        """What the queue does with a task."""
        world = self.world
        runner = replace(world.runner, actor="system")
        fan_out.work(runner, KINDS, world.queue.append, parsed(task), seconds)
        self.most = max(self.most, len(world.store.all(SLICES)))

    def work(self, *plan: Turn) -> None:
        """Deliver until nothing is left."""
        queue = self.world.queue
        rest = iter(plan)
        for _ in range(2_000):
            if not queue:
                return
            self._deliver(next(rest, Turn(long=True)))
        raise AssertionError("the queue never gets empty")

    def _deliver(self, turn: Turn) -> None:
        queue = self.world.queue
        queue[:] = dict.fromkeys(queue)  # one copy is enough: they would only grow in number
        task = queue.pop(turn.which % len(queue))
        if turn.twice:
            queue.append(task)
            self.met.add("twice")
        self.world.store.pause = self._meanwhile(turn)
        try:
            self.deliver(task, LONG if turn.long else 0)
        except Killed:
            self.met.add("killed")
            queue.append(task)
        finally:
            self.world.store.pause = lambda: None

    def _meanwhile(self, turn: Turn) -> Callable[[], None]:
        calls = 0

        def pause() -> None:
            nonlocal calls
            calls += 1
            if turn.dies is not None and calls >= turn.dies:  # it stays dead, in all its threads
                raise Killed
            if calls == turn.beside and self.world.queue:
                self.met.add("beside")
                task = self.world.queue.pop(0)
                store, inner = self.world.store, self.world.store.pause
                store.pause = lambda: None
                self.deliver(task, 0)
                store.pause = inner

        return pause
