"""What a `firebase.json` needs so that Firebase Hosting serves the console.

As data, for who writes it into the file. Of several headers for one address the last one in the
file counts, of several rewrites the first.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm.console.page import PAGE, ROOT, place_of
from crm.console.policy import ASSETS, CACHING, FOR_EVER, headers
from crm.core.errors import ConfigError

WRITTEN: Final = "console"
"""The folder, in CRM-Lite's own, that a console with a site of its own is written to."""

PYTHON: Final = "venv/bin/python"
"""The Python of CRM-Lite's folder."""


def hosting_entry(folder: str, target: str) -> dict[str, Any]:
    """Return the entry of a site of its own.

    Args:
        folder: CRM-Lite's folder, relative to the file, such as `crm-lite`.
        target: The deploy target that `.firebaserc` gives the site for.
    """
    public = f"{folder}/{WRITTEN}"
    return {
        "target": target,
        "public": public,
        "predeploy": [write_command(folder, public)],
        "rewrites": [_rewrite(ROOT)],
        "headers": _headers(ROOT),
    }


def path_entries(path: str, public: str, folder: str) -> dict[str, list[Any]]:
    """Return what is added to the entry of the host's site, for the console below a path of it.

    Each is a list: `rewrites` go before the host's, `headers` behind them, `predeploy` behind what
    builds the host's pages. Nothing of it concerns any other page.

    Args:
        path: Such as `/crm`.
        public: The folder of the host's site, relative to the file.
        folder: CRM-Lite's.

    Raises:
        ConfigError: The path is none, or the whole site.
    """
    place = place_of(path)
    if place == ROOT:
        raise ConfigError("The console takes no whole site of yours: give it a path, such as /crm.")
    written = f"{public.rstrip('/')}{place.rstrip('/')}"
    return {
        "predeploy": [write_command(folder, written, place)],
        "rewrites": [_rewrite(place)],
        "headers": _headers(place),
    }


def write_command(folder: str, written: str, place: str = ROOT) -> str:
    """Return the command that writes the console, run where the `firebase.json` is.

    Args:
        folder: CRM-Lite's folder.
        written: Where it is written to.
        place: Where it is served.
    """
    words = [f"{folder}/{PYTHON}", "-m", "crm", "console", "--write", written]
    words += [] if place == ROOT else ["--path", place.rstrip("/")]
    words += ["--config", f"{folder}/crm.toml"]
    # In quotes that sh and cmd.exe both know.
    return " ".join(f'"{word}"' if " " in word else word for word in words)


@dataclass(frozen=True)
class Written:
    """What a command writes the console for.

    Attributes:
        folder: Where to.
        place: Where it is served (`place_of`).
        config: The `crm.toml` that is read; None for the one that is found.
    """

    folder: str
    place: str
    config: str | None


def written_by(command: str) -> Written | None:
    """Return what a command of a `predeploy` writes the console for; None for any other command.

    Raises:
        ConfigError: It names a path that is none.
    """
    words = shlex.split(command)
    if "console" not in words:
        return None
    options = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    for name in ("--write", "--path", "--config"):
        options.add_argument(name)
    try:
        given, _ = options.parse_known_args(words[words.index("console") + 1 :])
    except argparse.ArgumentError:
        return None
    if given.write is None:
        return None
    return Written(given.write, place_of(given.path or ROOT), given.config)


def _rewrite(place: str) -> dict[str, str]:
    return {"source": _all_below(place), "destination": f"{place}{PAGE}"}


def _headers(place: str) -> list[dict[str, Any]]:
    return [
        {"source": _all_below(place), "headers": _listed(headers())},
        {"source": f"{place}{ASSETS}/**", "headers": _listed({CACHING: FOR_EVER})},
    ]


def _all_below(place: str) -> str:
    """Return the pattern of a place: it, and everything below."""
    return "**" if place == ROOT else f"{place.rstrip('/')}{{,/**}}"


def _listed(headers: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
    return [{"key": key, "value": value} for key, value in headers.items()]
