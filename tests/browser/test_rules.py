"""Rules: written in rows, previewed, switched on, seen to act, answered, and switched off."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter
from playwright.sync_api import Locator, Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.console import Desk
from testing.hosts import item
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.browser.test_narrow import stays_inside
from tests.support.scheduled import schedule
from tests.support.shop import Shop
from tests.support.web import call

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley"


START = datetime.now(UTC).replace(hour=19, minute=0, second=0, microsecond=0) + timedelta(days=3)


def _ball(shop: Shop) -> dict[str, Any]:
    return item(f"{shop.mark}-ball", eventName=f"Ball {shop.mark}", eventStartsAt=START)


@pytest.fixture(scope="module")
def editor() -> Person:
    return sign_up(claims={"crm": Role.EDITOR.word})


@pytest.fixture(scope="module")
def shop(suite: Suite, editor: Person) -> Iterator[Shop]:
    """Two with a ticket for a ball to come; one of them gets news. Its rules go at the end."""
    shop = Shop(suite)
    shop.order("Kim News", marketingOptIn=True, items=[_ball(shop)])
    shop.order("Lou Quiet", items=[_ball(shop)])
    for name in ("Kim News", "Lou Quiet"):
        shop.id_of(name)
    yield shop
    (answer,) = call(suite, editor, ("list_rules", {"pageSize": 200}))
    mine = [one["ruleId"] for one in answer["data"]["rules"] if shop.mark in one["name"]]
    call(suite, editor, *(("delete_rule", {"ruleId": one}) for one in mine))


def _save(suite: Suite, editor: Person, **said: Any) -> dict[str, Any]:
    (answer,) = call(suite, editor, ("save_rule", said))
    rule: dict[str, Any] = answer["data"]["rule"]
    return rule


def _draft(suite: Suite, editor: Person, name: str) -> str:
    """Save a draft that can be sent."""
    said = {
        "name": name,
        "subject": "Thank you",
        "body": {"format": "markdown", "source": "# Thanks\n\nIt was good to have you."},
        "segment": "everyone",
    }
    (answer,) = call(suite, editor, ("save_campaign", said))
    campaign_id: str = answer["data"]["campaign"]["campaignId"]
    return campaign_id


def _conditions(page: Page, row: str, text: str) -> None:
    """Write conditions in a row of the form."""
    field = page.get_by_role("group", name=row).get_by_label("Conditions as text")
    field.fill(text)
    field.press("Escape")


def _add_tag(page: Page, tag: str) -> None:
    field = page.get_by_role("combobox", name="Add tags")
    field.fill(tag)
    field.press("Enter")


def _rule_id(page: Page) -> str:
    expect(page).to_have_url(re.compile(r"/rules/(?!new)[\w-]+"))
    return page.url.rpartition("/")[2].partition("?")[0]


def _row(desk: Desk, name: str) -> Locator:
    page = desk.open("/rules", "Rules")
    return page.get_by_role("row").filter(has_text=name)


def test_a_rule_is_previewed_saved_on_seen_to_act_and_switched_off(
    hire: Hire, suite: Suite, shop: Shop
) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open("/rules", "Rules")
    page.get_by_role("link", name="New rule").click()
    page.get_by_role("heading", level=1, name="New rule").wait_for()
    assert desk.barriers() == []
    name, tag = f"Big {shop.mark}", f"Big {shop.mark}"
    # What is not filled in is said where it is.
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Give the rule a name.")).to_be_visible()
    expect(page.get_by_text("3 fields are not filled in")).to_be_visible()
    assert desk.barriers() == []
    page.get_by_label("Name", exact=True).fill(name)
    _conditions(page, "When", f"has_ticket:{shop.mark}-ball")
    expect(page.get_by_text(re.compile("People who have a ticket for"))).to_be_visible()
    _add_tag(page, tag)
    # Before it is saved: who belongs already.
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_test_id("matching")).to_have_text(
        "2 people belong already. The rule does not act on them."
    )
    people = page.get_by_role("table", name="People")
    expect(people.get_by_role("row").filter(has_text="Kim News")).to_contain_text(
        "Not acted on: belongs already"
    )
    assert desk.barriers() == []
    page.get_by_role("button", name="Save and switch on…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 people belong already")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Switch on").click()
    page.get_by_role("heading", level=1, name=name).wait_for()
    rule_id = _rule_id(page)
    expect(page.get_by_role("main").get_by_text("On", exact=True)).to_be_visible()
    # Somebody enters, and the rule acts.
    who = _entered(shop, rule_id)
    schedule(suite)
    row = _row(desk, name)
    expect(row).to_contain_text("When somebody enters: People who have a ticket for")
    expect(row).to_contain_text(f"Adds the tag {tag}")
    expect(row.get_by_role("cell").nth(2)).to_have_text("On")
    expect(row.get_by_role("cell").nth(3)).to_have_text("1")
    assert desk.barriers() == []
    row.click()
    page.get_by_role("tab", name="What it did").click()
    did = page.get_by_role("table", name="What it did").get_by_role("row").filter(has_text=who)
    expect(did).to_contain_text("Changed tags")
    assert desk.barriers() == []
    did.get_by_role("link", name=who).click()
    page.get_by_role("heading", level=1, name=who).wait_for()
    expect(page.get_by_text(tag, exact=True).first).to_be_visible()
    # Switched off, and deleted.
    desk.open(f"/rules/{rule_id}", name)
    page.get_by_role("button", name="Switch off…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It has acted on 1 person.")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("The rule is saved, and off.")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Off", exact=True)).to_be_visible()
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What it did stays")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Delete rule").click()
    page.get_by_role("heading", level=1, name="Rules").wait_for()
    expect(page.get_by_role("row").filter(has_text=name)).to_have_count(0)


def _entered(shop: Shop, rule_id: str) -> str:
    """Let people buy until the trigger's process knows the rule; give the first that it met."""
    numbers = itertools.count()

    def entered() -> str:
        name = f"Max Late {next(numbers)}"
        shop.customer(name, items=[_ball(shop)])
        asked = FieldFilter("ruleId", "==", rule_id)
        assert shop.documents.collection("crmOutbox").where(filter=asked).get()
        return name

    return eventually(entered)


def test_a_mail_the_day_after_an_event(
    hire: Hire, suite: Suite, editor: Person, shop: Shop
) -> None:
    draft = f"Thanks {shop.mark}"
    _draft(suite, editor, draft)
    desk = hire(Role.EDITOR, zone="America/New_York")
    page = desk.open("/rules/new", "New rule")
    name = f"After the ball {shop.mark}"
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("What happens").select_option("An event is over")
    days = page.get_by_label("How long after the event")
    days.fill("")
    days.press_sequentially("400")
    expect(page.get_by_text("A whole number from 0 to 365.")).to_be_visible()
    days.fill("")
    days.press_sequentially("1")
    page.get_by_label("At (UTC)").fill("10:30")
    page.get_by_role("combobox", name="Who is meant").click()
    page.get_by_role("option", name="Who came to the event").click()
    page.get_by_label("How often it acts on a person").select_option("Once for each event")
    page.get_by_label("What the rule does").select_option("Send a mail")
    page.get_by_label("Draft that is sent").select_option(draft)
    page.get_by_role("button", name="Preview").click()
    # Due by the organiser's clock, wherever the reader is.
    due = (START + timedelta(days=1)).strftime("%-d %b %Y")
    events = page.get_by_role("table", name="Events")
    expect(events.get_by_role("row").filter(has_text=f"Ball {shop.mark}")).to_contain_text(
        re.compile(rf"{due}, 10:30")
    )
    expect(page.get_by_test_id("next")).to_contain_text("(UTC)")
    expect(page.get_by_test_id("reached")).to_contain_text("would get the mail.")
    assert desk.barriers() == []
    page.get_by_role("button", name="Save, switched off").click()
    page.get_by_role("heading", level=1, name=name).wait_for()
    row = _row(desk, name)
    expect(row).to_contain_text("1 day after an event, at 10:30")
    expect(row).to_contain_text("Only for: Who came to the event")
    expect(row).to_contain_text(f"Sends “{draft}”")
    expect(row.get_by_role("cell").nth(2)).to_have_text("Off")
    row.click()
    expect(page.get_by_label("At (UTC)")).to_have_value("10:30")
    expect(page.get_by_label("Draft that is sent")).to_have_value(re.compile(".+"))
    expect(page.get_by_role("combobox", name="Who is meant")).to_have_value("Who came to the event")
    page.get_by_role("tab", name="Campaigns").click()
    expect(page.get_by_text("It has sent no campaign.")).to_be_visible()
    assert desk.barriers() == []


def test_what_is_refused_stands_at_its_field(
    hire: Hire, suite: Suite, editor: Person, shop: Shop
) -> None:
    first, second = f"a-{shop.mark}", f"b-{shop.mark}"
    other = f"One way {shop.mark}"
    _save(suite, editor, name=other, when={"enters": f"tag:{first}"}, then={"addTags": [second]})
    desk = hire(Role.EDITOR)
    page = desk.open("/rules/new", "New rule")
    page.get_by_label("Name", exact=True).fill(f"Back {shop.mark}")
    _conditions(page, "When", f"tag:{second} and")
    expect(page.get_by_test_id("place")).to_be_visible()
    _conditions(page, "When", f"tag:{second}")
    _add_tag(page, first)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("list", name="Problems found")).to_contain_text(
        "Stops it: Rules would set each other off"
    )
    page.get_by_role("button", name="Save, switched off").click()
    tags = page.get_by_role("group", name="Then")
    expect(tags).to_contain_text("Rules would set each other off")
    expect(tags).to_contain_text(f"It is about: {other}.")
    assert desk.barriers() == []
    page.get_by_role("button", name="Save and switch on…").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Switch on")).to_be_disabled()


@pytest.mark.parametrize("over", [False, True])
def test_two_people_at_one_rule(
    hire: Hire, suite: Suite, editor: Person, shop: Shop, over: bool
) -> None:
    said = {"when": {"subscribed": True}, "then": {"addTags": [f"n-{shop.mark}"]}}
    rule = _save(suite, editor, name=f"Two {over} {shop.mark}", **said)
    desk = hire(Role.EDITOR)
    page = desk.open(f"/rules/{rule['ruleId']}", rule["name"])
    name = page.get_by_label("Name", exact=True)
    name.fill(f"Mine {over} {shop.mark}")
    _save(
        suite,
        editor,
        ruleId=rule["ruleId"],
        name=f"Theirs {over} {shop.mark}",
        when=said["when"],
        then={"addTags": [f"other-{shop.mark}"]},
    )
    page.get_by_role("button", name="Save, switched off").click()
    told = page.get_by_role("alert").filter(has_text="Somebody else has changed this rule")
    expect(told).to_contain_text(f"Adds the tag other-{shop.mark}")
    assert desk.barriers() == []
    if over:
        told.get_by_role("button", name="Save over it").click()
        expect(page.get_by_text("The rule is saved, and off.")).to_be_visible()
        page.get_by_role("heading", level=1, name=f"Mine {over} {shop.mark}").wait_for()
    else:
        told.get_by_role("button", name="Show that").click()
        expect(name).to_have_value(f"Theirs {over} {shop.mark}")
    expect(told).to_have_count(0)


@pytest.mark.parametrize("answer", ["act", "drop"])
def test_a_rule_that_paused_is_answered(
    hire: Hire, suite: Suite, editor: Person, shop: Shop, answer: str
) -> None:
    name = f"Many {answer} {shop.mark}"
    rule = _save(
        suite,
        editor,
        name=name,
        on=True,
        when={"enters": f"has_ticket:{shop.mark}-other"},
        then={"addTags": [f"m-{shop.mark}"]},
    )
    book = shop.documents.document("crmRules/book")
    book.update({f"rules.`{rule['ruleId']}`.paused": "too-many"})
    book.update({f"rules.`{rule['ruleId']}`.waiting": 1200})
    desk = hire(Role.EDITOR)
    row = _row(desk, name)
    expect(row).to_contain_text("Paused: it asks you")
    expect(row).to_contain_text("1,200 people entered at once, and at most 1,000 are allowed.")
    assert desk.barriers() == []
    row.click()
    page = desk.page
    choices = {"act": "Act on who waits…", "drop": "Forget who waits…"}
    page.get_by_role("button", name=choices[answer]).click()
    dialog = page.get_by_role("dialog")
    words = {"act": "Act on all 1,200 people", "drop": "Forget these 1,200 people"}
    expect(dialog.get_by_role("radio", name=words[answer])).to_be_checked()
    expect(dialog.get_by_test_id("matching")).to_be_visible()
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Save, and let it act").click()
    expect(page.get_by_text("The rule is saved, and on.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    stored = book.get().to_dict()["rules"][rule["ruleId"]]
    assert (stored["paused"], stored["allowed"] is not None) == (None, answer == "act")


def test_who_looks_reads_a_rule(hire: Hire, suite: Suite, editor: Person, shop: Shop) -> None:
    name = f"Read {shop.mark}"
    rule = _save(
        suite,
        editor,
        name=name,
        when={"sinceLastOrder": {"days": 180}},
        only="marketing:subscribed",
        once={"days": 365},
        then={"addTags": ["Lapsed"], "removeTags": ["New"]},
        most=50,
    )
    desk = hire(Role.VIEWER)
    page = desk.open("/rules", "Rules")
    expect(page.get_by_role("link", name="New rule")).to_have_count(0)
    desk.open(f"/rules/{rule['ruleId']}", name)
    said = page.get_by_role("region", name="Rule")
    for words in (
        "When somebody has not ordered for 180 days",
        "Only for: People who get the newsletter",
        "Not again for 365 days",
        "Adds the tag Lapsed; Removes the tag new",
        "50 people",
    ):
        expect(said).to_contain_text(words)
    for button in ("Switch on…", "Delete…", "Preview"):
        expect(page.get_by_role("button", name=button)).to_have_count(0)
    assert desk.barriers() == []
    desk.open("/rules/gone", "Rule")
    expect(page.get_by_text("There is no such rule any more.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_in_german(
    hire: Hire, suite: Suite, editor: Person, shop: Shop, scheme: str
) -> None:
    name = f"{LONG} {scheme} {shop.mark}"[:100]
    event = f"{shop.mark}-{'long' * 20}"
    _save(
        suite,
        editor,
        name=name,
        when={"enters": f"has_ticket:{event} and not tag:{'t' * 60}"},
        then={"addTags": ["t" * 64]},
    )
    desk = hire(Role.EDITOR, width=390, scheme=scheme, locale="de-DE")
    page = desk.open("/rules", "Regeln")
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Wenn jemand dazukommt")
    stays_inside(page)
    assert desk.barriers() == []
    row.get_by_role("link").click()
    page.get_by_role("heading", level=1, name=name).wait_for()
    page.get_by_role("button", name="Vorschau").click()
    expect(page.get_by_test_id("matching")).to_contain_text("0 Personen gehören schon dazu.")
    stays_inside(page)
    assert desk.barriers() == []
    page.get_by_role("button", name="Einschalten …", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("matching")).to_be_visible()
    stays_inside(page)
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Abbrechen").click()
    page.get_by_role("tab", name="Was sie getan hat").click()
    expect(page.get_by_text("Sie hat noch nicht gehandelt.")).to_be_visible()
    stays_inside(page)
    assert desk.barriers() == []
