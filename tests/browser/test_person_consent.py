"""What somebody decided about the newsletter: to see, to add to, and to print with its proof."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google.cloud.firestore import FieldFilter
from playwright.sync_api import expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import sign_up
from testing.patience import eventually
from tests.browser.acting import panel, with_order_pages
from tests.browser.conftest import Hire
from tests.support.shop import Shop

ADA = "Ada Agreed"


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    shop = Shop(suite)
    shop.customer(ADA, marketingOptIn=True)
    return shop


def test_a_decision_is_recorded_with_its_proof(hire: Hire, shop: Shop) -> None:
    customer_id = shop.customer("Hal Edit")
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people/{customer_id}", "Hal Edit")
    field = page.get_by_placeholder("Add a tag")
    field.fill("Speaker")
    field.press("Enter")
    eventually(lambda: _has(shop, "Hal Edit", ["speaker"]))
    consent = panel(page, "Newsletter")
    consent.get_by_role("button", name="Subscribe…", exact=True).click()
    dialog = page.get_by_role("dialog")
    subscribe = dialog.get_by_role("button", name="Subscribe", exact=True)
    expect(subscribe).to_be_disabled()
    dialog.get_by_label("Proof of consent").fill("Paper form at the door")
    assert desk.barriers() == []
    subscribe.click()
    decided = page.get_by_role("list", name="Decisions").get_by_role("listitem")
    expect(decided).to_have_count(1)
    expect(decided).to_contain_text("Subscribed")
    expect(decided).to_contain_text("Proof of consent")
    expect(decided).to_contain_text("“Paper form at the door”")
    assert shop.find("Hal Edit").get("marketing")["status"] == "subscribed"
    consent.get_by_role("button", name="Unsubscribe…").click()
    dialog.get_by_role("button", name="Unsubscribe", exact=True).click()
    # What was decided before stays to be seen, with what shows it.
    expect(decided).to_have_count(2)
    expect(decided.first).to_contain_text("Unsubscribed")
    expect(decided.last).to_contain_text("“Paper form at the door”")
    expect(dialog).to_have_count(0)
    assert desk.barriers() == []
    expect(panel(page, "Activity").get_by_test_id("history")).to_contain_text(
        "Newsletter: unsubscribed"
    )


def test_proof_of_consent_is_a_page_to_print(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    with_order_pages(desk.page)
    page = desk.open(f"/people/{shop.id_of(ADA)}?tab=consent", ADA)
    decided = page.get_by_role("list", name="Decisions").get_by_role("listitem")
    expect(decided).to_contain_text(f"opted in at checkout (order {shop.mark}-1)")
    expect(decided.get_by_role("link", name=f"(order {shop.mark}-1)")).to_be_visible()
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("printed")
    page.emulate_media(media="print")
    expect(page.get_by_text(f"{ADA}, {shop.address(ADA)}. As of")).to_be_visible()
    expect(decided).to_be_visible()
    for hidden in (
        page.get_by_role("navigation", name="Pages"),
        page.get_by_role("button"),
        page.get_by_role("tab"),
        page.get_by_label("Notes"),
    ):
        expect(hidden.locator("visible=true")).to_have_count(0)


def test_mail_that_comes_back_and_arrives_again(hire: Hire, shop: Shop) -> None:
    customer_id = shop.customer("Eva Bounced", marketingOptIn=True)
    came_back(shop, customer_id)
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people/{customer_id}?tab=consent", "Eva Bounced")
    expect(page.get_by_text("Mail to this address has come back since")).to_be_visible()
    page.get_by_role("button", name="Mail arrives again…").click()
    dialog = page.get_by_role("dialog", name="Does mail arrive again?")
    sure = dialog.get_by_role("button", name="Mail arrives again")
    expect(sure).to_be_disabled()
    dialog.get_by_label("The person says so").check()
    assert desk.barriers() == []
    sure.click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Mail to this address has come back since")).to_have_count(0)
    assert "unreachable" not in shop.find("Eva Bounced").get("marketing")


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
    page = desk.open(f"/people/{customer_id}?tab=consent", name)
    # At the head, and where all addresses are.
    expect(page.get_by_text("not verified", exact=True)).to_have_count(2)
    assert desk.barriers() == []


def came_back(shop: Shop, customer_id: str) -> None:
    """Have it known of a customer's address that mail to it comes back."""
    at = datetime.now(UTC)
    asked = FieldFilter("customerId", "==", customer_id)
    (identity,) = shop.documents.collection("crmIdentities").where(filter=asked).get()
    identity.reference.update({"unreachable": at})
    part = identity.get("partId")
    shop.documents.document(f"customers/{customer_id}").update(
        {f"parts.`{part}`.unreachable": at, "marketing.unreachable": at}
    )


def _has(shop: Shop, name: str, tags: list[str]) -> None:
    assert shop.find(name).get("tags") == tags
