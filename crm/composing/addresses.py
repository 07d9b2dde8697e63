"""Where links and images of a mail may lead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crm.composing.marks import Marks, percent_encoded

_WHERE: Final = re.compile(
    r"(?P<web>https?://(?P<host>[^/?#\\@\s<>\"']+)(?=[/?#]|$))"
    r"|mailto:[^\s?<>\"'\\]+(?=\?|$)"
    r"|tel:[0-9+().\s-]+$",
    re.IGNORECASE,
)
"""What says where a link leads. No value stands in it."""

_IN_IT: Final = re.compile(r"[^\x21-\x7e]|[<>\"\\^`{|}]")


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it may be written; or why it may not.

    Attributes:
        written: It, with values percent-encoded; None for one that may not be written.
        reason: What is wrong with it, as a stable code; None for nothing.
        message: The same as a sentence.
    """

    written: str | None
    reason: str | None = None
    message: str = ""


def link(marks: Marks, value: str) -> Address:
    """Return where a link may lead: a site, a mailbox, a telephone, or a link of ours."""
    value = value.strip()
    first = marks.pattern.match(value)
    if first is not None and first[1] == "u":
        return Address(first[0] + marks.inside_link(_encoded(value[first.end() :])))
    found = _WHERE.match(value)
    if found is None or marks.has(found[0]):
        return _refused(marks, value)
    rest = marks.inside_link(_encoded(value[found.end() :]))
    host = found["host"]
    if host is not None and not _is_host(host):
        return _refused(marks, value)
    if value[:5].lower() == "http:":
        message = f"Write https: instead of http: in `{marks.literal(value)}`."
        return Address(found[0] + rest, "insecure-link", message)
    return Address(found[0] + rest)


def image(marks: Marks, value: str) -> Address:
    """Return where an image may be: one address for all, or it would tell who opens the mail."""
    if marks.has(value):
        message = "An image has one address for everybody: a value in it would tell who opens."
        return Address(None, "tracking-image", message)
    found = link(marks, value)
    if found.written is not None and not found.written.lower().startswith("http"):
        return _refused(marks, value)
    return found


def _encoded(text: str) -> str:
    return _IN_IT.sub(lambda found: percent_encoded(found[0]), text)


def _is_host(host: str) -> bool:
    name, _, port = host.partition(":")
    return bool(name.strip(".")) and "." in name and (not port or port.isdecimal())


def _refused(marks: Marks, value: str) -> Address:
    shown = marks.literal(value)[:60]
    if not value:
        return Address(None, "empty-link", "A link leads nowhere: write its address.")
    if marks.has(value):
        message = (
            "A value cannot say where a link leads. Write `https://` and the site, then the value;"
            " or `{{ unsubscribe_link }}`."
        )
        return Address(None, "value-in-link", message)
    if re.match(r"[a-z][a-z0-9+.-]*:", value, re.IGNORECASE):
        message = f"`{shown}` is no address that a mail can lead to: write https, mailto or tel."
        return Address(None, "broken-link", message)
    message = f"`{shown}` leads nowhere from a mail: write it with https:// and the site."
    return Address(None, "relative-link", message)
