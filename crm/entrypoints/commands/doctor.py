"""Looking at an installation as a whole: what is set up, what is not, and what to do about it."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from crm.core.errors import Refusal
from crm.entrypoints.commands.command import Command, firestore
from crm.entrypoints.commands.output import FILE, JSON, say_json, told_files, watched

if TYPE_CHECKING:
    from crm.setup.check import Check

_COLOURS: Final = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@click.command(cls=Command)
@click.option(
    "--folder",
    default="crm-lite",
    show_default=True,
    help="The folder of CRM-Lite's functions in your app.",
)
@click.option(
    "--send-order",
    is_flag=True,
    help="On emulators: write an order, see whether it arrives, and take it away.",
)
@click.option(
    "--headers", type=FILE, help="The headers of a test mail, as check-sender takes them."
)
@JSON
def doctor(folder: str, send_order: bool, headers: Path | None, as_json: bool) -> None:
    """Look at the whole installation, and say of each part whether it is well and what to do.

    It asks the emulators where FIRESTORE_EMULATOR_HOST names them, else production. Each line is
    ok, warn (better done) or fail (something does not work without it). It writes nothing, unless
    --send-order says so, and ends with status 1 where anything fails.
    """
    if send_order and not os.environ.get("FIRESTORE_EMULATOR_HOST"):
        raise Refusal(
            "invalid-argument",
            "emulators-only",
            "--send-order writes an order, which is for emulators: in production place one in your"
            " app.",
        )
    # What a source says that is away stands in its line.
    logging.getLogger("crm").addHandler(logging.NullHandler())
    with watched("the installation", firestore()):
        from crm.entrypoints.doctor.gathering import gather
        from crm.setup.doctor import diagnosed

        facts = gather(folder, send_order=send_order, findings=_findings(headers))
        checks = diagnosed(facts)
    counts = {word: sum(one.verdict == word for one in checks) for word in _COLOURS}
    if as_json:
        told = [
            {"check": one.check, "verdict": one.verdict, "message": one.message} for one in checks
        ]
        say_json({"ready": not counts["fail"], **counts, "checks": told})
    else:
        _say(checks)
        click.echo(f"{counts['ok']} ok, {counts['warn']} warn, {counts['fail']} fail")
    if counts["fail"]:
        raise click.exceptions.Exit(1)


def _findings(headers: Path | None) -> list[tuple[str, str, str]]:
    if headers is None:
        return []
    from crm.mail.readiness import MAX_HEADERS, judge

    with told_files(headers):
        text = headers.read_text(encoding="utf-8", errors="replace")[:MAX_HEADERS]
    return [(one.check, one.verdict, one.message) for one in judge(text).findings]


def _say(checks: Sequence[Check]) -> None:
    """Print a line for each check; on a terminal with colours, and wrapped below itself."""
    if not sys.stdout.isatty():
        for one in checks:
            click.echo(f"{one.verdict:4} {one.check}: {one.message}")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for one in checks:
        table.add_row(Text(one.verdict, _COLOURS[one.verdict]), one.check, Text(one.message))
    Console(highlight=False).print(table)
