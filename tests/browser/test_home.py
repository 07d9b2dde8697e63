"""Home: what is new, what is next, what sells, and what needs somebody."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter
from playwright.sync_api import Page, Route, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.hosts import item
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop

NOW = datetime.now(UTC)

CURRENCY = ("BHD", "JOD", "TND", "LYD", "IQD")[
    int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 5
]
"""A currency in which nobody else sells anything: its sum is that of one shop."""

AGO = """days => {
    const key = Object.keys(localStorage).find((one) => one.startsWith("crm-visits-"));
    const seen = Date.now() - days * 86400000;
    localStorage.setItem(key, JSON.stringify({ seen, before: null }));
}"""
"""Was here so many days ago, and not since."""


@pytest.fixture(scope="session")  # there may be one alone of its currency
def shop(suite: Suite) -> Shop:
    """Three who bought just now in a currency of nobody else, one of them twice, for an event that
    is the next one."""
    shop = Shop(suite)
    event = item(
        f"{shop.mark}-next",
        eventName=f"Next {shop.mark}",
        eventStartsAt=NOW + timedelta(minutes=90),
    )
    for number in (1, 2, 3):
        shop.order(f"Kay {number}", total="1.500", currency=CURRENCY, createdAt=NOW, items=[event])
    shop.order("Kay 1", total="2.250", refunded="0.250", currency=CURRENCY, createdAt=NOW)
    for number in (1, 2, 3):
        shop.find(f"Kay {number}")
    return shop


def among(page: Page, shop: Shop, *names: str) -> None:
    """Wait until these of the shop are in the list, in which there may be very many."""
    page.get_by_role("heading", level=1, name="People").wait_for()
    page.goto(f"{page.url}&q={shop.mark}")
    for name in names:
        expect(page.get_by_role("link", name=name)).to_be_visible()


def back_home(page: Page) -> None:
    """Go back over both entries that `among` leaves, each once the one before is there."""
    page.go_back()
    page.get_by_role("heading", level=1, name="People").wait_for()
    page.go_back()
    page.get_by_role("heading", level=1, name="Home").wait_for()


def with_checks(page: Page, **verdicts: str) -> None:
    """Let the installation's checks come out so, and all others well."""

    def changed(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        answer = route.fetch()
        told: dict[str, Any] = answer.json()
        for one in told["result"]["checks"]:
            one["verdict"] = verdicts.get(one["check"], "ok")
        route.fulfill(response=answer, json=told)

    page.route("**/get_setup", changed)


def test_an_order_arrives_while_somebody_looks(hire: Hire, suite: Suite) -> None:
    """The latest order is on top within a minute."""
    shop = Shop(suite)
    desk = hire(Role.VIEWER, spoilt=True)
    desk.page.clock.install()
    page = desk.open("/", "Home")
    expect(page.get_by_test_id("people")).not_to_have_text("…")
    shop.customer("Gil Newest", createdAt=NOW + timedelta(days=360))
    page.clock.fast_forward("01:01")
    expect(
        page.get_by_test_id("latest").filter(has_text=shop.mark).filter(has_text="Gil Newest")
    ).to_be_visible()


def test_every_order_is_added_up_and_a_bar_leads_to_its_people(hire: Hire, shop: Shop) -> None:
    # Other tests date orders in the future, which move nothing here.
    desk = hire(Role.VIEWER)
    page = desk.open("/", "Home")
    expect(page.get_by_text(f"{CURRENCY}\u00a06.500").first).to_be_visible()
    revenue = page.get_by_role("region", name="Revenue", exact=True)
    if revenue.get_by_label("Currency").count():
        revenue.get_by_label("Currency").select_option(CURRENCY)
    bars = page.get_by_role("list", name=f"Revenue in {CURRENCY}").get_by_role("link")
    expect(bars).to_have_count(12)
    assert desk.barriers() == []
    bars.filter(has=page.get_by_title(f"{CURRENCY}\u00a06.500")).click()
    among(page, shop, "Kay 1", "Kay 2", "Kay 3")
    back_home(page)
    bought = page.get_by_role("list", name="New and returning").get_by_role("link").last
    bought.click()
    among(page, shop, "Kay 3")


def test_the_next_event_and_what_it_sold(hire: Hire, shop: Shop) -> None:
    page = hire(Role.VIEWER).open("/", "Home")
    event = page.get_by_role("region", name="Next event")
    # Of two tests at once each may have one that is next.
    expect(event.get_by_role("link").last).to_be_visible()
    if event.get_by_text(f"Next {shop.mark}").count():
        expect(event).to_contain_text("3 people with a ticket")
        expect(event).to_contain_text(f"{CURRENCY}\u00a04.500")
        event.get_by_role("link", name=f"Next {shop.mark}").click()
        page.get_by_role("heading", level=1, name=f"Next {shop.mark}").wait_for()


def test_what_is_new_since_the_last_visit(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/", "Home")
    expect(page.get_by_role("region", name="In the last 24 hours")).to_be_visible()
    page.evaluate(AGO, 3)
    page.reload()
    news = page.get_by_role("region", name="Since your last visit")
    expect(news.get_by_test_id("news-orders")).not_to_have_text("…")
    assert int(str(news.get_by_test_id("news-orders").text_content()).replace(",", "")) >= 4
    assert int(str(news.get_by_test_id("news-people").text_content()).replace(",", "")) >= 3
    # It stays the same visit, wherever one goes meanwhile.
    news.get_by_role("link", name="New people").click()
    among(page, shop, "Kay 1")
    back_home(page)
    expect(news).to_be_visible()
    page.reload()
    expect(news).to_be_visible()
    assert desk.barriers() == []


def test_what_needs_somebody(hire: Hire, suite: Suite) -> None:
    shop = Shop(suite)
    unread = shop.order("Kim Unread", total="no number")

    def set_aside() -> None:
        asked = FieldFilter("documentId", "==", unread)
        assert shop.documents.collection("crmQuarantine").where(filter=asked).get()

    eventually(set_aside)
    desk = hire(Role.ADMIN)
    page = desk.open("/", "Home")
    link = page.get_by_role("link", name="could not be read")
    expect(link).to_be_visible()
    assert desk.barriers() == []
    link.click()
    page.get_by_role("heading", level=1, name="Import problems").wait_for()


@pytest.mark.parametrize("role", list(Role))
def test_what_is_missing_of_the_installation(hire: Hire, shop: Shop, role: Role) -> None:
    """An admin takes over what was there before by a button; others are told what is missing."""
    desk = hire(role)
    page = desk.page
    with_checks(page, history="fail", staff="warn")
    desk.open("/", "Home")
    setting_up = page.get_by_role("region", name="Setting up")
    expect(setting_up.get_by_text("Past orders (missing)")).to_be_visible()
    expect(setting_up.get_by_text("Staff (better done)")).to_be_visible()
    expect(setting_up.get_by_text("Done: Functions, ")).to_be_visible()
    assert desk.barriers() == []
    begin = setting_up.get_by_role("button", name="Import the history")
    expect(begin).to_have_count(int(role is Role.ADMIN))
    expect(setting_up.get_by_role("link", name="Open: Staff")).to_have_count(
        int(role is Role.ADMIN)
    )
    if role is not Role.ADMIN:
        return
    begin.click()
    expect(page.get_by_role("dialog")).to_contain_text("sends nobody a mail")
    assert desk.barriers() == []
    with page.expect_response("**/rebuild_customers") as answered:
        page.get_by_role("button", name="Import now").click()
    assert answered.value.json()["result"]["jobId"]
    setting_up.get_by_role("link", name="Watch the import").click()
    page.get_by_role("heading", level=1, name="Activity").wait_for()


def test_nothing_is_said_of_an_installation_that_is_well(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    with_checks(desk.page, mail="warn")
    with desk.page.expect_response("**/get_setup"):
        desk.open("/", "Home")
    expect(desk.page.get_by_test_id("people")).not_to_have_text("…")
    expect(desk.page.get_by_role("region", name="Setting up")).to_have_count(0)


def test_it_is_there_without_firestores_sdk(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.ADMIN)
    with desk.page.expect_response("**:runAggregationQuery"):
        page = desk.open("/", "Home")
    expect(page.get_by_test_id("people")).not_to_have_text("…")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    names = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    scripts = [name for name in names if name.endswith(".js")]
    assert any("/Home-" in name for name in scripts)
    assert [name for name in scripts if "/documents-" in name] == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 390), ("dark", 1280)])
def test_it_says_all_of_it_in_german(hire: Hire, shop: Shop, scheme: str, width: int) -> None:
    desk = hire(Role.ADMIN, locale="de-DE", scheme=scheme, width=width)
    with_checks(desk.page, mail="fail")
    page = desk.open("/", "Start")
    setting_up = page.get_by_role("region", name="Einrichtung")
    expect(setting_up.get_by_text("Prüfen Sie [mail] in crm.toml.")).to_be_visible()
    expect(page.get_by_role("region", name="In den letzten 24 Stunden")).to_be_visible()
    expect(page.get_by_role("region", name="Nächste Veranstaltung")).to_be_visible()
    stays_inside(page)
    assert desk.barriers() == []


def test_what_cannot_be_had_is_said(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    desk.page.route("**/get_news", lambda route: route.abort())
    page = desk.open("/", "Home")
    told = page.get_by_role("alert").filter(has_text="The service did not answer")
    expect(told).to_be_visible()
    expect(page.get_by_test_id("latest").first).to_be_visible()
    desk.excuse()  # the request that was not let through
