"""How large documents and their index entries are, by Firestore's published rules.

https://firebase.google.com/docs/firestore/storage-size, as noted on 2026-11-28. An estimate: what
the database charges for may be more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

INDEXES: Final = Path(__file__).parents[1] / "firestore.indexes.json"

OVERHEAD: Final = 32
"""Bytes of each document, and of each index entry."""

NAME: Final = 16
"""Bytes of each document's name beside its parts."""

BOTH_WAYS: Final = (("order", "ASCENDING"), ("order", "DESCENDING"))
CONTAINS: Final = ("arrayConfig", "CONTAINS")


@dataclass(frozen=True)
class Size:
    """What a document takes.

    Attributes:
        document: Its own bytes.
        index: Bytes of its index entries.
        entries: How many there are.
    """

    document: int
    index: int
    entries: int

    @property
    def total(self) -> int:
        """All bytes."""
        return self.document + self.index


@dataclass(frozen=True)
class Indexes:
    """What `firestore.indexes.json` declares.

    Attributes:
        composite: Collection to the fields of each composite index.
        single: Collection and field to the ways in which it is indexed, where not as by default.
    """

    composite: Mapping[str, list[list[str]]]
    single: Mapping[tuple[str, str], list[tuple[str, str]]]

    @classmethod
    def of(cls, declared: Mapping[str, Any]) -> Indexes:
        """Read a declaration."""
        composite: dict[str, list[list[str]]] = {}
        for one in declared["indexes"]:
            fields = [field["fieldPath"] for field in one["fields"]]
            composite.setdefault(one["collectionGroup"], []).append(fields)
        single = {
            (one["collectionGroup"], one["fieldPath"]): [
                (key, way) for index in one["indexes"] for key, way in index.items() if key != SCOPE
            ]
            for one in declared["fieldOverrides"]
        }
        return cls(composite, single)

    @classmethod
    def declared(cls) -> Indexes:
        """Return what the project declares."""
        return cls.of(json.loads(INDEXES.read_text(encoding="utf-8")))

    def ways(self, collection: str, field: str) -> list[tuple[str, str]]:
        """Return how a field is indexed: as is said of it, or of the map that it is in."""
        while True:
            found = self.single.get((collection, field))
            if found is not None:
                return found
            field, _, last = field.rpartition(".")
            if not last or not field:
                return [*BOTH_WAYS, CONTAINS]

    def size(self, path: str, data: Mapping[str, Any]) -> Size:
        """Return what a document takes."""
        collection = path.split("/")[0]
        name = NAME + sum(len(part.encode()) + 1 for part in path.split("/"))
        entries = [
            name + OVERHEAD + len(field.encode()) + 1 + bytes_of(value)
            for field, value, kind in leaves(data)
            for way in self.ways(collection, field)
            if (way == CONTAINS) == (kind == "element")
        ]
        for fields in self.composite.get(collection, []):
            entries += [name + OVERHEAD + size for size in _composite(data, fields)]
        own = name + OVERHEAD + bytes_of(data)
        return Size(own, sum(entries), len(entries))


SCOPE: Final = "queryScope"


def leaves(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield what automatic indexes have of a document: values, and elements of lists."""
    for key, value in data.items():
        field = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from leaves(value, f"{field}.")
        elif isinstance(value, list | tuple):
            yield from ((field, element, "element") for element in value)
        else:
            yield field, value, "value"


def _composite(data: Mapping[str, Any], fields: list[str]) -> Iterator[int]:
    """Yield the values' bytes of each entry of a composite index: one for each element."""
    if any(field not in data for field in fields):
        return
    lists = [data[field] for field in fields if isinstance(data[field], list | tuple)]
    fixed = sum(
        bytes_of(data[field]) for field in fields if not isinstance(data[field], list | tuple)
    )
    yield from (fixed + bytes_of(one) for one in lists[0]) if lists else (fixed,)


def bytes_of(value: Any) -> int:
    """Return the bytes of a value."""
    match value:
        case None | bool():
            return 1
        case str():
            return len(value.encode()) + 1
        case int() | float() | datetime():
            return 8
        case Mapping():
            return sum(len(str(key).encode()) + 1 + bytes_of(one) for key, one in value.items())
        case list() | tuple():
            return sum(map(bytes_of, value))
    raise TypeError(f"Firestore has no {type(value).__name__}")
