"""The text part: what HTML says, as plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset(
    {
        *("address", "blockquote", "center", "div", "dl", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("hr", "ol", "p", "pre", "table", "ul", "dt", "dd"),
    }
)

_LINES: Final = frozenset({"li", "tr"})

DEEPEST: Final = 100
"""Elements within each other; what is deeper nobody wrote to be read."""

VOID: Final = frozenset({"br", "hr", "img", "wbr"})

_UNSAID: Final = frozenset({"head", "script", "style", "title"})

_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](px|pt|em|rem|%)?\s*(;|!|$)"
    r"|opacity\s*:\s*0?\.?0\s*(;|!|$)|max-height\s*:\s*0|color\s*:\s*transparent|mso-hide",
    re.IGNORECASE,
)


_BLANKS: Final = re.compile(r"[ \t\r\n]+")

_BULLET: Final = re.compile(r" *(-|[0-9]+\.) ")

_ROWS: Final = frozenset({"ol", "table", "tbody", "tfoot", "thead", "tr", "ul"})


def hides(style: str) -> bool:
    """Return whether a style hides what it is of."""
    return _HIDDEN.search(style) is not None


@dataclass
class Plain:
    """What HTML says.

    Attributes:
        text: As plain text, each link with its address in brackets.
        links: Where the links lead that can be seen.
        headings: How many first headings (`h1`) there are.
        images: How many images there are.
        words: Its text without what images say instead of being seen.
    """

    text: str
    links: list[str]
    headings: int
    images: int
    words: str


def plain(html: str) -> Plain:
    """Return what HTML says that can be seen."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Plain(
        _tidy("".join(reader.written)),
        reader.links,
        reader.headings,
        reader.images,
        " ".join("".join(reader.words).split()),
    )


@dataclass
class _Open:
    tag: str
    hidden: bool
    href: str | None = None
    start: int = 0
    number: int = 0


@dataclass(eq=False)
class _Reader(HTMLParser):
    written: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    headings: int = 0
    images: int = 0

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        deep = len(self._open) >= DEEPEST
        hidden = self._hidden or deep or tag in _UNSAID or hides(held.get("style", ""))
        one = _Open(tag, hidden, held.get("href"), len(self.written))
        if tag not in VOID and len(self._open) <= DEEPEST:
            self._open.append(one)
        if hidden:
            return
        if tag == "h1":
            self.headings += 1
        if tag == "img":
            self.images += 1
            self.written.append(held.get("alt", ""))
        elif tag == "br":
            self._write("\n")
        elif tag == "hr":
            self._write("\n\n")
            self.written.append("---\n\n")
        elif tag in _BLOCKS:
            self._begin_block(tag)
        elif tag in _LINES:
            self._end_line()
        if tag == "ol":
            start = held.get("start", "1")
            one.number = int(start) - 1 if start.isdecimal() and len(start) < 10 else 0
        if tag == "li":
            self._end_line()
            self.written.append(self._bullet())
        if tag in ("td", "th") and not self._at_start:
            self._write("  ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not any(one.tag == tag for one in self._open):
            return
        while (one := self._open.pop()).tag != tag:
            pass
        if one.hidden:
            return
        if tag == "a" and one.href:
            said = " ".join("".join(self.written[one.start :]).split())
            if said:
                self.links.append(one.href)
            leads = one.href.removeprefix("mailto:").removeprefix("tel:")
            if leads != said:
                self.written.append(f" ({one.href})" if said else one.href)
        elif tag in _BLOCKS:
            self._begin_block(tag)
        elif tag in _LINES:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if not self._within("pre"):
            data = _BLANKS.sub(" ", data)
            if self._at_start or (self._open and self._open[-1].tag in _ROWS and data == " "):
                data = data.lstrip(" ")
        if not data:
            return
        self.written.append(data)
        self.words.append(data)

    def _begin_block(self, tag: str) -> None:
        if self._within("li"):
            if tag in ("ul", "ol") or not self._at_start:
                self._end_line()
        else:
            self._write("\n\n")

    def _end_line(self) -> None:
        if not self._at_start:
            self._write("\n")

    @property
    def _at_start(self) -> bool:
        """Whether nothing stands in the line yet but a list's bullet."""
        last = next((one for one in reversed(self.written) if one), "\n")
        return last.endswith("\n") or _BULLET.fullmatch(last) is not None

    def _write(self, text: str) -> None:
        self.written.append(text)
        self.words.append(text)

    @property
    def _hidden(self) -> bool:
        return bool(self._open) and self._open[-1].hidden

    def _within(self, tag: str) -> bool:
        return any(one.tag == tag for one in self._open)

    def _bullet(self) -> str:
        lists = [one for one in self._open if one.tag in ("ul", "ol")]
        indent = "  " * max(0, len(lists) - 1)
        if lists and lists[-1].tag == "ol":
            lists[-1].number += 1
            return f"{indent}{lists[-1].number}. "
        return f"{indent}- "


def _tidy(text: str) -> str:
    lines = [line.rstrip(" ") for line in text.split("\n")]
    text = "\n".join(line if line.startswith("  ") else line.lstrip(" ") for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"
