"""The operator's command, `python -m crm`.

A command raises what the rooms raise; the group turns it into one sentence and exit status 1.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from crm.access import Role
from crm.errors import CrmError, Refusal


class _Group(click.Group):
    """Commands whose errors, as far as they are meant for people, end in one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CrmError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Operate CRM-Lite on the Firebase project that GCLOUD_PROJECT names.

    Emulators are used where FIRESTORE_EMULATOR_HOST and FIREBASE_AUTH_EMULATOR_HOST name them,
    else production with Application Default Credentials.
    """


@cli.command()
@click.argument("email")
@click.argument("role")
def grant(email: str, role: str) -> None:
    """Give the account with the address EMAIL a ROLE: viewer, editor or admin.

    The account must have signed in to the host app once. The role counts from its next ID token:
    after signing in again, or within an hour.
    """
    from crm import accounts

    given = Role.named(role)
    if given is None:
        words = ", ".join(known.word for known in Role)
        raise Refusal("invalid-argument", "role-unknown", f"ROLE must be one of {words}.")
    account = accounts.grant(email, given)
    click.echo(f"{account.email} is {given.word} now.")
    if not account.verified:
        click.echo(
            "warning: the address of this account is not verified: make sure that the account"
            " is the person's own, or revoke the role.",
            err=True,
        )


@cli.command()
@click.argument("email")
def revoke(email: str) -> None:
    """Take the role of the account with the address EMAIL away.

    ID tokens that are out keep the role until they expire, within an hour.
    """
    from crm import accounts

    account = accounts.revoke(email)
    had = f"is no longer {account.role.word}" if account.role else "had no role"
    click.echo(f"{account.email} {had}.")


@cli.command()
def roles() -> None:
    """List every account that has a role, with its address and uid.

    Firebase Auth is read through, 1,000 accounts at a time.
    """
    from crm import accounts

    found = _watched(accounts) if sys.stderr.isatty() else list(accounts.roles())
    for account in sorted(found, key=lambda one: (-(one.role or 0), one.email or "")):
        word = account.role.word if account.role else ""
        click.echo(f"{word}\t{account.email or '-'}\t{account.uid}")


def _watched(accounts: Any) -> list[Any]:
    """Read the accounts with a counter on the terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = SpinnerColumn(), TextColumn("{task.completed:,.0f} accounts read")
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        return list(accounts.roles(lambda count: progress.advance(task, count)))
