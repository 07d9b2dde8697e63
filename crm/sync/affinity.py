"""What an instance does for events of one customer that come to it together or soon after.

Both are hints: a plan relies on what it reads alone, and what is right never depends on them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from crm.db.collections import CUSTOMERS, IDENTITIES
from crm.db.documents import Delete, Path, Write, document_id
from crm.sync.customer_cache import CustomerCache


@dataclass(frozen=True)
class Affinity:
    """Which customer an order leads to, as far as this process has seen, and whose turn it is.

    The keys that its methods take are of the identities that an order names, the one that decides
    whose it is first; none where nothing is known of the order yet.

    Attributes:
        cache: Whom events have led to so far.
        hold: Has one wait for others of this process who hold the same key; by default nobody
            does.
    """

    cache: CustomerCache = field(default_factory=CustomerCache)
    hold: Callable[[str], AbstractContextManager[object]] = nullcontext

    def turn(self, keys: Sequence[str]) -> AbstractContextManager[object]:
        """Return the turn of an order's customer, or of its identity where none is known."""
        return self.hold(self._customer_of(keys) or keys[0]) if keys else nullcontext()

    def prefetch(self, keys: Sequence[str]) -> tuple[Path, ...]:
        """Return what the plan of an order will likely ask for."""
        seen = self._customer_of(keys)
        customer = [f"{CUSTOMERS}/{seen}"] if seen else []
        return (*(f"{IDENTITIES}/{key}" for key in keys), *customer)

    def remember(self, keys: Sequence[str], writes: Sequence[Write]) -> None:
        """Remember the one customer that an order's commit has written, if it was one."""
        written = [
            document_id(write.path)
            for write in writes
            if write.path.startswith(f"{CUSTOMERS}/") and not isinstance(write, Delete)
        ]
        if keys and len(written) == 1:
            self.cache.put(keys[0], written[0])

    def _customer_of(self, keys: Sequence[str]) -> str | None:
        return self.cache.get(keys[0]) if keys else None
