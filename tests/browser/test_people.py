"""People in lists: views, filters by clicking and as text, search, order, columns and keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import sign_up
from testing.hosts import item
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.browser.gate import Gate
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop
from tests.support.web import call

LATE = datetime(2024, 11, 27, 23, 30, tzinfo=UTC)

NAMES = ("Ida Late", "Joe After", "Kim Rich", "Nia New")


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    """Three who ordered for a ball of 2024, one of them subscribed; one who ordered just now."""
    shop = Shop(suite)
    ball = {"items": [item(f"{shop.mark}-ball", eventName=f"Ball {shop.mark}")]}
    shop.order("Ida Late", createdAt=LATE, total="10.00", marketingOptIn=True, **ball)
    shop.order("Joe After", createdAt=LATE.replace(day=28, hour=0), total="30.00", **ball)
    shop.order("Kim Rich", createdAt=LATE.replace(day=26), total="20.00", **ball)
    shop.order("Kim Rich", createdAt=LATE.replace(day=25), total="20.00", **ball)
    shop.order("Nia New", createdAt=datetime.now(UTC), total="50.00")
    for name in NAMES:
        shop.find(name)

    def both_counted() -> None:
        assert shop.find("Kim Rich").get("orderCount") == 2

    eventually(both_counted)
    return shop


def rows_of(page: Page) -> Locator:
    return page.get_by_role("table", name="People").locator("tbody tr")


def in_order(page: Page, *wanted: str) -> None:
    """Wait until the list has these, in this order."""
    expect(rows_of(page).get_by_role("link")).to_have_text(list(wanted))


def are_there(page: Page, *wanted: str) -> None:
    """Wait until the list has these, in whatever order."""
    expect(rows_of(page)).to_have_count(len(wanted))
    for name in wanted:
        expect(rows_of(page).get_by_role("link", name=name, exact=True)).to_be_visible()


def chips(page: Page) -> Locator:
    return page.get_by_role("group", name="Filter", exact=True)


def form(page: Page) -> Locator:
    return page.get_by_role("dialog")


def apply(page: Page) -> None:
    form(page).get_by_role("button", name="Apply").click()
    expect(form(page)).to_have_count(0)


def address(page: Page) -> dict[str, str]:
    asked = parse_qs(urlsplit(page.url).query)
    return {name: values[0] for name, values in asked.items()}


def asks(page: Page, **wanted: str) -> None:
    """Wait until the address of the page asks this and nothing else."""

    def is_so() -> None:
        page.wait_for_timeout(0)
        assert address(page) == wanted

    eventually(is_so)


def test_views_are_tabs_and_a_search_stays_within(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/people", "People")
    page.get_by_label("Search people").press_sequentially(f"{shop.mark}.", delay=5)
    are_there(page, *NAMES)
    assert desk.barriers() == []
    page.get_by_role("tab", name="Lapsed").click()
    are_there(page, "Ida Late", "Joe After", "Kim Rich")
    expect(chips(page)).to_contain_text("Last order: more than 365 days ago")
    page.get_by_role("tab", name="New this month").click()
    are_there(page, "Nia New")
    page.get_by_role("tab", name="Subscribed").click()
    are_there(page, "Ida Late")
    asks(page, view="subscribed", q=f"{shop.mark}.")
    page.reload()
    are_there(page, "Ida Late")
    expect(page.get_by_role("tab", name="Subscribed")).to_have_attribute("aria-selected", "true")
    page.get_by_label("Search people").fill(f"{shop.mark}.joe")
    expect(page.get_by_text("Nobody is found.")).to_be_visible()
    page.get_by_role("tab", name="All").click()
    are_there(page, "Joe After")
    asks(page, q=f"{shop.mark}.joe")


def test_a_filter_is_clicked_together_and_is_the_text_too(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/people", "People")
    chips(page).get_by_role("button", name="Event", exact=True).click()
    picker = form(page).get_by_role("combobox", name="Event")
    picker.press_sequentially(f"Ball {shop.mark}", delay=5)
    form(page).get_by_role("option", name=f"Ball {shop.mark}").click()
    assert desk.barriers() == []
    apply(page)
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    chip = chips(page).get_by_role("button", name=f"Event: attended “Ball {shop.mark}”", exact=True)
    expect(chip).to_be_visible()
    expect(page.get_by_test_id("reach")).to_have_text(
        "3 people · 1 can get the newsletter (2 not subscribed)"
    )
    asks(page, segment=f"attended:{shop.mark}-ball")
    chips(page).get_by_role("button", name="Spend", exact=True).click()
    form(page).get_by_label("From").fill("20")
    form(page).get_by_label("To", exact=True).fill("3x")
    expect(form(page).get_by_role("button", name="Apply")).to_be_disabled()
    assert desk.barriers() == []
    form(page).get_by_label("To", exact=True).fill("35,50")
    form(page).get_by_label("To", exact=True).press("Enter")
    in_order(page, "Joe After")
    both = f"attended:{shop.mark}-ball and total_spend >= 20 USD, <= 35.50 USD"
    asks(page, segment=both)
    # The text is the same, and the chips follow it.
    page.get_by_role("button", name="Advanced").click()
    text = page.get_by_label("The filter as text")
    expect(text).to_have_value(both)
    text.fill(f"attended:{shop.mark}-ball and not total_spend >= 20 USD")
    in_order(page, "Ida Late")
    expect(chips(page)).to_contain_text("Spend: not at least US$20.00")
    assert desk.barriers() == []
    text.fill(f"attended:{shop.mark}-ball and (tag:a or order_count >= 2)")
    in_order(page, "Kim Rich")
    expect(page.get_by_text("This filter has groups")).to_be_visible()
    text.fill(f"attended:{shop.mark}-ball")
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    # A chip is changed, and goes.
    chip.click()
    form(page).get_by_label("Comparison").select_option("did not attend")
    apply(page)
    asks(page, segment=f"not attended:{shop.mark}-ball")
    page.get_by_role("button", name="Remove Event: did not attend").click()
    expect(chips(page).get_by_role("button", name="Event", exact=True)).to_be_visible()
    asks(page)


def test_a_text_that_is_wrong_is_told_with_its_place(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/people", "People")
    page.get_by_role("button", name="Advanced").click()
    field = page.get_by_label("The filter as text")
    field.fill("order_count >= 1 and total_spend >= x")
    expect(page.get_by_test_id("place")).to_contain_text("^")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("")
    field.press_sequentially("att")
    page.get_by_role("option", name="attended:").click()
    expect(page.get_by_role("listbox", name="Completions")).to_be_visible()
    assert desk.barriers() == []
    field.press_sequentially(shop.mark[:9])
    event = f"{shop.mark}-ball"
    page.get_by_role("option", name=event).click()
    expect(field).to_have_value(f"attended:{event}")
    expect(page.get_by_test_id("reach")).to_contain_text("3 people")
    are_there(page, "Ida Late", "Joe After", "Kim Rich")
    desk.excuse()  # what was refused while it was half written


Step = Callable[[Locator], object]


def pick(label: str, value: str) -> Step:
    return lambda form: field_of(form, label).select_option(value)


def fill(label: str, value: str) -> Step:
    return lambda form: field_of(form, label).fill(value)


def field_of(form: Locator, label: str) -> Locator:
    """The field of this label, which the list of its suggestions has too."""
    return form.locator("input, select").and_(form.get_by_label(label, exact=True))


KINDS: list[tuple[str, list[Step], str, str]] = [
    ("Newsletter", [], "marketing:subscribed", "Newsletter: Subscribed"),
    (
        "Newsletter",
        [pick("Newsletter", "not Unsubscribed")],
        "not marketing:unsubscribed",
        "Newsletter: not Unsubscribed",
    ),
    ("Tag", [fill("Tag", "Big Fan")], "tag:big-fan", "Tag: big-fan"),
    ("Tag", [pick("Comparison", "has no tag")], "untagged", "Tag: none"),
    (
        "Spend",
        [fill("From", "0,50")],
        "total_spend >= 0.50 USD",
        "Spend: at least US$0.50",
    ),
    (
        "Last order",
        [pick("When", "more than … days ago"), fill("Days", "365")],
        "last_order_at older than 365 days",
        "Last order: more than 365 days ago",
    ),
    (
        "First order",
        [pick("When", "on"), fill("Day", "2024-11-27")],
        "first_order_at = 2024-11-27",
        "First order: on 27 Nov 2024",
    ),
    (
        "Orders",
        [fill("From", "2"), fill("To", "9")],
        "order_count >= 2, <= 9",
        "Orders: 2 – 9",
    ),
    ("Registered", [pick("Registered", "no")], "registered:false", "Registered: no"),
    (
        "Address at",
        [fill("Address at", "@Example.com")],
        "email_domain:Example.com",
        "Address at: Example.com",
    ),
    ("Company", [fill("Value", "Smith, 1860")], 'field:company = "Smith, 1860"', "Company: "),
    ("Seats", [fill("From", "-1,5")], "field:seats >= -1.5", "Seats: at least -1.5"),
    (
        "Birthday",
        [fill("To", "1990-12-31")],
        "field:birthday <= 1990-12-31",
        "Birthday: at most 31 Dec 1990",
    ),
    ("Vegan", [], "field:vegan = true", "Vegan: yes"),
    ("Shirt size", [pick("Value", "L")], 'field:size = "L"', "Shirt size: L"),
    ("City", [pick("City", "no value")], "field:city unknown", "City: no value"),
]


def test_each_kind_of_condition_has_a_form(hire: Hire, shop: Shop, suite: Suite) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/people?q={shop.mark}", "People")
    are_there(page, *NAMES)
    for kind, steps, text, chip in KINDS:
        page.get_by_role("button", name="Add a filter").click()
        page.get_by_role("menuitem", name=kind, exact=True).click()
        for step in steps:
            step(form(page))
        assert desk.barriers() == []
        apply(page)
        asks(page, q=shop.mark, segment=text)
        expect(chips(page)).to_contain_text(chip)
        page.get_by_role("button", name="Remove ").click()
        asks(page, q=shop.mark)
    # The server understands each, and means the same.
    viewer = sign_up(claims={"crm": "viewer"})
    told = call(suite, viewer, *(("count_segment", {"segment": one[2]}) for one in KINDS))
    meant = [one["data"]["text"].lower() for one in told]
    assert meant == [text.lower() for _, _, text, _ in KINDS]


def test_a_filter_of_an_address_is_shown_as_chips(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    text = f'attended:{shop.mark}-ball and not field:company = "ACME" and order_count >= 2'
    page = desk.open(f"/people?{urlencode({'segment': text})}", "People")
    in_order(page, "Kim Rich")
    expect(chips(page)).to_contain_text(f"Event: attended “Ball {shop.mark}”")
    expect(chips(page)).to_contain_text("Company: not ACME")
    chips(page).get_by_role("button", name="Orders: at least 2", exact=True).click()
    expect(form(page).get_by_label("From")).to_have_value("2")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear all").click()
    asks(page)


def test_a_list_is_sorted_by_its_heads(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/people?segment=has_ticket:{shop.mark}-ball", "People")
    head = page.get_by_role("table", name="People").locator("thead")
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    head.get_by_role("button", name="Orders").click()
    expect(page.get_by_role("columnheader", name="Orders")).to_have_attribute(
        "aria-sort", "descending"
    )
    # Two orders, and two customers of one order each, who go by their ids.
    in_order(page, "Kim Rich", *sorted(("Ida Late", "Joe After"), key=shop.id_of))
    head.get_by_role("button", name="Spend").click()
    in_order(page, "Kim Rich", "Joe After", "Ida Late")
    assert desk.barriers() == []
    head.get_by_role("button", name="Spend").click()
    in_order(page, "Ida Late", "Joe After", "Kim Rich")
    # The address of the page keeps it.
    page.reload()
    in_order(page, "Ida Late", "Joe After", "Kim Rich")
    expect(page.get_by_role("columnheader", name="Spend")).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_nobody_else_stands_there_while_a_search_runs(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/people", "People")
    expect(rows_of(page)).not_to_have_count(0)
    gate = Gate(page, "search_customers")
    page.get_by_label("Search people").fill(f"ida {shop.mark}")
    expect(page.get_by_role("status").filter(has_text="Searching…")).to_be_visible()
    expect(rows_of(page)).to_have_count(0)
    assert desk.barriers() == []
    gate.open()
    expect(rows_of(page)).to_have_count(1)
    page.get_by_label("Search people").fill("i")
    expect(page.get_by_text("Write one more letter or digit.")).to_be_visible()
    expect(rows_of(page)).to_have_count(0)


def test_columns_are_of_choice_and_stay_so(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open(f"/people?q=kim {shop.mark}", "People")
    are_there(page, "Kim Rich")
    heads = page.get_by_role("table", name="People").get_by_role("columnheader")
    expect(heads).to_have_text(
        ["Name", "Tags", "Spend", "Orders", "First order", "Last order", "Newsletter"]
    )
    page.get_by_role("button", name="Columns").click()
    for name in ("Address", "Customer since", "Events attended", "Company"):
        form(page).get_by_role("checkbox", name=name).check()
    for name in ("Tags", "First order", "Last order", "Newsletter"):
        form(page).get_by_role("checkbox", name=name, exact=True).uncheck()
    assert desk.barriers() == []
    page.keyboard.press("Escape")
    wanted = ["Name", "Address", "Spend", "Orders", "Events attended", "Customer since", "Company"]
    expect(heads).to_have_text(wanted)
    expect(rows_of(page).locator("td").nth(1)).to_contain_text(shop.address("Kim Rich"))
    expect(rows_of(page).locator("td").nth(4)).to_have_text("1")
    chosen = "address,spend,orders,attended,since,field:company"
    asks(page, q=f"kim {shop.mark}", columns=chosen)
    # This browser keeps them, and whoever is sent the address sees them, too.
    desk.open(f"/people?q=joe {shop.mark}", "People")
    expect(heads).to_have_text(wanted)
    other = hire(Role.VIEWER)
    sent = other.open(f"/people?q=joe {shop.mark}&columns={chosen}", "People")
    expect(sent.get_by_role("columnheader")).to_have_text(wanted)


def test_rows_are_gone_through_by_keys(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people?segment=has_ticket:{shop.mark}-ball", "People")
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    link = rows_of(page).get_by_role("link")
    page.keyboard.press("j")
    expect(link.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Select Ida Late")).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(link.nth(0)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_test_id("selected")).to_have_text("2 selected")
    page.keyboard.press("x")
    expect(page.get_by_test_id("selected")).to_have_text("1 selected")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("selected")).to_have_count(0)
    page.keyboard.press("/")
    search = page.get_by_label("Search people")
    expect(search).to_be_focused()
    page.keyboard.type("jk")
    expect(search).to_have_value("jk")
    page.keyboard.press("Escape")
    expect(search).to_have_value("")
    page.keyboard.press("Escape")
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Ida Late").wait_for()


def test_a_row_leads_to_its_person_wherever_it_is_clicked(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open(f"/people?q=ida {shop.mark}", "People")
    are_there(page, "Ida Late")
    box = rows_of(page).locator("td").last.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] - 4)
    page.get_by_role("heading", level=1, name="Ida Late").wait_for()
    page.go_back()
    page.get_by_role("checkbox", name="Select Ida Late").check()
    expect(page.get_by_test_id("selected")).to_be_visible()  # and no other page


def test_a_question_is_saved_as_a_view(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open("/people", "People")
    expect(page.get_by_role("button", name="Save as view")).to_have_count(0)
    desk.open(f"/people?segment=has_ticket:{shop.mark}-ball", "People")
    page.get_by_role("button", name="Save as view").click()
    name = f"Dancers {shop.mark}"
    form(page).get_by_label("Name").fill(name)
    assert desk.barriers() == []
    form(page).get_by_role("button", name="Save").click()
    tab = page.get_by_role("tab", name=name)
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(chips(page)).to_contain_text(f"Segment: {name}")
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    page.get_by_role("tab", name="All").click()
    page.reload()
    tab.click()  # this browser keeps it
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    # It is a segment for everyone, who make it a view or do not.
    other = hire(Role.VIEWER)
    elsewhere = other.open("/people", "People")
    theirs = elsewhere.get_by_role("tab", name=name)
    elsewhere.get_by_role("button", name="Choose views").click()
    expect(theirs).to_have_count(0)
    form(elsewhere).get_by_role("checkbox", name=name).check()
    assert other.barriers() == []
    elsewhere.keyboard.press("Escape")
    theirs.click()
    in_order(elsewhere, "Joe After", "Ida Late", "Kim Rich")
    expect(elsewhere.get_by_role("button", name="Save as view")).to_have_count(0)
    page.get_by_role("button", name="Choose views").click()
    form(page).get_by_role("checkbox", name=name).uncheck()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="All").click()
    expect(tab).to_have_count(0)


@pytest.mark.parametrize(
    ("role", "edits"), [(Role.VIEWER, False), (Role.EDITOR, True), (Role.ADMIN, True)]
)
def test_who_may_not_edit_is_offered_nothing_to_do(
    hire: Hire, shop: Shop, role: Role, edits: bool
) -> None:
    desk = hire(role)
    page = desk.open(f"/people?segment=has_ticket:{shop.mark}-ball", "People")
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    expect(page.get_by_test_id("reach")).to_contain_text("3 people · 1 can get the newsletter")
    for name in ("Tag all 3…", "Download for newsletter (1 of 3)", "Save as view"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(int(edits))
    expect(page.get_by_role("checkbox")).to_have_count(4 if edits else 0)


def test_the_list_in_german(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR, locale="de-DE")
    event = f"{shop.mark}-ball"
    page = desk.open(f"/people?segment=has_ticket:{event} and total_spend >= 20 USD", "Personen")
    table = page.get_by_role("table", name="Personen")
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_test_id("reach")).to_have_text(
        "2 Personen · 0 können den Newsletter bekommen (2 nicht abonniert)"
    )
    expect(page.get_by_role("group", name="Filter", exact=True)).to_contain_text(
        "Umsatz: mindestens 20,00\xa0$"
    )
    expect(page.get_by_role("tab")).to_have_text(
        ["Alle", "Neu in diesem Monat", "Länger nicht bestellt", "Abonniert"]
    )
    page.get_by_role("checkbox", name="Alle gezeigten auswählen").check()
    page.get_by_role("button", name="Verschlagworten…").click()
    expect(page.get_by_role("dialog", name="2 Personen verschlagworten")).to_be_visible()
    assert desk.barriers() == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "dark")])
def test_a_phone_and_the_dark_show_all_of_it(
    hire: Hire, shop: Shop, width: int, scheme: str
) -> None:
    desk = hire(Role.EDITOR, width=width, scheme=scheme)
    event = f"{shop.mark}-ball"
    page = desk.open(f"/people?segment=has_ticket:{event} and registered:false", "People")
    in_order(page, "Joe After", "Ida Late", "Kim Rich")
    page.get_by_role("checkbox", name="Select Joe After").check()
    page.get_by_role("checkbox", name="Select Kim Rich").check()
    page.get_by_role("button", name="Advanced").click()
    stays_inside(page)
    assert desk.barriers() == []
    for name in ("Newsletter", "Spend", "Last order"):
        chips(page).get_by_role("button", name=name, exact=True).click()
        expect(form(page)).to_be_visible()
        stays_inside(page)
        assert desk.barriers() == []
        page.keyboard.press("Escape")
        expect(form(page)).to_have_count(0)
    page.get_by_role("button", name="Columns").click()
    stays_inside(page)
    assert desk.barriers() == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Unsubscribe…").click()
    stays_inside(page)
    assert desk.barriers() == []
