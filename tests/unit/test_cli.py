from __future__ import annotations

import socket
import subprocess
import sys
import uuid
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from crm import accounts
from crm.access import Role
from crm.cli import cli
from crm.errors import Transient

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_project(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "FIREBASE_AUTH_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def test_help_everywhere() -> None:
    assert isinstance(cli, click.Group)
    for words in ([], *([name] for name in cli.commands)):
        for option in ("--help", "-h"):
            result = run(*words, option)
            assert result.exit_code == 0
            assert len(result.stdout.splitlines()) > 4
    for name in cli.commands:
        assert name in run("--help").stdout


def test_it_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "crm", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "python -m crm" in done.stdout


def test_every_command_is_documented() -> None:
    assert isinstance(cli, click.Group)
    docs = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    for name in cli.commands:
        assert f"python -m crm {name}" in docs


COMMANDS = [("grant", "ada@example.com", "viewer"), ("revoke", "ada@example.com"), ("roles",)]


@pytest.mark.parametrize("words", COMMANDS)
def test_without_a_project_it_says_so_in_one_sentence(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert result.output == (
        "Error: GCLOUD_PROJECT is not set: set it to the id of the Firebase project.\n"
    )


@pytest.mark.parametrize("role", ["owner", "Admin", "true", ""])
def test_an_unknown_role_is_refused_before_anything_is_asked(role: str) -> None:
    result = run("grant", "ada@example.com", role)
    assert result.exit_code == 1
    assert result.output == "Error: ROLE must be one of viewer, editor, admin.\n"


@pytest.mark.parametrize("email", ["", "ada", "a@@example.com", "Ada <ada@example.com>"])
def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-x")
    for words in (("grant", email, "viewer"), ("revoke", email)):
        result = run(*words)
        assert result.exit_code == 1
        assert result.output.startswith("Error: Write one plain e-mail address")
        assert result.output.count("\n") == 1


@pytest.fixture
def nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """An Auth emulator's address at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", f"127.0.0.1:{port}")
    monkeypatch.setenv("GCLOUD_PROJECT", f"demo-{uuid.uuid4().hex}")


@pytest.mark.usefixtures("nobody_there")
@pytest.mark.parametrize("words", COMMANDS)
def test_an_auth_that_does_not_answer_is_said_in_one_sentence(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert result.output.startswith("Error: Firebase Auth did not answer: check the network")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("words", COMMANDS)
def test_missing_credentials_are_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", f"demo-{uuid.uuid4().hex}")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    result = run(*words)
    assert result.exit_code == 1
    assert result.output.startswith("Error: Google's libraries found no usable credentials: run")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("words", COMMANDS)
def test_an_emulator_written_as_a_url_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", f"demo-{uuid.uuid4().hex}")
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "http://127.0.0.1:9099")
    result = run(*words)
    assert result.exit_code == 1
    assert result.output == (
        "Error: FIREBASE_AUTH_EMULATOR_HOST must be written host:port, without http://.\n"
    )


@pytest.mark.usefixtures("nobody_there")
def test_an_auth_that_does_not_answer_proves_nothing() -> None:
    with pytest.raises(Transient):
        accounts.proof("u1", "ada@example.com")


def test_without_a_project_auth_proves_nothing() -> None:
    with pytest.raises(Transient):
        accounts.proof("u1", "ada@example.com")


def test_roles_are_lines_of_role_address_and_uid_the_highest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = [
        accounts.Account("u1", "b@example.com", verified=True, role=Role.VIEWER),
        accounts.Account("u2", "a@example.com", verified=True, role=Role.VIEWER),
        accounts.Account("u3", None, verified=False, role=Role.ADMIN),
    ]
    monkeypatch.setattr(accounts, "roles", lambda: iter(held))
    assert run("roles").stdout == (
        "admin\t-\tu3\nviewer\ta@example.com\tu2\nviewer\tb@example.com\tu1\n"
    )
