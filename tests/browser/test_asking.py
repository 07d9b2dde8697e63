"""Days and times are the organiser's, in a list as on the page of a person and in a segment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.hosts import item
from tests.browser.conftest import Hire
from tests.support.shop import Shop

LATE = datetime(2024, 11, 27, 23, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    """Three customers of one event: one ordered late on 27 November, two at its end."""
    shop = Shop(suite)
    items = [item(f"{shop.mark}-ball", eventName=f"Ball {shop.mark}")]
    shop.order("Ida Late", createdAt=LATE, total="10.00", items=items)
    shop.order("Joe After", createdAt=LATE.replace(day=28, hour=0), total="30.00", items=items)
    shop.order("Kim Rich", createdAt=LATE.replace(day=26), total="20.00", items=items)
    shop.order("Kim Rich", createdAt=LATE.replace(day=25), total="20.00", items=items)
    for name in ("Ida Late", "Joe After", "Kim Rich"):
        shop.find(name)
    return shop


def in_order(page: Page, *wanted: str) -> None:
    """Wait until the list has these, in this order."""
    rows = page.get_by_role("table", name="People").locator("tbody tr")
    expect(rows.get_by_role("link")).to_have_text(list(wanted))


def test_days_and_times_are_the_organiser_s_wherever_the_reader_is(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER, zone="Asia/Tokyo")
    event = f"has_ticket:{shop.mark}-ball"
    page = desk.open(f"/people?segment={event} and last_order_at = 2024-11-27", "People")
    in_order(page, "Ida Late")
    row = page.get_by_role("table", name="People").locator("tbody tr")
    expect(row).to_contain_text("27 Nov 2024")
    expect(page.get_by_test_id("clock")).to_have_text("Days and times are those of UTC.")
    desk.open(f"/people/{shop.id_of('Ida Late')}", "Ida Late")
    expect(page.get_by_test_id("history")).to_contain_text("27 Nov 2024, 23:30")
    text = f"{event} and last_order_at >= 2024-11-27T23:00:00Z"
    desk.open(f"/segments/new?segment={text}", "New segment")
    moment = page.get_by_label("Moment")
    expect(moment).to_have_value("2024-11-27T23:00")
    moment.focus()
    moment.press_sequentially("11282024", delay=30)
    page.keyboard.press("Tab")  # from the year to the clock
    page.keyboard.type("1145P", delay=30)
    expect(page.get_by_label("Conditions as text")).to_have_value(
        f"{event} and last_order_at >= 2024-11-28T23:45:00Z"
    )
    expect(page.get_by_test_id("words")).to_contain_text("since 28 Nov 2024, 23:45.")
