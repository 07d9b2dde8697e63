"""Bringing everything up to the host's documents, and checking that it is.

What a command works with is loaded after it has begun to show that it works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from crm.entrypoints.commands.command import Command, firestore
from crm.entrypoints.commands.output import (
    JSON,
    THREADS,
    check_understood,
    say_json,
    say_rows,
    say_understood,
    warn_of,
    watched,
)

if TYPE_CHECKING:
    from crm.repair.understanding import Understood

_LISTED: Final = 1_000
"""Faults that are named one by one."""


@click.command(cls=Command)
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would change.")
@click.option(
    "--all-gone", is_flag=True, help="A collection that is empty now was emptied on purpose."
)
@THREADS
@JSON
def rebuild(dry_run: bool, all_gone: bool, threads: int, as_json: bool) -> None:
    """Look at every user and order again: the first backfill, and repair on any day.

    It does what the triggers do, so it is safe beside them, can be stopped and started again, and
    writes nothing where nothing is wrong. It ends with how many documents were understood, and
    fails where hardly any was. The secret CRM_KEY must be the functions' own.
    """
    with watched("Firestore", firestore()) as progress:
        from crm.repair.rebuild import rebuild as look_again
        from crm.repair.rebuild import vanished
        from crm.runtime.key_fingerprint import remember_key
        from crm.runtime.services import services

        using = services()
        warn_of(using.runner.settings)
        gone = {} if dry_run or all_gone else vanished(using.runner)
        for path, known in gone.items():
            raise click.ClickException(
                f"`{path}` is empty, and {known:,} documents of it are known: they would all be"
                " taken for deleted. Check the project's id and the path in crm.toml; where they"
                " are gone indeed, say so by --all-gone."
            )
        if not dry_run:
            remember_key(using.store, using.keys, using.runner.now())
        report = look_again(using.runner, dry_run=dry_run, threads=threads, progress=progress)
    if as_json:
        say_json(
            {
                "dryRun": dry_run,
                "collections": {
                    name: {"seen": seen, "changed": report.changed[name]}
                    for name, seen in (+report.seen).items()
                },
                "understood": {path: one.to_data() for path, one in report.understood.items()},
                "drift": {name: sorted(fields) for name, fields in sorted(report.drift.items())},
                "failed": [
                    {"collection": collection, "id": name, "error": why}
                    for collection, name, why in report.failed
                ],
            }
        )
    else:
        done = "would be brought up to date" if dry_run else "brought up to date"
        for collection, seen in (+report.seen).items():
            click.echo(f"{collection}: {seen:,} looked at, {report.changed[collection]:,} {done}")
        for customer_id, fields in sorted(report.drift.items()):
            click.echo(f"customer {customer_id}: {', '.join(sorted(fields))}")
        say_understood(report.understood)
    for collection, name, why in report.failed:
        click.echo(f"{collection}/{name}: {why}", err=True)
    if report.failed:
        raise click.ClickException(
            f"{len(report.failed):,} documents could not be brought up to date: run it again."
        )
    check_understood(report.understood, using.runner.settings)


@click.command(cls=Command)
@click.option(
    "--seconds", default=240, show_default=True, type=click.IntRange(1), help="Begin nothing after."
)
@JSON
def sweep(seconds: int, as_json: bool) -> None:
    """Find and mend what events missed, see to sign-ups, and have rules act.

    It does what the scheduled function does every ten minutes. Counts come first, so that it costs
    little where nothing is wrong. What cannot be counted is found by later calls, within four days;
    `rebuild` looks at everything at once. Before all that, whoever holds tickets of an event that
    has begun attends it from then on. Mails to sign-ups go out where CRM_MAIL is set; campaigns of
    rules are handed to the functions.
    """
    with watched("Firestore", firestore()):
        from crm.entrypoints.commands.swept import Swept
        from crm.entrypoints.sweeping import sweep_all
        from crm.runtime.services import services

        swept = Swept.of(sweep_all(services(), seconds=seconds))
    say_rows(swept.lines(), as_json, swept.to_data)
    for collection, name, why in swept.failed:
        click.echo(f"{collection}/{name}: {why}", err=True)
    for error in swept.errors:
        raise error
    if swept.failed or not swept.finished:
        raise click.ClickException("Not everything could be looked at or mended: run it again.")


@click.command(cls=Command)
@JSON
def verify(as_json: bool) -> None:
    """Count everything again and name what is not as it must be. Writes nothing.

    It reads one moment of the database, which Firestore keeps for an hour. What it finds, `rebuild`
    mends. It ends with how many documents are understood, and fails where hardly any is, or none is
    there. The audit trail has a command of its own, verify-audit.
    """
    understood: Understood = {}
    with watched("Firestore", firestore()) as progress:
        from crm.repair.verify import verify as check
        from crm.runtime.services import services

        runner = services().runner
        warn_of(runner.settings)
        faults = list(check(runner, lambda what, count: progress(what, count, 0), understood))
    if as_json:
        say_json(
            {
                "faults": [{"path": path, "fault": what} for path, what in faults],
                "understood": {path: one.to_data() for path, one in understood.items()},
            }
        )
    else:
        for path, what in faults[:_LISTED]:
            click.echo(f"{path}: {what}")
        if len(faults) > _LISTED:
            click.echo(f"... and {len(faults) - _LISTED:,} more")
        say_understood(understood)
    if faults:
        raise click.ClickException(f"{len(faults):,} faults: run rebuild, then verify again.")
    check_understood(understood, runner.settings)
    if not as_json:
        click.echo("Everything is as it must be.")
