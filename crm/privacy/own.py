"""What is a signed-in person's own: no more and no less than that person has proven.

A customer may hold more than that, because staff merged somebody into it, or because a user who
has gone since had proven an address of it before. None of that is given to whoever signs in.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from crm.core.errors import Refusal
from crm.customers.customer import Customer
from crm.customers.identity import identity_from
from crm.db.collections import CUSTOMERS, IDENTITIES
from crm.db.runner import Runner
from crm.db.transaction import Transaction
from crm.sync.claim import claim_orders


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person at the keyboard.

    Attributes:
        uid: The caller's uid.
        address: The canonical address that Firebase Auth says, now, is verified and the caller's.
    """

    uid: str
    address: str


def no_such_person() -> Refusal:
    """Return the refusal of a person of whom nothing is known."""
    return Refusal(
        "not-found", "no-such-customer", "Nothing is known of this account and its address."
    )


def catch_up(runner: Runner, person: SignedIn) -> None:
    """Link what the person has proven and no event has told of yet.

    Raises:
        Conflict, Transient: Not settled before the deadline.
    """
    with suppress(Refusal):  # without a document of the user nothing is linked
        claim_orders(runner, person.uid, person.address)


@dataclass(frozen=True, slots=True)
class Owned:
    """What a customer holds of a person.

    Attributes:
        customer: The customer.
        parts: The ids of its parts that are the person's.
    """

    customer: Customer
    parts: frozenset[str]

    @property
    def whole(self) -> bool:
        """Whether it holds nothing else."""
        return self.parts == self.customer.parts.keys()


def own_parts(tx: Transaction, person: SignedIn) -> list[Owned]:
    """Return what customers hold of a person; the customer of the uid comes first.

    That is the customer of the uid, and the one of the address that the token proves as long as it
    is no other user's. Where somebody else is in one of them as well, it is the parts of the own
    uid and of the addresses that the person has proven.

    Args:
        tx: The transaction.
        person: The person.
    """
    user_key, address_key = tx.keys.user(person.uid), tx.keys.address(person.address)
    rows = tx.documents([f"{IDENTITIES}/{user_key}", f"{IDENTITIES}/{address_key}"])
    user, address = (identity_from(row.data) if row.data is not None else None for row in rows)
    homes = dict.fromkeys(one.customer_id for one in (user, address) if one and one.customer_id)
    owned = []
    for snapshot in tx.documents(f"{CUSTOMERS}/{home}" for home in homes):
        if not snapshot.exists:
            continue  # it has moved: who reads reads one moment, who commits begins again
        customer = Customer.from_data(snapshot.id, snapshot.fields)
        parts = frozenset(_own_of(tx, customer, user_key, address_key))
        if parts:
            owned.append(Owned(customer, parts))
    return owned


def _own_of(tx: Transaction, customer: Customer, user_key: str, address_key: str) -> Iterable[str]:
    """Return which parts of a customer are the person's."""
    parts = customer.parts
    users = {part.key for part in parts.values() if part.uid is not None}
    if user_key not in users and any(part.live for part in parts.values()):
        return ()  # another user has the address
    keys = tx.documents(f"{IDENTITIES}/{part.key}" for part in parts.values() if part.address)
    owners = {row.id: row.fields.get("owner") for row in keys}
    proven = [key for key, owner in owners.items() if owner == user_key]
    mine = {user_key, address_key, *(proven if _is_proven(tx, user_key) else ())}
    if users <= {user_key} and not customer.staff_merges and owners.keys() <= mine:
        return parts  # the others are of addresses that went elsewhere, with the orders before
    return (key for key, part in parts.items() if part.key in mine and (part.uid or part.address))


def _is_proven(tx: Transaction, user_key: str) -> bool:
    """Return whether Firebase Auth has ever called an address of a user verified.

    Versions before 0.2 took its silence for proof; a rebuild takes such links apart.
    """
    account = tx.document(f"{IDENTITIES}/{user_key}").fields.get("account")
    return bool(account) or tx.settings.email_trust == "document"
