"""`make screenshots`: every screen of the staff console as a picture, from a seeded suite."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, expect

from demo.seed import PASSWORD, seed
from demo.staff import Staff
from suite import Suite, start_suite
from suite.chromium import launched

IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
PATIENCE: Final = 120_000  # milliseconds
WIDTHS: Final = {"console": 1280, "phone": 390}
SCREENS: Final = {
    "overview": "/",
    "customers": "/people?segment=order_count >= 3",
    "events": "/events?when=past",
    "segments": "/segments",
    "segment": "/segments/new",
    "tags": "/tags",
    "jobs": "/activity",
    "quarantine": "/problems",
}
SETTLED: Final = {
    "overview": (".bars-column",),
    "customers": ("tbody tr", "[data-testid=count]"),
    "events": ("tbody tr",),
    "segments": ("tbody tr",),
    "segment": (
        "[data-testid=words]:has-text('have not withdrawn')",
        "[aria-label='Who bought last'] a",
    ),
    "tags": ("tbody tr",),
    "jobs": ("article",),
    "customer": ("[data-testid=history]", "[aria-label='What was decided'] li"),
}
"""What is on a screen once it has its answers."""

WAITING: Final = "[aria-busy=true], [aria-label=Counting], :text-is('…')"
"""What is on a screen until then."""

QUESTION: Final = "tag:loyal and last_order_at >= 1998-01-01 and not unsubscribed"


def main() -> None:
    """Take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with launched() as browser, start_suite() as suite:
        seed(suite)
        customer = furnish(suite)
        for name, width in WIDTHS.items():
            take(browser, suite, name, width, {**SCREENS, "customer": f"/people/{customer}"})


def furnish(suite: Suite) -> str:
    """Return the screens something to show; answer the id of a customer."""
    staff = Staff.hire(suite)
    staff.call("tag_customers", add=["Loyal"], segment="order_count >= 5")
    staff.call("tag_customers", add=["Spring 1998"], segment="last_order_at >= 1998-03-01")
    staff.call("save_segment", name="Loyal and lately", segment=QUESTION)
    found = staff.call("query_segment", segment=QUESTION)["customers"]
    customer_id = str(found[0]["customerId"])
    form = {"source": "paper form at the door", "textVersion": "2024-03"}
    for status, evidence in (("subscribed", form), ("unsubscribed", "told us on the phone")):
        staff.call("set_consent", customerId=customer_id, status=status, evidence=evidence)
    Staff.hire(suite, "boss@example.com", "admin").call("rebuild_customers", dryRun=True)
    return customer_id


def take(browser: Browser, suite: Suite, name: str, width: int, screens: dict[str, str]) -> None:
    """Take a picture of each screen at a width."""
    page = browser.new_page(
        base_url=suite.hosting_origin,
        viewport={"width": width, "height": 860},
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    page.set_default_timeout(PATIENCE)
    page.goto("/")
    page.get_by_role("button", name="admin@example.com").wait_for()
    page.screenshot(path=IMAGES / f"{name}-sign-in.png")
    page.get_by_label("E-mail address").fill("admin@example.com")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#content").wait_for()
    for screen, path in screens.items():
        page.goto(path)
        page.get_by_role("heading", level=1).wait_for()
        if screen == "segment":
            page.get_by_label("The same question as text").fill(QUESTION)
        for place in SETTLED.get(screen, ()):
            page.locator(place).first.wait_for(state="attached")
        expect(page.locator(WAITING)).to_have_count(0, timeout=PATIENCE)
        page.wait_for_timeout(1_000)  # charts draw themselves
        page.screenshot(path=IMAGES / f"{name}-{screen}.png")
    page.close()


if __name__ == "__main__":
    main()
