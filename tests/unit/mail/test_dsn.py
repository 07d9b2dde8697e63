"""`CRM_MAIL`: what may stand there, and that nobody ever reads it in a message."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import ConfigError
from crm.mail.dsn import Dsn, ProviderDsn, SmtpDsn, is_loopback, parsed

SECRET = "s3cr3tw0rd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smtp://u:p@mail.example.com", SmtpDsn("mail.example.com", 587, "starttls", "u", "p")),
        (
            "smtp://u:p@mail.example.com:2525",
            SmtpDsn("mail.example.com", 2525, "starttls", "u", "p"),
        ),
        (
            "SMTP://u:p@Mail.Example.COM:587/",
            SmtpDsn("mail.example.com", 587, "starttls", "u", "p"),
        ),
        ("smtps://u:p@mail.example.com", SmtpDsn("mail.example.com", 465, "smtps", "u", "p")),
        ("smtp+ssl://u:p@mail.example.com", SmtpDsn("mail.example.com", 465, "smtps", "u", "p")),
        ("smtp://u:p@mail.example.com:465", SmtpDsn("mail.example.com", 465, "smtps", "u", "p")),
        (
            "submission://u:p@mail.example.com",
            SmtpDsn("mail.example.com", 587, "starttls", "u", "p"),
        ),
        ("smtp+tls://u:p@mail.example.com", SmtpDsn("mail.example.com", 587, "starttls", "u", "p")),
        ("  smtp://relay.internal\n", SmtpDsn("relay.internal", 587, "starttls")),
        ("smtp://relay.internal:25?tls=off", SmtpDsn("relay.internal", 25, "off")),
        ("smtp://localhost:1025", SmtpDsn("localhost", 1025, "off")),
        ("smtp://127.0.0.1:1025", SmtpDsn("127.0.0.1", 1025, "off")),
        ("smtp://127.0.0.1:1025?tls=on", SmtpDsn("127.0.0.1", 1025, "starttls")),
        ("smtp://u:p@localhost:1025", SmtpDsn("localhost", 1025, "starttls", "u", "p")),
        ("smtp://u:p@localhost:1025?tls=off", SmtpDsn("localhost", 1025, "off", "u", "p")),
        ("smtp://[::1]:1025", SmtpDsn("::1", 1025, "off")),
        ("smtps://u:p@[2001:db8::7]", SmtpDsn("2001:db8::7", 465, "smtps", "u", "p")),
        (
            "smtp://a%40b.example:p%2F%3F%23%25%3A%20w@mail.example.com",
            SmtpDsn("mail.example.com", 587, "starttls", "a@b.example", "p/?#%: w"),
        ),
        (
            "smtp://u:p:q@r@mail.example.com",
            SmtpDsn("mail.example.com", 587, "starttls", "u", "p:q@r"),
        ),
        (
            "smtp://u:p@mail.example.com?timeout=5.5&local_domain=shop.example",
            SmtpDsn("mail.example.com", 587, "starttls", "u", "p", 5.5, "shop.example"),
        ),
        ("smtp://u:p@bücher.example", SmtpDsn("xn--bcher-kva.example", 587, "starttls", "u", "p")),
        ("anymail+postmark://K@default", ProviderDsn("postmark", {"server_token": "K"})),
        (
            "anymail+postmark://K@default?message_stream=broadcast&timeout=9",
            ProviderDsn("postmark", {"server_token": "K", "message_stream": "broadcast"}, 9),
        ),
        (
            "anymail+mailgun://K@mg.example.com?region=eu",
            ProviderDsn(
                "mailgun",
                {
                    "api_key": "K",
                    "sender_domain": "mg.example.com",
                    "api_url": "https://api.eu.mailgun.net/v3",
                },
            ),
        ),
        (
            "anymail+mailjet://K:S@default",
            ProviderDsn("mailjet", {"api_key": "K", "secret_key": "S"}),
        ),
        (
            "anymail+postal://K@postal.example.com",
            ProviderDsn("postal", {"api_key": "K", "api_url": "https://postal.example.com"}),
        ),
        (
            "anymail+unisender-go://K@go1.unisender.ru",
            ProviderDsn(
                "unisender_go",
                {"api_key": "K", "api_url": "https://go1.unisender.ru/ru/transactional/api/v1"},
            ),
        ),
        (
            "anymail+scaleway://P:S@default?region=nl-ams",
            ProviderDsn("scaleway", {"project_id": "P", "secret_key": "S", "region": "nl-ams"}),
        ),
    ],
)
def test_it_reads_what_symfony_and_email_url_write(text: str, expected: Dsn) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        (SECRET, "is no address"),
        (f"http://u:{SECRET}@mail.example.com", "begins with none of"),
        (f"smtp://u:{SECRET}", "has no host|port"),
        (f"smtp://u:{SECRET}@", "has no host"),
        (f"smtp://u:{SECRET}@mail.example.com:smtp", "port"),
        (f"smtp://u:{SECRET}@mail.example.com:0", "port"),
        (f"smtp://u:{SECRET}@mail.example.com:70000", "port"),
        (f"smtp://u:{SECRET}@mail.example.com/path", "is no address"),
        (f"smtp://u:{SECRET}/x@mail.example.com", "%2F"),
        (f"smtp://u:{SECRET}#x@mail.example.com", "%2F"),
        (f"smtp://u:{SECRET}?x@mail.example.com", "%2F"),
        (f"smtp://u:{SECRET}%zz@mail.example.com", "%25"),
        (f"smtp://u:{SECRET}%ff@mail.example.com", "%25"),
        (f"smtp://u:{SECRET}%0d%0aQUIT@mail.example.com", "encodes no character"),
        (f"smtp://u:{SECRET} x@mail.example.com", "no spaces"),
        (f"smtp://u:{SECRET}@mail example.com", "no spaces"),
        (f"smtp://u:{SECRET}@[::zz]", "no IPv6"),
        (f"smtp://u:{SECRET}@-mail-.example.com", "has no host"),
        (f"smtp://{SECRET}@mail.example.com", "both a user and a password"),
        (f"smtp://:{SECRET}@mail.example.com", "both a user and a password"),
        (f"smtps://u:{SECRET}@mail.example.com:587", "smtp:// with 587"),
        (f"smtps://u:{SECRET}@mail.example.com?tls=off", "contradict"),
        (f"smtp://u:{SECRET}@mail.example.com?tls=maybe", "tls=off"),
        (f"smtp://u:{SECRET}@mail.example.com?verify_peer=0", "tls, timeout, local_domain"),
        (f"smtp://u:{SECRET}@mail.example.com?timeout=0", "timeout is seconds"),
        (f"smtp://u:{SECRET}@mail.example.com?timeout=x", "timeout is seconds"),
        (f"smtp://u:{SECRET}@mail.example.com?timeout=9&timeout=8", "twice"),
        (f"smtp://u:{SECRET}@mail.example.com?local_domain=a b", "no spaces"),
        (f"smtp://u:{SECRET}@mail.example.com?local_domain=a%3Cb", "local_domain is"),
        (f"anymail+nobody://{SECRET}@default", "postmark"),
        (f"anymail+sendgrid://{SECRET}@default", "smtp.sendgrid.net"),
        (f"anymail+amazon-ses://{SECRET}@default", "email-smtp"),
        ("anymail+postmark://default", "SERVER_TOKEN@default"),
        (f"anymail+postmark://{SECRET}:x@default", "SERVER_TOKEN@default"),
        (f"anymail+postmark://{SECRET}@default:443", "no port"),
        (f"anymail+postmark://{SECRET}@elsewhere.example", "KEY@default"),
        (f"anymail+mailgun://{SECRET}@default?region=moon", "region, timeout"),
        (f"anymail+mailjet://{SECRET}@default", "API_KEY:SECRET_KEY"),
        (f"anymail+postal://{SECRET}@default", "postal.example.com"),
    ],
)
def test_a_wrong_one_says_what_to_change_and_nothing_of_the_secret(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        parsed(text)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "text",
    [f"smtp://{SECRET}:{SECRET}@h.example", f"anymail+postmark://{SECRET}@default"],
)
def test_a_repr_hides_the_secret(text: str) -> None:
    assert SECRET not in repr(parsed(text))


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_any_login_survives_percent_encoding(user: str, password: str) -> None:
    text = f"smtp://{quote(user, safe='', errors='replace')}:{quote(password, safe='')}@h.example"
    if any(ord(one) < 32 or ord(one) == 127 for one in user + password):
        with pytest.raises(ConfigError):
            parsed(text)
    else:
        found = parsed(text)
        assert isinstance(found, SmtpDsn)
        assert (found.user, found.password) == (user, password)


@given(st.text(max_size=40))
def test_whatever_stands_there_is_read_or_refused_without_being_repeated(text: str) -> None:
    given = f"smtp://u:{SECRET}{text}"
    try:
        found = parsed(given)
    except ConfigError as refused:
        assert SECRET not in str(refused)
    else:
        assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("mail.localhost", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost.example.com", False),
        ("10.0.0.1", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
