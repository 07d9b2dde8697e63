"""Security rules as a text: which open CRM-Lite's collections, and what its own part says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from crm.core.errors import ConfigError
from crm.installing.rules import DOCUMENTS, SKIPPED, marked, read

_SIGNED_IN: Final = re.compile(r"request\s*\.\s*auth(\s*\.\s*uid)?\s*!=\s*null")

_DATED: Final = re.compile(r"request\s*\.\s*time\s*<(?:\s*timestamp\.date\(([\d, ]+)\))?")

_FALSE: Final = re.compile(r"\(*\s*false\s*\)*")

Opening = Literal["all", "dated", "signed-in", "some"]
"""Whom a rule lets in: everybody; everybody until a day, and nobody then; who is signed in; or
whom a condition of the host's own lets in."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A rule of the host's that also opens a collection of ours.

    Attributes:
        path: Its path below the database's documents, as it is written.
        line: The line on which its `match` stands.
        whom: Whom it lets in.
        condition: As it is written; None where there is none.
    """

    path: str
    line: int
    whom: Opening
    condition: str | None = None

    @property
    def anything(self) -> bool:
        """Whether it matches collections of any name, and not one of ours by its name."""
        return self.path.startswith("/{")

    def __str__(self) -> str:
        """Return what it does and what to do about it, in one sentence."""
        name = "name your own collections in its place"
        match self.whom:
            case "all":
                whom = "anybody"
            case "dated":
                dated = _DATED.match(self.condition or "")
                numbers = re.findall(r"\d+", (dated and dated[1]) or "")
                day = "-".join(one.zfill(2) for one in numbers) or "its day"
                whom = f"anybody until {day}, and closes everything then (test mode)"
                name = f"{name}, each with its own condition"
            case "signed-in":
                whom = "anybody who is signed in"
            case "some":
                whom = f"whom its condition lets in, staff or not (`{self.condition}`)"
        return (
            f"line {self.line}: the rule for {self.path} also opens CRM-Lite's collections to"
            f" {whom}: {name}."
        )


def own_part(text: str) -> str | None:
    """Return CRM-Lite's part of rules, without comments and blanks; None where it is not in."""
    found = _marked(text)
    if found is None:
        return None
    inside = text[slice(*found)]
    return "".join(SKIPPED.sub(_texts_alone, inside).split())


def opened(text: str, collections: Sequence[str]) -> list[Opened]:
    """Return the host's rules that open a collection of ours.

    Args:
        text: The rules.
        collections: Ours.
    """
    if found := _marked(text):  # as many lines as before
        start, end = found
        text = text[:start] + re.sub(r"[^\r\n]", " ", text[start:end]) + text[end:]
    rules: list[Opened] = []
    for block in read(text).every():
        base = DOCUMENTS.match(block.path)
        path = [one for one in block.path[base.end() :].split("/") if one] if base else []
        if not any(_matches(path, (name, "x")) for name in collections):
            continue
        for condition in block.allows:
            said = None if condition is None else " ".join(condition.split())
            whom = _whom(said)
            if whom is None:
                continue
            line = text.count("\n", 0, block.start) + 1
            one = Opened("/" + "/".join(path), line, whom, None if whom == "all" else said)
            if one not in rules:
                rules.append(one)
    return rules


def _marked(text: str) -> tuple[int, int] | None:
    try:
        return marked(text, "")
    except ConfigError:  # one of both marks alone
        return None


def _texts_alone(found: re.Match[str]) -> str:
    """Return a text as it is, and nothing for a comment."""
    return found[0] if found[0][0] in "'\"" else ""


def _whom(condition: str | None) -> Opening | None:
    """Return whom a condition lets in; None for nobody."""
    if condition is None or condition == "true":
        return "all"
    if _FALSE.fullmatch(condition):
        return None
    if _DATED.match(condition) and "&&" not in condition:
        return "dated"
    return "signed-in" if _SIGNED_IN.fullmatch(condition) else "some"


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
