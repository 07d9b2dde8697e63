"""What staff decide about people of whom nobody knows whether they got the mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Literal

from crm.audit import trail as audit
from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign, path_of
from crm.campaigns.control import SEND, read
from crm.campaigns.mails import MailRecord, record_path
from crm.campaigns.totals import totals
from crm.core.errors import Conflict, Refusal
from crm.db.collections import AUDIENCES, MAILS
from crm.db.diff import replaced
from crm.db.documents import Delete, Query, Snapshot, Write
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.jobs import run as jobs
from crm.jobs.job import Enqueue
from crm.jobs.progress import later

Action = Literal["resend", "close"]

CLOSED: Final = "closed"
"""Why somebody is `refused` whom staff have given up."""

RESEND: Final = "resend"
"""The `code` of who waits again because staff say so."""

AT_ONCE: Final = 30
"""Customers of one query: the most that Firestore's `in` takes."""

MOST: Final = 500
"""People of one call."""


def resolve(
    runner: Runner, enqueue: Enqueue, campaign_id: str, customers: Sequence[str], action: Action
) -> int:
    """Settle people who are `uncertain`: send to them again, or give them up.

    `resend` can give somebody the mail twice; only people can weigh that. Everybody else, and who
    is not in the campaign, is left as they are. A campaign that is done sends at once; a paused or
    halted one does when it goes on.

    Args:
        runner: Carries plans out, in the caller's name.
        enqueue: Has a worker look at a job.
        campaign_id: The campaign.
        customers: Ids of customers, as the list of recipients shows them; at most `MOST`.
        action: What to do.

    Returns:
        How many were settled, or wait again.

    Raises:
        Refusal: `not-found` (`no-such-campaign`); `failed-precondition` (`still-sending`,
            `campaign-over`).
        Conflict, Transient: Not all done before the deadline; safe to call again.
    """
    campaign = read(runner, campaign_id)
    _refuse_state(campaign, action)
    found = _records(runner, campaign_id, customers)
    resolved = 0
    for shard_id in sorted({one.shard for one in found}):
        ids = [one.id for one in found if one.shard == shard_id]
        plan = _Resolving(campaign_id, shard_id, ids, action)
        runner.run(plan)
        resolved += plan.resolved
    if action == "resend" and campaign.state == "done" and _waits(runner, campaign_id):
        _send_again(runner, enqueue, campaign_id)
    return resolved


def _refuse_state(campaign: Campaign, action: Action) -> None:
    if campaign.state in ("scheduled", "preparing", "sending"):
        text = "The campaign is being sent: wait until it is done, or pause it."
        raise Refusal("failed-precondition", "still-sending", text)
    if action == "resend" and campaign.state not in ("paused", "halted", "done"):
        text = f"The campaign is `{campaign.state}`, so nothing is sent any more: use `close`."
        raise Refusal("failed-precondition", "campaign-over", text)


def _records(runner: Runner, campaign_id: str, customers: Sequence[str]) -> list[MailRecord]:
    wanted = list(dict.fromkeys(customers))
    found: list[Snapshot] = []
    for begin in range(0, len(wanted), AT_ONCE):
        some = tuple(wanted[begin : begin + AT_ONCE])
        query = Query(MAILS, (("campaignId", "==", campaign_id), ("customerId", "in", some)))
        found += runner.retry.call(lambda query=query: runner.store.find(query))  # type: ignore[misc]
    records = [MailRecord.from_data(one.id, one.fields) for one in found]
    return [one for one in records if one.state == "uncertain"]


class _Resolving:
    """The plan of one shard, which knows its own work when a commit's answer was lost."""

    def __init__(self, campaign_id: str, shard_id: str, ids: Sequence[str], action: Action) -> None:
        self._campaign_id, self._shard_id = campaign_id, shard_id
        self._ids, self._action = ids, action
        self.resolved = 0

    def __call__(self, tx: Transaction) -> Plan[None]:
        of_campaign, of_shard, *records = tx.documents(
            [
                path_of(self._campaign_id),
                f"{AUDIENCES}/{self._shard_id}",
                *map(record_path, self._ids),
            ]
        )
        if of_campaign.data is None or of_shard.data is None:
            raise Conflict("the campaign has gone meanwhile")
        _refuse_state(Campaign.from_data(of_campaign.id, of_campaign.data), self._action)
        shard = Shard.from_data(of_shard.id, of_shard.data)
        uncertain = [
            (one, record)
            for one in records
            if one.data is not None
            and (record := MailRecord.from_data(one.id, one.data)).state == "uncertain"
        ]
        if not uncertain:
            # By an earlier try, whose answer was lost; or an event was quicker than that one.
            self.resolved = sum(map(self._is_own, records)) if self.resolved else 0
            return Plan([], None)
        self.resolved = len(uncertain)
        writes = (
            self._closed(tx, uncertain) if self._action == "close" else self._waiting(uncertain)
        )
        after = self._shard(tx, shard, [record for _, record in uncertain])
        entry = audit.record(
            tx, f"campaign.{self._action}", campaign=self._campaign_id, people=self.resolved
        )
        return Plan([replaced(of_shard, after.to_data()), *writes, *entry], None)

    def _is_own(self, record: Snapshot) -> bool:
        """Return whether a record is as this plan leaves it."""
        if self._action == "resend":
            return record.data is None
        return record.data is not None and record.data["reason"] == CLOSED

    def _closed(
        self, tx: Transaction, uncertain: Iterable[tuple[Snapshot, MailRecord]]
    ) -> list[Write]:
        return [
            replaced(one, replace(record, state="refused", reason=CLOSED, at=tx.now).to_data())
            for one, record in uncertain
        ]

    def _waiting(self, uncertain: Iterable[tuple[Snapshot, MailRecord]]) -> list[Write]:
        # The turn that sends again makes the record anew.
        return [Delete(one.path, one.version) for one, _ in uncertain]

    def _shard(self, tx: Transaction, shard: Shard, records: Sequence[MailRecord]) -> Shard:
        counts = replace(shard.counts, uncertain=shard.counts.uncertain - len(records))
        if self._action == "close":
            return replace(shard, counts=replace(counts, refused=counts.refused + len(records)))
        places = [_place(shard, record) for record in records]
        again = {str(one): {"attempts": 0, "at": tx.now, "code": RESEND} for one in places}
        return replace(
            shard,
            counts=replace(counts, waiting=counts.waiting + len(records)),
            later={**shard.later, **again},
        )


def _place(shard: Shard, record: MailRecord) -> int:
    """Return the place of a person in a shard, by the key that the record's id ends with."""
    return shard.keys.index(record.id.removeprefix(f"{record.campaign_id}-"))


def _waits(runner: Runner, campaign_id: str) -> bool:
    """Return whether anybody waits, by this call or by one whose answer was lost."""
    return runner.retry.call(lambda: totals(runner.store, campaign_id)).waiting > 0


def _send_again(runner: Runner, enqueue: Enqueue, campaign_id: str) -> None:
    """Make a job that sends to who waits again, while the campaign stays `done`."""
    job_id = runner.new_id()

    def plan(tx: Transaction) -> Plan[None]:
        snapshot = tx.document(path_of(campaign_id))
        campaign = Campaign.from_data(snapshot.id, snapshot.fields)
        if campaign.state != "done" or campaign.job_id == job_id:
            return Plan([], None)
        arguments = {"campaignId": campaign_id, "resumed": True, "resend": True}
        _, create = jobs.new(tx, job_id, SEND, arguments)
        moment = later(campaign.updated_at, tx.now)
        again = replace(campaign, job_id=job_id, updated_at=moment)
        return Plan([replaced(snapshot, again.to_data()), create], None)

    runner.run(plan)
    jobs.enqueue_job(enqueue, job_id)
