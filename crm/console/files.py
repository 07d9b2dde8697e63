"""The console's files: where they were built, and writing them to where they are served from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crm.config.places import console_files
from crm.console.page import PAGE, is_console, rendered
from crm.console.policy import ASSETS
from crm.core.errors import ConfigError


def built() -> Path:
    """Return the folder of what was built.

    Raises:
        ConfigError: There is none.
    """
    place = console_files()
    if _is_console(place / PAGE):  # and no build from before it was told anything
        return place
    raise ConfigError(
        "The console is not built: install CRM-Lite from its package, or run `make setup` in its"
        " repository."
    )


def write(folder: Path, said: Mapping[str, Any], source: Path) -> int:
    """Write the console to a folder, new or over an earlier one; return how many files it has.

    The page comes last, and files that no page names any more go after it: whoever opens the
    console meanwhile gets the one before or this one.

    Args:
        folder: Made where it is missing.
        said: What the page is told (`settings_of_page`).
        source: What was built.

    Raises:
        ConfigError: The folder holds something else than the console, or is the source.
        OSError: It cannot be written.
    """
    folder, named = folder.resolve(), folder
    is_new = _check(folder, named, source)
    page = rendered(source.joinpath(PAGE).read_text(encoding="utf-8"), said)
    names = [name for name in _names(source) if name != Path(PAGE)]
    # Beside it, where there is none yet: half of one would be taken for somebody else's files.
    target = folder.with_name(f".{folder.name}.draft") if is_new else folder
    if is_new:
        shutil.rmtree(target, ignore_errors=True)
    for name in names:
        _copy(source / name, target / name)
    draft = target / f".{PAGE}.draft"
    draft.write_text(page, encoding="utf-8")
    draft.replace(target / PAGE)
    if is_new:
        if folder.exists():
            folder.rmdir()
        target.rename(folder)
    for name in _names(folder):
        if name.parts[0] == ASSETS and name not in names:
            folder.joinpath(name).unlink()
    return len(names) + 1


def _check(folder: Path, named: Path, source: Path) -> bool:
    """Return whether the console is not in a folder yet, which then has nothing at all.

    Args:
        folder: The folder.
        named: What errors call it.
        source: What was built.

    Raises:
        ConfigError: It is not to be written to.
    """
    if folder == source.resolve():
        raise ConfigError(f"{named} is what was built: name another folder to write it to.")
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{named} is no folder: name another one.")
    if _is_console(folder / PAGE):
        return False
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(
            f"{named} holds files that are not the console's, and nothing was written: name a"
            " folder that is new or empty, such as crm-lite/console."
        )
    return True


def _is_console(page: Path) -> bool:
    return page.is_file() and is_console(page.read_text(encoding="utf-8", errors="replace"))


def _names(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder)


def _copy(file: Path, target: Path) -> None:
    content = file.read_bytes()
    if target.is_file() and target.read_bytes() == content:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
