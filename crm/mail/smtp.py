"""Handing mails to an SMTP server, over one connection that is kept.

Whether a mail can be tried again hangs on one moment: the dot that ends its text. Before it has
left, the server has nothing, and another connection may do. After it, only the server knows.
"""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from crm.mail import answers
from crm.mail.answers import Stage, of_smtp, one_after_the_other
from crm.mail.dsn import SmtpDsn
from crm.mail.message import Message, built
from crm.mail.port import Answer, Halt, Later, Mail, Refused, Uncertain

END_FACTOR: Final = 3
"""So many time-outs the answer to a whole text may take: a server looks into it first, and who does
not wait for it does not know (RFC 5321, 4.5.3.2.6, has ten minutes)."""

GOODBYE: Final = 2.0
"""Seconds for the answer to `QUIT`, on which nothing depends."""

CLOSING: Final = 421

_NOT_TLS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"}
)
"""What OpenSSL says of a server that speaks another protocol on that port."""


class _Lost(Exception):
    """The connection is of no more use, and nothing was handed over on it.

    Args:
        answer: What to say where no other connection is tried.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _now() -> datetime:
    return datetime.now(UTC)


class SmtpMailer:
    """A `port.Mailer` that speaks SMTP.

    Args:
        dsn: Where to.
        context: Whom TLS trusts; None for the system's authorities.
        now: The clock, for `Date`.
    """

    def __init__(
        self,
        dsn: SmtpDsn,
        context: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._dsn = dsn
        self._context = context
        self._now = now
        self._connection: smtplib.SMTP | None = None
        self._needs_reset = False

    def send(self, mails: Sequence[Mail]) -> Iterator[Answer]:
        """Hand mails over; see `port.Mailer.send`."""
        return one_after_the_other(mails, self._one)

    def close(self) -> None:
        """End the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                if connection.sock is not None:
                    connection.sock.settimeout(GOODBYE)
                connection.quit()
            connection.close()

    def _one(self, mail: Mail) -> Answer:
        message = built(mail, self._now())
        if isinstance(message, Refused):
            return message
        try:
            return self._on_a_connection(message)
        except BaseException:
            # Whoever ends this process by an exception leaves nothing half said behind.
            self._drop()
            raise

    def _on_a_connection(self, message: Message) -> Answer:
        if self._connection is not None:
            try:
                return self._hand_over(self._connection, message)
            except _Lost:
                # A server may end a kept connection when it likes, and has: once more on a new one.
                self._drop()
        try:
            self._connection = self._opened(message.sender.rpartition("@")[2])
            return self._hand_over(self._connection, message)
        except _Lost as lost:
            self._drop()
            return lost.answer

    def _hand_over(self, connection: smtplib.SMTP, message: Message) -> Answer:
        """Go through one mail's verbs.

        Raises:
            _Lost: The connection is lost, and the text's end has not left.
        """
        if message.utf8 and not connection.has_extn("smtputf8"):
            return Refused("no-smtputf8")
        if self._needs_reset:
            code, text = self._verb(connection, "sender", "RSET")
            if code // 100 != 2:
                raise _Lost(of_smtp("sender", code, text))
            self._needs_reset = False
        size = f" SIZE={len(message.data)}" if connection.has_extn("size") else ""
        utf8 = " SMTPUTF8 BODY=8BITMIME" if message.utf8 else ""
        verbs: tuple[tuple[Stage, str, int], ...] = (
            ("sender", f"MAIL FROM:<{message.sender}>{size}{utf8}", 2),
            ("recipient", f"RCPT TO:<{message.to}>", 2),
            ("data", "DATA", 3),
        )
        for stage, command, wanted in verbs:
            code, text = self._verb(connection, stage, command)
            if code // 100 != wanted:
                self._needs_reset = True
                return of_smtp(stage, code, text)
        return self._text(connection, message.data)

    def _verb(self, connection: smtplib.SMTP, stage: Stage, command: str) -> tuple[int, str]:
        """Say a verb and return the answer.

        Raises:
            _Lost: There is none, or the server ends the connection.
        """
        try:
            connection.send(f"{command}\r\n".encode())
            code, raw = connection.getreply()
        except smtplib.SMTPServerDisconnected as error:
            raise _Lost(Later(_what_happened(error), whole=stage == "sender")) from None
        except smtplib.SMTPResponseException:
            raise _Lost(Later("bad-answer", whole=stage == "sender")) from None
        text = raw.decode("ascii", "replace")
        if code == CLOSING or code < 0:
            raise _Lost(of_smtp(stage, code, text) if code > 0 else Later("bad-answer", whole=True))
        return code, text

    def _text(self, connection: smtplib.SMTP, data: bytes) -> Answer:
        """Send a mail's text and its end.

        Raises:
            _Lost: The end has not left: `sendall` hands over everything or fails.
        """
        assert connection.sock is not None
        try:
            connection.sock.sendall(data.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        except OSError as error:
            timed_out = isinstance(error, TimeoutError)
            raise _Lost(Later("timeout" if timed_out else "connection-lost")) from None
        try:
            connection.sock.settimeout(self._dsn.timeout * END_FACTOR)
            code, raw = connection.getreply()
            connection.sock.settimeout(self._dsn.timeout)
        except smtplib.SMTPServerDisconnected as error:
            self._drop()
            return Uncertain(_what_happened(error))
        except (smtplib.SMTPResponseException, OSError):
            self._drop()
            return Uncertain("bad-answer")
        if code // 100 not in (2, 4, 5):
            self._drop()
            return Uncertain("bad-answer")
        if code == CLOSING:
            self._drop()
        return of_smtp("end", code, raw.decode("ascii", "replace"))

    def _opened(self, domain: str) -> smtplib.SMTP:
        """Return a new connection, greeted, protected and logged in.

        Raises:
            _Lost: There is none.
        """
        dsn, name = self._dsn, self._dsn.local_domain or domain
        connection: smtplib.SMTP | None = None
        stage: Stage = "connect"
        try:
            if dsn.tls == "smtps":
                connection = smtplib.SMTP_SSL(
                    dsn.host, dsn.port, name, timeout=dsn.timeout, context=self._trust()
                )
            else:
                connection = smtplib.SMTP(dsn.host, dsn.port, name, timeout=dsn.timeout)
            _greet(connection)
            if dsn.tls == "starttls":
                stage = "tls"
                if not connection.has_extn("starttls"):
                    raise _Lost(Halt("no-starttls", answers.TLS))
                connection.starttls(context=self._trust())
                _greet(connection)
            if dsn.user is not None:
                stage = "login"
                _log_in(connection, dsn.user, dsn.password)
        except (smtplib.SMTPException, OSError) as error:
            _cut(connection)
            raise _Lost(_not_opened(stage, error)) from None
        except BaseException:
            _cut(connection)
            raise
        self._needs_reset = False
        return connection

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        _cut(connection)


def _cut(connection: smtplib.SMTP | None) -> None:
    if connection is not None:
        with suppress(OSError):
            connection.close()


def _greet(connection: smtplib.SMTP) -> None:
    """Say `EHLO`, and `HELO` to a server that knows no other.

    Raises:
        smtplib.SMTPException: Nobody greets back.
    """
    code, text = connection.ehlo()
    if code // 100 == 5:
        code, text = connection.helo()
    if code // 100 != 2:
        raise smtplib.SMTPHeloError(code, text)


def _log_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    """Log in.

    Raises:
        smtplib.SMTPException, OSError: As `smtplib.SMTP.login`.
    """
    if user.isascii() and password.isascii():
        connection.login(user, password)
        return
    # smtplib knows no other letters; RFC 4616 has them as UTF-8.
    told = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    code, text = connection.docmd("AUTH", f"PLAIN {told}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, text)


def _not_opened(stage: Stage, error: Exception) -> Answer:
    """Return what a connection that did not come about means for everybody."""
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        text = raw.decode("ascii", "replace") if isinstance(raw, bytes) else str(raw)
        return of_smtp(stage, error.smtp_code, text)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Halt("tls-certificate", answers.TLS)
    if isinstance(error, ssl.SSLError) and error.reason in _NOT_TLS:
        return Halt("tls-protocol", answers.TLS)
    lost = isinstance(error, smtplib.SMTPServerDisconnected)
    if isinstance(error, smtplib.SMTPException) and not lost:
        return Halt("no-login", answers.LOGIN)  # it offers none, or none that we know
    return Later("cannot-connect" if stage == "connect" else _what_happened(error), whole=True)


def _what_happened(error: BaseException) -> str:
    timed_out = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
    return "timeout" if timed_out else "connection-lost"
