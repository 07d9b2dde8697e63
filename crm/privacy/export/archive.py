"""The archive of a person's data (GDPR art. 15 and 20), in parts of one snapshot.

A callable's answer has a limit, a person's orders have none. So the long lists of an archive go on
from part to part, behind a token that holds the moment of the snapshot: Firestore reads at it for
an hour, and nothing is stored for an export. What is long is read in the order of ids, a few
documents at a time, until a part is full.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from crm.audit import trail as audit
from crm.core.errors import Refusal
from crm.core.json import Json, jsonable
from crm.customers.lookup import find_customer
from crm.customers.reference import CustomerRef
from crm.db.documents import Store
from crm.db.paging import PageTokens, Scope
from crm.db.retry import INTERACTIVE, interactive
from crm.db.runner import Runner
from crm.privacy.export.lists import NAMES, Listing, lists_of
from crm.privacy.many import find_page
from crm.privacy.own import SignedIn
from crm.privacy.requests import EXPORT_PART, EXPORTED
from crm.privacy.subject import Subject, head, read_subject

FORMAT: Final = "crm-lite-export"

VERSION: Final = 1

MAX_AGE: Final = timedelta(minutes=55)
"""Of a snapshot: Firestore reads at moments of the last hour."""


@dataclass(frozen=True)
class Limits:
    """How much goes into one part.

    Attributes:
        size: Characters of JSON, about. A callable answers 32 MB at most, some routes 10; the last
            entry may be a document of 1 MiB.
        items: Documents of lists that are looked at, so that a part is there long before a client
            stops waiting (70 s).
        page: Rows that one query finds.
        chunk: Host documents that are held at a time: each can have 1 MiB.
    """

    size: int = 4_000_000
    items: int = 2_500
    page: int = 250
    chunk: int = 50


@dataclass(frozen=True)
class ArchivePosition:
    """Where an archive goes on: a snapshot and a place in its lists.

    Attributes:
        moment: The snapshot's.
        part: The number of the part.
        listing: The list, an index of `lists.NAMES`.
        after: The id behind which it goes on; None for its beginning.
    """

    moment: datetime
    part: int = 1
    listing: int = 0
    after: str | None = None

    def to_json(self) -> list[object]:
        """Return it as a token holds it."""
        moment = self.moment.astimezone(UTC).isoformat(timespec="microseconds")
        return [moment, self.part, self.listing, self.after]


def export(
    runner: Runner,
    scope: Scope,
    who: CustomerRef | SignedIn,
    page_token: str | None = None,
    limits: Limits = Limits(),
) -> Mapping[str, object]:
    """Return the archive of a person, or its next part.

    A token holds a moment and a place, never whom it is about: that is derived anew for every part
    from who is asked for. Every part leaves an entry in the audit trail, before it is answered.

    Args:
        runner: Who asks, of what database, and of which accounts.
        scope: What a token of this export is bound to.
        who: Whom it is about.
        page_token: Of the part before; None for the first.
        limits: How much goes into a part.

    Raises:
        Refusal: `not-found` (`no-such-customer`), also where the person was erased since the part
            before; `invalid-argument` (`page-token`); `failed-precondition` (`export-expired`).
        Conflict, Transient: Not settled before the deadline.
        ConfigError: Firebase Auth cannot be asked.
    """
    tokens = PageTokens(runner.keys.derive("page-token"))
    if page_token is None:
        view = INTERACTIVE.call(runner.store.at)
        assert view.moment is not None
        position = ArchivePosition(view.moment)
    else:
        position = _go_on(runner, tokens, scope, page_token)
        view = runner.store.at(position.moment)
    frozen = replace(runner, store=view)
    subject = interactive(runner.retry).call(lambda: read_subject(frozen, who))
    if page_token is not None:
        # A snapshot still shows whoever was erased since.
        find_customer(runner, CustomerRef("customerId", subject.customer.id))
    archive, following = _part(frozen, who, subject, position, limits)
    facts = {"part": position.part, "own": isinstance(who, SignedIn)}
    action = EXPORTED if position.part == 1 else EXPORT_PART
    runner.run(audit.Once(action, [subject.customer.id], facts))
    token = tokens.issue(scope, following.to_json()) if following else None
    return {"archive": archive, "nextPageToken": token}


def _go_on(runner: Runner, tokens: PageTokens, scope: Scope, page_token: str) -> ArchivePosition:
    moment, part, listing, after = tokens.read(scope, page_token)
    position = ArchivePosition(datetime.fromisoformat(moment), part, listing, after)
    if runner.now() - position.moment > MAX_AGE:
        raise Refusal(
            "failed-precondition",
            "export-expired",
            "This export was begun too long ago to go on with: begin again at its first part.",
        )
    return position


def _part(
    frozen: Runner,
    who: CustomerRef | SignedIn,
    subject: Subject,
    position: ArchivePosition,
    limits: Limits,
) -> tuple[dict[str, Json], ArchivePosition | None]:
    """Return one part, and where the next one begins."""
    shown: dict[str, Json] = {}
    if position.part == 1:
        shown = INTERACTIVE.call(lambda: head(frozen, who, subject))
    lists = lists_of(subject, frozen)
    entries: dict[str, list[Json]] = {name: [] for name in NAMES}
    following = _fill(entries, frozen.store, lists, position, limits, len(json.dumps(shown)))
    archive: dict[str, Json] = {
        "format": FORMAT,
        "version": VERSION,
        "exportedAt": jsonable(position.moment),
        "part": position.part,
        "complete": following is None,
        **shown,
        **entries,
    }
    return archive, following


def _fill(
    entries: dict[str, list[Json]],
    view: Store,
    lists: tuple[Listing, ...],
    position: ArchivePosition,
    limits: Limits,
    size: int,
) -> ArchivePosition | None:
    """Add entries until the part is full; give where the next one begins."""
    count = 0
    for number, listing in enumerate(lists):
        if number < position.listing:
            continue
        after = position.after if number == position.listing else None
        for document_id, entry in _entries(view, listing, after, limits):
            weight = len(json.dumps(entry)) if entry is not None else 0
            if count == limits.items or (count and size + weight > limits.size):
                return replace(position, part=position.part + 1, listing=number, after=after)
            if entry is not None:
                entries[listing.name].append(entry)
            size, count, after = size + weight, count + 1, document_id
    return None


def _entries(
    view: Store, listing: Listing, after: str | None, limits: Limits
) -> Iterator[tuple[str, Json]]:
    """Return the entries of a list behind an id, each with its document's id."""
    more = bool(listing.queries)
    while more:
        found = INTERACTIVE.call(
            functools.partial(find_page, view, listing.queries, limits.page, after)
        )
        for first in range(0, len(found), limits.chunk):
            some = found[first : first + limits.chunk]
            entries = INTERACTIVE.call(functools.partial(listing.show, view, some))
            yield from zip((one.id for one in some), entries, strict=True)
        more = len(found) == limits.page
        after = found[-1].id if found else None
