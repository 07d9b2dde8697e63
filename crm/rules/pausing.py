"""A rule stops by itself, and asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from crm.audit import trail as audit
from crm.db.transaction import Plan, Transaction
from crm.rules.book import read_book, write_book


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
