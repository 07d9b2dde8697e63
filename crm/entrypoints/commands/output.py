"""What commands print: progress, answers for programs, and how much was understood."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from crm.entrypoints.commands.command import ANSWERED

if TYPE_CHECKING:
    from crm.config.settings import Settings
    from crm.repair.understanding import Understanding

OnProgress = Callable[[str, int, int], None]
"""Told what is being looked at, how much of it was, and how much there is (0: not known)."""

SILENT: Final = 0.7
"""Seconds without a word, after which a command says what it waits for."""

AGAIN: Final = 15.0
"""Seconds until it says so again."""

FILE: Final[Any] = click.Path(dir_okay=False, path_type=Path)

THREADS: Final = click.option(
    "--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Work in parallel."
)

JSON: Final = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")


def say_json(data: Mapping[str, object]) -> None:
    """Print an answer for programs: one object, after which a failure prints none."""
    click.echo(json.dumps(data, indent=2))
    click.get_current_context().meta[ANSWERED] = True


def say_rows(lines: Iterable[str], as_json: bool, data: Callable[[], Mapping[str, object]]) -> None:
    """Print an answer: lines for people, or data for programs."""
    if as_json:
        say_json(data())
        return
    for line in lines:
        click.echo(line)


@contextmanager
def told_files(path: Path) -> Iterator[None]:
    """Say in one sentence what is wrong with a file.

    Raises:
        ClickException: It cannot be read or written.
    """
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}.") from error


@contextmanager
def watched(service: str, where: str) -> Iterator[OnProgress]:
    """Show how far a command is that asks a service, and that it waits where it does.

    On a terminal there is a moving bar from the start. Elsewhere there is a line for each page, and
    one after `SILENT` seconds without any.
    """
    waits = f"Waiting for {service} at {where} ..."
    if sys.stderr.isatty():
        with _bars(waits) as bar:
            yield bar
        return
    talk, over = threading.Event(), threading.Event()
    watching = threading.Thread(target=_say_waits, args=(waits, talk, over), daemon=True)
    watching.start()

    def line(name: str, done: int, total: int) -> None:
        talk.set()
        click.echo(f"{name}: {done:,}" + (f" of {total:,}" if total else ""), err=True)

    try:
        yield line
    finally:
        over.set()
        talk.set()
        watching.join()


def _say_waits(waits: str, talk: threading.Event, over: threading.Event) -> None:
    patience = SILENT
    while not over.is_set():
        if talk.wait(patience):
            talk.clear()
            patience = SILENT
        else:
            click.echo(waits, err=True)
            patience = AGAIN


@contextmanager
def _bars(waits: str) -> Iterator[OnProgress]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {"": bars.add_task(waits, total=None)}

        def bar(name: str, done: int, total: int) -> None:
            bars.update(tasks[""], visible=False)
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=done, total=max(done, total))

        yield bar


def warn_of(settings: Settings) -> None:
    """Say what the settings trust that an attacker could bend."""
    if settings.email_trust == "document":
        users = settings.users.path
        click.echo(
            f'Warning: email_trust = "document" takes every address in `{users}` for proven. See'
            f" that no client may write `{users}`: whoever can write an address there is shown the"
            " orders of that address, and can erase them.",
            err=True,
        )


def say_understood(found: Mapping[str, Understanding]) -> None:
    """Print how many documents of each collection were understood, and why the others were not."""
    for path, one in found.items():
        if one.understood or one.missed:
            why = ", ".join(f"{reason} {count:,}" for reason, count in one.reasons.most_common())
            not_understood = f"{one.missed:,} not: {why}" if one.missed else "0 not"
            click.echo(f"{path}: {one.understood:,} understood, {not_understood}")


def check_understood(found: Mapping[str, Understanding], settings: Settings) -> None:
    """Fail where the host's documents are not as the mapping says.

    Raises:
        ClickException: There are none, or hardly any was understood.
    """
    orders, users = settings.orders.path, settings.users.path
    if not any(one.understood or one.missed for one in found.values()):
        raise click.ClickException(
            f"There is no document in `{orders}` and none in `{users}`: check the project's id"
            " (GCLOUD_PROJECT or --project) and the paths in crm.toml. `python -m crm mapping`"
            " lists the collections that there are."
        )
    bad = [(path, one) for path, one in found.items() if one.hardly_any]
    if bad:
        counts = " and ".join(
            f"{one.understood:,} of {one.understood + one.missed:,} in `{path}`"
            for path, one in bad
        )
        raise click.ClickException(
            f"Hardly any document was understood ({counts}), so crm.toml does not say how they"
            " look: `python -m crm mapping` shows their fields and proposes the lines."
        )
