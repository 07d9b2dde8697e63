"""The SMTP server of the tests does what it is told to, also wrongly."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.support.smtp_server import HOST, Fault, SmtpProcess, SmtpServer, Tls

MAIL = b"Message-ID: <k1@example.com>\r\nSubject: Hi\r\n\r\n.dot\r\n"


@contextmanager
def client(port: int) -> Iterator[smtplib.SMTP]:
    one = smtplib.SMTP(HOST, port, local_hostname="here.test")
    try:
        yield one
    finally:
        one.close()


def send(port: int, *to: str) -> None:
    with client(port) as one:
        for address in to or ("ann@example.com",):
            one.sendmail("news@example.com", [address], MAIL)


def test_it_keeps_every_mail_with_its_key_and_its_bytes() -> None:
    with SmtpServer() as server:
        send(server.port, "ann@example.com", "bob@example.com")
    assert [(mail.to, mail.key, mail.connection) for mail in server.mails] == [
        ("ann@example.com", "k1", 1),
        ("bob@example.com", "k1", 1),
    ]
    assert server.mails[0].data == MAIL
    assert server.mails[0].message["Subject"] == "Hi"
    assert server.verbs[:7] == ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT", "KEPT"]


def test_a_fault_holds_for_an_address_a_domain_a_number_and_so_often() -> None:
    with SmtpServer() as server, client(server.port) as one:
        server.answer("RCPT", "550 5.1.1 No such user", to="gone@example.com")
        server.answer("RCPT", "451 4.7.1 Greylisted", to="@slow.example", times=1)
        server.answer("DOT", "554 5.7.1 Spam", nth=2, times=1)
        said = []
        for to in ("gone@example.com", "x@slow.example", "x@slow.example", "a@b.example"):
            try:
                one.sendmail("news@example.com", [to], MAIL)
                said.append(250)
            except smtplib.SMTPRecipientsRefused as refused:
                said.append(refused.recipients[to][0])
            except smtplib.SMTPDataError as refused:
                said.append(refused.smtp_code)
    assert said == [550, 451, 250, 554]


@pytest.mark.parametrize(("keep", "kept"), [(True, [False]), (False, [])])
def test_a_connection_cut_after_the_dot_keeps_the_mail_or_not(keep: bool, kept: list[bool]) -> None:
    with SmtpServer() as server:
        server.drop("DOT", keep=keep)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send(server.port)
    assert [mail.answered for mail in server.mails] == kept


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_it_can_cut_before_any_verb(verb: str) -> None:
    with SmtpServer() as server:
        server.drop(verb)
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            send(server.port)
        send(server.port)
    assert len(server.mails) == 1


def test_it_ends_connections_by_itself_and_after_so_many_mails() -> None:
    with SmtpServer(per_connection=1) as server:
        with pytest.raises(smtplib.SMTPException) as refused:
            send(server.port, "a@example.com", "b@example.com")
        assert getattr(refused.value, "smtp_code", None) == 421
        with client(server.port) as one:
            one.ehlo()
            server.end_connections("421 4.4.2 Idle too long")
            assert one.noop()[0] == 421
    assert len(server.mails) == 1


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_it_speaks_tls_and_demands_a_login(tls: Tls) -> None:
    with SmtpServer(tls=tls, login=("user", "secret")) as server:
        context = ssl.create_default_context(cafile=server.authority)
        if tls == "smtps":
            one: smtplib.SMTP = smtplib.SMTP_SSL("localhost", server.port, context=context)
        else:
            one = smtplib.SMTP("localhost", server.port)
            one.starttls(context=context)
        with pytest.raises(smtplib.SMTPSenderRefused):
            one.sendmail("news@example.com", ["ann@example.com"], MAIL)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            one.login("user", "wrong")
        one.login("user", "secret")
        one.sendmail("news@example.com", ["ann@example.com"], MAIL)
        one.quit()
    assert len(server.mails) == 1


def test_who_watches_sees_each_verb_before_it_is_answered() -> None:
    seen: list[tuple[int, str]] = []
    with SmtpServer(watch=lambda number, verb: seen.append((number, verb))) as server:
        send(server.port)
    assert seen[:3] == [(1, "CONNECT"), (2, "EHLO"), (3, "MAIL")]
    assert (7, "KEPT") in seen


def test_it_runs_as_a_process_of_its_own() -> None:
    with SmtpProcess(faults=[Fault("DOT", drop=True, keep=True, times=1)]) as server:
        with suppress(smtplib.SMTPServerDisconnected):
            send(server.port)
        send(server.port)
        assert [(mail.key, mail.answered) for mail in server.mails] == [
            ("k1", False),
            ("k1", True),
        ]
        assert server.mails[0].data == MAIL
