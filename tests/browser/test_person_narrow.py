"""Every tab and dialog of a person: on a phone, in the dark, with all of it long; and in German."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import sign_up
from testing.hosts import item
from testing.patience import eventually
from tests.browser.acting import act
from tests.browser.conftest import Hire
from tests.browser.test_narrow import TOTALS, stays_inside
from tests.support.shop import Shop
from tests.support.web import call

NAME = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmo"
TABS = ("activity", "orders", "events", "consent", "mails", "duplicates")


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    """Somebody with a long name, seven currencies, long events, a long note and a double."""
    shop = Shop(suite)
    now = datetime.now(UTC)
    long = item(
        f"{shop.mark}-{'long' * 20}",
        eventName=f"The{'Very' * 15}LongConference",
        eventStartsAt=now + timedelta(days=3),
    )
    for currency, total in TOTALS.items():
        fields: dict[str, Any] = {"currency": currency, "total": total, "items": [long]}
        shop.order(NAME, createdAt=now, marketingOptIn=True, **fields)
    shop.customer("Double")

    def all_counted() -> None:
        assert len(shop.find(NAME).get("totalSpend")) == len(TOTALS)

    eventually(all_counted)
    editor = sign_up(claims={"crm": "editor"})
    customer_id = shop.id_of(NAME)
    said = {"customerId": customer_id, "text": f"See https://example.com/{'x' * 120}"}
    tagged = {"customerIds": [customer_id], "add": ["W" * 64]}
    told = {"customerId": customer_id, "status": "unsubscribed", "evidence": "y" * 300}
    done = call(suite, editor, ("add_note", said), ("tag_customers", tagged), ("set_consent", told))
    assert all("data" in one for one in done)
    return shop


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_tab_has_a_barrier_or_leaves_its_place(
    hire: Hire, shop: Shop, scheme: str, width: int
) -> None:
    desk = hire(Role.ADMIN, scheme=scheme, width=width)
    found = {}
    for tab in TABS:
        desk.open(f"/people/{shop.id_of(NAME)}?tab={tab}", NAME)
        stays_inside(desk.page)
        if barriers := desk.barriers():
            found[tab] = barriers
    assert found == {}, found


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_dialog_has_a_barrier_or_is_too_wide(
    hire: Hire, shop: Shop, scheme: str, width: int
) -> None:
    desk = hire(Role.ADMIN, scheme=scheme, width=width)
    page = desk.open(f"/people/{shop.id_of(NAME)}?merge={shop.id_of('Double')}", NAME)
    expect(page.get_by_text("Afterwards there is one person")).to_be_visible()
    looked_at(page)
    assert desk.barriers() == []
    page.keyboard.press("Escape")
    for action in ("Merge…", "Export…", "Erase…"):
        act(page, action)
        looked_at(page)
        assert desk.barriers() == [], action
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Edit").click()
    looked_at(page)
    assert desk.barriers() == []
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Newsletter").click()
    page.get_by_role("button", name="Subscribe…").click()
    looked_at(page)
    assert desk.barriers() == []


def looked_at(page: Page) -> None:
    expect(page.get_by_role("dialog")).to_be_visible()
    stays_inside(page)


def test_in_german(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.ADMIN, locale="de-DE")
    page = desk.open(f"/people/{shop.id_of(NAME)}?tab=orders", NAME)
    orders = page.get_by_role("list", name="Bestellungen").get_by_role("listitem")
    expect(orders.filter(has_text="123.456.789,00\xa0€")).to_contain_text("Bezahlt")
    page.get_by_role("tab", name="Veranstaltungen").click()
    expect(page.get_by_role("list", name="Kommende Veranstaltungen")).to_contain_text("7 Tickets")
    page.get_by_role("tab", name="Newsletter & Einwilligung").click()
    expect(page.get_by_role("list", name="Entscheidungen")).to_contain_text("Einwilligungsnachweis")
    page.get_by_role("tab", name="Aktivität").click()
    expect(page.get_by_test_id("history")).to_contain_text("Newsletter: abgemeldet")
    expect(page.get_by_text("Kunde seit").first).to_be_visible()
    page.get_by_role("button", name="Aktionen").click()
    page.get_by_role("menuitem", name="Zusammenführen…").click()
    dialog = page.get_by_role("dialog", name="Mit einer anderen Person zusammenführen")
    dialog.get_by_label("Wer ist dieselbe Person?").fill(f"{shop.mark}.double")
    dialog.get_by_role("button", name="Vergleichen").click()
    both = page.get_by_role("dialog", name="Diese beiden zusammenführen?")
    expect(both).to_contain_text("1 Bestellung, 1 Adresse oder Konto")
    expect(both.get_by_role("button", name="Abbrechen")).to_be_visible()
    assert desk.barriers() == []
