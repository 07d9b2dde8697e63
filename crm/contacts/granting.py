"""Granting for one address: by its holder, who confirmed, or by an organiser's list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from crm.consent.records import Evidence, Record
from crm.customers.customer import Customer
from crm.customers.decision import SUBSCRIBED, Decision
from crm.db.transaction import Transaction

_TICK: Final = timedelta(microseconds=1)  # the least that Firestore tells apart


def grant_part(
    tx: Transaction,
    customer: Customer,
    part_id: str,
    source: str,
    at: datetime,
    evidence: Evidence,
    *,
    over_withdrawal: bool,
) -> tuple[Customer, Record] | None:
    """Return a customer with news granted for one of its parts, and the record of it.

    Args:
        tx: The transaction.
        customer: The customer.
        part_id: The part: of the address; of the user who is only to be reached by it.
        source: By what way: `form` or `import`.
        at: When it was granted (UTC).
        evidence: What shows it.
        over_withdrawal: Whether it comes after whatever was withdrawn before: the person has just
            said so. Otherwise nobody who ever withdrew is granted anything.

    Returns:
        None where a withdrawal stands in the way.
    """
    part = customer.parts[part_id]
    contact = customer.contact if customer.primary is None else None
    objected = [customer.withdrawn_at, contact.withdrawn if contact else None]
    withdrawn = max((one for one in objected if one is not None), default=None)
    if withdrawn is not None:
        if not over_withdrawal:
            return None
        at = max(at, withdrawn + _TICK)
    decided = replace(part, decision=Decision(SUBSCRIBED, at, source))
    record = Record(part.key, SUBSCRIBED, at, source, tx.actor, evidence)
    return customer.with_part(part_id, decided), record
