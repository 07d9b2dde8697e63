"""Somebody at the staff console: a browser window that remembers what went wrong in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

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


class Contexts:
    """A browser's contexts, used again once they are empty: only what they have loaded stays.

    One that is new loads and compiles the whole console, a second of a core for each window.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[tuple[str, str, str], list[BrowserContext]] = defaultdict(list)

    @contextmanager
    def one(self, origin: str, zone: str, locale: str, *, spoilt: bool) -> Iterator[BrowserContext]:
        """Give a context with nothing in it.

        Args:
            origin: Where the console is.
            zone: The reader's time zone.
            locale: The reader's language.
            spoilt: Whether nobody may have it afterwards, as where its clock was changed.
        """
        free = self._free[origin, zone, locale]
        context = free.pop() if free else self._new(origin, zone, locale)
        yield context
        for page in context.pages:
            page.close()
        if spoilt:
            context.close()
            return
        context.clear_cookies()
        context.unroute_all()
        context.set_offline(False)
        free.append(context)

    def _new(self, origin: str, zone: str, locale: str) -> BrowserContext:
        context = self._browser.new_context(
            base_url=origin,
            locale=locale,
            timezone_id=zone,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.set_default_timeout(1000 * PATIENCE)
        return context


class Desk:
    """A window of its own, with cookies and storage of its own.

    Attributes:
        problems: Errors of scripts and of the console, in the order in which they came.
    """

    def __init__(
        self,
        contexts: Contexts,
        suite: Suite,
        *,
        scheme: str = "light",
        width: int = 1280,
        zone: str = "UTC",
        locale: str = "en-GB",
        spoilt: bool = False,
    ) -> None:
        self._held = ExitStack()
        origin = suite.hosting_origin
        context = self._held.enter_context(contexts.one(origin, zone, locale, spoilt=spoilt))
        self._page: Page = context.new_page()
        stored = {"origin": origin, "storageTypes": "all"}  # of who sat here before
        context.new_cdp_session(self._page).send("Storage.clearDataForOrigin", stored)
        self._page.set_viewport_size({"width": width, "height": 900})
        self._page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self._expected: Person | None = None
        self._excused = False
        self.problems: list[str] = []
        self._page.on("pageerror", lambda error: self.problems.append(str(error)))
        self._page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        # A callable's refusal is an HTTP status, which the browser logs by itself.
        refused = "Failed to load resource" in message.text and "/demo-" in str(message.location)
        # Said by the SDK after ten seconds of a busy machine; it goes on waiting by itself.
        slow = "Could not reach Cloud Firestore backend" in message.text
        if message.type == "error" and not refused and not slow and not self._excused:
            self.problems.append(message.text)

    def excuse(self) -> None:
        """Forget what went wrong so far; from here on only errors of scripts count.

        What the browser says of a request that failed comes when it comes, as when a test has
        already gone on because the page had said so.
        """
        self._excused = True
        self.problems.clear()

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
        """What axe finds on the page that stays, once nothing on it moves any more.

        A page that is being drawn may have one for a moment, which a busy machine makes long.
        """
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        eventually(self._is_still)
        found: list[str] = []

        def has_none() -> None:
            found[:] = self._found_by_axe()
            assert found == []

        with suppress(AssertionError):
            eventually(has_none)
        return found

    def _found_by_axe(self) -> list[str]:
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
        self._held.close()
