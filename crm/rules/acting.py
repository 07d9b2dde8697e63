"""What a rule does with one person: looked at again at the moment of acting, and done once.

Everything is one commit: the tags, the records that it was done, the entry of the audit trail, and
the row of the outbox goes. Whoever dies before it has done nothing, and whoever comes after it
finds no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from crm.audit import trail as audit
from crm.core.errors import Refusal
from crm.customers.customer import Customer
from crm.customers.merged_ids import resolve
from crm.db.documents import Delete, Snapshot, Update, Write
from crm.db.transaction import Plan, Transaction
from crm.rules.book import read_book
from crm.rules.checking import about
from crm.rules.entry import RuleEntry
from crm.rules.once import acted, run_writes
from crm.rules.rule import Rule
from crm.segments.engine.predicate import matches
from crm.segments.language.json_form import parse_json
from crm.tags.plan import change_of, plan_one

LATE: Final = timedelta(hours=24)
"""After so long a rule does not act on a reason any more."""

Outcome = Literal[
    "done", "handled", "off", "paused", "late", "gone", "not-meant", "before", "full", "busy"
]
"""`done`: it acted. `handled`: another worker was quicker. `off`: the rule is off, or was switched
since. `paused`: it waits for staff. `late`: the reason is too old. `gone`: the person is.
`not-meant`: `only` does not hold. `before`: it has acted on the person. `full`: the person has as
many tags as can be. `busy`: a tag is being renamed; later."""


@dataclass(frozen=True)
class Looked:
    """What is found when a rule is to act on somebody.

    Attributes:
        outcome: Why it does not act; None where it does.
        rule: The rule; this and what follows is None where it does not act.
        customer: The person.
        snapshot: The document of that.
    """

    outcome: Outcome | None
    rule: Rule | None = None
    customer: Customer | None = None
    snapshot: Snapshot | None = None


def in_time(rule: Rule, at: datetime, now: datetime) -> bool:
    """Return whether a reason is not too old to act on it; staff may have allowed it.

    Args:
        rule: The rule.
        at: When the reason came about.
        now: The time (UTC).
    """
    return at >= floor_of(rule, now)


def floor_of(rule: Rule, now: datetime) -> datetime:
    """Return since when reasons count for a rule that is on."""
    since = rule.since or now
    if rule.allowed is not None and now - rule.allowed < LATE:
        return since
    return max(since, now - LATE)


def look(tx: Transaction, entry: RuleEntry) -> Looked:
    """Return whether a rule is to act on somebody now, as everything is now.

    Args:
        tx: The transaction.
        entry: The reason; whether its row is there is not looked at.

    Raises:
        Conflict: The person is being merged.
    """
    rule = read_book(tx).rules.get(entry.rule_id)
    if rule is None or not rule.on or rule.since != entry.since:
        return Looked("off")
    if rule.paused is not None:
        return Looked("paused")
    if not in_time(rule, entry.at, tx.now):
        return Looked("late")
    survivor = resolve(tx, [entry.customer_id]).get(entry.customer_id)
    if survivor is None:
        return Looked("gone")
    found = survivor.snapshot
    customer = Customer.from_data(found.id, found.fields)
    if rule.asked is not None:
        only = parse_json(rule.asked)
        if entry.scope is not None:
            only = about(only, entry.scope)
        if not matches(only, found.fields, tx.now):
            return Looked("not-meant")
    if acted(tx, rule, customer, entry.scope):
        return Looked("before")
    return Looked(None, rule, customer, found)


def plan_act(tx: Transaction, entry: RuleEntry, *, stored: bool = True) -> Plan[Outcome]:
    """Plan to have a rule that changes tags act on one person, or to let it be.

    Args:
        tx: The transaction.
        entry: The reason.
        stored: Whether it is a row of the outbox; else nothing is there to be deleted.

    Raises:
        Conflict: The person is being merged.
    """
    row: list[Write] = []
    if stored:
        found = tx.document(entry.path)
        if not found.exists:
            return Plan([], "handled")
        row = [Delete(found.path, found.version)]
    looked = look(tx, entry)
    if looked.outcome == "paused":
        return Plan([], "paused")
    if looked.outcome is not None:
        return Plan(row, looked.outcome)
    rule, customer, snapshot = looked.rule, looked.customer, looked.snapshot
    assert rule is not None
    assert customer is not None
    assert snapshot is not None
    change = change_of(rule.then["addTags"], rule.then["removeTags"])
    try:
        planned = plan_one(tx, snapshot, change, rule.id)
    except Refusal:
        return Plan([], "busy")
    if planned.full:
        entry_of = audit.record(
            tx, "rule.skip", [snapshot.id], rule=rule.id, reason="too-many-tags"
        )
        return Plan([*row, *entry_of], "full")
    records = run_writes(tx, rule, customer, entry.scope, "tags")
    if not planned.writes:
        # Whoever is erased meanwhile is not written of behind that.
        same = {"createdAt": snapshot.fields["createdAt"]}
        records.append(Update(snapshot.path, same, snapshot.version))
    return Plan([*planned.writes, *records, *row], "done")
