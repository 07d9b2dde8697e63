"""The report of an erasure: what was removed, what is kept until when, and what is left to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crm.config.erasure import ErasureSettings
from crm.config.settings import Settings
from crm.privacy.erasure.record import Erasure
from crm.privacy.erasure.report import report
from testing.hosts import DAY

ERASURE = Erasure("e", DAY, "staff", "asked", ("c",), ("k1", "k2"), ("p",), "j")
ORDERS = replace(ERASURE, counts={"orders": 3})


def told(
    erasure: Erasure, rules: ErasureSettings | None = None
) -> tuple[dict[str, int], dict[str, Any], dict[str, int | None]]:
    """What was removed, what is kept and what is open, each by its code."""
    found: Any = report(erasure, Settings(erasure=rules or ErasureSettings()))
    assert all(one["text"] for part in found.values() for one in part)
    return (
        {one["what"]: one["count"] for one in found["removed"]},
        {one["what"]: one for one in found["retained"]},
        {one["reason"]: one["count"] for one in found["open"]},
    )


def test_of_somebody_of_whom_nothing_was_kept_there_are_tombstones_alone() -> None:
    removed, retained, left = told(ERASURE)
    assert removed == {}
    assert retained.keys() == {"tombstones"}
    assert (retained["tombstones"]["count"], retained["tombstones"]["until"]) == (2, None)
    assert left == {"backups": None, "host-data": None}


def test_what_was_removed_is_counted_and_what_there_was_none_of_is_left_out() -> None:
    counts = {"customers": 1, "users": 2, "accounts": 3, "consents": 0, "links": 5}
    removed, _, _ = told(replace(ERASURE, counts=counts))
    assert removed == {"customers": 1, "users": 2, "accounts": 3, "links": 5}


def test_orders_are_kept_until_the_end_of_the_year_in_which_the_law_lets_them_go() -> None:
    removed, retained, _ = told(ORDERS, ErasureSettings(keep_years=6, basis="tax law"))
    assert "orders" not in removed
    orders = retained["orders"]
    assert (orders["count"], orders["basis"]) == (3, "tax law")
    assert orders["until"] == datetime(DAY.year + 6, 12, 31, 23, 59, 59, tzinfo=UTC)
    bought = replace(ORDERS, newest=DAY.replace(year=DAY.year - 4))
    _, retained, _ = told(bought, ErasureSettings(keep_years=6))
    assert retained["orders"]["until"].year == DAY.year + 2, "the year of the newest order"


def test_a_year_beyond_all_dates_is_the_last_one() -> None:
    late = replace(ORDERS, newest=datetime(9950, 1, 1, tzinfo=UTC))
    _, retained, _ = told(late, ErasureSettings(keep_years=100))
    assert retained["orders"]["until"].year == 9999


def test_orders_that_were_deleted_are_removed_and_not_kept() -> None:
    removed, retained, left = told(ORDERS, ErasureSettings(orders="delete"))
    assert removed == {"orders": 3}
    assert "orders" not in retained
    assert "kept-as-they-are" not in left


def test_orders_that_still_name_the_person_are_an_open_point() -> None:
    _, retained, left = told(ORDERS, ErasureSettings(orders="keep"))
    assert retained["orders"]["text"] == "orders as they are"
    assert left["kept-as-they-are"] == 3
    assert "kept-as-they-are" not in told(ERASURE, ErasureSettings(orders="keep"))[2]
    _, retained, left = told(ORDERS, ErasureSettings(orders="pseudonymise"))
    assert "without anything personal" in retained["orders"]["text"]
    assert "kept-as-they-are" not in left


def test_open_points_are_told_with_their_numbers() -> None:
    points = {"claimed-by-others": 1, "claims-another": 2, "accounts-of-addresses": 3}
    _, _, left = told(replace(ERASURE, left_open=points))
    assert left == {"backups": None, "host-data": None} | points
