"""The same events in any order, any number of times, end in the same state."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.sync.told import Told
from testing.hosts import DAY, item, order, user
from testing.told import Forgetful, told
from testing.world import Accounts, World

ADDRESSES = [f"p{number}@example.com" for number in range(3)]
UIDS = ["u0", "u1", "u2"]

items = st.lists(
    st.builds(
        item,
        st.sampled_from(["devops", "k8s"]),
        eventName=st.sampled_from([None, "DevOps", "K8s"]),
        eventStartsAt=st.sampled_from([None, DAY, DAY + timedelta(days=99_999)]),
        quantity=st.integers(1, 3),
        checkedIn=st.sampled_from([None, True, 0, 1]),
    ),
    max_size=2,
)
orders = st.builds(
    order,
    st.sampled_from(ADDRESSES),
    userId=st.sampled_from([None, *UIDS]),
    name=st.sampled_from([None, "Ada", "Bob"]),
    status=st.sampled_from(["paid", "pending", "refunded", "completed"]),
    total=st.integers(0, 100_000).map(lambda minor: f"{minor // 100}.{minor % 100:02d}"),
    currency=st.sampled_from(["USD", "EUR"]),
    createdAt=st.integers(0, 5).map(lambda day: DAY + timedelta(days=day)),
    marketingOptIn=st.booleans(),
    items=items,
)
users = st.builds(
    lambda number, claims, name: (
        f"u{number}",
        user(claims or f"p{number}@example.com", name=name),
    ),
    st.integers(0, 2),
    st.sampled_from([None, *ADDRESSES]),
    st.sampled_from([None, "Ann", "Ben"]),
)
Event = tuple[str, str, dict[str, Any] | None]
lives = st.lists(
    st.one_of(
        st.tuples(st.just("orders"), st.sampled_from(["o0", "o1", "o2", "o3"]), orders),
        st.tuples(st.just("orders"), st.sampled_from(["o0", "o1", "o2", "o3"]), st.none()),
        users.map(lambda pair: ("users", *pair)),
    ),
    min_size=2,
    max_size=12,
)


class Standings(NamedTuple):
    """What Firebase Auth says of the uids: "verified", "unverified", "visitor" or "gone"."""

    u0: str
    u1: str
    u2: str

    def tell(self, accounts: Accounts) -> None:
        said = self._asdict()
        accounts.of = {
            uid: f"p{uid[1]}@example.com" if word == "verified" else None
            for uid, word in said.items()
            if word in ("verified", "unverified")
        }
        accounts.anonymous = {uid for uid, word in said.items() if word == "visitor"}


words = st.sampled_from(["verified", "verified", "unverified", "visitor", "gone"])
standings = st.builds(Standings, words, words, words)
SEEN: Counter[str] = Counter()
"""What there was in the ends that were compared."""


def look(world: Any, first: Standings, then: Standings) -> None:
    """Count what is to have happened in some of them."""
    turns = {*zip(first, then, strict=True)}
    SEEN["verified later"] += ("unverified", "verified") in turns
    SEEN["deleted later"] += ("verified", "gone") in turns
    customers = world.customers()
    SEEN["contact addresses"] += any(one["contactEmail"] for one in customers)
    SEEN["proven users"] += any(one["primaryEmail"] and one["userIds"] for one in customers)
    SEEN["waiting opt-ins"] += any(one["marketing"].get("pending") for one in customers)


def outcome(world: Any) -> list[dict[str, Any]]:
    """Everything public, but for ids and times of writing."""
    hidden = {"id", "createdAt", "updatedAt", "parts", "merges"}
    shown = [
        {key: value for key, value in customer.items() if key not in hidden}
        for customer in world.customers()
    ]
    return sorted(shown, key=lambda customer: (customer["emails"], customer["userIds"]))


class Sent(NamedTuple):
    """An event: of which document, the version that is gone, and what it carries."""

    collection: str
    document_id: str
    gone: int | None
    told: Told | None

    def now(self, world: World) -> Sent:
        """The same, as if it were of the document as it is now."""
        path = f"{self.collection}/{self.document_id}"
        is_new = self.told is not None and self.told.is_new
        return self._replace(told=told(world.store, path, is_new=is_new))


def write(world: World, event: Event) -> Sent:
    """Write as the host; give the event of it."""
    collection, document_id, data = event
    path = f"{collection}/{document_id}"
    if data is None:
        return Sent(collection, document_id, world.store.delete(path), None)
    is_new = document_id not in world.store.all(collection)
    world.store.put(path, data)
    return Sent(collection, document_id, None, told(world.store, path, is_new=is_new))


def written(life: list[Event], double: bool) -> tuple[World, list[Sent]]:
    """A host that has lived already, and the events that it left behind."""
    opt_in = "double" if double else "single"
    world = World(trust="auth", settings={"newsletter": {"opt_in": opt_in}})
    return world, [write(world, event) for event in life]


class Instances:
    """Of one world, each with a memory that is out of date as often as not."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._chance = chance
        self._syncs = [
            replace(world.sync, runner=replace(world.runner, memory=Forgetful(chance, 0.5)))
            for _ in range(2)
        ]

    def deliver(self, events: list[Sent]) -> None:
        for one in events:
            sync = self._chance.choice(self._syncs)
            handler = sync.sync_order if one.collection == "orders" else sync.sync_user
            handler(one.document_id, one.gone, one.told)


@settings(max_examples=200)
@given(lives, standings, standings, st.booleans(), st.randoms(use_true_random=False))
def any_order(
    life: list[Event], first: Standings, then: Standings, double: bool, shuffle: random.Random
) -> None:
    straight, events = written(life, double)
    mixed, _ = written(life, double)
    # Nobody looked while versions came and went, or consent in one of them would have stayed.
    events = [event.now(straight) for event in events]
    instances = Instances(straight, random.Random(0)), Instances(mixed, shuffle)
    for said in (first, then):
        for world in (straight, mixed):
            said.tell(world.accounts)
        instances[0].deliver(events)
        some = [*events, *shuffle.choices(events, k=len(events))]
        shuffle.shuffle(some)
        instances[1].deliver(some)
        assert straight.wrong() == []
        assert outcome(mixed) == outcome(straight)
    assert mixed.resync() is False
    look(mixed, first, then)


def test_any_order_and_any_number_of_deliveries_end_the_same() -> None:
    """Whatever Firebase Auth says of the users, and says later."""
    SEEN.clear()
    any_order()
    assert len(SEEN) == 5
    assert min(SEEN.values()) > 5, SEEN


@settings(max_examples=120)
@given(lives, st.randoms(use_true_random=False))
def test_events_that_lag_behind_their_documents_end_right(
    life: list[Event], shuffle: random.Random
) -> None:
    """Deliveries between the writes, late and twice: whatever history that makes, it adds up."""
    world = World(trust="auth")
    world.verified = {"u2": None}
    instances = Instances(world, shuffle)
    waiting: list[Sent] = []
    for event in life:
        waiting.append(write(world, event))
        shuffle.shuffle(waiting)
        while waiting and shuffle.random() < 0.5:
            instances.deliver([waiting.pop()] * shuffle.choice([1, 1, 2]))
    instances.deliver(waiting)
    assert world.wrong() == []
    assert world.resync() is False
