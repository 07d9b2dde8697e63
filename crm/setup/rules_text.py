"""Security rules as a text: which open CRM-Lite's collections, and whether its own part is in.

Only as much of the language is understood as that takes: blocks `match`, and their `allow`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

BEGIN: Final = "CRM-Lite: begin"

END: Final = "CRM-Lite: end"

_SKIPPED: Final = re.compile(
    r"""(?P<text>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/""", re.DOTALL
)

_MATCH: Final = re.compile(r"\bmatch\s+((?:/(?:\{[^{}/]*\}|[^\s{}/;]+))+)\s*\{")

_ALLOW: Final = re.compile(r"\ballow\s+([\w\s,]+?)\s*(?::\s*if\b(.*?))?;", re.DOTALL)

_SIGNED_IN: Final = re.compile(r"request\s*\.\s*auth(\s*\.\s*uid)?\s*!=\s*null")

_DATED: Final = re.compile(r"request\s*\.\s*time\s*<")

Opening = Literal["all", "dated", "signed-in", "some"]
"""Whom a rule lets in: everybody; everybody until a day, and nobody then; who is signed in; or
whom a condition of the host's own lets in."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A rule of the host's that also opens a collection of ours.

    Attributes:
        path: Its path below the database's documents, as it is written.
        line: The line on which it stands.
        whom: Whom it lets in.
    """

    path: str
    line: int
    whom: Opening


def own_part(text: str) -> str | None:
    """Return CRM-Lite's part of rules, without comments and blanks; None where it is not in.

    It is what stands between the two marking lines.
    """
    begin, end = text.find(BEGIN), text.find(END)
    if not 0 <= begin < end:
        return None
    inside = text[text.index("\n", begin) : text.rindex("\n", begin, end)]
    return _plain(inside)


def opened(text: str, collections: Sequence[str]) -> list[Opened]:
    """Return the host's rules that open a collection of ours.

    Args:
        text: The rules.
        collections: Ours.
    """
    begin, end = text.find(BEGIN), text.find(END)
    if 0 <= begin < end:  # as many lines as before
        inside = text[begin:end]
        text = text[:begin] + re.sub(r"[^\n]", " ", inside) + text[end:]
    plain = _SKIPPED.sub(_blank, text)
    found = []
    for path, line, methods, condition in _allows(plain):
        if not any(_matches(path, (name, "x")) for name in collections):
            continue
        whom = _whom(condition)
        if whom is not None and methods:
            found.append(Opened("/" + "/".join(path), line, whom))
    return found


def _plain(text: str) -> str:
    return "".join(_SKIPPED.sub(lambda one: one["text"] or "", text).split())


def _blank(found: re.Match[str]) -> str:
    """Return a comment or a text as blanks, so that lines and places stay."""
    return re.sub(r"[^\n]", " ", found[0])


def _whom(condition: str | None) -> Opening | None:
    """Return whom a condition lets in; None for nobody."""
    if condition is None or condition.strip() == "true":
        return "all"
    stripped = condition.strip()
    if stripped == "false":
        return None
    if _DATED.match(stripped) and "&&" not in stripped:
        return "dated"
    if _SIGNED_IN.fullmatch(stripped):
        return "signed-in"
    return "some"


def _allows(text: str) -> Iterator[tuple[tuple[str, ...], int, str, str | None]]:
    """Yield each `allow` below the documents: its path, line, methods and condition."""
    open_blocks: list[tuple[str, ...]] = []
    at = 0
    while at < len(text):
        if found := _MATCH.match(text, at):
            open_blocks.append(tuple(found[1].strip("/").split("/")))
            at = found.end()
        elif found := _ALLOW.match(text, at):
            path = tuple(part for block in open_blocks for part in block)
            if path[:1] == ("databases",) and path[2:3] == ("documents",):
                line = text.count("\n", 0, at) + 1
                yield path[3:], line, found[1], found[2]
            at = found.end()
        else:
            if text[at] == "{":
                open_blocks.append(())
            elif text[at] == "}" and open_blocks:
                open_blocks.pop()
            at += 1


def _matches(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Return whether a path of rules fits a document's."""
    if not pattern:
        return not path
    first, rest = pattern[0], pattern[1:]
    if first.startswith("{") and first.endswith("=**}"):  # any number, of none on in version 2
        return any(_matches(rest, path[count:]) for count in range(len(path) + 1))
    if not path:
        return False
    return (first.startswith("{") or first == path[0]) and _matches(rest, path[1:])
