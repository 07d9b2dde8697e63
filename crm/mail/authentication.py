"""What a receiving server wrote of a mail's authentication (RFC 8601), read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

NAMELESS: Final = "the receiving server (it gives no name, as Microsoft's do not)"

_DOMAIN_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "spf": ("smtp.mailfrom", "smtp.mail", "smtp.helo"),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
}
"""The properties that say which domain a method was asked about, the best one first."""

_SECOND_LEVEL: Final = frozenset({"ac", "co", "com", "edu", "gov", "net", "or", "org"})
"""Labels below a country's under which names are given out, mostly."""

_PROPERTY: Final = r"\b([a-z]{1,20}\.[\w-]{1,40})\s{0,9}=\s{0,9}\"?([^\s\";]{1,512})"

_DOMAIN: Final = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one method.

    Attributes:
        method: `spf`, `dkim`, `dmarc` or another.
        value: `pass`, `fail`, `none` and so on.
        domain: Which domain it is about; None where that is not said.
    """

    method: str
    value: str
    domain: str | None


@dataclass(frozen=True, slots=True)
class Results:
    """What one receiving server wrote.

    Attributes:
        host: Its name.
        results: What came of each method.
    """

    host: str
    results: tuple[Result, ...]

    def of(self, method: str) -> list[Result]:
        """Return what came of one method; a mail can have several signatures."""
        return [one for one in self.results if one.method == method]


def judged_by(headers: Sequence[str]) -> Results | None:
    """Return what the last server wrote that took the mail.

    That is the topmost header, with those that servers of the same domain wrote beside it: some
    write one for each method. Whatever is below comes from earlier servers, or from the sender.

    Args:
        headers: Each `Authentication-Results`, the topmost first. `ARC-…` ones say what others
            have seen, and are none.
    """
    read = [_read(one) for one in headers]
    if not read:
        return None
    host = read[0].host
    same = [one for one in read if one.host == host or _siblings(one.host, host)]
    return Results(host, tuple(result for one in same for result in one.results))


def aligned(domain: str | None, other: str | None) -> bool:
    """Return whether two domains are of one organisation, as far as their names tell (RFC 7489)."""
    if not domain or not other:
        return False
    return organisation_of(domain) == organisation_of(other)


def organisation_of(domain: str) -> str:
    """Return the part of a domain that its owner has registered, mostly.

    Exactly only the public suffix list tells; DMARC's own result, which is asked for too, goes by
    that.
    """
    labels = domain.lower().strip(".").split(".")
    country = len(labels[-1]) == 2 and len(labels) > 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if country else labels[-2:])


def tags_of(text: str) -> dict[str, str]:
    """Return the tags of a DKIM signature (RFC 6376, section 3.2)."""
    pairs = (one.partition("=") for one in text.split(";"))
    return {name.strip().lower(): re.sub(r"\s+", "", value) for name, _, value in pairs}


def without_comments(text: str) -> str:
    """Return a header without what stands in brackets, which can be nested (RFC 5322)."""
    kept: list[str] = []
    depth, quoted, skip = 0, False, False
    for char in text:
        if skip:
            skip = False
            continue
        if char == "\\":
            skip = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif char == "(" and not quoted:
            depth += 1
        elif char == ")" and not quoted and depth:
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(" " if quoted and char == ";" else char)
    return "".join(kept)


def _siblings(host: str, other: str) -> bool:
    named = NAMELESS not in (host, other)
    return named and organisation_of(host) == organisation_of(other)


def _read(header: str) -> Results:
    first, *rest = without_comments(header).split(";")
    if "=" in first:  # without a name, as Microsoft writes it
        rest.insert(0, first)
        first = ""
    name = first.split()[0].lower() if first.split() else ""
    host = name if _DOMAIN.fullmatch(name) else NAMELESS
    return Results(host, tuple(one for text in rest if (one := _result(text)) is not None))


def _result(text: str) -> Result | None:
    found = re.match(r"\s*([\w-]+)(?:\s*/\s*\d+)?\s*=\s*([\w-]+)", text)
    if found is None:
        return None
    method = found[1].lower()
    said = dict(re.findall(_PROPERTY, text[found.end() :].lower()))
    named = (said[name] for name in _DOMAIN_OF.get(method, ()) if name in said)
    domains = (one.rpartition("@")[2].strip("<>.") for one in named)
    domain = next((one for one in domains if _DOMAIN.fullmatch(one)), None)
    return Result(method, found[2].lower(), domain)
