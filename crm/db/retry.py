"""Starting again: one wrapper around everything that can collide or find the service away."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from crm.core.errors import Conflict, Paused, Transient

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """How long to try, and how to wait in between.

    A collision is over as soon as the other's commit is through, so the first wait is short; the
    bound doubles with each try, and jitter over the whole bound keeps writers from meeting again
    ("full jitter", AWS Architecture Blog, 2015). A service that is away gets more time.

    Args:
        seconds: The deadline, counted from the first try: the last one begins then. Less than a
            function's own time limit.
        conflict_wait: Bound of the first wait after a collision, in seconds.
        transient_wait: Bound of the first wait after no answer, in seconds.
        longest_wait: Bound of any wait, in seconds.
    """

    seconds: float = 60.0
    conflict_wait: float = 0.02
    transient_wait: float = 0.2
    longest_wait: float = 4.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = field(default=random.random)

    def call(self, attempt: Callable[[], T]) -> T:
        """Call `attempt` until it neither collides nor finds the service away.

        Raises:
            Conflict, Transient: The last one, when the deadline has passed; `Paused` at once.
                Nothing was done then that a later try would not do again or find done.
        """
        end = self.clock() + self.seconds
        tries = 0
        while True:
            try:
                return attempt()
            except Paused:
                raise
            except (Conflict, Transient) as error:
                base = self.conflict_wait if isinstance(error, Conflict) else self.transient_wait
                wait = self.jitter() * min(self.longest_wait, base * 2**tries)
                tries += 1
                left = end - self.clock()
                if left <= 0:
                    log.warning("gave up after %d tries: %s", tries, type(error).__name__)
                    raise
                self.sleep(min(wait, left))  # a long wait by chance must not end it early


INTERACTIVE: Final = RetryPolicy(seconds=15.0)
"""For calls that somebody is waiting for; a callable's own time limit is 60 seconds."""


def interactive(retry: RetryPolicy) -> RetryPolicy:
    """Return how long to try where somebody is waiting: never longer than `retry` would."""
    return retry if retry.seconds < INTERACTIVE.seconds else INTERACTIVE
