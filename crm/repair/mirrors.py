"""The host's two collections, each beside what CRM-Lite knows of it.

Both are read in the order of ids, so they can be gone through together, range by range, with a page
of each in memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from crm.config.sources import Source
from crm.db.collections import IDENTITIES, ORDERS
from crm.db.documents import BY_ID, Clause, Path, Query, Snapshot, Store, quoted
from crm.db.retry import RetryPolicy
from crm.db.scan import PAGE
from crm.repair.partitions import Range, in_range
from crm.sync.sync import Sync

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")

ALL: Final[Range] = (None, None)


@dataclass(frozen=True)
class Chunk:
    """Some documents of the host, and what is known of them.

    Attributes:
        there: The host's documents, without their fields.
        rows: Document id to what is known of that document, which is taken to be there.
        following: The id where the next chunk begins; None at the end.
    """

    there: Sequence[Snapshot]
    rows: Mapping[str, Snapshot]
    following: str | None

    @property
    def ids(self) -> list[str]:
        """The ids of all documents that are there or taken to be."""
        return list(dict.fromkeys([*(document.id for document in self.there), *self.rows]))

    @property
    def stale(self) -> list[str]:
        """Ids of documents that are not known, known as they were before, or known and gone."""
        there = {document.id: document.version for document in self.there}
        seen = {name: row.fields["version"] for name, row in self.rows.items()}
        behind = [name for name, version in there.items() if seen.get(name, -1) < version]
        return behind + [name for name in seen if name not in there]


@dataclass(frozen=True)
class Mirror:
    """A collection of the host, and what CRM-Lite knows of it.

    Attributes:
        path: The collection.
        known_in: The collection of rows that account for its documents, one row each.
        live: The clause for rows whose document is taken to be there.
        key: The field of a row that holds the document's id.
        handle: Brings CRM-Lite up to one document; says whether anything was written.
        place: Gives the path of the row of one document.
        created: The field that says when a document was created, where there is a plain one.
    """

    path: str
    known_in: str
    live: Clause
    key: str
    handle: Callable[[str], bool]
    place: Callable[[str], Path]
    created: str | None = None

    def documents(self, ids: Range, limit: int | None = None) -> Query:
        """Return the query for what the host has."""
        where = in_range(BY_ID[0], ids)
        return Query(self.path, where, BY_ID, limit, keys_only=True)

    def known(self, ids: Range, limit: int | None = None, *, deleted: bool = False) -> Query:
        """Return the query for rows of what is taken to be there, and of what is `deleted` too."""
        live = () if deleted else (self.live,)
        where = (*live, *in_range(self.key, ids))
        return Query(self.known_in, where, (self.key, "asc"), limit)

    def newest(self, limit: int) -> Query | None:
        """Return the query for what was created last; None where no field tells."""
        if self.created is None:
            return None
        return Query(self.path, (), (self.created, "desc"), limit, keys_only=True)

    def chunk(
        self, store: Store, retry: RetryPolicy, ids: Range, limit: int, *, deleted: bool = False
    ) -> Chunk:
        """Read the beginning of a range: at most `limit` of the host's documents.

        With `deleted` its rows are also those of documents that are known to be gone.

        Raises:
            Transient: Not answered before the deadline.
        """
        low, high = ids
        found = retry.call(partial(store.find, self.documents(ids, limit + 1)))
        following = found[limit].id if len(found) > limit else None
        within = (low, high if following is None else following)
        rows = {self._id_of(row): row for row in self._rows(store, retry, within, deleted)}
        return Chunk(found[:limit], rows, following)

    def read_again(self, store: Store, retry: RetryPolicy, ids: Sequence[str]) -> Chunk:
        """Read single documents as they are now, and what is known of them.

        Raises:
            Transient: Not answered before the deadline.
        """
        there = {f"{self.path}/{name}": name for name in ids}
        known = {self.place(name): name for name in ids}
        found = retry.call(partial(store.read, [*there, *known]))
        field, _, value = self.live
        rows = {
            name: found[path]
            for path, name in known.items()
            if found[path].exists and found[path].fields[field] == value
        }
        return Chunk([found[path] for path in there if found[path].exists], rows, None)

    def _rows(
        self, store: Store, retry: RetryPolicy, ids: Range, deleted: bool
    ) -> Iterator[Snapshot]:
        low, high = ids
        while True:
            query = self.known((low, high), PAGE + 1, deleted=deleted)
            rows = retry.call(partial(store.find, query))
            yield from rows[:PAGE]
            if len(rows) <= PAGE:
                return
            low = self._id_of(rows[PAGE])

    def _id_of(self, row: Snapshot) -> str:
        name: str = row.id if self.key == BY_ID[0] else row.fields[self.key]
        return name


def mirrors(sync: Sync) -> tuple[Mirror, Mirror]:
    """Return both; users first, so that orders find them."""
    settings = sync.runner.settings
    return (
        Mirror(
            settings.users.path,
            IDENTITIES,
            ("live", "==", True),
            "uid",
            sync.sync_user,
            lambda uid: f"{IDENTITIES}/{sync.runner.keys.user(uid)}",
        ),
        Mirror(
            settings.orders.path,
            ORDERS,
            ("deleted", "==", False),
            BY_ID[0],
            sync.sync_order,
            lambda order_id: f"{ORDERS}/{order_id}",
            plain_field(settings.orders.fields.created_at),
        ),
    )


def plain_field(sources: Sequence[Source]) -> str | None:
    """Return the path of a field that has one plain source, as Firestore writes it."""
    if len(sources) != 1 or not sources[0].plain:
        return None
    return ".".join(key if _WORD.fullmatch(key) else quoted(key) for key in sources[0].path)
