"""Which tags an entry of the audit trail is about, for as long as there are such tags.

A tag's name is staff's word and may name a person (`friend-of-anna`), and the trail cannot be
redacted. So an entry has keys of tags, under a secret derived from the installation's: whoever
reads it is told the tags of the catalogue that have these keys. Of a tag that is deleted, the key
says nothing any more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from crm.core.keyring import Keyring
from crm.db.collections import TAGS
from crm.db.documents import Query, Store

FACTS: Final = ("addedTags", "removedTags")
"""The facts that hold keys of tags, in one text each."""

MOST: Final = 20
"""Tags that an entry names of those added, and of those removed; how many there are it has too."""

_PURPOSE: Final = "audit tag"

_BYTES: Final = 10
"""Of a key: among 10,000 tags two have the same once in 10^16 times."""


def facts_of(keys: Keyring, added: Iterable[str], removed: Iterable[str]) -> dict[str, str]:
    """Return the facts that say which tags were added and removed.

    Args:
        keys: The installation's keyring.
        added: Ids of tags.
        removed: Likewise.
    """
    secret = keys.derive(_PURPOSE)
    named = {name: sorted(tags)[:MOST] for name, tags in zip(FACTS, (added, removed), strict=True)}
    return {
        name: " ".join(_key(secret, tag) for tag in tags) for name, tags in named.items() if tags
    }


def with_names(
    store: Store, keys: Keyring, entries: Sequence[Mapping[str, object]]
) -> list[dict[str, object]]:
    """Return entries whose facts have tags' ids in the place of their keys; None for a deleted tag.

    It reads the catalogue, a read for each tag, where one of the entries is about tags.

    Args:
        store: The database.
        keys: The installation's keyring.
        entries: As they are shown, with `facts`.
    """
    held = [entry["facts"] for entry in entries]
    asked = any(name in facts for facts in held if isinstance(facts, Mapping) for name in FACTS)
    tags = _by_key(keys, (row.id for row in store.find(Query(TAGS)))) if asked else {}
    return [{**entry, "facts": _named(entry["facts"], tags)} for entry in entries]


def _named(facts: object, tags: Mapping[str, str]) -> dict[str, object]:
    assert isinstance(facts, Mapping)
    return {
        name: [tags.get(key) for key in str(value).split()] if name in FACTS else value
        for name, value in facts.items()
    }


def _by_key(keys: Keyring, tags: Iterable[str]) -> dict[str, str]:
    """Return tags by every key that they have, or had under an earlier secret."""
    secrets = (*keys.derive_former(_PURPOSE), keys.derive(_PURPOSE))
    return {_key(secret, tag): tag for tag in tags for secret in secrets}


def _key(secret: bytes, tag: str) -> str:
    digest = hmac.digest(secret, tag.encode(), hashlib.sha256)[:_BYTES]
    return base64.b32encode(digest).decode().lower()
