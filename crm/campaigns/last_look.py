"""The last look: what customers are right before their mails leave, read afresh."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import path_of
from crm.campaigns.mails import mail_key, record_id, record_path
from crm.campaigns.reach import reason_against, typed_only
from crm.core.keyring import Keyring
from crm.customers.customer import mail_address
from crm.customers.part import Part
from crm.db.collections import CUSTOMERS, ERASURES, LINKS
from crm.db.documents import Data, Query, Snapshot
from crm.db.runner import Runner

ADDRESS_CHANGED: Final = "address-changed"

MERGED: Final = "merged"

ERASED: Final = "erased"

GONE: Final = "gone"

_NOBODY: Final = (None, None)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of an audience, as the last look finds them.

    Attributes:
        place: In the shard's people.
        id: As the audience has the customer.
        key: Of the address that the mail was to go to (`mails.mail_key`).
        data: The customer's document; empty where it is gone.
        reason: Why no mail goes out; None where one does.
        identity: As of `mails.MailRecord`; None where nobody has that address any more.
        address_key: The key of the address; None likewise.
        record: The record that is there already, of who has proven no address.
        erasure: The erasure that took the customer.
    """

    place: int
    id: str
    key: str
    data: Data
    reason: str | None
    identity: str | None
    address_key: str | None
    record: Snapshot | None = None
    erasure: str | None = None

    @property
    def address(self) -> str:
        """Where the mail goes."""
        return mail_address(self.data) or ""


class _Away(NamedTuple):
    """Why a customer is gone, who it is now, and the erasure that took it."""

    reason: str
    now: Data | None = None
    erasure: str | None = None


Looked = tuple[Snapshot, dict[int, Person]]
"""The campaign and people, as `look` finds them."""

Beside = Callable[[Callable[[], Looked]], Callable[[], Looked]]
"""Begins a look beside its caller, and gives what waits for its outcome."""


@dataclass(frozen=True)
class Ahead:
    """A last look at who is probably claimed next, begun before the claim is written.

    Attributes:
        places: Whom it looks at.
        begun: When it began.
        outcome: Waits for what it finds.
    """

    places: Sequence[int]
    begun: datetime
    outcome: Callable[[], Looked]


def look(runner: Runner, shard: Shard, places: Sequence[int]) -> tuple[Snapshot, dict[int, Person]]:
    """Read people anew, and say of each whether a mail may go out.

    It reads the campaign and each customer, the record of who has proven no address, and a little
    more of who is gone.

    Returns:
        The campaign, and the people by their places.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """

    def both() -> tuple[Snapshot, dict[int, Person]]:
        path = path_of(shard.campaign_id)
        found = runner.store.read([path, *(f"{CUSTOMERS}/{shard.people[one]}" for one in places)])
        campaign = found.pop(path)
        return campaign, {one.place: one for one in _people(runner, shard, places, found)}

    return runner.retry.call(both)


def _people(
    runner: Runner, shard: Shard, places: Sequence[int], found: Mapping[str, Snapshot]
) -> Iterator[Person]:
    campaign, keys = shard.campaign_id, runner.keys
    data = {one.id: one.fields for one in found.values() if one.data is not None}
    away = _away(runner, [one.id for one in found.values() if one.data is None], data)
    typed = [one for one in places if (held := data.get(shard.people[one])) and typed_only(held)]
    paths = {one: record_path(record_id(campaign, shard.keys[one])) for one in typed}
    records = runner.store.read(paths.values()) if paths else {}
    for place in places:
        name, key = shard.people[place], shard.keys[place]
        there = data.get(name)
        of, reason, erasure = there, None, None
        if there is None:
            reason, of, erasure = away[name]
        else:
            address = mail_address(there)
            reason = reason_against(there)
            if reason is None and address and mail_key(keys, campaign, address) != key:
                reason = ADDRESS_CHANGED
        record = records.get(paths.get(place, ""))
        yield Person(
            place,
            name,
            key,
            there or {},
            reason,
            *_identity(keys, campaign, of or {}, key),
            record if record is not None and record.exists else None,
            erasure,
        )


def _away(runner: Runner, ids: Sequence[str], data: dict[str, Data]) -> Mapping[str, _Away]:
    """Say why customers are gone, and who they are now; one that is back goes to `data`.

    A merge or an undo between two readings shows neither: at one moment it does.
    """
    if not ids:
        return {}
    moment = runner.store.at()
    found = moment.read([f"{name}/{one}" for one in ids for name in (CUSTOMERS, LINKS)])
    away: dict[str, _Away] = {}
    for one in ids:
        back, link = found[f"{CUSTOMERS}/{one}"], found[f"{LINKS}/{one}"]
        if back.data is not None:
            data[one] = back.data
        elif link.data is not None:
            path = f"{CUSTOMERS}/{link.data['customerId']}"
            away[one] = _Away(MERGED, moment.read([path])[path].data)
        else:
            by = moment.find(Query(ERASURES, (("customers", "array_contains", one),), limit=1))
            away[one] = _Away(ERASED, None, by[0].id) if by else _Away(GONE)
    return away


def _identity(keys: Keyring, campaign: str, data: Data, key: str) -> tuple[str | None, str | None]:
    """Return the keys of the identity and of the address that a mail's key is of."""
    if not data:
        return _NOBODY
    for address in data["emails"]:
        if mail_key(keys, campaign, address) == key:
            found = keys.address(address)
            return found, found
    for part in map(Part.from_data, data["parts"].values()):
        for contact in part.contacts:
            if part.uid and mail_key(keys, campaign, contact.address) == key:
                return keys.user(part.uid), keys.address(contact.address)
    return _NOBODY
