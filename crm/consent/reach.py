"""Whether mail arrives at an address: what came back, and staff who know better.

It is no decision of the person's: nothing here grants or withdraws. The identity knows it; its part
and whoever is only to be reached by it hear of it in the same commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from crm.audit.trail import record as audit_entry
from crm.consent.plan import marketing_of
from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet
from crm.customers.customer import mail_address
from crm.customers.identity import AddressIdentity
from crm.customers.merged_ids import resolve_one
from crm.db.transaction import Plan, Transaction

Evidence = Literal["person", "arrived", "provider"]
"""Why staff say that mail arrives again: the person says so, a mail has arrived, or the provider
has mended what it refused. A code, for the audit trail keeps it when all of the person is gone."""


def came_back(changes: ChangeSet, key: str, at: datetime, *, anew: bool) -> None:
    """Have it known that mail to an address comes back for good.

    Args:
        changes: The plan's changes.
        key: The identity key of the address.
        at: When it came back.
        anew: This mail was not known to have come back. One that was may be what staff have
            answered since (`plan_reachable`), and does not undo that.

    Raises:
        Conflict: Something moved meanwhile.
    """
    known = changes.address(key) or AddressIdentity()
    if known.unreachable is None and not anew:
        return
    if known.unreachable is None or known.unreachable < at:
        _put(changes, key, known, at)


def plan_reachable(
    tx: Transaction, customer_id: str, evidence: Evidence
) -> Plan[Mapping[str, object]]:
    """Plan what staff know better: mail to a customer arrives again.

    It is about the address that mail goes to now. No writes where mail is known to arrive.

    Args:
        tx: The transaction.
        customer_id: The customer; an id that was merged away leads to its survivor.
        evidence: What shows it.

    Raises:
        Refusal: `not-found` (`no-such-customer`).
        Conflict: Something moved meanwhile.
    """
    found = resolve_one(tx, customer_id).snapshot
    changes = ChangeSet(tx)
    customer = changes.customer(found.id)
    address = mail_address(found.fields)
    key = tx.keys.address(address) if address is not None else None
    known = changes.address(key) if key is not None else None
    if key is None or known is None or known.unreachable is None:
        return Plan([], marketing_of(tx, customer))
    _put(changes, key, known, None)
    writes = changes.writes()
    customer = changes.customer(found.id)
    entry = audit_entry(tx, "address.reachable", [customer.id], evidence=evidence)
    shown = marketing_of(tx, customer)
    return Plan([*writes, *entry], shown)


def _put(changes: ChangeSet, key: str, known: AddressIdentity, at: datetime | None) -> None:
    changes.put_identity(key, replace(known, unreachable=at))
    if known.customer_id is None or known.part_id is None:
        return
    customer = changes.customer(known.customer_id)
    part = customer.parts.get(known.part_id)
    if part is None:
        raise Conflict(f"part {known.part_id} has moved")
    changes.put_customer(customer.with_part(known.part_id, replace(part, unreachable=at)))
