"""Staff: who has a role, giving, changing and taking one, each with the own password once more."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import Person, claims_of, set_claims, sign_up
from testing.console import Desk
from testing.patience import eventually
from tests.browser.conftest import Hire
from tests.browser.gate import Gate
from tests.browser.test_narrow import stays_inside
from tests.support.web import call


def sits_down(hire: Hire, **how: object) -> tuple[Desk, Person]:
    """Have an admin who has signed in just now open the page."""
    admin = sign_up(claims={"crm": "admin"})
    desk = hire(None, enter=False, **how)
    desk.sign_in(admin)
    return desk, admin


def row(page: Page, person: Person) -> Locator:
    return page.get_by_role("listitem", name=person.email)


def has_role(person: Person, role: str | None) -> None:
    assert claims_of(person).get("crm") == role


def test_a_role_is_given_changed_and_taken_away(hire: Hire, suite: Suite) -> None:
    colleague = sign_up()
    desk, admin = sits_down(hire)
    page = desk.open("/staff", "Staff")
    page.get_by_role("button", name="Give a role…").click()
    dialog = page.get_by_role("dialog", name="Give a role…")
    give = dialog.get_by_role("button", name="Give it")
    dialog.get_by_label("E-mail address").press_sequentially(colleague.email)
    expect(give).to_be_disabled()
    dialog.get_by_role("radio", name="Viewer").check()
    assert desk.barriers() == []
    give.click()
    expect(dialog).to_have_count(0)
    own = row(page, colleague)
    expect(own).to_contain_text("Viewer")
    expect(own).to_contain_text("No second factor")
    has_role(colleague, "viewer")
    own.get_by_role("button", name="Change the role…").click()
    change = page.get_by_role("dialog", name=f"Change the role of {colleague.email}")
    expect(change.get_by_role("radio", name="Viewer")).to_be_checked()
    expect(change.get_by_role("button", name="Change it")).to_be_disabled()
    change.get_by_role("radio", name="Editor").check()
    change.get_by_role("button", name="Change it").click()
    expect(own).to_contain_text("Editor")
    eventually(lambda: has_role(colleague, "editor"))
    own.get_by_role("button", name="Take it away…").click()
    take = page.get_by_role("dialog", name=f"Take the role of {colleague.email} away?")
    assert desk.barriers() == []
    take.get_by_role("button", name="Take it away").click()
    expect(own).to_have_count(0)
    eventually(lambda: has_role(colleague, None))
    # Who gave and took it is told to admins.
    desk.open("/activity?tab=trail", "Activity")
    entries = page.get_by_role("list", name="What was done").get_by_role("listitem")
    taken = entries.filter(has_text="Role taken away").first
    expect(taken).to_contain_text("Editor → no role")
    expect(taken).to_contain_text(admin.email)


def test_it_takes_the_password_once_more(hire: Hire) -> None:
    colleague = sign_up(claims={"crm": "viewer"})
    admin = sign_up(claims={"crm": "admin"})
    desk = hire(None, enter=False, spoilt=True)
    page = desk.page
    page.clock.install()
    desk.sign_in(admin)
    desk.open("/staff", "Staff")
    page.clock.fast_forward("06:00")
    row(page, colleague).get_by_role("button", name="Take it away…").click()
    dialog = page.get_by_role("dialog")
    password = dialog.get_by_role("textbox", name="Your password")
    sure = dialog.get_by_role("button", name="Take it away")
    expect(sure).to_be_disabled()
    password.press_sequentially("not this one")
    sure.click()
    expect(dialog.get_by_role("alert")).to_have_text("This is not your password.")
    assert desk.barriers() == []
    has_role(colleague, "viewer")
    password.fill(admin.password)
    sure.click()
    expect(dialog).to_have_count(0)
    eventually(lambda: has_role(colleague, None))
    page.clock.fast_forward("06:00")
    page.get_by_role("button", name="Give a role…").click()
    expect(password).to_be_visible()
    desk.excuse()  # the refused password


def test_nobody_changes_the_own_role_and_the_last_admin_is_said(hire: Hire, suite: Suite) -> None:
    desk, admin = sits_down(hire)
    (listed,) = call(suite, admin, ("list_staff", {}))
    for one in listed["data"]["staff"]:
        if one["role"] == "admin" and not one["you"]:
            set_claims(one["uid"], {})
    unverified = sign_up(claims={"crm": "admin"}, verified=False)
    page = desk.open("/staff", "Staff")
    own = row(page, admin)
    expect(own).to_contain_text("You")
    expect(own).to_contain_text("Nobody changes the own role.")
    expect(own.get_by_role("button")).to_have_count(0)
    # Whose address nobody verified can do nothing: that is no second admin.
    expect(row(page, unverified)).to_contain_text("not verified")
    expect(row(page, unverified)).to_contain_text("opens nothing before")
    expect(page.get_by_role("status").filter(has_text="one admin only")).to_be_visible()
    assert desk.barriers() == []
    sign_up(claims={"crm": "admin"})
    page.reload()
    expect(own).to_be_visible()
    expect(page.get_by_text("There is one admin only")).to_have_count(0)


def test_what_is_refused_is_said_in_words(hire: Hire) -> None:
    stranger = sign_up(verified=False)
    desk, _ = sits_down(hire)
    page = desk.open("/staff", "Staff")
    page.get_by_role("button", name="Give a role…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Editor").check()
    for address, told in {
        "nobody-at-all@example.com": "There is no account with this address.",
        stranger.email: "Nobody has shown that this address is theirs.",
    }.items():
        dialog.get_by_label("E-mail address").fill(address)
        dialog.get_by_role("button", name="Give it").click()
        expect(dialog.get_by_role("alert")).to_contain_text(told)
    has_role(stranger, None)
    desk.excuse()  # the refusals


def test_there_is_no_leaving_what_the_server_does(hire: Hire) -> None:
    colleague = sign_up(claims={"crm": "viewer"})
    desk, _ = sits_down(hire)
    page = desk.open("/staff", "Staff")
    gate = Gate(page, "revoke_role")
    row(page, colleague).get_by_role("button", name="Take it away…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Take it away").click()
    gate.wait()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    gate.open()
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_nobody_but_admins_sees_it(hire: Hire, role: Role) -> None:
    page = hire(role).open("/staff", "Staff")
    expect(page.get_by_text("Only admins see who has a role.")).to_be_visible()
    expect(page.get_by_role("button", name="Give a role…")).to_have_count(0)
    expect(page.get_by_role("list", name="Staff")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_is_in_the_way(hire: Hire, scheme: str, width: int) -> None:
    sign_up(claims={"crm": "editor"}, email=f"{'long' * 14}{width}@{'very' * 10}.example.com")
    desk, _ = sits_down(hire, scheme=scheme, width=width)
    page = desk.open("/staff", "Staff")
    stays_inside(page)
    assert desk.barriers() == []
    page.get_by_role("button", name=re.compile("Change the role…")).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    stays_inside(page)
    assert desk.barriers() == []


def test_in_german(hire: Hire) -> None:
    colleague = sign_up(claims={"crm": "editor"})
    desk, _ = sits_down(hire, locale="de-DE")
    page = desk.open("/staff", "Team")
    own = row(page, colleague)
    expect(own).to_contain_text("Bearbeiten")
    expect(own).to_contain_text("Kein zweiter Faktor")
    own.get_by_role("button", name="Rolle nehmen…").click()
    page.get_by_role("dialog").get_by_role("button", name="Nehmen").click()
    expect(own).to_have_count(0)
    page.get_by_role("button", name="Rolle geben…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-Mail-Adresse").fill("niemand@example.com")
    dialog.get_by_role("radio", name="Lesen").check()
    dialog.get_by_role("button", name="Geben").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Es gibt kein Konto mit dieser Adresse.")
    desk.excuse()  # the refusal
