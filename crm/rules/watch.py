"""Who enters: what every commit of a watched runner does to customers, seen before it is made.

A customer who did not belong to a rule's segment and does after the commit has entered it. The row
of the outbox that says so is a write of the same commit: neither is there without the other. It is
worked out from what the commit has read and is going to write, so it costs no reading; the book of
rules is read once a minute by each process.

No defect here fails a commit: an order counts, whatever became of the rules.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from crm.core.errors import CrmError, Transient, described
from crm.db.collections import CUSTOMERS, MERGES
from crm.db.documents import Create, Data, Snapshot, Store, Update, Write, document_id
from crm.db.transaction import Transaction
from crm.rules.book import PATH, Book, book_of
from crm.rules.entry import RuleEntry
from crm.rules.rule import Rule

if TYPE_CHECKING:  # loaded with the first rule that is on: most installations have none
    from crm.segments.language.ast import Node

log = logging.getLogger(__name__)

KEPT: Final = 60.0
"""Seconds for which a process takes the book to be as it was read: one reading a minute."""

AGAIN: Final = 5.0
"""Seconds after which the book is read again where that failed."""

_CUSTOMER: Final = f"{CUSTOMERS}/"

_MERGE: Final = f"{MERGES}/"


@dataclass(frozen=True)
class _Awaited:
    """A rule that waits for people to enter a segment."""

    rule: Rule
    segment: Node


class BookWatch:
    """Watches the commits of one process; see `crm.db.runner.Watch`.

    Args:
        store: Where the book is.
        clock: Seconds.
        kept: For how many of them the book is taken to be as it was read.
    """

    def __init__(
        self, store: Store, clock: Callable[[], float] = time.monotonic, kept: float = KEPT
    ) -> None:
        self._store = store
        self._clock = clock
        self._kept = kept
        self._lock = threading.Lock()
        self._due: float | None = None
        self._version: int | None = None
        self._awaited: Sequence[_Awaited] = ()

    def adds(self, tx: Transaction, writes: Sequence[Write]) -> list[Write]:
        """Return the rows of those who enter by what is going to be written.

        Raises:
            Transient: Nothing is known of the rules yet, and the database does not answer: it would
                not take the commit either, and both are tried again.
        """
        changed = [one for one in writes if one.path.startswith(_CUSTOMER)]
        if not changed:
            return []
        awaited = self._rules()
        if not awaited or any(one.path.startswith(_MERGE) for one in writes):
            return []
        try:
            return [row for one in changed for row in _rows(tx, one, awaited)]
        except Exception as error:
            log.error("rules did not see who entered: %s", described(error))
            return []

    def added(self, writes: Sequence[Write]) -> None:
        """Nothing: the sweep looks into the outbox."""

    def forget(self) -> None:
        """Read the book again before the next commit: this process has changed it."""
        self._due = None if self._due is None else self._clock()

    def _rules(self) -> Sequence[_Awaited]:
        due = self._due
        if due is not None and self._clock() < due:
            return self._awaited
        # While one thread reads, the others go on with what was known; with nothing, they wait.
        if self._lock.acquire(blocking=due is None):
            try:
                if self._due is None or self._clock() >= self._due:
                    self._read()
            finally:
                self._lock.release()
        return self._awaited

    def _read(self) -> None:
        try:
            found = self._store.read([PATH])[PATH]
            if self._version != found.version:
                self._awaited = _awaited(book_of(found.data))
                self._version = found.version
            self._due = self._clock() + self._kept
        except Exception as error:
            if self._due is None and isinstance(error, Transient):
                raise
            log.warning("the book of rules was not read: %s", described(error))
            self._due = self._clock() + AGAIN


def _awaited(book: Book) -> Sequence[_Awaited]:
    active = [rule for rule in book.rules.values() if rule.active and rule.entered is not None]
    if not active:
        return ()
    from crm.segments.language.json_form import parse_json

    awaited: list[_Awaited] = []
    for rule in active:
        try:
            awaited.append(_Awaited(rule, parse_json(rule.entered)))
        except CrmError as error:
            log.error("rule %s asks nothing that can be answered: %s", rule.id, described(error))
    return awaited


def _rows(tx: Transaction, write: Write, awaited: Sequence[_Awaited]) -> list[Write]:
    from crm.segments.engine.predicate import matches

    after = _after(write)
    if after is None:
        return []
    before = _before(tx.snapshots.get(write.path))
    rows: list[Write] = []
    for one in awaited:
        # First what hardly anybody does: nearly all commits end here.
        if not matches(one.segment, after, tx.now):
            continue
        if before is not None and matches(one.segment, before, tx.now):
            continue
        entry = _entry(tx, one.rule, document_id(write.path))
        rows.append(Create(entry.path, entry.to_data()))
    return rows


def _after(write: Write) -> Data | None:
    match write:
        case Create(data=data):
            return data
        case Update(whole=whole):
            return whole
    return None


def _before(found: Snapshot | None) -> Mapping[str, object] | None:
    return found.data if found is not None else None


def _entry(tx: Transaction, rule: Rule, customer_id: str) -> RuleEntry:
    # Clocks differ: nobody entered before the rule was on.
    at: datetime = max(tx.now, rule.since or tx.now)
    return RuleEntry(tx.new_id(), rule.id, customer_id, at, rule.since)
