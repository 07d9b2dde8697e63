"""The files of our folder in a host's app."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from crm.core.errors import ConfigError
from crm.installing.record import NAME, Answers

SETTINGS: Final = "crm.toml"

DEFAULTS: Final = "crm.defaults.toml"

MAIN: Final = '"""CRM-Lite\'s functions."""\n\nfrom crm.functions import *\n'

REQUIREMENTS: Final = "requirements.txt"

YOURS: Final = "# --- Yours below, which `crm upgrade` keeps; with hashes, as above. ---"

GITIGNORE: Final = """# What is made by commands.
/venv/
/console/
__pycache__/
*.log

# Part of the app, whatever its own .gitignore says; the key in .secret.local is the emulators'.
!.env
!.secret.local
!.installed.json
!*.whl
"""
"""A file of a folder counts more than those of the folders above it."""

MAY_BE_THERE: Final = frozenset(
    {"venv", "console", "__pycache__", SETTINGS, ".env", ".secret.local", ".gitignore", NAME}
)
"""What a folder may hold before CRM-Lite is put into it: its environment, and a host's settings."""


def settings_text(folder: str, answers: Answers) -> str:
    """Return a `crm.toml` that says what was answered."""
    preset = f'preset = "{answers.preset}"\n' if answers.preset else ""
    return (
        "# How CRM-Lite reads this app's orders and users: what differs from crm.defaults.toml,\n"
        f"# where every key is explained. `{folder}/venv/bin/python -m crm mapping` looks at your\n"
        "# documents and proposes lines.\n"
        f"{preset}"
        f'region = "{answers.region}"\n'
        f'time_zone = "{answers.time_zone}"\n'
    )


def defaults_text(settings: str) -> str:
    """Return the file for looking up: every key with its default."""
    return (
        "# For looking up: nothing reads this file, and `crm upgrade` writes it anew. What is to\n"
        "# differ goes into crm.toml.\n#\n" + settings
    )


def requirements_text(lock: str, wheel: str, digest: str, there: str | None) -> str:
    """Return the requirements: every package with its hash, and the wheel of CRM-Lite itself.

    Args:
        lock: What CRM-Lite needs.
        wheel: The name of the wheel's file, in the same folder.
        digest: Its SHA-256, in hexadecimal.
        there: The file as it is; what stands below the mark in it is the host's.
    """
    # One hash makes pip ask for all of them.
    hashed = f" --hash=sha256:{digest}" if "--hash=" in lock else ""
    _, found, yours = (there or "").partition(YOURS)
    return f"{lock.rstrip()}\n./{wheel}{hashed}\n{YOURS}{yours if found else chr(10)}"


def check(folder: str, names: Collection[str]) -> None:
    """See that a folder that is there can be ours.

    Args:
        folder: What it is called.
        names: What it holds.

    Raises:
        ConfigError: It holds something else.
    """
    if "crm" in names and "main.py" in names:
        raise ConfigError(
            f"{folder} holds CRM-Lite as it was copied by hand up to version 0.1: delete all of it"
            " but crm.toml, and .env where you changed it, then run it again."
        )
    strange = sorted(name for name in names if name not in MAY_BE_THERE and name[-4:] != ".whl")
    if strange:
        raise ConfigError(
            f"{folder} is there already and holds something else ({strange[0]}): name another"
            " folder by --folder."
        )


def keys_of(settings: str) -> list[str]:
    """Return the names of all keys of a `crm.toml`, such as `orders.fields.email`."""
    return sorted(_keys(tomllib.loads(settings), ""))


def _keys(table: Mapping[str, Any], above: str) -> Iterator[str]:
    for key, value in table.items():
        name = f"{above}{key}"
        if isinstance(value, dict) and value:
            yield from _keys(value, f"{name}.")
        else:
            yield name
