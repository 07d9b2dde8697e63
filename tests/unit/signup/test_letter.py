"""The mail that asks back, word for word, and the pages behind its links."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.config.mail import MailSettings
from crm.config.settings import Settings, settings_of
from crm.mail.port import Mail
from crm.signup.letter import agreed_to, letter, sender_name
from crm.signup.link import token
from crm.signup.pages import (
    Asking,
    again_page,
    ask_page,
    form_page,
    said_page,
)
from crm.signup.record import Asked
from crm.signup.texts import texts
from testing.world import KEYS
from tests.support.signing_up import ADA, SETTINGS, TEXT, TEXT_DE

NOW = datetime(2026, 11, 28, 10, 0, 0, 123456, tzinfo=UTC)

LINK = f"https://x.example/confirm?token={token(KEYS, 'e1-k', NOW)}"


def settings(**more: Any) -> Settings:
    return settings_of({**SETTINGS, **more})


def asked(form: str | None = "newsletter", language: str = "en", version: str = "") -> Asked:
    forms = settings().forms
    known = version or (forms[form].version(language) if form else None)
    return Asked(NOW, form, known, language, "m1")


def written(what: Asked, **more: Any) -> Mail:
    return letter(settings(**more), KEYS, "e1-k", ADA, what, "https://x.example/confirm")


def test_the_mail_of_a_form() -> None:
    mail = written(asked())
    assert (mail.key, mail.sender, mail.to) == ("m1", "Example Events <news@example.org>", ADA)
    assert mail.subject == "Please confirm: news from Example Events"
    assert (mail.reply_to, mail.campaign) == (None, None)
    assert mail.headers == {"Auto-Submitted": "auto-generated"}
    assert mail.text == (
        "This address was entered in a form of Example Events to get news by e-mail."
        " This is what is agreed to:\n\n"
        f"“{TEXT}”\n\n"
        "If it was you, please confirm it. The link is good for seven days.\n\n"
        f"Yes, send me news:\n{LINK}\n\n"
        "If it was not you, you need not do anything: without a confirmation you get no news,"
        " and the address is deleted after seven days.\n\n"
        f"This was not me: do not ask me again:\n{LINK}&not-me=1\n\n"
        "-- \n1 Example Street\n"
    )
    html = mail.html or ""
    link = LINK.replace("&", "&amp;")
    assert '<html lang="en" dir="ltr">' in html
    assert "<title>Please confirm: news from Example Events</title>" in html
    assert f"<blockquote>{TEXT}</blockquote>" in html
    assert re.findall('href="([^"]*)"', html) == [link, f"{link}&amp;not-me=1"]
    assert re.findall("<a [^>]*>([^<]*)</a>", html) == [
        "Yes, send me news",
        "This was not me: do not ask me again",
    ]
    assert html.count("<p>") == 5
    assert ">1 Example Street</td>" in html


def test_the_mail_of_an_order_quotes_nothing() -> None:
    mail = written(asked(None))
    opening = "In an order with this address the box for news from Example Events by e-mail"
    assert mail.text.startswith(f"{opening} was ticked.\n\nIf it was you, ")
    assert "“" not in mail.text
    assert f"<p>{opening} was ticked.</p><p>If it was you, " in (mail.html or "")


def test_a_mail_is_in_the_language_of_its_form() -> None:
    mail = written(asked(language="de"))
    assert mail.subject == "Bitte bestätigen: Neues von Example Events"
    assert f"„{TEXT_DE}“" in mail.text or f"“{TEXT_DE}”" in mail.text
    assert '<html lang="de" dir="ltr">' in (mail.html or "")


@pytest.mark.parametrize(
    ("mail", "name", "reply", "foot"),
    [
        ({"from": "news@example.org"}, "news@example.org", None, ""),
        (
            {"from": "A & B <news@example.org>", "reply_to": "me@example.org"},
            "A & B",
            "me@example.org",
            "",
        ),
        (
            {"from": "N <news@example.org>", "postal_address": "1 <Street> & Co"},
            "N",
            None,
            "-- \n1 <Street> & Co\n",
        ),
    ],
)
def test_whom_a_mail_is_from_and_whom_answers_go_to(
    mail: dict[str, Any], name: str, reply: str | None, foot: str
) -> None:
    made = written(asked(), mail=mail)
    assert (made.subject, made.reply_to) == (f"Please confirm: news from {name}", reply)
    assert made.text.endswith(foot or "not-me=1\n")
    assert ("-- \n" in made.text) is bool(foot)
    html = made.html or ""
    assert "A & B" not in html
    assert "<Street>" not in html
    assert ("1 &lt;Street&gt; &amp; Co</td>" in html) is bool(foot)


def test_a_text_with_signs_of_html_is_quoted_as_text() -> None:
    text = 'Yes & "<b>no</b>"'
    forms = {"newsletter": {"text": {"en": text}}}
    version = settings(forms=forms).forms["newsletter"].version("en")
    mail = written(asked(version=version), forms=forms)
    assert f"“{text}”" in mail.text
    assert "<blockquote>Yes &amp; &quot;&lt;b&gt;no&lt;/b&gt;&quot;</blockquote>" in (
        mail.html or ""
    )


@pytest.mark.parametrize(
    ("what", "text"),
    [
        (asked(), TEXT),
        (asked(language="de"), TEXT_DE),
        (asked(None), None),
        (asked(version="another"), None),
        (Asked(NOW, "gone", "v", "en", "m1"), None),
        (Asked(NOW, "press", "v", "de", "m1"), None),
    ],
)
def test_what_somebody_agrees_to_is_the_text_of_then(what: Asked, text: str | None) -> None:
    assert agreed_to(settings(), what) == text


def test_a_sender_is_called_by_name_else_by_the_address() -> None:
    for said, name in (
        ("Example Events <news@example.org>", "Example Events"),
        ("news@example.org", "news@example.org"),
        ('"Events, Inc." <news@example.org>', "Events, Inc."),
        ("", ""),
    ):
        assert sender_name(MailSettings.model_validate({"from": said})) == name


# --- Pages


def test_the_form_says_what_is_wrong_and_keeps_what_was_written() -> None:
    said = texts("en")
    plain = form_page(said, Asking("news", TEXT, "en", "c.x"))
    assert "alert" not in plain
    assert "aria-invalid" not in plain
    assert f"<blockquote>{TEXT}</blockquote><form" in plain
    assert 'autocomplete="email" maxlength="320"' in plain
    assert 'value=""' in plain
    wrong = form_page(said, Asking("news", "a<b", "en", "c.x", '"<i>', "No <address>."))
    assert '<p class="problem" role="alert">No &lt;address&gt;.</p><form' in wrong
    assert 'autocomplete="email" aria-invalid="true" maxlength="320"' in wrong
    assert 'aria-describedby="note" value="&quot;&lt;i&gt;">' in wrong
    assert "<blockquote>a&lt;b</blockquote>" in wrong
    hidden = re.findall('<input type="hidden" name="([^"]*)" value="([^"]*)">', wrong)
    assert hidden == [("form", "news"), ("language", "en"), ("challenge", "c.x"), ("work", "")]


@pytest.mark.parametrize(("language", "way"), [("en", "ltr"), ("ar", "rtl"), ("de-AT", "ltr")])
def test_pages_say_their_language_and_its_direction(language: str, way: str) -> None:
    said = texts("en")
    for page in (
        form_page(said, Asking("news", TEXT, language, "c.x")),
        said_page(language, "Title", "Text"),
        ask_page(said, language, "Opening", None, refuse=True),
        ask_page(said, language, "Opening", None, refuse=False),
        again_page(said, language),
    ):
        assert page.startswith(f'<!doctype html><html lang="{language}" dir="{way}">')


def main_of(page: str) -> str:
    (found,) = re.findall("<main>(.*)</main>", page)
    return str(found)


def test_what_the_pages_of_links_say_and_ask() -> None:
    said = texts("en")
    not_me = '<button name="action" value="not-me">This was not me</button>'
    assert main_of(ask_page(said, "en", "Open <ing>", "a<b", refuse=False)) == (
        "<h1>Do you want news by e-mail?</h1><p>Open &lt;ing&gt;</p>"
        '<blockquote>a&lt;b</blockquote><form method="post">'
        '<button name="action" value="confirm">Yes, send me news</button> '
        '<button class="other" name="action" value="not-me">This was not me</button></form>'
    )
    without = main_of(ask_page(said, "en", "Opening", None, refuse=False))
    assert "<p>Opening</p><form" in without
    assert main_of(ask_page(said, "en", "Opening", "a<b", refuse=True)) == (
        f'<h1>This was not you?</h1><p>{said.confirm.refuse}</p><form method="post">{not_me}</form>'
    )
    assert main_of(said_page("en", "<T>", "a & b")) == "<h1>&lt;T&gt;</h1><p>a &amp; b</p>"
    assert main_of(again_page(said, "en")) == (
        "<h1>That did not work</h1><p>Nothing was changed. Please try again in a minute.</p>"
    )
    assert "<title>&lt;T&gt;</title>" in said_page("en", "<T>", "")
