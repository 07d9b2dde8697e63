"""The snippet of docs/sign-up.md, as it stands there, on another website, in a real Chromium."""

from __future__ import annotations

import html
import json
import re
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from crm.core.email import canonical
from suite.running import Suite
from testing.client import client_of
from testing.patience import PATIENCE, eventually
from tests.support.website import serving

DOCUMENT = Path(__file__).parents[2] / "docs" / "sign-up.md"
ADDRESS = "https://REGION-PROJECT.cloudfunctions.net/subscribe"


def snippet(url: str) -> str:
    """Return the snippet with the function's address put in, as its reader does."""
    text = DOCUMENT.read_text(encoding="utf-8")
    (found,) = re.findall(r"<!-- snippet -->\n```html\n(.*?)```", text, re.DOTALL)
    assert found.count(ADDRESS) == 1
    return str(found).replace(ADDRESS, html.escape(url))


@pytest.fixture
def website(suite: Suite) -> Iterator[str]:
    """A website of the organiser's, of another origin than the functions."""
    url = suite.function_url("subscribe")
    page = f'<!doctype html><html lang="en"><title>Events</title><main>{snippet(url)}</main></html>'

    with serving(page) as address:
        yield address


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def email() -> str:
    return canonical(f"{uuid.uuid4().hex[:12]}@example.com")


def mail_to(suite: Suite, email: str) -> str:
    """Return the text of the mail in the suite's mailbox."""
    if not suite.mailbox_origin:
        pytest.skip("The suite's mails go elsewhere.")

    def asked(path: str) -> Any:
        url = f"{suite.mailbox_origin}/api/mails{path}"
        with urllib.request.urlopen(url, timeout=PATIENCE) as got:
            return json.load(got)

    def found() -> str:
        (one,) = asked(f"?to={email}")["mails"]
        return str(asked(f"/{one['number']}")["text"])

    return eventually(found)


def customers(suite: Suite, email: str) -> list[Any]:
    found = client_of(suite.project).collection("customers").stream()
    return [one.to_dict() for one in found if email in one.get("emails")]


def kept(suite: Suite, email: str) -> Any:
    """Return the sign-up of an address."""
    found = client_of(suite.project).collection("crmSignups").stream()
    (mine,) = [one.to_dict() for one in found if one.get("address") == email]
    return mine


def test_from_another_website_to_a_subscription(
    suite: Suite, website: str, page: Page, email: str
) -> None:
    page.goto(website)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("status")).to_contain_text(
        "an e-mail is on its way", timeout=PATIENCE * 1000
    )
    expect(page.get_by_label("E-mail address")).to_have_value("")
    expect(page.locator(".crm-text")).to_contain_text("once a month")
    assert customers(suite, email) == []
    mine = kept(suite, email)
    assert mine["worked"] is True

    link = re.findall(r"https?://\S+", mail_to(suite, email))[0]
    page.goto(link)
    page.get_by_role("button", name="Yes, send me news").click()
    expect(page.get_by_role("heading")).to_have_text("You are signed up")
    (customer,) = customers(suite, email)
    assert customer["marketing"]["status"] == "subscribed"


def test_a_mistake_is_said(website: str, page: Page) -> None:
    page.goto(website)
    page.get_by_label("E-mail address").fill("nobody@nowhere")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("status")).to_contain_text(
        "not an e-mail address", timeout=PATIENCE * 1000
    )
    assert page.get_by_label("E-mail address").input_value() == "nobody@nowhere"


def test_the_page_of_the_function(suite: Suite, page: Page, email: str) -> None:
    page.goto(f"{suite.function_url('subscribe')}?form=newsletter&language=de")
    page.get_by_label("E-Mail-Adresse").fill(email)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading")).to_have_text("Bitte sehen Sie in Ihr Postfach")
    mine = kept(suite, email)
    assert (mine["worked"], mine["asked"][0]["language"]) == (True, "de")


def test_without_javascript(suite: Suite, chromium: Browser, website: str, email: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(website)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading")).to_have_text("Please look into your mailbox")
    context.close()
    mine = kept(suite, email)
    assert mine["worked"] is False
