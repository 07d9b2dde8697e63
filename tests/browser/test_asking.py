"""Asking: days, sorted lists, what stands there until an answer comes, two editors at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.hosts import item
from tests.browser.conftest import Hire
from tests.browser.gate import Gate
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
    rows = page.get_by_role("table", name="Customers").locator("tbody tr")
    expect(rows.get_by_role("link")).to_have_text(list(wanted))


def test_a_day_is_a_whole_day(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    event = f"has_ticket:{shop.mark}-ball"
    page = desk.open(f"/segments/new?segment={event}", "New segment")
    count, words = page.get_by_test_id("count"), page.get_by_test_id("words")
    expect(count).to_have_text("3 people")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("Condition", exact=True).last.select_option("lastOrderAt")
    page.get_by_label("When").select_option("lte")
    day = page.get_by_label("Day", exact=True)
    # By keys, as people do: month, day, year, as the browser has them; a year comes digit by digit.
    day.focus()
    day.press_sequentially("11272024", delay=30)
    expect(day).to_have_value("2024-11-27")
    expect(count).to_have_text("2 people")
    expect(words).to_contain_text("last ordered until 27 Nov 2024.")
    text = page.get_by_label("The same question as text")
    expect(text).to_have_value(f"{event} and last_order_at <= 2024-11-27")
    page.get_by_label("When").select_option("eq")
    expect(count).to_have_text("1 person")
    expect(words).to_contain_text("last ordered on 27 Nov 2024.")
    expect(page.get_by_test_id("zone")).to_contain_text("A day is a whole day in UTC")
    assert desk.barriers() == []
    # What was a moment stays one.
    text.fill(f"{event} and last_order_at >= 2024-11-27T23:00:00Z")
    expect(count).to_have_text("2 people")
    expect(words).to_contain_text("last ordered since 27 Nov 2024, 23:00.")
    expect(page.get_by_label("Moment")).to_have_value("2024-11-27T23:00")
    assert desk.barriers() == []


def test_days_and_times_are_the_organiser_s_wherever_the_reader_is(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER, zone="Asia/Tokyo")
    event = f"has_ticket:{shop.mark}-ball"
    page = desk.open(f"/customers?segment={event} and last_order_at = 2024-11-27", "Customers")
    in_order(page, "Ida Late")
    row = page.get_by_role("table", name="Customers").locator("tbody tr")
    expect(row).to_contain_text("27 Nov 2024")
    expect(page.get_by_test_id("clock")).to_have_text("Days and times are those of UTC.")
    desk.open(f"/customers/{shop.id_of('Ida Late')}", "Ida Late")
    expect(page.get_by_test_id("history")).to_contain_text("27 Nov 2024, 23:30")
    text = f"{event} and last_order_at >= 2024-11-27T23:00:00Z"
    desk.open(f"/segments/new?segment={text}", "New segment")
    moment = page.get_by_label("Moment")
    expect(moment).to_have_value("2024-11-27T23:00")
    moment.focus()
    moment.press_sequentially("11282024", delay=30)
    page.keyboard.press("Tab")  # from the year to the clock
    page.keyboard.type("1145P", delay=30)
    expect(page.get_by_label("The same question as text")).to_have_value(
        f"{event} and last_order_at >= 2024-11-28T23:45:00Z"
    )
    expect(page.get_by_test_id("words")).to_contain_text("since 28 Nov 2024, 23:45.")


def test_a_list_is_sorted_by_its_heads(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/customers?segment=has_ticket:{shop.mark}-ball", "Customers")
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    page.get_by_role("button", name="Orders").click()
    expect(page.get_by_role("columnheader", name="Orders")).to_have_attribute(
        "aria-sort", "descending"
    )
    # Two orders, and two customers of one order each, who go by their ids.
    in_order(page, "Kim Rich", *sorted(("Ida Late", "Joe After"), key=shop.id_of))
    page.get_by_role("button", name="Spend").click()
    in_order(page, "Kim Rich", "Joe After", "Ida Late")
    assert desk.barriers() == []
    page.get_by_role("button", name="Spend").click()
    in_order(page, "Ida Late", "Joe After", "Kim Rich")
    # The address of the page keeps it.
    page.reload()
    in_order(page, "Ida Late", "Joe After", "Kim Rich")
    expect(page.get_by_role("columnheader", name="Spend")).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_everybody_of_a_segment_can_be_seen_and_tagged(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/segments/new?segment=has_ticket:{shop.mark}-ball", "New segment")
    expect(page.get_by_test_id("reachable")).to_contain_text("0 get the newsletter")
    page.get_by_role("button", name="Show all 3 people").click()
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    page.get_by_role("button", name="First order").click()
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    page.get_by_role("button", name="First order").click()
    in_order(page, "Kim Rich", "Ida Late", "Joe After")
    expect(page.get_by_role("button", name="Tag all 3 of this segment")).to_be_visible()
    assert desk.barriers() == []


def test_nobody_else_stands_there_while_a_search_runs(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/customers", "Customers")
    rows = page.get_by_role("table", name="Customers").locator("tbody tr")
    expect(rows).not_to_have_count(0)
    gate = Gate(page, "search_customers")
    page.get_by_label("Search").fill(f"ida {shop.mark}")
    expect(page.get_by_role("status").filter(has_text="Searching…")).to_be_visible()
    expect(rows).to_have_count(0)
    assert desk.barriers() == []
    gate.open()
    expect(rows).to_have_count(1)
    page.get_by_label("Search").fill("i")
    expect(page.get_by_text("Write one more letter or digit.")).to_be_visible()
    expect(rows).to_have_count(0)


def test_a_condition_added_before_the_first_count_stays(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    gate = Gate(desk.page, "count_segment")
    page = desk.open("/segments/new", "New segment")
    page.get_by_role("button", name="Add a condition").click()
    row = page.get_by_role("group", name="has the tag")
    expect(row).to_be_visible()
    with page.expect_response("**/count_segment"):
        gate.open()
    expect(page.get_by_test_id("count")).not_to_have_text("…")
    expect(row).to_be_visible()
    expect(page.get_by_text("A condition is not filled in yet")).to_be_visible()
    assert desk.barriers() == []


@pytest.mark.parametrize(
    ("label", "keys", "asked"),
    [
        ("Orders", "30", "order_count >= 30 and total_spend >= 5 USD"),
        ("Orders", "007", "order_count >= 7 and total_spend >= 5 USD"),
        ("Amount", "99.90", "order_count >= 1 and total_spend >= 99.90 USD"),
        ("Amount", "99,90", "order_count >= 1 and total_spend >= 99.90 USD"),
        ("Amount", "0.05", "order_count >= 1 and total_spend >= 0.05 USD"),
        ("Currency", "jpy", "order_count >= 1 and total_spend >= 5 JPY"),
        ("Currency", "huf", "order_count >= 1 and total_spend >= 5 HUF"),
    ],
)
def test_what_is_typed_is_what_is_asked(
    hire: Hire, shop: Shop, label: str, keys: str, asked: str
) -> None:
    desk = hire(Role.VIEWER)
    event = f"has_ticket:{shop.mark}-ball"
    text = f"{event} and order_count >= 1 and total_spend >= 5 USD"
    page = desk.open(f"/segments/new?segment={text}", "New segment")
    field = page.get_by_label(label, exact=True)
    field.click()
    field.press("ControlOrMeta+a")
    field.press("Delete")
    expect(field).to_have_value("")
    field.press_sequentially(keys, delay=30)
    expect(field).to_have_value(keys.upper())
    expect(page.get_by_label("The same question as text")).to_have_value(f"{event} and {asked}")


@pytest.mark.parametrize(
    ("code", "keys", "told"),
    [
        ("JPY", "99.90", "Write a whole number"),
        ("USD", "1,000.00", "with at most 2 behind the point"),
        ("USD", "9x", "with at most 2 behind the point"),
    ],
)
def test_what_is_no_amount_is_said_and_read_as_no_other(
    hire: Hire, shop: Shop, code: str, keys: str, told: str
) -> None:
    desk = hire(Role.VIEWER)
    text = f"has_ticket:{shop.mark}-ball and total_spend >= 5 {code}"
    page = desk.open(f"/segments/new?segment={text}", "New segment")
    field = page.get_by_label("Amount", exact=True)
    field.click()
    field.press("ControlOrMeta+a")
    field.press_sequentially(keys, delay=30)
    field.press("Tab")
    expect(field).to_have_value(keys)
    expect(page.get_by_text(told)).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert desk.barriers() == []


@pytest.mark.parametrize("overwrite", [True, False])
def test_two_editors_of_one_segment(hire: Hire, shop: Shop, overwrite: bool) -> None:
    name = f"Shared {shop.mark} {overwrite}"
    desk = hire(Role.EDITOR)
    page = desk.open(f"/segments/new?segment=has_ticket:{shop.mark}-ball", "New segment")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save segment").click()
    page.get_by_role("heading", level=1, name=name).wait_for()
    other = hire(Role.EDITOR)
    elsewhere = other.open(page.url, name)
    text = "The same question as text"
    page.get_by_label(text).fill(f"attended:{shop.mark}-ball")
    elsewhere.get_by_label(text).fill(f"has_ticket:{shop.mark}-ball and registered:false")
    elsewhere.get_by_role("button", name="Save changes").click()
    expect(elsewhere.get_by_text("The segment is saved.")).to_be_visible()
    told = page.get_by_role("alert").filter(has_text="Somebody saved this segment meanwhile")
    expect(told).to_contain_text("registered:false")
    expect(page.get_by_role("button", name="Save changes")).to_be_disabled()
    expect(elsewhere.get_by_role("alert")).to_have_count(0)  # who saved is told nothing
    assert desk.barriers() == []
    if overwrite:
        told.get_by_role("button", name="Overwrite it").click()
        expect(page.get_by_text("The segment is saved.")).to_be_visible()
        expect(elsewhere.get_by_role("alert")).to_contain_text(f"attended:{shop.mark}-ball")
    else:
        told.get_by_role("button", name="Show that").click()
        expect(page.get_by_label(text)).to_have_value(
            f"has_ticket:{shop.mark}-ball and registered:false"
        )
    expect(told).to_have_count(0)
