"""What `crm init` is told by options, was told before, or asks."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from dataclasses import replace
from typing import Any, Final

import click

from crm.core.errors import ConfigError
from crm.entrypoints.commands.app_folder import AppFolder
from crm.installing.record import Answers, Record

DEFAULT: Final = "default"
"""The mapping without a preset."""


def answered(app: AppFolder, former: Record | None, said: dict[str, Any], yes: bool) -> Answers:
    """Return what options say, what was said before, and what is asked now."""
    if former is not None:
        return _needing_project(app, _checked(replace(former.answers, **said)))
    answers = Answers(**{"region": _region_of(app), "time_zone": _zone_here(), **said})
    if yes:
        return _needing_project(app, _checked(answers))
    try:
        if "region" not in said:
            text = "Region of the functions (your Firestore database's own)"
            answers = replace(answers, region=click.prompt(text, default=answers.region))
        if "preset" not in said:
            answers = replace(answers, preset=_asked_preset())
        if "time_zone" not in said:
            text = "Time zone of your days"
            answers = replace(answers, time_zone=click.prompt(text, default=answers.time_zone))
        if not {"site", "path"} & said.keys():
            answers = _asked_console(app, answers)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise click.ClickException(
            "Nobody is there to answer: --yes takes the defaults, and options say what is to be"
            " otherwise (--help lists them)."
        ) from None
    return _needing_project(app, _checked(answers))


def _asked_preset() -> str:
    from crm.config.settings import preset_names

    names = click.Choice([DEFAULT, *preset_names()])
    chosen = click.prompt("Whose orders are these", type=names, default=DEFAULT)
    return "" if chosen == DEFAULT else chosen


def _asked_console(app: AppFolder, answers: Answers) -> Answers:
    named = projects_of(app)
    default = f"{named[0]}-crm" if named else "none"
    where = click.prompt(
        "Staff console: the name of a site of its own, a path below yours (/crm), or none",
        default=default,
    ).strip()
    if where == "none":
        return answers
    if where.startswith("/"):
        return replace(answers, path=where)
    return replace(answers, site=where)


def _checked(answers: Answers) -> Answers:
    """Return the answers, once they can be used.

    Raises:
        ConfigError: One of them cannot.
    """
    from crm.config.settings import settings_of
    from crm.installing.folder import settings_text

    quoted = [answers.region, answers.time_zone, answers.preset]
    if any('"' in one or "\\" in one for one in quoted):
        raise ConfigError("Write the region, the time zone and the preset without quotes.")
    settings_of(tomllib.loads(settings_text("crm-lite", answers)), "What you said")
    if answers.site and not re.fullmatch(r"[a-z0-9][a-z0-9-]{2,38}[a-z0-9]", answers.site):
        raise ConfigError(
            f"{answers.site} is no name of a site: write 4 to 40 small letters, digits and hyphens,"
            " such as my-app-crm."
        )
    path = answers.path.rstrip("/")
    if answers.path and not re.fullmatch(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+", path):
        raise ConfigError(f"{answers.path} is no path below your site: write one such as /crm.")
    return replace(answers, path=path)


def _needing_project(app: AppFolder, answers: Answers) -> Answers:
    if answers.site and not projects_of(app):
        raise ConfigError(
            "A site is one of a project, and .firebaserc names none: say --project ID, or"
            " --no-console."
        )
    return answers


def projects_of(app: AppFolder) -> list[str]:
    """Return the app's projects, the one that is meant first."""
    from crm.installing import rc

    named = rc.projects(app.read(rc.FILE) or "")
    said = os.environ.get("GCLOUD_PROJECT")
    if said in named or (said and not named):
        return [said, *(one for one in named if one != said)]
    return named


def _region_of(app: AppFolder) -> str:
    """Return the region that `firebase.json` tells of the database, or the usual one."""
    from crm.installing.firebase_json import FILE as FIREBASE_JSON
    from crm.installing.firebase_json import default_entry, opened
    from crm.setup.on_the_machine import MULTI_REGIONS

    node = default_entry(opened(app.read(FIREBASE_JSON) or ""))
    place = str(node.value.get("location") or "") if node else ""
    found = MULTI_REGIONS.get(place, (place,))[0]
    return found if re.fullmatch(r"[a-z]+-[a-z]+[0-9]+", found) else Answers().region


def _zone_here() -> str:
    """Return this machine's time zone, where it has a name."""
    from zoneinfo import available_timezones

    place = os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    names = (os.environ.get("TZ", "").removeprefix(":"), place)
    known = available_timezones()
    return next((name for name in names if name in known), "UTC").replace("Etc/UTC", "UTC")
