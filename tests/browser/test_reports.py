"""Reports: what sells, who comes again, and the ways from a number to its people."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.hosts import item
from tests.browser.conftest import Hire
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop

NOW = datetime.now(UTC)

TABS = {
    "revenue": "Revenue",
    "buyers": "New and returning",
    "cohorts": "Cohorts",
    "rfm": "RFM",
    "events": "Events compared",
    "growth": "Growth of the list",
}


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    """Two balls in a long past year of nobody else: Ada was at both, Bea and Cy at one each; and
    Dee, who bought lately and subscribed."""
    shop = Shop(suite)
    first = item(
        f"{shop.mark}-first", eventName=f"First {shop.mark}", eventStartsAt=_day("2003-02-20")
    )
    second = item(
        f"{shop.mark}-second", eventName=f"Second {shop.mark}", eventStartsAt=_day("2003-04-20")
    )
    for name, on, held in (
        ("Ada Both", "2003-01-10", first),
        ("Bea First", "2003-01-31", first),
        ("Ada Both", "2003-03-05", second),
        ("Cy Second", "2003-03-05", second),
    ):
        shop.order(
            name,
            createdAt=_day(on),
            currency="OMR",
            total="2.500",
            items=[held | {"checkedIn": True}],
        )
    shop.order("Dee Lately", createdAt=NOW - timedelta(days=2), marketingOptIn=True)
    for name in ("Ada Both", "Bea First", "Cy Second", "Dee Lately"):
        shop.find(name)
    return shop


def _day(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=12)


def cells(page: Page, table: str, row: str, *wanted: str) -> None:
    """Wait until a row of a table has these as its cells."""
    found = page.get_by_role("table", name=table).get_by_role("row").filter(has_text=row)
    expect(found.get_by_role("cell")).to_have_text(list(wanted))


def saved(page: Page) -> list[str]:
    """The lines of the file that the table is saved as."""
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download as CSV").click()
    path = downloading.value.path()
    text = Path(path).read_bytes().decode("utf-8")
    assert text.startswith("\ufeff")
    return text.removeprefix("\ufeff").splitlines()


def nobody_else(page: Page, *names: str) -> None:
    """Wait until the list of people is these."""
    page.get_by_role("heading", level=1, name="People").wait_for()
    for name in names:
        expect(page.get_by_role("link", name=name)).to_be_visible()
    expect(page.locator(".people-row .link")).to_have_count(len(names))


def test_revenue_by_month_is_a_file_and_leads_to_its_people(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/reports?from=2003-01-01&to=2003-03-31&currency=OMR", "Reports")
    cells(page, "Revenue", "Jan 03", "2", "OMR\u00a05.000")
    cells(page, "Revenue", "Feb 03", "0", "OMR\u00a00.000")
    expect(page.get_by_text("OMR\u00a010.000; 4 orders")).to_be_visible()
    assert saved(page) == ["From,Orders,OMR", "2003-01-01,2,5", "2003-02-01,0,0", "2003-03-01,2,5"]
    page.get_by_role("list", name="Revenue in OMR").get_by_role("link").first.click()
    nobody_else(page, "Ada Both", "Bea First")
    page.go_back()
    # By weeks, of which the first is cut; the address keeps it.
    page.get_by_role("radiogroup", name="Gathered by").get_by_text("Week").click()
    cells(page, "Revenue", "Week of 27 Jan 2003", "1", "OMR\u00a02.500")
    expect(page).to_have_url(re.compile("by=week"))
    page.get_by_label("To", exact=True).fill("2002-12-31")
    expect(page.get_by_text("It ends before it begins.")).to_be_visible()
    assert desk.barriers() == []


def test_revenue_by_event(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/reports", "Reports")
    page.get_by_role("radiogroup", name="Split").get_by_text("By event").click()
    expect(page).to_have_url(re.compile("split=event"))
    table = page.get_by_role("table", name="Revenue by event")
    expect(table).to_be_visible()
    second = table.get_by_role("row").filter(has_text=f"Second {shop.mark}")
    while not second.count() and page.get_by_role("button", name="Show more").count():
        page.get_by_role("button", name="Show more").click()
        expect(page.locator("[data-loading]")).to_have_count(0)
    expect(second.get_by_role("cell")).to_have_text(["2", "OMR\u00a05.000"])
    expect(second).to_contain_text("20 Apr 2003")
    lines = [line for line in saved(page) if shop.mark in line]
    assert any(f"{shop.mark}-second,Second {shop.mark},2003-04-20T" in line for line in lines)
    assert desk.barriers() == []


def test_who_is_new_and_who_came_again(hire: Hire, shop: Shop) -> None:
    page = hire(Role.VIEWER).open("/reports?tab=buyers&from=2003-01-01&to=2003-03-31", "Reports")
    table = "New and returning"
    cells(page, table, "Jan 03", "2", "0")
    cells(page, table, "Mar 03", "1", "1")
    assert saved(page)[1:] == ["2003-01-01,2,0", "2003-02-01,0,0", "2003-03-01,1,1"]
    page.get_by_role("table", name=table).get_by_role("link", name="Mar 03").click()
    nobody_else(page, "Cy Second")


def test_cohorts(hire: Hire, shop: Shop) -> None:
    page = hire(Role.VIEWER).open("/reports?tab=cohorts&from=2003-01-01&to=2003-03-31", "Reports")
    cells(page, "Cohorts", "Jan 03", "2", "100% (2)", "0% (0)", "50% (1)")
    cells(page, "Cohorts", "Feb 03", "0", "", "", "")
    cells(page, "Cohorts", "Mar 03", "1", "100% (1)", "", "")
    assert saved(page)[1:] == ["2003-01,2,2,0,1", "2003-02,0,0,0,", "2003-03,1,1,,"]
    page.get_by_role("table", name="Cohorts").get_by_role("link", name="Jan 03").click()
    nobody_else(page, "Ada Both", "Bea First")


def test_where_nobody_is_in_a_cohort_it_says_why(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/reports?tab=cohorts&from=1999-01-01&to=1999-03-31", "Reports")
    expect(page.get_by_text("Nobody is in a cohort yet")).to_be_visible()
    assert desk.barriers() == []


def test_groups_are_everybody_once_and_become_segments(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open("/reports?tab=rfm", "Reports")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    rows = saved(page)[1:]
    assert len(rows) == 8
    assert any(line.startswith("Lost regulars,") and "older than 365" in line for line in rows)
    # The bounds are in the address; what makes no sense is not asked.
    page.get_by_label("Gone: days, more than").fill("90")
    expect(page.get_by_text("Recent must be fewer days than gone")).to_be_visible()
    page.get_by_label("Recent: days, at most").fill("30")
    expect(page).to_have_url(re.compile("recent=30&gone=90"))
    page.get_by_label("Champions: spent at least").fill("100")
    expect(page.get_by_text(re.compile("and spent €100.00 or more"))).to_be_visible()
    assert desk.barriers() == []
    table = page.get_by_role("table", name="Groups by last order")
    table.get_by_role("link", name="Lost regulars", exact=True).click()
    page.get_by_role("heading", level=1, name="People").wait_for()
    expect(page.get_by_role("link", name="Ada Both").first).to_be_visible()
    page.go_back()
    table.get_by_role("link", name="New as a segment").click()
    page.get_by_role("heading", level=1, name="New segment").wait_for()
    expect(page).to_have_url(re.compile("within"))


def test_events_compared(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/reports?tab=events&event=", "Reports")
    expect(page.get_by_text("Choose two events or more.")).to_be_visible()
    for name in ("First", "Second"):
        page.get_by_placeholder("A name, a date or an id").fill(f"{name} {shop.mark}")
        page.get_by_role("option", name=f"{name} {shop.mark}").click()
    link = page.get_by_role("link", name=f"1 of 2 at First {shop.mark} came to Second {shop.mark}")
    expect(link).to_have_text("1 of 2 (50%)")
    page.keyboard.press("Escape")
    assert desk.barriers() == []
    assert saved(page)[0] == f"Event id,Event,{shop.mark}-first,{shop.mark}-second"
    page.reload()  # the address keeps the events
    link.click()
    nobody_else(page, "Ada Both")


def test_growth_counts_decisions(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/reports?tab=growth&by=day", "Reports")
    expect(page.get_by_text("These are decisions, not people")).to_be_visible()
    table = page.get_by_role("table", name="Decisions about the newsletter")
    expect(table.get_by_role("row")).to_have_count(32)
    lines = saved(page)
    assert lines[0] == "From,Subscribed,Unsubscribed"
    assert sum(int(line.split(",")[1]) for line in lines[1:]) >= 1
    page.get_by_role("link", name=re.compile("subscribed now")).click()
    expect(page.get_by_role("link", name="Dee Lately").first).to_be_visible()


def test_tabs_are_in_the_address(hire: Hire, shop: Shop) -> None:
    page = hire(Role.VIEWER).open("/reports", "Reports")
    for tab, name in TABS.items():
        page.get_by_role("tab", name=name).click()
        expect(page).to_have_url(re.compile(f"tab={tab}"))
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 390), ("dark", 1280)])
def test_no_report_has_a_barrier_or_leaves_its_place(
    hire: Hire, shop: Shop, scheme: str, width: int
) -> None:
    desk = hire(Role.VIEWER, locale="de-DE", scheme=scheme, width=width)
    past = "&from=2003-01-01&to=2003-12-31"
    events = f"&event={shop.mark}-first&event={shop.mark}-second"
    paths = ["revenue", f"revenue{past}", "revenue&split=event", f"buyers{past}"]
    paths += [f"cohorts{past}", "rfm", f"events{events}", "growth", "growth&by=day"]
    found = {}
    for path in paths:
        page = desk.open(f"/reports?tab={path}", "Berichte")
        expect(page.get_by_role("table").first).to_be_visible()
        stays_inside(page)
        if barriers := desk.barriers():
            found[path] = barriers
    assert found == {}, found
