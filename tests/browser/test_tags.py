"""Tags: how many people have each, searching, renaming, uniting and deleting them."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.patience import eventually
from tests.browser.acting import answered
from tests.browser.conftest import Hire
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop
from tests.support.web import call


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    shop = Shop(suite)
    for name in ("Ned Tag", "Oda Tag"):
        shop.customer(name)
    return shop


@pytest.fixture(scope="module")
def editor() -> Person:
    return sign_up(claims={"crm": "editor"})


def give(suite: Suite, editor: Person, shop: Shop, tag: str, *names: str) -> None:
    given = {"customerIds": [shop.id_of(name) for name in names], "add": [tag]}
    (done,) = call(suite, editor, ("tag_customers", given))
    assert done["data"]["updated"] == len(names)


def row(page: Page, tag: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=tag, exact=True))


def has(shop: Shop, name: str, tag: str, yes: bool) -> None:
    assert (tag in shop.find(name).get("tags")) is yes


def test_a_tag_is_renamed_and_deleted(hire: Hire, shop: Shop, suite: Suite, editor: Person) -> None:
    old, new = f"Old {shop.mark}", f"New {shop.mark}"
    give(suite, editor, shop, old, "Ned Tag")
    desk = hire(Role.EDITOR)
    page = desk.open(f"/tags?q={shop.mark}", "Tags")
    expect(row(page, old).get_by_role("cell", name="1", exact=True)).to_be_visible()
    page.get_by_role("button", name=f"Rename {old}").click()
    dialog = page.get_by_role("dialog")
    sure = dialog.get_by_role("button", name="Rename")
    expect(sure).to_be_disabled()
    dialog.get_by_label("New name").fill(new)
    assert desk.barriers() == []
    sure.click()
    expect(row(page, old)).to_have_count(0)
    expect(row(page, new).get_by_role("cell", name="1", exact=True)).to_be_visible()
    eventually(lambda: has(shop, "Ned Tag", f"new-{shop.mark}", True))
    page.get_by_role("button", name=f"Delete {new}").click()
    expect(dialog).to_contain_text("It is taken from 1 person. It cannot be undone.")
    dialog.get_by_role("button", name="Delete").click()
    expect(row(page, new)).to_have_count(0)
    eventually(lambda: has(shop, "Ned Tag", f"new-{shop.mark}", False))


def test_two_tags_become_one_after_that_was_said(
    hire: Hire, shop: Shop, suite: Suite, editor: Person
) -> None:
    one, other = f"One {shop.mark}", f"Other {shop.mark}"
    give(suite, editor, shop, one, "Ned Tag")
    give(suite, editor, shop, other, "Ned Tag", "Oda Tag")
    desk = hire(Role.EDITOR)
    page = desk.open(f"/tags?q={shop.mark}", "Tags")
    page.get_by_role("button", name=f"Rename {one}").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New name").fill(f"OTHER {shop.mark}")
    said = dialog.get_by_role("status")
    expect(said).to_contain_text(f"There is a tag {other} already (2 people).")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Make them one").click()
    expect(row(page, one)).to_have_count(0)
    expect(row(page, other).get_by_role("cell", name="2", exact=True)).to_be_visible()
    eventually(lambda: has(shop, "Ned Tag", f"one-{shop.mark}", False))


def test_a_search_stays_and_a_row_leads_to_the_people(
    hire: Hire, shop: Shop, suite: Suite, editor: Person
) -> None:
    tag = f"Früh {shop.mark}"
    give(suite, editor, shop, tag, "Oda Tag")
    give(suite, editor, shop, f"Late {shop.mark}", "Ned Tag")
    desk = hire(Role.VIEWER)
    page = desk.open("/tags", "Tags")
    search = page.get_by_label("Search tags")
    search.press_sequentially("nothing has this")
    expect(page.get_by_text("No tag has this in its name.")).to_be_visible()
    search.fill("")
    search.press_sequentially(f"fruh {shop.mark}")
    expect(row(page, tag)).to_be_visible()
    expect(row(page, f"Late {shop.mark}")).to_have_count(0)
    # What a role may not do is not offered.
    expect(page.get_by_role("button", name=re.compile("Rename|Delete"))).to_have_count(0)
    row(page, tag).click()
    page.get_by_role("heading", level=1, name="People").wait_for()
    expect(page.get_by_role("link", name="Oda Tag")).to_be_visible()
    expect(page.get_by_role("link", name="Ned Tag")).to_have_count(0)
    page.go_back()
    expect(page.get_by_label("Search tags")).to_have_value(f"fruh {shop.mark}")
    expect(page.get_by_role("row")).to_have_count(2)


def test_the_progress_of_a_large_change_stays_when_the_page_is_loaded_again(
    hire: Hire, shop: Shop, suite: Suite, editor: Person
) -> None:
    tag = f"Large {shop.mark}"
    give(suite, editor, shop, tag, "Ned Tag")
    now = datetime.now(UTC)
    work: dict[str, Any] = {"kind": "rename_tag", "state": "running", "done": 300, "total": 600}
    work |= {"startedAt": now, "updatedAt": now, "error": None, "result": {}, "drift": []}
    job = shop.documents.document(f"crmJobs/{uuid.uuid4().hex}")
    job.set(work)

    def as_a_job(told: dict[str, Any]) -> None:
        del told["updated"]
        told["jobId"] = job.id

    desk = hire(Role.EDITOR)
    page = desk.page
    answered(page, "rename_tag", as_a_job)
    desk.open(f"/tags?q={shop.mark}", "Tags")
    page.get_by_role("button", name=f"Rename {tag}").click()
    page.get_by_label("New name").fill(f"Larger {shop.mark}")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    told = page.get_by_role("status", name="Long work")
    expect(told).to_contain_text("Rename a tag")
    expect(told).to_contain_text("50 %")
    assert desk.barriers() == []
    page.reload()
    expect(told).to_contain_text("50 %")
    job.update({"state": "done", "done": 600})
    expect(told).to_contain_text("done")
    job.delete()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_is_in_the_way(
    hire: Hire, shop: Shop, suite: Suite, editor: Person, scheme: str, width: int
) -> None:
    tag = f"{'W' * 40}{shop.mark}{width}"
    give(suite, editor, shop, tag, "Ned Tag")
    desk = hire(Role.EDITOR, scheme=scheme, width=width)
    page = desk.open(f"/tags?q={shop.mark}", "Tags")
    stays_inside(page)
    assert desk.barriers() == []
    for deed in ("Rename", "Delete"):
        page.get_by_role("button", name=f"{deed} {tag}").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        stays_inside(page)
        assert desk.barriers() == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_in_german(hire: Hire, shop: Shop, suite: Suite, editor: Person) -> None:
    tag = f"Deutsch {shop.mark}"
    give(suite, editor, shop, tag, "Ned Tag", "Oda Tag")
    desk = hire(Role.EDITOR, locale="de-DE")
    page = desk.open(f"/tags?q={shop.mark}", "Schlagwörter")
    page.get_by_role("button", name=f"{tag} löschen").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Es wird 2 Personen genommen.")
    dialog.get_by_role("button", name="Löschen", exact=True).click()
    expect(page.get_by_text("2 Personen geändert.")).to_be_visible()
    expect(row(page, tag)).to_have_count(0)
    assert desk.barriers() == []
