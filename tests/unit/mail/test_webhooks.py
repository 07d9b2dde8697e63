"""`CRM_MAIL_EVENTS`: who may tell what became of mails, and what is no proof of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import ConfigError
from crm.mail.webhooks import PROVIDERS, TOLERANCE, Source, is_signed, parsed

# The example of the specification and of its libraries' own tests.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIME = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {
    "webhook-id": MESSAGE,
    "webhook-timestamp": "1614265330",
    "webhook-signature": SIGNATURE,
}
STANDARD = parsed(f"standard://{SECRET}")
OTHER = "whsec_" + base64.b64encode(b"another secret of some length").decode()


def signed(headers: dict[str, str], body: bytes = BODY, now: datetime = TIME) -> bool:
    return is_signed(STANDARD, headers, body, now)


def sign(message: str, seconds: str, body: bytes, secret: str = SECRET) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    value = hmac.digest(key, f"{message}.{seconds}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(value).decode()


def test_the_example_of_the_specification_is_signed() -> None:
    assert signed(HEADERS)


@pytest.mark.parametrize(
    "signature",
    [
        f"v1,AAAA {SIGNATURE}",
        f"{SIGNATURE} v1,AAAA",
        f"v1a,AAAA {SIGNATURE}",
        f"v2,{SIGNATURE[3:]} {SIGNATURE}",
    ],
)
def test_one_good_signature_of_several_is_enough(signature: str) -> None:
    assert signed({**HEADERS, "webhook-signature": signature})


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": SIGNATURE[3:]},
        {"webhook-signature": f"v2,{SIGNATURE[3:]}"},
        {"webhook-signature": f"v1a,{SIGNATURE[3:]}"},
        {"webhook-signature": SIGNATURE.lower()},
        {"webhook-signature": SIGNATURE[:-4]},
        {"webhook-signature": "v1,\N{GREEK SMALL LETTER ALPHA}"},
        {"webhook-signature": "v1,AAAA " * 50 + SIGNATURE},
        {"webhook-id": ""},
        {"webhook-id": "msg_another"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "1614265330.0"},
        {"webhook-timestamp": "９" * 10},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "NaN"},
    ],
    ids=repr,
)
def test_what_is_not_signed_as_it_is_is_refused(change: dict[str, str]) -> None:
    assert not signed({**HEADERS, **change})


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_nothing_is_signed_without_all_headers(name: str) -> None:
    assert not signed({key: value for key, value in HEADERS.items() if key != name})


def test_a_signature_of_another_secret_is_refused() -> None:
    forged = {**HEADERS, "webhook-signature": sign(MESSAGE, "1614265330", BODY, OTHER)}
    assert not signed(forged)


@pytest.mark.parametrize("sign_of", [1, -1])
def test_a_signature_is_good_for_five_minutes(sign_of: int) -> None:
    assert signed(HEADERS, now=TIME + sign_of * TOLERANCE)
    assert not signed(HEADERS, now=TIME + sign_of * (TOLERANCE + timedelta(seconds=1)))


def test_an_id_cannot_take_over_a_piece_of_the_time() -> None:
    """`a.1` + `2` and `a` + `1.2` are one text to sign."""
    headers = {
        "webhook-id": "a.1614265330",
        "webhook-timestamp": "1614265330",
        "webhook-signature": sign("a.1614265330", "1614265330", BODY),
    }
    assert not signed(headers)


@given(st.binary(max_size=50), st.text(max_size=20))
def test_no_other_body_or_signature_is_taken(body: bytes, text: str) -> None:
    assert body == BODY or not signed(HEADERS, body)
    assert not signed({**HEADERS, "webhook-signature": f"v1,{text}"})


def test_both_secrets_are_good_while_one_is_replaced() -> None:
    both = parsed(f"standard://{OTHER},{SECRET}")
    assert is_signed(both, HEADERS, BODY, TIME)
    assert not is_signed(parsed(f"standard://{OTHER}"), HEADERS, BODY, TIME)


def test_resend_names_its_headers_otherwise() -> None:
    source = parsed(f"resend://{SECRET}")
    svix = {name.replace("webhook", "svix"): value for name, value in HEADERS.items()}
    assert is_signed(source, svix, BODY, TIME)
    assert not is_signed(source, HEADERS, BODY, TIME)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (f" standard://{SECRET}\n", Source("standard", "standard", (SECRET,))),
        ("postmark://us:0123456789abcdef", Source("postmark", "login", ("us:0123456789abcdef",))),
        (
            "anymail+postmark://us:0123456789abc%2Fdef@default",
            Source("postmark", "login", ("us:0123456789abc/def",)),
        ),
        ("Mailgun://key-0123456789abc", Source("mailgun", "key", ("key-0123456789abc",))),
        ("mailersend://:0123456789abcdef", Source("mailersend", "key", ("0123456789abcdef",))),
    ],
)
def test_a_source_is_read(text: str, source: Source) -> None:
    assert parsed(text) == source


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no address"),
        ("hush-hush-hush-hush", "is no address"),
        ("standard://", "is no address"),
        ("standard://hush hush", "is no address"),
        ("standard://hush", "openssl rand"),
        ("standard://whsec_aHVzaA==", "openssl rand"),
        (f"standard://{SECRET},", "openssl rand"),
        ("nobody://hush:hushhushhushhush", "begins with none of standard"),
        ("postmark://hush-hush-hush-hush", "USER:PASSWORD"),
        ("postmark://hush:", "USER:PASSWORD"),
        ("postmark://:hushhushhushhush", "USER:PASSWORD"),
        ("postmark://hush:hush", "at least 16"),
        ("mailgun://hush", "KEY"),
        ("sendgrid://hush:hushhushhushhush", "own form"),
        ("amazon-ses://hush:hushhushhushhush", "own form"),
        ("mandrill://hush:hushhushhushhush", "own form"),
        ("postal://hush:hushhushhushhush", "own form"),
    ],
)
def test_what_is_wrong_is_told_without_the_secret(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as error:
        parsed(text)
    assert "hush" not in str(error.value)


def test_no_repr_shows_a_secret() -> None:
    assert SECRET not in repr(STANDARD)


def test_every_provider_demands_a_proof() -> None:
    for name in PROVIDERS:
        with pytest.raises(ConfigError):
            parsed(f"{name}://x")
