"""Where a range of ids is cut, so that its pieces are about equally much work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from crm.core.ids import is_id
from crm.db.documents import BY_ID, Query, Store
from crm.db.ranges import Range, in_range

MOST_PROBES: Final = 60
"""Places that are tried for one cut; each costs a query for one id and, mostly, a count."""

NEAR: Final = 0.2
"""How far a cut may be from where it should be, in shares of a fair piece."""

_KEYS: Final = "234567abcdefghijklmnopqrstuvwxyz"
"""What `random_id` makes ids of, as they sort."""

_DIGITS: Final = 5


def ranges(cuts: Sequence[str], low: str | None = None, high: str | None = None) -> list[Range]:
    """Return the ranges between cuts, from `low` to before `high`."""
    return [*pairwise([low, *cuts, high])]


def shares(pieces: int, low: str | None = None) -> list[Range]:
    """Return equal shares of all random ids (`random_id`) from one on. It reads nothing.

    Random ids are spread evenly, so those of any collection, and of any query that does not go by
    the id, fall into equal shares but for luck.
    """
    begin = _fraction(low or "")
    many = (1 - begin) / pieces
    made = [_key(begin + many * number) for number in range(1, pieces)]
    return ranges([one for one in dict.fromkeys(made) if one > (low or "")], low)


def _fraction(key: str) -> float:
    base = len(_KEYS)
    places = [_KEYS.find(one) for one in key[:_DIGITS]]
    return float(sum(max(0, place) / base ** (at + 1) for at, place in enumerate(places)))


def _key(part: float) -> str:
    digits = []
    for _ in range(_DIGITS):
        part *= len(_KEYS)
        digits.append(_KEYS[int(part)])
        part -= int(part)
    return "".join(digits)


def cuts(
    store: Store, query: Query, pieces: int, low: str | None = None, total: int | None = None
) -> list[str]:
    """Find ids that cut what a query finds into about equal pieces, whatever the ids are.

    It tries places and counts: one read for each 1,000 documents (see `Store.count`), some ten
    times for each cut. Places are guessed with the letters of ids that were met: ids of very many
    different letters, such as Chinese words, defeat it. There are fewer pieces then, or uneven
    ones; never an empty one, for every cut is the id of a document.

    Args:
        store: The database.
        query: What is cut, of one collection and no pattern, without order and limit. A range of
            ids besides what it asks for must be in its indexes.
        pieces: How many, at most.
        low: The first id, or None for no bound.
        total: How many there are, where that is known.

    Returns:
        The ids, sorted, each the first of a piece; at most `pieces` - 1.

    Raises:
        Transient: Not answered.
    """
    if pieces < 2:
        return []
    search = _Search(store, query)
    first = search.first(low, None)
    if first is None:
        return []
    count = search.count(first, None) if total is None else total
    return [*search.split(first, None, count, pieces, NEAR * count / pieces)]


@dataclass
class _Search:
    """Tries places between ids.

    Attributes:
        store: The database.
        query: What is cut.
        letters: Characters that ids were seen to have: a place is guessed with them.
    """

    store: Store
    query: Query
    letters: set[str] = field(default_factory=set)

    def first(self, low: str | None, high: str | None) -> str | None:
        """Return the first id in a range, if there is any."""
        where = (*self.query.where, *in_range(BY_ID[0], (low, high)))
        asked = replace(self.query, where=where, order=BY_ID, limit=1, keys_only=True)
        found = self.store.find(asked)
        if not found:
            return None
        self.letters |= {*found[0].id}
        return found[0].id

    def count(self, low: str, high: str | None) -> int:
        """Count a range."""
        where = (*self.query.where, *in_range(BY_ID[0], (low, high)))
        return self.store.count(replace(self.query, where=where))

    def split(
        self, low: str, high: str | None, total: int, pieces: int, near: float
    ) -> Iterator[str]:
        """Yield the cuts of a range that begins with an id, in order."""
        if pieces < 2 or total < 2:
            return
        found = self._place(low, high, total, total * (pieces // 2) / pieces, near)
        if found is None:
            return
        place, before, high = found
        left = min(pieces - 1, max(1, round(pieces * before / total)))
        yield from self.split(low, place, before, left, near)
        yield place
        yield from self.split(place, high, total - before, pieces - left, near)

    def _place(
        self, low: str, high: str | None, total: int, target: float, near: float
    ) -> tuple[str, int, str | None] | None:
        """Return the id before which about so many are, how many, and a bound behind them all."""
        begin, end, before = low, high, 0
        best: tuple[str, int] | None = None
        for _ in range(MOST_PROBES):
            guess = between(begin, end, self.letters)
            if guess is None:
                break
            here = self.first(guess, end)
            if here is None or here == end:
                if end == high:
                    high = guess  # nothing is behind it
                end = guess
                continue
            count = before + self.count(begin, here)
            if best is None or abs(count - target) < abs(best[1] - target):
                best = here, count
            if abs(count - target) <= near:
                break
            if count < target:
                begin, before = here, count
            else:
                end = guess
        return None if best is None or not 0 < best[1] < total else (*best, high)


def between(low: str, high: str | None, letters: set[str]) -> str | None:
    """Return a text about in the middle between two, or None where there is none to be had.

    Args:
        low: What it comes after.
        high: What it comes before; None for no bound.
        letters: The characters that texts have. Others of the bounds are added.
    """
    letters |= {*low, *(high or "")}
    known = sorted(letters)
    if not known:
        return None
    rank = {one: place for place, one in enumerate(known, 1)}
    base, length = len(known) + 1, max(len(low), len(high or "")) + 2

    def number(text: str) -> int:
        value = 0
        for at in range(length):
            value = value * base + (rank[text[at]] if at < len(text) else 0)
        return value

    above = base**length if high is None else number(high)
    middle = (number(low) + above) // 2
    places = []
    for _ in range(length):
        middle, place = divmod(middle, base)
        places.append(place)
    text = ""
    for place in reversed(places):
        text += known[max(place, 1) - 1]
        # As short as can be: a place is no document, and a short one tells its neighbours apart.
        if low < text and (high is None or text < high) and is_id(text):
            return text
    return None
