"""A store in memory with Firestore's precondition semantics; tests hold the two side by side."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from crm.config.paths import document_at, name_in, pattern_of
from crm.core.equality import same
from crm.core.errors import Conflict
from crm.db.documents import (
    REMOVED,
    Clause,
    Create,
    Data,
    Delete,
    Path,
    Query,
    Set,
    Snapshot,
    Sum,
    Update,
    Write,
    moment_of,
    up_to,
)

MOST_OF_A_LIST = 30
"""Values that a clause of a query may name."""

MAX_VIEWS = 20
"""Frozen views that can be had again by their moments: those that were asked for last."""


@dataclass
class _Kept:
    data: dict[str, Any]
    updated: int
    created: int


class MemoryStore:
    """Documents in a dictionary.

    `pause` is called between any two remote calls of a handler, so that a test can interleave
    others there; `tear` between any two documents of one read, which Firestore does not read at
    one moment. `reads` and `writes` count documents as Firestore would bill them.
    """

    def __init__(self, start: int = 1_767_225_600_000_000_000) -> None:
        self._kept: dict[Path, _Kept] = {}
        self._clock = start
        self._lock = threading.RLock()
        self.pause: Callable[[], None] = lambda: None
        self.tear: Callable[[], None] = lambda: None
        self.reads = self.writes = 0
        self.moment: datetime | None = None
        self._views: dict[datetime, MemoryStore] = {}
        self._listed: dict[str, list[tuple[Path, _Kept]]] = {}

    def collections(self) -> list[str]:
        with self._lock:
            return sorted({path.partition("/")[0] for path in self._kept})

    def now(self) -> datetime:
        return moment_of(self._clock)

    def _tick(self) -> int:
        self._clock += 1_000_000  # a millisecond
        return self._clock

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        self.pause()
        found: dict[Path, Snapshot] = {}
        for path in paths:
            if found:
                self.tear()
            with self._lock:  # one at a time: a batched read is not a snapshot
                found[path] = self._snapshot(path)
                self.reads += 1
        self.pause()
        return found

    def find(self, query: Query) -> list[Snapshot]:
        _check_lists(query)
        self.pause()
        with self._lock:
            found = [
                self._snapshot(path)
                for path, kept in self._within(query.collection)
                if _matches(_named(kept.data, path, query), query)
            ]
        if query.order:
            name, way = query.order
            assert way in {"asc", "desc"}, way  # Firestore's adapter would not notice

            def sortable(snapshot: Snapshot) -> tuple[Any, str]:
                return _sortable(snapshot, name, query.collection)

            if name != "__name__":
                found = [s for s in found if _held(s.fields, name) is not _ABSENT]
            found.sort(key=sortable, reverse=way == "desc")
            if query.after:
                value, last = query.after
                limit = (_rank(None if name == "__name__" else value), last)
                found = [
                    s
                    for s in found
                    if (sortable(s) < limit if way == "desc" else sortable(s) > limit)
                ]
        else:
            found.sort(key=lambda s: s.path)
        found = list(up_to(query.most_bytes, found[: query.limit]))
        if query.keys_only:
            found = [replace(s, data={}) for s in found]
        self.reads += max(1, len(found))
        self.pause()
        return found

    def _within(self, collection: str) -> Iterable[tuple[Path, _Kept]]:
        """The documents of a collection; of a frozen view, where none ever changes, listed once."""
        if self.moment is None:
            return self._list(collection)
        if collection not in self._listed:
            self._listed[collection] = self._list(collection)
        return self._listed[collection]

    def _list(self, collection: str) -> list[tuple[Path, _Kept]]:
        if "{" in collection:
            return [one for one in self._kept.items() if name_in(collection, one[0]) is not None]
        # No call of ours for each document: every query of every test goes through all of them.
        return [one for one in self._kept.items() if one[0].rpartition("/")[0] == collection]

    def count(self, query: Query) -> int:
        reads = self.reads
        found = self.find(replace(query, order=None, after=None))
        with self._lock:
            total = len(found)
            if "{" in query.collection:
                total += sum(_is_beside(path, query) for path in self._kept)
        self.reads = reads + max(1, -(-total // 1000))
        return total

    def sum(self, query: Query, field: str) -> Sum:
        reads = self.reads
        found = self.find(replace(query, order=None, after=None, keys_only=False))
        values = (_held(s.fields, field) for s in found)
        held = [one for one in values if one is not _ABSENT]  # others are not in the index
        self.reads = reads + max(1, -(-len(held) // 1000))
        numbers = [one for one in held if isinstance(one, int)]  # all else adds nothing
        return Sum(len(held), sum(numbers))

    def at(self, moment: datetime | None = None) -> MemoryStore:
        with self._lock:
            if moment is None:
                view = copy.copy(self)  # documents are replaced, never changed
                view._kept, view._listed = dict(self._kept), {}
                view.moment = moment = self.now()
            else:
                view = self._views.pop(moment)
            self._views[moment] = view
            for old in [*self._views][:-MAX_VIEWS]:
                del self._views[old]
            return view

    def commit(self, writes: Sequence[Write]) -> list[int]:
        self.pause()
        with self._lock:
            for write in writes:
                self._check(write)
            if writes:
                moment = self._tick()
            for write in writes:
                self._apply(write, moment)
            self.writes += len(writes)
            done = [self._kept[one.path].updated if one.path in self._kept else 0 for one in writes]
        self.pause()
        return done

    def _check(self, write: Write) -> None:
        kept = self._kept.get(write.path)
        match write:
            case Create() if kept:
                raise Conflict("AlreadyExists")
            case Update(version=version) if kept is None or kept.updated != version:
                raise Conflict("FailedPrecondition")
            case Delete(version=int() as version) if kept is None or kept.updated != version:
                raise Conflict("FailedPrecondition")

    def _apply(self, write: Write, moment: int) -> None:
        kept = self._kept.get(write.path)
        match write:
            case Delete():
                self._kept.pop(write.path, None)
            case Create(data=data) | Set(data=data) if kept is None:
                self._kept[write.path] = _Kept(dict(data), moment, moment)
            case Create(data=data) | Set(data=data) | Update(data=data):
                assert kept is not None
                merged = dict(data) if isinstance(write, Set) else _updated(kept.data, data)
                if not same(
                    merged, kept.data
                ):  # a write that changes nothing keeps the update time
                    self._kept[write.path] = _Kept(merged, moment, kept.created)

    def _snapshot(self, path: Path) -> Snapshot:
        kept = self._kept.get(path)
        if kept is None:
            return Snapshot(path, None, self._tick())
        return Snapshot(path, kept.data, kept.updated, moment_of(kept.created))

    # What a test does as the host, and as time.

    def wait(self, time: timedelta) -> None:
        with self._lock:
            self._clock += time // timedelta(microseconds=1) * 1_000

    def put(self, path: Path, data: Data) -> None:
        with self._lock:
            self._apply(Set(path, _copied(dict(data))), self._tick())

    def delete(self, path: Path) -> int | None:
        """Delete a document; give the version it had, as an event of deletion says it."""
        with self._lock:
            kept = self._kept.pop(path, None)
            self._tick()
            return kept.updated if kept else None

    def all(
        self, collection: str, fits: Callable[[Data], bool] = lambda _: True
    ) -> dict[str, dict[str, Any]]:
        with self._lock:
            return {
                name: _copied(kept.data)
                for path, kept in self._list(collection)
                if fits(kept.data) and (name := name_in(collection, path)) is not None
            }


def _named(data: Data, path: Path, query: Query) -> Data:
    """A document with its name as a field, where the query is about it."""
    if all(name != "__name__" for name, _, _ in query.where) and not query.either:
        return data
    return {**data, "__name__": name_in(query.collection, path)}


def _check_lists(query: Query) -> None:
    """Refuse a list that Firestore refuses."""
    for clause in query.where:
        _, operator, value = clause
        if operator in ("in", "array_contains_any") and not 1 <= len(value) <= MOST_OF_A_LIST:
            raise ValueError(f"a list of a query has 1 to {MOST_OF_A_LIST} values: {clause}")


def _is_beside(path: Path, query: Query) -> bool:
    """Whether Firestore counts a document although the query's pattern does not fit it."""
    pattern = pattern_of(query.collection)
    if pattern is None or name_in(query.collection, path) is not None:
        return False
    fixed = pattern.bounds[0].rpartition("/")[0]
    if path.split("/")[-2:-1] != [pattern.group] or not path.startswith(f"{fixed}/"):
        return False
    bounds = [(way, document_at(query.collection, name)) for _, way, name in query.where]
    return all((path.split("/") >= bound.split("/")) == (way == ">=") for way, bound in bounds)


def _copied(value: Any) -> Any:
    """A copy of a document's maps and lists; what else it may hold never changes."""
    # No call for each plain value: most are, and tests look at everything again and again.
    if isinstance(value, dict):
        return {
            key: _copied(held) if isinstance(held, dict | list) else held
            for key, held in value.items()
        }
    if isinstance(value, list):
        return [_copied(held) if isinstance(held, dict | list) else held for held in value]
    return value


_KEY = re.compile(r"`((?:[^`\\]|\\.)+)`|([^.`]+)")


@lru_cache(100_000)
def _keys(path: str) -> tuple[str, ...]:
    """The keys of a field's path, quoted or not."""
    return tuple(re.sub(r"\\(.)", r"\1", quoted) or plain for quoted, plain in _KEY.findall(path))


def _updated(kept: Data, changes: Data) -> dict[str, Any]:
    """The fields with some set or removed, each by its path; what was read is not touched."""
    after = dict(kept)
    for path, value in changes.items():
        at = after
        *maps, last = _keys(path)
        for key in maps:
            at[key] = dict(at.get(key, {}))
            at = at[key]
        if value is REMOVED:
            at.pop(last, None)
        else:
            at[last] = value
    return after


def _matches(data: Data, query: Query) -> bool:
    for clause in query.where:  # no generator: most documents end here, and there are many
        if not _holds(data, clause):
            return False
    return not query.either or any(all(_holds(data, c) for c in one) for one in query.either)


_ABSENT = object()


def _held(data: Data, path: str) -> Any:
    held: Any = data
    for key in _keys(path):
        if held.__class__ is not dict and not isinstance(held, Mapping):
            return _ABSENT
        if key not in held:
            return _ABSENT
        held = held[key]
    return held


def _holds(data: Data, clause: Clause) -> bool:
    path, operator, value = clause
    held = _held(data, path)
    if held is _ABSENT:
        return False
    match operator:
        case "==":
            return same(held, value) and bool(isinstance(held, bool) == isinstance(value, bool))
        case "in":
            return held in value
        case "array_contains":
            return isinstance(held, list) and value in held
        case "array_contains_any":
            return isinstance(held, list) and any(one in held for one in value)
        case "<":
            return _alike(held, value) and bool(_ordered(held) < _ordered(value))
        case ">=":
            return _alike(held, value) and bool(_ordered(held) >= _ordered(value))


def _alike(held: Any, value: Any) -> bool:
    """Return whether two values are of one type: a range of Firestore holds no other."""
    kinds: tuple[Any, ...] = (bool, (int, float))  # in this order, for to Python True is a number
    for kind in kinds:
        if isinstance(held, kind) or isinstance(value, kind):
            return isinstance(held, kind) and isinstance(value, kind)
    return isinstance(held, type(value)) or isinstance(value, type(held))


def _ordered(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value  # as Firestore orders text


_TYPES: tuple[Any, ...] = (bool, (int, float), datetime, str)


def _rank(value: Any) -> tuple[int, Any]:
    """The place of a value among others: by its type first, as Firestore orders them."""
    if value is None:
        return (0, 0)
    for place, types in enumerate(_TYPES, start=1):
        if isinstance(value, types):
            return (place, value)
    return (len(_TYPES) + 1, repr(value))


def _sortable(snapshot: Snapshot, name: str, collection: str) -> tuple[Any, str]:
    value = None if name == "__name__" else _held(snapshot.fields, name)
    own = name_in(collection, snapshot.path)
    assert own is not None
    return _rank(value), own
