"""All checks of an installation, as the operator's `doctor` tells them: facts in, checks out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from crm.setup import checks, deployed, on_the_machine
from crm.setup.check import Check, Silent
from crm.setup.checks import FEWEST, counted
from crm.setup.facts import Facts

WAITED: Final = timedelta(minutes=30)
"""So long a row of the outbox waits at most, where functions or a sweep see to it."""

CHECKS: Final = (
    *("versions", "python", "firebase-cli", "folder", "project", "settings", "key", "database"),
    *("region", "rules", "open-rules", "indexes", "deployment", "functions", "sweep", "history"),
    *("mapping", "quarantine", "staff", "jobs", "outbox", "erasures", "privacy", "time-zone"),
    *("mail", "sign-up", "bounces", "unsubscribe", "app-check", "sender"),
)
"""The names of all checks, in the order in which they are told."""


def diagnosed(facts: Facts) -> list[Check]:
    """Return all checks for which there are facts, in the order in which an installation goes."""
    return [one for one in _all(facts) if one is not None]


def _all(facts: Facts) -> Iterator[Check | None]:
    yield on_the_machine.versions(facts)
    yield on_the_machine.python(facts)
    yield on_the_machine.firebase_cli(facts)
    yield on_the_machine.folder(facts)
    yield on_the_machine.project(facts)
    yield on_the_machine.settings(facts)
    yield on_the_machine.key(facts)
    yield on_the_machine.database(facts)
    yield on_the_machine.region(facts)
    yield deployed.rules(facts)
    yield deployed.open_rules(facts)
    yield deployed.indexes(facts)
    yield deployed.deployment(facts)
    yield _functions(facts)
    yield deployed.sweep(facts)
    yield _history(facts)
    yield _mapping(facts)
    yield _quarantine(facts)
    yield _staff(facts)
    yield from _work(facts)
    if facts.settings is not None:
        yield from checks.of_settings(
            facts.settings, mail=facts.mail, unsubscribe=facts.unsubscribe
        )
    yield _sender(facts)


def _functions(facts: Facts) -> Check | None:
    if (told := deployed.sent(facts)) is not None:
        return told
    match facts.arrivals:
        case None:
            return None
        case Silent(why):
            return Check("functions", "warn", why)
    return checks.functions(facts.arrivals, operator=True)


def _history(facts: Facts) -> Check | None:
    match facts.arrivals:
        case None | Silent():  # said at `functions`
            return None
    return checks.history(facts.arrivals, operator=True)


def _mapping(facts: Facts) -> Check | None:
    seen = facts.understood
    match seen:
        case None:
            return None
        case Silent(why):
            return Check("mapping", "warn", why)
    if not seen.total:
        text = f"There is no order in {seen.path}: if your app has some, correct [orders] path."
        return Check("mapping", "warn", f"{text} `python -m crm mapping` lists what there is.")
    told = f"{seen.understood:,} of the {seen.total:,} orders looked at are understood"
    if seen.understood == seen.total:
        return Check("mapping", "ok", f"All {seen.total:,} orders looked at are understood.")
    why, propose = counted(seen.reasons), "`python -m crm mapping` proposes lines for crm.toml."
    if seen.understood * FEWEST < seen.total:
        return Check("mapping", "fail", f"Hardly any order is: {told} ({why}). {propose}")
    return Check("mapping", "warn", f"{told} ({why}): {propose}")


def _quarantine(facts: Facts) -> Check | None:
    match facts.quarantined:
        case None:
            return None
        case Silent(why):
            return Check("quarantine", "warn", why)
    return checks.unreadable(facts.quarantined, "quarantine")


def _staff(facts: Facts) -> Check | None:
    return None if facts.staff is None else checks.staff(facts.staff, operator=True)


def _work(facts: Facts) -> Iterator[Check]:
    seen = facts.work
    match seen:
        case None:
            return
        case Silent(why):
            yield Check("jobs", "warn", why)
            return
    if seen.stopped:
        text = f"{seen.stopped} jobs have got no further for half an hour: run"
        yield Check("jobs", "warn", f"{text} `python -m crm sweep`, and look at the log of worker.")
    elif seen.failed:
        text = f"Jobs failed within a week ({counted(seen.failed)}): look at them in the console"
        yield Check("jobs", "warn", f"{text}, and retry them.")
    else:
        yield Check("jobs", "ok", "No long work has stopped.")
    if seen.waiting_since is not None and facts.now - seen.waiting_since > WAITED:
        text = f"Rules have not acted since {seen.waiting_since:%Y-%m-%d %H:%M} UTC: run"
        yield Check(
            "outbox", "warn", f"{text} `python -m crm sweep`, and look at the log of sweep."
        )
    else:
        yield Check("outbox", "ok", "Nobody waits for a rule to act.")
    if seen.unfinished:
        told = ", ".join(seen.unfinished[: deployed.NAMED])
        text = f"{len(seen.unfinished)} erasures are not done ({told}): run"
        yield Check("erasures", "fail", f"{text} `python -m crm reapply-erasures`.")
    else:
        yield Check("erasures", "ok", "Every erasure that was begun is done.")


def _sender(facts: Facts) -> Check | None:
    """Judge what a test mail's headers say of SPF, DKIM and DMARC."""
    if facts.findings:
        bad = [one for one in facts.findings if one[1] != "ok"]
        if bad:
            fails = any(verdict == "fail" for _, verdict, _ in bad)
            told = " ".join(f"{check}: {message}" for check, _, message in bad)
            return Check("sender", "fail" if fails else "warn", told)
        return Check("sender", "ok", "SPF, DKIM and DMARC pass, as mail providers demand.")
    if facts.settings is None or not facts.settings.mail.on:
        return None
    text = "Whether mail providers take your mails shows on one that arrived: save its headers, and"
    return Check(
        "sender", "warn", f"{text} name the file by --headers (`python -m crm check-sender`)."
    )
