"""Whether mail arrives: what a customer shows of it, through merges, erasures and damage."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.campaigns.came_back import mark_unreachable
from crm.consent.reach import came_back, plan_reachable
from crm.core.errors import Conflict, Refusal
from crm.customers.change_set import ChangeSet
from crm.customers.identity import AddressIdentity
from crm.customers.marketing import fold
from crm.customers.part import Contact, Part
from crm.db.transaction import Plan, Transaction
from crm.newsletter.export import ListExport, export
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from crm.segments.language.ast import Marketing
from testing.hosts import DAY, order, user
from testing.world import KEYS, World
from tests.unit.merging.test_merge import merge, unmerge
from tests.unit.privacy.test_export import by_id

ADA = KEYS.address("ada@example.com")
BOB = KEYS.address("bob@example.com")
BACK = DAY + timedelta(days=5)


@pytest.fixture
def world() -> World:
    world = World()
    for name in ("ada", "bob"):
        world.put_order(f"order-{name}", order(f"{name}@example.com", marketingOptIn=True))
    return world


def unreachable(world: World, name: str = "ada") -> Any:
    return world.with_email(f"{name}@example.com")["marketing"].get("unreachable")


def back(world: World, key: str = ADA) -> None:
    mark_unreachable(world.runner, key, BACK)


def clear(world: World, customer_id: str) -> Any:
    return world.runner.run(lambda tx: plan_reachable(tx, customer_id, "person"))[0].result


def well(world: World) -> bool:
    return list(verify(world.runner)) == [] and world.wrong() == [] and not world.resync()


def test_it_is_shown_of_the_address_that_mail_goes_to_alone() -> None:
    gone = Part("e1-a", address="a@example.com", unreachable=BACK)
    fine = Part("e1-b", address="b@example.com")
    typed = Contact("c@example.com", unreachable=BACK)
    assert fold([gone, fine], fine, None, double=False).get("unreachable") is None
    assert fold([gone, fine], gone, None, double=False)["unreachable"] == BACK
    assert fold([], None, typed, double=False)["unreachable"] == BACK
    assert fold([fine], fine, typed, double=False).get("unreachable") is None
    assert "unreachable" not in fold([], None, None, double=False)


def test_an_unreachable_address_needs_its_document() -> None:
    assert AddressIdentity(unreachable=BACK).needed


def test_it_follows_a_merge_and_its_undo(world: World) -> None:
    back(world, BOB)
    ids = {name: world.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob")}
    merge_id = merge(world, ids["bob"], ids["ada"]).merge_id
    assert unreachable(world) is None  # ada's address speaks for both
    assert well(world)
    unmerge(world, merge_id)
    assert (unreachable(world), unreachable(world, "bob")) == (None, BACK)
    assert well(world)


def test_whoever_proves_the_address_has_it_too(world: World) -> None:
    back(world)
    world.put_user("u1", user("ada@example.com"))
    assert world.with_uid("u1")["marketing"]["unreachable"] == BACK
    world.put_user("u2", user("ada@example.com"))
    assert well(world)


def test_an_address_that_goes_to_another_takes_it_along(world: World) -> None:
    world.put_user("u1", user("ada@example.com"))
    world.put_user("u1", user("new@example.com"))
    back(world)
    world.put_user("u2", user("ada@example.com"))
    assert world.with_uid("u2")["marketing"]["unreachable"] == BACK
    assert "unreachable" not in world.with_uid("u1")["marketing"]
    assert well(world)


def test_staff_who_know_better_clear_it_and_it_is_audited(world: World) -> None:
    back(world)
    ada = world.with_email("ada@example.com")["id"]
    shown = clear(world, ada)
    assert shown["status"] == "subscribed"
    assert "unreachable" not in shown
    assert unreachable(world) is None
    entries = [one for one in world.store.all("crmAudit").values() if one["customers"] == [ada]]
    assert [(one["action"], one["facts"]) for one in entries] == [
        ("address.reachable", {"evidence": "person"})
    ]
    before = world.store.all("crmAudit")
    assert clear(world, ada) == shown
    assert world.store.all("crmAudit") == before
    assert well(world)


def test_nobody_is_no_customer_to_clear(world: World) -> None:
    with pytest.raises(Refusal) as refusal:
        clear(world, "nobody")
    assert refusal.value.reason == "no-such-customer"


def test_the_newsletter_list_leaves_them_out(world: World) -> None:
    back(world)
    wanted = ListExport(
        "x", Marketing("subscribed"), {}, lambda address: f"https://x/{len(address)}"
    )
    text = b"".join(export(world.runner, wanted)).decode()
    assert "bob@example.com" in text
    assert "ada@example.com" not in text


def test_an_export_shows_it(world: World) -> None:
    back(world)
    shown = by_id(world, world.with_email("ada@example.com")["id"])
    (one,) = [one for one in shown["identities"] if one["kind"] == "address"]
    assert one["unreachable"] == BACK.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("damage", ["part", "identity", "gone", "type"])
def test_a_rebuild_has_part_and_address_say_the_same_again(world: World, damage: str) -> None:
    back(world)
    customer = world.with_email("ada@example.com")
    path, held = f"customers/{customer['id']}", f"crmIdentities/{ADA}"
    if damage == "part":
        data = world.store.read([path])[path].fields
        parts = {key: {**part, "unreachable": None} for key, part in data["parts"].items()}
        world.store.put(path, {**data, "parts": parts})
    elif damage == "gone":
        world.store.delete(held)
    else:
        data = world.store.read([held])[held].fields
        value = None if damage == "identity" else "soon"
        world.store.put(held, {**data, "unreachable": value})
    assert list(verify(world.runner)) != []
    assert rebuild(world.runner, threads=1).failed == []
    assert list(verify(world.runner)) == []
    assert unreachable(world) == (None if damage == "identity" else BACK)


# What it writes


def audited(world: World) -> list[dict[str, Any]]:
    names = ("action", "actor", "customers", "facts")
    return [{name: one[name] for name in names} for one in world.store.all("crmAudit").values()]


def note(world: World, at: datetime, *, anew: bool, key: str = ADA) -> bool:
    """Have mail come back; say whether anything was written."""

    def plan(tx: Transaction) -> Plan[None]:
        changes = ChangeSet(tx)
        came_back(changes, key, at, anew=anew)
        return Plan(changes.writes(), None)

    return bool(world.runner.run(plan)[0].writes)


TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("known", "at", "anew", "then"),
    [
        (None, BACK, True, BACK),
        (None, BACK, False, None),  # staff have answered it since
        (BACK, BACK + TICK, True, BACK + TICK),
        (BACK, BACK + TICK, False, BACK + TICK),
        (BACK, BACK, True, BACK),
        (BACK, BACK - TICK, True, BACK),
        (BACK, BACK - TICK, False, BACK),
    ],
)
@pytest.mark.parametrize("somebodys", [True, False])
def test_the_last_time_that_mail_came_back_counts(
    world: World, known: Any, at: datetime, anew: bool, then: Any, somebodys: bool
) -> None:
    name = "ada" if somebodys else "cyd"
    key = KEYS.address(f"{name}@example.com")
    if known is not None:
        note(world, known, anew=True, key=key)
    assert note(world, at, anew=anew, key=key) is (then != known)
    identity = world.store.all("crmIdentities").get(key)
    assert (identity and identity["unreachable"]) == then
    if somebodys:
        assert unreachable(world) == then
    assert audited(world) == []
    assert well(world)


@pytest.mark.parametrize("evidence", ["person", "arrived", "provider"])
def test_why_mail_arrives_again_is_in_the_audit_trail(world: World, evidence: Any) -> None:
    world.runner = replace(world.runner, actor="u1-staff")
    before = world.with_email("ada@example.com")
    back(world)
    told = world.runner.run(lambda tx: plan_reachable(tx, before["id"], evidence))[0].result
    assert told == before["marketing"] == world.with_email("ada@example.com")["marketing"]
    assert audited(world) == [
        {
            "action": "address.reachable",
            "actor": "u1-staff",
            "customers": [before["id"]],
            "facts": {"evidence": evidence},
        }
    ]


def test_a_merged_id_stands_for_its_survivor(world: World) -> None:
    ada, bob = (world.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob"))
    merge(world, ada, bob)
    back(world, BOB)
    told = clear(world, ada)
    assert told == world.the_customer()["marketing"]
    assert "unreachable" not in told
    assert audited(world)[-1]["customers"] == [bob]


def test_who_has_no_address_has_none_that_mail_comes_back_from(world: World) -> None:
    world.put_user("u1", user(None))
    customer = world.with_uid("u1")
    writes = world.store.writes
    assert clear(world, customer["id"]) == customer["marketing"]
    assert world.store.writes == writes


def test_an_address_to_reach_somebody_by_is_cleared_too() -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_user("u1", user(None))
    world.put_order("o1", order("typed@example.com", userId="u1"))
    typed = KEYS.address("typed@example.com")
    back(world, typed)
    customer = world.the_customer()
    assert customer["marketing"]["unreachable"] == BACK
    told = clear(world, customer["id"])
    assert told == world.the_customer()["marketing"]
    assert "unreachable" not in told
    assert well(world)


def test_an_address_whose_part_has_moved_is_looked_at_again(world: World) -> None:
    """One reading is no snapshot: the identity can be newer than the customer it leads to."""
    back(world)
    customer = world.with_email("ada@example.com")
    held = f"crmIdentities/{ADA}"
    read = world.store.read([held, f"customers/{customer['id']}"])
    moved = replace(read[held], data={**read[held].fields, "partId": "moved"})
    tx = world.runner.begin([moved, read[f"customers/{customer['id']}"]])
    with pytest.raises(Conflict, match="part moved has moved"):
        plan_reachable(tx, customer["id"], "person")
    with pytest.raises(Conflict, match="part moved has moved"):
        came_back(ChangeSet(tx), ADA, BACK + TICK, anew=True)
