"""Putting CRM-Lite into a host's app, and bringing it to another version."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

import crm
from crm.core.errors import ConfigError
from crm.entrypoints.commands.answers import DEFAULT, answered, projects_of
from crm.entrypoints.commands.app_folder import AppFolder, show
from crm.entrypoints.commands.command import Command
from crm.entrypoints.commands.output import FILE
from crm.installing.record import Answers, Record

OWN: Final = "crm-lite"
"""What our folder is called, where nobody says otherwise."""

FOLDER: Final = click.argument(
    "folder", default=".", type=click.Path(file_okay=False, path_type=Path)
)

OWN_FOLDER: Final = click.option(
    "--folder",
    "own",
    default=OWN,
    show_default=True,
    metavar="NAME",
    help="CRM-Lite's own folder in the app.",
)

YES: Final = click.option("--yes", is_flag=True, help="Ask nothing: defaults, and do it.")

DRY: Final = click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")

WHEEL: Final = click.option(
    "--wheel", type=FILE, metavar="FILE", help="CRM-Lite's wheel; else the one installed from."
)

NO_VENV: Final = click.option(
    "--no-venv", is_flag=True, help="Make no virtual environment, and install nothing."
)


@click.command(cls=Command)
@FOLDER
@click.option("--region", metavar="REGION", help="Of the functions: your Firestore database's own.")
@click.option(
    "--preset", metavar="NAME", help="Whose orders these are, such as pretix; or default."
)
@click.option("--time-zone", metavar="ZONE", help="Of your days, such as Europe/Berlin.")
@click.option("--console-site", metavar="SITE", help="The staff console gets a site of its own.")
@click.option("--console-path", metavar="PATH", help="The staff console is below your own site.")
@click.option("--console-in", metavar="TARGET", help="Of several sites of yours, below this one.")
@click.option("--no-console", is_flag=True, help="The staff console is not published.")
@click.option("--no-emulators", is_flag=True, help="Leave emulators that are not set up alone.")
@OWN_FOLDER
@YES
@DRY
@WHEEL
@NO_VENV
def init(
    folder: Path,
    region: str | None,
    preset: str | None,
    time_zone: str | None,
    console_site: str | None,
    console_path: str | None,
    console_in: str | None,
    no_console: bool,
    no_emulators: bool,
    own: str,
    yes: bool,
    dry_run: bool,
    wheel: Path | None,
    no_venv: bool,
) -> None:
    """Put CRM-Lite into the Firebase app in FOLDER, which has a firebase.json.

    What is not said by options is asked. Every change of your files is shown before anything is
    written: functions, rules, indexes and hosting get entries beside yours, and a folder crm-lite
    is made. Comments and order stay. Running it again changes nothing, or what you now say
    otherwise; `uninstall` takes everything out again.
    """
    from crm.installing.parting import recorded

    if sum(map(bool, (console_site, console_path, no_console))) > 1:
        raise click.UsageError("Choose one of --console-site, --console-path and --no-console.")
    app = AppFolder(folder)
    own = own_name(own)
    former = recorded(app.read, own)
    if former and former.version != crm.__version__:
        raise ConfigError(
            f"{own} holds version {former.version}, and this is {crm.__version__}: run"
            " `python -m crm upgrade`."
        )
    said = {
        "region": region,
        "preset": None if preset is None else preset if preset != DEFAULT else "",
        "time_zone": time_zone,
        "site": "" if console_path or no_console else console_site,
        "path": "" if console_site or no_console else console_path,
        "entry": console_in,
        "emulators": False if no_emulators else None,
    }
    answers = answered(app, former, {key: one for key, one in said.items() if one is not None}, yes)
    _put_in(app, own, answers, former, yes=yes, dry_run=dry_run, wheel=wheel, venv=not no_venv)
    if not dry_run:
        _say_next(app, answers)


@click.command(cls=Command)
@FOLDER
@OWN_FOLDER
@YES
@DRY
@WHEEL
@NO_VENV
def upgrade(
    folder: Path, own: str, yes: bool, dry_run: bool, wheel: Path | None, no_venv: bool
) -> None:
    """Bring the app in FOLDER to this version of CRM-Lite, once its package is installed.

    Functions, rules, indexes and hosting become this version's; crm.toml stays as it is, and so
    does what you changed in other files of crm-lite. It says which keys of crm.toml are new. Every
    change is shown before anything is written. Deploy afterwards.
    """
    from crm.installing.parting import recorded

    app = AppFolder(folder)
    own = own_name(own)
    former = recorded(app.read, own)
    if former is None:
        raise ConfigError(
            f"{own} holds no installation that `python -m crm init` has made: run that first."
        )
    if _numbers(former.version) > _numbers(crm.__version__):
        raise ConfigError(
            f"{own} holds version {former.version}, and this is the older {crm.__version__}:"
            " install the newer one, then run it again."
        )
    click.echo(f"From version {former.version} to {crm.__version__}.")
    answers = former.answers
    _put_in(app, own, answers, former, yes=yes, dry_run=dry_run, wheel=wheel, venv=not no_venv)
    if not dry_run:
        click.echo(f"Next: firebase deploy --only {_targets(answers)}")


def _put_in(
    app: AppFolder,
    own: str,
    answers: Answers,
    former: Record | None,
    *,
    yes: bool,
    dry_run: bool,
    wheel: Path | None,
    venv: bool,
) -> None:
    """Show what changes, and do it."""
    from crm.entrypoints.commands import environment
    from crm.installing import folder as folders
    from crm.installing.joining import joined

    path = app.root / own
    if former is None:
        folders.check(own, app.names_in(own))
    package = environment.find_wheel(wheel, path)
    answers = replace(answers, runtime=environment.runtime_of(path))
    ours = _ours(app, own, package)
    plan = joined(app.read, own, answers, ours, projects_of(app))
    for warning in [*plan.warnings, *_taken_names(app, own)]:
        click.secho(f"Warning: {warning}", err=True, fg="yellow")
    if plan.changes:
        show(plan.changes)
    else:
        click.echo("No file changes.")
    if dry_run:
        return
    if plan.changes and not yes:
        click.confirm("Write this?", default=True, abort=True)
    environment.place_wheel(package, path)
    app.write(plan.changes)
    if venv:
        environment.install(path)


def _ours(app: AppFolder, own: str, package: Any) -> Any:
    """Return what comes with this version."""
    from crm.config.places import HostFile, host_file
    from crm.console.hosting import hosting_entry, path_entries
    from crm.installing import folder as folders
    from crm.installing.joining import Ours

    def text(name: HostFile) -> str:
        return host_file(name).read_text(encoding="utf-8")

    there = app.read(f"{own}/{folders.REQUIREMENTS}")
    lock = text("requirements.txt")
    files = {
        folders.REQUIREMENTS: folders.requirements_text(lock, package.name, package.digest, there),
        ".env": text("env"),
        ".secret.local": text("secret.local"),
        "requirements-anymail.txt": text("requirements-anymail.txt"),
    }
    return Ours(
        crm.__version__,
        text("firestore.rules"),
        text("firestore.indexes.json"),
        text("crm.toml"),
        files,
        hosting_entry,
        path_entries,
    )


def _taken_names(app: AppFolder, own: str) -> list[str]:
    """Return what is to be said of functions of the host that are called as ours."""
    from crm.installing.names import declared

    package = Path(crm.__file__).parent
    ours = next(
        one for one in (package / "functions.py", package.parent / "main.py") if one.exists()
    )
    both = declared(ours.read_text(encoding="utf-8")) & app.functions_of_host(own)
    return [
        f"A function of yours is called {name}, as one of CRM-Lite's, and names are unique in a"
        " project and region: give yours another one."
        for name in sorted(both)
    ]


def own_name(own: str) -> str:
    """Return the name of our folder, as it stands in `firebase.json`.

    Raises:
        ConfigError: It is none.
    """
    name = own.strip("/").removeprefix("./")
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", name):
        raise ConfigError(f"{own} is no name of a folder in the app: write one such as {OWN}.")
    return name


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _targets(answers: Answers) -> str:
    hosting = ",hosting:crm" if answers.site else ",hosting" if answers.path else ""
    return f"firestore,functions:crm{hosting}"


def _say_next(app: AppFolder, answers: Answers) -> None:
    """Say what comes next: trying it out, and the way to production."""
    projects = projects_of(app)
    demo = f"demo-{projects[0].removeprefix('demo-')}" if projects else "demo-app"
    site = f"firebase hosting:sites:create {answers.site} && " if answers.site else ""
    click.echo(
        "\nTry it: start the emulators and write an order.\n"
        f"  firebase emulators:start --only auth,firestore,functions --project {demo}\n"
        "To production: a key, once, and a deployment.\n"
        "  openssl rand -hex 32 | firebase functions:secrets:set CRM_KEY --data-file -\n"
        f"  {site}firebase deploy --only {_targets(answers)}"
    )
