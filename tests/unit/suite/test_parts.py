"""Ports, processes, settings and retries of the suite, without an emulator."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from crm.config.settings import Settings, with_mail
from suite import launch
from suite.errors import SuiteError
from suite.ports import SERVICES, claimed_ports, is_free
from suite.processes import MARK, end_family, living
from suite.running import Suite
from suite.settings import mail_settings, read_config, suite_config, suite_env
from testing.patience import PATIENCE


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_suites_at_once_share_no_port() -> None:
    with ExitStack() as stack:
        claims = [stack.enter_context(claimed_ports()) for _ in range(3)]
        used = [
            {*claim.services.values(), *range(claim.first_worker, claim.last_worker + 1)}
            for claim in claims
        ]
    assert len(set.union(*used)) == sum(len(ports) for ports in used)
    assert all(set(claim.services) == set(SERVICES) for claim in claims)


def test_a_port_in_use_is_passed_over() -> None:
    with claimed_ports() as claim:
        first = claim.services["auth"]
    with closing(socket.socket()) as taken:
        try:
            taken.bind(("127.0.0.1", first))
        except OSError:
            pytest.skip("somebody was quicker")
        taken.listen(1)
        assert not is_free(first)
        with claimed_ports() as claim:
            assert first not in claim.services.values()


def test_a_port_asked_for_is_given_or_refused() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen(1)
        with (
            pytest.raises(SuiteError, match=rf"Port {port}, asked for auth, is in use"),
            claimed_ports({"auth": port}),
        ):
            pass
    with claimed_ports({"auth": port}) as claim:
        assert claim.services["auth"] == port
    with pytest.raises(SuiteError, match="no service 'post'"), claimed_ports({"post": port}):
        pass


DEAF = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
if len(sys.argv) > 2:
    subprocess.Popen([sys.executable, __file__, sys.argv[2]], start_new_session=True)
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
while True:
    time.sleep(1)
"""
STEPS = ((signal.SIGINT, 0.2), (signal.SIGTERM, 0.2), (signal.SIGKILL, PATIENCE))


@pytest.fixture
def deaf_family(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process and its child in a session of its own, both deaf to everything but SIGKILL."""
    script = tmp_path / "deaf.py"
    script.write_text(DEAF, encoding="utf-8")
    own, childs = tmp_path / "own", tmp_path / "child"
    process = subprocess.Popen(
        [sys.executable, script, own, childs],
        start_new_session=True,
        env=os.environ | {MARK: str(tmp_path)},
    )
    wait_for(lambda: own.exists() and childs.exists() and childs.read_text())
    child = int(childs.read_text())
    yield process, child
    for pid in (process.pid, child):
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def is_alive(pid: int) -> bool:
    return pid in {process.pid for process in living()}


def test_ends_a_family_that_is_deaf(deaf_family: tuple[subprocess.Popen[bytes], int]) -> None:
    process, child = deaf_family
    assert is_alive(process.pid)
    assert is_alive(child)
    assert end_family(process.pid, steps=STEPS) == []
    assert not is_alive(process.pid)
    assert not is_alive(child)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="environments are not shown")
def test_finds_an_orphan_by_its_mark(
    deaf_family: tuple[subprocess.Popen[bytes], int], tmp_path: Path
) -> None:
    process, child = deaf_family
    process.kill()
    process.wait()
    assert end_family(process.pid, steps=STEPS) == []
    assert is_alive(child)
    assert end_family(process.pid, str(tmp_path), steps=STEPS) == []
    assert not is_alive(child)


@pytest.mark.parametrize("from_ps", [False, True])
def test_sees_living_processes_only(monkeypatch: pytest.MonkeyPatch, from_ps: bool) -> None:
    if from_ps:
        monkeypatch.setattr("suite.processes._PROC", Path("/nowhere"))
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert child.stdin is not None
    seen = {process.pid: process for process in living()}
    assert seen[child.pid].parent == os.getpid()
    assert seen[child.pid].group == os.getpgrp()
    child.stdin.close()
    # It has ended and is not waited for yet: a zombie counts as gone.
    wait_for(lambda: not is_alive(child.pid))
    child.wait()


def project(folder: Path, python: str | None = "3.12.4") -> dict[str, object]:
    folder.joinpath("requirements.txt").touch()
    if python:
        folder.joinpath("venv").mkdir()
        text = f"home = /usr/bin\nversion = {python}\n"
        folder.joinpath("venv", "pyvenv.cfg").write_text(text, encoding="utf-8")
    codebase = {"source": ".", "codebase": "crm", "runtime": "python311"}
    return {"functions": codebase, "firestore": {"rules": "r"}, "emulators": {"storage": {}}}


def test_config_names_the_python_of_the_virtual_environment(tmp_path: Path) -> None:
    with claimed_ports() as ports:
        config = suite_config(project(tmp_path), tmp_path, ports, functions=True)
    assert config["functions"][0]["runtime"] == "python312"
    assert config["firestore"] == {"rules": "r"}
    assert set(config["emulators"]) == {
        *("auth", "firestore", "hub", "logging", "functions", "tasks", "eventarc"),
        *("ui", "singleProjectMode"),
    }
    assert config["emulators"]["firestore"] == {
        "host": "127.0.0.1",
        "port": ports.services["firestore"],
        "websocketPort": ports.services["firestore.websocket"],
    }


def test_config_leaves_other_languages_alone(tmp_path: Path) -> None:
    codebase = {"source": "functions", "codebase": "host", "runtime": "nodejs20"}
    with claimed_ports() as ports:
        config = suite_config({"functions": [codebase]}, tmp_path, ports, functions=True)
        without = suite_config({"functions": [codebase]}, tmp_path, ports, functions=False)
    assert config["functions"] == [codebase]
    assert "functions" not in without
    assert "functions" not in without["emulators"]


def test_a_missing_virtual_environment_is_one_sentence(tmp_path: Path) -> None:
    base = project(tmp_path, python=None)
    with claimed_ports() as ports, pytest.raises(SuiteError, match="no virtual environment at"):
        suite_config(base, tmp_path, ports, functions=True)


def test_a_config_may_have_comments(tmp_path: Path) -> None:
    path = tmp_path / "firebase.json"
    path.write_text(
        '{\n  // as the Firebase CLI takes it\n  "functions": [],\n}\n', encoding="utf-8"
    )
    assert read_config(path) == {"functions": []}


@pytest.mark.parametrize(
    ("text", "says"),
    [(None, "cannot be read"), ("{", "is not JSON"), ("[]", "holds no JSON object")],
)
def test_a_config_that_is_none_is_one_sentence(tmp_path: Path, text: str | None, says: str) -> None:
    path = tmp_path / "firebase.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SuiteError, match=says):
        read_config(path)


def test_the_suite_runs_without_the_developers_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/secret.json")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.delenv("JDK_JAVA_OPTIONS", raising=False)
    env = suite_env(tmp_path, None, tmp_path, 2)
    assert not {"GOOGLE_APPLICATION_CREDENTIALS", "FIRESTORE_EMULATOR_HOST"} & set(env)
    assert env["PATH"].startswith(f"{tmp_path}/bin{os.pathsep}")
    assert env["JDK_JAVA_OPTIONS"] == "-XX:MaxRAMPercentage=50"
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-Xmx1g")
    assert suite_env(tmp_path, None, tmp_path, 2)["JDK_JAVA_OPTIONS"] == "-Xmx1g"
    assert int(env["SUITE_IDLE_WORKERS"]) >= 8


def test_addresses_survive_the_environment(tmp_path: Path) -> None:
    suite = Suite(
        "demo-a", "h:1", "h:2", "http://h:3", "h:4", "http://h:5", log_path=tmp_path / "log"
    )
    assert Suite.from_env(suite.env) == suite
    suite = replace(suite, mail="smtp://h:6", mail_settings="a = 1\n", mailbox_origin="http://h:7")
    assert Suite.from_env(suite.env) == suite
    assert suite.env["CRM_MAIL"] == "smtp://h:6"
    assert suite.function_url("f") == "http://h:3/demo-a/us-central1/f"
    for name in ("GCLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST", "FUNCTIONS_EMULATOR_ORIGIN"):
        assert Suite.from_env({**suite.env, name: ""}) is None


def test_a_real_project_is_refused() -> None:
    with pytest.raises(SuiteError, match="begin it with `demo-`"), launch.start_suite("shop"):
        pass


@pytest.mark.parametrize(("clashes", "starts"), [(0, 1), (2, 3), (3, None)])
def test_a_clash_of_ports_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clashes: int, starts: int | None
) -> None:
    config = tmp_path / "firebase.json"
    config.write_text(json.dumps({}), encoding="utf-8")
    begun: list[str] = []

    def wait(self: launch._Launch, _seconds: float) -> None:
        begun.append(self.suite.firestore_host)
        if len(begun) <= clashes:
            raise launch._PortTakenError("taken")

    monkeypatch.setattr(launch._Launch, "start", lambda _self: None)
    monkeypatch.setattr(launch._Launch, "wait_until_ready", wait)
    for finder in ("find_java", "find_node", "find_firebase_tools"):
        monkeypatch.setattr(launch, finder, lambda: Path("/none"))
    if starts is None:
        with pytest.raises(SuiteError, match="taken"), launch.start_suite(config=config):
            pass
        assert len(begun) == launch.ATTEMPTS
    else:
        with launch.start_suite(config=config) as suite:
            assert suite.firestore_host == begun[-1]
        assert len(begun) == starts


FUNCTIONS = {"functions": {"source": ".", "codebase": "host", "runtime": "nodejs20"}}


@pytest.fixture
def unstarted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., launch._Launch]:
    """Make a launch of a host's functions, without looking for Java and Node."""
    for finder in ("find_java", "find_node", "find_firebase_tools"):
        monkeypatch.setattr(launch, finder, lambda: Path("/none"))
    monkeypatch.setattr("suite.launch.tempfile.mkdtemp", lambda prefix: str(tmp_path / prefix))
    for name in ("CRM_MAIL", "CRM_EMULATOR_MAIL", "CRM_MAILBOX"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "firebase.json"
    config.write_text(json.dumps(FUNCTIONS), encoding="utf-8")

    def make(functions: bool = True) -> launch._Launch:
        with claimed_ports() as ports:
            return launch._Launch("demo-a", config, ports, functions, 2, mail_settings(7))

    return make


def test_a_suite_has_a_mailbox_of_its_own_and_a_sender(
    unstarted: Callable[..., launch._Launch],
) -> None:
    suite = unstarted().suite
    assert re.fullmatch(r"smtp://127\.0\.0\.1:\d+", suite.mail)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", suite.mailbox_origin)
    said = with_mail(Settings(), suite.mail_settings, "x").mail
    assert said.on
    assert said.postal_address
    assert said.undo_seconds == 7


def test_where_the_environment_has_crm_mail_that_is_used_and_no_mailbox_opened(
    unstarted: Callable[..., launch._Launch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_MAIL", "smtps://user:secret@mail.example")
    suite = unstarted().suite
    assert suite.mail == "smtps://user:secret@mail.example"
    assert suite.mailbox_origin == ""
    assert suite.mail_settings
    monkeypatch.setenv("CRM_MAILBOX", "http://127.0.0.1:1080")
    monkeypatch.setenv("CRM_EMULATOR_MAIL", 'from = "me@example.org"')
    suite = unstarted().suite
    assert suite.mailbox_origin == "http://127.0.0.1:1080"
    assert suite.mail_settings == 'from = "me@example.org"'


def test_a_suite_without_functions_sends_nothing(
    unstarted: Callable[..., launch._Launch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_MAIL", "smtp://127.0.0.1:1")
    suite = unstarted(functions=False).suite
    assert (suite.mail, suite.mail_settings, suite.mailbox_origin) == ("", "", "")


def test_a_mailbox_whose_port_was_taken_is_a_clash_of_ports(
    unstarted: Callable[..., launch._Launch],
) -> None:
    launched = unstarted()
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", launched._ports.services["mailbox"]))
        taken.listen(1)
        with pytest.raises(launch._PortTakenError, match="mailbox"):
            launched._open_mailbox()
        launched._mailbox.close()
    with closing(socket.create_server(("127.0.0.1", launched._ports.services["smtp"]))):
        pass  # free again
