"""Looking at what mail providers will say of this sender."""

from __future__ import annotations

from typing import Final, TextIO

import click

from crm.entrypoints.commands.command import Command
from crm.entrypoints.commands.output import JSON, say_json

_SIGNS: Final = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


@click.command(cls=Command)
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"), default="-")
@JSON
def check_sender(file: TextIO, as_json: bool) -> None:
    """Judge the headers of a test mail as it arrived: SPF, DKIM, DMARC, one-click unsubscribing.

    FILE holds the headers that a mailbox shows of a mail (`Show original`, `View source`); `-` or
    nothing: they are pasted. It asks nobody and needs no project. The exit status is 1 where
    something fails that Google, Yahoo or Microsoft demand.
    """
    from crm.mail.readiness import MAX_HEADERS, judge

    found = judge(file.read(MAX_HEADERS))
    if as_json:
        say_json(found.to_json())
    else:
        for one in found.findings:
            click.echo(f"{_SIGNS[one.verdict]} {one.check}: {one.message}")
    if not found.ready:
        raise click.exceptions.Exit(1)
