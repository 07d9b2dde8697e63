"""Links by which people leave the newsletter with one click (RFC 8058, RFC 2369).

Pure. A link holds the identity key of an address, signed, in a campaign's mail that mail's id too,
and nothing else: no address, no customer. So it stays good after a merge, a change of address and
an erasure. It never expires: a newsletter from years ago must still be a way out. Only a new
`CRM_KEY` ends the links of the one before, `GRACE` later: whoever has stolen that one can make
links.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from itsdangerous import BadData, Signer

from crm.config.newsletter import Newsletter
from crm.core.keyring import Keyring

FIELD: Final = "List-Unsubscribe"

ONE_CLICK: Final = "One-Click"
"""What a POST says in its form (RFC 8058, section 3.1)."""


_TOKEN: Final = re.compile(r"[\w-]+\.[\w-]+(?=[^\w-]*\Z)", re.ASCII)
"""A token, whatever stands behind it that cannot be a part of one."""

_BETWEEN: Final = "_"

GRACE: Final = timedelta(days=365)
"""How long links are good after the secret that signed them was replaced."""


def landing(settings: Newsletter, function_url: Callable[[str], str]) -> str:
    """Return where links lead, without their token.

    Args:
        settings: Can name an address of the owner's own.
        function_url: Gives the address of a function.
    """
    return settings.unsubscribe_url or function_url("unsubscribe")


@dataclass(frozen=True, slots=True)
class Link:
    """What a link's token holds.

    Attributes:
        key: The identity key of the address.
        mail: The campaign's mail that the link was in; None where it was in none.
    """

    key: str
    mail: str | None = None


def link(keys: Keyring, url: str, address: str, mail: str | None = None) -> str:
    """Return the link for one address.

    Args:
        keys: The installation's keyring.
        url: Where the function answers.
        address: Canonical, such as a customer's `primaryEmail`.
        mail: The campaign's mail that it stands in (`campaigns.mails.record_id`), which is to know
            that the person left by it.
    """
    # Of letters, digits, `-`, `_` and one dot: nothing to be quoted in a URL. No key has a `_`.
    held = keys.address(address) if mail is None else f"{keys.address(address)}{_BETWEEN}{mail}"
    token = _signer(keys).sign(held).decode()
    return f"{url}?token={token}"


def headers(link: str) -> dict[str, str]:
    """Return both headers of a newsletter; DKIM must sign them too (RFC 8058, section 4)."""
    return {FIELD: f"<{link}>", f"{FIELD}-Post": f"{FIELD}={ONE_CLICK}"}


def read_token(keys: Keyring, token: str, now: datetime) -> str | None:
    """Return the identity key that a link's token holds; None where we did not sign it."""
    found = read_link(keys, token, now)
    return found.key if found is not None else None


def read_link(keys: Keyring, token: str, now: datetime) -> Link | None:
    """Return what a link's token holds; None where we did not sign it.

    A mail program that makes a link of plain text may take for a part of it what stands behind: a
    full stop, a bracket, a blank.

    Args:
        keys: The installation's keyring.
        token: What came, from anybody.
        now: Whether a link of a former secret is still good.
    """
    cut = _TOKEN.match(token)
    if cut is None:
        return None
    last = [one.secret for one in keys.former if now - one.until < GRACE]
    for secret in (keys.secret, *reversed(last)):
        try:
            key, _, mail = _signer(Keyring(secret)).unsign(cut[0]).decode().partition(_BETWEEN)
        except (BadData, UnicodeError):
            continue
        return Link(keys.renewed(key), mail or None)
    return None


def _signer(keys: Keyring) -> Signer:
    secret = keys.derive("unsubscribe")
    return Signer(secret, salt=b"unsubscribe", key_derivation="hmac", digest_method=hashlib.sha256)
