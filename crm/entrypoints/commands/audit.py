"""The audit trail, checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from crm.entrypoints.commands.command import Command, firestore
from crm.entrypoints.commands.output import FILE, JSON, say_json, told_files, watched


@click.command("verify-audit", cls=Command)
@click.option("--since", type=FILE, help="A file of an earlier --tip, which must still hold.")
@click.option("--tip", type=FILE, help="Write the tip to this file, if there is no fault.")
@JSON
def verify_audit(since: Path | None, tip: Path | None, as_json: bool) -> None:
    """Check the audit trail: no entry edited, dropped, moved, added or cut off.

    It reads every entry, at one moment, beside live changes. A tip says where each of the 16
    chains ends; kept outside the database it also shows whether entries and heads were taken back
    together. The secret CRM_KEY must be the functions' own.
    """
    from crm.audit.verify import Tip, verify
    from crm.runtime.services import services

    earlier = Tip.from_data(_json_of(since)) if since else None
    with watched("Firestore", firestore()) as progress:
        runner = services().runner
        report = verify(
            runner.store,
            runner.keys,
            runner.retry,
            earlier,
            lambda done, total: progress("entries", done, total),
        )
    if as_json:
        say_json(
            {
                "faults": [
                    {"place": fault.place, "reason": fault.reason, "message": fault.message}
                    for fault in report.faults
                ],
                "more": report.more,
                "tip": report.tip.to_data(),
                "digest": report.tip.digest,
            }
        )
    for fault in report.faults:
        click.echo(f"{fault.place}: {fault.reason}: {fault.message}", err=True)
    if report.faults:
        count = len(report.faults) + report.more
        raise click.ClickException(f"{count:,} faults were found in the audit trail.")
    if not as_json:
        for chain, end in report.tip.ends.items():
            click.echo(f"{chain}\t{end.count}\t{end.seal}")
        click.echo(f"{report.tip.entries:,} entries without fault, tip {report.tip.digest}")
    if tip:
        with told_files(tip):
            tip.write_text(json.dumps(report.tip.to_data(), indent=2) + "\n", encoding="utf-8")


def _json_of(path: Path) -> Any:
    with told_files(path):
        text = path.read_bytes()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
