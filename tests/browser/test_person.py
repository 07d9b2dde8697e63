"""The page of one person: its head and figures, notes, own fields, and what is under each tab."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import sign_up
from testing.hosts import item
from testing.patience import eventually
from tests.browser.acting import answered, panel, with_order_pages
from tests.browser.conftest import Hire
from tests.support.shop import Shop
from tests.support.web import call

NOW = datetime.now(UTC)
ADA = "Ada Whole"


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    """Ada came to one event, missed one, holds a ticket for another; one order does not count."""
    shop = Shop(suite)
    past = {"eventStartsAt": NOW - timedelta(days=30), "quantity": 2}
    shop.order(
        ADA,
        createdAt=NOW - timedelta(days=60),
        marketingOptIn=True,
        items=[
            item(f"{shop.mark}-came", eventName=f"Ball {shop.mark}", checkedIn=True, **past),
            item(f"{shop.mark}-missed", eventName=f"Fair {shop.mark}", checkedIn=False, **past),
        ],
    )
    coming = {"eventStartsAt": NOW + timedelta(days=30)}
    gala = item(f"{shop.mark}-gala", eventName=f"Gala {shop.mark}", **coming)
    shop.order(ADA, createdAt=NOW - timedelta(days=5), refunded="10.00", items=[gala])
    shop.order(ADA, createdAt=NOW - timedelta(days=400), status="expired", items=[])

    viewer = sign_up(claims={"crm": "viewer"})

    def known() -> None:
        (found,) = call(suite, viewer, ("list_orders", {"customerId": shop.id_of(ADA)}))
        assert [one["counted"] for one in found["data"]["orders"]] == [True, True, False]

    eventually(known)
    return shop


def test_the_head_says_who_it_is_and_where_they_were(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/people/{shop.id_of(ADA)}", ADA)
    expect(page.get_by_text(shop.address(ADA)).first).to_be_visible()
    first = (NOW - timedelta(days=400)).strftime("%-d %b %Y")
    expect(page.get_by_text(f"Customer since {first}")).to_be_visible()
    for label, told in (
        ("Spent", "US$89.80"),
        ("Orders", "2"),
        ("Attended", "1 of 2"),
        ("Next event", f"Gala {shop.mark}"),
    ):
        expect(page.get_by_role("region", name=label, exact=True)).to_contain_text(told)
    contact = page.get_by_role("region", name="Contact")
    expect(contact).to_contain_text("primary")
    assert desk.barriers() == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.ADMIN])
def test_what_a_role_may_not_do_is_not_offered(hire: Hire, shop: Shop, role: Role) -> None:
    desk = hire(role)
    edits, erases = role >= Role.EDITOR, role >= Role.ADMIN
    page = desk.open(f"/people/{shop.id_of(ADA)}", ADA)
    expect(page.get_by_text("Customer since").first).to_be_visible()
    expect(page.get_by_placeholder("Add a tag")).to_have_count(int(edits))
    expect(page.get_by_label("New note")).to_have_count(int(edits))
    expect(page.get_by_role("region", name="More about them")).to_be_visible()
    expect(page.get_by_role("button", name="Edit")).to_have_count(int(edits))
    actions = page.get_by_role("button", name="Actions")
    expect(actions).to_have_count(int(edits))
    if edits:
        actions.click()
        expect(page.get_by_role("menuitem", name="Merge…")).to_be_visible()
        for deed in ("Export…", "Erase…"):
            expect(page.get_by_role("menuitem", name=deed)).to_have_count(int(erases))
        page.keyboard.press("Escape")
    consent = panel(page, "Newsletter")
    expect(consent.get_by_role("button", name="Unsubscribe…")).to_have_count(int(edits))
    kinds = panel(page, "Activity").get_by_label("Show").locator("option")
    expect(kinds.filter(has_text="Tags")).to_have_count(int(erases))
    # Nor by an address that asks for it.
    page.goto(f"/people/{shop.id_of(ADA)}?merge={shop.mark}")
    expect(page.get_by_role("heading", level=1, name=ADA)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(int(edits))
    desk.excuse()  # nobody has that id


def test_mails_say_what_became_of_them(hire: Hire, shop: Shop) -> None:
    nothing = dict.fromkeys(("reason", "bounced", "softBounced", "complained", "unsubscribed"))
    sent = {"campaignId": "c1", "subject": "Thank you", "at": "2024-03-01T12:00:00Z"}
    mails = [
        {**nothing, **sent, "state": "accepted", "bounced": "2024-03-02T12:00:00Z"},
        {**nothing, **sent, "campaignId": "c2", "state": "excluded", "reason": "not-subscribed"},
    ]
    desk = hire(Role.VIEWER)
    answered(desk.page, "list_mails", lambda told: told.update(mails=mails))
    page = desk.open(f"/people/{shop.id_of(ADA)}?tab=mails", ADA)
    rows = page.get_by_role("list", name="Mails").locator("> li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Sent")
    expect(rows.first).to_contain_text("Came back for good on 2 Mar 2024, 12:00")
    expect(rows.last).to_contain_text("Left out")
    expect(rows.last).to_contain_text("Was not subscribed")
    expect(rows.first.get_by_role("link", name="Thank you")).to_have_attribute(
        "href", "/campaigns/c1"
    )
    assert desk.barriers() == []
    page.get_by_role("tab", name="Activity").click()
    expect(page.get_by_test_id("history").get_by_role("link", name="Thank you")).to_have_count(2)


def test_orders_lead_to_the_host_s_own_pages(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    with_order_pages(desk.page)
    page = desk.open(f"/people/{shop.id_of(ADA)}", ADA)
    orders = panel(page, "Orders").get_by_role("list", name="Orders").locator("> li")
    expect(orders).to_have_count(3)
    expect(orders.nth(0)).to_contain_text("US$39.90")
    expect(orders.nth(0)).to_contain_text("US$10.00 refunded")
    expect(orders.nth(0).get_by_role("link", name=f"Gala {shop.mark}")).to_be_visible()
    expect(orders.nth(1)).to_contain_text("Paid")
    expect(orders.nth(2)).to_contain_text("Expired")
    expect(orders.nth(2)).to_contain_text("not included in totals")
    number = orders.nth(1).get_by_role("link", name=f"{shop.mark}-1", exact=True)
    expect(number).to_have_attribute(
        "href", f"https://shop.example.com/orders/{shop.mark}-1?of=crm"
    )
    expect(page).to_have_url(re.compile(r"\?tab=orders$"))
    assert desk.barriers() == []


def test_an_order_is_no_link_where_nobody_said_to_where(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/people/{shop.id_of(ADA)}?tab=orders", ADA)
    orders = page.get_by_role("list", name="Orders").locator("> li")
    expect(orders).to_have_count(3)
    expect(orders.get_by_text(f"{shop.mark}-1", exact=True)).to_be_visible()
    expect(orders.get_by_role("link", name=f"{shop.mark}-1", exact=True)).to_have_count(0)


def test_events_say_who_came_and_lead_to_their_pages(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/people/{shop.id_of(ADA)}?tab=events", ADA)
    coming = page.get_by_role("list", name="Upcoming events").get_by_role("listitem")
    expect(coming).to_have_count(1)
    expect(coming).to_contain_text("Upcoming")
    past = page.get_by_role("list", name="Past events").get_by_role("listitem")
    expect(past.filter(has_text=f"Ball {shop.mark}")).to_contain_text("Attended (2 of 2)")
    expect(past.filter(has_text=f"Fair {shop.mark}")).to_contain_text("No-show")
    assert desk.barriers() == []
    past.get_by_role("link", name=f"Ball {shop.mark}").click()
    page.get_by_role("heading", level=1, name=f"Ball {shop.mark}").wait_for()


def test_the_activity_is_narrowed_to_a_kind_that_the_address_keeps(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/people/{shop.id_of(ADA)}", ADA)
    history = page.get_by_test_id("history")
    expect(history).to_contain_text(f"Order {shop.mark}-1")
    expect(history).to_contain_text("Newsletter: subscribed")
    expect(history).to_contain_text("opted in at checkout")
    expect(history).to_contain_text(f"Gala {shop.mark}")
    page.get_by_label("Show").select_option("Newsletter")
    expect(history).not_to_contain_text("Order")
    expect(history).to_contain_text("Newsletter: subscribed")
    assert desk.barriers() == []
    page.reload()
    expect(page.get_by_label("Show")).to_have_value("consents")
    expect(history).to_contain_text("Newsletter: subscribed")
    expect(history).not_to_contain_text("Order")


def test_an_order_arrives_while_somebody_looks(hire: Hire, shop: Shop) -> None:
    customer_id = shop.customer("Fay Live", createdAt=NOW)
    desk = hire(Role.VIEWER)
    page = desk.open(f"/people/{customer_id}", "Fay Live")
    history = page.get_by_test_id("history")
    orders = history.get_by_text(f"Order {shop.mark}-")
    expect(orders).to_have_count(1)
    shop.order("Fay Live", total="100.00", createdAt=NOW)
    expect(page.get_by_role("region", name="Spent")).to_contain_text("US$149.90")
    expect(orders).to_have_count(2)


def test_who_did_what_is_told_to_admins(hire: Hire, shop: Shop, suite: Suite) -> None:
    customer_id = shop.customer("Bea Told")
    boss = sign_up(claims={"crm": "admin"})
    call(suite, boss, ("tag_customers", {"customerIds": [customer_id], "add": ["Speaker"]}))
    call(suite, boss, ("set_fields", {"customerId": customer_id, "fields": {"company": "Acme"}}))
    evidence = {"customerId": customer_id, "status": "subscribed", "evidence": "on the phone"}
    call(suite, boss, ("set_consent", evidence))
    desk = hire(Role.ADMIN)
    page = desk.open(f"/people/{customer_id}", "Bea Told")
    history = page.get_by_test_id("history")
    tagged = history.locator(".mantine-Timeline-item").filter(has_text="Tags changed")
    expect(tagged).to_contain_text("Added: Speaker")
    expect(tagged).to_contain_text(boss.email)
    filled = history.locator(".mantine-Timeline-item").filter(has_text="Own fields changed")
    expect(filled).to_contain_text("Company")
    agreed = history.locator(".mantine-Timeline-item").filter(has_text="Newsletter: subscribed")
    expect(agreed).to_contain_text(boss.email)
    page.get_by_label("Show").select_option("Tags")
    expect(history.locator(".mantine-Timeline-item")).to_have_count(1)
    assert desk.barriers() == []


def test_a_note_is_written_read_by_others_and_deleted(hire: Hire, shop: Shop) -> None:
    customer_id = shop.customer("Cay Noted")
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people/{customer_id}", "Cay Noted")
    notes = page.get_by_role("list", name="Notes").get_by_role("listitem")
    page.get_by_label("New note").fill("Needs a step-free seat.\nCall before noon.")
    page.get_by_role("button", name="Add note").click()
    expect(notes).to_have_count(1)
    expect(notes).to_contain_text("Needs a step-free seat.")
    expect(notes).to_contain_text("You, ")
    expect(page.get_by_label("New note")).to_have_value("")
    colleague = hire(Role.VIEWER).open(f"/people/{customer_id}", "Cay Noted")
    expect(colleague.get_by_role("list", name="Notes")).to_contain_text("a colleague, ")
    assert desk.barriers() == []
    notes.get_by_role("button", name="Delete the note").click()
    dialog = page.get_by_role("dialog", name="Delete this note?")
    expect(dialog).to_contain_text("Call before noon.")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Delete note").click()
    expect(page.get_by_text("No notes yet.")).to_be_visible()


def test_own_fields_are_written_at_once_or_not_at_all(hire: Hire, shop: Shop) -> None:
    customer_id = shop.customer("Dot Fields")
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people/{customer_id}", "Dot Fields")
    card = page.get_by_role("region", name="More about them")
    card.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit what is known")
    save = dialog.get_by_role("button", name="Save")
    expect(save).to_be_disabled()
    # What comes from the host is read here, and changed there.
    expect(dialog.get_by_label("City")).to_be_disabled()
    dialog.get_by_label("Company").press_sequentially("Acme")
    dialog.get_by_label("Seats").press_sequentially("many")
    expect(dialog.get_by_text("Write a number such as 12 or 12.5.")).to_be_visible()
    expect(save).to_be_disabled()
    assert desk.barriers() == []
    dialog.get_by_label("Seats").fill("")
    dialog.get_by_label("Seats").press_sequentially("12,5")
    dialog.get_by_label("Birthday").fill("1990-01-02")
    dialog.get_by_label("Vegan").select_option("Yes")
    dialog.get_by_label("Shirt size").select_option("M")
    # A sign that only the server refuses: it is said at its field, and nothing is written.
    company = dialog.get_by_label("Company")
    company.fill("Ac\u200bme")
    save.click()
    expect(dialog.get_by_text("Write 1 to 200 characters in one line.")).to_be_visible()
    expect(company).to_have_attribute("aria-invalid", "true")
    assert shop.find("Dot Fields").get("fields") == {}
    company.fill("Acme")
    save.click()
    expect(dialog).to_have_count(0)
    for told in ("Acme", "12.5", "2 Jan 1990", "Yes", "M"):
        expect(card.get_by_text(told, exact=True)).to_be_visible()
    kept = {"company": "Acme", "seats": 12.5, "birthday": "1990-01-02", "vegan": True, "size": "M"}
    assert shop.find("Dot Fields").get("fields") == kept
