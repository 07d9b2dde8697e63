"""What a deployment would make of `main.py`, read as the Firebase CLI reads it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import crm
from crm.config.settings import settings
from crm.db.installed import VERSION_LABEL, as_label
from crm.entrypoints.callables.dispatch import CALLS
from crm.entrypoints.names import FUNCTIONS
from testing.patience import PATIENCE
from tests.support.promised import PROMISED, TRIGGERS

ROOT = Path(__file__).parents[3]

# The SDK's own discovery: it runs in the functions' folder and answers YAML.
DISCOVER = """
import json, yaml
from firebase_functions.private import serving
print(json.dumps(yaml.safe_load(serving.functions_as_yaml(serving.get_functions()))))
"""


def discover(folder: Path) -> dict[str, Any]:
    """The manifest of the functions in a folder, where no emulator and no project is known."""
    names = ("FIRE", "GCLOUD", "GOOGLE", "CRM", "FUNCTIONS")
    env = {key: value for key, value in os.environ.items() if not key.startswith(names)}
    done = subprocess.run(
        [sys.executable, "-c", DISCOVER],
        cwd=folder,
        env=env | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    manifest: dict[str, Any] = json.loads(done.stdout)
    return manifest


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return discover(ROOT)


@pytest.fixture(scope="module")
def endpoints(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = manifest["endpoints"]
    return found


def test_these_functions_are_deployed(endpoints: dict[str, dict[str, Any]]) -> None:
    assert set(TRIGGERS) <= set(endpoints) <= PROMISED
    assert set(endpoints) == FUNCTIONS, "what `doctor` looks for"
    for name, endpoint in endpoints.items():
        # Two functions of one Python name would hide each other without a word.
        assert endpoint["entryPoint"] == name
        assert endpoint["labels"][VERSION_LABEL] == as_label(crm.__version__)


@pytest.mark.parametrize("name", sorted(TRIGGERS))
def test_a_failed_event_is_delivered_again(endpoints: dict[str, dict[str, Any]], name: str) -> None:
    trigger = endpoints[name]["eventTrigger"]
    assert trigger["retry"] is True
    assert trigger["eventType"] == "google.cloud.firestore.document.v1.written"
    assert trigger["eventFilterPathPatterns"] == {"document": TRIGGERS[name]}


def test_every_callable_that_is_answered_is_declared(
    endpoints: dict[str, dict[str, Any]],
) -> None:
    assert {name for name in endpoints if "callableTrigger" in endpoints[name]} == set(CALLS)


def test_the_scheduler_calls_often_enough_for_an_event_to_begin_in_ten_minutes(
    endpoints: dict[str, dict[str, Any]],
) -> None:
    """At the minutes that `schedule.is_whole` tells apart; one job, for all of it."""
    scheduled = {name: one for name, one in endpoints.items() if "scheduleTrigger" in one}
    assert [*scheduled] == ["sweep"]
    assert scheduled["sweep"]["scheduleTrigger"]["schedule"] == "*/5 * * * *"


def test_no_task_queue_has_a_name_that_production_refuses(
    endpoints: dict[str, dict[str, Any]],
) -> None:
    queues = [name for name, endpoint in endpoints.items() if "taskQueueTrigger" in endpoint]
    assert [name for name in queues if "_" in name] == []


def test_every_function_gets_the_key(
    manifest: dict[str, Any], endpoints: dict[str, dict[str, Any]]
) -> None:
    assert [param["name"] for param in manifest["params"]] == ["CRM_KEY"]
    assert manifest["params"][0]["type"] == "secret"
    for name, endpoint in endpoints.items():
        assert endpoint["secretEnvironmentVariables"] == [{"key": "CRM_KEY"}], name


WORKERS = settings().jobs.workers + 4
"""A job's, and some for those beside it."""


LARGE = {"import_contacts"}
"""Functions that hold a file of 8 MB and what it says."""

ALONE = {"worker", *LARGE}
"""Functions that have an instance to themselves while they work."""


def test_every_function_says_where_and_how_it_runs(endpoints: dict[str, dict[str, Any]]) -> None:
    # Gunicorn's threads, so that an instance takes what the platform sends it.
    (threads,) = [
        int(line.partition("=")[2])
        for line in (ROOT / ".env").read_text(encoding="utf-8").splitlines()
        if line.startswith("THREADS=")
    ]
    for name, endpoint in endpoints.items():
        assert endpoint["platform"] == "gcfv2", name
        assert endpoint["region"] == [settings().region], name
        assert endpoint["concurrency"] == (1 if name in ALONE else threads), name
        assert endpoint["cpu"] == 1, name
        assert endpoint["availableMemoryMb"] == (1024 if name in LARGE else 512), name
        most = {"sweep": 1, "on_order_written": 100, "worker": WORKERS}.get(name, 20)
        assert endpoint["maxInstances"] == most, name
    for name in TRIGGERS:
        # More than `retry.RetryPolicy` takes by default, so that a handler ends by its own word.
        assert endpoints[name]["timeoutSeconds"] == 120, name


def test_paths_and_region_are_those_of_crm_toml(tmp_path: Path) -> None:
    shutil.copy(ROOT / "main.py", tmp_path)
    shutil.copytree(ROOT / "crm", tmp_path / "crm", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "crm.toml").write_text(
        'region = "europe-west1"\n'
        "app_check = true\n"
        '[orders]\npath = "shops/berlin/orders"\n'
        '[users]\npath = "people"\n'
        "[mail]\nevents = true\n"
    )
    endpoints = discover(tmp_path)["endpoints"]
    paths = {
        name: endpoints[name]["eventTrigger"]["eventFilterPathPatterns"]["document"]
        for name in TRIGGERS
    }
    assert paths == {
        "on_order_written": "shops/berlin/orders/{orderId}",
        "on_user_written": "people/{uid}",
    }
    assert {endpoint["region"][0] for endpoint in endpoints.values()} == {"europe-west1"}
    mail_events = {"key": "CRM_MAIL_EVENTS"}
    secrets = {name: one["secretEnvironmentVariables"] for name, one in endpoints.items()}
    told = [name for name, one in secrets.items() if mail_events in one]
    assert told == ["mail_events"]
