"""`make screenshots`: every screen of the staff console as a picture, from a seeded suite."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from google.cloud.firestore import Client
from playwright.sync_api import Browser, Page, expect

from demo.counting import count
from demo.errors import DemoError
from demo.orders import Purchase, order_document, read_purchases
from demo.seed import ORDERS, PASSWORD, seed
from demo.staff import Staff
from suite import Suite, start_suite
from suite.chromium import launched
from testing.client import PatientClient

IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
PATIENCE: Final = 120_000  # milliseconds

ENGLISH: Final = "en-GB"
GERMAN: Final = "de-DE"

LATELY: Final = 300
"""So many of the file's orders are told as if they were of the last year: it ends in June 1998."""

LAST_DAY: Final = datetime(1998, 6, 30, tzinfo=UTC)

UNREADABLE: Final = {"total": "twelve"}, {"total": "a lot"}, {"email": "not an address"}

FIRST: Final = ("Ada", "Ben", "Chloé", "Dmitri", "Elif", "Finn", "Grace", "Hugo", "Inés", "Jonas")
LAST: Final = ("Ahmed", "Berg", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ito")

QUESTION: Final = "tag:loyal and last_order_at within 90 days and not unsubscribed"

CAMPAIGN: Final = """\
# See you at the workshop

Hello {{ first_name | default: "there" }},

the DevOps Workshop is near. **Bring a laptop**: the first half is yours to try things.

**[See the programme](https://example.com/workshop)**

---

If you cannot come, somebody on the waiting list will be glad.
"""


def main() -> None:
    """Take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with launched() as browser, start_suite() as suite:
        seed(suite)
        screens = furnish(suite)
        for name, width in (("console", 1280), ("phone", 390)):
            take(browser, suite, name, width, screens)
        german = {f"{one}-de": screens[one] for one in ("home", "person")}
        take(browser, suite, "console", 1280, german, GERMAN)
        take(browser, suite, "phone", 390, german, GERMAN)


# --- What there is to see ------------------------------------------------------------------------


def furnish(suite: Suite) -> dict[str, str]:
    """Return the screens something to show; answer the address of each."""
    staff = Staff.hire(suite)
    boss = Staff.hire(suite, "boss@example.com", "admin")
    client = PatientClient(project=suite.project)
    sell(client)
    staff.call("tag_customers", add=["Loyal"], segment="order_count >= 4")
    staff.call("tag_customers", add=["Press"], segment="last_order_at within 20 days")
    loyal = staff.call("save_segment", name="Loyal and lately", segment=QUESTION)["segmentId"]
    staff.call("save_segment", name="Was in spring", segment="last_order_at within 200 days")
    staff.call("count_segment", segment={"segment": loyal})
    person = about(staff, QUESTION)
    event = staff.call("list_events", when="upcoming", order="oldest")["events"][0]["eventId"]
    sent, draft = mailed(staff, event)
    rule = {
        "name": "Regulars",
        "when": {"enters": "order_count >= 5"},
        "then": {"addTags": ["Regular"]},
        "most": 100,
    }
    staff.call("save_rule", on=True, **rule)
    forget(boss)
    boss.call("rebuild_customers", dryRun=True)
    return {
        "home": "/",
        "people": "/people?segment=order_count >= 3",
        "person": f"/people/{person}",
        "consent": f"/people/{person}?tab=consent",
        "events": "/events",
        "event": f"/events/event?id={event}",
        "segments": "/segments",
        "segment": f"/segments/{loyal}?tab=conditions",
        "campaigns": "/campaigns",
        "campaign": f"/campaigns/{draft}",
        "campaign-sent": f"/campaigns/{sent}",
        "reports": "/reports",
        "cohorts": "/reports?tab=cohorts",
        "rfm": "/reports?tab=rfm",
        "compared": "/reports?tab=events",
        "tags": "/tags",
        "rules": "/rules",
        "forms": "/forms",
        "problems": "/problems",
        "activity": "/activity",
        "staff": "/staff",
        "privacy": "/privacy",
    }


def sell(client: Client) -> None:
    """Write orders of the last year, some that cannot be read among them, and wait for them."""
    orders = dict(lately())
    for number, wrong in enumerate(UNREADABLE):
        orders[f"order-x{number}"] = {**next(iter(orders.values())), **wrong}
    waiting = iter(orders.items())
    while some := list(islice(waiting, 25)):
        batch = client.batch()
        for order_id, order in some:
            batch.set(client.collection("orders").document(order_id), order)
        batch.commit()
    whole = ORDERS + len(orders)
    until("the orders", lambda: count(client, "crmOrders") >= whole)


def lately() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return orders of the file as if they were of the last year, by people who have names."""
    now = datetime.now(UTC)
    for purchase in islice(read_purchases(), ORDERS, ORDERS + LATELY):
        who = int(purchase.customer)
        # All in the file came first in the same three months.
        day = purchase.day + timedelta(days=(now - LAST_DAY).days + 37 * who % 400)
        if day > now:
            continue
        order = order_document(replace(purchase, day=day))
        name = f"{FIRST[who % len(FIRST)]} {LAST[who % len(LAST)]}"
        letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        for item in order["items"]:
            item |= began(item["eventId"], purchase, now)
        more = {"name": name, "email": f"{letters.replace(' ', '.')}@example.com"}
        yield purchase.order_id, {**order, **more, "currency": ("USD", "EUR")[who % 2]}


def began(event_id: str, purchase: Purchase, now: datetime) -> dict[str, Any]:
    """Return what an order says of its event: that of this quarter is to come, in three weeks.

    Two of three who had a ticket of an earlier one were checked in.
    """
    year, quarter = map(int, event_id.removeprefix("devops-workshop-").split("-q"))
    if (year, quarter) == (now.year, (now.month + 2) // 3):
        soon = now + timedelta(days=21)
        return {"eventStartsAt": soon.replace(hour=18, minute=0, second=0, microsecond=0)}
    at = datetime(year, 3 * quarter, 20, 18, tzinfo=UTC)
    return {"eventStartsAt": at, "checkedIn": purchase.line % 3 > 0}


def about(staff: Staff, question: str) -> str:
    """Have something said of somebody whom a question finds; answer the customer's id."""
    sort = {"by": "totalSpend", "currency": "USD"}
    customer = staff.call("query_segment", segment=question, sort=sort)["customers"][0]
    customer_id = str(customer["customerId"])
    form = {"source": "paper form at the door", "textVersion": "2026-03"}
    for status, evidence in (("unsubscribed", "told us on the phone"), ("subscribed", form)):
        staff.call("set_consent", customerId=customer_id, status=status, evidence=evidence)
    text = "Comes with a wheelchair: keep a place at the front."
    staff.call("add_note", customerId=customer_id, text=text)
    return customer_id


def mailed(staff: Staff, event: str) -> tuple[str, str]:
    """Send a campaign, and write one; answer their ids."""

    def written(name: str, subject: str, segment: Mapping[str, str]) -> str:
        body = {"format": "markdown", "source": CAMPAIGN}
        saved = staff.call(
            "save_campaign", name=name, subject=subject, body=body, segment=dict(segment)
        )
        return str(saved["campaign"]["campaignId"])

    sent = written("Thank you", "Thank you for coming", {"marketing": "subscribed"})
    reachable = staff.call("preview_campaign", campaignId=sent)["audience"]["reachable"]
    staff.call("send_campaign", campaignId=sent, expected=reachable)

    def over() -> bool:
        return bool(staff.call("get_campaign", campaignId=sent)["campaign"]["state"] == "done")

    until("the campaign", over)
    return sent, written("Before the workshop", "The workshop is near", {"hasTicket": event})


def forget(boss: Staff) -> None:
    """Erase somebody, so that there is a report."""
    found = boss.call("query_segment", segment="order_count = 1 and not tagged")["customers"]
    who = {"customerId": found[0]["customerId"], "reason": "asked for by letter"}

    def done() -> bool:
        return bool(boss.call("delete_customer", **who)["status"] == "done")

    until("the erasure", done)


def until(what: str, there: Callable[[], bool], seconds: float = 180) -> None:
    """Wait for something.

    Raises:
        DemoError: It did not come.
    """
    deadline = time.monotonic() + seconds
    while not there():
        if time.monotonic() > deadline:
            raise DemoError(f"{what} did not come.")
        time.sleep(0.5)


# --- The pictures --------------------------------------------------------------------------------

SETTLED: Final = {
    "home": (".bars-column", "[data-testid=latest]"),
    "people": (".people-row", "[data-testid=reach]"),
    "events": ("tr.leads",),
    "event": (".bars-column", ".people-row"),
    "segments": ("tr.leads",),
    "segment": ("[data-testid=words]",),
    "campaigns": ("tr.leads",),
    "campaign": ("iframe",),
    "reports": (".bars-column",),
    "cohorts": ("tbody tr",),
    "rfm": ("tbody tr",),
    "compared": ("tbody tr",),
    "tags": ("tbody tr",),
    "activity": ("article",),
    "person": ("[data-testid=history]",),
}
"""What is on a screen once it has its answers."""

WAITING: Final = "[aria-busy=true], .mantine-Skeleton-root, .mantine-Loader-root, :text-is('…')"
"""What is on a screen until then."""


def take(
    browser: Browser,
    suite: Suite,
    name: str,
    width: int,
    screens: Mapping[str, str],
    locale: str = ENGLISH,
) -> None:
    """Take a picture of each screen at a width."""
    page = browser.new_page(
        base_url=suite.hosting_origin,
        viewport={"width": width, "height": 860},
        locale=locale,
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    page.set_default_timeout(PATIENCE)
    page.goto("/")
    page.locator("input[autocomplete=username]").wait_for()
    if locale == ENGLISH:
        page.get_by_role("button", name="admin@example.com").wait_for()
        page.screenshot(path=IMAGES / f"{name}-sign-in.png")
    sign_in(page)
    for screen, path in screens.items():
        page.goto(path)
        page.get_by_role("heading", level=1).wait_for()
        for place in SETTLED.get(screen.removesuffix("-de"), ()):
            page.locator(place).first.wait_for(state="attached")
        expect(page.locator(WAITING)).to_have_count(0, timeout=PATIENCE)
        page.screenshot(path=IMAGES / f"{name}-{screen}.png")
    page.close()


def sign_in(page: Page) -> None:
    """Sign in; the fields are found by what they are for, in whichever language."""
    page.locator("input[autocomplete=username]").fill("admin@example.com")
    page.locator("input[autocomplete=current-password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    page.locator("#content").wait_for()


if __name__ == "__main__":
    main()
