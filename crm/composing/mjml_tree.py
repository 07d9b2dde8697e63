"""Reading MJML: a tree of elements that are known, and findings for all the rest.

MRML takes unknown elements, scripts and event handlers as they are and fails on HTML that browsers
take. So it is given only what was read here, written anew.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from crm.composing.marks import Marks
from crm.composing.mjml_names import ANY_ATTRIBUTE, ELEMENTS, INSTEAD, SETTABLE, Element
from crm.composing.problems import MOST, NEAR, Finding, meant

_TAG: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<end>/?)(?P<name>[A-Za-z][\w:-]*)"
    r"(?P<attributes>(?:\s+[^\s=<>/\"']+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*)"
    r"\s*(?P<alone>/?)>",
    re.DOTALL,
)

_END: Final = re.compile(r"</([A-Za-z][\w:-]*)\s*>")

_ATTRIBUTE: Final = re.compile(
    r"([^\s=<>/\"']+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?", re.DOTALL
)


@dataclass(slots=True)
class Node:
    """An element as it was read.

    Attributes:
        name: Its name.
        attributes: Its attributes, those that the element may have.
        children: Elements in it.
        content: The HTML in it, for one whose content that is.
        near: How it begins in the source.
        before: How often the same stands before it.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    content: str = ""
    near: str = ""
    before: int = 0

    def find(self, name: str) -> Iterator[Node]:
        """Return the elements of a name in it, itself among them."""
        if self.name == name:
            yield self
        for child in self.children:
            yield from child.find(name)


@dataclass
class Tree:
    """MJML as it was read.

    Attributes:
        root: Its `<mjml>`, with a head and a body always.
        found: What is wrong with it.
    """

    root: Node
    found: list[Finding]

    @property
    def head(self) -> Node:
        """`<mj-head>`."""
        return next(self.root.find("mj-head"))

    @property
    def body(self) -> Node:
        """`<mj-body>`."""
        return next(self.root.find("mj-body"))


def read(source: str, marks: Marks) -> Tree:
    """Read MJML, whatever it is: what does not belong there is left out, and found."""
    reader = _Reader(source, marks)
    reader.read()
    root = next((one for one in reader.top.children if one.name == "mjml"), None)
    if root is None:
        reader.say("no-mjml", "Put the mail into `<mjml><mj-body> … </mj-body></mjml>`.", "")
        root = Node("mjml")
    for name in ("mj-head", "mj-body"):
        if not any(child.name == name for child in root.children):
            if name == "mj-body" and reader.top.children:
                reader.say("no-mjml", "There is no `<mj-body>` in `<mjml>`.", root.near)
            root.children.append(Node(name))
    root.children.sort(key=lambda child: child.name != "mj-head")
    return Tree(root, reader.found)


class _Reader:
    def __init__(self, source: str, marks: Marks) -> None:
        self.source, self.marks = source, marks
        self.found: list[Finding] = []
        self.top = Node("")
        self._open: list[Node] = [self.top]
        self._place = 0
        self._ends = frozenset(_END.findall(source))

    def say(self, reason: str, message: str, near: str, *, blocking: bool = True) -> None:
        """Note a finding about what is being read."""
        if len(self.found) < MOST:
            near = self.marks.literal(near)[:NEAR]
            self.found.append(Finding(reason, message, near, blocking, self._before(near)))

    def _meant(self, name: str, known: Collection[str]) -> str:
        return meant(name, known) if len(self.found) < MOST and not self.marks.has(name) else ""

    def _before(self, near: str) -> int:
        return self.source.count(near, 0, self._place) if near else 0

    def read(self) -> None:
        """Read it all."""
        place = 0
        while (tag := _TAG.search(self.source, place)) is not None:
            self._text(self.source[place : tag.start()])
            place, self._place = tag.end(), tag.start()
            if tag["name"] is None:  # a comment
                continue
            if tag["end"]:
                self._close(tag["name"], tag[0])
            else:
                place = self._begin(tag)
        self._text(self.source[place:])
        for one in self._open[1:]:
            self.say("unclosed", f"`<{one.name}>` is not closed.", one.near)

    def _begin(self, tag: re.Match[str]) -> int:
        """Take an element in; return the place behind it, or behind what it begins with."""
        name, place = tag["name"], tag.end()
        parent = self._open[-1]
        near = self.marks.literal(tag[0]).split("\n")[0][:NEAR]
        element = self._known(name, parent, near)
        before = self._before(near) if element is not None else 0
        node = Node(name, near=near, before=before)
        content = element is not None and element.content is not None
        if content and not tag["alone"]:
            end = re.compile(rf"</{name}\s*>").search(self.source, place)
            if end is None:
                self.say("unclosed", f"`<{name}>` is not closed.", near)
            node.content = self.source[place : end.start() if end else None]
            place = end.end() if end else len(self.source)
        if element is None:
            return place if tag["alone"] else self._behind(name, place)
        node.attributes = self._attributes(tag["attributes"], name, element, near)
        parent.children.append(node)
        if not tag["alone"] and not content:
            self._open.append(node)
        return place

    def _behind(self, name: str, place: int) -> int:
        """Return the place behind an element that is left out."""
        if name not in self._ends:  # not looked for again and again
            return place
        end = re.compile(rf"</{re.escape(name)}\s*>").search(self.source, place)
        return end.end() if end else len(self.source)

    def _known(self, name: str, parent: Node, near: str) -> Element | None:
        if parent.name == "mj-attributes":
            if name in SETTABLE:
                return Element(ANY_ATTRIBUTE | {"name"})
            self.say("unknown-element", f"`mj-attributes` sets nothing of `<{name}>`.", near)
            return None
        element = ELEMENTS.get(name)
        if element is None:
            instead = INSTEAD.get(name)
            told = f" {instead}" if instead else self._meant(name, ELEMENTS)
            message = f"`<{name}>` is no element of MJML here, and is left out.{told}"
            if self.marks.has(name):
                message = "A value cannot be an element."
            self.say("unknown-element", message, near)
            return None
        within = ELEMENTS.get(parent.name, Element())
        allowed = within.children if parent.name else frozenset({"mjml"})
        if name not in allowed:
            where = f"in `<{parent.name}>`" if parent.name else "outside `<mjml>`"
            likely = sorted(one for one, held in ELEMENTS.items() if name in held.children)
            belongs = ", ".join(f"`<{one}>`" for one in likely) or "the outside"
            message = f"`<{name}>` cannot stand {where}, and is left out: it belongs in {belongs}."
            self.say("misplaced", message, near)
            return None
        return element

    def _attributes(self, text: str, name: str, element: Element, near: str) -> dict[str, str]:
        held = {}
        for found in _ATTRIBUTE.finditer(text):
            key = found[1]
            if key in element.attributes:
                held[key] = unescape(
                    next((one for one in found.groups()[1:] if one is not None), "")
                )
            else:
                known = self._meant(key, element.attributes)
                message = f"`<{name}>` has no attribute `{key}`: it is left out.{known}"
                active = key.lower().startswith("on")
                self.say("unknown-attribute", message, near, blocking=active)
        return held

    def _close(self, name: str, near: str) -> None:
        if not any(one.name == name for one in self._open[1:]):
            if name in ELEMENTS:
                self.say("unclosed", f"`</{name}>` closes nothing.", near)
            return
        while (one := self._open.pop()).name != name:
            self.say("unclosed", f"`<{one.name}>` is not closed.", one.near)

    def _text(self, text: str) -> None:
        if text.strip():
            where = f"in `<{self._open[-1].name}>`" if len(self._open) > 1 else "outside `<mjml>`"
            message = f"Text {where} is not shown: put it into `<mj-text>`."
            self.say("stray-text", message, text.strip().split("\n")[0])
