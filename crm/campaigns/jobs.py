"""The job that sends a campaign, phase by phase.

The campaign's state holds the truth, and names the job that may send it. Where it is paused,
cancelled or halted, what is left of the job finds nothing to do. A campaign that goes on has a new
job, which leaves out what is done.

1. *Begin*: `scheduled` becomes `preparing`, and the moment of the audience is fixed.
2. *Prepare*: the audience is fixed, a shard for each step.
3. *Check*: it is whole, and about as large as expected: `sending`. The first 50 mails go out, and
   what became of them is looked at.
4. *Send*: to everybody else, by many workers.
5. *End*: to who waits still, and then the campaign is `done`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from crm.campaigns.campaign import Campaign, path_of
from crm.campaigns.checks import (
    CANARIES,
    Halting,
    changed_audience,
    lost_audience,
    refusals,
    settled_since,
)
from crm.campaigns.control import SEND, failed, use_resume
from crm.campaigns.gate import OPEN, Gate
from crm.campaigns.last_look import Beside
from crm.campaigns.letters import Compose
from crm.campaigns.preparing import (
    FOUND,
    all_shards,
    at_this_moment,
    begin_anew,
    cut_audience,
    make_shard,
)
from crm.campaigns.sending import Means, Unreachable, is_sent, nobody, send_range
from crm.campaigns.states import begun, halted, moved
from crm.campaigns.totals import all_counts, totals
from crm.core.roles import Role
from crm.db.diff import replaced
from crm.db.documents import Data, Snapshot, Write, read_one
from crm.db.runner import Runner
from crm.jobs.cutting import ALL, cut
from crm.jobs.fan_out import pieces
from crm.jobs.job import Cut, Job, Kind, Kinds, Phase, Progress
from crm.jobs.progress import later
from crm.jobs.slices import Slice
from crm.mail.port import Mailer

ONE: Final = Cut([ALL])

NONE: Final = Cut(())


def kinds(
    mailer: Callable[[Runner], Mailer],
    compose: Compose,
    stopping: Callable[[], bool],
    landing: Callable[[Runner], str],
    *,
    unreachable: Unreachable = nobody,
    beside: Beside = lambda work: work,
    gate: Gate = OPEN,
) -> Kinds:
    """Return the kind of job that sends a campaign.

    Args:
        mailer: Gives the mailer of the calling thread, the same one each time.
        compose: Reads a campaign's text.
        stopping: Whether the process has been told to end (SIGTERM).
        landing: Gives where unsubscribe links lead (`unsubscribe_link.landing`).
        unreachable: Told of the key of an address of which a server says that it is not there.
        beside: See `turns.Post`.
        gate: Asked about the people of a campaign that a rule sends.
    """
    work = _Work(Means(mailer, compose, stopping, landing, unreachable, beside), gate)
    phases = [
        Phase(work.cut_begin, work.begin),
        Phase(work.cut_prepare, work.prepare),
        Phase(work.cut_check, work.check),
        Phase(work.cut_send, work.send),
        Phase(work.cut_end, work.end),
    ]
    kind = Kind(
        work.alone,
        Role.EDITOR,
        # Pausing or cancelling the campaign ends its job.
        cancellable=False,
        resumes="cursor",
        on_retry=use_resume,
        on_failure=failed,
        phases=phases,
    )
    return {SEND: kind}


@dataclass(frozen=True)
class _Now:
    """A campaign as it is, for a job.

    Attributes:
        found: Its document.
        campaign: The campaign.
    """

    found: Snapshot
    campaign: Campaign

    def written(self, after: Campaign) -> Write:
        return replaced(self.found, after.to_data())


def _now(runner: Runner, job: Job) -> _Now | None:
    """Read the campaign of a job; None where it is another job's, or gone."""
    found = read_one(runner.store, path_of(job.arguments["campaignId"]))
    if found.data is None:
        return None
    campaign = Campaign.from_data(found.id, found.data)
    return _Now(found, campaign) if campaign.job_id == job.id else None


@dataclass(frozen=True)
class _Work:
    """What the phases do."""

    means: Means
    gate: Gate

    def alone(self, _runner: Runner, _job: Job) -> Progress:
        """Leave everything to workers: a call takes no step of it."""
        return Progress()

    # Begin

    def cut_begin(self, runner: Runner, job: Job) -> Cut:
        now = _now(runner, job)
        return ONE if now and now.campaign.state in ("scheduled", "preparing") else NONE

    def begin(self, runner: Runner, job: Job, _part: Slice) -> Progress:
        now = _now(runner, job)
        if now is None:
            return Progress(finished=True)
        campaign = now.campaign
        if campaign.state == "preparing" and job.arguments.get("resumed"):
            return begin_anew(runner, now.found)
        if campaign.state != "scheduled":
            return Progress(finished=True)
        if campaign.scheduled_at is not None and runner.now() < campaign.scheduled_at:
            return Progress(not_before=campaign.scheduled_at)
        after = begun(campaign, runner.now())
        if after.state == "missed":
            return Progress(finished=True, writes=[now.written(after)])
        return Progress(finished=True, writes=[at_this_moment(runner, now.found, after)])

    # Prepare

    def cut_prepare(self, runner: Runner, job: Job) -> Cut:
        now = _now(runner, job)
        if now is None or now.campaign.state != "preparing":
            return NONE
        return cut_audience(runner, now.campaign, job.total)

    def prepare(self, runner: Runner, job: Job, part: Slice) -> Progress:
        now = _now(runner, job)
        if now is None or now.campaign.state != "preparing":
            return Progress(finished=True)
        return make_shard(runner, now.found, part, self.gate)

    # Check

    def cut_check(self, runner: Runner, job: Job) -> Cut:
        now = _now(runner, job)
        if now is None or now.campaign.state not in ("preparing", "sending"):
            return NONE
        if now.campaign.state == "preparing":
            return ONE
        return ONE if _canaries_left(runner, now.campaign) > 0 else NONE

    def check(self, runner: Runner, job: Job, part: Slice) -> Progress:
        now = _now(runner, job)
        if now is None:
            return Progress(finished=True)
        if now.campaign.state == "preparing":
            return _look_at_audience(runner, job, now)
        if now.campaign.state != "sending":
            return Progress(finished=True)
        left = _canaries_left(runner, now.campaign)
        if left > 0:
            progress = send_range(runner, self.means, job, ALL, part.cursor, left)
            if not progress.finished:
                return progress
        return _look_at_canaries(runner, now)

    # Send

    def cut_send(self, runner: Runner, job: Job) -> Cut:
        now = _now(runner, job)
        if now is None or not is_sent(now.campaign, job):
            return NONE
        shards = all_shards(now.campaign.id)
        total = runner.store.count(replace(shards, order=None))
        waiting = totals(runner.store, now.campaign.id).waiting
        if not waiting:
            return NONE
        return Cut(cut(runner, shards, total, pieces(runner, total, 1)))

    def send(self, runner: Runner, job: Job, part: Slice) -> Progress:
        return send_range(runner, self.means, job, part.bounds, part.cursor)

    # End

    def cut_end(self, runner: Runner, job: Job) -> Cut:
        now = _now(runner, job)
        return ONE if now and is_sent(now.campaign, job) else NONE

    def end(self, runner: Runner, job: Job, part: Slice) -> Progress:
        now = _now(runner, job)
        if now is None or not is_sent(now.campaign, job):
            return Progress(finished=True)
        counts = all_counts(runner.store, now.campaign.id)
        if counts["waiting"]:  # somebody was put back behind a slice
            return replace(send_range(runner, self.means, job, ALL, part.cursor), finished=False)
        after = replace(
            now.campaign, updated_at=later(now.campaign.updated_at, runner.now()), counts=counts
        )
        if now.campaign.state == "sending":
            after = moved(now.campaign, "done", runner.now(), counts=counts)
        return Progress(finished=True, writes=[now.written(after)])


def _look_at_audience(runner: Runner, job: Job, now: _Now) -> Progress:
    """Have a campaign be sent whose audience is whole and as expected; else it halts."""
    counts = all_counts(runner.store, now.campaign.id)
    halting = lost_audience(job.result.get(FOUND, 0), counts["audience"]) or changed_audience(
        now.campaign.expected, counts["waiting"]
    )
    if halting is not None:
        return _halting(runner, now, halting, counts)
    after = moved(now.campaign, "sending", runner.now(), counts=counts)
    return Progress(writes=[now.written(after)])


def _look_at_canaries(runner: Runner, now: _Now) -> Progress:
    counts = all_counts(runner.store, now.campaign.id)
    halting = refusals(counts, now.campaign.baseline) if counts["waiting"] else None
    if halting is not None:
        return _halting(runner, now, halting, counts)
    return Progress(finished=True)


def _halting(runner: Runner, now: _Now, halting: Halting, counts: Data) -> Progress:
    after = replace(halted(now.campaign, runner.now(), *halting), counts=counts)
    return Progress(finished=True, writes=[now.written(after)])


def _canaries_left(runner: Runner, campaign: Campaign) -> int:
    people = totals(runner.store, campaign.id).to_data()
    return CANARIES - settled_since(people, campaign.baseline)
