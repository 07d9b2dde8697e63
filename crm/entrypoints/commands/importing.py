"""A list of contacts, taken in from a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from crm.core.errors import Refusal
from crm.entrypoints.commands.command import Command, firestore
from crm.entrypoints.commands.output import FILE, JSON, say_json, told_files, watched


@click.command("import", cls=Command)
@click.argument("file", type=FILE)
@click.option("--source", help="Where the list comes from; else the file's name.")
@click.option("--evidence", help="What shows the consent of those whom the file calls subscribed.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be done.")
@click.option(
    "--threads", default=4, show_default=True, type=click.IntRange(1, 16), help="Work in parallel."
)
@JSON
def import_contacts(
    file: Path,
    source: str | None,
    evidence: str | None,
    dry_run: bool,
    threads: int,
    as_json: bool,
) -> None:
    """Take in the contacts of FILE: CSV in UTF-8 with a header, of at most 8 MB.

    Columns: email, name, tags (separated by ;), status (subscribed, unsubscribed or none),
    consentedAt, and own fields. Nobody is raised who withdrew, bounced, complained or was erased.
    It ends with status 0 also where rows were left out: they are listed. Where it was stopped, run
    it again: a list that was taken in changes nothing. The secret CRM_KEY must be the functions'
    own.
    """
    with told_files(file):
        raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(
            "invalid-argument",
            "not-utf-8",
            f"{file}: this is not UTF-8: save it as `CSV UTF-8`.",
        ) from None
    with watched("Firestore", firestore()) as progress:
        from crm.db.transaction import OPERATOR
        from crm.entrypoints.job_kinds import KINDS
        from crm.importing import imports
        from crm.importing.here import work_here
        from crm.runtime.key_fingerprint import remember_key
        from crm.runtime.services import services

        using = services()
        if not dry_run:
            remember_key(using.store, using.keys, using.runner.now())
        runner = replace(using.runner, actor=OPERATOR)
        done: dict[str, Any] = imports.import_contacts(
            runner,
            lambda _job: None,  # its steps are taken here: no function may be deployed
            text,
            source=source or file.name,
            evidence=evidence,
            dry_run=dry_run,
        )
        if done["jobId"]:
            job = work_here(
                runner,
                KINDS,
                done["jobId"],
                threads,
                lambda count, total: progress("contacts", count, total),
            )
            if job.state != "done":
                raise click.ClickException(
                    f"The import stopped ({job.error or job.state}): run it again."
                )
            done = {**done, "report": imports.report_of(runner, done["importId"])}
    answer = {name: one for name, one in done.items() if name != "jobId"}
    if as_json:
        say_json(answer)
    else:
        _say(answer)


def _say(answer: dict[str, Any]) -> None:
    report = answer["report"]
    kept_out = ", ".join(f"{reason} {count:,}" for reason, count in report["keptOut"].items())
    click.echo(
        f"{report['rows']:,} rows: {report['added']:,} added, {report['changed']:,} changed,"
        f" {report['unchanged']:,} unchanged, {report['duplicates']:,} duplicates,"
        f" {sum(report['keptOut'].values()):,} kept out{f' ({kept_out})' if kept_out else ''},"
        f" {report['errorCount']:,} left out"
    )
    for one in report["errors"]:
        column = f" ({one['column']})" if one["column"] else ""
        click.echo(f"row {one['row']:,}: {one['reason']}{column}", err=True)
    if report["errorCount"] > len(report["errors"]):
        click.echo(f"... and {report['errorCount'] - len(report['errors']):,} more", err=True)
    if answer["importId"]:
        click.echo(f"import {answer['importId']}: it can be undone for 30 days (undo_import)")
