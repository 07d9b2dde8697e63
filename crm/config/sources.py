"""Where a field comes from: the language of `crm.toml`'s fields.

One form for each thing that hosts' documents need, and no expressions: who reads the file must see
what is read. What a field cannot be made of is refused when the file is loaded, in one sentence.
`docs/mapping.md` describes the forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, PlainValidator

Scalar = str | int | bool

FieldPath = tuple[str, ...]

Form = Literal[
    "path", "const", "is", "nonempty", "uid", "join", "sum", "document", "values", "item"
]


@dataclass(frozen=True, slots=True)
class Condition:
    """What an element of a list must hold to be meant: one of these values at a path."""

    path: FieldPath
    values: tuple[Scalar, ...]

    def holds(self, element: object) -> bool:
        """Return whether an element of a list is meant."""
        value = element
        for key in self.path:
            value = value.get(key) if isinstance(value, Mapping) else None
        # The types too, because to Python 1 is True.
        return any(type(value) is type(one) and value == one for one in self.values)


@dataclass(frozen=True, slots=True)
class Source:
    """One place a field may come from.

    Attributes:
        path: Map keys from the document's root (or the item's) to the value.
        from_order: Whether an item's field is read from the order (`^` in `crm.toml`).
        equals: Where set, the source has a value only while `path` holds exactly this.
        const: The value, where there is no path or `equals` holds.
        nonempty: The value is whether there is anything at `path`, or `const` where there is.
        where: Which elements of the first list on `path` are meant; the first of them that says
            something is the value.
        join: Paths whose texts are put together, with a space between them.
        summed: The value is the sum over a list on `path`.
        negative: What is summed up is written below zero.
        uid: The source has a value only where it can be the uid of Firebase Auth.
        document: The value is a list of one: the document itself.
        values: The value is the list of what the map at `path` holds.
        item: The value is the item itself, or its key in the map that is read as a list.
        plain: Whether nothing but a path is to be followed.
    """

    path: FieldPath = ()
    from_order: bool = False
    equals: Scalar | None = None
    const: Scalar | None = None
    nonempty: bool = False
    where: tuple[Condition, ...] = ()
    join: tuple[FieldPath, ...] = ()
    summed: bool = False
    negative: bool = False
    uid: bool = False
    document: bool = False
    values: bool = False
    item: Literal["key", "value"] | None = None
    plain: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", self.form == "path" and not self.where)

    @property
    def form(self) -> Form:
        """Return which of the language's forms the source is."""
        flags: tuple[tuple[object, Form], ...] = (
            (self.document, "document"),
            (self.item, "item"),
            (self.join, "join"),
            (not self.path, "const"),
            (self.summed, "sum"),
            (self.values, "values"),
            (self.uid, "uid"),
            (self.nonempty and self.const is None, "nonempty"),
            (self.nonempty or self.equals is not None, "is"),
        )
        return next((form for flag, form in flags if flag), "path")

    @property
    def places(self) -> tuple[FieldPath, ...]:
        """Return where the value itself stands; a source that only asks about a path has none."""
        return self.join or ((self.path,) if self.form in ("path", "uid") else ())


HOW: Final = (
    'write a path such as "buyer.email", a list of such, or one of the forms that docs/mapping.md'
    ' lists, such as { const = "EUR" }, { path = "…", is = "…", const = "…" },'
    ' { path = "…", where = { … } } or { join = ["…", "…"] }'
)


def _sources(value: object) -> tuple[Source, ...]:
    if isinstance(value, list):
        return tuple(_source(one) for one in value)
    return (_source(value),)


def _source(value: object) -> Source:
    if isinstance(value, str):
        return _path(value)
    if isinstance(value, dict):
        for form, keys, make in _FORMS:
            if form in value and value.keys() <= {form, *keys}:
                return make(value)
    raise ValueError(HOW)


def _const(table: dict[str, Any]) -> Source:
    return Source(const=_scalar(table["const"]))


def _document(table: dict[str, Any]) -> Source:
    return Source(document=_true(table["document"]))


def _item(table: dict[str, Any]) -> Source:
    if table["item"] not in ("key", "value"):
        raise ValueError('write { item = "key" } or { item = "value" }')
    return Source(item=table["item"])


def _join(table: dict[str, Any]) -> Source:
    parts = table["join"]
    if not isinstance(parts, list) or len(parts) < 2:
        raise ValueError('write a list of paths to join, such as ["first_name", "last_name"]')
    found = [_found(part) for part in parts]
    if len({one.from_order for one in found}) > 1:
        raise ValueError('write "^" before all of the paths to join, or before none')
    return Source(join=tuple(one.path for one in found), from_order=found[0].from_order)


def _sum(table: dict[str, Any]) -> Source:
    path = _found(table["sum"])
    if len(path.path) < 2:
        raise ValueError('write a list and what to sum up of it, such as "refunds.amount"')
    negative = _true(table["negative"]) if "negative" in table else False
    return Source(path.path, path.from_order, where=_where(table), summed=True, negative=negative)


def _values(table: dict[str, Any]) -> Source:
    path = _found(table.get("path"))
    return Source(path.path, path.from_order, values=_true(table["values"]))


def _uid(table: dict[str, Any]) -> Source:
    path = _found(table.get("path"))
    return Source(path.path, path.from_order, where=_where(table), uid=_true(table["uid"]))


def _nonempty(table: dict[str, Any]) -> Source:
    path, flag = _found(table.get("path")), _true(table["nonempty"])
    then = _scalar(table["const"]) if "const" in table else None
    return Source(path.path, path.from_order, const=then, nonempty=flag, where=_where(table))


def _is(table: dict[str, Any]) -> Source:
    path, equals = _found(table.get("path")), _scalar(table["is"])
    then = _scalar(table.get("const", True))
    return Source(path.path, path.from_order, equals, then, where=_where(table))


def _chosen(table: dict[str, Any]) -> Source:
    path, where = _found(table.get("path")), _where(table)
    if len(path.path) < 2 or not where:
        raise ValueError(
            "write the path of a list and what to take of its element:"
            ' { path = "meta.value", where = { key = "event" } }'
        )
    return Source(path.path, path.from_order, where=where)


# The key that makes a table this form, what else it may hold, and how it is read.
_FORMS: Final[tuple[tuple[str, tuple[str, ...], Callable[[dict[str, Any]], Source]], ...]] = (
    ("document", (), _document),
    ("item", (), _item),
    ("join", (), _join),
    ("sum", ("where", "negative"), _sum),
    ("values", ("path",), _values),
    ("uid", ("path", "where"), _uid),
    ("nonempty", ("path", "where", "const"), _nonempty),
    ("is", ("path", "where", "const"), _is),
    ("const", (), _const),
    ("where", ("path",), _chosen),
)


def _true(value: object) -> bool:
    if value is not True:
        raise ValueError("write true, or leave it out")
    return True


def _scalar(value: object) -> Scalar:
    if isinstance(value, bool | int | str):
        return value
    raise ValueError("write a text, a whole number, true or false")


def _where(table: dict[str, Any]) -> tuple[Condition, ...]:
    where = table.get("where", {})
    if not isinstance(where, dict) or ("where" in table and not where):
        raise ValueError('write what the element holds: where = { key = "event" }')
    found = []
    for key, wanted in where.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        found.append(Condition(_found(key).path, tuple(_scalar(one) for one in values)))
    return tuple(found)


def _found(value: object = None) -> Source:
    if isinstance(value, str):
        return _path(value)
    raise ValueError(HOW)


def _path(value: str) -> Source:
    keys = tuple(value.removeprefix("^").split("."))
    if not all(key.strip() for key in keys):
        raise ValueError('write field names with single dots between them, such as "buyer.email"')
    return Source(path=keys, from_order=value.startswith("^"))


# What is said of a form where a field cannot be made of it.
_NOT_HERE: Final[Mapping[Form, str]] = {
    "const": "a constant would be the same for all orders: name the field that tells them apart",
    "is": "what is asked of a path is no value of this kind: name the path itself",
    "nonempty": "whether there is anything is true or false, and no value of this kind",
    "uid": "{ uid = true } belongs in userId only",
    "join": "a join makes one line of text: it belongs in name, phone and eventName only",
    "sum": "a sum makes an amount: it belongs in total, refunded and paid only",
    "document": "{ document = true } makes a list of items: it belongs in items only",
    "values": "{ values = true } makes a list of items: it belongs in items only",
    "item": "{ item = … } is the element of a list: it belongs in [orders.items] only",
}


def _only(*forms: Form, items: bool = False, where: str = "") -> AfterValidator:
    """Return what refuses every other form; `^` outside items; `where`, if it says why."""

    def check(sources: tuple[Source, ...]) -> tuple[Source, ...]:
        for source in sources:
            if source.form not in forms:
                raise ValueError(_NOT_HERE[source.form])
            if source.from_order and not items:
                raise ValueError(
                    '"^" means "read it from the order" and belongs in [orders.items] only'
                )
            if source.where and where:
                raise ValueError(where)
        return sources

    return AfterValidator(check)


def _some(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    if not sources:
        raise ValueError(
            "no order can be read without it: name a field, or a constant for all of them, such as"
            ' { const = "EUR" }'
        )
    return sources


_Sources = Annotated[tuple[Source, ...], PlainValidator(_sources)]

Word = Annotated[_Sources, _only("path", "const", "is")]
"""Something that is there or is not: a currency, a time."""

Answer = Annotated[_Sources, _only("path", "is", "nonempty")]
"""Yes or no of an order, which no constant can say for all of them."""

Address = Annotated[
    _Sources,
    _only(
        "path",
        where="an erasure writes its pseudonym where the address was: name a path without a list",
    ),
]

Uid = Annotated[_Sources, _only("path", "uid")]

Name = Annotated[_Sources, _only("path", "const", "is", "join")]

Amount = Annotated[_Sources, _only("path", "const", "is", "sum")]

Items = Annotated[
    _Sources,
    _only("path", "document", "values", where="the whole list is read: leave where out"),
]

NeededWord = Annotated[Word, AfterValidator(_some)]

NeededAmount = Annotated[Amount, AfterValidator(_some)]

ItemWord = Annotated[_Sources, _only("path", "const", "is", "item", items=True)]

ItemName = Annotated[_Sources, _only("path", "const", "is", "item", "join", items=True)]

ItemAnswer = Annotated[_Sources, _only("path", "const", "is", "nonempty", "item", items=True)]


def field_at(*paths: str) -> tuple[Source, ...]:
    """Return the sources of a field that is at one of these paths, the first that has it."""
    return tuple(map(_path, paths))
