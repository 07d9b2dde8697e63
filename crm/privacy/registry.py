"""The registry of personal data: every collection and field, and what becomes of it.

It says how a person's documents are found (by exact equality, never by likeness), what they are
for, what an export shows and what an erasure does. `docs/personal-data.md`, the record of
processing activities (GDPR art. 30), is made of it. A test fails for a stored field that it does
not know, and another for any residue of an erased person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ExportAction = Literal["shown", "internal", "no personal data"]

ErasureAction = Literal["deleted", "redacted", "kept", "no personal data"]


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields that are treated alike.

    Attributes:
        paths: Field paths, separated by spaces; `*` stands for one key that is itself data, or for
            each element of a list, and a last `**` for whatever is below.
        what: What they hold.
        export: Whether an export of the person shows them; `internal`: it is derived from what it
            shows, or a key.
        erasure: What an erasure does to them.
        why: Why they are kept, where they are.
    """

    paths: str
    what: str
    export: ExportAction
    erasure: ErasureAction
    why: str = ""

    @property
    def patterns(self) -> tuple[str, ...]:
        """The single paths."""
        return tuple(self.paths.split())

    def covers(self, path: tuple[str, ...]) -> bool:
        """Return whether a stored field is one of these; an empty map is known by its own path."""
        return any(_matches(tuple(one.split(".")), path) for one in self.patterns)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection.

    Attributes:
        path: Its path.
        purpose: What it is for.
        found: How a person's documents in it are found.
        fields: What they hold.
    """

    path: str
    purpose: str
    found: str
    fields: tuple[Fields, ...]

    def knows(self, path: tuple[str, ...]) -> bool:
        """Return whether a stored field is declared."""
        return any(fields.covers(path) for fields in self.fields)


def _matches(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    if pattern == ("**",):
        return True
    if not path:
        return True  # an empty map, or null where a map can be
    if not pattern or pattern[0] not in {"*", path[0]}:
        return False
    return _matches(pattern[1:], path[1:])
