"""The same events in any order, any number of times, end in the same state."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from testing.hosts import DAY, item, order, user
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


def written(life: list[Event], double: bool) -> tuple[World, list[tuple[str, str, int | None]]]:
    """A host that has lived already, and the events that it left behind."""
    opt_in = "double" if double else "single"
    world = World(trust="auth", settings={"newsletter": {"opt_in": opt_in}})
    events = []
    for collection, document_id, data in life:
        gone = None
        if data is None:
            gone = world.store.delete(f"{collection}/{document_id}")
        else:
            world.store.put(f"{collection}/{document_id}", data)
        events.append((collection, document_id, gone))
    return world, events


def deliver(world: World, events: list[tuple[str, str, int | None]]) -> None:
    for collection, document_id, gone in events:
        handler = world.sync.sync_order if collection == "orders" else world.sync.sync_user
        handler(document_id, gone)


@settings(max_examples=200)
@given(lives, standings, standings, st.booleans(), st.randoms(use_true_random=False))
def any_order(
    life: list[Event], first: Standings, then: Standings, double: bool, shuffle: random.Random
) -> None:
    straight, events = written(life, double)
    mixed, _ = written(life, double)
    for said in (first, then):
        for world in (straight, mixed):
            said.tell(world.accounts)
        deliver(straight, events)
        some = [*events, *shuffle.choices(events, k=len(events))]
        shuffle.shuffle(some)
        deliver(mixed, some)
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
    waiting: list[tuple[str, str, int | None]] = []
    for collection, document_id, data in life:
        gone = None
        if data is None:
            gone = world.store.delete(f"{collection}/{document_id}")
        else:
            world.store.put(f"{collection}/{document_id}", data)
        waiting.append((collection, document_id, gone))
        shuffle.shuffle(waiting)
        while waiting and shuffle.random() < 0.5:
            event = waiting.pop()
            deliver(world, [event] * shuffle.choice([1, 1, 2]))
    deliver(world, waiting)
    assert world.wrong() == []
    assert world.resync() is False
