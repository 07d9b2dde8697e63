"""StripedLocks: threads of one process that would collide over a customer go one after the other.

Thirty people behind one box-office address buy at once, and an instance takes sixteen events at a
time. All but one of sixteen commits would fail and begin again from the reading. Other instances
know nothing of it: a turn saves collisions, and what is right never depends on it.

Where more come than commits can follow each other, whoever has waited for long gives up, and the
platform delivers the event again later: if all of them went on without a turn, they would collide
until nobody's commit came through, and no thread would be left for other customers' events.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from crm.core.errors import Transient

STRIPES: Final = 1_024
"""Locks. Two keys may share one: the second then waits for nothing, some milliseconds."""

LONGEST: Final = 10.0
"""Seconds to wait for a turn; after that the event is left to be delivered again."""


class StripedLocks:
    """Locks by key, of a fixed number, so that none is ever to be forgotten.

    Args:
        longest: Seconds to wait at most.
    """

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._locks: dict[int, threading.Lock] = {}  # made when they are first taken

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Have the turn of a key, for as long as the context lasts.

        Raises:
            Transient: It did not come; nothing was done.
        """
        lock = self._locks.setdefault(hash(key) % STRIPES, threading.Lock())
        if not lock.acquire(timeout=self._longest):
            raise Transient("too many others are in line for the same customer")
        try:
            yield
        finally:
            lock.release()
