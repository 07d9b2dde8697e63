"""What is said of calls by hand in docs/calls.md, key by key.

The page is written for people and read here for programs: what a list item says of a key becomes
that key's description in the document, and so in the editors of whoever uses a client.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "calls.md"

_SECTION: Final = re.compile(r"^## `(\w+)`\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_MADE: Final = re.compile(r"<!-- made: \w+ -->.*?<!-- end -->\n", re.DOTALL)
_ITEM: Final = re.compile(
    r"^ *- (?P<names>`\w+`(?:(?:, | and )`\w+`)*)(?P<mark> — |: |, (?!`))"
    r"(?P<text>.*?)(?=^\s*- |^$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_ROW: Final = re.compile(r"^\|(?P<cells>.*)\|$", re.MULTILINE)
_CODE: Final = re.compile(r"`([^`\n]+)`")


@functools.cache
def sections() -> Mapping[str, str]:
    """Return of each callable its section of the page, without what is written there by itself."""
    text = PAGE.read_text(encoding="utf-8")
    return {name: _MADE.sub("", section) for name, section in _SECTION.findall(text)}


COMMON: Final[Mapping[str, str]] = {
    "customerId": "A customer; an id that was merged away stands for its survivor",
    "email": "Any spelling of an address of the customer",
    "userId": "A Firebase Auth uid",
    "campaignId": "The campaign",
    "eventId": "The host's id of the event, exactly",
    "id": "Of a row, as `list_quarantine` answers it",
    "importId": "The import, as `import_contacts` and `list_imports` answer it",
    "jobId": "The job",
    "mergeId": "The merge, as `merge_customers` answers it",
    "noteId": "The note",
    "ruleId": "The rule",
    "segmentId": "The saved segment",
    "tag": "A label or an id of a tag",
    "uid": "A Firebase Auth uid",
    "pageSize": "1 to 200; 50 if absent",
    "pageToken": "The `nextPageToken` of the page before; absent or `null` for the first",
}
"""Of keys that mean the same wherever they are, where a section has them in a sentence."""


def told(name: str) -> Mapping[str, str]:
    """Return what is said of the keys that a callable takes.

    In its own section, in those that this names ("as `get_figures` does"), or of such keys at all.
    """
    section = sections().get(name, "")
    named = [one for one in _CODE.findall(section) if one in sections() and one != name]
    found = dict(COMMON)
    for text in [*(sections()[one] for one in reversed(named)), section]:
        found.update(_told(text, takes=True))
    return found


def answered(name: str) -> Mapping[str, str]:
    """Return what the section of a callable says of the keys that it answers."""
    return dict(_told(sections().get(name, ""), takes=False))


def _told(section: str, *, takes: bool) -> Iterator[tuple[str, str]]:
    """Read lists: what is taken has a dash behind its name, what is answered a colon."""
    for found in _ITEM.finditer(section):
        text = plain(found["text"])
        if (found["mark"] == " — ") is takes and text and not text.startswith(("As `", "And ")):
            for name in _CODE.findall(found["names"]):
                yield name, text


def reasons() -> Mapping[str, list[str]]:
    """Return the reasons of refusals that the page lists, by their codes."""
    text = PAGE.read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    code = "code.of.the.head"
    for row in _ROW.finditer(text[text.index("## Errors") :]):
        first, *others = row["cells"].split(" | ")
        code = next(iter(_CODE.findall(first)), code)
        if others and "." not in code:  # the head names `details.reason`
            found.setdefault(code, []).extend(_CODE.findall(others[0]))
    return {code: sorted(set(each)) for code, each in sorted(found.items())}


def plain(markdown: str) -> str:
    """Return a piece of Markdown as one line, without links and emphasis; code stays marked."""
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", markdown)
    text = re.sub(r"\*\*([^*]+)\*\*", r"\1", text)
    line = " ".join(text.split()).rstrip(" :")
    return f"{line[0].upper()}{line[1:]}" if line else ""
