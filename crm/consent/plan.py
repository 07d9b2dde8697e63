"""Deciding about marketing: a grant, a withdrawal, and the records that show them (GDPR art. 7).

What holds is derived from the decisions on a customer's parts. Beside them every decision leaves a
record under the identity that it is about, in the same commit; a record is never changed. So what
was agreed to, when and by what way, can be shown also after an order was edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from crm.audit.trail import record as audit_entry
from crm.consent.records import COMPLAINT, STAFF, UNSUBSCRIBE, Evidence, Record, Status
from crm.core.errors import Conflict, Refusal
from crm.customers.change_set import ChangeSet, document_of
from crm.customers.customer import Customer, public
from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED, Decision
from crm.customers.identity import AddressIdentity
from crm.customers.merged_ids import resolve_one
from crm.db.collections import CONSENTS, CUSTOMERS, IDENTITIES
from crm.db.documents import Create, Write
from crm.db.transaction import Plan, Transaction

_TICK: Final = timedelta(microseconds=1)  # the least that Firestore tells apart


def plan_consent(
    tx: Transaction,
    call_id: str,
    customer_id: str,
    status: Status,
    evidence: Evidence | None,
) -> Plan[Mapping[str, object] | None]:
    """Plan a decision that staff record.

    A grant is for the primary address, and for the user whose proven address that is; where nothing
    is proven, for the user who is to be reached by the contact address. A withdrawal is for
    everything that the customer is known by.

    Args:
        tx: The transaction.
        call_id: Random, the same however often the plan starts again: a commit whose answer was
            lost is recognised by it.
        customer_id: The customer; an id that was merged away leads to its survivor.
        status: The decision.
        evidence: What shows it; a grant must have some.

    Raises:
        Refusal: `invalid-argument` (`evidence-missing`); `not-found` (`no-such-customer`);
            `failed-precondition` (`no-address`).
        Conflict: Something moved meanwhile.
    """
    if status == SUBSCRIBED and evidence is None:
        raise Refusal(
            "invalid-argument",
            "evidence-missing",
            "A subscription needs `evidence`: say where and how the person agreed, and to which"
            " text.",
        )
    marker, _ = tx.documents([f"{CONSENTS}/{_record_id(call_id, 0)}", f"{CUSTOMERS}/{customer_id}"])
    changes = ChangeSet(tx)
    customer = changes.customer(resolve_one(tx, customer_id).snapshot.id)
    if marker.exists:
        return Plan([], marketing_of(tx, customer))
    if status == SUBSCRIBED:
        changed, records = _grant(tx, customer, evidence)
    else:
        changed, records = _withdraw(changes, tx, customer, STAFF, evidence)
    changes.put_customer(changed)
    changes.add(*_record_writes(call_id, records))
    changes.add(*_audit(tx, [customer.id], status, STAFF))
    return Plan(changes.writes(), marketing_of(tx, changed))


def plan_unsubscribe(tx: Transaction, key: str) -> Plan[Mapping[str, object] | None]:
    """Plan the withdrawal of whoever has an address, by the link in a newsletter.

    It acts on the address, whatever became of the customer that the newsletter went to: merged
    away, erased, or somebody who has another address now.

    Args:
        tx: The transaction.
        key: The identity key of the address.

    Raises:
        Conflict: Something moved meanwhile.
    """
    changes = ChangeSet(tx)
    marketing, _ = withdraw_address(changes, tx, key, UNSUBSCRIBE)
    return Plan(changes.writes(), marketing)


def withdraw_address(
    changes: ChangeSet,
    tx: Transaction,
    key: str,
    source: str,
    evidence: Evidence | None = None,
    *,
    audited: bool = True,
) -> tuple[Mapping[str, object] | None, bool]:
    """Withdraw whoever has an address, and object to news to it.

    Where that is withdrawn already nothing is done, but for a complaint, which says more than what
    was known: it is recorded once.

    Args:
        changes: The plan's changes.
        tx: The transaction.
        key: The identity key of the address.
        source: By what way.
        evidence: What shows it.
        audited: With an entry of the audit trail; a commit of many has one for all of them.

    Returns:
        What holds for its customer then, None where it has none; and whether anything was changed.

    Raises:
        Conflict: Something moved meanwhile.
    """
    identity = changes.address(key) or AddressIdentity()
    if identity.customer_id is None:
        if identity.suppressed:
            return None, False
        changes.put_identity(key, identity.suppress(tx.now))
        records = [_record(tx, key, UNSUBSCRIBED, tx.now, source, evidence)]
        customers, marketing = [], None
    else:
        customer = changes.customer(identity.customer_id)
        if identity.part_id not in customer.parts:
            raise Conflict(f"part {identity.part_id} has moved")
        marketing = marketing_of(tx, customer)
        known = source != COMPLAINT or marketing["source"] == COMPLAINT
        if identity.suppressed and marketing["status"] == UNSUBSCRIBED and known:
            return marketing, False
        customer, records = _withdraw(changes, tx, customer, source, evidence)
        changes.put_customer(customer)
        customers, marketing = [customer.id], marketing_of(tx, customer)
    changes.add(*_record_writes(tx.new_id(), records))
    if audited:
        changes.add(*_audit(tx, customers, UNSUBSCRIBED, source))
    return marketing, True


def no_address() -> Refusal:
    """Return the refusal of what needs an address to send news to."""
    return Refusal(
        "failed-precondition",
        "no-address",
        "This customer has no address to send news to: its user must verify one first.",
    )


def _grant(
    tx: Transaction, customer: Customer, evidence: Evidence | None
) -> tuple[Customer, list[Record]]:
    primary, contact = customer.primary, customer.contact
    if primary is None and contact is None:
        raise no_address()
    # Made now, so later than whatever was withdrawn before, also by a clock that runs ahead.
    objected = contact.withdrawn if primary is None and contact else None
    withdrawn = max((one for one in (customer.withdrawn_at, objected) if one), default=None)
    at = max(tx.now, withdrawn + _TICK) if withdrawn else tx.now
    decision = Decision(SUBSCRIBED, at, STAFF)
    records = []
    for part_id, part in customer.parts.items():
        by_user = part.proven == primary.key if primary else contact in part.contacts
        if part is primary or (part.uid and by_user):
            customer = customer.with_part(part_id, replace(part, decision=decision))
            records.append(_record(tx, part.key, SUBSCRIBED, at, STAFF, evidence))
    return customer, records


def _withdraw(
    changes: ChangeSet,
    tx: Transaction,
    customer: Customer,
    source: str,
    evidence: Evidence | None,
) -> tuple[Customer, list[Record]]:
    """Withdraw for every part, and suppress every address that is the customer's now."""
    tx.documents(f"{IDENTITIES}/{part.key}" for part in customer.parts.values())
    # Made now, so no earlier than any grant, also one by a clock that runs ahead; a tie holds.
    granted = [part.held_decision for part in customer.parts.values()]
    at = max([tx.now, *(one.at for one in granted if one)])
    decision = Decision(UNSUBSCRIBED, at, source)
    records = []
    for part_id, part in customer.parts.items():
        identity = changes.identity(part.key)
        if identity.customer_of(part_id) != customer.id:
            raise Conflict(f"part {part_id} has moved")
        customer = customer.with_part(part_id, replace(part, decision=decision))
        if part.uid or part.address:  # not an address that is somebody else's since
            records.append(_record(tx, part.key, UNSUBSCRIBED, at, source, evidence))
        if isinstance(identity, AddressIdentity) and part.address:
            changes.put_identity(part.key, identity.suppress(at))
    return customer, records


def _record(
    tx: Transaction,
    key: str,
    status: Status,
    at: datetime,
    source: str,
    evidence: Evidence | None,
) -> Record:
    return Record(key, status, at, source, tx.actor, evidence)


def _record_writes(call_id: str, records: Iterable[Record]) -> list[Write]:
    return [
        Create(f"{CONSENTS}/{_record_id(call_id, number)}", record.to_data())
        for number, record in enumerate(records)
    ]


def _record_id(call_id: str, number: int) -> str:
    return f"{call_id}-{number:02}"


def _audit(tx: Transaction, customers: list[str], status: Status, source: str) -> list[Write]:
    action = "consent.grant" if status == SUBSCRIBED else "consent.withdraw"
    return audit_entry(tx, action, customers, source=source)


def marketing_of(tx: Transaction, customer: Customer) -> Mapping[str, object]:
    """Return what holds for a customer as a plan leaves it."""
    marketing = public(customer.id, document_of(tx, customer))["marketing"]
    assert isinstance(marketing, Mapping)
    return marketing
