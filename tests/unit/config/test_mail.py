"""`[mail]`: whom mails are from, limits, and what is told of a mistake."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from crm.config.mail import MailSettings, address_of
from crm.config.settings import settings_of
from crm.core.errors import ConfigError


def mail(**given: Any) -> MailSettings:
    return settings_of({"mail": given}).mail


def test_without_a_sender_nothing_is_sent() -> None:
    assert not mail().on
    assert mail(**{"from": "news@example.com"}).on
    assert not mail(**{"from": "  "}).on


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("news@example.com", "news@example.com"),
        (" Events <news@example.com> ", "news@example.com"),
        ('"Events, Inc." <News@Example.com>', "News@Example.com"),
        ("Müller <news@bücher.example>", "news@bücher.example"),
    ],
)
def test_a_sender_is_one_address_with_a_name_or_without(written: str, address: str) -> None:
    found = mail(**{"from": written, "reply_to": written})
    assert found.from_ == found.reply_to == written.strip()
    assert address_of(found.from_) == address


@pytest.mark.parametrize(
    "written",
    [
        "Events",
        "Events <>",
        "a@example.com, b@example.com",
        "news@example.com\r\nBcc: x@example.com",
        "Events\n<news@example.com>",
        "Events\x00 <news@example.com>",
        5,
        ["news@example.com"],
        None,
    ],
)
@pytest.mark.parametrize("key", ["from", "reply_to"])
def test_what_is_no_sender_is_told_what_to_write(key: str, written: object) -> None:
    with pytest.raises(ConfigError, match=rf"mail\.{key}.*write one address such as"):
        mail(**{key: written})


@pytest.mark.parametrize("key", ["per_second", "per_hour", "per_day"])
def test_a_limit_is_a_whole_number_of_mails(key: str) -> None:
    assert getattr(mail(**{key: 14}), key) == 14
    assert getattr(mail(), key) == 0
    for wrong in (-1, 1.5, "14", True, 10_000_001):
        with pytest.raises(ConfigError, match=rf"mail\.{key}.*write a whole number of mails"):
            mail(**{key: wrong})


@pytest.mark.parametrize(
    ("key", "default", "most", "unit"),
    [("undo_seconds", 30, 3600, "seconds"), ("latest_hours", 2, 168, "hours")],
)
def test_spans_have_bounds(key: str, default: int, most: int, unit: str) -> None:
    assert getattr(mail(), key) == default
    assert getattr(mail(**{key: most}), key) == most
    with pytest.raises(ConfigError, match=f"whole number of {unit}"):
        mail(**{key: most + 1})


def test_a_key_that_is_none_is_refused_and_settings_cannot_be_changed() -> None:
    with pytest.raises(ConfigError, match=r"mail\.sender"):
        mail(sender="news@example.com")
    with pytest.raises(ValidationError):
        mail().per_day = 5  # type: ignore[misc]
