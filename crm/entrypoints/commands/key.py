"""A new secret in place of the one before."""

from __future__ import annotations

import click

from crm.entrypoints.commands.command import Command, firestore
from crm.entrypoints.commands.output import THREADS, watched


@click.command("rotate-key", cls=Command)
@THREADS
def rotate_key(threads: int) -> None:
    """Bring the secret CRM_KEY in, in place of the one in CRM_KEY_BEFORE.

    First store the new one for the functions, and deploy them. They refuse to work until this
    command has renamed what is stored under the earlier secret; what happens meanwhile is tried
    again by itself. It can be stopped and started again.
    """
    from crm.entrypoints.key_rotation import rotate

    with watched("others to stop, or for Firestore", firestore()) as progress:
        changed = rotate(threads, progress, lambda text: click.echo(text, err=True))
    if changed is None:
        click.echo("This database is under CRM_KEY already.")
        return
    click.echo(f"{changed:,} documents renamed. This database is under CRM_KEY now.")
    click.echo("The secret in CRM_KEY_BEFORE is not needed any more.")
