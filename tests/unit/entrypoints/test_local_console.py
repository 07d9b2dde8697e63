"""The console on this machine: what is answered, to whom, and nothing from beside its folder."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from contextlib import closing
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from crm.config.settings import Settings
from crm.console.page import Emulators, rendered, said_in, settings_of_page
from crm.console.policy import headers
from crm.core.errors import ConfigError
from crm.entrypoints import local_console
from crm.entrypoints.local_console import LocalConsole, served
from testing.patience import PATIENCE
from tests.support.built import PAGE, SCRIPT, build

INIT = {"projectId": "demo-x", "apiKey": "k"}
RENDERED = rendered(PAGE, settings_of_page(Settings()))


@pytest.fixture
def console(tmp_path: Path) -> LocalConsole:
    tmp_path.joinpath("secret.txt").write_text("secret")
    return LocalConsole(build(tmp_path / "built"), RENDERED, INIT)


def get(console: LocalConsole, path: str, host: str = "localhost:8790") -> TestResponse:
    return Client(console).get(path, headers={"Host": host}, buffered=True)


@pytest.mark.parametrize("path", ["/", "/index.html", "/people", "/people/a%2Fb?q=x", "/crm/"])
def test_every_address_is_the_page_with_its_settings(console: LocalConsole, path: str) -> None:
    answer = get(console, path)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert said_in(answer.text)["region"] == "us-central1"
    assert headers().items() <= dict(answer.headers).items()


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        ("/assets/index-1a2b.js", "text/javascript", SCRIPT),
        ("/assets/index-3c4d.css", "text/css", "body{}"),
        ("/icon.svg", "image/svg+xml", "<svg/>"),
    ],
)
def test_files_have_the_headers_of_hosting(
    console: LocalConsole, path: str, kind: str, text: str
) -> None:
    answer = get(console, path)
    assert (answer.status_code, answer.mimetype, answer.text) == (200, kind, text)
    kept = "public, max-age=31536000, immutable" if "assets" in path else "no-cache"
    assert answer.headers.get_all("Cache-Control") == [kept]
    assert answer.headers.get_all("Content-Security-Policy") == [
        headers()["Content-Security-Policy"]
    ]
    assert Client(console).head(path, headers={"Host": "localhost"}, buffered=True).data == b""


def test_the_page_is_told_of_the_project(console: LocalConsole) -> None:
    answer = get(console, "/__/firebase/init.json")
    assert (answer.mimetype, json.loads(answer.data)) == ("application/json", INIT)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert get(console, "/__/auth/handler").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%5c..%5csecret.txt",
        "//../secret.txt",
        "/assets//../../secret.txt",
        "/.%00./secret.txt",
        "/built/../../secret.txt",
    ],
)
def test_nothing_beside_the_folder_is_read(console: LocalConsole, path: str) -> None:
    answer = get(console, path)
    assert "secret" not in answer.text
    assert answer.status_code in {200, 404}


def test_an_absolute_path_is_none_either(console: LocalConsole, tmp_path: Path) -> None:
    assert get(console, f"/{tmp_path / 'secret.txt'}").text == RENDERED


def test_a_file_of_an_earlier_build_is_missing_and_no_page(console: LocalConsole) -> None:
    answer = get(console, "/assets/index-gone.js")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1:8790"])
def test_this_machine_is_answered(console: LocalConsole, host: str) -> None:
    assert get(console, "/", host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8790",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.2",
        "0.0.0.0",
        "[::1]:8790",
        "localhost@evil.example",
        "evil.example#localhost",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/__/firebase/init.json", "/icon.svg"])
def test_a_name_that_leads_here_from_elsewhere_reads_nothing(
    console: LocalConsole, host: str, path: str
) -> None:
    answer = get(console, path, host)
    assert answer.status_code == 421
    assert answer.text == "The console is served to http://localhost alone.\n"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_it_only_answers_reading(console: LocalConsole, method: str) -> None:
    answer = Client(console).open("/", method=method, headers={"Host": "localhost"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_emulators_are_reached_where_they_are(tmp_path: Path) -> None:
    emulators = Emulators("127.0.0.1:1", "127.0.0.1:2", "http://127.0.0.1:3")
    console = LocalConsole(build(tmp_path / "built"), RENDERED, INIT, emulators)
    policy = get(console, "/").headers["Content-Security-Policy"]
    assert "connect-src http://127.0.0.1:1 http://127.0.0.1:2 http://127.0.0.1:3 'self'" in policy


@pytest.fixture
def usual_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Return a free port in the place of the usual one, which this machine may use."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    monkeypatch.setattr(local_console, "USUAL_PORT", port)
    return port


def test_it_is_served_to_this_machine(console: LocalConsole, usual_port: int) -> None:
    server = served(console, None)
    serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        assert server.port == usual_port
        assert server.server_address[0] == "127.0.0.1"
        asked = http.client.HTTPConnection("localhost", server.port, timeout=PATIENCE)
        asked.request("GET", "/people")
        assert b"crm-settings" in asked.getresponse().read()
        asked.close()
    finally:
        server.shutdown()
        serving.join()


def test_a_busy_port_is_passed_over_or_said(console: LocalConsole, usual_port: int) -> None:
    with closing(socket.create_server(("127.0.0.1", usual_port))):
        server = served(console, None)
        assert server.port not in {0, usual_port}
        server.server_close()
        with pytest.raises(ConfigError, match=f"Port {usual_port} cannot be used .*: end what"):
            served(console, usual_port)
    with closing(served(console, usual_port).socket):
        pass
