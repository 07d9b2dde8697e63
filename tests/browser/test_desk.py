"""What the tests of the console take for a problem of the page."""

from __future__ import annotations

from crm.core.roles import Role
from testing.patience import eventually
from tests.browser.conftest import Hire

ASK = "fetch('/gone').catch(() => {})"


def test_what_fails_is_excused_however_late_it_is_told_and_an_error_never(hire: Hire) -> None:
    desk = hire(Role.VIEWER)
    page = desk.open("/", "Home")
    page.route("**/gone", lambda route: route.abort())

    def told(problem: str) -> None:
        page.evaluate("0")  # Playwright tells of what came only while it is asked something
        assert [problem in one for one in desk.problems] == [True]

    page.evaluate(ASK)
    eventually(lambda: told("Failed to load resource"))
    desk.excuse()
    assert desk.problems == []
    page.evaluate(ASK)
    page.evaluate("setTimeout(() => { throw new Error('a fault') })")
    eventually(lambda: told("a fault"))
    desk.problems.clear()
