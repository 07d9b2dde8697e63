"""The benchmarks' document says what was measured, and peers are judged by the right answer."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.__main__ import RESULTS
from bench.compare import SCENARIOS, lossy, new_orders, shuffled, twice, with_edits
from bench.peers.host import Event, Totals, changes, truth, worth
from bench.report import figures

ROOT = Path(__file__).parents[3]


def order(**fields: Any) -> dict[str, Any]:
    return {"email": "a@example.com", "status": "paid", "total": "10.00", **fields}


def test_the_document_holds_the_figures_that_were_kept() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert figures(results) in (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("data", "totals"),
    [
        (order(), Totals(1, 1000)),
        (order(refunded="1.50"), Totals(1, 850)),
        (order(status="refunded"), Totals()),
        (None, Totals()),
    ],
)
def test_what_an_order_comes_to(data: dict[str, Any] | None, totals: Totals) -> None:
    assert worth(data) == totals


def test_an_event_says_what_has_changed() -> None:
    moved = Event("o", order(), order(email="b@example.com", refunded="1.00"))
    assert changes(moved) == {"a@example.com": Totals(-1, -1000), "b@example.com": Totals(1, 900)}


def test_the_changes_of_all_events_come_to_the_truth() -> None:
    documents: dict[str, dict[str, Any]] = {}
    sums: dict[str, Totals] = {}
    for window in with_edits(60):
        for order_id, data in window:
            for address, change in changes(Event(order_id, documents.get(order_id), data)).items():
                sums[address] = sums.get(address, Totals()).plus(change)
            documents[order_id] = data
    expected = truth(documents.values())
    assert {name: one for name, one in sums.items() if one != Totals()} == {
        name: one for name, one in expected.items() if one != Totals()
    }
    statuses = {data["status"] for data in documents.values()}
    assert statuses == {"paid", "refunded", "partially_refunded", "cancelled"}


def test_deliveries_do_what_they_say() -> None:
    (window,) = new_orders(12)
    events = [Event(order_id, None, data) for order_id, data in window]
    assert len(list(twice(events, Random(1)))) == 15
    assert sorted(one.order_id for one in shuffled(events, Random(1))) == [
        one.order_id for one in events
    ]
    assert len(list(lossy(events, Random(1)))) == 11
    assert {"new orders", "the same, eight at a time"} <= {*SCENARIOS}  # the report names them
