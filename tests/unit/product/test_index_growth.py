"""What moves on with time is in an index only where somebody asks for it in that order.

An index of a value that always grows takes some 500 writes a second, however large the database
is: all of them come to its end (docs/scale.md). The version of an order is one of those.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bench.storage import BOTH_WAYS, CONTAINS, Indexes, leaves
from testing.hosts import order, user
from testing.world import World
from tests.support.sent import put_sent

ROOT = Path(__file__).parents[3]
SCALE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")

ASKED = {
    ("crmAudiences", "leaseUntil"): "whether a mail may be on its way to who was erased",
    ("crmAudit", "at"): "the audit trail, newest first",
    ("crmConsents", "at"): "how the list of readers grows",
    ("crmEvents", "firstSeenAt"): "grows with events, not with orders",
    ("crmOrders", "createdAt"): "figures, and the newest order that describes an event",
    ("crmQuarantine", "at"): "quarantine, newest first",
    ("customers", "confirmFrom"): "whom the sweep asks to confirm an opt-in",
    ("customers", "firstOrderAt"): "figures of new customers, and sorted lists",
    ("customers", "lastOrderAt"): "sorted lists",
}
"""Values that grow and are indexed, and for whom."""


def world() -> World:
    world = World(settings={"newsletter": {"opt_in": "double"}})
    world.put_user("u1", user("ada@example.com"))
    world.put_order("a", order("ada@example.com", userId="u1", marketingOptIn=True))
    world.put_order("b", order("bea@example.com", userId="u2"))
    world.put_order("c", order("cyd@example.com", userId=None, marketingOptIn=True))
    world.put_order("odd", order(total="much"))
    put_sent(world, {world.with_uid("u1")["id"]: "accepted"})
    return world


def growing() -> Iterator[tuple[str, str]]:
    """Every stored field that holds a time, or a version."""
    stored = world().store
    for collection in (
        "crmAudiences",
        "crmConsents",
        "crmEvents",
        "crmIdentities",
        "crmMails",
        "crmOrders",
        "crmQuarantine",
        "customers",
    ):
        for data in stored.all(collection).values():
            for field, value, _ in leaves(data):
                if isinstance(value, datetime) or field.endswith("version"):
                    yield collection, re.sub(r"^(parts|events)\..*", r"\1", field)


def test_what_grows_with_time_is_indexed_only_where_it_is_asked_for() -> None:
    indexes = Indexes.declared()
    found = {one for one in growing() if indexes.ways(*one)}
    # Of a future moment that many share: no value after the other.
    found -= {("crmEvents", "startKey"), ("crmEvents", "startsAt"), ("customers", "nextStartAt")}
    assert found <= set(ASKED)
    assert {("crmOrders", "version"), ("customers", "confirmFrom")} <= set(growing())


@pytest.mark.parametrize(
    "collection", ["crmAudiences", "crmConsents", "crmIdentities", "crmMails", "crmOrders"]
)
def test_what_nobody_may_read_is_indexed_only_where_the_code_asks_for_it(collection: str) -> None:
    asked = {
        "crmAudiences": {"campaignId", "leaseUntil"},
        "crmConsents": {"at", "identity"},
        "crmIdentities": {
            *("claimed", "conflict", "customerId", "erasedBy", "live", "partId", "uid"),
        },
        "crmMails": {
            *("address", "campaignId", "customerId", "erased", "identity", "providerId", "state"),
        },
        "crmOrders": {
            *("addressKey", "awaiting", "counted", "createdAt", "currency", "deleted"),
            *("erased", "marks", "partId", "userKey"),
        },
    }
    indexes = Indexes.declared()
    stored: Any = {field for data in world().store.all(collection).values() for field in data}
    indexed = {field for field in stored if indexes.ways(collection, field)}
    # `former`, `events` and `erased` may be empty maps, which have no entries at all.
    assert indexed <= asked[collection]


def test_exemptions_stay_within_what_firestore_allows() -> None:
    declared = json.loads((ROOT / "firestore.indexes.json").read_text(encoding="utf-8"))
    fields = [(one["collectionGroup"], one["fieldPath"]) for one in declared["fieldOverrides"]]
    assert len(fields) == len(set(fields)) <= 200


def test_the_document_names_every_value_that_grows_and_is_indexed() -> None:
    for collection, field in ASKED:
        assert f"`{collection}.{field}`" in SCALE


@pytest.mark.parametrize(
    ("field", "ways"),
    [
        ("plain", [*BOTH_WAYS, CONTAINS]),
        ("exempt", []),
        ("map.key", [("order", "ASCENDING")]),
        ("map.other", []),
    ],
)
def test_a_field_is_indexed_as_is_said_of_it_or_of_its_map(field: str, ways: Any) -> None:
    ascending = {"queryScope": "COLLECTION", "order": "ASCENDING"}
    declared = {
        "indexes": [],
        "fieldOverrides": [
            {"collectionGroup": "c", "fieldPath": "exempt", "indexes": []},
            {"collectionGroup": "c", "fieldPath": "map", "indexes": [ascending]},
            {"collectionGroup": "c", "fieldPath": "map.other", "indexes": []},
        ],
    }
    assert Indexes.of(declared).ways("c", field) == ways
