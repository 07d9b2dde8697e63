"""A mail's bytes, read back by the standard library's parser."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.mail.message import BOUNDARY, Message, Unsendable, address_of, built, check
from crm.mail.port import Mail, Refused

AT = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)

MAIL = Mail(
    key="e1-abc",
    sender="Events <news@example.com>",
    to="ann@example.org",
    subject="Thank you",
    text="Hello Ann",
    html="<p>Hello Ann</p>",
    reply_to="help@example.com",
    headers={
        "List-Unsubscribe": "<https://example.com/u?t=1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
    campaign="c1",
)


def message(mail: Mail) -> Message:
    found = built(mail, AT)
    assert isinstance(found, Message), found
    return found


def parsed(mail: Mail) -> EmailMessage:
    read = message_from_bytes(message(mail).data, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert read.defects == []
    return read


def content(part: MIMEPart | None) -> str:
    assert part is not None
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def sender_of(mail: Mail) -> tuple[str, str]:
    """Name and address in `From`. By the older parser: that of 3.11 puts a blank between two
    encoded words of a name, which RFC 2047 (6.2) has it ignore."""
    raw = message_from_bytes(message(mail).data)["From"]
    name, address = parseaddr(raw.replace("\r\n", ""))
    return str(make_header(decode_header(name))), address


def as_lines(text: str) -> str:
    """A text as it arrives: its lines ended alike, the last one too."""
    lines = re.sub("\r\n?", "\n", text)
    return lines if lines.endswith("\n") else lines + "\n"


def test_a_mail_has_all_its_parts() -> None:
    read = parsed(MAIL)
    assert read["From"] == "Events <news@example.com>"
    assert read["To"] == "ann@example.org"
    assert read["Reply-To"] == "help@example.com"
    assert read["Subject"] == "Thank you"
    assert read["Message-ID"] == "<e1-abc@example.com>"
    assert read["Feedback-ID"] == "c1:campaign:crm-lite"
    assert read["List-Unsubscribe"] == "<https://example.com/u?t=1>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsedate_to_datetime(read["Date"]) == AT
    assert read.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert content(read.get_body(("plain",))) == "Hello Ann\n"
    assert content(read.get_body(("html",))) == "<p>Hello Ann</p>\n"


def test_its_envelope_is_addresses_alone() -> None:
    found = message(replace(MAIL, to="Ann@EXAMPLE.org"))
    assert (found.sender, found.to, found.utf8) == ("news@example.com", "Ann@example.org", False)


def test_a_mail_of_text_alone_is_one_part() -> None:
    read = parsed(replace(MAIL, html=None, campaign=None, reply_to=None, headers={}))
    assert read.get_content_type() == "text/plain"
    assert content(read) == "Hello Ann\n"
    assert read["Feedback-ID"] is None
    assert read["Reply-To"] is None


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
LINE = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\x85"),
    max_size=200,
)


@given(TEXT, TEXT)
def test_any_text_and_html_come_back(text: str, html: str) -> None:
    read = parsed(replace(MAIL, text=text, html=html))
    assert content(read.get_body(("plain",))) == as_lines(text)
    assert content(read.get_body(("html",))) == as_lines(html)


@pytest.mark.parametrize(
    "text",
    [
        ".\n..\n.hidden\n",
        "From here\n>From there\n",
        "trailing \nand tab\t\n",
        "=3D is no code, =?utf-8?q?nor?= this\n",
        f"--{BOUNDARY}\n--{BOUNDARY}--\n",
        "x" * 5000,
        "é" * 5000,
        "日本" * 300 + "\n" + "ж" * 999,
        "a\rb\r\nc\nd",
        "",
        "\n",
        "\n\n\n",
        "\0 and \x1b[31m",
    ],
)
def test_awkward_texts_come_back(text: str) -> None:
    read = parsed(replace(MAIL, text=text, html=text))
    assert content(read.get_body(("plain",))) == as_lines(text)
    assert content(read.get_body(("html",))) == as_lines(text)


@given(LINE)
def test_any_subject_comes_back(subject: str) -> None:
    assert str(parsed(replace(MAIL, subject=subject))["Subject"]) == subject.strip(" \t")


@given(LINE.filter(lambda text: text.strip() == text and text and not set(text) & set('"\\<>,;')))
def test_any_name_of_a_sender_comes_back(name: str) -> None:
    quoted = f'"{name}" <news@example.com>'
    assert sender_of(replace(MAIL, sender=quoted)) == (name, "news@example.com")


@pytest.mark.parametrize(
    "name",
    ["Events, Inc.", 'The "Best" Events', "Müller & Söhne", "a@b", "=?utf-8?q?x?=", "E" * 200],
)
def test_awkward_names_come_back(name: str) -> None:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    sender = f'"{escaped}" <news@example.com>'
    assert sender_of(replace(MAIL, sender=sender)) == (name, "news@example.com")


@given(LINE, TEXT, TEXT)
def test_what_leaves_is_short_lines_of_seven_bits(subject: str, text: str, html: str) -> None:
    data = message(replace(MAIL, subject=subject, text=text, html=html)).data
    assert data.isascii()
    assert data.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    head, _, body = data.partition(b"\r\n\r\n")
    assert all(len(line) <= 78 or line.startswith(b"List-") for line in head.split(b"\r\n"))
    assert all(len(line) <= 76 for line in body.split(b"\r\n"))


INJECTIONS = ["\r\nBcc: x@example.com", "\nBcc: x@example.com", "\rBcc: x", "\0", "\x1b", "\x0b"]


@pytest.mark.parametrize("injected", INJECTIONS)
@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("subject", "Hi{}", "invalid-subject"),
        ("sender", "Events{} <news@example.com>", "invalid-sender"),
        ("sender", "news@example.com{}", "invalid-sender"),
        ("to", "ann@example.org{}", "invalid-address"),
        ("to", "{}ann@example.org", "invalid-address"),
        ("reply_to", "help@example.com{}", "invalid-reply-to"),
        ("key", "k{}", "invalid-key"),
        ("campaign", "c{}", "invalid-campaign"),
    ],
)
def test_nobody_adds_a_header(field: str, value: str, code: str, injected: str) -> None:
    wrong = replace(MAIL, **{field: value.format(injected)})  # type: ignore[arg-type]
    assert built(wrong, AT) == Refused(code)
    assert check(wrong) == Refused(code)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("X-A", f"v{injected}") for injected in INJECTIONS),
        ("X A", "v"),
        ("X-A:", "v"),
        ("", "v"),
        ("X-A\r\nBcc", "v"),
        ("Bcc", "x@example.com"),
        ("to", "x@example.com"),
        ("FROM", "x@example.com"),
        ("Content-Type", "text/plain"),
        ("Message-ID", "<x@example.com>"),
        ("X-A", "v" * 999),
    ],
)
def test_no_header_is_set_that_is_not_the_callers(name: str, value: str) -> None:
    assert built(replace(MAIL, headers={name: value}), AT) == Refused("invalid-header")


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ann",
        "@example.org",
        "ann@",
        "ann@example",
        "Ann <ann@example.org>",
        "ann@example.org, bob@example.org",
        "ann@example.org>",
        "ann@exa mple.org",
        '"ann smith"@example.org',
        "ann@[192.0.2.1]",
        " ann@example.org",
        "ann..b@example.org",
    ],
)
def test_one_plain_address_gets_it_or_nobody(to: str) -> None:
    assert built(replace(MAIL, to=to), AT) == Refused("invalid-address")


def test_a_domain_of_other_letters_goes_as_a_labels() -> None:
    found = message(replace(MAIL, to="ann@bücher.example", sender="E <n@bücher.example>"))
    assert (found.to, found.sender, found.utf8) == (
        "ann@xn--bcher-kva.example",
        "n@xn--bcher-kva.example",
        False,
    )
    assert b"Message-ID: <e1-abc@xn--bcher-kva.example>" in found.data


@pytest.mark.parametrize(
    "change",
    [{"to": "änn@example.org"}, {"sender": "Ä <ä@example.com>"}, {"reply_to": "ä@example.com"}],
)
def test_only_a_local_part_of_other_letters_needs_smtputf8(change: dict[str, str]) -> None:
    found = message(replace(MAIL, **change))  # type: ignore[arg-type]
    assert found.utf8
    assert found.data.partition(b"\r\n\r\n")[2].isascii()


def test_a_text_that_is_no_unicode_is_refused() -> None:
    assert built(replace(MAIL, text="\ud800"), AT) == Refused("invalid-text")
    assert check(replace(MAIL, html="\ud800")) == Refused("invalid-text")
    assert built(replace(MAIL, subject="\ud800"), AT) == Refused("invalid-subject")


def test_nothing_of_the_person_is_in_what_providers_report_by() -> None:
    read = parsed(MAIL)
    assert "ann" not in str(read["Message-ID"]) + str(read["Feedback-ID"])
    assert "ann" not in repr(MAIL) + repr(message(MAIL))


@pytest.mark.parametrize("wrong", ["", "Events", "a@example.com, b@example.com", "a@b@c.example"])
def test_a_mail_is_from_one_address(wrong: str) -> None:
    assert built(replace(MAIL, sender=wrong), AT) == Refused("invalid-sender")
    assert built(replace(MAIL, reply_to=wrong), AT) == Refused("invalid-reply-to")


def test_an_address_is_taken_apart() -> None:
    found = address_of("Events <news@Example.com>", "x")
    assert (found.header, found.domain) == ("Events <news@example.com>", "example.com")
    with pytest.raises(Unsendable, match="x"):
        address_of("Events", "x")
