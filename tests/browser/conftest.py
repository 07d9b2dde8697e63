"""The staff console in a real Chromium, against the live suite."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from crm.access import Role
from suite.running import Suite
from tests.support.auth import sign_up
from tests.support.console import Desk

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("No Chromium: install Debian's package chromium, or name one in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


Hire = Callable[..., Desk]


@pytest.fixture
def hire(chromium: Browser, suite: Suite) -> Iterator[Hire]:
    """Sign somebody with a role in at the console; at the end nothing may have gone wrong there."""
    if not suite.hosting_origin:
        pytest.skip("The console is not built: `make setup` builds it.")
    desks: list[Desk] = []

    def sit_down(
        role: Role | None, *, scheme: str = "light", width: int = 1280, enter: bool = True
    ) -> Desk:
        desk = Desk(chromium, suite, scheme=scheme, width=width)
        desks.append(desk)
        if enter:
            desk.sign_in(sign_up(claims={"crm": role.word} if role else None))
        return desk

    yield sit_down
    for desk in desks:
        desk.leave()
    assert [problem for desk in desks for problem in desk.problems] == []
