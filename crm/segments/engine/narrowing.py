"""Finding, by few counts, how far to reach for about as many customers as are wanted. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST_COUNTS: Final = 24
"""For one reach; then what was found by then is taken."""

_SOON_ENOUGH: Final = 8
"""Counts, after which half of what is wanted is enough: the rest is reached for anew."""


ROUNDED: Final = 4
"""Bits of a width that matter: it is taken to within a sixteenth."""


@dataclass(frozen=True)
class Reach:
    """How far one reaches, and what that holds.

    Attributes:
        width: In places.
        held: Documents; where they were not counted to the end, so many at least.
    """

    width: int
    held: int


def narrow(
    count: Callable[[int], int], place: int, places: int, least: int, most: int, guess: float
) -> tuple[Reach, Reach | None]:
    """Return a reach that holds no more than `most`, and a wider one that holds more.

    The first holds `least` if that can be had. Where both are a place apart, what comes next is a
    single place that holds more than is wanted. The second is None where the first was enough.

    Args:
        count: Tells what a reach of a width holds.
        place: Where to reach from.
        places: The end of all places.
        least: As many are wanted.
        most: As many at most.
        guess: Where to try first.
    """
    low, high, widest = Reach(0, 0), None, places - place
    for tried in range(MOST_COUNTS):
        enough = least if tried < _SOON_ENOUGH else least / 2
        if low.width == widest or low.held >= enough or (high and high.width - low.width <= 1):
            break
        if tried == 0:
            width = _rounded(place, min(guess, widest), 0, widest + 1)
        elif high is None:
            width = widest
        else:
            tried_next = _between(low, high, (least + most) / 2, halve=tried % 3 == 2)
            width = _rounded(place, tried_next, low.width, high.width)
        found = Reach(width, count(width))
        if found.held <= most:
            low = found
        else:
            high = found
    return low, high


def _between(low: Reach, high: Reach, wanted: float, *, halve: bool) -> float:
    """Return a width in between, supposing that what is held grows by a power of the width."""
    narrowest, held = max(low.width, 1), max(low.held, 0.5)
    share = 0.5 if halve else math.log(wanted / held) / math.log(high.held / held)
    return narrowest * math.pow(high.width / narrowest, min(max(share, 0.02), 0.98))


def _rounded(place: int, width: float, low: int, high: int) -> int:
    """Return a width between two others that ends at a round place: fewer facets cover it."""
    free = min(int(width), high - low)
    bits = max(0, free.bit_length() - ROUNDED)
    rounded = (place + int(width) >> bits << bits) - place
    return min(max(rounded, low + 1), high - 1)
