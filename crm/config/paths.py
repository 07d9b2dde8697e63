"""Where the host's documents lie: one collection, or a pattern such as `users/{uid}/orders`.

A pattern stands for every collection that it fits; `{uid}` is the id of some document. Ids repeat
in them, so a document of a pattern has a name of its own: the ids in its path that the pattern
leaves open, joined by `#`. `users/u1/orders/o1` is `u1#o1`. A document of one plain collection is
called by its id.

A name is itself a legal document id, no two paths share one, and names sort as Firestore sorts the
paths: a collection group can be gone through beside documents of ours that have these names as ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Final

from pydantic import PlainValidator

WILDCARD: Final = re.compile(r"\{([A-Za-z_][A-Za-z_0-9]*)\}")

BUYER: Final = "{uid}"
"""The wildcard that stands for the uid of an order's buyer."""

ORDER_ID: Final = "{orderId}"
"""The wildcard of the order's own id, in the pattern that the trigger listens to."""

NOWHERE: Final = "crmNowhere"
"""A collection without documents: where a name leads that no path of a pattern has."""

MAX_NAME: Final = 1_500
"""Bytes of a document id, as Firestore takes it."""

# The separator sorts before whatever may stand beside it: it and what is below it are written as
# "$" and a letter or digit, in their order.
_SEPARATOR: Final = "#"
_ESCAPE: Final = "$"
_ESCAPED: Final = re.compile(r"[\x00-$]")
_ESCAPES: Final = re.compile(r"\$(.?)", re.DOTALL)
_RESERVED: Final = re.compile(r"__.*__", re.DOTALL)

_NO_IDS: Final = frozenset({"", ".", ".."})

# Numeric ids, which Datastore left in some databases, sort first; this is the least of them.
_FIRST_ID: Final = "__id-9223372036854775808__"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A path of a collection in which ids of documents are left open.

    Attributes:
        segments: Its segments; one that is left open is a name in braces.
    """

    segments: tuple[str, ...]

    @property
    def open(self) -> tuple[str, ...]:
        """The segments that are left open, in their order, in braces."""
        return tuple(one for one in self.segments if WILDCARD.fullmatch(one))

    @property
    def group(self) -> str:
        """The id of every collection that it fits."""
        return self.segments[-1]

    @property
    def bounds(self) -> tuple[str, str]:
        """Paths between which, the second excluded, everything lies that it fits."""
        fixed = "/".join(self.segments[: self.segments.index(self.open[0])])
        return f"{fixed}/{_FIRST_ID}", f"{fixed}\x01/{_FIRST_ID}"

    def fits(self, collection: str) -> bool:
        """Return whether it stands for this collection, too."""
        return self.ids(f"{collection}/x") is not None

    def ids(self, path: str) -> tuple[str, ...] | None:
        """Return the ids of a document's path that are left open, its own last."""
        *above, own = path.split("/")
        if len(above) != len(self.segments):
            return None
        pairs = list(zip(self.segments, above, strict=True))
        if any(there != mine for mine, there in pairs if not WILDCARD.fullmatch(mine)):
            return None
        return (*(there for mine, there in pairs if WILDCARD.fullmatch(mine)), own)

    def path(self, ids: tuple[str, ...]) -> str:
        """Return the path of a document by its ids that are left open."""
        *above, own = ids
        rest = iter(above)
        return "/".join([*(next(rest) if WILDCARD.fullmatch(s) else s for s in self.segments), own])


@lru_cache(maxsize=16)
def pattern_of(collection: str) -> Pattern | None:
    """Return the pattern that a collection's path is; None for a plain collection."""
    return Pattern(tuple(collection.split("/"))) if "{" in collection else None


def document_at(collection: str, name: str) -> str:
    """Return the path of a document by its name; of what is no name one where nothing is."""
    pattern = pattern_of(collection)
    if pattern is None:
        return f"{collection}/{name}"
    ids = _parted(name)
    if ids is None or len(ids) != len(pattern.open) + 1:
        return f"{NOWHERE}/{name}"
    return pattern.path(ids)


def name_in(collection: str, path: str) -> str | None:
    """Return the name of a document; None of one that is not in the collection.

    None too where the name would be too long for the id of a document.
    """
    pattern = pattern_of(collection)
    if pattern is None:
        above, _, own = path.rpartition("/")
        return own if above == collection else None
    ids = pattern.ids(path)
    name = _joined(ids) if ids is not None else None
    return name if name is not None and len(name.encode()) <= MAX_NAME else None


def is_name(collection: str, text: str) -> bool:
    """Return whether a document of the collection can have this name."""
    return name_in(collection, document_at(collection, text)) is not None


def values_in(collection: str, path: str) -> Mapping[str, str]:
    """Return what a document's path has for each wildcard, in braces, of the collection's."""
    pattern = pattern_of(collection)
    ids = pattern.ids(path) if pattern else None
    return dict(zip(pattern.open, ids, strict=False)) if pattern and ids else {}


def filled(pattern: str, values: Mapping[str, str]) -> str:
    """Return a path with each wildcard replaced by its value, by name."""
    return WILDCARD.sub(lambda found: values[found[1]], pattern)


def _joined(ids: tuple[str, ...]) -> str:
    name = _SEPARATOR.join(_ESCAPED.sub(_escape, one) for one in ids)
    # Firestore keeps such ids for itself. Nothing sorts between a name and the same with this end.
    return name + _SEPARATOR if _RESERVED.fullmatch(name) else name


def _parted(name: str) -> tuple[str, ...] | None:
    """Return the ids that a name joins; None where no ids are joined so."""
    texts = name.removesuffix(_SEPARATOR).split(_SEPARATOR)
    ids = tuple(_ESCAPES.sub(_unescape, one) for one in texts)
    if any(one in _NO_IDS or "/" in one for one in ids):
        return None
    return ids if _joined(ids) == name else None


def _escape(found: re.Match[str]) -> str:
    return _ESCAPE + chr(ord(found[0]) + ord("0"))


def _unescape(found: re.Match[str]) -> str:
    code = ord(found[1]) - ord("0") if found[1] else -1
    return chr(code) if 0 <= code <= ord(_ESCAPE) else found[0]


def _collection(value: object) -> str:
    segments = _segments(value)
    if any("{" in name for name in segments):
        raise ValueError(
            "write one collection, without wildcards: the id of a user's document is the uid, and"
            " below a pattern one uid could be several users"
        )
    return _checked("/".join(segments), segments)


def _pattern(value: object) -> str:
    """Check a collection, or a pattern of several."""
    segments = _segments(value)
    wildcards = [name for name in segments if WILDCARD.fullmatch(name)]
    if any(WILDCARD.fullmatch(name) for name in segments[::2]):
        raise ValueError(
            "a wildcard stands for the id of a document, every second name:"
            ' "users/{uid}/orders", not "{any}/u1/orders"'
        )
    for name in (*wildcards, ORDER_ID):
        if (*wildcards, ORDER_ID).count(name) > 1:
            raise ValueError(
                f"{name} stands for two ids: give each a name of its own, none {ORDER_ID},"
                " which is the order's"
            )
    return _checked("/".join(segments), [name for name in segments if name not in wildcards])


def _segments(value: object) -> list[str]:
    if not isinstance(value, str):
        raise ValueError('write a collection path such as "orders"')
    segments = value.split("/")
    if len(segments) % 2 == 0:
        raise ValueError(
            "write the path of a collection, not of a document: an odd number of names, such as"
            ' "orders" or "shops/berlin/orders"'
        )
    return segments


def _checked(path: str, plain: Sequence[str]) -> str:
    # Firestore's rules for ids (https://firebase.google.com/docs/firestore/quotas#limits).
    if any(name in {"", ".", ".."} or re.search(r"[*{}]|^__.*__$", name) for name in plain):
        raise ValueError(
            'write plain names between slashes, such as "orders"; in orders.path one that stands'
            ' for any id is a word in braces, such as "users/{uid}/orders"'
        )
    if plain[0] == "customers" or plain[0].startswith("crm"):
        raise ValueError("choose a collection of the host's: CRM-Lite writes to this one itself")
    return path


CollectionPath = Annotated[str, PlainValidator(_collection)]

OrdersPath = Annotated[str, PlainValidator(_pattern)]
