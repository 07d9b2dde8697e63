"""Finding customers, tagging many of them, and all of one customer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.firestore import FieldFilter
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from crm.db.collections import CUSTOMERS
from crm.firebase.store import client
from suite.running import Suite
from testing.auth import sign_up
from testing.hosts import item
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.support.gathering import Crowd, batches, gather
from tests.support.shop import Shop

MANY = 800
"""More than a call tags at once."""

LONG = 1_500
"""Of six steps of the job."""


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


def test_searching_tagging_and_undoing(hire: Hire, shop: Shop) -> None:
    for name in ("Ada Byron", "Bea Byron", "Cleo Stone"):
        shop.order(name)
    for name in ("Ada Byron", "Bea Byron", "Cleo Stone"):
        shop.find(name)
    desk = hire(Role.EDITOR)
    page = desk.open("/people", "People")
    page.get_by_label("Search").press_sequentially(f"{shop.mark}.", delay=5)
    rows = page.get_by_role("table", name="People").locator("tbody tr")
    expect(rows).to_have_count(3)
    page.get_by_label("Search").fill(f"byron {shop.mark}")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("US$49.90")
    page.get_by_role("checkbox", name="Select all shown").check()
    page.get_by_role("button", name="Tag 2 selected").click()
    choose_tag(page, "Add tags", f"Fans {shop.mark}")
    assert desk.barriers() == []
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("2 customers changed.")).to_be_visible()
    expect(rows.get_by_text(f"Fans {shop.mark}")).to_have_count(2)
    eventually(lambda: _has(shop, "Ada Byron", [f"fans-{shop.mark}"]))
    page.get_by_role("button", name="Undo").click()
    expect(rows.get_by_text(f"Fans {shop.mark}")).to_have_count(0)
    for name in ("Ada Byron", "Bea Byron"):
        eventually(lambda: _has(shop, name, []))


def test_filtering_by_a_segment(hire: Hire, shop: Shop) -> None:
    event = f"{shop.mark}-summit"
    for name in ("Dora Filter", "Ed Filter"):
        shop.customer(name, items=[item(event, eventName="The Summit")])
    desk = hire(Role.VIEWER)
    page = desk.open("/people", "People")
    field = page.get_by_label("Filter by a segment")
    field.fill("order_count >= 1 and total_spend >= x")
    expect(page.get_by_test_id("place")).to_contain_text("^")
    expect(field).to_have_attribute("aria-invalid", "true")
    desk.problems.clear()  # the refusals
    field.fill("")
    field.press_sequentially("att")
    page.get_by_role("option", name="attended:").click()
    expect(page.get_by_role("listbox", name="Completions")).to_be_visible()
    assert desk.barriers() == []
    field.press_sequentially(shop.mark[:9])
    page.get_by_role("option", name=event).click()
    expect(field).to_have_value(f"attended:{event}")
    expect(page.get_by_test_id("count")).to_have_text("2 customers")
    rows = page.get_by_role("table", name="People").locator("tbody tr")
    expect(rows).to_have_count(2)
    desk.problems.clear()  # what was refused while it was half written


@pytest.fixture(params=[MANY])
def crowd(suite: Suite, request: pytest.FixtureRequest) -> Iterator[Crowd]:
    made = gather(client(suite.project), request.param)
    yield made
    for ids in batches(made.ids):
        batch = made.documents.batch()
        for customer_id in ids:
            batch.delete(made.documents.document(f"{CUSTOMERS}/{customer_id}"))
        batch.commit()


def test_tagging_a_large_segment_shows_its_progress(hire: Hire, crowd: Crowd) -> None:
    desk = hire(Role.EDITOR)
    tag = f"t{crowd.event}"
    page = desk.open(f"/people?segment=attended:{crowd.event}", "People")
    expect(page.get_by_test_id("count")).to_have_text("800 customers")
    page.get_by_role("button", name="Tag all 800 of this segment").click()
    choose_tag(page, "Add tags", tag)
    page.get_by_role("button", name="Apply").click()
    work = page.get_by_role("status", name="Long work")
    expect(work.get_by_role("progressbar")).to_be_visible()
    expect(work).to_contain_text("800 customers changed.")
    eventually(lambda: _have(crowd, tag, MANY))
    work.get_by_role("button", name="Undo").click()
    eventually(lambda: _have(crowd, tag, 0))
    desk.open("/activity", "Activity")
    expect(page.get_by_role("article", name="Tag a segment").first).to_contain_text("800")


@pytest.mark.parametrize("crowd", [LONG], indirect=True)
def test_tagging_a_large_segment_is_cancelled_and_taken_up_again(hire: Hire, crowd: Crowd) -> None:
    desk = hire(Role.EDITOR)
    page = desk.page
    tag = f"t{crowd.event}"
    work = page.get_by_role("status", name="Long work")
    desk.open(f"/people?segment=attended:{crowd.event}", "People")
    # The job goes by ids: it gets half-way, and no further as long as this customer is held.
    with crowd.held(sorted(crowd.ids)[LONG // 2]):
        page.get_by_role("button", name="Tag all 1,500 of this segment").click()
        choose_tag(page, "Add tags", tag)
        page.get_by_role("button", name="Apply").click()
        eventually(lambda: _some_have(crowd, tag))
        work.get_by_role("button", name="Cancel").click()
        expect(work).to_contain_text("cancelled")
        expect(work).to_contain_text("What was done until then stays.")
        assert desk.barriers() == []
    tagged = crowd.having(tag)
    assert 0 < tagged < LONG
    desk.open("/activity", "Activity")
    job = page.get_by_role("article", name="Tag a segment").filter(has_text="1,500")
    expect(job).to_contain_text(f"{tagged:,} customers changed")
    assert desk.barriers() == []
    job.get_by_role("button", name="Try again").click()
    expect(job).to_contain_text("1,500 customers changed")
    expect(job.get_by_role("button")).to_have_count(0)
    eventually(lambda: _have(crowd, tag, LONG))


def _have(crowd: Crowd, tag: str, number: int) -> None:
    assert crowd.having(tag) == number


def _some_have(crowd: Crowd, tag: str) -> None:
    assert crowd.having(tag) > 0


def test_an_order_arrives_while_somebody_looks(hire: Hire, shop: Shop) -> None:
    now = datetime.now(UTC)
    desk = hire(Role.VIEWER)
    page = desk.page
    # The latest order is on top, and the sums follow.
    desk.open("/", "Home")
    newest = now + timedelta(days=360)
    shop.order("Gil Newest", createdAt=newest)
    expect(
        page.get_by_test_id("latest").filter(has_text=shop.mark).filter(has_text="Gil Newest")
    ).to_be_visible()
    expect(page.get_by_test_id("People")).not_to_have_text("…")
    expect(page.get_by_role("heading", name="Newcomers and returning buyers")).to_be_visible()


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
    expect(page.get_by_text("not verified", exact=True).first).to_be_visible()
    assert desk.barriers() == []


def _has(shop: Shop, name: str, tags: list[str]) -> None:
    assert tags_of(shop, name) == tags


def _is(shop: Shop, name: str, customer_id: str) -> None:
    assert shop.id_of(name) == customer_id
