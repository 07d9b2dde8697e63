"""Rules in memory: a host with events, rules, and the campaigns that they send."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from crm.campaigns import jobs as campaign_jobs
from crm.campaigns.campaign import Campaign
from crm.campaigns.saving import save as save_campaign
from crm.campaigns.saving import written
from crm.db.collections import CAMPAIGNS, CUSTOMERS, OUTBOX, RULE_RUNS, RULES
from crm.db.runner import Runner
from crm.repair.begun import attend_begun
from crm.rules import rule_job
from crm.rules.book import PATH, book_of
from crm.rules.checking import Asked, check
from crm.rules.drain import Drained, drain
from crm.rules.gate import RuleGate
from crm.rules.rule import Rule
from crm.rules.saving import save
from crm.rules.sending import start
from crm.rules.tick import Ticked, tick
from crm.rules.watch import BookWatch
from crm.segments.language.ast import Everyone
from crm.sync.sync import Sync
from testing.hosts import item, order
from testing.memory import MemoryStore
from tests.support.faults import Faults, FaultyStore
from tests.support.mailing import LANDING, Room

ZONE = "Europe/Berlin"

MAIL = {
    "from": "Example Events <news@example.com>",
    "postal_address": "Example Events, 1 Example Street, 12345 Exampletown",
    "undo_seconds": 1,
    "latest_hours": 2,
}


class RuleRoom(Room):
    """A room whose campaigns are sent by rules.

    Attributes:
        watched: A runner that sees who enters, as events of the host have it.
    """

    def __init__(self, store: MemoryStore | None = None, zone: str = ZONE) -> None:
        super().__init__(store, settings={"time_zone": zone, "mail": MAIL})
        self.watch = BookWatch(self.store, clock=lambda: 0.0)
        self.runner = replace(self.runner, settings=self.world.runner.settings)
        self.watched = replace(self.runner, watch=self.watch)
        self.sync = Sync(self.watched)
        self._numbers = itertools.count(1)

    # --- What the host has

    def buy(
        self,
        address: str,
        event_id: str = "party",
        starts_at: datetime | None = None,
        *,
        agreed: bool = True,
        came: bool | None = None,
        order_id: str | None = None,
        at: datetime | None = None,
    ) -> str:
        """Let somebody order a ticket; give the order's id."""
        fields: dict[str, Any] = {} if starts_at is None else {"eventStartsAt": starts_at}
        if came is not None:
            fields["checkedIn"] = came
        name = order_id or f"o{next(self._numbers)}"
        data = order(
            address,
            items=[item(event_id, **fields)],
            createdAt=at or self.store.now(),
            marketingOptIn=agreed,
        )
        self.store.put(f"orders/{name}", data)
        self.sync.sync_order(name)
        return name

    def customer(self, address: str) -> dict[str, Any]:
        return self.world.with_email(address)

    # --- What staff do

    def template(self) -> str:
        """Save a draft that rules can send."""
        wanted, _ = written(
            self.runner,
            name="Template",
            subject="Thank you",
            preview="So good",
            body=("markdown", "Hello"),
            segment=Everyone(),
            sender=None,
            reply_to=None,
        )
        return save_campaign(self.runner, wanted).id

    def rule(self, rule_id: str | None = None, **asked: Any) -> Rule:
        """Save a rule that is on; it sends a new draft where it is not said what it does."""
        if "then" not in asked:
            asked["then"] = {"send": self.template()}
        said = Asked(**{"name": "Thanks", "on": True, **asked})
        made = save(self.runner, check(self.runner, said), rule_id)
        self.watch.forget()
        return made

    def rule_now(self, rule_id: str) -> Rule:
        return book_of(self.store.all(RULES)[PATH.partition("/")[2]]).rules[rule_id]

    # --- What the scheduler and the queue do

    def tick(self, faults: Faults | None = None) -> Ticked:
        return tick(self._by(faults), self.queue.append, later=self.later)

    def drain(self, faults: Faults | None = None) -> Drained:
        runner = replace(self._by(faults), watch=self.watch)
        return drain(runner, self.queue.append, 60, partial(start, later=self.later), threads=1)

    def sweep(self) -> None:
        """Do what a call of the scheduler does, and all work that follows."""
        assert attend_begun(self.runner, threads=1).failed == []
        ticked = self.tick()
        assert ticked.failed == []
        drained = self.drain()
        assert drained.failed == []
        self.work()
        assert self.failed == []

    def _by(self, faults: Faults | None) -> Runner:
        if faults is None:
            return self.runner
        return replace(self.runner, store=FaultyStore(self.store, faults))

    def kinds(self, faults: Faults | None = None) -> Any:
        server = self.server
        if faults is not None:
            server.faults = faults

        def compose(_runner: Runner, _campaign: Campaign) -> Any:
            return self.compose

        sending = campaign_jobs.kinds(
            lambda _runner: server,
            compose,
            lambda: self.told_to_stop,
            lambda _runner: LANDING,
            unreachable=lambda _runner, key: self.unreachable.append(key),
            beside=self.beside,
            gate=RuleGate(),
        )
        return {**sending, **rule_job.KINDS}

    def wait(self, **time: float) -> None:
        self.sleep(timedelta(**time).total_seconds())

    def until(self, moment: datetime) -> None:
        """Let time pass up to a moment."""
        assert moment >= self.store.now(), "that is over"
        self.sleep((moment - self.store.now()).total_seconds())

    # --- What came of it

    @property
    def by_rules(self) -> list[Campaign]:
        """The campaigns that rules have sent, in the order of their making."""
        found = [Campaign.from_data(*one) for one in self.store.all(CAMPAIGNS).items()]
        return sorted((one for one in found if one.rule), key=lambda one: (one.created_at, one.id))

    @property
    def mailed(self) -> Counter[str]:
        return Counter(self.server.box)

    @property
    def outbox(self) -> dict[str, Any]:
        return self.store.all(OUTBOX)

    @property
    def runs(self) -> dict[str, Any]:
        return self.store.all(RULE_RUNS)

    def tagged(self, tag: str) -> set[str]:
        """Return the addresses of who has a tag."""
        found = self.store.all(CUSTOMERS, lambda one: tag in one["tags"]).values()
        return {str(one["primaryEmail"]) for one in found}

    def excluded(self) -> Counter[str]:
        """Return why people of campaigns got no mail."""
        return Counter(why for shard in self.shards for why in shard.excluded.values())


def each(number: int) -> list[str]:
    """Return addresses."""
    return [f"p{at}@example.com" for at in range(number)]
