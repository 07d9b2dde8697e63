"""A new secret in place of the one before."""

from __future__ import annotations

import click

from crm.entrypoints.commands.command import Command, firestore
from crm.entrypoints.commands.output import JSON, THREADS, say_rows, watched


@click.command("rotate-key", cls=Command)
@THREADS
@JSON
def rotate_key(threads: int, as_json: bool) -> None:
    """Bring the secret CRM_KEY in, in place of the one in CRM_KEY_BEFORE.

    First store the new one for the functions, and deploy them. They refuse to work until this
    command has renamed what is stored under the earlier secret; what happens meanwhile is tried
    again by itself. It can be stopped and started again.
    """
    from crm.entrypoints.key_rotation import rotate

    with watched("others to stop, or for Firestore", firestore()) as progress:
        changed = rotate(threads, progress, lambda text: click.echo(text, err=True))
    lines = ["This database is under CRM_KEY already."]
    if changed is not None:
        lines = [
            f"{changed:,} documents renamed. This database is under CRM_KEY now.",
            "The secret in CRM_KEY_BEFORE is not needed any more.",
        ]
    say_rows(lines, as_json, lambda: {"renamed": changed or 0, "wasDone": changed is None})
