"""Taking a user and an address apart whom nothing but the user's own document had joined.

Versions before 0.2 took the silence of Firebase Auth for proof: where it had no account of a uid,
the address in `users/{uid}` was the user's. Whoever may write that document is a client. A check
names such links (`repair.invariants`), a rebuild takes them apart.
"""

from __future__ import annotations

from dataclasses import replace

from crm.audit.trail import record
from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.db.accounts import NO_ANSWER
from crm.db.collections import CUSTOMERS, MERGES
from crm.db.documents import Snapshot
from crm.db.transaction import Plan, Transaction
from crm.merging.record import Merge
from crm.merging.unmerge import apart, both_withdrawn


def is_unproven(tx: Transaction, user: UserIdentity) -> bool:
    """Return whether a user has an address that Firebase Auth never called verified, nor does now.

    No answer is no reason to call it so.
    """
    if user.proven is None or user.account or tx.settings.email_trust == "document":
        return False
    says = tx.account(user.uid)
    address = _address(tx, user)
    return says != NO_ANSWER and not (address is not None and says.proves(address))


def plan_unlink(tx: Transaction, key: str) -> Plan[None]:
    """Plan to give an address back to the guest who ordered with it.

    The user keeps its own orders, and claims the address from then on; the guest has its orders
    back, under its old id where the two had been one customer before. What was withdrawn while
    they were one stays withdrawn for both.

    Args:
        tx: The transaction.
        key: The key of the user.

    Raises:
        Conflict: Something moved meanwhile.
    """
    changes = ChangeSet(tx)
    user = changes.user(key)
    if user is None or user.customer_id is None or user.proven is None:
        return Plan([], None)
    if not is_unproven(tx, user):
        return Plan([], None)
    customer = changes.customer(user.customer_id)
    address = changes.address(user.proven)
    sides = [customer]
    part_id = address.part_id if address and address.owner == key else None
    if address and part_id in customer.parts:
        assert part_id is not None
        merge = _merge(tx, customer, key, user.proven)
        guest, customer = (
            apart(changes, tx, merge[0], merge[1], customer)
            if merge
            else _split(changes, tx, customer, address, part_id, user.proven)
        )
        since = merge[1].at if merge else customer.created_at
        guest, customer = both_withdrawn(since, sides[0], guest, customer)
        left = changes.address(user.proven)
        assert left is not None
        changes.put_identity(user.proven, replace(left, owner=None))
        part = replace(guest.parts[part_id], by_proof=False)
        changes.put_customer(guest.with_part(part_id, part))
        sides.append(guest)
    user = changes.user(key)
    assert user is not None
    assert user.part_id is not None
    claimed = user.claimed or (user.proven if user.live else None)
    mine = replace(customer.parts[user.part_id], proven=None)
    if claimed == user.proven:
        mine = mine.claiming(_address(tx, user))
    changes.put_identity(key, replace(user, proven=None, claimed=claimed))
    changes.put_customer(customer.with_part(user.part_id, mine))
    entry = record(tx, "customer.unlink", [one.id for one in sides])
    return Plan([*changes.writes(), *entry], None)


def _address(tx: Transaction, user: UserIdentity) -> str | None:
    """Return the address whose key a user has proven, as the customer's part holds it."""
    customer = tx.document(f"{CUSTOMERS}/{user.customer_id}").fields
    held = [part for part in customer.get("parts", {}).values() if part["key"] == user.proven]
    return next((part["address"] for part in held if part["address"]), None)


def _merge(
    tx: Transaction, customer: Customer, user_key: str, address_key: str
) -> tuple[Snapshot, Merge] | None:
    """Return the merge by which the user's customer has got the address, if it was one."""
    for found in tx.documents(f"{MERGES}/{merge}" for merge in customer.merges):
        merge = Merge.from_data(found.fields)
        proof = merge.proof
        if proof and (proof.user_key, proof.address_key) == (user_key, address_key):
            return found, merge
    return None


def _split(
    changes: ChangeSet,
    tx: Transaction,
    customer: Customer,
    address: AddressIdentity,
    part_id: str,
    key: str,
) -> tuple[Customer, Customer]:
    """Make a guest's customer of an address that began on the user's."""
    if address.customer_id != customer.id:
        raise Conflict(f"part {part_id} has moved")
    guest = Customer(tx.new_id(), tx.now, {part_id: replace(customer.parts[part_id], rank=0)})
    changes.put_identity(key, address.moved(part_id, guest.id))
    parts = {one: part for one, part in customer.parts.items() if one != part_id}
    return guest, replace(customer, parts=parts)
