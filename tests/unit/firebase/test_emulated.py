"""Where the emulators are: by variables, by the hub, and only where they are meant."""

from __future__ import annotations

import http.server
import json
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.console.page import Emulators
from crm.core.errors import ConfigError
from crm.firebase.emulated import emulators_of, origin

NAMES = (
    "FIREBASE_AUTH_EMULATOR_HOST",
    "FIRESTORE_EMULATOR_HOST",
    "FUNCTIONS_EMULATOR_ORIGIN",
    "FIREBASE_EMULATOR_HUB",
)

ANSWER = {
    "auth": {"host": "127.0.0.1", "port": 9199, "listen": []},
    "firestore": {"host": "::1", "port": 8180},
    "functions": {"host": "0.0.0.0", "port": 5101},
    "hub": {"host": "127.0.0.1", "port": 4400},
}


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers as the hub of the Emulator Suite."""

    answer: object = ANSWER

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/emulators" else 404)
        self.end_headers()
        self.wfile.write(json.dumps(self.answer).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def locate(project: str, text: str) -> None:
    """Leave the file by which the hub is found, as firebase-tools does."""
    Path(tempfile.gettempdir(), f"hub-{project}.json").write_text(text)


def test_without_a_word_it_is_production() -> None:
    assert emulators_of("my-shop") is None


def test_variables_say_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(NAMES, ("h:1", "h:2", "http://h:3"), strict=False):
        monkeypatch.setenv(name, value)
    assert emulators_of("my-shop") == Emulators("h:1", "h:2", "http://h:3")


def test_the_hub_names_what_no_variable_does(monkeypatch: pytest.MonkeyPatch, hub: str) -> None:
    monkeypatch.setenv("FIREBASE_EMULATOR_HUB", hub)
    found = Emulators("127.0.0.1:9199", "[::1]:8180", "http://127.0.0.1:5101")
    assert emulators_of("demo-x") == found
    assert emulators_of("my-shop") is None  # which is in production all the same
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "h:2")
    assert emulators_of("my-shop") == Emulators("127.0.0.1:9199", "h:2", found.functions)


def test_running_emulators_are_found_by_their_file(hub: str) -> None:
    locate("demo-x", json.dumps({"version": "15.0.0", "origins": [f"http://{hub}"], "pid": 1}))
    found = emulators_of("demo-x")
    assert found
    assert found.auth == "127.0.0.1:9199"
    with pytest.raises(ConfigError):
        emulators_of("demo-other")


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", '{"origins": 5}', '{"origins": [5]}'),
        *('{"origins": ["file:///etc"]}', '{"origins": ["http://127.0.0.1:9"]}'),
    ],
)
def test_emulators_that_are_not_there_are_asked_for(text: str) -> None:
    locate("demo-x", text)
    with pytest.raises(ConfigError, match="firebase emulators:start --project demo-x"):
        emulators_of("demo-x")


@pytest.mark.parametrize("answer", [[], {"auth": 5}, {"auth": {"host": "h"}}])
def test_a_hub_of_another_kind_names_none(
    monkeypatch: pytest.MonkeyPatch, hub: str, answer: object
) -> None:
    monkeypatch.setattr(Hub, "answer", answer)
    monkeypatch.setenv("FIREBASE_EMULATOR_HUB", hub)
    with pytest.raises(ConfigError, match="not to be found"):
        emulators_of("demo-x")


def test_functions_are_at_their_usual_port_where_nobody_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "h:1")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "h:2")
    assert emulators_of("x") == Emulators("h:1", "h:2", "http://127.0.0.1:5001")


def test_programs_find_the_functions_where_pages_do(
    monkeypatch: pytest.MonkeyPatch, hub: str
) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-x")
    assert origin(5055) == "http://127.0.0.1:5055"
    locate("demo-x", json.dumps({"origins": [f"http://{hub}"]}))
    assert origin(5055) == "http://127.0.0.1:5101", "not by the wildcard that it listens on"
    monkeypatch.setattr(Hub, "answer", {"auth": ANSWER["auth"]})
    with pytest.raises(ConfigError, match="The Functions emulator is not running"):
        origin(5055)
    monkeypatch.setenv("FUNCTIONS_EMULATOR_ORIGIN", "http://h:3/")
    assert origin(5055) == "http://h:3"
