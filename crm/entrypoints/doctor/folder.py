"""The host's folder of the functions and the Firebase CLI, as they lie on this machine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from crm.core.errors import Transient
from crm.setup.facts import Folder

SECONDS: Final = 8.0
"""For which the Firebase CLI is waited for; Node.js takes one or two."""

_WHEEL: Final = re.compile(r"(?m)^\s*(?:\./)?(?P<file>crm_lite-(?P<version>[^-\s]+)-\S+\.whl)")

_PINNED: Final = re.compile(r"(?m)^\s*crm[-_]lite(?:\[[^]]*\])?\s*==\s*(?P<version>[^\s;\\]+)")

_OWN: Final = re.compile(r"(?m)^__version__ = \"([^\"]+)\"")

_JSONC: Final = re.compile(
    r"(?P<text>\"(?:\\.|[^\"\\])*\")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])", re.DOTALL
)


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


def _entry(folder: Path) -> tuple[tuple[Path, Mapping[str, Any]] | None, Mapping[str, Any] | None]:
    """Return the nearest firebase.json, and its entry of the folder."""
    here = folder.resolve()
    for above in (here.parent, here):
        file = above / "firebase.json"
        if not file.is_file():
            continue
        config = _json(file)
        functions = config.get("functions", [])
        for one in functions if isinstance(functions, list) else [functions]:
            if isinstance(one, dict) and (above / str(one.get("source"))).resolve() == here:
                return (file, config), one
        return (file, config), None
    return None, None


def _rules(config: tuple[Path, Mapping[str, Any]] | None) -> tuple[str | None, str]:
    """Return the rules that a firebase.json names, and the name of their file."""
    if config is None:
        return None, "firestore.rules"
    file, said = config
    firestore = said.get("firestore", {})
    some = firestore if isinstance(firestore, list) else [firestore]
    name = next((str(one["rules"]) for one in some if isinstance(one, dict) and "rules" in one), "")
    path = file.parent / name
    return (_text(path), name) if name and path.is_file() else (None, name or "firestore.rules")


def _port(config: tuple[Path, Mapping[str, Any]] | None) -> int:
    """Return where the Functions emulator listens: as a firebase.json says, or by default."""
    said = config[1].get("emulators", {}) if config else {}
    functions = said.get("functions", {}) if isinstance(said, dict) else {}
    port = functions.get("port") if isinstance(functions, dict) else None
    return port if type(port) is int else Folder.functions_port


def _json(file: Path) -> Mapping[str, Any]:
    """Return what a JSON file with comments says; nothing where it is none."""
    plain = _JSONC.sub(lambda one: one["text"] or " ", _text(file))
    try:
        said = json.loads(plain)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
