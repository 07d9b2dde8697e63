"""What is made in the documentation: what each call takes and answers, and types by their names.

In docs/calls.md it stands between marks in each call's section, before what is written there by
hand; docs/types.md is made as a whole.
"""

from __future__ import annotations

import json
import re
from typing import Final

from clients.prose import ROOT
from clients.schemas import Schema, answered, asked, name_of, named

TYPES: Final = ROOT / "docs" / "types.md"

_WIDTH: Final = 100
_HEADING: Final = re.compile(r"^## `(\w+)`\n", re.MULTILINE)
_BLOCK: Final = re.compile(r"\n<!-- made: \w+ -->.*?<!-- end -->\n", re.DOTALL)

_INTRODUCTION: Final = """# Types

What requests and answers of the [calls](calls.md) are made of, by the names that the
[clients](clients.md) have for them. This page is made of the models in the code by `make generate`.

A key that may be absent has a `?`. Money is integers of a currency's minor unit; a time is ISO 8601
in UTC, such as `2024-03-01T12:00:00Z`. A later version may have more keys.
"""


def calls_page(text: str, document: Schema) -> str:
    """Return docs/calls.md with what is made in it.

    Args:
        text: The page.
        document: The OpenAPI document.
    """

    def made(found: re.Match[str]) -> str:
        path = document["paths"].get(f"/{found[1]}")
        return found[0] + (_block(path["post"], document) if path else "")

    return _HEADING.sub(made, _BLOCK.sub("", text))


def types_page(document: Schema) -> str:
    """Return docs/types.md."""
    schemas = document["components"]["schemas"]
    parts = [_INTRODUCTION]
    for name in sorted(_inner(document), key=str.lower):
        schema = schemas[name]
        parts.append(f"## `{name}`\n")
        if text := schema.get("description"):
            parts.append(f"{text}\n")
        if "properties" in schema:
            parts.append(_table(schema))
        else:
            parts.append(f"{_words(schema).capitalize()}.\n")
    return "\n".join(parts)


def _block(post: Schema, document: Schema) -> str:
    schemas = document["components"]["schemas"]
    request = schemas[name_of(asked(post))]
    answer = schemas[name_of(answered(post))]
    takes = _object(request, "takes  ", nulls=False)
    answers = _object(answer, "answers", nulls=True)
    inside = dict.fromkeys([*named(request), *named(answer)])
    links = ", ".join(f"[`{name}`](types.md#{name.lower()})" for name in inside)
    return (
        f"\n<!-- made: {post['operationId']} -->\n```ts\n{takes}\n{answers}\n```\n"
        + (f"\nTypes: {links}\n" if links else "")
        + "<!-- end -->\n"
    )


def _object(schema: Schema, before: str, *, nulls: bool) -> str:
    """Write an object on one line where there is room."""
    required = schema.get("required", [])
    fields = [
        f"{key if key.isidentifier() else json.dumps(key)}{'' if key in required else '?'}: "
        f"{_code(one, nulls=nulls or key in required)}"
        for key, one in schema.get("properties", {}).items()
    ]
    line = f"{before} {{ {'; '.join(fields)} }}" if fields else f"{before} {{}}"
    if len(line) <= _WIDTH:
        return line
    return f"{before} {{\n" + "".join(f"  {field};\n" for field in fields) + "}"


def _code(schema: Schema, *, nulls: bool) -> str:
    """Return a type as TypeScript writes it."""
    if "$ref" in schema:
        return name_of(schema)
    if "anyOf" in schema:
        kinds = [one for one in schema["anyOf"] if nulls or one.get("type") != "null"]
        return " | ".join(dict.fromkeys(_code(one, nulls=nulls) for one in kinds))
    if words := _literals(schema):
        return " | ".join(words)
    match schema.get("type"):
        case "array":
            inner = _code(schema["items"], nulls=True)
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        case "object":
            values = schema.get("additionalProperties", True)
            return (
                "object"
                if isinstance(values, bool)
                else f"{{ [key]: {_code(values, nulls=True)} }}"
            )
        case "integer" | "number":
            return "number"
        case str() as word:
            return word
    return "unknown"


def _table(schema: Schema) -> str:
    required = schema.get("required", [])
    rows = [
        f"| `{key}`{'' if key in required else ' ?'} | {_words(one)}"
        f" | {_cell(one.get('description', ''))} |\n"
        for key, one in schema["properties"].items()
    ]
    return f"| key | | |\n|---|---|---|\n{''.join(rows)}"


def _words(schema: Schema) -> str:
    """Return a type in words."""
    if "$ref" in schema:
        name = name_of(schema)
        return f"[`{name}`](#{name.lower()})"
    if "anyOf" in schema:
        return ", or ".join(dict.fromkeys(_words(one) for one in schema["anyOf"]))
    if words := _literals(schema):
        return ", ".join(f"`{word}`" for word in words)
    match schema.get("type"):
        case "array":
            return f"a list of: {_words(schema['items'])}"
        case "object":
            values = schema.get("additionalProperties", True)
            if isinstance(values, bool):
                return "an object"
            return f"an object, of each key: {_words(values)}"
        case "integer":
            return "a whole number"
        case "number":
            return "a number"
        case "string":
            return "a text"
        case "boolean":
            return "`true` or `false`"
        case "null":
            return "`null`"
    return "anything"


def _literals(schema: Schema) -> list[str]:
    words = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return [json.dumps(one) for one in words]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _inner(document: Schema) -> set[str]:
    """Return the names of types that others are made of; all else is in the page of calls."""
    schemas = document["components"]["schemas"]
    return {name for each, schema in schemas.items() if each != "Error" for name in named(schema)}
