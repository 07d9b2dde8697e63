"""A proposal as the text of a `crm.toml`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")

WIDTH: Final = 100


def lines(document: Mapping[str, Any], notes: Mapping[str, str]) -> list[str]:
    """Return the lines of a file, each note as a comment above its key.

    Args:
        document: What the file says, as TOML is read.
        notes: The key (for a field of an item `items.` and the key) to what is said of it.
    """
    found = list(_table(document, notes, ()))
    return found[1:] if found[:1] == [""] else found


def _table(
    table: Mapping[str, Any], notes: Mapping[str, str], path: tuple[str, ...]
) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if isinstance(value, dict) and _is(path)}
    plain = {key: value for key, value in table.items() if key not in inner}
    if path and plain:
        yield ""
        yield f"[{'.'.join(path)}]"
    said = set()
    for key, value in plain.items():
        note = notes.get(f"items.{key}" if path[-1:] == ("items",) else key)
        if note and path[-1:] in ((), ("fields",), ("status",), ("items",)):
            yield f"# {note}"
            said.add(key)
        yield f"{_key(key)} = {value_of(value)}"
    if path == ("orders", "fields"):
        yield from (f"# {notes[key]}" for key in ("marketingOptIn",) if key in notes.keys() - said)
    for key, value in inner.items():
        yield from _table(value, notes, (*path, key))


def _is(path: tuple[str, ...]) -> bool:
    """Return whether tables in a table are written as such, and not as values."""
    return path in ((), ("orders",), ("users",))


def value_of(value: object) -> str:
    """Return a value as TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return (
                "{ " + ", ".join(f"{_key(k)} = {value_of(one)}" for k, one in value.items()) + " }"
            )
        case list() | tuple():
            return "[" + ", ".join(value_of(one) for one in value) + "]"
        case int():
            return str(value)
    # A JSON text is a TOML text.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
