"""The sites of a project as a suite serves them, with a staff console that knows the emulators.

The console is what `crm console --write` writes before a deployment (`predeploy`): a suite runs no
such command, and writes the same into a copy of the site. No other page is taken for it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from crm.config.settings import load
from crm.console.files import built, write
from crm.console.hosting import Written, written_by
from crm.console.page import PAGE, Emulators, said_in, settings_of_page, with_settings
from crm.core.errors import ConfigError, CrmError
from suite.errors import SuiteError
from suite.ports import HOST
from suite.running import Suite

COPIES = ".suite"
"""The folder of copies: firebase-tools serves nothing from outside of the project's folder."""


@dataclass(frozen=True)
class Console:
    """The console of a configuration.

    Attributes:
        entry: In which entry of `hosting` it is, counted from 0.
        public: The folder of that site, relative to the configuration.
        inside: The console's folder in that one; `.` where the site is its own.
        place: Where it is served, with a slash at both ends.
        config: The `crm.toml` that says what it is told.
    """

    entry: int
    public: str
    inside: PurePosixPath
    place: str
    config: Path


def console_of(base: Mapping[str, Any], folder: Path) -> Console | None:
    """Return where a configuration has the console; None for nowhere, or where none is built.

    Args:
        base: The project's `firebase.json`.
        folder: Where it lies.

    Raises:
        SuiteError: The command that writes the console is not understood.
    """
    if "functions" not in base:
        return None  # it would show nothing
    try:
        for number, entry in enumerate(_entries(base)):
            given = entry.get("predeploy", [])
            for command in [given] if isinstance(given, str) else given:
                written = written_by(command)
                if written and _is_built():
                    return _console(number, entry, written, folder)
    except (ConfigError, ValueError) as error:
        raise SuiteError(f"hosting: predeploy is not understood: {error}") from error
    return None


def served(
    base: Mapping[str, Any], folder: Path, console: Console | None, name: str
) -> list[dict[str, Any]]:
    """Return the `hosting` of a suite's configuration: the console's site first, then the others.

    The first one is at the suite's port for Hosting, the others at ports that are free.

    Args:
        base: The project's `firebase.json`.
        folder: Where it lies; a site whose folder is missing is left out.
        console: Where the console is (`console_of`).
        name: Tells this suite's copy from others'.
    """
    sites: list[dict[str, Any]] = []
    for number, entry in enumerate(_entries(base)):
        own = {key: value for key, value in entry.items() if key not in {"predeploy", "target"}}
        # A target stands for one of the project's sites, which nobody here knows.
        own["site"] = entry.get("site") or entry.get("target") or f"site-{number}"
        if console and number == console.entry:
            local = {"public": f"{COPIES}/{name}", "headers": _local(entry.get("headers", []))}
            sites.insert(0, own | local)
        elif "public" in own and folder.joinpath(own["public"]).is_dir():
            sites.append(own)
    return sites


def lay_out(console: Console, folder: Path, suite: Suite) -> None:
    """Copy the console's site to where the suite serves it, with a console of this suite.

    Raises:
        SuiteError: It cannot be written.
    """
    assert suite.site is not None
    public = folder / console.public
    if console.inside.parts and public.is_dir():
        shutil.copytree(public, _copy_of(console, suite.site), dirs_exist_ok=True)
    emulators = Emulators(suite.auth_host, suite.firestore_host, suite.functions_origin)
    try:
        said = settings_of_page(load(console.config), console.place, emulators)
        write(suite.site, said, built())
    except CrmError as error:
        raise SuiteError(f"The staff console cannot be written: {error}") from error


def tell(suite: Suite, accounts: Sequence[Mapping[str, str]]) -> None:
    """Write accounts (email, password, role) to sign in with into the page."""
    if suite.site is None:
        return
    page = suite.site / PAGE
    text = page.read_text(encoding="utf-8")
    said = said_in(text)
    said["emulators"]["accounts"] = [dict(account) for account in accounts]
    page.write_text(with_settings(text, said), encoding="utf-8")


def clear(console: Console, site: Path) -> None:
    """Remove the copy of the console's site."""
    copy = _copy_of(console, site)
    shutil.rmtree(copy, ignore_errors=True)
    with suppress(OSError):  # another suite has a copy there, too
        copy.parent.rmdir()


def _copy_of(console: Console, site: Path) -> Path:
    """Return the copy of the whole site that a console is in."""
    return site.parents[len(console.inside.parts) - 1] if console.inside.parts else site


def _entries(base: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    hosting = base.get("hosting") or []
    return hosting if isinstance(hosting, list) else [hosting]


def _is_built() -> bool:
    try:
        built()
    except ConfigError:
        return False
    return True


def _console(number: int, entry: Mapping[str, Any], written: Written, folder: Path) -> Console:
    public = str(entry.get("public", ""))
    if not PurePosixPath(written.folder).is_relative_to(public):
        raise ConfigError(
            f"{written.folder}, to which the staff console is written, is neither the folder"
            f" `public` of its site nor below it ({public})"
        )
    inside = PurePosixPath(written.folder).relative_to(public)
    return Console(number, public, inside, written.place, folder / (written.config or "crm.toml"))


def _local(headers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Let the page reach and frame the emulators, beside what its Content-Security-Policy names."""
    text = json.dumps(list(headers))
    for directive in ("connect-src", "frame-src"):
        text = text.replace(directive, f"{directive} http://{HOST}:*")
    own: list[dict[str, Any]] = json.loads(text)
    return own
