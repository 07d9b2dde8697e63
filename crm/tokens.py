"""Page tokens: where a list goes on, signed, and good for one caller's one query only.

Pure but for the clock. A token holds the position alone. Caller, function and query are mixed into
the key that signs it (the serializer's salt), so they are checked without being in the token: a
search for an address leaves no address in a URL or a log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from itsdangerous import BadData, URLSafeTimedSerializer

from crm.errors import Refusal

MAX_AGE: Final = 24 * 60 * 60  # seconds

MAX_LENGTH: Final = 16_384
"""Characters of a token: a document id of 1,500 bytes in JSON and base64, with room to spare."""


@dataclass(frozen=True)
class Scope:
    """What a token is bound to.

    Attributes:
        caller: The uid of who asks.
        function: The callable's name.
        query: What is asked for, without page size and page token. JSON values.
    """

    caller: str
    function: str
    query: Mapping[str, object]

    @property
    def digest(self) -> bytes:
        """SHA-256 of all three."""
        text = json.dumps([self.caller, self.function, self.query], sort_keys=True)
        return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class PageTokens:
    """Signs and reads page tokens (HMAC-SHA-256, RFC 2104).

    Args:
        secret: `Keyring.derive("page-token")`.
    """

    secret: bytes = field(repr=False)

    def issue(self, scope: Scope, position: Sequence[object]) -> str:
        """Give a token that goes on behind `position` (JSON values)."""
        token = self._serializer(scope).dumps(list(position))
        return token if isinstance(token, str) else token.decode()

    def read(self, scope: Scope, token: str) -> list[Any]:
        """Give the position that a token holds.

        Raises:
            Refusal: `invalid-argument` (`page-token`): forged, older than `MAX_AGE`, or issued to
                another caller, by another function or for another query.
        """
        try:
            position = self._serializer(scope).loads(token, max_age=MAX_AGE)
        except (BadData, UnicodeError):
            position = None
        if not isinstance(position, list):
            raise Refusal(
                "invalid-argument",
                "page-token",
                "This pageToken is not one for this query, or is older than a day: leave it out"
                " to begin at the first page.",
            )
        return position

    def _serializer(self, scope: Scope) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            self.secret,
            salt=scope.digest,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
