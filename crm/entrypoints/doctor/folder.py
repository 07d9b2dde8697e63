"""The host's folder of the functions and the Firebase CLI, as they lie on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from crm.core.errors import ConfigError, Transient
from crm.installing import firebase_json, rc
from crm.installing.jsonc import Node
from crm.setup.facts import Folder

SECONDS: Final = 8.0
"""For which the Firebase CLI is waited for; Node.js takes one or two."""

_WHEEL: Final = re.compile(r"(?m)^\s*(?:\./)?(?P<file>crm_lite-(?P<version>[^-\s]+)-\S+\.whl)")

_PINNED: Final = re.compile(r"(?m)^\s*crm[-_]lite(?:\[[^]]*\])?\s*==\s*(?P<version>[^\s;\\]+)")

_OWN: Final = re.compile(r"(?m)^__version__ = \"([^\"]+)\"")


def found(name: str) -> Folder | None:
    """Return the folder of the functions; None where there is none.

    It is the one of that name here, or this one where it is the functions' own.

    Args:
        name: Its path.
    """
    folder = Path(name)
    if not folder.is_dir():
        folder = Path()
        if not (folder / "main.py").is_file() or not (folder / "requirements.txt").is_file():
            return None
    lock = _text(folder / "requirements.txt")
    wheel, pinned = _WHEEL.search(lock), _PINNED.search(lock)
    own = _OWN.search(_text(folder / "crm" / "__init__.py"))
    version = next((one[1] for one in (pinned, own) if one), None)
    config, entry = _entry(folder)
    rules, rules_name = _rules(config)
    return Folder(
        name if folder != Path() else ".",
        wheel["version"] if wheel else version,
        tuple(_missing(folder, wheel["file"] if wheel else None)),
        _python(folder),
        str(entry.get("runtime", "")) if entry else "",
        None if config is None else entry is not None,
        rules,
        rules_name,
        _port(config),
    )


def settings_file(folder: Folder | None, name: str) -> Path | None:
    """Return the folder's `crm.toml`; None where there is none."""
    if folder is None:
        return None
    file = Path("." if folder.name == "." else name) / "crm.toml"
    return file if file.is_file() else None


def firebase_version() -> str | None:
    """Return the version of the Firebase CLI; None where there is none on the path.

    Raises:
        Transient: It did not say.
    """
    command = shutil.which("firebase")
    if command is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - found on the operator's own path
            [command, "--version"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Transient(f"`firebase --version` does not answer ({type(error).__name__}).") from None
    said = re.search(r"\d+\.\d+\.\d+", done.stdout)
    if said is None:
        raise Transient("`firebase --version` does not say a version: install firebase-tools anew.")
    return said[0]


def _missing(folder: Path, wheel: str | None) -> Iterator[str]:
    for name in ("main.py", "requirements.txt", *((wheel,) if wheel else ())):
        if not (folder / name).is_file():
            yield name


def _python(folder: Path) -> str | None:
    said = re.search(r"(?m)^version(?:_info)? *= *(\d+\.\d+)", _text(folder / "venv/pyvenv.cfg"))
    return said[1] if said else None


def _entry(folder: Path) -> tuple[tuple[Path, Node] | None, Mapping[str, Any] | None]:
    """Return the nearest firebase.json, and its entry of the folder."""
    here = folder.resolve()
    for above in (here.parent, here):
        file = above / firebase_json.FILE
        if not file.is_file():
            continue
        try:
            root = firebase_json.opened(_text(file))
        except ConfigError:  # `init` says what is wrong with it
            root = firebase_json.opened("")
        for node in firebase_json.entries(root, "functions"):
            one = node.value
            if isinstance(one, dict) and (above / str(one.get("source"))).resolve() == here:
                return (file, root), one
        return (file, root), None
    return None, None


def _rules(config: tuple[Path, Node] | None) -> tuple[str | None, str]:
    """Return the rules that a firebase.json names, and the name of their file."""
    if config is None:
        return None, firebase_json.RULES
    file, root = config
    try:
        targets = rc.databases(_text(file.parent / rc.FILE))
    except ConfigError:
        targets = []
    name, _ = firebase_json.files_of(root, targets)
    path = file.parent / name
    return (_text(path) if path.is_file() else None), name


def _port(config: tuple[Path, Node] | None) -> int:
    """Return where the Functions emulator listens: as a firebase.json says, or by default."""
    node = config[1].at("emulators", "functions", "port") if config else None
    return node.value if node and type(node.value) is int else Folder.functions_port


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
