"""Fixing a campaign's audience: everybody in its segment at one moment, in shards.

Each step of a slice makes one shard. All steps read the database as it was at one moment, so
everybody who was in the segment then is in one shard, however people come, go and merge meanwhile.
Who comes later is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from crm.campaigns.audience import MOST, Shard
from crm.campaigns.campaign import Campaign
from crm.campaigns.counts import Counts
from crm.campaigns.mails import MailRecord, mail_key, record_id, record_path
from crm.campaigns.reach import SAME_ADDRESS, reason_against, typed_only
from crm.campaigns.states import halted
from crm.core.errors import Refusal
from crm.core.keyring import Keyring
from crm.customers.customer import mail_address
from crm.customers.part import Part
from crm.db.collections import AUDIENCES, MAILS
from crm.db.diff import replaced
from crm.db.documents import BY_ID, Create, Data, Delete, Query, Snapshot, Store, Write, read_one
from crm.db.runner import Runner
from crm.jobs.cuts import shares
from crm.jobs.fan_out import pieces
from crm.jobs.job import Cut, Progress
from crm.jobs.slices import Slice
from crm.segments.asking import understand
from crm.segments.engine.pages import page
from crm.segments.language.ast import Node
from crm.segments.language.json_form import parse_json

TOO_LONG: Final = "preparing-too-long"

READABLE: Final = timedelta(minutes=50)
"""For so long the moment is read; the database keeps an hour."""

_PER_SLICE: Final = 10_000
"""Shards that a slice may have."""

_AT_ONCE: Final = 250
"""Documents that are deleted at once."""

FOUND: Final = "found"
"""In the job's result: how many the walk has met."""


def node_of(runner: Runner, campaign: Campaign, view: Store) -> Node:
    """Return the segment of a campaign, its saved ones expanded as they were at a moment."""
    asked = parse_json(campaign.segment)
    return understand(replace(runner, store=view), asked, doubting=False).whole


def cut_audience(runner: Runner, campaign: Campaign) -> Cut:
    """Cut the ids of customers: they are random, and so evenly spread."""
    return Cut(shares(pieces(runner, campaign.expected, MOST)), campaign.expected)


def make_shard(runner: Runner, found: Snapshot, part: Slice) -> Progress:
    """Make a slice's next shard.

    Args:
        runner: Reads.
        found: The campaign, which is `preparing`.
        part: The slice. Its cursor: the id behind which the next one begins, and its number.

    Raises:
        Refusal: `failed-precondition` (`audience-mixed`): the shard is there already.
    """
    campaign = Campaign.from_data(found.id, found.fields)
    moment = campaign.prepared_at
    if moment is None or runner.now() - moment > READABLE:
        text = (
            "Fixing the audience took longer than the database can be read at one moment. Nothing"
            " was sent. Resume the campaign to begin anew, with a smaller segment if this comes"
            " again."
        )
        stopped = halted(campaign, runner.now(), TOO_LONG, text)
        return Progress(finished=True, writes=[replaced(found, stopped.to_data())])
    after, number = part.cursor or (part.low, 0)
    view = runner.store.at(moment)
    met = page(view, node_of(runner, campaign, view), moment, after, MOST, part.high)
    behind = met.next_after
    writes: list[Write] = []
    if met.customers:
        shard = _Making(runner, campaign, part.number * _PER_SLICE + number)
        writes, number = shard.made(met.customers), number + 1
    return Progress(
        cursor=None if behind is None else [behind, number],
        counts={FOUND: len(met.customers)},
        finished=behind is None,
        writes=writes,
    )


@dataclass
class _Making:
    """Makes one shard.

    Attributes:
        runner: Reads.
        campaign: The campaign.
        number: The shard's.
    """

    runner: Runner
    campaign: Campaign
    number: int
    excluded: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def made(self, people: list[tuple[str, Data]]) -> list[Write]:
        """Return the writes of a shard, and of a record for each address that others may have."""
        shard_id = f"{self.campaign.id}-{self.number:06}"
        if read_one(self.runner.store, f"{AUDIENCES}/{shard_id}").exists:
            text = "Another run has made a part of this audience: resume it to begin anew."
            raise Refusal("failed-precondition", "audience-mixed", text)
        typed: dict[str, tuple[str, Data]] = {}
        for name, data in people:
            reason, address = reason_against(data), mail_address(data)
            if reason is not None or address is None:
                self.excluded[name] = reason or "no-address"
                continue
            self.keys[name] = mail_key(self.runner.keys, self.campaign.id, address)
            if typed_only(data) is not None:
                typed[name] = address, data
        records = self._first_of_each(typed, shard_id)
        out = len(self.excluded)
        counts = Counts(audience=len(people), waiting=len(people) - out, excluded=out)
        shard = Shard(
            shard_id,
            self.campaign.id,
            tuple(self.keys),
            tuple(self.keys.values()),
            self.excluded,
            counts,
        )
        return [Create(shard.path, shard.to_data()), *records]

    def _first_of_each(self, typed: dict[str, tuple[str, Data]], shard_id: str) -> list[Write]:
        """Exclude who has an address that somebody before has; keep the others' for them.

        A record that another slice creates at the same time fails the commit, and the step is
        taken again.
        """
        paths = {name: record_path(record_id(self.campaign.id, self.keys[name])) for name in typed}
        found = self.runner.store.read({*paths.values()}) if paths else {}
        taken = {path for path, one in found.items() if one.exists}
        writes: list[Write] = []
        for name, (address, data) in typed.items():
            if paths[name] in taken:
                self.excluded[name] = SAME_ADDRESS
                del self.keys[name]
                continue
            taken.add(paths[name])
            record = MailRecord(
                record_id(self.campaign.id, self.keys[name]),
                self.campaign.id,
                name,
                typed_identity(self.runner.keys, data, address),
                self.runner.keys.address(address),
                shard_id,
                "waiting",
                self.runner.now(),
            )
            writes.append(Create(record.path, record.to_data()))
        return writes


def typed_identity(keys: Keyring, data: Data, address: str) -> str | None:
    """Return the key of the user whose part holds an address that nobody has proven."""
    for part in map(Part.from_data, data["parts"].values()):
        if part.uid and any(one.address == address for one in part.contacts):
            return keys.user(part.uid)
    return None


def begin_anew(runner: Runner, found: Snapshot) -> Progress:
    """Delete the next documents of an audience that was not completed; at last fix a new moment.

    Nothing was sent to it.
    """
    campaign_id = found.id
    for collection in (AUDIENCES, MAILS):
        query = Query(collection, (("campaignId", "==", campaign_id),), limit=_AT_ONCE)
        some = runner.store.find(replace(query, keys_only=True))
        if some:
            return Progress(writes=[Delete(one.path, one.version) for one in some])
    return Progress(finished=True, writes=[at_this_moment(runner, found)])


def at_this_moment(runner: Runner, found: Snapshot, campaign: Campaign | None = None) -> Write:
    """Return the write that fixes the moment of an audience."""
    campaign = campaign or Campaign.from_data(found.id, found.fields)
    moment = runner.store.at().moment
    return replaced(found, replace(campaign, prepared_at=moment).to_data())


def all_shards(campaign_id: str) -> Query:
    """Return the query for a campaign's shards, in the order of their numbers."""
    where = (("__name__", ">=", f"{campaign_id}-"), ("__name__", "<", f"{campaign_id}."))
    return Query(AUDIENCES, where, BY_ID)  # type: ignore[arg-type]
