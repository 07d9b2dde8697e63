"""Who gets a campaign's mail, and why somebody does not: the one place that decides it.

Asked of a customer's document as the audience is fixed, and again right before the mail leaves.
"""

from __future__ import annotations

import functools
from collections import Counter
from typing import Any, Final

from crm.customers.customer import mail_address
from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED
from crm.db.documents import Data
from crm.db.runner import Runner
from crm.segments.engine.pages import page
from crm.segments.language.ast import Node

SAME_ADDRESS: Final = "same-address"
"""Why somebody is excluded whose address is another one's too, who gets the mail."""

COMPLAINT: Final = "complaint"
"""The `source` of a withdrawal by calling a mail spam."""

PAGE: Final = 250


def reason_against(data: Data) -> str | None:
    """Return why a customer gets no mail, as its document says; None where nothing is against it.

    `complained`, `unsubscribed`, `pending` (an opt-in waits for a confirmation), `not-subscribed`,
    `no-address`, `unreachable` (mail came back for good).
    """
    marketing: Data = data.get("marketing") or {}
    status = marketing.get("status")
    if status == UNSUBSCRIBED:
        return "complained" if marketing.get("source") == COMPLAINT else "unsubscribed"
    if status != SUBSCRIBED:
        return "pending" if marketing.get("pending") else "not-subscribed"
    if mail_address(data) is None:
        return "no-address"
    return None if marketing.get("unreachable") is None else "unreachable"


def typed_only(data: Data) -> str | None:
    """Return the address of somebody who has proven none; others may have typed the same."""
    return mail_address(data) if data["primaryEmail"] is None else None


def survey(runner: Runner, node: Node) -> dict[str, Any]:
    """Return how many a campaign would reach now: `matched`, `reachable`, `excluded` by reason.

    It reads everybody in the segment.

    Args:
        runner: Reads.
        node: The segment, its saved ones expanded.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    now = runner.now()
    excluded: Counter[str] = Counter()
    typed: set[str] = set()
    matched = 0
    after: str | None = None
    while True:
        found = runner.retry.call(functools.partial(page, runner.store, node, now, after, PAGE))
        for _, data in found.customers:
            matched += 1
            reason = reason_against(data)
            address = typed_only(data)
            if reason is None and address is not None:
                reason = SAME_ADDRESS if address in typed else None
                typed.add(address)
            if reason is not None:
                excluded[reason] += 1
        after = found.next_after
        if after is None:
            break
    return {
        "matched": matched,
        "reachable": matched - excluded.total(),
        "excluded": dict(sorted(excluded.items())),
    }
