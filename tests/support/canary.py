"""A scanner for what is left of a person: canaries, looked for in full dumps and many disguises."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, quote_plus

ADDRESS, UID, NAME, PHONE = "address", "uid", "name", "phone"


@dataclass(frozen=True)
class Canary:
    """One value that belongs to one person alone.

    Attributes:
        kind: What it is. Addresses and uids are looked for in encodings and unkeyed hashes too.
        text: As it was written.
    """

    kind: str
    text: str

    @property
    def spellings(self) -> set[str]:
        """How it is written, whatever encodes it then."""
        if self.kind != ADDRESS:
            return {self.text}
        local, _, domain = self.text.rpartition("@")
        punycode = domain.encode("idna").decode()
        domains = {domain, domain.lower(), punycode, punycode.encode().decode("idna")}
        return {f"{name}@{domain}" for name in (local, local.lower()) for domain in domains}

    @property
    def disguises(self) -> Mapping[str, str]:
        """What it can look like, by the name of the disguise; compared without letter case."""
        return _disguises(self)


@functools.cache
def _disguises(canary: Canary) -> Mapping[str, str]:
    found = {}
    for text in canary.spellings:
        data = text.encode()
        found[f"plain {text}"] = text
        found[f"percent {text}"] = quote(text, safe="")
        found[f"form {text}"] = quote_plus(text)
        found[f"hex {text}"] = data.hex()
        for offset in range(3):
            found[f"base64+{offset} {text}"] = _inner_base64(data, offset)
        if canary.kind in {ADDRESS, UID}:
            for name in ("md5", "sha1", "sha256"):
                digest = hashlib.new(name, data).digest()
                encoded = base64.b64encode(digest).decode().rstrip("=")
                found[f"{name} {text}"] = digest.hex()
                found[f"{name} base64 {text}"] = encoded
                found[f"{name} base64url {text}"] = encoded.translate(str.maketrans("+/", "-_"))
    return {disguise: needle.casefold() for disguise, needle in found.items()}


def _inner_base64(data: bytes, offset: int) -> str:
    """Return what stays the same of data in base64, wherever it begins in a longer text."""
    encoded = base64.b64encode(b"\0" * offset + data).decode().rstrip("=")
    first = (0, 2, 3)[offset]
    last = len(encoded) - (0 if (offset + len(data)) % 3 == 0 else 1)
    return encoded[first:last]


def residue(dump: Mapping[str, object], canaries: Iterable[Canary]) -> dict[Canary, set[str]]:
    """Return where each canary is found.

    Args:
        dump: Place to content: documents by path (the path is looked at too), logs, accounts.
        canaries: What to look for.

    Returns:
        Canary to `place (disguise)`; nothing for one that is nowhere.
    """
    texts = {place: " ".join((place, *_texts(value))).casefold() for place, value in dump.items()}
    found: dict[Canary, set[str]] = {}
    for canary in canaries:
        for disguise, needle in canary.disguises.items():
            for place, text in texts.items():
                if needle in text:
                    found.setdefault(canary, set()).add(f"{place} ({disguise})")
    return found


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, keys of maps too."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
        yield value.hex()
    elif value is not None and not isinstance(value, datetime):
        yield str(value)


def documents(all_of: Any, collections: Iterable[str]) -> dict[str, object]:
    """Dump whole collections."""
    return {
        f"{name}/{document_id}": data
        for name in collections
        for document_id, data in all_of(name).items()
    }
