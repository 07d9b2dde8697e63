"""Reports: what sells, who comes again, and the ways from a number to its people."""

from __future__ import annotations

import os
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

YEAR = 1980 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
"""A year in which nobody else sells anything: sums of months are those of one shop."""

SHORT = f"{YEAR % 100:02}"

TABS = {
    "revenue": "Revenue",
    "buyers": "New and returning",
    "cohorts": "Cohorts",
    "rfm": "RFM",
    "events": "Events compared",
    "growth": "Growth of the list",
}


@pytest.fixture(scope="session")  # there may be one alone in its year
def shop(suite: Suite) -> Shop:
    """Two balls in a year of nobody else: Ada was at both, Bea and Cy at one each; and
    Dee, who bought lately and subscribed."""
    shop = Shop(suite)
    first = item(
        f"{shop.mark}-first", eventName=f"First {shop.mark}", eventStartsAt=_day(f"{YEAR}-02-20")
    )
    second = item(
        f"{shop.mark}-second", eventName=f"Second {shop.mark}", eventStartsAt=_day(f"{YEAR}-04-20")
    )
    for name, on, held in (
        ("Ada Both", f"{YEAR}-01-10", first),
        ("Bea First", f"{YEAR}-01-31", first),
        ("Ada Both", f"{YEAR}-03-05", second),
        ("Cy Second", f"{YEAR}-03-05", second),
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


def among(page: Page, shop: Shop, *names: str) -> None:
    """Wait until these of the shop are in the list, in which there may be very many."""
    page.get_by_role("heading", level=1, name="People").wait_for()
    page.goto(f"{page.url}&q={shop.mark}")
    for name in names:
        expect(page.get_by_role("link", name=name)).to_be_visible()


def nobody_else(page: Page, *names: str) -> None:
    """Wait until the list of people is these."""
    page.get_by_role("heading", level=1, name="People").wait_for()
    for name in names:
        expect(page.get_by_role("link", name=name)).to_be_visible()
    expect(page.locator(".people-row .link")).to_have_count(len(names))


def test_revenue_by_month_is_a_file_and_leads_to_its_people(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/reports?from={YEAR}-01-01&to={YEAR}-03-31&currency=OMR", "Reports")
    cells(page, "Revenue", f"Jan {SHORT}", "2", "OMR\u00a05.000")
    cells(page, "Revenue", f"Feb {SHORT}", "0", "OMR\u00a00.000")
    expect(page.get_by_text("OMR\u00a010.000; 4 orders")).to_be_visible()
    assert saved(page) == [
        "From,Orders,OMR",
        f"{YEAR}-01-01,2,5",
        f"{YEAR}-02-01,0,0",
        f"{YEAR}-03-01,2,5",
    ]
    page.get_by_role("list", name="Revenue in OMR").get_by_role("link").first.click()
    nobody_else(page, "Ada Both", "Bea First")
    page.go_back()
    # By weeks, of which the first is cut; the address keeps it.
    page.get_by_role("radiogroup", name="Gathered by").get_by_text("Week").click()
    last = date(YEAR, 1, 31)
    monday = last - timedelta(days=last.weekday())
    cells(page, "Revenue", f"Week of {monday.day} Jan {YEAR}", "1", "OMR\u00a02.500")
    expect(page).to_have_url(re.compile("by=week"))
    page.get_by_label("To", exact=True).fill(f"{YEAR - 1}-12-31")
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
    expect(second).to_contain_text(f"20 Apr {YEAR}")
    lines = [line for line in saved(page) if shop.mark in line]
    assert any(f"{shop.mark}-second,Second {shop.mark},{YEAR}-04-20T" in line for line in lines)
    assert desk.barriers() == []


def test_who_is_new_and_who_came_again(hire: Hire, shop: Shop) -> None:
    asked = f"from={YEAR}-01-01&to={YEAR}-03-31"
    page = hire(Role.VIEWER).open(f"/reports?tab=buyers&{asked}", "Reports")
    table = "New and returning"
    cells(page, table, f"Jan {SHORT}", "2", "0")
    cells(page, table, f"Mar {SHORT}", "1", "1")
    assert saved(page)[1:] == [f"{YEAR}-01-01,2,0", f"{YEAR}-02-01,0,0", f"{YEAR}-03-01,1,1"]
    page.get_by_role("table", name=table).get_by_role("link", name=f"Mar {SHORT}").click()
    nobody_else(page, "Cy Second")


def test_cohorts(hire: Hire, shop: Shop) -> None:
    asked = f"from={YEAR}-01-01&to={YEAR}-03-31"
    page = hire(Role.VIEWER).open(f"/reports?tab=cohorts&{asked}", "Reports")
    cells(page, "Cohorts", f"Jan {SHORT}", "2", "100% (2)", "0% (0)", "50% (1)")
    cells(page, "Cohorts", f"Feb {SHORT}", "0", "", "", "")
    cells(page, "Cohorts", f"Mar {SHORT}", "1", "100% (1)", "", "")
    assert saved(page)[1:] == [f"{YEAR}-01,2,2,0,1", f"{YEAR}-02,0,0,0,", f"{YEAR}-03,1,1,,"]
    page.get_by_role("table", name="Cohorts").get_by_role("link", name=f"Jan {SHORT}").click()
    nobody_else(page, "Ada Both", "Bea First")


def test_where_nobody_is_in_a_cohort_it_says_why(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/reports?tab=cohorts&from=1971-01-01&to=1971-03-31", "Reports")
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
    among(page, shop, "Ada Both")
    for heading in ("People", "Reports"):
        page.go_back()
        page.get_by_role("heading", level=1, name=heading).wait_for()
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
    among(page, shop, "Dee Lately")


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
    past = f"&from={YEAR}-01-01&to={YEAR}-12-31"
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
