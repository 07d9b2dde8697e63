"""The virtual environment of our folder, and the wheel that it and the functions are made of."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

import crm
from crm.core.errors import ConfigError
from crm.entrypoints.commands.output import watched

DISTRIBUTION: Final = "crm-lite"

OLDEST: Final = (3, 11)

NEWEST: Final = (3, 14)
"""The Pythons that both CRM-Lite and Cloud Functions know."""

_WHEEL: Final = re.compile(r"crm_lite-([^-]+)-py3-none-any\.whl")

_MARK: Final = ".crm-installed"
"""A file in the environment: what was installed into it."""


@dataclass(frozen=True)
class Wheel:
    """The package of CRM-Lite.

    Attributes:
        name: Of its file.
        data: Its bytes.
    """

    name: str
    data: bytes

    @property
    def digest(self) -> str:
        """Its SHA-256, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def find_wheel(given: Path | None, folder: Path) -> Wheel:
    """Return the wheel of this version.

    It is the one that is named, the one that was installed from, or the one in our folder.

    Args:
        given: The one that is named.
        folder: Our folder in the app.

    Raises:
        ConfigError: There is none, or it is of another version.
    """
    name = f"crm_lite-{crm.__version__}-py3-none-any.whl"
    path = given or _installed_from() or folder / name
    if given is None and not path.is_file():
        path = folder / name
    found = _WHEEL.fullmatch(path.name)
    if given is not None and (found is None or found[1] != crm.__version__):
        raise ConfigError(
            f"{given} is not the wheel of version {crm.__version__}, which is the one that runs:"
            f" name {name}, or install the other version first."
        )
    try:
        return Wheel(name, path.read_bytes())
    except OSError:
        raise ConfigError(
            f"The functions are made of CRM-Lite's wheel, and {path.name} is not to be found: name"
            f" it by --wheel. `make package` in CRM-Lite's repository makes it."
        ) from None


def _installed_from() -> Path | None:
    """Return the file that CRM-Lite was installed from (PEP 610), where that was one."""
    try:
        text = importlib.metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
        url = urllib.parse.urlsplit(str(json.loads(text or "{}").get("url", "")))
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None
    if url.scheme != "file" or not url.path.endswith(".whl"):
        return None
    return Path(urllib.request.url2pathname(url.path))


def place_wheel(wheel: Wheel, folder: Path) -> None:
    """Put the wheel into our folder, in the place of those of other versions.

    Raises:
        ConfigError: It cannot be written.
    """
    path = folder / wheel.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != wheel.data:
            path.write_bytes(wheel.data)
        for old in folder.glob("crm_lite-*.whl"):
            if old.name != wheel.name:
                old.unlink()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}.") from None


def runtime_of(folder: Path) -> str:
    """Return what `firebase.json` calls the Python of our environment, or of the one to be made.

    Raises:
        ConfigError: Cloud Functions does not know it.
    """
    version = sys.version_info[:2]
    settings = folder / "venv" / "pyvenv.cfg"
    if settings.is_file():
        text = settings.read_text(encoding="utf-8", errors="replace")
        found = re.search(r"^version(?:_info)? *= *(\d+)\.(\d+)", text, re.MULTILINE)
        version = (int(found[1]), int(found[2])) if found else version
    if not OLDEST <= version <= NEWEST:
        raise ConfigError(
            f"This is Python {version[0]}.{version[1]}, which Cloud Functions does not run: make"
            f" {folder}/venv with a Python from {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}."
        )
    return f"python{version[0]}{version[1]}"


def install(folder: Path) -> None:
    """Make the environment where there is none, and install the requirements where they changed.

    Raises:
        ConfigError: One of the two did not work; it says what to run by hand.
    """
    requirements = folder / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    venv = folder / "venv"
    mark = venv / _MARK
    if mark.is_file() and mark.read_text(encoding="utf-8") == digest:
        return
    begun = time.monotonic()
    if not python_of(venv).is_file():
        click.echo(f"Making {venv} ...")
        made = _run([sys.executable, "-m", "venv", "venv"], folder)
        if made:
            raise ConfigError(
                f"{venv} could not be made ({made}): make it by `python3 -m venv {venv}` (on"
                " Debian after `apt install python3-venv`), then run it again."
            )
    click.echo(f"Installing the packages of {requirements} ...")
    command = [str(python_of(venv).absolute()), "-m", "pip", "install"]
    with watched("pip", str(venv)):
        failed = _run([*command, "--disable-pip-version-check", "-r", "requirements.txt"], folder)
    if failed:
        raise ConfigError(
            f"The packages could not be installed ({failed}). All files are in place: with a"
            f" network, run `cd {folder} && venv/bin/pip install -r requirements.txt`."
        )
    mark.write_text(digest, encoding="utf-8")
    click.echo(f"Installed in {time.monotonic() - begun:.0f} s.")


def python_of(venv: Path) -> Path:
    """Return the interpreter of an environment."""
    windows = venv / "Scripts" / "python.exe"
    return windows if sys.platform == "win32" else venv / "bin" / "python"


def _run(command: list[str], folder: Path) -> str:
    """Run a command; return what it said last where it failed, else nothing."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    except OSError as error:
        return str(error.strerror)
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR:")]
    return (errors or lines or [f"exit status {done.returncode}"])[-1]
