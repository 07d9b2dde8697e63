"""The staff console: written for Hosting, or served on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from crm.entrypoints.commands.command import Command
from crm.entrypoints.commands.output import FILE, told_files, watched

FOLDER: Final[Any] = click.Path(file_okay=True, path_type=Path)


@click.command(cls=Command)
@click.option(
    "--write",
    "folder",
    type=FOLDER,
    metavar="FOLDER",
    help="Write the files that Firebase Hosting deploys, and serve nothing.",
)
@click.option(
    "--path",
    metavar="PATH",
    help="With --write: where below its host the console will be, such as /crm; else it has a"
    " site of its own.",
)
@click.option("--config", type=FILE, metavar="FILE", help="The crm.toml to read; else the own one.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to serve it; else a free port.")
@click.option(
    "--open/--no-open",
    "opened",
    default=None,
    help="Whether to open it in the browser; usually where this is a terminal.",
)
def console(
    folder: Path | None,
    path: str | None,
    config: Path | None,
    port: int | None,
    opened: bool | None,
) -> None:
    """Serve the staff console on this machine, or write it for Firebase Hosting.

    Either way it is told what crm.toml says: region, time zone, and [console]. Served, it works
    with the data of the project that --project names, by the sign-in and the role of whoever uses
    it; nobody but this machine reaches it. A project whose id begins with demo- is looked for on
    the emulators.
    """
    from crm.config.settings import load
    from crm.console.files import built, write
    from crm.console.page import place_of, settings_of_page

    if folder is None and path is not None:
        raise click.UsageError("--path says where written files will be: it needs --write.")
    if folder is not None and (port is not None or opened):
        raise click.UsageError("--write serves nothing: leave --port and --open out.")
    settings = load(config)
    if folder is None:
        _serve(settings, port, sys.stdout.isatty() if opened is None else opened)
        return
    place = place_of(path or "/")
    source = built()
    with told_files(folder):
        count = write(folder, settings_of_page(settings, place), source)
    click.echo(f"{folder}: {count} files of the console, to be served at {place}")


def _serve(settings: Any, port: int | None, opened: bool) -> None:
    from crm.console.files import built
    from crm.console.page import PAGE, rendered, settings_of_page
    from crm.entrypoints.local_console import NAME, LocalConsole, served
    from crm.firebase.app import check_environment, project
    from crm.firebase.emulated import emulators_of

    check_environment()
    named, source = project(), built()
    emulators = emulators_of(named)
    init = _init(named) if emulators is None else _emulated(named)
    page = source.joinpath(PAGE).read_text(encoding="utf-8")
    said = settings_of_page(settings, emulators=emulators)
    server = served(LocalConsole(source, rendered(page, said), init, emulators), port)
    address = f"http://{NAME}:{server.port}"
    where = "on the emulators" if emulators else "in production"
    click.echo(f"The console of {named}, {where}: {address}")
    click.echo("Ctrl-C ends it.")
    if opened:
        click.launch(address)
    server.serve_forever()


def _init(project: str) -> dict[str, Any]:
    from crm.firebase.web_apps import web_app_config

    with watched("the Firebase Management API", f"firebase.googleapis.com ({project})"):
        return web_app_config()


def _emulated(project: str) -> dict[str, Any]:
    """Return what a page is told of a project that is on the emulators, which take any key."""
    return {
        "projectId": project,
        "apiKey": "emulator",
        "authDomain": f"{project}.firebaseapp.com",
    }
