"""What documents look like, what is read of them, and the lines of crm.toml that would fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from crm.entrypoints.commands.command import Command, firestore
from crm.entrypoints.commands.output import FILE, JSON, OnProgress, say_json, watched

if TYPE_CHECKING:
    from crm.config.settings import Settings
    from crm.firebase.store import FirestoreStore
    from crm.mapping.propose import Document, Proposal, Trial
    from crm.mapping.report import Report

GUESSED: Final = 8
"""Collections that are looked into where the one of crm.toml is empty."""

A_LOOK: Final = 20
"""Documents of each of them."""

BELOW: Final = 5
"""Users below whose documents orders are looked for."""


@click.command(cls=Command)
@click.option(
    "--sample",
    default=200,
    show_default=True,
    type=click.IntRange(1, 2_000),
    help="Orders, and users, that are looked at, at most.",
)
@click.option("--config", type=FILE, help="Another file than the project's own crm.toml.")
@JSON
def mapping(sample: int, config: Path | None, as_json: bool) -> None:
    """Show what fields orders and users have, what is read of them, and propose lines of crm.toml.

    It looks at a sample: fields and in how many documents, what they hold (no person's data are
    shown), which of ours each feeds, what is missing, how many documents are understood and why
    the others are not. Lines are proposed that were tried on the sample. It writes nothing, and
    needs neither a deployed function nor a crm.toml.
    """
    from crm.config import settings as settings_module
    from crm.runtime.services import told_together

    with watched("Firestore", firestore()) as progress:
        told_together(lambda: settings_module.load(config), _check_project)
        settings = settings_module.load(config)
        read = _read(_database(), settings, sample, progress)
    click.echo("Trying which lines fit ...", err=True)
    orders, users = _judged(read, settings)
    if as_json:
        data = {"orders": orders and orders.to_data(), "users": users and users.to_data()}
        say_json({**data, "collections": read.collections})
    else:
        for report in (orders, users):
            for line in _lines(report) if report else ():
                click.echo(line)
    if orders is None:
        listed = ", ".join(read.collections) or "none at all"
        raise click.ClickException(
            f"There is no document in `{settings.orders.path}`. Collections that there are:"
            f" {listed}. Check the project's id (GCLOUD_PROJECT or --project), and name the orders'"
            " collection in crm.toml ([orders] path)."
        )
    if not orders.now.understood and orders.proposal is None:
        raise click.ClickException(
            f"No document of `{orders.path}` is understood, and no lines were found that would"
            " change it: docs/mapping.md says what an order needs, and how to say where it is."
        )


@dataclass
class _Read:
    """What was read.

    Attributes:
        orders: A sample of the orders.
        users: A sample of the users.
        uids: The ids of those.
        elsewhere: Where there are no orders: samples of other collections, the likeliest first.
        collections: Then the names of all.
    """

    orders: list[Document]
    users: list[Document]
    uids: frozenset[str]
    elsewhere: dict[str, list[Document]] = field(default_factory=dict)
    collections: list[str] = field(default_factory=list)


def _database() -> FirestoreStore:
    """Return the database, which nothing is written to: no secret is needed."""
    from crm.firebase import app, store

    return store.FirestoreStore(store.client(app.project()))


def _check_project() -> None:
    """Look at what the environment says of the project.

    Raises:
        ConfigError: It is missing or wrong.
    """
    from crm.firebase import app
    from crm.runtime.services import told_together

    told_together(app.project, app.check_environment)


def _read(database: FirestoreStore, settings: Settings, most: int, progress: OnProgress) -> _Read:
    """Read samples."""
    from crm.db.retry import RetryPolicy
    from crm.entrypoints.samples import sample
    from crm.mapping.words import fit

    retry = RetryPolicy(seconds=10.0)
    path, users_path = settings.orders.path, settings.users.path
    seen = retry.call(lambda: sample(database, users_path, most))
    users, uids = seen.documents, frozenset(seen.chosen)
    progress(users_path, len(users), 0)
    orders = retry.call(lambda: sample(database, path, most, settings)).documents
    progress(path, len(orders), 0)
    read = _Read(orders, users, uids)
    if not orders:
        read.collections = retry.call(database.collections)
        below = sorted(uids)[:BELOW]
        read.collections += sorted(
            {
                f"{users_path}/{{uid}}/{name}"
                for uid in below
                for name in retry.call(partial(database.collections, f"{users_path}/{uid}"))
            }
        )
        own = {users_path, "customers"}
        names = [name for name in read.collections if name not in own and name[:3] != "crm"]
        for name in sorted(names, key=lambda name: -fit("path", (name.rpartition("/")[2],)))[
            :GUESSED
        ]:
            read.elsewhere[name] = retry.call(partial(sample, database, name, A_LOOK)).documents
            progress(name, len(read.elsewhere[name]), 0)
    return read


def _judged(read: _Read, settings: Settings) -> tuple[Report | None, Report | None]:
    """Return what to say of the orders, or what looks most like them, and of the users."""
    from crm.mapping.propose import Trial, propose, propose_users, try_orders, try_users
    from crm.mapping.report import item_bases, order_roles, report_on, user_roles

    path, orders = settings.orders.path, read.orders
    now, found = try_orders(orders, settings), propose(orders, read.uids, path)
    if not orders and (guessed := _guess(read)):
        path, orders, found = guessed
        now = Trial(total=len(orders), reasons=Counter({"in-another-collection": len(orders)}))
    order_report = user_report = None
    if orders:
        bases = item_bases(settings)
        order_report = report_on(path, orders, order_roles(settings), bases, now, found)
    if read.users:
        now, found = try_users(read.users, settings), propose_users(read.users)
        path, roles = settings.users.path, user_roles(settings)
        user_report = report_on(path, read.users, roles, (), now, found)
    return order_report, user_report


def _guess(read: _Read) -> tuple[str, list[Document], Proposal] | None:
    """Return the collection that looks most like orders, and what is proposed for it."""
    from crm.mapping.propose import propose

    best: tuple[str, list[Document], Proposal] | None = None
    for name, documents in read.elsewhere.items():
        found = propose(documents, read.uids, name)
        if found is None or found.trial.understood * 2 < len(documents):
            continue
        if best is None or found.trial.with_tickets > best[2].trial.with_tickets:
            best = name, documents, found
    return best


def _lines(report: Report) -> Iterator[str]:
    """Return what people read of a report."""
    total = report.now.total
    yield f"{report.path}: {total:,} documents looked at"
    rows = [("field", "in", "holds", "read as")]
    rows += [
        (seen.name, f"{seen.documents:,}", holds, ", ".join(roles))
        for seen, holds, roles in report.fields
    ]
    widths = [min(50, max(len(row[column]) for row in rows)) for column in range(3)]
    for row in rows:
        name, count, holds, roles = row
        line = f"  {name:{widths[0]}}  {count:>{widths[1]}}  {holds:{widths[2]}}  {roles}"
        yield line.rstrip()
    if report.missing:
        yield f"No document has: {', '.join(report.missing)}"
    yield f"Understood now: {_counts(report.now)}"
    if report.proposal is None:
        yield "No lines were found with which more would be understood."
    else:
        yield from report.hints
        yield f"Understood with these lines: {_counts(report.proposal.trial)}"
        yield ""
        yield from report.lines
    yield ""


def _counts(trial: Trial) -> str:
    """Return the numbers of a trial, in words."""
    why = ", ".join(f"{reason} {count:,}" for reason, count in trial.reasons.most_common())
    odd = ", ".join(f"{reason} {count:,}" for reason, count in trial.odd.most_common())
    return (
        f"{trial.understood:,} of {trial.total:,}"
        + (f" ({why})" if why else "")
        + (f"; with tickets {trial.with_tickets:,}" if trial.counted or trial.with_tickets else "")
        + (f"; odd items: {odd}" if odd else "")
    )
