"""Marks: what stands in for each value until the markup around it is done.

Liquid writes no value. It writes a mark, a short word of letters and digits, and keeps the value
beside it. Markdown, MJML and the cleaning of HTML see marks only, so no value can become markup, a
link, a heading, whatever it holds. At the end each mark is replaced by its value, escaped for where
it stands. And as the marked source is the same for all people who take the same way through a
template, its HTML is made once for all of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import ascii_letters, digits
from typing import Final, Literal

from crm.composing.people import Link, Own

Key = Literal["t", "u", "p"]
"""How a value stands there: `t` as text, `u` as a link of ours, `p` within a link (percent-encoded,
whatever it is)."""

LONGEST: Final = 1_000
"""Characters of one value; more is cut."""

_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]"
)
"""Controls, line ends, marks of direction that could turn the rest of a line around."""

_SPACES: Final = re.compile(r"\s+")

_LINKED: Final = re.compile(r"(?<=[^\W_])([.:@\u3002\uff0e\uff61])(?=[^\W\d_]|/)")
"""What mail programs make links of by themselves: `evil.example`, `https://`, `me@example`."""

_UNRESERVED: Final = frozenset(f"{ascii_letters}{digits}-._~".encode())

_DIVIDER: Final = "\u200b"
"""Nobody sees it, and no program makes a link of a text with one in it."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one source.

    Attributes:
        prefix: What each begins with; it is nowhere in the source, nor in what becomes of it.
    """

    prefix: str

    @classmethod
    def of(cls, source: str) -> Marks:
        """Return marks for a source."""
        # No beginning of it is an end of it, so no letters before a mark can be taken for one. And
        # nobody can write a source that has a mark of its own, taken apart by `&#122;` or a tag.
        digest = hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()
        return cls(f"zq{digest[:16]}v")

    def mark(self, key: str, number: int) -> str:
        """Return a mark."""
        return f"{self.prefix}{key}{number}x"

    @property
    def pattern(self) -> re.Pattern[str]:
        """What finds marks: `key` and `number`."""
        return re.compile(rf"{self.prefix}([a-z])([0-9]+)x")

    def inside_link(self, text: str) -> str:
        """Return a text with its values to be percent-encoded."""
        return self.pattern.sub(lambda found: self.mark("p", int(found[2])), text)

    def has(self, text: str) -> bool:
        """Return whether a value stands in a text."""
        return self.prefix in text

    def literal(self, text: str) -> str:
        """Return what stands before the first value in a text: it is the same for everybody."""
        return text.split(self.prefix, 1)[0]


Pieces = tuple[tuple[str, str, int], ...]
"""Text, and the key and the number of the value behind it; a key "" for none."""


def cut(marks: Marks, text: str) -> Pieces:
    """Return a text cut at its marks."""
    pieces, end = [], 0
    for found in marks.pattern.finditer(text):
        pieces.append((text[end : found.start()], found[1], int(found[2])))
        end = found.end()
    return (*pieces, (text[end:], "", 0))


def key_of(value: str) -> Key:
    """Return how a value stands where nothing else is said."""
    return "u" if isinstance(value, Link) else "t"


def in_html(pieces: Pieces, values: Sequence[str]) -> str:
    """Return HTML with values in it."""
    return _filled(pieces, values, html=True)


def in_text(pieces: Pieces, values: Sequence[str]) -> str:
    """Return plain text with values in it."""
    return _filled(pieces, values, html=False)


def _filled(pieces: Pieces, values: Sequence[str], *, html: bool) -> str:
    written: list[str] = []
    known: dict[tuple[str, int], str] = {}
    for text, key, number in pieces:
        written.append(text)
        if key:
            if (key, number) not in known:
                known[key, number] = _written(key, values, number, html=html)
            written.append(known[key, number])
    return "".join(written)


def _written(key: str, values: Sequence[str], number: int, *, html: bool) -> str:
    value = values[number] if number < len(values) else ""
    if key == "p":
        text = percent_encoded(value)
        return "" if not text.strip(".") else text  # `..` would be the folder above
    if key == "u" and not isinstance(value, Link):
        return ""
    text = value if isinstance(value, Own) else undivided(value)
    return escape(text) if html else text


def percent_encoded(text: str) -> str:
    """Return a text as it may stand anywhere behind the site of an address (RFC 3986)."""
    octets = text.encode("utf-8", "replace")
    return "".join(chr(one) if one in _UNRESERVED else f"%{one:02X}" for one in octets)


def undivided(text: str) -> str:
    """Return a text of which no mail program makes a link by itself."""
    return _LINKED.sub(rf"{_DIVIDER}\1", text)


def one_line(text: str) -> str:
    """Return a text as one line of characters that are seen."""
    if text.isprintable() and "  " not in text and len(text) <= LONGEST:
        return text
    return _SPACES.sub(" ", _UNSEEN.sub(" ", text))[:LONGEST]


def kept(value: str) -> str:
    """Return a value as it is kept: one line, and still what it was of `Own` and `Link`."""
    text = one_line(value)
    return type(value)(text) if isinstance(value, Own) else text
