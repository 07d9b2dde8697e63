"""What of an installation is done, and what is still to be: each check one sentence.

All of them together cost about as much as showing a page of a list: a sample of the host's orders,
some counts with a limit, and one page of accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import crm
from crm.config.paths import name_in
from crm.config.settings import Settings
from crm.core.errors import ConfigError, Transient
from crm.core.roles import Role
from crm.db.accounts import StaffAccounts
from crm.db.collections import ORDERS, QUARANTINE
from crm.db.documents import BY_ID, Query, Snapshot, moment_of
from crm.db.retry import interactive
from crm.db.runner import Runner
from crm.privacy.processing_record import missing

SAMPLE: Final = 20
"""Orders of the host that are looked at."""

MOST: Final = 10_000
"""Documents that are counted: ten reads."""

FEWEST: Final = 4
"""Of so many orders at least one is understood where the mapping is right (see decision 035)."""

SOON: Final = timedelta(minutes=30)
"""After it a change that was not seen is not seen by itself: a sweep has been over meanwhile."""

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        check: Which one; stable.
        verdict: `ok`; `warn`: better done; `fail`: something does not work without it.
        message: A sentence that says what there is, or what to do.
        to: The console's page for it; None for none.
    """

    check: str
    verdict: Verdict
    message: str
    to: str | None = None

    def to_data(self) -> dict[str, object]:
        """Return it as a callable answers it."""
        return {
            "check": self.check,
            "verdict": self.verdict,
            "message": self.message,
            "to": self.to,
        }


def checked(
    runner: Runner, accounts: StaffAccounts, *, mail: str | None, unsubscribe: str
) -> list[Check]:
    """Return all checks, in the order in which an installation goes.

    Args:
        runner: Reads.
        accounts: Firebase Auth.
        mail: Why no mail can be sent; None where it can.
        unsubscribe: The address of the function that takes readers out.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    settings = runner.settings
    return [
        *_orders(runner),
        _mapping(runner),
        _staff(runner, accounts),
        _privacy(settings),
        _time_zone(settings),
        _mail(settings, mail),
        _sign_up(settings, mail),
        _bounces(settings),
        _unsubscribe(settings, unsubscribe),
        _app_check(settings),
    ]


def _orders(runner: Runner) -> list[Check]:
    """Look at some of the host's orders: whether they are known, and as they are now."""
    path, retry = runner.settings.orders.path, interactive(runner.retry)
    query = Query(path, order=BY_ID, limit=SAMPLE, keys_only=True)
    found = retry.call(lambda: runner.store.find(query))
    names = {one.path: name_in(path, one.path) for one in found}
    rows = [f"{ORDERS}/{name}" for name in names.values() if name is not None]
    known = retry.call(lambda: runner.store.read(rows)) if rows else {}
    there = [one for one in found if names[one.path] is not None]
    pairs = [(one, known[f"{ORDERS}/{names[one.path]}"]) for one in there]
    since = runner.now() - SOON
    old = [pair for pair in pairs if moment_of(pair[0].version) < since]
    unknown = [row for _, row in old if not row.exists]
    behind = [row for one, row in old if row.exists and _version(row) < one.version]
    return [_functions(len(behind)), _history(path, len(there), len(unknown))]


def _version(row: Snapshot) -> int:
    version = row.fields.get("version")
    return version if isinstance(version, int) else -1


def _functions(behind: int) -> Check:
    if behind:
        return Check(
            "functions",
            "fail",
            f"Changes of {behind} of {SAMPLE} orders have not arrived for half an hour: deploy all"
            " functions, and look at the logs of on_order_written and sweep.",
            "/activity",
        )
    return Check("functions", "ok", f"The functions answer: version {crm.__version__}.")


def _history(path: str, there: int, unknown: int) -> Check:
    if unknown:
        return Check(
            "history",
            "fail",
            f"{unknown} of {there} orders that were looked at are not here yet: have all customers"
            " checked once.",
            "/activity",
        )
    if not there:
        text = f"There is no order in {path} yet. If your app has some, correct [orders] path."
        return Check("history", "warn", text)
    return Check("history", "ok", "The orders of before are here.")


def _mapping(runner: Runner) -> Check:
    retry = interactive(runner.retry)
    rows = retry.call(lambda: runner.store.count(Query(ORDERS, limit=MOST)))
    odd = retry.call(lambda: runner.store.count(Query(QUARANTINE, limit=MOST)))
    many = f"{odd:,}" if odd < MOST else f"{MOST:,} or more"
    if odd and max(0, rows - odd) * FEWEST < rows:
        return Check(
            "mapping",
            "fail",
            f"{many} documents could not be read, and hardly any could: correct what crm.toml says"
            " of their fields, and deploy.",
            "/problems",
        )
    if odd:
        text = f"{many} documents could not be read: look at them, and mend them."
        return Check("mapping", "warn", text, "/problems")
    return Check("mapping", "ok", "Every order and user that arrived could be read.")


def _staff(runner: Runner, accounts: StaffAccounts) -> Check:
    try:
        found, more = interactive(runner.retry).call(lambda: accounts.page(None))
    except (ConfigError, Transient):
        text = "Firebase Auth did not say who has a role: look at the list of staff."
        return Check("staff", "warn", text, "/staff")
    admins = sum(one.acts is Role.ADMIN for one in found)
    idle = sum(not one.verified for one in found)
    if admins < 2 and more is None:
        text = "There is one admin alone: give a second person the role, so that you are not locked"
        return Check("staff", "warn", f"{text} out when that one is away.", "/staff")
    if idle:
        text = f"{idle} of your staff cannot do anything yet: their addresses are not verified."
        return Check("staff", "warn", text, "/staff")
    return Check("staff", "ok", "More than one person can see to the others' roles.", "/staff")


def _privacy(settings: Settings) -> Check:
    empty = missing(settings)
    if empty:
        text = f"Exports must say more than they do: fill in {', '.join(empty)} in crm.toml."
        return Check("privacy", "fail", text, "/privacy")
    return Check("privacy", "ok", "Exports say who is responsible, and why.", "/privacy")


def _time_zone(settings: Settings) -> Check:
    if settings.time_zone.key == "UTC":
        text = 'Days begin in UTC: write your zone, such as time_zone = "Europe/Berlin", in'
        return Check("time-zone", "warn", f"{text} crm.toml.")
    return Check("time-zone", "ok", f"Days are those of {settings.time_zone.key}.")


def _mail(settings: Settings, mail: str | None) -> Check:
    if mail is not None:
        return Check("mail", "warn", mail)
    if not settings.mail.postal_address:
        text = "Mails do not show your postal address: write postal_address under [mail]."
        return Check("mail", "warn", text)
    return Check("mail", "ok", f"Mails are sent from {settings.mail.from_}.", "/campaigns")


def _sign_up(settings: Settings, mail: str | None) -> Check:
    if mail is not None and (settings.forms or settings.newsletter.double):
        text = "Nobody can sign up for news: the mail that asks back cannot be sent."
        return Check("sign-up", "fail", text, "/forms")
    if not settings.forms:
        text = "There is no form by which people sign up for news: declare one in crm.toml."
        return Check("sign-up", "warn", text, "/forms")
    return Check("sign-up", "ok", "People can sign up for news by a form.", "/forms")


def _bounces(settings: Settings) -> Check:
    if settings.mail.on and not settings.mail.events:
        text = "Nobody tells which mails came back: write events = true under [mail], and have your"
        return Check("bounces", "warn", f"{text} mail provider report to mail_events.")
    text = "Mails that come back are noted." if settings.mail.on else "No mail is sent from here."
    return Check("bounces", "ok", text)


def _unsubscribe(settings: Settings, own: str) -> Check:
    address = settings.newsletter.unsubscribe_url or own
    return Check("unsubscribe", "ok", f"Links to unsubscribe lead to {address}.")


def _app_check(settings: Settings) -> Check:
    if settings.app_check and not settings.console.app_check_key:
        text = "The functions demand App Check, and the console has no site key for it: write"
        return Check("app-check", "fail", f"{text} app_check_key under [console], and deploy.")
    if settings.app_check:
        return Check("app-check", "ok", "The functions take calls of your own apps alone.")
    text = "Calls need a role, and no App Check token: app_check = true would demand that too."
    return Check("app-check", "ok", text)
