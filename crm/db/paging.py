"""Pages of a list: where a page begins, and the token that leads to the next.

A token ends up in URLs and logs, so it holds the position of the last row alone, and no address.
Caller, function and query are in the salt of its signature: they are checked without being in it,
and another's token is as good as a forged one. Nothing is kept on the server; a new `CRM_KEY` ends
all tokens.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from itsdangerous import BadData, URLSafeTimedSerializer

from crm.core.errors import Refusal
from crm.db.documents import BY_ID, Query, Snapshot, Store
from crm.db.retry import INTERACTIVE, RetryPolicy

MAX_AGE: Final = 24 * 60 * 60  # seconds

MAX_TOKEN_LENGTH: Final = 16_384
"""Characters of a token: a document id of 1,500 bytes in JSON and base64, with room to spare."""


PAGE_BYTES: Final = 8 * 1024 * 1024
"""What the documents of one page hold at most as JSON, but for its last one.

An answer of Cloud Functions has 32 MB at most (10 MB where it is streamed), and a document in
memory takes several times its JSON: 16 calls share the 512 MB of an instance (`main.py`).
"""

Rows = tuple[list[Snapshot], str | None]
"""A page, and the token of the next one; None at the end."""


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
class Pager:
    """Which page of a list a caller asks for. A use case opens it, and reads from there.

    Attributes:
        tokens: Signs page tokens.
        caller: The uid of who asks.
        size: At most so many rows; fewer where they are large (`PAGE_BYTES`).
        token: The `nextPageToken` of the page before; None for the first page.
        retry: How long to try.
    """

    tokens: PageTokens
    caller: str
    size: int
    token: str | None = None
    retry: RetryPolicy = INTERACTIVE

    def open(self, function: str, query: Mapping[str, object]) -> Cursor:
        """Return where the page begins; before anything is read, for a token can be wrong.

        Args:
            function: The callable's name.
            query: What is asked for (see `Scope`).

        Raises:
            Refusal: `invalid-argument` (`page-token`).
        """
        scope = Scope(self.caller, function, query)
        position = None if self.token is None else self.tokens.read(scope, self.token)
        return Cursor(self, scope, position)


@dataclass(frozen=True)
class Cursor:
    """Where a page of one list begins, and how the next one is found.

    Attributes:
        pager: Which page is asked for.
        scope: What its tokens are bound to.
        position: What the token holds; None for the first page.
    """

    pager: Pager
    scope: Scope
    position: list[Any] | None

    def next_token(self, position: Sequence[object]) -> str:
        """Return the token of the page behind a position (JSON values)."""
        return self.pager.tokens.issue(self.scope, position)

    def newest_first(self, store: Store, query: Query | Sequence[Query], time: str) -> Rows:
        """Return a page in the falling order of a time; ids break ties.

        Args:
            store: The database.
            query: Whose answer, or several whose answers are one list; their order and limit play
                no part.
            time: The field that orders it.

        Raises:
            Conflict, Transient: Not answered before the deadline.
        """
        after = None
        if self.position is not None:
            moment, document_id = self.position
            after = (datetime.fromisoformat(moment), document_id)
        queries = [query] if isinstance(query, Query) else query
        asked = [replace(one, order=(time, "desc"), after=after) for one in queries]
        return self._page(
            store,
            asked,
            lambda last: [last.fields[time].isoformat(), last.id],
            lambda row: (row.fields[time], row.id),
        )

    def by_text(self, store: Store, query: Query, name: str) -> Rows:
        """Return a page in the order of a text; as `newest_first`."""
        after = None if self.position is None else (self.position[0], self.position[1])
        asked = replace(query, order=(name, "asc"), after=after)
        return self._page(store, [asked], lambda last: [last.fields[name], last.id])

    def by_id(self, store: Store, query: Query) -> Rows:
        """Return a page in the order of ids; as `newest_first`."""
        after = None if self.position is None else (None, self.position[0])
        asked = replace(query, order=BY_ID, after=after)
        return self._page(store, [asked], lambda last: [last.id])

    def _page(
        self,
        store: Store,
        queries: Sequence[Query],
        position_of: Callable[[Snapshot], list[object]],
        falling: Callable[[Snapshot], Any] | None = None,
    ) -> Rows:
        size = self.pager.size
        # One document more tells whether there is a next page.
        asked = [replace(one, limit=size + 1, most_bytes=PAGE_BYTES) for one in queries]
        found = self.pager.retry.call(lambda: [store.find(one) for one in asked])
        rows = [row for answer in found for row in answer]
        if falling is not None:
            rows.sort(key=falling, reverse=True)
        # Behind the last row of an answer that was cut may come others, which nobody has read.
        cut = {a[-1].path for one, a in zip(asked, found, strict=True) if not one.is_answered(a)}
        page: list[Snapshot] = []
        held = 0
        for row in rows:
            page.append(row)
            held += row.size
            if len(page) == size or held >= PAGE_BYTES or row.path in cut:
                more = len(page) < len(rows) or row.path in cut
                return page, self.next_token(position_of(row)) if more else None
        return page, None
