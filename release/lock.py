"""`make lock`: what is installed, to the byte, from what `pyproject.toml` says is needed.

uv resolves once for every Python and system that we support, and takes the hashes of all files.
Versions stay as they are in the files that it writes over, until somebody asks for newer ones.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

OLDEST: Final = "3.11"
"""The first Python of `requires-python`: the resolution holds from there on."""

EVERYTHING: Final = "requirements-dev.txt"

ADDED: Final = "requirements-anymail.txt"
"""Holds only what requirements.txt does not."""

LOCKS: Final[Mapping[str, Sequence[str]]] = {
    EVERYTHING: ("--all-extras", "--group", "dev"),
    "requirements.txt": ("--extra", "mail"),
    "requirements-without-mail.txt": (),
    ADDED: ("--extra", "mail", "--extra", "anymail"),
}
"""Each file, and what of `pyproject.toml` it locks. The first holds all that the others hold."""

HEADS: Final[Mapping[str, str]] = {
    EVERYTHING: "What developing and testing installs: all of production's, and the group `dev`.",
    "requirements.txt": "What runs in production; `firebase deploy` installs exactly this.",
    "requirements-without-mail.txt": "Instead of requirements.txt, where no campaigns are sent.",
    ADDED: (
        "For mails by a provider's API: add the line `-r requirements-anymail.txt` to"
        " requirements.txt."
    ),
}

_ENTRY: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)==", re.MULTILINE)

_CONSTRAINT: Final = re.compile(r"\n    #   -c [\w.-]+(?=\n)")

_ALONE: Final = re.compile(r"(    # via)\n    #  ( .+\n)(?!    #)")

_EXCLUDED: Final = "\n# The following packages were excluded"


def names_in(lock: str) -> list[str]:
    """Return the packages that the text of a lock names."""
    return _ENTRY.findall(lock)


def command(file: str, more: Sequence[str]) -> list[str]:
    """Return how uv is asked for a lock.

    Args:
        file: Its name.
        more: What else uv is told, such as `--upgrade-package`.
    """
    uv = shutil.which("uv", path=sysconfig.get_path("scripts")) or "uv"
    return [
        *(uv, "pip", "compile", "pyproject.toml", *LOCKS[file], *more),
        *("--universal", "--python-version", OLDEST, "--generate-hashes"),
        *("--no-header", "--quiet", "--output-file", file),
    ]


def lock(folder: Path, upgrade: Sequence[str] = ()) -> None:
    """Write all locks, or none.

    Args:
        folder: Holds `pyproject.toml`, and the locks.
        upgrade: What uv is told for newer versions; it keeps those of the files otherwise.

    Raises:
        CalledProcessError: There is no resolution, or no network; uv has said which.
        FileNotFoundError: uv is not installed.
    """
    with tempfile.TemporaryDirectory() as name:
        aside = Path(name)
        for one in ("pyproject.toml", *LOCKS):
            if folder.joinpath(one).exists():
                shutil.copy(folder / one, aside)
        for file in LOCKS:
            more = list(upgrade) if file == EVERYTHING else ["--constraint", EVERYTHING]
            if file == ADDED:
                there = names_in(aside.joinpath("requirements.txt").read_text(encoding="utf-8"))
                more += [word for name in there for word in ("--no-emit-package", name)]
            subprocess.run(command(file, more), cwd=aside, check=True)
            made = aside / file
            made.write_text(plain(file, made.read_text(encoding="utf-8")), encoding="utf-8")
        for file in LOCKS:
            shutil.copy(aside / file, folder)


def plain(file: str, text: str) -> str:
    """Return a lock with its head, and without what uv says of how it was asked."""
    entries = _CONSTRAINT.sub("", text).partition(_EXCLUDED)[0]
    head = f"# {HEADS[file]}\n# Written by `make lock`, from pyproject.toml.\n"
    return head + _ALONE.sub(r"\1\2", entries)


def main() -> None:
    """Write the locks as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m release.lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="newer versions of everything")
    parser.add_argument("--upgrade-package", action="append", default=[], metavar="NAME")
    asked = parser.parse_args()
    upgrade = ["--upgrade"] if asked.upgrade else []
    upgrade += [word for name in asked.upgrade_package for word in ("--upgrade-package", name)]
    try:
        lock(ROOT, upgrade)
    except FileNotFoundError:
        sys.exit("uv is missing: `make setup` installs it.")
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)


if __name__ == "__main__":
    main()
