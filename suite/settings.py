"""What firebase-tools is given: its configuration file and its environment."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crm.core.errors import ConfigError
from crm.installing.jsonc import read
from suite import hosting
from suite.errors import SuiteError
from suite.ports import HOST, Ports

CREDENTIALS = (
    "FIREBASE_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_QUOTA_PROJECT",
)
"""Variables that reach production; the suite runs without them."""

ADDRESSES = (
    "CLOUD_EVENTARC_EMULATOR_HOST",
    "CLOUD_TASKS_EMULATOR_HOST",
    "FIREBASE_AUTH_EMULATOR_HOST",
    "FIREBASE_CONFIG",
    "FIREBASE_EMULATOR_HUB",
    "FIRESTORE_EMULATOR_HOST",
    "FUNCTIONS_EMULATOR_ORIGIN",
    "GCLOUD_PROJECT",
    "GOOGLE_CLOUD_PROJECT",
)
"""Variables that a suite sets, and that those of another suite would confuse."""

HEAP = "-XX:MaxRAMPercentage=50"
"""For the Firestore emulator: it keeps every version of every document in memory, and stands still
where that is full. By itself Java takes a quarter of the machine's memory at most.
"""

IDLE_SECONDS = 10
"""Without a call for so long a function's process makes way, where there are more than fit."""

WORKER_BYTES = 90 * 2**20

LOADED = (
    "firebase_functions.firestore_fn",
    "firebase_functions.https_fn",
    "firebase_functions.scheduler_fn",
    "firebase_functions.tasks_fn",
    "crm.entrypoints.callables.dispatch",
    "crm.entrypoints.triggers.schedule",
    "crm.entrypoints.triggers.worker",
)
"""Modules that one process loads for all functions (`forkserver.py`), where there are such. Not
`main` itself: what it declares, a process may declare once."""
LEAST_WORKERS = 8

DISCOVERY_SECONDS = 60
"""For importing the functions' source; firebase-tools gives 10, and a cold import can take it."""


def read_config(path: Path) -> dict[str, Any]:
    """Read a `firebase.json`.

    Raises:
        SuiteError: There is no such file, or it is not a JSON object.

    """
    try:
        config = read(path.read_text(encoding="utf-8"), path.name).value
    except OSError as error:
        raise SuiteError(
            f"{path} cannot be read ({error.strerror}): name a firebase.json."
        ) from error
    except (ConfigError, ValueError) as error:
        raise SuiteError(f"{path} is not JSON ({error}): mend it.") from error
    if not isinstance(config, dict):
        raise SuiteError(f"{path} holds no JSON object: name a firebase.json.")
    return config


def suite_config(
    base: Mapping[str, Any], folder: Path, ports: Ports, *, functions: bool
) -> dict[str, Any]:
    """Turn a project's configuration into one for a suite on ports of its own.

    Args:
        base: The project's `firebase.json`.
        folder: Where it lies; sources are relative to it.
        ports: The suite's ports.
        functions: Whether to run functions, Cloud Tasks and Eventarc besides.

    Raises:
        SuiteError: A Python codebase has no virtual environment.

    """
    config = dict(base)
    if functions and "functions" in base:
        codebases = (
            base["functions"] if isinstance(base["functions"], list) else [base["functions"]]
        )
        config["functions"] = [_on_its_python(codebase, folder) for codebase in codebases]
    else:
        config.pop("functions", None)
    config.pop("hosting", None)
    if functions:
        console = hosting.console_of(base, folder)
        sites = hosting.served(base, folder, console, str(ports.first_worker))
        config |= {"hosting": sites} if sites else {}
    config["emulators"] = _emulators(config, ports)
    return config


def mail_settings(undo_seconds: int) -> str:
    """Return what stands over `[mail]` of `crm.toml` in a suite: somebody whom mails are from."""
    return (
        'from = "Example Events <news@example.com>"\n'
        'postal_address = "Example Events, 1 Example Street, 12345 Exampletown"\n'
        f"undo_seconds = {undo_seconds}\n"
    )


def contact_settings() -> str:
    """Return what stands over forms and own fields of `crm.toml` in a suite."""
    return Path(__file__).with_name("contacts.toml").read_text(encoding="utf-8")


def suite_env(java_home: Path, jar: Path | None, scratch: Path, parallel: int) -> dict[str, str]:
    """Make the environment of firebase-tools and of the functions it starts.

    Args:
        java_home: Home of the Java for the Firestore emulator.
        jar: The emulator's jar; None lets firebase-tools download it.
        scratch: A folder for what firebase-tools writes about itself.
        parallel: Function calls at one time; each takes processes of about 40 MiB.

    """
    env = {name: value for name, value in os.environ.items() if name not in CREDENTIALS + ADDRESSES}
    env |= {
        "JAVA_HOME": str(java_home),
        "PATH": os.pathsep.join([str(java_home / "bin"), env.get("PATH", os.defpath)]),
        "FUNCTIONS_EMULATOR_PARALLEL": str(parallel),
        "FUNCTIONS_DISCOVERY_TIMEOUT": str(DISCOVERY_SECONDS),
        # The developer's log-ins stay out of reach: nothing here can touch production.
        "XDG_CONFIG_HOME": str(scratch / "config"),
        "CLOUDSDK_CONFIG": str(scratch / "gcloud"),
        # No waiting for a metadata server, a message of the day, or news of a newer version.
        "METADATA_SERVER_DETECTION": "none",
        "NO_GCE_CHECK": "true",
        "NO_UPDATE_NOTIFIER": "1",
        "CI": "1",
    }
    env.setdefault("JDK_JAVA_OPTIONS", HEAP)
    env.setdefault("SUITE_IDLE_WORKERS", str(idle_workers()))
    env.setdefault("SUITE_IDLE_SECONDS", str(IDLE_SECONDS))
    env["SUITE_LOADED"] = " ".join(LOADED)
    env.pop("FIRESTORE_EMULATOR_BINARY_PATH", None)
    if jar:
        env["FIRESTORE_EMULATOR_BINARY_PATH"] = str(jar)
    return env


def idle_workers() -> int:
    """Return how many idle processes of functions may stay: a quarter of the machine's memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(LEAST_WORKERS, memory // 4 // WORKER_BYTES)


def _emulators(config: Mapping[str, Any], ports: Ports) -> dict[str, Any]:
    names = ["auth", "firestore", "hub", "logging"]
    if "functions" in config:
        names += ["functions", "tasks", "eventarc"]
    if "hosting" in config:
        names += ["hosting"]
    emulators: dict[str, Any] = {
        name: {"host": HOST, "port": ports.services[name]} for name in names
    }
    emulators["firestore"]["websocketPort"] = ports.services["firestore.websocket"]
    # Tests use project ids of their own on the same emulators.
    return emulators | {"ui": {"enabled": False}, "singleProjectMode": False}


def _on_its_python(codebase: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Name the Python of the codebase's `venv`: firebase-tools runs `python3.N` by this name."""
    source = folder / codebase.get("source", "functions")
    if not source.joinpath("requirements.txt").exists():
        return dict(codebase)
    try:
        settings = source.joinpath("venv", "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError as error:
        raise SuiteError(
            f"There is no virtual environment at {source / 'venv'}: make one with "
            "`python3 -m venv venv && venv/bin/pip install -r requirements.txt` there."
        ) from error
    version = re.search(r"^version(?:_info)? *= *3\.(\d+)", settings, re.MULTILINE)
    if not version:
        raise SuiteError(f"{source / 'venv'} does not say which Python it is of: make it again.")
    return {**codebase, "runtime": f"python3{version[1]}"}
