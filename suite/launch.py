"""Start the emulator suite, wait for it, end it."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from suite import hosting
from suite.errors import SuiteError
from suite.jar import find_jar
from suite.java import find_java
from suite.mailbox import Letters, SmtpServer
from suite.mailbox_page import MailboxPage
from suite.node import find_firebase_tools, find_node
from suite.ports import HOST, Ports, claimed_ports
from suite.processes import MARK, end_family
from suite.running import Suite
from suite.settings import contact_settings, mail_settings, read_config, suite_config, suite_env

ROOT = Path(__file__).parent.parent
DEFAULT_CONFIG = ROOT / "firebase.json"
DEFAULT_PROJECT = "demo-crm"
DEADLINE_SECONDS = 180.0
ATTEMPTS = 3

_READY = "All emulators ready!"
_PORT_TAKEN = re.compile(r"port taken|EADDRINUSE|is not open on")
_UNLOADED = re.compile(r"Failed to load function definition from source: *(.*)")
_PYTHON_ERROR = re.compile(r"^(?:\w+\.)*\w+(?:Error|Exception|Exit)\b.*", re.MULTILINE)
_TAIL_LINES = 40
_POLL_SECONDS = 0.05


class _PortTakenError(SuiteError):
    """Somebody took a port between our look at it and the emulator's use of it."""


@contextmanager
def start_suite(
    project: str = DEFAULT_PROJECT,
    *,
    config: Path = DEFAULT_CONFIG,
    functions: bool = True,
    ports: Mapping[str, int] | None = None,
    deadline: float = DEADLINE_SECONDS,
    parallel: int | None = None,
    undo_seconds: int = 1,
) -> Iterator[Suite]:
    """Run a fresh, empty suite for as long as the context lasts.

    It is ready when the context begins, with every function loaded, and none of its processes is
    left when the context ends, however it ends. What the functions mail arrives in a mailbox of
    the suite, or where `CRM_MAIL` says, if the environment has it.

    Args:
        project: Project id; it begins with `demo-`, so that production is never asked.
        config: The `firebase.json` to run: functions' sources, rules, indexes.
        functions: Whether to run functions, or Auth and Firestore alone.
        ports: Ports wanted for services by name; the others are picked free.
        deadline: Seconds to wait until it is ready.
        parallel: Function calls at one time; by default as many as cores, 2 to 4.
        undo_seconds: How long a campaign waits before the first mail (`undo_seconds` of `[mail]`).

    Raises:
        SuiteError: Something is missing, or the suite does not start.

    """
    if not project.startswith("demo-"):
        raise SuiteError(f"Project id {project!r} could be a real one: begin it with `demo-`.")
    for attempt in range(1, ATTEMPTS + 1):
        with claimed_ports(ports) as claimed:
            own = mail_settings(undo_seconds)
            launch = _Launch(project, config.resolve(), claimed, functions, parallel, own)
            try:
                launch.start()
                launch.wait_until_ready(deadline)
            except _PortTakenError:
                launch.end(keep_log=attempt == ATTEMPTS)
                if attempt == ATTEMPTS:
                    raise
                continue
            except BaseException as error:
                launch.end(keep_log=isinstance(error, SuiteError))
                raise
            try:
                yield launch.suite
            finally:
                launch.end()
            return


class _Launch:
    """One run of firebase-tools."""

    def __init__(
        self,
        project: str,
        config: Path,
        ports: Ports,
        functions: bool,
        parallel: int | None,
        mail: str,
    ) -> None:
        self._base = read_config(config)
        self._ports = ports
        self._settings = suite_config(self._base, config.parent, ports, functions=functions)
        self._java, self._node, self._tools = find_java(), find_node(), find_firebase_tools()
        self._parallel = parallel or max(2, min(4, os.cpu_count() or 2))
        self._process: subprocess.Popen[bytes] | None = None
        self._mark = uuid.uuid4().hex
        # Outside the source, where a changed file would load the functions again.
        self._scratch = Path(tempfile.mkdtemp(prefix="crm-suite-"))
        # Beside the original, because firebase-tools takes every path as relative to its file.
        self._config = config.with_name(f"firebase.suite-{ports.first_worker}.json")
        port = ports.services
        with_functions = "functions" in self._settings
        console = self._console = (
            hosting.console_of(self._base, config.parent) if functions else None
        )
        self._mailbox = ExitStack()
        given = os.environ.get("CRM_MAIL", "")
        box = os.environ.get("CRM_MAILBOX", "") if given else f"http://{HOST}:{port['mailbox']}"
        self.suite = Suite(
            project=project,
            firestore_host=f"{HOST}:{port['firestore']}",
            auth_host=f"{HOST}:{port['auth']}",
            functions_origin=f"http://{HOST}:{port['functions']}" if with_functions else "",
            tasks_host=f"{HOST}:{port['tasks']}" if with_functions else "",
            hosting_origin=f"http://{HOST}:{port['hosting']}{console.place.rstrip('/')}"
            if console
            else "",
            mail=(given or f"smtp://{HOST}:{port['smtp']}") if with_functions else "",
            mail_settings=os.environ.get("CRM_EMULATOR_MAIL", mail) if with_functions else "",
            contacts=os.environ.get("CRM_EMULATOR_CONTACTS", contact_settings())
            if with_functions
            else "",
            mailbox_origin=os.environ.get("CRM_MAILBOX", "")
            if given or not with_functions
            else box,
            log_path=self._scratch / "suite.log",
            site=config.parent / self._settings["hosting"][0]["public"] / console.inside
            if console
            else None,
        )

    def start(self) -> None:
        env = suite_env(self._java, find_jar(self._scratch), self._scratch, self._parallel) | {
            MARK: self._mark,
            # So that a function can give the address of another one.
            "FUNCTIONS_EMULATOR_ORIGIN": self.suite.functions_origin,
            "SUITE_FIRST_PORT": str(self._ports.first_worker),
            "SUITE_LAST_PORT": str(self._ports.last_worker),
            "CLOUD_TASKS_EMULATOR_WAITS": "1",
            "CRM_MAIL": self.suite.mail,
            "CRM_EMULATOR_MAIL": self.suite.mail_settings,
            "CRM_EMULATOR_CONTACTS": self.suite.contacts,
        }
        self._config.write_text(json.dumps(self._settings, indent=2), encoding="utf-8")
        if self._console:
            hosting.lay_out(self._console, self._config.parent, self.suite)
        if self.suite.mail and not os.environ.get("CRM_MAIL"):
            self._open_mailbox()
        preload = Path(__file__).with_name("preload.cjs")
        command: list[str | Path] = [self._node, "--require", preload, self._tools]
        command += ["emulators:start", "--project", self.suite.project, "--config", self._config]
        with self.suite.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self._scratch,
                env=env,
                stdin=subprocess.PIPE,  # its end tells preload.cjs that this process is gone
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _open_mailbox(self) -> None:
        letters, ports = Letters(), self._ports.services
        try:
            self._mailbox.enter_context(SmtpServer(letters, ports["smtp"]))
            self._mailbox.enter_context(MailboxPage(letters, ports["mailbox"]))
        except OSError as error:
            raise _PortTakenError(f"A port of the mailbox was taken ({error.strerror}).") from error

    def wait_until_ready(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            running = self._process is not None and self._process.poll() is None
            log = self.suite.logs()
            unloaded = _UNLOADED.search(log)
            if unloaded:
                # firebase-tools only says that something failed; what, Python said just before.
                reasons = _PYTHON_ERROR.findall(log[: unloaded.start()]) or [unloaded[1]]
                raise self._failure(f"The functions could not be loaded: {reasons[-1]}.")
            if _READY in log:
                return
            if not running:
                if _PORT_TAKEN.search(log):
                    raise _PortTakenError(self._failure("A port was taken while starting.").args[0])
                raise self._failure("The emulator suite ended while starting.")
            if time.monotonic() > deadline:
                raise self._failure(f"The emulator suite was not ready after {seconds:.0f} s.")
            time.sleep(_POLL_SECONDS)

    def end(self, *, keep_log: bool = False) -> None:
        with _undisturbed():
            if self._process is not None:
                left = end_family(self._process.pid, self._mark)
                if self._process.stdin:
                    self._process.stdin.close()
                self._process.wait(10)
                if left:
                    raise SuiteError(f"Processes {left} of the suite could not be ended: end them.")
            self._mailbox.close()
            self._config.unlink(missing_ok=True)
            if self._console and self.suite.site:
                hosting.clear(self._console, self.suite.site)
            if not keep_log or self._process is None:
                shutil.rmtree(self._scratch, ignore_errors=True)

    def _failure(self, sentence: str) -> SuiteError:
        lines = self.suite.logs().splitlines()[-_TAIL_LINES:]
        tail = "\n".join(f"  {line}" for line in lines)
        return SuiteError(f"{sentence} The log is {self.suite.log_path}, its end:\n{tail}")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nobody's second Ctrl-C keep the suite from being ended; that takes seconds at most."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, Callable[..., object] | int | None] = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
