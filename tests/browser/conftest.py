"""The staff console in a real Chromium, against the live suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from crm.core.roles import Role
from suite.chromium import launched
from suite.errors import SuiteError
from suite.running import Suite
from testing.auth import sign_up
from testing.console import Contexts, Desk


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(launched())
        except SuiteError as error:
            pytest.skip(str(error))
        yield browser


@pytest.fixture(scope="session")
def contexts(chromium: Browser) -> Contexts:
    return Contexts(chromium)


Hire = Callable[..., Desk]


@pytest.fixture
def hire(contexts: Contexts, suite: Suite) -> Iterator[Hire]:
    """Sign somebody with a role in at the console; at the end nothing may have gone wrong there."""
    if not suite.hosting_origin:
        pytest.skip("The console is not built: `make setup` builds it.")
    desks: list[Desk] = []

    def sit_down(
        role: Role | None,
        *,
        scheme: str = "light",
        width: int = 1280,
        zone: str = "UTC",
        locale: str = "en-GB",
        enter: bool = True,
        spoilt: bool = False,
    ) -> Desk:
        desk = Desk(
            contexts,
            suite,
            scheme=scheme,
            width=width,
            zone=zone,
            locale=locale,
            spoilt=spoilt,
        )
        desks.append(desk)
        if enter:
            desk.expect(sign_up(claims={"crm": role.word} if role else None))
        return desk

    yield sit_down
    for desk in desks:
        desk.leave()
    assert [problem for desk in desks for problem in desk.problems] == []
