"""Where a collection is cut, so that it can be compared with another piece by piece.

Pure. The cuts are document ids, about equally far apart, and are kept in the database. They are
learned by walking the collection once, a few at each run of the sweep, and corrected where a slice
has grown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from crm.db.codec import Stored, kept
from crm.db.ranges import Range as Range
from crm.db.ranges import in_range as in_range

ROUND: Final = 576
"""Slices of a collection, about: a walk that looks at one of them each time."""

SMALLEST: Final = 25
"""Documents in a slice at least."""

LARGEST: Final = 20_000
"""Documents in a slice at most: a run reads one of each collection, and twice as many rows. From 11
million documents on a round takes longer than `ROUND` runs, and a run costs no more."""

_ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"  # of identity keys (base32), as they sort

HEX: Final = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Partitions(Stored):
    """The cuts of one collection.

    Attributes:
        ids: Sorted. Each begins a slice; the first slice begins before them all.
        complete: Whether the walk has reached the end; else no cut behind the last one is known
            yet.
    """

    ids: tuple[str, ...] = field(default=(), metadata=kept(added_later=True))
    complete: bool = field(default=False, metadata=kept(added_later=True))

    @property
    def slices(self) -> list[Range]:
        """All slices, in the order of ids; the last one open until the walk is complete."""
        return list(pairwise([None, *self.ids, None]))

    @property
    def rest(self) -> Range:
        """The range that was not walked yet; after a complete walk, the last slice."""
        return self.slices[-1]

    def ranges(self, most: int) -> list[Range]:
        """Return neighbouring slices joined to at most so many ranges."""
        return _joined(self.slices, -(-len(self.slices) // most))

    def inside(self, ids: Range, total: int, counted: int) -> list[Range]:
        """Return the slices of a range, joined to about `counted` of its documents each."""
        slices = self.slices
        within = slices[_place(slices, 0, ids[0]) : _place(slices, 1, ids[1]) + 1]
        return _joined(within, max(1, counted * len(within) // max(1, total)))

    def slice_of(self, turn: int) -> Range:
        """Return the slice whose turn it is."""
        return self.slices[turn % len(self.slices)]

    def with_cuts(self, ids: Sequence[str], *, complete: bool | None = None) -> Partitions:
        """Return the cuts with more of them."""
        known = self.complete if complete is None else complete
        return replace(self, ids=tuple(sorted({*self.ids, *ids})), complete=known)


def _joined(slices: Sequence[Range], many: int) -> list[Range]:
    return [
        (some[0][0], some[-1][1])
        for some in (slices[at : at + many] for at in range(0, len(slices), many))
    ]


def _place(slices: Sequence[Range], mirror: int, bound: str | None) -> int:
    return [one[mirror] for one in slices].index(bound)


def size_of(total: int) -> int:
    """Return how many documents a slice of a collection should have."""
    return min(LARGEST, max(SMALLEST, -(-total // ROUND)))


def is_within(name: str, ids: Range) -> bool:
    """Return whether an id lies in a range, as Firestore sorts ids."""
    low, high = ids
    text = name.encode()
    return (low is None or low.encode() <= text) and (high is None or text < high.encode())


def share_of_keys(prefix: str, turn: int, turns: int, alphabet: str = _ALPHABET) -> Range:
    """Return one of `turns` equal shares of all keys that a hash makes: they are spread evenly."""
    turn %= turns
    low = None if turn == 0 else prefix + _fraction(turn / turns, alphabet)
    high = None if turn == turns - 1 else prefix + _fraction((turn + 1) / turns, alphabet)
    return low, high


def _fraction(part: float, alphabet: str) -> str:
    return "".join(_digits(part, alphabet))


def _digits(part: float, alphabet: str) -> Iterator[str]:
    for _ in range(6):
        part *= len(alphabet)
        digit = int(part)
        part -= digit
        yield alphabet[digit]
