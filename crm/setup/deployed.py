"""What is judged of rules, indexes, functions and the schedule, as they are in force. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from crm.core.codebase import CODEBASE
from crm.db.collections import ALL
from crm.db.installed import Function, IndexLists, Probes, Schedule
from crm.installing.opening import opened, own_part
from crm.setup.check import Check, Silent
from crm.setup.facts import Facts, Sent
from crm.setup.indexes import compared

DEPLOY_RULES: Final = "`firebase deploy --only firestore`"

DEPLOY: Final = "`firebase deploy --only functions:crm`"

SWEPT: Final = timedelta(minutes=30)
"""The scheduler calls every five minutes; after six missed calls something is wrong."""

NAMED: Final = 5
"""Functions and indexes that a sentence names."""


def rules(facts: Facts) -> Check | None:
    """Judge whether CRM-Lite's part of the rules is in force."""
    if facts.emulated:
        return _probed(facts)
    if facts.released is None:
        return None
    if isinstance(facts.released, Silent):
        return Check("rules", "warn", facts.released.why)
    if not facts.released:
        return Check("rules", "fail", f"No rules are in force: run {DEPLOY_RULES}.")
    part = own_part(facts.released)
    if part is None:
        text = "CRM-Lite's part is not in the rules that are in force, so staff read nothing: run"
        return Check("rules", "fail", f"{text} `python -m crm init`, then {DEPLOY_RULES}.")
    if part != own_part(facts.own_rules):
        text = "CRM-Lite's part of the rules in force is another version's: run"
        return Check("rules", "fail", f"{text} `python -m crm upgrade`, then {DEPLOY_RULES}.")
    return Check("rules", "ok", "CRM-Lite's part of the rules is in force.")


def _probed(facts: Facts) -> Check | None:
    match facts.probes:
        case None:
            return None
        case Silent(why):
            return Check("rules", "warn", why)
        case Probes(staff=200):
            return Check("rules", "ok", "Staff can read customers.")
    text = (
        "Staff cannot read customers: CRM-Lite's part is not in the rules that the emulators have"
    )
    return Check("rules", "fail", f"{text} loaded. Run `python -m crm init`, and start them again.")


def open_rules(facts: Facts) -> Check | None:
    """Judge whether rules let in whom they should not."""
    if isinstance(facts.probes, Probes):
        for who, status in (
            ("Anybody", facts.probes.stranger),
            ("Anybody who is signed in", facts.probes.nobody),
        ):
            if status == 200:
                text = f"{who} can read customers, as {_by(facts)}. Name your own collections in"
                return Check("open-rules", "fail", f"{text} your rules, and close the rest.")
    rules = facts.released if isinstance(facts.released, str) else None
    if rules is None and facts.folder is not None:
        rules = facts.folder.rules
    if rules is None:
        if isinstance(facts.probes, Probes):
            return Check("open-rules", "ok", "Nobody reads customers without a role.")
        return None
    found = opened(rules, sorted(ALL))
    if found:
        worst = next((one for one in found if one.whom != "some"), found[0])
        return Check("open-rules", "warn" if worst.whom == "some" else "fail", f"Rules, {worst}")
    return Check("open-rules", "ok", "No rule opens customers to anybody without a role.")


def _by(facts: Facts) -> str:
    text = facts.folder.rules if facts.folder else None
    found = opened(text, sorted(ALL)) if text is not None else []
    if facts.folder and found:
        first = found[0]
        return f"{facts.folder.rules_name}, line {first.line}, opens {first.path}"
    return "the rules that the emulators have loaded are open"


def indexes(facts: Facts) -> Check | None:
    """Judge whether all indexes are there and ready."""
    if facts.emulated:
        return Check("indexes", "ok", "Emulators need none.")
    match facts.indexes:
        case None:
            return None
        case Silent(why):
            return Check("indexes", "warn", why)
        case IndexLists() as there:
            found = compared(facts.wanted, there)
    if found.missing:
        text = f"{len(found.missing)} of {found.wanted} indexes are not there, or not so"
        return Check("indexes", "fail", f"{text}: {_some(found.missing)}. Run {DEPLOY_RULES}.")
    if found.broken:
        text = f"{len(found.broken)} indexes need a hand: {_some(found.broken)}. Delete them in the"
        return Check("indexes", "fail", f"{text} Firebase console, and run {DEPLOY_RULES}.")
    if found.building:
        text = f"{len(found.building)} of {found.wanted} indexes are being built"
        return Check("indexes", "warn", f"{text}: {_some(found.building)}. Wait some minutes.")
    return Check("indexes", "ok", f"All {found.wanted} indexes are ready.")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def deployment(facts: Facts) -> Check | None:
    """Judge whether all functions are there, and run where they should."""
    found = facts.functions
    if found is None or facts.settings is None:
        return None
    if isinstance(found, Silent):
        return Check("deployment", "fail" if facts.emulated else "warn", found.why)
    deploy = f"run {DEPLOY}"
    if facts.emulated:
        deploy = "see that firebase.json names the folder, and start the emulators again"
    region = facts.settings.region
    own = [one for one in found if one.codebase == CODEBASE and one.name in facts.expected]
    foreign = sorted({one.name for one in found if one.codebase != CODEBASE})
    here = {one.name for one in own if one.region == region}
    missing = sorted(facts.expected - here)
    if not own:
        return Check("deployment", "fail", f"No function of CRM-Lite is there: {deploy}.")
    if foreign:
        text = f"Functions of your own have names of CRM-Lite's: {_some(foreign)}. Rename them"
        return Check("deployment", "fail", f"{text}, and {deploy}.")
    if not here:
        there = ", ".join(sorted({one.region for one in own}))
        text = f"The functions are in {there}, and crm.toml says {region}: correct it, and {deploy}"
        return Check("deployment", "fail", f"{text}.")
    if missing:
        text = f"{len(missing)} of {len(facts.expected)} functions are not there"
        return Check("deployment", "fail", f"{text}: {_some(missing)}. For that {deploy}.")
    return _running(own, region, deploy)


def _running(own: Sequence[Function], region: str, deploy: str) -> Check:
    down = [one for one in own if one.state != "ACTIVE"]
    if down:
        told = _some(sorted(f"{one.name} ({one.state})" for one in down))
        busy = all(one.state == "DEPLOYING" for one in down)
        what = "wait for the deployment" if busy else f"{deploy}, and look at their logs"
        return Check("deployment", "warn" if busy else "fail", f"Not active: {told}: {what}.")
    elsewhere = sorted({one.region for one in own if one.region != region})
    if elsewhere:
        text = f"Functions are also left in {', '.join(elsewhere)}, and do everything twice: delete"
        return Check("deployment", "fail", f"{text} these.")
    runtimes = ", ".join(sorted({one.runtime for one in own if one.runtime}))
    told = f" ({runtimes})" if runtimes else ""
    return Check("deployment", "ok", f"All {len(own)} functions are there, in {region}{told}.")


def sent(facts: Facts) -> Check | None:
    """Judge whether the order that was written for it arrived."""
    match facts.sent:
        case None:
            return None
        case Silent(why):
            return Check("functions", "fail", why)
        case Sent(seconds=None, waited=waited):
            text = (
                f"The order that was written did not arrive within {waited:.0f} seconds: see that"
            )
            return Check(
                "functions",
                "fail",
                f"{text} the emulators run on_order_written in this project, and look at their"
                " output.",
            )
        case Sent(seconds=float() as seconds):
            text = f"The order that was written arrived after {seconds:.1f} seconds"
            return Check("functions", "ok", f"{text}, and is taken away.")
    return None


def sweep(facts: Facts) -> Check | None:
    """Judge whether the scheduler calls."""
    if facts.emulated:
        text = "Emulators call no schedule: `python -m crm sweep` does what it would do."
        return Check("sweep", "ok", text)
    match facts.schedule:
        case None:
            return None
        case Silent(why):
            return Check("sweep", "warn", why)
        case "absent":
            return Check("sweep", "fail", f"Nothing calls the function sweep: run {DEPLOY}.")
        case Schedule(state, last, code):
            if state != "ENABLED":
                text = f"The job of the scheduler that calls sweep is {state}: have it run again"
                return Check("sweep", "fail", f"{text}, in Cloud Scheduler.")
            if last is None or facts.now - last > SWEPT:
                when = "never" if last is None else f"not since {last:%Y-%m-%d %H:%M} UTC"
                text = f"sweep was {when} called: look at its job in Cloud Scheduler"
                more = "; a new one is called within five minutes."
                return Check("sweep", "warn" if last is None else "fail", text + more)
            if code:
                text = f"The last call of sweep failed (code {code}): look at the log of sweep."
                return Check("sweep", "fail", text)
            return Check("sweep", "ok", f"sweep was called last at {last:%Y-%m-%d %H:%M} UTC.")
