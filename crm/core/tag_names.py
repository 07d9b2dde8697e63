"""What a tag may be called, and the id that all spellings of it share. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from crm.core.errors import Refusal
from crm.core.text import INVISIBLE

MAX_TAG_LENGTH: Final = 64
"""Characters of a label, and of an id: lower case can be longer (`İ`)."""

_MAX_INPUT: Final = 1_000  # characters; above this nothing is worth normalising

_MARKS: Final = frozenset("-_:.+&# ")

_RESERVED: Final = re.compile(r"\.\.?|__.*__")  # Firestore refuses such document ids


def label(text: str) -> str:
    """Return a tag's label: NFC, without spaces around it.

    Letters and digits are those of every script (Unicode `L*` and `Nd`); a combining mark is part
    of the letter before it.

    Raises:
        Refusal: `invalid-argument`, `tag-invalid`.
    """
    return _read(text)[0]


def tag_id(text: str) -> str:
    """Return the id of the tag that a label, or an id, names: lower case, each space a dash.

    `tag_id(tag_id(x)) == tag_id(x)`.

    Raises:
        Refusal: `invalid-argument`, `tag-invalid`.
    """
    return _read(text)[1]


def _read(text: str) -> tuple[str, str]:
    if len(text) > _MAX_INPUT:
        raise _refusal(f"must have 1 to {MAX_TAG_LENGTH} characters")
    name = unicodedata.normalize("NFC", text).strip()
    key = unicodedata.normalize("NFC", name.lower()).replace(" ", "-")
    if not name or max(len(name), len(key)) > MAX_TAG_LENGTH:
        raise _refusal(f"must have 1 to {MAX_TAG_LENGTH} characters")
    if not _in_alphabet(name):
        raise _refusal("may hold letters, digits, spaces and - _ : . + & # only")
    if _RESERVED.fullmatch(key):
        raise _refusal("must not be `.`, `..`, or begin and end with two underscores")
    return name, key


def _in_alphabet(name: str) -> bool:
    if INVISIBLE.search(name):
        return False
    after_letter = False
    for char in name:
        if unicodedata.category(char).startswith("M"):
            if not after_letter:
                return False
            continue
        after_letter = char.isalpha()
        if not (after_letter or char.isdecimal() or char in _MARKS):
            return False
    return True


def _refusal(rule: str) -> Refusal:
    return Refusal("invalid-argument", "tag-invalid", f"A tag {rule}: choose another name.")
