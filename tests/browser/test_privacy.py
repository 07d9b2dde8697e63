"""Privacy: requests with deadlines and reports, the audit trail, consents, the record, settings."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.hosts import item
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop
from tests.support.web import call

TABS = ("requests", "trail", "consents", "record", "settings")

TODAY = "(2[7-9]|3[01]) days left"
"""Of what was asked for just now: as long as a month is."""


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    return Shop(suite)


@pytest.fixture(scope="module")
def admin() -> Person:
    return sign_up(claims={"crm": "admin"})


def asks_in_vain(suite: Suite, shop: Shop, name: str) -> tuple[str, str]:
    """Let somebody with a paid ticket ask to be erased; give the customer, and the request."""
    person = sign_up(email=shop.address(name))
    shop.documents.document(f"users/{person.uid}").set({"email": person.email, "name": name})
    soon = datetime.now(UTC) + timedelta(days=9)
    gala = item(f"{shop.mark}-soon", eventName="Soon", eventStartsAt=soon)
    shop.order(name, userId=person.uid, items=[gala])

    def known() -> str:
        found = shop.find(name)
        assert found.get("registered")
        assert found.get("orderCount") == 1
        return str(found.id)

    customer_id = eventually(known)
    (refused,) = call(suite, person, ("delete_my_data", {}))
    assert refused["details"]["reason"] == "held"
    (request,) = [
        one.id
        for one in shop.documents.collection("crmRequests").get()
        if one.get("customers") == [customer_id]
    ]
    return customer_id, request


def test_a_request_waits_first_with_its_deadline_until_the_person_is_erased(
    hire: Hire, shop: Shop, suite: Suite, admin: Person
) -> None:
    exported = shop.customer("Eva Export")
    asked, request = asks_in_vain(suite, shop, "Ron Asks")
    late, old = asks_in_vain(suite, shop, "Lea Late")
    long_ago = datetime.now(UTC) - timedelta(days=40)
    shop.documents.document(f"crmRequests/{old}").update({"at": long_ago})
    call(suite, admin, ("export_customer", {"customerId": exported}))
    desk = hire(None, enter=False)
    desk.sign_in(admin)
    page = desk.open("/privacy", "Privacy")
    expect(page.get_by_text("2 requests wait for you.")).to_be_visible()
    rows = page.get_by_role("list", name="Requests").get_by_role("listitem")
    expect(rows.nth(0)).to_contain_text("Lea Late")
    expect(rows.nth(0)).to_contain_text(re.compile("overdue by (9|10) days"))
    expect(rows.nth(1)).to_contain_text("Ron Asks")
    expect(rows.nth(1)).to_contain_text(re.compile(TODAY))
    expect(rows.nth(1)).to_contain_text("paid tickets for events that have not begun")
    export = rows.filter(has_text="Eva Export")
    expect(export).to_contain_text("Export")
    expect(export).to_contain_text(admin.email)
    assert desk.barriers() == []
    # The whole row leads to the request, which leads to the person.
    rows.nth(1).click()
    expect(page).to_have_url(re.compile(f"request={request}"))
    expect(page.get_by_text("The law gives a month")).to_be_visible()
    assert desk.barriers() == []
    expect(page.get_by_role("link", name="Ron Asks")).to_have_attribute("href", f"/people/{asked}")
    for customer_id in (asked, late):
        gone = {"customerId": customer_id, "reason": "asked for on 3 March", "force": True}
        (done,) = call(suite, admin, ("delete_customer", gone))
        assert "data" in done
    desk.open("/privacy", "Privacy")
    expect(page.get_by_text("2 requests wait for you.")).to_have_count(0)
    expect(rows.filter(has_text="waits for you")).to_have_count(0)
    expect(page.get_by_text("Ron Asks")).to_have_count(0)


def test_a_report_is_read_and_printed_again(
    hire: Hire, shop: Shop, suite: Suite, admin: Person
) -> None:
    customer_id = shop.customer("Rex Report")
    gone = {"customerId": customer_id, "reason": f"by letter {shop.mark}"}
    (done,) = call(suite, admin, ("delete_customer", gone))
    number = done["data"]["erasureId"]
    desk = hire(None, enter=False)
    desk.sign_in(admin)
    page = desk.open(f"/privacy?request={number}", "Privacy")
    expect(page.get_by_role("heading", name="Erasure report")).to_be_visible()
    content = page.locator("#content")
    for told in (number, customer_id, f"by letter {shop.mark}", admin.email, "Left to do by hand"):
        expect(content).to_contain_text(told)
    expect(content).to_contain_text("customer with its tags, sums and consent")
    expect(content).to_contain_text("orders without anything personal")
    assert desk.barriers() == []
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Erasure report")).to_be_visible()
    for hidden in (
        page.get_by_role("button", name="Print"),
        page.get_by_role("tab", name="Requests"),
        page.locator("header"),
        page.get_by_role("link", name="All requests"),
    ):
        expect(hidden).to_be_hidden()
    page.emulate_media(media="screen")
    # What was done to who is gone is still known, by the number alone.
    page.get_by_role("link", name="What was done to this person").click()
    trail = page.get_by_role("list", name="What was done")
    expect(trail.get_by_role("listitem").first).to_contain_text("Erased")
    expect(trail).to_contain_text(admin.email)


def test_the_audit_trail_names_people_and_staff(
    hire: Hire, shop: Shop, suite: Suite, admin: Person
) -> None:
    one, other = shop.customer("Tia Trail"), shop.customer("Tom Trail")
    label = f"Named {shop.mark}"
    call(
        suite,
        admin,
        ("tag_customers", {"customerIds": [one], "add": [label]}),
        ("set_consent", {"customerId": other, "status": "unsubscribed", "evidence": "by phone"}),
    )
    desk = hire(None, enter=False)
    desk.sign_in(admin)
    page = desk.open("/privacy?tab=trail", "Privacy")
    entries = page.get_by_role("list", name="What was done").get_by_role("listitem")
    tagged = entries.filter(has_text="Tia Trail")
    expect(tagged).to_contain_text("Tags changed")
    expect(tagged).to_contain_text(f"Added: {label}")
    expect(tagged).to_contain_text(admin.email)
    expect(entries.filter(has_text="Tom Trail")).to_contain_text("Unsubscribed")
    assert desk.barriers() == []
    page.get_by_label("Whose entries?").press_sequentially(f"tia {shop.mark}")
    page.get_by_role("list", name="People found").get_by_role("link", name="Tia Trail").click()
    expect(page).to_have_url(re.compile(f"tab=trail&person={one}"))
    expect(page.get_by_text("What was done to Tia Trail")).to_be_visible()
    expect(entries).to_have_count(1)
    page.reload()
    expect(entries).to_have_count(1)
    page.get_by_role("button", name="Show everything").click()
    expect(entries.filter(has_text="Tom Trail")).to_be_visible()
    # Of somebody who is gone, by the number.
    page.get_by_label("Whose entries?").fill(other)
    expect(page).to_have_url(re.compile(f"person={other}"))
    expect(entries).to_have_count(1)


def test_the_way_to_somebody_s_proof_of_consent(hire: Hire, shop: Shop) -> None:
    customer_id = shop.customer("Cia Consent", marketingOptIn=True)
    desk = hire(Role.ADMIN)
    page = desk.open("/privacy?tab=consents", "Privacy")
    search = page.get_by_label("Whose proof of consent?")
    search.press_sequentially(f"nobody {shop.mark}")
    expect(page.get_by_text("Nobody is found.")).to_be_visible()
    search.fill(shop.address("Cia Consent"))
    found = page.get_by_role("list", name="People found").get_by_role("listitem")
    expect(found).to_contain_text("Subscribed")
    assert desk.barriers() == []
    found.click()
    expect(page).to_have_url(re.compile(f"/people/{customer_id}\\?tab=consent"))
    expect(page.get_by_role("list", name="Decisions")).to_contain_text("opted in at checkout")


def test_the_record_of_processing_says_what_is_missing_and_is_printed(hire: Hire) -> None:
    desk = hire(Role.ADMIN)
    page = desk.open("/privacy?tab=record", "Privacy")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("privacy.controller")
    expect(alert).to_contain_text("privacy.contact")
    content = page.locator("#content")
    expect(content).to_contain_text("(nothing: privacy.controller in crm.toml is empty)")
    expect(content).to_contain_text("carrying out orders and answering questions about them")
    data = page.get_by_role("list", name="Data that are kept")
    expect(data).to_contain_text("crmConsents")
    expect(data).to_contain_text("until the person is erased")
    page.emulate_media(media="print")
    expect(data).to_be_visible()
    expect(page.get_by_role("tab", name="Requests")).to_be_hidden()
    expect(page.locator("header")).to_be_hidden()


def test_the_settings_are_checked(hire: Hire) -> None:
    desk = hire(Role.ADMIN)
    page = desk.open("/privacy?tab=settings", "Privacy")
    told = page.get_by_role("list", name="Checks").get_by_role("listitem")
    people = told.filter(has_text="What people are told")
    expect(people).to_contain_text("must be done")
    expect(people).to_contain_text("privacy.controller")
    content = page.locator("#content")
    expect(content).to_contain_text("An erasure makes orders anonymous.")
    expect(content).to_contain_text("kept for 10 years")
    people.get_by_role("link", name="What is missing").click()
    expect(page.get_by_role("tab", name="Record of processing")).to_have_attribute(
        "aria-selected", "true"
    )


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_nobody_but_admins_sees_it(hire: Hire, role: Role) -> None:
    page = hire(role).open("/privacy", "Privacy")
    expect(page.get_by_text("Only admins see")).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_part_has_a_barrier_or_leaves_its_place(
    hire: Hire, shop: Shop, suite: Suite, admin: Person, scheme: str, width: int
) -> None:
    name = f"Wolfeschlegelsteinhausenbergerdorff{width} Long"
    customer_id = shop.customer(name)
    label = "W" * 64
    call(suite, admin, ("tag_customers", {"customerIds": [customer_id], "add": [label]}))
    gone = {"customerId": shop.customer(f"Gone {width}"), "reason": "x" * 300}
    (done,) = call(suite, admin, ("delete_customer", gone))
    desk = hire(None, enter=False, scheme=scheme, width=width)
    desk.sign_in(admin)
    found = {}
    places = [f"tab={tab}" for tab in TABS]
    places += [f"tab=consents&q={shop.mark}", f"request={done['data']['erasureId']}"]
    for place in places:
        desk.open(f"/privacy?{place}", "Privacy")
        stays_inside(desk.page)
        if barriers := desk.barriers():
            found[place] = barriers
    assert found == {}, found


def test_in_german(hire: Hire, shop: Shop, suite: Suite, admin: Person) -> None:
    asks_in_vain(suite, shop, "Gerda Fragt")
    gone = {"customerId": shop.customer("Weg Da"), "reason": "per Brief"}
    (done,) = call(suite, admin, ("delete_customer", gone))
    desk = hire(None, enter=False, locale="de-DE")
    desk.sign_in(admin)
    page = desk.open("/privacy", "Datenschutz")
    row = page.get_by_role("listitem").filter(has_text="Gerda Fragt")
    expect(row).to_contain_text(re.compile("noch (2[7-9]|3[01]) Tage"))
    expect(row).to_contain_text("bezahlte Tickets")
    desk.open(f"/privacy?request={done['data']['erasureId']}", "Datenschutz")
    expect(page.locator("#content")).to_contain_text("Kunde mit Schlagwörtern")
    expect(page.locator("#content")).to_contain_text("bookkeeping")  # the host's own text
    page.get_by_role("link", name="Alle Anfragen").click()
    page.get_by_role("tab", name="Verarbeitungsverzeichnis").click()
    expect(page.get_by_role("alert")).to_contain_text("privacy.controller")
    assert desk.barriers() == []
