"""The suite's mailbox: a real SMTP server that keeps what it is sent, and shows it here alone."""

from __future__ import annotations

import http.client
import json
import smtplib
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest

from suite.errors import SuiteError
from suite.mailbox import Letters, Lost, SmtpServer
from suite.mailbox_page import MailboxPage
from suite.ports import HOST
from testing.patience import PATIENCE


@dataclass
class Box:
    """A mailbox, and what its server does with some addresses."""

    letters: Letters
    smtp_port: int
    origin: str
    answers: dict[str, str | None]

    def judge(self, address: str) -> str | None:
        answer = self.answers.get(address, None)
        if answer == "lose":
            raise Lost
        return answer

    def send(self, to: str = "ada@example.com", **parts: str) -> None:
        with smtplib.SMTP(HOST, self.smtp_port, timeout=PATIENCE) as client:
            client.send_message(mail(to, **parts))

    def ask(
        self, path: str, method: str = "GET", host: str | None = None
    ) -> tuple[int, dict[str, str], str]:
        where = urlsplit(self.origin).netloc
        with closing(http.client.HTTPConnection(where, timeout=PATIENCE)) as connection:
            connection.request(method, path, headers={"Host": host or where})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    def json(self, path: str) -> Any:
        status, _, text = self.ask(path)
        assert status == 200, text
        return json.loads(text)


def mail(
    to: str = "ada@example.com",
    subject: str = "Grüße",
    text: str = "Hello",
    html: str = "",
) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "news@example.com", to, subject
    made["Message-ID"] = "<k1@example.com>"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box(Letters(), 0, "", {})
    with (
        SmtpServer(made.letters, judge=made.judge) as server,
        MailboxPage(made.letters) as page,
    ):
        made.smtp_port, made.origin = server.port, page.origin
        yield made


def test_a_mail_that_was_sent_is_there_whole(box: Box) -> None:
    box.send(html="<p>Hello <b>you</b></p>")
    (listed,) = box.json("/api/mails")["mails"]
    assert listed["to"] == ["ada@example.com"]
    assert listed["sender"] == "news@example.com"
    assert (listed["subject"], listed["messageId"]) == ("Grüße", "<k1@example.com>")
    read = box.json(f"/api/mails/{listed['number']}")
    assert read["text"].strip() == "Hello"
    assert read["html"].strip() == "<p>Hello <b>you</b></p>"
    assert ["Subject", "Grüße"] in read["headers"]
    assert "Message-ID: <k1@example.com>" in box.ask("/mails/1/source")[2]


def test_mails_of_one_address_are_found_however_it_is_written(box: Box) -> None:
    for to in ("ada@example.com", "bob@example.com", "Ada@example.com"):
        box.send(to)
    found = box.json("/api/mails?to=ADA@example.com")["mails"]
    assert [one["number"] for one in found] == [1, 3]
    assert box.json("/api/mails?to=eve@example.com") == {"mails": []}


def test_it_can_be_emptied_and_counts_on(box: Box) -> None:
    box.send()
    assert box.ask("/api/mails", "DELETE")[0] == 200
    assert box.json("/api/mails") == {"mails": []}
    box.send()
    assert [one["number"] for one in box.json("/api/mails")["mails"]] == [2]


def test_the_oldest_make_way_and_the_newest_stays_however_large() -> None:
    letters = Letters(most_bytes=10)
    for size in (4, 4, 4):
        letters.keep("a@example.com", ("b@example.com",), b"x" * size)
    assert [one.number for one in letters] == [2, 3]
    letters.keep("a@example.com", ("b@example.com",), b"x" * 100)
    assert [one.number for one in letters] == [4]
    assert letters.get(3) is None


def test_an_address_that_is_refused_gets_no_mail(box: Box) -> None:
    box.answers["gone@example.com"] = "550 5.1.1 No such user"
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        box.send("gone@example.com")
    assert refused.value.recipients["gone@example.com"] == (550, b"5.1.1 No such user")
    box.send("ada@example.com")
    assert [one.to for one in box.letters] == [("ada@example.com",)]


def test_a_connection_that_is_cut_has_left_the_mail_behind(box: Box) -> None:
    box.answers["ada@example.com"] = "lose"
    client = smtplib.SMTP(HOST, box.smtp_port, timeout=PATIENCE)
    with closing(client), pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.send_message(mail())
    assert [one.to for one in box.letters] == [("ada@example.com",)]
    box.send("bob@example.com")
    assert len(list(box.letters)) == 2


HOSTILE = '"><script>alert(1)</script>'


def test_nothing_in_a_mail_becomes_part_of_the_page(box: Box) -> None:
    box.send(subject=HOSTILE, text=HOSTILE, html=f"<p>{HOSTILE}</p>")
    for path in ("/", "/mails/1"):
        status, headers, text = box.ask(path)
        assert status == 200
        assert "<script" not in text
        assert "default-src 'none'" in headers["Content-Security-Policy"]
    _, headers, part = box.ask("/mails/1/html")
    assert "<script" in part  # shown as it came, where nothing runs
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    _, headers, _ = box.ask("/mails/1/source")
    assert headers["Content-Type"].startswith("text/plain")
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:1025", "127.0.0.1.evil.example"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_page_of_the_web_whose_name_leads_here_reads_nothing(
    box: Box, host: str, method: str
) -> None:
    box.send()
    status, _, text = box.ask("/api/mails", method, host)
    assert status == 403
    assert "ada" not in text
    assert len(list(box.letters)) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/mails/2"),
        ("GET", "/mails/../etc/passwd"),
        ("GET", "/api/mails/x"),
        ("DELETE", "/"),
        ("DELETE", "/api/mails/1"),
    ],
)
def test_what_is_not_there_is_not_found(box: Box, method: str, path: str) -> None:
    box.send()
    assert box.ask(path, method)[0] == 404
    assert len(list(box.letters)) == 1


def test_it_listens_on_this_machine_alone(box: Box) -> None:
    with SmtpServer(Letters()) as server:
        assert {one.getsockname()[0] for one in server._server.sockets} == {"127.0.0.1"}
    assert box.origin.startswith("http://127.0.0.1:")


def test_a_mail_that_is_no_mail_is_kept_as_it_is(box: Box) -> None:
    with smtplib.SMTP(HOST, box.smtp_port, timeout=PATIENCE) as client:
        client.sendmail("a@example.com", ["b@example.com"], b"\xff\xfe\r\n\x00 no mail\r\n")
    assert box.ask("/mails/1")[0] == 200
    assert box.ask("/")[0] == 200
    assert box.json("/api/mails/1")["subject"] == ""


def test_a_port_in_use_is_told_and_leaves_nothing_running(box: Box) -> None:
    with pytest.raises(OSError, match="in use"), SmtpServer(Letters(), box.smtp_port):
        pass
    box.send()


def test_without_aiosmtpd_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtpd.smtp", None)
    with pytest.raises(SuiteError, match=r"pip install -r requirements-dev\.txt"):
        SmtpServer(Letters())
