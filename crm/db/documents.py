"""Documents as CRM-Lite reads, finds and writes them: plain values, whatever the database.

A plan reads `Snapshot`s and answers `Write`s; `documents.Store` is what carries them out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol

Data = Mapping[str, Any]

Path = str
"""A document's path below the database's root, such as `customers/abc`."""

Version = int
"""A moment of the database in nanoseconds since 1970: exact, comparable, 64 bits until 2262.

An update time can carry nanoseconds, and a timestamp stored in a field keeps microseconds: recorded
as one, a version would look older than itself.
"""


def version_of(moment: datetime) -> Version:
    """Return a timestamp's exact version, nanoseconds included where the type carries them."""
    # Arithmetic on the client library's type keeps the microseconds and drops the nanoseconds.
    nanos: int = getattr(moment, "nanosecond", 0) or moment.microsecond * 1000
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000_000 + nanos


def moment_of(version: Version) -> datetime:
    """Return the UTC time of a version, to the microsecond."""
    seconds, nanos = divmod(version, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanos // 1000)


def document_id(path: Path) -> str:
    """Return the last segment of a path."""
    return path.rsplit("/", 1)[1]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document as it was read.

    Attributes:
        path: Where it is.
        data: Its fields, or None where there is no such document.
        version: Its update time; of a missing document the time of reading.
        created: When it was created; None for a missing one.
        size: What its fields take as JSON, in bytes; 0 where the query had no bound on that.
    """

    path: Path
    data: Data | None
    version: Version
    created: datetime | None = None
    size: int = field(default=0, compare=False)

    @property
    def id(self) -> str:
        """The document's id."""
        return document_id(self.path)

    @property
    def exists(self) -> bool:
        """Whether the document was there."""
        return self.data is not None

    @property
    def fields(self) -> Data:
        """The fields; empty for a missing document."""
        return self.data or {}


@dataclass(frozen=True, slots=True)
class Sum:
    """What a query finds, added up.

    Attributes:
        documents: How many.
        total: The sum of one of their fields.
    """

    documents: int
    total: int

    def __sub__(self, other: Sum) -> Sum:
        return Sum(self.documents - other.documents, self.total - other.total)


@dataclass(frozen=True, slots=True)
class Create:
    """Write a document that must not be there yet."""

    path: Path
    data: Data


IN_QUERY: Final = 30
"""Values that one query takes, of `in` and `array_contains_any` (a Firestore limit)."""

REMOVED: Final = object()
"""As a value in `Update`: the field goes."""


def quoted(key: str) -> str:
    """Return the path of a field of any name, such as a host's own `a~b`."""
    return "`" + key.replace("\\", "\\\\").replace("`", "\\`") + "`"


def key_path(field: str, key: str) -> str:
    """Return the path of a key in a map; the key is quoted, whatever it holds."""
    return f"{field}.{quoted(key)}"


@dataclass(frozen=True, slots=True)
class Update:
    """Set fields of a document that is still at `version`; each is named by its path.

    Attributes:
        path: The document.
        data: The fields that change.
        version: The version that it must have.
        whole: The document as this leaves it, where that is known (see `diff.replaced`).
    """

    path: Path
    data: Data
    version: Version
    whole: Data | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Set:
    """Write a document whatever is there; only beside a write that guards it."""

    path: Path
    data: Data


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a document; one that must still be at `version` where that is given."""

    path: Path
    version: Version | None = None


Write = Create | Update | Set | Delete

Clause = tuple[str, Literal["==", "in", "array_contains", "array_contains_any", "<", ">="], Any]
"""A field's path, an operator and a value. In a path a key is quoted where it is not a plain word:
`` facets.`t:vip` ``. The path `__name__` stands for the document's id.
"""


@dataclass(frozen=True, slots=True)
class Query:
    """Documents of one collection for which every clause holds, in one field's order.

    `BY_ID` orders by the id alone, which needs no composite index whatever the equalities.

    The collection of the host's orders can be a pattern (`crm.config.paths`): an id is a name of
    the pattern then. Firestore has no such query. What is counted are all collections of the same
    id below the pattern's fixed beginning, also those that it does not fit; and in the order of a
    field, the limit is one of all collections of that id.
    """

    collection: str
    where: tuple[Clause, ...] = ()
    order: tuple[str, Literal["asc", "desc"]] | None = None
    limit: int | None = None
    after: tuple[Any, str] | None = None
    """Continue behind this value of the ordering field and this document id."""
    keys_only: bool = False
    """Answer snapshots without their fields."""
    either: tuple[tuple[Clause, ...], ...] = ()
    """Where there are any: of these conjunctions at least one must hold too."""
    most_bytes: int | None = None
    """The answer ends with the document by which it holds so much as JSON; with the first, even."""

    def is_answered(self, found: Sequence[Snapshot]) -> bool:
        """Return whether these are all there are; False where limit or bytes may have cut them."""
        if self.limit is not None and len(found) >= self.limit:
            return False
        return self.most_bytes is None or sum(one.size for one in found) < self.most_bytes


def up_to(most_bytes: int | None, found: Iterable[Snapshot]) -> Iterator[Snapshot]:
    """Return documents up to the one by which they hold so much as JSON (see `Query`)."""
    held = 0
    for one in found:
        if most_bytes is not None:
            # Whatever a document holds: a time, a place or a reference takes what its text does.
            one = replace(one, size=len(json.dumps(one.data, default=str)))
            held += one.size
        yield one
        if most_bytes is not None and held >= most_bytes:
            return


BY_ID: tuple[str, Literal["asc", "desc"]] = ("__name__", "asc")


class Store(Protocol):
    """A database of documents with preconditions (Firestore, or memory in tests).

    Raises, every method: `Conflict` where a precondition failed, `Transient` where the service
    did not answer; of `commit` also `Rejected` where a document would be over a limit. A commit
    that raises `Transient` may have happened all the same.
    """

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        """Read documents in one round trip; they can be of different moments (but see `frozen`)."""

    def find(self, query: Query) -> list[Snapshot]:
        """Run a query."""

    def count(self, query: Query) -> int:
        """Count what a query would find; its order, start and fields play no part, its limit does.

        Firestore bills one read for each 1,000 index entries that it looks at.
        """

    def sum(self, query: Query, field: str) -> Sum:
        """Count what a query would find and add up a field, which holds a whole number in all.

        As `count`. Firestore needs an index that ends with the field.
        """

    def at(self, moment: datetime | None = None) -> Store:
        """Return the database at one moment: whatever is read through it is of that.

        Good for an hour (Firestore `read_time`), and for reading only.

        Args:
            moment: The `moment` of an earlier view, to go on with it; None for now.
        """

    @property
    def moment(self) -> datetime | None:
        """The moment of a frozen view, to the microsecond; None for the database itself."""

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        """Carry out all writes, or none where one precondition does not hold.

        Returns:
            The version that each document has then; of a deleted one it means nothing. A document
            that a write does not change keeps its own.
        """


def read_one(store: Store, path: Path) -> Snapshot:
    """Return one document as it is read.

    Raises:
        Transient: The service did not answer.
    """
    return store.read([path])[path]
