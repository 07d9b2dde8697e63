"""What is kept of an order, whole: its row of the ledger, its part, and its place in quarantine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Conflict
from crm.customers.customer import Customer
from crm.customers.decision import UNSUBSCRIBED, Decision
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.ledger import Contribution, LedgerEntry
from crm.customers.part import Contact, Part
from crm.customers.reference import CustomerRef
from crm.db.documents import Version, read_one
from crm.host import reader
from crm.privacy.erasure.erase import erase
from crm.sync.order_plan import plan_order
from crm.sync.quarantine import retry_quarantine
from testing.hosts import DAY, item, order, user
from testing.world import KEYS, World
from tests.unit.merging.test_races import meanwhile

ADA, BOB, NEW = (KEYS.address(f"{name}@example.com") for name in ("ada", "bob", "new"))
U1, U2, U9 = (KEYS.user(uid) for uid in ("u1", "u2", "u9"))


def auth() -> World:
    """Firebase Auth says whose an address is: u1 has proven Ada's, u2 none."""
    made = World(trust="auth")
    made.verified = {"u1": "ada@example.com", "u2": None}
    return made


@pytest.fixture
def world() -> World:
    return auth()


def row(world: World, name: str = "o1") -> LedgerEntry:
    return LedgerEntry.from_data(world.store.all("crmOrders")[name])


def address(world: World, key: str = ADA) -> AddressIdentity:
    return AddressIdentity.from_data(world.store.all("crmIdentities")[key])


def person(world: World, key: str = U1) -> UserIdentity:
    return UserIdentity.from_data(world.store.all("crmIdentities")[key])


def part(world: World, identity: AddressIdentity | UserIdentity) -> Part:
    assert identity.customer_id is not None
    assert identity.part_id is not None
    data = world.store.all("customers")[identity.customer_id]
    return Customer.from_data(identity.customer_id, data).parts[identity.part_id]


def version(world: World, path: str = "orders/o1") -> Version:
    return read_one(world.store, path).version


def contribution(world: World, data: dict[str, Any], **changed: Any) -> Contribution:
    settings = world.runner.settings
    made = Contribution.of(reader.read_order(data, DAY, settings), settings.time_zone)
    return replace(made, **changed)


def waiting(world: World) -> list[dict[str, Any]]:
    found = world.store.all("crmQuarantine")
    return [{"id": name, **found[name]} for name in sorted(found)]


def listed(world: World, collection: str, name: str, reason: str) -> list[dict[str, Any]]:
    """The list of one document, which was listed by the last commit."""
    at = read_one(world.store, f"crmQuarantine/{KEYS.quarantine(collection, name)}").fields["at"]
    return [
        {
            "id": KEYS.quarantine(collection, name),
            "collection": collection,
            "documentId": name,
            "reason": reason,
            "at": at,
        }
    ]


# Orders


def test_an_order_of_a_guest_is_its_addresss(world: World) -> None:
    data = order(marketingOptIn=True)
    world.put_order("o1", data)
    held = address(world)
    assert held == AddressIdentity(world.the_customer()["id"], held.part_id)
    assert row(world) == LedgerEntry(
        version(world),
        identity=ADA,
        part_id=held.part_id,
        address_key=ADA,
        contribution=contribution(world, data),
    )


def test_an_order_of_a_user_keeps_the_address_that_was_typed(world: World) -> None:
    world.put_user("u1", user())
    data = order("bob@example.com", userId="u1")
    world.put_order("o1", data)
    assert row(world) == LedgerEntry(
        version(world),
        identity=U1,
        part_id=person(world).part_id,
        address_key=BOB,
        user_key=U1,
        contribution=contribution(world, data, typed="bob@example.com"),
    )
    typed = Contact("bob@example.com", DAY, "o1")
    assert part(world, person(world)).typed == typed
    assert address(world, BOB) == AddressIdentity(contacts=(U1,))


def test_an_order_of_a_uid_that_is_not_known_waits_at_its_address(world: World) -> None:
    data = order(userId="u9")
    world.put_order("o1", data)
    assert row(world) == LedgerEntry(
        version(world),
        identity=ADA,
        part_id=address(world).part_id,
        address_key=ADA,
        user_key=U9,
        awaiting=U9,
        contribution=contribution(world, data),
    )


def test_an_order_without_an_address_waits_in_quarantine(world: World) -> None:
    world.put_order("o1", order(None, userId="u9"))
    expected = LedgerEntry(version(world), user_key=U9, awaiting=U9, quarantined="email-missing")
    assert row(world) == expected
    assert waiting(world) == listed(world, "orders", "o1", "email-missing")


def test_an_order_that_is_not_understood_keeps_whose_it_would_be(world: World) -> None:
    """By these an erasure finds it."""
    world.put_order("o1", order(userId="u9", total="much"))
    assert row(world) == LedgerEntry(
        version(world), address_key=ADA, user_key=U9, quarantined="amount-invalid"
    )
    assert waiting(world) == listed(world, "orders", "o1", "amount-invalid")
    before = waiting(world)
    world.put_order("o1", order(userId="u9", total="more"))
    assert waiting(world) == before  # for so long it has waited
    world.put_order("o1", order(userId="u9", status="odd"))
    assert waiting(world) == listed(world, "orders", "o1", "status-unknown")
    assert waiting(world)[0]["at"] > before[0]["at"]
    gone = world.store.delete("orders/o1")
    world.sync.sync_order("o1", gone)
    assert waiting(world) == []


@pytest.mark.parametrize("total", ["49.90", "much"])
def test_of_an_order_that_is_gone_a_tombstone_stays(world: World, total: str) -> None:
    world.put_order("o1", order(total=total))
    last = version(world)
    world.delete_order("o1")
    found = row(world)
    assert found == LedgerEntry(found.version, deleted=True)
    assert found.version > last
    assert ADA not in world.store.all("crmIdentities")


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize(
    ("mode", "total", "sums"),
    [
        ("pseudonymise", "49.90", True),
        ("pseudonymise", "much", False),
        ("keep", "49.90", True),
        ("keep", "much", False),
        ("delete", "49.90", False),
        ("delete", "much", False),
    ],
)
def test_of_an_erased_order_its_sums_stay(mode: str, total: str, sums: bool, seen: bool) -> None:
    """Also of one whose event comes only afterwards."""
    world = World(settings={"erasure": {"orders": mode}})
    world.put_order("other", order())
    data = order(marketingOptIn=True, total=total)
    world.store.put("orders/o1", data)
    if seen:
        world.sync.sync_order("o1")
    who = CustomerRef("email", "ada@example.com")
    erasure = erase(world.runner, world.queue.append, who, reason="by letter")["erasureId"]
    world.work()
    world.sync.sync_order("o1")
    found = row(world)
    kept = contribution(world, data, name=None, opted_in=False) if sums else None
    expected = LedgerEntry(found.version, erased=str(erasure), contribution=kept)
    assert found == replace(expected, deleted=mode == "delete")
    left = world.store.all("orders").get("o1")
    if mode == "keep":
        assert left == data
    else:
        assert (left is None) is (mode == "delete")
        assert "ada@example.com" not in str(left)
    world.resync()  # the document was written since
    assert world.resync() is False
    assert waiting(world) == []
    if mode == "delete":
        assert world.sync.sync_order("o1", found.version) is False  # the event of its deletion
        assert row(world) == found


def test_an_erased_order_that_the_host_deletes_stays_erased() -> None:
    world = World()
    world.put_order("o1", order())
    who = CustomerRef("email", "ada@example.com")
    erasure = erase(world.runner, world.queue.append, who, reason="by letter")["erasureId"]
    world.work()
    world.delete_order("o1")
    found = row(world)
    assert found == LedgerEntry(found.version, deleted=True, erased=str(erasure))


@pytest.mark.parametrize("at", range(6))
def test_an_erasure_beside_an_order_that_is_not_understood_is_not_missed(at: int) -> None:
    """The order's row names whose it would be, so it relies on that one's being there."""
    world = World()
    world.put_order("other", order())
    world.store.put("orders/o1", order(total="much"))
    who = CustomerRef("email", "ada@example.com")
    erasures: list[object] = []

    def beside() -> None:
        answer = erase(world.runner, world.queue.append, who, reason="by letter")
        world.work()
        erasures.append(answer["erasureId"])

    meanwhile(world, at, beside)
    world.sync.sync_order("o1")
    if not erasures:
        beside()
    assert row(world).erased == erasures[0]
    assert row(world).address_key is None
    assert "ada@example.com" not in str(world.store.all("orders")["o1"])


def test_what_a_new_part_of_an_address_begins_with(world: World) -> None:
    """What was known of the address while it was nobody's."""
    known = AddressIdentity(suppressed=DAY, unreachable=DAY, contacts=())
    world.store.put(f"crmIdentities/{ADA}", known.to_data())
    data = order(items=[])
    world.put_order("o1", data)
    held = address(world)
    assert held == replace(known, customer_id=held.customer_id, part_id=held.part_id)
    made = part(world, held)
    decision = Decision(UNSUBSCRIBED, DAY, "suppression")
    assert replace(made, orders=0, counted=0) == Part(
        ADA,
        0,
        address="ada@example.com",
        decision=decision,
        unreachable=DAY,
        spend=made.spend,
        first=DAY,
        last=DAY,
        name=made.name,
        name_source=made.name_source,
        days={"2024-03-01": 1},
    )


def test_an_order_brings_a_user_back_whose_customer_had_gone(world: World) -> None:
    world.put_user("u1", user())
    world.delete_user("u1")
    before = person(world)
    assert before.customer_id is None
    world.put_order("o1", order(userId="u1", items=[]))
    after = person(world)
    assert after == replace(before, customer_id=after.customer_id, part_id=after.part_id)
    made = part(world, after)
    assert (made.key, made.rank, made.uid, made.live) == (U1, 0, "u1", False)
    assert (made.user_name, made.proven, made.user_fields) == (None, None, {})
    assert row(world).part_id == after.part_id


def test_a_new_part_of_a_uid_begins_with_all_that_its_identity_knows(world: World) -> None:
    known = UserIdentity(
        uid="u1", version=1, known=True, live=True, name="Ada L.", proven=ADA, fields={"city": "B"}
    )
    world.store.put(f"crmIdentities/{U1}", known.to_data())
    world.put_order("o1", order("x@example.com", userId="u1", items=[]))
    held = person(world)
    assert held == replace(known, customer_id=held.customer_id, part_id=held.part_id)
    made = part(world, held)
    expected = Part(U1, 0, uid="u1", live=True, user_name="Ada L.", proven=ADA)
    assert replace(expected, user_fields={"city": "B"}) == Part(
        made.key,
        made.rank,
        uid=made.uid,
        live=made.live,
        user_name=made.user_name,
        proven=made.proven,
        user_fields=made.user_fields,
    )
    assert (made.address, made.by_proof, made.orders) == (None, False, 1)


def test_a_second_event_of_an_order_is_added_and_the_first_one_taken_out(world: World) -> None:
    world.put_order("o1", order(items=[item("a", quantity=2)]))
    world.put_order("o1", order(items=[item("b")], total=1))
    held = part(world, address(world))
    assert (held.orders, held.counted, [*held.events]) == (1, 1, ["b"])
    assert row(world).contribution == contribution(world, order(items=[item("b")], total=1))


@pytest.mark.parametrize(
    "data", [order(total=1), order("bob@example.com"), order(total="much"), None]
)
def test_an_order_whose_part_has_moved_is_looked_for_again(
    world: World, data: dict[str, Any] | None
) -> None:
    """One reading is no snapshot: its row can be newer than the identity it leads to."""
    world.put_order("o1", order())
    part_id = row(world).part_id
    if data is None:
        gone = world.store.delete("orders/o1")
    else:
        gone = None
        world.store.put("orders/o1", data)
    found = read_one(world.store, f"crmIdentities/{ADA}")
    torn = replace(found, data={**found.fields, "partId": "other"})
    tx = world.runner.begin([torn])
    with pytest.raises(Conflict, match=f"part {part_id} has moved"):
        world.runner.evaluate(lambda tx: plan_order(tx, "o1", gone), tx)


def test_an_order_of_a_part_that_its_customer_has_not_is_looked_for_again(world: World) -> None:
    world.put_order("o1", order())
    world.store.put("orders/o1", order(total=1))
    customer = world.the_customer()["id"]
    found = read_one(world.store, f"customers/{customer}")
    torn = replace(found, data={**found.fields, "parts": {}})
    tx = world.runner.begin([torn])
    with pytest.raises(Conflict, match=f"part {row(world).part_id} has moved"):
        world.runner.evaluate(lambda tx: plan_order(tx, "o1", None), tx)


# Quarantine


def test_a_row_of_quarantine_that_went_missing_is_listed_again(world: World) -> None:
    world.put_order("o1", order(total="much"))
    world.put_user("u2", user("not an address"))
    before = waiting(world)
    for one in before:
        world.store.delete(f"crmQuarantine/{one['id']}")
    assert world.resync() is True
    assert [{**one, "at": 0} for one in waiting(world)] == [{**one, "at": 0} for one in before]
    assert world.resync() is False


def test_a_retry_says_whether_it_has_left(world: World) -> None:
    world.put_order("o1", order(total="much"))
    row_id = KEYS.quarantine("orders", "o1")
    assert retry_quarantine(world.runner, row_id) is False
    world.store.delete("orders/o1")
    assert retry_quarantine(world.runner, row_id) is True
    assert waiting(world) == []
