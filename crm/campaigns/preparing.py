"""Fixing a campaign's audience: everybody in its segment at one moment, in shards.

Each step of a slice makes one shard. All steps read the database as it was at one moment, so
everybody who was in the segment then is in one shard, however people come, go and merge meanwhile.
Who comes later is not in it. A campaign that names its people has them in the place of a segment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from crm.campaigns.audience import MOST, Shard
from crm.campaigns.campaign import Campaign
from crm.campaigns.counts import Counts
from crm.campaigns.gate import Gate, Passed
from crm.campaigns.mails import MailRecord, mail_key, record_id, record_path
from crm.campaigns.reach import SAME_ADDRESS, reason_against, typed_only
from crm.campaigns.states import halted
from crm.core.errors import Conflict, Refusal
from crm.core.keyring import Keyring
from crm.customers.customer import mail_address
from crm.customers.merged_ids import resolve
from crm.customers.part import Part
from crm.db.collections import AUDIENCES, MAILS
from crm.db.diff import replaced
from crm.db.documents import BY_ID, Create, Data, Delete, Query, Snapshot, Store, Write, read_one
from crm.db.runner import Runner
from crm.jobs.cuts import shares
from crm.jobs.cutting import ALL
from crm.jobs.fan_out import pieces
from crm.jobs.job import Cut, Progress
from crm.jobs.slices import Slice
from crm.segments.asking import understand
from crm.segments.engine.pages import FoundCustomer, page
from crm.segments.language.ast import Node
from crm.segments.language.json_form import parse_json

TOO_LONG: Final = "preparing-too-long"

READABLE: Final = timedelta(minutes=50)
"""For so long the moment is read; the database keeps an hour."""

_PER_SLICE: Final = 10_000
"""Shards that a slice may have."""

_AT_ONCE: Final = 250
"""Documents that are deleted at once."""

MOST_WRITES: Final = 450
"""Of one shard, with what a rule has written of its people; whoever is behind is in the next."""

FOUND: Final = "found"
"""In the job's result: how many the walk has met."""


def node_of(runner: Runner, campaign: Campaign, view: Store) -> Node:
    """Return the segment of a campaign, its saved ones expanded as they were at a moment."""
    asked = parse_json(campaign.segment)
    return understand(replace(runner, store=view), asked, doubting=False).whole


def cut_audience(runner: Runner, campaign: Campaign, total: int | None = None) -> Cut:
    """Cut the ids of customers: they are random, and so evenly spread.

    Args:
        runner: Its settings say how many workers there are.
        campaign: The campaign.
        total: About how many are in its segment, where nobody expects a number.
    """
    if campaign.people is not None:
        return Cut([ALL], len(campaign.people))
    total = total if campaign.expected is None else campaign.expected
    return Cut(shares(pieces(runner, total, MOST)), total)


def people_of(
    runner: Runner, campaign: Campaign, view: Store, part: Slice, after: str | None
) -> tuple[list[FoundCustomer], str | None]:
    """Return the next customers of a slice, and behind which id others may be; None at the end."""
    assert view.moment is not None
    if campaign.people is None:
        met = page(view, node_of(runner, campaign, view), view.moment, after, MOST, part.high)
        return met.customers, met.next_after
    named = named_people(runner, campaign.people, view)
    left = [one for one in named if after is None or one[0] > after]
    return left[:MOST], left[MOST - 1][0] if len(left) > MOST else None


def named_people(runner: Runner, ids: Sequence[str], view: Store) -> list[FoundCustomer]:
    """Return customers by the ids that they had, in the order of those that they have now.

    Who was merged with another one is that one. Who was erased is nobody.
    """
    asked = replace(runner, store=view)
    found = asked.evaluate(lambda tx: resolve(tx, ids))
    there = {one.snapshot.id: one.snapshot.fields for one in found.values()}
    return sorted(there.items())


def make_shard(runner: Runner, found: Snapshot, part: Slice, gate: Gate) -> Progress:
    """Make a slice's next shard.

    Args:
        runner: Reads.
        found: The campaign, which is `preparing`.
        part: The slice. Its cursor: the id behind which the next one begins, and its number.
        gate: Asked about the people of a campaign that a rule sends.

    Raises:
        Refusal: `failed-precondition` (`audience-mixed`): the shard is there already.
        Conflict: Another worker has made it just now, and the slice goes on behind it.
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
    people, behind = people_of(runner, campaign, view, part, after)
    writes: list[Write] = []
    if people:
        shard = _Making(runner, campaign, part.number * _PER_SLICE + number, gate, moment)
        try:
            writes, taken = shard.made(people)
        except Refusal:
            if _has_moved(runner, part):
                raise Conflict(f"slice {part.id} has gone on") from None
            raise
        number += 1
        if taken < len(people):
            people = people[:taken]
            behind = people[-1][0]
    return Progress(
        cursor=None if behind is None else [behind, number],
        counts={FOUND: len(people)},
        finished=behind is None,
        writes=writes,
    )


def _has_moved(runner: Runner, part: Slice) -> bool:
    """Return whether somebody has taken a slice's step meanwhile: its shard came with that."""
    now = read_one(runner.store, part.path).data
    return now is None or (now["state"], now["cursor"]) != (part.state, part.cursor)


@dataclass
class _Making:
    """Makes one shard.

    Attributes:
        runner: Reads.
        campaign: The campaign.
        number: The shard's.
        gate: Asked where a rule sends it.
        moment: That the audience is of.
    """

    runner: Runner
    campaign: Campaign
    number: int
    gate: Gate
    moment: datetime
    excluded: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def made(self, people: Sequence[FoundCustomer]) -> tuple[list[Write], int]:
        """Return the writes of a shard, and how many of the people are in it.

        Beside the shard they are a record for each address that others may have, and what the
        rule says that sends the campaign.
        """
        shard_id = f"{self.campaign.id}-{self.number:06}"
        if read_one(self.runner.store, f"{AUDIENCES}/{shard_id}").exists:
            text = "Another run has made a part of this audience: resume it to begin anew."
            raise Refusal("failed-precondition", "audience-mixed", text)
        reachable: list[FoundCustomer] = []
        for name, data in people:
            reason = reason_against(data)
            if reason is not None:
                self.excluded[name] = reason
                continue
            reachable.append((name, data))
        passed = Passed()
        if self.campaign.rule is not None and reachable:
            passed = self.gate.look(self.runner, self.campaign, reachable, self.moment)
        taken = _fitting([name for name, _ in people], passed.writes)
        inside = {name for name, _ in people[:taken]}
        self.excluded = {
            k: why for k, why in {**self.excluded, **passed.excluded}.items() if k in inside
        }
        typed: dict[str, tuple[str, Data]] = {}
        for name, data in reachable:
            address = mail_address(data)
            if address is None or name not in inside or name in self.excluded:
                continue
            self.keys[name] = mail_key(self.runner.keys, self.campaign.id, address)
            if typed_only(data) is not None:
                typed[name] = address, data
        records = self._first_of_each(typed, shard_id)
        more = [write for name in self.keys for write in passed.writes.get(name, ())]
        out = len(self.excluded)
        counts = Counts(audience=taken, waiting=taken - out, excluded=out)
        shard = Shard(
            shard_id,
            self.campaign.id,
            tuple(self.keys),
            tuple(self.keys.values()),
            self.excluded,
            counts,
        )
        return [Create(shard.path, shard.to_data()), *records, *more], taken

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


def _fitting(names: Sequence[str], writes: Mapping[str, Sequence[Write]]) -> int:
    """Return of how many people what is to be written fits into one commit; of one at least."""
    held = 0
    for at, name in enumerate(names):
        held += 1 + len(writes.get(name, ()))  # one for a record of an address that others may have
        if held > MOST_WRITES and at:
            return at
    return len(names)


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
