"""Predictions are made of what is kept, and stand in the document that is made of them."""

import json
from typing import Any

import pytest

from bench.predictions import BEGIN, DOCUMENT, INSTANCES, figures, pace_of, predicted, production
from bench.report import END, Table
from bench.simulation import KEPT

kept: Any = json.loads(KEPT.read_text(encoding="utf-8"))
FIRST = next(one for one in kept["runs"] if not one["hot"] and one["processes"] == 1)


def test_production_has_our_computing_times_and_says_that_the_rest_is_not_measured() -> None:
    platform = production(kept)
    assert platform.plan == kept["local"]["undisturbed"]["plan"]
    assert platform.cores is None
    assert kept["production"]["measured"] is False
    assert kept["production"]["source"].startswith("https://")


def test_one_process_among_many_customers_sets_the_pace() -> None:
    found = predicted(FIRST, pace_of(FIRST, kept["runs"]))
    assert found.rate == pytest.approx(FIRST["rate"], rel=0.15)


def test_a_run_that_is_kept_has_all_that_a_prediction_needs() -> None:
    groups = {(one["remembers"], one["hot"], bool(one.get("sheds"))) for one in kept["runs"]}
    for group in groups:
        found = [
            one["processes"]
            for one in kept["runs"]
            if (one["remembers"], one["hot"], bool(one.get("sheds"))) == group
        ]
        assert found == [1, 2, 4]
    assert all(len(one["rates"]) == 3 for one in kept["runs"])


def test_the_document_holds_the_figures_between_two_marks() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    table = Table("One", ["a", "b"], [["1", "2"]])
    made = figures(kept, [table])
    assert made.startswith(BEGIN)
    assert made.endswith(END)
    assert "| 1 | 2 |" in made
    assert "not measured by us" in made
    assert INSTANCES[0] == 1
    assert INSTANCES[-1] == 100
