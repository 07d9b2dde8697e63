"""What a rule says of the people of a campaign that it sends, as the audience is fixed.

Who is in the audience has been acted on: the records that say so are written in the commit that
gives each person a place there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from crm.campaigns.campaign import Campaign
from crm.campaigns.gate import Passed
from crm.customers.customer import Customer
from crm.db.collections import CUSTOMERS
from crm.db.documents import Write
from crm.db.runner import Runner
from crm.db.transaction import Transaction
from crm.rules.book import read_book
from crm.rules.checking import about
from crm.rules.once import acted, run_paths, run_writes
from crm.rules.rule import Rule
from crm.segments.engine.pages import FoundCustomer
from crm.segments.engine.predicate import matches
from crm.segments.language.ast import Node
from crm.segments.language.json_form import parse_json

ALREADY: Final = "rule-already"
"""The rule has acted on the person, as often as it is to."""

ONLY: Final = "rule-only"
"""`only` does not hold any more."""

OFF: Final = "rule-off"
"""The rule was switched off, changed or deleted before the audience was fixed."""


def only_of(rule: Rule, event_id: str | None) -> Node | None:
    """Return a rule's `only` as the engine takes it; None for everybody.

    Args:
        rule: The rule.
        event_id: The event for which it acts; None for none.
    """
    if rule.asked is None:
        return None
    node = parse_json(rule.asked)
    return node if event_id is None else about(node, event_id)


class RuleGate:
    """Decides for the rule that a campaign names (see `crm.campaigns.gate.Gate`)."""

    def look(
        self, runner: Runner, campaign: Campaign, people: Sequence[FoundCustomer], moment: datetime
    ) -> Passed:
        """Return who is left out, and the records of the others."""
        del moment  # whoever has changed since is judged as the person is now
        found = dict(people)
        return runner.evaluate(lambda tx: _passed(tx, campaign, list(found)))


def _passed(tx: Transaction, campaign: Campaign, ids: Sequence[str]) -> Passed:
    found = tx.documents(f"{CUSTOMERS}/{one}" for one in ids)
    rule = read_book(tx).rules.get(campaign.rule or "")
    if rule is None or not _still_sends(rule, campaign):
        return Passed(dict.fromkeys(ids, OFF))
    only, excluded, asked = only_of(rule, campaign.scope), dict[str, str](), list[Customer]()
    for one in found:
        if one.data is None:
            continue  # the last look says what became of them
        if only is not None and not matches(only, one.data, tx.now):
            excluded[one.id] = ONLY
            continue
        asked.append(Customer.from_data(one.id, one.data))
    tx.documents(path for one in asked for path in run_paths(tx.keys, rule, one, campaign.scope))
    writes: dict[str, Sequence[Write]] = {}
    taken: set[str] = set()
    for person in asked:
        paths = run_paths(tx.keys, rule, person, campaign.scope)
        own = any(tx.document(one).fields.get("campaignId") == campaign.id for one in paths)
        # A second try to fix the audience meets the records of the first one.
        if taken & {*paths} or (not own and acted(tx, rule, person, campaign.scope)):
            excluded[person.id] = ALREADY
            continue
        taken |= {*paths}
        writes[person.id] = run_writes(tx, rule, person, campaign.scope, "send", campaign.id)
    return Passed(excluded, writes)


def _still_sends(rule: Rule, campaign: Campaign) -> bool:
    """Return whether a rule wants a campaign still that it has begun.

    One that has paused meanwhile does: it asks about others.
    """
    since = rule.since
    return bool(rule.on and rule.campaign_id and since is not None and since <= campaign.created_at)
