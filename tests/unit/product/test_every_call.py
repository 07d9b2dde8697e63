"""Each operation with each of its remote calls gone wrong in each way: always the same end.

For every operation: how many remote calls it makes, and the end without a fault. Then from the same
start, for every call and every fault, the operation; what the platform or the caller does about it
(the event is lost, delivered again, or the call is made again); the queue; one sweep. The end is
the one without a fault: nothing lost, doubled or revived.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from firebase_functions import https_fn

from crm.consent.plan import plan_unsubscribe
from crm.core.errors import Conflict, Transient, Unfinished
from crm.core.roles import Role
from crm.importing import record as import_record
from crm.privacy.erasure import job as erasure_steps
from crm.repair import begun as begun_events
from crm.repair import rebuild, rebuild_job
from crm.sync.sync import Sync
from crm.tags import jobs as tag_jobs
from crm.tags import plan as tag_plan
from crm.tags import tagging
from testing.hosts import item, order, user
from tests.support.contact_operations import CONTACTS
from tests.support.faults import Fault, Faults, Killed, hurried
from tests.support.operation import Operation, call
from tests.support.stage import Process, entries, normal, shop, tagged

MOST = 8
"""Points of one operation, about; `CRM_POINTS=all` runs them all."""


def event(path: str, data: dict[str, Any] | None, again: bool) -> Operation:
    """The host writes or deletes a document, and its event comes."""
    collection, name = path.split("/")

    def host(world: Process) -> object:
        if data is None:
            return world.store.delete(path)
        world.store.put(path, data)
        return None

    def act(world: Process, gone: Any) -> object:
        handle = world.sync.sync_order if collection == "orders" else world.sync.sync_user
        return handle(name, gone)

    return Operation(act, host, again)


def lost_events(world: Process) -> None:
    world.store.put("orders/lost", order("ada@example.com", day=30))
    world.store.put("orders/o-bob", order("bob@example.com", status="refunded"))
    world.store.delete("orders/o-ada-2")
    world.store.put("users/u-lost", user("cyd@example.com", name="Cyd"))
    world.verified["u-lost"] = "cyd@example.com"


def an_event_begins(world: Process) -> None:
    before = Process(store=world.store)  # a process that nothing happens to
    before.runner = replace(before.runner, new_id=world.runner.new_id)
    before.sync = Sync(before.runner)
    gala = item("gala", eventStartsAt=world.store.now() + timedelta(minutes=9))
    for name in ("ada", "bob", "eve"):
        before.put_order(f"o-{name}", order(f"{name}@example.com", items=[gala]))
    world.store.wait(timedelta(minutes=9))


def nothing_but_a_field(world: Process) -> str:
    before = Process(store=world.store)  # a process that nothing happens to
    before.runner = replace(before.runner, new_id=world.runner.new_id)
    before.sync = Sync(before.runner)
    before.put_order("o-zoe", order("zoe@example.com"))
    left = before.id("zoe")
    before.call("set_fields", customerId=left, fields={"company": "ACME"})
    before.delete_order("o-zoe")
    return left


def proving(name: str) -> Callable[[Process], None]:
    def host(world: Process) -> None:
        world.verified["u-new"] = f"{name}@example.com"
        world.store.put("users/u-new", user(f"{name}@example.com", name="New"))

    return host


def rebuilt(world: Process, _given: object) -> object:
    report = rebuild.rebuild(world.runner, threads=2)
    if report.failed:
        raise Transient("the operator is told which documents failed, and does it again")
    return None


def begun(name: str, *, stopped: bool = False, **data: Any) -> Callable[[Process], str]:
    """Staff began long work before; who worked on it died, or somebody stopped it."""

    def host(world: Process) -> str:
        before = Process(store=world.store)  # a process that nothing happens to
        before.runner = replace(before.runner, new_id=world.runner.new_id)
        job_id: str = before.call(name, "staff", **data)["jobId"]
        if stopped:
            before.call("cancel_job", "staff", jobId=job_id)
        return job_id

    return host


def cancelled(world: Process, job_id: str) -> object:
    return world.call("cancel_job", jobId=job_id)


def retried(world: Process, job_id: str) -> object:
    return world.call("retry_job", jobId=job_id)


def swept(world: Process, _given: object) -> object:
    world.sweep()
    return None


def unsubscribed(world: Process, _given: object) -> object:
    key = world.runner.keys.address("bob@example.com")
    world.runner.run(lambda tx: plan_unsubscribe(tx, key))
    return None


EVENTS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "a new order": ("orders/new", order("ada@example.com", day=20)),
    "an order of somebody new": ("orders/new", order("new@example.com", marketingOptIn=True)),
    "an order before its user": ("orders/new", order("ada@example.com", userId="u-later")),
    "an order of a user": ("orders/new", order("ada@example.com", userId="u-eve")),
    "an order that cannot be read": ("orders/new", order(status="unheard of", odd=True)),
    "an edit": ("orders/o-ada", order("ada@example.com", status="refunded")),
    "a correction to somebody else": ("orders/o-ada", order("bob@example.com")),
    "an order that becomes readable": ("orders/o-odd", order("fay@example.com")),
    "a deletion": ("orders/o-ada", None),
    "a deletion of the last": ("orders/o-fay", None),
    "a user without an order": ("users/u-new", user("zoe@example.com")),
    "a user who moves": ("users/u-eve", user("eve@example.com", profile={"city": "Basel"})),
    "a user deleted": ("users/u-eve", None),
}


def hired(role: Role | None) -> Callable[[Process], None]:
    def host(world: Process) -> None:
        world.staff.hire("hired", role)

    return host


def role_changed(name: str, role: Role | None, /, **data: Any) -> Operation:
    """An admin changes the role of somebody, who has it when it is over, whatever went wrong."""

    def act(world: Process, _given: object) -> object:
        answer = world.call(name, **data)
        assert answer["staff"]["role"] == (role.word if role else None)
        assert world.staff.of["hired"].role is role
        return answer

    return Operation(act, hired(Role.ADMIN if role is None else None))


OPERATIONS: dict[str, Operation] = {
    **CONTACTS,
    **{f"{name}, lost": event(*one, again=False) for name, one in EVENTS.items()},
    **{f"{name}, again": event(*one, again=True) for name, one in EVENTS.items()},
    "linking, lost": Operation(
        lambda world, _: world.sync.sync_user("u-new"), proving("ada"), again=False
    ),
    "linking, again": Operation(lambda world, _: world.sync.sync_user("u-new"), proving("ada")),
    "claiming": Operation(lambda world, _: world.call("claim_my_orders", "u-new"), proving("ada")),
    "merging": call(
        "merge_customers", sourceId=lambda of: of("ada"), targetId=lambda of: of("bob")
    ),
    "merging on": call(
        "merge_customers", sourceId=lambda of: of("cyd"), targetId=lambda of: of("eve")
    ),
    "undoing": call("unmerge_customers", mergeId=lambda of: merge_into(of("cyd"))),
    "tagging": call(
        "tag_customers",
        add=["New"],
        remove=["News"],
        customerIds=lambda of: [of(name) for name in ("ada", "bob", "fay", "cyd")],
    ),
    "tagging many": call("tag_customers", add=["New"], remove=["News"], segment="tag:vip"),
    "renaming a tag": call("rename_tag", tag="vip", to="Best", over="no-such-tag"),
    "uniting tags": call("rename_tag", tag="vip", to="Other", over="no-such-tag"),
    "deleting a tag": call("delete_tag", tag="vip", over="no-such-tag"),
    "granting": call(
        "set_consent", customerId=lambda of: of("cyd"), status="subscribed", evidence="letter"
    ),
    "withdrawing": call("set_consent", customerId=lambda of: of("eve"), status="unsubscribed"),
    "writing fields": call(
        "set_fields", customerId=lambda of: of("bob"), fields={"company": None, "seats": 3}
    ),
    "emptying all that is left": Operation(
        lambda world, left: world.call("set_fields", customerId=left, fields={"company": None}),
        nothing_but_a_field,
        over="no-such-customer",
    ),
    "unsubscribing": Operation(unsubscribed),
    "noting": call("add_note", customerId=lambda of: of("cyd"), text="Called."),
    "reading notes": call("list_notes", customerId=lambda of: of("eve")),
    "telling what an event sold": call("get_event_sales", eventId="devops-2024"),
    "following new customers": call("get_cohorts", **{"from": "2024-01-01", "to": "2024-05-01"}),
    "telling how the list grows": call("get_growth", by="month"),
    "deleting a note": call("delete_note", noteId=lambda of: note_id(), over="no-such-note"),
    "saving a segment": call(
        "save_segment", name="Mine", segment="segment:Important", over="segment-name-taken"
    ),
    "changing a segment": call(
        "save_segment", segmentId=lambda of: segment_id(), name="Other", segment="tag:news"
    ),
    "deleting a segment": call(
        "delete_segment", segmentId=lambda of: segment_id(), over="no-such-segment"
    ),
    "exporting": call("export_customer", email="eve@example.com"),
    "exporting one's own": call("export_my_data", uid="u-eve"),
    "erasing a guest": call("delete_customer", email="ada@example.com", reason="letter"),
    "erasing a user": call("delete_customer", email="dan@example.com", reason="letter"),
    "erasing oneself": replace(
        call("delete_my_data", uid="u-fay"),
        over="address-not-verified",  # the account is gone
    ),
    "explaining quarantine": call("explain_quarantine", id=lambda of: quarantined()),
    "giving a role": role_changed(
        "grant_role", Role.EDITOR, email="hired@example.com", role="editor"
    ),
    "taking a role": role_changed("revoke_role", None, uid="hired"),
    "listing staff": call("list_staff"),
    "trying quarantine again": call("retry_quarantine", id=lambda of: quarantined()),
    "rebuilding": Operation(rebuilt, lost_events),
    "rebuilding by a job": Operation(lambda world, _: world.call("rebuild_customers"), lost_events),
    "cancelling": Operation(cancelled, begun("tag_customers", add=["New"], segment="everyone")),
    "cancelling a deletion": Operation(cancelled, begun("delete_tag", tag="vip")),
    "retrying": Operation(
        retried, begun("tag_customers", stopped=True, add=["New"], segment="everyone")
    ),
    "retrying a deletion": Operation(retried, begun("delete_tag", stopped=True, tag="vip")),
    "retrying a rebuild": Operation(retried, begun("rebuild_customers", stopped=True)),
    "sweeping": Operation(swept, lost_events),
    "sweeping when an event begins": Operation(swept, an_event_begins),
}


def merge_into(customer_id: str) -> str:
    merges = shop().store.all("crmMerges").items()
    (found,) = [name for name, one in merges if one["targetId"] == customer_id]
    return found


def segment_id() -> str:
    (found,) = shop().store.all("crmSegments")
    return found


def note_id() -> str:
    (found,) = shop().store.all("crmNotes")
    return found


def quarantined() -> str:
    (found,) = shop().store.all("crmQuarantine")
    return found


def some(points: list[tuple[Fault, int]]) -> list[tuple[Fault, int]]:
    """Return as many points as a run has time for, from everywhere."""
    if os.environ.get("CRM_POINTS") == "all":
        return points
    return points[:: max(1, len(points) // MOST)]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So that everything takes several steps, and so that nobody waits."""
    monkeypatch.setattr(tag_plan, "COMMIT_BYTES", 1)
    monkeypatch.setattr(tag_jobs, "PAGE", 2)
    monkeypatch.setattr(tagging, "INLINE_STEPS", 1)
    monkeypatch.setattr(begun_events, "PAGE", 2)
    monkeypatch.setattr(import_record, "CHUNK", 2)
    monkeypatch.setattr(rebuild_job, "STEP", 4)
    monkeypatch.setattr(rebuild, "PAGE", 4)
    monkeypatch.setattr(rebuild_job, "THREADS", 2)
    monkeypatch.setattr(rebuild_job, "LEAST", 4)
    monkeypatch.setattr(erasure_steps, "PAGE", 2)
    monkeypatch.setattr(erasure_steps, "THREADS", 2)
    with hurried():
        yield


class Unanswered(Exception):
    """The one who asked got no answer, or one that says: call again."""


def attempt(world: Process, operation: Operation, given: Any) -> object:
    """Do it once; give the answer."""
    try:
        return operation.act(world, given)
    except (Killed, Transient, Conflict) as error:
        raise Unanswered from error
    except https_fn.HttpsError as error:
        if error.code.value in {"unavailable", "aborted"}:
            raise Unanswered from error
        raise


@dataclass(frozen=True)
class Outcome:
    """How an operation ended.

    Attributes:
        world: What is there when all is over.
        answered: Whether the first try was.
        points: What can go wrong in the operation and in the workers that it began.
        hit: Whether what was to go wrong did.
    """

    world: Process
    answered: bool
    points: list[tuple[Fault, int]]
    hit: bool


def outcome(operation: Operation, faults: Faults) -> Outcome:
    """Do it from the start, whatever goes wrong, and then what always follows."""
    world = Process(faults, start=shop())
    given = operation.host(world)
    answered = True
    try:
        attempt(world, operation, given)
    except Unanswered:
        answered = False
    with suppress(Killed, Unfinished):
        world.deliver()
    points, hit = faults.points, faults.hit
    faults.over()
    if not answered and operation.again:
        try:
            attempt(world, operation, given)
        except https_fn.HttpsError as error:
            assert operation.over is not None
            assert operation.over in str(error.details)
    world.deliver()
    world.sweep()
    world.deliver()
    world.rules_act()
    world.deliver()
    if world.store.all("crmErasures"):
        world.sweep()  # what an erasure that went on just now took out of the host's documents
    return Outcome(world, answered, points, hit)


@pytest.mark.parametrize("name", OPERATIONS)
def test_any_call_may_go_wrong(name: str) -> None:
    operation = OPERATIONS[name]
    whole = outcome(operation, Faults())
    assert whole.answered
    assert whole.world.unsound() == []
    end = normal(whole.world, *operation.leaves)
    trail, changes = entries(whole.world), tagged(whole.world)
    hits = 0
    points = some(whole.points)
    for fault, at in points:
        one = outcome(operation, Faults(at, fault))
        hits += one.hit
        where = f"{name}, call {at}: {fault.value}"
        assert one.world.unsound() == [], where
        assert normal(one.world, *operation.leaves) == end, where
        assert tagged(one.world) == changes, where
        # Who calls again can leave a second entry, but nobody who was answered does.
        assert trail <= entries(one.world), where
        assert trail == entries(one.world) or not one.answered, where
    assert hits >= len(points) / 2  # threads do not always make the same calls


def test_there_are_enough_points() -> None:
    points = {name: outcome(one, Faults()).points for name, one in OPERATIONS.items()}
    every = sum(map(len, points.values()))
    run = sum(len(some(one)) for one in points.values())
    print(f"{run} points of {every} in {len(points)} operations")
    assert every >= 2_000
    assert run >= 500
    assert min(map(len, points.values())) >= 6  # two calls, each gone wrong in every way
