"""The suite wrapper on real emulators: it starts, says what is wrong, and leaves nothing behind."""

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from suite import Suite, start_suite
from suite.launch import ROOT
from testing.patience import PATIENCE
from tests.support.processes import functions_of
from tests.support.small import EMULATORS_ALONE, WITH_FUNCTIONS, call, project, wait_for

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="the environment of a process is not shown"
)

FUNCTIONS = """
import os
from firebase_functions import firestore_fn, https_fn, tasks_fn

@https_fn.on_call()
def say(request: https_fn.CallableRequest) -> object:
    return {"said": request.data}

@https_fn.on_call()
def caller(request: https_fn.CallableRequest) -> object:
    return request.raw_request.environ["REMOTE_PORT"]

@https_fn.on_call()
def shout(request: https_fn.CallableRequest) -> object:
    return {"said": request.data.upper()}

@https_fn.on_call()
def fall(request: https_fn.CallableRequest) -> object:
    return None

if os.environ.get("FUNCTION_TARGET") == "fall":
    os._exit(1)

@firestore_fn.on_document_written(document="orders/{id}")
def on_order(event):
    pass

@tasks_fn.on_task_dispatched()
def worker(request):
    pass
"""


def suite_command(config: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "suite", "exec", "--config", str(config), "--", *words]


def processes_of(log: Path) -> list[str]:
    """List processes of the suite that logs there: its folder is in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(log.parent) + b"/" in entry.joinpath("environ").read_bytes():
                found.append(entry.joinpath("cmdline").read_bytes().decode().replace("\0", " "))
        except OSError:
            continue
    return found


def listens(host: str) -> bool:
    name, _, port = host.partition(":")
    with closing(socket.socket()) as probe:
        return probe.connect_ex((name, int(port))) == 0


def call_on(kept: http.client.HTTPConnection, url: str) -> object:
    """Call a function over a connection that asks to be kept, as a browser does."""
    headers = {"content-type": "application/json", "connection": "keep-alive"}
    kept.request("POST", urllib.parse.urlparse(url).path, '{"data": null}', headers)
    return json.load(kept.getresponse())["result"]


def fail_inside_a_suite(config: Path) -> Suite:
    """Start a suite, leave it by an error, and answer what it was."""
    try:
        with start_suite(config=config, functions=False) as suite:
            assert listens(suite.firestore_host)
            assert listens(suite.auth_host)
            assert processes_of(suite.log_path)
            raise ZeroDivisionError
    except ZeroDivisionError:
        return suite


@needs_proc
def test_two_suites_at_once_and_nothing_after_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = project(tmp_path, WITH_FUNCTIONS, FUNCTIONS)
    monkeypatch.setenv("SUITE_IDLE_WORKERS", "0")
    monkeypatch.setenv("SUITE_IDLE_SECONDS", "0")
    with start_suite(config=config) as one:
        other = fail_inside_a_suite(config)
        assert {one.firestore_host, one.auth_host}.isdisjoint(
            {other.firestore_host, other.auth_host}
        )
        assert listens(one.firestore_host)
        assert processes_of(other.log_path) == []
        # Every function is there, and a worker process runs when the suite ends.
        assert one.function_names() == ["caller", "fall", "on_order", "say", "shout", "worker"]
        assert call(one.function_url("say"), "yes") == {"said": "yes"}
        assert functions_of(one) == ["say"]
        # One that idles makes way for the next, and comes again when it is called.
        assert call(one.function_url("shout"), "yes") == {"said": "YES"}
        wait_for(lambda: functions_of(one) == ["shout"])
        assert call(one.function_url("say"), "again") == {"said": "again"}
        # A connection kept for the next call may be closed by the worker just as that is sent.
        host = urllib.parse.urlparse(one.functions_origin).netloc
        with closing(http.client.HTTPConnection(host)) as kept:
            ports = [call_on(kept, one.function_url("caller")) for _ in range(3)]
        assert len(set(ports)) == 3
        # Whoever calls one that dies as it starts is told, and need not wait for ever.
        with pytest.raises(urllib.error.HTTPError, match="500"):
            call(one.function_url("fall"), "yes")
    assert processes_of(one.log_path) == []
    assert not listens(one.firestore_host)
    left = sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__")
    assert left == ["firebase.json", "main.py", "requirements.txt", "venv"]
    assert not one.log_path.parent.exists()


ENVIRONMENT = """
import json, os, pathlib, sys
pathlib.Path(sys.argv[1]).write_text(json.dumps(dict(os.environ)))
sys.exit(int(sys.argv[2]))
"""


def test_exec_gives_the_addresses_and_passes_the_status_on(tmp_path: Path) -> None:
    config = project(tmp_path, WITH_FUNCTIONS, FUNCTIONS)
    seen = tmp_path / "seen.json"
    words = [sys.executable, "-c", ENVIRONMENT, str(seen), "7"]
    ended = subprocess.run(
        suite_command(config, *words), cwd=ROOT, check=False, timeout=4 * PATIENCE
    )
    assert ended.returncode == 7
    env = json.loads(seen.read_text())
    assert env["GCLOUD_PROJECT"] == "demo-crm"
    assert env["FUNCTIONS_EMULATOR_ORIGIN"].startswith("http://127.0.0.1:")
    assert env["CRM_MAIL"].startswith("smtp://127.0.0.1:")
    assert env["CRM_MAILBOX"].startswith("http://127.0.0.1:")
    for name in ("FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST"):
        assert env[name].startswith("127.0.0.1:")
        assert not listens(env[name])
    for name in ("CRM_MAIL", "CRM_MAILBOX"):
        assert not listens(env[name].partition("//")[2])


SENDING = """
import os, smtplib
from urllib.parse import urlsplit
from firebase_functions import https_fn, params

@https_fn.on_call(secrets=[params.SecretParam("CRM_MAIL")])
def write(request: https_fn.CallableRequest) -> object:
    where = urlsplit(os.environ["CRM_MAIL"])
    with smtplib.SMTP(where.hostname, where.port) as server:
        server.sendmail("a@example.com", [request.data], "Subject: Hello\\n\\nHello")
    return os.environ["CRM_EMULATOR_MAIL"]
"""


def test_what_a_function_mails_is_in_the_mailbox_and_no_secret_is_asked_for(
    tmp_path: Path,
) -> None:
    config = project(tmp_path, WITH_FUNCTIONS, SENDING)
    with start_suite(config=config, undo_seconds=7) as suite:
        assert "undo_seconds = 7" in str(call(suite.function_url("write"), "ada@example.com"))
        with urllib.request.urlopen(f"{suite.mailbox_origin}/api/mails") as answer:
            (mail,) = json.load(answer)["mails"]
        assert (mail["to"], mail["subject"]) == (["ada@example.com"], "Hello")
        assert "secret" not in suite.logs().lower()


LATER = """
import pathlib, time
from firebase_functions import tasks_fn

@tasks_fn.on_task_dispatched()
def worker(request):
    with pathlib.Path(request.data["file"]).open("a") as seen:
        seen.write(f"{request.data['name']} {time.time()}\\n")
"""


def test_a_task_for_later_is_not_run_before_its_time(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    with start_suite(config=project(tmp_path, WITH_FUNCTIONS, LATER)) as suite:
        assert suite.env["CLOUD_TASKS_EMULATOR_WAITS"]
        due = time.time() + 5
        for name, at in (("later", due), ("now", None)):
            data = json.dumps({"data": {"file": str(seen), "name": name}}).encode()
            asked = {
                "name": f"projects/demo-crm/locations/us-central1/queues/worker/tasks/{name}",
                "httpRequest": {
                    "url": "",
                    "body": base64.b64encode(data).decode(),
                    "headers": {"Content-Type": "application/json"},
                },
            }
            if at:
                asked["scheduleTime"] = datetime.fromtimestamp(at, UTC).isoformat()
            queue = "projects/demo-crm/locations/us-central1/queues/worker/tasks"
            request = urllib.request.Request(
                f"http://{suite.tasks_host}/{queue}",
                json.dumps({"task": asked}).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                assert answer.status == 200
        wait_for(lambda: seen.exists() and len(seen.read_text().splitlines()) == 2)
    first, second = (line.split() for line in seen.read_text().splitlines())
    assert (first[0], second[0]) == ("now", "later")
    assert float(second[1]) >= due


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, int]]:
    """`exec` with a command that waits: the wrapper, the suite's log, the command's id."""
    ready = tmp_path / "ready"
    script = f'echo "$$ $SUITE_LOG" > {ready}.draft; mv {ready}.draft {ready}; exec sleep 600'
    command = suite_command(project(tmp_path, EMULATORS_ALONE, FUNCTIONS), "sh", "-c", script)
    # As a shell starts background commands: SIGINT ignored.
    ignoring = 'trap "" INT; exec "$0" "$@"'
    wrapper = subprocess.Popen(["sh", "-c", ignoring, *command], cwd=ROOT, start_new_session=True)
    try:
        wait_for(ready.exists)
        command_id, log = ready.read_text().split()
        yield wrapper, Path(log), int(command_id)
    finally:
        if wrapper.poll() is None:
            wrapper.terminate()
        wrapper.wait(PATIENCE)


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_everything(
    running: tuple[subprocess.Popen[bytes], Path, int], how: signal.Signals
) -> None:
    wrapper, log, command = running
    assert len(processes_of(log)) >= 2
    wrapper.send_signal(how)
    status = wrapper.wait(PATIENCE)
    if how is signal.SIGKILL:
        # No line of ours ran any more; the suite ends itself when the wrapper is gone.
        os.kill(command, signal.SIGKILL)
        wait_for(lambda: not processes_of(log))
        shutil.rmtree(log.parent)
        return
    assert status == 128 + how
    assert processes_of(log) == []
    assert not log.parent.exists()
    assert not Path(f"/proc/{command}").exists()


def test_functions_that_do_not_load_are_named(tmp_path: Path) -> None:
    config = project(tmp_path, WITH_FUNCTIONS, main="import nothing_like_it\n")
    command = suite_command(config, "echo", "ran")
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=4 * PATIENCE
    )
    assert ended.returncode == 1
    assert "ran" not in ended.stdout
    first = ended.stderr.splitlines()[0]
    assert first.startswith(
        "error: The functions could not be loaded: "
        "ModuleNotFoundError: No module named 'nothing_like_it'."
    )


@pytest.mark.parametrize(
    ("options", "env", "says"),
    [
        (["--port", "firestore={taken}"], {}, "Port {taken}, asked for firestore, is in use: "),
        (["--port", "firestore"], {}, "'firestore' is not like firestore=8080."),
        (["--project", "shop"], {}, "Project id 'shop' could be a real one: "),
        (["--config", "nowhere/firebase.json"], {}, "nowhere/firebase.json cannot be read"),
        ([], {"PATH": "/nowhere"}, "Node.js is not on PATH: install Node.js 20 or newer"),
        (
            [],
            {"FIRESTORE_EMULATOR_BINARY_PATH": "/no.jar"},
            "FIRESTORE_EMULATOR_BINARY_PATH is /no.jar, which is no jar: set it",
        ),
    ],
)
def test_what_is_missing_is_one_sentence(
    options: list[str], env: dict[str, str], says: str
) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = str(taken.getsockname()[1])
        given = [option.replace("{taken}", port) for option in options]
        ended = subprocess.run(
            [sys.executable, "-m", "suite", "exec", *given, "--", "echo", "ran"],
            cwd=ROOT,
            env=os.environ | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=4 * PATIENCE,
        )
    assert ended.stdout == ""
    assert ended.returncode in (1, 2)
    assert says.replace("{taken}", port) in ended.stderr
    assert "Traceback" not in ended.stderr


COUNTED = """
import contextlib, os, pathlib, pytest
from suite import Suite, SuiteError, pytest_plugin

@contextlib.contextmanager
def fake():
    log = pathlib.Path(os.environ["FAKE_LOG"])
    log.open("a").write("start ")
    if os.environ.get("FAKE_FAILS"):
        raise SuiteError("no Java")
    yield Suite("demo-x", "h:1", "h:2", "http://h:3", "h:4")
    log.open("a").write("end")

pytest_plugin.start_suite = fake
"""
USERS = """
import os, pytest

@pytest.mark.parametrize("number", range(6))
def test_user(suite, project_id, number):
    assert os.environ["FIRESTORE_EMULATOR_HOST"] == suite.firestore_host == "h:1"
    assert project_id.startswith("demo-") and project_id != suite.project

def test_other():
    pass
"""


@pytest.mark.parametrize("spread", [[], ["-n", "2"]])
@pytest.mark.parametrize(
    ("chosen", "env", "outcome", "log"),
    [
        ([], {}, "7 passed", "start end"),
        (["-m", "not live"], {}, "1 passed", ""),
        (["-m", "live", "-k", "1"], {"FAKE_FAILS": "1"}, "no Java", "start "),
    ],
)
def test_a_test_run_has_one_suite(
    tmp_path: Path,
    spread: list[str],
    chosen: list[str],
    env: dict[str, str],
    outcome: str,
    log: str,
) -> None:
    tmp_path.joinpath("conftest.py").write_text(COUNTED)
    tmp_path.joinpath("test_users.py").write_text(USERS)
    tmp_path.joinpath("pytest.ini").write_text("[pytest]\n")
    counted = tmp_path / "log"
    counted.touch()
    inherited = {name: value for name, value in os.environ.items() if "EMULATOR" not in name}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "suite.pytest_plugin", *spread, *chosen, tmp_path],
        cwd=tmp_path,
        env=inherited | env | {"FAKE_LOG": str(counted), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert outcome in ended.stdout, ended.stdout + ended.stderr
    assert counted.read_text() == log
