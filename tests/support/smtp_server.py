"""A real SMTP server on loopback that misbehaves on demand, and remembers every mail it took.

    with SmtpServer() as server:
        mailer = SmtpMailer(dsn.parsed(server.dsn))
        server.answer("RCPT", "550 5.1.1 No such user", to="gone@example.com")   # for ever
        server.answer("RCPT", "451 4.7.1 Greylisted", to="@slow.example", times=2)
        server.answer("MAIL", "421 4.7.0 Try again later", drop=True, nth=3)     # then it closes
        server.answer("MAIL", "550 5.7.26 Unauthenticated sender", times=None)
        server.answer("AUTH", "535 5.7.8 Bad credentials", times=None)
        server.drop("DOT", keep=True, to="ann@example.com")   # mail taken, never answered
        server.drop("DOT", keep=False, nth=7)                 # mail lost, never answered
        server.drop("DATA", nth=2)                            # before the text was sent
        server.slow("RCPT", seconds=5)
        ...
        assert [mail.to for mail in server.mails] == ["bob@example.com"]
        server.end_connections("421 4.4.2 Idle too long")     # as an idle time-out does

What can go wrong is named by verb: `CONNECT` (the greeting), `EHLO`, `STARTTLS`, `AUTH`, `MAIL`,
`RCPT`, `DATA` (before the text), `DOT` (after the text), `RSET`, `NOOP`, `QUIT`. A fault holds for
one address (`to="a@example.com"`), one domain (`to="@example.com"`) or everybody; from the `nth`
time that it could strike, and `times` times (None: always). The last one added goes first.

`server.verbs` is what was asked for, in order. `SmtpServer(watch=f)` calls `f(number, verb)` in the
server's thread as each arrives, numbers from 1: the place to kill a worker. Besides the verbs it
sees `KEPT`: a mail is kept and its answer has not left.

A certificate and a login: `SmtpServer(tls="starttls" | "smtps", login=("user", "secret"))`, and
`certificates.made()` for what the client has to trust (`SmtpServer.authority`).

A process of its own, for benchmarks: `with SmtpProcess(faults=[...]) as server: server.dsn,
server.mails`. By hand: `venv/bin/python -m tests.support.smtp_server --port 2525`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult

from tests.support import certificates
from tests.support.certificates import Certificate

Tls = Literal["off", "starttls", "smtps"]

HOST = "127.0.0.1"

MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>@]*)@", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """What goes wrong. See the module's docstring."""

    verb: str
    answer: str = ""
    drop: bool = False
    keep: bool = False
    to: str | None = None
    nth: int = 1
    times: int | None = None
    seconds: float = 0

    def meets(self, verb: str, to: str | None) -> bool:
        """Return whether it could strike here."""
        if verb != self.verb:
            return False
        return self.to is None or (to is not None and f"@{to}".endswith(self.to))


@dataclass(frozen=True)
class Taken:
    """A mail that the server has.

    Attributes:
        key: The part of its Message-ID before the `@`.
        to: The address of its envelope.
        sender: The envelope's sender.
        answered: Whether the client was told.
        connection: On which it came, counted from 1.
        data: Its bytes; empty for a server that keeps none.
        options: What stood behind `MAIL FROM`, such as `SMTPUTF8`.
    """

    key: str
    to: str
    sender: str
    answered: bool
    connection: int
    data: bytes = field(default=b"", repr=False)
    options: tuple[str, ...] = ()

    @property
    def message(self) -> EmailMessage:
        """The mail, as Python's own parser reads it."""
        return message_from_bytes(self.data, policy=policy.default)


@dataclass
class _Plan:
    """A fault, and how often it could have struck and has."""

    fault: Fault
    met: int = 0
    struck: int = 0

    def strikes(self, verb: str, to: str | None) -> bool:
        if not self.fault.meets(verb, to):
            return False
        self.met += 1
        left = self.fault.times is None or self.struck < self.fault.times
        if self.met < self.fault.nth or not left:
            return False
        self.struck += 1
        return True


@dataclass
class SmtpServer:
    """The server, in a thread of this process.

    Attributes:
        tls: Whether it speaks TLS, and how.
        login: The user and the password that it demands; None for none.
        keeps_data: Whether the mails' bytes are kept.
        per_connection: So many mails on one connection, then 421 and the end; None for any number.
        utf8: Whether it offers SMTPUTF8.
        idle_seconds: It ends a connection on which nothing has come for so long.
        watch: Called with number and verb as each arrives.
        on_mail: Called with each mail that is kept.
        port: Where it listens; 0 for any that is free.
        certificate: What it shows; None for one of `localhost`.
    """

    tls: Tls = "off"
    login: tuple[str, str] | None = None
    keeps_data: bool = True
    per_connection: int | None = None
    utf8: bool = False
    idle_seconds: float = 300
    watch: Callable[[int, str], None] | None = None
    on_mail: Callable[[Taken], None] | None = None
    port: int = 0
    certificate: Certificate | None = None
    _plans: list[_Plan] = field(default_factory=list)
    _mails: list[Taken] = field(default_factory=list)
    _verbs: list[tuple[int, str]] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)
    _open: set[_Session] = field(default_factory=set)
    _connections: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    # --- what goes wrong

    def add(self, fault: Fault) -> None:
        """Have something go wrong; what was added last goes first."""
        with self._lock:
            self._plans.insert(0, _Plan(fault))

    def answer(
        self,
        verb: str,
        answer: str,
        *,
        to: str | None = None,
        nth: int = 1,
        times: int | None = None,
        drop: bool = False,
        keep: bool = False,
    ) -> None:
        """Answer this instead; `drop` ends the connection after it, `keep` takes a mail still."""
        self.add(Fault(verb, answer, to=to, nth=nth, times=times, drop=drop, keep=keep))

    def drop(
        self,
        verb: str,
        *,
        keep: bool = False,
        to: str | None = None,
        nth: int = 1,
        times: int | None = 1,
    ) -> None:
        """End the connection without a word, once if nothing else is said."""
        self.add(Fault(verb, to=to, nth=nth, times=times, drop=True, keep=keep))

    def slow(
        self,
        verb: str,
        seconds: float,
        *,
        to: str | None = None,
        nth: int = 1,
        times: int | None = None,
    ) -> None:
        """Answer as ever, so much later."""
        self.add(Fault(verb, seconds=seconds, to=to, nth=nth, times=times))

    def heal(self) -> None:
        """Misbehave no more."""
        with self._lock:
            self._plans.clear()

    def end_connections(self, answer: str = "") -> None:
        """End what is open, with an answer nobody asked for or without; return when it is done."""

        async def end() -> None:
            for session in list(self._open):
                session.end(answer)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result()

    # --- what it has seen

    @property
    def mails(self) -> list[Taken]:
        """Every mail it took, in order."""
        with self._lock:
            return list(self._mails)

    @property
    def verbs(self) -> list[str]:
        """What was asked for, in order."""
        with self._lock:
            return [verb for _, verb in self._verbs]

    @property
    def names(self) -> list[str]:
        """What `EHLO` said, in order."""
        with self._lock:
            return list(self._names)

    @property
    def connections(self) -> int:
        """How many there have been."""
        return self._connections

    @property
    def dsn(self) -> str:
        """What `CRM_MAIL` says to send there."""
        scheme = "smtps" if self.tls == "smtps" else "smtp"
        login = ":".join(self.login) + "@" if self.login else ""
        host = "localhost" if self.tls != "off" else HOST
        more = "?tls=off" if self.tls == "off" else ""
        return f"{scheme}://{login}{host}:{self.port}{more}"

    @property
    def authority(self) -> Path:
        """The certificate that a client has to trust (PEM)."""
        return (self.certificate or certificates.made()).authority

    # --- its life

    def __enter__(self) -> Self:
        """Start it; it answers when this returns."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and all that is open."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> None:
        shown = self.certificate or certificates.made()
        context = shown.for_server() if self.tls != "off" else None
        self._server = await self._loop.create_server(
            lambda: _Session(self, self._loop, context if self.tls == "starttls" else None),
            HOST,
            self.port,
            ssl=context if self.tls == "smtps" else None,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._server.close()
        for session in list(self._open):
            session.end("")
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- called by a session

    def _opened(self, session: _Session) -> int:
        with self._lock:
            self._open.add(session)
            self._connections += 1
            return self._connections

    def _seen(self, connection: int, verb: str, to: str | None) -> Fault | None:
        """Note a verb; return what is to go wrong."""
        self._watched(connection, verb)
        with self._lock:
            return next((plan.fault for plan in self._plans if plan.strikes(verb, to)), None)

    def _watched(self, connection: int, verb: str) -> None:
        with self._lock:
            self._verbs.append((connection, verb))
            number = len(self._verbs)
        if self.watch:
            self.watch(number, verb)

    def _keep(self, mail: Taken) -> None:
        with self._lock:
            self._mails.append(mail if self.keeps_data else replace(mail, data=b""))
        if self.on_mail:
            self.on_mail(mail)
        self._watched(mail.connection, "KEPT")


class _Hooks:
    """What aiosmtpd asks for when a mail has arrived."""

    async def handle_DATA(self, session: _Session, *_: object) -> str:  # noqa: N802
        return await session.arrived()


class _Session(SMTP):
    """One connection."""

    def __init__(self, owner: SmtpServer, loop: asyncio.AbstractEventLoop, context: Any) -> None:
        super().__init__(
            _Hooks(),
            loop=loop,
            hostname="mail.test",
            tls_context=context,
            require_starttls=owner.tls == "starttls",
            auth_require_tls=False,
            authenticator=self._logs_in,
            enable_SMTPUTF8=owner.utf8,
            timeout=owner.idle_seconds,
        )
        self.owner = owner
        self.number = 0
        self.taken = 0

    def connection_made(self, transport: Any) -> None:
        if not self.number:
            self.number = self.owner._opened(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.owner._open.discard(self)
        super().connection_lost(error)

    def end(self, answer: str) -> None:
        """End it, unasked."""
        transport = self.transport
        if transport is not None:
            if answer:
                self._writer.write(answer.encode() + b"\r\n")
            transport.close()

    def _logs_in(self, _s: Any, _session: Any, _e: Any, _mechanism: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.owner.login, handled=False)

    async def _handle_client(self) -> None:
        if await self._goes("CONNECT"):
            await super()._handle_client()

    async def _goes(self, verb: str) -> bool:
        """Let go wrong what is to; return whether the verb goes on as ever."""
        fault = self.owner._seen(self.number, verb, self._to)
        if fault is None:
            return True
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        if not fault.answer and not fault.drop:
            return True
        await self._answer_instead(fault)
        return False

    async def _answer_instead(self, fault: Fault) -> None:
        if fault.answer:
            await self.push(fault.answer)
        if fault.drop and self.transport is not None:
            if fault.answer:
                self.transport.close()
            else:
                self.transport.abort()  # type: ignore[attr-defined, unused-ignore]
            raise asyncio.CancelledError

    @property
    def _to(self) -> str | None:
        return self.envelope.rcpt_tos[0] if self.envelope and self.envelope.rcpt_tos else None

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        self.owner._names.append(hostname)
        if await self._goes("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if await self._goes("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if await self._goes("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if not await self._goes("MAIL"):
            return
        if self.owner.login and not (self.session and self.session.authenticated):
            await self.push("530 5.7.0 Authentication required")
        elif self.owner.per_connection and self.taken >= self.owner.per_connection:
            await self._answer_instead(
                Fault("MAIL", "421 4.7.0 Too many messages on one connection", drop=True)
            )
        else:
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        found = re.search("<(.*?)>", arg or "")
        fault = self.owner._seen(self.number, "RCPT", found[1] if found else None)
        if fault and fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault and (fault.answer or fault.drop):
            await self._answer_instead(fault)
        else:
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if await self._goes("DATA"):
            await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        if await self._goes("RSET"):
            await super().smtp_RSET(arg)

    async def smtp_NOOP(self, arg: str) -> None:  # noqa: N802
        if await self._goes("NOOP"):
            await super().smtp_NOOP(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        if await self._goes("QUIT"):
            await super().smtp_QUIT(arg)

    async def arrived(self) -> str:
        """Take a mail whose final dot has come, or not; return the answer."""
        fault = self.owner._seen(self.number, "DOT", self._to)
        if fault and fault.seconds:
            await asyncio.sleep(fault.seconds)
        fails = bool(fault and (fault.answer or fault.drop))
        if not fails or (fault and fault.keep):
            self._keep(answered=not (fault and fault.drop and not fault.answer))
        if fault and fault.drop:
            await self._answer_instead(fault)
        if fault and fault.answer:
            return fault.answer
        return f"250 2.0.0 Ok: queued as {self.number:04X}{self.taken:06X}"

    def _keep(self, *, answered: bool) -> None:
        assert self.envelope is not None
        data = self.envelope.original_content or b""
        found = MESSAGE_ID.search(data)
        self.taken += 1
        self.owner._keep(
            Taken(
                key=found[1].decode("ascii", "replace") if found else "",
                to=self._to or "",
                sender=self.envelope.mail_from or "",
                answered=answered,
                connection=self.number,
                data=data,
                options=tuple(self.envelope.mail_options),
            )
        )


@dataclass
class SmtpProcess:
    """The server as a process of its own.

    Attributes:
        faults: What goes wrong in it.
        keeps_data: Whether it keeps the mails' bytes.
    """

    faults: Sequence[Fault] = ()
    keeps_data: bool = True
    port: int = 0

    def __enter__(self) -> Self:
        """Start it; it answers when this returns."""
        self._folder = tempfile.TemporaryDirectory()
        self._record = Path(self._folder.name) / "mails.jsonl"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.support.smtp_server"),
                *("--faults", json.dumps([asdict(fault) for fault in self.faults])),
                *("--record", str(self._record)),
                *(() if self.keeps_data else ("--forget",)),
            ],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._folder.cleanup()

    @property
    def dsn(self) -> str:
        """What `CRM_MAIL` says to send there."""
        return f"smtp://{HOST}:{self.port}?tls=off"

    @property
    def mails(self) -> list[Taken]:
        """Every mail it took so far, in order."""
        try:
            lines = self._record.read_text().split("\n")[:-1]
        except FileNotFoundError:
            return []
        rows = [json.loads(line) for line in lines]
        return [
            Taken(**{**row, "data": row["data"].encode("latin-1"), "options": (*row["options"],)})
            for row in rows
        ]


def main() -> None:
    """Serve until told to end; print the port."""
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("--port", type=int, default=0)
    ask.add_argument("--faults", default="[]", help="JSON: a list of faults")
    ask.add_argument("--record", type=Path, help="a file that gets a line of JSON for each mail")
    ask.add_argument("--forget", action="store_true", help="keep no mail's bytes")
    told = ask.parse_args()
    out = told.record.open("w", buffering=1) if told.record else None

    def record(mail: Taken) -> None:
        if out:
            data = "" if told.forget else mail.data.decode("latin-1")
            out.write(json.dumps({**asdict(mail), "data": data}) + "\n")

    server = SmtpServer(port=told.port, keeps_data=False, on_mail=record)
    for fault in json.loads(told.faults):
        server.add(Fault(**fault))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    with server:
        print(server.port, flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    os._exit(0)


if __name__ == "__main__":
    main()
