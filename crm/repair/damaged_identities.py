"""Making a damaged identity whole, from whatever else knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from crm.customers.decision import UNSUBSCRIBED
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.db import collections as ours
from crm.db.documents import Delete, Query, Snapshot, Update, Write
from crm.db.shapes import Looked
from crm.db.transaction import Transaction
from crm.host.reader import read_named
from crm.repair.shapes import is_stray, is_user


def mended_identity(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """Return the writes that make a damaged identity whole.

    Its tombstone is the erasures', its withdrawal the records', its uid the part's.

    Where it leads, the customer's parts say; what its document says, the next sync of its user.
    """
    if is_stray(found, looked):
        looked = Looked({**looked.data, "customerId": None, "partId": None}, looked.flaws)
    data, broken = dict(looked.data), looked.broken
    if broken & {"customerId", "partId"}:
        data["customerId"] = data["partId"] = None
    if broken & {"erased", "erasedAt", "erasedBy"}:
        erasures = tx.find(Query(ours.ERASURES, (("keys", "array_contains", found.id),)))
        times = {one.id: one.fields.get("at") for one in erasures}
        known = {key: at for key, at in times.items() if isinstance(at, datetime)}
        if known:
            last = max(known, key=lambda key: known[key])
            data["erasedAt"], data["erasedBy"] = known[last], last
        else:
            data["erasedAt"] = data["erasedBy"] = None
    made = _user(tx, found, data, broken) if is_user(found) else _address(tx, found, data, broken)
    if not made.needed or (isinstance(made, UserIdentity) and not made.uid and not made.erased_at):
        return [Delete(found.path, found.version)]
    return [Update(found.path, made.to_data(), found.version)]


def _user(
    tx: Transaction, found: Snapshot, data: Mapping[str, Any], broken: frozenset[str]
) -> UserIdentity:
    """Return the identity of a uid; of no version, so that the next look at its user is newer."""
    made = UserIdentity.from_data(data)
    if "uid" in broken:
        made = replace(made, uid=_uid(tx, found, data) or "")
    return made if made.erased_at else replace(made, version=0)


def _address(
    tx: Transaction, found: Snapshot, data: Mapping[str, Any], broken: frozenset[str]
) -> AddressIdentity:
    """Return the identity of an address; where a withdrawal is lost, it was just now.

    Whether mail arrives there its customer's part may know.
    """
    made = AddressIdentity.from_data(data)
    if "unreachable" in broken:
        made = replace(made, unreachable=_unreachable(tx, made))
    if "suppressed" not in broken:
        return made
    there = found.fields.get("suppressed") is not None
    return made.suppress(_withdrawn(tx, found.id) or (tx.now if there else None))


def _unreachable(tx: Transaction, address: AddressIdentity) -> datetime | None:
    """Return when mail to an address last came back, as its customer knows it."""
    if address.customer_id is None or address.part_id is None:
        return None
    parts = tx.document(f"{ours.CUSTOMERS}/{address.customer_id}").fields.get("parts")
    part = parts.get(address.part_id) if isinstance(parts, Mapping) else None
    known = part.get("unreachable") if isinstance(part, Mapping) else None
    return known if isinstance(known, datetime) else None


def _uid(tx: Transaction, found: Snapshot, data: Mapping[str, Any]) -> str | None:
    customer_id, part_id = data["customerId"], data["partId"]
    if customer_id is None:
        return None
    parts = tx.document(f"{ours.CUSTOMERS}/{customer_id}").fields.get("parts")
    part = parts.get(part_id) if isinstance(parts, Mapping) else None
    uid = part.get("uid") if isinstance(part, Mapping) else None
    if not isinstance(uid, str):
        asked = tx.documents(
            [tx.settings.orders.document(row.id) for row in _rows_of(tx, found.id)]
        )
        return _named_uid(tx, found.id, asked)
    return uid if tx.keys.user(uid) == found.id else None


def _rows_of(tx: Transaction, key: str) -> list[Snapshot]:
    return tx.find(Query(ours.ORDERS, (("userKey", "==", key),), limit=5))


def _named_uid(tx: Transaction, key: str, orders: list[Snapshot]) -> str | None:
    for one in orders:
        data = tx.settings.orders.placed(one.path, one.fields)
        uid = read_named(data, tx.now, tx.settings).user_id if one.exists else None
        if uid is not None and tx.keys.user(uid) == key:
            return uid
    return None


def _withdrawn(tx: Transaction, key: str) -> datetime | None:
    """Return when the records of consent say that news were last objected to."""
    records = tx.find(Query(ours.CONSENTS, (("identity", "==", key),)))
    times = [one.fields.get("at") for one in records if one.fields.get("status") == UNSUBSCRIBED]
    return max((at for at in times if isinstance(at, datetime)), default=None)
