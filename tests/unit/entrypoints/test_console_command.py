"""`python -m crm console`: writing the console, and serving it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from werkzeug.test import Client

from crm.console import files
from crm.console.page import said_in
from crm.core.errors import ConfigError
from crm.entrypoints import local_console
from crm.entrypoints.cli import cli
from crm.firebase import web_apps
from tests.support.built import build

NAMES = ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST")


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "FIREBASE_AUTH_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    source = build(tmp_path / "built")
    monkeypatch.setattr(files, "console_files", lambda: source)
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("crm.toml").write_text('region = "europe-west1"\n')


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["console", *words])


class Kept:
    """In the place of a server: keeps what it would have served."""

    port = 4711
    console: Any = None

    def __init__(self) -> None:
        self.ran = False

    def serve_forever(self) -> None:
        self.ran = True


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    server = Kept()

    def serving(console: object, port: int | None) -> Kept:
        server.console, server.port = console, port or 4711
        return server

    monkeypatch.setattr(local_console, "served", serving)
    return server


def test_it_is_written_as_the_settings_say(tmp_path: Path) -> None:
    words = ("--write", "public/crm", "--path", "/crm", "--config", "crm.toml")
    for _ in range(2):
        done = run(*words)
        assert (done.exit_code, done.output) == (
            0,
            "public/crm: 4 files of the console, to be served at /crm/\n",
        )
    said = said_in(tmp_path.joinpath("public", "crm", "index.html").read_text())
    assert (said["region"], said["place"], said["emulators"]) == ("europe-west1", "/crm/", None)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--write", "public", "--config", "gone.toml"), "gone.toml: cannot be read"),
        (("--write", "public", "--config", "bad.toml"), "bad.toml: console.sign_in"),
        (("--write", "public", "--path", "/a b"), "such as /crm"),
        (("--write", "crm.toml"), "crm.toml is no folder"),
        (("--write", "crm.toml/x"), "crm.toml/x: Not a directory."),
        (("--write", "."), "holds files that are not the console's"),
        (("--path", "/crm"), "it needs --write"),
        (("--write", "public", "--port", "80"), "--write serves nothing"),
        (("--port", "0"), "1<=x<=65535"),
        ((), "GCLOUD_PROJECT is not set"),
        (("--project", "demo-nobody-has-it", "--no-open"), "emulators:start"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    tmp_path.joinpath("bad.toml").write_text("[console]\nsign_in = []\n")
    before = sorted(tmp_path.rglob("*"))
    done = run(*words)
    assert done.exit_code in {1, 2}
    assert sentence in done.output
    assert "Traceback" not in done.output
    assert sorted(tmp_path.rglob("*")) == before


def test_a_console_that_is_not_built_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "console_files", lambda: tmp_path / "nowhere")
    for words in (("--write", "x"), ("--project", "my-shop", "--no-open")):
        done = run(*words)
        assert (done.exit_code, "is not built" in done.output) == (1, True)


def test_in_production_it_is_served_with_the_web_app_of_the_project(
    monkeypatch: pytest.MonkeyPatch, kept: Kept
) -> None:
    config = {"projectId": "my-shop", "apiKey": "real", "authDomain": "my-shop.firebaseapp.com"}
    monkeypatch.setattr(web_apps, "web_app_config", lambda: config)
    done = run("--project", "my-shop", "--no-open", "--config", "crm.toml")
    assert done.exit_code == 0, done.output
    assert "The console of my-shop, in production: http://localhost:4711" in done.stdout
    assert kept.ran
    client = Client(kept.console)
    told = client.get("/__/firebase/init.json", headers={"Host": "localhost"})
    assert json.loads(told.data) == config
    page = client.get("/", headers={"Host": "localhost"})
    said = said_in(page.text)
    assert (said["region"], said["place"], said["emulators"]) == ("europe-west1", "/", None)
    assert "http://" not in page.headers["Content-Security-Policy"]


def test_on_emulators_it_is_served_with_their_addresses(
    monkeypatch: pytest.MonkeyPatch, kept: Kept
) -> None:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:2")
    monkeypatch.setenv("FUNCTIONS_EMULATOR_ORIGIN", "http://127.0.0.1:3")
    monkeypatch.setattr(web_apps, "web_app_config", lambda: pytest.fail("production was asked"))
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    done = run("--project", "demo-x", "--port", "5000", "--open")
    assert "The console of demo-x, on the emulators: http://localhost:5000" in done.stdout
    assert opened == ["http://localhost:5000"]
    client = Client(kept.console)
    page = client.get("/", headers={"Host": "localhost"})
    assert said_in(page.text)["emulators"] == {
        "auth": "127.0.0.1:1",
        "firestore": "127.0.0.1:2",
        "functions": "http://127.0.0.1:3",
        "accounts": [],
    }
    told = client.get("/__/firebase/init.json", headers={"Host": "localhost"})
    assert json.loads(told.data)["projectId"] == "demo-x"


def test_a_browser_is_opened_only_where_somebody_looks(
    monkeypatch: pytest.MonkeyPatch, kept: Kept
) -> None:
    monkeypatch.setattr(web_apps, "web_app_config", dict)
    monkeypatch.setattr("click.launch", lambda _: pytest.fail("it was opened"))
    assert run("--project", "my-shop").exit_code == 0  # no terminal


def test_a_project_without_a_web_app_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, kept: Kept
) -> None:
    def none() -> None:
        raise ConfigError("Project my-shop has no web app.")

    monkeypatch.setattr(web_apps, "web_app_config", none)
    done = run("--project", "my-shop", "--no-open")
    assert (done.exit_code, kept.ran) == (1, False)
    assert done.stderr.endswith("Error: Project my-shop has no web app.\n")
