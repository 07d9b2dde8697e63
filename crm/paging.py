"""Pages of a list, newest first: where a page begins, and the token that leads to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from crm.documents import Query, Snapshot, Store
from crm.retry import Patience
from crm.tokens import PageTokens, Scope


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
        """Say which page is asked for; before anything is read, for a token can be wrong.

        Raises:
            Refusal: `invalid-argument` (`page-token`).
        """
        if token is None:
            return cls(tokens, scope, size)
        moment, document_id = tokens.read(scope, token)
        return cls(tokens, scope, size, (datetime.fromisoformat(moment), document_id))

    def of(
        self, store: Store, patience: Patience, query: Query, time: str
    ) -> tuple[list[Snapshot], str | None]:
        """Give the page and the token of the next one; None at the end.

        Args:
            store: The database.
            patience: How long to try.
            query: Whose answer; its order and limit play no part.
            time: The field that orders it.

        Errors:
            Conflict, Transient: Not answered before the deadline.
        """
        # One document more tells whether there is a next page.
        asked = replace(query, order=(time, "desc"), limit=self.size + 1, after=self.after)
        found = patience.insist(lambda: store.find(asked))
        page = found[: self.size]
        if len(found) <= self.size:
            return page, None
        last = page[-1]
        return page, self.tokens.issue(self.scope, [last.fields[time].isoformat(), last.id])
