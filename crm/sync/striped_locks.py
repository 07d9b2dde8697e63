"""StripedLocks: threads of one process that would collide over a customer go one after the other.

Thirty people behind one box-office address buy at once, and an instance takes sixteen events at a
time. All but one of sixteen commits would fail and begin again from the reading. Other instances
know nothing of it: a turn saves collisions, and what is right never depends on it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

STRIPES: Final = 1_024
"""Locks. Two keys may share one: the second then waits for nothing, some milliseconds."""

LONGEST: Final = 5.0
"""Seconds to wait for a turn; after that one goes on without."""


class StripedLocks:
    """Locks by key, of a fixed number, so that none is ever to be forgotten.

    Args:
        longest: Seconds to wait at most.
    """

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._locks = [threading.Lock() for _ in range(STRIPES)]

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Have the turn of a key, for as long as the context lasts."""
        lock = self._locks[hash(key) % STRIPES]
        mine = lock.acquire(timeout=self._longest)
        try:
            yield
        finally:
            if mine:
                lock.release()
