"""The customer of an address that came in without an order: found, or new."""

from __future__ import annotations

from dataclasses import replace

from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity
from crm.customers.part import Entry, Part
from crm.db.transaction import Transaction


def arrive(
    changes: ChangeSet, tx: Transaction, address: str, entry: Entry
) -> tuple[Customer, str, bool]:
    """Find the customer of an address, or begin one: a guest without orders.

    Who is there already stays as he is, and hears nothing of the entry. Who begins has whatever is
    known of the address: that news to it were objected to, that no mail arrives there.

    Args:
        changes: The plan's changes; a new customer is among them already.
        tx: The transaction.
        address: Canonical.
        entry: How the address came in.

    Returns:
        The customer, the id of the address's part there, and whether both are new.

    Raises:
        Conflict: Something moved meanwhile.
    """
    key = tx.keys.address(address)
    identity = changes.address(key) or AddressIdentity()
    if identity.customer_id is not None and identity.part_id is not None:
        customer = changes.customer(identity.customer_id)
        if identity.part_id not in customer.parts:
            raise Conflict(f"part {identity.part_id} has moved")
        return customer, identity.part_id, False
    part_id = tx.new_id()
    part = Part(
        key,
        address=address,
        decision=identity.suppression,
        unreachable=identity.unreachable,
        entry=entry,
    )
    customer = Customer(tx.new_id(), tx.now).with_part(part_id, part)
    changes.put_customer(customer)
    changes.put_identity(key, replace(identity, customer_id=customer.id, part_id=part_id))
    return customer, part_id, True
