"""Deciding about marketing: a grant, a withdrawal, and the records that show them (GDPR art. 7).

What holds is derived from the decisions on a customer's parts. Beside them every decision leaves a
record under the identity that it is about, in the same commit; a record is never changed. So what
was agreed to, when and by what way, can be shown also after an order was edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from crm.audit.trail import record as audit_entry
from crm.consent.records import STAFF, UNSUBSCRIBE, Evidence, Record, Status
from crm.core.errors import Conflict, Refusal
from crm.customers.customer import Customer, public
from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED, Decision
from crm.customers.draft import Draft
from crm.customers.identity import AddressIdentity
from crm.customers.merged_ids import resolve_one
from crm.db.collections import CONSENTS, CUSTOMERS, IDENTITIES
from crm.db.documents import Create, Write
from crm.db.transaction import Context, Reading

_TICK: Final = timedelta(microseconds=1)  # the least that Firestore tells apart


@dataclass(frozen=True)
class ConsentPlan:
    """What a decision comes to.

    Attributes:
        writes: None where it was made already.
        marketing: What holds for the customer now; None where there is no customer.
    """

    writes: list[Write]
    marketing: Mapping[str, object] | None


def plan_consent(
    reading: Reading,
    context: Context,
    call_id: str,
    customer_id: str,
    status: Status,
    evidence: Evidence | None,
) -> ConsentPlan:
    """Plan a decision that staff record.

    A grant is for the primary address, and for the user whose proven address that is. A withdrawal
    is for everything that the customer is known by.

    Args:
        reading: What has been read; demands more by `planning.Need`.
        context: Settings, keys, time, and who asks.
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
    marker, _ = reading.documents(
        [f"{CONSENTS}/{_record_id(call_id, 0)}", f"{CUSTOMERS}/{customer_id}"]
    )
    draft = Draft(reading, context.now)
    customer = draft.customer(resolve_one(reading, customer_id).snapshot.id)
    if marker.exists:
        return ConsentPlan([], _marketing(customer, context))
    if status == SUBSCRIBED:
        changed, records = _grant(context, customer, evidence)
    else:
        changed, records = _withdraw(draft, reading, context, customer, STAFF, evidence)
    draft.put_customer(changed)
    draft.add(*_record_writes(call_id, records))
    draft.add(*_audit(reading, context, [customer.id], status, STAFF))
    return ConsentPlan(draft.writes(), _marketing(changed, context))


def plan_unsubscribe(reading: Reading, context: Context, key: str) -> ConsentPlan:
    """Plan the withdrawal of whoever has an address, by the link in a newsletter.

    It acts on the address, whatever became of the customer that the newsletter went to: merged
    away, erased, or somebody who has another address now.

    Args:
        reading: What has been read; demands more by `planning.Need`.
        context: Settings, keys, time.
        key: The identity key of the address.

    Raises:
        Conflict: Something moved meanwhile.
    """
    reading.document(f"{IDENTITIES}/{key}")
    draft = Draft(reading, context.now)
    identity = draft.address(key) or AddressIdentity()
    if identity.customer_id is None:
        if identity.suppressed:
            return ConsentPlan([], None)
        draft.put_identity(key, identity.suppress(context.now))
        records = [_record(context, key, UNSUBSCRIBED, context.now, UNSUBSCRIBE, None)]
        customers, marketing = [], None
    else:
        customer = draft.customer(identity.customer_id)
        if identity.part_id not in customer.parts:
            raise Conflict(f"part {identity.part_id} has moved")
        marketing = _marketing(customer, context)
        if identity.suppressed and marketing["status"] == UNSUBSCRIBED:
            return ConsentPlan([], marketing)
        customer, records = _withdraw(draft, reading, context, customer, UNSUBSCRIBE, None)
        draft.put_customer(customer)
        customers, marketing = [customer.id], _marketing(customer, context)
    draft.add(*_record_writes(context.new_id(), records))
    draft.add(*_audit(reading, context, customers, UNSUBSCRIBED, UNSUBSCRIBE))
    return ConsentPlan(draft.writes(), marketing)


def no_address() -> Refusal:
    """Give the refusal of what needs an address to send news to."""
    return Refusal(
        "failed-precondition",
        "no-address",
        "This customer has no address to send news to: its user must verify one first.",
    )


def _grant(
    context: Context, customer: Customer, evidence: Evidence | None
) -> tuple[Customer, list[Record]]:
    primary = customer.primary
    if primary is None:
        raise no_address()
    # Made now, so later than whatever was withdrawn before, also by a clock that runs ahead.
    withdrawn = customer.withdrawn_at
    at = max(context.now, withdrawn + _TICK) if withdrawn else context.now
    decision = Decision(SUBSCRIBED, at, STAFF)
    records = []
    for part_id, part in customer.parts.items():
        if part is primary or (part.uid and part.proven == primary.key):
            customer = customer.with_part(part_id, replace(part, decision=decision))
            records.append(_record(context, part.key, SUBSCRIBED, at, STAFF, evidence))
    return customer, records


def _withdraw(
    draft: Draft,
    reading: Reading,
    context: Context,
    customer: Customer,
    source: str,
    evidence: Evidence | None,
) -> tuple[Customer, list[Record]]:
    """Withdraw for every part, and suppress every address that is the customer's now."""
    reading.documents(f"{IDENTITIES}/{part.key}" for part in customer.parts.values())
    # Made now, so no earlier than any grant, also one by a clock that runs ahead; a tie holds.
    granted = [part.held_decision for part in customer.parts.values()]
    at = max([context.now, *(one.at for one in granted if one)])
    decision = Decision(UNSUBSCRIBED, at, source)
    records = []
    for part_id, part in customer.parts.items():
        identity = draft.identity(part.key)
        if identity.customer_of(part_id) != customer.id:
            raise Conflict(f"part {part_id} has moved")
        customer = customer.with_part(part_id, replace(part, decision=decision))
        if part.uid or part.address:  # not an address that is somebody else's since
            records.append(_record(context, part.key, UNSUBSCRIBED, at, source, evidence))
        if isinstance(identity, AddressIdentity) and part.address:
            draft.put_identity(part.key, identity.suppress(at))
    return customer, records


def _record(
    context: Context,
    key: str,
    status: Status,
    at: datetime,
    source: str,
    evidence: Evidence | None,
) -> Record:
    return Record(key, status, at, source, context.actor, evidence)


def _record_writes(call_id: str, records: Iterable[Record]) -> list[Write]:
    return [
        Create(f"{CONSENTS}/{_record_id(call_id, number)}", record.to_data())
        for number, record in enumerate(records)
    ]


def _record_id(call_id: str, number: int) -> str:
    return f"{call_id}-{number:02}"


def _audit(
    reading: Reading, context: Context, customers: list[str], status: Status, source: str
) -> list[Write]:
    action = "consent.grant" if status == SUBSCRIBED else "consent.withdraw"
    return audit_entry(reading, context, action, customers, source=source)


def _marketing(customer: Customer, context: Context) -> Mapping[str, object]:
    marketing = public(customer.id, customer.to_data(context.now))["marketing"]
    assert isinstance(marketing, Mapping)
    return marketing
