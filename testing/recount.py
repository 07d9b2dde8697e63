"""Count everything again from the host's documents, by other code than the product's.

Understands only the default mapping and well-formed documents made by the tests themselves; an
order made unreadable on purpose says so in a field `odd`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from crm.core.keyring import Keyring

COUNTED = {"paid", "completed", "fulfilled", "partially_refunded"}
FORGED = "forged"
"""In the field `odd` of an order whose address looks like an erasure's pseudonym, and is none."""

Documents = Mapping[str, dict[str, Any]]

TURN = timedelta(minutes=10)
"""So long after its start an event may still be said to be attended by nobody."""


@dataclass(frozen=True)
class Database:
    orders: Documents
    users: Documents
    customers: Documents
    rows: Documents
    identities: Documents
    quarantine: Documents
    zone: tzinfo = field(default=UTC, kw_only=True)
    """Whose days are the organiser's."""


@dataclass
class Sums:
    spend: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    count: int = 0
    times: list[datetime] = field(default_factory=list)
    days: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """By day of the organiser's, as it is written: the orders that count."""
    tickets: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seen: dict[str, list[int | None]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, tuple[Any, str | None, datetime | None]] = field(default_factory=dict)
    """By event: the name and start that the newest order says that says either, and its age."""
    name: tuple[Any, str | None] = ((), None)
    orders: int = 0

    def add(self, order_id: str, order: dict[str, Any], zone: tzinfo) -> None:
        self.orders += 1
        age = (order["createdAt"], order_id)
        if order.get("name") is not None and (not self.name[0] or age > self.name[0]):
            self.name = (age, order["name"])
        if order["status"] not in COUNTED:
            return
        net = Decimal(str(order["total"])) - Decimal(str(order.get("refunded") or 0))
        scale = 1 if order["currency"].upper() == "JPY" else 100
        self.spend[order["currency"].upper()] += int(net * scale)
        self.count += 1
        self.times.append(order["createdAt"])
        self.days[f"{order['createdAt'].astimezone(zone):%Y-%m-%d}"] += 1
        for item in order.get("items") or []:
            quantity = item.get("quantity", 1)
            self.tickets[item["eventId"]] += quantity
            checked = item.get("checkedIn")
            self.seen[item["eventId"]].append(quantity if checked is True else checked)
            name, start = item.get("eventName"), item.get("eventStartsAt")
            known = self.told.get(item["eventId"])
            if (name or start) and (known is None or age > known[0]):
                self.told[item["eventId"]] = (age, name, start)
            elif known and age == known[0]:  # another item of the same order
                self.told[item["eventId"]] = (age, name or known[1], start or known[2])

    def attended(self, now: datetime) -> list[str]:
        """Events with a ticket that was used; or nobody says whether one was, and it has begun."""
        return sorted(
            event
            for event, seen in self.seen.items()
            if any(seen) or (None in seen and self._begun(event, now))
        )

    def _begun(self, event: str, now: datetime) -> bool:
        start = self.told.get(event, (None, None, None))[2]
        return start is None or start <= now


def differences(db: Database, keys: Keyring, now: datetime) -> list[str]:
    """Say everything that is not as the documents say, now."""
    wrong: list[str] = []
    home: dict[str, str] = {}
    for customer_id, customer in db.customers.items():
        for part_id, part in customer["parts"].items():
            if part_id in home:
                wrong.append(f"part {part_id} is on two customers")
            home[part_id] = customer_id
            identity = db.identities.get(part["key"])
            if identity is None:
                wrong.append(f"part {part_id} has no identity")
            elif identity["partId"] == part_id:
                if identity["customerId"] != customer_id:
                    wrong.append(f"identity of part {part_id} points elsewhere")
            elif identity["former"].get(part_id) != customer_id:
                wrong.append(f"former part {part_id} is not where its identity says")
    for key, identity in db.identities.items():
        if identity["partId"] is not None and identity["partId"] not in home:
            wrong.append(f"identity {key} points at a part that is nowhere")
        wrong.extend(
            f"identity {key} has a former part that is nowhere"
            for part_id in identity["former"]
            if part_id not in home
        )

    known = {i["uid"] for i in db.identities.values() if i["kind"] == "user" and i["known"]}
    listed = {(q["collection"], q["documentId"]) for q in db.quarantine.values()}
    sums: dict[str, Sums] = defaultdict(Sums)
    for order_id, order in db.orders.items():
        row = db.rows.get(order_id)
        if row is None or row["deleted"]:
            wrong.append(f"order {order_id} has no row")
            continue
        wrong += _erased_badly(order_id, order, row, db, keys)
        uid, home_id = order.get("userId"), home.get(row["partId"])
        if (
            order.get("odd") != FORGED
            and order["email"]
            and order["email"].endswith("@erased.invalid")
            and uid not in known
        ):
            if home_id is None and uid is not None:  # somebody else's, who has mistyped the address
                if row["quarantined"] != "email-missing" or ("orders", order_id) not in listed:
                    wrong.append(f"order {order_id} does not wait for its user")
                continue
            # Retained after an erasure; or counted by a customer who had the address before.
            if home_id is None and (row["erased"] is None or row["partId"] or row["name"]):
                wrong.append(f"order {order_id} is not kept as erased")
            if ("orders", order_id) in listed:
                wrong.append(f"erased order {order_id} is in quarantine")
            if home_id is not None:
                if db.customers[home_id]["parts"][row["partId"]]["address"] is not None:
                    wrong.append(f"order {order_id} is with an address that was erased in it")
                sums[home_id].add(order_id, order, db.zone)
            continue
        if row["erased"]:
            wrong.append(f"order {order_id} names somebody although it is erased")
        if order.get("odd"):
            if row["partId"] is not None or ("orders", order_id) not in listed:
                wrong.append(f"odd order {order_id} is not in quarantine")
            continue
        if ("orders", order_id) in listed:
            wrong.append(f"order {order_id} is in quarantine")
        if row["partId"] not in home:
            wrong.append(f"order {order_id} is with nobody")
            continue
        customer_id = home[row["partId"]]
        part = db.customers[customer_id]["parts"][row["partId"]]
        if uid in known:
            if part["uid"] != uid:
                wrong.append(f"order {order_id} is not with its user")
        elif part["key"] != keys.address(order["email"].strip().lower()):
            wrong.append(f"order {order_id} is not with its address")
        sums[customer_id].add(order_id, order, db.zone)
    for order_id, row in db.rows.items():
        if order_id not in db.orders and not row["deleted"]:
            wrong.append(f"deleted order {order_id} is still in the ledger")
    for collection, document_id in listed:
        if collection == "orders" and document_id not in db.orders:
            wrong.append(f"deleted order {document_id} is still in quarantine")

    for uid, user in db.users.items():
        identity = db.identities.get(keys.user(uid))
        if identity is not None and identity["erasedAt"]:
            wrong.append(f"user {uid} is there although erased")
        elif identity is None or not identity["live"]:
            wrong.append(f"user {uid} is not known")
        elif identity["known"] and identity["name"] != user.get("name"):
            wrong.append(f"user {uid} has another name")
    wrong.extend(
        f"deleted user {identity['uid']} is still live"
        for identity in db.identities.values()
        if identity["kind"] == "user" and identity["live"] and identity["uid"] not in db.users
    )

    owners: dict[str, str] = {}
    for customer_id, customer in db.customers.items():
        wrong.extend(
            "an address or uid is on two customers"
            for name in customer["emails"] + customer["userIds"]
            if owners.setdefault(name, customer_id) != customer_id
        )
        wrong.extend(_compare(customer_id, customer, sums[customer_id], db.users, now))
    for customer_id, customer in db.customers.items():
        contact = _contact(customer, db, keys, set(owners))
        if customer["contactEmail"] != contact:
            wrong.append(f"customer {customer_id}: is not to be reached as it should be")
    return wrong


def _contact(customer: dict[str, Any], db: Database, keys: Keyring, taken: set[str]) -> str | None:
    """How to reach somebody who has proven no address: as typed last, else as claimed."""
    if customer["primaryEmail"] is not None:
        return None

    def free(address: object) -> bool:
        if not isinstance(address, str) or address.endswith("@erased.invalid"):
            return False
        identity = db.identities.get(keys.address(address.strip().lower())) or {}
        return address.strip().lower() not in taken and not identity.get("erasedAt")

    typed = []
    for uid in customer["userIds"]:
        mine = [
            (order["createdAt"], order_id, order["email"])
            for order_id, order in db.orders.items()
            if order.get("userId") == uid and not order.get("odd") and _is_typed(order.get("email"))
        ]
        typed += [max(mine)] if mine else []
    reachable = [one for one in typed if free(one[2])]
    if reachable:
        return str(max(reachable)[2]).strip().lower()
    ranked = sorted(customer["parts"].values(), key=lambda part: int(part["rank"]))
    for part in ranked:
        document = db.users.get(part["uid"] or "")
        claimed = (db.identities.get(part["key"]) or {}).get("claimed")
        if document and claimed and free(document.get("email")):
            return str(document["email"]).strip().lower()
    return None


def _is_typed(address: object) -> bool:
    return isinstance(address, str) and not address.endswith("@erased.invalid")


def _erased_badly(
    order_id: str, order: dict[str, Any], row: dict[str, Any], db: Database, keys: Keyring
) -> list[str]:
    """An order from before an erasure holds nothing of whom it erased; its row likewise."""
    wrong = []
    names = [keys.address(order["email"].strip().lower())] if order.get("email") else []
    names += [keys.user(order["userId"])] if order.get("userId") else []
    for key in names:
        at = (db.identities.get(key) or {}).get("erasedAt")
        if at is not None and order["createdAt"] <= at:
            wrong.append(f"order {order_id} names an erased person")
    if row["erased"]:
        wrong += [
            f"erased order {order_id} holds {field}"
            for field in ("name", "phone", "userId")
            if order.get(field) is not None
        ]
        if any(row[field] for field in ("addressKey", "userKey", "identity", "awaiting")):
            wrong.append(f"the row of erased order {order_id} points at somebody")
    return wrong


def _days_as_facets(days: Mapping[str, int]) -> set[str]:
    found = {f"o:{day}" for day in days} | {f"o:{day[:7]}" for day in days}
    return found | {f"o:{datetime.fromisoformat(day):%G-W%V}" for day in days}


def _name_brought(customer: dict[str, Any]) -> str | None:
    """The name with which somebody came in who ordered nothing."""
    ranked = sorted(customer["parts"].items(), key=lambda one: (int(one[1]["rank"]), one[0]))
    entries = [part["entry"] for _, part in ranked if part.get("entry")]
    return next((entry["name"] for entry in entries if entry["name"]), None)


def _compare(
    customer_id: str, customer: dict[str, Any], sums: Sums, users: Documents, now: datetime
) -> list[str]:
    live = [uid for uid in customer["userIds"] if uid in users]
    may, must = sums.attended(now), sums.attended(now - TURN)
    held = customer["attendedEventIds"]
    expected: dict[str, Any] = {
        "totalSpend": dict(sums.spend),
        "orderCount": sums.count,
        "firstOrderAt": min(sums.times, default=None),
        "lastOrderAt": max(sums.times, default=None),
        "eventIds": sorted(sums.tickets),
        "attendedEventIds": held if {*must} <= {*held} <= {*may} and held == sorted(held) else may,
        "registered": bool(live),
    }
    days: dict[str, int] = defaultdict(int)
    for part in customer["parts"].values():
        for day, orders in part["days"].items():
            days[day] += orders
    names = [users[uid].get("name") for uid in live]
    if not any(names):
        expected["name"] = sums.name[1] or _name_brought(customer)
    elif len(names) == 1:
        expected["name"] = names[0]
    wrong = [
        f"customer {customer_id}: {key} is {customer[key]!r}, not {value!r}"
        for key, value in expected.items()
        if customer[key] != value
    ]
    facets = {key for key in customer["facets"] if key.startswith("o:")}
    if days != sums.days or facets != _days_as_facets(days):
        wrong.append(f"customer {customer_id}: the days of its orders")
    for event, tickets in sums.tickets.items():
        entry = customer["events"].get(event, {})
        if entry.get("tickets") != tickets:
            wrong.append(f"customer {customer_id}: tickets of {event}")
        told = sums.told.get(event, (None, None, None))
        if (entry.get("name"), entry.get("startsAt")) != told[1:]:
            wrong.append(f"customer {customer_id}: name or start of {event}")
    consent = {(part["decision"] or {}).get("source") for part in customer["parts"].values()}
    staff = customer["tags"] or customer["merges"]["byStaff"] or "staff" in consent
    came = any(part.get("entry") for part in customer["parts"].values()) or any(
        value is not None
        for part in customer["parts"].values()
        for value in part["fields"].values()
    )
    if not sums.orders and not live and not staff and not came:
        wrong.append(f"customer {customer_id} should have disappeared")
    return wrong
