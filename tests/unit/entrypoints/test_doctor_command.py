"""`doctor` as a command: where facts come from, how long it waits, how it tells."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import crm
from crm.core.errors import ConfigError
from crm.core.keyring import Keyring
from crm.db.installed import VERSION_LABEL, as_label
from crm.entrypoints.cli import cli
from crm.entrypoints.doctor import gathering
from crm.entrypoints.doctor.asking import Asked
from crm.entrypoints.doctor.gathering import Sources, gather
from crm.entrypoints.names import FUNCTIONS
from crm.firebase import management
from crm.runtime.key_fingerprint import remember_key
from crm.setup.check import Check, Silent
from crm.setup.doctor import diagnosed
from suite.launch import ROOT
from testing.hosts import order
from testing.patience import PATIENCE
from testing.world import World
from tests.support.google_apis import Deployed, served

KEY, OTHER = (hashlib.sha256(one).hexdigest() for one in (b"a key", b"another key"))

ENVIRONMENT = (
    *("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "CRM_KEY", "GOOGLE_APPLICATION_CREDENTIALS"),
    *("FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST", "FUNCTIONS_EMULATOR_ORIGIN"),
    *("FIREBASE_EMULATOR_HUB", "CRM_MAIL", "CRM_EMULATOR_MAIL", "CRM_EMULATOR_CONTACTS"),
)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A host's app as it should be, with the command run in it; nothing in the environment."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("crm.entrypoints.doctor.folder.firebase_version", lambda: "15.24.0")
    made = tmp_path / "crm-lite"
    (made / "venv").mkdir(parents=True)
    (made / "venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    (made / "main.py").write_text('"""CRM-Lite\'s functions."""\nfrom crm.functions import *\n')
    wheel = f"crm_lite-{crm.__version__}-py3-none-any.whl"
    (made / wheel).touch()
    (made / "requirements.txt").write_text(f"click==8.5.1\n./{wheel} --hash=sha256:00\n")
    (made / "crm.toml").write_text('region = "us-central1"\ntime_zone = "UTC"\n')
    (tmp_path / "firestore.rules").write_text("rules_version = '2';\n")
    (tmp_path / "firebase.json").write_text(
        """{
          // as `firebase init` writes it, "with" comments
          "functions": [
            { "source": "functions", },
            { "source": "crm-lite", "codebase": "crm", "runtime": "python311" },
          ],
          /* and */ "firestore": { "rules": "firestore.rules" },
          "emulators": { "functions": { "port": 5055 } }
        }"""
    )
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["doctor", *words])


def checks(found: Any) -> dict[str, Check]:
    return {one.check: one for one in found}


# --- Production, with APIs of our own ------------------------------------------------------------


def well() -> World:
    """A database in which everything has arrived, made with the key of the environment."""
    world = World()
    for number in range(30):
        world.put_order(f"o{number}", order(f"p{number}@example.com"))
    world.staff.hire("second", world.staff.of["staff"].role)
    remember_key(world.store, Keyring(KEY.encode()), world.runner.now())
    return world


@contextmanager
def production(monkeypatch: pytest.MonkeyPatch, world: World, deployed: Deployed) -> Iterator[None]:
    """The command's sources, as in production: the database in memory, the APIs on a port."""
    monkeypatch.setenv("GCLOUD_PROJECT", "my-shop")
    monkeypatch.setenv("CRM_KEY", KEY)
    with served(deployed) as apis:
        sources = Sources(lambda: world.store, world.staff, lambda _: apis, world.store.now)
        plain = gathering.gather
        monkeypatch.setattr(
            gathering, "gather", lambda *a, **more: plain(*a, **more, sources=sources)
        )
        yield


def scheduled(world: World) -> dict[str, object]:
    return {"state": "ENABLED", "lastAttemptTime": world.store.now().isoformat()}


def test_production_that_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    world = well()
    before = world.database
    with production(monkeypatch, world, Deployed(job=scheduled(world))):
        result = run("--json")
    told = json.loads(result.stdout)
    bad = {one["check"]: one["message"] for one in told["checks"] if one["verdict"] != "ok"}
    # What a new crm.toml says nothing of.
    assert set(bad) == {"privacy", "mail", "sign-up"}
    assert (result.exit_code, told["ready"], told["fail"]) == (1, False, 1)
    assert world.database == before, "it writes nothing"
    said = {one["check"]: one["message"] for one in told["checks"]}
    assert said["key"] == "CRM_KEY is the one that this database was made with."
    assert re.fullmatch(r"All 1\d\d indexes are ready\.", said["indexes"])
    assert said["deployment"].startswith(
        f"All {len(FUNCTIONS)} functions are there, in us-central1"
    )


@pytest.mark.parametrize(
    ("change", "check", "verdict", "says"),
    [
        ({"rules": None}, "rules", "fail", "No rules are in force"),
        ({"location": "eur3"}, "region", "fail", "the database is in eur3"),
        ({"functions": []}, "deployment", "fail", "No function of CRM-Lite is there"),
        ({"job": None}, "sweep", "fail", "Nothing calls the function sweep"),
        ({"refuses": ("functions",)}, "deployment", "warn", "roles/cloudfunctions.viewer"),
        ({"refuses": ("rulesets",)}, "rules", "warn", "roles/firebaserules.viewer"),
        ({"refuses": ("indexes",)}, "indexes", "warn", "roles/datastore.indexAdmin"),
        ({"refuses": ("jobs",)}, "sweep", "warn", "roles/cloudscheduler.viewer"),
    ],
)
def test_what_the_apis_say_reaches_its_line(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], check: str, verdict: str, says: str
) -> None:
    world = well()
    deployed = Deployed(**{"job": scheduled(world), **change})
    with production(monkeypatch, world, deployed):
        found = checks(diagnosed(gathering.gather("crm-lite")))
    assert (found[check].verdict, says in found[check].message) == (verdict, True), found[check]


@pytest.mark.parametrize(
    ("key", "verdict", "says"),
    [
        (None, "warn", "The functions have their CRM_KEY."),
        ("crm-lite-emulator-key-protects-nothing", "fail", "CRM_KEY is not the secret that"),
        (OTHER, "fail", "CRM_KEY is not the secret that this database was made"),
        (KEY, "ok", "is the one"),
        ("aB3", "fail", "CRM_KEY is shorter than 32 characters"),
    ],
)
def test_the_key_is_held_against_the_database(
    monkeypatch: pytest.MonkeyPatch, key: str | None, verdict: str, says: str
) -> None:
    with production(monkeypatch, well(), Deployed()):
        if key is None:
            monkeypatch.delenv("CRM_KEY")
        else:
            monkeypatch.setenv("CRM_KEY", key)
        found = checks(diagnosed(gathering.gather("crm-lite")))["key"]
    assert (found.verdict, says in found.message) == (verdict, True), found
    assert key is None or key not in found.message


def test_without_credentials_it_is_one_sentence_and_nobody_else_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: str) -> management.Management:
        raise ConfigError("Google's libraries found no usable credentials: run this.")

    monkeypatch.setenv("GCLOUD_PROJECT", "my-shop")
    world = World()
    facts = gather(
        "crm-lite", sources=Sources(lambda: world.store, world.staff, refuse, world.store.now)
    )
    found = checks(diagnosed(facts))
    assert found["project"].verdict == "fail"
    assert found["project"].message.endswith("found no usable credentials: run this.")
    assert "database" not in found


def test_all_that_is_missing_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    (folder / "crm.toml").write_text('amount = "minor"\n[orders]\npaht = "x"\n')
    result = run("--json")
    assert result.exit_code == 1
    said = {one["check"]: one["message"] for one in json.loads(result.stdout)["checks"]}
    assert "GCLOUD_PROJECT is not set" in said["project"]
    assert "GOOGLE_APPLICATION_CREDENTIALS names no file" in said["project"]
    assert 'did you mean "amounts"' in said["settings"]
    assert 'did you mean "path"' in said["settings"]
    assert said["key"].startswith("CRM_KEY is missing")


def test_an_order_is_sent_on_emulators_alone() -> None:
    result = run("--send-order")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: --send-order writes an order, which is for emulators")
    told = json.loads(run("--send-order", "--json").stdout)
    assert told["error"]["reason"] == "emulators-only"


# --- Emulators -----------------------------------------------------------------------------------


@contextmanager
def emulator(answers: Mapping[str, object]) -> Iterator[str]:
    """What answers as emulators do, by the beginning of a path; a number is a status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = next((a for path, a in answers.items() if self.path.startswith(path)), 404)
            if callable(said):
                said = said(self.headers.get("Authorization", ""))
            self.send_response(said if isinstance(said, int) else 200)
            self.end_headers()
            self.wfile.write(json.dumps({} if isinstance(said, int) else said).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def backends(**changes: object) -> dict[str, object]:
    labels = {VERSION_LABEL: as_label(crm.__version__)}
    plain = {"region": "us-central1", "codebase": "crm", "labels": labels, **changes}
    triggers = [{"name": name, **plain} for name in sorted(FUNCTIONS)]
    other = {"name": "pay", "region": "us-central1", "codebase": "default", "labels": {}}
    return {"backends": [{"functionTriggers": [*triggers, other]}]}


def rules_of(stranger: int, nobody: int, staff: int) -> Any:
    """Statuses by who asks, as a token that nobody has signed says it."""

    def status(header: str) -> int:
        if not header:
            return stranger
        body = header.split(".")[1]
        import base64

        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        assert claims["aud"] == os.environ["GCLOUD_PROJECT"]
        return staff if claims.get("crm") == "viewer" else nobody

    return status


def emulated(monkeypatch: pytest.MonkeyPatch, host: str, world: World) -> dict[str, Check]:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-shop")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", host)
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", host)

    def unasked(_: str) -> management.Management:
        raise AssertionError

    sources = Sources(lambda: world.store, world.staff, unasked, world.store.now)
    return checks(diagnosed(gather("crm-lite", sources=sources)))


def test_emulators_are_asked_what_they_have_loaded_and_what_rules_let_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.put_order("o1", order())
    answers = {"/backends": backends(), "/v1/projects/demo-shop/": rules_of(403, 403, 200)}
    with emulator(answers) as host:
        monkeypatch.setenv("FUNCTIONS_EMULATOR_ORIGIN", f"http://{host}/")
        found = emulated(monkeypatch, host, world)
    for name in ("versions", "rules", "open-rules", "indexes", "deployment", "key", "functions"):
        assert found[name].verdict == "ok", found[name]


@pytest.mark.parametrize(
    ("statuses", "bad"),
    [
        ((200, 200, 200), {"open-rules": "Anybody can"}),
        ((403, 200, 200), {"open-rules": "Anybody who is signed in can"}),
        ((403, 403, 403), {"rules": "Staff cannot read"}),
    ],
)
def test_what_rules_let_in_is_tried(
    monkeypatch: pytest.MonkeyPatch, statuses: tuple[int, int, int], bad: dict[str, str]
) -> None:
    with emulator({"/v1/projects/demo-shop/": rules_of(*statuses)}) as host:
        monkeypatch.setenv("FUNCTIONS_EMULATOR_ORIGIN", f"http://{host}")
        found = emulated(monkeypatch, host, World())
    for name in ("rules", "open-rules"):
        assert found[name].verdict == ("fail" if name in bad else "ok")
        assert found[name].message.startswith(bad.get(name, ""))


def test_the_functions_emulator_is_found_by_the_hub_or_by_firebase_json(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with emulator({"/backends": backends(region="europe-west1")}) as host:
        name, _, port = host.partition(":")
        hub = {"/emulators": {"functions": {"host": name, "port": int(port)}}}
        with emulator(hub) as at:
            monkeypatch.setenv("FIREBASE_EMULATOR_HUB", at)
            found = emulated(monkeypatch, host, World())
    assert "are in europe-west1, and crm.toml says us-central1" in found["deployment"].message
    with emulator({"/emulators": {"auth": {}}}) as at:
        monkeypatch.setenv("FIREBASE_EMULATOR_HUB", at)
        found = emulated(monkeypatch, at, World())
    assert "The Functions emulator is not running" in found["deployment"].message
    monkeypatch.delenv("FIREBASE_EMULATOR_HUB")
    found = emulated(monkeypatch, at, World())
    assert "does not answer at 127.0.0.1:5055" in found["deployment"].message


def test_one_emulator_without_the_other_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-shop")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    found = checks(diagnosed(gather("crm-lite")))
    assert "FIREBASE_AUTH_EMULATOR_HOST is not: set both" in found["project"].message


@contextmanager
def silent() -> Iterator[str]:
    """A host that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


IMPATIENT = """
from crm.entrypoints.cli import cli
from crm.entrypoints.doctor import gathering
gathering.FIRST = 0.0
cli(["doctor"])
"""


def test_a_host_that_never_answers_is_told_within_seconds() -> None:
    """In a process of its own: threads that still wait for the host end with it.

    Loading Firestore's library may take its time: that says nothing of the host.
    """
    with silent() as host:
        env = {
            **os.environ,
            "GCLOUD_PROJECT": f"demo-{uuid.uuid4().hex}",
            "FIRESTORE_EMULATOR_HOST": host,
            "FIREBASE_AUTH_EMULATOR_HOST": host,
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-c", IMPATIENT]
        result = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 1, result.stderr
    line = f"fail database: Firestore at {host} did not answer within 0 seconds: check the network"
    assert line in result.stdout
    assert "history" not in result.stdout, "nothing else is asked of it"
    assert "warn staff: Firebase Auth did not answer within 0 seconds" in result.stdout


def test_the_waiting_is_shorter_than_ten_seconds() -> None:
    assert gathering.FIRST < 8


# --- What is not an answer -----------------------------------------------------------------------


def test_a_source_that_breaks_says_where_and_no_value() -> None:
    def fail() -> None:
        raise KeyError("ada@example.com")

    said = Asked("Firestore", fail).within(PATIENCE)
    assert isinstance(said, Silent)
    assert said.why.startswith("Firestore could not be looked at: KeyError at test_doctor_command")
    assert "ada@" not in said.why


def test_a_source_that_is_slow_costs_its_own_line() -> None:
    free = threading.Event()
    said = Asked("The Firebase CLI", lambda: free.wait(PATIENCE)).within(0.05)
    free.set()
    assert isinstance(said, Silent)
    assert said.why.startswith("The Firebase CLI did not answer within 0 seconds")


# --- The folder ----------------------------------------------------------------------------------


def test_the_folder_is_read(folder: Path) -> None:
    found = gather("crm-lite").folder
    assert found is not None
    assert (found.locked, found.venv, found.runtime) == (crm.__version__, "3.11", "python311")
    assert (found.listed, found.missing, found.functions_port) == (True, (), 5055)
    assert found.rules == "rules_version = '2';\n"


@pytest.mark.parametrize(
    ("spoil", "verdict", "says"),
    [
        (lambda one: (one / "main.py").unlink(), "fail", "lacks main.py"),
        (lambda one: next(one.glob("*.whl")).unlink(), "fail", "lacks crm_lite-"),
        (lambda one: (one.parent / "firebase.json").write_text("{}"), "fail", "does not name"),
        (lambda one: (one.parent / "firebase.json").write_text("nonsense"), "fail", "not name"),
        (lambda one: (one / "venv" / "pyvenv.cfg").unlink(), "warn", "has no venv"),
        (lambda one: one.rename(one.parent / "other"), "warn", "There is no folder crm-lite"),
    ],
)
def test_a_folder_that_is_not_whole_is_named(
    folder: Path, spoil: Any, verdict: str, says: str
) -> None:
    spoil(folder)
    found = checks(diagnosed(gather("crm-lite")))["folder"]
    assert (found.verdict, says in found.message) == (verdict, True), found


def test_it_is_run_in_the_folder_itself_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "crm.toml").write_text('region = "asia-east1"\n')
    facts = gather("crm-lite")
    assert facts.settings is not None
    assert facts.settings.region == "asia-east1"
    assert facts.folder is not None
    assert replace(facts.folder, name="crm-lite").listed is True


def test_the_lock_of_a_copy_is_the_copys_own_version(folder: Path) -> None:
    (folder / "requirements.txt").write_text("click==8.5.1\n")
    (folder / "crm").mkdir()
    (folder / "crm" / "__init__.py").write_text('__version__ = "0.0.9"\n')
    found = checks(diagnosed(gather("crm-lite")))["versions"]
    assert (found.verdict, "has 0.0.9" in found.message) == ("fail", True)


# --- Headers of a test mail ----------------------------------------------------------------------


def test_headers_of_a_mail_are_judged_too(tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_text("From: a@example.com\n\n")
    said = json.loads(run("--json", "--headers", "mail.txt").stdout)["checks"]
    sender = next(one for one in said if one["check"] == "sender")
    assert sender["verdict"] == "fail"
    assert "received: No result of a receiving server is in it" in sender["message"]
    result = run("--headers", "none.txt")
    assert result.stderr == "Error: none.txt: No such file or directory.\n"
