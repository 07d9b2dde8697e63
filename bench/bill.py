"""What Firestore bills, counted at the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from crm.db.documents import Delete, Path, Query, Snapshot, Store, Sum, Version, Write

ENTRIES: Final = 1_000
"""Index entries of an aggregation that are billed as one read."""

PRICES: Final = {"reads": 0.06, "aggregations": 0.06, "writes": 0.18, "deletes": 0.02}
"""US dollars for 100,000 in nam5, the multi-region of the United States: the list price of
https://cloud.google.com/firestore/pricing, noted on 2026-11-22. Without the free quota of a day.
"""


@dataclass
class Bill:
    """What was asked of Firestore.

    Attributes:
        reads: Documents read, missing ones too; an empty query is one.
        aggregations: Reads that counts are billed as.
        writes: Documents written.
        deletes: Documents deleted.
        trips: Round trips; they are not billed, but waited for.
    """

    reads: int = 0
    aggregations: int = 0
    writes: int = 0
    deletes: int = 0
    trips: int = 0

    @property
    def per_million(self) -> float:
        """US dollars for a million of these."""
        units: dict[str, int] = asdict(self)
        return round(sum(10 * price * units[name] for name, price in PRICES.items()), 2)

    def clear(self) -> Bill:
        """Begin again; give what there was."""
        was = Bill(**asdict(self))
        self.__init__()  # type: ignore[misc]
        return was


class Counting:
    """A `documents.Store` that keeps a bill of what another one does."""

    def __init__(self, store: Store, bill: Bill) -> None:
        self._store, self.bill = store, bill

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        """Read documents."""
        wanted = list(paths)
        self.bill.reads += len(wanted)
        self.bill.trips += bool(wanted)
        return self._store.read(wanted)

    def find(self, query: Query) -> list[Snapshot]:
        """Run a query."""
        found = self._store.find(query)
        self.bill.reads += max(1, len(found))
        self.bill.trips += 1
        return found

    def count(self, query: Query) -> int:
        """Count by aggregation."""
        number = self._store.count(query)
        self.bill.aggregations += max(1, -(-number // ENTRIES))
        self.bill.trips += 1
        return number

    def sum(self, query: Query, field: str) -> Sum:
        """Count and add up by aggregation."""
        found = self._store.sum(query, field)
        self.bill.aggregations += max(1, -(-found.documents // ENTRIES))
        self.bill.trips += 1
        return found

    @property
    def moment(self) -> datetime | None:
        """The moment of a frozen view."""
        return self._store.moment

    def at(self, moment: datetime | None = None) -> Counting:
        """Return the database at one moment; to learn which one costs the read of a document."""
        if moment is None:
            self.bill.reads += 1
            self.bill.trips += 1
        return Counting(self._store.at(moment), self.bill)

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        """Carry out all writes or none; what fails is not billed."""
        self.bill.trips += bool(writes)
        versions = self._store.commit(writes)
        deletes = sum(isinstance(write, Delete) for write in writes)
        self.bill.deletes += deletes
        self.bill.writes += len(writes) - deletes
        return versions
