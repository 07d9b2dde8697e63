"""Whether mail arrives: what a customer shows of it, through merges, erasures and damage."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns.came_back import mark_unreachable
from crm.consent.reach import plan_reachable
from crm.core.errors import Refusal
from crm.customers.identity import AddressIdentity
from crm.customers.marketing import fold
from crm.customers.part import Contact, Part
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
