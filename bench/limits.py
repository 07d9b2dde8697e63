"""Bulk work and first pages beside the bare calls that they cannot do without."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from google.cloud.firestore import Client

from bench.costs import Json
from bench.crowd import NOW, customers
from bench.peers.ours import runner_on
from bench.place import fresh, put_all, shop
from bench.rounds import in_turn
from bench.segments import PAGE
from crm.customers.facets import facets
from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Query
from crm.db.runner import Runner
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


def limits(number: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return figures of the product beside the bare ones, among so many customers.

    Returns:
        By round, `tagging`: customers a second, `ours` and `bare` (BulkWriter). `segments`: seconds
        of first pages of 50 in all, `ours` and `bare` (a plain query of 50).
    """
    client, crowd = fresh(), customers(number)
    put_all(client, ((f"{CUSTOMERS}/{key}", data) for key, data in crowd.items()))
    store = FirestoreStore(client)
    plain = Query(CUSTOMERS, (), BY_ID, PAGE)
    pages: dict[str, list[Callable[[], object]]] = {
        "ours": [partial(page, store, parse_text(text), NOW, None, PAGE) for text in QUESTIONS],
        "bare": [partial(store.find, plain) for _ in QUESTIONS],
    }
    segments = in_turn({side: partial(_seconds, ask) for side, ask in pages.items()}, 1 + rounds)
    client = fresh()
    documents = shop({f"p{n:05}": 1 for n in range(number)})
    put_all(client, documents.items())
    people = [(path, data) for path, data in documents.items() if path.startswith(CUSTOMERS)]
    some = [dict(people[n::rounds]) for n in range(rounds)]
    ours, bare = iter(some), iter(some)
    runner = runner_on(client)
    tagging: dict[str, Callable[[], float]] = {
        "ours": lambda: _tagged(runner, next(ours)),
        "bare": lambda: _bulk_written(client, next(bare)),
    }
    return {
        # The first round connects.
        "segments": {side: taken[1:] for side, taken in segments.items()},
        "tagging": in_turn(tagging, rounds),
    }


def _seconds(asked: Sequence[Callable[[], object]]) -> float:
    began = time.perf_counter()
    for ask in asked:
        ask()
    return round(time.perf_counter() - began, 4)


def _tagged(runner: Runner, people: Mapping[str, Json]) -> float:
    ids = [path.partition("/")[2] for path in people]
    began = time.perf_counter()
    for start in range(0, len(ids), AT_ONCE):
        tag_customers(runner, ids[start : start + AT_ONCE], change_of(["Bench"], []))
    return round(len(ids) / (time.perf_counter() - began), 1)


def _bulk_written(client: Client, people: Mapping[str, Json]) -> float:
    """Write the fields that a tag changes with a BulkWriter: no reading, no guard, no record."""
    began = time.perf_counter()
    writer: Any = client.bulk_writer()
    for path, data in people.items():
        tagged = {**data, "tags": ["x"]}
        fields = {"tags": ["x"], "facets": facets(tagged), "updatedAt": NOW}
        writer.update(client.document(path), fields)
    writer.close()
    return round(len(people) / (time.perf_counter() - began), 1)
