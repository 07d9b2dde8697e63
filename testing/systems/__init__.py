"""Orders of real systems, as a host stores them, with what each of them means.

A folder for each system: `orders.json`, at least ten documents in full in the shape that the
system's own documentation publishes, each with the value worked out by hand from there; and
`crm.toml`, the mapping with which they are read. What JSON cannot say is an object of one key:
`{"$timestamp": "2024-05-05T12:00:00Z"}` and `{"$reference": "users/u1"}`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent

SYSTEMS: Final = tuple(sorted(one.parent.name for one in ROOT.glob("*/orders.json")))


@dataclass(frozen=True)
class Reference:
    """A document reference, as much of it as is read: a path, and its last name."""

    path: str

    @property
    def id(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Document:
    """One order of a system.

    Attributes:
        id: The document's id.
        why: What it is an example of.
        data: Its fields, with times and references in place of their tags.
        expected: What it means: `quarantine` with a reason, or the order's values.
    """

    id: str
    why: str
    data: dict[str, Any]
    expected: dict[str, Any]


def mapping(system: str) -> Path:
    """Return the `crm.toml` of a system."""
    return ROOT / system / "crm.toml"


def documents(system: str) -> list[Document]:
    """Return the orders of a system."""
    rows = json.loads((ROOT / system / "orders.json").read_text("utf-8"))
    return [Document(one["id"], one["why"], _plain(one["data"]), one["expected"]) for one in rows]


def _plain(value: Any) -> Any:
    """Return a value with what its tags stand for."""
    match value:
        case {"$timestamp": str() as text, **rest} if not rest:
            return datetime.fromisoformat(text)
        case {"$reference": str() as path, **rest} if not rest:
            return Reference(path)
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list():
            return [_plain(one) for one in value]
    return value
