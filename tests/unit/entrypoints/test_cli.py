from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from google.api_core import exceptions
from google.cloud.firestore_v1.services.firestore import FirestoreClient

from crm.core.errors import Transient
from crm.core.roles import Role
from crm.db.accounts import StaffAccount
from crm.entrypoints.cli import cli
from crm.firebase import auth as accounts
from crm.firebase import staff
from crm.firebase.store import client
from crm.runtime.services import services
from testing.hosts import order
from testing.world import World

API: Any = exceptions
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _no_project(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "FIREBASE_AUTH_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def told(result: Result) -> str:
    """All that a command printed, but for what it waited for: a busy machine makes it wait."""
    lines = result.output.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("Waiting for "))


def test_help_everywhere() -> None:
    assert isinstance(cli, click.Group)
    for name, command in cli.commands.items():
        with pytest.raises(click.exceptions.Exit):  # also where it is run without the group
            command.make_context(name, ["-h"])
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


DATABASE = [("rebuild",), ("rebuild", "--dry-run"), ("sweep",), ("verify",), ("reapply-erasures",)]
DATABASE += [("verify-audit",), ("list-erasures",)]
"""Commands that ask Firestore."""


@pytest.fixture
def own_project(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A project that no other test has services of."""
    monkeypatch.setenv("GCLOUD_PROJECT", f"demo-{uuid.uuid4().hex}")
    for made in (services, client):
        made.cache_clear()
    yield
    for made in (services, client):
        made.cache_clear()


@pytest.mark.usefixtures("own_project")
@pytest.mark.parametrize("words", DATABASE)
def test_a_database_without_credentials_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CRM_KEY", secrets.token_hex(32))
    (tmp_path / "none.json").write_text("{}")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    result = run(*words)
    assert result.exit_code == 1
    assert told(result).startswith("Error: Firestore lets nobody in with these credentials: run")
    assert told(result).count("\n") == 1


@pytest.mark.usefixtures("own_project")
def test_a_missing_secret_says_whose_to_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_KEY", raising=False)
    result = run("rebuild")
    assert result.exit_code == 1
    assert "set it to the functions' own (`firebase functions:secrets:access CRM_KEY`)" in (
        result.output
    )


@pytest.mark.parametrize("words", [("rebuild",), ("rebuild", "--dry-run"), ("verify",)])
@pytest.mark.parametrize("trust", ["auth", "document"])
def test_who_believes_documents_is_told_what_rules_must_hold(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], trust: str
) -> None:
    world = World(trust=trust)
    world.put_order("o1", order("ada@example.com"))
    monkeypatch.setattr("crm.runtime.services.services", lambda: world.services)
    result = run(*words)
    assert result.exit_code == 0, result.output
    warned = "Warning: email_trust" in result.stderr and "no client may write `users`" in (
        result.stderr
    )
    assert warned == (trust == "document")


OWN, EARLIER = secrets.token_hex(32), "was long enough once"


@pytest.mark.usefixtures("own_project")
@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"CRM_KEY_BEFORE": EARLIER}, "CRM_KEY is missing"),
        ({"CRM_KEY": EARLIER, "CRM_KEY_BEFORE": OWN}, "CRM_KEY is shorter than 32 characters"),
        ({"CRM_KEY": OWN}, "CRM_KEY_BEFORE is missing: set it to the secret that the functions"),
        ({"CRM_KEY": OWN, "CRM_KEY_BEFORE": "short"}, "CRM_KEY_BEFORE is missing"),
        ({"CRM_KEY": OWN, "CRM_KEY_BEFORE": f"{OWN}\n"}, "CRM_KEY is the secret in CRM_KEY_BEFORE"),
        ({"CRM_KEY": OWN, "CRM_KEY_BEFORE": EARLIER}, "Firestore lets nobody in"),
        (
            {"CRM_KEY": OWN, "CRM_KEY_BEFORE": EARLIER, "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"},
            "Emulators have a fixed secret",
        ),
    ],
)
def test_a_key_is_replaced_only_with_both_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, env: dict[str, str], says: str
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    for name in ("CRM_KEY", "CRM_KEY_BEFORE", "FIRESTORE_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    result = run("rotate-key")
    assert result.exit_code == 1
    assert told(result).startswith(f"Error: {says}")
    assert told(result).count("\n") == 1
    assert OWN not in told(result)
    assert EARLIER not in told(result)


@pytest.mark.usefixtures("own_project")
@pytest.mark.parametrize("words", DATABASE)
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            API.ServiceUnavailable("x"),
            "Error: Firestore did not answer (ServiceUnavailable)",
        ),
        (API.PermissionDenied("ada@example.com"), "Error: Firestore lets nobody in with these"),
        (API.Unauthenticated("x"), "Error: Firestore lets nobody in with these credentials"),
        (API.NotFound("x"), "Error: There is no such Firestore database: check GCLOUD_PROJECT"),
        (API.Aborted("x"), "Error: Others kept changing the same documents: run it again."),
    ],
)
def test_whatever_firestore_answers_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], error: Exception, says: str
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setattr("crm.runtime.services.FIRST_ANSWER", 0)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(FirestoreClient, "batch_get_documents", fail)
    result = run(*words)
    assert result.exit_code == 1
    assert told(result).startswith(says)
    assert "ada@" not in told(result)
    assert told(result).count("\n") == 1


COMMANDS = [("grant", "ada@example.com", "viewer"), ("revoke", "ada@example.com"), ("roles",)]


@pytest.mark.parametrize("words", COMMANDS)
def test_without_a_project_it_says_so_in_one_sentence(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert told(result) == (
        "Error: GCLOUD_PROJECT is not set: set it to the id of the Firebase project.\n"
    )


@pytest.mark.parametrize("role", ["owner", "Admin", "true", ""])
def test_an_unknown_role_is_refused_before_anything_is_asked(role: str) -> None:
    result = run("grant", "ada@example.com", role)
    assert result.exit_code == 1
    assert told(result) == "Error: ROLE must be one of viewer, editor, admin.\n"


class _Directory:
    """What `staff` asks of Firebase Auth, for one account."""

    def __init__(self, verified: bool, claims: dict[str, object] | None = None) -> None:
        self.account = SimpleNamespace(
            uid="u1",
            email="ada@example.com",
            email_verified=verified,
            custom_claims=claims,
            display_name=None,
            disabled=False,
            user_metadata=SimpleNamespace(last_sign_in_timestamp=None),
            _data={},
        )
        self.done: list[object] = []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GCLOUD_PROJECT", "demo-x")
        for name in ("get_user_by_email", "get_user"):
            monkeypatch.setattr(f"firebase_admin.auth.{name}", lambda *_, **__: self.account)
        monkeypatch.setattr("firebase_admin.auth.set_custom_user_claims", self._set_claims)
        monkeypatch.setattr("firebase_admin.auth.revoke_refresh_tokens", self._end_sessions)

    def _set_claims(self, _uid: str, claims: object, **_: object) -> None:
        self.done.append(claims)

    def _end_sessions(self, uid: str, **_: object) -> None:
        self.done.append(f"sessions of {uid}")


@pytest.mark.parametrize(
    ("verified", "options", "done", "says"),
    [
        (True, (), [{"crm": "admin"}], "ada@example.com is admin now.\n"),
        (True, ("--unverified",), [{"crm": "admin"}], "ada@example.com is admin now.\n"),
        (False, (), [], "Error: The address of this account is not verified, and anybody"),
        (False, ("--unverified",), [{"crm": "admin"}], "ada@example.com is admin once the address"),
    ],
)
def test_an_unverified_account_gets_a_role_only_where_the_operator_says_so(
    monkeypatch: pytest.MonkeyPatch,
    verified: bool,
    options: tuple[str, ...],
    done: list[object],
    says: str,
) -> None:
    directory = _Directory(verified)
    directory.install(monkeypatch)
    result = run("grant", "ada@example.com", "admin", *options)
    assert told(result).startswith(says)
    assert told(result).count("\n") == 1
    assert directory.done == done
    assert result.exit_code == (0 if done else 1)


@pytest.mark.parametrize(
    ("claims", "done"),
    [({"crm": "admin", "own": 1}, [{"own": 1}, "sessions of u1"]), (None, ["sessions of u1"])],
)
def test_a_role_is_taken_before_the_sessions_end_and_they_end_in_any_case(
    monkeypatch: pytest.MonkeyPatch, claims: dict[str, object] | None, done: list[object]
) -> None:
    directory = _Directory(True, claims)
    directory.install(monkeypatch)
    assert run("revoke", "ada@example.com").exit_code == 0
    assert directory.done == done


@pytest.mark.parametrize("email", ["", "ada", "a@@example.com", "Ada <ada@example.com>"])
def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-x")
    for words in (("grant", email, "viewer"), ("revoke", email)):
        result = run(*words)
        assert result.exit_code == 1
        assert told(result).startswith("Error: Write one plain e-mail address")
        assert told(result).count("\n") == 1


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
    assert told(result).startswith("Error: Firebase Auth did not answer: check the network")
    assert told(result).count("\n") == 1


@pytest.mark.parametrize("words", COMMANDS)
def test_missing_credentials_are_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", f"demo-{uuid.uuid4().hex}")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    result = run(*words)
    assert result.exit_code == 1
    assert told(result).startswith("Error: Google's libraries found no usable credentials: run")
    assert told(result).count("\n") == 1


@pytest.mark.parametrize("words", COMMANDS)
def test_an_emulator_written_as_a_url_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", f"demo-{uuid.uuid4().hex}")
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "http://127.0.0.1:9099")
    result = run(*words)
    assert result.exit_code == 1
    assert told(result) == (
        "Error: FIREBASE_AUTH_EMULATOR_HOST must be written host:port, without http://.\n"
    )


@pytest.mark.usefixtures("nobody_there")
def test_an_auth_that_does_not_answer_proves_nothing() -> None:
    with pytest.raises(Transient):
        accounts.find("u1")


def test_without_a_project_auth_proves_nothing() -> None:
    with pytest.raises(Transient):
        accounts.find("u1")


def test_roles_are_lines_of_role_address_and_uid_the_highest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = [
        StaffAccount("u1", "b@example.com", verified=True, role=Role.VIEWER),
        StaffAccount("u2", "a@example.com", verified=True, role=Role.VIEWER),
        StaffAccount("u3", None, verified=False, role=Role.ADMIN),
    ]
    monkeypatch.setattr(staff, "roles", lambda _seen: iter(held))
    assert run("roles").stdout == (
        "admin\t-\tu3\nviewer\ta@example.com\tu2\nviewer\tb@example.com\tu1\n"
    )
