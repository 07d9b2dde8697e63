"""Rules about people who have not ordered for long: those become due one after the other.

A document of the rule says up to when it was looked who is due. Each page of those who have become
due since then is one commit: their rows in the outbox, and how far that is. So nobody is met twice
or left out, whoever dies. It begins as the rule is switched on: who was due before is not met, nor
who became due longer ago than rules act late.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from crm.db.collections import CUSTOMERS
from crm.db.diff import replaced
from crm.db.documents import Create, Query, Snapshot, Write
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.rules.acting import LATE
from crm.rules.book import read_book
from crm.rules.due import since_last_order
from crm.rules.entry import RuleEntry
from crm.rules.occurrence import Progress, progress_path
from crm.rules.rule import Rule

PAGE: Final = 200
"""People of one commit."""

MOST_PAGES: Final = 100
"""Pages of one run: the next one goes on."""

NOTED: Final = timedelta(hours=1)
"""Where nobody has become due, it is noted that seldom."""

_TICK: Final = timedelta(microseconds=1)


def enter_overdue(runner: Runner, rule: Rule) -> int:
    """Put who has become due into the outbox.

    Args:
        runner: Reads and writes.
        rule: A rule with `sinceLastOrder`, as it is in the book; it is read again.

    Returns:
        How many.

    Raises:
        Conflict, Transient: Not now; the next sweep goes on.
    """
    entered = 0
    for _ in range(MOST_PAGES):
        planned, _ = runner.run(lambda tx: _plan_page(tx, rule))
        entered += max(0, planned.result)
        if planned.result < PAGE:
            break
    return entered


def _plan_page(tx: Transaction, seen: Rule) -> Plan[int]:
    """Plan to put the next page into the outbox; the result is how many they are."""
    path = progress_path(seen.id)
    found = tx.document(path)
    rule = read_book(tx).rules.get(seen.id)
    after = None if rule is None else since_last_order(rule)
    if rule is None or after is None or not rule.active or rule.since is None:
        return Plan([], 0)
    begun = _begun(found, rule, tx.now)
    people = tx.find(_due(begun, after, tx.now))
    rows: list[Write] = []
    for one in people:
        at = one.fields["lastOrderAt"] + after
        entry = RuleEntry(tx.new_id(), rule.id, one.id, at, rule.since)
        rows.append(Create(entry.path, entry.to_data()))
    if not people and tx.now - begun.until < NOTED:
        return Plan([], 0)
    if len(people) < PAGE:
        ends = replace(begun, until=tx.now, last=None)
    else:
        ends = replace(begun, until=people[-1].fields["lastOrderAt"] + after, last=people[-1].id)
    data = ends.to_data()
    noted = replaced(found, data) if found.exists else Create(path, data)
    return Plan([noted, *rows], len(people))


def _begun(found: Snapshot, rule: Rule, now: datetime) -> Progress:
    """Return from where a rule goes on."""
    assert rule.since is not None
    noted = Progress.from_data(found.data) if found.data is not None else None
    if noted is None or noted.since != rule.since:
        noted = Progress(rule.id, rule.since, rule.since)
    if noted.until < now - LATE:
        return replace(noted, until=now - LATE, last=None)
    return noted


def _due(begun: Progress, after: timedelta, now: datetime) -> Query:
    """Return the query for the next ones who are due, the one who is due first in front."""
    last = begun.until - after
    low = last + _TICK if begun.last is None else last
    where = (("lastOrderAt", ">=", low), ("lastOrderAt", "<", now - after + _TICK))
    behind = None if begun.last is None else (last, begun.last)
    return Query(CUSTOMERS, where, ("lastOrderAt", "asc"), PAGE, behind)  # type: ignore[arg-type]
