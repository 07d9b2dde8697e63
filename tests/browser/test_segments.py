"""Segments, tags and quarantine."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from crm.core.roles import Role
from suite.running import Suite
from testing.hosts import item
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.support.shop import Shop


@pytest.fixture
def shop(suite: Suite) -> Shop:
    return Shop(suite)


def test_a_segment_from_question_to_newsletter(hire: Hire, shop: Shop, tmp_path: Path) -> None:
    event = f"{shop.mark}-ball"
    for name, opted_in in (("Kim News", True), ("Lou Quiet", False), ("Max News", True)):
        items = [item(event, eventName="The Ball")]
        shop.customer(name, marketingOptIn=opted_in, items=items)
    desk = hire(Role.EDITOR)
    page = desk.open("/segments/new", "New segment")
    text = page.get_by_label("The same question as text")
    text.fill(f"attended:{event} and order_count >= 1")
    count, words = page.get_by_test_id("count"), page.get_by_test_id("words")
    expect(count).to_have_text("3 people")
    expect(words).to_contain_text("ordered at least 1 time")
    # The builder follows the text, and the text the builder.
    conditions = page.get_by_role("group", name="number of orders")
    conditions.get_by_label("Orders").fill("2")
    expect(text).to_have_value(f"attended:{event} and order_count >= 2")
    expect(count).to_have_text("0 people")
    conditions.get_by_role("button", name="Remove this condition").click()
    expect(text).to_have_value(f"attended:{event}")
    expect(page.get_by_role("group", name="Who bought last").get_by_role("link")).to_have_count(3)
    assert desk.barriers() == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Newsletter list (CSV)").click()
    file = tmp_path / "list.csv"
    download.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["email"] for row in rows} == {shop.address("Kim News"), shop.address("Max News")}
    with page.expect_download() as download:
        page.get_by_role("button", name="Newsletter list for Excel").click()
    download.value.save_as(file)
    with file.open(encoding="utf-16", newline="") as lines:
        assert list(csv.DictReader(lines, delimiter="\t")) == rows
    page.get_by_label("Name", exact=True).fill(f"Ball {shop.mark}")
    page.get_by_role("button", name="Save segment").click()
    page.get_by_role("heading", level=1, name=f"Ball {shop.mark}").wait_for()
    desk.open("/segments", "Segments")
    row = page.get_by_role("row").filter(has_text=f"Ball {shop.mark}")
    expect(row.get_by_role("cell").nth(2)).to_contain_text("3")  # it counts itself
    page.get_by_role("button", name=f"Delete Ball {shop.mark}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name=f"Ball {shop.mark}")).to_have_count(0)


def test_renaming_and_deleting_a_tag(hire: Hire, shop: Shop) -> None:
    customer_id = shop.customer("Ned Tag")
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people/{customer_id}", "Ned Tag")
    page.get_by_placeholder("Add a tag").fill(f"Old {shop.mark}")
    page.get_by_placeholder("Add a tag").press("Enter")
    expect(page.get_by_text(f"Old {shop.mark}", exact=True)).to_be_visible()
    desk.open("/tags", "Tags")
    old = page.get_by_role("row").filter(has_text=f"Old {shop.mark}")
    new = page.get_by_role("row").filter(has_text=f"New {shop.mark}")
    expect(old).to_contain_text("1")
    page.get_by_role("button", name=f"Rename Old {shop.mark}").click()
    page.get_by_label("New name").fill(f"New {shop.mark}")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(old).to_have_count(0)
    expect(new.get_by_role("cell", name="1", exact=True)).to_be_visible()
    eventually(lambda: _has(shop, "Ned Tag", [f"new-{shop.mark}"]))
    page.get_by_role("button", name=f"Delete New {shop.mark}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(new).to_have_count(0)
    eventually(lambda: _has(shop, "Ned Tag", []))


def _has(shop: Shop, name: str, tags: list[str]) -> None:
    assert shop.find(name).get("tags") == tags


def test_what_waits_in_quarantine(hire: Hire, shop: Shop) -> None:
    order_id = shop.order("Odd Order", currency="XXQ")
    desk = hire(Role.EDITOR)
    page = desk.open("/problems", "Import problems")
    waiting = page.get_by_role("article", name=f"orders/{order_id}")
    expect(waiting).to_contain_text("The currency is not an ISO 4217 code")
    waiting.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("It still cannot be understood.")).to_be_visible()
    assert desk.barriers() == []
    shop.documents.document(f"orders/{order_id}").update({"currency": "EUR"})
    expect(waiting).to_have_count(0)
