"""Dataclasses as documents keep them: one codec for every class, made from its fields.

A field is kept under its name in camel case. A dataclass within becomes a map, a tuple a list, and
what Firestore takes as it is stays as it is. What differs is declared at its field: `kept`,
`beside`.

For each class two functions are put together as text at their first use, and compiled: what a hand
would write, and as fast: a customer is read and written at every order, and a codec of getters took
2.5 times as long to encode (`docs/decisions/028-one-codec-of-dataclasses.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Final, Literal, Self, Union, get_args, get_origin, get_type_hints

from pydantic.alias_generators import to_camel

from crm.db.documents import Data

KEY: Final = "crm.key"

_ADDED_LATER: Final = "crm.added_later"

BESIDE: Final = "crm.beside"


def kept(key: str | None = None, *, added_later: bool = False) -> Mapping[str, Any]:
    """Return the metadata of a field that is kept in another way than its name says.

    Args:
        key: Its key, where that is not the name in camel case.
        added_later: Older documents lack it: they are read with the field's default.
    """
    return {KEY: key, _ADDED_LATER: added_later}


def beside(**keys: str) -> Mapping[str, Any]:
    """Return the metadata of a dataclass or None whose fields stand among those of its owner.

    It is there where its first field is not None. Where it is not there, its fields hold their
    defaults; one without a default holds False if it is a flag, else None.

    Args:
        keys: The keys of its fields, where they are not the names in camel case.
    """
    return {BESIDE: keys}


class Encoded:
    """What becomes fields of a document.

    Attributes:
        DERIVED: Keys and properties that are written too, to be queried; they are never read.
    """

    __slots__ = ()

    DERIVED: ClassVar[Mapping[str, str]] = {}

    def to_data(self) -> dict[str, object]:
        """Return its fields."""
        return encoders[type(self)](self)


class Stored(Encoded):
    """A base of dataclasses that are a document, or a map in one."""

    __slots__ = ()

    @classmethod
    def from_data(cls, data: Data) -> Self:
        """Read its fields."""
        made: Self = decoders[cls](data)
        return made


class StoredById(Encoded):
    """A base of dataclasses that are a document; the first field is its id."""

    __slots__ = ()

    @classmethod
    def from_data(cls, document_id: str, data: Data) -> Self:
        """Read a document."""
        made: Self = decoders[cls](data, document_id)
        return made


class _Encoders(dict[type, Callable[[Any], dict[str, object]]]):
    """Functions that give the fields of a document for an instance of a dataclass."""

    def __missing__(self, cls: type) -> Callable[[Any], dict[str, object]]:
        source = _Source()
        self[cls] = source.function(cls, "x", source.map_of(cls, "x"))
        return self[cls]


class _Decoders(dict[type, Callable[..., Any]]):
    """Functions that make an instance of a dataclass of the fields of a document, and its id."""

    def __missing__(self, cls: type) -> Callable[..., Any]:
        source = _Source()
        takes = "x, document_id" if issubclass(cls, StoredById) else "x"
        self[cls] = source.function(cls, takes, source.instance_of(cls, "x"))
        return self[cls]


encoders: Final = _Encoders()

decoders: Final = _Decoders()


@dataclass(frozen=True)
class _Shape:
    """How values of a type are kept.

    Attributes:
        form: `plain`: Firestore takes them as they are.
        cls: The dataclass, if it is one.
        item: The shape of what a map or a list holds.
        optional: Whether it may be None.
    """

    form: Literal["plain", "dataclass", "map", "list"]
    cls: Any = None
    item: _Shape | None = None
    optional: bool = False

    @classmethod
    def of(cls, kind: Any) -> _Shape:
        """Return the shape of a type.

        Raises:
            TypeError: The codec does not know how to keep it.
        """
        origin, inner = get_origin(kind), get_args(kind)
        if kind in (str, int, float, bool, datetime, Any) or origin is Literal:
            return cls("plain")
        if is_dataclass(kind):
            return cls("dataclass", kind)
        if origin is Mapping and inner[0] is str:
            return cls("map", item=cls.of(inner[1]))
        if origin is list or (origin is tuple and inner[1:] == (...,)):
            return cls("list", item=cls.of(inner[0]))
        if origin in (Union, UnionType):
            some = [cls.of(one) for one in inner if one is not NoneType]
            if len(some) == 1:
                return replace(some[0], optional=True)
            if all((one.item or one).form == "plain" for one in some):
                return cls("plain")
        raise TypeError(f"no document can keep {kind}")


_hints_of = cache(get_type_hints)


def _kept_fields(cls: Any, keys: Mapping[str, str]) -> Iterator[tuple[Field[Any], str, _Shape]]:
    """Yield the fields of a dataclass that are kept, each with its key and the shape of it."""
    hints = _hints_of(cls)
    for one in fields(cls)[1 if issubclass(cls, StoredById) else 0 :]:
        key = keys.get(one.name) or one.metadata.get(KEY) or to_camel(one.name)
        yield one, key, _Shape.of(hints[one.name])


def _blank(one: Field[Any]) -> str:
    """Return what is kept of a field that is not there (see `beside`)."""
    if one.default_factory is not MISSING:
        return repr(one.default_factory())
    if one.default is not MISSING:
        return repr(list(one.default) if isinstance(one.default, tuple) else one.default)
    return "False" if one.type in ("bool", bool) else "None"


@dataclass
class _Source:
    """The text of a function, put together of expressions.

    Attributes:
        names: What the text names besides its parameters.
        variables: How many variables it has.
    """

    names: dict[str, Any] = field(default_factory=dict)
    variables: int = 0

    def function(self, cls: type, parameters: str, expression: str) -> Callable[..., Any]:
        """Compile the function that returns an expression."""
        code = compile(f"lambda {parameters}: {expression}", f"<codec of {cls.__name__}>", "eval")
        # As `namedtuple` and `dataclass` do it: nothing goes in but the names of our own fields.
        made: Callable[..., Any] = eval(code, self.names)  # noqa: S307
        return made

    def map_of(self, cls: Any, value: str) -> str:
        """Return the expression of the map that an instance becomes."""
        pairs = self._pairs(cls, value, {})
        return "{" + ", ".join(f"{key!r}: {text}" for key, text, _ in pairs) + "}"

    def instance_of(self, cls: Any, data: str, keys: Mapping[str, str] | None = None) -> str:
        """Return the expression of the instance that a map becomes."""
        some = ["document_id"] if issubclass(cls, StoredById) else []
        for one, key, shape in _kept_fields(cls, keys or {}):
            text = self._decoded(shape, f"{data}[{key!r}]")
            inner = one.metadata.get(BESIDE)
            if inner is not None:
                _, first, _ = next(_kept_fields(shape.cls, inner))
                text = self.instance_of(shape.cls, data, inner)
                text = f"({text} if {data}[{first!r}] is not None else None)"
            if one.metadata.get(_ADDED_LATER):
                text = f"({text} if {key!r} in {data} else {self._default(one)})"
            if one.init:
                some.append(text)
        return f"{self._named(cls)}({', '.join(some)})"

    def _pairs(
        self, cls: Any, value: str, keys: Mapping[str, str]
    ) -> Iterator[tuple[str, str, str]]:
        """Yield each key of an instance, what it holds, and what it holds of one not there."""
        for one, key, shape in _kept_fields(cls, keys):
            attribute = f"{value}.{one.name}"
            inner = one.metadata.get(BESIDE)
            if inner is None:
                yield key, self._encoded(shape, attribute), _blank(one)
                continue
            for each, text, blank in self._pairs(shape.cls, attribute, inner):
                yield each, f"({blank} if {attribute} is None else {text})", blank
        for key, name in getattr(cls, "DERIVED", {}).items():
            shape = _Shape.of(get_type_hints(getattr(cls, name).fget)["return"])
            yield key, f"{value}.{name}", "[]" if shape.form == "list" else "None"

    def _encoded(self, shape: _Shape, value: str) -> str:
        if shape.form == "plain":
            return value
        each = self._variable()
        item = self._encoded(shape.item, each) if shape.item else ""
        if shape.form == "dataclass":
            text = self.map_of(shape.cls, value)
        elif shape.form == "list":
            text = f"list({value})" if item == each else f"[{item} for {each} in {value}]"
        elif item == each:
            text = f"dict({value})"
        else:
            text = f"{{key: {item} for key, {each} in {value}.items()}}"
        return f"(None if {value} is None else {text})" if shape.optional else text

    def _decoded(self, shape: _Shape, value: str) -> str:
        if shape.form == "plain":
            return value
        each = self._variable()
        item = self._decoded(shape.item, each) if shape.item else ""
        if shape.form == "dataclass":
            text = self.instance_of(shape.cls, value)
        elif shape.form == "list":
            text = f"tuple({value})" if item == each else f"tuple([{item} for {each} in {value}])"
        elif item == each:
            return value
        else:
            text = f"{{key: {item} for key, {each} in {value}.items()}}"
        return f"(None if {value} is None else {text})" if shape.optional else text

    def _default(self, one: Field[Any]) -> str:
        if one.default_factory is not MISSING:
            return f"{self._named(one.default_factory)}()"
        return self._named(one.default)

    def _named(self, thing: Any) -> str:
        name = f"n{len(self.names)}"
        self.names[name] = thing
        return name

    def _variable(self) -> str:
        self.variables += 1
        return f"v{self.variables}"
