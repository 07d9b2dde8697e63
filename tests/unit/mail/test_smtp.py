"""Mails over real sockets, to a server that behaves and one that does not."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.mail import answers
from crm.mail.dsn import SmtpDsn, parsed
from crm.mail.port import Accepted, Answer, Halt, Later, Mail, Refused, Uncertain
from crm.mail.smtp import END_FACTOR, SmtpMailer
from testing.patience import PATIENCE
from tests.support import certificates
from tests.support.smtp_server import HOST, Fault, SmtpServer, Tls

BEFORE_THE_DOT = ["MAIL", "RCPT", "DATA"]


def mail(number: int = 0, to: str | None = None, **more: str) -> Mail:
    return Mail(
        key=f"k-{number}",
        sender="Events <news@example.com>",
        to=to or f"person{number}@example.org",
        subject=f"Mail {number}",
        text=f"Hello\n.\n.hidden {number}\n",
        html=f"<p>Hello {number}</p>",
        campaign="c1",
        **more,  # type: ignore[arg-type]
    )


def mails(count: int) -> list[Mail]:
    return [mail(number) for number in range(count)]


def dsn_of(server: SmtpServer, **changes: object) -> SmtpDsn:
    found = parsed(server.dsn)
    assert isinstance(found, SmtpDsn)
    return replace(found, **changes)  # type: ignore[arg-type]


@contextmanager
def mailer_to(server: SmtpServer, **changes: object) -> Iterator[SmtpMailer]:
    trust = ssl.create_default_context(cafile=server.authority) if server.tls != "off" else None
    with closing(SmtpMailer(dsn_of(server, **changes), context=trust)) as mailer:
        yield mailer


def is_accepted(answer: Answer) -> bool:
    return isinstance(answer, Accepted) and answer.provider_id is not None


def test_mails_go_one_by_one_over_one_connection() -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        found = list(mailer.send(mails(3))) + list(mailer.send(mails(2)))
    assert all(map(is_accepted, found))
    assert len(server.mails) == 5
    assert server.connections == 1
    assert server.verbs[-1] == "QUIT"
    assert server.mails[1].to == "person1@example.org"
    assert server.mails[1].sender == "news@example.com"
    read = server.mails[1].message
    assert read["Subject"] == "Mail 1"
    body = read.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    assert body.get_content() == "Hello\r\n.\r\n.hidden 1\r\n"


def test_nothing_of_a_mail_leaves_before_its_answer_is_asked_for() -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        answers_ = mailer.send(mails(3))
        assert server.connections == 0
        next(answers_)
        assert [one.key for one in server.mails] == ["k-0"]
        assert server.verbs.count("MAIL") == 1


def test_who_stops_to_ask_has_sent_nothing_else_and_can_go_on() -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        asked = mailer.send(mails(3))
        next(asked)
        asked.close()  # type: ignore[attr-defined]
        assert is_accepted(next(iter(mailer.send([mail(7)]))))
        assert [one.key for one in server.mails] == ["k-0", "k-7"]
        assert server.connections == 1


def test_it_can_be_used_again_after_closing() -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        mailer.close()
        assert all(map(is_accepted, mailer.send(mails(1))))
        mailer.close()
        assert all(map(is_accepted, mailer.send(mails(1))))
    assert server.connections == 2


def test_the_name_in_ehlo_is_the_senders_domain_or_the_one_that_was_given() -> None:
    with SmtpServer() as server:
        for name in (None, "shop.example"):
            with mailer_to(server, local_domain=name) as mailer:
                list(mailer.send(mails(1)))
    assert server.names == ["example.com", "shop.example"]


# --- this person's mail


@pytest.mark.parametrize("verb", ["RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("550 5.1.1 No such user", Refused("550 5.1.1", unreachable=True)),
        ("451 4.7.1 Greylisted", Later("451 4.7.1")),
        ("554 5.7.1 Spam", Refused("554 5.7.1")),
    ],
)
def test_what_is_said_of_one_mail_leaves_the_next_alone(
    verb: str, said: str, expected: Answer
) -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        server.answer(verb, said, nth=2, times=1)
        first, second, third = mailer.send(mails(3))
    assert is_accepted(first)
    assert second == expected
    assert is_accepted(third)
    assert server.connections == 1
    assert [one.key for one in server.mails] == ["k-0", "k-2"]


def test_a_mail_that_cannot_be_one_never_reaches_the_server() -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        wrong = replace(mail(0), subject="Hi\r\nBcc: victim@example.com")
        found = list(mailer.send([wrong, mail(1, to="no address"), mail(2)]))
    assert found[:2] == [Refused("invalid-subject"), Refused("invalid-address")]
    assert [one.key for one in server.mails] == ["k-2"]


def test_smtputf8_is_used_where_it_is_needed_and_known() -> None:
    with SmtpServer(utf8=True) as server, mailer_to(server) as mailer:
        assert all(map(is_accepted, mailer.send([mail(0, to="änn@example.org"), mail(1)])))
    assert server.mails[0].to == "änn@example.org"
    assert "SMTPUTF8" in server.mails[0].options
    assert "SMTPUTF8" not in server.mails[1].options
    with SmtpServer() as server, mailer_to(server) as mailer:
        assert next(mailer.send([mail(0, to="änn@example.org")])) == Refused("no-smtputf8")


# --- everybody's


@pytest.mark.parametrize(
    ("verb", "said", "expected"),
    [
        ("MAIL", "550 5.7.26 Unauthenticated sender", Halt("550 5.7.26", answers.PROOF)),
        ("DOT", "550; 5.7.515 Access denied", Halt("550 5.7.515", answers.PROOF)),
        ("MAIL", "553 5.7.1 Not owned by user", Halt("553 5.7.1", answers.SENDER)),
        ("CONNECT", "554 5.7.1 Blocked", Halt("554 5.7.1", answers.CONNECT)),
        ("RCPT", "454 4.7.1 Throttling", Later("454 4.7.1", whole=True)),
        ("DOT", "454 Throttling failure", Later("454", whole=True)),
        ("DOT", "421 4.7.0 Try again later", Later("421 4.7.0", whole=True)),
        ("MAIL", "421 4.7.0 Try again later", Later("421 4.7.0", whole=True)),
        ("RCPT", "421 4.7.0 Try again later", Later("421 4.7.0", whole=True)),
        ("EHLO", "421 4.3.2 Shutting down", Later("421 4.3.2", whole=True)),
        ("CONNECT", "421 4.3.2 Too many connections", Later("421 4.3.2", whole=True)),
    ],
)
def test_what_concerns_everybody_is_answered_for_all_that_follow(
    verb: str, said: str, expected: Answer
) -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        server.answer(verb, said, drop=verb in ("CONNECT", "EHLO"))
        assert list(mailer.send(mails(5))) == [expected] * 5
        tried = server.verbs.count(verb)
        server.heal()
        assert all(map(is_accepted, mailer.send(mails(2))))
    assert tried <= 2
    assert len(server.mails) == 2


def test_a_login_that_is_refused_halts_at_the_first_mail() -> None:
    with (
        SmtpServer(login=("user", "secret")) as server,
        mailer_to(server, password="wrong") as mailer,
    ):
        found = list(mailer.send(mails(3)))
    assert found == [Halt("535 5.7.8", answers.LOGIN)] * 3
    assert server.verbs.count("MAIL") == 0
    assert server.connections == 1


def test_a_server_that_demands_a_login_and_is_given_none_halts() -> None:
    with SmtpServer(login=("user", "secret")) as server, mailer_to(server, user=None) as mailer:
        assert next(mailer.send(mails(1))) == Halt("530 5.7.0", answers.LOGIN)


def test_a_login_may_have_any_letters() -> None:
    with (
        SmtpServer(login=("üser", "pässwört")) as server,
        mailer_to(server, user="üser", password="pässwört") as mailer,
    ):
        assert all(map(is_accepted, mailer.send(mails(2))))


def test_a_login_of_other_letters_that_is_refused_halts_too() -> None:
    with (
        SmtpServer(login=("user", "secret")) as server,
        mailer_to(server, password="geheimnüs") as mailer,
    ):
        assert next(mailer.send(mails(1))) == Halt("535 5.7.8", answers.LOGIN)


def test_a_server_that_offers_no_login_halts_whoever_has_one() -> None:
    with SmtpServer(login=("user", "secret")) as server, mailer_to(server) as mailer:
        server.answer("EHLO", "250 mail.test")
        assert next(mailer.send(mails(1))) == Halt("no-login", answers.LOGIN)


def test_a_server_that_cannot_be_reached_is_later_for_everybody() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))  # nobody listens
        mailer = SmtpMailer(SmtpDsn(HOST, taken.getsockname()[1], "off", timeout=5))
        assert list(mailer.send(mails(2))) == [Later("cannot-connect", whole=True)] * 2


# --- connections that end


@pytest.mark.parametrize("said", ["", "421 4.4.2 Idle too long"])
def test_a_kept_connection_that_was_ended_costs_nobody_a_mail(said: str) -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        assert all(map(is_accepted, mailer.send(mails(1))))
        server.end_connections(said)
        assert all(map(is_accepted, mailer.send(mails(3))))
    assert [one.key for one in server.mails] == ["k-0", "k-0", "k-1", "k-2"]
    assert server.connections == 2


def test_a_server_with_a_limit_of_mails_a_connection_gets_several() -> None:
    with SmtpServer(per_connection=3) as server, mailer_to(server) as mailer:
        assert all(map(is_accepted, mailer.send(mails(10))))
    assert [one.key for one in server.mails] == [f"k-{number}" for number in range(10)]
    assert server.connections == 4


@pytest.mark.parametrize("verb", BEFORE_THE_DOT)
def test_a_connection_cut_before_the_dot_is_tried_again_once(verb: str) -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        server.drop(verb, nth=2)
        assert all(map(is_accepted, mailer.send(mails(3))))
    assert [one.key for one in server.mails] == ["k-0", "k-1", "k-2"]


def test_a_connection_that_cannot_be_reset_is_left() -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        server.answer("RCPT", "550 5.1.1 No such user", times=1)
        server.answer("RSET", "500 What?")
        refused, accepted = mailer.send(mails(2))
    assert refused == Refused("550 5.1.1", unreachable=True)
    assert is_accepted(accepted)
    assert server.connections == 2


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("CONNECT", Later("cannot-connect", whole=True)),
        ("EHLO", Later("cannot-connect", whole=True)),
        ("MAIL", Later("connection-lost", whole=True)),
        ("RCPT", Later("connection-lost")),
        ("DATA", Later("connection-lost")),
    ],
)
def test_a_server_that_cuts_every_connection_has_nothing(verb: str, expected: Later) -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        server.drop(verb, times=None)
        assert list(mailer.send(mails(2))) == [expected] * 2
    assert server.mails == []


@pytest.mark.parametrize("kept", [True, False])
def test_a_connection_cut_after_the_dot_leaves_one_mail_uncertain(kept: bool) -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        server.drop("DOT", keep=kept, nth=2)
        first, second, third = mailer.send(mails(3))
    assert is_accepted(first)
    assert second == Uncertain("connection-lost")
    assert is_accepted(third)
    keys = [one.key for one in server.mails]
    assert keys == (["k-0", "k-1", "k-2"] if kept else ["k-0", "k-2"])


def test_an_answer_that_is_none_leaves_a_mail_uncertain() -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        server.answer("DOT", "what?", times=1, keep=True)
        first, second = mailer.send(mails(2))
    assert first == Uncertain("bad-answer")
    assert is_accepted(second)


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("CONNECT", Later("cannot-connect", whole=True)),
        ("MAIL", Later("timeout", whole=True)),
        ("RCPT", Later("timeout")),
        ("DATA", Later("timeout")),
        ("DOT", Uncertain("timeout")),
    ],
)
def test_a_silent_server_is_not_waited_for(
    verb: str, expected: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the verb in question is waited for briefly: what comes before it may take its time."""
    send, briefly = smtplib.SMTP.send, 0.3 / PATIENCE

    def spoken(connection: smtplib.SMTP, said: str | bytes) -> None:
        assert connection.sock is not None
        if said[: len(verb)] == verb.encode():
            waits = connection.sock.gettimeout()
            assert waits == PATIENCE
            connection.sock.settimeout(waits * briefly)
        send(connection, said)

    monkeypatch.setattr("smtplib.SMTP.send", spoken)
    monkeypatch.setattr("crm.mail.smtp.END_FACTOR", briefly)
    timeout = 0.3 if verb == "CONNECT" else PATIENCE
    with SmtpServer() as server, mailer_to(server, timeout=timeout) as mailer:
        server.slow(verb, seconds=3600)
        assert next(mailer.send(mails(1))) == expected


def test_the_answer_to_a_whole_text_is_waited_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    getreply = smtplib.SMTP.getreply
    waited: list[float | None] = []

    def heard(connection: smtplib.SMTP) -> tuple[int, bytes]:
        assert connection.sock is not None
        waited.append(connection.sock.gettimeout())
        return getreply(connection)

    monkeypatch.setattr("smtplib.SMTP.getreply", heard)
    with SmtpServer() as server, mailer_to(server, timeout=PATIENCE) as mailer:
        for one in mails(2):
            waited.clear()
            assert is_accepted(next(mailer.send([one])))
            assert waited[-1] == END_FACTOR * PATIENCE
            assert set(waited[:-1]) == {PATIENCE}


def test_an_interruption_leaves_no_half_said_mail_behind() -> None:
    class Interrupted(Exception):
        pass

    with SmtpServer() as server, mailer_to(server) as mailer:
        assert is_accepted(next(mailer.send(mails(1))))
        connection = mailer._connection
        assert connection is not None
        ask = connection.getreply

        def interrupted() -> tuple[int, bytes]:
            ask()
            raise Interrupted

        connection.getreply = interrupted  # type: ignore[method-assign]
        with pytest.raises(Interrupted):
            next(mailer.send([mail(1)]))
        assert is_accepted(next(mailer.send([mail(2)])))
    assert [one.key for one in server.mails] == ["k-0", "k-2"]


@pytest.mark.parametrize("verb", BEFORE_THE_DOT)
def test_an_answer_that_is_none_before_the_dot_is_later(verb: str) -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        server.answer(verb, "what?")
        assert next(mailer.send(mails(1))) == Later("bad-answer", whole=True)
        server.heal()
        assert is_accepted(next(mailer.send(mails(1))))
    assert len(server.mails) == 1


def test_a_server_that_knows_no_ehlo_is_greeted_by_helo() -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        server.answer("EHLO", "502 5.5.1 Command not implemented")
        assert all(map(is_accepted, mailer.send(mails(2))))


def test_closing_a_connection_that_the_server_has_ended_is_no_error() -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        assert is_accepted(next(mailer.send(mails(1))))
        server.end_connections()
        mailer.close()
        mailer.close()


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("RCPT", Later("bad-answer")),
        ("DOT", Uncertain("bad-answer")),
    ],
)
def test_an_answer_without_end_is_none(verb: str, expected: Answer) -> None:
    with SmtpServer() as server, mailer_to(server) as mailer:
        server.answer(verb, f"250 {'x' * 9000}")
        assert next(mailer.send(mails(1))) == expected


def test_a_server_that_goes_in_the_middle_of_a_text_has_nothing() -> None:
    with socket.create_server((HOST, 0)) as door:

        def serve() -> None:
            one, _ = door.accept()
            with one, one.makefile("rb") as asked:
                one.sendall(b"220 mail.test\r\n")
                for said in (b"250 mail.test", b"250 Ok", b"250 Ok", b"354 Go on"):
                    asked.readline()
                    one.sendall(said + b"\r\n")
                asked.read(1000)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        mailer = SmtpMailer(SmtpDsn(HOST, door.getsockname()[1], "off"))
        large = replace(mail(), text="x" * 30_000_000)
        assert next(mailer.send([large])) == Later("connection-lost")
        thread.join()


FAULTS = st.builds(
    Fault,
    verb=st.sampled_from(["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT", "RSET"]),
    answer=st.sampled_from(["", "421 4.4.2 Bye", "451 4.7.1 Later", "550 5.1.1 Unknown"]),
    drop=st.booleans(),
    nth=st.integers(1, 6),
    times=st.integers(1, 3),
)


@given(st.lists(FAULTS, max_size=5), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_whatever_a_server_does_no_mail_is_lost_or_doubled(
    faults: list[Fault], per_connection: int
) -> None:
    with SmtpServer(per_connection=per_connection) as server, mailer_to(server) as mailer:
        for fault in faults:
            # One that answers the dot with a refusal has not kept the mail; one that is silent may.
            server.add(replace(fault, keep=fault.verb == "DOT" and not fault.answer and fault.drop))
        found = list(mailer.send(mails(8)))
    taken = [one.key for one in server.mails]
    for number, answer in enumerate(found):
        times = taken.count(f"k-{number}")
        match answer:
            case Accepted():
                assert times == 1
            case Uncertain():
                assert times <= 1
            case _:
                assert times == 0


# --- TLS


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_the_login_goes_over_tls(tls: Tls) -> None:
    with SmtpServer(tls=tls, login=("user", "secret")) as server, mailer_to(server) as mailer:
        assert all(map(is_accepted, mailer.send(mails(2))))
        server.end_connections("421 4.4.2 Idle")
        assert all(map(is_accepted, mailer.send(mails(1))))
    assert len(server.mails) == 3


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_a_certificate_that_nobody_vouches_for_halts(tls: Tls) -> None:
    with (
        SmtpServer(tls=tls, login=("user", "secret")) as server,
        closing(SmtpMailer(dsn_of(server))) as mailer,
    ):
        assert next(mailer.send(mails(1))) == Halt("tls-certificate", answers.TLS)
    assert "AUTH" not in server.verbs


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_a_certificate_of_another_name_halts(tls: Tls) -> None:
    with (
        SmtpServer(tls=tls, certificate=certificates.made("other.example")) as server,
        mailer_to(server, tls=tls) as mailer,
    ):
        assert next(mailer.send(mails(1))) == Halt("tls-certificate", answers.TLS)


def test_a_server_without_starttls_never_hears_the_password() -> None:
    with (
        SmtpServer(login=("user", "secret")) as server,
        mailer_to(server, tls="starttls") as mailer,
    ):
        assert next(mailer.send(mails(1))) == Halt("no-starttls", answers.TLS)
    assert "AUTH" not in server.verbs


def test_a_server_that_refuses_starttls_never_hears_the_password() -> None:
    with SmtpServer(tls="starttls", login=("user", "secret")) as server:
        server.answer("STARTTLS", "454 4.7.0 TLS not available")
        with mailer_to(server) as mailer:
            assert next(mailer.send(mails(1))) == Later("454 4.7.0", whole=True)
    assert "AUTH" not in server.verbs


def test_smtps_to_a_port_that_speaks_plainly_halts() -> None:
    with SmtpServer() as server, mailer_to(server, tls="smtps") as mailer:
        assert next(mailer.send(mails(1))) == Halt("tls-protocol", answers.TLS)


# --- what is no SMTP server


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\xff" * 5000, b""])
def test_what_is_no_smtp_server_has_nothing(said: bytes) -> None:
    with socket.create_server((HOST, 0)) as door:

        def serve() -> None:
            for _ in range(2):
                one, _ = door.accept()
                with one:
                    one.sendall(said)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        mailer = SmtpMailer(SmtpDsn(HOST, door.getsockname()[1], "off", timeout=5))
        for _ in range(2):
            found = next(mailer.send(mails(1)))
            assert isinstance(found, Later | Halt), found
        thread.join()
