"""What commands tell an engineer in the first five minutes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crm.config import settings as config
from crm.entrypoints.cli import cli
from crm.entrypoints.commands import output
from crm.firebase.store import client
from crm.runtime.services import services
from testing.hosts import order, user
from testing.patience import PATIENCE
from testing.world import World

ROOT = Path(__file__).parents[3]

LOOKING = [("rebuild", "--dry-run"), ("rebuild",), ("verify",)]

ENVIRONMENT = (
    *("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "CRM_KEY", "GOOGLE_APPLICATION_CREDENTIALS"),
    *("FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST"),
)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    for made in (services, client, config.settings):
        made.cache_clear()
    yield
    for made in (services, client, config.settings):
        made.cache_clear()


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def world(monkeypatch: pytest.MonkeyPatch, understood: int, missed: int, users: int = 0) -> World:
    world = World()
    for number in range(understood):
        world.put_order(f"o{number}", order("ada@example.com"))
    for number in range(missed):
        world.put_order(f"w{number}", order("ada@example.com", status=f"weird{number}"))
    for number in range(users):
        world.put_user(f"u{number}", user(f"p{number}@example.com"))
    monkeypatch.setattr("crm.runtime.services.services", lambda: world.services)
    return world


@pytest.mark.parametrize("words", LOOKING)
def test_a_mapping_that_understands_nothing_is_no_success(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    world(monkeypatch, 0, 20, users=3)
    result = run(*words)
    assert result.exit_code == 1
    assert "orders: 0 understood, 20 not: status-unknown 20\n" in result.stdout
    assert "users: 3 understood, 0 not\n" in result.stdout
    assert "Hardly any document was understood (0 of 20 in `orders`)" in result.stderr
    assert "python -m crm mapping" in result.stderr
    assert "Everything is as it must be" not in result.output


@pytest.mark.parametrize("words", LOOKING)
@pytest.mark.parametrize(("understood", "missed", "status"), [(20, 0, 0), (5, 15, 0), (4, 16, 1)])
def test_a_few_that_are_not_understood_are_told_and_no_failure(
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    understood: int,
    missed: int,
    status: int,
) -> None:
    world(monkeypatch, understood, missed)
    result = run(*words)
    assert f"orders: {understood} understood, {missed} not" in result.stdout
    assert result.exit_code == status


@pytest.mark.parametrize("words", LOOKING)
def test_an_empty_project_is_said_to_be_empty(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    world(monkeypatch, 0, 0)
    result = run(*words)
    assert result.exit_code == 1
    assert "Error: There is no document in `orders` and none in `users`: check" in result.stderr
    assert "Everything is as it must be" not in result.output


@pytest.mark.parametrize("collection", ["orders", "users"])
def test_a_rebuild_takes_nobody_for_deleted_because_a_path_is_mistyped(
    monkeypatch: pytest.MonkeyPatch, collection: str
) -> None:
    before = world(monkeypatch, 3, 0, users=2)
    paths = {"orders": "orders", "users": "users", collection: "mistyped"}
    mapping = {name: {"path": path} for name, path in paths.items()}
    mistyped = World(before.store, settings=mapping)
    monkeypatch.setattr("crm.runtime.services.services", lambda: mistyped.services)
    kept, writes = before.database, before.store.writes
    result = run("rebuild")
    assert result.exit_code == 1
    assert "Error: `mistyped` is empty, and " in result.stderr
    assert (before.database, before.store.writes) == (kept, writes)
    assert run("rebuild", "--all-gone").exit_code == 0
    assert before.store.writes > writes


@pytest.mark.parametrize("words", LOOKING)
def test_json_says_the_same_and_is_whole_where_the_command_fails(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    world(monkeypatch, 1, 9)
    result = run(*words, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["understood"]["orders"] == {
        "understood": 1,
        "notUnderstood": 9,
        "reasons": {"status-unknown": 9},
    }


@pytest.mark.parametrize("words", [("sweep",), ("list-erasures",), ("verify-audit",)])
def test_every_answer_can_be_had_as_json(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    world(monkeypatch, 1, 0)
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    json.loads(result.stdout)


@pytest.mark.parametrize("words", [("rebuild",), ("verify",), ("sweep",), ("list-erasures",)])
def test_all_that_is_missing_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    file = tmp_path / "crm.toml"
    file.write_text('amount = "minor"\n[orders]\npaht = "bookings"\n')
    monkeypatch.setattr(config, "DEFAULT_FILE", file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    result = run(*words)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: 5 settings are missing or wrong.\n")
    for what in (
        'crm.toml: amount: unknown key; did you mean "amounts"?',
        'crm.toml: orders.paht: unknown key; did you mean "path"?',
        "GCLOUD_PROJECT is not set",
        "CRM_KEY is missing",
        "GOOGLE_APPLICATION_CREDENTIALS names no file",
    ):
        assert f"- {what}" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("GCLOUD_PROJECT", "My Shop", "GCLOUD_PROJECT is not the id of a project"),
        ("FIRESTORE_EMULATOR_HOST", "http://127.0.0.1:8080", "must be written host:port"),
        ("FIRESTORE_EMULATOR_HOST", "localhost", "must be written host:port"),
    ],
)
def test_what_is_mistyped_in_the_environment_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    env = {"GCLOUD_PROJECT": "demo-x", "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1", name: value}
    for key, one in env.items():
        monkeypatch.setenv(key, one)
    result = run("verify")
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words", [("--project", "demo-own", "roles"), ("roles", "--project=demo-own")]
)
def test_the_project_can_be_named_before_and_behind_the_command(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    seen = []

    def roles(_seen: Any) -> Iterator[Any]:
        seen.append(os.environ["GCLOUD_PROJECT"])
        return iter(())

    monkeypatch.setattr("crm.firebase.staff.roles", roles)
    assert run(*words).exit_code == 0
    assert seen == ["demo-own"]
    assert "GCLOUD_PROJECT" not in os.environ


def test_what_nobody_expected_is_one_sentence_without_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise KeyError("ada@example.com")

    monkeypatch.setattr("crm.runtime.services.services", fail)
    result = run("verify")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: This should not have happened: KeyError at test_")
    assert "ada@" not in result.output


@pytest.fixture
def nobody_there() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_a_dead_firestore_is_told_while_it_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, nobody_there: str
) -> None:
    project = f"demo-{uuid.uuid4().hex}"
    monkeypatch.setenv("GCLOUD_PROJECT", project)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", nobody_there)
    monkeypatch.setattr("crm.runtime.services.FIRST_ANSWER", 3 * output.SILENT)
    result = run("verify")
    assert result.exit_code == 1
    waiting, error = result.stderr.splitlines()
    assert waiting == f"Waiting for Firestore at {nobody_there} ({project}) ..."
    assert error.startswith("Error: Firestore did not answer (ServiceUnavailable) at")
    assert output.SILENT < 1


def test_who_gets_answers_is_told_of_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "SILENT", PATIENCE)
    world(monkeypatch, 1, 0)
    assert "Waiting" not in run("verify").output


LIVED = """
import sys
from testing.hosts import order
from testing.world import World
import crm.runtime.services
world = World()
world.store.put("orders/\\u738b\\u2026", order("ada@example.com"))
crm.runtime.services.services = lambda: world.services
from crm.entrypoints.cli import cli
cli(sys.argv[1:])
"""


@pytest.mark.parametrize("words", [*LOOKING, ("--help",), ("verify", "--json")])
@pytest.mark.parametrize("env", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}])
def test_no_terminal_is_too_poor_for_a_command(words: tuple[str, ...], env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIVED, *words],
        cwd=ROOT,
        env=os.environ | env | {"LANG": "C", "LC_ALL": "C"},
        capture_output=True,
        timeout=PATIENCE,
    )
    said = (done.stdout + done.stderr).decode("latin-1")
    assert done.returncode in (0, 1)
    assert "UnicodeEncodeError" not in said
    assert "Traceback" not in said
    if words == ("verify",):
        # To click "ascii" is a terminal that nobody has set up: it gets UTF-8.
        name = "\\u738b\\u2026" if "latin-1" in env.values() else "王…".encode().decode("latin-1")
        assert f"orders/{name}: is not accounted for" in said
    if "--json" in words:
        assert json.loads(done.stdout)["faults"][0]["path"] == "orders/王…"
