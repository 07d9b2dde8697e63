"""The plan of one user: who it is, which address it has proven, and whose orders that joins.

An address is taken over only with proof. Until then the user and the guest who ordered with the
same address stay two customers: anybody can type anybody's address into a sign-up form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from crm.core.equality import same
from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.limits import MAX_PARTS
from crm.customers.part import Part
from crm.db.accounts import NO_ANSWER, Standing
from crm.db.collections import CUSTOMERS, IDENTITIES, QUARANTINE
from crm.db.documents import Delete, Update, Version, Write
from crm.db.transaction import Transaction
from crm.host import reader as host
from crm.merging.join import fits, join
from crm.merging.record import Proof
from crm.sync.quarantine_rows import listed, quarantine_write


@dataclass(frozen=True)
class UserPlan:
    """What to commit, atomically.

    Attributes:
        writes: None where nothing has changed.
        released: The key of an address that this user held and holds no more: another user who
            has proven it meanwhile can have it now.
    """

    writes: list[Write]
    released: str | None = None


def plan_user(
    tx: Transaction, uid: str, deleted_after: Version | None, shown: str | None = None
) -> UserPlan:
    """Plan the writes that bring CRM-Lite up to a user document as it is now.

    Args:
        tx: The transaction.
        uid: The Firebase Auth uid, the document's id.
        deleted_after: The last version of the document that an event says was deleted.
        shown: An address that the user's own token proves now, whatever the document says.
    """
    key = tx.keys.user(uid)
    document, row = tx.documents([f"{tx.settings.users.path}/{uid}", f"{IDENTITIES}/{key}"])
    before = UserIdentity.from_data(row.data) if row.data is not None else None
    changes = ChangeSet(tx)
    if before and document.version < before.version:
        return UserPlan([])  # an older reading than what is known already
    if before and before.erased_at and document.data is not None:
        # Firebase never gives a uid out twice: whoever writes this one knows no better.
        changes.put_identity(key, replace(before, version=document.version))
        return UserPlan([*changes.writes(), Delete(document.path, document.version)])
    if document.data is None:
        writes = _gone(changes, tx, key, before, uid, document.version, deleted_after)
        return UserPlan(writes, before.proven if before and before.live else None)

    user = host.read_user(document.data, tx.settings)
    after = replace(
        before or UserIdentity(uid=uid),
        version=document.version,
        known=True,
        live=True,
        name=user.name,
        fields=user.fields,
        quarantined=user.unreadable,
        claimed=None,
        conflict=False,
    )
    claimed = tx.keys.address(user.email) if user.email else None
    if claimed != after.proven:
        after = replace(after, claimed=claimed)
    guest = _is_guest(tx, before, uid)
    if guest is None:
        return UserPlan([])  # looked at again: by the event's retry, or by the sweep
    if guest:
        return _visiting(
            changes, tx, key, before, replace(after, known=False, name=None, fields={})
        )
    address = _proven(tx, after, user.email, shown)
    by_auth = tx.settings.email_trust == "auth"
    if address is not None:
        after = replace(after, account=by_auth, claimed=tx.keys.address(address))
        changes, after = _linked(tx, key, after, tx.keys.address(address), address)
        if not after.conflict and claimed != after.proven:
            after = replace(after, claimed=claimed)
            changes, after = _with_part(changes, tx, key, after, user.email)
    elif shown is not None and tx.keys.address(shown) == after.proven:
        after = replace(after, account=by_auth)

    if before and after.customer_id and same(replace(after, version=before.version), before):
        if after.version == before.version:
            users = tx.settings.users.path
            return UserPlan(listed(tx, row, users, uid, before.quarantined))
        return UserPlan([Update(row.path, after.to_data(), row.version)])
    if after.proven == (before.proven if before else None):
        changes, after = _with_part(ChangeSet(tx), tx, key, after, user.email)
    changes.add(*_quarantine(tx, uid, before, after))
    held = before.proven if before else None
    return UserPlan(changes.writes(), held if held != after.proven else None)


def _visiting(
    changes: ChangeSet,
    tx: Transaction,
    key: str,
    before: UserIdentity | None,
    after: UserIdentity,
) -> UserPlan:
    """Remember the document of an anonymous visitor, who has no customer of its own."""
    if same(before, after):
        return UserPlan([])
    changes.put_identity(key, after)
    changes.add(*_quarantine(tx, after.uid, before, after))
    return UserPlan(changes.writes())


def _gone(
    changes: ChangeSet,
    tx: Transaction,
    key: str,
    before: UserIdentity | None,
    uid: str,
    version: Version,
    deleted_after: Version | None,
) -> list[Write]:
    """The document is gone: the customer stays, as a guest, as long as it has orders."""
    if before is None or not before.live:
        seen = before.version if before else 0
        if deleted_after is None or deleted_after <= seen:
            return []
        changes.put_identity(key, replace(before or UserIdentity(uid=uid), version=version))
        return changes.writes()
    after = replace(
        before,
        version=version,
        live=False,
        name=None,
        fields={},
        claimed=None,
        conflict=False,
        quarantined=None,
    )
    if before.known:
        changes, after = _with_part(changes, tx, key, after)
    else:
        changes.put_identity(key, after)
    changes.add(*_quarantine(tx, uid, before, after))
    return changes.writes()


def _is_guest(tx: Transaction, before: UserIdentity | None, uid: str) -> bool | None:
    """Return whether a uid is an anonymous visitor's, who is a guest whatever `users` says.

    Whoever was known once stays so. None where Firebase Auth does not answer.
    """
    if tx.settings.email_trust == "document" or (before and before.known):
        return False
    account = tx.account(uid)
    if account == NO_ANSWER:
        return None
    # A visitor whose account has been deleted is nobody new.
    visited = before is not None and before.live and account.standing is Standing.NONE
    return visited or account.standing is Standing.ANONYMOUS


def _proven(
    tx: Transaction, user: UserIdentity, claimed: str | None, shown: str | None
) -> str | None:
    """Return the address that the user has proven and does not have yet.

    Firebase Auth says so, now. Silence, an account that is gone and one that nobody verified prove
    nothing: whoever may write `users/{own uid}` is a client.
    """
    address = claimed if shown is None else shown
    if address is None or tx.keys.address(address) in (user.proven, *user.keep_apart):
        return None
    if shown is not None or tx.settings.email_trust == "document":
        return address
    return address if tx.account(user.uid).proves(address) else None


def _with_part(
    changes: ChangeSet,
    tx: Transaction,
    key: str,
    after: UserIdentity,
    email: str | None = None,
) -> tuple[ChangeSet, UserIdentity]:
    """Put the identity, and what it says into the user's part, new where there was none.

    Args:
        changes: What the plan changes.
        tx: The transaction.
        key: The user's key.
        after: The identity.
        email: The address in the user's document: how to reach the user, where it is not proven.
    """
    if after.customer_id and after.part_id:
        customer = changes.customer(after.customer_id)
        part = customer.parts.get(after.part_id)
        if part is None:
            raise Conflict(f"part {after.part_id} has moved")
    else:
        customer = Customer(tx.new_id(), tx.now)
        after = replace(after, customer_id=customer.id, part_id=tx.new_id())
        part = Part(key, uid=after.uid)
    assert after.part_id is not None
    part = replace(part, live=after.live, user_name=after.name, proven=after.proven)
    part = replace(part, user_fields=after.fields)
    part = part.claiming(email if after.claimed else None)
    changes.put_customer(customer.with_part(after.part_id, part))
    changes.put_identity(key, after)
    return changes, after


def _linked(
    tx: Transaction,
    key: str,
    after: UserIdentity,
    address_key: str,
    address: str,
) -> tuple[ChangeSet, UserIdentity]:
    """Let the user's customer take over an address that the user has proven.

    - Nobody's: begins a part on the user's customer.
    - On the user's own customer: is the user's from now on.
    - On a customer without a live user: the two join, and the user's customer survives.
    - An alias on another live user's customer: changes its owner. New orders follow the user who
      has proven it now, old orders stay where they are.
    - The proven address of another live user, or more than one customer can hold: refused. The
      address stays claimed, in conflict: two users never join by themselves.
    """
    tx.documents(
        [f"{IDENTITIES}/{address_key}"]
        + ([f"{CUSTOMERS}/{after.customer_id}"] if after.customer_id else [])
    )
    changes = ChangeSet(tx)
    proven = replace(after, proven=address_key, claimed=None)
    changes, proven = _with_part(changes, tx, key, proven)
    assert proven.customer_id is not None
    mine = changes.customer(proven.customer_id)
    refused = ChangeSet(tx), replace(after, conflict=True)

    identity = changes.address(address_key) or AddressIdentity()
    part_id = identity.part_id
    if identity.customer_id is None or part_id is None:
        if len(mine.parts) >= MAX_PARTS:
            return refused
        _begin(changes, tx, key, mine, address_key, identity, address)
        return changes, proven
    if identity.customer_id != mine.id:
        theirs = changes.customer(identity.customer_id)
        if part_id not in theirs.parts:
            raise Conflict(f"part {part_id} has moved")
        if theirs.live:
            if _held_by_a_user(changes, identity, address_key) or len(mine.parts) >= MAX_PARTS:
                return refused
            identity = _let_go(changes, identity, address_key, theirs, part_id)
            _begin(changes, tx, key, mine, address_key, identity, address)
            return changes, proven
        if not fits(mine, theirs):
            return refused
        proof = Proof(key, after.proven, address_key, identity.owner)
        mine, _ = join(changes, tx, mine, theirs, proof)
    return changes, _own(changes, key, mine, address_key, part_id)


def _let_go(
    changes: ChangeSet,
    identity: AddressIdentity,
    address_key: str,
    theirs: Customer,
    part_id: str,
) -> AddressIdentity:
    """Take an alias from the customer that has it; its part stays there, with its orders."""
    left = replace(theirs.parts[part_id], address=None, by_proof=False, unreachable=None)
    changes.put_customer(theirs.with_part(part_id, left))
    owner = changes.user(identity.owner) if identity.owner else None
    if identity.owner and owner and owner.proven == address_key:
        changes.put_identity(identity.owner, replace(owner, proven=None))
    former = {**identity.former, part_id: theirs.id}
    return replace(identity, customer_id=None, part_id=None, former=former)


def _own(
    changes: ChangeSet, key: str, mine: Customer, address_key: str, part_id: str
) -> UserIdentity:
    """Make an address on the user's customer the user's own; return the user's identity."""
    part = mine.parts.get(part_id)
    if part is None:
        raise Conflict(f"part {part_id} has moved")
    changes.put_customer(mine.with_part(part_id, replace(part, by_proof=True)))
    owned = changes.address(address_key)
    assert owned is not None
    changes.put_identity(address_key, replace(owned, owner=key))
    user = changes.user(key)
    assert user is not None
    return user


def _held_by_a_user(changes: ChangeSet, identity: AddressIdentity, address_key: str) -> bool:
    """Return whether a live user has the address as its proven one: two users never join."""
    owner = changes.user(identity.owner) if identity.owner else None
    return bool(owner and owner.live and owner.proven == address_key)


def _begin(
    changes: ChangeSet,
    tx: Transaction,
    key: str,
    mine: Customer,
    address_key: str,
    identity: AddressIdentity,
    address: str,
) -> None:
    """Begin a new part for the address on the user's customer."""
    part_id = tx.new_id()
    part = Part(
        address_key,
        mine.next_rank,
        address=address,
        by_proof=True,
        decision=identity.suppression,
        unreachable=identity.unreachable,
    )
    changes.put_customer(mine.with_part(part_id, part))
    changes.put_identity(
        address_key, replace(identity, customer_id=mine.id, part_id=part_id, owner=key)
    )


def _quarantine(
    tx: Transaction, uid: str, before: UserIdentity | None, after: UserIdentity
) -> list[Write]:
    """List or unlist the document; guarded by its identity."""
    if (before.quarantined if before else None) == after.quarantined:
        return []
    collection = tx.settings.users.path
    path = f"{QUARANTINE}/{tx.keys.quarantine(collection, uid)}"
    return [quarantine_write(path, collection, uid, after.quarantined, tx)]
