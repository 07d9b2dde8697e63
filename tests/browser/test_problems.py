"""Import problems: by reason, with the field and its value for editors, and trying them again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.core.roles import Role
from suite.running import Suite
from tests.browser.acting import answered
from tests.browser.conftest import Hire
from tests.browser.gate import Gate
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop


@pytest.fixture
def shop(suite: Suite) -> Shop:
    """A shop of the test's own; nothing but its orders waits."""
    shop = Shop(suite)
    for one in shop.documents.collection("crmQuarantine").get():
        shop.documents.document(f"orders/{one.get('documentId')}").delete()
        one.reference.delete()
    return shop


def odd(shop: Shop, count: int, **fields: Any) -> list[str]:
    return [shop.order(f"Odd {number}", **fields) for number in range(count)]


def waiting(page: Page, order_id: str) -> Locator:
    return page.get_by_role("listitem", name=f"orders/{order_id}")


def test_they_stand_by_reason_with_field_and_value(hire: Hire, shop: Shop) -> None:
    orders = odd(shop, 3, currency="XXQ")
    (free,) = odd(shop, 1, total="12,50")
    desk = hire(Role.EDITOR)
    page = desk.open("/problems", "Import problems")
    card = page.get_by_role("region", name="3 orders could not be read: the currency is unknown")
    expect(card).to_contain_text("Use a code of ISO 4217, such as EUR.")
    for order_id in orders:
        expect(waiting(page, order_id)).to_contain_text("Field currency: XXQ")
    amount = page.get_by_role("region", name="1 order could not be read: an amount is unreadable")
    expect(amount).to_contain_text("Field total: 12,50")
    assert desk.barriers() == []
    # Whatever is mended leaves by itself.
    for order_id in orders[:2]:
        shop.documents.document(f"orders/{order_id}").update({"currency": "EUR"})
    expect(waiting(page, orders[0])).to_have_count(0)
    expect(
        page.get_by_role("region", name="1 order could not be read: the currency")
    ).to_be_visible()
    for order_id in (free, orders[2]):
        shop.documents.document(f"orders/{order_id}").delete()
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()


def test_one_is_checked_again(hire: Hire, shop: Shop) -> None:
    (order_id,) = odd(shop, 1, currency="XXQ")
    desk = hire(Role.EDITOR)
    page = desk.open("/problems", "Import problems")
    one = waiting(page, order_id)
    expect(page.get_by_role("button", name="Check all")).to_have_count(0)
    one.get_by_role("button", name="Check again").click()
    said = page.get_by_role("alert").filter(has_text="It still cannot be read.")
    expect(said).to_be_visible()
    expect(said).to_have_css("--notification-color", "#f08c00")  # yellow: no success
    assert desk.barriers() == []
    shop.documents.document(f"orders/{order_id}").update({"currency": "EUR"})
    expect(one).to_have_count(0)


def test_all_of_a_reason_are_checked_again(hire: Hire, shop: Shop) -> None:
    orders = odd(shop, 7, currency="XXQ")
    desk = hire(Role.EDITOR)
    page = desk.open("/problems", "Import problems")
    card = page.get_by_role("region", name="7 orders could not be read")
    rows = card.get_by_role("listitem")
    expect(rows).to_have_count(5)
    card.get_by_role("button", name="Show 2 more").click()
    expect(rows).to_have_count(7)
    gate = Gate(page, "retry_quarantine")
    card.get_by_role("button", name="Check all 7 again").click()
    gate.wait()
    expect(card.get_by_role("status")).to_have_text("0 of 7 checked")
    gate.open()
    expect(page.get_by_text("7 still cannot be read.")).to_be_visible()
    assert len(gate.asked) == 7
    for order_id in orders:
        shop.documents.document(f"orders/{order_id}").delete()


def test_the_ways_to_the_order_and_its_document(hire: Hire, shop: Shop) -> None:
    (order_id,) = odd(shop, 1, currency="XXQ")
    desk = hire(Role.VIEWER)
    page = desk.page
    pages = {
        "orderUrl": "https://shop.example.com/orders/{orderId}",
        "documentUrl": "https://console.example.com/data/~2F{path}",
    }
    answered(page, "get_settings", lambda told: told["settings"].update(pages))
    desk.open("/problems", "Import problems")
    one = waiting(page, order_id)
    expect(one.get_by_role("link", name="Open the order")).to_have_attribute(
        "href", f"https://shop.example.com/orders/{order_id}"
    )
    expect(one.get_by_role("link", name="Open the document")).to_have_attribute(
        "href", f"https://console.example.com/data/~2Forders~2F{order_id}"
    )
    shop.documents.document(f"orders/{order_id}").delete()


def test_a_viewer_sees_the_reason_and_no_value(hire: Hire, shop: Shop) -> None:
    orders = odd(shop, 2, currency="XXQ")
    desk = hire(Role.VIEWER)
    page = desk.open("/problems", "Import problems")
    expect(waiting(page, orders[0])).to_be_visible()
    expect(page.get_by_text("the currency is unknown")).to_be_visible()
    expect(page.get_by_text("XXQ")).to_have_count(0)
    expect(page.get_by_role("button", name="Check")).to_have_count(0)
    for order_id in orders:
        shop.documents.document(f"orders/{order_id}").delete()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_is_in_the_way(hire: Hire, shop: Shop, scheme: str, width: int) -> None:
    (long,) = odd(shop, 1, currency="Q" * 180)
    odds = odd(shop, 2, userId=5)
    desk = hire(Role.EDITOR, scheme=scheme, width=width)
    page = desk.open("/problems", "Import problems")
    expect(waiting(page, long)).to_contain_text("Q" * 100)
    stays_inside(page)
    assert desk.barriers() == []
    for order_id in (long, *odds):
        shop.documents.document(f"orders/{order_id}").delete()


def test_in_german(hire: Hire, shop: Shop) -> None:
    orders = odd(shop, 2, currency="XXQ")
    desk = hire(Role.EDITOR, locale="de-DE")
    page = desk.open("/problems", "Importprobleme")
    name = "2 Bestellungen konnten nicht gelesen werden: die Währung ist unbekannt"
    card = page.get_by_role("region", name=name)
    expect(waiting(page, orders[0])).to_contain_text("Feld currency: XXQ")
    card.get_by_role("button", name="Alle 2 erneut prüfen").click()
    expect(page.get_by_text("2 können noch immer nicht gelesen werden.")).to_be_visible()
    assert desk.barriers() == []
    for order_id in orders:
        shop.documents.document(f"orders/{order_id}").delete()
