"""Firestore's rules of a host: our part put in and taken out. What they open: see `opening`.

The rules are read as far as that needs: comments and texts aside, blocks of `match` with their
paths, `allow` with its condition, and names of functions. Whether the rest is right, the emulator
and the deployment say.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from crm.core.errors import ConfigError
from crm.installing.edits import line_end

SKIPPED: Final = re.compile(
    r"//[^\r\n]*|/\*.*?\*/|'(?:[^'\\\r\n]|\\.)*'|\"(?:[^\"\\\r\n]|\\.)*\"", re.S
)

_TOKEN: Final = re.compile(
    r"\bservice\s+(?P<service>[\w.]+)\s*\{"
    r"|\bmatch\s+(?P<path>(?:/[^/\s{}]*(?:\{[^{}]*\}[^/\s{}]*)*)+)\s*\{"
    r"|\bfunction\s+(?P<function>\w+)\s*\([^)]*\)\s*\{"
    r"|\ballow\s+(?P<methods>\w+(?:\s*,\s*\w+)*)\s*(?::\s*if\b(?P<condition>[^;]*))?;"
    r"|(?P<open>\{)|(?P<close>\})"
)

DOCUMENTS: Final = re.compile(r"/databases/(?:\{\w+\}|\(default\)|%28default%29)/documents/?")

_BEGIN: Final = re.compile(r"^[ \t]*//[ \t-]*CRM-Lite: begin\b[^\r\n]*", re.M)

_END: Final = re.compile(r"^[ \t]*//[ \t-]*CRM-Lite: end\b[^\r\n]*", re.M)

_OURS: Final = re.compile(r"/(customers|crm[A-Z]\w*)(?:/|$)")


@dataclass
class Block:
    """A block between braces.

    Attributes:
        start: Where its brace opens; of the whole text -1.
        end: Where it closes.
        path: What a `match` matches, below all matches around it.
        service: What a `service` is called.
        function: What a `function` is called.
        allows: The conditions of what it allows; None where there is none.
        blocks: The blocks in it.
    """

    start: int = -1
    end: int = -1
    path: str = ""
    service: str = ""
    function: str = ""
    allows: list[str | None] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def every(self) -> Iterator[Block]:
        """Return it and all blocks in it, from the outside to the inside."""
        yield self
        for block in self.blocks:
            yield from block.every()


def part_of(rules: str) -> str:
    """Return our part of a file of rules, with both marking lines, against the margin."""
    found = marked(rules, "firestore.rules")
    assert found is not None
    return textwrap.dedent(rules[found[0] : found[1]]).replace("\r\n", "\n")


def joined(text: str, part: str, file: str) -> str:
    """Return rules with our part: in the place of an older one, else first of all documents.

    Args:
        text: The host's rules.
        part: Ours, as `part_of` gives it.
        file: What errors call the host's.

    Raises:
        ConfigError: There is no place for it, or something of the host's has a name of ours.
    """
    newline = line_end(text)
    there = marked(text, file)
    own = text if there is None else text[: there[0]] + text[there[1] :]
    root = read(own)
    names = set(re.findall(r"\bfunction\s+(\w+)", part))
    for block in root.every():
        if block.function in names:
            raise ConfigError(
                f"{file}: line {_line(own, block.start)}: a function of yours is called"
                f" {block.function}, as one of CRM-Lite's: give yours another name."
            )
    if there is not None:
        indent = re.match(r"[ \t]*", text[there[0] :])
        assert indent is not None
        return text[: there[0]] + _indented(part, indent[0], newline) + text[there[1] :]
    below = next((one for one in root.every() if DOCUMENTS.fullmatch(one.path)), None)
    if below is not None:
        return _first_in(text, below, part, newline)
    service = next((one for one in root.blocks if one.service == "cloud.firestore"), None)
    if service is None:
        raise ConfigError(
            f"{file}: there is no `service cloud.firestore`, so there is no place for CRM-Lite's"
            " rules: write them as `firebase init firestore` does."
        )
    step = "  "
    inner = textwrap.indent(part, step)
    whole = f"match /databases/{{database}}/documents {{\n{inner}\n}}"
    return _first_in(text, service, whole, newline)


def parted(text: str) -> str:
    """Return rules without our part; what is between broken marks stays.

    Where it was put in, this restores what was there, to the byte.
    """
    found = marked(text, "")
    if found is None:
        return text
    start, end = found
    before, behind = text[:start], text[end:]
    # The line end before the part, and the empty line behind it, came with it.
    before = before.removesuffix("\n").removesuffix("\r")
    for blank in ("\r\n\r\n", "\n\n"):
        if behind.startswith(blank):
            behind = behind[len(blank) // 2 :]
            break
    return before + behind


def allows(text: str) -> bool:
    """Return whether rules let anybody do anything, our part aside."""
    return any(block.allows for block in read(parted(text)).every())


def collections_of_ours(text: str) -> list[str]:
    """Return which collections of ours the host's own rules name."""
    names = set()
    for block in read(parted(text)).every():
        base = DOCUMENTS.match(block.path)
        found = _OURS.match("/" + block.path[base.end() :].lstrip("/")) if base else None
        if found:
            names.add(found[1])
    return sorted(names)


def marked(text: str, file: str) -> tuple[int, int] | None:
    """Return where our part begins and ends, marking lines included; None where it is not in.

    Args:
        text: The rules.
        file: What errors call them.

    Raises:
        ConfigError: One of the marks is missing.
    """
    begin = _BEGIN.search(text)
    end = _END.search(text, begin.end() if begin else 0)
    if begin is None and end is None:
        return None
    if begin is None or end is None:
        raise ConfigError(
            f"{file}: one of the two lines is missing that mark CRM-Lite's part (`CRM-Lite: begin`"
            " and `CRM-Lite: end`): delete what is left of the part, and run it again."
        )
    return begin.start(), end.end()


def _first_in(text: str, block: Block, part: str, newline: str) -> str:
    """Return the text with a part as the first in a block."""
    inside = block.start + 1
    line = text.rfind("\n", 0, block.start) + 1
    outer = re.match(r"[ \t]*", text[line:])
    assert outer is not None
    rest = re.match(r"[ \t]*(//[^\r\n]*)?(?=[\r\n])", text[inside:])
    indent = outer[0] + ("\t" if outer[0].startswith("\t") else "  ")
    following = re.match(r"[^\r\n]*\r?\n([ \t]+)\S", text[inside:])
    if following and block.end > inside + following.end():
        indent = following[1]
    lines = _indented(part, indent, newline)
    if rest is None:
        closing = f"{newline}{indent}" if text[inside : block.end].strip() else newline + outer[0]
        return text[:inside] + newline + lines + closing + text[inside:].lstrip(" \t")
    inside += rest.end()
    between = text[inside : block.end]
    empty = not between.strip() and between.count("\n") == 1
    return text[:inside] + newline + lines + ("" if empty else newline) + text[inside:]


def _indented(part: str, indent: str, newline: str) -> str:
    return textwrap.indent(part, indent).replace("\n", newline)


def read(text: str) -> Block:
    """Return the blocks of rules; what is not understood is passed over."""
    plain = SKIPPED.sub(lambda found: re.sub(r"[^\r\n]", " ", found[0]), text)
    root = Block(end=len(text))
    around = [root]
    for token in _TOKEN.finditer(plain):
        inmost = around[-1]
        if token["methods"]:
            condition = token["condition"]
            # As it is written, texts included.
            said = None if condition is None else text[slice(*token.span("condition"))].strip()
            inmost.allows.append(said)
        elif token["close"]:
            inmost.end = token.start()
            if len(around) > 1:
                around.pop()
        else:
            path = inmost.path + (token["path"] or "")
            block = Block(token.end() - 1, len(text), path)
            block.service, block.function = token["service"] or "", token["function"] or ""
            inmost.blocks.append(block)
            around.append(block)
    return root


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
