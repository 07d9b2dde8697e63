"""Two windows, the way back, and addresses that lead nowhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.support.shop import Shop
from tests.support.web import call

NAMES = [f"Back {letter}" for letter in "ABCDEFGHIJKL"]


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    shop = Shop(suite)
    for name in NAMES:
        shop.order(name)
    for name in NAMES:
        shop.find(name)
    return shop


def enter(page: Page, person: Person) -> None:
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("textbox", name="Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#content").wait_for()


def test_after_a_sign_out_in_another_window_nothing_of_it_is_left(
    hire: Hire, shop: Shop, suite: Suite
) -> None:
    admin = sign_up(claims={"crm": "admin"})
    customer_id = shop.id_of(NAMES[0])
    change = {"customerIds": [customer_id], "add": ["Seen"]}
    (done,) = call(suite, admin, ("tag_customers", change))
    assert done["data"]["updated"] == 1
    desk = hire(None, enter=False)
    page = desk.page
    page.goto("/")
    enter(page, admin)
    desk.open(f"/people/{customer_id}", NAMES[0])
    expect(page.get_by_test_id("history")).to_contain_text("Tags changed")
    other = page.context.new_page()
    other.goto("/tags")
    other.get_by_role("button", name="Your account").click()
    other.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    enter(page, sign_up(claims={"crm": "viewer"}))
    expect(page.get_by_test_id("history")).to_contain_text("Order")
    expect(page.get_by_text("Tags changed")).to_have_count(0)
    expect(page.get_by_role("button", name="Actions")).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/people/a%2Fb", "There is no such person any more."),
        ("/people/__x__", "There is no such person any more."),
        ("/people/a%2Fb%2Fc", "There is no such person any more."),
        ("/segments/a%2Fb", "There is no such segment any more."),
        ("/segments/__x__", "There is no such segment any more."),
        ("/events/event", "There is no such event."),
        ("/events/event?id=", "There is no such event."),
        ("/people/a/b", "There is no such page."),
    ],
)
def test_an_address_that_leads_nowhere_is_a_page(hire: Hire, path: str, told: str) -> None:
    desk = hire(Role.VIEWER)
    desk.page.goto(path)
    expect(desk.page.get_by_text(told)).to_be_visible()
    expect(desk.page.get_by_role("navigation", name="Pages")).to_be_visible()
    assert desk.barriers() == []


@pytest.mark.parametrize("way", ["link", "browser"])
def test_the_way_back_keeps_what_was_asked_and_where_one_was(
    hire: Hire, shop: Shop, way: str
) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/people", "People")
    page.set_viewport_size({"width": 1280, "height": 300})
    page.get_by_label("Search people").press_sequentially(f"{shop.mark}.back", delay=10)
    rows = page.get_by_role("table", name="People").locator("tbody tr")
    expect(rows).to_have_count(len(NAMES))
    link = rows.nth(len(NAMES) - 2).get_by_role("link")
    name = link.inner_text()
    link.scroll_into_view_if_needed()
    eventually(lambda: _is_noted(page))
    depth = page.evaluate("scrollY")
    link.click()
    page.get_by_role("heading", level=1, name=name).wait_for()
    eventually(lambda: _is_at(page, 0))
    if way == "link":
        page.locator("main").get_by_role("link", name="People", exact=True).click()
    else:
        page.go_back()
    page.get_by_role("heading", level=1, name="People").wait_for()
    expect(page.get_by_label("Search people")).to_have_value(f"{shop.mark}.back")
    expect(rows).to_have_count(len(NAMES))
    eventually(lambda: _is_at(page, depth))
    expect(link).to_be_in_viewport()


def test_the_way_back_leads_to_the_list_also_from_outside(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/people/{shop.id_of(NAMES[0])}", NAMES[0])
    page.locator("main").get_by_role("link", name="People", exact=True).click()
    page.get_by_role("heading", level=1, name="People").wait_for()


def test_a_sign_in_ends(hire: Hire) -> None:
    desk = hire(None, enter=False, spoilt=True)
    page = desk.page
    page.clock.install()
    page.goto("/")
    enter(page, sign_up(claims={"crm": "viewer"}))
    page.clock.fast_forward("11:59:00")
    expect(page.locator("#content")).to_be_visible()
    page.clock.fast_forward("00:02:00")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    desk.excuse()  # what was under way


REACH = """async url => {
    const refused = new Promise(tell => addEventListener(
        "securitypolicyviolation", event => tell(event.effectiveDirective), { once: true }
    ));
    return await Promise.race([refused, fetch(url).then(() => "reached", () => refused)]);
}"""


@pytest.mark.parametrize(
    "url", ["https://europe-west1-other.cloudfunctions.net/take", "http://127.0.0.1:9/"]
)
def test_the_page_reaches_its_own_project_alone(hire: Hire, url: str) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/", "Home")
    assert page.evaluate(REACH, url) == "connect-src"
    desk.excuse()  # the refusal itself


def _is_noted(page: Page) -> None:
    assert page.evaluate("scrollY") > 100


def _is_at(page: Page, depth: float) -> None:
    assert abs(page.evaluate("scrollY") - depth) < 2
