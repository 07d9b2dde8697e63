"""Merging a person and undoing it, exporting and erasing them, and where the report is then."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import sign_up
from testing.hosts import item
from testing.patience import eventually
from tests.browser.acting import act
from tests.browser.conftest import Hire
from tests.browser.gate import Gate
from tests.support.shop import Shop
from tests.support.web import call


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    return Shop(suite)


def _is(shop: Shop, name: str, customer_id: str) -> None:
    assert shop.id_of(name) == customer_id


def _is_not(shop: Shop, name: str, customer_id: str) -> None:
    assert shop.id_of(name) != customer_id


def registered(shop: Shop, name: str) -> str:
    """Let somebody with an account and a verified address order; give the customer."""
    person = sign_up(email=shop.address(name))
    shop.documents.document(f"users/{person.uid}").set({"email": person.email, "name": name})
    shop.order(name, userId=person.uid)

    def known() -> str:
        found = shop.find(name)
        assert found.get("registered")
        assert found.get("orderCount") == 1
        return str(found.id)

    return eventually(known)


def test_two_are_compared_merged_and_parted_again(hire: Hire, shop: Shop) -> None:
    other = shop.customer("Ian Other")
    target = shop.customer("Ian Same")
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people/{target}", "Ian Same")
    act(page, "Merge…")
    search = page.get_by_role("dialog", name="Merge with another person")
    search.get_by_label("Who is the same person?").fill(f"other {shop.mark}")
    search.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog", name="Merge these two?")
    heads = dialog.get_by_role("columnheader")
    expect(heads).to_have_text([re.compile("Ian Same.*stays"), re.compile("Ian Other.*merged")])
    table = dialog.get_by_role("table", name="Two people side by side")
    for told in (shop.address("Ian Same"), shop.address("Ian Other"), "US$49.90", "1 Mar 2024"):
        expect(table).to_contain_text(told)
    expect(dialog.get_by_role("alert", name="Please check")).to_contain_text("names differ")
    expect(dialog).to_contain_text("1 order, 1 address or account and 1 event move.")
    expect(dialog).to_contain_text("Afterwards there is one person")
    assert desk.barriers() == []
    # Whoever reloads the page compares the same two.
    expect(page).to_have_url(re.compile(f"merge={other}"))
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("merge="))
    spent = page.get_by_role("region", name="Spent")
    expect(spent).to_contain_text("US$99.80")
    expect(page.get_by_role("region", name="Contact")).to_contain_text(shop.address("Ian Other"))
    eventually(lambda: _is(shop, "Ian Other", target))
    # The old address leads to the survivor.
    page.goto(f"/people/{other}")
    expect(page).to_have_url(re.compile(f"/people/{target}$"))
    page.get_by_role("tab", name="Duplicates").click()
    expect(page.get_by_text("One merge can be undone.")).to_be_visible()
    assert desk.barriers() == []
    page.get_by_role("button", name="Undo the last merge").click()
    expect(page.get_by_text("The merge is undone")).to_be_visible()
    expect(spent).to_contain_text("US$49.90")
    eventually(lambda: _is_not(shop, "Ian Other", target))
    desk.excuse()  # get_customer asked for who was just merged away


def test_the_other_one_can_stay(hire: Hire, shop: Shop) -> None:
    here, there = shop.customer("Jan Here"), shop.customer("Jan There")
    desk = hire(Role.EDITOR)
    # As the list of people leads here, with two of them chosen.
    page = desk.open(f"/people/{here}?merge={there}", "Jan Here")
    dialog = page.get_by_role("dialog", name="Merge these two?")
    heads = dialog.get_by_role("columnheader")
    expect(heads.first).to_contain_text("Jan Here")
    dialog.get_by_role("button", name="Swap who stays").click()
    expect(heads.first).to_contain_text("Jan There")
    expect(heads.first).to_contain_text("stays")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(page).to_have_url(re.compile(f"/people/{there}$"))
    expect(page.get_by_role("region", name="Spent")).to_contain_text("US$99.80")
    eventually(lambda: _is(shop, "Jan Here", there))
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("The merge is undone")).to_be_visible()
    eventually(lambda: _is(shop, "Jan Here", here))
    desk.excuse()  # get_customer asked for who was just merged away


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
def test_two_accounts_take_an_admin_and_a_tick(hire: Hire, shop: Shop, role: Role) -> None:
    one, two = (registered(shop, f"{name} {role.word}") for name in ("Kit", "Kat"))
    desk = hire(role)
    page = desk.open(f"/people/{one}?merge={two}", f"Kit {role.word}")
    dialog = page.get_by_role("dialog", name="Merge these two?")
    sure = dialog.get_by_role("button", name="Merge", exact=True)
    tick = dialog.get_by_label("I know that both accounts are of one person")
    if role == Role.EDITOR:
        stop = dialog.get_by_role("alert").filter(has_text="whom only an admin may merge")
        expect(stop).to_be_visible()
        expect(tick).to_have_count(0)
        expect(sure).to_be_disabled()
        assert desk.barriers() == []
        return
    expect(sure).to_be_disabled()
    tick.check()
    expect(sure).to_be_enabled()
    assert desk.barriers() == []
    sure.click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("region", name="Spent")).to_contain_text("US$99.80")


def test_people_of_one_name_or_one_address_are_possible_duplicates(hire: Hire, shop: Shop) -> None:
    name = f"Lou {shop.mark}"
    shop.order(f"{shop.mark} LOU")
    namesake = shop.id_of(f"{shop.mark} LOU")
    one = shop.customer(name)
    shop.customer("Lou Else")
    person = sign_up(email=shop.address(name), verified=False)
    shop.documents.document(f"users/{person.uid}").set({"email": person.email, "name": "Claims"})
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people/{one}?tab=duplicates", name)
    found = page.get_by_role("list", name="Possible duplicates").get_by_role("listitem")
    same = found.filter(has_text=f"{shop.mark} LOU")
    expect(same).to_contain_text("The same name.")
    expect(found.filter(has_text="Lou Else")).to_have_count(0)
    assert desk.barriers() == []
    same.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog", name="Merge these two?")
    expect(dialog.get_by_role("columnheader").last).to_contain_text(f"{shop.mark} LOU")
    expect(page).to_have_url(re.compile(f"merge={namesake}"))
    viewer = hire(Role.VIEWER).open(f"/people/{one}?tab=duplicates", name)
    expect(viewer.get_by_role("link", name=f"{shop.mark} LOU")).to_be_visible()
    expect(viewer.get_by_role("button", name="Compare")).to_have_count(0)


def test_merged_undone_exported_and_erased_with_a_report_that_stays(
    hire: Hire, shop: Shop, suite: Suite, tmp_path: Path
) -> None:
    other, customer_id = shop.customer("Joy Double"), shop.customer("Joy Gone")
    admin = sign_up(claims={"crm": "admin"})
    desk = hire(None, enter=False)
    desk.sign_in(admin)
    page = desk.open(f"/people/{customer_id}?merge={other}", "Joy Gone")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_role("region", name="Spent")).to_contain_text("US$99.80")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("region", name="Spent")).to_contain_text("US$49.90")
    history = page.get_by_test_id("history")
    expect(history).to_contain_text("A merge was undone")
    expect(history.filter(has_text="Merged")).to_contain_text(admin.email)
    act(page, "Export…")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export", exact=True).click()
    expect(dialog).to_have_count(0)
    file = tmp_path / "export.json"
    download.value.save_as(file)
    archive: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert [one["orderId"] for one in archive["orders"]] == [f"{shop.mark}-{_last(shop)}"]
    act(page, "Erase…")
    dialog.get_by_label("Why").fill("asked for by letter")
    sure = dialog.get_by_role("button", name="Erase for good")
    dialog.get_by_label("to confirm").fill("something else")
    expect(sure).to_be_disabled()
    dialog.get_by_label("to confirm").fill(shop.address("Joy Gone"))
    assert desk.barriers() == []
    sure.click()
    report = page.get_by_role("dialog", name="Erasure report")
    expect(report.get_by_text("The person is erased.")).to_be_visible()
    expect(report.get_by_role("heading", name="Removed")).to_be_visible()
    assert desk.barriers() == []
    number = report.locator("p", has_text=re.compile("^Erasure ")).inner_text().split()[1]
    assert not shop.documents.document(f"customers/{customer_id}").get().exists
    # The report is kept, and the dialog leads to where it is.
    (kept,) = call(suite, admin, ("list_requests", {}))
    (same,) = [one for one in kept["data"]["requests"] if one["erasureId"] == number]
    assert (same["state"], same["customerIds"]) == ("done", [customer_id])
    assert same["report"]["removed"]
    report.get_by_role("link", name="Privacy").click()
    expect(page).to_have_url(re.compile("/privacy"))
    page.goto(f"/people/{customer_id}")
    expect(page.get_by_text("There is no such person any more.")).to_be_visible()
    desk.excuse()  # get_customer does not find the erased one any more


def _last(shop: Shop) -> int:
    return shop._orders


def test_an_open_ticket_holds_an_erasure_until_that_is_said(hire: Hire, shop: Shop) -> None:
    soon = datetime.now(UTC) + timedelta(days=9)
    gala = item(f"{shop.mark}-soon", eventName="Soon", eventStartsAt=soon)
    customer_id = shop.customer("May Held", items=[gala])
    desk = hire(Role.ADMIN)
    page = desk.open(f"/people/{customer_id}", "May Held")
    act(page, "Erase…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").fill("by letter")
    dialog.get_by_label("to confirm").fill(shop.address("May Held"))
    force = dialog.get_by_label("Erase although a ticket is open")
    expect(force).to_have_count(0)
    dialog.get_by_role("button", name="Erase for good").click()
    expect(dialog.get_by_role("alert").last).to_contain_text("have not begun")
    assert desk.barriers() == []
    force.check()
    dialog.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("The person is erased.")).to_be_visible()
    page.get_by_role("button", name="To the people").click()
    page.get_by_role("heading", level=1, name="People").wait_for()
    desk.excuse()  # get_customer does not find the erased one any more


def test_an_export_and_an_erasure_take_the_password_once_more(hire: Hire, shop: Shop) -> None:
    customer_id = shop.customer("Zoe Proof")
    admin = sign_up(claims={"crm": "admin"})
    desk = hire(None, enter=False, spoilt=True)
    page = desk.page
    page.clock.install()
    desk.expect(admin)
    desk.open(f"/people/{customer_id}", "Zoe Proof")
    page.clock.fast_forward("06:00")
    act(page, "Export…")
    dialog = page.get_by_role("dialog")
    password = dialog.get_by_role("textbox", name="Your password")
    sure = dialog.get_by_role("button", name="Export", exact=True)
    expect(sure).to_be_disabled()
    password.press_sequentially("not this one")
    sure.click()
    expect(dialog.get_by_role("alert")).to_have_text("This is not your password.")
    assert desk.barriers() == []
    password.fill(admin.password)
    with page.expect_download():
        sure.click()
    expect(dialog).to_have_count(0)
    page.clock.fast_forward("06:00")
    act(page, "Erase…")
    dialog.get_by_label("Why").fill("by letter")
    dialog.get_by_label("to confirm").fill(shop.address("Zoe Proof"))
    sure = dialog.get_by_role("button", name="Erase for good")
    expect(sure).to_be_disabled()
    password.fill("not this one")
    sure.click()
    expect(dialog.get_by_role("alert").last).to_have_text("This is not your password.")
    assert shop.find("Zoe Proof").exists
    desk.excuse()  # the refused passwords


def test_one_person_s_entries_are_not_shown_with_another(
    hire: Hire, shop: Shop, suite: Suite
) -> None:
    one, another = shop.customer("Nia One"), shop.customer("Nia Two")
    admin = sign_up(claims={"crm": "admin"})
    call(suite, admin, ("tag_customers", {"customerIds": [one], "add": ["Only here"]}))
    desk = hire(Role.ADMIN)
    page = desk.open(f"/people?q={shop.mark}", "People")
    page.get_by_role("link", name="Nia One").click()
    expect(page.get_by_test_id("history")).to_contain_text("Tags changed")
    gate = Gate(page, "list_audit")  # a very slow answer
    page.evaluate(f"history.pushState({{idx: 9}}, '', '/people/{another}')")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate', {state: {idx: 9}}))")
    expect(page.get_by_role("heading", level=1, name="Nia Two")).to_be_visible()
    expect(page.get_by_text("Tags changed")).to_have_count(0)
    expect(page.get_by_text("Added: Only here")).to_have_count(0)
    gate.open()
    expect(page.get_by_test_id("history")).to_contain_text("Order")
    expect(page.get_by_text("Tags changed")).to_have_count(0)
