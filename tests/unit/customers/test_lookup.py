from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Conflict, Refusal
from crm.core.json import jsonable
from crm.customers.lookup import find_by_order, find_customer, get_customer
from crm.customers.orders import MAX_ODD_ITEMS_SHOWN, list_orders
from crm.customers.reference import CustomerRef
from crm.db.documents import Path, Query, Snapshot
from crm.db.paging import PAGE_BYTES, Pager, PageTokens
from crm.db.retry import RetryPolicy
from crm.merging.merge import plan_merge
from testing.hosts import item, order, user
from testing.memory import MemoryStore
from testing.world import KEYS, World
from tests.support.large import large_order

AT_ONCE = RetryPolicy(sleep=lambda _: None)
TOKENS = PageTokens(b"a secret for tests only")


def found(world: World, kind: Any, value: str) -> str:
    return find_customer(world.runner, CustomerRef(kind, value), AT_ONCE)[0]


def got(world: World, customer_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = get_customer(
        world.runner, CustomerRef("customerId", customer_id), AT_ONCE
    )
    return answer


def page(
    world: World, customer_id: str, size: int = 50, token: str | None = None, caller: str = "me"
) -> Any:
    return list_orders(world.runner, Pager(TOKENS, caller, size, token, AT_ONCE), customer_id)


def refusal(world: World, kind: Any, value: str) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        found(world, kind, value)
    return refused.value.code, refused.value.reason


# Finding


def test_a_customer_is_found_by_id_address_and_uid() -> None:
    world = World()
    world.put_user("u1", user("ada@example.com"))
    world.put_order("o1", order("ada@example.com"))
    customer_id = world.the_customer()["id"]
    for kind, value in [
        ("customerId", customer_id),
        ("email", "ada@example.com"),
        ("email", " ADA@Example.COM "),
        ("userId", "u1"),
    ]:
        assert found(world, kind, value) == customer_id


def test_an_address_that_is_no_address_is_an_invalid_argument() -> None:
    world = World()
    assert refusal(world, "email", "") == ("invalid-argument", "email-missing")
    for text in ["ada", "a@@x.com", "Ada <ada@example.com>", "x" * 5000]:
        assert refusal(world, "email", text) == ("invalid-argument", "email-invalid")
    assert world.store.reads == 0


@pytest.mark.parametrize(
    ("kind", "value"), [("customerId", "none"), ("email", "no@example.com"), ("userId", "none")]
)
def test_who_is_not_there_is_not_found(kind: str, value: str) -> None:
    world = World()
    world.put_order("o1", order())
    assert refusal(world, kind, value) == ("not-found", "no-such-customer")


def test_a_claimed_address_is_said_to_be_unproven() -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_user("u1", user("ada@example.com"))
    expected = ("failed-precondition", "address-unproven")
    assert refusal(world, "email", "ada@example.com") == expected


def test_a_user_whose_customer_has_gone_is_not_found() -> None:
    world = World()
    world.put_user("u1", user())
    world.delete_user("u1")
    assert refusal(world, "userId", "u1") == ("not-found", "no-such-customer")


def merged() -> tuple[World, str, str]:
    """A guest who then registers: two customers become one."""
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_order("o1", order("ada@example.com"))
    world.put_user("u1", user("ada@example.com"))
    guest, registered = world.with_email("ada@example.com")["id"], world.with_uid("u1")["id"]
    world.verified["u1"] = "ada@example.com"
    world.sync.sync_user("u1")
    return world, guest, registered


def test_an_id_that_was_merged_away_leads_to_the_survivor() -> None:
    world, guest, registered = merged()
    assert guest != registered
    assert found(world, "customerId", guest) == found(world, "customerId", registered)
    assert [one["orderId"] for one in page(world, guest)["orders"]] == ["o1"]


class TornStore(MemoryStore):
    """Answers what a test says for the first readings, as a merge in between would make it."""

    def __init__(self, inner: MemoryStore) -> None:
        super().__init__()
        self.inner = inner
        self.hidden: list[set[Path]] = []
        self.readings: list[list[Path]] = []

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        paths = list(paths)
        self.readings.append(paths)
        hidden = self.hidden.pop(0) if self.hidden else set()
        return {
            path: Snapshot(path, None, 0) if path in hidden else snapshot
            for path, snapshot in self.inner.read(paths).items()
        }

    def find(self, query: Query) -> list[Snapshot]:
        return self.inner.find(query)


def test_a_reading_torn_by_a_merge_is_taken_again() -> None:
    world, guest, registered = merged()
    survivor = found(world, "customerId", registered)
    torn = TornStore(world.store)
    runner = replace(world.runner, store=torn)
    for hidden, who in [
        ([{f"customers/{guest}", f"crmLinks/{guest}"}], CustomerRef("customerId", guest)),
        ([set(), {f"customers/{survivor}"}], CustomerRef("customerId", guest)),
        ([set(), {f"customers/{survivor}"}], CustomerRef("userId", "u1")),
        ([set(), {f"customers/{survivor}"}], CustomerRef("email", "ada@example.com")),
    ]:
        torn.hidden = list(hidden)
        assert find_customer(runner, who, AT_ONCE)[0] == survivor
        assert torn.hidden == []


@pytest.mark.parametrize(("torn", "looked"), [(0, 1), (1, 2), (2, 2)])
def test_an_order_whose_readings_a_merge_has_torn_is_looked_up_once_more(
    torn: int, looked: int
) -> None:
    """Where it leads nowhere after that, a row is damaged: looking again would never end."""
    world = World()
    world.put_order("o1", order())
    customer = f"customers/{world.the_customer()['id']}"
    store = TornStore(world.store)
    store.hidden = [set(), set(), {customer}] * torn
    buyer = find_by_order(replace(world.runner, store=store), "o1", AT_ONCE)
    assert (buyer is not None and buyer.path == customer) is (torn < looked)
    assert store.readings.count([customer]) == looked


def test_an_id_is_looked_up_in_one_round_trip_and_one_merged_away_in_two() -> None:
    world, guest, registered = merged()
    survivor = found(world, "customerId", registered)
    for one, readings in (
        (survivor, [[f"customers/{survivor}", f"crmLinks/{survivor}"]]),
        (guest, [[f"customers/{guest}", f"crmLinks/{guest}"], [f"customers/{survivor}"]]),
    ):
        store = TornStore(world.store)
        find_customer(replace(world.runner, store=store), CustomerRef("customerId", one))
        assert store.readings == readings


def test_an_identity_that_points_at_a_part_that_has_moved_is_read_again() -> None:
    world, _, _ = merged()
    customer_id = found(world, "userId", "u1")
    document = world.store.all("customers")[customer_id]
    world.store.put(f"customers/{customer_id}", {**document, "parts": {}})
    with pytest.raises(Conflict):
        find_customer(
            world.runner,
            CustomerRef("userId", "u1"),
            RetryPolicy(seconds=0, sleep=lambda _: None),
        )


# The customer in an answer


def test_an_answer_is_the_document_with_its_id_and_without_internal_fields() -> None:
    world = World()
    world.put_order("o1", order(userId=None))
    customer_id = world.the_customer()["id"]
    document = world.store.all("customers")[customer_id]
    for name in ("confirmFrom", "facets", "nextStartAt", "parts", "merges", "search"):
        del document[name]
    assert got(world, customer_id) == {
        "customer": {"customerId": customer_id, **document},
        "matchedBy": "customerId",
        "likelySame": [],
    }


# Likely the same


def test_an_unproven_address_shows_on_both_customers() -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_order("o1", order("ada@example.com"))
    world.put_user("u1", user("ada@example.com"))
    guest, registered = world.with_email("ada@example.com")["id"], world.with_uid("u1")["id"]
    reason = {"reason": "unproven-address"}
    assert got(world, guest)["likelySame"] == [{"customerId": registered, **reason}]
    assert got(world, registered)["likelySame"] == [{"customerId": guest, **reason}]


def test_two_users_who_proved_one_address_show_as_a_conflict_on_both() -> None:
    world = World()
    world.put_user("u1", user("ada@example.com"))
    world.put_user("u2", user("ada@example.com"))
    first, second = world.with_uid("u1")["id"], world.with_uid("u2")["id"]
    reason = {"reason": "address-conflict"}
    assert got(world, first)["likelySame"] == [{"customerId": second, **reason}]
    assert got(world, second)["likelySame"] == [{"customerId": first, **reason}]


def test_several_claims_on_one_address_all_show_and_the_claimants_are_not_each_others() -> None:
    world = World(trust="auth")
    world.put_order("o1", order("ada@example.com"))
    for uid in ("u1", "u2", "u3"):
        world.verified[uid] = None
        world.put_user(uid, user("ada@example.com"))
    guest = world.with_email("ada@example.com")["id"]
    claimants = sorted(world.with_uid(uid)["id"] for uid in ("u1", "u2", "u3"))
    assert [one["customerId"] for one in got(world, guest)["likelySame"]] == claimants
    for claimant in claimants:
        assert [one["customerId"] for one in got(world, claimant)["likelySame"]] == [guest]


def test_whom_one_claims_and_who_claims_one_both_show() -> None:
    world = World(trust="auth")
    world.verified |= {"u1": None, "u2": None}
    world.put_order("o1", order("ada@example.com"))
    world.put_user("u1", user("ada@example.com"))
    world.put_order("o2", order("eve@example.com"))
    world.put_user("u2", user("eve@example.com"))
    guest, other = (world.with_email(f"{name}@example.com")["id"] for name in ("ada", "eve"))
    claimant, registered = world.with_uid("u1")["id"], world.with_uid("u2")["id"]
    world.runner.run(lambda tx: plan_merge(tx, claimant, other))
    likely = {one["customerId"] for one in got(world, other)["likelySame"]}
    assert likely == {guest, registered}


def test_after_proof_deletion_or_another_address_nobody_is_likely_the_same() -> None:
    def proven(world: World) -> None:
        world.verified["u1"] = "ada@example.com"
        world.sync.sync_user("u1")

    def deleted(world: World) -> None:
        world.delete_user("u1")

    def changed(world: World) -> None:
        world.put_user("u1", user("other@example.com"))

    for change in (proven, deleted, changed):
        world = World(trust="auth")
        world.verified["u1"] = None
        world.put_order("o1", order("ada@example.com"))
        world.put_user("u1", user("ada@example.com"))
        world.put_order("o2", order(None, userId="u1"))  # keeps the user's customer
        assert got(world, found(world, "email", "ada@example.com"))["likelySame"] != []
        change(world)
        for kind, value in [("email", "ada@example.com"), ("userId", "u1")]:
            assert got(world, found(world, kind, value))["likelySame"] == []


def test_a_pair_that_staff_took_apart_is_not_suggested_again() -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_order("o1", order("ada@example.com"))
    world.put_user("u1", user("ada@example.com"))
    path = f"crmIdentities/{KEYS.user('u1')}"
    row = world.store.read([path])[path].fields
    world.store.put(path, {**row, "keepApart": [row["claimed"]]})
    for kind, value in [("email", "ada@example.com"), ("userId", "u1")]:
        assert got(world, found(world, kind, value))["likelySame"] == []


def test_strangers_are_not_likely_the_same() -> None:
    world = World(trust="auth")
    world.verified |= {"u1": None, "u2": "b@example.com"}
    world.put_user("u1", user("a@example.com"))
    world.put_user("u2", user("b@example.com"))
    world.put_order("o1", order("c@example.com"))
    for customer in world.customers():
        assert got(world, customer["id"])["likelySame"] == []


# Orders


def test_an_order_is_answered_as_the_contract_says() -> None:
    world = World()
    world.put_order("o1", order(status="partially_refunded", refunded="9.90"))
    (answered,) = page(world, world.the_customer()["id"])["orders"]
    assert answered == {
        "orderId": "o1",
        "status": "partially_refunded",
        "currency": "USD",
        "total": 4990,
        "refunded": 990,
        "net": 4000,
        "counted": True,
        "createdAt": order()["createdAt"],
        "eventIds": ["devops-2024"],
    }


def test_orders_that_do_not_count_are_listed_and_deleted_or_unreadable_ones_are_not() -> None:
    world = World()
    for number, status in enumerate(["paid", "pending", "refunded"]):
        world.put_order(f"o{number}", order(status=status, day=number))
    world.put_order("gone", order())
    world.delete_order("gone")
    world.put_order("odd", order())
    world.put_order("odd", order(total="a lot"))
    listed = page(world, world.the_customer()["id"])["orders"]
    assert [(one["orderId"], one["counted"]) for one in listed] == [
        ("o2", False),
        ("o1", False),
        ("o0", True),
    ]


def test_items_that_could_not_be_counted_are_listed() -> None:
    world = World()
    world.put_order("o1", order(items=[item(), {"quantity": 2}, item(quantity=-1)]))
    (answered,) = page(world, world.the_customer()["id"])["orders"]
    assert answered["oddItems"] == [
        {"index": 1, "reason": "event-missing"},
        {"index": 2, "reason": "quantity-invalid"},
    ]
    assert answered["oddCount"] == 2


def test_events_that_found_no_room_are_odd_and_all_of_them_are_counted() -> None:
    world = World()
    for number in range(3):
        events = [item(f"e{number}-{n:04}") for n in range(1000)]
        world.put_order(f"o{number}", order(items=[*events, "x"], day=number))
    newest, *others = page(world, world.the_customer()["id"])["orders"]
    assert len(newest["oddItems"]) == MAX_ODD_ITEMS_SHOWN
    assert newest["oddItems"][0] == {"index": 1000, "reason": "item-invalid"}
    assert newest["oddItems"][1] == {"eventId": "e2-0500", "reason": "customer-full"}
    assert newest["oddCount"] == 501
    assert [one["oddCount"] for one in others] == [1, 1]


def test_pages_partition_the_orders_newest_first_also_where_times_are_equal() -> None:
    world = World()
    days = [0, 3, 1, 3, 3, 2, 0, 3, 1, 3]
    for number, day in enumerate(days):
        world.put_order(f"o{number}", order(day=day))
    customer_id = world.the_customer()["id"]
    expected = [
        order_id
        for _, order_id in sorted(((day, f"o{n}") for n, day in enumerate(days)), reverse=True)
    ]
    for size in (1, 2, 3, 5, 9, 10, 11):
        seen, token = [], None
        while True:
            answer = page(world, customer_id, size, token)
            assert len(answer["orders"]) <= size
            seen += [one["orderId"] for one in answer["orders"]]
            token = answer["nextPageToken"]
            if token is None:
                break
        assert seen == expected


def test_a_page_of_large_orders_ends_by_their_bytes() -> None:
    world = World()
    world.put_order("o000", large_order("ada@example.com"))
    (row,) = world.store.all("crmOrders").values()
    for number in range(1, 60):
        world.store.put(f"crmOrders/o{number:03}", row)  # what its customer says is not looked at
    (customer_id,) = world.store.all("customers")
    answers = []
    token: str | None = None
    while True:
        answers.append(page(world, customer_id, 200, token))
        token = answers[-1]["nextPageToken"]
        if token is None:
            break
    found = [one["orderId"] for answer in answers for one in answer["orders"]]
    assert found == [f"o{number:03}" for number in reversed(range(60))]
    assert 1 < len(answers) < 10
    assert max(len(json.dumps(jsonable(one))) for one in answers) < PAGE_BYTES


def test_orders_of_all_identities_of_a_customer_are_one_list() -> None:
    world = World()
    world.put_user("u1", user("ada@example.com"))
    world.put_order("guest", order("ada@example.com", day=1))
    world.put_order("signed-in", order("typed@example.com", userId="u1", day=2))
    listed = page(world, found(world, "userId", "u1"))["orders"]
    assert [one["orderId"] for one in listed] == ["signed-in", "guest"]


def test_a_page_token_is_refused_before_anything_is_read() -> None:
    world = World()
    for number in range(3):
        world.put_order(f"o{number}", order())
    world.put_order("other", order("bob@example.com"))
    customer_id = world.with_email("ada@example.com")["id"]
    token = page(world, customer_id, 1)["nextPageToken"]
    before = world.store.reads
    other_id = world.with_email("bob@example.com")["id"]
    for arguments in [
        (customer_id, 1, token, "somebody else"),
        (other_id, 1, token, "me"),
        (customer_id, 1, f"{token}x", "me"),
        (customer_id, 1, "", "me"),
    ]:
        with pytest.raises(Refusal) as refused:
            page(world, *arguments)
        assert (refused.value.code, refused.value.reason) == ("invalid-argument", "page-token")
    assert world.store.reads == before
    assert page(world, customer_id, 50, token)["nextPageToken"] is None


def test_orders_of_nobody_are_not_found() -> None:
    with pytest.raises(Refusal) as refused:
        page(World(), "nobody")
    assert (refused.value.code, refused.value.reason) == ("not-found", "no-such-customer")
