"""Somebody at the staff console: a browser window that remembers what went wrong in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from suite.running import Suite
from testing.auth import Person
from testing.patience import PATIENCE, eventually

AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

STILL = """() => document.getAnimations().every(
    (one) => one.playState !== "running" || one.effect?.getTiming().iterations === Infinity
)"""
"""Whether everything has come to where it shall be; what turns for ever is at its place."""

expect.set_options(timeout=1000 * PATIENCE)


class Desk:
    """A window of its own, with cookies and storage of its own.

    Attributes:
        problems: Errors of scripts and of the console, in the order in which they came.
    """

    def __init__(
        self,
        browser: Browser,
        suite: Suite,
        *,
        scheme: str = "light",
        width: int = 1280,
        zone: str = "UTC",
        locale: str = "en-GB",
    ) -> None:
        colours: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
        self._context = browser.new_context(
            base_url=suite.hosting_origin,
            color_scheme=colours,
            locale=locale,
            timezone_id=zone,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            accept_downloads=True,
        )
        self._context.set_default_timeout(1000 * PATIENCE)
        self._page: Page = self._context.new_page()
        self._expected: Person | None = None
        self.problems: list[str] = []
        self._page.on("pageerror", lambda error: self.problems.append(str(error)))
        self._page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        # A callable's refusal is an HTTP status, which the browser logs by itself.
        refused = "Failed to load resource" in message.text and "/demo-" in str(message.location)
        # Said by the SDK after ten seconds of a busy machine; it goes on waiting by itself.
        slow = "Could not reach Cloud Firestore backend" in message.text
        if message.type == "error" and not refused and not slow:
            self.problems.append(message.text)

    @property
    def page(self) -> Page:
        """The window. Who is to sit here has signed in."""
        if self._expected:
            self.sign_in(self._expected)
        return self._page

    def expect(self, person: Person) -> None:
        """Let somebody sign in at the page that is opened first, for each page takes a second."""
        self._expected = person

    def sign_in(self, person: Person, at: str = "/") -> None:
        """Sign somebody in at a page, which is then there."""
        self._expected = None
        self.page.goto(at)
        # By what the fields are for: their labels are in the reader's language.
        self.page.locator("input[autocomplete=username]").fill(person.email)
        self.page.locator("input[autocomplete=current-password]").fill(person.password)
        self.page.locator("button[type=submit]").click()
        self.page.locator("#content").wait_for()

    def open(self, path: str, heading: str) -> Page:
        """Go to a page and wait for its heading."""
        if self._expected:
            self.sign_in(self._expected, path)
        else:
            self.page.goto(path)
        self.page.get_by_role("heading", level=1, name=heading).wait_for()
        return self.page

    def barriers(self) -> list[str]:
        """What axe finds on the page as it is, once nothing on it moves any more."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        eventually(self._is_still)
        found: list[dict[str, Any]] = self.page.evaluate(
            "async rules => (await axe.run(rules)).violations", RULES
        )
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary']}"
            for one in found
        ]

    def _is_still(self) -> None:
        assert self.page.evaluate(STILL)

    def leave(self) -> None:
        self._context.close()
