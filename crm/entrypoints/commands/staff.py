"""Roles of staff: given, taken, listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crm.core.errors import Refusal
from crm.core.roles import Role
from crm.entrypoints.commands.command import Command, auth
from crm.entrypoints.commands.output import JSON, say_rows, watched

if TYPE_CHECKING:
    from crm.db.accounts import StaffAccount


@click.command(cls=Command)
@click.argument("email")
@click.argument("role")
@click.option(
    "--unverified",
    is_flag=True,
    help="Give it although nobody has verified the address. The role counts once somebody has.",
)
@JSON
def grant(email: str, role: str, unverified: bool, as_json: bool) -> None:
    """Give the account with the address EMAIL a ROLE: viewer, editor or admin.

    The account must have signed in to the host app once, and its address must be verified: anybody
    can sign up with anybody's address. The role counts from its next ID token: after signing in
    again, or within an hour.
    """
    from crm.firebase import staff

    given = Role.named(role)
    if given is None:
        words = ", ".join(known.word for known in Role)
        raise Refusal("invalid-argument", "role-unknown", f"ROLE must be one of {words}.")
    with watched("Firebase Auth", auth()):
        account = staff.grant(email, given, unverified=unverified)
    since = "now" if account.verified else "once the address is verified"
    say_rows(
        [f"{account.email} is {given.word} {since}."],
        as_json,
        lambda: {**_named(account), "role": given.word, "verified": account.verified},
    )


@click.command(cls=Command)
@click.argument("email")
@JSON
def revoke(email: str, as_json: bool) -> None:
    """Take the role of the account with the address EMAIL away, and end its sessions.

    The person has to sign in again everywhere, in the host app too. An ID token that is out is good
    until it expires, within an hour, but no longer for what only admins may do.
    """
    from crm.firebase import staff

    with watched("Firebase Auth", auth()):
        account = staff.revoke(email)
    role = account.role.word if account.role else None
    had = f"is no longer {role}" if role else "had no role"
    say_rows(
        [f"{account.email} {had}. The sessions of the account are ended."],
        as_json,
        lambda: {**_named(account), "had": role},
    )


@click.command(cls=Command)
@JSON
def roles(as_json: bool) -> None:
    """List every account that has a role, with its address and uid.

    Firebase Auth is read through, 1,000 accounts at a time.
    """
    from crm.firebase import staff

    read = 0
    with watched("Firebase Auth", auth()) as progress:

        def seen(count: int) -> None:
            nonlocal read
            read += count
            progress("accounts", read, 0)

        found = list(staff.roles(seen))
    found.sort(key=lambda one: (-(one.role or 0), one.email or ""))
    rows = [(one.role.word if one.role else "", one.email, one.uid) for one in found]
    say_rows(
        (f"{role}\t{email or '-'}\t{uid}" for role, email, uid in rows),
        as_json,
        lambda: {"staff": [{"role": role, "email": at, "uid": uid} for role, at, uid in rows]},
    )


def _named(account: StaffAccount) -> dict[str, object]:
    return {"email": account.email, "uid": account.uid}
