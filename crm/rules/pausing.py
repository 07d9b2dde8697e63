"""A rule stops by itself, and asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from crm.audit import trail as audit
from crm.db.collections import OUTBOX
from crm.db.documents import Query
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.rules.book import read_book, write_book


def count_waiting(runner: Runner, rule_id: str, floor: datetime) -> int:
    """Count the people who wait for a rule, since a time.

    Args:
        runner: Asks.
        rule_id: The rule.
        floor: Since when reasons count.

    Raises:
        Transient: Not answered.
    """
    query = Query(OUTBOX, (("ruleId", "==", rule_id), ("at", ">=", floor)))
    return runner.retry.call(partial(runner.store.count, query))


def plan_pause(
    tx: Transaction, rule_id: str, since: datetime | None, reason: str, waiting: int = 0
) -> Plan[None]:
    """Plan to pause a rule; nothing where it has gone, is paused, or was switched meanwhile.

    Args:
        tx: The transaction.
        rule_id: The rule.
        since: The rule's `since` as it was when the reason was found.
        reason: Why (see `Rule.paused`).
        waiting: How many people wait.
    """
    book = read_book(tx)
    rule = book.rules.get(rule_id)
    if rule is None or not rule.active or rule.since != since:
        return Plan([], None)
    paused = replace(rule, paused=reason, waiting=waiting, updated_at=tx.now)
    entry = audit.record(tx, "rule.pause", rule=rule_id, reason=reason, waiting=waiting)
    return Plan([write_book(tx, book.with_rule(paused)), *entry], None)
