"""Why somebody was erased, in the words of staff: what is kept when everything else is gone.

Pure. So a reason that names the person is refused, and where a name or number comes to light only
with the orders, the reason is withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from crm.core.text import fold

OWN: Final = "asked by the person, signed in"
"""The reason of an erasure that somebody asked for alone."""

WITHHELD: Final = "withheld: it named the person"

_ADDRESS: Final = re.compile(r"\S@\S")

_DATE: Final = re.compile(
    r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?|\b\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d\d)\b"
)

_NUMBER: Final = re.compile(
    r"""
    (?<![\w-])
    (?: \+ | 00? )            # as one dials abroad, or from another town
    \d (?: [\s()/.-]{0,2} \d ){5,}
    |
    (?<![\w-]) \(?\d{3}\)? [\s.-] \d{3} [\s.-] \d{4} \b   # in North America
    """,
    re.VERBOSE,
)

_WORD: Final = re.compile(r"\w+")

_DIGITS: Final = 6
"""Of the shortest telephone number that can be told from a date or a case."""

_FAMILY: Final = 3
"""Letters of the shortest family name that is looked for alone."""


def looks_personal(reason: str) -> bool:
    """Return whether a reason holds what an address or a telephone number looks like."""
    return bool(_ADDRESS.search(reason) or _NUMBER.search(_DATE.sub(" ", reason)))


def names(reason: str, people: Iterable[str], ids: Iterable[str] = ()) -> bool:
    """Return whether a reason names a person.

    Args:
        reason: What staff wrote.
        people: What the person is called: whole names, in any spelling of case and accents. Of a
            name of several words the last one alone counts too.
        ids: Addresses and uids.
    """
    said = _WORD.findall(fold(reason))
    return any(_stands_in(said, _WORD.findall(fold(name))) for name in people) or any(
        one.casefold() in reason.casefold() for one in ids
    )


def holds_number(reason: str, phones: Iterable[str]) -> bool:
    """Return whether one of these telephone numbers stands in a reason, however it is grouped."""
    said = _digits(reason)
    return any(len(_digits(phone)) >= _DIGITS and _digits(phone) in said for phone in phones)


def may_hold_number(reason: str) -> bool:
    """Return whether a reason has enough digits to hold a telephone number."""
    return len(_digits(reason)) >= _DIGITS


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _stands_in(said: list[str], name: list[str]) -> bool:
    if not name:
        return False
    size = len(name)
    whole = any(said[at : at + size] == name for at in range(len(said) - size + 1))
    return whole or (size > 1 and len(name[-1]) >= _FAMILY and name[-1] in said)
