"""What fields documents have: where, of which kinds, in how many. Shows nobody's data.

Names of fields are shown only where they are names: a map that is keyed by ids, addresses or people
is taken as a list of its values. Of what a field holds its shape alone is shown, and words only
where they are currencies or words for how far an order is (`words`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crm.core.email import canonical_or_none
from crm.core.money import DIGITS
from crm.mapping.words import NAMES, fit, is_address_part, is_status_name, tokens, verdict

ELEMENT: Final = "[]"
"""In a path: the elements of a list, or the values of a map whose keys are no names."""

MAX_DEPTH: Final = 8

MAX_ELEMENTS: Final = 20
"""Elements of one list that are looked at."""

MAX_FIELDS: Final = 400
"""Different fields that are looked at."""

KEPT: Final = 2_000
"""Values of one field that are looked at; none is ever shown."""

OFTEN: Final = 3
"""Documents that a word must be in to be shown, where only its field's name says what it is."""

MANY_WORDS: Final = 20

Path = tuple[str, ...]

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_ \-]{0,39}")

_WORD: Final = re.compile(r"[^\W\d_](?:[^\W\d]|[ \-]){0,31}")

DECIMAL: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")


@dataclass
class Seen:
    """One field, as the documents of a sample have it.

    Attributes:
        path: Where it is.
        documents: In how many documents it holds something but null.
        total: How many documents there are.
        kinds: Kind of value to how often.
        values: Some of the values, for judging what they are; never to be shown.
        counts: Text to how many documents have it, up to a limit.
    """

    path: Path
    documents: int = 0
    total: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    values: list[object] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """The path as people write it."""
        return ".".join(self.path).replace(f".{ELEMENT}", ELEMENT)

    @property
    def in_list(self) -> bool:
        """Whether it is in an element of a list."""
        return ELEMENT in self.path

    def share(self, kind: str) -> float:
        """Return how many of its values are of a kind, from 0 to 1; null aside."""
        total = self.kinds.total() - self.kinds["null"]
        return self.kinds[kind] / total if total else 0.0


def look_at(documents: Sequence[Mapping[str, object]]) -> dict[Path, Seen]:
    """Return the fields of documents, by their paths."""
    found: dict[Path, Seen] = {}
    dynamic = _keyed_by_ids(documents)
    for document in documents:
        there: set[Path] = set()
        words: set[tuple[Path, str]] = set()
        for path, value in _walk(document, (), dynamic):
            if path not in found and len(found) >= MAX_FIELDS:
                continue
            seen = found.setdefault(path, Seen(path))
            seen.kinds[kind_of(value)] += 1
            if value is None:
                continue
            there.add(path)
            if isinstance(value, str) and _WORD.fullmatch(value):
                words.add((path, value))
            if len(seen.values) < KEPT:
                seen.values.append(value)
        for path in there:
            found[path].documents += 1
        for path, word in words:
            if word in found[path].words or len(found[path].words) < 10 * MANY_WORDS:
                found[path].words[word] += 1
    for seen in found.values():
        seen.total = len(documents)
    return found


def kind_of(value: object) -> str:
    """Return the kind of a value, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true/false"
        case int():
            return "whole number"
        case float():
            return "number"
        case str():
            return "text"
        case datetime():
            return "time"
        case list():
            return "list"
        case Mapping():
            return "map"
    return "reference" if is_reference(value) else "other"


def is_reference(value: object) -> bool:
    """Return whether a value points to a document, as Firestore's library has it."""
    return isinstance(getattr(value, "path", None), str) and hasattr(value, "id")


def _walk(value: object, path: Path, dynamic: frozenset[Path]) -> Iterator[tuple[Path, object]]:
    if path:
        yield path, value
    if len(path) >= MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in value[:MAX_ELEMENTS]:
            yield from _walk(one, (*path, ELEMENT), dynamic)
    elif isinstance(value, Mapping) and path in dynamic:
        for one in list(value.values())[:MAX_ELEMENTS]:
            yield from _walk(one, (*path, ELEMENT), dynamic)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if isinstance(key, str) and is_name(key):
                yield from _walk(one, (*path, key), dynamic)


def is_name(key: str) -> bool:
    """Return whether a key is the name of a field, and not an id, an address or a phrase."""
    if not _NAME.fullmatch(key):
        return False
    # Of an id the pieces are short, as capitals and digits are anywhere, or there is but one.
    pieces = tokens(key)
    letters = sum(map(len, pieces))
    return len(key) < 12 or (letters >= 3 * len(pieces) and max(map(len, pieces)) <= 24)


def _keyed_by_ids(documents: Sequence[Mapping[str, object]]) -> frozenset[Path]:
    """Return where there are maps whose keys are no names: most documents have other ones."""
    maps: Counter[Path] = Counter()
    keys: dict[Path, Counter[str]] = {}
    for document in documents:
        _count_keys(document, (), maps, keys)
    return frozenset(path for path, there in maps.items() if path and _varies(there, keys[path]))


def _varies(maps: int, keys: Counter[str]) -> bool:
    if not keys:
        return False
    odd = sum(count for key, count in keys.items() if not is_name(key))
    if 2 * odd > keys.total():
        return True
    # A record has most of its fields most of the time; a map by names of people has not.
    return len(keys) > MANY_WORDS and keys.total() / maps < len(keys) / 4


def _count_keys(
    value: object, path: Path, maps: Counter[Path], keys: dict[Path, Counter[str]]
) -> None:
    if len(path) >= MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in value[:MAX_ELEMENTS]:
            _count_keys(one, (*path, ELEMENT), maps, keys)
    elif isinstance(value, Mapping):
        maps[path] += 1
        keys.setdefault(path, Counter()).update(key for key in value if isinstance(key, str))
        for key, one in value.items():
            if isinstance(key, str) and is_name(key):
                _count_keys(one, (*path, key), maps, keys)


def shape(seen: Seen) -> str:
    """Return what a field holds, as far as it shows nobody's data."""
    shapes = Counter(_shape(value) for value in seen.values)
    words = shown_words(seen)
    if words:
        hidden = sum(shapes.values()) > 0 and len(seen.words) > len(words)
        return ", ".join(words) + (" and others" if hidden else "")
    return " or ".join(shape for shape, _ in shapes.most_common(3))


def shown_words(seen: Seen) -> list[str]:
    """Return the words of a field that may be shown: currencies, and words for states of orders.

    A word that only the field's name makes one of those must be in several documents; and nothing
    of an address is shown, in which `state` is where somebody lives.
    """
    if not seen.words or is_address_part(seen.path):
        return []
    texts = [value for value in seen.values if isinstance(value, str)]
    if fit("currency", seen.path) and all(text.upper() in DIGITS for text in texts):
        return [word for word, _ in seen.words.most_common(5)]
    known = [word for word in seen.words if verdict(word) is not None]
    name = tokens(seen.path[-1])
    if not is_status_name(name):
        return sorted(known) if known and len(known) == len(set(texts)) else []
    # In a language that `words` does not speak the field itself must leave no doubt.
    plain = name in NAMES["status"] and seen.documents >= 0.9 * seen.total
    mostly = 2 * sum(seen.words[word] for word in known) >= len(texts)
    few = len(seen.words) <= MANY_WORDS and (plain or mostly)
    often = [word for word, count in seen.words.items() if few and count >= OFTEN]
    return sorted({*known, *often})


def _shape(value: object) -> str:
    match value:
        case str():
            return _shape_of_text(value)
        case bool():
            return "true or false"
        case int() if 10**9 <= value < 3 * 10**9:
            return "seconds since 1970"
        case int() if 10**12 <= value < 3 * 10**12:
            return "milliseconds since 1970"
        case list():
            return f"list of {kind_of(value[0])}" if value else "empty list"
    return kind_of(value)


def _shape_of_text(text: str) -> str:
    if not text.strip():
        return "blank"
    if text.upper() in DIGITS:
        return "currency"
    if canonical_or_none(text) is not None:
        return "e-mail address"
    if DECIMAL.fullmatch(text):
        return "decimal number in text" if "." in text else "digits in text"
    if ISO.fullmatch(text):
        return "time in text" if len(text) > len("2024-01-01") else "day in text"
    if text.startswith(("http://", "https://")):
        return "web address"
    return "one word" if " " not in text.strip() else "text"
