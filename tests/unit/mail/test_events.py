"""Events in our own form: what is read of them, and that no address ever is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.mail.events import KINDS, BadEvent, MailEvent, codes_in, mail_id_in, standard_event
from tests.support.mailed import mail_id

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
THEN = NOW - timedelta(hours=2)
ID = mail_id()


def read(**fields: Any) -> MailEvent | None:
    body = {"type": "hard_bounce", "timestamp": THEN.isoformat(), **fields}
    return standard_event(json.dumps(body).encode(), "msg_1", NOW)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_event_is_read(kind: Any) -> None:
    told = read(type=kind, data={"messageId": f"<{ID}@example.com>", "code": "550 5.1.1"})
    assert told == MailEvent(kind, THEN, ID, None, "msg_1", "550 5.1.1")


@pytest.mark.parametrize(
    "text", [ID, f"<{ID}@example.com>", f"  {ID}  ", f"crm/{ID}", f"mail:{ID};x"]
)
def test_a_mail_is_known_in_a_message_id(text: str) -> None:
    assert mail_id_in([None, 7, "nothing", text]) == ID


@pytest.mark.parametrize("text", ["", ID[1:], f"{ID}a", f"a{ID}", ID.upper(), ID.replace("-", "")])
def test_what_is_not_quite_a_mails_key_is_none(text: str) -> None:
    assert mail_id_in([text]) is None


def test_a_mail_is_known_by_the_providers_id_alone() -> None:
    told = read(data={"providerId": "abc"})
    assert told == MailEvent("hard_bounce", THEN, None, "abc", "msg_1")


def test_no_time_is_now_and_none_is_after_it() -> None:
    for timestamp in (None, (NOW + timedelta(days=9)).isoformat(), "9999-12-31T23:59:59+00:00"):
        told = read(timestamp=timestamp, data={"messageId": ID})
        assert told is not None
        assert told.at == NOW
    told = read(timestamp="2026-05-01T10:00:00Z", data={"messageId": ID})
    assert told is not None
    assert told.at == THEN


def test_another_type_tells_nothing() -> None:
    assert read(type="opened", data={"messageId": ID}) is None
    assert read(type="opened") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\xff",
        b"[]",
        b"null",
        b"NaN",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"1" * 100_000,
        b'{"type": 7}',
        b'{"type": "delivered"}',
        b'{"type": "delivered", "data": []}',
        b'{"type": "delivered", "data": {}}',
        b'{"type": "delivered", "data": {"providerId": {}}}',
        b'{"type": "delivered", "data": {"providerId": ""}}',
        b'{"type": "delivered", "timestamp": "soon", "data": {"providerId": "a"}}',
        b'{"type": "delivered", "timestamp": 7, "data": {"providerId": "a"}}',
        b'{"type": "delivered", "timestamp": "0001-01-01T00:00:00+23:59",'
        b' "data": {"providerId": "a"}}',
    ],
    ids=lambda body: repr(body[:50]),
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(BadEvent):
        standard_event(body, "msg_1", NOW)


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("550 5.1.1 <ada@example.com>: no such user", "550 5.1.1"),
        ("smtp;550-5.1.1 The email account that you tried to reach", "550 5.1.1"),
        ("5.2.2 mailbox of ada@example.com full", "5.2.2"),
        ("421 try later", "421"),
        ("ada550@example.com 12.550.1", None),
        ("no such user ada@example.com", None),
        (None, None),
        (550, None),
    ],
)
def test_of_what_a_server_said_codes_alone_are_kept(said: object, codes: str | None) -> None:
    assert codes_in(said) == codes


@given(st.text())
def test_codes_hold_no_word(said: str) -> None:
    assert set(codes_in(said) or "") <= set("0123456789. ")


def test_no_address_is_kept_of_an_event() -> None:
    told = read(
        data={"messageId": ID, "recipient": "ada@example.com", "code": "550 ada@example.com"},
        email="ada@example.com",
    )
    assert "ada" not in repr(told)
