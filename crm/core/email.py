"""One written form for each e-mail address, so that a person is recognised and nobody is mistaken.

Two addresses are the same where mail servers in practice treat them so: letter case and Unicode
composition aside. Everything that merely looks alike stays apart or is refused: plus tags, dots,
`ß` and `ss`, other scripts, full-width letters, the Kelvin sign.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from crm.core.errors import InvalidDocument
from crm.core.text import INVISIBLE

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

# RFC 5321 (4.5.3.1) allows 254 in an address; above this nothing is worth parsing.
_MAX_INPUT: Final = 1000

_A_LABEL: Final = "xn--"

# What nearly everybody writes: no quotes, nothing outside ASCII, a domain that ends in letters.
_PLAIN: Final = re.compile(
    r"[a-z0-9_'+-]+(?:\.[a-z0-9_'+-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)

_MAX_PLAIN: Final = 254


def canonical(value: object) -> str:
    """Return the canonical form of an e-mail address.

    Surrounding spaces are dropped, the local part is lower-cased and in NFC, the domain is
    lower-case A-labels (RFC 5891). `canonical(canonical(x)) == canonical(x)`.

    Args:
        value: What the document holds.

    Raises:
        InvalidDocument: `email-missing` for nothing or a blank, `email-invalid` for all else.
    """
    if value is None or (isinstance(value, str) and not value.strip(" \t")):
        raise InvalidDocument("email-missing", "give the document an e-mail address")
    address = canonical_or_none(value)
    if address is None:
        raise InvalidDocument(
            "email-invalid", "write one plain e-mail address such as alice@example.com"
        )
    return address


def canonical_or_none(value: object) -> str | None:
    """Return the canonical form of an e-mail address (see `canonical`); None where it is none."""
    if not isinstance(value, str) or len(value) > _MAX_INPUT:
        return None
    return _canonical(value.strip(" \t"))


def as_written(address: str) -> str:
    """Return a canonical address as people write it: its domain in letters, not in A-labels."""
    local, at, domain = address.rpartition("@")
    found = _validated(address) if _A_LABEL in domain else None
    return address if found is None else f"{local}{at}{found.domain}"


def _canonical(text: str) -> str | None:
    if _is_plain(text):
        return text.lower()
    if INVISIBLE.search(text) or any(map(_is_alias, text)):
        return None
    local, at, domain = text.rpartition("@")
    if not at:
        return None
    # Lower-cased first, so that what is checked (the length too) is what is returned.
    local = _nfc(_nfc(local).lower())
    found = _validated(f"{local}@{domain}")
    if found is None or not _same_domain(_nfc(domain), found.domain, found.ascii_domain):
        return None
    return f"{found.local_part}@{found.ascii_domain}"


def _is_plain(text: str) -> bool:
    """Whether an address is one that the validator would give back as it is, in lower case.

    Most are, and then nothing waits for the validator: its tables take 80 ms of an instance's first
    event. Two hyphens side by side in a domain may mean an encoded one, which it has to look into.
    """
    if not text.isascii() or len(text) > _MAX_PLAIN:
        return False
    return _PLAIN.fullmatch(text.lower()) is not None and "--" not in text.rpartition("@")[2]


def _validated(address: str) -> ValidatedEmail | None:
    # At first use: few addresses need it, and its tables take 80 ms of a cold start.
    import email_validator

    # Whether mail arrives is not asked here, and test data lives under .test, .local and .invalid:
    # the library's documented way to take such domains is to edit this list.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        return email_validator.validate_email(address, check_deliverability=False)
    except (email_validator.EmailNotValidError, UnicodeError):
        return None


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _is_alias(char: str) -> bool:
    """Whether NFC puts another character in this one's place (the Kelvin sign becomes K)."""
    composed = _nfc(char)
    return len(composed) == 1 and composed != char


def _same_domain(written: str, unicode_form: str, ascii_form: str) -> bool:
    """Whether the validator changed no more than letter case and the way a label is encoded.

    UTS 46 also maps look-alikes (full-width letters, ligatures, circled letters) to plain letters.
    """
    # Character by character: str.lower on a whole word makes a final sigma of its last one.
    labels = "".join(char.lower() for char in written).replace("。", ".").split(".")
    pairs = list(zip(unicode_form.split("."), ascii_form.split("."), strict=True))
    return len(labels) == len(pairs) and all(
        label in pair for label, pair in zip(labels, pairs, strict=True)
    )
