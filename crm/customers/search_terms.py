"""Search terms: what a customer is found by while staff type. Pure.

The terms are the beginnings of every address and of every word of the name, folded; words of one
sign, the whole name, the domains of the addresses and whole values of own fields are terms too. An
index knows them, and a query looks up the most telling of what was typed. What the index cannot
decide, other words and beginnings longer than a term, is checked on the customers that come back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from crm.core.email import as_written, canonical_or_none
from crm.core.text import fold, signs, visible
from crm.customers.scales import day_number

MIN_LENGTH: Final = 2  # characters of a beginning, folded; signs of what is typed

MAX_TERM_LENGTH: Final = 16
"""Characters of the longest beginning; a longer word is looked up by its beginning."""

MAX_NAME_LENGTH: Final = 100
"""Characters of a whole name as a term; a longer one is looked up by its beginning."""

_AROUND: Final = '<>(),;"'

_INNER: Final = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Asked:
    """What was typed.

    Attributes:
        words: Each must begin an address or a word of the name, folded; where all of them are one
            sign each must be a whole word, for every name has a word that begins with some sign.
        domains: The customer must have an address of each; A-labels.
        address: The first of the words that is a whole address, in its canonical form.
        value: All of it, as values of own fields are compared (`value_key`).
    """

    words: tuple[str, ...]
    domains: tuple[str, ...] = ()
    address: str | None = None
    value: str = ""

    @property
    def name(self) -> str | None:
        """The whole name that it may be; None where it is none."""
        return None if self.domains or self.address else _key(self.words)

    @property
    def term(self) -> str:
        """The term of the words that an index shall look up."""
        return max(self.words, key=len, default="")[:MAX_TERM_LENGTH]

    @property
    def _whole(self) -> bool:
        return len(self.term) < MIN_LENGTH

    def fits(self, data: Mapping[str, Any]) -> bool:
        """Return whether a customer is meant by all that was typed."""
        if self.domains and not {*self.domains} <= {*_domains(data)}:
            return False
        held = tuple(_words(data))
        if self._whole:
            return all(word in held for word in self.words)
        return all(any(word.startswith(start) for word in held) for start in self.words)

    def is_address_of(self, data: Mapping[str, Any]) -> bool:
        """Return whether a whole address of a customer was typed, and nothing that is another's."""
        return self.address in {*_addresses(data)} and self.fits(data)

    def is_name_of(self, data: Mapping[str, Any]) -> bool:
        """Return whether a customer's whole name was typed, in any order of its words."""
        return self.name is not None and self.name == name_key(data["name"])

    def is_value_of(self, data: Mapping[str, Any], names: Iterable[str]) -> bool:
        """Return whether the whole value of one of a customer's own fields was typed."""
        held = data.get("fields", {})
        values = (held.get(name) for name in names)
        return any(isinstance(one, str) and value_key(one) == self.value for one in values)


def terms(data: Mapping[str, Any]) -> list[str]:
    """Return the terms that a customer is found by, sorted.

    Args:
        data: The public fields of `customers/{customerId}`: at most 30 addresses, a name of at most
            200 characters, 30 own fields; so at most some 1,500 terms, and some 30 usually.
    """
    words = {*_words(data)}
    found = {
        word[:length]
        for word in words
        for length in range(MIN_LENGTH, min(len(word), MAX_TERM_LENGTH) + 1)
    }
    found |= {word for word in words if len(word) < MIN_LENGTH}
    found |= {domain_term(domain) for domain in _domains(data)}
    found |= {value_term(key) for key in _values(data)}
    key = name_key(data["name"])
    return sorted(found | {name_term(key)} if key else found)


def read(text: str) -> Asked | None:
    """Return what was typed; None where it is less than two characters, as people count them.

    Text that was copied from a letter (`Lovelace, Ada <ada@example.com>`) is three words.
    """
    if sum(signs(word.strip(_AROUND)) for word in text.split()) < MIN_LENGTH:
        return None
    words: list[str] = []
    domains: list[str] = []
    address = None
    for word in _split(text):
        domain = canonical_or_none(f"x{word}") if word.startswith("@") else None
        if domain is not None:
            domains.append(domain[2:])
            continue
        whole = canonical_or_none(word) if "@" in word else None
        address = address or whole
        # Customers have both forms of an address: what is typed in letters is looked up in letters.
        held = whole if whole is None or word.isascii() else as_written(whole)
        words += fold(held or word).split()
    if not (words or domains):
        return None
    return Asked(tuple(words), tuple(domains), address, value_key(text))


def domain_term(domain: str) -> str:
    """Return the term of who has an address of a domain."""
    return f"@{domain}"


def name_term(key: str) -> str:
    """Return the term of who has a whole name; no word of anything begins with a space."""
    return f" {key[:MAX_NAME_LENGTH]}"


def value_term(key: str) -> str:
    """Return the term of who has a value in an own field; no whole name begins with a space."""
    return f"  {key[:MAX_NAME_LENGTH]}"


def value_key(text: str) -> str:
    """Return what a value and its spellings have in common: `Café & Co` and `cafe & CO`."""
    return " ".join(word for one in _split(text) for word in fold(one).split())


def name_key(name: str | None) -> str | None:
    """Return what names of the same words have in common: `Lovelace, Ada` and `ADA LOVELACE`."""
    return _key(word for one in _split(name or "") for word in fold(one).split())


def _key(words: Iterable[str]) -> str | None:
    return " ".join(sorted(words)) or None


def _split(text: str) -> list[str]:
    return [word.strip(_AROUND) for word in visible(text).split()]


def _addresses(data: Mapping[str, Any]) -> Iterator[str]:
    for address in (*data["emails"], data.get("contactEmail")):
        if address is not None:
            yield address


def _values(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is written in own fields; a day is not looked for."""
    for value in data.get("fields", {}).values():
        if isinstance(value, str) and day_number(value) is None and (key := value_key(value)):
            yield key


def _domains(data: Mapping[str, Any]) -> Iterator[str]:
    return (address.rpartition("@")[2] for address in _addresses(data))


def _words(data: Mapping[str, Any]) -> Iterator[str]:
    """Return everything that a search can begin with: `Anne-Marie` also as `Marie`."""
    for address in _addresses(data):
        yield fold(address)
        written = as_written(address)
        if written != address:
            yield fold(written)
    for word in fold(visible(data["name"] or "")).split():
        yield word
        yield from (inner for inner in _INNER.split(word) if inner != word and inner)
