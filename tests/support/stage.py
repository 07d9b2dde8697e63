"""A shop with a past, and processes on copies of it whose remote calls can go wrong."""

from __future__ import annotations

import functools
import itertools
import random
import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from firebase_functions import https_fn

from crm.audit import verify as audit_check
from crm.entrypoints.callables.dispatch import answer
from crm.entrypoints.rate_limit import RateLimit
from crm.entrypoints.triggers import worker
from crm.entrypoints.watching import watch_of
from crm.jobs.job import OPEN
from crm.jobs.slices import payload_of
from crm.repair.sweep import sweep
from crm.repair.sweep_run import SweepReport
from crm.repair.verify import verify
from crm.rules.drain import Drained, drain
from crm.runtime.services import Services
from crm.sync.sync import Sync
from testing.hosts import order, user
from testing.memory import MemoryStore
from testing.recount import Database
from testing.told import Forgetful
from testing.world import KEYS, NUMBERED_ID, World, numbered_id
from tests.support.faults import Faults, FaultyStaff, faulty
from tests.support.signing_up import SETTINGS, Box

LATER = timedelta(hours=1)
"""After the process: by then a job that nobody goes on with is stale."""

ADMIN: dict[str, object] = {"crm": "admin", "email_verified": True}
PEOPLE = ("ada", "bob", "cyd", "dan", "eve", "fay", "gus")


OWN_FIELDS = {
    "company": {"type": "text", "label": "Company", "purpose": "invoices"},
    "seats": {"type": "number", "label": "Seats", "purpose": "halls"},
    "city": {"type": "text", "label": "City", "purpose": "nearby", "from": "profile.city"},
}
"""Two that staff write, and one that users do."""

WRITTEN_TIME = re.compile(r"2026-[0-9-]{5}T[0-9:.]+\+00:00")
"""A moment in a record of consent, as a text."""

COUNTED_AGAIN = ("orders", "users", "customers", "crmOrders", "crmIdentities", "crmQuarantine")


class _Unbounded(RateLimit):
    def admit(self, function: str, caller: str, per_minute: int) -> None:
        pass


UNBOUNDED = _Unbounded()


class Process(World):
    """A process of the functions on a database in memory; `faults` meets each of its calls."""

    def __init__(
        self, faults: Faults | None = None, start: World | None = None, store: Any = None
    ) -> None:
        store = store or MemoryStore()
        if start:
            store._kept, store._clock = dict(start.store._kept), start.store._clock
        super().__init__(store, trust="auth", settings={"fields": OWN_FIELDS, **SETTINGS})
        self.box = Box()
        self.faults = faults or Faults()
        if start:
            self.accounts.of = dict(start.accounts.of)
            self.staff.of = dict(start.staff.of)
            numbers = itertools.count(20_000)
            self.runner = replace(self.runner, new_id=lambda: numbered_id(next(numbers)))
        memory = Forgetful(random.Random(0))  # as of several instances, one of them killed
        self.runner = replace(faulty(self.runner, self.faults), memory=memory)
        self.sync = Sync(self.runner)

    @property
    def database(self) -> Database:
        """Without a copy: whoever counts again changes nothing."""
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for path, one in self.store._kept.items():
            collection, name = path.split("/")
            found[collection][name] = one.data
        return Database(*(found[name] for name in COUNTED_AGAIN), own={"city": "profile.city"})

    def everything(self) -> dict[str, dict[str, Any]]:
        """Every document by its path."""
        return {path: one.data for path, one in self.store._kept.items()}

    @property
    def services(self) -> Services:
        return Services(
            self.runner,
            lambda job: self.faults.call(lambda: self.queue.append(job), changes=True),
            mailer=lambda: self.box,
            staff=lambda: FaultyStaff(self.staff, self.faults),
        )

    def call(self, name: str, uid: str = "staff", /, **data: object) -> Any:
        """Call a callable, as an admin; errors are those of the protocol."""
        claims = ADMIN | {"email": self.verified.get(uid), "auth_time": 9e9}
        request = https_fn.CallableRequest(
            data=data, raw_request=cast("Any", None), auth=https_fn.AuthData(uid, claims)
        )
        return answer(name, request, lambda: self.services, UNBOUNDED)

    def deliver(self) -> None:
        """What the queue does: a task whose worker dies stays in it."""
        while self.queue:
            worker.work(payload_of(self.queue[0]), lambda: self.services)
            self.queue.pop(0)

    def sweep(self) -> SweepReport:
        """What the scheduler does, an hour later."""
        runner = replace(self.runner, now=lambda: self.store.now() + LATER)
        return sweep(runner, self.services.enqueue, threads=2)

    def rules_act(self) -> Drained:
        """What the scheduler does for rules: they act on who has entered."""

        def send(*_: object) -> None:
            raise AssertionError("no rule here sends")

        runner = replace(self.runner, watch=watch_of(self.runner.store))
        return drain(runner, self.services.enqueue, 60.0, send, threads=1)

    def unsound(self) -> list[str]:
        """Everything that must always hold and does not."""
        trail = audit_check.verify(self.store, KEYS, self.runner.retry)
        jobs = self.store.all("crmJobs")
        return [
            *self.wrong(),
            *(f"{path} {what}" for path, what in verify(replace(self.runner, store=self.store))),
            *(f"audit {fault.place} {fault.reason}" for fault in trail.faults),
            *(f"job {name} is not over" for name, job in jobs.items() if job["state"] in OPEN),
        ]

    def id(self, name: str) -> str:
        found: str = self.with_email(f"{name}@example.com")["id"]
        return found


@functools.cache
def shop() -> Process:
    """The start of all: guests, users, merged ones, tags, consent, a segment, a sweep behind it."""
    world = Process()
    for number, name in enumerate(PEOPLE):
        opted = {"marketingOptIn": True} if name in "ada eve" else {}
        world.put_order(f"o-{name}", order(f"{name}@example.com", day=number, **opted))
    world.put_order("o-ada-2", order("ada@example.com", day=9, status="completed", total=12))
    world.put_order("o-eve-2", order("eve@example.com", day=8, name="Eve", phone="+49 30 1"))
    world.put_order("o-odd", order("fay@example.com", status="unheard of", odd=True))
    for uid, name in {"u-eve": "eve", "u-fay": "fay"}.items():
        world.accounts.of[uid] = f"{name}@example.com"
    world.put_user("u-eve", user("eve@example.com", name="Eve", profile={"city": "Bern"}))
    world.put_order("o-eve-3", order("typed@example.com", userId="u-eve", day=3))
    ids = [world.id(name) for name in ("ada", "bob", "cyd", "eve", "gus")]
    world.call("tag_customers", add=["VIP", "News"], customerIds=ids)
    world.call("tag_customers", add=["Other"], customerIds=ids[:1])
    world.call("merge_customers", sourceId=world.id("dan"), targetId=world.id("eve"))
    world.call("merge_customers", sourceId=world.id("gus"), targetId=world.id("cyd"))
    grant = {"status": "subscribed", "evidence": "letter"}
    world.call("set_consent", customerId=world.id("bob"), **grant)
    world.call("set_fields", customerId=world.id("bob"), fields={"company": "ACME"})
    world.call("save_segment", name="Important", segment="tag:vip")
    world.call("add_note", customerId=world.id("eve"), text="Wants the front row.")
    world.deliver()
    world.sweep()
    assert world.unsound() == []
    return world


HISTORIES = ("crmAudit", "crmJobs")
"""Of which a call that was made twice can leave one more: compared by what they say."""


def normal(world: World, *but: str) -> list[str]:
    """Every document, but for random ids, times of the database and its versions.

    Args:
        world: Where.
        but: How the paths begin of what is left out.
    """
    started = _normal_start()
    found = sorted(
        started.get(id(one.data)) or _normal(path, one.data)
        for path, one in world.store._kept.items()
        if not path.startswith((*HISTORIES, *but))
    )
    # A decision that staff record twice has two records, of the same.
    return [
        one
        for one, before in zip(found, ["", *found], strict=False)
        if one != before or not one.startswith("crmConsents/")
    ]


@functools.cache
def _normal_start() -> dict[int, str]:
    # Documents are replaced, never changed: most of them are the same in every world.
    return {id(one.data): _normal(path, one.data) for path, one in shop().store._kept.items()}


def _normal(path: str, data: dict[str, Any]) -> str:
    return f"{NUMBERED_ID.sub('id', path)} {_plain(data)!r}"


def entries(world: World) -> Counter[str]:
    """What the audit trail says, but for ids."""
    return Counter(
        NUMBERED_ID.sub(
            "id", repr((one["action"], one["actor"], len(one["customers"]), one["facts"]))
        )
        for one in world.store.all("crmAudit").values()
    )


def tagged(world: World) -> int:
    """How many changes the jobs of tags say they made."""
    return sum(job["result"].get("updated", 0) for job in world.store.all("crmJobs").values())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted(
            ((NUMBERED_ID.sub("id", key), _plain(one)) for key, one in value.items()), key=repr
        )
    if isinstance(value, list | tuple):
        return sorted(map(_plain, value), key=repr)
    if isinstance(value, datetime):
        return "now" if value.year >= 2026 else value
    if isinstance(value, int) and value > 10**15:
        return "version"
    return (
        NUMBERED_ID.sub("id", WRITTEN_TIME.sub("now", value)) if isinstance(value, str) else value
    )
