"""The presets read the order JSON that pretix, Eventbrite, Stripe and WooCommerce publish."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm.config.settings import PRESETS, Settings, load
from crm.core.errors import InvalidDocument
from crm.host.order import Order, Tickets
from crm.host.reader import read_order

FIXTURES = Path(__file__).parents[2] / "fixtures" / "presets"
STORED = datetime(2026, 1, 2, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


EXPECTED = {
    "pretix": Order(
        email="tester@example.org",
        user_id=None,
        name="John Doe",
        status="p",
        counted=True,
        currency="EUR",
        total=2300,
        refunded=0,
        created_at=at("2017-12-01T10:00:00Z"),
        opted_in=False,
        events={"sampleconf": Tickets(None, None, tickets=1, checked_in=1, unrecorded=0)},
    ),
    "eventbrite": Order(
        email="john.smith@example.com",
        user_id=None,
        name="John Smith",
        status="placed",
        counted=True,
        currency="CAD",
        total=5432,
        refunded=2716,
        created_at=at("2018-11-02T19:07:24Z"),
        opted_in=True,
        events={
            "123456": Tickets(
                "Some text.", at("2018-12-12T02:00:00Z"), tickets=1, checked_in=1, unrecorded=0
            )
        },
    ),
    "stripe": Order(
        email="jenny.rosen@example.com",
        user_id="kVtq0Wm1sYbT3rBqX2d9LhO6u4e2",
        name="Jenny Rosen",
        status="paid",
        counted=True,
        currency="USD",
        total=5000,
        refunded=0,
        created_at=at("2023-04-25T22:04:20Z"),
        opted_in=True,
        events={
            "devops-2024": Tickets("DevOps Days 2024", None, tickets=2, checked_in=0, unrecorded=2)
        },
    ),
    "woocommerce": Order(
        email="john.doe@example.com",
        user_id=None,
        name="John Doe",
        status="processing",
        counted=True,
        currency="USD",
        total=2935,
        refunded=0,
        created_at=at("2017-03-22T19:28:02Z"),
        opted_in=False,
        events={
            "93": Tickets("Woo Single #1", None, tickets=2, checked_in=0, unrecorded=2),
            "22": Tickets(
                "Ship Your Idea &ndash; Color: Black, Size: M Test",
                None,
                tickets=1,
                checked_in=0,
                unrecorded=1,
            ),
        },
    ),
}


def preset(name: str, tmp_path: Path, more: str = "") -> Settings:
    file = tmp_path / "crm.toml"
    file.write_text(f'preset = "{name}"\n{more}', encoding="utf-8")
    return load(file)


def published(name: str) -> dict[str, Any]:
    order: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))["order"]
    return order


def test_every_preset_has_a_published_example_and_an_expectation() -> None:
    presets = {file.stem for file in PRESETS.glob("*.toml")}
    assert presets == {file.stem for file in FIXTURES.glob("*.json")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_preset_reads_the_published_order(name: str, tmp_path: Path) -> None:
    assert read_order(published(name), STORED, preset(name, tmp_path)) == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "change", "counted"),
    [
        ("pretix", {"status": "n"}, False),
        ("pretix", {"status": "c"}, False),
        ("pretix", {"testmode": True}, False),
        ("eventbrite", {"status": "unpaid"}, False),
        ("eventbrite", {"status": "abandoned"}, False),
        ("stripe", {"payment_status": "unpaid"}, False),
        ("stripe", {"livemode": False}, False),
        ("stripe", {"amount_refunded": 5000}, False),
        ("stripe", {"amount_refunded": 4999}, True),
        ("woocommerce", {"status": "completed"}, True),
        ("woocommerce", {"status": "on-hold"}, False),
        ("stripe", {"payment_status": "no_payment_required", "amount_total": 0}, True),
    ],
)
def test_status(name: str, change: dict[str, Any], counted: bool, tmp_path: Path) -> None:
    order = read_order(published(name) | change, STORED, preset(name, tmp_path))
    assert order.counted is counted


@pytest.mark.parametrize(
    "change",
    [
        {"amount_refunded": 1500},
        {"payment_intent": {"latest_charge": {"amount_refunded": 1500}}},
    ],
)
def test_stripe_refund_is_the_charges(change: dict[str, Any], tmp_path: Path) -> None:
    assert read_order(published("stripe") | change, STORED, preset("stripe", tmp_path)).net == 3500


@pytest.mark.parametrize(
    ("currency", "written", "total"),
    [("jpy", 500, 500), ("isk", 500, 5), ("ugx", 500, 5), ("mga", 5, 500), ("kwd", 5120, 5120)],
)
def test_stripe_amounts_become_iso_minor_units(
    currency: str, written: int, total: int, tmp_path: Path
) -> None:
    change = {"currency": currency, "amount_total": written}
    order = read_order(published("stripe") | change, STORED, preset("stripe", tmp_path))
    assert order.total == total


def test_stripe_consent_that_was_refused_is_no_opt_in(tmp_path: Path) -> None:
    change = {"consent": {"promotions": "opt_out"}}
    order = read_order(published("stripe") | change, STORED, preset("stripe", tmp_path))
    assert order.opted_in is False


def test_stripe_product_that_is_not_expanded_leaves_an_odd_item(tmp_path: Path) -> None:
    session = published("stripe")
    session["line_items"]["data"][0]["price"]["product"] = "prod_MwKY83vgfWUpAr"
    order = read_order(session, STORED, preset("stripe", tmp_path))
    assert [item.reason for item in order.odd_items] == ["event-missing"]
    session["metadata"] = {"eventId": "devops-2024"}
    order = read_order(session, STORED, preset("stripe", tmp_path))
    assert order.events["devops-2024"].name == "DevOps Days 2024"


@pytest.mark.parametrize(
    ("total", "payments", "refunds", "net"),
    [
        ("23.00", [("23.00", "confirmed")], [], 2300),
        ("23.00", [("46.00", "confirmed")], [("23.00", "done")], 2300),
        ("23.00", [("23.00", "confirmed")], [("10.00", "done")], 1300),
        ("23.00", [("23.00", "confirmed")], [("10.00", "transit"), ("3.00", "failed")], 2300),
        ("23.00", [("23.00", "confirmed")], [("30.00", "done")], 0),
        ("23.00", [("20.00", "confirmed"), ("3.00", "pending")], [], 2000),
        ("23.00", [("30.00", "confirmed")], [], 2300),
        ("23.00", None, [("10.00", "done")], 2300),
        ("23.00", None, None, 2300),
    ],
)
def test_pretix_brings_what_was_paid_less_refunds_and_at_most_the_total(
    total: str, payments: Any, refunds: Any, net: int, tmp_path: Path
) -> None:
    change = {
        "total": total,
        **{
            name: rows and [{"amount": amount, "state": state} for amount, state in rows]
            for name, rows in (("payments", payments), ("refunds", refunds))
        },
    }
    order = read_order(published("pretix") | change, STORED, preset("pretix", tmp_path))
    assert order.net == net


def test_pretix_payment_without_an_amount_quarantines_the_order(tmp_path: Path) -> None:
    change = {"payments": [{"state": "confirmed"}]}
    with pytest.raises(InvalidDocument) as error:
        read_order(published("pretix") | change, STORED, preset("pretix", tmp_path))
    assert error.value.reason == "amount-invalid"


@pytest.mark.parametrize(("name", "free"), [("stripe", {"amount_total": 0, "amount_refunded": 0})])
def test_a_free_order_was_not_refunded(name: str, free: dict[str, Any], tmp_path: Path) -> None:
    order = read_order(published(name) | free, STORED, preset(name, tmp_path))
    assert (order.counted, order.status) == (True, "paid")


@pytest.mark.parametrize("refunded", ["10.00", "-", "-10.001", True, {}])
def test_a_woocommerce_refund_that_is_not_below_zero_is_refused(
    refunded: object, tmp_path: Path
) -> None:
    change = {"refunds": [{"id": 1, "total": refunded}]}
    with pytest.raises(InvalidDocument) as error:
        read_order(published("woocommerce") | change, STORED, preset("woocommerce", tmp_path))
    assert error.value.reason == "amount-invalid"


def test_pretix_currency_is_the_stored_one_or_the_hosts_constant(tmp_path: Path) -> None:
    order = read_order(
        published("pretix") | {"currency": "CHF"}, STORED, preset("pretix", tmp_path)
    )
    assert order.currency == "CHF"
    own = preset("pretix", tmp_path, '[orders.fields]\ncurrency = { const = "CZK" }')
    assert read_order(published("pretix"), STORED, own).currency == "CZK"


def test_pretix_order_without_an_address_waits_in_quarantine(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument) as error:
        read_order(published("pretix") | {"email": None}, STORED, preset("pretix", tmp_path))
    assert error.value.reason == "email-missing"
