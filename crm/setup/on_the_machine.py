"""What is judged of the machine, the host's folder, the project and the secret. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from crm.db.installed import DatabasePlace, as_label
from crm.setup.check import Check, Silent
from crm.setup.facts import Facts, Folder

OLDEST_CLI: Final = 15
"""The first version of the Firebase CLI that runs Python functions as they are here."""

MULTI_REGIONS: Final = {
    "nam5": ("us-central1",),
    "nam7": ("us-central1", "us-east4"),
    "eur3": ("europe-west1", "europe-west4"),
}
"""Regions of functions that are near a multi-region's database
(https://firebase.google.com/docs/functions/locations)."""

MAKE_ONE: Final = (
    "make one and store it: `openssl rand -hex 32 | firebase functions:secrets:set CRM_KEY"
    " --data-file -`"
)

TAKE_IT: Final = 'export CRM_KEY="$(firebase functions:secrets:access CRM_KEY)"'


def versions(facts: Facts) -> Check:
    """Hold the package against the folder's lock and against what is deployed."""
    own, folder = facts.here.version, facts.folder
    if folder and folder.locked and folder.locked != own:
        return Check(
            "versions",
            "fail",
            f"This command is {own}, and {folder.name}/requirements.txt has {folder.locked}: run"
            " `python -m crm upgrade` in your app's folder, then deploy.",
        )
    functions = facts.functions
    if isinstance(functions, Silent) or not functions:
        return Check("versions", "ok", f"CRM-Lite {own}; nothing is deployed that says another.")
    others = {one.version for one in functions} - {as_label(own)}
    if others:
        told = ", ".join(sorted(one.replace("-", ".") or "one that says none" for one in others))
        deploy = _deploy(facts)
        return Check("versions", "warn", f"This is {own}, and functions are of {told}: {deploy}.")
    return Check("versions", "ok", f"CRM-Lite {own}, here and in the functions.")


def _deploy(facts: Facts) -> str:
    if facts.emulated:
        return "start the emulators again"
    return "run `firebase deploy --only functions:crm`"


def python(facts: Facts) -> Check:
    """Hold the Pythons against each other: the command's, the folder's, the functions'."""
    folder = facts.folder
    if folder and folder.runtime and folder.venv:
        if folder.runtime != f"python{folder.venv.replace('.', '')}":
            wanted = folder.runtime.removeprefix("python")
            name = f"python{wanted[:1]}.{wanted[1:]}"
            return Check(
                "python",
                "fail",
                f"firebase.json names {folder.runtime}, and {folder.name}/venv is of Python"
                f" {folder.venv}: make it again with {name}, or name the other runtime.",
            )
        return Check("python", "ok", f"Python {facts.here.python}; functions: {folder.runtime}.")
    return Check("python", "ok", f"Python {facts.here.python}.")


def firebase_cli(facts: Facts) -> Check:
    """Judge the Firebase CLI."""
    found = facts.here.firebase
    if isinstance(found, Silent):
        return Check("firebase-cli", "warn", found.why)
    if found is None:
        text = "There is no `firebase` on the path, which deploys and starts emulators: install"
        return Check("firebase-cli", "warn", f"{text} firebase-tools, {OLDEST_CLI} or newer.")
    major = re.match(r"\d+", found)
    if major and int(major[0]) < OLDEST_CLI:
        text = f"The Firebase CLI is {found}: install firebase-tools {OLDEST_CLI} or newer."
        return Check("firebase-cli", "warn", text)
    return Check("firebase-cli", "ok", f"Firebase CLI {found}.")


def folder(facts: Facts) -> Check:
    """Judge the folder of the functions."""
    found = facts.folder
    if found is None:
        text = f"There is no folder {facts.folder_name} here: run this in your app's folder, or"
        return Check("folder", "warn", f"{text} name the functions' own by --folder.")
    faults = list(_faults(found))
    if faults:
        return Check("folder", "fail", " ".join(faults))
    if found.venv is None:
        text = f"{found.name} has no venv, by which the Firebase CLI loads the functions: run"
        return Check(
            "folder",
            "warn",
            f"{text} `python3 -m venv {found.name}/venv`, and install {found.name}/requirements.txt"
            " into it.",
        )
    return Check("folder", "ok", f"{found.name} has what the functions need.")


def _faults(found: Folder) -> Iterator[str]:
    if found.missing:
        names = ", ".join(found.missing)
        yield f"{found.name} lacks {names}: run `python -m crm init` in your app's folder."
    if found.listed is False:
        yield (
            f"firebase.json does not name {found.name} among its functions: run"
            " `python -m crm init` in your app's folder."
        )


def project(facts: Facts) -> Check:
    """Judge project and credentials; whatever is missing is told at once."""
    if facts.wrong:
        return Check("project", "fail", " ".join(facts.wrong))
    return Check("project", "ok", f"{facts.where}.")


def settings(facts: Facts) -> Check:
    """Judge whether `crm.toml` can be read."""
    if facts.settings_wrong:
        return Check("settings", "fail", "; ".join(facts.settings_wrong) + ".")
    return Check("settings", "ok", "crm.toml is understood.")


def key(facts: Facts) -> Check:
    """Judge the secret under which everything is kept."""
    secret = facts.secret
    match secret.mark:
        case "other":
            return Check("key", "fail", _other(facts))
        case "rotating":
            text = "A new CRM_KEY is being brought in, and nothing works until that is done: run"
            return Check("key", "fail", f"{text} `python -m crm rotate-key` to its end.")
    if facts.emulated:
        if secret.given and secret.weakness:
            text = (
                f"Emulators use a fixed key. But CRM_KEY here {secret.weakness}, which production"
            )
            return Check("key", "warn", f"{text} refuses: {MAKE_ONE}.")
        return Check("key", "ok", "Emulators use a fixed key; production needs one of its own.")
    if not secret.given:
        return _no_key(facts)
    if secret.weakness:
        text = f"CRM_KEY {secret.weakness}: for a new installation {MAKE_ONE}. Where it has made a"
        return Check("key", "fail", f"{text} database, rotate it: docs/operating.md, A new key.")
    if secret.mark == "same":
        return Check("key", "ok", "CRM_KEY is the one that this database was made with.")
    if isinstance(secret.mark, Silent):
        return Check("key", "warn", "CRM_KEY was not held against the database's own.")
    return Check("key", "ok", "CRM_KEY is strong, and no database was made with another one.")


def _other(facts: Facts) -> str:
    if facts.emulated:
        return (
            "This database was not made with the emulators' key: start the emulators without what"
            " was imported, or import what emulators have exported."
        )
    return (
        "CRM_KEY is not the secret that this database was made with, which alone finds its"
        f" customers: {TAKE_IT}. Is it a new one? `python -m crm rotate-key` brings that in."
    )


def _no_key(facts: Facts) -> Check:
    functions = () if isinstance(facts.functions, Silent) else facts.functions or ()
    if any("CRM_KEY" in one.secrets for one in functions):
        text = "The functions have their CRM_KEY. It is not set here, where other commands need it:"
        return Check("key", "warn", f"{text} {TAKE_IT}.")
    text = f"CRM_KEY is missing. For a new installation {MAKE_ONE}. Where CRM-Lite is installed"
    return Check("key", "fail", f"{text} already, {TAKE_IT}.")


def database(facts: Facts) -> Check | None:
    """Judge whether Firestore answers, and is of the right kind."""
    match facts.database:
        case None:
            return None
        case Silent(why):
            return Check("database", "fail", why)
        case DatabasePlace(location, mode):
            if mode != "FIRESTORE_NATIVE":
                text = f"The (default) database is {mode}, and must be in Native mode: make a"
                return Check("database", "fail", f"{text} project whose database is.")
            return Check("database", "ok", f"Firestore answers{location and f', in {location}'}.")


def region(facts: Facts) -> Check | None:
    """Hold the region of `crm.toml` against the database's."""
    place = facts.database
    if not isinstance(place, DatabasePlace) or facts.settings is None:
        return None
    own = facts.settings.region
    if not place.location:
        return Check("region", "ok", f"Functions run in {own}; an emulated database is nowhere.")
    near = MULTI_REGIONS.get(place.location, (place.location,))
    if own not in near:
        return Check(
            "region",
            "fail",
            f'crm.toml says region = "{own}", and the database is in {place.location}: write region'
            f' = "{near[0]}", deploy, and let the functions in {own} be deleted.',
        )
    return Check("region", "ok", f"Functions run in {own}, where the database is.")
