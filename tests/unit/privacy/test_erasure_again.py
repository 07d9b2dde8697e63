"""An erasure applied again after a restore: what one commit buries, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from crm.core.keyring import Former, Keyring
from crm.db.documents import Write
from crm.merging.merge import plan_merge
from crm.privacy.erasure.erase import erase_again
from crm.privacy.erasure.plan import plan_again
from crm.privacy.erasure.record import Erasure
from crm.signup.record import Asked, SignUp
from crm.sync.sync import Sync
from testing.hosts import DAY, order, user
from testing.world import KEYS, World

ADDRESS, USER = KEYS.address("ada@example.com"), KEYS.user("u1")


@pytest.fixture
def world() -> World:
    """Ada, a user with an order, as a backup brings her back."""
    made = World()
    made.put_user("u1", user())
    made.put_order("o1", order())
    return made


def record(world: World, **more: Any) -> Erasure:
    """The record of Ada's erasure, as a file holds it."""
    at = world.store.now()
    one = Erasure("e", at, "boss", "asked", ("c1", "c2"), (ADDRESS, USER), (), "j", state="done")
    return replace(one, **more)


def again(world: World, erasure: Erasure, action: str = "customer.erase-again") -> list[Write]:
    plan, _ = world.runner.run(partial(plan_again, erasure=erasure, action=action))
    return [*plan.writes]


def identity(world: World, key: str) -> dict[str, Any]:
    return world.store.all("crmIdentities")[key]


def parts(world: World) -> dict[str, str]:
    """Ada's parts, by the keys of their identities."""
    return {one["key"]: name for name, one in world.with_uid("u1")["parts"].items()}


def test_everything_of_the_person_is_buried_as_the_first_time(world: World) -> None:
    mine = parts(world)
    since = DAY + timedelta(days=1)
    erasure = record(world, suppressed=since, counts={"customers": 1}, newest=DAY, forced=True)
    assert again(world, erasure, "some.action")
    assert world.customers() == []
    assert world.store.all("users") == {}
    for key in (ADDRESS, USER):
        one = identity(world, key)
        assert (one["erasedAt"], one["erasedBy"]) == (erasure.at, "e")
        assert (one["customerId"], one["partId"]) == (None, None)
        assert one["erased"] == {mine[key]: "e"}
    assert identity(world, ADDRESS)["suppressed"] == since
    assert world.store.all("crmErasures") == {
        "e": {
            **erasure.to_data(),
            "parts": sorted(mine.values()),
            "state": "running",
            "uids": ["u1"],
        }
    }
    job = world.store.all("crmJobs")["j"]
    assert (job["kind"], job["state"], job["arguments"], job["total"]) == (
        "erasure",
        "queued",
        {"erasureId": "e"},
        None,
    )
    (entry,) = world.store.all("crmAudit").values()
    assert (entry["action"], entry["actor"]) == ("some.action", "system")
    assert (entry["customers"], entry["facts"]) == (["c1", "c2"], {"erasure": "e"})


def test_uids_of_the_record_and_of_the_parts_are_each_named_once(world: World) -> None:
    again(world, record(world, uids=("u9", "u1", "a")))
    assert world.store.all("crmErasures")["e"]["uids"] == ["a", "u1", "u9"]


def test_a_quarantined_users_row_goes(world: World) -> None:
    world.put_user("u1", user("not an address"))
    assert world.reasons() == {"u1": "email-invalid"}
    again(world, record(world))
    assert world.reasons() == {}


def test_where_nothing_is_left_of_a_person_the_tombstones_are_made_of_nothing() -> None:
    world = World()
    since = DAY + timedelta(days=1)
    erasure = record(world, parts=("p",), suppressed=since)
    assert again(world, erasure)
    common: dict[str, Any] = {"customerId": None, "partId": None, "erased": {}, "former": {}}
    common |= {"erasedAt": erasure.at, "erasedBy": "e"}
    address, uid = identity(world, ADDRESS), identity(world, USER)
    assert {key: address[key] for key in common} == {key: uid[key] for key in common} == common
    assert (address["kind"], address["suppressed"]) == ("address", since)
    assert (uid["kind"], uid["uid"]) == ("user", "")
    assert world.store.all("crmErasures")["e"]["parts"] == ["p"]
    assert world.store.all("crmErasures")["e"]["uids"] == []
    assert world.customers() == []


@pytest.mark.parametrize(("ahead", "buried"), [(-1, False), (0, True), (1, True)])
@pytest.mark.parametrize("kept", ["done", "running", None])
def test_an_identity_that_was_buried_since_needs_nothing(
    ahead: int, buried: bool, kept: Any
) -> None:
    """And where the record is there and done, neither does the erasure."""
    world = World()
    erasure = record(world, keys=(ADDRESS,))
    first = replace(erasure, at=erasure.at + timedelta(microseconds=ahead), id="e0", job_id="j0")
    again(world, first)
    world.store.delete("crmErasures/e0")
    before = identity(world, ADDRESS)
    if kept is not None:
        world.store.put("crmErasures/e", replace(erasure, state=kept).to_data())
    writes = again(world, erasure)
    assert bool(writes) is not (buried and kept == "done")
    after = identity(world, ADDRESS)
    assert (after == before) is buried
    assert after["erasedBy"] == ("e0" if buried else "e")


def test_what_is_somebody_elses_by_now_stays_with_its_orders(world: World) -> None:
    """A restored address that was erased as Ada's had been another user's before."""
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user())
    world.put_order("o2", order(userId="u2"))
    before = world.with_uid("u1")
    erasure = record(world, keys=(ADDRESS, KEYS.user("u2")))
    again(world, erasure)
    assert world.customers() == [before]
    assert {*world.store.all("users")} == {"u1"}
    assert identity(world, ADDRESS)["former"] == {
        name: before["id"] for name, one in before["parts"].items() if one["key"] == ADDRESS
    }


def test_a_part_of_the_record_goes_though_its_identity_is_buried_already(world: World) -> None:
    """As of a record's address that leads to a customer which holds another part of the person."""
    mine = parts(world)
    world.put_order("o2", order("bob@example.com", name="Bob"))
    pair = (world.with_email("bob@example.com")["id"], world.with_uid("u1")["id"])
    world.runner.run(lambda tx: plan_merge(tx, *pair))
    erasure = record(world, keys=(USER,), parts=(mine[ADDRESS],))
    again(world, erasure)
    left = world.the_customer()
    assert left["emails"] == ["bob@example.com"]
    assert left["userIds"] == []
    assert left["orderCount"] == 1
    assert identity(world, ADDRESS)["erased"] == {mine[ADDRESS]: "e"}
    assert world.store.all("crmErasures")["e"]["parts"] == sorted(mine.values())
    assert {*world.store.all("crmLinks")} >= {pair[0]}, "the customer is there, and so its link"


def test_a_customer_of_whom_nothing_is_left_goes_with_its_links(world: World) -> None:
    world.put_order("o2", order("second@example.com"))
    pair = (world.with_email("second@example.com")["id"], world.with_uid("u1")["id"])
    world.runner.run(lambda tx: plan_merge(tx, *pair))
    keys = (ADDRESS, USER, KEYS.address("second@example.com"))
    assert world.store.all("crmLinks")
    again(world, record(world, keys=keys))
    assert world.customers() == []
    assert world.store.all("crmLinks") == {}


def test_a_customer_in_which_nothing_is_the_persons_is_not_written(world: World) -> None:
    """A former home of the address that has none of its parts."""
    world.put_order("o2", order("bob@example.com", name="Bob"))
    bob = world.with_email("bob@example.com")
    data = identity(world, ADDRESS)
    key = KEYS.address("bob@example.com")
    (part,) = bob["parts"]
    world.store.put(f"crmIdentities/{ADDRESS}", {**data, "former": {"p0": bob["id"]}})
    again(world, record(world))
    assert world.customers() == [bob]
    assert identity(world, key)["partId"] == part


def test_keys_of_a_file_from_before_a_new_secret_are_renewed() -> None:
    world = World()
    old = Keyring(b"the secret of those days")
    new = Keyring(b"a secret for tests only", (Former(old.secret, DAY),))
    world.runner = replace(world.runner, keys=new)
    world.sync = Sync(world.runner)
    world.put_order("o1", order())
    erasure = record(world, keys=(old.address("ada@example.com"), new.user("u1")))
    assert erase_again(world.runner, world.queue.append, erasure, seconds=0)
    assert world.customers() == []
    keys = [new.address("ada@example.com"), new.user("u1")]
    assert world.store.all("crmErasures")["e"]["keys"] == keys


def test_sign_ups_that_wait_go_again(world: World) -> None:
    asked = (Asked(DAY, "newsletter", "v", "en", "m"),)
    for key in (ADDRESS, KEYS.address("bob@example.com")):
        one = SignUp(key, "pending", DAY, datetime(2099, 1, 1, tzinfo=DAY.tzinfo), asked=asked)
        world.store.put(f"crmSignups/{key}", one.to_data())
    again(world, record(world))
    assert [*world.store.all("crmSignups")] == [KEYS.address("bob@example.com")]
