"""Erasures: listed, kept outside, applied again; and what is processed of whom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from crm.entrypoints.commands.command import Command, firestore
from crm.entrypoints.commands.output import FILE, JSON, say_json, say_rows, told_files, watched

_FOR_EVER: Final = 7 * 24 * 3600.0
"""Seconds: a command does the steps of long work itself, for no function may be deployed."""


@click.command("list-erasures", cls=Command)
@click.option("--save", type=FILE, help="Write the records there, to be kept with your backups.")
@JSON
def list_erasures(save: Path | None, as_json: bool) -> None:
    """List every erasure: its id, when it was, how far it is.

    A restored backup does not know of erasures that are newer than it. Keep the records outside
    the database too: they hold keyed hashes, ids and dates.
    """
    from crm.privacy.erasure import file as erasure_file
    from crm.privacy.erasure.erase import erasures
    from crm.runtime.services import services

    with watched("Firestore", firestore()):
        found = list(erasures(services().runner))
    rows = [(one.id, f"{one.at:%Y-%m-%dT%H:%M:%SZ}", one.state) for one in found]
    say_rows(
        (f"{name}\t{at}\t{state}" for name, at, state in rows),
        as_json,
        lambda: {
            "erasures": [{"erasureId": name, "at": at, "state": state} for name, at, state in rows]
        },
    )
    if save:
        with told_files(save):
            save.write_text(erasure_file.write(found) + "\n", encoding="utf-8")


@click.command("personal-data", cls=Command)
@JSON
def personal_data(as_json: bool) -> None:
    """Print the record of processing activities (GDPR art. 30), as Markdown.

    Every collection and field with personal data, what it is for, what an export shows and what
    an erasure does, by the registry and crm.toml. Asks no project.
    """
    from crm.config.settings import settings
    from crm.privacy.processing_record import record, record_data

    if as_json:
        say_json({"record": record_data(settings())})
    else:
        click.echo(record(settings()), nl=False)


@click.command("reapply-erasures", cls=Command)
@click.option("--from", "file", type=FILE, help="Records that `list-erasures --save` wrote.")
@JSON
def reapply_erasures(file: Path | None, as_json: bool) -> None:
    """Erase again whom a restored backup brought back, and finish what is unfinished.

    Each erasure is applied again that the database does not know of any more: what is from before
    it goes, later purchases stay. Run rebuild afterwards. Safe to repeat. The secret CRM_KEY must
    be the functions' own.
    """
    from crm.db.transaction import OPERATOR
    from crm.privacy.erasure import file as erasure_file
    from crm.privacy.erasure.erase import erase_again, erasures
    from crm.runtime.services import services

    kept = []
    if file:
        with told_files(file):
            kept = erasure_file.read(file.read_text(encoding="utf-8", errors="replace"))
    done = 0
    with watched("Firestore", firestore()) as progress:
        using = services()
        runner = replace(using.runner, actor=OPERATOR)
        records = {one.id: one for one in (*kept, *erasures(runner))}
        for count, one in enumerate(sorted(records.values(), key=lambda one: one.at), start=1):
            done += erase_again(runner, using.enqueue, one, seconds=_FOR_EVER)
            progress("erasures", count, len(records))
        left = sum(one.state != "done" for one in erasures(runner))
    say_rows(
        [f"{len(records):,} erasures, {done:,} applied again"],
        as_json,
        lambda: {"erasures": len(records), "appliedAgain": done, "notDone": left},
    )
    if left:
        raise click.ClickException(f"{left:,} are not done: run it again.")
