"""Small changes of a JSON text with comments: everything that is not changed stays as it is.

Each takes a text and a node that was read from it, and returns a new text. What one puts in,
`without` takes out to the byte, except from a container that was empty: what blanks there were
between its brackets is not known any more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from crm.installing.jsonc import Node, read

WIDTH: Final = 100
"""Columns within which a value stays on one line."""

_REST_OF_LINE: Final = re.compile(r"(?:[ \t]|/\*(?:[^*\r\n]|\*(?!/))*\*/)*(?://[^\r\n]*)?")

_COMMENTS: Final = re.compile(r"(?:\s|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/)*")


def line_end(text: str) -> str:
    """Return how a text's lines end."""
    return "\r\n" if "\r\n" in text else "\n"


def added(
    text: str, container: Node, *values: Any, key: str | None = None, first: bool = False
) -> str:
    """Return the text with more parts in an object or a list.

    Args:
        text: The text.
        container: An object or a list in it.
        values: The new parts.
        key: The name of the only one, in an object.
        first: Whether they come before the others, and not behind them.
    """
    newline, step = line_end(text), _unit(text)
    name = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "

    def block(indent: str, between: str) -> str:
        return between.join(name + _block(one, indent, step, newline) for one in values)

    if container.start == container.end:  # an empty text
        return f"{text}{{{newline}{step}{block(step, '')}{newline}}}{newline}"
    inside = container.start + 1
    if not container.parts:
        outer = _indent(text, container.start)
        inner = outer + step
        last = _COMMENTS.match(text, inside, container.end - 1)
        assert last is not None
        kept = text[inside : last.end()].rstrip()
        part = f"{newline}{inner}{block(inner, f',{newline}{inner}')}{newline}{outer}"
        return text[:inside] + kept + part + text[container.end - 1 :]
    lines = _begins_line(text, container.begins[0])
    inner = _indent(text, container.begins[-1])
    part = block(inner, f",{newline}{inner}" if lines else ", ")
    if first:
        place = _past_comments(text, inside) if lines else container.begins[0]
        lead, behind = (f"{newline}{inner}", ",") if lines else ("", ", ")
        return text[:place] + lead + part + behind + text[place:]
    end = container.parts[-1].end
    closed = len(container.commas) == len(container.parts)
    behind_it = container.commas[-1] + 1 if closed else end
    place = _past_comments(text, behind_it) if lines else behind_it
    before = text[:place] if closed else f"{text[:end]},{text[end:place]}"
    lead = f"{newline}{inner}" if lines else " "
    return f"{before}{lead}{part}{',' if closed else ''}{text[place:]}"


def without(text: str, container: Node, number: int, count: int = 1) -> str:
    """Return the text without some parts of an object or a list.

    Comments between others stay. The last part takes the comma before it along, unless it has one
    of its own.

    Args:
        text: The text.
        container: An object or a list in it.
        number: The first part that goes.
        count: How many go.
    """
    through = number + count - 1
    begin, end = container.begins[number], container.parts[through].end
    comma = container.commas[through] if through < len(container.commas) else None
    rest = text[end:] if comma is None else text[end:comma] + text[comma + 1 :]
    cut = _line_before(text, begin)
    behind = rest.lstrip(" \t")[:1]
    if "//" in text[text.rfind("\n", 0, cut) + 1 : cut] and behind not in ("\r", "\n"):
        cut = begin  # what is behind must not get into that comment
    if count == len(container.parts):
        if cut == container.start + 1 and rest.lstrip()[:1] in ("}", "]"):
            rest = rest.lstrip()
        return text[:cut] + rest
    if _begins_line(text, begin):
        return _with_comma(text, container, number, comma, cut, rest)
    if through < len(container.parts) - 1:
        return text[:begin] + text[container.begins[through + 1] :]
    return _with_comma(text, container, number, comma, begin, rest)


def _with_comma(
    text: str, container: Node, number: int, own: int | None, begin: int, rest: str
) -> str:
    """Cut before a part that goes; where it had no comma of its own, with the one before it."""
    if own is not None:
        return text[:begin].rstrip(" ") + rest
    comma = container.commas[number - 1]
    return text[:comma] + text[comma + 1 : begin].rstrip(" ") + rest


def wrapped(text: str, node: Node) -> str:
    """Return the text with a value turned into a list that holds it."""
    return f"{text[: node.start]}[{text[node.start : node.end]}]{text[node.end :]}"


def unwrapped(text: str, array: Node) -> str:
    """Return the text with a list of one turned into what it holds."""
    (only,) = array.parts
    comma = array.commas[0] if array.commas else None
    behind = text[only.end : array.end - 1]
    if comma is not None:
        behind = text[only.end : comma] + text[comma + 1 : array.end - 1]
    return text[: array.start] + text[array.start + 1 : only.end] + behind + text[array.end :]


def replaced(text: str, node: Node, value: Any) -> str:
    """Return the text with another value in the place of one."""
    step, newline = _unit(text), line_end(text)
    block = _block(value, _indent(text, node.start), step, newline)
    return text[: node.start] + block + text[node.end :]


def put(text: str, path: Sequence[str], value: Any, file: str) -> str:
    """Return the text with a value at a path of keys; objects that are missing are made.

    Raises:
        ConfigError: The text is not JSON.
    """
    node = read(text, file)
    for number, key in enumerate(path):
        found = node.member(key)
        if found is None or not (isinstance(found.value, dict) or number == len(path) - 1):
            for missing in reversed(path[number + 1 :]):
                value = {missing: value}
            return (
                added(text, node, value, key=key) if found is None else replaced(text, found, value)
            )
        node = found
    return text if node.value == value else replaced(text, node, value)


def dropped(text: str, path: Sequence[str], file: str) -> str:
    """Return the text without the member at a path of keys, where it is there.

    Raises:
        ConfigError: The text is not JSON.
    """
    holder = read(text, file).at(*path[:-1])
    place = holder.place(path[-1]) if holder else None
    return text if holder is None or place is None else without(text, holder, place)


def _block(value: Any, indent: str, step: str, newline: str) -> str:
    """Return a value as text: on one line where it fits, else one part on each."""
    line = _line(value)
    if len(indent) + len(line) <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inner = indent + step
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(key, ensure_ascii=False)}: {_block(one, inner, step, newline)}"
            for key, one in value.items()
        ]
    else:
        parts = [_block(one, inner, step, newline) for one in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    joined = f",{newline}{inner}".join(parts)
    return f"{opening}{newline}{inner}{joined}{newline}{indent}{closing}"


def _line(value: Any) -> str:
    if isinstance(value, dict):
        pairs = [
            f"{json.dumps(key, ensure_ascii=False)}: {_line(one)}" for key, one in value.items()
        ]
        return "{ " + ", ".join(pairs) + " }" if pairs else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_line, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _unit(text: str) -> str:
    """Return by what the text indents a level: what its first indented line begins with."""
    found = re.search(r"\n([ \t]+)[^\s]", text)
    return found[1] if found else "  "


def _indent(text: str, place: int) -> str:
    """Return the blanks that the line of a place begins with."""
    start = text.rfind("\n", 0, place) + 1
    found = re.compile(r"\ufeff?([ \t]*)").match(text, start)
    assert found is not None
    return found[1]


def _begins_line(text: str, place: int) -> bool:
    """Return whether only blanks are before a place on its line, which is not the first."""
    start = text.rfind("\n", 0, place) + 1
    return start > 0 and not text[start:place].strip(" \t")


def _line_before(text: str, place: int) -> int:
    """Return where the line of a place begins, with the line end before; else the place itself."""
    if not _begins_line(text, place):
        return place
    start = text.rfind("\n", 0, place)
    return start - 1 if text[:start].endswith("\r") else start


def _past_comments(text: str, place: int) -> int:
    """Return where comments end that follow on the same line, if nothing else does."""
    found = _REST_OF_LINE.match(text, place)
    assert found is not None
    end = found.end()
    behind = text[end : end + 1]
    return (
        end - (len(found[0]) - len(found[0].rstrip(" \t"))) if behind in ("\r", "\n", "") else place
    )
