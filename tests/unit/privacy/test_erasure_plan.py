"""The commit that erases somebody: which tombstones it makes, and whom it leaves alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from crm.core.errors import Conflict, Refusal
from crm.customers.reference import CustomerRef
from crm.db.retry import RetryPolicy
from crm.merging.merge import plan_merge
from crm.privacy.erasure.erase import erase, erase_again, erasures
from crm.privacy.erasure.reason import OWN
from crm.privacy.own import SignedIn
from testing.hosts import DAY, item, order, user
from testing.world import KEYS, World

ADA = CustomerRef("email", "ada@example.com")
OLD = "old@example.com"


@pytest.fixture
def world() -> World:
    return World()


def gone(world: World, who: CustomerRef | SignedIn = ADA, **more: Any) -> str:
    """Erase somebody but for the steps that follow; give the erasure."""
    asked = {"reason": "asked", "seconds": 0, **more}
    return str(erase(world.runner, world.queue.append, who, **asked)["erasureId"])


def identity(world: World, key: str) -> dict[str, Any]:
    return world.store.all("crmIdentities")[key]


def decided(world: World, customer_id: str, **decisions: int) -> None:
    """Have parts of a customer be unsubscribed since some day: `uid`, `address` or `former`."""
    data = world.store.all("customers")[customer_id]
    for part in data["parts"].values():
        kind = "uid" if part["uid"] else "address" if part["address"] else "former"
        if kind in decisions:
            at = DAY + timedelta(days=decisions[kind])
            part["decision"] = {"status": "unsubscribed", "at": at, "source": "staff"}
    world.store.put(f"customers/{customer_id}", data)


# --- Tombstones ----------------------------------------------------------------------------------


def test_every_identity_becomes_a_tombstone_with_nothing_but_whose_and_since_when(
    world: World,
) -> None:
    world.put_user("u1", user(name="Ada"))
    world.put_order("o1", order())
    parts = {one["key"]: name for name, one in world.the_customer()["parts"].items()}
    address, uid = KEYS.address("ada@example.com"), KEYS.user("u1")
    version = identity(world, uid)["version"]
    erasure_id = gone(world)
    (record,) = erasures(world.runner)
    common: dict[str, Any] = {
        "customerId": None,
        "partId": None,
        "former": {},
        "erasedAt": record.at,
        "erasedBy": erasure_id,
    }
    assert identity(world, address) == {
        **common,
        "kind": "address",
        "erased": {parts[address]: erasure_id},
        "owner": None,
        "suppressed": None,
        "contacts": [],
        "unreachable": None,
    }
    assert identity(world, uid) == {
        **common,
        "kind": "user",
        "erased": {parts[uid]: erasure_id},
        "uid": "",
        "version": version,
        "known": False,
        "live": False,
        "name": None,
        "claimed": None,
        "proven": None,
        "conflict": False,
        "keepApart": [],
        "quarantined": None,
        "account": False,
        "fields": {},
    }


@pytest.mark.parametrize(
    ("decisions", "day"), [({}, None), ({"uid": 3}, 3), ({"uid": 3, "address": 2}, 3)]
)
def test_whatever_was_withdrawn_is_known_of_the_address(
    world: World, decisions: dict[str, int], day: int | None
) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order())
    decided(world, world.the_customer()["id"], **decisions)
    gone(world)
    since = None if day is None else DAY + timedelta(days=day)
    assert identity(world, KEYS.address("ada@example.com"))["suppressed"] == since
    assert [one.suppressed for one in erasures(world.runner)] == [since]


def test_an_address_that_is_somebody_elses_since_hears_nothing_of_a_withdrawal(
    world: World,
) -> None:
    world.put_user("u1", user(OLD))
    world.put_order("o1", order(OLD))
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user(OLD))
    before = identity(world, KEYS.address(OLD))
    first = world.with_uid("u1")
    decided(world, first["id"], uid=3, address=4, former=5)
    (former,) = [name for name, one in first["parts"].items() if one["key"] == KEYS.address(OLD)]
    erasure_id = gone(world, CustomerRef("userId", "u1"))
    after = identity(world, KEYS.address(OLD))
    assert after == {**before, "former": {}, "erased": {former: erasure_id}}
    assert after["suppressed"] is None
    since = DAY + timedelta(days=5)
    assert identity(world, KEYS.address("new@example.com"))["suppressed"] == since
    keys = sorted([KEYS.address("new@example.com"), KEYS.user("u1")])
    assert [[*one.keys] for one in erasures(world.runner)] == [keys]
    assert former in erasures(world.runner)[0].parts


# --- Whom it leaves alone ------------------------------------------------------------------------


@pytest.mark.parametrize("document", [user(None), user("not an address"), user("new@example.com")])
def test_a_user_who_had_the_address_before_stays_with_an_address_or_without(
    world: World, document: dict[str, Any]
) -> None:
    world.put_user("u1", user(OLD))
    world.put_order("o1", order(OLD))
    world.put_user("u1", user("new@example.com"))
    world.put_user("u1", document)
    world.put_user("u2", user(OLD))
    before = world.with_uid("u1")
    gone(world, CustomerRef("userId", "u2"))
    assert world.customers() == [before]
    (record,) = erasures(world.runner)
    assert before["id"] not in record.customers
    assert not {*before["parts"]} & {*record.parts}


def test_a_remainder_without_address_and_user_goes_with_who_has_its_address_now(
    world: World,
) -> None:
    """Such a one is what an undone merge can leave; what has anything of its own is somebody."""
    world.put_order("o1", order(OLD))
    world.put_order("o2", order("else@example.com"))
    world.put_user("u2", user(OLD))
    mine = world.with_uid("u2")
    key = KEYS.address(OLD)
    part = next(one for one in mine["parts"].values() if one["key"] == key)
    other = world.with_email("else@example.com")
    (others,) = other["parts"].values()
    past = {**part, "address": None, "orders": 1}
    guests = {"nobody": {"p8": past}, "somebody": {"p9": past, "pe": {**others, "address": None}}}
    data = identity(world, key)
    former = {"p8": "nobody", "p9": "somebody"}
    world.store.put(f"crmIdentities/{key}", {**data, "former": former})
    kept = {name: value for name, value in other.items() if name != "id"}
    for name, parts in guests.items():
        world.store.put(f"customers/{name}", {**kept, "parts": parts})
    gone(world, CustomerRef("userId", "u2"))
    assert sorted(one["id"] for one in world.customers()) == sorted([other["id"], "somebody"])
    (record,) = erasures(world.runner)
    assert record.customers[:2] == (mine["id"], "nobody")
    assert record.counts["customers"] == 2
    assert "p8" in record.parts
    assert "p9" not in record.parts


def test_links_of_others_stay(world: World) -> None:
    world.put_order("o1", order())
    ada = world.the_customer()["id"]
    for name, home in (("mine", ada), ("others", "else")):
        world.store.put(f"crmLinks/{name}", {"customerId": home, "mergeId": "m"})
    gone(world)
    assert [*world.store.all("crmLinks")] == ["others"]
    (record,) = erasures(world.runner)
    assert record.customers == (ada, "mine")
    assert record.counts["links"] == 1


def test_identities_are_read_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many a customer has, a commit waits for them once; so does one that comes again."""
    world.put_order("o1", order())
    for name in ("a", "b"):
        world.put_order(name, order(f"{name}@example.com"))
        pair = (world.with_email(f"{name}@example.com")["id"], world.with_email(ADA.value)["id"])
        world.runner.run(partial(plan_merge, source_id=pair[0], target_id=pair[1]))
    kept, read = dict(world.store._kept), world.store.read
    calls: list[int] = []

    def reading(paths: Iterable[str]) -> Any:
        paths = [*paths]
        named = [one for one in paths if one.startswith("crmIdentities/")]
        calls.extend([len(named)] if named else [])
        return read(paths)

    monkeypatch.setattr(world.store, "read", reading)
    gone(world, CustomerRef("customerId", world.the_customer()["id"]))
    assert calls == [3]
    (record,) = erasures(world.runner)
    world.store._kept = kept
    calls.clear()
    erase_again(world.runner, world.queue.append, record, seconds=0)
    assert calls == [3]


def test_a_remainder_of_which_a_part_has_moved_is_waited_for(world: World) -> None:
    world.put_user("u2", user(OLD))
    key = KEYS.address(OLD)
    part = next(one for one in world.with_uid("u2")["parts"].values() if one["key"] == key)
    past = {**part, "address": None, "orders": 1}
    kept = {name: value for name, value in world.with_uid("u2").items() if name != "id"}
    world.store.put("customers/nobody", {**kept, "parts": {"p8": past, "p9": past}})
    world.store.put(f"crmIdentities/{key}", {**identity(world, key), "former": {"p8": "nobody"}})
    world.runner = replace(world.runner, retry=RetryPolicy(seconds=0))
    with pytest.raises(Conflict, match="part p9 has moved"):
        gone(world, CustomerRef("userId", "u2"))
    assert world.store.all("crmErasures") == {}


# --- Claims without proof ------------------------------------------------------------------------


def claims(world: World, who: CustomerRef) -> dict[str, int]:
    gone(world, who)
    (record,) = erasures(world.runner)
    return dict(record.left_open)


@pytest.fixture
def claimed() -> World:
    """Users who claim addresses of others: u1 and u2 Ada's, u1 his own as well, u3 nobody's."""
    world = World(trust="auth")
    world.accounts.of = {"u1": None, "u2": None, "u3": None}
    world.put_order("o1", order())
    for uid, email in (("u1", "ada@example.com"), ("u2", "ada@example.com"), ("u3", "x@y.zz")):
        world.put_user(uid, user(email))
    return world


def test_claims_are_counted_from_both_sides(claimed: World) -> None:
    assert claims(claimed, ADA) == {"claimed-by-others": 2}


def test_who_claims_anothers_address_is_told_of_one(claimed: World) -> None:
    assert claims(claimed, CustomerRef("userId", "u1")) == {"claims-another": 1}


def test_an_address_that_is_nobodys_is_no_others(claimed: World) -> None:
    assert claims(claimed, CustomerRef("userId", "u3")) == {}


def test_a_claim_within_the_person_is_no_open_point(claimed: World) -> None:
    pair = (claimed.with_uid("u1")["id"], claimed.with_email("ada@example.com")["id"])
    claimed.runner.run(lambda tx: plan_merge(tx, *pair))
    assert claims(claimed, CustomerRef("userId", "u1")) == {"claimed-by-others": 1}


# --- Holds ---------------------------------------------------------------------------------------


def test_only_ones_own_tickets_hold_one_up() -> None:
    """In a customer with somebody else, who holds tickets to come."""
    world = World(trust="auth")
    world.accounts.of = {"u1": OLD, "next": OLD}
    world.put_user("u1", user(OLD))
    world.put_order("o1", order(OLD))
    soon = [item("soon", eventStartsAt=world.store.now() + timedelta(days=1))]
    world.put_order("o2", order(OLD, userId="u1", items=soon))
    world.delete_user("u1")
    world.accounts.of = {"next": OLD}
    world.put_user("next", user(OLD))
    gone(world, SignedIn("next", OLD), reason=OWN)
    assert world.with_uid("u1")["orderCount"] == 1


@pytest.mark.parametrize(
    ("asked", "held"),
    [({}, True), ({"confirm": True}, True), ({"force": True}, False)],
)
def test_a_paid_ticket_holds_until_an_admin_forces_it(
    world: World, asked: dict[str, bool], held: bool
) -> None:
    world.put_user("u1", user())
    soon = [item("soon", eventStartsAt=world.store.now() + timedelta(days=1))]
    world.put_order("free", order(total=0, items=soon))
    world.put_order("paid", order(items=soon, day=1))
    for who in (CustomerRef("userId", "u1"), SignedIn("u1", "ada@example.com")):
        if held:
            with pytest.raises(Refusal) as refusal:
                gone(world, who, **asked)
            assert refusal.value.more == {
                "events": ["soon"],
                "freeEvents": [],
                "confirmHelps": False,
            }
    if not held:
        gone(world, CustomerRef("userId", "u1"), **asked)
        assert [one.forced for one in erasures(world.runner)] == [True]


def test_force_without_a_hold_is_none(world: World) -> None:
    world.put_order("o1", order())
    gone(world, force=True)
    assert [one.forced for one in erasures(world.runner)] == [False]


# --- What moves meanwhile ------------------------------------------------------------------------


@pytest.mark.parametrize("now", [None, {"customerId": "else"}, {"partId": "else"}])
def test_a_part_whose_identity_leads_elsewhere_is_waited_for(
    world: World, now: dict[str, str] | None
) -> None:
    world.put_order("o1", order())
    customer_id = world.the_customer()["id"]
    key = KEYS.address("ada@example.com")
    if now is None:
        world.store.delete(f"crmIdentities/{key}")
    else:
        world.store.put(f"crmIdentities/{key}", {**identity(world, key), **now})
    world.runner = replace(world.runner, retry=RetryPolicy(seconds=0))
    with pytest.raises(Conflict, match="has moved"):
        gone(world, CustomerRef("customerId", customer_id))
    assert world.store.all("crmErasures") == {}


def test_an_erasure_that_is_applied_again_waits_for_a_customer_that_has_moved(
    world: World,
) -> None:
    world.put_order("o1", order())
    kept = dict(world.store._kept)
    gone(world)
    (record,) = erasures(world.runner)
    world.store._kept = kept
    world.store.delete(f"customers/{world.the_customer()['id']}")
    world.runner = replace(world.runner, retry=RetryPolicy(seconds=0))
    with pytest.raises(Conflict, match="has moved"):
        erase_again(world.runner, world.queue.append, record, seconds=0)
    assert world.store.all("crmErasures") == {}
