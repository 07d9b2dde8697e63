"""Events: their list and pages, the ways to their people, and naming one in a question."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.hosts import item
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop

PAST = datetime(2024, 2, 10, 19, tzinfo=UTC)

NEXT = datetime.now(UTC) + timedelta(days=40)


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    """A ball to which one came and one did not; a gala to come, for one who was at the ball; and a
    fair behind it, which one order holds beside the gala."""
    shop = Shop(suite)
    ball, gala, fair = (f"{shop.mark}-{name}" for name in ("ball", "gala", "fair"))
    held = {"eventName": f"Ball {shop.mark}", "eventStartsAt": PAST}
    to_come = {"eventName": f"Gala {shop.mark}", "eventStartsAt": NEXT}
    later = {"eventName": f"Fair {shop.mark}", "eventStartsAt": NEXT + timedelta(days=9)}
    came = [item(ball, checkedIn=True, **held)]
    shop.order("Ada Came", marketingOptIn=True, items=came)
    shop.order("Bea Missed", items=[item(ball, checkedIn=False, **held)])
    shop.order("Ada Came", day=1, items=[item(gala, **to_come)])
    shop.order("Cy New", day=1, items=[item(gala, **to_come), item(fair, **later)])
    for name in ("Ada Came", "Bea Missed", "Cy New"):
        shop.find(name)
    return shop


def ends_with(page: Page, shop: Shop, name: str, *cells: str) -> None:
    """Wait until an event's row has these as its last cells."""
    found = page.get_by_role("row").filter(has_text=f"{name} {shop.mark}")
    for back, cell in enumerate(reversed(cells), start=1):
        expect(found.get_by_role("cell").nth(-back)).to_have_text(cell)


def figures(page: Page, **wanted: str) -> None:
    """Wait until the figures of an event are these."""
    for label, value in wanted.items():
        region = page.get_by_role("region", name=label.replace("_", " "), exact=True)
        expect(region.locator(".figures").first).to_have_text(value)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_events_that_were_and_those_to_come(
    hire: Hire, shop: Shop, scheme: str, width: int
) -> None:
    desk = hire(Role.VIEWER, scheme=scheme, width=width)
    page = desk.open("/events", "Events")
    page.get_by_label("Search").fill(shop.mark)  # of both names
    table = page.get_by_role("table", name="Events")
    expect(table.locator("tbody tr")).to_have_count(2)
    # The next one is the first.
    expect(table.locator("tbody tr").first).to_contain_text("Gala")
    wide = width > 400
    ends_with(page, shop, "Gala", *(("2", "–", "–", "US$99.80", "1", "1") if wide else ("2", "–")))
    stays_inside(page)
    page.get_by_text("Past", exact=True).click()
    expect(table).to_contain_text("Ball")
    row = ("2", "1", "1", "US$99.80", "2", "0")
    ends_with(page, shop, "Ball", *(("10 Feb 2024", *row) if wide else ("2", "1")))
    assert desk.barriers() == []
    page.get_by_text("All", exact=True).click()
    expect(table.locator("tbody tr")).to_have_count(3)
    expect(page).to_have_url(re.compile(f"q={shop.mark}&when=all"))
    page.get_by_label("Search").fill(f"nothing of {shop.mark}")
    expect(page.get_by_text("No event is found.")).to_be_visible()
    assert desk.barriers() == []
    page.get_by_label("Search").fill(f"gala {shop.mark}")
    page.get_by_role("row").filter(has_text=f"Gala {shop.mark}").click()  # all of it is a link
    page.get_by_role("heading", level=1, name=f"Gala {shop.mark}").wait_for()
    page.locator("main").get_by_role("link", name="Events", exact=True).click()
    expect(page.get_by_label("Search")).to_have_value(f"gala {shop.mark}")


def test_an_event_leads_to_its_people(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/events/event?id={shop.mark}-ball", f"Ball {shop.mark}")
    figures(page, Tickets_sold="2", People="2", Came="1", New="2", Returning="0")
    figures(page, Revenue="US$99.80")
    figures(page, **{"No-shows": "1"})
    # What was sold until the day, for eyes and for ears.
    bars = page.get_by_role("list", name="Sales before the day")
    expect(bars.get_by_role("listitem").last).to_contain_text("10 Feb 2024, the day")
    expect(bars.get_by_role("listitem").last).to_contain_text("Sold then 2 tickets")
    rows = page.get_by_role("table", name="People").locator("tbody tr")
    expect(rows.get_by_role("link")).to_have_text(["Ada Came"])
    assert desk.barriers() == []
    page.get_by_text("No-show (1)", exact=True).click()
    expect(rows.get_by_role("link")).to_have_text(["Bea Missed"])
    expect(page).to_have_url(re.compile("who=noShow"))
    page.reload()
    expect(rows.get_by_role("link")).to_have_text(["Bea Missed"])
    page.get_by_text("With a ticket (2)", exact=True).click()
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="Make segment").click()
    page.get_by_role("heading", level=1, name="New segment").wait_for()
    expect(page.get_by_test_id("count")).to_have_text("1 person")
    expect(page.get_by_test_id("words")).to_have_text(
        f"People who attended “Ball {shop.mark} · 10 Feb 2024”."
    )
    page.goto(f"/events/event?id={shop.mark}-nothing")
    expect(page.get_by_text("There is no such event.")).to_be_visible()
    assert desk.barriers() == []
    desk.excuse()  # the refusal


def test_an_order_of_two_events_counts_whole_with_both(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/events/event?id={shop.mark}-fair", f"Fair {shop.mark}")
    figures(page, Tickets_sold="1", People="1", Came="–", Revenue="US$49.90", Returning="1")
    expect(page.get_by_text("1 order holds other events too")).to_be_visible()
    # Who may look does not take along, tag or write.
    expect(page.get_by_role("link", name="Make segment")).to_be_visible()
    for name in ("Download for newsletter", "Tag who", "Mail who"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_who_came_is_tagged_and_written_to(hire: Hire, shop: Shop, tmp_path: Path) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/events/event?id={shop.mark}-ball", f"Ball {shop.mark}")
    page.get_by_role("button", name="Tag who came…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Add tags").fill(f"Came {shop.mark}")
    dialog.get_by_label("Add tags").press("Enter")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_have_count(0)
    eventually(lambda: _has_tag(shop))
    page.get_by_role("button", name="Download for newsletter (1 of 1)").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="For mail tools (CSV)").click()
    file = tmp_path / "came.csv"
    download.value.save_as(file)
    assert shop.address("Ada Came") in file.read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Mail who came").click()
    page.wait_for_url("**/campaigns/*")
    name = page.url.rpartition("/")[2]
    draft = shop.documents.document(f"crmCampaigns/{name}").get()
    assert draft.get("name") == f"Ball {shop.mark}: who came"
    assert draft.get("segment") == {"attended": f"{shop.mark}-ball"}
    assert draft.get("state") == "draft"


def _has_tag(shop: Shop) -> None:
    assert shop.find("Ada Came").get("tags") == [f"came-{shop.mark}"]
    assert shop.find("Bea Missed").get("tags") == []


@pytest.mark.parametrize(("scheme", "width"), [("dark", 390), ("light", 1280)])
def test_an_event_in_german_on_any_screen(hire: Hire, shop: Shop, scheme: str, width: int) -> None:
    desk = hire(Role.EDITOR, locale="de-DE", scheme=scheme, width=width)
    page = desk.open("/events?when=past", "Veranstaltungen")
    page.get_by_label("Suchen").fill(shop.mark)
    expect(page.get_by_role("table").locator("tbody tr")).to_have_count(1)
    stays_inside(page)
    page.get_by_role("link", name=f"Ball {shop.mark}").click()
    page.get_by_role("heading", level=1, name=f"Ball {shop.mark}").wait_for()
    figures(page, Gekommen="1", Umsatz="99,80\u00a0$", Wiedergekommen="0")
    expect(page.get_by_role("button", name="Gekommenen schreiben")).to_be_visible()
    expect(page.get_by_role("link", name="Ada Came")).to_be_visible()
    stays_inside(page)
    assert desk.barriers() == []


def test_an_event_is_chosen_by_its_name(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/segments/new", "New segment")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("Condition", exact=True).select_option("attended")
    field = page.get_by_role("combobox", name="Event")
    field.press_sequentially(f"ball {shop.mark}", delay=10)
    # Its buyers are not among those who bought last.
    page.get_by_role("option", name=f"Ball {shop.mark} · 10 Feb 2024").click()
    text = page.get_by_label("Conditions as text")
    expect(text).to_have_value(f"attended:{shop.mark}-ball")
    expect(field).to_have_value(f"Ball {shop.mark} · 10 Feb 2024")
    expect(page.get_by_test_id("count")).to_have_text("1 person")
    assert desk.barriers() == []
    # In the text, too, and the name in quotes is understood as it is.
    text.fill("")
    text.press_sequentially(f'no_show:"Ball {shop.mark}', delay=5)
    page.get_by_role("option", name=f"{shop.mark}-ball").click()
    expect(text).to_have_value(f"no_show:{shop.mark}-ball")
    text.fill(f'has_ticket:"ball {shop.mark}"')
    expect(page.get_by_test_id("count")).to_have_text("2 people")
    desk.excuse()  # what was refused while it was half written


@pytest.mark.parametrize("path", ["/segments/new", "/people"])
def test_a_name_that_nothing_has_is_no_silent_zero(hire: Hire, shop: Shop, path: str) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f'{path}?segment=attended:"No {shop.mark}"', PAGES[path])
    expect(page.get_by_role("status").filter(has_text="Please check")).to_be_visible()
    assert desk.barriers() == []


PAGES = {"/segments/new": "New segment", "/people": "People"}
