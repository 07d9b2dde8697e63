"""The real purchases: the file, its reading as orders, and the independent count."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm.config.settings import Settings
from crm.host import reader as host
from demo.independent import Changes, Sums, differences, expected
from demo.orders import SAMPLE, Purchase, order_document, read_purchases

TEXT = SAMPLE.read_text(encoding="ascii")
PURCHASES = list(read_purchases())
# Fader and Hardie's own figures; the dollars by `awk '{ s += $5 } END { print s }'`.
CUSTOMERS, ORDERS, DOLLARS = 2_357, 6_919, Decimal("244091.94")
FIRST = "customer-0001@example.com"


def test_the_file_is_as_published() -> None:
    digest = hashlib.sha256(SAMPLE.read_bytes()).hexdigest()
    assert digest in SAMPLE.with_name("PROVENANCE.md").read_text()


def test_the_independent_count_agrees_with_what_the_authors_publish() -> None:
    counted = expected(TEXT)
    assert len(counted) == CUSTOMERS
    assert sum(one.orders for one in counted.values()) == ORDERS
    assert sum(one.spend for one in counted.values()) == DOLLARS
    assert min(one.first for one in counted.values()) == "19970101"
    assert max(one.last for one in counted.values()) == "19980630"


@pytest.mark.parametrize(
    ("email", "sums"),
    [  # read off the file by eye
        (FIRST, Sums(4, Decimal("100.50"), "19970101", "19971212")),
        ("customer-2357@example.com", Sums(1, Decimal("25.74"), "19970325", "19970325")),
    ],
)
def test_customers_counted_by_eye(email: str, sums: Sums) -> None:
    assert expected(TEXT)[email] == sums


def test_only_the_first_lines_are_counted_when_asked() -> None:
    assert expected(TEXT, 3)[FIRST] == Sums(3, Decimal("74.02"), "19970101", "19970802")
    assert list(expected(TEXT, 3)) == [FIRST]


def test_what_became_of_orders_is_counted() -> None:
    changes = Changes(refunded={2: Decimal("9.73")}, deleted={4})
    sums = Sums(3, Decimal("64.29"), "19970101", "19970802")
    assert expected(TEXT, changes=changes)[FIRST] == sums


def test_every_purchase_is_a_readable_order() -> None:
    settings = Settings()
    assert len({purchase.order_id for purchase in PURCHASES}) == ORDERS
    assert len({purchase.email for purchase in PURCHASES}) == CUSTOMERS
    for purchase in PURCHASES:
        order = host.read_order(order_document(purchase), purchase.day, settings)
        assert order.counted
        assert order.odd_count == 0
        (tickets,) = order.events.values()
        assert tickets.tickets == purchase.cds
        assert order.total == Decimal(purchase.dollars) * 100


@pytest.mark.parametrize(
    ("month", "event"),
    [
        (1, "devops-workshop-1997-q1"),
        (3, "devops-workshop-1997-q1"),
        (4, "devops-workshop-1997-q2"),
        (12, "devops-workshop-1997-q4"),
    ],
)
def test_a_purchase_is_of_its_quarters_workshop(month: int, event: str) -> None:
    purchase = Purchase(1, "0001", datetime(1997, month, 1, tzinfo=UTC), 2, "1.00")
    (item,) = order_document(purchase)["items"]
    assert item["eventId"] == event


def document(**changes: Any) -> dict[str, Any]:
    return {
        "emails": [FIRST],
        "orderCount": 3,
        "totalSpend": {"USD": 7402},
        "firstOrderAt": datetime(1997, 1, 1, tzinfo=UTC),
        "lastOrderAt": datetime(1997, 8, 2, tzinfo=UTC),
        **changes,
    }


WANTED = expected(TEXT, 3)


def test_a_customer_as_the_file_says_differs_in_nothing() -> None:
    assert differences(WANTED, [document()]) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"orderCount": 2},
        {"totalSpend": {"USD": 7401}},
        {"totalSpend": {}},
        {"totalSpend": {"EUR": 1, "USD": 7402}},
        {"firstOrderAt": datetime(1997, 1, 2, tzinfo=UTC)},
        {"lastOrderAt": datetime(1997, 8, 1, tzinfo=UTC)},
        {"emails": []},
        {"emails": ["customer-0002@example.com"]},
        {"emails": [FIRST, "customer-0002@example.com"]},
    ],
)
def test_whatever_differs_from_the_file_is_said(changes: dict[str, Any]) -> None:
    assert differences(WANTED, [document(**changes)])


def test_missing_and_doubled_customers_are_said() -> None:
    assert differences(WANTED, [])
    assert differences(WANTED, [document(), document()])
