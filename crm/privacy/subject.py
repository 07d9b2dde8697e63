"""The person whose data are shown: who that is, and what is kept of them but for the long lists.

Everything is read through one frozen view, so that the parts of an archive fit together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from crm.core.json import Json
from crm.customers.customer import Customer, public
from crm.customers.lookup import find_customer
from crm.customers.part import Part
from crm.customers.reference import CustomerRef
from crm.db.collections import CUSTOMERS, IDENTITIES, LINKS, MERGES, ORDERS, TAGS
from crm.db.documents import Data, Query, Store, read_one
from crm.db.retry import interactive
from crm.db.runner import Runner
from crm.db.transaction import OPERATOR, SYSTEM
from crm.privacy.json_values import json_value
from crm.privacy.many import named
from crm.privacy.notice import information
from crm.privacy.own import SignedIn, no_such_person, own_parts
from crm.privacy.sign_ups import sign_ups


@dataclass(frozen=True)
class Subject:
    """A customer, and by what keys its person is found.

    Attributes:
        customer: The customer; of somebody who is signed in, with the own parts alone.
        profile: Its document.
        ids: Its id and those that were merged into it.
        identities: Identity key to document, of all its parts.
    """

    customer: Customer
    profile: Data
    ids: tuple[str, ...]
    identities: Mapping[str, Data]

    @property
    def part_ids(self) -> tuple[str, ...]:
        """The parts that hold the person's orders."""
        return tuple(sorted(self.customer.parts))

    @cached_property
    def users(self) -> Mapping[str, str]:
        """Identity key to uid."""
        return {p.key: p.uid for p in self.customer.parts.values() if p.uid}

    @cached_property
    def addresses(self) -> Mapping[str, str]:
        """Identity key to address; without those that are somebody else's since."""
        return {p.key: p.address for p in self.customer.parts.values() if p.address}

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of both."""
        return tuple(sorted({*self.addresses, *self.users}))

    def proven(self, key: str) -> bool:
        """Whether one of the person's users has proven an address."""
        return self.identities.get(key, {}).get("owner") in self.users

    def had_another_owner(self, key: str) -> bool:
        """Whether an address was another customer's before."""
        identity = self.identities.get(key, {})
        others = {*identity.get("former", {}).values()} - {*self.ids}
        return bool(others or identity.get("erased"))

    def may_be_of_another(self, record: Data) -> bool:
        """Whether what is kept of an identity may be about another customer, who had it before."""
        return self.had_another_owner(record["identity"]) and record["customerId"] not in self.ids

    def actor(self, actor: str) -> str:
        """Return who did something, and of others no more than that they are staff."""
        if actor in self.keys:  # an address's, by the link in a newsletter
            return "you"
        return actor if actor in {SYSTEM, OPERATOR} else "staff"


def read_subject(frozen: Runner, who: CustomerRef | SignedIn) -> Subject:
    """Read whom an archive is about.

    Args:
        frozen: A runner on a frozen view.
        who: Whom.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` for a malformed address.
        Conflict, Transient: Not settled before the deadline.
    """
    store = frozen.store
    if isinstance(who, SignedIn):
        customers, customer, profile = _own(frozen, who)
    else:
        customer_id, profile = find_customer(frozen, who)
        customers, customer = (customer_id,), Customer.from_data(customer_id, profile)
    merged = store.find(Query(LINKS, (("customerId", "in", customers),)))
    keys = sorted({part.key for part in customer.parts.values()})
    found = store.read(f"{IDENTITIES}/{key}" for key in keys)
    identities = {key: found[f"{IDENTITIES}/{key}"].fields for key in keys}
    return Subject(customer, profile, (*customers, *(link.id for link in merged)), identities)


def _own(frozen: Runner, person: SignedIn) -> tuple[tuple[str, ...], Customer, Data]:
    """Return the customers that hold something of a person, and one of those parts alone."""
    owned = interactive(frozen.retry).call(
        lambda: frozen.evaluate(lambda tx: own_parts(tx, person))
    )
    if not owned:
        raise no_such_person()
    ids = tuple(one.customer.id for one in owned)
    first = owned[0].customer
    if len(owned) == 1 and owned[0].whole:
        return ids, first, read_one(frozen.store, f"{CUSTOMERS}/{first.id}").fields
    parts: dict[str, Part] = {}
    for one in owned:
        for part_id in sorted(one.parts, key=lambda key: one.customer.parts[key].rank):
            parts[part_id] = replace(one.customer.parts[part_id], rank=len(parts))
    # What staff noted of a customer that is somebody else's too is left to them to give.
    tags = {tag for one in owned if one.whole for tag in one.customer.tags}
    customer = replace(
        first,
        created_at=min(one.customer.created_at for one in owned),
        parts=parts,
        tags=tuple(sorted(tags)),
        updated_at=None,
    )
    known = max(one.customer.updated_at or one.customer.created_at for one in owned)
    return ids, customer, customer.to_data(known, double=frozen.settings.newsletter.double)


def head(frozen: Runner, who: CustomerRef | SignedIn, subject: Subject) -> dict[str, Json]:
    """Return what an archive holds but for its long lists.

    Args:
        frozen: A runner on a frozen view. Firebase Auth knows the present alone.
        who: Whom the archive is about.
        subject: The same, as `read_subject` read it.
    """
    store, runner = frozen.store, frozen
    uids = sorted(subject.users.values())
    own = [who.uid] if isinstance(who, SignedIn) else []
    accounts = map(runner.accounts.describe, sorted({*uids, *own}))
    return {
        "information": json_value(information(runner.settings)),
        "profile": json_value(public(subject.customer.id, subject.profile)),
        "identities": [_user(subject, key) for key in subject.users]
        + [_address(subject, key) for key in subject.addresses],
        "accounts": [json_value(one) for one in accounts if one is not None],
        "users": _users(store, runner.settings.users.path, uids),
        "tags": _tags(store, subject.customer.tags),
        "fields": _fields(runner, subject.profile),
        "merges": _merges(store, subject.ids),
        "signUps": sign_ups(store, subject.addresses),
        "ordersOfOthers": _orders_of_others(store, subject),
    }


def _user(subject: Subject, key: str) -> Json:
    identity = subject.identities.get(key, {})
    return {
        "kind": "user",
        "userId": subject.users[key],
        "name": identity.get("name"),
        "live": identity.get("live", False),
        "conflict": identity.get("conflict", False),
        "quarantined": identity.get("quarantined"),
        "account": identity.get("account", False),
        "fields": json_value(identity.get("fields", {})),
        **_entry(subject, key),
        "orders": _orders_held(subject, key),
        "marketing": _marketing(subject, key),
    }


def _address(subject: Subject, key: str) -> Json:
    return {
        "kind": "address",
        "address": subject.addresses[key],
        "proven": subject.proven(key),
        "suppressed": json_value(subject.identities.get(key, {}).get("suppressed")),
        "unreachable": json_value(subject.identities.get(key, {}).get("unreachable")),
        **_entry(subject, key),
        "orders": _orders_held(subject, key),
        "marketing": _marketing(subject, key),
    }


def _orders_held(subject: Subject, key: str) -> int:
    return sum(part.orders for part in subject.customer.parts.values() if part.key == key)


def _entry(subject: Subject, key: str) -> dict[str, Json]:
    """Return how one identity came in without an order, and when it was asked to confirm."""
    parts = [part for part in subject.customer.parts.values() if part.key == key]
    entries = [part.entry.to_data() for part in parts if part.entry]
    asked = max((part.asked_at for part in parts if part.asked_at), default=None)
    return {"entry": json_value(next(iter(entries), None)), "askedAt": json_value(asked)}


def _marketing(subject: Subject, key: str) -> Json:
    """Return the decision that holds for one identity; the profile says what holds for all."""
    held = [p.held_decision for p in subject.customer.parts.values() if p.key == key]
    return json_value(next((one.to_data() for one in held if one), None))


def _users(store: Store, collection: str, uids: Sequence[str]) -> Json:
    paths = [f"{collection}/{uid}" for uid in uids]
    found = store.read(paths)
    return [
        {"userId": uid, "document": json_value(found[path].data)}
        for uid, path in zip(uids, paths, strict=True)
        if found[path].exists
    ]


def _tags(store: Store, tags: Sequence[str]) -> Json:
    found = store.read(f"{TAGS}/{tag}" for tag in tags)
    labels = {tag: found[f"{TAGS}/{tag}"].fields.get("label", tag) for tag in tags}
    return [{"tag": tag, "label": label} for tag, label in labels.items()]


def _fields(runner: Runner, profile: Data) -> Json:
    """Return own fields with what they are for; of one that is declared no more nobody knows."""
    shown = []
    for name, value in profile.get("fields", {}).items():
        own = runner.settings.fields.get(name)
        label, purpose = (own.label, own.purpose) if own else (name, None)
        shown.append({"name": name, "label": label, "value": value, "purpose": purpose})
    return json_value(shown)


def _merges(store: Store, ids: tuple[str, ...]) -> Json:
    """Return the merges of the person's ids; who else was in an undone one is another person."""
    sides = [one for side in ("targetId", "sourceId") for one in named(MERGES, side, ids)]
    merges = {found.id: found.fields for one in sides for found in store.find(one)}
    return [
        {
            "mergeId": merge_id,
            "at": json_value(merge["at"]),
            "state": merge["state"],
            "by": "staff" if merge["proof"] is None else "verified address",
        }
        for merge_id, merge in sorted(merges.items(), key=lambda one: (one[1]["at"], one[0]))
    ]


def _orders_of_others(store: Store, subject: Subject) -> int:
    """Count the orders of other customers that name one of the person's addresses."""
    of_all = named(ORDERS, "addressKey", sorted(subject.addresses))
    nobodys = [replace(one, where=(*one.where, ("partId", "==", None))) for one in of_all]
    # One address at a time: Firestore takes 30 disjunctions, and two `in` multiply.
    own = [
        replace(one, where=(("addressKey", "==", key), *one.where))
        for key in sorted(subject.addresses)
        for one in named(ORDERS, "partId", subject.part_ids)
    ]
    return max(0, sum(map(store.count, of_all)) - sum(map(store.count, [*nobodys, *own])))
