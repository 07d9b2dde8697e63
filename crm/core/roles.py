"""Who may call what: a role in the custom claim `crm` of a caller's Firebase ID token.

Pure. The claim is exactly one of three strings; whatever else stands there is no role, so that a
host's own `crm: true` opens nothing. It counts only beside a verified address: whoever signs up
with somebody's address first would else be given that person's role.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Mapping
from typing import Final

from crm.core.errors import Refusal

CLAIM: Final = "crm"

RECENTLY: Final = 5 * 60
"""Seconds; what the Firebase documentation takes for session cookies."""

Claims = Mapping[str, object]
"""A verified ID token, decoded."""


class Role(enum.IntEnum):
    """A staff role; a higher one may do all that a lower one may."""

    VIEWER = 1
    EDITOR = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The role as the claim and the operator's command write it."""
        return self.name.lower()

    @classmethod
    def named(cls, word: object) -> Role | None:
        """Return the role of a word; None for anything that is not exactly one of the three."""
        return _ROLES.get(word) if isinstance(word, str) else None


class Person(enum.Enum):
    """What a call about the caller's own data asks for instead of a role."""

    VERIFIED = "verified"
    """Signed in, with an address that Firebase Auth has verified."""

    RECENT = "recent"
    """The same, and signed in within `RECENTLY`: a token that lies about opens nothing."""

    @property
    def word(self) -> str:
        """What the manual calls it."""
        return "signed in, address verified" + (", recent sign-in" if self is Person.RECENT else "")


_ROLES: Final = {role.word: role for role in Role}


NO_TOKEN: Final = Refusal(
    "unauthenticated", "sign-in", "Sign in, and send the ID token with the call."
)


def role_of(claims: Claims) -> Role | None:
    """Return the role that a token's claims hold, if any."""
    return Role.named(claims.get(CLAIM))


def require(
    claims: Claims | None,
    needed: Role | Person,
    clock: Callable[[], float] = time.time,
    *,
    recent: bool = False,
) -> Role | None:
    """Return the caller's role, if any, where the caller may go on.

    Args:
        claims: The verified token's claims; None where the call came without a token.
        needed: The lowest role that may go on, or what the caller's own account must be.
        clock: Seconds since 1970.
        recent: Whether the sign-in must lie within `RECENTLY`, whatever the role.

    Raises:
        Refusal: `unauthenticated` (`sign-in`, `tenant`) or `permission-denied` (`role`,
            `address-not-verified`, `recent-sign-in`).
    """
    if claims is None:
        raise NO_TOKEN
    if _is_of_a_tenant(claims):
        raise Refusal(
            "unauthenticated",
            "tenant",
            "This ID token is of an Identity Platform tenant, whose accounts are none of this"
            " project's: sign in to the project itself.",
        )
    verified = claims.get("email_verified") is True
    role = role_of(claims) if verified else None
    if isinstance(needed, Person):
        if not verified:
            raise Refusal(
                "permission-denied",
                "address-not-verified",
                "Verify the account's e-mail address, get a fresh ID token, then call again.",
            )
    else:
        at_least(role, needed)
    if (recent or needed is Person.RECENT) and not _is_recent(claims.get("auth_time"), clock()):
        raise Refusal(
            "permission-denied",
            "recent-sign-in",
            f"This needs a sign-in within the last {RECENTLY // 60} minutes: sign in again, "
            "then call again. A fresh ID token alone is not enough.",
        )
    return role


def at_least(role: Role | None, needed: Role) -> Role:
    """Return a role where it is enough.

    Raises:
        Refusal: `permission-denied` (`role`).
    """
    if role is None or role < needed:
        raise Refusal(
            "permission-denied",
            "role",
            f"This needs the role {needed.word} or a higher one, on an account with a verified"
            " address: ask an operator to grant it, then sign in again.",
        )
    return role


def _is_of_a_tenant(claims: Claims) -> bool:
    """Return whether a token is of an account that the project's own Auth does not have."""
    kept = claims.get("firebase")
    return isinstance(kept, Mapping) and kept.get("tenant") is not None


def _is_recent(auth_time: object, now: float) -> bool:
    """Return whether a token's sign-in, `auth_time` (OpenID Connect Core 1.0, 2), is recent."""
    if not isinstance(auth_time, int | float) or isinstance(auth_time, bool):
        return False
    return now - auth_time <= RECENTLY
