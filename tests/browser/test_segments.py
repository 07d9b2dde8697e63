"""Segments: their conditions in both forms, their people and counts."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.hosts import item
from tests.browser.conftest import Hire
from tests.browser.gate import Gate
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop

LATE = datetime(2024, 11, 27, 23, 30, tzinfo=UTC)

TEXT = "Conditions as text"


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


def condition(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def test_a_segment_from_question_to_newsletter(hire: Hire, suite: Suite, tmp_path: Path) -> None:
    shop = Shop(suite)
    event = f"{shop.mark}-ball"
    for day, name in enumerate(("Kim News", "Lou Quiet", "Max News")):
        items = [item(event, eventName="The Ball")]
        shop.customer(name, day=day, marketingOptIn="News" in name, items=items)
    desk = hire(Role.EDITOR)
    page = desk.open("/segments/new", "New segment")
    text = page.get_by_label(TEXT)
    text.fill(f"attended:{event} and order_count >= 1")
    count, words = page.get_by_test_id("count"), page.get_by_test_id("words")
    expect(count).to_have_text("3 people")
    expect(words).to_contain_text("ordered at least 1 time")
    # The builder follows the text, and the text the builder.
    row = condition(page, "ordered")
    row.get_by_label("Orders").fill("2")
    expect(text).to_have_value(f"attended:{event} and order_count >= 2")
    expect(count).to_have_text("0 people")
    row.get_by_role("button", name="Remove this condition").click()
    expect(text).to_have_value(f"attended:{event}")
    expect(page.get_by_role("group", name="Who bought last").get_by_role("link")).to_have_count(3)
    expect(page.get_by_test_id("reach")).to_have_text(
        "3 people · 2 can get the newsletter (1 not subscribed)"
    )
    assert desk.barriers() == []
    rows = fetched(page, "For mail tools (CSV)", tmp_path / "list.csv", "utf-8-sig", ",")
    assert {row["email"] for row in rows} == {shop.address("Kim News"), shop.address("Max News")}
    assert fetched(page, "For Excel", tmp_path / "list.xls", "utf-16", "\t") == rows
    page.get_by_label("Name", exact=True).fill(f"Ball {shop.mark}")
    page.get_by_role("button", name="Save segment").click()
    page.get_by_role("heading", level=1, name=f"Ball {shop.mark}").wait_for()
    # Its people, and since when they are so many.
    page.get_by_role("tab", name="People").click()
    in_order(page, "Max News", "Lou Quiet", "Kim News")
    expect(page.get_by_role("button", name="Tag all 3…")).to_be_visible()
    assert desk.barriers() == []
    page.get_by_role("tab", name="History of counts").click()
    bars = page.get_by_role("list", name="History of counts")
    expect(bars.get_by_role("listitem")).to_have_count(1)
    expect(bars).to_contain_text("3 people")
    expect(page).to_have_url(re.compile("tab=history"))
    assert desk.barriers() == []
    desk.open("/segments", "Segments")
    row = page.get_by_role("row").filter(has_text=f"Ball {shop.mark}")
    expect(row.get_by_role("cell").nth(2)).to_contain_text("3")
    expect(row.get_by_role("cell").nth(3)).to_have_text("2")
    row.click()  # the whole of it leads there
    page.get_by_role("heading", level=1, name=f"Ball {shop.mark}").wait_for()
    page.get_by_role("link", name="Segments", exact=True).and_(page.locator("main a")).click()
    page.get_by_role("button", name=f"Delete Ball {shop.mark}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete segment").click()
    expect(page.get_by_role("link", name=f"Ball {shop.mark}")).to_have_count(0)


def fetched(page: Page, form: str, file: Path, encoding: str, between: str) -> list[dict[str, str]]:
    """Download who can get the newsletter: two of the three."""
    page.get_by_role("button", name="Download for newsletter (2 of 3)").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=form).click()
    download.value.save_as(file)
    with file.open(encoding=encoding, newline="") as lines:
        return list(csv.DictReader(lines, delimiter=between))


def test_rows_read_like_sentences_and_groups_hold_rows(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    event = f"{shop.mark}-ball"
    page = desk.open(f"/segments/new?segment=attended:{event}", "New segment")
    count, text = page.get_by_test_id("count"), page.get_by_label(TEXT)
    expect(count).to_have_text("3 people")
    # Turned around, and about tickets: the event stays.
    condition(page, "attended").get_by_label("Condition", exact=True).select_option("!attended")
    expect(text).to_have_value(f"not attended:{event}")
    condition(page, "did not attend").get_by_label("Condition", exact=True).select_option(
        "hasTicket"
    )
    expect(text).to_have_value(f"has_ticket:{event}")
    page.get_by_role("button", name="Add a group").click()
    group = page.get_by_role("group", name="Group of conditions")
    group.get_by_label("Condition", exact=True).select_option("orderCount")
    expect(text).to_have_value(f"has_ticket:{event} and order_count >= 2")
    group.get_by_role("button", name="Add a condition").click()
    group.get_by_label("Condition", exact=True).last.select_option("lastOrderAt")
    group.get_by_label("When").select_option("gte")
    day = group.get_by_label("Day", exact=True)
    day.focus()
    day.press_sequentially("11282024", delay=30)
    wanted = "order_count >= 2 or last_order_at >= 2024-11-28"
    expect(text).to_have_value(f"has_ticket:{event} and ({wanted})")
    expect(count).to_have_text("2 people")
    assert desk.barriers() == []
    group.get_by_label("How conditions go together").select_option("none")
    expect(text).to_have_value(f"has_ticket:{event} and not ({wanted})")
    expect(count).to_have_text("1 person")
    expect(page.get_by_test_id("words")).to_contain_text("did not order at least 2 times and")
    group.get_by_role("button", name="Remove this group").click()
    expect(text).to_have_value(f"has_ticket:{event}")
    # What is typed has rows and groups, too, as far as they go.
    text.fill(f"has_ticket:{event} and (registered or not tagged)")
    expect(condition(page, "are registered")).to_be_visible()
    expect(condition(page, "have no tag")).to_be_visible()
    expect(group.get_by_label("Condition", exact=True)).to_have_count(2)
    text.fill("not not subscribed")
    expect(page.get_by_text("edit them under Advanced")).to_be_visible()
    assert desk.barriers() == []


def test_own_fields_are_asked_for(hire: Hire) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/segments/new", "New segment")
    text = page.get_by_label(TEXT)
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("Condition", exact=True).select_option("field:company")
    row = condition(page, "Company")
    row.get_by_label("Value").fill("ACME")
    expect(text).to_have_value('field:company = "ACME"')
    row.get_by_label("Comparison").select_option("!eq")
    expect(text).to_have_value('not field:company = "ACME"')
    expect(page.get_by_test_id("words")).to_have_text("People who do not have “ACME” as “Company”.")
    row.get_by_label("Comparison").select_option("unknown")
    expect(text).to_have_value("field:company unknown")
    row.get_by_label("Condition", exact=True).select_option("field:seats")
    condition(page, "Seats").get_by_label("Comparison").select_option("gte")
    condition(page, "Seats").get_by_label("Number").fill("2.5")
    expect(text).to_have_value("field:seats >= 2.5")
    page.get_by_label("Condition", exact=True).select_option("field:size")
    condition(page, "Shirt size").get_by_label("Value").select_option("L")
    expect(text).to_have_value('field:size = "L"')
    assert desk.barriers() == []
    text.fill("")
    text.press_sequentially("field:ve", delay=10)
    page.get_by_role("option", name="vegan Vegan").click()
    text.press_sequentially(" = true", delay=10)
    expect(condition(page, "Vegan").get_by_label("Value")).to_have_value("true")
    desk.excuse()  # what was refused while it was half written


@pytest.mark.parametrize(("scheme", "width"), [("dark", 390), ("light", 1280)])
def test_a_segment_in_german_on_any_screen(hire: Hire, shop: Shop, scheme: str, width: int) -> None:
    desk = hire(Role.EDITOR, locale="de-DE", scheme=scheme, width=width)
    text = f"has_ticket:{shop.mark}-ball and (not subscribed or field:seats > 1.5)"
    page = desk.open(f"/segments/new?segment={text}", "Neues Segment")
    expect(page.get_by_test_id("words")).to_have_text(
        f"Personen, die ein Ticket für „Ball {shop.mark}“ haben und (den Newsletter nicht bekommen"
        " oder bei „Seats“ mehr als 1,5 stehen haben)."
    )
    expect(page.get_by_test_id("reach")).to_have_text(
        "3 Personen · 0 können den Newsletter bekommen (3 nicht abonniert)"
    )
    expect(page.get_by_role("group", name="haben ein Ticket für")).to_be_visible()
    stays_inside(page)
    assert desk.barriers() == []
    page.get_by_role("tab", name="Personen").click()
    expect(page.get_by_role("link", name="Kim Rich")).to_be_visible()
    stays_inside(page)
    assert desk.barriers() == []
    desk.open("/segments", "Segmente")
    stays_inside(page)
    assert desk.barriers() == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_editors_save_and_take_along(hire: Hire, shop: Shop, role: Role) -> None:
    desk = hire(role)
    page = desk.open(f"/segments/new?segment=has_ticket:{shop.mark}-ball", "New segment")
    expect(page.get_by_test_id("reach")).to_contain_text("3 people")
    edits = int(role is Role.EDITOR)
    expect(page.get_by_role("button", name="Save segment")).to_have_count(edits)
    expect(page.get_by_role("button", name="Download for newsletter")).to_have_count(edits)
    page.get_by_role("tab", name="People").click()
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    expect(page.get_by_role("checkbox")).to_have_count(4 * edits)


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
    text = page.get_by_label(TEXT)
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


def test_everybody_of_a_segment_can_be_seen_and_tagged(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/segments/new?segment=has_ticket:{shop.mark}-ball", "New segment")
    expect(page.get_by_test_id("reach")).to_contain_text("0 can get the newsletter")
    page.get_by_role("button", name="Show all 3").click()
    expect(page.get_by_role("tab", name="People")).to_have_attribute("aria-selected", "true")
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    page.get_by_role("button", name="First order").click()
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    page.get_by_role("button", name="First order").click()
    in_order(page, "Kim Rich", "Ida Late", "Joe After")
    expect(page.get_by_role("button", name="Tag all 3…")).to_be_visible()
    assert desk.barriers() == []


def test_a_condition_added_before_the_first_count_stays(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    gate = Gate(desk.page, "count_segment")
    page = desk.open("/segments/new", "New segment")
    page.get_by_role("button", name="Add a condition").click()
    row = condition(page, "have the tag")
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
    expect(page.get_by_label(TEXT)).to_have_value(f"{event} and {asked}")


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
    text = TEXT
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
