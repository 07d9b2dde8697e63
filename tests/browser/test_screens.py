"""Every screen: nothing in anybody's way (WCAG 2.2 AA, as far as axe sees), and what all share."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import follow_verification_link, sign_up
from testing.hosts import item
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.browser.test_narrow import is_no_wider
from tests.support.shop import Shop
from tests.support.web import call

ROUTING = Path(__file__).parents[2] / "web" / "src" / "app" / "Routing.tsx"

SCREENS = {
    "/": "Home",
    "/people": "People",
    "/people?segment=tag:": "People",
    "/people/{person}": "Ada Screen",
    "/events": "Events",
    "/events?when=past": "Events",
    "/events/event?id={event}": "Ball",
    "/segments": "Segments",
    "/segments/new": "New segment",
    "/campaigns": "Campaigns",
    "/campaigns/{campaign}": "Screen news",
    "/reports": "Reports",
    "/tags": "Tags",
    "/rules": "Rules",
    "/rules/new": "New rule",
    "/forms": "Forms & import",
    "/problems": "Import problems",
    "/activity": "Activity",
    "/staff": "Staff",
    "/privacy": "Privacy",
}
"""Addresses with the headings of their pages; `places` fills in what they name."""


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    shop = Shop(suite)
    ball = item(f"{shop.mark}-ball", eventName=f"Ball {shop.mark}")
    shop.order("Ada Screen", items=[ball])
    shop.find("Ada Screen")
    return shop


@pytest.fixture(scope="module")
def places(suite: Suite, shop: Shop) -> dict[str, str]:
    """The ids that addresses name."""
    said = {
        "name": f"Screen news {shop.mark}",
        "subject": "Thank you",
        "body": {"format": "markdown", "source": "# Thanks"},
        "segment": f"has_ticket:{shop.mark}-ball",
    }
    (answer,) = call(suite, sign_up(claims={"crm": "editor"}), ("save_campaign", said))
    campaign = answer["data"]["campaign"]["campaignId"]
    person = shop.id_of("Ada Screen")
    return {"person": person, "event": f"{shop.mark}-ball", "campaign": campaign}


def test_every_address_of_the_console_is_looked_at() -> None:
    routes = re.findall(r'<Route path="([^"]+)"', ROUTING.read_text(encoding="utf-8"))
    assert {"/", "/people/:customerId", "*"} <= set(routes)
    paths = [urlsplit(address).path for address in SCREENS]

    def is_looked_at(route: str) -> bool:
        pattern = re.sub(r":\w+", "[^/]+", route)
        return any(re.fullmatch(pattern, path) for path in paths)

    # What is no address is a page too, with a test of its own.
    assert [one for one in routes if one != "*" and not is_looked_at(one)] == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_screen_has_a_barrier(
    hire: Hire, places: dict[str, str], scheme: str, width: int
) -> None:
    desk = hire(Role.ADMIN, scheme=scheme, width=width)
    found = {}
    for address, heading in SCREENS.items():
        path = address.format(**places)
        desk.open(path, heading)
        expect(desk.page.locator("[aria-busy=true]")).to_have_count(0)
        is_no_wider(desk.page)
        if barriers := desk.barriers():
            found[path] = barriers
    assert found == {}, found


def test_signing_in(hire: Hire) -> None:
    desk = hire(None, enter=False)
    page = desk.page
    page.goto("/")
    page.get_by_label("E-mail address").fill("nobody@example.com")
    page.get_by_role("textbox", name="Password").fill("wrong password")
    assert desk.barriers() == []
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    desk.excuse()  # the refused sign-in itself
    # The accounts of `make up` are of that suite alone.
    expect(page.get_by_text("Accounts of this local suite")).to_have_count(0)


def test_an_account_without_a_role_is_told_what_to_ask_for(hire: Hire) -> None:
    desk = hire(None, enter=False)
    person = sign_up()
    desk.page.goto("/")
    desk.page.get_by_label("E-mail address").fill(person.email)
    desk.page.get_by_role("textbox", name="Password").fill(person.password)
    desk.page.get_by_role("button", name="Sign in").click()
    expect(desk.page.get_by_role("heading", name="No role yet")).to_be_visible()
    expect(desk.page.get_by_text(f"python -m crm grant {person.email} viewer")).to_be_visible()
    assert desk.barriers() == []


def test_a_role_opens_nothing_before_the_address_is_verified(hire: Hire) -> None:
    desk = hire(None, enter=False)
    person = sign_up(claims={"crm": "admin"}, verified=False)
    page = desk.page
    page.goto("/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("textbox", name="Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("nobody has shown yet that this address is yours")).to_be_visible()
    assert desk.barriers() == []
    page.get_by_role("button", name="Send me that mail").click()
    expect(page.get_by_text("The mail is on its way.")).to_be_visible()
    follow_verification_link(person)
    page.get_by_role("button", name="I have one now").click()
    page.get_by_role("heading", level=1, name="Home").wait_for()


def test_a_page_that_is_not_there(hire: Hire) -> None:
    desk = hire(Role.VIEWER)
    desk.page.goto("/nowhere")
    expect(desk.page.get_by_text("There is no such page.")).to_be_visible()
    assert desk.barriers() == []
    desk.page.goto(f"/segments/{uuid.uuid4().hex}")
    expect(desk.page.get_by_text("There is no such segment any more.")).to_be_visible()
    desk.page.goto(f"/people/{uuid.uuid4().hex}")
    expect(desk.page.get_by_text("There is no such person any more.")).to_be_visible()
    desk.excuse()  # get_customer's own refusal


def test_a_new_page_is_read_from_its_beginning(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/", "Home")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    desk.open(f"/people?q={shop.mark}", "People")
    link = page.get_by_role("link", name="Ada Screen")
    page.set_viewport_size({"width": 1280, "height": 250})
    link.scroll_into_view_if_needed()
    eventually(lambda: _at_the_top(page, False))
    link.press("Enter")
    page.get_by_role("heading", level=1, name="Ada Screen").wait_for()
    expect(page.locator("#content")).to_be_focused()
    eventually(lambda: _at_the_top(page, True))


def _at_the_top(page: Page, yes: bool) -> None:
    assert page.evaluate("scrollY === 0") is yes


def test_what_goes_wrong_is_said_and_can_be_tried_again(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    desk.page.route("**/search_customers", lambda route: route.abort())
    page = desk.open(f"/people?q={shop.mark}", "People")
    expect(page.get_by_role("alert")).to_contain_text("The service did not answer")
    assert desk.barriers() == []
    with page.expect_request("**/search_customers"):
        page.get_by_role("button", name="Try again").click()
    # While the answer is not there yet.
    desk.page.route("**/list_orders", lambda _route: None)
    desk.open(f"/people/{shop.id_of('Ada Screen')}", "Ada Screen")
    expect(page.get_by_label("Loading").first).to_be_visible()
    assert desk.barriers() == []
    desk.page.route("**/count_segment", lambda _route: None)
    desk.open("/segments/new", "New segment")
    expect(page.get_by_label("Counting")).to_be_visible()
    assert desk.barriers() == []
    desk.excuse()  # the request that was not let through


def test_being_offline_is_said(hire: Hire) -> None:
    desk = hire(Role.VIEWER)
    desk.open("/tags", "Tags")
    desk.page.context.set_offline(True)
    expect(desk.page.get_by_text("There is no connection.")).to_be_visible()
    desk.page.context.set_offline(False)
    expect(desk.page.get_by_text("There is no connection.")).to_have_count(0)
    desk.excuse()  # requests that could not be sent
