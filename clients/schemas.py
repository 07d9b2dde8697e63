"""Ways through the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

SCHEMAS: Final = "#/components/schemas/"


def operations(document: Schema) -> Iterator[Schema]:
    """Give every call."""
    for path in document["paths"].values():
        yield path["post"]


def asked(post: Schema) -> Schema:
    """Return the schema of what a call takes."""
    return _part(post["requestBody"], "data")


def answered(post: Schema) -> Schema:
    """Return the schema of what a call answers."""
    return _part(post["responses"]["200"], "result")


def name_of(reference: Schema) -> str:
    """Return the name of the type that is referred to."""
    name: str = reference["$ref"].removeprefix(SCHEMAS)
    return name


def named(schema: Any) -> Iterator[str]:
    """Give the names of the types that a schema refers to, as often as it does."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield name_of(schema)
        for one in schema.values():
            yield from named(one)
    if isinstance(schema, list):
        for one in schema:
            yield from named(one)


def _part(place: Schema, key: str) -> Schema:
    found: Schema = place["content"]["application/json"]["schema"]["properties"][key]
    return found
