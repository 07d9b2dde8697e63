"""Taking CRM-Lite out of a host's app: its files, and with them what it has stored."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import click

from crm.core.errors import ConfigError
from crm.entrypoints.commands.app_folder import AppFolder, show
from crm.entrypoints.commands.command import Command, auth, firestore
from crm.entrypoints.commands.install import DRY, FOLDER, OWN_FOLDER, YES, own_name
from crm.entrypoints.commands.output import watched

DELETE_FUNCTIONS: Final = "firebase functions:delete crm --force"

_OURS: Final = frozenset(
    {
        *("venv", "console", "__pycache__", "main.py", "crm.toml", "crm.defaults.toml"),
        *(".env", ".secret.local", ".gitignore", ".installed.json"),
        *("requirements.txt", "requirements-anymail.txt"),
    }
)
"""What of our folder goes; anything else in it is the host's, and stays."""


@click.command(cls=Command)
@FOLDER
@OWN_FOLDER
@click.option("--data", is_flag=True, help="Also delete CRM-Lite's documents, and staff's roles.")
@YES
@DRY
def uninstall(folder: Path, own: str, data: bool, yes: bool, dry_run: bool) -> None:
    """Take CRM-Lite out of the app in FOLDER.

    A file that nobody changed since becomes what it was, to the byte; from others CRM-Lite's
    entries go. The folder crm-lite goes, but for files of yours. What is in the project stays: the
    functions until you delete them, which comes first, and the documents. With --data CRM-Lite's
    documents and staff's roles are deleted before the files, once you have typed the project's id;
    your own documents are not touched.
    """
    from crm.config.places import host_file
    from crm.installing import indexes
    from crm.installing.parting import taken_out

    app = AppFolder(folder)
    own = own_name(own)
    text = host_file("firestore.indexes.json").read_text(encoding="utf-8")
    plan = taken_out(app.read, own, indexes.marks("", text, "firestore.indexes.json"))
    there = app.names_in(own)
    going = [name for name in there if name in _OURS or name.startswith("crm_lite-")]
    staying = [name for name in there if name not in going]
    if not plan.changes and not going and not data:
        click.echo("CRM-Lite is not in this app: nothing to do.")
        return
    show(plan.changes)
    if going:
        click.echo(f"{own}/ goes, with {', '.join(going)}.")
    if staying:
        click.echo(f"In {own}/ stays what is yours: {', '.join(staying)}.")
    if not data:
        click.echo(
            f"Deployed functions are not deleted by this: run `{DELETE_FUNCTIONS}` before it, while"
            " firebase.json still names them. Documents stay, unless you say --data."
        )
    if dry_run:
        return
    if data:
        _delete_data()
    if not yes:
        click.confirm("Take it out?", default=False, abort=True)
    app.write(plan.changes)
    _remove(app.root / own, going)
    click.echo(
        "CRM-Lite is out of the files. In the project, where it was deployed: take its rules and"
        " indexes out by `firebase deploy --only firestore`, and the key away by `firebase"
        " functions:secrets:destroy CRM_KEY` (CRM_MAIL and CRM_MAIL_EVENTS likewise)."
    )


def _delete_data() -> None:
    """Delete what is stored, once nothing writes any more and the project's id was typed.

    Raises:
        ConfigError: No project is named, or its functions are still deployed.
    """
    from crm.entrypoints.removal import delete_documents, take_roles
    from crm.firebase import app, staff, store
    from crm.runtime.services import told_together

    told_together(app.project, app.check_environment)
    project = app.project()
    if not os.environ.get("FIRESTORE_EMULATOR_HOST"):
        deployed = _deployed(project)
        if deployed:
            raise ConfigError(
                f"{len(deployed)} functions of CRM-Lite are deployed in {project} and would write"
                f" again what is deleted: run `{DELETE_FUNCTIONS}` first. Nothing was deleted."
            )
    click.echo(
        f"All customers, consents, notes, campaigns and everything else that CRM-Lite has stored in"
        f" {project} will be deleted, and cannot be restored: proofs of consent and the audit trail"
        " too. Your own orders and users stay."
    )
    typed = click.prompt("Type the project's id to delete it", default="", show_default=False)
    if typed.strip() != project:
        raise click.ClickException(f"That is not {project}: nothing was deleted.")
    with watched("Firestore", firestore()) as progress:
        count = delete_documents(store.FirestoreStore(store.client(project)), progress)
    with watched("Firebase Auth", auth()) as progress:
        taken = take_roles(staff, progress)
    click.echo(f"Deleted: {count:,} documents, and the roles of {len(taken):,} accounts.")


def _deployed(project: str) -> list[str]:
    """Return the names of CRM-Lite's functions that are deployed."""
    from crm.core.codebase import CODEBASE
    from crm.firebase.management import Management, session

    functions = Management(project, session()).functions()
    return [one.name for one in functions if one.codebase == CODEBASE]


def _remove(folder: Path, names: list[str]) -> None:
    """Delete files of our folder, and the folder where nothing else is in it.

    Raises:
        ConfigError: One cannot be deleted.
    """
    path = folder
    try:
        for path in (folder / name for name in names):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        path = folder
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be deleted ({error.strerror}): delete {folder} by hand."
        ) from None
