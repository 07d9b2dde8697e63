"""What an erasure leaves behind: its record, its job and its entry in the audit trail, whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.consent.plan import plan_unsubscribe
from crm.core.errors import Refusal
from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.customers.reference import CustomerRef
from crm.merging.merge import plan_merge
from crm.privacy.erasure.erase import erase, erase_again, erasures
from crm.privacy.erasure.plan import check_reason
from crm.privacy.erasure.reason import OWN
from crm.privacy.erasure.record import Erasure
from crm.privacy.own import SignedIn
from testing.hosts import DAY, item, order, user
from testing.world import KEYS, World

STAFF = KEYS.user("boss")
ADA_KEYS = sorted(
    [KEYS.address("ada@example.com"), KEYS.address("second@example.com"), KEYS.user("u1")]
)


@pytest.fixture
def world() -> World:
    """Ada, a user with two addresses, who wants no news and holds a ticket to come."""
    made = World(trust="auth")
    made.put_order("o1", order(marketingOptIn=True))
    made.accounts.of = {"u1": "ada@example.com", "x": "second@example.com"}
    made.put_user("u1", user())
    soon = item("later", eventStartsAt=made.store.now() + timedelta(days=1))
    made.put_order("o2", order("second@example.com", day=1, items=[soon]))
    pair = (made.with_email("second@example.com")["id"], made.with_uid("u1")["id"])
    made.runner.run(lambda tx: plan_merge(tx, *pair))
    made.runner.run(lambda tx: plan_unsubscribe(tx, KEYS.address("ada@example.com")))
    made.runner = replace(made.runner, actor=STAFF)
    return made


def gone(world: World, who: CustomerRef | SignedIn, **more: Any) -> dict[str, Any]:
    asked = {"reason": "asked by letter", **more}
    return erase(world.runner, world.queue.append, who, **asked)


def the_record(world: World) -> dict[str, Any]:
    (record,) = world.store.all("crmErasures").values()
    return record


def entries(world: World, action: str) -> list[tuple[object, ...]]:
    """Whose name, whom it was done to, and what more, of each entry of an action."""
    return [
        (one["actor"], one["customers"], one["facts"])
        for one in world.store.all("crmAudit").values()
        if one["action"] == action
    ]


def test_the_record_holds_keys_ids_numbers_and_dates_and_when_it_is_done_says_so(
    world: World,
) -> None:
    customer = world.with_uid("u1")
    links = sorted(world.store.all("crmLinks"))
    withdrawn = customer["marketing"]["at"]
    began = world.store.now()
    answer = gone(world, CustomerRef("userId", "u1"), force=True, seconds=0)
    (job_id,) = world.store.all("crmJobs")
    assert world.queue == [job_id]
    running = the_record(world)
    at = running["at"]
    assert began <= at <= world.store.now()
    assert running == {
        "at": at,
        "actor": STAFF,
        "reason": "asked by letter",
        "customers": [customer["id"], *links],
        "keys": ADA_KEYS,
        "parts": sorted(customer["parts"]),
        "jobId": job_id,
        "forced": True,
        "state": "running",
        "uids": [],
        "counts": {"customers": 1, "users": 1, "accounts": 1, "links": 2},
        "open": {"accounts-of-addresses": 1},
        "newest": DAY + timedelta(days=1),
        "suppressed": withdrawn,
    }
    assert [answer["erasureId"]] == [*world.store.all("crmErasures")]
    assert answer["status"] == "running"
    world.work()
    counts = {**running["counts"], "orders": 2}
    assert the_record(world) == {**running, "state": "done", "counts": counts}
    facts = {"erasure": answer["erasureId"], "forced": True, "orders": 2}
    assert entries(world, "customer.erase") == [(STAFF, [customer["id"], *links], facts)]


def test_its_job_knows_what_to_do_by_the_records_id_alone(world: World) -> None:
    before = world.store.now()
    answer = gone(world, CustomerRef("userId", "u1"), force=True, seconds=0)
    (job,) = world.store.all("crmJobs").values()
    times = [job.pop("startedAt"), job.pop("updatedAt")]
    assert before <= times[0] <= times[1] <= world.store.now()
    assert job == {
        "kind": "erasure",
        "arguments": {"erasureId": answer["erasureId"]},
        "actor": STAFF,
        "state": "running",
        "done": 0,
        "total": 2,
        "error": None,
        "cursor": [1, None],
        "result": {},
        "drift": [],
        "phase": None,
        "left": [],
        "lanes": 1,
        "notBefore": None,
    }


def test_a_job_that_was_given_up_is_begun_again_with_the_uids_that_are_left(world: World) -> None:
    def away() -> None:
        raise KeyError("a fault")

    world.accounts.pause = away
    answer = gone(world, CustomerRef("userId", "u1"), force=True)
    assert answer["status"] == "running"
    record = the_record(world)
    assert record["uids"] == ["u1"]
    jobs = world.store.all("crmJobs")
    again = jobs.pop(record["jobId"])
    assert world.queue == [record["jobId"]]
    assert (again["kind"], again["state"], again["actor"]) == ("erasure", "queued", STAFF)
    assert again["arguments"] == {"erasureId": answer["erasureId"]}
    assert [(one["state"], one["error"]) for one in jobs.values()] == [("failed", "internal")]
    world.accounts.pause = lambda: None
    world.work()
    assert (the_record(world)["state"], the_record(world)["uids"]) == ("done", [])
    assert {*world.accounts.of} == {"x"}


def test_of_a_guest_no_user_no_link_and_no_open_point_is_counted() -> None:
    world = World()
    world.put_order("o1", order())
    world.put_order("o2", order(status="cancelled", day=9))
    (part,) = world.the_customer()["parts"]
    customer_id = world.the_customer()["id"]
    answer = gone(world, CustomerRef("email", "ada@example.com"))
    record = the_record(world)
    assert record | {"at": 0, "jobId": 0} == {
        "at": 0,
        "actor": "system",
        "reason": "asked by letter",
        "customers": [customer_id],
        "keys": [KEYS.address("ada@example.com")],
        "parts": [part],
        "jobId": 0,
        "forced": False,
        "state": "done",
        "uids": [],
        "counts": {"customers": 1, "users": 0, "accounts": 0, "links": 0, "orders": 2},
        "open": {},
        "newest": DAY,
        "suppressed": None,
    }
    facts = {"erasure": answer["erasureId"], "forced": False, "orders": 2}
    assert entries(world, "customer.erase") == [("system", [customer_id], facts)]


@pytest.mark.parametrize(
    ("who", "field", "keys", "accounts", "left"),
    [
        (CustomerRef("email", "Ada@Example.com"), "typed", ["typed"], 0, 1),
        (CustomerRef("userId", "u9"), "uid", ["uid"], 0, 0),
        (SignedIn("u9", "ada@example.com"), "both", ["uid", "typed"], 1, 0),
        (SignedIn("u9", "ada@example.com"), "typed", ["typed"], 1, 0),
        (SignedIn("u9", "ada@example.com"), "uid", ["uid"], 1, 0),
    ],
)
def test_the_record_of_somebody_who_is_nobodys_customer(
    who: CustomerRef | SignedIn, field: str, keys: list[str], accounts: int, left: int
) -> None:
    """Orders that nobody can read name the person, by address or uid, and are erased too."""
    world = World()
    world.accounts.of = {"u8": "ada@example.com", "u7": "bob@example.com"}
    if field in ("typed", "both"):
        world.put_order("odd", order(status="unheard of", odd=True))
    if field in ("uid", "both"):
        world.put_order("uid", order(None, userId="u9", odd=True))
    answer = gone(world, who)
    key = {"typed": KEYS.address("ada@example.com"), "uid": KEYS.user("u9")}
    record = the_record(world)
    assert record | {"at": 0, "jobId": 0} == {
        "at": 0,
        "actor": "system",
        "reason": "asked by letter",
        "customers": [],
        "keys": [key[one] for one in keys],
        "parts": [],
        "jobId": 0,
        "forced": False,
        "state": "done",
        "uids": [],
        "counts": {"accounts": accounts, "orders": len(keys)},
        "open": {"accounts-of-addresses": left} if left else {},
        "newest": None,
        "suppressed": None,
    }
    assert entries(world, "customer.erase") == [("system", [], {"erasure": answer["erasureId"]})]
    assert {*world.accounts.of} == {"u8", "u7"}


def test_who_signs_in_and_is_nobodys_customer_loses_the_account_too() -> None:
    world = World()
    world.accounts.of = {"u9": "ada@example.com", "u8": "bob@example.com"}
    world.put_order("odd", order(status="unheard of", odd=True))
    gone(world, SignedIn("u9", "ada@example.com"), reason=OWN)
    assert {*world.accounts.of} == {"u8"}


def test_nothing_is_erased_by_an_id_that_is_nobodys() -> None:
    world = World()
    world.put_order("odd", order(status="unheard of", odd=True))
    for who in (
        CustomerRef("customerId", KEYS.address("ada@example.com")),
        CustomerRef("email", "bob@example.com"),
        SignedIn("u9", "bob@example.com"),
    ):
        with pytest.raises(Refusal) as refusal:
            gone(world, who)
        assert (refusal.value.code, refusal.value.reason) == ("not-found", "no-such-customer")
    assert world.store.all("crmErasures") == {}


def test_an_order_of_somebodys_is_erased_with_that_customer_alone() -> None:
    """Ada cannot be found by an address that is Bob's: her own erasure leaves his orders."""
    world = World(trust="auth")
    world.accounts.of = {"bob": "bob@example.com"}
    world.put_user("bob", user("bob@example.com", name="Bob"))
    world.put_order("b1", order("bob@example.com", userId="bob", name="Bob"))
    with pytest.raises(Refusal) as refusal:
        gone(world, SignedIn("ada", "bob@example.com"))
    assert refusal.value.reason == "no-such-customer"
    assert world.store.all("orders")["b1"]["name"] == "Bob"
    assert world.store.all("crmErasures") == {}


def test_a_record_that_is_done_adds_what_was_counted_and_names_no_uid() -> None:
    running = Erasure("e", DAY, "staff", "asked", ("c",), ("k",), ("p",), "j", uids=("u1",))
    running = replace(running, counts={"customers": 1, "orders": 9})
    done = running.done({"orders": 2, "mails": 3})
    counts = {"customers": 1, "orders": 2, "mails": 3}
    assert done == replace(running, state="done", uids=(), counts=counts)
    assert running.uids == ("u1",)


# --- Again, after a restore ----------------------------------------------------------------------


def test_an_erasure_that_is_applied_again_says_so_and_keeps_its_record(world: World) -> None:
    kept = dict(world.store._kept)
    customer = world.with_uid("u1")
    gone(world, CustomerRef("userId", "u1"), force=True)
    (record,) = erasures(world.runner)
    assert record.state == "done"
    world.store._kept = kept
    operator = replace(world.runner, actor="operator")
    assert erase_again(operator, world.queue.append, record, seconds=0)
    (job_id,) = world.store.all("crmJobs")
    assert job_id != record.job_id
    again = the_record(world)
    assert again == {
        **record.to_data(),
        "jobId": job_id,
        "state": "running",
        "uids": [],
    }
    (entry,) = entries(world, "customer.erase-again")
    assert entry == ("operator", list(record.customers), {"erasure": record.id})
    assert world.store.all("crmJobs")[job_id]["arguments"] == {"erasureId": record.id}
    world.work()
    assert the_record(world) == {**record.to_data(), "jobId": job_id}
    assert [one["id"] for one in world.customers() if one["id"] == customer["id"]] == []
    assert erase_again(operator, world.queue.append, record) is False
    assert len(entries(world, "customer.erase-again")) == 1


def test_erasures_are_listed_by_their_ids() -> None:
    world = World()
    for number in (3, 1, 2):
        one = Erasure(f"e{number}", DAY, "staff", "asked", (), (), (), "j")
        world.store.put(f"crmErasures/e{number}", one.to_data())
    assert [one.id for one in erasures(world.runner)] == ["e1", "e2", "e3"]


# --- Refusals ------------------------------------------------------------------------------------


NAMED = Customer(
    "c",
    DAY,
    {
        "p1": Part("e1", address="ada@example.com", name="Zebulon Quuxley"),
        "p2": Part("u1", uid="uid-of-ada", live=True, user_name="Yoko Ono"),
    },
)


@pytest.mark.parametrize(
    "reason",
    [
        "Mr Quuxley asked",
        "Ms Ono asked",
        "letter of ADA@example.com",
        "the account Uid-Of-Ada",
        "mail from anybody@example.org",
        "call 030 1234567",
    ],
)
def test_a_reason_is_refused_that_names_the_person_by_whatever_is_known(reason: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_reason(reason, NAMED)
    assert (refusal.value.code, refusal.value.reason) == ("invalid-argument", "reason-personal")
    assert "it is kept when" in refusal.value.message
    assert not refusal.value.more


@pytest.mark.parametrize("reason", ["Mr Quuxley asked", "Ms Ono asked", "the account Uid-Of-Ada"])
def test_of_nobody_a_name_is_a_word_like_others(reason: str) -> None:
    check_reason(reason)
    check_reason(reason, Customer("c", DAY, {"p": Part("e1")}))


def test_whom_staff_merged_is_told_that_staff_know(world: World) -> None:
    with pytest.raises(Refusal) as refusal:
        gone(world, SignedIn("u1", "ada@example.com"), reason=OWN)
    assert (refusal.value.code, refusal.value.reason) == ("failed-precondition", "merged-by-staff")
    assert "have a month to do it" in refusal.value.message
    (request,) = world.store.all("crmRequests").items()
    assert request[0] == KEYS.user("u1")
    assert isinstance(request[1].pop("at"), datetime)
    assert request[1] == {"customers": [world.with_uid("u1")["id"]], "stoppedBy": "merged-by-staff"}


def test_a_hold_says_to_whom_it_matters_how_to_go_on() -> None:
    """Who holds free tickets alone may let them go; anybody else is told what staff may do."""
    world = World(trust="auth")
    world.accounts.of = {"u1": "ada@example.com"}
    world.put_user("u1", user())
    soon = [item("soon", eventStartsAt=world.store.now() + timedelta(days=1))]
    world.put_order("o1", order(total=0, items=soon))
    person, staff = SignedIn("u1", "ada@example.com"), CustomerRef("userId", "u1")
    told = []
    for who, reason in ((person, OWN), (staff, "asked")):
        with pytest.raises(Refusal) as refusal:
            gone(world, who, reason=reason)
        assert (refusal.value.code, refusal.value.reason) == ("failed-precondition", "held")
        told.append(
            (refusal.value.message.rpartition(" call again with ")[2][:13], refusal.value.more)
        )
    free = {"events": ["soon"], "freeEvents": ["soon"]}
    assert told[0] == ("confirm: true", {**free, "confirmHelps": True})
    assert told[1][1] == {**free, "confirmHelps": False}
    assert world.store.all("crmRequests") == {}, "she can have it without staff"
    with pytest.raises(Refusal):
        gone(world, staff, confirm=True)
    gone(world, person, reason=OWN, confirm=True)
    assert the_record(world)["forced"] is True


def test_a_part_that_was_erased_leaves_the_rest_of_the_customer(world: World) -> None:
    """Of a customer in which is somebody else, too, who has a user's address since."""
    world = World()
    world.put_user("u1", user("old@example.com"))
    world.put_order("o1", order("old@example.com", userId="u1"))
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user("old@example.com"))
    first = world.with_uid("u1")
    answer = gone(world, CustomerRef("userId", "u2"))
    assert world.with_uid("u1")["orderCount"] == first["orderCount"]
    record = the_record(world)
    assert first["id"] not in record["customers"]
    facts = {"erasure": answer["erasureId"], "forced": False, "orders": 0}
    assert [one[2] for one in entries(world, "customer.erase")] == [facts]
