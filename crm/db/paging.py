"""Pages of a list, newest first: where a page begins, and the token that leads to the next.

A token ends up in URLs and logs, so it holds the position of the last row alone, and no address.
Caller, function and query are in the salt of its signature: they are checked without being in it,
and another's token is as good as a forged one. Nothing is kept on the server; a new `CRM_KEY` ends
all tokens.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from itsdangerous import BadData, URLSafeTimedSerializer

from crm.core.errors import Refusal
from crm.db.documents import Query, Snapshot, Store
from crm.db.retry import RetryPolicy

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
        """Return a token that goes on behind `position` (JSON values)."""
        token = self._serializer(scope).dumps(list(position))
        return token if isinstance(token, str) else token.decode()

    def read(self, scope: Scope, token: str) -> list[Any]:
        """Return the position that a token holds.

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


@dataclass(frozen=True)
class NewestFirst:
    """One page of a list in the falling order of a time; ids break ties.

    Args:
        tokens: Signs page tokens.
        scope: What they are bound to.
        size: At most so many documents.
        after: The time and id behind which the page begins; None for the first page.
    """

    tokens: PageTokens
    scope: Scope
    size: int
    after: tuple[datetime, str] | None = None

    @classmethod
    def at(cls, tokens: PageTokens, scope: Scope, size: int, token: str | None) -> NewestFirst:
        """Return which page is asked for; before anything is read, for a token can be wrong.

        Raises:
            Refusal: `invalid-argument` (`page-token`).
        """
        if token is None:
            return cls(tokens, scope, size)
        moment, document_id = tokens.read(scope, token)
        return cls(tokens, scope, size, (datetime.fromisoformat(moment), document_id))

    def of(
        self, store: Store, retry: RetryPolicy, query: Query, time: str
    ) -> tuple[list[Snapshot], str | None]:
        """Return the page and the token of the next one; None at the end.

        Args:
            store: The database.
            retry: How long to try.
            query: Whose answer; its order and limit play no part.
            time: The field that orders it.

        Raises:
            Conflict, Transient: Not answered before the deadline.
        """
        # One document more tells whether there is a next page.
        asked = replace(query, order=(time, "desc"), limit=self.size + 1, after=self.after)
        found = retry.call(lambda: store.find(asked))
        page = found[: self.size]
        if len(found) <= self.size:
            return page, None
        last = page[-1]
        return page, self.tokens.issue(self.scope, [last.fields[time].isoformat(), last.id])
