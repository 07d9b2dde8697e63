"""A suite of campaigns' own: its functions mail to a server of the tests that misbehaves on demand.

The server is one for all campaigns of the suite. What only one campaign's mails are to suffer is
said of their addresses or their domain, which no other has.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from suite import Suite, start_suite
from suite.launch import ROOT
from testing.patience import PATIENCE
from tests.support.processes import kill
from tests.support.smtp_server import SmtpServer, Taken

ZONE = "Europe/Berlin"

CRM_TOML = f"""
time_zone = "{ZONE}"

[mail]
from = "Example Events <news@example.com>"
postal_address = "Example Events, 1 Example Street, 12345 Exampletown"
undo_seconds = 1
latest_hours = 2
"""

SENDER = "news@example.com"

LOGIN = ("campaigns", "a-password-of-tests")


LONGEST = 100.0
"""Seconds for which a mail can be held up: less than a worker's claim is good for."""


@dataclass
class Gate:
    """Lets the server wait once it has a mail, before it answers."""

    _mark: str | None = None
    _gave_up: bool = False
    _nth: int = 1
    _reached: threading.Event = field(default_factory=threading.Event)
    _open: threading.Event = field(default_factory=threading.Event)

    def __call__(self, mail: Taken) -> None:
        """Wait, if this is the mail; called in the server's thread, for each mail that it keeps."""
        if self._mark is None or self._mark not in mail.to:
            return
        self._nth -= 1
        if self._nth == 0:
            self._reached.set()
            self._gave_up = not self._open.wait(LONGEST)

    @contextmanager
    def held(self, mark: str, nth: int = 1) -> Iterator[Callable[[], None]]:
        """Hold the server up at the nth mail of whom is so marked; give what waits until it is."""
        self._reached.clear()
        self._open.clear()
        self._nth, self._mark, self._gave_up = nth, mark, False

        def reached() -> None:
            assert self._reached.wait(PATIENCE), "no mail came to be held up"

        try:
            yield reached
        finally:
            self._mark = None
            self._open.set()
        assert not self._gave_up, "what was to happen meanwhile took too long"


@dataclass
class Killer:
    """Kills every process of the function `worker` as the server is asked for something."""

    suite: Suite | None = None
    _verb: str | None = None
    _left: int = 0
    _struck: threading.Event = field(default_factory=threading.Event)

    def __call__(self, _number: int, verb: str) -> None:
        """Strike, if it is time; called in the server's thread."""
        if verb != self._verb:
            return
        self._left -= 1
        if self._left == 0:
            self._verb = None
            assert self.suite is not None
            kill(self.suite, "worker")
            self._struck.set()

    def at(self, verb: str, nth: int) -> Callable[[], None]:
        """Strike at the nth such verb from now on; give what waits until then."""
        self._struck.clear()
        self._left, self._verb = nth, verb

        def struck() -> None:
            assert self._struck.wait(2 * PATIENCE), f"no {verb} came to be killed at"

        return struck


@dataclass
class Post:
    """The suite, the server, and what steers them.

    Attributes:
        suite: Its functions hand their mails to `server`.
        server: What can go wrong is said to it.
        gate: Holds it up.
        killer: Kills workers.
        folder: Where the functions' source is.
        webhook_secret: With which a provider of events signs.
        env: What finds them, as the environment has it.
    """

    suite: Suite
    server: SmtpServer
    gate: Gate
    killer: Killer
    folder: Path
    webhook_secret: str
    env: Mapping[str, str]

    def mails_to(self, *addresses: str) -> list[Taken]:
        """Return the mails that came for any of these, in order."""
        return [one for one in self.server.mails if one.to in addresses]

    def sweep(self) -> None:
        """Do what the scheduler does every ten minutes."""
        done = subprocess.run(
            [sys.executable, "-m", "crm", "sweep"],
            cwd=self.folder,
            env=os.environ | self.suite.env,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def dsn(server: SmtpServer) -> str:
    """Return what `CRM_MAIL` says; patient, for the server is held up by tests."""
    return f"smtp://{':'.join(LOGIN)}@127.0.0.1:{server.port}?tls=off&timeout=240"


def lay_out(folder: Path) -> Path:
    """Lay the functions' source out with a `crm.toml` that names a sender; give its config."""
    shutil.copytree(ROOT / "crm", folder / "crm", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("main.py", "requirements.txt", "firestore.rules", "firestore.indexes.json"):
        shutil.copy(ROOT / name, folder / name)
    for name in (".env", ".secret.local"):
        shutil.copy(ROOT / name, folder / name)
    folder.joinpath("crm.toml").write_text(CRM_TOML, encoding="utf-8")
    folder.joinpath("venv").symlink_to(ROOT / "venv")
    config = json.loads(ROOT.joinpath("firebase.json").read_text(encoding="utf-8"))
    del config["hosting"], config["emulators"]["hosting"]
    path = folder / "firebase.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


@contextmanager
def opened(folder: Path) -> Iterator[Post]:
    """Run a suite whose functions mail to a server of ours.

    Its variables are the process's while it starts, and no longer: other tests have another suite.
    """
    gate, killer = Gate(), Killer()
    secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    with ExitStack() as held:
        server = held.enter_context(SmtpServer(login=LOGIN, watch=killer, on_mail=gate))
        env = {"CRM_MAIL": dsn(server), "CRM_MAIL_EVENTS": f"standard://{secret}"}
        env["CRM_EMULATOR_MAIL"] = ""  # the folder's crm.toml says it
        # Another one each time: clients of a project are kept, with the port of its emulator.
        project = f"demo-mail-{uuid.uuid4().hex[:12]}"
        with pytest.MonkeyPatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            suite = held.enter_context(start_suite(project, config=lay_out(folder)))
        killer.suite = suite
        yield Post(suite, server, gate, killer, folder, secret, {**env, **suite.env})
