"""Finding customers, tagging many of them, and all of one customer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import sign_up
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.support.shop import Shop


@pytest.fixture
def shop(suite: Suite) -> Shop:
    return Shop(suite)


def tags_of(shop: Shop, name: str) -> list[str]:
    tags: list[str] = shop.find(name).get("tags")
    return tags


def choose_tag(page: Page, label: str, tag: str) -> None:
    field = page.get_by_role("dialog").get_by_label(label)
    field.fill(tag)
    field.press("Enter")
    field.press("Tab")  # its suggestions close


def test_an_order_arrives_while_somebody_looks(hire: Hire, shop: Shop) -> None:
    now = datetime.now(UTC)
    customer_id = shop.customer("Fay Live", createdAt=now)
    desk = hire(Role.VIEWER)
    page = desk.open(f"/people/{customer_id}", "Fay Live")
    expect(page.get_by_test_id("history")).to_contain_text(f"{shop.mark}-1")
    shop.order("Fay Live", total="100.00", createdAt=now)
    expect(page.get_by_text("US$149.90")).to_be_visible()
    expect(page.get_by_test_id("history")).to_contain_text(f"{shop.mark}-2")
    # On the overview too: the latest order is on top, and the sums follow.
    desk.open("/", "Home")
    newest = now + timedelta(days=360)
    shop.order("Gil Newest", createdAt=newest)
    expect(
        page.get_by_test_id("latest").filter(has_text=shop.mark).filter(has_text="Gil Newest")
    ).to_be_visible()
    expect(page.get_by_test_id("People")).not_to_have_text("…")
    expect(page.get_by_role("heading", name="Newcomers and returning buyers")).to_be_visible()


def test_editing_one_customer(hire: Hire, shop: Shop) -> None:
    customer_id = shop.customer("Hal Edit")
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people/{customer_id}", "Hal Edit")
    field = page.get_by_placeholder("Add a tag")
    field.fill("Speaker")
    field.press("Enter")
    eventually(lambda: _has(shop, "Hal Edit", ["speaker"]))
    page.get_by_role("button", name="Record a subscription").click()
    page.get_by_role("dialog").get_by_label("Evidence").fill("Paper form at the door")
    assert desk.barriers() == []
    page.get_by_role("button", name="Record", exact=True).click()
    decided = page.get_by_label("What was decided").get_by_role("listitem")
    expect(decided).to_have_count(1)
    expect(decided).to_contain_text("Agreed")
    expect(decided).to_contain_text("“Paper form at the door”")
    assert shop.find("Hal Edit").get("marketing")["status"] == "subscribed"
    page.get_by_role("button", name="Record a withdrawal").click()
    page.get_by_role("button", name="Record", exact=True).click()
    # What was decided before stays to be seen, with what shows it.
    expect(decided).to_have_count(2)
    expect(decided.first).to_contain_text("Withdrew")
    expect(decided.last).to_contain_text("“Paper form at the door”")
    expect(page.get_by_test_id("history")).to_contain_text("Newsletter: withdrew")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert desk.barriers() == []


def test_an_address_that_nobody_has_verified_is_shown_as_such(hire: Hire, shop: Shop) -> None:
    name = "Kim Typed"
    person = sign_up(email=shop.address(name), verified=False)
    shop.documents.document(f"users/{person.uid}").set({"email": person.email, "name": name})
    shop.order(name, userId=person.uid, marketingOptIn=True)
    asked = FieldFilter("contactEmail", "==", person.email)

    def found() -> str:
        (one,) = shop.documents.collection("customers").where(filter=asked).get()
        assert one.get("orderCount") == 1
        return str(one.id)

    customer_id = eventually(found)
    desk = hire(Role.VIEWER)
    page = desk.open("/people", "People")
    page.get_by_label("Search").fill(person.email)
    row = page.get_by_role("table", name="People").locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(person.email)
    expect(row).to_contain_text("not verified")
    page = desk.open(f"/people/{customer_id}", name)
    expect(page.get_by_text("not verified", exact=True)).to_be_visible()
    assert desk.barriers() == []


def _has(shop: Shop, name: str, tags: list[str]) -> None:
    assert tags_of(shop, name) == tags


def _is(shop: Shop, name: str, customer_id: str) -> None:
    assert shop.id_of(name) == customer_id


def test_merging_and_undoing(hire: Hire, shop: Shop) -> None:
    shop.customer("Ian Other")
    target = shop.customer("Ian Same")
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people/{target}", "Ian Same")
    page.get_by_role("button", name="Merge with…").click()
    page.get_by_label("Who is the same person?").fill(f"other {shop.mark}")
    page.get_by_role("button", name="Preview merge").click()
    preview = page.get_by_role("dialog", name="Merge into this customer?")
    expect(preview).to_contain_text("1 order, ")
    assert desk.barriers() == []
    preview.get_by_role("button", name="Merge", exact=True).click()
    expect(preview).to_have_count(0)  # it names the address too
    expect(page.get_by_text(shop.address("Ian Other"))).to_be_visible()
    expect(page.get_by_text("US$99.80")).to_be_visible()
    eventually(lambda: _is(shop, "Ian Other", target))
    page.get_by_role("button", name="Undo the last merge").click()
    expect(page.get_by_text("The merge is undone")).to_be_visible()
    expect(page.get_by_text("US$99.80")).to_have_count(0)
    assert shop.id_of("Ian Other") != target


def test_exporting_and_erasing(hire: Hire, shop: Shop, tmp_path: Path) -> None:
    customer_id = shop.customer("Joy Gone")
    desk = hire(Role.ADMIN)
    page = desk.open(f"/people/{customer_id}", "Joy Gone")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / "export.json"
    download.value.save_as(file)
    archive: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert [one["orderId"] for one in archive["orders"]] == [f"{shop.mark}-1"]
    page.get_by_role("button", name="Erase…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").fill("asked for by letter")
    sure = dialog.get_by_role("button", name="Erase for good")
    dialog.get_by_label("to confirm").fill("something else")
    expect(sure).to_be_disabled()
    dialog.get_by_label("to confirm").fill(shop.address("Joy Gone"))
    assert desk.barriers() == []
    sure.click()
    expect(page.get_by_text("The person is erased.")).to_be_visible()
    expect(page.get_by_role("heading", name="Removed")).to_be_visible()
    page.get_by_role("button", name="To the customers").click()
    page.get_by_role("heading", level=1, name="People").wait_for()
    assert not shop.documents.document(f"customers/{customer_id}").get().exists
    desk.problems.clear()  # get_customer does not find the erased one any more
