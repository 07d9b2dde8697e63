"""Events: their list and pages, the ways to their people, and naming one in a question."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.hosts import item
from tests.browser.conftest import Hire
from tests.support.shop import Shop

PAST = datetime(2024, 2, 10, 19, tzinfo=UTC)

NEXT = datetime.now(UTC) + timedelta(days=40)


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    """A ball to which one came and one did not, and a gala to come, for one who was at the ball."""
    shop = Shop(suite)
    ball, gala = f"{shop.mark}-ball", f"{shop.mark}-gala"
    held = {"eventName": f"Ball {shop.mark}", "eventStartsAt": PAST}
    to_come = {"eventName": f"Gala {shop.mark}", "eventStartsAt": NEXT}
    shop.order("Ada Came", items=[item(ball, checkedIn=True, **held)])
    shop.order("Bea Missed", items=[item(ball, checkedIn=False, **held)])
    shop.order("Ada Came", day=1, items=[item(gala, **to_come)])
    shop.order("Cy New", day=1, items=[item(gala, **to_come)])
    for name in ("Ada Came", "Bea Missed", "Cy New"):
        shop.find(name)
    return shop


def ends_with(page: Page, shop: Shop, name: str, *cells: str) -> None:
    """Wait until an event's row has these as its last cells."""
    found = page.get_by_role("row").filter(has_text=f"{name} {shop.mark}")
    for back, cell in enumerate(reversed(cells), start=1):
        expect(found.get_by_role("cell").nth(-back)).to_have_text(cell)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_events_that_were_and_those_to_come(
    hire: Hire, shop: Shop, scheme: str, width: int
) -> None:
    desk = hire(Role.VIEWER, scheme=scheme, width=width)
    page = desk.open("/events", "Events")
    page.get_by_label("Search").fill(shop.mark)  # of both names
    table = page.get_by_role("table", name="Events")
    expect(table.locator("tbody tr")).to_have_count(1)
    ends_with(page, shop, "Gala", *(("–", "–") if width > 400 else ("2", "–")))
    page.get_by_text("Past", exact=True).click()
    expect(table).to_contain_text("Ball")
    if width > 400:
        ends_with(page, shop, "Ball", "10 Feb 2024", "2", "1", "1")
    assert desk.barriers() == []
    page.get_by_text("All", exact=True).click()
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(page).to_have_url(re.compile(f"q={shop.mark}&when=all"))
    page.get_by_label("Search").fill(f"nothing of {shop.mark}")
    expect(page.get_by_text("No event is found.")).to_be_visible()
    assert desk.barriers() == []


def test_an_event_leads_to_its_people(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people/{shop.id_of('Ada Came')}", "Ada Came")
    page.get_by_test_id("history").get_by_role("link", name=f"Ball {shop.mark}").first.click()
    page.get_by_role("heading", level=1, name=f"Ball {shop.mark}").wait_for()
    for label, number in (
        ("Ticket holders", "2"),
        ("Attended", "1"),
        ("No-shows", "1"),
        ("Newcomers", "2"),
        ("Returning", "0"),
    ):
        expect(page.get_by_role("region", name=label)).to_contain_text(number)
    assert desk.barriers() == []
    page.get_by_role("link", name="Who did not come", exact=True).click()
    rows = page.get_by_role("table", name="People").locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Bea Missed")
    # From there, or from the event, on to a segment that can be saved.
    page.go_back()
    page.get_by_role("link", name="Who did not come, as a segment").click()
    page.get_by_role("heading", level=1, name="New segment").wait_for()
    expect(page.get_by_test_id("count")).to_have_text("1 person")
    expect(page.get_by_test_id("words")).to_contain_text(
        f"hold a ticket of “Ball {shop.mark} · 10 Feb 2024” and did not come"
    )
    desk.open(f"/events/event?id={shop.mark}-gala", f"Gala {shop.mark}")
    expect(page.get_by_role("region", name="Returning")).to_contain_text("1")
    expect(page.get_by_role("region", name="Attended")).to_contain_text("–")
    page.goto(f"/events/event?id={shop.mark}-nothing")
    expect(page.get_by_text("There is no such event.")).to_be_visible()
    assert desk.barriers() == []
    desk.problems.clear()  # the refusal


def test_an_event_is_chosen_by_its_name(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/segments/new", "New segment")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("Condition", exact=True).select_option("attended")
    field = page.get_by_role("combobox", name="Event")
    field.press_sequentially(f"ball {shop.mark}", delay=10)
    # Its buyers are not among those who bought last.
    page.get_by_role("option", name=f"Ball {shop.mark} · 10 Feb 2024").click()
    expect(page.get_by_label("The same question as text")).to_have_value(
        f"attended:{shop.mark}-ball"
    )
    expect(field).to_have_value(f"Ball {shop.mark} · 10 Feb 2024")
    expect(page.get_by_test_id("count")).to_have_text("1 person")
    assert desk.barriers() == []
    # In the text, too, and the name in quotes is understood as it is.
    text = page.get_by_label("The same question as text")
    text.fill("")
    text.press_sequentially(f'no_show:"Ball {shop.mark}', delay=5)
    page.get_by_role("option", name=f"{shop.mark}-ball").click()
    expect(text).to_have_value(f"no_show:{shop.mark}-ball")
    text.fill(f'has_ticket:"ball {shop.mark}"')
    expect(page.get_by_test_id("count")).to_have_text("2 people")
    desk.problems.clear()  # what was refused while it was half written


@pytest.mark.parametrize("path", ["/segments/new", "/people"])
def test_a_name_that_nothing_has_is_no_silent_zero(hire: Hire, shop: Shop, path: str) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f'{path}?segment=attended:"No {shop.mark}"', PAGES[path])
    expect(page.get_by_role("status").filter(has_text="Please check")).to_be_visible()
    assert desk.barriers() == []


PAGES = {"/segments/new": "New segment", "/people": "People"}


def test_the_overview_adds_up_every_order(hire: Hire, suite: Suite) -> None:
    # A currency of nobody else; other tests date orders in the future, which move nothing here.
    shop, now = Shop(suite), datetime.now(UTC)
    for number in (1, 2, 3):
        shop.order(f"Kay {number}", total="1.500", currency="BHD", createdAt=now)
    shop.order("Kay 1", total="2.250", refunded="0.250", currency="BHD", createdAt=now)
    for number in (1, 2, 3):
        shop.find(f"Kay {number}")
    desk = hire(Role.VIEWER)
    page = desk.open("/", "Home")
    expect(page.get_by_text("BHD\u00a06.500")).to_be_visible()
    revenue = page.get_by_role("region", name="Revenue", exact=True)
    if revenue.get_by_label("Currency").count():
        revenue.get_by_label("Currency").select_option("BHD")
    expect(revenue.locator(".recharts-bar-rectangle")).not_to_have_count(0)
    expect(page.get_by_role("region", name="The last events")).to_be_visible()
    assert desk.barriers() == []
