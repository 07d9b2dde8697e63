"""What admins see of what was asked for: exports, erasures, and people who wait for staff."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

import pytest
from firebase_functions import https_fn

from crm.core.roles import Claims
from crm.customers.reference import CustomerRef
from crm.db.paging import Scope
from crm.db.transaction import OPERATOR
from crm.entrypoints.callables.dispatch import answer
from crm.privacy.erasure.erase import erase
from crm.privacy.erasure.reason import OWN
from crm.privacy.export.archive import export
from crm.privacy.own import SignedIn
from crm.privacy.requests import due, plan_request
from testing.hosts import item, order, user
from testing.world import KEYS, World

ADMIN = {"crm": "admin", "email": "staff@example.com", "email_verified": True}
ADA = {"email": "ada@example.com", "email_verified": True}
PRIVATE = ("ada", "bob", "example.com")


@pytest.fixture
def world() -> World:
    made = World(trust="auth")
    made.verified["ada"] = "ada@example.com"
    made.put_user("ada", user())
    made.put_order("a1", order(userId="ada"))
    made.put_order("b1", order("bob@example.com", name="Bob"))
    return made


def call(world: World, name: str, data: object = None, uid: str = "ada") -> Any:
    claims: Claims = {**(ADA if uid == "ada" else ADMIN), "auth_time": time.time()}
    auth = https_fn.AuthData(uid, dict(claims))
    request = https_fn.CallableRequest(data=data, raw_request=cast("Any", None), auth=auth)
    done = cast("Any", answer(name, request, lambda: world.services))
    world.work()
    return done


def refused(world: World, name: str, data: object = None, uid: str = "ada") -> str:
    with pytest.raises(https_fn.HttpsError) as refusal:
        call(world, name, data, uid)
    return str(cast("Any", refusal.value.details)["reason"])


def listed(world: World, **data: object) -> list[dict[str, Any]]:
    requests: list[dict[str, Any]] = call(world, "list_requests", data or None, "boss")["requests"]
    return requests


def later(world: World, days: int) -> None:
    world.store._clock += days * 86_400 * 1_000_000_000


def merge(world: World) -> str:
    ids = [world.with_email(one)["id"] for one in ("bob@example.com", "ada@example.com")]
    data = {"sourceId": ids[0], "targetId": ids[1]}
    return str(call(world, "merge_customers", data, "boss")["mergeId"])


def test_nothing_was_asked_for_yet(world: World) -> None:
    assert call(world, "list_requests", None, "boss") == {"requests": [], "nextPageToken": None}


def test_who_cannot_be_erased_alone_is_seen_with_a_deadline(world: World) -> None:
    merge(world)
    customer = world.the_customer()["id"]
    began = world.runner.now()
    assert refused(world, "delete_my_data") == "merged-by-staff"
    (waiting,) = listed(world)
    asked = datetime.fromisoformat(waiting["at"])
    assert began <= asked <= world.runner.now()
    assert waiting | {"at": "", "dueAt": ""} == {
        "requestId": KEYS.user("ada"),
        "kind": "erasure",
        "state": "open",
        "at": "",
        "dueAt": "",
        "by": "person",
        "actor": KEYS.user("ada"),
        "customerIds": [customer],
        "reason": None,
        "stoppedBy": "merged-by-staff",
        "erasureId": None,
        "report": None,
    }
    assert datetime.fromisoformat(waiting["dueAt"]) == due(asked)
    (entry,) = call(world, "list_audit", {"customerId": customer}, "boss")["entries"][:1]
    assert (entry["action"], entry["facts"]) == (
        "erasure.request",
        {"stoppedBy": "merged-by-staff"},
    )


def test_to_ask_again_does_not_put_the_deadline_off(world: World) -> None:
    merge(world)
    assert refused(world, "delete_my_data") == "merged-by-staff"
    (first,) = listed(world)
    later(world, days=9)
    assert refused(world, "delete_my_data") == "merged-by-staff"
    assert listed(world) == [first]


def test_what_staff_do_answers_it(world: World) -> None:
    merge(world)
    refused(world, "delete_my_data")
    later(world, days=1)
    data = {"userId": "ada", "reason": "asked for"}
    done = call(world, "delete_customer", data, "boss")
    erasure, waiting = listed(world)
    assert (erasure["requestId"], erasure["by"], erasure["stoppedBy"]) == (
        done["erasureId"],
        "staff",
        None,
    )
    for one in (erasure, waiting):
        assert (one["state"], one["erasureId"]) == ("done", done["erasureId"])
        assert (one["reason"], one["report"]) == ("asked for", done["report"])
    assert (waiting["by"], waiting["stoppedBy"]) == ("person", "merged-by-staff")


def test_who_can_be_erased_after_the_merge_was_undone_is_answered_too(world: World) -> None:
    merge_id = merge(world)
    refused(world, "delete_my_data")
    call(world, "unmerge_customers", {"mergeId": merge_id}, "boss")
    assert listed(world)[0]["state"] == "open"
    done = call(world, "delete_my_data")
    states = [(one["by"], one["state"], one["erasureId"]) for one in listed(world)]
    assert states == [("person", "done", done["erasureId"])] * 2


def test_tickets_that_cost_money_wait_for_staff_and_free_ones_do_not(world: World) -> None:
    soon = [item("e", eventStartsAt=world.store.now() + timedelta(days=400))]
    world.put_order("free", order(userId="ada", total=0, items=soon))
    assert refused(world, "delete_my_data") == "held"
    assert listed(world) == []  # `confirm: true` is all it takes
    world.put_order("paid", order(userId="ada", items=soon))
    assert refused(world, "delete_my_data") == "held"
    assert [one["stoppedBy"] for one in listed(world)] == ["held"]


def test_exports_are_listed_once_each_whoever_asked(world: World) -> None:
    call(world, "export_my_data")
    call(world, "export_customer", {"email": "bob@example.com"}, "boss")
    staff, own = listed(world)
    assert [one["kind"] for one in (staff, own)] == ["export", "export"]
    assert (staff["by"], own["by"]) == ("staff", "person")
    assert own["customerIds"] == [world.with_uid("ada")["id"]]
    assert own["actor"] == KEYS.user("ada")
    assert (own["state"], own["dueAt"], own["report"]) == ("done", None, None)


def test_exports_and_erasures_are_told_whole(world: World) -> None:
    """By the person, by staff and by an operator, who sits at a shell."""
    ada, bob = world.with_uid("ada")["id"], world.with_email("bob@example.com")["id"]
    world.put_order("c1", order("cyd@example.com"))
    cyd = world.with_email("cyd@example.com")["id"]
    call(world, "export_my_data")
    operator = replace(world.runner, actor=OPERATOR)
    scope, who = Scope("", "", {}), CustomerRef("email", "bob@example.com")
    export(operator, scope, who)
    erase(operator, world.queue.append, who, reason="court order")
    own = call(world, "delete_my_data")
    data = {"email": "cyd@example.com", "reason": "asked for"}
    staff = call(world, "delete_customer", data, "boss")
    told = {(one["kind"], one["by"]): one for one in listed(world)}
    trail = {tuple(one["customers"]): name for name, one in exports(world)}
    records = world.store.all("crmErasures")
    (bobs,) = [name for name, one in records.items() if one["customers"] == [bob]]
    same = {"state": "done", "dueAt": None, "stoppedBy": None}
    exported = {**same, "kind": "export", "reason": None, "erasureId": None, "report": None}
    erased = {**same, "kind": "erasure"}
    for one in told.values():
        assert datetime.fromisoformat(one.pop("at")) <= world.runner.now()
    report = told["erasure", "operator"].pop("report")
    assert [*report] == ["removed", "retained", "open"]
    assert told == {
        ("export", "person"): {
            **exported,
            "requestId": trail[(ada,)],
            "by": "person",
            "actor": KEYS.user("ada"),
            "customerIds": [ada],
        },
        ("export", "operator"): {
            **exported,
            "requestId": trail[(bob,)],
            "by": "operator",
            "actor": OPERATOR,
            "customerIds": [bob],
        },
        ("erasure", "person"): {
            **erased,
            "requestId": own["erasureId"],
            "by": "person",
            "actor": KEYS.user("ada"),
            "customerIds": [ada],
            "reason": OWN,
            "erasureId": own["erasureId"],
            "report": own["report"],
        },
        ("erasure", "staff"): {
            **erased,
            "requestId": staff["erasureId"],
            "by": "staff",
            "actor": KEYS.user("boss"),
            "customerIds": [cyd],
            "reason": "asked for",
            "erasureId": staff["erasureId"],
            "report": staff["report"],
        },
        ("erasure", "operator"): {
            **erased,
            "requestId": bobs,
            "by": "operator",
            "actor": OPERATOR,
            "customerIds": [bob],
            "reason": "court order",
            "erasureId": bobs,
        },
    }


def exports(world: World) -> Iterable[tuple[str, dict[str, Any]]]:
    """The entries of exports in the audit trail."""
    found = world.store.all("crmAudit").items()
    return [(name, one) for name, one in found if one["action"] == "customer.export"]


def test_an_erasure_that_is_under_way_says_so(world: World) -> None:
    merge(world)
    refused(world, "delete_my_data")
    boss = replace(world.runner, actor=KEYS.user("boss"))
    who = CustomerRef("userId", "ada")
    erase(boss, world.queue.append, who, reason="asked", seconds=0)
    queue, world.queue[:] = [*world.queue], []
    erasure, waiting = listed(world)
    assert (erasure["state"], waiting["state"]) == ("running", "running")
    assert waiting["by"] == "person"
    world.queue += queue
    world.work()
    assert [one["state"] for one in listed(world)] == ["done", "done"]


def test_who_asks_again_after_an_erasure_waits_anew(world: World) -> None:
    """An erasure from before a request is no answer to it."""
    merge(world)
    refused(world, "delete_my_data")
    call(world, "delete_customer", {"userId": "ada", "reason": "asked for"}, "boss")
    (answered,) = [one for one in listed(world) if one["stoppedBy"]]
    assert answered["state"] == "done"
    later(world, days=1)
    who = SignedIn("ada", "ada@example.com")
    world.runner.run(partial(plan_request, who=who, stopped_by="held"))
    (again,) = [one for one in listed(world) if one["stoppedBy"]]
    assert (again["state"], again["stoppedBy"], again["customerIds"]) == ("open", "held", [])
    assert (again["erasureId"], again["report"], again["reason"]) == (None, None, None)
    assert again["at"] > answered["at"]
    facts = [one["facts"] for one in trail_of(world, "erasure.request")]
    assert facts == [{"stoppedBy": "merged-by-staff"}, {"stoppedBy": "held"}]


@pytest.mark.parametrize(("later", "state"), [(-1, "open"), (0, "done"), (1, "done")])
def test_an_erasure_answers_a_request_of_its_own_moment_or_before(
    world: World, later: int, state: str
) -> None:
    boss = replace(world.runner, actor=KEYS.user("boss"))
    erase(boss, world.queue.append, CustomerRef("userId", "ada"), reason="asked")
    ((erasure_id, erasure),) = world.store.all("crmErasures").items()
    request = {"at": erasure["at"], "customers": ["c"], "stoppedBy": "held"}
    world.store.put(f"crmRequests/{KEYS.user('ada')}", request)
    moved = {**erasure, "at": erasure["at"] + timedelta(microseconds=later)}
    world.store.put(f"crmErasures/{erasure_id}", moved)
    (told,) = [one for one in listed(world) if one["stoppedBy"]]
    assert (told["state"], told["customerIds"], told["by"]) == (state, ["c"], "person")


def trail_of(world: World, action: str) -> list[dict[str, Any]]:
    """The entries of an action in the audit trail, oldest first."""
    found = [one for one in world.store.all("crmAudit").values() if one["action"] == action]
    return sorted(found, key=lambda one: one["at"])


def test_pages_go_through_all_kinds_in_one_order(world: World) -> None:
    for number in range(3):
        world.put_order(f"c{number}", order(f"c{number}@example.com"))
        call(world, "export_customer", {"email": f"c{number}@example.com"}, "boss")
        call(world, "delete_customer", {"email": f"c{number}@example.com", "reason": "r"}, "boss")
    merge(world)
    refused(world, "delete_my_data")
    whole = listed(world)
    assert len(whole) == 7
    assert [one["at"] for one in whole] == sorted((one["at"] for one in whole), reverse=True)
    for size in (1, 2, 6, 7):
        paged, token = [], None
        for _ in range(8):
            data = {"pageSize": size, "pageToken": token}
            page = call(world, "list_requests", data, "boss")
            paged += page["requests"]
            token = page["nextPageToken"]
            if token is None:
                break
        assert paged == whole


def test_a_page_of_many_that_wait_is_read_in_two_steps(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        who = SignedIn(f"u{number}", f"u{number}@example.com")
        world.put_order(f"u{number}", order(who.address, userId=who.uid))
        world.accounts.of[who.uid] = who.address
        world.put_user(who.uid, user(who.address))
        world.runner.run(partial(plan_request, who=who, stopped_by="held"))
        if number < 3:
            call(world, "delete_customer", {"userId": who.uid, "reason": "letter"}, "boss")
    read, steps = world.store.read, []

    def counted(paths: Iterable[str]) -> Any:
        steps.append([*paths])
        return read(steps[-1])

    monkeypatch.setattr(world.store, "read", counted)
    states = [one["state"] for one in listed(world) if one["stoppedBy"]]
    assert sorted(states) == ["done", "done", "done", "open", "open"]
    assert [len(one) for one in steps] == [5, 3]


def test_nothing_personal_is_in_it(world: World) -> None:
    merge(world)
    refused(world, "delete_my_data")
    call(world, "export_my_data")
    text = str(listed(world)).casefold()
    assert not [one for one in PRIVATE if f"'{one}" in text or one in text.split()]
    assert "example.com" not in text


def test_it_is_for_admins_alone(world: World) -> None:
    auth = https_fn.AuthData("ed", ADMIN | {"crm": "editor"})
    request = https_fn.CallableRequest(data=None, raw_request=cast("Any", None), auth=auth)
    with pytest.raises(https_fn.HttpsError) as refusal:
        answer("list_requests", request, lambda: world.services)
    assert refusal.value.code.value == "permission-denied"


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        ((2026, 11, 28), (2026, 12, 28)),
        ((2026, 12, 31), (2027, 1, 31)),
        ((2027, 1, 31), (2027, 2, 28)),
        ((2028, 1, 30), (2028, 2, 29)),
        ((2026, 5, 31), (2026, 6, 30)),
    ],
)
def test_a_month_is_the_same_day_of_the_next_or_its_last(
    asked: tuple[int, int, int], until: tuple[int, int, int]
) -> None:
    assert due(datetime(*asked, 13, 5, tzinfo=UTC)) == datetime(*until, 13, 5, tzinfo=UTC)
