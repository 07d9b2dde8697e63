"""The link in a newsletter: what it holds, what GET shows, and what POST does (RFC 8058)."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Request, Response
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from crm.config.settings import Settings
from crm.core.errors import Conflict, Transient
from crm.core.keyring import Former, Keyring
from crm.db.retry import RetryPolicy
from crm.entrypoints.http.unsubscribe import answer
from crm.newsletter.unsubscribe_link import (
    GRACE,
    Link,
    headers,
    landing,
    link,
    read_link,
    read_token,
)
from crm.newsletter.unsubscribe_page import LANGUAGES, page
from testing.hosts import order
from testing.world import KEYS, World
from tests.support.mailed import mail_id, mailed, record_of

URL = "https://example.com/unsubscribe"
ADA = "ada@example.com"
FORM = {"List-Unsubscribe": "One-Click"}
URLENCODED = "application/x-www-form-urlencoded"


def token(address: str = ADA, keys: Keyring = KEYS) -> str:
    return link(keys, URL, address).partition("?token=")[2]


def ask(world: World | None, method: str = "GET", query: Any = None, **more: Any) -> Response:
    query = {"token": token()} if query is None else query
    request = Request(EnvironBuilder(method=method, query_string=query, **more).get_environ())

    def services() -> Any:
        assert world is not None, "this request needs nothing"
        return world.services

    return answer(request, services)


@pytest.fixture
def world() -> World:
    world = World()
    world.put_order("o1", order(marketingOptIn=True))
    return world


def status(world: World) -> Any:
    return world.the_customer()["marketing"]["status"]


# Links

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def test_a_link_leads_back_to_its_address() -> None:
    assert read_token(KEYS, token(), NOW) == KEYS.address(ADA)
    assert token() == token()


def test_a_campaigns_link_leads_to_its_mail_too() -> None:
    held = link(KEYS, URL, ADA, mail_id()).partition("?token=")[2]
    assert read_link(KEYS, held, NOW) == Link(KEYS.address(ADA), mail_id())
    assert read_token(KEYS, held, NOW) == KEYS.address(ADA)
    assert read_link(KEYS, token(), NOW) == Link(KEYS.address(ADA))
    for forged in (held.replace(mail_id(), mail_id("bob")), held.replace("_", "-")):
        assert read_link(KEYS, forged, NOW) is None


def test_a_campaigns_link_withdraws_and_its_mail_says_so(world: World) -> None:
    mailed(world, {"ada": "accepted"})
    held = link(KEYS, URL, ADA, mail_id()).partition("?token=")[2]
    assert ask(world, "GET", {"token": held}).status_code == 200
    assert record_of(world).unsubscribed is None
    assert ask(world, "POST", {"token": held}, data=FORM).status_code == 200
    assert status(world) == "unsubscribed"
    left = record_of(world).unsubscribed
    assert left is not None
    assert ask(world, "POST", {"token": held}, data=FORM).status_code == 200
    assert record_of(world).unsubscribed == left


def test_links_of_a_replaced_secret_lead_to_the_address_for_a_year() -> None:
    new = Keyring(b"the secret that came after it", (Former(KEYS.secret, NOW),))
    newest = Keyring(b"and the one after that one", (*new.former, Former(new.secret, NOW)))
    for keys in (new, newest):
        for late in (timedelta(0), GRACE - timedelta(seconds=1)):
            assert read_token(keys, token(), NOW + late) == keys.address(ADA)
        assert read_token(keys, token(), NOW + GRACE) is None
        assert read_token(keys, token(keys=keys), NOW + 2 * GRACE) == keys.address(ADA)
    assert read_token(KEYS, token(keys=new), NOW) is None
    longer = Keyring(newest.secret, (new.former[0], Former(new.secret, NOW + GRACE)))
    assert read_token(longer, token(), NOW + GRACE) is None
    assert read_token(longer, token(keys=new), NOW + GRACE) == longer.address(ADA)


@given(st.emails())
def test_a_link_holds_no_address_and_no_unkeyed_hash(email: str) -> None:
    text = link(KEYS, URL, email)
    assert re.fullmatch(re.escape(URL) + r"\?token=[\w.-]{80,120}", text)
    assert email not in text
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, email.encode()).digest()
        assert digest.hex() not in text
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") not in text
        assert base64.b32encode(digest).decode().rstrip("=").lower() not in text


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "x",
        ".",
        KEYS.address(ADA),
        token()[:-1],
        token() + "x",
        token().replace("e1-", "u1-"),
        token(keys=Keyring(b"the secret of another shop")),
        "e1-ü.ö",
        "\ud800",
        "x" * 100_000,
    ],
    ids=lambda bad: bad[:8].encode("unicode-escape").decode(),
)
def test_a_token_that_we_did_not_sign_is_none(bad: str) -> None:
    assert read_token(KEYS, bad, NOW) is None


def test_both_headers_are_as_the_rfcs_say() -> None:
    assert headers(f"{URL}?token=t") == {
        "List-Unsubscribe": f"<{URL}?token=t>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert len(f"List-Unsubscribe: <{link(KEYS, URL, ADA)}>") < 998  # of a line: RFC 5322, 2.1.1


@pytest.mark.parametrize(
    ("own", "origin", "url"),
    [
        (None, None, "https://europe-west1-shop.cloudfunctions.net/unsubscribe"),
        (None, "http://127.0.0.1:1", "http://127.0.0.1:1/shop/europe-west1/unsubscribe"),
        (URL, "http://127.0.0.1:1", URL),
    ],
)
def test_where_links_lead(
    monkeypatch: pytest.MonkeyPatch, own: str | None, origin: str | None, url: str
) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "shop")
    monkeypatch.delenv("FUNCTIONS_EMULATOR_ORIGIN", raising=False)
    if origin:
        monkeypatch.setenv("FUNCTIONS_EMULATOR_ORIGIN", origin)
    world = World()
    newsletter = {"unsubscribe_url": own} if own else {}
    settings = Settings.model_validate({"region": "europe-west1", "newsletter": newsletter})
    runner = replace(world.runner, settings=settings)
    services = replace(world.services, runner=runner)
    assert landing(settings.newsletter, services.function_url) == url


# GET and the like


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_and_reads_nothing(world: World, method: str) -> None:
    reads, writes = world.store.reads, world.store.writes
    response = ask(world, method)
    assert response.status_code == 200
    assert (world.store.reads, world.store.writes) == (reads, writes)
    assert status(world) == "subscribed"


def test_the_page_posts_what_the_rfc_says_to_where_it_is(world: World) -> None:
    text = ask(world).get_data(as_text=True)
    assert '<form method="post"><input type="hidden" name="List-Unsubscribe" ' in text
    assert 'value="One-Click"' in text
    assert token() not in text


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "en"),
        ("de-DE,de;q=0.9,en;q=0.5", "de"),
        ("en-GB,de;q=0.3", "en"),
        ("fr", "en"),
        ("\x00;;q=x", "en"),
    ],
)
def test_the_page_speaks_the_readers_language(
    world: World, accept: str | None, language: str
) -> None:
    response = ask(world, headers={"Accept-Language": accept} if accept else {})
    assert f'<html lang="{language}">' in response.get_data(as_text=True)
    assert response.headers["Content-Language"] == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_a_whole_document_in_each_language(language: Any) -> None:
    for kind in ("ask", "done", "bad-link", "try-again"):
        text = page(kind, language)
        assert re.search(r"<title>.+</title>.*<main><h1>.+</h1><p>.+</p>", text)
        assert text.endswith("</main></body></html>")


def test_every_answer_is_locked_down(world: World) -> None:
    answers = [ask(world), ask(world, "POST", data=FORM), ask(world, query={})]
    answers += [ask(None, "OPTIONS"), ask(None, "PUT")]
    for response in answers:
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert not {"Set-Cookie", "Location", "Access-Control-Allow-Origin"} & set(response.headers)


def test_the_policy_lets_the_pages_own_style_through(world: World) -> None:
    response = ask(world)
    (style,) = re.findall("<style>(.*)</style>", response.get_data(as_text=True))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_not_allowed(method: str) -> None:
    response = ask(None, method)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_options_say_what_there_is() -> None:
    response = ask(None, "OPTIONS")
    assert response.status_code == 204
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("query", [{}, {"token": ""}, {"token": token() + "x"}, {"t": token()}])
def test_a_bad_link_is_said_to_be_one(world: World, method: str, query: Any) -> None:
    reads = world.store.reads
    response = ask(world, method, query, **({"data": FORM} if method == "POST" else {}))
    assert response.status_code == 400
    if method != "HEAD":
        assert "This link is not complete" in response.get_data(as_text=True)
    assert world.store.reads == reads


# POST


@pytest.mark.parametrize(
    "body",
    [
        {"data": FORM},
        {"data": FORM, "content_type": "multipart/form-data"},
        {"data": {**FORM, "other": "field"}},
        {"data": b"List-Unsubscribe=One-Click", "content_type": "text/plain"},
        {"data": b"List-Unsubscribe=One-Click", "content_type": "text/plain; charset=us-ascii"},
        {"data": b"List-Unsubscribe=One-Click", "content_type": "application/octet-stream"},
        {"data": b"List-Unsubscribe=One-Click"},
        {"data": b"List-Unsubscribe=One-Click\r\n"},
        {"data": b"List-Unsubscribe=One-Click\r\n", "content_type": URLENCODED},
        {"data": {"List-Unsubscribe": "One-Click\r\n"}, "content_type": "multipart/form-data"},
    ],
    ids=[
        "urlencoded",
        "multipart",
        "with another field",
        "plain text",
        "plain text with a charset",
        "bytes",
        "no type",
        "no type and a line end",
        "a line end",
        "multipart and a line end",
    ],
)
def test_one_click_unsubscribes_and_again_is_fine(world: World, body: Any) -> None:
    for _ in range(2):
        response = ask(world, "POST", **body)
        assert response.status_code == 200
        assert "You are unsubscribed" in response.get_data(as_text=True)
        writes = world.store.writes
    assert status(world) == "unsubscribed"
    assert world.store.writes == writes
    (entry,) = world.store.all("crmAudit").values()
    assert (entry["actor"], entry["action"]) == (KEYS.address(ADA), "consent.withdraw")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": {"List-Unsubscribe": "no"}},
        {"data": {"list-unsubscribe": "One-Click"}},
        {"json": FORM},
        {"data": b"List-Unsubscribe=One-Click2", "content_type": "text/plain"},
        {"data": b"List-Unsubscribe: One-Click"},
        {"data": b"\r\n"},
        {"data": b"\xff\xfe%%%=", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"x", "content_type": "multipart/form-data; boundary=b"},
    ],
)
def test_a_post_that_is_not_one_click_changes_nothing(world: World, body: Any) -> None:
    writes = world.store.writes
    response = ask(world, "POST", **body)
    assert response.status_code == 400
    assert "<form" in response.get_data(as_text=True)
    assert world.store.writes == writes


@pytest.mark.parametrize("behind", [".", ">", ")", " ", ">.", "%3E", "\u00bb", "\r\n", "=", "]"])
def test_a_link_with_something_behind_it_is_good(world: World, behind: str) -> None:
    query = f"token={token()}{behind}"
    for method in ("GET", "HEAD"):
        assert ask(world, method, query).status_code == 200
        assert status(world) == "subscribed"
    assert ask(world, "POST", query, data=FORM).status_code == 200
    assert status(world) == "unsubscribed"


@given(st.text(), st.sampled_from("_-aZ0"))
def test_only_what_can_be_no_part_of_a_token_may_stand_behind_it(behind: str, part: str) -> None:
    read = read_token(KEYS, token() + behind, NOW)
    assert read == (None if re.search(r"[\w-]", behind, re.ASCII) else KEYS.address(ADA))
    assert read_token(KEYS, f"{token()}{behind}{part}", NOW) is None
    assert read_token(KEYS, f"{part}{token()}", NOW) is None


def test_a_huge_body_is_not_read(world: World) -> None:
    response = ask(world, "POST", data={**FORM, "more": "x" * 1_000_000})
    assert response.status_code == 400
    assert status(world) == "subscribed"


@pytest.mark.parametrize(
    ("error", "code"), [(Conflict(), 503), (Transient(), 503), (KeyError(ADA), 500)]
)
def test_what_did_not_work_says_so_and_logs_no_token(
    world: World,
    error: Exception,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("crm.entrypoints.http.unsubscribe.plan_unsubscribe", fail)
    monkeypatch.setattr("crm.entrypoints.http.unsubscribe.INTERACTIVE", RetryPolicy(seconds=0))
    with caplog.at_level(logging.DEBUG):
        response = ask(world, "POST", data=FORM)
    assert response.status_code == code
    assert response.headers.get("Retry-After") == ("60" if code == 503 else None)
    assert "That did not work" in response.get_data(as_text=True)
    assert token() not in caplog.text
    assert ADA not in caplog.text
