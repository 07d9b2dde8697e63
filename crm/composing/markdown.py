"""Markdown to HTML with the styles that mail programs need on each element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from crm.composing.marks import Marks
from crm.composing.problems import Finding

_CELL: Final = "padding:8px;border-bottom:1px solid #d0d4d9;text-align:start"

STYLES: Final[Mapping[str, str]] = {
    "h1": "margin:0 0 16px;font-size:26px;line-height:1.25",
    "h2": "margin:28px 0 12px;font-size:20px;line-height:1.3",
    "h3": "margin:24px 0 8px;font-size:17px;line-height:1.3",
    "p": "margin:0 0 16px",
    "a": "color:#0b57d0;text-decoration:underline",
    "ul": "margin:0 0 16px;padding-inline-start:24px",
    "ol": "margin:0 0 16px;padding-inline-start:24px",
    "li": "margin:0 0 4px",
    "img": "display:block;max-width:100%;height:auto;border:0",
    "blockquote": "margin:0 0 16px;padding:0 16px;border-inline-start:3px solid #d0d4d9",
    "hr": "margin:24px 0;border:0;border-top:1px solid #d0d4d9",
    "code": "font-family:monospace;font-size:14px",
    "pre": "margin:0 0 16px;padding:12px;overflow-x:auto;font-family:monospace;font-size:14px",
    "table": "margin:0 0 16px;border-collapse:collapse;width:100%",
    "th": f"{_CELL};font-weight:bold",
    "td": _CELL,
}


BUTTON: Final = (
    "display:inline-block;padding:12px 24px;border-radius:6px;background-color:#0b57d0;"
    "color:#ffffff;text-decoration:none"
)
"""Of a link that stands alone in its paragraph, in bold."""

BUTTON_CLASS: Final = "crm-button"


def _parser(*, html: bool) -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": html, "linkify": False, "typographer": False})
    return made.enable(["table", "strikethrough"])


_PARSER: Final = _parser(html=False)

_WITH_HTML: Final = _parser(html=True)
"""Only to see whether somebody wrote HTML; nothing is rendered with it."""


def to_html(source: str) -> str:
    """Return Markdown as HTML; HTML within it is shown as the text that it is."""
    tokens = _PARSER.parse(source)
    for token in _all(tokens):
        tag = "pre" if token.type in ("fence", "code_block") else token.tag
        if token.nesting >= 0 and tag in STYLES and token.type not in ("fence", "code_block"):
            align = str(token.attrGet("style") or "").replace("text-align:", ";text-align:")
            token.attrSet("style", STYLES[tag] + align)
    for token in tokens:
        link = _button(token.children or ())
        if link is not None:
            link.attrSet("class", BUTTON_CLASS)
            link.attrSet("style", BUTTON)
    html: str = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return html.replace("<pre><code", f'<pre style="{STYLES["pre"]}"><code')


def findings(source: str, marks: Marks) -> list[Finding]:
    """Return what is wrong in Markdown that is seen in its own form only."""
    if "<" not in source:
        return []
    for token in _all(_WITH_HTML.parse(source)):
        if token.type in ("html_block", "html_inline"):
            near = marks.literal(token.content).strip().split("\n")[0]
            message = "Markdown mails show HTML as text: write Markdown, or a mail in MJML."
            return [Finding("html-in-markdown", message, near)]
    return []


def _button(tokens: Sequence[Token]) -> Token | None:
    """Return the link of a paragraph that is one bold link and nothing else; None for others."""
    shown = [one for one in tokens if one.type != "text" or one.content]
    kinds = [one.type for one in shown]
    if kinds[:2] != ["strong_open", "link_open"] or kinds[-2:] != ["link_close", "strong_close"]:
        return None
    once = kinds.count("link_open") == kinds.count("strong_open") == 1
    return shown[1] if once else None


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())
