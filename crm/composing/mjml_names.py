"""The elements and attributes of MJML that a mail may have, and where each may stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SIDES = "top right bottom left"

_PADDING = _names("padding " + " ".join(f"padding-{side}" for side in _SIDES.split()))

_BORDER = _names("border border-radius " + " ".join(f"border-{side}" for side in _SIDES.split()))

_EVERY = _names("css-class mj-class")

_LEAF = _EVERY | _PADDING | _names("container-background-color")

_FONT = _names(
    "align color font-family font-size font-style font-weight letter-spacing line-height"
    " text-decoration text-transform"
)

_BACKGROUND = _names(
    "background-color background-url background-repeat background-size background-position"
    " background-position-x background-position-y"
)

_BAND = _EVERY | _PADDING | _BORDER | _BACKGROUND | _names("direction full-width text-align")

_LEAVES = _names("mj-text mj-button mj-image mj-divider mj-spacer mj-table")


@dataclass(frozen=True, slots=True)
class Element:
    """An element.

    Attributes:
        attributes: What it may have.
        children: What may stand in it.
        content: Whether HTML stands in it instead: `html`, `rows` of a table, a `text` or `css`.
    """

    attributes: frozenset[str] = frozenset()
    children: frozenset[str] = frozenset()
    content: str | None = None


ELEMENTS: Final[Mapping[str, Element]] = {
    "mjml": Element(_names("lang dir"), _names("mj-head mj-body")),
    "mj-head": Element(children=_names("mj-attributes mj-breakpoint mj-preview mj-style mj-title")),
    "mj-attributes": Element(),  # its children are of their own kind
    "mj-breakpoint": Element(_names("width")),
    "mj-preview": Element(content="text"),
    "mj-title": Element(content="text"),
    "mj-style": Element(content="css"),
    "mj-body": Element(
        _EVERY | _names("background-color width"), _names("mj-section mj-wrapper mj-hero")
    ),
    "mj-wrapper": Element(_BAND, _names("mj-section mj-hero")),
    "mj-section": Element(_BAND, _names("mj-column mj-group")),
    "mj-group": Element(
        _EVERY | _names("background-color direction vertical-align width"), _names("mj-column")
    ),
    "mj-column": Element(
        _EVERY
        | _PADDING
        | _BORDER
        | _names("background-color direction vertical-align width inner-background-color")
        | _names("inner-border inner-border-radius"),
        _LEAVES,
    ),
    "mj-hero": Element(
        _EVERY
        | _PADDING
        | _BACKGROUND
        | _names("mode height width vertical-align background-height background-width")
        | _names("inner-background-color inner-padding border-radius"),
        _LEAVES,
    ),
    "mj-text": Element(_LEAF | _FONT | _names("height"), content="html"),
    "mj-button": Element(
        _LEAF
        | _FONT
        | _BORDER
        | _names(
            "background-color height href inner-padding text-align title vertical-align width"
        ),
        content="html",
    ),
    "mj-table": Element(
        _LEAF | _FONT | _names("border cellpadding cellspacing role table-layout width"),
        content="rows",
    ),
    "mj-image": Element(
        _LEAF
        | _BORDER
        | _names("align alt fluid-on-mobile font-size height href max-height src title width")
    ),
    "mj-divider": Element(_LEAF | _names("align border-color border-style border-width width")),
    "mj-spacer": Element(_LEAF | _names("height")),
}
"""Every element there is. What MJML has besides needs images of others, scripts of programs, or
passes on HTML as it is."""

INSTEAD: Final[Mapping[str, str]] = {
    "mj-raw": "Write HTML into `<mj-text>` or `<mj-table>`.",
    "mj-include": "Write what it includes here.",
    "mj-font": "Mails load no fonts from elsewhere: name fonts that people have.",
    "mj-social": "Its icons come from elsewhere: write links in `<mj-text>`.",
    "mj-html-attributes": "Leave it out.",
    "mj-accordion": "Most programs show it as text: use `<mj-text>`.",
    "mj-carousel": "Most programs show one image of it: use `<mj-image>`.",
    "mj-navbar": "Write links in `<mj-text>`.",
}
"""What to write instead of what is not there."""

SETTABLE: Final = frozenset({"mj-all", "mj-class", *(_LEAVES)}) | _names(
    "mj-body mj-column mj-group mj-hero mj-section mj-wrapper"
)
"""What `mj-attributes` may set."""

ANY_ATTRIBUTE: Final = frozenset().union(*(one.attributes for one in ELEMENTS.values()))
