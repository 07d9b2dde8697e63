"""Where a field comes from: the language of `crm.toml`'s fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, PlainValidator

Scalar = str | int | bool


@dataclass(frozen=True, slots=True)
class Source:
    """One place a field may come from.

    Attributes:
        path: Map keys from the document's root (or the item's) to the value.
        from_order: Whether an item's field is read from the order (`^` in `crm.toml`).
        equals: Where set, the source has a value only while `path` holds exactly this.
        const: The value, where there is no path or `equals` holds.
        nonempty: The value is whether the list or map at `path` holds anything.
    """

    path: tuple[str, ...] = ()
    from_order: bool = False
    equals: Scalar | None = None
    const: Scalar | None = None
    nonempty: bool = False


def _sources(value: object) -> tuple[Source, ...]:
    if isinstance(value, list):
        return tuple(_source(one) for one in value)
    return (_source(value),)


def _source(value: object) -> Source:
    if isinstance(value, str):
        return _path(value)
    match value:
        case {"const": bool() | int() | str() as const, **rest} if not rest:
            return Source(const=const)
        case {"path": str() as path, "nonempty": True, **rest} if not rest:
            found = _path(path)
            return Source(path=found.path, from_order=found.from_order, nonempty=True)
        case {"path": str() as path, "is": bool() | int() | str() as equals, **rest} if not (
            rest.keys() - {"const"}
        ):
            then = rest.get("const", True)
            if isinstance(then, bool | int | str):
                found = _path(path)
                return Source(found.path, found.from_order, equals, then)
    raise ValueError(
        'write a path such as "buyer.email", a list of such, { const = "EUR" },'
        ' { path = "…", nonempty = true } or { path = "…", is = "…", const = "…" }'
    )


def _path(value: str) -> Source:
    keys = tuple(value.removeprefix("^").split("."))
    if not all(key.strip() for key in keys):
        raise ValueError('write field names with single dots between them, such as "buyer.email"')
    return Source(path=keys, from_order=value.startswith("^"))


def _no_caret(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    if any(source.from_order for source in sources):
        raise ValueError('"^" means "read it from the order" and belongs in [orders.items] only')
    return sources


def _some(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    if not sources:
        raise ValueError(
            "no order can be read without it: name a field, or a constant for all of them, such as"
            ' { const = "EUR" }'
        )
    return sources


ItemField = Annotated[tuple[Source, ...], PlainValidator(_sources)]

Field = Annotated[ItemField, AfterValidator(_no_caret)]

NeededField = Annotated[Field, AfterValidator(_some)]


def field_at(*paths: str) -> tuple[Source, ...]:
    """Return the sources of a field that is at one of these paths, the first that has it."""
    return tuple(map(_path, paths))
