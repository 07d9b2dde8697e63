"""The plan of an undo: the same parts move back, exactly, with nothing computed anew.

What came since stays with the part it came through. An address that a user has proven since goes
with its user; where user and address end on different sides, the proof is taken back and
remembered ("keep apart"), or the user's next event would make the same merge again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crm.audit.trail import record
from crm.core.errors import Conflict, Refusal
from crm.customers.change_set import ChangeSet, document_of
from crm.customers.customer import Customer, public
from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED, Decision, latest
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.merged_ids import resolve
from crm.customers.part import Part
from crm.db.collections import CUSTOMERS, IDENTITIES, LINKS, MERGES
from crm.db.documents import Delete, Snapshot, Update, Write
from crm.db.transaction import Plan, Transaction
from crm.merging.record import Merge


def plan_unmerge(tx: Transaction, merge_id: str) -> Plan[Sequence[Mapping[str, object]]]:
    """Plan to undo a merge.

    Args:
        tx: The transaction.
        merge_id: The merge.

    Raises:
        Refusal: `not-found` (`no-such-merge`); `failed-precondition`
            (`undo-later-merges-first`, `survivor-gone`, `nothing-left`, `undone-before`).
        Conflict: Something moved meanwhile.
    """
    snapshot = tx.document(f"{MERGES}/{merge_id}")
    if snapshot.data is None:
        raise Refusal("not-found", "no-such-merge", "No merge has this id: check it.")
    merge = Merge.from_data(snapshot.data)
    if merge.state == "undone":
        return _undone(tx, merge)
    survivor = _survivor(tx, merge_id, merge)

    changes = ChangeSet(tx)
    source, target = apart(changes, tx, snapshot, merge, survivor)
    source, target = _taken_back(changes, merge, source, target)
    source, target = both_withdrawn(merge.at, survivor, source, target)
    for side in (source, target):
        if side.empty:
            raise Refusal(
                "failed-precondition",
                "nothing-left",
                "One of the two would have no order, no user and nothing from staff left: "
                "leave them merged.",
            )
    changes.put_customer(source)
    changes.put_customer(target)
    shown = [public(side.id, document_of(tx, side)) for side in (source, target)]
    sides = (target.id, source.id)
    entry = record(tx, "customer.unmerge", sides, mergeId=merge_id)
    return Plan([*changes.writes(), *entry], shown)


def apart(
    changes: ChangeSet, tx: Transaction, snapshot: Snapshot, merge: Merge, survivor: Customer
) -> tuple[Customer, Customer]:
    """Take a merge apart: its parts, identities, links and record; not what was proven by it.

    Returns:
        The source and the target, which the caller is to put among the changes.

    Raises:
        Conflict: A part has moved meanwhile.
    """
    tx.documents(
        f"{IDENTITIES}/{part.key}"
        for part_id, part in survivor.parts.items()
        if part_id in merge.ranks or part_id not in merge.held or part.uid
    )
    moving = _moving(changes, merge, survivor)
    source = Customer(
        merge.source_id,
        merge.source.created_at,
        {
            part_id: replace(part, rank=merge.ranks.get(part_id, part.rank))
            for part_id, part in survivor.parts.items()
            if part_id in moving
        },
        tuple(sorted({*merge.source.tags} & {*survivor.tags})),
        merge.source.merges,
        merge.source.staff_merges,
    )
    target = replace(
        survivor,
        created_at=merge.target.created_at,
        parts={key: part for key, part in survivor.parts.items() if key not in moving},
        tags=_kept_tags(merge, survivor),
        merges=tuple(one for one in survivor.merges if one != snapshot.id),
        staff_merges=survivor.staff_merges - merge.source.staff_merges - merge.by_staff,
    )
    for part_id in moving:
        key = survivor.parts[part_id].key
        identity = changes.identity(key)
        if identity.customer_of(part_id) != survivor.id:
            raise Conflict(f"part {part_id} has moved")
        assert isinstance(identity, AddressIdentity | UserIdentity)
        changes.put_identity(key, identity.moved(part_id, source.id))
    changes.add(
        Update(snapshot.path, replace(merge, state="undone").to_data(), snapshot.version),
        Delete(f"{LINKS}/{source.id}"),
        *_links_back(tx, merge.links, source.id),
    )
    return source, target


def _undone(tx: Transaction, merge: Merge) -> Plan[Sequence[Mapping[str, object]]]:
    """Undone already, by a call whose answer was lost perhaps: answer both as they are."""
    ids = (merge.source_id, merge.target_id)
    found = tx.documents(f"{CUSTOMERS}/{customer_id}" for customer_id in ids)
    shown = [public(one.id, one.data) for one in found if one.data is not None]
    if len(shown) < len(ids):
        raise Refusal(
            "failed-precondition",
            "undone-before",
            "This merge was undone before, and one of the two customers has gone since: merged "
            "again, erased, or without an order.",
        )
    return Plan([], shown)


def _survivor(tx: Transaction, merge_id: str, merge: Merge) -> Customer:
    """Return the survivor, where this merge is the one to undo next."""
    live = resolve(tx, [merge.target_id]).get(merge.target_id)
    if live is None:
        raise Refusal(
            "failed-precondition",
            "survivor-gone",
            "The customer that this merge left is gone: there is nothing to take apart.",
        )
    if live.merge_id is not None:
        raise _later(live.merge_id)
    survivor = ChangeSet(tx).customer(merge.target_id)
    if merge_id not in survivor.merges:
        raise Conflict(f"merge {merge_id} is being undone")
    if survivor.merges[-1] != merge_id:
        raise _later(survivor.merges[-1])
    return survivor


def _later(merge_id: str) -> Refusal:
    return Refusal(
        "failed-precondition",
        "undo-later-merges-first",
        f"A later merge stands in the way: undo {merge_id} first.",
    )


def _moving(changes: ChangeSet, merge: Merge, survivor: Customer) -> set[str]:
    """Return which parts go back: the source's own, and addresses its users have proven since."""
    moving = {part_id for part_id in survivor.parts if part_id in merge.ranks}
    users = {survivor.parts[part_id].key for part_id in moving}
    for part_id, part in survivor.parts.items():
        if part_id not in merge.ranks and part_id not in merge.held:
            identity = changes.address(part.key)
            if identity and identity.owner in users:
                moving.add(part_id)
    return moving


def _kept_tags(merge: Merge, survivor: Customer) -> tuple[str, ...]:
    """Return the tags of the target: its own and those added since, less what was removed."""
    came = {*merge.source.tags} - {*merge.target.tags}
    return tuple(sorted({*survivor.tags} - came))


def _taken_back(
    changes: ChangeSet, merge: Merge, source: Customer, target: Customer
) -> tuple[Customer, Customer]:
    """Take each proof back whose user and address end on different sides."""
    target, source = _proofs_taken_back(changes, merge, target, source)
    return _proofs_taken_back(changes, merge, source, target)


def _proofs_taken_back(
    changes: ChangeSet, merge: Merge, address_side: Customer, user_side: Customer
) -> tuple[Customer, Customer]:
    """Take the proofs back of users on one side over addresses on the other; return both sides."""
    for user_part_id, user_part in list(user_side.parts.items()):
        for part_id, part in list(address_side.parts.items()):
            if not _in_force(changes, merge, user_part, part):
                continue
            before = merge.proof if _made(merge, user_part, part) else None
            owner = before.owner_before if before else None
            _keep_apart(changes, user_part, part, owner)
            address_side = address_side.with_part(part_id, replace(part, by_proof=bool(owner)))
            if user_part.proven != part.key:
                continue  # another has been proven since, which stays so
            proven = before.proven_before if before else None
            user = changes.user(user_part.key)
            assert user is not None
            changes.put_identity(user_part.key, replace(user, proven=proven))
            apart = replace(user_part, proven=proven)
            if user.claimed == user_part.proven:
                apart = apart.claiming(part.address)
            user_side = user_side.with_part(user_part_id, apart)
    return address_side, user_side


def _in_force(changes: ChangeSet, merge: Merge, user: Part, address: Part) -> bool:
    """Return whether the user has the address by proof, and not somebody else since.

    By the last proof, or by the one that made the merge: what has been proven since is no reason
    to forget that staff took the two apart.
    """
    asked = user.proven == address.key or _made(merge, user, address)
    if not asked or address.address is None:
        return False
    identity = changes.address(address.key)
    return identity is not None and identity.owner == user.key


def _made(merge: Merge, user: Part, address: Part) -> bool:
    proof = merge.proof
    return bool(proof and proof.user_key == user.key and proof.address_key == address.key)


def _keep_apart(changes: ChangeSet, user: Part, address: Part, owner: str | None) -> None:
    """Remember that this user and this address are to stay apart."""
    held, knows = changes.user(user.key), changes.address(address.key)
    if held is None or knows is None:
        raise Conflict("an identity has moved")
    claims = held.live and user.proven == address.key
    claimed = held.claimed or (address.key if claims else None)
    apart = tuple(dict.fromkeys([*held.keep_apart, address.key]))
    changes.put_identity(user.key, replace(held, claimed=claimed, keep_apart=apart))
    changes.put_identity(address.key, replace(knows, owner=owner))


def both_withdrawn(
    since: datetime, survivor: Customer, source: Customer, target: Customer
) -> tuple[Customer, Customer]:
    """Let a withdrawal that came while they were one count for both: consent only gets stricter."""
    withdrawal = latest(
        part.decision
        for part in survivor.parts.values()
        if part.decision and part.decision.status == UNSUBSCRIBED and part.decision.at >= since
    )
    if withdrawal is None:
        return source, target
    return _with_withdrawal(source, withdrawal), _with_withdrawal(target, withdrawal)


def _with_withdrawal(side: Customer, withdrawal: Decision) -> Customer:
    for part_id, part in side.parts.items():
        held = part.held_decision
        if held and held.status == SUBSCRIBED:
            decision = latest([part.decision, withdrawal])
            side = side.with_part(part_id, replace(part, decision=decision))
    return side


def _links_back(tx: Transaction, ids: Sequence[str], survivor_id: str) -> list[Write]:
    """Lead ids back to whom they led to; one whose link was lost waits for a rebuild.

    Links only ever change with the customer they lead to, which the commit guards.
    """
    found = tx.documents(f"{LINKS}/{one}" for one in ids)
    return [
        Update(link.path, {**link.fields, "customerId": survivor_id}, link.version)
        for link in found
        if link.exists
    ]
