"""Activity: long work in words, with its progress, and for admins who did what."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import sign_up
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop
from tests.support.web import call


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    shop = Shop(suite)
    shop.customer("Ada Work")
    return shop


def job(shop: Shop, **fields: Any) -> str:
    """Write a job as a worker leaves it between two steps; give its id."""
    job_id = uuid.uuid4().hex
    now = datetime.now(UTC)
    document = {
        "kind": "tag_segment",
        "arguments": {},
        "actor": "operator",
        "startedAt": now,
        "updatedAt": now,
        "state": "running",
        "done": 0,
        "total": 5_000,
        "error": None,
        "cursor": None,
        "result": {},
        "drift": [],
        "phase": None,
        "left": [],
        "lanes": 1,
        "notBefore": None,
    }
    shop.documents.document(f"crmJobs/{job_id}").set({**document, **fields})
    return job_id


def test_everything_is_checked_and_recalculated(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.ADMIN)
    page = desk.open("/activity", "Activity")
    page.get_by_role("button", name="Check all customers").click()
    dialog = page.get_by_role("dialog", name="Check all customers?")
    expect(dialog).to_contain_text("Nothing is changed.")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Check", exact=True).click()
    expect(dialog).to_have_count(0)
    checked = page.get_by_role("article", name="Check all customers").first
    expect(checked).to_contain_text("done")
    # It is still told apart from the other when its order is forgotten.
    expect(checked).to_contain_text(re.compile(r"\d+ documents? checked"))
    page.get_by_role("button", name="Recalculate all customers").click()
    again = page.get_by_role("dialog", name="Recalculate all customers?")
    again.get_by_role("button", name="Recalculate", exact=True).click()
    done = page.get_by_role("article", name="Recalculate all customers").first
    expect(done).to_contain_text("done")
    expect(done).not_to_contain_text("checked")
    # Who asked for it is told to admins.
    page.get_by_role("tab", name="Who did what").click()
    entries = page.get_by_role("list", name="What was done").get_by_role("listitem")
    expect(entries.filter(has_text="All customers to be recalculated").first).to_be_visible()
    assert desk.barriers() == []


def test_the_progress_is_followed_with_the_time_that_is_left(hire: Hire, shop: Shop) -> None:
    now = datetime.now(UTC)
    asked = {"startedAt": now - timedelta(seconds=20), "updatedAt": now}
    job_id = job(shop, total=4_321, done=1_729, **asked)
    desk = hire(Role.EDITOR)
    page = desk.open("/activity", "Activity")
    one = page.get_by_role("article", name="Tag a segment").filter(has_text="40 %")
    expect(one).to_contain_text("40 %, about 30 s left")
    expect(one.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile("^40"))
    assert desk.barriers() == []
    later = {"updatedAt": now + timedelta(seconds=10), "done": 3_457}
    shop.documents.document(f"crmJobs/{job_id}").update(later)
    expect(page.get_by_text("80 %, about 10 s left")).to_be_visible()
    page.get_by_role("article").filter(has_text="80 %").get_by_role("button", name="Cancel").click()
    stopped = page.get_by_role("article").filter(has_text="3,457 of 4,321")
    expect(stopped).to_contain_text("cancelled")
    expect(stopped.get_by_role("button", name="Try again")).to_be_visible()
    assert desk.barriers() == []
    shop.documents.document(f"crmJobs/{job_id}").delete()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.ADMIN])
def test_what_a_role_may_do(hire: Hire, shop: Shop, role: Role) -> None:
    mine = job(shop, kind="tag_segment", done=71, total=100)
    theirs = job(shop, kind="import_contacts", done=72, total=100)
    campaign = job(shop, kind="send_campaign", done=73, total=100)
    desk = hire(role)
    page = desk.open("/activity", "Activity")
    admin, editor = role is Role.ADMIN, role is not Role.VIEWER
    for told, may in {"71 %": editor, "72 %": admin, "73 %": False}.items():
        row = page.get_by_role("article").filter(has_text=told)
        expect(row).to_be_visible()
        expect(row.get_by_role("button", name="Cancel")).to_have_count(int(may))
    for name in ("Check all customers", "Recalculate all customers"):
        expect(page.get_by_role("button", name=name)).to_have_count(int(admin))
    expect(page.get_by_role("tab", name="Who did what")).to_have_count(int(admin))
    for job_id in (mine, theirs, campaign):
        shop.documents.document(f"crmJobs/{job_id}").delete()


def test_what_one_of_staff_did(hire: Hire, shop: Shop, suite: Suite) -> None:
    editor, other = sign_up(claims={"crm": "editor"}), sign_up(claims={"crm": "editor"})
    customer_id = shop.id_of("Ada Work")
    for person, tag in ((editor, "Mine"), (other, "Theirs")):
        call(suite, person, ("tag_customers", {"customerIds": [customer_id], "add": [tag]}))
    desk = hire(Role.ADMIN)
    page = desk.open("/activity?tab=trail", "Activity")
    entries = page.get_by_role("list", name="What was done").get_by_role("listitem")
    expect(entries.filter(has_text="Added: Mine")).to_contain_text(editor.email)
    page.get_by_label("Who", exact=True).select_option(label=editor.email)
    expect(page).to_have_url(re.compile(f"who={editor.uid}"))
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text("Ada Work")
    page.reload()
    expect(entries).to_have_count(1)
    expect(page.get_by_label("Who", exact=True)).to_have_value(editor.uid)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_is_in_the_way(hire: Hire, shop: Shop, scheme: str, width: int) -> None:
    drift = [{"customerId": shop.id_of("Ada Work"), "fields": ["totalSpend", "marketing"]}]
    result = {"checked": 5_000, "drifted": 1, "notUnderstood": 3}
    job_id = job(shop, kind="rebuild", state="done", done=5_000, result=result, drift=drift)
    desk = hire(Role.ADMIN, scheme=scheme, width=width)
    for tab in ("jobs", "trail"):
        page = desk.open(f"/activity?tab={tab}", "Activity")
        stays_inside(page)
        assert desk.barriers() == [], tab
    desk.open("/activity", "Activity")
    checked = page.get_by_role("article").filter(has_text="5,000 documents checked")
    expect(checked).to_contain_text("Ada Work: totalSpend, marketing")
    page.get_by_role("button", name="Check all customers").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    stays_inside(page)
    assert desk.barriers() == []
    shop.documents.document(f"crmJobs/{job_id}").delete()


def test_in_german(hire: Hire, shop: Shop) -> None:
    now = datetime.now(UTC)
    job_id = job(shop, done=1_250, startedAt=now - timedelta(seconds=20), updatedAt=now)
    desk = hire(Role.ADMIN, locale="de-DE")
    page = desk.open("/activity", "Aktivität")
    one = page.get_by_role("article", name="Ein Segment verschlagworten")
    expect(one.filter(has_text="25 %")).to_contain_text("25 %, noch etwa 60 s")
    eventually(lambda: shop.documents.document(f"crmJobs/{job_id}").delete())
    page.get_by_role("button", name="Alle Kunden prüfen").click()
    expect(page.get_by_role("dialog", name="Alle Kunden prüfen?")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Wer was getan hat").click()
    expect(page.get_by_label("Wer", exact=True)).to_be_visible()
    assert desk.barriers() == []
