"""Bulk work and first pages beside the bare calls that they cannot do without."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from google.cloud.firestore import Client

from bench.costs import Json
from bench.crowd import NOW, customers
from bench.peers.ours import runner_on
from bench.place import fresh, put_all, shop
from bench.segments import PAGE, timed
from crm.customers.facets import facets
from crm.db.collections import CUSTOMERS
from crm.firebase.store import FirestoreStore
from crm.segments.engine.pages import page
from crm.segments.language.text import parse_text
from crm.tags.plan import change_of
from crm.tags.tagging import tag_customers

AT_ONCE: Final = 500
QUESTIONS: Final = (
    "tag:tag-000",
    "subscribed and registered",
    "tag:tag-000 and total_spend >= 100 USD",
    "last_order_at within 90 days",
    "subscribed and not attended:event-000",
)


def limits(number: int) -> dict[str, dict[str, float]]:
    """Return figures of the product beside the bare ones, among so many customers.

    Returns:
        `tagging`: customers a second, `ours` and `bare` (BulkWriter). `segments`: seconds of first
        pages of 50 in all, `ours` and `bare` (a plain query of 50).
    """
    client, crowd = fresh(), customers(number)
    put_all(client, ((f"{CUSTOMERS}/{key}", data) for key, data in crowd.items()))
    store = FirestoreStore(client)
    asked = [partial(page, store, parse_text(text), NOW, None, PAGE) for text in QUESTIONS]
    pages = [timed(store, one) for one in asked]
    client = fresh()
    documents = shop({f"p{n:05}": 1 for n in range(number)})
    put_all(client, documents.items())
    people = {path: data for path, data in documents.items() if path.startswith(CUSTOMERS)}
    return {
        "segments": {
            "ours": round(sum(one for one, _ in pages), 3),
            "bare": round(sum(bare for _, bare in pages), 3),
        },
        "tagging": {
            "ours": round(_tagged(client, [path.partition("/")[2] for path in people]), 1),
            "bare": round(_bulk_written(client, people), 1),
        },
    }


def _tagged(client: Client, ids: list[str]) -> float:
    runner = runner_on(client)
    began = time.perf_counter()
    for start in range(0, len(ids), AT_ONCE):
        tag_customers(runner, ids[start : start + AT_ONCE], change_of(["Bench"], []))
    return len(ids) / (time.perf_counter() - began)


def _bulk_written(client: Client, people: Mapping[str, Json]) -> float:
    """Write the fields that a tag changes with a BulkWriter: no reading, no guard, no record."""
    began = time.perf_counter()
    writer: Any = client.bulk_writer()
    for path, data in people.items():
        tagged = {**data, "tags": ["x"]}
        fields = {"tags": ["x"], "facets": facets(tagged), "updatedAt": NOW}
        writer.update(client.document(path), fields)
    writer.close()
    return len(people) / (time.perf_counter() - began)
