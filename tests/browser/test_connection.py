"""What somebody does happens at once or not at all, whatever becomes of the connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.console import Desk
from tests.browser.acting import act
from tests.browser.conftest import Hire
from tests.browser.gate import Gate
from tests.support.shop import Shop


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    shop = Shop(suite)
    for name in ("Amy Stays", "Bob Stays"):
        shop.customer(name)
    return shop


Deed = Callable[[Desk, Shop], tuple[Locator, str]]
"""Opens a dialog and fills it in; gives its button, and the name of the call."""


def erase(desk: Desk, shop: Shop) -> tuple[Locator, str]:
    page = desk.open(f"/people/{shop.id_of('Amy Stays')}", "Amy Stays")
    act(page, "Erase…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").press_sequentially("by letter")
    dialog.get_by_label("to confirm").press_sequentially(shop.address("Amy Stays"))
    return dialog.get_by_role("button", name="Erase for good"), "delete_customer"


def merge(desk: Desk, shop: Shop) -> tuple[Locator, str]:
    page = desk.open(f"/people/{shop.id_of('Amy Stays')}", "Amy Stays")
    act(page, "Merge…")
    page.get_by_label("Who is the same person?").press_sequentially(f"bob {shop.mark}")
    page.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog", name="Merge these two?")
    expect(dialog.get_by_text("Afterwards there is one person")).to_be_visible()
    return dialog.get_by_role("button", name="Merge", exact=True), "merge_customers"


def delete_tag(desk: Desk, shop: Shop) -> tuple[Locator, str]:
    tag = f"Kept {shop.mark}"
    page = desk.open(f"/people/{shop.id_of('Amy Stays')}", "Amy Stays")
    field = page.get_by_placeholder("Add a tag")
    if not page.get_by_text(tag, exact=True).is_visible():
        field.press_sequentially(tag)
        field.press("Enter")
        expect(page.get_by_text(tag, exact=True)).to_be_visible()
    desk.open("/tags", "Tags")
    page.get_by_role("button", name=f"Delete {tag}").click()
    return page.get_by_role("dialog").get_by_role("button", name="Delete"), "delete_tag"


def tag_many(desk: Desk, shop: Shop) -> tuple[Locator, str]:
    page = desk.open(f"/people?q={shop.mark}", "People")
    page.get_by_role("checkbox", name="Select all shown").check()
    page.get_by_role("button", name="Tag…").click()
    field = page.get_by_role("dialog").get_by_label("Add tags")
    field.press_sequentially("Never")
    field.press("Enter")
    field.press("Tab")
    return page.get_by_role("dialog").get_by_role("button", name="Apply"), "tag_customers"


def recalculate(desk: Desk, _shop: Shop) -> tuple[Locator, str]:
    page = desk.open("/activity", "Activity")
    page.get_by_role("button", name="Recalculate all customers").click()
    button = page.get_by_role("dialog").get_by_role("button", name="Recalculate")
    return button, "rebuild_customers"


DEEDS = [erase, merge, delete_tag, tag_many, recalculate]


def watch(page: Page, name: str) -> list[Request]:
    """Return the calls of this name that the page makes from now on, as they come."""
    made: list[Request] = []

    def see(request: Request) -> None:
        if request.url.endswith(f"/{name}") and request.method == "POST":
            made.append(request)

    page.on("request", see)
    return made


@pytest.mark.parametrize("deed", DEEDS)
def test_without_a_connection_nothing_is_done_then_or_later(
    hire: Hire, shop: Shop, deed: Deed
) -> None:
    desk = hire(Role.ADMIN)
    page = desk.page
    button, name = deed(desk, shop)
    made = watch(page, name)
    page.context.set_offline(True)
    expect(page.get_by_text("There is no connection. What you see")).to_be_attached()
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert").last).to_have_text(
        "There is no connection. Nothing was done."
    )
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    page.context.set_offline(False)
    expect(page.get_by_text("There is no connection.")).to_have_count(0)
    # Whatever waited for the connection has been sent before what is asked for now.
    page.get_by_role("link", name="Segments").click()
    page.get_by_role("link", name="New segment").click()
    expect(page.get_by_test_id("count")).not_to_have_text("…")
    assert made == []
    assert shop.find("Amy Stays").exists
    desk.excuse()  # requests that could not be sent


@pytest.mark.parametrize("deed", DEEDS)
def test_there_is_no_leaving_what_the_server_does(hire: Hire, shop: Shop, deed: Deed) -> None:
    desk = hire(Role.ADMIN)
    page = desk.page
    button, name = deed(desk, shop)
    gate = Gate(page, name)
    button.click()
    gate.wait()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_disabled()
    expect(dialog.get_by_role("button", name="Close")).to_be_disabled()
    page.keyboard.press("Escape")
    button.press("Enter")
    expect(dialog).to_be_visible()
    gate.cut()
    told = dialog.get_by_role("alert").last
    expect(told).to_contain_text("It may have been done all the same: look before you try again.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert len(gate.asked) == 1  # a second Enter is no second deed
    desk.excuse()  # the request that was not let through


def test_a_connection_that_breaks_while_the_server_works_is_said(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.ADMIN)
    page = desk.page
    button, name = erase(desk, shop)
    gate = Gate(page, name)
    button.click()
    gate.wait()
    page.context.set_offline(True)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert").last).to_contain_text("The connection broke off.")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_enabled()
    gate.cut()
    page.context.set_offline(False)
    desk.excuse()  # requests that could not be sent


def test_what_was_written_into_a_dialog_is_gone_with_it(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.page
    tag_many(desk, shop)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Tag…").click()
    expect(dialog.get_by_role("button", name="Apply")).to_be_disabled()
    expect(dialog.get_by_text("Never", exact=True)).to_have_count(0)
