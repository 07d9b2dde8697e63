"""That a rule acts on a person once: records by identity, which follow the person. Pure.

A rule that has acted leaves a record for each identity that the person has then. Whoever has one of
them has been acted on: so a merge, its undo and one more identity need no writing, and somebody who
went and came back is known again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from crm.core.keyring import Keyring
from crm.customers.customer import Customer
from crm.db.diff import replaced
from crm.db.documents import Create, Path, Write
from crm.db.transaction import Transaction
from crm.rules.rule import Rule
from crm.rules.run import RuleRun, path_of, run_id


def subjects(customer: Customer) -> list[tuple[str | None, str]]:
    """Return the identities that are a customer's own, each by its key and by what it is of.

    Somebody of whom nothing but former parts are left is known by these: their identities are
    somebody else's now, so the key is None.
    """
    own: dict[str, str] = {}
    for part in customer.parts.values():
        if part.uid:
            own[part.key] = f"u:{part.uid}"
        elif part.address:
            own[part.key] = f"e:{part.address}"
    if own:
        return sorted(own.items())
    return [(None, f"p:{part_id}") for part_id in sorted(customer.parts)]


def run_paths(keys: Keyring, rule: Rule, customer: Customer, scope: str | None) -> list[Path]:
    """Return where the records of a rule and a person are.

    Args:
        keys: The installation's keyring.
        rule: The rule.
        customer: The person.
        scope: The event for which the rule acts; it plays a part in rules that act once an event.
    """
    return [path_of(name) for name, _ in _names(keys, rule, customer, scope)]


def _names(
    keys: Keyring, rule: Rule, customer: Customer, scope: str | None
) -> list[tuple[str, str | None]]:
    """Return the records' ids, each with the key of its identity."""
    told = _scope(rule, scope)
    return [(run_id(keys, rule.id, subject, told), key) for key, subject in subjects(customer)]


def _scope(rule: Rule, scope: str | None) -> str | None:
    return scope if rule.once == "event" else None


def acted(tx: Transaction, rule: Rule, customer: Customer, scope: str | None) -> bool:
    """Return whether a rule has acted on a person, as often as it is to.

    Args:
        tx: The transaction.
        rule: The rule.
        customer: The person.
        scope: The event for which the rule acts; None for none.

    Raises:
        MissingReads: The records were not read yet.
    """
    found = [one for one in tx.documents(run_paths(tx.keys, rule, customer, scope)) if one.exists]
    if isinstance(rule.once, str):
        return bool(found)
    since = tx.now - timedelta(days=rule.once["days"])
    return any(one.fields["at"] > since for one in found)


def run_writes(
    tx: Transaction,
    rule: Rule,
    customer: Customer,
    scope: str | None,
    did: Literal["tags", "send"],
    campaign_id: str | None = None,
) -> list[Write]:
    """Return the writes that record that a rule acts on a person: one for each identity.

    Each has its precondition, so of two workers that have a rule act on one person one fails.

    Args:
        tx: The transaction; `acted` was asked in it.
        rule: The rule.
        customer: The person.
        scope: The event for which the rule acts; None for none.
        did: What it does.
        campaign_id: The campaign that it sends by.
    """
    writes: list[Write] = []
    for number, (name, key) in enumerate(_names(tx.keys, rule, customer, scope)):
        run = RuleRun(
            name,
            rule.id,
            customer.id,
            key,
            _scope(rule, scope),
            tx.now,
            did,
            campaign_id,
            counted=number == 0,
        )
        found = tx.document(run.path)
        writes.append(
            replaced(found, run.to_data()) if found.exists else Create(run.path, run.to_data())
        )
    return writes
