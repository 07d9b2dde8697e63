"""The door `subscribe`: its page, what it takes and refuses, and that it tells nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from flask import Response
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.core.errors import ConfigError, Transient
from crm.entrypoints.http import subscribe
from crm.entrypoints.http.forms import MAX_BODY
from crm.entrypoints.http.subscribe import CORS, LEAST_SECONDS
from crm.signup.pages import SECURITY
from crm.signup.proof import BITS
from tests.support.signing_up import ADA, DAY, TEXT, TEXT_DE, Door, said

ACCEPT = {"Accept": "application/json"}


def page_of(response: Response) -> str:
    return response.get_data(as_text=True)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page(door: Door, method: str) -> None:
    shown = door.request(method, query_string={"form": "newsletter", "language": "de"})
    assert shown.status_code == 200
    assert shown.headers["Content-Language"] == "de"
    page = page_of(shown)
    assert TEXT_DE in page
    assert '<html lang="de" dir="ltr">' in page
    assert page.count("<label") == page.count("<input") - 4  # the hidden ones have none
    assert 'role="status"' in page
    for name, value in (("form", "newsletter"), ("language", "de")):  # posted as they are shown
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert door.store.writes == 0


def test_the_page_runs_and_loads_nothing_else(door: Door) -> None:
    shown = door.request("GET", query_string={"form": "newsletter"})
    for name, value in {**SECURITY, **CORS}.items():
        assert shown.headers[name] == value
    policy, page = SECURITY["Content-Security-Policy"], page_of(shown)
    for tag in ("script", "style"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?://|style=|\son\w+=", page)
    assert not {"Set-Cookie", "Location", "Access-Control-Allow-Credentials"} & {
        *shown.headers.keys()
    }


def test_a_program_is_told_what_its_form_needs(door: Door) -> None:
    shown = door.request("GET", query_string={"form": "newsletter"}, headers=ACCEPT)
    body = said(shown)
    assert (body["form"], body["text"], body["language"]) == ("newsletter", TEXT, "en")
    assert (body["bits"], body["waitSeconds"]) == (BITS, 2)
    assert shown.headers["Vary"] == "Accept, Accept-Language"


@pytest.mark.parametrize(
    "more",
    [
        {"data": {"form": "newsletter", "email": ADA}},
        {"json": {"form": "newsletter", "email": ADA}},
        {"query_string": {"form": "newsletter"}, "data": {"email": f" {ADA.upper()} "}},
        {
            "data": {"form": "newsletter", "email": ADA, "x": "y" * 1000},
            "content_type": "multipart/form-data",
        },
    ],
)
def test_what_is_taken(door: Door, more: Any) -> None:
    answer = door.request(**more)
    assert answer.status_code == 202
    assert [one.to for one in door.box.mails] == [ADA]


def test_an_answer_is_a_page_or_json(door: Door) -> None:
    page = door.post()
    assert page.content_type == "text/html; charset=utf-8"
    data = {"form": "newsletter", "email": ADA}
    for answer in (door.request(json=data), door.request(data=data, headers=ACCEPT)):
        assert answer.content_type == "application/json"
        assert said(answer)["message"] in page_of(page)


def test_every_address_has_the_same_answer(door: Door) -> None:
    """Unknown, asked today, subscribed, withdrawn, refused, erased: nobody can tell."""
    door.click(door.sign_up("subscribed@example.com"))
    door.click(door.sign_up("refused@example.com"), action="not-me")
    door.sign_up("today@example.com")
    door.store.wait(DAY)
    names = ("unknown", "subscribed", "refused", "today", "today", "Unknown")
    answers = [door.post(f"{name}@example.com") for name in names]
    told = {(one.status_code, page_of(one), str(sorted(one.headers.items()))) for one in answers}
    assert len(told) == 1


def test_an_answer_takes_the_same_time_at_least(door: Door) -> None:
    door.seconds = iter([0.0, 0.75, 5.0, 5.25, 7.0, 9.0])  # at its beginning, and at its end
    door.post()
    door.post()
    door.post()
    assert door.waited == [LEAST_SECONDS - 0.75, LEAST_SECONDS - 0.25]


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nobody",
        "a@b",
        "a b@example.com",
        "a@example.com,b@x.de",
        "a@example.com\r\nBcc: b@example.com",
        "x" * 400 + "@example.com",
    ],
)
def test_no_address(door: Door, email: str) -> None:
    answer = door.request(data={"form": "newsletter", "email": email}, headers=ACCEPT)
    assert answer.status_code == 400
    assert said(answer)["error"]["details"]["reason"] == "email-invalid"
    page = door.post(email)
    assert (page.status_code, 'role="alert"' in page_of(page)) == (400, True)
    assert (door.box.mails, door.store.writes) == ([], 0)


@pytest.mark.parametrize("form", ["", "nothing", "Newsletter", "newsletter\n", "../newsletter"])
def test_no_such_form(door: Door, form: str) -> None:
    for more in ({"data": {"form": form, "email": ADA}}, {"method": "GET"}):
        answer = door.request(query_string={"form": form}, headers=ACCEPT, **more)
        assert answer.status_code == 404
        assert said(answer)["error"]["status"] == "NOT_FOUND"
        assert said(answer)["error"]["details"]["reason"] == "no-such-form"


def test_mail_is_not_set_up(door: Door) -> None:
    data = {"form": "newsletter", "email": ADA}
    for more in ({"data": data}, {"method": "GET", "query_string": data}):
        answer = door.request(set_up=False, headers=ACCEPT, **more)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert said(answer)["error"]["details"]["reason"] == "mail-not-set-up"
    assert door.request(set_up=False, data={**data, "form": "x"}).status_code == 404
    assert door.store.writes == 0


def test_large_and_broken_bodies(door: Door) -> None:
    large = {"form": "newsletter", "email": ADA, "x": "y" * MAX_BODY}
    assert door.request(data=large).status_code == 413
    for text in ("{", "[]", '"x"', "[" * 10_000):
        answer = door.request(data=text, content_type="application/json")
        assert (answer.status_code, said(answer)["error"]["details"]["reason"]) == (
            400,
            "value-invalid",
        )
    odd = json.dumps({"form": "newsletter", "email": {"x": 1}})
    answer = door.request(data=odd, content_type="application/json")
    assert said(answer)["error"]["details"]["reason"] == "email-invalid"
    assert door.box.mails == []


def test_other_websites_may_post_and_read_the_answer(door: Door) -> None:
    origin = {"Origin": "https://organiser.example", "Access-Control-Request-Method": "POST"}
    asked = door.request("OPTIONS", headers=origin)
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert asked.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert door.post().headers["Access-Control-Allow-Origin"] == "*"
    assert door.request("PUT").status_code == 405
    assert door.request("DELETE").headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_a_visitors_text_is_shown_as_text_and_mailed_never(door: Door) -> None:
    evil = '"><script>alert(1)</script>'
    shown = door.post(evil, language=evil)
    assert (shown.status_code, "<script>alert" in page_of(shown)) == (400, False)
    got = door.request("GET", query_string={"form": "newsletter", "language": evil, "email": evil})
    assert "alert(1)" not in page_of(got)
    door.post(language=evil, name=evil, text=evil)
    (mail,) = door.box.mails
    assert "alert" not in mail.subject + mail.text + str(mail.html)


@given(
    st.dictionaries(
        st.sampled_from(["form", "email", "language", "challenge", "work"]), st.text(max_size=60)
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_posted_is_answered(fields: dict[str, str]) -> None:
    door = Door()
    answer = door.request(json={"form": "newsletter", **fields})
    assert answer.status_code in (202, 400, 404)
    assert door.request(data={"email": ADA, **fields}).status_code in (202, 400, 404)


def test_a_database_that_is_away(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise Transient("away")

    monkeypatch.setattr(subscribe, "sign_up", away)
    answer = door.post()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_a_defect_and_a_wrong_configuration(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for error, status in ((RuntimeError(ADA), 500), (ConfigError("languages/x.toml: bad"), 503)):

        def wrong(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(subscribe, "sign_up", wrong)
        assert door.post().status_code == status
    assert "languages/x.toml: bad" in caplog.text
    assert "ada" not in caplog.text
    assert TEXT
