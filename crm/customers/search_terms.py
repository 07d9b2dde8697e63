"""Search terms: what a customer is found by while staff type. Pure.

The terms are the beginnings of every address and of every word of the name, folded; an index knows
them, and a query looks up the most telling word of what was typed. What the index cannot decide,
other words and beginnings longer than a term, is checked on the customers that come back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from crm.core.email import canonical_or_none
from crm.core.text import fold

MIN_LENGTH: Final = 2  # characters of a term, folded

MAX_TERM_LENGTH: Final = 16
"""Characters of the longest term; a longer word is looked up by its beginning."""

_AROUND: Final = '<>(),;"'

_INNER: Final = re.compile(r"[^\w]+")


def terms(data: Mapping[str, Any]) -> list[str]:
    """Return the terms that a customer is found by, sorted.

    Args:
        data: The public fields of `customers/{customerId}`: at most 30 addresses, a name of at most
            200 characters; so at most some 900 terms, and some 30 usually.
    """
    return sorted(
        {
            word[:length]
            for word in _words(data)
            for length in range(MIN_LENGTH, min(len(word), MAX_TERM_LENGTH) + 1)
        }
    )


def words(text: str) -> list[str]:
    """Return the words that were typed, folded; addresses in the form in which customers have them.

    Text that was copied from a letter (`Lovelace, Ada <ada@example.com>`) is three words.
    """
    typed = (word.strip(_AROUND) for word in text.split())
    return [word for one in typed for word in fold(_as_held(one)).split()]


def _as_held(word: str) -> str:
    return (canonical_or_none(word) if "@" in word else None) or word


def lookup(typed: list[str]) -> str | None:
    """Return the term that an index shall look up; None where every word is too short for one.

    Args:
        typed: What `words` gave.
    """
    longest = max(typed, key=len, default="")
    return longest[:MAX_TERM_LENGTH] if len(longest) >= MIN_LENGTH else None


def found(data: Mapping[str, Any], typed: list[str]) -> bool:
    """Whether each word that was typed begins an address or a word of the name."""
    held = tuple(_words(data))
    return all(any(word.startswith(start) for word in held) for start in typed)


def _words(data: Mapping[str, Any]) -> Iterator[str]:
    """Return everything that a search can begin with: `Anne-Marie` also as `Marie`."""
    for address in (*data["emails"], data.get("contactEmail")):
        if address is not None:
            yield fold(address)
    for word in fold(data["name"] or "").split():
        yield word
        yield from (inner for inner in _INNER.split(word) if inner != word and inner)
