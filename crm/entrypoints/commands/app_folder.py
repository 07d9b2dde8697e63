"""The folder of a host's app: its files read, shown as they will be, and written."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click

from crm.core.errors import ConfigError
from crm.installing.firebase_json import FILE, entries, opened
from crm.installing.names import LEFT_OUT, SUFFIXES, exported
from crm.installing.parting import Change

MOST_SOURCES: Final = 2_000
"""Files of the host's functions that are looked into for names."""

_UNTOLD: Final = (".installed.json", "crm.defaults.toml", "requirements.txt")
"""Files of ours whose differences say nothing to people."""


class AppFolder:
    """The folder with `firebase.json`.

    Args:
        root: Where it is.

    Raises:
        ConfigError: There is no such file in it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        if not root.joinpath(FILE).is_file():
            raise ConfigError(
                f"There is no {FILE} in {root.resolve()}: run this in your app's folder, or name"
                " the folder; where there is none yet, run `firebase init` first."
            )

    def read(self, name: str) -> str | None:
        """Return the text of a file, its line ends as they are; None where there is none.

        Raises:
            ConfigError: It cannot be read, or is no text.
        """
        try:
            return self.root.joinpath(name).read_bytes().decode("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except UnicodeDecodeError:
            raise ConfigError(f"{name}: is not UTF-8: save it as UTF-8 first.") from None
        except OSError as error:
            raise ConfigError(f"{name}: cannot be read: {error.strerror}.") from None

    def names_in(self, folder: str) -> list[str]:
        """Return what a folder holds; nothing where there is none."""
        path = self.root / folder
        return sorted(one.name for one in path.iterdir()) if path.is_dir() else []

    def write(self, changes: Iterable[Change]) -> None:
        """Write files, and delete those that are to go; each is whole at any time.

        Raises:
            ConfigError: One cannot be written.
        """
        name = ""
        try:
            for change in changes:
                name = change.name
                path = self.root.joinpath(name).resolve()
                if change.after is None:
                    path.unlink(missing_ok=True)
                else:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    self._replace(path, change.after.encode())
        except OSError as error:
            raise ConfigError(
                f"{name}: cannot be written ({error.strerror}): see to that, and run it again."
            ) from None

    def _replace(self, path: Path, data: bytes) -> None:
        draft = path.with_name(f".{path.name}.crm")
        draft.write_bytes(data)
        if path.exists():
            draft.chmod(path.stat().st_mode)
        os.replace(draft, path)

    def functions_of_host(self, own: str) -> set[str]:
        """Return names that functions of the host may have, beside our folder's."""
        found: set[str] = set()
        for node in entries(opened(self.read(FILE) or ""), "functions"):
            source = node.value.get("source") if isinstance(node.value, dict) else None
            if isinstance(source, str) and source != own:
                for path in self._sources(self.root / source):
                    text = path.read_text(encoding="utf-8", errors="replace")
                    found |= exported(text, path.suffix)
        return found

    def _sources(self, folder: Path) -> Iterator[Path]:
        seen = 0
        for above, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if name not in LEFT_OUT)
            for name in sorted(files):
                if Path(name).suffix in SUFFIXES and seen < MOST_SOURCES:
                    seen += 1
                    yield Path(above, name)


def show(changes: Iterable[Change]) -> None:
    """Print how files will differ: the host's line by line, ours by name where they are new."""
    for change in changes:
        if change.before is None and change.after is not None and not _worth_reading(change):
            click.echo(f"new: {change.name} ({change.after.count(chr(10)):,} lines)")
        elif change.name.endswith(_UNTOLD) and change.after is not None:
            click.echo(f"renewed: {change.name}")
        elif change.after is None and change.before is not None:
            click.echo(f"gone: {change.name}")
        else:
            for line in _differences(change):
                colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
                click.secho(line, fg=colour)
    click.echo()


def _worth_reading(change: Change) -> bool:
    return change.name.endswith("crm.toml")


def _differences(change: Change) -> Iterator[str]:
    old, new = _lines(change.before), _lines(change.after)
    name = change.name
    yield from difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm="")


def _lines(text: str | None) -> list[str]:
    lines = (text or "").splitlines()
    if text and not text.endswith("\n"):
        lines.append("\\ No newline at end of file")
    return lines
