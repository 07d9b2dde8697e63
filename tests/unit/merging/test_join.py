"""What one customer can hold of two, what a merge leaves, and what a preview says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.consent.records import Status
from crm.core.errors import Conflict
from crm.customers.attendance import Attendance
from crm.customers.customer import Customer
from crm.customers.decision import Decision
from crm.customers.limits import (
    DAY_BYTES,
    MAX_CUSTOMER_BYTES,
    MAX_DAYS,
    MAX_EVENTS,
    MAX_PARTS,
    MAX_TAGS,
    event_bytes,
)
from crm.customers.part import Part
from crm.db.documents import Snapshot
from crm.merging.join import fits, room_for_events, survivor_of
from crm.merging.merge import MergePlan, plan_merge
from testing.hosts import DAY, order, user
from testing.world import World
from tests.unit.merging.test_merge import decide, guest, merge, refused, tag

ONCE = Attendance(1, 1, 0, 0)
NUMBERS = [str(number) for number in range(MAX_TAGS)]


def customer(name: str, parts: int = 1, tags: Sequence[str] = (), **fields: Any) -> Customer:
    made = {f"{name}{number}": Part(f"e1-{name}{number}", number) for number in range(parts)}
    return Customer(name, DAY, made, tuple(tags), **fields)


def with_events(name: str, number: int, letters: int = 10) -> Customer:
    events = {f"{name}-{n:0{letters}d}": ONCE for n in range(number)}
    one = customer(name)
    return one.with_part(f"{name}0", replace(one.parts[f"{name}0"], events=events))


@pytest.mark.parametrize(
    ("target", "source", "both"),
    [
        (customer("a", MAX_PARTS - 1), customer("b"), True),
        (customer("a", MAX_PARTS), customer("b"), False),
        (customer("a"), customer("b", MAX_PARTS), False),
        (customer("a", tags=NUMBERS[:MAX_TAGS]), customer("b", tags=["1", "2"]), True),
        (customer("a", tags=NUMBERS[:MAX_TAGS]), customer("b", tags=["one"]), False),
        (with_events("a", MAX_EVENTS - 1), with_events("b", 1), True),
        (with_events("a", MAX_EVENTS), with_events("b", 1), False),
    ],
)
def test_one_customer_holds_both_up_to_each_limit(
    target: Customer, source: Customer, both: bool
) -> None:
    assert fits(target, source) is both


def test_events_have_room_by_number_and_by_size() -> None:
    few = MAX_CUSTOMER_BYTES // event_bytes("a-" + "0" * 250, None)
    assert few < MAX_EVENTS
    assert room_for_events(with_events("a", few, 250), customer("b"))
    assert not room_for_events(with_events("a", few, 250), with_events("b", 1, 250))


def test_days_of_both_leave_the_events_less_room_where_they_are_more_than_usual() -> None:
    def with_days(name: str, number: int) -> Customer:
        days = {f"{name}{one}": 1 for one in range(number)}
        return customer(name).with_part(f"{name}0", Part("e1-x", days=days))

    few = MAX_CUSTOMER_BYTES // event_bytes("a-" + "0" * 250, None)
    full = with_events("a", few, 250)
    assert room_for_events(full, with_days("b", MAX_DAYS))
    assert not room_for_events(full, with_days("b", MAX_DAYS + 100))
    assert room_for_events(with_events("a", few // 2, 250), with_days("b", MAX_DAYS + 100))


@pytest.mark.parametrize(
    ("days", "bytes_of_days"), [(0, 0), (MAX_DAYS, 0), (MAX_DAYS + 1, DAY_BYTES)]
)
def test_the_last_byte_is_for_an_event_and_a_day_more_than_usual_takes_some(
    days: int, bytes_of_days: int
) -> None:
    own = {f"day {number}": 1 for number in range(days)}
    source = customer("b").with_part("b0", Part("e1-b", days=own))
    left = MAX_CUSTOMER_BYTES - bytes_of_days - event_bytes("ab", None)
    for letters, room in ((left // 2, True), (left // 2 + 1, False)):
        events = {"ab": replace(ONCE, name="x" * letters)}
        target = customer("a").with_part("a0", Part("e1-a", events=events))
        assert room_for_events(target, source) is room


def test_an_event_of_both_takes_room_once() -> None:
    assert room_for_events(with_events("a", MAX_EVENTS), with_events("a", MAX_EVENTS))


@pytest.mark.parametrize("older", ["target", "source"])
def test_a_survivor_is_as_old_as_the_older_of_both(older: str) -> None:
    earlier = replace(customer(older), created_at=DAY - timedelta(days=1))
    other = customer("other")
    target, source = (earlier, other) if older == "target" else (other, earlier)
    assert survivor_of(target, source).created_at == earlier.created_at


def test_what_comes_stands_behind_what_was_there_in_its_own_order() -> None:
    survivor = survivor_of(customer("a", 2), customer("b", 3))
    ranked = sorted(survivor.parts, key=lambda part_id: survivor.parts[part_id].rank)
    assert ranked == ["a0", "a1", "b0", "b1", "b2"]


def test_merges_of_staff_in_both_count() -> None:
    assert (
        survivor_of(customer("a", staff_merges=2), customer("b", staff_merges=3)).staff_merges == 5
    )


def test_a_part_that_has_moved_meanwhile_is_not_taken_along() -> None:
    """One reading is no snapshot: an identity can be newer than the customer that it led to."""
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    paths = [f"customers/{ada}", f"customers/{bob}"]
    read = world.store.read([*paths, *(f"crmIdentities/{key}" for key in keys_of(world))])
    moved = {
        path: Snapshot(path, {**one.fields, "customerId": "somebody"}, one.version)
        if one.fields.get("customerId") == ada
        else one
        for path, one in read.items()
    }
    tx = world.runner.begin(moved.values())
    with pytest.raises(Conflict):
        world.runner.evaluate(lambda tx: plan_merge(tx, ada, bob), tx)


def keys_of(world: World) -> list[str]:
    return sorted(world.store.all("crmIdentities"))


def preview(world: World, source: str, target: str) -> MergePlan:
    return merge(world, source, target, dry_run=True)


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [("Ada", "Bob", True), ("Ada", "Ada", False), (None, "Bob", False), ("Ada", None, False)],
)
def test_names_differ_where_both_have_one(
    first: str | None, second: str | None, differ: bool
) -> None:
    world = World()
    world.put_order("a", order("a@example.com", name=first))
    world.put_order("b", order("b@example.com", name=second))
    ada, bob = (world.with_email(f"{name}@example.com")["id"] for name in "ab")
    assert ("names-differ" in preview(world, ada, bob).warnings) is differ


@pytest.mark.parametrize("registered", [[], ["ada"], ["bob"], ["ada", "bob"]])
def test_two_users_are_a_warning_and_a_stop_where_both_are(registered: list[str]) -> None:
    world = World()
    for name in ("ada", "bob"):
        guest(world, name)
        if name in registered:
            world.put_user(name, user(f"{name}@example.com"))
    ada, bob = (
        world.with_uid(name)["id"]
        if name in registered
        else world.with_email(f"{name}@example.com")["id"]
        for name in ("ada", "bob")
    )
    seen = preview(world, ada, bob)
    both = len(registered) == 2
    assert ("two-users" in seen.warnings, "two-users" in seen.stops) == (both, both)


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        (None, None, False),
        ("subscribed", None, True),
        (None, "unsubscribed", True),
        ("subscribed", "unsubscribed", True),
        ("subscribed", "subscribed", False),
    ],
)
def test_consent_differs_where_the_decisions_do(
    first: Status | None, second: Status | None, differs: bool
) -> None:
    world = World()
    ids = [guest(world, "ada"), guest(world, "bob")]
    for customer_id, status in zip(ids, (first, second), strict=True):
        if status:
            decide(world, customer_id, status)
    assert ("consent-differs" in preview(world, *ids).warnings) is differs


def test_a_preview_says_all_that_stops_a_merge_in_the_words_of_the_refusal() -> None:
    world = World()
    for name in ("ada", "bob"):
        world.put_user(name, user(f"{name}@example.com"))
        tag(world, world.with_uid(name)["id"], *(f"{name}{n}" for n in range(MAX_TAGS // 2 + 1)))
    ids = [str(world.with_uid(name)["id"]) for name in ("ada", "bob")]
    stops = preview(world, *ids).stops
    assert set(stops) == {"two-users", "too-many-tags"}
    said = {
        "two-users": refused(world, "two-users", lambda: merge(world, *ids)).message,
        "too-many-tags": refused(
            world, "too-many-tags", lambda: merge(world, *ids, allow_two_users=True)
        ).message,
    }
    assert said == dict(stops)
    assert "allowTwoUsers" in said["two-users"]


def test_exactly_as_many_tags_as_fit_are_no_stop() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    tag(world, ada, *map(str, range(MAX_TAGS - 1)))
    tag(world, bob, "one")
    assert preview(world, ada, bob).stops == {}
    assert len(merge(world, ada, bob).customer["tags"]) == MAX_TAGS  # type: ignore[arg-type]


def test_a_merge_answers_what_it_moves_and_a_preview_of_one_made_names_none() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    tag(world, ada, "vip", "both")
    tag(world, bob, "both")
    expected = {"identities": 1, "orders": 1, "events": 1, "tags": ["vip"]}
    assert preview(world, ada, bob).moves == expected
    assert merge(world, ada, bob).moves == expected
    again = preview(world, ada, bob)
    assert (again.merge_id, again.writes, again.moves) == (None, [], {})
    assert again.customer["customerId"] == bob


def test_a_decision_of_a_part_goes_along() -> None:
    decision = Decision("unsubscribed", DAY, "staff")
    source = customer("b")
    source = source.with_part("b0", replace(source.parts["b0"], decision=decision))
    assert survivor_of(customer("a"), source).parts["b0"].decision == decision
