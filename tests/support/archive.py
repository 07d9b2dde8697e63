"""What an export must hold, worked out from full dumps by other code than the product's.

Reads whole collections and filters them; whose an order is follows from the host's documents, and
from the ledger only where an address had several owners. Knows the documents that tests make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.core.keyring import Keyring

Documents = dict[str, dict[str, Any]]
LISTS = ("orders", "unreadOrders", "consents", "audit")
MANY = 1_000
INTERNAL = {"confirmFrom", "facets", "merges", "nextStartAt", "parts", "search"}


def text(at: datetime) -> str:
    return at.isoformat().removesuffix("+00:00") + "Z"


def as_json(value: Any) -> Any:
    """A document that holds nothing but what JSON has, and times."""
    if isinstance(value, dict):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_json(one) for one in value]
    return text(value) if isinstance(value, datetime) else value


@dataclass
class Expected:
    """The oracle: `all_of` gives a whole collection."""

    all_of: Callable[[str], Documents]
    keys: Keyring

    def __post_init__(self) -> None:
        self.customers = self.all_of("customers")
        self.rows = self.all_of("crmOrders")
        self.identities = self.all_of("crmIdentities")
        self.known = {i["uid"] for i in self.identities.values() if i.get("known")}

    def of(self, customer_id: str) -> dict[str, Any]:
        customer = self.customers[customer_id]
        ids = {customer_id} | {
            link_id
            for link_id, link in self.all_of("crmLinks").items()
            if link["customerId"] == customer_id
        }
        keys = {self.keys.address(one): one for one in customer["emails"]}
        keys |= {self.keys.user(one): one for one in customer["userIds"]}
        orders, unread, others = {}, {}, 0
        for order_id, order in self.all_of("orders").items():
            owner = self._owner(order_id, order)
            # What somebody else has signed in for is counted and not shown, known or not.
            strangers = order.get("userId") not in (None, *self.known)
            mine = owner == customer_id
            if mine and strangers:
                continue
            if mine and order.get("odd"):
                unread[order_id] = as_json(order)
            elif mine:
                orders[order_id] = as_json(order)
            others += (
                owner is not None
                and not mine
                and not order.get("odd")
                and order["email"] in customer["emails"]
            )
        return {
            "profile": {
                "customerId": customer_id,
                **{k: as_json(v) for k, v in customer.items() if k not in INTERNAL},
            },
            "addresses": sorted(customer["emails"]),
            "userIds": sorted(customer["userIds"]),
            "users": {
                uid: as_json(user)
                for uid, user in self.all_of("users").items()
                if uid in customer["userIds"]
            },
            "orders": orders,
            "unreadOrders": unread,
            "ordersOfOthers": others,
            "consents": sorted(
                (text(one["at"]), one["status"], one["source"], keys[one["identity"]])
                for one in self.all_of("crmConsents").values()
                if one["identity"] in keys
            ),
            "merges": sorted(
                (text(one["at"]), merge_id, one["state"])
                for merge_id, one in self.all_of("crmMerges").items()
                if {one["sourceId"], one["targetId"]} & ids
            ),
            "audit": sorted(
                (text(one["at"]), one["action"])
                for one in self.all_of("crmAudit").values()
                if {*one["customers"]} & ids
            ),
        }

    def _owner(self, order_id: str, order: Mapping[str, Any]) -> str | None:
        if order.get("userId") in self.known:
            # A user who is gone, and of whom no order can be read, has no customer.
            mine = (c for c, d in self.customers.items() if order["userId"] in d["userIds"])
            return next(mine, None)
        if order.get("odd"):  # in nobody's part, so with whom the address is now
            return self._holder(order["email"])
        key = self.keys.address(order["email"])
        held = [
            (customer_id, part_id)
            for customer_id, customer in self.customers.items()
            for part_id, part in customer["parts"].items()
            if part["key"] == key
        ]
        if len({customer_id for customer_id, _ in held}) > 1:
            held = [one for one in held if one[1] == self.rows[order_id]["partId"]]
        return held[0][0] if held else None

    def _holder(self, address: str) -> str | None:
        return next((c for c, d in self.customers.items() if address in d["emails"]), None)


def shown(archive: Mapping[str, Any]) -> dict[str, Any]:
    """An archive in the oracle's terms."""
    identities = archive["identities"]
    return {
        "profile": archive["profile"],
        "addresses": sorted(one["address"] for one in identities if one["kind"] == "address"),
        "userIds": sorted(one["userId"] for one in identities if one["kind"] == "user"),
        "users": {one["userId"]: one["document"] for one in archive["users"]},
        "orders": {one["orderId"]: one["document"] for one in archive["orders"]},
        "unreadOrders": {one["orderId"]: one["document"] for one in archive["unreadOrders"]},
        "ordersOfOthers": archive["ordersOfOthers"],
        "consents": sorted(
            (one["at"], one["status"], one["source"], one["address"] or one["userId"])
            for one in archive["consents"]
        ),
        "merges": sorted((one["at"], one["mergeId"], one["state"]) for one in archive["merges"]),
        "audit": sorted((one["at"], one["action"]) for one in archive["audit"]),
    }


def whole(export: Callable[[str | None], Mapping[str, Any]]) -> dict[str, Any]:
    """Put an archive together from its parts, as `docs/privacy.md` says."""
    answer = export(None)
    archive = dict(answer["archive"])
    while answer["nextPageToken"]:
        answer = export(answer["nextPageToken"])
        assert answer["archive"]["part"] == archive["part"] + 1 < MANY, "it goes on for ever"
        for key, value in answer["archive"].items():
            archive[key] = [*archive[key], *value] if isinstance(value, list) else value
    return archive
