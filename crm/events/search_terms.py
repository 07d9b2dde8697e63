"""Search terms: what an event is found by while staff type. Pure.

As customers have them (`crm.customers.search_terms`), and from the first sign on: an id can be `7`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from crm.core.text import fold

MAX_TERM_LENGTH: Final = 16
"""Characters of the longest term; a longer word is looked up by its beginning."""

MOST_TERMS: Final = 500
"""Terms of one event, so that many events of an order fit into a commit. Of a name made of single
letters and hyphens that is the beginning."""

_WORD: Final = re.compile(r"\w+")


def terms(event_id: str, name: str | None) -> list[str]:
    """Return the terms that an event is found by, sorted: some dozens, and at most `MOST_TERMS`."""
    every = dict.fromkeys(
        word[:length]
        for word in _words(event_id, name)
        for length in range(1, min(len(word), MAX_TERM_LENGTH) + 1)
    )
    return sorted([*every][:MOST_TERMS])


def words(text: str) -> list[str]:
    """Return the words that were typed, case, accents and full-width signs aside."""
    return fold(text).split()


def lookup(typed: Sequence[str]) -> str:
    """Return the term that an index shall look up.

    Args:
        typed: What `words` gave; at least one.
    """
    return max(typed, key=len)[:MAX_TERM_LENGTH]


def found(event_id: str, name: str | None, typed: Sequence[str]) -> bool:
    """Return whether each word that was typed begins a word of an event's name or id."""
    held = tuple(_words(event_id, name))
    return all(any(word.startswith(start) for word in held) for start in typed)


def _words(event_id: str, name: str | None) -> Iterator[str]:
    """Return everything that a search can begin with: `meetup-2024` also as `2024`."""
    for word in (*words(event_id), *words(name or "")):
        yield word
        yield from (word[inner.start() :] for inner in _WORD.finditer(word))
