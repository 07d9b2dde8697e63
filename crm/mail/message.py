"""A mail as the bytes that go over the wire (RFC 5322). Pure.

Put together by hand: the standard library's `email` takes ten times as long for a mail of usual
size, and a campaign is many mails. Its parser is the judge in the tests: what it reads is what was
given.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, getaddresses
from functools import lru_cache
from typing import Final

from crm.core.email import canonical_or_none
from crm.mail.port import Mail, Refused

MAX_LINE: Final = 998
"""Bytes in a line without its end (RFC 5322, 2.1.1)."""

SENDER_ID: Final = "crm-lite"
"""The last part of a `Feedback-ID`: what Gmail's reports are by, with the signing domain."""

BOUNDARY: Final = "=_part"
"""Between the parts. Neither quoted-printable nor base64 can hold `=_` (RFC 2045, 6.7)."""

OURS: Final = frozenset(
    {
        *("from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id"),
        *("mime-version", "return-path", "resent-from", "resent-to", "resent-cc", "resent-bcc"),
        "feedback-id",
    }
)
"""Headers that `Mail.headers` cannot set; nor any that begins with `content-`."""

_KEY: Final = re.compile("[A-Za-z0-9-]{1,200}")
_CAMPAIGN: Final = re.compile("[A-Za-z0-9_-]{1,100}")
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,76}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_PLAIN_WORDS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_LINE_END: Final = re.compile(r"\r\n?|\n")

_IN_ONE_LINE: Final = 60
"""Characters of a phrase that is written as it is; a longer one is cut into encoded words."""

_WORD_BYTES: Final = 42
"""Of UTF-8 in one encoded word, which may take 75 characters (RFC 2047, 2)."""


class Unsendable(Exception):
    """A mail that no server may see; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed to an SMTP server.

    Attributes:
        sender: The envelope's sender, its domain in A-labels.
        to: The envelope's recipient, likewise.
        data: The text, its lines ended by CR LF, the last one too.
        utf8: Whether the server has to know SMTPUTF8 (RFC 6531): a local part is not ASCII.
    """

    sender: str = field(repr=False)
    to: str = field(repr=False)
    data: bytes = field(repr=False)
    utf8: bool


@dataclass(frozen=True, slots=True)
class Address:
    """An address as a header and an envelope write it.

    Attributes:
        header: With its name.
        address: Without.
        domain: In A-labels.
    """

    header: str
    address: str
    domain: str


def built(mail: Mail, at: datetime) -> Message | Refused:
    """Return a mail's bytes, or why there are none.

    Args:
        mail: The mail.
        at: What `Date` says, with its time zone.
    """
    try:
        return _built(mail, at)
    except Unsendable as why:
        return Refused(why.code)


def check(mail: Mail) -> Refused | None:
    """Return why a mail cannot be sent, whoever puts it together; None for nothing."""
    try:
        _heads(mail)
        _texts(mail)
    except Unsendable as why:
        return Refused(why.code)
    return None


@lru_cache(maxsize=64)
def address_of(text: str, code: str) -> Address:
    """Return an address in `Name <address>`; that of a campaign is worked out once.

    Raises:
        Unsendable: There is none; with the code.
    """
    if _CONTROL.search(text) or _has_surrogates(text):
        raise Unsendable(code)
    found = getaddresses([text])
    name, written = found[0] if len(found) == 1 else ("", "")
    canonical = canonical_or_none(written)
    if canonical is None:
        raise Unsendable(code)
    local, domain = written.rpartition("@")[0], canonical.rpartition("@")[2]
    address = f"{local}@{domain}"
    return Address(f"{_phrase(name)} <{address}>" if name else address, address, domain)


def _recipient(text: str) -> str:
    """Return who gets it: an address alone, the local part as it was written."""
    canonical = canonical_or_none(text)
    if canonical is None or text != text.strip() or text.rpartition("@")[0] == "":
        raise Unsendable("invalid-address")
    return f"{text.rpartition('@')[0]}@{canonical.rpartition('@')[2]}"


def _heads(mail: Mail) -> tuple[Address, str, list[str]]:
    """Return sender, recipient, and the header's lines without `Date` and MIME."""
    sender = address_of(mail.sender, "invalid-sender")
    to = _recipient(mail.to)
    if not _KEY.fullmatch(mail.key):
        raise Unsendable("invalid-key")
    lines = [
        f"From: {sender.header}",
        f"To: {to}",
        f"Subject: {_text(mail.subject, 'invalid-subject')}",
        f"Message-ID: <{mail.key}@{sender.domain}>",
    ]
    if mail.reply_to is not None:
        lines.append(f"Reply-To: {address_of(mail.reply_to, 'invalid-reply-to').header}")
    if mail.campaign is not None:
        lines.append(f"Feedback-ID: {feedback_id(mail.campaign)}")
    for name, value in mail.headers.items():
        lines.append(_header(name, value))
    return sender, to, lines


def feedback_id(campaign: str) -> str:
    """Return what mailbox providers report complaints of a campaign by.

    Raises:
        Unsendable: The campaign's id has other characters than ids have.
    """
    if not _CAMPAIGN.fullmatch(campaign):
        raise Unsendable("invalid-campaign")
    return f"{campaign}:campaign:{SENDER_ID}"


def _built(mail: Mail, at: datetime) -> Message:
    sender, to, lines = _heads(mail)
    text, html = _texts(mail)
    lines.append(f"Date: {format_datetime(at)}")
    lines.append("MIME-Version: 1.0")
    if html is None:
        lines.append("Content-Type: text/plain; charset=utf-8")
        head, body = lines, _part(text)
    else:
        lines.append(f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"')
        head = [*lines, ""]
        edge = f"--{BOUNDARY}\r\nContent-Type: text/"
        body = b"".join(
            (
                f"{edge}plain; charset=utf-8\r\n".encode(),
                _part(text),
                f"\r\n{edge}html; charset=utf-8\r\n".encode(),
                _part(html),
                f"\r\n--{BOUNDARY}--\r\n".encode(),
            )
        )
    joined = "\r\n".join(head) + "\r\n"
    return Message(sender.address, to, joined.encode() + body, utf8=not joined.isascii())


def _texts(mail: Mail) -> tuple[bytes, bytes | None]:
    try:
        html = None if mail.html is None else mail.html.encode()
        return mail.text.encode(), html
    except UnicodeEncodeError:
        raise Unsendable("invalid-text") from None


def _part(body: bytes) -> bytes:
    """Return a part's encoding and its content: what takes fewer bytes."""
    body = _crlf(body)
    if 6 * _beyond_ascii(body) > len(body):
        return b"Content-Transfer-Encoding: base64\r\n\r\n" + _base64(body)
    encoded = binascii.b2a_qp(body, istext=True)
    return b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + encoded


def _crlf(body: bytes) -> bytes:
    """Return a text whose lines end with CR LF, the last one too (RFC 2046, 4.1.1)."""
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not body.endswith(b"\n"):
        body += b"\n"
    return body.replace(b"\n", b"\r\n")


_ASCII: Final = bytes(range(128))


def _beyond_ascii(body: bytes) -> int:
    return 0 if body.isascii() else len(body.translate(None, _ASCII))


def _base64(body: bytes) -> bytes:
    line = binascii.b2a_base64(body, newline=False)
    return b"\r\n".join([line[at : at + 76] for at in range(0, len(line), 76)]) + b"\r\n"


def _header(name: str, value: str) -> str:
    lower = name.lower()
    if not _NAME.fullmatch(name) or lower in OURS or lower.startswith("content-"):
        raise Unsendable("invalid-header")
    if _CONTROL.search(value) or _has_surrogates(value):
        raise Unsendable("invalid-header")
    value = value.strip(" \t")
    line = f"{name}: {value if value.isascii() else _encoded(value)}"
    if max(map(len, line.split("\r\n"))) > MAX_LINE:
        raise Unsendable("invalid-header")
    return line


def _text(text: str, code: str) -> str:
    """Return the value of a header of free text."""
    if _CONTROL.search(text) or _has_surrogates(text):
        raise Unsendable(code)
    text = text.strip(" \t")
    if text.isascii() and len(text) <= _IN_ONE_LINE and "=?" not in text and "\t" not in text:
        return text
    return _encoded(text)


def _phrase(name: str) -> str:
    """Return a person's or an organisation's name before an address."""
    if not name.isascii() or len(name) > _IN_ONE_LINE or "=?" in name or "\t" in name:
        return _encoded(name)
    if _PLAIN_WORDS.fullmatch(name) and name == " ".join(name.split()):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encoded(text: str) -> str:
    """Return a text as encoded words (RFC 2047), one on each line; no character is cut in two."""
    words: list[bytes] = []
    word = b""
    for char in text:
        encoded = char.encode()
        if len(word) + len(encoded) > _WORD_BYTES:
            words.append(word)
            word = b""
        word += encoded
    words.append(word)
    return "\r\n ".join(
        f"=?utf-8?b?{binascii.b2a_base64(one, newline=False).decode()}?=" for one in words
    )


def _has_surrogates(text: str) -> bool:
    return not text.isascii() and re.search("[\ud800-\udfff]", text) is not None
