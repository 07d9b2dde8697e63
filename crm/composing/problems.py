"""What is wrong with a mail that somebody writes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from html import unescape
from typing import Final

MOST: Final = 100
"""Findings of one mail; who sees these sees what is wrong."""

NEAR: Final = 120
"""Characters of what stands where a finding is."""

_ADDRESS: Final = re.compile(r"(?:href|src)=\"([^\"]*)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to look at before a mail is sent.

    Attributes:
        reason: A stable code (see docs/campaigns.md).
        message: A sentence that says what to change.
        at: Where: `subject`, `preview` or `body`, with a line where one is known: `body:12`.
        blocking: Whether nothing may be sent as long as it is there.
    """

    reason: str
    message: str
    at: str
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that is known by what stands there, before it is looked up in which line.

    Attributes:
        reason: As of `Problem`.
        message: As of `Problem`.
        near: What stands there in the source, as far as it is the same for everybody.
        blocking: As of `Problem`.
        before: How often the same stands before it.
    """

    reason: str
    message: str
    near: str = ""
    blocking: bool = False
    before: int = 0

    def found_in(self, source: str, part: str = "body") -> Problem:
        """Return the problem with its line in a source."""
        place = -1
        for _ in range(self.before + 1 if self.near.strip() else 0):
            following = source.find(self.near, place + 1)
            if following < 0:  # a loop wrote it more often than it stands there
                break
            place = following
        if place < 0 and (address := _ADDRESS.search(self.near)) is not None:  # as of Markdown
            place = source.find(unescape(address[1])) if address[1] else -1
        at = part if place < 0 else f"{part}:{line_of(source, place)}"
        return Problem(self.reason, self.message, at, self.blocking)


class Broken(ValueError):
    """A source that is no template. `problems` says why, each with its line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__("the template has faults")
        self.problems = tuple(problems)


class CannotRender(ValueError):
    """A template that fails for a person, such as one that compares a name with a number.

    `problem` says why; nothing of the person is in it.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def line_of(source: str, place: int) -> int:
    """Return the line (from 1) of a place in a source."""
    return source.count("\n", 0, place) + 1


def meant(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean `…`?" for a name that nobody knows; "" where none is near."""
    near = get_close_matches(name, sorted(known), 1)
    return f" Did you mean `{near[0]}`?" if near else ""
