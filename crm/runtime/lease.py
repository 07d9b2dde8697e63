"""A database that is written only while its secret is still this process's.

`rotate-key` renames what identities are stored under. A process that went on under the earlier
secret meanwhile would make a second person of everybody who has been renamed. So each asks again,
before a commit, whether the secret still holds, if it has not asked for `SECONDS`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from crm.core.errors import ConfigError, Paused
from crm.core.keyring import Keyring
from crm.db.documents import Path, Query, Snapshot, Store, Sum, Version, Write
from crm.runtime.key_fingerprint import check_key

SECONDS: Final = 10.0
"""Between two looks at the mark of the secret: one read, whatever the traffic."""


class LeasedStore:
    """A `documents.Store` whose commits stop when the secret is replaced.

    Args:
        store: The database.
        keys: What this process works under.
        lost: Called when the secret holds no more: the process must begin anew.
        clock: Seconds that only go up.
    """

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        lost: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._keys, self._lost, self._clock = store, keys, lost, clock
        self._until = clock() + SECONDS

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        """Read documents."""
        return self._store.read(paths)

    def find(self, query: Query) -> list[Snapshot]:
        """Run a query."""
        return self._store.find(query)

    def count(self, query: Query) -> int:
        """Count what a query would find."""
        return self._store.count(query)

    def sum(self, query: Query, field: str) -> Sum:
        """Count what a query would find, and add up a field."""
        return self._store.sum(query, field)

    def at(self, moment: datetime | None = None) -> Store:
        """Return the database at one moment; nothing is written to it."""
        return self._store.at(moment)

    @property
    def moment(self) -> datetime | None:
        """The moment of a frozen view."""
        return self._store.moment

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        """Carry out all writes, or none.

        Raises:
            Paused: The secret holds no more.
            Conflict, Rejected, Transient: As of every store.
        """
        if writes:
            self._renew()
        return self._store.commit(writes)

    def _renew(self) -> None:
        asked = self._clock()
        if asked < self._until:
            return
        try:
            check_key(self._store, self._keys)
        except ConfigError:
            self._lost()
            # Not for this process, which may have the new secret in its next try.
            raise Paused("CRM_KEY of this database was replaced meanwhile.") from None
        except Paused:
            self._lost()
            raise
        self._until = asked + SECONDS
