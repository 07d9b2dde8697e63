"""Sending to a range of a campaign's shards, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign, CampaignState, path_of
from crm.campaigns.checks import beat, note_counts
from crm.campaigns.last_look import Beside
from crm.campaigns.letters import Compose, letters
from crm.campaigns.preparing import all_shards
from crm.campaigns.turns import Ended, Post, Turns
from crm.db.documents import Snapshot, read_one
from crm.db.ranges import Range, in_range
from crm.db.runner import Runner
from crm.jobs.job import Job, Progress
from crm.mail.backoff import whole_again
from crm.mail.port import Mailer

STEP: Final = timedelta(seconds=15)
"""No turn begins after so long: the next step goes on."""

BREATH: Final = timedelta(seconds=10)
"""After so long another worker takes over from one that was told to end."""

Unreachable = Callable[[Runner, str], None]


def nobody(_runner: Runner, _address_key: str) -> None:
    """Tell nobody of an address that does not exist."""


@dataclass(frozen=True)
class Means:
    """What campaigns are sent with.

    Attributes:
        mailer: Gives the mailer of this thread; the same one each time, so that its connection is
            kept.
        compose: Reads a campaign's text.
        stopping: Whether the process has been told to end.
        landing: Gives where unsubscribe links lead.
        unreachable: Told of the key of an address of which the server says that it is not there.
        beside: See `turns.Post`.
    """

    mailer: Callable[[Runner], Mailer]
    compose: Compose
    stopping: Callable[[], bool]
    landing: Callable[[Runner], str]
    unreachable: Unreachable = nobody
    beside: Beside = lambda work: work


def sent_by(job: Job) -> frozenset[CampaignState]:
    """Return the states of a campaign in which a job sends it."""
    return frozenset({"done" if job.arguments.get("resend") else "sending"})


def is_sent(campaign: Campaign, job: Job) -> bool:
    """Return whether a job is to send a campaign now."""
    return campaign.state in sent_by(job) and campaign.job_id == job.id


@dataclass
class _Cursor:
    """Where a slice goes on.

    Attributes:
        after: The last shard that was looked at in this round.
        wait: When somebody is to be tried again who was passed over in this round.
        throttled: How often in a row everybody had to wait.
    """

    after: str | None = None
    wait: datetime | None = None
    throttled: int = 0

    @classmethod
    def read(cls, cursor: Any) -> _Cursor:
        after, wait, throttled = cursor or (None, None, 0)
        return cls(after, wait and datetime.fromisoformat(wait), throttled)

    def to_json(self) -> list[Any]:
        return [self.after, self.wait.isoformat() if self.wait else None, self.throttled]

    def passed(self, shard_id: str, until: datetime | None) -> None:
        self.after = shard_id
        if until is not None:
            self.wait = until if self.wait is None else min(self.wait, until)


def send_range(
    runner: Runner,
    means: Means,
    job: Job,
    bounds: Range,
    cursor: Any,
    most: int | None = None,
) -> Progress:
    """Send to who waits in a range of shards, for some seconds.

    Args:
        runner: Reads and writes.
        means: What it is sent with.
        job: The job at work.
        bounds: The range.
        cursor: Of the step before.
        most: How many mails at most.

    Returns:
        Finished where nobody in the range waits, or the campaign is not to be sent any more.

    Raises:
        Conflict, Transient: Not now.
    """
    found = read_one(runner.store, path_of(job.arguments["campaignId"]))
    campaign = found.data and Campaign.from_data(found.id, found.data)
    if not campaign or not is_sent(campaign, job):
        return Progress(finished=True)
    if campaign.state == "sending" and not beat(runner, found):
        return Progress(finished=True)
    return _Round(runner, means, job, campaign, bounds, _Cursor.read(cursor), most).go()


@dataclass
class _Round:
    """One step's way through a range."""

    runner: Runner
    means: Means
    job: Job
    campaign: Campaign
    bounds: Range
    cursor: _Cursor
    most: int | None
    handed: int = 0

    def go(self) -> Progress:
        until = self.runner.now() + STEP
        post = self._post()
        while self.runner.now() < until:
            found = self._next()
            if found is None:
                return self._end_of_round()
            if not Shard.from_data(found.id, found.fields).counts.waiting:
                self.cursor.passed(found.id, None)
                continue
            left = None if self.most is None else self.most - self.handed
            if left == 0:
                break
            ended = Turns(post, self.campaign, until, left).send(found)
            self.handed += ended.handed
            stop = self._after(found.id, ended)
            if stop is not None:
                return stop
        return self._progress()

    def _post(self) -> Post:
        runner, means = self.runner, self.means
        return Post(
            runner,
            self.job.id,
            sent_by(self.job),
            means.mailer(runner),
            letters(runner, self.campaign, means.compose, means.landing(runner)),
            means.stopping,
            means.unreachable,
            means.beside,
        )

    def _next(self) -> Snapshot | None:
        """Read the next shard; it is as fresh as its commit wants it."""
        query = all_shards(self.campaign.id)
        where = (*query.where, *in_range("__name__", self.bounds))
        after = None if self.cursor.after is None else (None, self.cursor.after)
        found = self.runner.store.find(replace(query, where=where, limit=1, after=after))
        return found[0] if found else None

    def _after(self, shard_id: str, ended: Ended) -> Progress | None:
        """Note how a shard was left; return what ends the step."""
        match ended.why:
            case "done" | "later" | "held":
                self.cursor.passed(shard_id, ended.not_before)
                return None
            case "throttled":
                return self._progress(self._throttled(ended))
            case "stopped" if self.means.stopping():
                return self._progress(self.runner.now() + BREATH)
            case "stopped":
                note_counts(self.runner, self.campaign.id)
        return self._progress()

    def _throttled(self, ended: Ended) -> datetime | None:
        """Note that everybody has to wait; return until when."""
        self.cursor.throttled = 1 if self.handed else self.cursor.throttled + 1
        if ended.wait is None:
            return None
        now, luck = self.runner.now(), self.runner.retry.jitter()
        return whole_again(ended.wait, self.cursor.throttled, now, luck)

    def _end_of_round(self) -> Progress:
        wait, self.cursor = self.cursor.wait, _Cursor()
        if wait is None:
            return Progress(done=self.handed, finished=True)
        return self._progress(wait)

    def _progress(self, not_before: datetime | None = None) -> Progress:
        return Progress(cursor=self.cursor.to_json(), done=self.handed, not_before=not_before)
