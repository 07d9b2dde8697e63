"""The plan of an erasure: one commit, after which nobody finds the person any more.

The customer goes, and its identities become tombstones in the same commit. Whatever was on its way
(an order, a user's event, a merge, an undo) relied on the customer and begins again; it then meets
the tombstones. What is left, order by order, is the work of a job (`job`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from crm.audit.trail import record
from crm.core.errors import Conflict, Refusal
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.ledger import LedgerEntry
from crm.customers.ledger_query import counted_queries
from crm.customers.merged_ids import resolve_one
from crm.customers.part import Part
from crm.db.collections import CUSTOMERS, ERASURES, IDENTITIES, LINKS, QUARANTINE
from crm.db.documents import Delete, Query, Write, moment_of
from crm.db.transaction import Plan, Transaction
from crm.jobs import run as jobs
from crm.privacy.erasure.reason import looks_personal, names
from crm.privacy.erasure.record import Erasure
from crm.privacy.erasure.sign_ups import plan_sign_ups
from crm.privacy.many import named
from crm.privacy.own import Owned, SignedIn, no_such_person, own_parts

KIND: Final = "erasure"
"""Of the job."""

MAX_EVENTS_SHOWN: Final = 100
"""Of events that hold an erasure up, in its refusal."""


@dataclass(frozen=True)
class Asked:
    """What an erasure was asked for.

    Attributes:
        erasure_id: Made before planning, so that a plan that starts again makes the same one.
        job_id: Likewise.
        who: Whom: a customer, where an id that was merged leads to its survivor, or somebody who is
            signed in, with what that person has proven.
        reason: Why.
        force: Go on although the person holds tickets for events that have not begun.
        uids: Accounts of the person besides those of its users.
        strangers: How many accounts have verified an address of the person and are not those of its
            uids: they may be somebody else's, who has the mailbox by now, and are left alone.
        confirm: Go on where all tickets that hold the erasure up are free, and it is the person who
            asks.
    """

    erasure_id: str
    job_id: str
    who: str | SignedIn
    reason: str
    force: bool = False
    uids: tuple[str, ...] = ()
    strangers: int = 0
    confirm: bool = False


def plan_erasure(tx: Transaction, asked: Asked) -> Plan[None]:
    """Plan to erase a customer.

    Args:
        tx: The transaction.
        asked: Whom, and why.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` (`reason-personal`);
            `failed-precondition` (`held`).
        Conflict: Something moved meanwhile.
    """
    if tx.document(f"{ERASURES}/{asked.erasure_id}").exists:
        return Plan([], None)  # by a commit whose answer was lost
    changes = ChangeSet(tx)
    targets = _targets(tx, changes, asked.who)
    for target in targets:
        check_reason(asked.reason, target.customer)
    held = _future_events(targets, tx) if tx.settings.erasure.hold_future_events else []
    if held and not asked.force:
        _refuse_held(tx, targets, held, asked)
    # By its own clock or by the database's, the later: every order that was counted is before it.
    versions = [tx.document(f"{CUSTOMERS}/{one.customer.id}").version for one in targets]
    at = max(tx.now, *map(moment_of, versions))
    identities: dict[str, AddressIdentity | UserIdentity] = {}
    for target in targets:
        led = _identities(tx, changes, target.customer)
        identities |= {part_id: one for part_id, one in led.items() if part_id in target.parts}
    parts = {key: part for one in targets for key, part in one.customer.parts.items()}
    own = [part_id for part_id, one in identities.items() if one.part_id == part_id]
    keys = sorted({parts[part_id].key for part_id in own})
    former = {home for part_id in own for home in identities[part_id].former.values()}
    beside = former - {one.customer.id for one in targets}
    targets += [_whole(one) for one in _remainders(tx, changes, beside, keys)]
    erased: dict[str, Part] = {}
    gone: list[str] = []
    links: list[str] = []
    for target in targets:
        customer = target.customer
        _identities(tx, changes, customer)
        for part_id in target.parts:
            erased[part_id] = customer.parts[part_id]
            _erase_part(changes, customer, part_id, asked.erasure_id, at)
        if target.whole:
            gone.append(customer.id)
            links += _drop(tx, changes, customer.id)
        else:
            rest = {key: part for key, part in customer.parts.items() if key not in target.parts}
            changes.put_customer(replace(customer, parts=rest))
    uids = [part.uid for part in erased.values() if part.uid]
    changes.add(*_users(tx, uids))
    claimed = [one.claimed for one in identities.values() if isinstance(one, UserIdentity)]
    withdrawn = [one.customer.withdrawn_at for one in targets]
    erasure = Erasure(
        asked.erasure_id,
        at,
        tx.actor,
        asked.reason,
        (*gone, *sorted(links)),
        tuple(keys),
        tuple(sorted(erased)),
        asked.job_id,
        forced=bool(held),
        uids=tuple(sorted({*uids, *asked.uids})),
        counts={
            "customers": len(gone),
            "users": sum(part.live for part in erased.values()),
            "accounts": len({*uids, *asked.uids}),
            "links": len(links),
        },
        left_open=_open_points(tx, keys, [key for key in claimed if key], asked.strangers),
        newest=max((part.last for part in erased.values() if part.last), default=None),
        suppressed=max((one for one in withdrawn if one), default=None),
    )
    orders = sum(part.orders for part in erased.values())
    _, job = jobs.new(tx, asked.job_id, KIND, {"erasureId": asked.erasure_id}, orders)
    changes.add(*plan_sign_ups(tx, erased.values()))
    changes.replace(f"{ERASURES}/{erasure.id}", erasure.to_data())
    entry = record(
        tx,
        "customer.erase",
        erasure.customers,
        erasure=erasure.id,
        forced=erasure.forced,
        orders=orders,
    )
    return Plan([*changes.writes(), job, *entry], None)


def _targets(tx: Transaction, changes: ChangeSet, who: str | SignedIn) -> list[Owned]:
    """Return what of which customers is to go."""
    if isinstance(who, str):
        return [_whole(changes.customer(resolve_one(tx, who).snapshot.id))]
    owned = own_parts(tx, who)
    if not owned:
        raise no_such_person()
    if any(one.customer.staff_merges for one in owned):
        raise Refusal(
            "failed-precondition",
            "merged-by-staff",
            "Staff have merged what is known of you with somebody else's data, so it takes a look"
            " by them: they were told that you ask, and have a month to do it.",
        )
    return owned


def _whole(customer: Customer) -> Owned:
    return Owned(customer, frozenset(customer.parts))


def plan_again(tx: Transaction, erasure: Erasure, action: str) -> Plan[None]:
    """Plan to apply an erasure again, after a backup from before it was restored.

    What was bought after the erasure is left alone: a part that is erased gives such orders back
    when they are looked at (see `tombstones.ErasureCheck`).

    Args:
        tx: The transaction.
        erasure: Its record, from the database or from a file, with the id of a job to be made.
        action: What the audit trail calls it.

    Returns:
        No writes where every tombstone is in place and the record is there, `done`.
    """
    kept = tx.document(f"{ERASURES}/{erasure.id}")
    tx.documents(f"{IDENTITIES}/{key}" for key in erasure.keys)
    changes = ChangeSet(tx)
    missing = {key: changes.find(key) or _blank(key) for key in erasure.keys}
    missing = {key: one for key, one in missing.items() if not _buried(one, erasure)}
    if not missing and kept.exists and kept.fields["state"] == "done":
        return Plan([], None)
    erased = set(erasure.parts)
    forgotten: list[Part] = []
    uids: list[str] = []
    homes = {one.customer_id for one in missing.values() if one.customer_id}
    homes |= {home for one in missing.values() for home in one.former.values()}
    found = tx.documents(f"{CUSTOMERS}/{customer_id}" for customer_id in sorted(homes))
    for snapshot in found:
        if not snapshot.exists:
            raise Conflict(f"customer {snapshot.id} has moved")
        customer = changes.customer(snapshot.id)
        rest = dict(customer.parts)
        for part_id, one in _identities(tx, changes, customer).items():
            part = customer.parts[part_id]
            if part_id in erased or (part.key in missing and one.part_id == part_id):
                del rest[part_id]
                erased.add(part_id)
                uids += [part.uid] if part.uid else []
                forgotten.append(part)
                _erase_part(changes, customer, part_id, erasure.id, erasure.at)
        if not rest:
            _drop(tx, changes, customer.id)
        elif len(rest) < len(customer.parts):
            changes.put_customer(replace(customer, parts=rest))
    for key, one in missing.items():
        buried = (changes.find(key) or one).buried(erasure.id, erasure.at)
        if isinstance(buried, AddressIdentity):
            buried = buried.suppress(erasure.suppressed)
        changes.put_identity(key, buried)
    changes.add(*_users(tx, uids), *plan_sign_ups(tx, forgotten))
    again = replace(
        erasure,
        parts=tuple(sorted(erased)),
        state="running",
        uids=tuple(sorted({*erasure.uids, *uids})),
    )
    _, job = jobs.new(tx, erasure.job_id, KIND, {"erasureId": erasure.id})
    changes.replace(kept.path, again.to_data())
    entry = record(tx, action, erasure.customers, erasure=erasure.id)
    return Plan([*changes.writes(), job, *entry], None)


def check_reason(reason: str, customer: Customer | None = None) -> None:
    """Refuse a reason that names the person: it is kept, and nothing of the person is.

    Raises:
        Refusal: `invalid-argument` (`reason-personal`).
    """
    parts = list(customer.parts.values()) if customer else []
    people = [name for part in parts for name in (part.name, part.user_name) if name]
    ids = [one for part in parts for one in (part.address, part.uid) if one]
    if looks_personal(reason) or names(reason, people, ids):
        raise Refusal(
            "invalid-argument",
            "reason-personal",
            "Write `reason` without the person's name, address, number or uid: it is kept when"
            " everything of the person is gone.",
        )


def _identities(
    tx: Transaction, changes: ChangeSet, customer: Customer
) -> dict[str, AddressIdentity | UserIdentity]:
    """Return the identity of each part, which must lead to the customer."""
    tx.documents(f"{IDENTITIES}/{part.key}" for part in customer.parts.values())
    found = {}
    for part_id, part in customer.parts.items():
        identity = changes.find(part.key)
        if identity is None or identity.customer_of(part_id) != customer.id:
            raise Conflict(f"part {part_id} has moved")
        found[part_id] = identity
    return found


def _erase_part(
    changes: ChangeSet, customer: Customer, part_id: str, erasure_id: str, at: datetime
) -> None:
    """Make a tombstone of a part's identity; two parts of a customer can have the same one."""
    part = customer.parts[part_id]
    identity = changes.find(part.key)
    assert identity is not None
    buried = identity.erase(part_id, erasure_id, at)
    if isinstance(buried, AddressIdentity) and part.address:
        buried = buried.suppress(customer.withdrawn_at)
    changes.put_identity(part.key, buried)


def _remainders(
    tx: Transaction, changes: ChangeSet, customer_ids: Iterable[str], keys: Sequence[str]
) -> list[Customer]:
    """Return customers that are nothing but parts which the person's addresses had before.

    An undone merge can leave one. It has no address and no user of its own, so it is nobody else.
    """
    found = tx.documents(f"{CUSTOMERS}/{customer_id}" for customer_id in sorted(customer_ids))
    customers = [changes.customer(snapshot.id) for snapshot in found]
    return [
        one
        for one in customers
        if all(part.key in keys and not part.address for part in one.parts.values())
    ]


def _drop(tx: Transaction, changes: ChangeSet, customer_id: str) -> list[str]:
    """Delete a customer, and the links that lead to it; give their ids."""
    links = tx.find(Query(LINKS, (("customerId", "==", customer_id),)))
    changes.add(*(Delete(link.path) for link in links))
    changes.drop_customer(customer_id)
    return [link.id for link in links]


def _users(tx: Transaction, uids: Sequence[str]) -> list[Write]:
    """Delete the documents of users, and their rows in quarantine; their identities guard both."""
    collection = tx.settings.users.path
    paths = [f"{collection}/{uid}" for uid in uids]
    rows = [f"{QUARANTINE}/{tx.keys.quarantine(collection, uid)}" for uid in uids]
    return [Delete(path) for path in (*paths, *rows)]


def _future_events(targets: Sequence[Owned], tx: Transaction) -> list[str]:
    """Name the events with valid tickets that have not begun."""
    return sorted(
        {
            event_id
            for one in targets
            for part in (one.customer.parts[part_id] for part_id in one.parts)
            for event_id, event in part.events.items()
            if event.starts_at and event.starts_at > tx.now
        }
    )


def _refuse_held(
    tx: Transaction, targets: Sequence[Owned], held: Sequence[str], asked: Asked
) -> None:
    """Refuse to let tickets go, unless all are free and the person said that they may.

    Anybody can order a free ticket for anybody: it must not keep a person from being erased.
    """
    parts = [part_id for one in targets for part_id in one.parts]
    rows = [row for query in counted_queries(parts) for row in tx.find(query)]
    found = (LedgerEntry.from_data(row.fields).contribution for row in rows)
    paid = {event_id for one in found if one and not one.free for event_id in one.applied}
    free = [event_id for event_id in held if event_id not in paid]
    helps = len(free) == len(held) and isinstance(asked.who, SignedIn)
    if helps and asked.confirm:
        return
    raise Refusal(
        "failed-precondition",
        "held",
        "You hold free tickets for events that have not begun: call again with confirm: true to"
        " let them go."
        if helps
        else "The person holds tickets for events that have not begun: cancel the orders or wait."
        " An admin may go on with force: true.",
        {
            "events": held[:MAX_EVENTS_SHOWN],
            "freeEvents": free[:MAX_EVENTS_SHOWN],
            "confirmHelps": helps,
        },
    )


def _open_points(
    tx: Transaction, keys: Sequence[str], claimed: Sequence[str], strangers: int
) -> dict[str, int]:
    """Count claims without proof that go from or to the person, and accounts that are left."""
    mine = {f"{IDENTITIES}/{key}" for key in keys}
    claiming = [one for query in named(IDENTITIES, "claimed", keys) for one in tx.find(query)]
    others = [one for one in claiming if one.path not in mine]
    held = tx.documents(f"{IDENTITIES}/{key}" for key in claimed)
    held_by_others = [one for one in held if one.path not in mine and one.fields.get("customerId")]
    points = {
        "claimed-by-others": len(others),
        "claims-another": len(held_by_others),
        "accounts-of-addresses": strangers,
    }
    return {code: number for code, number in points.items() if number}


def _blank(key: str) -> AddressIdentity | UserIdentity:
    return UserIdentity() if key.startswith("u") else AddressIdentity()


def _buried(identity: AddressIdentity | UserIdentity, erasure: Erasure) -> bool:
    return identity.erased_at is not None and identity.erased_at >= erasure.at
