"""Links of confirmation mails: what they hold, forged ones, and their door."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from crm.core.errors import Conflict
from crm.core.keyring import Former, Keyring
from crm.entrypoints.http import confirm_subscription
from crm.newsletter import unsubscribe_link
from crm.signup.link import Link, read, token
from crm.signup.record import LIFE
from testing.world import KEYS
from tests.support.signing_up import ADA, TEXT, Door, link_of

NOW = datetime(2026, 11, 28, 10, 0, 0, 123456, tzinfo=UTC)
KEY = KEYS.address(ADA)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_link_leads_back(at: datetime) -> None:
    text = token(KEYS, KEY, at)
    assert read(KEYS, text, at) == Link(KEY, at)
    assert re.fullmatch(r"[\w.-]{80,160}", text)
    assert "ada" not in text


def test_links_of_the_secret_before_are_good_for_seven_days() -> None:
    new = Keyring(b"the secret that came after it", (Former(KEYS.secret, NOW),))
    text = token(KEYS, KEY, NOW)
    assert read(new, text, NOW + LIFE - timedelta(seconds=1)) == Link(new.address(ADA), NOW)
    assert read(new, text, NOW + LIFE) is None
    assert read(KEYS, token(new, new.address(ADA), NOW), NOW) is None


def test_forged_links() -> None:
    text = token(KEYS, KEY, NOW)
    held, _, signature = text.partition(".")
    bob = KEYS.address("bob@example.com")
    own = token(Keyring(b"somebody else's own secret"), KEY, NOW)
    other_door = unsubscribe_link.link(KEYS, "", ADA).partition("=")[2]
    for forged in (
        *("", ".", held, signature, text[:-1] + ("A" if text[-1] != "A" else "B"), own),
        *(text.replace(KEY, bob), text.replace("_1", "_2"), f"x{text}", text * 9, other_door),
        *(KEY, f"{held}.{signature[::-1]}", "\x00", "ü.ü"),
    ):
        assert read(KEYS, forged, NOW) is None, forged
    assert unsubscribe_link.read_link(KEYS, text, NOW) is None
    for behind in (".", ">", ")", " ", '"'):
        assert read(KEYS, text + behind, NOW) == Link(KEY, NOW)


def test_a_link_of_another_address_confirms_only_that(door: Door) -> None:
    ada, bob = door.sign_up(), door.sign_up("bob@example.com")
    door.click(bob)
    assert [one["emails"] for one in door.customers()] == [["bob@example.com"]]
    asked = door.kept("bob@example.com")
    assert asked is not None
    mixed = token(KEYS, KEY, asked["requestedAt"])  # signed, of a moment at which nobody asked
    assert door.click(link_of(ada).partition("token=")[0] + f"token={mixed}").status_code == 410
    assert len(door.customers()) == 1


def test_a_link_for_nobody_who_asked(door: Door) -> None:
    url = f"https://example.com/?token={token(KEYS, KEY, door.now)}"
    for method in ("GET", "POST"):
        assert door.click(url, method).status_code == 410
    assert door.click(url, action="not-me").status_code == 410
    assert door.store.writes == 0


@pytest.mark.parametrize("text", ["", "x", "a.b", "e1-x_5.sig"])
def test_a_bad_link(door: Door, text: str) -> None:
    for method in ("GET", "HEAD", "POST"):
        answer = door.click(f"https://example.com/?token={text}", method)
        assert answer.status_code == 400
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_pages_are_nobody_elses(door: Door) -> None:
    mail = door.sign_up()
    for answer in (door.click(mail, "GET"), door.click(mail), door.click(mail, "OPTIONS")):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert door.click(mail, "PUT").status_code == 405


def test_what_a_post_may_say(door: Door) -> None:
    mail = door.sign_up()
    held = link_of(mail).partition("token=")[2]
    in_body = Request(EnvironBuilder(method="POST", json={"token": held}).get_environ())
    assert confirm_subscription.answer(in_body, lambda: door.services).status_code == 200
    for more in ({"data": {"x": "y" * 20_000}}, {"data": "[", "content_type": "application/json"}):
        query = {"token": held}
        request = Request(EnvironBuilder(method="POST", query_string=query, **more).get_environ())
        assert confirm_subscription.answer(request, lambda: door.services).status_code == 400


def test_a_database_that_is_away(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    mail = door.sign_up()

    def away() -> None:
        raise Conflict("away")

    def broken() -> None:
        raise RuntimeError(ADA)

    for services, status in ((away, 503), (broken, 500)):
        query = link_of(mail).partition("?")[2]
        request = Request(EnvironBuilder(method="POST", query_string=query).get_environ())
        answer = confirm_subscription.answer(request, services)  # type: ignore[arg-type]
        assert (answer.status_code, TEXT in answer.get_data(as_text=True)) == (status, False)
    assert "ada" not in caplog.text
