"""Text, folded for comparison."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Letters that Unicode does not take apart into a base and an accent, as people type them without.
_STROKES: Final = str.maketrans(
    {"’": "'", "ʼ": "'"}  # noqa: RUF001
    | {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}  # noqa: RUF001
)


def fold(text: str) -> str:
    """Return a text without case and accents (Unicode NFKD, case folding)."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not _is_mark(c))
    return plain.translate(_STROKES)


def visible(text: str) -> str:
    """Return a text without characters that are not seen: controls, marks of direction, joiners.

    Blanks and line ends stay.
    """
    return "".join(c for c in INVISIBLE.sub("", text) if c.isspace() or not _is_unseen(c))


def signs(text: str) -> int:
    """Return how many characters people count in a text: an accent or a joined emoji is no other.

    A simplification of Unicode's grapheme clusters (UAX #29).
    """
    composed = unicodedata.normalize("NFC", INVISIBLE.sub("", text))
    before = " " + composed
    return sum(
        not (unicodedata.category(c).startswith("M") or _is_unseen(c) or c in _SKINS)
        for last, c in zip(before, composed, strict=False)
        if last != _JOINER
    )


_JOINER: Final = "\u200d"

_SKINS: Final = frozenset(map(chr, range(0x1F3FB, 0x1F400)))


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf"}


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) == "Mn"


# Drawn as nothing, yet letters or marks to Unicode: an address with one is a twin of the address
# without (Default_Ignorable_Code_Point, Unicode 15, less the control and format characters that
# the validator refuses itself).
INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
