"""The operator's command, `python -m crm`.

A command raises what the use cases raise; the group turns it into one sentence and exit status 1.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import crm
from crm.core.errors import Conflict, CrmError, Refusal, Transient
from crm.core.roles import Role

if TYPE_CHECKING:
    from crm.config.settings import Settings


class _Group(click.Group):
    """Commands whose errors, as far as they are meant for people, end in one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CrmError as error:
            raise click.ClickException(_sentence(error)) from error


def _sentence(error: CrmError) -> str:
    if isinstance(error, Conflict):
        return "Others kept changing the same documents: run it again."
    if isinstance(error, Transient) and " " not in str(error):
        return (
            f"Firestore did not answer ({error}): check the network, the project's id and, for the"
            " emulator, FIRESTORE_EMULATOR_HOST; then run it again."
        )
    return str(error)


_LISTED = 1_000
"""Faults that are named one by one."""

_FOR_EVER = 7 * 24 * 3600.0
"""Seconds: a command does the steps of long work itself, for no function may be deployed."""


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(crm.__version__, prog_name="crm-lite")
def cli() -> None:
    """Operate CRM-Lite on the Firebase project that GCLOUD_PROJECT names.

    Emulators are used where FIRESTORE_EMULATOR_HOST and FIREBASE_AUTH_EMULATOR_HOST name them,
    else production with Application Default Credentials.
    """


@cli.command()
@click.argument("email")
@click.argument("role")
@click.option(
    "--unverified",
    is_flag=True,
    help="Give it although nobody has verified the address. The role counts once somebody has.",
)
def grant(email: str, role: str, unverified: bool) -> None:
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
    account = staff.grant(email, given, unverified=unverified)
    if account.verified:
        click.echo(f"{account.email} is {given.word} now.")
    else:
        click.echo(f"{account.email} is {given.word} once the address is verified.")


@cli.command()
@click.argument("email")
def revoke(email: str) -> None:
    """Take the role of the account with the address EMAIL away, and end its sessions.

    The person has to sign in again everywhere, in the host app too. An ID token that is out is good
    until it expires, within an hour, but no longer for what only admins may do.
    """
    from crm.firebase import staff

    account = staff.revoke(email)
    had = f"is no longer {account.role.word}" if account.role else "had no role"
    click.echo(f"{account.email} {had}. The sessions of the account are ended.")


@cli.command()
def roles() -> None:
    """List every account that has a role, with its address and uid.

    Firebase Auth is read through, 1,000 accounts at a time.
    """
    from crm.firebase import staff

    found = _watched(staff) if sys.stderr.isatty() else list(staff.roles())
    for account in sorted(found, key=lambda one: (-(one.role or 0), one.email or "")):
        word = account.role.word if account.role else ""
        click.echo(f"{word}\t{account.email or '-'}\t{account.uid}")


@cli.command()
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would change.")
@click.option(
    "--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Work in parallel."
)
def rebuild(dry_run: bool, threads: int) -> None:
    """Look at every user and order again: the first backfill, and repair on any day.

    It does what the triggers do, so it is safe beside them, can be stopped and started again, and
    writes nothing where nothing is wrong. The secret CRM_KEY must be the functions' own.
    """
    from crm.repair.rebuild import rebuild as look_again
    from crm.runtime.key_fingerprint import remember_key
    from crm.runtime.services import services

    using = services()
    _warn_of(using.runner.settings)
    if not dry_run:
        remember_key(using.store, using.keys, using.runner.now())
    with _progress() as progress:
        report = look_again(using.runner, dry_run=dry_run, threads=threads, progress=progress)
    done = "would be brought up to date" if dry_run else "brought up to date"
    if not report.seen.total():
        click.echo("There is nothing to look at: check GCLOUD_PROJECT and the paths in crm.toml.")
    for collection, seen in (+report.seen).items():
        click.echo(f"{collection}: {seen:,} looked at, {report.changed[collection]:,} {done}")
    for customer_id, fields in sorted(report.drift.items()):
        click.echo(f"customer {customer_id}: {', '.join(sorted(fields))}")
    for collection, name, why in report.failed:
        click.echo(f"{collection}/{name}: {why}", err=True)
    if report.failed:
        raise click.ClickException(
            f"{len(report.failed):,} documents could not be brought up to date: run it again."
        )


_FILE: Any = click.Path(dir_okay=False, path_type=Path)


@cli.command("verify-audit")
@click.option("--since", type=_FILE, help="A file of an earlier --tip, which must still hold.")
@click.option("--tip", type=_FILE, help="Write the tip to this file, if there is no fault.")
def verify_audit(since: Path | None, tip: Path | None) -> None:
    """Check the audit trail: no entry edited, dropped, moved, added or cut off.

    It reads every entry, at one moment, beside live changes. A tip says where each of the 16
    chains ends; kept outside the database it also shows whether entries and heads were taken back
    together. The secret CRM_KEY must be the functions' own.
    """
    from crm.audit.verify import Tip, verify
    from crm.runtime.services import services

    earlier = Tip.from_data(_json_of(since)) if since else None
    runner = services().runner
    with _progress() as progress:
        report = verify(
            runner.store,
            runner.keys,
            runner.retry,
            earlier,
            lambda done, total: progress("entries", done, total),
        )
    for fault in report.faults:
        click.echo(f"{fault.place}: {fault.reason}: {fault.message}", err=True)
    if report.faults:
        count = len(report.faults) + report.more
        raise click.ClickException(f"{count:,} faults were found in the audit trail.")
    for chain, end in report.tip.ends.items():
        click.echo(f"{chain}\t{end.count}\t{end.seal}")
    click.echo(f"{report.tip.entries:,} entries without fault, tip {report.tip.digest}")
    if tip:
        with _file(tip):
            tip.write_text(json.dumps(report.tip.to_data(), indent=2) + "\n", encoding="utf-8")


def _json_of(path: Path) -> Any:
    with _file(path):
        text = path.read_bytes()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@contextmanager
def _file(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}.") from error


@cli.command()
@click.option(
    "--seconds", default=240, show_default=True, type=click.IntRange(1), help="Begin nothing after."
)
def sweep(seconds: int) -> None:
    """Find and mend what events missed, as the scheduled function does every ten minutes.

    Counts come first, so that it costs little where nothing is wrong. What cannot be counted is
    found by later calls, within four days; `rebuild` looks at everything at once. Before all that,
    whoever holds tickets of an event that has begun attends it from then on.
    """
    from crm.repair.sweep import sweep as look
    from crm.runtime.key_fingerprint import remember_key
    from crm.runtime.services import services

    using = services()
    remember_key(using.store, using.keys, using.runner.now())
    report = look(using.runner, using.enqueue, seconds=seconds)
    for collection in sorted({*report.looked, *report.mended}):
        click.echo(
            f"{collection}: off by {report.mismatched.get(collection, 0):,},"
            f" {report.looked[collection]:,} looked at,"
            f" {report.mended[collection]:,} brought up to date"
        )
    if report.restarted or report.deleted:
        click.echo(f"jobs: {report.restarted:,} restarted, {report.deleted:,} old ones deleted")
    for collection, name, why in report.failed:
        click.echo(f"{collection}/{name}: {why}", err=True)
    if report.failed or not report.finished:
        raise click.ClickException("Not everything could be looked at or mended: run it again.")


@cli.command()
def verify() -> None:
    """Count everything again and name what is not as it must be. Writes nothing.

    It reads one moment of the database, which Firestore keeps for an hour. What it finds, `rebuild`
    mends. The audit trail has a command of its own, verify-audit.
    """
    from crm.repair.verify import verify as check
    from crm.runtime.services import services

    runner = services().runner
    _warn_of(runner.settings)
    with _progress() as progress:
        faults = list(check(runner, lambda what, count: progress(what, count, 0)))
    for path, what in faults[:_LISTED]:
        click.echo(f"{path}: {what}")
    if len(faults) > _LISTED:
        click.echo(f"… and {len(faults) - _LISTED:,} more")
    if faults:
        raise click.ClickException(f"{len(faults):,} faults: run rebuild, then verify again.")
    click.echo("Everything is as it must be.")


@cli.command("list-erasures")
@click.option("--save", type=_FILE, help="Write the records there, to be kept with your backups.")
def list_erasures(save: Path | None) -> None:
    """List every erasure: its id, when it was, how far it is.

    A restored backup does not know of erasures that are newer than it. Keep the records outside
    the database too: they hold keyed hashes, ids and dates.
    """
    from crm.privacy.erasure import file as erasure_file
    from crm.privacy.erasure.erase import erasures
    from crm.runtime.services import services

    found = erasures(services().runner)
    for one in found:
        click.echo(f"{one.id}\t{one.at:%Y-%m-%dT%H:%M:%SZ}\t{one.state}")
    if save:
        with _file(save):
            save.write_text(erasure_file.write(found) + "\n", encoding="utf-8")


@cli.command("personal-data")
def personal_data() -> None:
    """Print the record of processing activities (GDPR art. 30), as Markdown.

    Every collection and field with personal data, what it is for, what an export shows and what
    an erasure does, by the registry and crm.toml. Asks no project.
    """
    from crm.config.settings import settings
    from crm.privacy.processing_record import record

    click.echo(record(settings()), nl=False)


@cli.command("reapply-erasures")
@click.option("--from", "file", type=_FILE, help="Records that `list-erasures --save` wrote.")
def reapply_erasures(file: Path | None) -> None:
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
        with _file(file):
            kept = erasure_file.read(file.read_text(encoding="utf-8", errors="replace"))
    using = services()
    runner = replace(using.runner, actor=OPERATOR)
    records = {one.id: one for one in (*kept, *erasures(runner))}
    done = 0
    with _progress() as progress:
        for count, one in enumerate(sorted(records.values(), key=lambda one: one.at), start=1):
            done += erase_again(runner, using.enqueue, one, seconds=_FOR_EVER)
            progress("erasures", count, len(records))
    left = sum(one.state != "done" for one in erasures(runner))
    click.echo(f"{len(records):,} erasures, {done:,} applied again")
    if left:
        raise click.ClickException(f"{left:,} are not done: run it again.")


@cli.command("rotate-key")
@click.option(
    "--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Work in parallel."
)
def rotate_key(threads: int) -> None:
    """Bring the secret CRM_KEY in, in place of the one in CRM_KEY_BEFORE.

    First store the new one for the functions, and deploy them. They refuse to work until this
    command has renamed what is stored under the earlier secret; what happens meanwhile is tried
    again by itself. It can be stopped and started again.
    """
    from crm.entrypoints.key_rotation import rotate

    with _progress() as progress:
        changed = rotate(threads, progress, lambda text: click.echo(text, err=True))
    if changed is None:
        click.echo("This database is under CRM_KEY already.")
        return
    click.echo(f"{changed:,} documents renamed. This database is under CRM_KEY now.")
    click.echo("The secret in CRM_KEY_BEFORE is not needed any more.")


def _warn_of(settings: Settings) -> None:
    """Say what the settings trust that an attacker could bend."""
    if settings.email_trust == "document":
        users = settings.users.path
        click.echo(
            f'Warning: email_trust = "document" takes every address in `{users}` for proven. See'
            f" that no client may write `{users}`: whoever can write an address there is shown the"
            " orders of that address, and can erase them.",
            err=True,
        )


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show how far a long command is: a bar on a terminal, a line now and then elsewhere."""
    if not sys.stderr.isatty():

        def line(name: str, done: int, total: int) -> None:
            click.echo(f"{name}: {done:,}" + (f" of {total:,}" if total else ""), err=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def bar(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=done, total=max(done, total))

        yield bar


def _watched(accounts: Any) -> list[Any]:
    """Read the accounts with a counter on the terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = SpinnerColumn(), TextColumn("{task.completed:,.0f} accounts read")
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        return list(accounts.roles(lambda count: progress.advance(task, count)))
