"""Every damage that a hand in the Firebase console can do, made of documents as they are stored."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from typing import Any, Final

from crm.campaigns.came_back import mark_unreachable
from crm.consent.plan import plan_consent
from crm.contacts.arriving import arrive
from crm.customers.change_set import ChangeSet
from crm.customers.part import Entry
from crm.db.transaction import Plan, Transaction
from crm.entrypoints.triggers import schedule
from crm.importing.imports import import_contacts
from crm.jobs.job import Job
from crm.jobs.slices import Slice, slice_id
from crm.merging.merge import plan_merge
from crm.notes.keeping import plan_note
from crm.privacy.declarations import OWN
from crm.privacy.erasure.erase import erase
from crm.privacy.own import SignedIn
from crm.privacy.requests import plan_request
from crm.repair.sweep import sweep
from crm.repair.sweep_run import SweepReport
from crm.segments.language.ast import Saved, Tag
from crm.segments.saved import counted, save
from crm.segments.saved_plan import Definition
from crm.signup.record import Asked, SignUp
from crm.sync.sync import Sync
from crm.tags.plan import Change
from crm.tags.tagging import tag_customers
from testing.hosts import item, order, user
from testing.memory import MemoryStore
from testing.world import KEYS, World, numbered_id
from tests.support.sent import put_sent
from tests.unit.privacy.test_erasure import ADA

MISSING: Final = object()
"""As a value: the field goes."""

GARBAGE: Final = "a/b ü"


@dataclass(frozen=True)
class Damage:
    """One field of one document, as a hand leaves it.

    Attributes:
        collection: The collection.
        pattern: The field's path as the registry declares it.
        name: The document's id.
        path: Its keys and places, down to the field.
        what: `missing`, `null`, `type` or `garbage`.
        value: What is there instead.
    """

    collection: str
    pattern: str
    name: str
    path: tuple[str | int, ...]
    what: str
    value: Any

    def __str__(self) -> str:
        return f"{self.collection}.{self.pattern}:{self.what}"

    def do(self, store: Any) -> None:
        """Damage the document."""
        data = copy.deepcopy(store.all(self.collection)[self.name])
        at: Any = data
        for key in self.path[:-1]:
            at = at[key]
        if self.value is MISSING:
            del at[self.path[-1]]
        else:
            at[self.path[-1]] = self.value
        store.put(f"{self.collection}/{self.name}", data)


def damages(store: MemoryStore) -> Iterator[Damage]:
    """Yield, for each field of the registry, every damage to the first document that has it."""
    for collection in OWN:
        for fields in collection.fields:
            for pattern in fields.patterns:
                found = _first(store, collection.path, tuple(pattern.split(".")))
                if found is not None:
                    yield from _of(collection.path, pattern, *found)


def unseen(store: MemoryStore) -> set[str]:
    """Return the fields of the registry that no stored document has."""
    met = {f"{one.collection}.{one.pattern}" for one in damages(store)}
    declared = {
        f"{collection.path}.{pattern}"
        for collection in OWN
        for fields in collection.fields
        for pattern in fields.patterns
    }
    return declared - met


def _first(
    store: MemoryStore, collection: str, pattern: tuple[str, ...]
) -> tuple[str, tuple[str | int, ...], Any] | None:
    """Find the field in a document that holds something there, else in any that has it."""
    blank = None
    for name, data in sorted(store.all(collection).items()):
        for path, value in _places(data, pattern):
            if value not in (None, [], {}, ""):
                return name, path, value
            blank = blank or (name, path, value)
    return blank


def _places(
    value: Any, pattern: tuple[str, ...], at: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if not pattern:
        yield at, value
        return
    key, *rest = pattern
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, Mapping):
        inner = [(k, v) for k, v in value.items() if key in ("*", "**", k)]
    elif isinstance(value, list) and key == "*":
        inner = list(enumerate(value))
    for k, v in inner:
        yield from _places(v, tuple(rest), (*at, k))


def _of(
    collection: str, pattern: str, name: str, path: tuple[str | int, ...], value: Any
) -> Iterator[Damage]:
    wrong: Any = 17 if not isinstance(value, int) or isinstance(value, bool) else "17"
    garbage: Any = GARBAGE if not isinstance(value, str) else {"a": [GARBAGE]}
    for what, to in (
        ("missing", MISSING),
        ("null", None),
        ("type", wrong),
        ("garbage", garbage),
    ):
        if to is not value:
            yield Damage(collection, pattern, name, path, what, to)


def lived() -> World:
    """A shop in which nearly every field of every collection is met."""
    world = World(trust="auth")
    world.put_order("gone", order("bob@example.com", day=1))
    world.put_order("erased", order("ada@example.com", phone="1"))
    world.put_order("erased2", order("zoe@example.com", userId="u8"))
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    world.delete_order("gone")
    start = world.store.now()
    for number in range(8):
        name = ("bob", "cyd", "dan", "eve")[number % 4]
        items = [item(eventStartsAt=start, checkedIn=True), item(quantity=0)]
        told = {"name": name.title(), "items": items, "day": number}
        world.put_order(f"o{number}", order(f"{name}@example.com", **told))
    world.put_order("opted", order("cyd@example.com", day=9, marketingOptIn=True))
    world.accounts.of |= {"u1": "bob@example.com", "u3": None, "u4": "cyd@example.com"}
    world.put_user("u1", user("bob@example.com"))  # proves his address, and then another one
    world.accounts.of["u1"] = "bobby@example.com"
    world.put_user("u1", user("bobby@example.com"))
    world.put_order("late", order("bobby@example.com", day=10))
    world.accounts.of["u2"] = "bob@example.com"
    world.put_user("u2", user("bob@example.com"))  # who has his old address now
    world.put_order("new", order("bob@example.com", day=11, refunded="10.00"))
    world.put_user("u3", user("gus@example.com"))  # claims an address, and types another
    world.put_order("typed", order("hal@example.com", userId="u3", day=12))
    world.put_order("waits", order("ivy@example.com", userId="u9", day=12))
    world.put_order("odd", order("eve@example.com", total="much"))
    ids = {name: world.with_email(f"{name}@example.com")["id"] for name in ("cyd", "dan", "eve")}
    tag_customers(world.runner, [ids["dan"], ids["eve"]], Change({"vip": "VIP"}))
    world.runner.run(lambda tx: plan_merge(tx, ids["cyd"], ids["dan"]))
    world.put_user("u4", user("cyd@example.com"))  # a merge by proof
    world.runner.run(lambda tx: plan_consent(tx, "x", ids["eve"], "unsubscribed", None))
    dan = world.with_email("dan@example.com")["id"]
    world.runner.run(lambda tx: plan_consent(tx, "y", dan, "subscribed", {"source": "desk"}))
    for name in ("eve", "hal"):  # hers, and one that is only to be reached by
        mark_unreachable(world.runner, KEYS.address(f"{name}@example.com"), start)
    vips, _ = save(world.runner, Definition("VIPs", Tag("vip"), "who spent much"))
    save(world.runner, Definition("Both", Saved(vips)))
    counted(world.runner, vips, 2, world.store.now())
    world.runner.run(
        partial(plan_request, who=SignedIn("u3", "gus@example.com"), stopped_by="held")
    )
    put_contact(world)
    put_stopped_job(world)
    put_campaign(world)
    put_sign_up(world)
    put_list(world)
    schedule.run(lambda: world.services)
    world.resync()
    return world


def put_contact(world: World) -> None:
    """Put somebody who came in by a form, with own fields, and was asked to confirm."""
    now = world.store.now()

    def plan(tx: Transaction) -> Plan[None]:
        changes = ChangeSet(tx)
        entry = Entry("form", "newsletter", now, "Kim")
        customer, part_id, _ = arrive(changes, tx, "kim@example.com", entry)
        part = replace(customer.parts[part_id], fields={"company": "ACME"}, asked_at=now)
        changes.put_customer(customer.with_part(part_id, part))
        return Plan(changes.writes(), None)

    world.runner.run(plan)
    kim = world.with_email("kim@example.com")["id"]
    for text in ("Called, no answer.", "Wants the front row."):
        world.runner.run(partial(plan_note, customer_id=kim, text=text))


def put_campaign(world: World) -> None:
    """Put a campaign that some got, with everything that can be noted of a mail."""
    ids = {name: world.with_email(f"{name}@example.com")["id"] for name in ("bob", "dan", "eve")}
    states = {"bob": "accepted", "dan": "refused", "eve": "waiting"}
    campaign = put_sent(
        world,
        {ids[name]: state for name, state in states.items()},
        left_out={"c": "unsubscribed"},
        state="paused",
    )
    now = world.store.now()
    told = {"reason": "x", "message": "x", "finishedAt": now, "replyTo": "a@example.com"}
    data = {**campaign.to_data(), **told, "preview": "p", "baseline": {"accepted": 1}}
    world.store.put(campaign.path, data)
    name, record = min(world.store.all("crmMails").items())
    noted = dict.fromkeys(("bounced", "softBounced", "complained", "unsubscribed"), now)
    world.store.put(f"crmMails/{name}", {**record, **noted})
    (name, shard), *_ = world.store.all("crmAudiences").items()
    again = {"attempts": 1, "at": now, "code": "451", "claimed": True}
    shard["counts"]["waiting"], shard["next"], shard["claimed"] = 1, 3, 3
    claim = {"later": {"2": again}, "holder": "h", "leaseUntil": now - timedelta(hours=1)}
    world.store.put(f"crmAudiences/{name}", {**shard, **claim})
    world.store.put(
        "crmBudgets/sender", {"latest": 1, "second": {"1": 1}, "hour": {"1": 1}, "day": {"1": 1}}
    )


def put_sign_up(world: World) -> None:
    """Put a sign-up that waits, its mail not taken yet."""
    now = world.store.now()
    asked = Asked(now, "newsletter", "v", "en", "m", now)
    one = SignUp(KEYS.address("joe@example.com"), "pending", now, now + timedelta(days=7))
    one = one.asks(asked, "joe@example.com", network="n", worked=True)
    world.store.put(one.path, replace(one, sent_at=now, tries=1).to_data())


def put_list(world: World) -> None:
    """Take in a list that says nothing new of anybody, and leave it as it is kept meanwhile."""
    csv = "email,name,status\nfox@example.com,Fox,subscribed\nnobody\n"
    import_contacts(world.runner, world.queue.append, csv, source="fair", evidence="paper")
    ((name, chunk),) = world.store.all("crmImported").items()
    (done,) = chunk["done"].values()
    done |= {"fieldsKey": done["key"], "fieldsPart": done["partId"]}
    world.store.put(f"crmImported/{name}", {**chunk, "done": {"0": done}})


def put_stopped_job(world: World) -> None:
    """Put a job that failed while two workers were at it, one of them still in a step."""
    now = world.store.now()
    job = Job("jobwithslices", "tag_segment", {"add": ["x"]}, "system", now, now, "failed")
    job = replace(job, error="cancelled", phase=0, left=(1,), lanes=2)
    customer = {"customerId": "c", "fields": ["name"]}
    part = Slice(slice_id(job.id, 0, 1), job.id, 0, 1, "d", "f", now, now)
    part = replace(
        part,
        state="stopped",
        holder="h",
        cursor={"at": "e"},
        done=1,
        counts={"n": 1},
        drift=(customer,),
    )
    world.store.put(job.path, job.to_data())
    world.store.put(part.path, part.to_data())


@cache
def shop() -> World:
    """Return the one shop that damaged copies are made of."""
    return lived()


@cache
def all_damages() -> tuple[Damage, ...]:
    """Return every damage to the shop."""
    return tuple(damages(shop().store))


def damaged(*some: Damage) -> World:
    """Return a copy of the shop, damaged.

    A collision is given up at once, for over damage it would come again. So nobody else works on
    it meanwhile: rebuild with one thread, and sweep by `swept`.
    """
    start = shop()
    store = MemoryStore()
    store._kept, store._clock = dict(start.store._kept), start.store._clock
    world = World(store, trust="auth")
    world.accounts.of = dict(start.accounts.of)
    numbers = itertools.count(20_000)
    world.runner = replace(
        world.runner,
        new_id=lambda: numbered_id(next(numbers)),
        retry=replace(world.runner.retry, seconds=0.0),
    )
    world.sync = Sync(world.runner)
    for one in some:
        one.do(store)
    return world


def swept(world: World) -> SweepReport:
    """Sweep a damaged world, by one thread: of two that met over a customer one would give up."""
    return sweep(world.runner, world.queue.append, threads=1)
