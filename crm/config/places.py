"""Where the project's files are: those of the host, and those that come with CRM-Lite.

A host has a folder with `main.py`, `crm.toml` and the environment `venv` that CRM-Lite is installed
in; a clone has everything in one. What comes with CRM-Lite lies in the package as data, or beside
`crm` in a clone (`release/hook.py` puts the one where the other is).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

PACKAGE: Final = Path(__file__).resolve().parents[1]
"""The folder `crm`."""

HostFile = Literal[
    "crm.toml",
    "env",
    "firestore.indexes.json",
    "firestore.rules",
    "requirements.txt",
    "requirements-anymail.txt",
    "requirements-without-mail.txt",
    "secret.local",
]

HOST_FILES: Final[Mapping[HostFile, str]] = {
    "crm.toml": "crm.toml",
    "env": ".env",
    "firestore.indexes.json": "firestore.indexes.json",
    "firestore.rules": "firestore.rules",
    "requirements.txt": "requirements.txt",
    "requirements-anymail.txt": "requirements-anymail.txt",
    "requirements-without-mail.txt": "requirements-without-mail.txt",
    "secret.local": ".secret.local",
}
"""What a host gets, by its name in the package: where it is in a clone, and in a host's folder."""


def host_file(name: HostFile, package: Path = PACKAGE) -> Path:
    """Return a file that hosts get, as it comes with CRM-Lite.

    Args:
        name: Its name in the package: without a leading dot, for tools leave such files out.
        package: The folder `crm`.
    """
    packed = package / "host_files" / name
    return packed if packed.exists() else package.parent / HOST_FILES[name]


def console_files(package: Path = PACKAGE) -> Path:
    """Return the folder with the built console; in a clone it may not be built yet.

    Args:
        package: The folder `crm`.
    """
    packed = package / "console_files"
    return packed if packed.exists() else package.parent / "web" / "dist"


def project_file(
    *,
    working: Path | None = None,
    source: str | None = None,
    package: Path = PACKAGE,
    environment: Path | None = None,
) -> Path:
    """Return where the project's `crm.toml` is, or would be.

    The first one that is there: beside the functions that are served, in the working folder, beside
    the package (a clone's), beside the virtual environment that this Python is of. So a host's
    command finds it from any folder.

    Args:
        working: The working folder; the process's own by default.
        source: The file or folder of the functions that are served; `FUNCTION_SOURCE` by default.
        package: The folder `crm`.
        environment: The virtual environment; this Python's by default.
    """
    source = os.environ.get("FUNCTION_SOURCE") if source is None else source
    environment = environment or Path(sys.prefix)
    places = [*_folders(source, working or Path.cwd()), package.parent, environment.parent]
    files = [place / "crm.toml" for place in places]
    return next((file for file in files if file.is_file()), files[0])


def _folders(source: str | None, working: Path) -> Iterator[Path]:
    if source:
        served = working / source
        yield served if served.is_dir() else served.parent
    yield working


def shown(file: Path) -> str:
    """Return how to call a file in a message: by its name where it is in the working folder."""
    try:
        return str(file.relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(file)
