"""The frame of every page: the ways to all of them, the search, the keys, the language, a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from crm.core.roles import Role
from suite.running import Suite
from testing.console import Desk
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.browser.test_narrow import is_no_wider
from tests.support.shop import Shop

WORK = ["Home", "People", "Events", "Segments", "Campaigns", "Reports"]
SETTINGS = ["Tags", "Rules", "Forms & import", "Import problems", "Activity"]
OF_ADMINS = ["Staff", "Privacy"]


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    shop = Shop(suite)
    shop.customer("Ada Frame")
    return shop


def nothing_is_in_the_way(desk: Desk) -> None:
    assert desk.barriers() == []
    is_no_wider(desk.page)


@pytest.mark.parametrize(
    ("role", "settings", "scheme"),
    [
        (Role.VIEWER, SETTINGS, "light"),
        (Role.EDITOR, SETTINGS, "dark"),
        (Role.ADMIN, SETTINGS + OF_ADMINS, "dark"),
    ],
)
def test_each_page_is_offered_to_who_may_see_it(
    hire: Hire, role: Role, settings: list[str], scheme: str
) -> None:
    desk = hire(role, scheme=scheme)
    page = desk.page
    pages = page.get_by_role("navigation", name="Pages")
    assert pages.get_by_role("link").all_inner_texts() == WORK
    page.get_by_role("button", name="Settings").click()
    items = page.get_by_role("menuitem")
    expect(items).to_have_count(len(settings))
    assert [text.strip() for text in items.all_inner_texts()] == settings
    nothing_is_in_the_way(desk)
    page.get_by_role("menuitem", name="Import problems").click()
    page.get_by_role("heading", level=1, name="Import problems").wait_for()
    page.get_by_role("button", name="Your account").click()
    expect(page.get_by_role("menu")).to_contain_text(role.word.capitalize())
    nothing_is_in_the_way(desk)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_everything_is_behind_one_button(hire: Hire, scheme: str) -> None:
    desk = hire(Role.ADMIN, width=390, scheme=scheme)
    page = desk.page
    page.get_by_role("button", name="Menu").click()
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages.get_by_role("link")).to_have_count(len(WORK + SETTINGS + OF_ADMINS))
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    nothing_is_in_the_way(desk)
    pages.get_by_role("link", name="Segments").click()
    page.get_by_role("heading", level=1, name="Segments").wait_for()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    page.get_by_role("button", name="Search everything").click()
    expect(page.get_by_role("combobox", name="What to find")).to_be_focused()
    page.keyboard.type("repo", delay=20)
    found = page.get_by_role("listbox")
    expect(found.get_by_role("option", selected=True)).to_have_text("Reports")
    nothing_is_in_the_way(desk)


def test_a_person_is_found_by_keys_alone(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.page
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="What to find")
    expect(field).to_be_focused()
    page.keyboard.type(f"{shop.mark}.ada", delay=20)
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Ada Frame").wait_for()
    expect(field).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("repo", delay=20)
    chosen = page.get_by_role("listbox").get_by_role("option", selected=True)
    expect(chosen).to_have_text("Reports")
    nothing_is_in_the_way(desk)
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)


def test_arrow_keys_choose_among_what_is_found(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.page
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="What to find")).to_be_focused()
    page.keyboard.type(f"{shop.mark}.ada", delay=20)
    found = page.get_by_role("listbox")
    expect(found.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(found.get_by_role("option", selected=True)).to_contain_text("All people for")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="People").wait_for()
    eventually(lambda: _asks_for(page.url, shop.mark))


def _asks_for(url: str, mark: str) -> None:
    assert f"/people?q={mark}" in url


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_the_keys_are_told(hire: Hire, scheme: str, width: int) -> None:
    desk = hire(Role.VIEWER, scheme=scheme, width=width)
    page = desk.page
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog.get_by_role("table")).to_have_count(2)
    nothing_is_in_the_way(desk)
    page.keyboard.press("Escape")
    # What somebody writes is no command.
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="What to find")
    expect(field).to_be_focused()
    page.keyboard.type("what?")
    expect(field).to_have_value("what?")


def test_the_language_is_the_reader_s_and_can_be_chosen(hire: Hire) -> None:
    desk = hire(Role.VIEWER, locale="de-AT")
    page = desk.page
    page.get_by_role("heading", level=1, name="Start").wait_for()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_role("button", name="Ihr Konto").click()
    expect(page.get_by_role("menuitemradio", name="Deutsch")).to_be_checked()
    nothing_is_in_the_way(desk)
    page.get_by_role("menuitemradio", name="English").click()
    page.get_by_role("heading", level=1, name="Home").wait_for()
    page.goto("/segments")
    page.get_by_role("heading", level=1, name="Segments").wait_for()


@pytest.mark.parametrize(
    ("before", "today"),
    [
        ("/customers?q=ada", "/people?q=ada"),
        ("/jobs", "/activity"),
        ("/quarantine", "/problems"),
    ],
)
def test_old_addresses_lead_to_the_new_ones(hire: Hire, before: str, today: str) -> None:
    page = hire(Role.VIEWER).page
    page.goto(before)
    page.get_by_role("heading", level=1).wait_for()
    eventually(lambda: _is_at(page.url, today))


def _is_at(url: str, path: str) -> None:
    assert url.endswith(path)
