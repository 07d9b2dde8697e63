"""Every screen: who may do what, and nothing in anybody's way (WCAG 2.2 AA, as far as axe sees)."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import follow_verification_link, sign_up
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.support.shop import Shop

SCREENS = {
    "/": "Home",
    "/people": "People",
    "/people?segment=tag:": "People",
    "/events": "Events",
    "/events?when=past": "Events",
    "/segments": "Segments",
    "/segments/new": "New segment",
    "/reports": "Reports",
    "/tags": "Tags",
    "/activity": "Activity",
    "/problems": "Import problems",
    "/staff": "Staff",
    "/privacy": "Privacy",
}


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    shop = Shop(suite)
    shop.customer("Ada Screen")
    return shop


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_screen_has_a_barrier(hire: Hire, shop: Shop, scheme: str, width: int) -> None:
    desk = hire(Role.ADMIN, scheme=scheme, width=width)
    found = {}
    customer = shop.id_of("Ada Screen")
    for path, heading in {**SCREENS, f"/people/{customer}": "Ada Screen"}.items():
        desk.open(path, heading)
        expect(desk.page.locator("[aria-busy=true]")).to_have_count(0)
        overflow = desk.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not overflow, f"{path} is wider than {width}"
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
    desk.problems.clear()  # the refused sign-in itself
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


@pytest.mark.parametrize(
    ("role", "edits", "erases"),
    [(Role.VIEWER, False, False), (Role.EDITOR, True, False), (Role.ADMIN, True, True)],
)
def test_what_a_role_may_not_do_is_not_offered(
    hire: Hire, shop: Shop, role: Role, edits: bool, erases: bool
) -> None:
    desk = hire(role)
    page = desk.page
    desk.open(f"/people?q={shop.mark}", "People")
    expect(page.get_by_role("link", name="Ada Screen")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(2 if edits else 0)
    desk.open("/activity", "Activity")
    expect(page.get_by_role("button", name="Recalculate all customers")).to_have_count(int(erases))


def test_a_page_that_is_not_there(hire: Hire) -> None:
    desk = hire(Role.VIEWER)
    desk.page.goto("/nowhere")
    expect(desk.page.get_by_text("There is no such page.")).to_be_visible()
    assert desk.barriers() == []
    desk.page.goto(f"/segments/{uuid.uuid4().hex}")
    expect(desk.page.get_by_text("There is no such segment any more.")).to_be_visible()
    desk.page.goto(f"/people/{uuid.uuid4().hex}")
    expect(desk.page.get_by_text("There is no such person any more.")).to_be_visible()
    desk.problems.clear()  # get_customer's own refusal


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
    desk.problems.clear()  # the request that was not let through


def test_being_offline_is_said(hire: Hire) -> None:
    desk = hire(Role.VIEWER)
    desk.open("/tags", "Tags")
    desk.page.context.set_offline(True)
    expect(desk.page.get_by_text("There is no connection.")).to_be_visible()
    desk.page.context.set_offline(False)
    expect(desk.page.get_by_text("There is no connection.")).to_have_count(0)
    desk.problems.clear()  # requests that could not be sent
