"""The slow reading of a stored document: what is wrong, field by field, and what is left of it.

The codec's own functions read what we have written and check nothing: every order passes there.
This is for documents that a hand may have touched. It goes by the same types and metadata, so what
the one writes the other finds whole (`docs/decisions/034-damage.md`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.alias_generators import to_camel

from crm.core.equality import same
from crm.core.errors import Damaged
from crm.db.codec import BESIDE, KEY, Encoded, StoredById, decoders
from crm.db.documents import Data

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Instead of a moment that is lost: before whatever else happened."""

_NAMES: Final = """
    customerId partId erasedBy owner claimed proven keepApart contacts identity userKey addressKey
    awaiting erased mergeId jobId sourceId targetId segmentId documentId customers keys parts former
    links merges open tags uids key uid usedBy held orderId nameBy by ownerBefore provenBefore
"""

IDS: Final = frozenset(_NAMES.split())
"""Keys whose texts, and those in their lists, name documents or parts."""

_NO_ID: Final = re.compile(r"|\.\.?|__.*__|.*/.*", re.DOTALL)

_LOST: Final = object()


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one field.

    Attributes:
        field: Its path, such as `parts.p1.counted`.
        why: In words, without its value.
    """

    field: str
    why: str

    @property
    def key(self) -> str:
        """The field of the document itself that it is in."""
        return self.field.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Looked:
    """A document after a look.

    Attributes:
        data: Its fields, with something of the right kind for each that is lost: a text for a text,
            the default or nothing where that is allowed.
        flaws: What is wrong with the stored ones.
    """

    data: dict[str, Any]
    flaws: Sequence[Flaw]

    @property
    def broken(self) -> frozenset[str]:
        """The document's own fields in which something is wrong."""
        return frozenset(flaw.key for flaw in self.flaws)

    @property
    def paths(self) -> frozenset[str]:
        """The paths of everything that is wrong."""
        return frozenset(flaw.field for flaw in self.flaws)


def look(cls: Any, data: Data, may_lack: frozenset[str] = frozenset()) -> Looked:
    """Look at every field that a class keeps.

    Args:
        cls: The dataclass that the document is read as, or that describes it.
        data: The document.
        may_lack: Keys that need not be there.
    """
    reading = _Reading()
    whole = reading.instance(cls, data, "", may_lack)
    if not reading.flaws and issubclass(cls, Encoded):
        _compare(cls, data, reading)
    return Looked(whole, reading.flaws)


def damage_of(cls: Any, path: str, data: Data) -> Damaged | None:
    """Return the error that names the first thing wrong with a document; None for a whole one."""
    flaws = look(cls, data).flaws
    return Damaged(path, flaws[0].field, flaws[0].why) if flaws else None


def _compare(cls: Any, data: Data, reading: _Reading) -> None:
    """Find what is written and never read, such as what queries go by."""
    known = ("-",) if issubclass(cls, StoredById) else ()
    for key, said in decoders[cls](data, *known).to_data().items():
        if key not in data:
            reading.wrong(key, "is missing")
        elif not same(_unordered(data[key]), _unordered(said)):
            reading.wrong(key, "is not what the rest of the document says")


def _unordered(value: object) -> object:
    """Return a list of texts in one order: maps, of which such are made, have none in Firestore."""
    plain = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return sorted(value) if plain and isinstance(value, list) else value


class _Reading:
    """One look at one document."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def wrong(self, path: str, why: str) -> None:
        self.flaws.append(Flaw(path, why))

    def instance(
        self,
        cls: Any,
        data: object,
        at: str,
        may_lack: frozenset[str] = frozenset(),
        keys: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return a map with every key that a class has, its values as they are or as near."""
        if not isinstance(data, Mapping):
            self.wrong(at.rstrip("."), "is no map")
            data = {}
        whole: dict[str, Any] = {}
        for one, key, kind in _kept(cls):
            key = (keys or {}).get(one.name, key)
            inner = one.metadata.get(BESIDE)
            if inner is not None:
                whole |= self._beside(_without_none(kind), data, at, inner)
            elif key not in data:
                if key in may_lack:
                    continue
                self.wrong(at + key, "is missing")
                whole[key] = nearest(kind, one)
            else:
                value = self.value(kind, data[key], at + key, key)
                whole[key] = nearest(kind, one) if value is _LOST else value
        return whole

    def _beside(
        self, cls: Any, data: Mapping[str, Any], at: str, keys: Mapping[str, str]
    ) -> dict[str, Any]:
        """Take the fields of one that stands among its owner's: all there, or none."""
        _, first, _ = _first_of(cls, keys)
        if data.get(first) is not None and isinstance(data[first], str | datetime):
            return self.instance(cls, data, at, keys=keys)
        if first in data and data[first] is not None:
            self.wrong(at + first, "is not of its type")
        elif first not in data:
            self.wrong(at + first, "is missing")
        blank: dict[str, Any] = {}
        for one, key, kind in _kept(cls):
            key = keys.get(one.name, key)
            blank[key] = _blank(kind, one)
            if key == first:
                continue
            if key not in data:
                self.wrong(at + key, "is missing")
            elif not same(data[key], blank[key]):
                self.wrong(at + key, f"is there although there is no {first}")
        return blank

    def value(self, kind: Any, value: object, at: str, name: str) -> Any:
        """Return a value of a kind, its lost pieces put in or left out; `_LOST` for no such one."""
        origin, inner, is_class = _taken_apart(kind)
        if kind is Any:
            return value
        if origin in (Union, UnionType):
            return self._either(inner, value, at, name)
        if is_class:
            if isinstance(value, Mapping):
                return self.instance(kind, value, f"{at}.")
        elif origin is Mapping:
            if isinstance(value, Mapping):
                read = {k: self.value(inner[1], v, f"{at}.{k}", name) for k, v in value.items()}
                return {k: v for k, v in read.items() if v is not _LOST}
        elif origin in (list, tuple):
            if isinstance(value, list):
                items = [
                    self.value(inner[0], v, f"{at}.{place}", name) for place, v in enumerate(value)
                ]
                return [v for v in items if v is not _LOST]
        elif origin is Literal:
            if isinstance(value, str) and value in inner:
                return value
            self.wrong(at, "is none of its words")
            return _LOST
        elif is_a(kind, value):
            if name not in IDS or not isinstance(value, str) or _is_id(name, value):
                return value
            self.wrong(at, "is no id")
            return _LOST
        self.wrong(at, "is null" if value is None else "is not of its type")
        return _LOST

    def _either(self, kinds: Sequence[Any], value: object, at: str, name: str) -> Any:
        if value is None and NoneType in kinds:
            return None
        before = len(self.flaws)
        for kind in kinds:
            if kind is NoneType:
                continue
            del self.flaws[before:]
            read = self.value(kind, value, at, name)
            if read is not _LOST:
                return read
        return _LOST


@cache
def _taken_apart(kind: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """Return a type's origin and arguments, and whether it is a dataclass; asked for each value."""
    return get_origin(kind), get_args(kind), is_dataclass(kind)


def _is_id(name: str, text: str) -> bool:
    """Return whether a text can name a document; an erased person has no uid."""
    return not _NO_ID.fullmatch(text) or (name, text) == ("uid", "")


def is_a(kind: Any, value: object) -> bool:
    """Return whether a plain value is of a type; a flag is no number, a fraction no whole one."""
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    return isinstance(value, kind)


def nearest(kind: Any, one: Field[Any] | None = None) -> Any:
    """Return what a lost value becomes: the field's default, nothing, or the least of its kind."""
    if one is not None and one.default is not MISSING:
        return list(one.default) if isinstance(one.default, tuple) else one.default
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any or NoneType in inner:
        return None
    if origin in (Union, UnionType):
        return nearest(inner[0])
    if isinstance(kind, type) and is_dataclass(kind):
        return {key: nearest(hint, each) for each, key, hint in _kept(kind)}
    if origin is Literal:
        return inner[0]
    plain: dict[Any, Any] = {str: "", int: 0, float: 0, bool: False, datetime: EPOCH}
    if kind in plain:
        return plain[kind]
    return {} if origin is Mapping else []


def _blank(kind: Any, one: Field[Any]) -> Any:
    """Return what is kept of a field of one that is not there (as `codec.beside` says)."""
    if one.default_factory is not MISSING:
        return one.default_factory()
    if one.default is not MISSING:
        return list(one.default) if isinstance(one.default, tuple) else one.default
    return False if kind is bool else None


def _without_none(kind: Any) -> Any:
    (one,) = [inner for inner in get_args(kind) if inner is not NoneType]
    return one


def _first_of(cls: Any, keys: Mapping[str, str]) -> tuple[Field[Any], str, Any]:
    one, key, kind = _kept(cls)[0]
    return one, keys.get(one.name, key), kind


@cache
def _kept(cls: Any) -> list[tuple[Field[Any], str, Any]]:
    """Return the fields of a dataclass that are kept, each with its key and its type."""
    hints = get_type_hints(cls)
    some = fields(cls)[1 if issubclass(cls, StoredById) else 0 :]
    return [(one, one.metadata.get(KEY) or to_camel(one.name), hints[one.name]) for one in some]
