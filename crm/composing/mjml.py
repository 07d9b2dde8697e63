"""MJML to HTML: what was read is written anew, with marks for HTML, and MRML lays that out.

So MRML never sees a character that somebody else wrote, and no HTML that was not cleaned comes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape, unescape
from typing import Final

import mrml

from crm.composing.addresses import image, link
from crm.composing.layout import FILLER, FONT
from crm.composing.marks import Marks
from crm.composing.markup import (
    Markup,
    address_findings,
    harmless,
    harmless_css,
    image_findings,
)
from crm.composing.mjml_names import ELEMENTS
from crm.composing.mjml_tree import Node, Tree, read
from crm.composing.plain import hides
from crm.composing.problems import Finding
from crm.composing.words import direction

_CONTENT: Final = "c"
"""The key of marks that stand for HTML."""

_ADDRESSES: Final = frozenset({"href", "src", "background-url"})

_SAID: Final = frozenset({"alt", "title"})

_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")

_OWN_CLASS: Final = re.compile(r"\.(?!mj-|moz-)[\w-]+")

_OPTIONS: Final = mrml.RenderOptions(disable_comments=True, fonts={})
"""Without fonts that MRML would have every reader's program load from Google."""


@dataclass
class Laid:
    """A mail that was laid out, with marks for values.

    Attributes:
        tree: As it was read.
        markup: Cleans its HTML.
        said: What it says, as simple HTML.
        found: What is wrong with it.
    """

    tree: Tree
    markup: Markup
    said: str
    found: list[Finding]

    def document(self, foot: str | None, *, language: str, title: str, preview: str) -> str:
        """Return the whole mail as HTML.

        Args:
            foot: What is to stand under it, as HTML; None where it has all.
            language: Its language.
            title: Its subject, as HTML.
            preview: What mailboxes show beside the subject, as HTML; "" for what it has itself.
        """
        contents: list[str] = []

        def content(html: str) -> str:
            contents.append(html)
            return self.markup.marks.mark(_CONTENT, len(contents) - 1)

        own = next(self.tree.head.find("mj-preview"), None)
        if not preview and own is not None:
            preview = escape(unescape(own.content.strip()))
        head = f"<mj-title>{content(title)}</mj-title>"
        if preview:
            head += f"<mj-preview>{content(preview + FILLER)}</mj-preview>"
        head += "".join(
            self._written(child, content)
            for child in self.tree.head.children
            if child.name not in ("mj-preview", "mj-title")
        )
        body = "".join(self._written(child, content) for child in self.tree.body.children)
        if foot is not None:
            body += (
                '<mj-section background-color="#ffffff" padding="16px 0"><mj-column width="100%">'
                f'<mj-text align="center" color="#5f6670" font-family="{FONT}" font-size="13px"'
                f' line-height="1.5">{content(foot)}'
                "</mj-text></mj-column></mj-section>"
            )
        attributes = self._attributes(self.tree.body)
        source = (
            f'<mjml lang="{escape(language)}" dir="{direction(language)}"><mj-head>{head}</mj-head>'
            f"<mj-body{attributes}>{body}</mj-body></mjml>"
        )
        html = mrml.to_html(source, render_options=_OPTIONS).content
        pattern = re.compile(rf"{self.markup.marks.prefix}{_CONTENT}([0-9]+)x")
        return pattern.sub(lambda found: contents[int(found[1])], html)

    def _written(self, node: Node, content: Callable[[str], str]) -> str:
        attributes = self._attributes(node)
        match ELEMENTS[node.name].content if node.name in ELEMENTS else None:
            case "html":
                inner = content(self.markup.clean(node.content))
            case "rows":
                inner = content(self.markup.clean_rows(node.content))
            case "css":
                if not harmless_css(node.content) or self.markup.marks.has(node.content):
                    return ""
                inner = content(node.content)
            case "text":
                return ""
            case _:
                inner = "".join(self._written(child, content) for child in node.children)
        return f"<{node.name}{attributes}>{inner}</{node.name}>"

    def _attributes(self, node: Node) -> str:
        written = []
        for name, value in node.attributes.items():
            shown = self.attribute(name, value)
            if shown is not None:
                written.append(f' {name}="{escape(shown)}"')
        return "".join(written)

    def attribute(self, name: str, value: str) -> str | None:
        """Return an attribute as it may be written; None where it may not."""
        if name in _ADDRESSES:
            rule = link if name == "href" else image
            return rule(self.markup.marks, value).written
        if name in _SAID:
            return value
        return value if not self.markup.marks.has(value) and harmless(value) else None


def lay_out(source: str, marks: Marks, markup: Markup) -> Laid:
    """Read MJML in which marks stand for values.

    Args:
        source: The MJML.
        marks: The marks.
        markup: Cleans its HTML.
    """
    tree = read(source, marks)
    laid = Laid(tree, markup, "", tree.found)
    laid.said = "".join(_said(child, laid) for child in tree.body.children)
    for node in [*tree.head.children, *tree.body.children]:
        _look_at(node, laid)
    return laid


def _said(node: Node, laid: Laid) -> str:
    """Return what an element says, as simple HTML."""
    markup, held = laid.markup, node.attributes
    size = held.get("font-size", "")
    hidden = hides(f"font-size:{size}") if size else False
    match node.name:
        case "mj-text":
            style = ' style="display:none"' if hidden else ""
            return f"<div{style}>{markup.clean(node.content)}</div>"
        case "mj-button":
            inner = markup.clean(node.content)
            href = link(markup.marks, held.get("href", "")).written
            style = ' style="display:none"' if hidden else ""
            return (
                f'<p{style}><a href="{escape(href)}">{inner}</a></p>' if href else f"<p>{inner}</p>"
            )
        case "mj-table":
            return f"<table>{markup.clean_rows(node.content)}</table>"
        case "mj-image":
            shown = f'<img alt="{escape(held.get("alt", ""))}">'
            href = link(markup.marks, held.get("href", "")).written
            return f'<p><a href="{escape(href)}">{shown}</a></p>' if href else f"<p>{shown}</p>"
        case "mj-divider":
            return "<hr>"
        case _:
            return "".join(_said(child, laid) for child in node.children)


def _look_at(node: Node, laid: Laid) -> None:
    """Note what is wrong with an element and those in it."""
    laid.found += [replace(one, before=node.before) for one in _of_itself(node, laid)]
    content = ELEMENTS[node.name].content if node.name in ELEMENTS else None
    if content == "html":
        laid.found += laid.markup.findings(node.content)
    elif content == "rows":
        laid.found += laid.markup.findings(f"<table>{node.content}</table>")
    for child in node.children:
        if node.name != "mj-attributes":
            _look_at(child, laid)


def _of_itself(node: Node, laid: Laid) -> Iterator[Finding]:
    marks = laid.markup.marks
    for name, value in node.attributes.items():
        if name in _ADDRESSES:
            kind = "href" if name == "href" else "src"
            yield from address_findings(marks, kind, value, node.near)
        elif name not in _SAID and laid.attribute(name, value) is None:
            message = f"What stands in `{name}` of `<{node.name}>` may not: no values, no url()."
            yield Finding("unsafe-style", message, node.near, blocking=True)
    if node.name == "mj-style":
        yield from _in_css(node, marks)
    if node.name == "mj-image":
        yield from image_findings(node.attributes, node.near)
    if node.name == "mj-button" and not node.attributes.get("href"):
        message = "A button leads nowhere: write its `href`."
        yield Finding("empty-link", message, node.near, blocking=True)
    if node.name == "mj-button" and not laid.markup.clean(node.content).strip():
        message = "A button has no text: write what it leads to."
        yield Finding("link-without-text", message, node.near)


def _in_css(node: Node, marks: Marks) -> list[Finding]:
    if not harmless_css(node.content) or marks.has(node.content):
        message = "This style is left out: no url(), no @import, no comments, no values in it."
        return [Finding("unsafe-style", message, node.near, blocking=True)]
    for rule in _RULE.finditer(node.content):
        for selector in rule[1].split(","):
            if hides(rule[2]) and not _OWN_CLASS.match(selector.strip()):
                message = (
                    f"`{selector.strip()}` hides what everybody must see, the unsubscribe link too:"
                    " hide classes of your own only (`css-class`)."
                )
                return [Finding("hidden-unsubscribe", message, node.near, blocking=True)]
    return []
