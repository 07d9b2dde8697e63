"""Sending a campaign, pausing it, going on, and ending it: each one commit on its document.

The campaign's state holds the truth; the job only works at it. Both change in the same commit, and
a worker stops where it finds another state, or another job than its own, in the campaign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from crm.audit import trail as audit
from crm.campaigns.campaign import Campaign, path_of
from crm.campaigns.reach import Audience
from crm.campaigns.states import halted, moved, no_such_move
from crm.core.errors import Conflict, Refusal, Transient
from crm.customers.decision import SUBSCRIBED
from crm.db.diff import replaced
from crm.db.documents import Create, Snapshot, Write, read_one
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.jobs import job as job_model
from crm.jobs import run as jobs
from crm.jobs.job import Enqueue, Job, Later
from crm.jobs.settling import settle
from crm.segments.asking import understand
from crm.segments.engine.count import count, plan_count
from crm.segments.language.ast import All, Marketing, Node
from crm.segments.language.json_form import parse_json

SEND: Final = "send_campaign"
"""The kind of job that sends."""

NEAR: Final = 0.05
"""How far an audience may be from what who sends was told, as a share of the larger one."""

FARTHEST: Final = timedelta(days=366)
"""How far ahead a campaign may be scheduled."""

PAUSED: Final = "paused"
"""The `error` of a job that ended because its campaign was paused."""

CANCELLED: Final = "cancelled"

FAILED: Final = "job-failed"
"""Why a campaign is halted whose job has failed."""


def cannot_wait(_task: str, _seconds: float) -> bool:
    """Stand in for a queue that cannot wait: the worker does."""
    return False


def send(
    runner: Runner,
    enqueue: Enqueue,
    campaign_id: str,
    expected: int,
    at: datetime | None = None,
    latest_by: datetime | None = None,
    *,
    later: Later = cannot_wait,
    look_over: Callable[[Campaign], None] = lambda _: None,
) -> Campaign:
    """Schedule a campaign: nothing leaves before `undo_seconds` are over. Asked twice, one mailing.

    Args:
        runner: Carries the plan out, in the caller's name.
        enqueue: Has a worker look at a job.
        campaign_id: The campaign.
        expected: How many are to be reached, as the preview said.
        at: When it is to begin (UTC); None for as soon as can be.
        latest_by: When it may begin last (UTC); None for `latest_hours` after that.
        later: As `enqueue`, after a time.
        look_over: Refuses a campaign that is not fit to be sent.

    Returns:
        The campaign as it is then; one that was sent before, as it is by now.

    Raises:
        Refusal: `not-found` (`no-such-campaign`); `invalid-argument` (`at-in-past`, `at-too-far`,
            `latest-before-start`); `failed-precondition` (`audience-changed`, with `reachable`;
            `nobody-to-reach`; whatever `look_over` says).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    campaign = read(runner, campaign_id)
    if campaign.state == "draft":
        start = _start(runner, at)
        last = _latest(runner, start, latest_by)
        look_over(campaign)
        asked = parse_json(campaign.segment)
        _refuse_other_audience(runner, understand(runner, asked, doubting=False).whole, expected)
        job_id = runner.new_id()

        def plan(tx: Transaction) -> Plan[Campaign]:
            now, snapshot = _campaign(tx, campaign_id)
            if now.state != "draft":  # perhaps by a commit whose answer was lost
                return Plan([], now)
            if now.revision != campaign.revision:
                raise _changed_meanwhile()
            job, _ = jobs.new(tx, job_id, SEND, {"campaignId": campaign_id}, expected)
            scheduled = moved(
                now,
                "scheduled",
                tx.now,
                scheduled_at=start,
                latest_by=last,
                expected=expected,
                actor=tx.actor,
                job_id=job_id,
            )
            waiting = replace(job, not_before=start)
            return _written(
                tx, snapshot, scheduled, "campaign.send", Create(waiting.path, waiting.to_data())
            )

        campaign = runner.run(plan)[0].result
    if campaign.state == "scheduled" and campaign.job_id is not None:
        hand_over(runner, enqueue, later, campaign)
    return campaign


def pause(runner: Runner, campaign_id: str) -> Campaign:
    """Have a campaign stop where it is. What is being handed over at this moment still is.

    Args:
        runner: Carries the plan out, in the caller's name.
        campaign_id: The campaign.

    Raises:
        Refusal: `not-found` (`no-such-campaign`); `failed-precondition` (`no-such-move`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    return _stopped(runner, campaign_id, "paused", "campaign.pause", PAUSED)


def cancel(runner: Runner, campaign_id: str) -> Campaign:
    """End a campaign: who waits gets no mail. What was sent cannot be taken back.

    Args and errors as for `pause`.
    """
    return _stopped(runner, campaign_id, "cancelled", "campaign.cancel", CANCELLED)


def resume(
    runner: Runner, enqueue: Enqueue, campaign_id: str, *, later: Later = cannot_wait
) -> Campaign:
    """Have a paused or halted campaign go on with who waits.

    What halted it is known to staff then: an audience of another size is taken as it is, and what
    came back by now does not halt it again.

    Args:
        runner: Carries the plan out, in the caller's name.
        enqueue: Has a worker look at a job.
        campaign_id: The campaign.
        later: As `enqueue`, after a time.

    Raises:
        Refusal: `not-found` (`no-such-campaign`); `failed-precondition` (`no-such-move`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    job_id = runner.new_id()

    def plan(tx: Transaction) -> Plan[Campaign]:
        campaign, snapshot = _campaign(tx, campaign_id)
        if campaign.state in ("sending", "preparing"):
            return Plan([], campaign)
        if campaign.state not in ("paused", "halted"):
            raise no_such_move(campaign, "sending")
        job, create = jobs.new(
            tx, job_id, SEND, {"campaignId": campaign_id, "resumed": True}, campaign.expected
        )
        goes_on = moved(
            campaign,
            "sending" if campaign.ready else "preparing",
            tx.now,
            job_id=job.id,
            expected=campaign.expected if campaign.state == "paused" else None,
            baseline={**campaign.counts} if campaign.state == "halted" else campaign.baseline,
        )
        return _written(tx, snapshot, goes_on, "campaign.resume", create)

    campaign = runner.run(plan)[0].result
    hand_over(runner, enqueue, later, campaign)
    return campaign


def failed(runner: Runner, job: Job) -> list[Write]:
    """Return what a failed job means to its campaign: it halts. For `Kind.on_failure`."""
    campaign_id = job.arguments.get("campaignId")
    if not isinstance(campaign_id, str) or job.error in (PAUSED, CANCELLED):
        return []
    snapshot = read_one(runner.store, path_of(campaign_id))
    if snapshot.data is None:
        return []
    campaign = Campaign.from_data(campaign_id, snapshot.data)
    if campaign.job_id != job.id or campaign.state not in ("scheduled", "preparing", "sending"):
        return []
    text = "Something went wrong in the middle. Nobody was lost: resume it, and it goes on."
    return [replaced(snapshot, halted(campaign, runner.now(), FAILED, text).to_data())]


def use_resume(_tx: Transaction, _job: Job) -> list[Write]:
    """Refuse to take a campaign's job up by itself. For `Kind.on_retry`."""
    raise Refusal(
        "failed-precondition", "use-resume", "Resume the campaign (`resume_campaign`) instead."
    )


def read(runner: Runner, campaign_id: str) -> Campaign:
    """Return a campaign.

    Raises:
        Refusal: `not-found` (`no-such-campaign`).
        Transient: Not answered before the deadline.
    """
    return _known(runner.read_one(path_of(campaign_id)))


def _known(snapshot: Snapshot) -> Campaign:
    if snapshot.data is None:
        raise Refusal("not-found", "no-such-campaign", "No campaign has this id: check it.")
    return Campaign.from_data(snapshot.id, snapshot.data)


def _campaign(tx: Transaction, campaign_id: str) -> tuple[Campaign, Snapshot]:
    snapshot = tx.document(path_of(campaign_id))
    return _known(snapshot), snapshot


def _stopped(runner: Runner, campaign_id: str, state: str, action: str, error: str) -> Campaign:
    """Move a campaign to a state in which no job works at it; its job ends in the same commit."""

    def plan(tx: Transaction) -> Plan[Campaign]:
        campaign, snapshot = _campaign(tx, campaign_id)
        if campaign.state == state:
            return Plan([], campaign)
        stopped = moved(campaign, state, tx.now)  # type: ignore[arg-type]
        ends: list[Write] = []
        if campaign.job_id is not None:
            of_job = tx.document(job_model.path_of(campaign.job_id))
            if of_job.data is not None:
                job = Job.from_data(of_job.id, of_job.data)
                if not job.over:
                    ends = [replaced(of_job, job.failed(error, tx.now, "afresh").to_data())]
        return _written(tx, snapshot, stopped, action, *ends)

    campaign = runner.run(plan)[0].result
    if campaign.job_id is not None:
        _settle(runner, campaign.job_id)
    return campaign


def _settle(runner: Runner, job_id: str) -> None:
    """Delete the slices of a job that has ended; where that does not work now, the sweep does."""
    try:
        settle(runner, {}, job_id)
    except (Conflict, Transient):
        return


def _written(
    tx: Transaction, snapshot: Snapshot, campaign: Campaign, action: str, *more: Write
) -> Plan[Campaign]:
    document = replaced(snapshot, campaign.to_data())
    return Plan([document, *more, *audit.record(tx, action, campaign=campaign.id)], campaign)


def hand_over(runner: Runner, enqueue: Enqueue, later: Later, campaign: Campaign) -> None:
    """Have a worker begin a campaign when it is time; where the queue fails, the sweep will."""
    job_id, start = campaign.job_id, campaign.scheduled_at
    if job_id is None:
        return
    seconds = (start - runner.now()).total_seconds() if start else 0.0
    try:
        if campaign.state == "scheduled" and seconds > 0 and later(job_id, seconds):
            return
    except Transient:
        return
    jobs.enqueue_job(enqueue, job_id)


def _start(runner: Runner, at: datetime | None) -> datetime:
    now = runner.now()
    soonest = now + timedelta(seconds=runner.settings.mail.undo_seconds)
    if at is None:
        return soonest
    if at < now - timedelta(minutes=1):
        text = "`at` is over. Leave it out to send now, or give a time to come."
        raise Refusal("invalid-argument", "at-in-past", text)
    if at > now + FARTHEST:
        raise Refusal("invalid-argument", "at-too-far", "`at` is more than a year ahead.")
    return max(at, soonest)


def _latest(runner: Runner, start: datetime, latest_by: datetime | None) -> datetime:
    if latest_by is None:
        return start + timedelta(hours=runner.settings.mail.latest_hours)
    if latest_by < start:
        text = "`latestBy` is before the first mail could leave: choose a later time."
        raise Refusal("invalid-argument", "latest-before-start", text)
    return latest_by


def is_near(found: int, expected: int) -> bool:
    """Return whether an audience is about as large as who sends was told."""
    return abs(found - expected) <= NEAR * max(found, expected)


def audience_changed(reachable: int, expected: int) -> Refusal:
    """Return the refusal of an audience that is not as large any more as who sends was told."""
    text = (
        f"The mail would reach {reachable} people by now, and you were told {expected}. Look at the"
        f" preview again, and send it with `expected: {reachable}`."
    )
    return Refusal("failed-precondition", "audience-changed", text, {"reachable": reachable})


def _refuse_other_audience(runner: Runner, node: Node, expected: int) -> None:
    """Refuse where the number has changed, at the cost of a count as a rule.

    Whoever is reached is subscribed, and of those nearly all are reached. Only where the count of
    them leaves it open is everybody looked at; all are when the audience is fixed (`preparing`).
    """
    subscribed = All((Marketing(SUBSCRIBED), node))
    now = runner.now()
    if plan_count(subscribed, now):
        most = runner.retry.call(lambda: count(runner.store, subscribed, now)).value
        if most and is_near(most, expected):
            return
    reachable = Audience.of(runner, node).reachable
    if not is_near(reachable, expected):
        raise audience_changed(reachable, expected)
    if not reachable:
        text = "Nobody in the segment can be reached: the preview says why."
        raise Refusal("failed-precondition", "nobody-to-reach", text)


def _changed_meanwhile() -> Refusal:
    text = "Somebody has changed the campaign meanwhile: look at the preview again."
    return Refusal("failed-precondition", "changed-meanwhile", text)
