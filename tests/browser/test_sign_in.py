"""Ways to sign in, second factors, and what the page may reach.

What lies at Google is not reachable from tests, and is stood in for, each time where it is used:
the loader of frames (`gapi.js`), reCAPTCHA, the exchange of App Check, and codes of authenticator
apps, which the Auth emulator does not have. Windows of providers and codes by SMS are its own.
"""

from __future__ import annotations

import json
import os
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.auth import PASSWORD, Person, sign_up
from testing.console import Desk
from testing.patience import PATIENCE, eventually
from tests.browser.acting import act
from tests.browser.conftest import Hire
from tests.support.shop import Shop

GAPI = Path(__file__).with_name("gapi.js")
GOOGLE = {"id": "google.com", "label": None}
BY_PASSWORD = {"id": "password", "label": None}

RECAPTCHA = """window.grecaptcha = { enterprise: {
    ready: then => then(),
    render(_, { callback }) { this.passed = callback; return 0; },
    async execute() { this.passed("not a robot"); return "not a robot"; },
} };"""
"""As the real one does, it tells a function of the page's that somebody passed; the SDK asks it."""


SETTINGS = """new MutationObserver((_, seeing) => {
    const told = document.getElementById("crm-settings");
    if (!document.getElementById("root")) return; // behind the block, which then is there whole
    seeing.disconnect();
    const said = JSON.parse(told.textContent);
    told.textContent = JSON.stringify({ ...said, console: { ...said.console, ...SETUP } });
}).observe(document, { childList: true, subtree: true });"""


def set_up(desk: Desk, suite: Suite, **setup: Any) -> Page:
    """Have the page told these settings, and nothing from elsewhere.

    The suite serves it all the same: Chromium lets no page that a test makes up reach 127.0.0.1.
    """
    context = desk.page.context
    context.route(re.compile(r"^https://"), lambda route: route.abort())
    context.route("https://apis.google.com/js/api.js*", lambda route: route.fulfill(path=GAPI))
    desk.page.add_init_script(SETTINGS.replace("SETUP", json.dumps(setup)))
    return desk.page


def give(page: Page, person: Person) -> None:
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("textbox", name="Password").fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def at_provider(page: Page, button: str, email: str) -> None:
    """Sign in at the emulator's window of a provider, as somebody new there."""
    with page.expect_popup() as opened:
        page.get_by_role("button", name=button).click()
    window = opened.value
    window.locator(".js-new-account").click()
    window.locator("#email-input").fill(email)
    window.locator("#sign-in").click()


def owner(path: str, body: object | None = None) -> Any:
    """Ask the Auth emulator as who owns the project."""
    request = urllib.request.Request(
        f"http://{os.environ['FIREBASE_AUTH_EMULATOR_HOST']}/{path}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": "Bearer owner"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.load(response)


def add_phone(person: Person, *numbers: str) -> None:
    project = os.environ["GCLOUD_PROJECT"]
    factors = [
        {"phoneInfo": number, "displayName": "Office", "mfaEnrollmentId": f"sms-{number}"}
        for number in numbers
    ]
    body = {"localId": person.uid, "mfa": {"enrollments": factors}}
    owner(f"identitytoolkit.googleapis.com/v1/projects/{project}/accounts:update", body)


def codes_for(number: str) -> list[str]:
    """The codes that were sent to a phone, the latest last."""
    sent = owner(f"emulator/v1/projects/{os.environ['GCLOUD_PROJECT']}/verificationCodes")
    return [one["code"] for one in sent["verificationCodes"] if one["phoneNumber"] == number]


def latest_code(number: str, after: int = 0) -> str:
    def sent() -> str:
        codes = codes_for(number)
        assert len(codes) > after
        return str(codes[-1])

    return eventually(sent)


def give_code(place: Page | Locator, code: str) -> None:
    """Write a code, and press Enter when the page knows what the code belongs to."""
    field = place.get_by_label("Code from the text message")
    field.fill(code)
    expect(place.get_by_role("button", name="Confirm")).to_be_enabled()
    field.press("Enter")


def test_signing_in_at_google(hire: Hire, suite: Suite) -> None:
    person = sign_up(claims={"crm": "viewer"})
    desk = hire(None, enter=False, spoilt=True)
    page = set_up(desk, suite, signIn=[BY_PASSWORD, GOOGLE])
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in with Google")).to_be_visible()
    assert desk.barriers() == []
    at_provider(page, "Sign in with Google", person.email)
    page.get_by_role("heading", level=1, name="Home").wait_for()
    desk.excuse()  # what the emulator's window has from elsewhere


@pytest.mark.parametrize(
    ("way", "name"),
    [({"id": "saml.acme", "label": "ACME"}, "ACME"), ({"id": "oidc.acme", "label": None}, "acme")],
)
def test_signing_in_at_an_organisation_of_one_s_own(
    hire: Hire, suite: Suite, way: dict[str, Any], name: str
) -> None:
    email = f"{way['id']}@example.com"
    desk = hire(None, enter=False, spoilt=True)
    page = set_up(desk, suite, signIn=[way])
    page.goto("/")
    expect(page.get_by_role("textbox", name="Password")).to_have_count(0)
    at_provider(page, f"Sign in with {name}", email)
    # The account is new, so it has no role.
    expect(page.get_by_role("heading", name="No role yet")).to_be_visible()
    expect(page.get_by_text(email).first).to_be_visible()
    desk.excuse()  # what the emulator's window has from elsewhere


def test_closing_the_window_of_a_provider_is_no_error(hire: Hire, suite: Suite) -> None:
    desk = hire(None, enter=False, spoilt=True)
    page = set_up(desk, suite, signIn=[GOOGLE])
    page.goto("/")
    button = page.get_by_role("button", name="Sign in with Google")
    with page.expect_popup() as opened:
        button.click()
    opened.value.close()
    expect(button).to_be_enabled()
    expect(page.get_by_role("alert")).to_have_count(0)
    desk.excuse()


def test_a_second_factor_by_sms(hire: Hire, suite: Suite) -> None:
    number = "+4917600000001"
    person = sign_up(claims={"crm": "viewer"})
    add_phone(person, number)
    desk = hire(None, enter=False, spoilt=True)
    page = set_up(desk, suite)
    page.goto("/")
    give(page, person)
    field = page.get_by_label("Code from the text message")
    expect(field).to_be_focused()
    code = latest_code(number)
    assert desk.barriers() == []
    give_code(page, "000000" if code != "000000" else "111111")
    expect(page.get_by_role("alert")).to_have_text("This code is wrong, or too old by now.")
    give_code(page, code)
    page.get_by_role("heading", level=1, name="Home").wait_for()
    desk.excuse()  # the refused code


def test_a_second_factor_can_be_left_and_asked_for_again(hire: Hire, suite: Suite) -> None:
    number = "+4917600000002"
    person = sign_up(claims={"crm": "viewer"})
    add_phone(person, number)
    desk = hire(None, enter=False, spoilt=True)
    page = set_up(desk, suite)
    page.goto("/")
    give(page, person)
    latest_code(number)
    expect(page.get_by_role("button", name="Send another code")).to_be_enabled()
    page.get_by_role("button", name="Send another code").click()
    latest_code(number, after=1)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("textbox", name="Password")).to_be_visible()
    desk.excuse()  # the sign-in that was not enough


SESSION = {"mfaPendingCredential": "pending", "localId": "", "email": ""}
TOTP = {"mfaEnrollmentId": "app", "displayName": "My phone's app", "totpInfo": {}}
SMS = {"mfaEnrollmentId": "sms", "phoneInfo": "+********01", "displayName": "Office"}


def refuse(route: Route, message: str) -> None:
    error = {"error": {"code": 400, "message": message}}
    route.fulfill(status=400, json=error, headers={"Access-Control-Allow-Origin": "*"})


def test_a_second_factor_of_an_authenticator_app(hire: Hire, suite: Suite) -> None:
    person = sign_up(claims={"crm": "viewer"})
    desk = hire(None, enter=False, spoilt=True)
    page = set_up(desk, suite)
    tokens: dict[str, Any] = {}

    def password(route: Route) -> None:
        answer = route.fetch()
        tokens.update(answer.json())
        told = {**SESSION, "mfaInfo": [SMS, TOTP]}
        route.fulfill(response=answer, json=told)

    def finish(route: Route) -> None:
        body: Any = route.request.post_data_json
        assert body["mfaEnrollmentId"] == "app"
        if body["totpVerificationInfo"]["verificationCode"] != "123456":
            return refuse(route, "INVALID_CODE")
        told = {"idToken": tokens["idToken"], "refreshToken": tokens["refreshToken"]}
        return route.fulfill(json=told, headers={"Access-Control-Allow-Origin": "*"})

    page.route("**/accounts:signInWithPassword*", password)
    page.route("**/accounts/mfaSignIn:start*", lambda route: refuse(route, "QUOTA_EXCEEDED"))
    page.route("**/accounts/mfaSignIn:finalize*", finish)
    page.goto("/")
    give(page, person)
    page.get_by_label("Which one").select_option(label="My phone's app")
    field = page.get_by_label("Code from the authenticator app")
    field.fill("654321")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_have_text("This code is wrong, or too old by now.")
    assert desk.barriers() == []
    field.fill("123 456")  # as apps show it
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("heading", level=1, name="Home").wait_for()
    desk.excuse()  # the refused codes


def test_adding_an_authenticator_app(hire: Hire, suite: Suite) -> None:
    person = sign_up(claims={"crm": "viewer"})
    desk = hire(None, enter=False, spoilt=True)
    page = set_up(desk, suite)
    secret = "JBSWY3DPEHPK3PXP"
    begun = {"sharedSecretKey": secret, "verificationCodeLength": 6, "hashingAlgorithm": "SHA1"}
    begun |= {"periodSec": 30, "sessionInfo": "s", "finalizeEnrollmentTime": "2030-01-01T00:00:00Z"}
    tokens: dict[str, Any] = {}

    def password(route: Route) -> None:
        answer = route.fetch()
        tokens.update(answer.json())
        route.fulfill(response=answer)

    def finish(route: Route) -> None:
        body: Any = route.request.post_data_json
        if body["totpVerificationInfo"] != {"sessionInfo": "s", "verificationCode": "123456"}:
            return refuse(route, "INVALID_CODE")
        told = {"idToken": tokens["idToken"], "refreshToken": tokens["refreshToken"]}
        return route.fulfill(json=told, headers={"Access-Control-Allow-Origin": "*"})

    page.route("**/accounts:signInWithPassword*", password)
    page.goto("/")
    give(page, person)
    page.get_by_role("heading", level=1, name="Home").wait_for()
    page.route(
        "**/accounts/mfaEnrollment:start*",
        lambda route: refuse(route, "OPERATION_NOT_ALLOWED : TOTP based MFA not enabled."),
    )
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Second factor").click()
    page.get_by_role("button", name="Add an authenticator app").click()
    expect(page.get_by_role("alert")).to_contain_text("not switched on for this Firebase project")
    assert desk.barriers() == []
    page.route(
        "**/accounts/mfaEnrollment:start*",
        lambda route: route.fulfill(
            json={"totpSessionInfo": begun}, headers={"Access-Control-Allow-Origin": "*"}
        ),
    )
    page.route("**/accounts/mfaEnrollment:finalize*", finish)
    page.get_by_role("button", name="Add an authenticator app").click()
    expect(page.get_by_test_id("secret")).to_have_text(secret)
    link = page.get_by_role("link", name="Open in the authenticator app").get_attribute("href")
    assert str(link).startswith("otpauth://totp/")
    assert secret in str(link)
    assert desk.barriers() == []
    field = page.get_by_label("Code from the authenticator app")
    field.fill("654321")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_have_text("This code is wrong, or too old by now.")
    field.fill("123456")
    page.get_by_role("button", name="Confirm").click()
    said = page.get_by_text("From the next sign-in on, the app's code is asked for.")
    expect(said).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    desk.excuse()  # what was refused


def test_an_export_takes_the_second_factor_too(hire: Hire, suite: Suite) -> None:
    number = "+4917600000003"
    shop = Shop(suite)
    customer = shop.customer("Ida Proof")
    admin = sign_up(claims={"crm": "admin"})
    add_phone(admin, number)
    desk = hire(None, enter=False, spoilt=True)
    page = set_up(desk, suite)
    page.clock.install()
    page.goto(f"/people/{customer}")
    give(page, admin)
    give_code(page, latest_code(number))
    page.get_by_role("heading", level=1, name="Ida Proof").wait_for()
    page.clock.fast_forward("06:00")
    sent = len(codes_for(number))
    act(page, "Export…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Export").click()
    with page.expect_download():
        give_code(dialog, latest_code(number, after=sent))
    desk.excuse()  # the sign-ins that were not enough


def test_calls_show_that_they_come_from_this_page(hire: Hire, suite: Suite) -> None:
    desk = hire(None, enter=False, spoilt=True)
    page = set_up(desk, suite, appCheckKey="site-key")
    asked: list[Any] = []

    def exchange(route: Route) -> None:
        if route.request.method != "OPTIONS":
            asked.append(route.request.post_data_json)
        allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
        route.fulfill(json={"token": "a.shown.token", "ttl": "3600s"}, headers=allowed)

    page.route(
        "https://www.google.com/recaptcha/enterprise.js*",
        lambda route: route.fulfill(body=RECAPTCHA, content_type="text/javascript"),
    )
    page.route("https://content-firebaseappcheck.googleapis.com/**", exchange)
    page.goto("/tags")
    # Not what the browser asks first, whether it may.
    with page.expect_request(
        lambda one: one.method == "POST" and "list_tags" in one.url
    ) as request:
        give(page, sign_up(claims={"crm": "viewer"}))
    assert request.value.headers["x-firebase-appcheck"] == "a.shown.token"
    assert asked[0]["recaptcha_enterprise_token"] == "not a robot"
    desk.excuse()  # what the functions think of such a token


LOAD = """([kind, url, patience]) => new Promise(tell => {
    const refused = event => tell(event.effectiveDirective);
    addEventListener("securitypolicyviolation", refused, { once: true });
    const element = document.createElement(kind);
    // A frame that is refused says that it has loaded, in some browsers before it says why not.
    if (kind === "script") element.onload = () => tell("loaded");
    setTimeout(() => tell("not refused"), patience);
    element.src = url;
    document.body.append(element);
})"""


@pytest.mark.parametrize("inside", [False, True])
def test_the_page_loads_nothing_that_its_sign_in_does_not_need(
    hire: Hire, suite: Suite, inside: bool
) -> None:
    desk = hire(Role.VIEWER, spoilt=True) if inside else hire(None, enter=False, spoilt=True)
    page = desk.page if inside else set_up(desk, suite)
    if not inside:
        page.goto("/")
        page.get_by_label("E-mail address").wait_for()
    refused = [
        ("script", "https://apis.google.com/js/api.js"),
        ("script", "https://apis.google.com/js/googleapis.proxy.js"),
        ("script", "https://www.google.com/recaptcha/about/js/main.min.js"),
        ("iframe", "https://other.firebaseapp.com/__/auth/iframe"),
        # Before the sign-in nobody knows whether a code must be sent to a phone.
        *([("script", "https://www.google.com/recaptcha/api.js")] if inside else []),
    ]
    said = [page.evaluate(LOAD, [kind, url, 1000 * PATIENCE]) for kind, url in refused]
    assert set(said) == {"script-src-elem", "frame-src"}
    desk.excuse()  # the refusals themselves
