"""One running suite for a test run, however many processes pytest-xdist spreads it over.

It starts when the first test asks for it. Under pytest-xdist a worker asks by making a file, the
controller starts the suite and answers with its variables in another. Inside `make exec`, or
wherever the variables already name a suite, that one is used.
"""

import json
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from suite.errors import SuiteError
from suite.launch import ATTEMPTS, DEADLINE_SECONDS, start_suite
from suite.running import Suite

_WANTED, _ANSWER = "wanted", "answer.json"
_POLL_SECONDS = 0.1
_OF_MAILS = {"CRM_MAIL", "CRM_EMULATOR_MAIL", "CRM_MAILBOX"}
"""Not for the tests' own process, where other tests hold the product to `crm.toml`."""

_FIXTURES = {"suite", "project_id"}


class SharedSuite:
    """The suite of this test run; lives in the process that the user started."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="crm-suite-run-"))
        self._held = ExitStack()
        self._closing = threading.Event()
        self._watcher: threading.Thread | None = None
        self._running: Suite | None = None

    def start(self) -> Suite:
        """Start the suite, or answer the one that runs already."""
        if self._running is None:
            self._running = Suite.from_env(os.environ) or self._held.enter_context(start_suite())
        return self._running

    def watch(self) -> None:
        """Begin to answer workers."""
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._answer, daemon=True)
            self._watcher.start()

    def close(self) -> None:
        """End the suite, if it was started here."""
        self._closing.set()
        if self._watcher:
            self._watcher.join()
        self._held.close()
        for path in self.folder.iterdir():
            path.unlink()
        self.folder.rmdir()

    def _answer(self) -> None:
        while not self.folder.joinpath(_WANTED).exists():
            if self._closing.wait(_POLL_SECONDS):
                return
        try:
            answer = {"env": self.start().env}
        except Exception as error:  # the workers must hear of it, whatever it is
            answer = {"error": {"message": str(error)}}
        draft = self.folder / "draft"
        draft.write_text(json.dumps(answer), encoding="utf-8")
        draft.replace(self.folder / _ANSWER)


def _ask(folder: Path) -> Suite:
    """Ask the controller for the suite, from a worker."""
    folder.joinpath(_WANTED).touch()
    deadline = time.monotonic() + ATTEMPTS * DEADLINE_SECONDS
    while not (answer := folder / _ANSWER).exists():
        if time.monotonic() > deadline:
            raise SuiteError("The test run's controller did not start the suite: see its output.")
        time.sleep(_POLL_SECONDS)
    answered = json.loads(answer.read_text(encoding="utf-8"))
    if "error" in answered:
        raise SuiteError(answered["error"]["message"])
    running = Suite.from_env(answered["env"])
    assert running is not None
    return running


_shared = pytest.StashKey[SharedSuite]()


def pytest_configure(config: pytest.Config) -> None:
    """Prepare for tests that want the suite."""
    config.addinivalue_line("markers", "live: uses the running emulator suite (set by itself)")
    if not hasattr(config, "workerinput"):
        if Suite.from_env(os.environ) is None:
            os.environ.pop("CRM_MAIL", None)  # no test mails by way of a developer's provider
        config.stash[_shared] = SharedSuite()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the suite with the run."""
    shared = config.stash.get(_shared, None)
    if shared is not None:
        shared.close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where to ask for the suite."""
    shared = node.config.stash[_shared]
    shared.watch()
    node.workerinput["suite_folder"] = str(shared.folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use the suite, so that `-m "not live"` runs the others."""
    for item in items:
        if _FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("live")


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest) -> Iterator[Suite]:
    """Return the running suite, with its variables in the environment."""
    config = request.config
    if hasattr(config, "workerinput"):
        running = _ask(Path(config.workerinput["suite_folder"]))
    else:
        running = config.stash[_shared].start()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in running.env.items():
            if name not in _OF_MAILS:
                patch.setenv(name, value)
        yield running


@pytest.fixture
def project_id(suite: Suite) -> str:  # noqa: ARG001 - it must run
    """Return a fresh project id on the suite's Firestore and Auth; no function fires for it."""
    return f"demo-{uuid.uuid4().hex[:20]}"
