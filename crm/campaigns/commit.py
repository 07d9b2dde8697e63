"""The one commit of a turn: what became of a claim, and the next claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from crm.campaigns import claims
from crm.campaigns.audience import Shard
from crm.campaigns.claims import Outcome, Settled
from crm.campaigns.last_look import Person
from crm.campaigns.mails import MailRecord, record_id, record_path
from crm.core.errors import Conflict
from crm.db.diff import replaced
from crm.db.documents import Create, Snapshot, Update, Write, read_one
from crm.db.runner import Runner

_EVENTS: Final = frozenset({"bounced", "softBounced", "complained", "unsubscribed"})
"""Keys of a record that events write."""

_PERSON: Final = frozenset({"customerId", "identity", "address", "providerId", "erased"})
"""Keys of a record that an erasure empties."""


class Lost(Exception):
    """The claim is no longer this worker's."""


@dataclass
class Commit:
    """One commit of a shard, tried until it is through or the claim is lost.

    Attributes:
        runner: Reads and writes.
        shard: As it is, as far as is known.
        version: Of that.
        known: What became of who was claimed.
        people: Who these are.
        holder: The name of the next claim.
        next_claim: Returns a shard with the next people claimed, in that name.
        besides: Returns what else is written.
    """

    runner: Runner
    shard: Shard
    version: int
    known: Mapping[int, Outcome]
    people: Mapping[int, Person]
    holder: str
    next_claim: Callable[[Shard, str], Shard]
    besides: Callable[[], list[Write]]

    def __post_init__(self) -> None:
        self.records = {
            place: one.record for place, one in self.people.items() if one.record is not None
        }

    def attempt(self) -> Shard:
        """Write once, and return the shard as it is then.

        Raises:
            Lost: The claim is another worker's now.
            Conflict, Transient: Try again.
        """
        after, settled = claims.settle(self.shard, self.known)
        after = self.next_claim(after, self.holder)
        store = self.runner.store
        if after == self.shard:
            return after
        before = Snapshot(self.shard.path, self.shard.to_data(), self.version)
        records = [self._record(place, one) for place, one in settled.items()]
        writes = [replaced(before, after.to_data()), *records, *self.besides()]
        try:
            self.version = store.commit(writes)[0]
        except Conflict:
            if self._found_done():
                return self.shard
            raise
        return after

    def _record(self, place: int, settled: Settled) -> Write:
        """Return the write of somebody's record; what events have written into it stays."""
        one, shard = self.people[place], self.shard
        record = MailRecord(
            record_id(shard.campaign_id, one.key),
            shard.campaign_id,
            None if one.erasure else one.id,
            one.identity,
            one.address_key,
            shard.id,
            settled.state,
            self.runner.now(),
            settled.reason,
            settled.provider_id,
            erased=one.erasure,
        )
        there = self.records.get(place)
        if there is None:
            return Create(record.path, record.to_data())
        kept = _PERSON | _EVENTS if there.fields.get("erased") else _EVENTS
        data = {key: value for key, value in record.to_data().items() if key not in kept}
        return Update(record.path, data, there.version)

    def _found_done(self) -> bool:
        """Read what is there; say whether the commit is through: its answer was lost.

        Raises:
            Lost: The claim is another worker's now.
        """
        mine, store = self.shard.holder, self.runner.store
        found = read_one(store, self.shard.path)
        if found.data is None:
            raise Lost
        self.shard, self.version = Shard.from_data(found.id, found.data), found.version
        if self.shard.holder == self.holder:
            return True
        if self.shard.holder != mine:
            raise Lost
        paths = {
            place: record_path(record_id(self.shard.campaign_id, one.key))
            for place, one in self.people.items()
        }
        records = store.read(paths.values()) if paths else {}
        self.records = {
            place: records[path] for place, path in paths.items() if records[path].exists
        }
        return False
