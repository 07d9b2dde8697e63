"""What is done for many at once: tags, unsubscribing, the merge of two, the newsletter list."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud.firestore import FieldFilter
from playwright.sync_api import Locator, Page, expect

from crm.core.roles import Role
from crm.db.collections import CONSENTS, CUSTOMERS
from suite.running import Suite
from testing.client import client_of
from testing.hosts import item
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.browser.gate import Gate
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
    page.get_by_label("Search people").press_sequentially(f"{shop.mark}.", delay=5)
    rows = page.get_by_role("table", name="People").locator("tbody tr")
    expect(rows).to_have_count(3)
    page.get_by_label("Search people").fill(f"byron {shop.mark}")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("US$49.90")
    page.get_by_role("checkbox", name="Select all shown").check()
    expect(page.get_by_test_id("selected")).to_have_text("2 selected")
    page.get_by_role("button", name="Tag…", exact=True).click()
    choose_tag(page, "Add tags", f"Fans {shop.mark}")
    assert desk.barriers() == []
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("2 people changed.")).to_be_visible()
    expect(rows.get_by_text(f"Fans {shop.mark}")).to_have_count(2)
    eventually(lambda: _has(shop, "Ada Byron", [f"fans-{shop.mark}"]))
    page.get_by_role("button", name="Undo").click()
    expect(rows.get_by_text(f"Fans {shop.mark}")).to_have_count(0)
    for name in ("Ada Byron", "Bea Byron"):
        eventually(lambda: _has(shop, name, []))


def _has(shop: Shop, name: str, tags: list[str]) -> None:
    assert tags_of(shop, name) == tags


@pytest.fixture
def ball(shop: Shop) -> str:
    """A question that finds three who are subscribed, and one who is not."""
    event = f"{shop.mark}-ball"
    for name in ("Ann Yes", "Bob Yes", "Cat Yes"):
        shop.order(name, marketingOptIn=True, items=[item(event)])
    shop.order("Dan Never", items=[item(event)])
    for name in ("Ann Yes", "Bob Yes", "Cat Yes", "Dan Never"):
        shop.find(name)
    return f"has_ticket:{event}"


def test_the_newsletter_list_says_how_many_are_in_it(hire: Hire, ball: str, tmp_path: Path) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people?segment={ball}", "People")
    expect(page.get_by_test_id("reach")).to_have_text(
        "4 people · 3 can get the newsletter (1 not subscribed)"
    )
    page.get_by_role("button", name="Download for newsletter (3 of 4)").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="For mail tools (CSV)").click()
    file = tmp_path / "list.csv"
    download.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        assert len(list(csv.DictReader(opened))) == 3


def test_those_who_are_selected_are_unsubscribed_with_the_proof(
    hire: Hire, shop: Shop, ball: str
) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people?segment={ball}", "People")
    for name in ("Ann Yes", "Bob Yes", "Dan Never"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    page.get_by_role("button", name="Unsubscribe…").click()
    dialog = page.get_by_role("dialog", name="Unsubscribe 3 people")
    sure = dialog.get_by_role("button", name="Unsubscribe")
    expect(sure).to_be_disabled()
    dialog.get_by_label("Proof").fill("said so at the door")
    assert desk.barriers() == []
    gate = Gate(page, "set_consent")
    sure.click()
    gate.wait()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_disabled()
    gate.open()
    expect(page.get_by_text("3 people are unsubscribed.")).to_be_visible()
    expect(page.get_by_test_id("reach")).to_have_text(
        "4 people · 1 can get the newsletter (3 unsubscribed)"
    )
    assert len(gate.asked) == 3
    told = FieldFilter("evidence", "==", "said so at the door")
    kept = shop.documents.collection(CONSENTS).where(filter=told).get()
    assert len(kept) >= 3
    # Who is so already is left out.
    page.get_by_role("checkbox", name="Select all shown").check()
    page.get_by_role("button", name="Unsubscribe…").click()
    expect(page.get_by_role("dialog", name="Unsubscribe 1 person")).to_contain_text(
        "3 of them are unsubscribed already."
    )


def test_an_unsubscribing_that_breaks_off_goes_on_with_the_others(
    hire: Hire, shop: Shop, ball: str
) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people?segment={ball}", "People")
    page.get_by_role("checkbox", name="Select all shown").check()
    page.get_by_role("button", name="Unsubscribe…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Proof").fill("by letter")
    asked: list[str] = []

    def third_is_cut(route: object) -> None:
        asked.append("")
        route.abort() if len(asked) == 3 else route.continue_()  # type: ignore[attr-defined]

    page.route("**/set_consent", third_is_cut)
    dialog.get_by_role("button", name="Unsubscribe").click()
    expect(dialog.get_by_role("alert")).to_contain_text("look before you try again")
    expect(dialog.get_by_role("status").filter(has_text="of 4")).to_have_text("2 of 4")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_text("are unsubscribed.")).to_be_visible()
    assert len(asked) == 5
    for name in ("Ann Yes", "Bob Yes", "Cat Yes", "Dan Never"):
        assert shop.find(name).get("marketing")["status"] == "unsubscribed"
    desk.excuse()  # the request that was not let through


def test_two_who_are_selected_lead_to_their_merge(hire: Hire, shop: Shop, ball: str) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people?segment={ball}", "People")
    merge = page.get_by_role("link", name="Merge…")
    page.get_by_role("checkbox", name="Select Ann Yes").check()
    expect(merge).to_have_count(0)
    page.get_by_role("checkbox", name="Select Bob Yes").check()
    ids = {shop.id_of("Ann Yes"), shop.id_of("Bob Yes")}
    href = merge.get_attribute("href") or ""
    assert {href.split("/")[-1].split("?")[0], href.split("=")[-1]} == ids
    page.get_by_role("checkbox", name="Select Cat Yes").check()
    expect(merge).to_have_count(0)


@pytest.fixture(params=[MANY])
def crowd(suite: Suite, request: pytest.FixtureRequest) -> Iterator[Crowd]:
    made = gather(client_of(suite.project), request.param)
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
    expect(page.get_by_test_id("reach")).to_contain_text("800 people")
    page.get_by_role("button", name="Tag all 800…").click()
    choose_tag(page, "Add tags", tag)
    page.get_by_role("button", name="Apply").click()
    work = page.get_by_role("status", name="Long work")
    expect(work.get_by_role("progressbar")).to_be_visible()
    expect(work).to_contain_text("800 people changed.")
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
        page.get_by_role("button", name="Tag all 1,500…").click()
        choose_tag(page, "Add tags", tag)
        page.get_by_role("button", name="Apply").click()
        eventually(lambda: _some_have(crowd, tag))
        work.get_by_role("button", name="Cancel").click()
        expect(work).to_contain_text("cancelled")
        expect(work).to_contain_text("What was done until then stays.")
        assert desk.barriers() == []
    desk.open("/activity", "Activity")
    job = page.get_by_role("article", name="Tag a segment").filter(has_text="1,500")
    # What was under way when it was cancelled may yet be carried out, and is counted then.
    eventually(lambda: _is_told_of(crowd, tag, job))
    assert desk.barriers() == []
    job.get_by_role("button", name="Try again").click()
    expect(job).to_contain_text("1,500 people changed")
    expect(job.get_by_role("button")).to_have_count(0)
    eventually(lambda: _have(crowd, tag, LONG))


def _have(crowd: Crowd, tag: str, number: int) -> None:
    assert crowd.having(tag) == number


def _is_told_of(crowd: Crowd, tag: str, job: Locator) -> None:
    tagged = crowd.having(tag)
    assert 0 < tagged < LONG
    assert f"{tagged:,} people changed" in job.inner_text()


def _some_have(crowd: Crowd, tag: str) -> None:
    assert crowd.having(tag) > 0
