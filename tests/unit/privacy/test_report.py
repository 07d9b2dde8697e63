"""The report of an erasure: what was removed, what is kept until when, and what is left to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

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


def plain(entries: Any) -> list[dict[str, Any]]:
    """Entries without their words, which people read."""
    return [{key: value for key, value in one.items() if key != "text"} for one in entries]


def test_a_report_is_told_whole() -> None:
    """Each entry has its words, its number and what it rests on, and no more."""
    counts = {"links": 4, "customers": 1, "users": 2, "accounts": 3, "consents": 6, "mails": 7}
    erasure = replace(ERASURE, counts={**counts, "orders": 5}, left_open={"claims-another": 8})
    settings = Settings(erasure=ErasureSettings(basis="tax law", keep_years=6))
    found: Any = report(erasure, settings)
    assert [*found] == ["removed", "retained", "open"]
    assert plain(found["removed"]) == [
        {"what": "customers", "count": 1},
        {"what": "users", "count": 2},
        {"what": "accounts", "count": 3},
        {"what": "consents", "count": 6},
        {"what": "links", "count": 4},
    ]
    orders, mails, tombstones = plain(found["retained"])
    assert orders == {
        "what": "orders",
        "count": 5,
        "basis": "tax law",
        "until": datetime(DAY.year + 6, 12, 31, 23, 59, 59, tzinfo=UTC),
    }
    assert (mails.pop("basis"), tombstones.pop("basis")) == (
        "so that what a campaign did still adds up (GDPR art. 5(2))",
        "the erasure itself (GDPR art. 5(2), art. 17(1), art. 21(3))",
    )
    assert mails == {"what": "mails", "count": 7, "until": None}
    assert tombstones == {"what": "tombstones", "count": 2, "until": None}
    assert plain(found["open"]) == [
        {"reason": "backups", "count": None},
        {"reason": "host-data", "count": None},
        {"reason": "claims-another", "count": 8},
    ]
    everything = [*found["removed"], *found["retained"], *found["open"]]
    assert all(isinstance(one["text"], str) and one["text"] for one in everything)


def test_orders_whose_documents_are_deleted_are_told_as_the_others() -> None:
    settings = Settings(erasure=ErasureSettings(orders="delete"))
    found: Any = report(replace(ORDERS, counts={"customers": 1, "orders": 3}), settings)
    assert plain(found["removed"]) == [
        {"what": "customers", "count": 1},
        {"what": "orders", "count": 3},
    ]
    assert found["removed"][1]["text"]
    assert [one["what"] for one in found["retained"]] == ["tombstones"]


@pytest.mark.parametrize(
    ("path", "orders", "left"),
    [("orders", 3, None), ("users/{uid}/orders", 3, 3), ("users/{uid}/orders", 0, None)],
)
def test_a_uid_in_the_paths_of_orders_is_an_open_point_where_there_are_orders(
    path: str, orders: int, left: int | None
) -> None:
    settings = Settings.model_validate({"orders": {"path": path}})
    found: Any = report(replace(ERASURE, counts={"orders": orders}), settings)
    assert {one["reason"]: one["count"] for one in found["open"]}.get("uid-in-paths") == left


@pytest.mark.parametrize(
    ("newest", "years", "until"), [(9950, 48, 9998), (9950, 49, 9999), (9950, 50, 9999)]
)
def test_the_last_year_of_all_dates_is_the_end(newest: int, years: int, until: int) -> None:
    late = replace(ORDERS, newest=datetime(newest, 6, 1, tzinfo=UTC))
    _, retained, _ = told(late, ErasureSettings(keep_years=years))
    assert retained["orders"]["until"] == datetime(until, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_open_points_are_told_with_their_numbers() -> None:
    points = {"claimed-by-others": 1, "claims-another": 2, "accounts-of-addresses": 3}
    _, _, left = told(replace(ERASURE, left_open=points))
    assert left == {"backups": None, "host-data": None} | points
