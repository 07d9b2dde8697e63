"""Rules that use saved segments follow them when these are changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from crm.audit import trail as audit
from crm.core.errors import Refusal
from crm.db.retry import INTERACTIVE
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.rules.book import PATH, book_of, read_book, write_book
from crm.rules.checking import expanded
from crm.rules.loops import loop_of
from crm.rules.rule import Rule

Fresh = Mapping[str, Any]
"""Fields of a rule that follow from saved segments; of one that cannot be asked any more, none."""


def refresh(runner: Runner, segment_id: str | None = None) -> int:
    """Write the segments of rules out anew. A rule that would loop by them, or lacks one, pauses.

    Args:
        runner: Carries plans out.
        segment_id: The saved segment that was changed; None to look at all. Where none is used, it
            costs one read.

    Returns:
        How many rules were changed.

    Raises:
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    book = book_of(runner.read_one(PATH).data)
    asked = {
        rule.id: (rule.revision, _fresh(runner, rule))
        for rule in book.rules.values()
        if (segment_id in rule.uses if segment_id is not None else rule.uses)
    }
    if not asked:
        return 0
    planned, _ = runner.run(partial(_plan, asked=asked))
    return planned.result


def refuse_used(runner: Runner, segment_id: str) -> None:
    """Refuse to delete a saved segment that a rule uses.

    Raises:
        Refusal: `failed-precondition` (`segment-in-use`, with `ruleIds`).
        Transient: The database did not answer.
    """
    found = INTERACTIVE.call(lambda: runner.store.read([PATH]))[PATH]
    users = [rule for rule in book_of(found.data).rules.values() if segment_id in rule.uses]
    if users:
        names = ", ".join(f"“{rule.name}”" for rule in users)
        raise Refusal(
            "failed-precondition",
            "segment-in-use",
            f"Rules use this segment: change or delete those first: {names}.",
            {"ruleIds": [rule.id for rule in users]},
        )


def _fresh(runner: Runner, rule: Rule) -> Fresh:
    try:
        return expanded(runner, rule)
    except Refusal:
        return {}


def _plan(tx: Transaction, asked: Mapping[str, tuple[int, Fresh]]) -> Plan[int]:
    book = read_book(tx)
    changed: dict[str, str | None] = {}
    for rule_id, (revision, fresh) in asked.items():
        rule = book.rules.get(rule_id)
        if rule is None or rule.revision != revision:
            continue  # saved meanwhile, with its segments as they are
        if not fresh:
            if rule.active:
                book = book.with_rule(replace(rule, paused="segment-gone", updated_at=tx.now))
                changed[rule_id] = "segment-gone"
        elif any(getattr(rule, name) != value for name, value in fresh.items()):
            book = book.with_rule(replace(rule, **fresh, updated_at=tx.now))
            changed[rule_id] = None
    for rule_id in [*changed]:
        for rule in loop_of(book.rules, rule_id):
            if book.rules[rule.id].active:
                stopped = replace(book.rules[rule.id], paused="loop", updated_at=tx.now)
                book = book.with_rule(stopped)
                changed[rule.id] = "loop"
    if not changed:
        return Plan([], 0)
    paused = sum(reason is not None for reason in changed.values())
    entry = audit.record(tx, "rule.refresh", changed=len(changed), paused=paused)
    return Plan([write_book(tx, book), *entry], len(changed))
