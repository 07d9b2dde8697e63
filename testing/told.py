"""What events tell, as a test delivers them: true, old, without fields; and memories that lie."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from crm.db.documents import Path, Snapshot, Store, read_one
from crm.db.memory import Memory
from crm.sync.told import Told


def told(store: Store, path: Path, *, is_new: bool = False) -> Told | None:
    """What an event of a document tells that is delivered now; None where there is none."""
    found = read_one(store, path)
    return of(found, is_new=is_new) if found.data is not None else None


def of(found: Snapshot, *, is_new: bool = False) -> Told:
    """What an event tells of a document at one of its versions."""
    return Told(dict(found.fields), found.version, found.created, is_new)


class Teller:
    """Tells of documents as the platform does: at any of their versions, or next to nothing.

    Args:
        store: Where they are.
        chance: Draws.
    """

    def __init__(self, store: Store, chance: random.Random) -> None:
        self._store, self._chance = store, chance
        self._past: dict[Path, list[Told]] = defaultdict(list)

    def tell(self, path: Path, *, is_new: bool) -> list[Told | None]:
        """What the events of a document tell that come now: of the last one it is as it is."""
        past = self._past[path]
        now = told(self._store, path, is_new=is_new)
        if now is not None:
            past.append(now)
        draw = self._chance.random()
        if draw < 0.15:
            return [None]
        if draw < 0.25:  # of whom it is, and that can be wrong
            return [Told({"email": "p0@example.com", "userId": "u0"})]
        if draw < 0.4 and past:  # before it one of another time, and perhaps its first
            return [self._chance.choice(past), now]
        return [now] * (2 if draw < 0.5 else 1)


class Forgetful(Memory):
    """A memory that answers anything it was ever told, however old."""

    def __init__(self, chance: random.Random, share: float = 0.3) -> None:
        super().__init__()
        self._chance, self._share = chance, share
        self._all: dict[Path, list[Snapshot]] = defaultdict(list)
        self._own = threading.Lock()

    def keep(self, snapshots: Iterable[Snapshot]) -> None:
        some = [*snapshots]
        with self._own:
            for one in some:
                if one.data is not None:
                    self._all[one.path].append(one)
        super().keep(some)

    def get(self, path: Path) -> Snapshot | None:
        with self._own:
            past = self._all.get(path)
            if past and self._chance.random() < self._share:
                return self._chance.choice(past)
        return super().get(path)


def held(memory: Memory) -> dict[Path, Any]:
    """What a memory holds."""
    return dict(memory._kept)
