"""Campaigns: written in blocks, tried on staff, sent to a real mailbox, watched to their end."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.hosts import item
from tests.browser.conftest import Hire
from tests.browser.test_narrow import stays_inside
from tests.support.shop import Shop

NEWS = ("Kim News", "Max News")

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley"


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    """Two who get news and one who does not, all at one event."""
    shop = Shop(suite)
    for name in (*NEWS, "Lou Quiet"):
        event = item(_event(shop), eventName=f"Ball {shop.mark}")
        shop.order(name, marketingOptIn=name in NEWS, items=[event])
    for name in (*NEWS, "Lou Quiet"):
        shop.id_of(name)
    return shop


def _event(shop: Shop) -> str:
    return f"{shop.mark}-ball"


def _mails(suite: Suite, to: str) -> list[dict[str, Any]]:
    """The mails to an address, the oldest first, each as a whole."""
    origin = suite.mailbox_origin

    def ask(path: str) -> Any:
        with urllib.request.urlopen(f"{origin}{path}") as answer:
            return json.load(answer)

    found = ask(f"/api/mails?to={urllib.parse.quote(to)}")["mails"]
    return [ask(f"/api/mails/{one['number']}") for one in found]


def _create(page: Page, name: str, segment: str) -> None:
    """Begin a campaign to who is in a segment."""
    page.goto(f"/campaigns/new?{urllib.parse.urlencode({'segment': segment})}")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("button", name="Begin to write").click()
    page.get_by_role("heading", level=1, name=name).wait_for()


def _saved(page: Page) -> None:
    expect(page.get_by_test_id("saved")).to_have_text("Saved")


def _write(page: Page, subject: str) -> None:
    page.get_by_label("Subject", exact=True).fill(subject)
    _saved(page)


def test_a_campaign_is_written_tried_sent_and_watched(hire: Hire, shop: Shop, suite: Suite) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open("/campaigns", "Campaigns")
    page.get_by_role("link", name="New campaign").click()
    page.get_by_role("heading", level=1, name="New campaign").wait_for()
    assert desk.barriers() == []
    name = f"Thank you {shop.mark}"
    _create(page, name, f"attended:{_event(shop)}")
    # Who gets it, and why the others do not.
    expect(page.get_by_test_id("matching")).to_contain_text("3 people")
    expect(page.get_by_test_id("reached")).to_contain_text("2 get the mail")
    expect(page.get_by_role("list", name="Who gets none")).to_contain_text("1 not subscribed")
    # Without a subject it cannot be sent, and it says so.
    problems = page.get_by_role("list", name="Problems found")
    expect(problems).to_contain_text("Stops it Subject")
    page.get_by_role("button", name="Send…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 problem stops this mail")
    expect(dialog.get_by_role("button", name="Send to 2 people")).to_be_disabled()
    dialog.get_by_role("button", name="Cancel").click()
    # Blocks, and a placeholder out of the menu.
    page.get_by_label("Subject", exact=True).fill("Thank you, !")
    page.get_by_label("Subject", exact=True).press("ArrowLeft")
    page.get_by_role("button", name="Insert a placeholder: Subject").click()
    page.get_by_role("menuitem", name="First name").click()
    expect(page.get_by_label("Subject", exact=True)).to_have_value(
        'Thank you, {{ first_name | default: "friend" }}!'
    )
    heading = page.get_by_role("group", name="1. Heading")
    heading.get_by_role("textbox").fill("It was good to have you")
    words = page.get_by_role("group", name="2. Text").get_by_role("textbox")
    words.fill("Come again")
    words.select_text()
    page.get_by_role("group", name="2. Text").get_by_role("button", name="Bold").click()
    expect(words).to_have_value("**Come again**")
    for kind in ("Button", "Divider", "Picture"):
        page.get_by_role("button", name="Add a block").click()
        page.get_by_role("menuitem", name=kind).click()
    button = page.get_by_role("group", name="3. Button")
    button.get_by_role("textbox", name="What the button says").fill("Tickets")
    button.get_by_role("textbox", name="Where it leads").fill("https://example.com/tickets")
    picture = page.get_by_role("group", name="5. Picture")
    picture.get_by_role("textbox", name="What the picture shows").fill("A full hall")
    picture.get_by_role("textbox", name="Address of the picture").fill(
        "https://example.com/hall.png"
    )
    page.get_by_role("button", name="Move up: 5. Picture").click()
    expect(page.get_by_role("group", name="4. Picture")).to_be_visible()
    expect(page.get_by_text("Nothing is wrong with this mail.")).to_be_visible()
    _saved(page)
    # What is beside it: the mail of the first one who gets it, of somebody else, in the dark.
    subject = page.get_by_test_id("preview-subject")
    expect(subject).to_have_text(re.compile("Thank you, (Kim|Max)!"))
    page.get_by_role("combobox", name="As this person gets it").fill(f"{shop.mark}.max")
    page.get_by_role("option", name=re.compile("Max News")).click()
    expect(subject).to_have_text("Thank you, Max!")
    frame = page.frame_locator("iframe[title='The mail']")
    expect(frame.get_by_role("heading", name="It was good to have you")).to_be_visible()
    expect(frame.get_by_text("Tickets")).to_have_attribute("title", "https://example.com/tickets")
    expect(frame.get_by_alt_text("A full hall")).to_have_attribute("src", re.compile("^data:"))
    card = frame.locator(".crm-card")
    expect(card).to_have_css("background-color", "rgb(255, 255, 255)")
    page.get_by_label("Dark", exact=True).check()
    expect(card).to_have_css("background-color", "rgb(22, 24, 28)")
    page.get_by_text("Phone", exact=True).click()
    expect(page.locator("iframe")).to_have_css("width", "375px")
    page.get_by_text("Text only", exact=True).click()
    expect(page.get_by_test_id("preview-text")).to_contain_text("IT WAS GOOD", ignore_case=True)
    assert desk.barriers() == []
    # It survives a reload, block by block.
    page.reload()
    expect(button.get_by_role("textbox", name="What the button says")).to_have_value("Tickets")
    expect(page.get_by_role("group", name="5. Divider")).to_be_visible()
    # A test mail, to staff alone.
    page.get_by_role("button", name="Send a test").click()
    dialog = page.get_by_role("dialog")
    own = dialog.get_by_label("To", exact=False).input_value()
    dialog.get_by_label("To", exact=False).fill("nobody@example.com")
    dialog.get_by_role("button", name="Send the test").click()
    expect(dialog.get_by_role("alert")).to_contain_text("verified addresses of staff")
    dialog.get_by_label("To", exact=False).fill(own)
    dialog.get_by_role("button", name="Send the test").click()
    expect(dialog.get_by_role("status")).to_contain_text(f"{own}: sent")
    assert desk.barriers() == []
    assert [one["subject"] for one in _mails(suite, own)] == ["[Test] Thank you, Ada!"]
    dialog.get_by_role("button", name="Cancel").click()
    # Sent, and watched to its end.
    page.get_by_role("button", name="Send…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 get the mail")
    expect(dialog).to_contain_text("Nothing leaves for 1 s after that")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Send to 2 people").click()
    expect(page.get_by_text("Everybody is settled since")).to_be_visible()
    expect(page.get_by_test_id("equation")).to_have_text(
        "3 people=0 waiting+2 accepted+0 refused+1 excluded+0 uncertain"
    )
    for person in NEWS:
        (mail,) = _mails(suite, shop.address(person))
        assert mail["subject"] == f"Thank you, {person.split()[0]}!"
        assert "https://example.com/tickets" in mail["html"]
    # By name, each with the way to the person.
    people = page.get_by_role("table", name="Recipients")
    expect(people.get_by_role("row")).to_have_count(4)
    page.get_by_role("link", name="1 excluded").click()
    expect(people.get_by_role("row")).to_have_count(2)
    expect(people).to_contain_text("not subscribed")
    assert desk.barriers() == []
    people.get_by_role("link", name="Lou Quiet").click()
    page.get_by_role("heading", level=1, name="Lou Quiet").wait_for()
    page.go_back()
    expect(page.get_by_label("Show")).to_have_value("excluded")
    page.get_by_role("tab", name="What came of it").click()
    results = page.get_by_role("region", name="What came of it")
    expect(results).to_contain_text("Got the mail2")
    assert desk.barriers() == []
    page.get_by_role("tab", name="Mail", exact=True).click()
    expect(page.get_by_text("**[Tickets](https://example.com/tickets)**")).to_be_visible()
    page.get_by_role("button", name="Show the preview").click()
    expect(frame.get_by_role("heading", name="It was good to have you")).to_be_visible()
    assert desk.barriers() == []
    desk.open("/campaigns?list=sent", "Campaigns")
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("2 of 3")
    assert desk.barriers() == []


def test_what_is_scheduled_can_be_taken_back_and_cancelled(
    hire: Hire, shop: Shop, suite: Suite
) -> None:
    desk = hire(Role.EDITOR)
    page = desk.page
    name = f"Later {shop.mark}"
    _create(page, name, f"attended:{_event(shop)}")
    _write(page, f"Later {shop.mark}")
    _schedule(page, datetime.now(UTC) + timedelta(minutes=5))
    expect(page.get_by_text(re.compile(r"Nothing leaves for \d+ s"))).to_be_visible()
    assert desk.barriers() == []
    page.get_by_role("button", name="Undo").click()
    # It is a draft again, as it was.
    expect(page.get_by_text("The mail is a draft again")).to_be_visible()
    expect(page.get_by_label("Subject", exact=True)).to_have_value(f"Later {shop.mark}")
    expect(page.get_by_role("button", name="Send…")).to_be_enabled()
    _schedule(page, datetime.now(UTC) + timedelta(days=3))
    expect(page.get_by_text(re.compile(r"It is sent on .* \(UTC\)"))).to_be_visible()
    # Its text can still be changed, and is saved when somebody says so.
    page.get_by_label("Subject", exact=True).fill(f"Much later {shop.mark}")
    expect(page.get_by_test_id("saved")).to_have_text("Not saved yet")
    page.get_by_role("button", name="Save changes").click()
    _saved(page)
    page.get_by_role("button", name="Cancel…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nobody gets the mail")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Cancel the campaign").click()
    expect(page.get_by_text("Staff have ended it")).to_be_visible()
    for person in NEWS:
        assert not [one for one in _mails(suite, shop.address(person)) if "ater" in one["subject"]]
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Duplicate as a new draft").click()
    page.get_by_role("heading", level=1, name=f"Copy of {name}").wait_for()
    expect(page.get_by_label("Subject", exact=True)).to_have_value(f"Much later {shop.mark}")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Delete draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete draft").click()
    page.get_by_role("heading", level=1, name="Campaigns").wait_for()
    desk.open("/campaigns?list=stopped", "Campaigns")
    rows = page.get_by_role("row").filter(has_text=name)
    expect(rows).to_have_count(2)  # what was undone, and what was cancelled
    page.get_by_role("tab", name="Drafts").click()
    expect(page).to_have_url(re.compile("list=drafts"))
    expect(rows).to_have_count(0)


def _schedule(page: Page, at: datetime) -> None:
    page.get_by_role("button", name="Send…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("At a time").click()
    expect(dialog).to_contain_text("As the clock shows it in UTC")
    dialog.get_by_label("Day and time").fill(f"{at:%Y-%m-%dT%H:%M}")
    dialog.get_by_role("button", name=re.compile("Schedule for")).click()
    expect(dialog).to_have_count(0)


def _answering(change: Callable[[dict[str, Any]], None]) -> Callable[[Route], None]:
    """Change what a callable answers."""

    def handle(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        change(told["result"])
        route.fulfill(response=answer, json=told)

    return handle


def test_above_a_thousand_the_number_is_typed(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.page
    _create(page, f"Many {shop.mark}", f"attended:{_event(shop)}")
    _write(page, "To many")

    def many(told: dict[str, Any]) -> None:
        told["audience"] = {"matched": 1300, "reachable": 1200, "excluded": {"pending": 100}}

    page.route("**/preview_campaign", _answering(many))
    page.get_by_role("button", name="Send…").click()
    dialog = page.get_by_role("dialog")
    send = dialog.get_by_role("button", name=re.compile("Send to"))
    expect(send).to_have_text("Send to 1,200 people")
    expect(send).to_be_disabled()
    dialog.get_by_label("Type 1,200 to send").fill("1300")
    expect(send).to_be_disabled()
    assert desk.barriers() == []
    dialog.get_by_label("Type 1,200 to send").fill("1,200")
    # By now it is another number: it is said, and asked again, and nothing was sent.
    send.click()
    expect(dialog.get_by_role("alert")).to_contain_text("By now 2 people would get the mail")
    expect(send).to_have_text("Send to 2 people")
    expect(send).to_be_enabled()
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Send…")).to_be_visible()


def test_two_who_write_one_campaign(hire: Hire, shop: Shop) -> None:
    one, two = hire(Role.EDITOR), hire(Role.EDITOR)
    name = f"Two {shop.mark}"
    _create(one.page, name, f"attended:{_event(shop)}")
    _write(one.page, "First")
    two.open(one.page.url.removeprefix(two.page.url.split("/campaigns")[0]), name)
    subject = two.page.get_by_label("Subject", exact=True)
    expect(subject).to_have_value("First")
    # Whoever wrote nothing sees what the other one writes.
    _write(one.page, "Second")
    expect(subject).to_have_value("Second")
    # Whoever did chooses.
    held: list[Route] = []
    two.page.route("**/save_campaign", lambda route: held.append(route), times=1)
    with two.page.expect_request("**/save_campaign"):
        subject.fill("Third of two")
    _write(one.page, "Third of one")
    held[0].continue_()
    alert = two.page.get_by_role("alert").filter(has_text="Somebody saved this campaign meanwhile")
    expect(alert).to_contain_text("Third of one")
    assert two.barriers() == []
    alert.get_by_role("button", name="Overwrite it").click()
    _saved(two.page)
    expect(one.page.get_by_label("Subject", exact=True)).to_have_value("Third of two")


def test_what_was_typed_right_before_leaving_is_kept(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.page
    name = f"Kept {shop.mark}"
    _create(page, name, f"attended:{_event(shop)}")
    _saved(page)
    with page.expect_response("**/save_campaign"):
        page.get_by_label("Subject", exact=True).fill("Just typed")
        page.locator("#content").get_by_role("link", name="Campaigns").click()
        page.get_by_role("heading", level=1, name="Campaigns").wait_for()
    page.get_by_role("link", name=name).click()
    expect(page.get_by_label("Subject", exact=True)).to_have_value("Just typed")


def test_text_that_blocks_cannot_hold(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.page
    _create(page, f"Advanced {shop.mark}", "everyone and tag:nobody-has-it")
    _write(page, "Advanced")
    page.get_by_text("Markdown", exact=True).click()
    text = page.get_by_role("textbox", name="Advanced: the text in Markdown")
    text.fill("# Hello\n\n{% if registered %}\n\n---\n\n{% endif %}\n\n{{ first_nam }}")
    problems = page.get_by_role("list", name="Problems found")
    expect(problems).to_contain_text("Text, line 9")
    expect(problems).to_contain_text("first_name")
    page.get_by_text("Blocks", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("more than blocks can")
    assert desk.barriers() == []
    text.fill("# Hello\n\n{{ first_nam }}")
    page.get_by_text("Blocks", exact=True).click()
    expect(page.get_by_role("group", name="2. Text")).to_be_visible()
    expect(problems).to_contain_text("Text, block 2 (Text)")
    page.get_by_text("MJML", exact=True).click()
    mjml = "<mjml><mj-body><mj-section><mj-column><mj-text>Hello</mj-text></mj-column></mj-section>"
    page.get_by_role("textbox", name="Advanced: the mail in MJML").fill(f"{mjml}</mj-body></mjml>")
    frame = page.frame_locator("iframe[title='The mail']")
    expect(frame.get_by_text("Hello", exact=True)).to_be_visible()
    # A question that is none is said where it stands.
    _saved(page)
    page.get_by_label("Conditions as text").fill("tag:")
    expect(page.get_by_test_id("place")).to_be_visible()
    expect(page.get_by_test_id("saved")).to_have_text("Not saved yet")
    assert desk.barriers() == []


def test_will_mails_arrive(hire: Hire) -> None:
    desk = hire(Role.EDITOR)
    page = desk.open("/campaigns", "Campaigns")
    page.get_by_role("button", name="Will mails arrive?").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Headers of the mail").fill(
        "Received: from a.example by mx.example.net; Sun, 29 Nov 2026 10:00:00 +0000\n"
        "From: Example Events <news@example.com>\nSubject: Hello\n"
    )
    dialog.get_by_role("button", name="Check them").click()
    expect(dialog.get_by_role("status")).to_contain_text("Something has to be mended")
    findings = dialog.get_by_role("list", name="Findings")
    expect(findings).to_contain_text("Unsubscribing with one click")
    expect(findings.get_by_role("img", name="has to be mended").first).to_be_visible()
    assert desk.barriers() == []


def _stored(shop: Shop, name: str, **fields: Any) -> str:
    """A campaign as its document is in some state; nothing works at it."""
    now = datetime.now(UTC)
    counts = dict.fromkeys(("bounced", "complained", "unsubscribed"), 0)
    people = {"audience": 10, "waiting": 4, "accepted": 3, "refused": 1, "excluded": 1}
    document: dict[str, Any] = {
        "name": name,
        "subject": f"Hello {name}",
        "preview": "",
        "body": {"format": "markdown", "source": "# Hello"},
        "segment": {"attended": _event(shop)},
        "from": "news@example.com",
        "replyTo": None,
        "createdAt": now,
        "updatedAt": now,
        "revision": 1,
        "state": "sending",
        "reason": None,
        "message": None,
        "scheduledAt": now,
        "latestBy": now + timedelta(hours=2),
        "startedAt": now,
        "preparedAt": now,
        "finishedAt": None,
        "expected": 9,
        "actor": "somebody",
        "jobId": None,
        "ready": True,
        "baseline": {},
        "rule": None,
        "scope": None,
        "people": None,
        "counts": {**counts, **people, "uncertain": 1},
    }
    reference = shop.documents.collection("crmCampaigns").document()
    reference.set(document | fields)
    return str(reference.id)


def test_what_is_on_its_way_is_paused_and_goes_on(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    campaign_id = _stored(shop, f"Underway {shop.mark}")
    page = desk.open(f"/campaigns/{campaign_id}", "Underway")
    expect(page.get_by_text("Mails go out.")).to_be_visible()
    expect(page.get_by_test_id("equation")).to_have_text(
        "10 people=4 waiting+3 accepted+1 refused+1 excluded+1 uncertain"
    )
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "60")
    document = shop.documents.document(f"crmCampaigns/{campaign_id}")
    document.update({"counts.waiting": 2, "counts.accepted": 5})
    expect(page.get_by_test_id("equation")).to_contain_text("5 accepted")  # as it goes
    assert desk.barriers() == []
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Staff have paused it.")).to_be_visible()
    assert document.get().get("state") == "paused"
    page.get_by_role("button", name="Go on…").click()
    expect(page.get_by_role("dialog")).to_contain_text("Nobody gets it twice")
    assert desk.barriers() == []
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("tab", name="Mail", exact=True).click()
    expect(page.get_by_text("is fixed since it began")).to_be_visible()
    document.update(
        {"state": "halted", "reason": "too-many-bounces", "message": "Mend the addresses."}
    )
    alert = page.get_by_role("alert").filter(has_text="Stopped by itself")
    expect(alert).to_contain_text("Mend the addresses.")
    assert desk.barriers() == []


def test_of_whom_nobody_knows(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    campaign_id = _stored(shop, f"Unknown {shop.mark}", state="done", finishedAt=datetime.now(UTC))
    kim = shop.id_of("Kim News")
    asked: list[Any] = []

    def people(told: dict[str, Any]) -> None:
        row = {"state": "uncertain", "reason": "connection-lost", "at": None}
        told["recipients"] = [
            {**row, "customerId": kim, "email": shop.address("Kim News")},
            {**row, "customerId": None, "email": None},
        ]

    def resolve(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(json={"result": {"resolved": 1}})

    page = desk.page
    page.route("**/list_recipients", _answering(people))
    page.route("**/resolve_recipients", resolve)
    desk.open(f"/campaigns/{campaign_id}?tab=people&people=uncertain", "Unknown")
    rows = page.get_by_role("table", name="Recipients")
    expect(rows).to_contain_text("the connection broke off")
    expect(rows).to_contain_text("an erased person")
    give_up = page.get_by_role("button", name="Give up")
    expect(give_up).to_be_disabled()
    rows.get_by_role("checkbox", name="Choose Kim News").check()
    page.get_by_role("button", name="Send again").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("gets it twice")
    assert desk.barriers() == []
    dialog.get_by_role("button", name="Cancel").click()
    give_up.click()
    dialog.get_by_role("button", name="Give up").click()
    expect(page.get_by_text("1 person is given up.")).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")
    expected = {"campaignId": campaign_id, "customerIds": [kim], "action": "close"}
    assert asked == [{"data": expected}]


def test_viewers_see_everything_and_write_nothing(hire: Hire, shop: Shop) -> None:
    draft = _stored(shop, f"Draft {shop.mark}", state="draft", startedAt=None, scheduledAt=None)
    sending = _stored(shop, f"Sending {shop.mark}")
    desk = hire(Role.VIEWER)
    page = desk.open("/campaigns", "Campaigns")
    expect(page.get_by_role("row").filter(has_text=f"Draft {shop.mark}")).to_be_visible()
    for button in ("Will mails arrive?", f"Actions for Draft {shop.mark}"):
        expect(page.get_by_role("button", name=button)).to_have_count(0)
    expect(page.get_by_role("link", name="New campaign")).to_have_count(0)
    page.get_by_role("row").filter(has_text=f"Draft {shop.mark}").click()
    page.get_by_role("heading", level=1, name=f"Draft {shop.mark}").wait_for()
    expect(page).to_have_url(re.compile(draft))
    expect(page.get_by_text("# Hello")).to_be_visible()
    expect(page.get_by_test_id("matching")).to_contain_text("3 people")
    assert desk.barriers() == []
    desk.open(f"/campaigns/{sending}", f"Sending {shop.mark}")
    expect(page.get_by_test_id("equation")).to_be_visible()
    for button in ("Pause", "Cancel…", "Actions", "Send…"):
        expect(page.get_by_role("button", name=button)).to_have_count(0)
    assert desk.barriers() == []


def test_what_is_refused_is_said(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR)
    page = desk.page
    _create(page, f"Refused {shop.mark}", f"attended:{_event(shop)}")
    _write(page, "Refused")
    error = {
        "status": "FAILED_PRECONDITION",
        "message": "set `from` in [mail] of crm.toml",
        "details": {"reason": "mail-not-set-up"},
    }
    page.route(
        "**/send_campaign",
        lambda route: route.fulfill(status=400, json={"error": error}),
    )
    page.get_by_role("button", name="Send…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Send to 2 people").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Sending mail is not set up yet")
    assert desk.barriers() == []


def test_in_german(hire: Hire, shop: Shop) -> None:
    desk = hire(Role.EDITOR, locale="de-DE")
    page = desk.page
    page.goto(f"/campaigns/new?{urllib.parse.urlencode({'segment': f'attended:{_event(shop)}'})}")
    page.get_by_role("textbox", name="Name").fill(f"Danke {shop.mark}")
    page.get_by_role("button", name="Schreiben beginnen").click()
    page.get_by_role("heading", level=1, name=f"Danke {shop.mark}").wait_for()
    problems = page.get_by_role("list", name="Gefundene Probleme")
    expect(problems).to_contain_text("Der Betreff fehlt")
    page.get_by_label("Betreff", exact=True).fill("Danke")
    expect(page.get_by_test_id("saved")).to_have_text("Gespeichert")
    expect(page.get_by_test_id("reached")).to_contain_text("2 bekommen die Mail")
    assert desk.barriers() == []
    page.get_by_role("button", name="Senden …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="An 2 Personen senden").click()
    expect(page.get_by_text("Alle sind erledigt seit")).to_be_visible()
    expect(page.get_by_test_id("equation")).to_contain_text("2 angenommen")
    assert desk.barriers() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(hire: Hire, shop: Shop, scheme: str) -> None:
    name = f"{LONG} {scheme} {shop.mark}"
    subject = LONG * 4
    desk = hire(Role.EDITOR, width=390, scheme=scheme)
    page = desk.page

    def fits() -> None:
        assert desk.barriers() == []
        stays_inside(page)

    sending = _stored(shop, f"{name} sent", subject=subject)
    desk.open("/campaigns", "Campaigns")
    expect(page.get_by_role("row").filter(has_text=f"{name} sent")).to_be_visible()
    fits()
    _create(page, name, f"attended:{_event(shop)}")
    _write(page, subject)
    expect(page.frame_locator("iframe[title='The mail']").get_by_role("heading")).to_be_visible()
    fits()
    page.get_by_role("button", name="Send a test").click()
    fits()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Send…").click()
    expect(page.get_by_role("button", name="Send to 2 people")).to_be_visible()
    page.get_by_role("dialog").get_by_text("At a time").click()
    fits()
    page.keyboard.press("Escape")
    for tab in ("people", "results", "mail"):
        desk.open(f"/campaigns/{sending}?tab={tab}", LONG)
        expect(page.get_by_test_id("equation")).to_be_visible()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        fits()
