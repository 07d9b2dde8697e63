"""An instance plans from what it remembers; nothing that is out of date ever decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench.bill import Bill, Counting
from crm.core.errors import Conflict
from crm.db.documents import Delete, Set, Snapshot, Update, Write
from crm.db.memory import Memory, size_of
from crm.db.runner import Hints
from crm.db.transaction import Plan, Transaction
from crm.sync.order_plan import plan_order
from crm.sync.sync import Sync
from crm.sync.told import Told
from testing.hosts import order, user
from testing.told import held, told
from testing.world import World

ADA, BOB = "ada@example.com", "bob@example.com"


class Instance:
    """One instance of the functions, and the bill of what it asks the database for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.memory = Memory()
        self.bill = Bill()
        self.runner = replace(
            world.runner, store=Counting(world.store, self.bill), memory=self.memory
        )
        self.sync = Sync(self.runner, catalogue=world.sync.catalogue)

    def gets(self, order_id: str, data: dict[str, Any] | None = None, **more: Any) -> bool:
        """Deliver the event of an order, which the host writes now if it is given."""
        path = f"orders/{order_id}"
        is_new = order_id not in self.world.store.all("orders")
        if data is not None:
            self.world.store.put(path, data)
        self.bill.clear()
        event = told(self.world.store, path, is_new=more.get("is_new", is_new))
        return self.sync.sync_order(order_id, None, event)

    @property
    def billed(self) -> tuple[int, int, int]:
        """Reads, writes and round trips since the last event came."""
        return self.bill.reads, self.bill.writes, self.bill.trips


@pytest.fixture
def world() -> World:
    made = World(trust="auth")
    made.put_order("first", order(ADA, items=[]))
    return made


@pytest.fixture
def one(world: World) -> Instance:
    return Instance(world)


@pytest.fixture
def other(world: World) -> Instance:
    return Instance(world)


def test_an_order_of_somebody_whom_the_instance_meets_first(one: Instance) -> None:
    assert one.gets("new", order(ADA, items=[]))
    assert one.billed == (2, 2, 3)  # the identity, the customer, the commit


def test_what_comes_next_of_that_order_or_that_customer_is_one_commit(one: Instance) -> None:
    one.gets("new", order(ADA, items=[]))
    for order_id, data in (("new", order(ADA, total=7, items=[])), ("more", order(ADA, items=[]))):
        assert one.gets(order_id, data)
        assert one.billed == (0, 2, 1)
    assert one.world.with_email(ADA)["orderCount"] == 3
    assert one.world.wrong() == []


def test_so_is_an_order_of_a_user_with_the_address_that_was_proven(one: Instance) -> None:
    one.world.verified = {"u1": ADA}
    one.world.put_user("u1", user(ADA))
    one.gets("new", order(ADA, userId="u1", items=[]))
    assert one.billed == (3, 2, 3)
    one.gets("more", order(ADA, userId="u1", items=[]))
    assert one.billed == (0, 2, 1)
    assert one.world.wrong() == []


@pytest.mark.parametrize(("met", "reads"), [(True, 2), (False, 4)])
def test_an_event_that_comes_twice_costs_no_more_than_it_did(
    one: Instance, met: bool, reads: int
) -> None:
    instance = one if met else Instance(one.world)
    one.gets("new", order(ADA, items=[]))
    assert instance.gets("new", is_new=True) is False
    assert instance.billed[:2] == (reads, 0)


def test_a_deletion_is_read(one: Instance) -> None:
    one.gets("new", order(ADA, items=[]))
    gone = one.world.store.delete("orders/new")
    one.bill.clear()
    assert one.sync.sync_order("new", gone, Told(order(ADA)))
    assert one.bill.writes == 2
    assert one.world.with_email(ADA)["orderCount"] == 1
    assert one.world.wrong() == []


def test_whoever_asks_for_the_order_as_it_is_now_is_given_no_memory(one: Instance) -> None:
    one.gets("new", order(ADA, items=[]))
    one.world.store.put("orders/new", order(ADA, total=9, items=[]))
    one.bill.clear()
    assert one.sync.sync_order("new")
    assert one.bill.reads == 4


def test_two_instances_pay_for_each_other_with_readings_and_never_with_sums(
    one: Instance, other: Instance
) -> None:
    for number in range(4):
        for instance in (one, other):
            instance.gets(f"{number}-{id(instance)}", order(ADA, items=[]))
            assert instance.bill.reads <= 4
    assert one.world.with_email(ADA)["orderCount"] == 9
    assert one.world.wrong() == []


def test_an_older_version_that_comes_late_changes_nothing(one: Instance, other: Instance) -> None:
    one.world.store.put("orders/o", order(ADA, status="paid", items=[]))
    old = told(one.world.store, "orders/o", is_new=True)
    one.world.store.put("orders/o", order(ADA, status="refunded", items=[]))
    for instance in (one, other):
        instance.gets("o")
        for event in (old, replace(old, is_new=False) if old else None):
            assert instance.sync.sync_order("o", None, event) is False
    assert one.world.with_email(ADA)["orderCount"] == 1
    assert one.world.wrong() == []


def test_an_event_of_creation_that_is_none_makes_no_second_row(
    one: Instance, other: Instance
) -> None:
    one.gets("o", order(ADA, items=[]))
    assert other.gets("o", order(BOB, items=[]), is_new=True)
    assert one.world.with_email(ADA)["orderCount"] == 1
    assert one.world.wrong() == []


# Each of these changes something that a plan relies on and does not write, and leaves an instance
# with the old word of it beside the newest customer.


def test_an_order_follows_an_address_that_was_handed_over(one: Instance, world: World) -> None:
    world.verified = {"u1": ADA}
    world.put_user("u1", user(ADA))
    one.gets("guest", order(ADA, items=[]))  # remembers whose the address is
    world.verified = {"u1": BOB, "u2": ADA}
    world.put_user("u1", user(BOB))  # Ada's address stays, as an alias
    world.put_user("u2", user(ADA))  # until somebody else proves it
    one.gets("mine", order(BOB, userId="u1", items=[]))  # now the customer is the newest
    one.gets("late", order(ADA, items=[]))
    assert world.with_uid("u2")["orderCount"] == 1
    assert world.wrong() == []


def test_an_order_follows_a_visitor_who_has_signed_up(one: Instance, world: World) -> None:
    world.accounts.anonymous.add("u1")
    world.put_user("u1", user(None))
    one.gets("asguest", order(ADA, userId="u1", items=[]))
    world.accounts.anonymous.clear()
    world.verified = {"u1": None}
    world.put_user("u1", user(None, name="Ada"))
    one.gets("other", order(ADA, items=[]))
    one.gets("late", order(ADA, userId="u1", items=[]))
    assert world.with_uid("u1")["orderCount"] == 2
    assert world.wrong() == []


def test_an_order_of_a_user_hears_of_the_erasure_of_the_address_that_it_types(
    one: Instance, world: World
) -> None:
    from crm.customers.reference import CustomerRef
    from crm.privacy.erasure.erase import erase

    world.verified = {"u1": BOB}
    world.put_user("u1", user(BOB))
    late = order(ADA, userId="u1", items=[])
    world.store.put("orders/late", late)  # before the erasure
    world.put_order("mine", order(ADA, userId="u1", items=[]))
    one.gets("mine", order(ADA, userId="u1", total=3, items=[]))
    erase(world.runner, world.queue.append, CustomerRef("email", ADA), reason="asked for")
    world.work()
    one.gets("again", order(BOB, userId="u1", items=[]))
    one.gets("late", is_new=True)
    assert ADA not in str(world.store.all("orders")["late"])
    assert ADA not in str(world.store.all("customers"))


@pytest.mark.parametrize(
    ("order_id", "data", "written", "guarded"),
    [
        # A customer guards the identities whose orders it takes.
        ("new", order(ADA), "row, Ada's customer", "Ada's address"),
        ("new", order(BOB, userId="u1"), "row, Bob's customer", "Bob's uid, Bob's address"),
        ("o", order(ADA, total=3), "row, Ada's customer", "Ada's address"),
        # An order that moves writes both.
        ("o", order(BOB), "row, Ada's customer, Bob's customer", "Ada's address, Bob's address"),
        # Bob's customer knows nothing of what becomes of Ada's address: that is read,
        ("new", order(ADA, userId="u1"), "row, Bob's customer", "Bob's uid"),
        # but where the order leaves Ada's customer, that one does.
        ("o", order(ADA, userId="u1"), "row, Ada's customer, Bob's customer",
         "Ada's address, Bob's uid"),
        # Nobody's, in quarantine: whose it would be is read.
        ("new", order(ADA, status="unheard of", odd=True), "row, Ada's address", ""),
        # Nothing has changed but the version: whether it is still theirs is read.
        ("o", order(ADA, note="x"), "row", ""),
        # Who is not known by that uid yet is looked for each time; so is whose the address is.
        ("new", order(ADA, userId="u9"), "row, Ada's customer", "Ada's address"),
    ],
)  # fmt: skip
def test_what_is_planned_from_memory_is_written_or_guarded(
    one: Instance, world: World, order_id: str, data: dict[str, Any], written: str, guarded: str
) -> None:
    """Whatever else a plan relies on is read before its commit."""
    world.verified = {"u1": BOB}
    world.put_user("u1", user(BOB))
    one.gets("o", order(ADA))
    one.gets("p", order(BOB, userId="u1"))
    customers = {
        f"customers/{world.with_email(address)['id']}": f"{name}'s customer"
        for name, address in (("Ada", ADA), ("Bob", BOB))
    }
    world.store.put(f"orders/{order_id}", data)
    event = told(world.store, f"orders/{order_id}", is_new=order_id == "new")
    assert event is not None
    given, row = event.reading(f"orders/{order_id}"), event.supposed(f"crmOrders/{order_id}")
    hints = Hints(given=given, supposed=row, recall=True)
    plan, tx = one.runner.run(lambda tx: plan_order(tx, order_id, None), hints)
    keys = world.runner.keys
    names = {
        f"crmOrders/{order_id}": "row",
        f"crmIdentities/{keys.address(ADA)}": "Ada's address",
        f"crmIdentities/{keys.address(BOB)}": "Bob's address",
        f"crmIdentities/{keys.user('u1')}": "Bob's uid",
        **customers,
    }
    changed = {write.path for write in plan.writes}
    assert {names[path] for path in tx.recalled & changed} == set(written.split(", "))
    assert {names[path] for path in tx.recalled - changed} == set(filter(None, guarded.split(", ")))
    assert world.wrong() == []


def test_what_is_remembered_is_what_is_there(one: Instance, other: Instance) -> None:
    """After a commit an instance remembers what a reading would have found, to the last field."""
    one.world.verified = {"u1": BOB}
    for number, data in enumerate(
        [order(ADA), order(BOB, userId="u1"), order(ADA, total=1), order("cyd@example.com", day=3)]
    ):
        one.gets(f"o{number}", data)
        one.gets("o0", order(BOB, day=number))
        for path, snapshot in held(one.memory).items():
            assert one.world.store.read([path])[path] == snapshot


def test_other_plans_of_the_instance_make_it_forget_what_they_write(one: Instance) -> None:
    one.gets("new", order(ADA, items=[]))
    (customer,) = [path for path in held(one.memory) if path.startswith("customers/")]
    found = one.world.store.read([customer])[customer]

    one.runner.run(lambda tx: Plan([Update(customer, {"tags": ["x"]}, found.version)], None))
    assert customer not in held(one.memory)


# The memory itself.


def snapshot(path: str, version: int, **fields: Any) -> Snapshot:
    return Snapshot(path, fields, version)


def test_of_two_snapshots_the_newer_one_is_kept() -> None:
    memory = Memory()
    memory.keep([snapshot("a/b", 2, x=2), snapshot("a/b", 1, x=1)])
    found = memory.get("a/b")
    assert found is not None
    assert found.version == 2
    memory.keep([Snapshot("a/b", None, 3)])
    assert memory.get("a/b") is None


def test_a_memory_is_bounded_by_age_and_by_bytes() -> None:
    now = [0.0]
    memory = Memory(most=3_000, age=10, clock=lambda: now[0])
    memory.keep([snapshot("a/b", 1)])
    now[0] = 9.9
    assert memory.get("a/b") is not None
    now[0] = 10.1
    assert memory.get("a/b") is None, "used or not, an erased person is nowhere for longer"
    memory.keep(snapshot(f"a/{n}", 1, text="x" * 1_000) for n in range(5))
    assert [memory.get(f"a/{n}") is not None for n in range(5)] == [False, False, False, True, True]
    memory.keep([snapshot("a/large", 1, text="x" * 4_000)])
    assert memory.get("a/large") is None


def test_sizes_are_about_what_python_takes() -> None:
    import sys

    def taken(value: Any) -> int:
        inner = 0
        if isinstance(value, dict):
            inner = sum(taken(key) + taken(one) for key, one in value.items())
        elif isinstance(value, list):
            inner = sum(map(taken, value))
        return sys.getsizeof(value) + inner

    world = World()
    for number in range(40):
        world.put_order(f"o{number}", order(ADA, day=number))
    customer = world.the_customer()
    assert taken(customer) / 2 < size_of(customer) < 2 * taken(customer)


def test_only_writes_under_a_precondition_guard(world: World) -> None:
    tx = world.runner.begin()
    tx.recall = lambda path: Snapshot(path, {}, 1)
    tx.documents(["a/set", "a/deleted", "a/guarded", "a/by-set", "a/updated", "a/gone"])
    tx.guard("a/guarded", by="a/updated")
    tx.guard("a/by-set", by="a/set")
    writes: list[Write] = [
        Set("a/set", {}),
        Delete("a/deleted"),
        Update("a/updated", {}, 1),
        Delete("a/gone", 1),
    ]
    assert tx.unguarded(writes) == ["a/by-set", "a/deleted", "a/set"]
    assert len(tx.unguarded([])) == 6


def test_a_plan_that_cannot_be_made_of_what_is_remembered_is_made_of_readings(
    world: World,
) -> None:
    runner = replace(world.runner, memory=Memory())
    assert runner.memory is not None
    runner.memory.keep([snapshot("customers/c", 1, old=True)])
    world.store.put("customers/c", {"old": False})
    waits: list[float] = []
    runner = replace(runner, retry=replace(runner.retry, sleep=waits.append))

    def plan(tx: Transaction) -> Plan[None]:
        if tx.document("customers/c").fields["old"]:
            raise Conflict("a part has moved")
        return Plan([], None)

    runner.run(plan, Hints(recall=True))
    assert waits == [], "at once"
