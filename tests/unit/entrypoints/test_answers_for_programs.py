"""Each command's answer in JSON, with the keys of docs/operating.md; and commands on terminals."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from crm.core.roles import Role
from crm.db.accounts import StaffAccount
from crm.entrypoints.cli import cli
from crm.entrypoints.doctor import gathering
from crm.firebase import staff
from crm.runtime.key_fingerprint import remember_key
from crm.setup.facts import Facts, Here
from testing.hosts import order, user
from testing.patience import PATIENCE
from testing.world import World

ROOT = Path(__file__).parents[3]

ADA = StaffAccount("u1", "ada@example.com", verified=True, role=Role.ADMIN)

CSV = "email,status\neve@example.com,none\n"

RUN: dict[str, tuple[str, ...]] = {
    "doctor": (),
    "grant": ("ada@example.com", "admin"),
    "revoke": ("ada@example.com",),
    "roles": (),
    "mapping": (),
    "rebuild": ("--dry-run",),
    "sweep": (),
    "import": ("list.csv",),
    "verify": (),
    "verify-audit": (),
    "list-erasures": (),
    "reapply-erasures": (),
    "check-sender": ("mail.txt",),
    "rotate-key": (),
    "personal-data": (),
}

FAILS = {"check-sender", "doctor"}
"""With what they are given here; they answer all the same."""


@pytest.fixture
def lived(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """A shop with an order, a user and staff, instead of a project."""
    world = World()
    world.put_user("u1", user())
    world.put_order("o1", order())
    remember_key(world.store, world.runner.keys, world.runner.now())
    (tmp_path / "list.csv").write_text(CSV)
    (tmp_path / "mail.txt").write_text("From: a@example.com\n\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-answers")
    monkeypatch.setattr("crm.runtime.services.services", lambda: world.services)
    monkeypatch.setattr("crm.entrypoints.commands.mapping._database", lambda: world.store)
    for name, answer in {
        "grant": lambda *_, **__: ADA,
        "revoke": lambda *_: ADA,
        "roles": lambda _: iter([ADA]),
    }.items():
        monkeypatch.setattr(staff, name, answer)
    monkeypatch.setattr("crm.entrypoints.key_rotation.rotate", lambda *_: 7)
    facts = Facts(Here("0", "3.11", "15.0.0"), world.runner.now(), wrong=("Nothing is set.",))
    monkeypatch.setattr(gathering, "gather", lambda *_, **__: facts)
    return world


def documented() -> dict[str, list[str]]:
    """Each command's keys: those of its object, without what stands behind a colon."""
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    section = text.partition("## Answers for programs")[2].partition("\n## ")[0]
    rows = re.findall(r"(?m)^\| `([\w-]+)` \| (.*) \|$", section)
    return {name: re.findall(r"`(\w+)`", re.sub(r": [^;]*", "", says)) for name, says in rows}


def test_every_command_that_answers_is_run_and_documented() -> None:
    assert isinstance(cli, click.Group)
    answering = {
        name
        for name, command in cli.commands.items()
        if any(option.name == "as_json" for option in command.params)
    }
    assert set(RUN) <= answering
    assert set(documented()) >= set(RUN)


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize("name", RUN)
@pytest.mark.parametrize("before", [True, False])
def test_its_answer_is_one_object_with_these_keys(name: str, before: bool) -> None:
    project = ["--project", "demo-answers"]
    words = [*project, name] if before else [name, *project]
    result = CliRunner().invoke(cli, [*words, *RUN[name], "--json"])
    assert result.exit_code == (1 if name in FAILS else 0), result.output
    told = json.loads(result.stdout)
    assert isinstance(told, dict)
    assert "Error" not in result.stderr
    keys = documented()[name]
    shown = {key for key in keys if key in told}
    assert shown == set(told), "every key is documented"


@pytest.mark.parametrize("name", sorted({*RUN} - {"check-sender", "doctor", "personal-data"}))
def test_a_failure_before_the_answer_is_one_object_too(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for one in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "CRM_KEY", "FIRESTORE_EMULATOR_HOST"):
        monkeypatch.delenv(one, raising=False)
    from crm.runtime.services import services

    services.cache_clear()
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, [name, *RUN[name], "--json"])
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert set(told) == {"error"}
    assert f"Error: {told['error']['message']}" in result.stderr


def test_a_refusal_has_its_reason() -> None:
    told = json.loads(CliRunner().invoke(cli, ["grant", "a@b.c", "owner", "--json"]).stdout)
    assert told == {
        "error": {"message": "ROLE must be one of viewer, editor, admin.", "reason": "role-unknown"}
    }


# --- Terminals -----------------------------------------------------------------------------------

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


def on_a_terminal(*words: str, encoding: str) -> tuple[int, str]:
    """Run a command whose three streams are a terminal; its status and all that it shows."""
    ours, theirs = pty.openpty()
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TERM": "xterm"}
    for name in ("GCLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST", "NO_COLOR", "CI"):
        plain[name] = ""
    with subprocess.Popen(
        [sys.executable, "-c", LIVED, *words],
        cwd=ROOT,
        env={**os.environ, **plain, "PYTHONIOENCODING": encoding, "COLUMNS": "100"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                some = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
            if not some:
                break
            shown += some
        os.close(ours)
        status = process.wait(PATIENCE)
    return status, shown.decode("latin-1")


def test_no_command_loads_the_sdk_of_the_functions() -> None:
    """It sets the streams to UTF-8 when it is loaded, whatever the terminal is."""
    code = (
        "import sys, pkgutil, importlib, crm.entrypoints.commands as all_of;"
        "[importlib.import_module(f'{all_of.__name__}.{one.name}')"
        " for one in pkgutil.iter_modules(all_of.__path__)];"
        "import crm.entrypoints.names, crm.entrypoints.job_kinds, crm.entrypoints.sweeping;"
        "import crm.entrypoints.doctor.gathering, crm.entrypoints.key_rotation;"
        "sys.exit('firebase_functions' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("words", [("verify",), ("rebuild",), ("doctor",), ("mapping", "--help")])
def test_no_terminal_is_too_poor_for_bars_and_tables(words: tuple[str, ...], encoding: str) -> None:
    status, shown = on_a_terminal(*words, encoding=encoding)
    assert status in {0, 1}
    assert "UnicodeEncodeError" not in shown
    assert "Traceback" not in shown
    if encoding != "utf-8":
        assert not re.search(r"[\x80-\xff]", shown.replace("\xe7\x8e\x8b\xe2\x80\xa6", ""))
    if words == ("doctor",):
        assert "fail" in shown
        assert "project" in shown
        assert re.search(r"\x1b\[[0-9;]*m", shown), "in colours"


def test_where_there_is_no_terminal_there_are_plain_lines() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIVED, "doctor"],
        cwd=ROOT,
        env={**os.environ, "GCLOUD_PROJECT": "", "FIRESTORE_EMULATOR_HOST": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "\x1b" not in done.stdout
    *lines, counts = done.stdout.splitlines()
    assert all(re.match(r"(ok  |warn|fail) [a-z-]+: ", line) for line in lines)
    assert re.fullmatch(r"\d+ ok, \d+ warn, \d+ fail", counts)
