"""Forms for news, with what a website takes; and lists: read, previewed, taken in, undone."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import sign_up
from testing.patience import eventually
from tests.browser.acting import answered
from tests.browser.conftest import Hire
from tests.browser.gate import Gate
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop
from tests.support.web import call
from tests.support.website import serving

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley"

IMPORT = "/forms?tab=import"


@pytest.fixture
def shop(suite: Suite) -> Shop:
    return Shop(suite)


def _choose(page: Page, name: str, content: bytes) -> None:
    field = page.locator("input[type=file]")
    field.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def _paste(page: Page, text: str) -> None:
    page.get_by_label("Or paste it").fill(text)
    page.get_by_role("button", name="Read what is pasted").click()


def _report(within: Page | Locator) -> dict[str, str]:
    """Return the figures of a report."""
    found = within.get_by_test_id("report").first
    expect(found.locator("dd")).to_have_count(6)
    names = found.locator("dt").all_inner_texts()
    return dict(zip(names, found.locator("dd").all_inner_texts(), strict=True))


def _imported(page: Page, source: str) -> Locator:
    return (
        page.get_by_role("list", name="What was imported").locator("> li").filter(has_text=source)
    )


def _people(shop: Shop) -> list[Any]:
    found = [one.to_dict() for one in shop.documents.collection("customers").stream()]
    return [one for one in found if any(shop.mark in email for email in one["emails"])]


def test_a_form_is_shown_and_its_snippet_signs_up(hire: Hire, suite: Suite, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/forms", "Forms & import")
    expect(page.get_by_role("tab")).to_have_count(0)  # lists are for admins
    form = page.get_by_role("region", name="newsletter")
    expect(form).to_contain_text("once a month")
    expect(form.get_by_role("list", name="Tags of who confirms")).to_contain_text("Newsletter")
    expect(form.get_by_role("link", name="subscribe?form=newsletter")).to_have_attribute(
        "href", f"{suite.function_url('subscribe')}?form=newsletter&language=en"
    )
    press = page.get_by_role("region", name="press")
    expect(press).to_contain_text("The form gives no tag")
    assert desk.barriers() == []
    form.get_by_label("Language").select_option("Deutsch")
    expect(form.get_by_text("einmal im Monat Neues").first).to_be_visible()
    snippet = form.get_by_label("For your own website").input_value()
    # On another website, as it was copied.
    whole = f'<!doctype html><html lang="de"><title>Events</title><main>{snippet}</main></html>'

    address = f"{uuid.uuid4().hex[:12]}@example.com"
    with serving(whole) as website:
        page.goto(website)
        page.get_by_label("E-Mail-Adresse").fill(address)
        page.get_by_role("button", name="Anmelden").click()
        expect(page.get_by_role("status")).to_contain_text("ist eine E-Mail zu Ihnen unterwegs")
    found = shop.documents.collection("crmSignups").stream()
    assert [one.get("address") for one in found if one.get("address") == address] == [address]


def test_without_mail_a_form_says_so(hire: Hire) -> None:
    desk = hire(Role.EDITOR)

    def bare(told: dict[str, Any]) -> None:
        told["settings"]["mail"]["ready"] = False
        told["settings"]["forms"] = []

    answered(desk.page, "get_settings", bare)
    page = desk.open("/forms?tab=import", "Forms & import")
    expect(page.get_by_role("alert")).to_contain_text("Mail is not set up")
    expect(page.get_by_text("There are no forms.")).to_be_visible()
    assert desk.barriers() == []


def test_a_list_is_previewed_taken_in_and_undone(hire: Hire, suite: Suite, shop: Shop) -> None:
    known = shop.customer("Ada Known")
    gone = shop.customer("Bo Gone", marketingOptIn=True)
    said = {"customerId": gone, "status": "unsubscribed", "evidence": "On the phone"}
    (answer,) = call(suite, sign_up(claims={"crm": "editor"}), ("set_consent", said))
    assert "code" not in answer
    desk = hire(Role.ADMIN)
    page = desk.open("/forms", "Forms & import")
    page.get_by_role("tab", name="Import").click()
    expect(page).to_have_url(re.compile("tab=import"))
    assert desk.barriers() == []
    # As Excel of western Europe writes it.
    rows = (
        "E-Mail;Vorname;Nachname;Telefon;Schlagworte;Newsletter\r\n"
        f"{shop.address('Zoe New')};Zoë;Müller;1;Messe {shop.mark}, Presse;ja\r\n"
        f"{shop.address('Ada Known')};;;2;Messe {shop.mark};\r\n"
        f"{shop.address('Bo Gone')};Bo;;3;;ja\r\n"
        "nobody;No;;4;;\r\n"
    )
    _choose(page, "messe.csv", rows.encode("cp1252"))
    read = page.get_by_role("status").filter(has_text="messe.csv")
    expect(read).to_contain_text("4 rows are read. Its cells are apart by semicolons.")
    expect(read).to_contain_text("Windows-1252")
    columns = page.get_by_role("table", name="What the columns mean")
    expect(columns).to_contain_text("Zoë · Bo")
    for column, meaning in (
        ("E-Mail", "email"),
        ("Vorname", "name"),
        ("Nachname", "name"),
        ("Telefon", ""),
        ("Newsletter", "status"),
    ):
        expect(columns.get_by_label(f"{column} means", exact=True)).to_have_value(meaning)
    page.get_by_label(re.compile("“ja” \\(2 rows\\)")).select_option("Subscribed")
    assert desk.barriers() == []
    page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="What would be done")
    assert _report(preview) == {
        "Rows": "4",
        "Would be added": "1",
        "Would be changed": "1",
        "Unchanged": "0",
        "The same address again": "0",
        "Left out": "1",
    }
    kept = preview.get_by_role("list", name="Kept from being subscribed, or only in part done")
    expect(kept).to_have_text("1 unsubscribed at some time")
    expect(preview.get_by_role("table", name="Left out").get_by_role("row").nth(1)).to_have_text(
        re.compile("5E-mail addressThe address is none.")
    )
    expect(preview).to_contain_text("In 1 row tags were apart by commas or bars.")
    assert desk.barriers() == []
    assert len(_people(shop)) == 2  # nothing is written
    # What is missing is said where it is.
    preview.get_by_role("button", name="Import 3 people").click()
    expect(preview).to_contain_text("Write where the list comes from.")
    expect(preview).to_contain_text("Write how people agreed, and to which text")
    assert desk.barriers() == []
    source = f"Fair {shop.mark}"
    preview.get_by_label("Where the list comes from").fill(source)
    preview.get_by_label("Proof of consent").fill("Box on the paper form")
    preview.get_by_role("button", name="Import 3 people").click()
    done = page.get_by_role("status").filter(has_text="The list is in")
    expect(done).to_contain_text("Added")
    assert _report(done)["Added"] == "1"
    row = _imported(page, source)
    expect(row).to_contain_text("Done")
    expect(row).to_contain_text("Rows: 4 · added: 1 · changed: 1 · left out: 1")
    assert desk.barriers() == []
    zoe = shop.find("Zoe New")
    assert (zoe.get("name"), zoe.get("marketing")["status"]) == ("Zoë Müller", "subscribed")
    assert zoe.get("tags") == ["messe-" + shop.mark, "presse"]
    assert shop.find("Bo Gone").get("marketing")["status"] == "unsubscribed"
    # Undone, after a question that says what stays.
    row.get_by_role("button", name="Undo…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Unsubscribing stays too")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Undo the import").click()
    expect(row).to_contain_text("people removed: 1")
    expect(row.get_by_role("button", name="Undo…")).to_have_count(0)
    row.get_by_role("button", name="Show the report").click()
    expect(row.get_by_test_id("report")).to_be_visible()
    assert desk.barriers() == []
    assert {one["primaryEmail"] or one["contactEmail"] for one in _people(shop)} == {
        shop.address("Ada Known"),
        shop.address("Bo Gone"),
    }
    assert shop.documents.document(f"customers/{known}").get().get("tags") == []


def test_a_long_list_goes_on_with_its_progress_shown(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.ADMIN)
    page = desk.open(IMPORT, "Forms & import")
    rows = "".join(f"{shop.mark}.{number}@example.com\tP {number}\n" for number in range(650))
    _paste(page, f"email\tname\n{rows}")
    expect(page.get_by_text("650 rows are read. Its cells are apart by tabs.")).to_be_visible()
    page.get_by_role("button", name="Preview").click()
    page.get_by_label("Where the list comes from").fill(f"Long {shop.mark}")
    page.get_by_role("button", name="Import 650 people").click()
    expect(page.get_by_text("It is long, and goes on without you")).to_be_visible()
    row = _imported(page, f"Long {shop.mark}")
    expect(row).to_contain_text("Rows: 650 · added: 650")
    expect(row.locator(".mantine-Badge-root")).to_have_text("Done")
    assert desk.barriers() == []


def test_nothing_is_sent_of_what_cannot_be_read(hire: Hire) -> None:
    desk = hire(Role.ADMIN)
    page = desk.open(IMPORT, "Forms & import")
    gate = Gate(page, "import_contacts")
    for content, said in (
        (b"PK\x03\x04rest", "This is a workbook."),
        (b"email\n" + b"a@b.example\n" * 700_000, "A list has at most 8 MB."),
        ("email\nä".encode("utf-16-le"), "This file is no text that can be read."),
        (b'email\nx@example.com\n"open', "Row 3 is no CSV"),
        (b"ada@example.com,Ada\neve@example.com,Eve", "The first row is a person."),
    ):
        _choose(page, "list.csv", content)
        expect(page.get_by_role("alert")).to_contain_text(said)
    assert desk.barriers() == []
    _paste(page, "phone;tags\n1;VIP")
    expect(page.get_by_role("alert")).to_have_text("Choose which column is the e-mail address.")
    expect(page.get_by_role("button", name="Preview")).to_be_disabled()
    page.get_by_label("phone means").select_option("Tags")
    expect(page.get_by_role("alert")).to_contain_text("Choose which column is")
    assert desk.barriers() == []
    assert gate.asked == []


def test_what_is_changed_after_the_preview_is_previewed_anew(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.ADMIN)
    page = desk.open(IMPORT, "Forms & import")
    _paste(page, f"email,state\n{shop.address('Kim')},yes\n")
    page.get_by_label("state means").select_option("Newsletter")
    page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="What would be done")
    expect(preview).to_contain_text("The word for the newsletter is not understood.")
    expect(preview.get_by_role("button", name="Import 0 people")).to_be_disabled()
    page.get_by_label(re.compile("“yes”")).select_option("Unsubscribed")
    expect(preview).to_have_count(0)
    page.get_by_role("button", name="Preview").click()
    expect(preview).to_contain_text("Needed where the list says that somebody is subscribed.")
    assert _report(preview)["Would be added"] == "1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_in_german(hire: Hire, shop: Shop, scheme: str) -> None:
    desk = hire(Role.ADMIN, width=390, scheme=scheme, locale="de-DE")
    page = desk.open("/forms", "Formulare & Import")
    form = page.get_by_role("region", name="newsletter")
    expect(form.get_by_label("Für die eigene Website")).to_be_visible()
    stays_inside(page)
    assert desk.barriers() == []
    page.get_by_role("tab", name="Import").click()
    page.get_by_label("Oder einfügen").fill(
        f"E-Mail,{LONG},Status\n{shop.address('Ida')},{LONG},ja\n{LONG},x,nein\n"
    )
    page.get_by_role("button", name="Eingefügtes lesen").click()
    page.get_by_label("„ja“").select_option("Abonniert")
    page.get_by_role("button", name="Vorschau").click()
    preview = page.get_by_role("region", name="Was geschehen würde")
    expect(preview).to_contain_text("Die Adresse ist keine.")
    stays_inside(page)
    assert desk.barriers() == []
    source = f"{LONG} {scheme} {shop.mark}"
    preview.get_by_label("Woher die Liste kommt").fill(source)
    preview.get_by_label("Einwilligungsnachweis").fill(LONG)
    preview.get_by_role("button", name="1 Person importieren").click()
    row = (
        page.get_by_role("list", name="Was importiert wurde")
        .locator("> li")
        .filter(has_text=source)
    )
    expect(row).to_contain_text("Fertig")
    stays_inside(page)
    assert desk.barriers() == []
    row.get_by_role("button", name="Rückgängig machen …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Auch Abmeldungen bleiben")
    stays_inside(page)
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Rückgängig machen").click()
    expect(row).to_contain_text("entfernte Personen: 1")
    eventually(lambda: _nobody(shop))


def _nobody(shop: Shop) -> None:
    assert _people(shop) == []
