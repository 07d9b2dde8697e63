"""Snapshots that a process read or wrote lately, to plan from without reading them again.

What is remembered is a reading, only older: a handler may pause between reading and committing for
as long as it likes, and a commit relies on nothing but its preconditions. So a snapshot that is out
of date costs a commit that fails, and decides nothing (docs/decisions/041).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

from cachetools import TTLCache

from crm.db.documents import Path, Snapshot

MOST: Final = 64 * 2**20
"""Bytes that snapshots take at most, as `size_of` estimates them: an eighth of an instance."""

AGE: Final = 300.0
"""Seconds after which a snapshot is forgotten, used or not: an erased person is in no instance for
longer."""

_VALUE: Final = 64
"""What a number, a time or an empty text takes in CPython, about."""

_ENTRY: Final = 100
"""What an entry of a map takes, about: its key, and its place."""


class Memory:
    """Snapshots by path, those used longest ago forgotten first. Thread-safe.

    Args:
        most: Bytes that they may take.
        age: Seconds that one is kept.
        clock: Seconds that only go up.
    """

    def __init__(
        self,
        most: int = MOST,
        age: float = AGE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept: TTLCache[Path, Snapshot] = TTLCache(most, age, clock, _size)
        self._lock = threading.Lock()

    def get(self, path: Path) -> Snapshot | None:
        """Return the newest snapshot of a document that is remembered."""
        with self._lock:
            found: Snapshot | None = self._kept.get(path)
            return found

    def keep(self, snapshots: Iterable[Snapshot]) -> None:
        """Remember snapshots of documents that are there; of an older one nothing is learned."""
        for one in snapshots:
            if one.data is None:
                self.forget([one.path])
                continue
            with self._lock:
                held = self._kept.get(one.path)
                if held is not None and held.version >= one.version:
                    continue
                with suppress(ValueError):  # too large for all of the room
                    self._kept[one.path] = one

    def forget(self, paths: Iterable[Path]) -> None:
        """Forget documents that may have changed."""
        with self._lock:
            for path in paths:
                self._kept.pop(path, None)


def _size(one: Snapshot) -> int:
    return _ENTRY + len(one.path) + size_of(one.data)


def size_of(value: Any) -> int:
    """Estimate the bytes that a value of a document takes in memory."""
    if isinstance(value, str):
        return _VALUE + len(value)
    if isinstance(value, dict):
        return _VALUE + _ENTRY * len(value) + sum(map(size_of, value.values()))
    if isinstance(value, list | tuple):
        return _VALUE + sum(map(size_of, value))
    return _VALUE
