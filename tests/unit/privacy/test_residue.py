"""Nothing of an erased person is left anywhere: canaries over generated histories.

The same scanner finds each canary before the erasure. And an erasure that dies at any of its remote
calls, and is then taken up again, ends as one that nothing happened to.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import random
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest

from crm.consent.plan import plan_consent
from crm.core import email as addresses
from crm.core.errors import Refusal
from crm.customers.customer import mail_address
from crm.customers.lookup import find_customer
from crm.customers.reference import CustomerRef
from crm.db.transaction import Plan
from crm.fields.plan import WriteFields
from crm.importing import imports, record
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.notes.keeping import plan_note
from crm.privacy.erasure.erase import erase, erase_again, erasures
from crm.signup.asking import asking
from crm.signup.confirming import plan_confirm, plan_refuse
from crm.signup.link import Link
from crm.signup.record import Asked
from crm.tags.plan import Change, change_of
from crm.tags.tagging import tag_customers
from testing.hosts import order, user
from testing.world import NUMBERED_ID, World
from tests.support.canary import ADDRESS, NAME, PHONE, UID, Canary, residue
from tests.support.faults import Killed
from tests.support.ruled import Ruled
from tests.support.sent import put_sent

HISTORIES = 200
EMAILS = [f"Canary.{number}@bücher-{number}.example" for number in range(3)]
MINE = [
    *(Canary(ADDRESS, email.lower()) for email in EMAILS),
    Canary(UID, "uidOfTheCanary0001"),
    Canary(UID, "uidOfTheCanary0002"),
    Canary(NAME, "Serinus Canaria"),
    Canary(PHONE, "+49 30 5550100"),
]
UIDS = [one.text for one in MINE if one.kind == UID]

FIELDS: dict[str, Any] = {
    "contact": {"type": "text", "label": "Contact", "purpose": "calls"},
    "city": {"type": "text", "label": "City", "purpose": "nearby", "from": "profile.city"},
}


class History:
    """A person's life with every kind of data, among bystanders.

    In a world that is given there are no own fields, lists and rules.
    """

    def __init__(self, seed: int, world: Any = None) -> None:
        self.random = random.Random(seed)
        self.whole = world is None
        self.world = world or shop()
        self.orders = 0
        self.merges: list[str] = []

    def live(self, steps: int = 25) -> None:
        for email, uid in zip(EMAILS, UIDS, strict=False):
            self.world.accounts.of[uid] = addresses.canonical(email)
            self.world.put_user(uid, self.account(email))
        for email in EMAILS:
            self.order(email)
        self.order("bob@example.com", userId="bob", name="Bob", phone=None)
        acts = [self.buy, self.buy, self.edit, self.register, self.join, self.split, self.decide]
        acts += [self.note, self.tag, self.vanish, self.odd, self.unseen, self.typed_by_another]
        acts += [self.write_fields, self.take_in, self.let_rules_act] if self.whole else []
        for _ in range(steps):
            self.random.choice(acts)()
        customers = self.world.store.all("customers")
        reached = [one for one in self.mine() if mail_address(customers[one])]
        put_sent(self.world, dict.fromkeys(reached, "accepted"), left_out={"x": "unsubscribed"})
        mine = (customers[one]["emails"] for one in self.mine())
        for email in sorted({*(one for emails in mine for one in emails), "bob@example.com"}):
            self.sign_up(email)
        if not self.whole:
            return
        for uid in UIDS:  # a uid without a customer is nobody whom one could name
            if all(uid not in one["userIds"] for one in self.world.customers()):
                self.order(self.random.choice(EMAILS), userId=uid)
        self.note()
        self.write_fields()
        self.take_in()
        self.let_rules_act()
        tag_customers(self.world.runner, self.mine()[:1], change_of((), ["VIP"]))
        self.tag()  # somebody enters, and no rule has acted yet
        self.take_in(waits=True)

    def account(self, email: str) -> dict[str, Any]:
        return user(email, name="Serinus Canaria", profile={"city": "Nest of Serinus Canaria"})

    def sign_up(self, email: str) -> None:
        """Sign up, and perhaps confirm or refuse."""
        runner, then = self.world.runner, self.random.choice([None, plan_confirm, plan_refuse])
        asked = Asked(runner.now(), "newsletter", "v", "en", runner.new_id())
        runner.run(lambda tx: Plan(asking(tx, email, asked, network="n", worked=True) or [], None))
        if then is not None:
            link = Link(runner.keys.address(email), asked.at)
            runner.run(lambda tx: then(tx, link))

    def order(self, email: str | None, *, sync: bool = True, **fields: Any) -> None:
        self.orders += 1
        data = order(
            email,
            **{
                "name": "Serinus Canaria",
                "phone": "+49 30 5550100",
                "marketingOptIn": self.random.random() < 0.3,
                "day": self.random.randint(0, 300),
                **fields,
            },
        )
        self.world.store.put(f"orders/o{self.orders}", data)
        if sync:
            self.world.sync.sync_order(f"o{self.orders}")

    def buy(self) -> None:
        self.order(self.random.choice(EMAILS), userId=self.random.choice([None, *UIDS]))

    def unseen(self) -> None:
        self.order(self.random.choice(EMAILS), sync=False)

    def odd(self) -> None:
        self.order(self.random.choice(EMAILS), status="unheard of", odd=True)

    def typed_by_another(self) -> None:
        self.world.put_user("bob", user("bob@example.com", name="Bob"))
        self.order(self.random.choice(EMAILS), userId="bob", name="Bob", phone=None)

    def edit(self) -> None:
        name = f"o{self.random.randint(1, self.orders)}"
        data = self.world.store.all("orders").get(name)
        if data and data["name"] != "Bob":
            self.world.put_order(name, {**data, "email": self.random.choice(EMAILS)})

    def register(self) -> None:
        email = self.random.choice([*EMAILS, "not an address"])
        self.world.put_user(self.random.choice(UIDS), self.account(email))

    def vanish(self) -> None:
        if self.random.random() < 0.3:
            self.world.delete_user(self.random.choice(UIDS))

    def mine(self) -> list[str]:
        """Ids of customers that are the person; another may only be to be reached by an address."""
        wanted = [one for one in MINE if one.kind in {ADDRESS, UID}]
        customers = self.world.store.all("customers")
        named = {name: [data["emails"], data["userIds"]] for name, data in customers.items()}
        return sorted(name for name, said in named.items() if residue({"c": said}, wanted))

    def join(self) -> None:
        ids = self.mine()
        if len(ids) > 1:
            pair = self.random.sample(ids, 2)
            plan, _ = self.world.runner.run(lambda tx: plan_merge(tx, *pair, allow_two_users=True))
            self.merges += [plan.merge_id] if plan.merge_id else []

    def split(self) -> None:
        if self.merges and self.random.random() < 0.5:
            merge_id = self.merges.pop()
            with suppress(Refusal):
                self.world.runner.run(lambda tx: plan_unmerge(tx, merge_id))

    def note(self) -> None:
        text = f"Serinus Canaria, +49 30 5550100, {EMAILS[0]}, {UIDS[0]}: call {self.orders}"
        customer_id = self.random.choice(self.mine())
        self.world.runner.run(partial(plan_note, customer_id=customer_id, text=text))

    def write_fields(self) -> None:
        customer_id = self.random.choice(self.mine())
        mine = " ".join(self.world.store.all("customers")[customer_id]["emails"])
        text = f"Serinus Canaria, +49 30 5550100 {mine}"[:200]
        values = {"contact": self.random.choice([None, text, text])}
        self.world.runner.run(WriteFields(customer_id, values))

    def take_in(self, *, waits: bool = False) -> None:
        """Have a list come in, with others on it; where it waits its job has not begun."""
        rows = [f"{email},Serinus Canaria,Canaries,subscribed,{email}" for email in EMAILS]
        others = ["zoe@example.com,Zoe,,subscribed,", "bob@example.com,,,none,Bob himself"]
        text = "\n".join(["email,name,tags,status,contact", *rows, *others])
        runner, queue = self.world.runner, self.world.queue
        with patch.object(record, "CHUNK", 2), patch.object(imports, "INLINE", 0 if waits else 9):
            imports.import_contacts(runner, queue.append, text, source="fair", evidence="paper")

    def let_rules_act(self) -> None:
        report = self.world.drain()
        assert not report.failed

    def decide(self) -> None:
        customer_id = self.random.choice(self.mine())
        status: Any = self.random.choice(["subscribed", "unsubscribed"])
        evidence = f"letter of Serinus Canaria, {EMAILS[0]}"
        with suppress(Refusal):
            self.world.runner.run(
                lambda tx: plan_consent(tx, f"call{self.orders}", customer_id, status, evidence)
            )

    def tag(self) -> None:
        runner = self.world.seen if self.whole else self.world.runner
        tag_customers(runner, self.mine()[:1], Change({"vip": "VIP"}))

    def erase(self) -> int:
        """Erase everything that is the person's, as staff find it."""
        done = 0
        names = [CustomerRef("email", email) for email in EMAILS] + [
            CustomerRef("userId", uid) for uid in UIDS
        ]
        self.random.shuffle(names)
        for who in names:
            try:
                erase(self.world.runner, self.world.queue.append, who, reason="asked by letter")
                self.world.work()
                done += 1
            except Refusal as refusal:
                assert refusal.reason == "no-such-customer"
        return done

    def deliver(self) -> None:
        """Everything that is late, and what comes of redacting it."""
        self.world.resync()
        self.world.resync()


def shop() -> Ruled:
    """A shop with own fields, and rules that act on nearly everybody."""
    world = Ruled(settings={"fields": FIELDS})
    world.save(when={"enters": "order_count >= 2"}, then={"addTags": ["Regular"]})
    world.save(name="Again", when={"enters": "tag:vip"}, then={"addTags": ["Again"]})
    return world


def dump(world: World, logs: str = "") -> dict[str, object]:
    kept = {path: one.data for path, one in world.store._kept.items()}
    return {**kept, "accounts": dict(world.accounts.of), "logs": logs}


def met_again(world: World, ids: Collection[str]) -> list[str]:
    """Return what of rules, notes and lists names some customers by their ids."""
    places = ("crmRuleRuns", "crmOutbox", "crmNotes", "crmImported")
    kept = {path: str(one.data) for path, one in world.store._kept.items()}
    return sorted(
        path
        for path, text in kept.items()
        if path.startswith(places) and any(one in text for one in ids)
    )


@pytest.mark.parametrize("share", range(10))
def test_nothing_is_left_after_any_history(share: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    met: Counter[str] = Counter()
    for seed in range(share, HISTORIES, 10):
        history = History(seed)
        history.live()
        world = history.world
        before = residue(dump(world), MINE)
        people = history.mine()
        met.update(path.split("/")[0] + " by id" for path in met_again(world, people))
        assert set(before) == set(MINE), seed
        met.update(path.split("/")[0] for places in before.values() for path in places)
        caplog.clear()
        assert history.erase() >= 1
        history.deliver()
        # An order of an address that nobody had heard of before was delivered just now.
        history.erase()
        history.deliver()
        history.let_rules_act()  # what waited for the person is let be within minutes
        left = residue(dump(world, caplog.text), MINE)
        assert left == {}, (seed, left)
        assert world.wrong() == [], seed
        others = {("bob@example.com",), ("zoe@example.com",), ()}
        assert {tuple(one["emails"]) for one in world.customers()} <= others
        assert met_again(world, people) == [], seed
    # A test that met no such data would say nothing about it.
    several = ("customers", "orders", "crmOrders", "crmIdentities", "crmConsents", "users")
    by_id = [f"{name} by id" for name in ("crmRuleRuns", "crmOutbox", "crmImported")]
    for collection in (*several, "crmSignups", "crmNotes", "crmImported", *by_id):
        assert met[collection] >= 5, (collection, met)


def test_the_sums_of_retained_orders_are_the_same() -> None:
    for seed in range(20):
        history = History(seed)
        history.live()
        world = history.world
        history.deliver()
        fields = ("status", "total", "currency", "createdAt", "items")

        def books(world: World = world, fields: tuple[str, ...] = fields) -> dict[str, Any]:
            orders = world.store.all("orders").items()
            return {name: {key: data[key] for key in fields} for name, data in orders}

        before = books()
        history.erase()
        history.deliver()
        assert books() == before


# --- The scanner itself --------------------------------------------------------------------------

CANARY = Canary(ADDRESS, "canary.0@bücher-0.example")


@pytest.mark.parametrize(
    "hidden",
    [
        "To: CANARY.0@BÜCHER-0.example, more",
        "canary.0@xn--bcher-0-n2a.example",
        "canary.0%40b%C3%BCcher-0.example",
        "canary.0@bücher-0.example".encode().hex(),
        *(
            base64.b64encode(("x" * offset + CANARY.text + "tail").encode()).decode()
            for offset in range(5)
        ),
        *(
            hashlib.new(name, CANARY.text.encode()).hexdigest()
            for name in ("md5", "sha1", "sha256")
        ),
        base64.b64encode(hashlib.sha256(CANARY.text.encode()).digest()).decode(),
        {"deep": [{CANARY.text: 1}]},
        CANARY.text.encode(),
    ],
)
def test_a_disguise_is_seen(hidden: object) -> None:
    assert residue({"place": hidden}, [CANARY])


def test_the_place_itself_is_looked_at_and_others_are_let_be() -> None:
    assert residue({f"users/{CANARY.text}": {}}, [CANARY])
    assert residue({"users/x": {"email": "canary.1@bücher-1.example"}}, [CANARY]) == {}


# --- Killed and resumed --------------------------------------------------------------------------


def a_person() -> World:
    history = History(1)
    history.live(steps=0)
    world, runner = history.world, history.world.runner
    history.buy()
    history.odd()
    history.typed_by_another()
    history.tag()
    first, second = (find_customer(runner, CustomerRef("email", e))[0] for e in EMAILS[:2])
    runner.run(lambda tx: plan_merge(tx, first, second, allow_two_users=True))
    world.work()
    runner.run(
        lambda tx: plan_consent(tx, "call", second, "subscribed", f"letter from {EMAILS[0]}")
    )
    return world


def normal(world: World) -> dict[str, str]:
    """Every document, but for random ids, times of the database and its versions."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            # Keys hold random ids (parts) too.
            items = [(NUMBERED_ID.sub("id", k), plain(v)) for k, v in value.items()]
            return sorted(items, key=repr)
        if isinstance(value, list):
            return sorted(map(plain, value), key=repr)
        if isinstance(value, datetime):
            return "now" if value.year >= 2026 else value
        if isinstance(value, int) and value > 10**15:
            return "version"
        return NUMBERED_ID.sub("id", value) if isinstance(value, str) else value

    hidden = ("crmAudit", "crmJobs")
    kept = [
        (NUMBERED_ID.sub("id", path), plain(dict(one.data)))
        for path, one in world.store._kept.items()
        if not path.startswith(hidden)
    ]
    return {str(number): repr(one) for number, one in enumerate(sorted(kept, key=repr))}


def killing(world: World, at: int) -> Callable[[], None]:
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls >= at:  # a killed process stays dead, in all its threads
            raise Killed

    return pause


def finish(world: World) -> None:
    world.store.pause = world.accounts.pause = lambda: None
    erase(
        world.runner, world.queue.append, CustomerRef("email", EMAILS[0]), reason="asked by letter"
    )
    world.work()


def test_killed_at_every_remote_call_and_then_resumed() -> None:
    clean = a_person()
    finish(clean)
    expected = normal(clean)
    assert residue(dump(clean), [MINE[0]]) == {}
    kills = 0
    for at in range(1, 1000):
        world = a_person()
        world.store.pause = world.accounts.pause = killing(world, at)
        try:
            erase(
                world.runner,
                world.queue.append,
                CustomerRef("email", EMAILS[0]),
                reason="asked by letter",
            )
        except Killed:
            kills += 1
        else:
            break
        finish(world)
        assert normal(world) == expected, at
        entries = [one["action"] for one in world.store.all("crmAudit").values()]
        assert entries.count("customer.erase") == 1
    assert kills > 60, "it was hardly ever killed"


def test_a_worker_goes_on_where_a_dead_call_left_it() -> None:
    world = a_person()
    expected = a_person()
    finish(expected)
    world.store.pause = world.accounts.pause = killing(world, 40)
    with pytest.raises(Killed):
        erase(
            world.runner,
            world.queue.append,
            CustomerRef("email", EMAILS[0]),
            reason="asked by letter",
        )
    world.store.pause = world.accounts.pause = lambda: None
    (one,) = erasures(world.runner)
    assert one.state == "running"
    world.queue.append(one.job_id)
    world.work()
    assert normal(world) == normal(expected)


def test_a_call_that_ends_an_erasure_leaves_nothing_to_the_queue() -> None:
    world = World()
    world.put_order("o1", order(EMAILS[0]))
    who = CustomerRef("email", EMAILS[0])
    answer = erase(world.runner, world.queue.append, who, reason="asked by letter")
    assert (answer["status"], world.queue) == ("done", [])


def test_a_call_without_time_leaves_the_rest_to_the_queue() -> None:
    world = a_person()
    answer = erase(
        world.runner,
        world.queue.append,
        CustomerRef("email", EMAILS[0]),
        reason="asked by letter",
        seconds=0,
    )
    assert answer["status"] == "running"
    assert world.customers() != []
    left = world.store.all("customers", lambda one: one["userIds"] != ["bob"])  # who typed it
    assert residue({"c": left}, [MINE[0]]) == {}, "nobody finds them"
    world.work()
    assert residue(dump(world), [MINE[0]]) == {}
    (one,) = erasures(world.runner)
    assert one.state == "done"
    assert erase_again(world.runner, world.queue.append, one) is False
