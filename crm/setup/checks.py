"""What an installation's own documents and settings say of it: judgements, each one sentence. Pure.

`checked` is what staff see in the console, and the operator's `doctor` says the same of the same
facts (`doctor.py`). Facts for `checked` cost about as much as showing a page of a list: a sample of
the host's orders, some counts with a limit, and one page of accounts.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import crm
from crm.config.settings import Settings
from crm.db.accounts import StaffAccounts
from crm.db.runner import Runner
from crm.privacy.processing_record import missing
from crm.setup.check import Check, Silent
from crm.setup.looking import (
    MOST,
    SAMPLE,
    Arrivals,
    Quarantined,
    Source,
    Staffed,
    arrivals,
    quarantined,
    staffed,
)

FEWEST: Final = 4
"""Of so many orders at least one is understood where the mapping is right (see decision 035)."""


def checked(
    runner: Runner, accounts: StaffAccounts, *, mail: str | None, unsubscribe: str
) -> list[Check]:
    """Return all checks that staff see, in the order in which an installation goes.

    Args:
        runner: Reads.
        accounts: Firebase Auth.
        mail: Why no mail can be sent; None where it can.
        unsubscribe: The address of the function that takes readers out.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    source = Source.of(runner)
    arrived = arrivals(source)
    return [
        functions(arrived),
        history(arrived),
        unreadable(quarantined(source), "mapping"),
        staff(staffed(accounts, source.retry)),
        *of_settings(runner.settings, mail=mail, unsubscribe=unsubscribe),
    ]


def of_settings(settings: Settings, *, mail: str | None, unsubscribe: str) -> list[Check]:
    """Return the checks of `crm.toml` alone, and of whether mails can be sent.

    Args:
        settings: `crm.toml`.
        mail: Why no mail can be sent; None where it can.
        unsubscribe: The address of the function that takes readers out; "" where it is not known.
    """
    return [
        _privacy(settings),
        _time_zone(settings),
        _mail(settings, mail),
        _sign_up(settings, mail),
        _bounces(settings),
        *([_unsubscribe(settings, unsubscribe)] if unsubscribe else []),
        _app_check(settings),
    ]


def functions(seen: Arrivals, *, operator: bool = False) -> Check:
    """Judge whether what the host writes arrives.

    Args:
        seen: The facts.
        operator: Whether it is somebody with the command who asks, and no function that answers.
    """
    if seen.behind:
        return Check(
            "functions",
            "fail",
            f"Changes of {seen.behind} of {SAMPLE} orders have not arrived for half an hour: deploy"
            " all functions, and look at the logs of on_order_written and sweep.",
            "/activity",
        )
    if seen.late:
        return Check(
            "functions",
            "fail",
            f"{seen.late} of the newest orders have not arrived for five minutes: see that"
            " on_order_written is there, in the database's region, and look at its log.",
            "/activity",
        )
    if not operator:
        return Check("functions", "ok", f"The functions answer: version {crm.__version__}.")
    if not seen.arrived:
        text = "No order has arrived yet: write one in your app, then run this again"
        more = " (on emulators --send-order writes one, and takes it away)."
        return Check("functions", "warn", text + more)
    return Check("functions", "ok", "What your app writes arrives.")


def history(seen: Arrivals, *, operator: bool = False) -> Check:
    """Judge whether the orders of before are here.

    Args:
        seen: The facts.
        operator: Whether somebody with the command is told what to do.
    """
    if seen.unknown:
        do = "run `python -m crm rebuild`" if operator else "have all customers checked once"
        return Check(
            "history",
            "fail",
            f"{seen.unknown} of {seen.there} orders that were looked at are not here yet: {do}.",
            "/activity",
        )
    if not seen.there:
        text = f"There is no order in {seen.path} yet. If your app has some, correct [orders] path."
        return Check("history", "warn", text)
    return Check("history", "ok", "The orders of before are here.")


def unreadable(seen: Quarantined, check: str) -> Check:
    """Judge what is in quarantine.

    Args:
        seen: The facts.
        check: What the check is called.
    """
    many = f"{seen.odd:,}" if seen.odd < MOST else f"{MOST:,} or more"
    why = f" ({counted(seen.reasons)})" if seen.reasons else ""
    if seen.odd and max(0, seen.rows - seen.odd) * FEWEST < seen.rows:
        return Check(
            check,
            "fail",
            f"{many} documents could not be read{why}, and hardly any could: correct what crm.toml"
            " says of their fields, and deploy.",
            "/problems",
        )
    if seen.odd:
        text = f"{many} documents could not be read{why}: look at them, and mend them."
        return Check(check, "warn", text, "/problems")
    return Check(check, "ok", "Every order and user that arrived could be read.")


def counted(reasons: Counter[str]) -> str:
    """Return how often each reason was met, the most frequent first, five at most."""
    return ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common(5))


def staff(seen: Staffed | Silent, *, operator: bool = False) -> Check:
    """Judge who has a role.

    Args:
        seen: The facts.
        operator: Whether somebody with the command is told what to do.
    """
    if isinstance(seen, Silent):
        text = seen.why if operator else "Firebase Auth did not say who has a role: look at the"
        return Check("staff", "warn", text if operator else f"{text} list of staff.", "/staff")
    if operator and not seen.admins and seen.all_seen:
        text = "Nobody is admin: run `python -m crm grant EMAIL admin` for an account whose address"
        return Check("staff", "fail", f"{text} is verified.", "/staff")
    if seen.admins < 2 and seen.all_seen:
        text = "There is one admin alone: give a second person the role, so that you are not locked"
        return Check("staff", "warn", f"{text} out when that one is away.", "/staff")
    if seen.idle:
        text = (
            f"{seen.idle} of your staff cannot do anything yet: their addresses are not verified."
        )
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
        if "time_zone" in settings.model_fields_set:
            return Check("time-zone", "ok", "Days are those of UTC, as crm.toml says.")
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
