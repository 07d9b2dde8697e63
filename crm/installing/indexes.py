"""A host's `firestore.indexes.json`: our entries joined to it, and parted again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from crm.core.errors import ConfigError
from crm.installing.edits import added, without
from crm.installing.jsonc import Node, read

KINDS: Final = ("indexes", "fieldOverrides")

Indexes = Mapping[str, Sequence[Mapping[str, Any]]]
"""What such a file holds."""


def of_text(text: str, file: str) -> Indexes:
    """Return what a file of indexes holds.

    Raises:
        ConfigError: It is not a file of indexes.
    """
    return {kind: node.value if node else [] for kind, node in _lists(text, file)}


def joined(
    text: str, ours: Indexes, file: str, former: Collection[str] = (), said: list[str] | None = None
) -> str:
    """Return a file of indexes with ours behind those that are there.

    What is there already is not written again. Of a field that the host treats in another way, the
    host's entry stays.

    Args:
        text: The file.
        ours: Our entries.
        file: What errors call the file.
        former: The marks of entries that an older version of ours put in (`marks`): those that are
            not ours any more go.
        said: Takes a sentence for each field of which the host's entry differs from ours.

    Raises:
        ConfigError: It is not a file of indexes.
    """
    kept = {mark_of(kind, one) for kind in KINDS for one in ours.get(kind, ())}
    text = parted(text, {mark for mark in former if mark not in kept}, file)
    for kind in KINDS:
        root = read(text, file)
        node = root.member(kind)
        there = list(node.value) if node else []
        missing = []
        for entry in ours.get(kind, ()):
            same = [one for one in there if _key(kind, one) == _key(kind, entry)]
            if not same:
                missing.append(entry)
            elif said is not None and all(_plain(kind, o) != _plain(kind, entry) for o in same):
                said.append(_differs(entry, file))
        if missing and node is None:
            text = added(text, root, missing, key=kind)
        elif missing and node is not None:
            text = added(text, node, *missing)
    return text


def parted(text: str, marks: Collection[str], file: str) -> str:
    """Return a file of indexes without the entries that have these marks.

    Raises:
        ConfigError: It is not a file of indexes.
    """
    for kind in KINDS:
        for first, count in reversed(list(_runs(kind, text, marks, file))):
            node = dict(_lists(text, file))[kind]
            assert node is not None
            text = without(text, node, first, count)
    return text


def marks(before: str, after: str, file: str) -> list[str]:
    """Return marks of the entries that one text has and the one before did not.

    Raises:
        ConfigError: One is not a file of indexes.
    """
    old, new = of_text(before, file), of_text(after, file)
    had = {mark_of(kind, one) for kind in KINDS for one in old[kind]}
    return sorted({mark_of(kind, one) for kind in KINDS for one in new[kind]} - had)


def mark_of(kind: str, entry: Mapping[str, Any]) -> str:
    """Return what tells an entry from others, whatever the order of its keys."""
    text = json.dumps([kind, _plain(kind, entry)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _runs(kind: str, text: str, marks: Collection[str], file: str) -> Iterator[tuple[int, int]]:
    """Return where entries with these marks stand: the first of each run, and how many."""
    node = dict(_lists(text, file))[kind]
    first, count = 0, 0
    for number, entry in enumerate(node.value if node else ()):
        if isinstance(entry, dict) and mark_of(kind, entry) in marks:
            first, count = (first, count + 1) if count else (number, 1)
        elif count:
            yield first, count
            count = 0
    if count:
        yield first, count


def _lists(text: str, file: str) -> Iterator[tuple[str, Node | None]]:
    root = read(text, file)
    if not isinstance(root.value, dict):
        raise ConfigError(f"{file}: holds no object: write what `firebase init firestore` writes.")
    for kind in KINDS:
        node = root.member(kind)
        if node is not None and not isinstance(node.value, list):
            raise ConfigError(f"{file}: {kind} is no list: mend it first.")
        yield kind, node


def _key(kind: str, entry: object) -> object:
    """Return what an entry is about: all of an index, the field of an override."""
    if not isinstance(entry, Mapping):
        return None
    if kind == "fieldOverrides":
        return entry.get("collectionGroup"), entry.get("fieldPath")
    return _plain(kind, entry)


def _plain(kind: str, entry: Mapping[str, Any]) -> object:
    """Return an entry without what the Firebase CLI fills in when it fetches indexes."""
    name = "indexes" if kind == "fieldOverrides" else "fields"
    held = entry.get(name)
    parts = [_part(one) for one in held] if isinstance(held, list) else held
    rest = {
        key: value for key, value in entry.items() if (key, value) not in _FILLED_IN and key != name
    }
    if kind == "indexes" and isinstance(parts, list):
        parts = [one for one in parts if "__name__" not in str(one)]
    if kind == "fieldOverrides" and isinstance(parts, list):
        parts = sorted(parts, key=str)
    return {**rest, name: parts}


_FILLED_IN: Final = (
    ("queryScope", "COLLECTION"),
    ("density", "SPARSE_ALL"),
    ("multikey", False),
    ("apiScope", "ANY_API"),
    ("ttl", False),
)


def _part(part: object) -> object:
    """Return a field of an index, or an index of a field, its order under one name."""
    if not isinstance(part, Mapping):
        return part
    plain = {"order" if key == "mode" else key: value for key, value in part.items()}
    return sorted((key, value) for key, value in plain.items() if (key, value) not in _FILLED_IN)


def _differs(entry: Mapping[str, Any], file: str) -> str:
    field = f"{entry['collectionGroup']}.{entry['fieldPath']}"
    return (
        f"{file}: your entry for the field {field} stays, and differs from CRM-Lite's, which is"
        f" {json.dumps(entry)}: see whether yours serves both."
    )
