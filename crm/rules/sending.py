"""Having a rule send to those who wait in the outbox: a campaign to them, and their rows go.

Both are one commit, so whoever dies has sent nothing or all, and whoever comes after finds no rows.
The campaign asks the rule about each person once more as its audience is fixed (`gate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from crm.campaigns.by_rule import Sending, fit_template, plan_sending
from crm.campaigns.campaign import path_of
from crm.campaigns.control import cannot_wait, hand_over
from crm.campaigns.control import read as read_campaign
from crm.campaigns.reach import reason_against
from crm.core.days import day_of
from crm.db.documents import Delete, Snapshot, Write
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.jobs.job import Enqueue, Later
from crm.rules.acting import floor_of, look
from crm.rules.ended import named
from crm.rules.entry import RuleEntry
from crm.rules.pausing import count_waiting, plan_pause
from crm.rules.rule import Rule

AT_ONCE: Final = 200
"""People of one campaign: their rows go in its commit."""


def start(
    runner: Runner,
    enqueue: Enqueue,
    rule: Rule,
    entries: Sequence[RuleEntry],
    later: Later = cannot_wait,
) -> None:
    """Begin a campaign to those of some rows, and delete the rows.

    Where none of them is to get it, the rows go, and no campaign comes. Where the draft is gone,
    the rule pauses, and they stay.

    Args:
        runner: Carries plans out.
        enqueue: Has a worker look at a job.
        rule: The rule, which sends.
        entries: The rows; those that are gone already are left out.
        later: As `enqueue`, after a time.

    Raises:
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    for scope in dict.fromkeys(one.scope for one in entries):
        of_scope = [one for one in entries if one.scope == scope]
        for first in range(0, len(of_scope), AT_ONCE):
            _start(runner, enqueue, rule, of_scope[first : first + AT_ONCE], later)


def _start(
    runner: Runner, enqueue: Enqueue, rule: Rule, entries: Sequence[RuleEntry], later: Later
) -> None:
    # Chosen once: where a commit's answer is lost, the next try finds its own work.
    campaign_id, job_id = runner.new_id(), runner.new_id()
    planned, _ = runner.run(lambda tx: _plan_start(tx, rule, entries, campaign_id, job_id))
    if isinstance(planned.result, str):
        _pause(runner, rule, planned.result)
    elif planned.result:
        hand_over(runner, enqueue, later, read_campaign(runner, campaign_id))


def _pause(runner: Runner, rule: Rule, reason: str) -> None:
    # All who wait, not these few alone: staff are asked whether it is to act on so many.
    waiting = count_waiting(runner, rule.id, floor_of(rule, runner.now()))
    runner.run(lambda tx: plan_pause(tx, rule.id, rule.since, reason, waiting))


def _plan_start(
    tx: Transaction, rule: Rule, entries: Sequence[RuleEntry], campaign_id: str, job_id: str
) -> Plan[bool | str]:
    """Plan to begin a campaign; the result says whether there is one, or why there can be none."""
    campaign, *found = tx.documents([path_of(campaign_id), *(one.path for one in entries)])
    if campaign.exists:
        return Plan([], True)  # by a commit whose answer was lost
    rows = {one.id: one for one in found if one.exists}
    looked = {one.id: look(tx, one) for one in entries if one.id in rows}
    if any(one.outcome == "paused" for one in looked.values()):
        return Plan([], False)
    gone: list[Write] = [Delete(one.path, one.version) for one in rows.values()]
    people = {one.snapshot.id: one.snapshot for one in looked.values() if one.snapshot is not None}
    if not any(_is_reached(one) for one in people.values()):
        return Plan(gone, False)
    template, why_not = fit_template(tx, rule.campaign_id or "")
    if template is None:
        return Plan([], why_not)
    sending = Sending(
        campaign_id,
        job_id,
        rule.id,
        named(rule, _day(tx.now, tx)),
        len(people),
        people=sorted(people),
        scope=entries[0].scope,
    )
    return Plan([*plan_sending(tx, template, sending), *gone], True)


def _is_reached(found: Snapshot) -> bool:
    """Return whether there is anybody to send to: else a campaign would say nothing but that."""
    return reason_against(found.fields) is None


def _day(moment: datetime, tx: Transaction) -> str:
    return day_of(moment, tx.settings.time_zone).isoformat()
