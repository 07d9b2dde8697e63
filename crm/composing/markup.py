"""HTML that may be in a mail: what else is written there is found, and left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

import nh3

from crm.composing.addresses import Address, image, link
from crm.composing.marks import Marks
from crm.composing.problems import MOST, NEAR, Finding, meant

TAGS: Final = frozenset(
    {
        *("a", "abbr", "b", "blockquote", "br", "center", "code", "del", "div", "em"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "s"),
        *("small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th"),
        *("thead", "tr", "u", "ul"),
    }
)

_EVERY: Final = frozenset({"align", "class", "dir", "lang", "style"})

_CELL: Final = frozenset({"bgcolor", "colspan", "height", "rowspan", "valign", "width"})

ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "a": frozenset({"href", "title"}),
    "img": frozenset({"alt", "height", "src", "title", "width"}),
    "ol": frozenset({"start"}),
    "table": frozenset({"bgcolor", "border", "cellpadding", "cellspacing", "role", "width"}),
    "td": _CELL,
    "th": _CELL,
    "tr": frozenset({"bgcolor", "valign"}),
    "abbr": frozenset({"title"}),
}

_SAID: Final = frozenset({"alt", "title"})
"""Attributes that people read: a value may stand in them."""

_PLAIN: Final = re.compile(r"[\w\s#%.,:;!()'\"/+-]*")

_ACTIVE: Final = re.compile(
    r"url\s*\(|expression\s*\(|javascript|@import|behavior|-moz-binding|image\s*\(|\\|/\*|<",
    re.IGNORECASE,
)


_UNENDED: Final = 100


def harmless(value: str) -> bool:
    """Return whether something that styles holds nothing that is loaded or run."""
    return _PLAIN.fullmatch(value) is not None and _ACTIVE.search(value) is None


def harmless_css(css: str) -> bool:
    """Return whether a style sheet holds nothing that is loaded or run."""
    return _ACTIVE.search(css) is None


@dataclass(frozen=True)
class Markup:
    """Cleans HTML in which marks stand for values.

    Attributes:
        marks: The marks.
    """

    marks: Marks
    _cleaner: nh3.Cleaner = field(init=False, repr=False)

    def __post_init__(self) -> None:
        cleaner = nh3.Cleaner(
            tags=set(TAGS),
            clean_content_tags={"script", "style", "title", "iframe", "object", "noscript", "svg"},
            attributes={**{tag: set(held) for tag, held in ATTRIBUTES.items()}, "*": set(_EVERY)},
            attribute_filter=self.attribute,
            strip_comments=True,
            link_rel=None,
            url_schemes={"http", "https", "mailto", "tel"},
        )
        object.__setattr__(self, "_cleaner", cleaner)

    def clean(self, html: str) -> str:
        """Return HTML without what may not be in a mail."""
        return self._cleaner.clean(html)

    def clean_rows(self, html: str) -> str:
        """Return rows of a table, cleaned likewise."""
        table = self.clean(f"<table>{html}</table>")
        start, end = table.find("<table>"), table.rfind("</table>")
        return table[start + len("<table>") : end] if 0 <= start < end else ""

    def attribute(self, _tag: str, name: str, value: str) -> str | None:
        """Return an attribute as it may be written; None where it may not."""
        if name == "href":
            return link(self.marks, value).written
        if name == "src":
            return image(self.marks, value).written
        if name in _SAID:
            return value
        return value if not self.marks.has(value) and harmless(value) else None

    def findings(self, html: str) -> list[Finding]:
        """Return what is wrong in HTML."""
        if html.count("<") - html.count(">") > _UNENDED:
            # Python's parser would look for their ends again and again.
            message = "Many `<` here begin nothing that ends: write `&lt;` for the sign."
            return [Finding("unsafe-markup", message, blocking=True)]
        reader = _Reader(self)
        reader.feed(html)
        reader.close()
        return reader.found


@dataclass(eq=False)
class _Reader(HTMLParser):
    markup: Markup
    found: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._link: str | None = None
        self._said = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(self.found) >= MOST:
            return
        near = self.markup.marks.literal(self.get_starttag_text() or f"<{tag}")[:NEAR]
        if tag not in TAGS:
            known = meant(tag, TAGS) if "-" not in tag else ""
            message = f"`<{tag}>` may not be in a mail, and is left out.{known}"
            self.found.append(Finding("unsafe-markup", message, f"<{tag}", blocking=True))
            return
        held = {name: value or "" for name, value in attrs}
        for name, value in held.items():
            self._attribute(tag, name, value, near)
        if tag == "a":
            self._link, self._said = near, bool(held.get("title") and not held.get("href"))
        if tag == "img":
            self._said = self._said or bool(held.get("alt", "").strip())
            self.found += image_findings(held, near)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            if not self._said:
                message = "A link has no text, so nobody can follow it: write what it leads to."
                self.found.append(Finding("link-without-text", message, self._link))
            self._link = None

    def handle_data(self, data: str) -> None:
        self._said = self._said or bool(data.strip())

    def _attribute(self, tag: str, name: str, value: str, near: str) -> None:
        if name not in _EVERY | ATTRIBUTES.get(tag, frozenset()):
            message = f"`{name}` of `<{tag}>` may not be in a mail, and is left out."
            active = name.startswith("on") or name in ("srcset", "background", "action")
            self.found.append(Finding("unsafe-markup", message, near, blocking=active))
        elif name in ("href", "src"):
            self.found += address_findings(self.markup.marks, name, value, near)
        elif self.markup.attribute(tag, name, value) is None:
            message = (
                f"What stands in `{name}` of `<{tag}>` may not be in a mail: no values, no url()."
            )
            self.found.append(Finding("unsafe-style", message, near, blocking=True))


def address_findings(marks: Marks, name: str, value: str, near: str) -> list[Finding]:
    """Return what is wrong with where a link leads, or an image is."""
    address: Address = link(marks, value) if name == "href" else image(marks, value)
    if address.reason is None:
        return []
    return [Finding(address.reason, address.message, near, blocking=address.written is None)]


def image_findings(held: Mapping[str, str], near: str) -> list[Finding]:
    """Return what is wrong with an image besides its address."""
    found = []
    if "alt" not in held:
        message = 'An image has no alt text: say what it shows, or `alt=""` for decoration.'
        found.append(Finding("image-without-alt", message, near))
    if not held.get("src"):
        found.append(
            Finding("broken-image", "An image has no address (`src`).", near, blocking=True)
        )
    sizes = {held.get("width", ""), held.get("height", "")}
    if sizes & {"0", "1", "0px", "1px"}:
        message = "An image of one pixel tells who opens the mail: leave it out."
        found.append(Finding("tracking-image", message, near, blocking=True))
    return found
