"""Links by which people leave the newsletter with one click (RFC 8058, RFC 2369).

Pure. A link holds the identity key of an address, signed, and nothing else: no address, no
customer. So it stays good after a merge, a change of address and an erasure. It never expires: a
newsletter from years ago must still be a way out.
"""

from __future__ import annotations

import hashlib
from typing import Final

from itsdangerous import BadData, Signer

from crm.core.keyring import Keyring

FIELD: Final = "List-Unsubscribe"

ONE_CLICK: Final = "One-Click"
"""What a POST says in its form (RFC 8058, section 3.1)."""


def function_url(region: str, project: str, origin: str | None = None) -> str:
    """Return the address of the function `unsubscribe` as it is deployed.

    Args:
        region: Where the functions run.
        project: The Firebase project.
        origin: Where the functions emulator answers, if it runs.
    """
    if origin:
        return f"{origin}/{project}/{region}/unsubscribe"
    return f"https://{region}-{project}.cloudfunctions.net/unsubscribe"


def link(keys: Keyring, url: str, address: str) -> str:
    """Return the link for one address.

    Args:
        keys: The installation's keyring.
        url: Where the function answers.
        address: Canonical, such as a customer's `primaryEmail`.
    """
    # Of letters, digits, `-`, `_` and one dot: nothing to be quoted in a URL.
    token = _signer(keys).sign(keys.address(address)).decode()
    return f"{url}?token={token}"


def headers(link: str) -> dict[str, str]:
    """Return both headers of a newsletter; DKIM must sign them too (RFC 8058, section 4)."""
    return {FIELD: f"<{link}>", f"{FIELD}-Post": f"{FIELD}={ONE_CLICK}"}


def read_token(keys: Keyring, token: str) -> str | None:
    """Return the identity key that a link's token holds; None where we did not sign it."""
    try:
        return _signer(keys).unsign(token).decode()
    except (BadData, UnicodeError):
        return None


def _signer(keys: Keyring) -> Signer:
    secret = keys.derive("unsubscribe")
    return Signer(secret, salt=b"unsubscribe", key_derivation="hmac", digest_method=hashlib.sha256)
