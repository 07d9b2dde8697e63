"""A campaign in memory: its people, a server that takes mails, and a queue whose time passes."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from crm.campaigns import jobs as sending
from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign
from crm.campaigns.claims import waiting
from crm.campaigns.control import SEND
from crm.campaigns.last_look import Beside
from crm.campaigns.mails import MailRecord
from crm.campaigns.states import moved
from crm.core.errors import Transient
from crm.customers.customer import Customer
from crm.customers.decision import Decision
from crm.customers.part import Contact, Part
from crm.db.collections import AUDIENCES, CAMPAIGNS, CUSTOMERS, JOBS, MAILS
from crm.db.retry import RetryPolicy
from crm.db.runner import Runner
from crm.jobs import fan_out
from crm.jobs.job import Job
from crm.jobs.settling import settle
from crm.jobs.slices import parsed
from crm.mail.port import Accepted, Answer, Halt, Later, Mail, Uncertain
from testing.memory import MemoryStore
from testing.world import KEYS, World
from tests.support.faults import Faults, FaultyStore

LANDING = "https://example.com/unsubscribe"

CAMPAIGN = "c1"

AGREED = "2025-01-01T00:00:00+00:00"


def subscriber(
    store: MemoryStore, customer_id: str, address: str | None, **fields: Any
) -> dict[str, Any]:
    """Put a customer who subscribed; `typed` is an address that nobody has proven."""
    status = fields.pop("status", "subscribed")
    source = fields.pop("source", "staff")
    typed = fields.pop("typed", None)
    decision = Decision(status, datetime.fromisoformat(AGREED), source) if status else None
    uid = f"uid-{customer_id}" if typed else None
    part = Part(
        KEYS.user(uid) if uid else KEYS.address(address or customer_id),
        address=address,
        uid=uid,
        decision=decision,
        typed=Contact(typed, datetime.fromisoformat(AGREED), "o1") if typed else None,
    )
    customer = Customer(customer_id, store.now(), {"p1": part}, tags=("t",))
    data: dict[str, Any] = {**customer.to_data(store.now(), double=False)}
    data["marketing"] = {**data["marketing"], **fields}
    store.put(f"{CUSTOMERS}/{customer_id}", data)
    return data


def plain(_data: Any, link: str, _address: str) -> tuple[str, str, str]:
    """Give the same mail to everybody, with the way out."""
    return "Hello", f"<p>{link}</p>", link


def spread(number: int) -> Iterator[str]:
    """Yield ids that are spread as random ones are, the same each time."""
    chance = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    for _ in range(number):
        yield "".join(chance.choice(letters) for _ in range(26))


@dataclass
class Server:
    """A mail server that does what it is told, and keeps what it took.

    Attributes:
        box: Who got a mail, in order.
        script: By address: what it answers, one after the other; then it takes the mail.
        faults: What may become of each thing that is said to it.
        tried: Addresses that it was given.
        before: Called before each mail, with how many were tried.
        claims: How many mails it was given at a time.
        given: Called with each mail, before anything is said of it.
    """

    box: list[str] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    script: dict[str, list[Answer]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    tried: list[str] = field(default_factory=list)
    before: Callable[[int], None] = lambda _: None
    claims: list[int] = field(default_factory=list)
    given: Callable[[Mail], None] = lambda _: None

    def send(self, mails: Sequence[Mail]) -> Iterator[Answer]:
        self.claims.append(len(mails))
        for mail in mails:
            self.before(len(self.tried))
            self.given(mail)
            yield self._one(mail)

    def _one(self, mail: Mail) -> Answer:
        self.tried.append(mail.to)
        try:
            self.faults.call(lambda: None)
        except Transient:
            return Later("timeout", whole=True, seconds=5)
        told = self.script.get(mail.to)
        if told:
            return told.pop(0)

        def take() -> None:
            self.box.append(mail.to)
            self.mails.append(mail)

        try:
            self.faults.call(take, changes=True)
        except Transient:
            return Uncertain("connection-lost")
        return Accepted(f"id-{len(self.box)}")

    def close(self) -> None:
        pass


class Room:
    """A campaign and everything that works at it.

    Attributes:
        store: The database.
        server: Takes the mails.
        queue: Tasks that are due, and `delayed` ones.
    """

    def __init__(
        self,
        store: MemoryStore | None = None,
        workers: int = 4,
        settings: dict[str, Any] | None = None,
    ) -> None:
        self.seconds = 0.0
        self.world = World(
            store,
            "auth",
            settings={"jobs": {"workers": workers}, **(settings or {})},
            sleep=self.sleep,  # an erasure waits for mails that are on their way
            clock=lambda: self.seconds,
        )
        self.store = self.world.store
        self.server = Server()
        self.queue: list[str] = []
        self.delayed: list[tuple[datetime, str]] = []
        self.told_to_stop = False
        self.unreachable: list[str] = []
        self.compose: Callable[[Any, str, str], tuple[str, str, str]] = plain
        self.beside: Beside = lambda work: work
        retry = RetryPolicy(sleep=self.sleep, clock=lambda: self.seconds, jitter=lambda: 0.5)
        self.runner = replace(self.world.runner, retry=retry, actor="system")

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.store.wait(timedelta(seconds=seconds))

    # People

    def people(self, number: int) -> list[str]:
        """Put subscribers, and give their addresses in the order of their ids."""
        ids = sorted(spread(number))
        for at, name in enumerate(ids):
            subscriber(self.store, name, f"p{at:04}@example.com")
        return [f"p{at:04}@example.com" for at in range(number)]

    def id(self, address: str) -> str:
        (found,) = [
            one["id"]
            for one in self.world.customers()
            if address in (one["primaryEmail"], one["contactEmail"])
        ]
        return str(found)

    def subscriber(self, name: str, address: str | None, **fields: Any) -> str:
        subscriber(self.store, name, address, **fields)
        return name

    # The campaign

    def schedule(self, expected: int | None = None, **fields: Any) -> None:
        """Put a campaign that is to begin now, and its job."""
        now = self.store.now()
        campaign = Campaign(
            CAMPAIGN,
            "News",
            "Hello",
            "",
            {"format": "markdown", "source": "Hi"},
            fields.pop("segment", {"tag": "t"}),
            "Events <news@example.com>",
            now,
            now,
            state="scheduled",
            scheduled_at=now,
            expected=expected,
            actor="staff",
            job_id="j1",
        )
        campaign = replace(campaign, **fields)
        self.store.put(campaign.path, campaign.to_data())
        self.job("j1")

    def job(self, job_id: str, **arguments: Any) -> None:
        now = self.store.now()
        job = Job(job_id, SEND, {"campaignId": CAMPAIGN, **arguments}, "staff", now, now)
        self.store.put(job.path, job.to_data())
        self.queue.append(job_id)

    @property
    def campaign(self) -> Campaign:
        return Campaign.from_data(CAMPAIGN, self.store.all(CAMPAIGNS)[CAMPAIGN])

    @property
    def shards(self) -> list[Shard]:
        found = self.store.all(AUDIENCES)
        return [Shard.from_data(one, found[one]) for one in sorted(found)]

    @property
    def records(self) -> list[MailRecord]:
        return [MailRecord.from_data(*one) for one in self.store.all(MAILS).items()]

    def move(self, state: Any, job_id: str | None = None, **arguments: Any) -> None:
        """Do what staff do: one change of the state, and the end or the beginning of a job."""
        before = self.campaign
        campaign = moved(before, state, self.store.now())
        if before.state == "halted":
            campaign = replace(campaign, baseline=before.counts, expected=None)
        for name, data in self.store.all(JOBS).items():
            job = Job.from_data(name, data)
            if not job.over:
                self.store.put(job.path, job.failed(state, self.store.now(), "afresh").to_data())
                settle(self.runner, {}, name)
        self.store.put(campaign.path, replace(campaign, job_id=job_id or campaign.job_id).to_data())
        if job_id is not None:
            self.job(job_id, **arguments)

    def resume(self, job_id: str) -> None:
        state = "sending" if self.campaign.ready else "preparing"
        self.move(state, job_id, resumed=True)

    # Workers

    def kinds(self, faults: Faults | None = None) -> Any:
        server = self.server
        if faults is not None:
            server.faults = faults

        def compose(_runner: Runner, _campaign: Campaign) -> Any:
            return self.compose

        return sending.kinds(
            lambda _runner: server,
            compose,
            lambda: self.told_to_stop,
            lambda _runner: LANDING,
            unreachable=lambda _runner, key: self.unreachable.append(key),
            beside=self.beside,
        )

    @property
    def failed(self) -> list[str]:
        """Why jobs failed."""
        return [
            job["error"]
            for job in self.store.all(JOBS).values()
            if job["state"] == "failed" and job["error"] not in ("paused", "cancelled")
        ]

    def later(self, task: str, seconds: float) -> bool:
        self.delayed.append((self.store.now() + timedelta(seconds=seconds), task))
        return True

    def deliver(self, task: str, seconds: float = 240, faults: Faults | None = None) -> None:
        """What the queue does with a task."""
        runner = self.runner
        if faults is not None:
            runner = replace(runner, store=FaultyStore(runner.store, faults))
        kinds = self.kinds(faults)
        fan_out.work(runner, kinds, self.queue.append, parsed(task), seconds, self.later)

    def work(self, seconds: float = 240, most: int = 10_000) -> None:
        """Deliver until nothing is left; where all is to come later, time passes."""
        for _ in range(most):
            if not self.queue:
                if not self.delayed:
                    return
                self.delayed.sort()
                at, task = self.delayed.pop(0)
                self.store.wait(max(timedelta(0), at - self.store.now()))
                self.queue.append(task)
            self.deliver(self.queue.pop(0), seconds)
        if most == 10_000:
            raise AssertionError("the queue never gets empty")

    # What must hold

    def states(self) -> dict[str, str]:
        """Return each person's state, by id, as shards and records say; each has one."""
        found: dict[str, str] = {}
        records = self.store.all(MAILS)
        for shard in self.shards:
            some = {**dict.fromkeys((shard.people[one] for one in waiting(shard)), "waiting")}
            some |= dict.fromkeys(shard.excluded, "excluded")
            for place, key in enumerate(shard.keys):
                if shard.people[place] not in some:
                    some[shard.people[place]] = records[f"{CAMPAIGN}-{key}"]["state"]
            assert not found.keys() & some.keys(), "somebody is in two shards"
            assert len(some) == len(shard.people) + len(shard.excluded)
            assert Counter(some.values()) == Counter(
                {key: n for key, n in shard.counts.to_data().items() if n and key != "audience"}
            )
            assert shard.counts.audience == len(some)
            found |= some
        return found

    def check(self) -> Mapping[str, str]:
        """Hold the campaign's numbers to its people."""
        states = self.states()
        counts = self.campaign.counts
        five = ("waiting", "accepted", "refused", "excluded", "uncertain")
        assert counts["audience"] == sum(counts[one] for one in five)
        twice = [one for one, number in Counter(self.server.box).items() if number > 1]
        assert not twice
        return states

    def totals(self) -> Counter[str]:
        return Counter(self.check().values())


class Watching(MemoryStore):
    """A store that looks at everything after each commit."""

    def __init__(self) -> None:
        super().__init__()
        self.look: Callable[[], object] = lambda: None
        self.commits = itertools.count(1)

    def commit(self, writes: Sequence[Any]) -> list[int]:
        done = super().commit(writes)
        if writes:
            next(self.commits)
            self.look()
        return done


HALT = Halt("535 5.7.8", "The login is refused: look at CRM_MAIL.")


def sent(number: int = 120, workers: int = 4) -> Room:
    """Return a room with so many people, and a campaign to them that is to begin now."""
    room = Room(workers=workers)
    room.people(number)
    room.schedule(expected=number)
    return room
