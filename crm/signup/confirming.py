"""What a link of a confirmation mail does: it grants, or says that nobody here asked. Pure.

A grant is the holder's of the mailbox, who has just clicked: it stands over whatever was withdrawn
before the mail was asked for. A withdrawal, or an erasure, that came after it ends the link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from crm.audit.trail import record as audit_entry
from crm.consent.plan import withdraw_address
from crm.consent.records import FORM, ORDER, UNSUBSCRIBE, Record
from crm.contacts.arriving import arrive
from crm.contacts.granting import grant_part
from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet, document_of
from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity
from crm.customers.part import Entry
from crm.db.collections import CONSENTS, IDENTITIES
from crm.db.diff import replaced
from crm.db.documents import Create
from crm.db.transaction import Plan, Transaction
from crm.mail.message import address_of
from crm.signup.link import Link
from crm.signup.record import Asked, SignUp, path_of
from crm.tags.giving import give_tags, hold_rows

Outcome = Literal["open", "already", "over", "refused"]
"""`open`: the link can be confirmed, or was just now by this plan; `over`: it has ended."""

Look = tuple[Outcome, Asked | None]


def look(tx: Transaction, link: Link) -> Look:
    """Return what a link is good for now, and what it asks for; nothing is changed.

    Raises:
        Conflict: Something moved meanwhile.
    """
    tx.documents([path_of(link.key), f"{IDENTITIES}/{link.key}"])
    was = _sign_up(tx, link.key)
    return _judged(tx, ChangeSet(tx), was, link)


def plan_confirm(tx: Transaction, link: Link) -> Plan[Look]:
    """Plan to confirm: the customer of the address is found or begun, and news are granted.

    Raises:
        Conflict: Something moved meanwhile.
    """
    tx.documents([path_of(link.key), f"{IDENTITIES}/{link.key}"])
    was, changes = _sign_up(tx, link.key), ChangeSet(tx)
    outcome, asked = _judged(tx, changes, was, link)
    if outcome != "open" or was is None or asked is None:
        return Plan([], (outcome, asked))
    address = was.address or _known(changes, link.key)
    if address is None:
        return Plan([], ("over", asked))
    granted = _grant(tx, changes, link.key, address, asked)
    if not granted:
        return Plan([], ("over", asked))
    form = tx.settings.forms.get(asked.form or "")
    tags: dict[str, str] = {}
    for customer_id in granted:
        customer, given = give_tags(tx, changes.customer(customer_id), form.tags if form else ())
        changes.put_customer(customer)
        tags |= given
    left = was.confirmed(asked.at, tx.now)
    changes.add(replaced(tx.document(was.path), left.to_data()))
    writes = [*changes.writes(), *hold_rows(tx, tags)]
    entry = audit_entry(tx, "consent.grant", granted, source=FORM, form=asked.form)
    return Plan([*writes, *entry], ("open", asked))


def plan_refuse(tx: Transaction, link: Link) -> Plan[Look]:
    """Plan to note that whoever has the mailbox did not ask: no further mail asks it.

    What this link had granted before is withdrawn.

    Raises:
        Conflict: Something moved meanwhile.
    """
    was = _sign_up(tx, link.key)
    asked = was.request(link.at) if was is not None else None
    if was is None or (asked is None and was.state != "refused") or link.is_over(tx.now):
        return Plan([], ("over", None))
    if was.state == "refused":
        return Plan([], ("refused", None))
    changes = ChangeSet(tx)
    if asked is not None and asked.confirmed_at is not None:
        withdraw_address(changes, tx, link.key, UNSUBSCRIBE)
    changes.add(replaced(tx.document(was.path), was.refused(tx.now).to_data()))
    return Plan(changes.writes(), ("refused", asked))


def _sign_up(tx: Transaction, key: str) -> SignUp | None:
    found = tx.document(path_of(key))
    return SignUp.from_data(key, found.data) if found.data is not None else None


def _judged(tx: Transaction, changes: ChangeSet, was: SignUp | None, link: Link) -> Look:
    if was is not None and was.state == "refused":
        return "refused", None
    asked = was.request(link.at) if was is not None else None
    if asked is None or link.is_over(tx.now):
        return "over", None
    ended = _ended(changes, link.key)
    if ended is not None and ended >= asked.at:
        return "over", asked
    return ("already" if asked.confirmed_at is not None else "open"), asked


def _ended(changes: ChangeSet, key: str) -> datetime | None:
    """Return when news to an address, or to its customer, were last ended."""
    identity = changes.address(key)
    if identity is None:
        return None
    known = [identity.suppressed, identity.erased_at]
    if identity.customer_id is not None:
        known.append(changes.customer(identity.customer_id).withdrawn_at)
    return max((one for one in known if one is not None), default=None)


def _known(changes: ChangeSet, key: str) -> str | None:
    """Return the address of a key whose sign-up holds it no more: its customer does."""
    identity = changes.address(key)
    if identity is None or identity.customer_id is None or identity.part_id is None:
        return None
    part = changes.customer(identity.customer_id).parts.get(identity.part_id)
    return part.address if part is not None else None


def _grant(tx: Transaction, changes: ChangeSet, key: str, address: str, asked: Asked) -> list[str]:
    """Grant for the address, or for the users whose opt-in waits; give the customers' ids."""
    homes = _waiting_users(tx, changes, key, address)
    held = changes.address(key)
    if not homes and asked.form is None and (held is None or held.customer_id is None):
        return []  # whoever ordered has withdrawn, or gone: an order alone begins nobody
    if not homes:
        entry = Entry("form", asked.form or ORDER, asked.at)
        customer, part_id, _ = arrive(changes, tx, address, entry)
        homes = [(customer.id, part_id)]
    _mail_arrives(changes, key)
    evidence = _evidence(tx, asked)
    granted: list[str] = []
    for customer_id, part_id in homes:
        found = grant_part(
            tx,
            changes.customer(customer_id),
            part_id,
            FORM,
            tx.now,
            evidence,
            over_withdrawal=True,
        )
        assert found is not None  # no withdrawal stands in the way
        customer, record = found
        changes.put_customer(customer)
        changes.add(_kept(tx, record))
        granted.append(customer_id)
    return granted


def _waiting_users(
    tx: Transaction, changes: ChangeSet, key: str, address: str
) -> list[tuple[str, str]]:
    """Return customers and parts of users who are only to be reached by an address, and wait."""
    identity = changes.address(key)
    if identity is None or identity.customer_id is not None or identity.erased_at is not None:
        return []
    tx.documents(f"{IDENTITIES}/{one}" for one in identity.contacts)
    users = [changes.user(one) for one in identity.contacts]
    changes.prefetch(one.customer_id for one in users if one)
    found: list[tuple[str, str]] = []
    for user in users:
        if user is None or user.customer_id is None or user.part_id is None:
            continue
        customer = changes.customer(user.customer_id)
        if user.part_id not in customer.parts:
            raise Conflict(f"part {user.part_id} has moved")
        if _waits(tx, customer) and _is_reached_by(customer, address):
            found.append((customer.id, user.part_id))
    return found


def _waits(tx: Transaction, customer: Customer) -> bool:
    marketing = document_of(tx, customer)["marketing"]
    return isinstance(marketing, Mapping) and "pending" in marketing


def _is_reached_by(customer: Customer, address: str) -> bool:
    contact = customer.contact
    return customer.primary is None and contact is not None and contact.address == address


def _mail_arrives(changes: ChangeSet, key: str) -> None:
    """Whoever clicked has the mail: the address is reachable, whatever came back before."""
    identity = changes.address(key) or AddressIdentity()
    if identity.unreachable is None:
        return
    changes.put_identity(key, replace(identity, unreachable=None))
    if identity.customer_id is not None and identity.part_id is not None:
        customer = changes.customer(identity.customer_id)
        part = customer.parts[identity.part_id]
        changes.put_customer(customer.with_part(identity.part_id, replace(part, unreachable=None)))


def _evidence(tx: Transaction, asked: Asked) -> Mapping[str, str]:
    """Return what shows a consent (GDPR art. 7(1)): to which text, when, by which mail."""
    mail, what = tx.settings.mail, {"order": "opt-in"}
    domain = address_of(mail.from_, "invalid-sender").domain if mail.on else ""
    if asked.form is not None:
        what = {"form": asked.form, "textVersion": asked.version or ""}
    return {
        **what,
        "language": asked.language,
        "requestedAt": asked.at.isoformat(),
        "confirmedAt": tx.now.isoformat(),
        "messageId": f"<{asked.message}@{domain}>",
    }


def _kept(tx: Transaction, record: Record) -> Create:
    return Create(f"{CONSENTS}/{tx.new_id()}", record.to_data())
