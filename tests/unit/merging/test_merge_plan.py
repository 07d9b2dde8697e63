"""All that a preview says, and all that a merge refuses, in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.customers import limits, room
from crm.customers.attendance import Attendance
from crm.customers.customer import Customer, public
from crm.customers.limits import MAX_EVENTS, MAX_PARTS, MAX_TAGS
from crm.customers.part import Part
from crm.merging.join import survivor_of
from crm.merging.merge import MergePlan, plan_merge
from testing.hosts import DAY, order, user
from testing.world import KEYS, World
from tests.unit.merging.test_merge import guest, merge, tag, unmerge

TWO_USERS = (
    "Both are registered users. If they are one person all the same, merge with allowTwoUsers:"
    " true."
)
MANY_IDENTITIES = (
    "Together they have more than 30 addresses and users, which is the limit of one customer. A"
    " shared address, such as a box office's, should stay on its own."
)
MANY_TAGS = (
    "Together they have more than 100 tags, which is the limit of one customer: remove some of them"
    " first."
)
MANY_EVENTS = (
    "Together they hold more events than one customer can (2500 at most): leave them apart."
)
TOO_LARGE = (
    "Together they are larger than one document can be: empty own fields with long texts of one of"
    " them, or leave them apart."
)
OWN = "One of them is you: let an admin merge, for you could export the other one's data."
ADMIN = "Both are registered users, whom only an admin may merge."


def stored(world: World, customer: Customer) -> str:
    world.store.put(f"customers/{customer.id}", customer.to_data(world.store.now(), double=False))
    return customer.id


def customer(
    name: str, parts: int = 1, *, live: bool = False, events: int = 0, tags: int = 0
) -> Customer:
    """A customer of parts in a row; the first has all that is more."""
    held = {f"{name}-{number:04}": Attendance(1, 1, 0, 0) for number in range(events)}
    made = {f"{name}{number:02}": Part(f"e1-{name}{number}", number) for number in range(parts)}
    made[f"{name}00"] = replace(made[f"{name}00"], live=live, orders=1, events=held)
    return Customer(name, DAY, made, tuple(f"{name}{number:03}" for number in range(tags)))


@pytest.mark.parametrize(
    ("source", "target", "allowed", "stops"),
    [
        (customer("s"), customer("t"), False, {}),
        (customer("s", live=True), customer("t"), False, {}),
        (customer("s"), customer("t", live=True), False, {}),
        (customer("s", live=True), customer("t", live=True), True, {}),
        (customer("s", live=True), customer("t", live=True), False, {"two-users": TWO_USERS}),
        (customer("s", 2), customer("t", MAX_PARTS - 2), False, {}),
        (customer("s", MAX_PARTS - 2), customer("t", 2), False, {}),
        (
            customer("s", 2),
            customer("t", MAX_PARTS - 1),
            False,
            {"too-many-identities": MANY_IDENTITIES},
        ),
        (customer("s", tags=MAX_TAGS - 1), customer("t", tags=1), False, {}),
        (
            customer("s", tags=MAX_TAGS - 1),
            customer("t", tags=2),
            False,
            {"too-many-tags": MANY_TAGS},
        ),
        (customer("s", events=1), customer("t", events=MAX_EVENTS - 1), False, {}),
        (
            customer("s", events=1),
            customer("t", events=MAX_EVENTS),
            False,
            {"too-large": MANY_EVENTS},
        ),
        (
            customer("s", 2, live=True, events=1, tags=MAX_TAGS),
            customer("t", MAX_PARTS, live=True, events=MAX_EVENTS, tags=1),
            False,
            {
                "two-users": TWO_USERS,
                "too-many-identities": MANY_IDENTITIES,
                "too-many-tags": MANY_TAGS,
                "too-large": MANY_EVENTS,
            },
        ),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, dict) else "",
)
def test_a_preview_names_all_that_stops_a_merge_and_a_merge_the_first_of_it(
    source: Customer, target: Customer, allowed: bool, stops: Mapping[str, str]
) -> None:
    world = World()
    ids = [stored(world, one) for one in (source, target)]
    assert merge(world, *ids, dry_run=True, allow_two_users=allowed).stops == stops
    if stops:
        writes = world.store.writes
        with pytest.raises(Refusal) as refused:
            merge(world, *ids, allow_two_users=allowed)
        told = refused.value
        assert told.code == "failed-precondition"
        assert (told.reason, told.message) == next(iter(stops.items()))
        assert world.store.writes == writes


def test_two_who_are_too_large_together_are_told_what_to_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    source, target = customer("s"), customer("t")
    ids = [stored(world, one) for one in (source, target)]
    size = room.document_bytes(survivor_of(target, source))
    for most, stops in ((size, {}), (size - 1, {"too-large": TOO_LARGE})):
        monkeypatch.setattr(limits, "MAX_DOCUMENT_BYTES", most)
        assert merge(world, *ids, dry_run=True).stops == stops


@pytest.mark.parametrize(
    ("actor", "live", "forbidden"),
    [
        ("somebody", (False, False), {}),
        ("somebody", (True, False), {}),
        ("somebody", (False, True), {}),
        ("e1-s0", (False, False), {"own-customer": OWN}),
        ("e1-t1", (False, False), {"own-customer": OWN}),
        ("somebody", (True, True), {"two-users-need-an-admin": ADMIN}),
        ("e1-t0", (True, True), {"own-customer": OWN, "two-users-need-an-admin": ADMIN}),
    ],
)
def test_what_takes_an_admin_is_named_before_what_stops_anybody(
    actor: str, live: tuple[bool, bool], forbidden: Mapping[str, str]
) -> None:
    world = World()
    ids = [stored(world, customer(name, 2, live=one)) for name, one in zip("st", live, strict=True)]
    stops = {"two-users": TWO_USERS} if all(live) else {}
    staff = replace(world.runner, actor=actor)

    def plan(**how: Any) -> MergePlan:
        return staff.evaluate(lambda tx: plan_merge(tx, *ids, **how))

    seen = plan(dry_run=True, by_admin=False)
    assert list(seen.stops.items()) == [*forbidden.items(), *stops.items()]
    assert plan(dry_run=True).stops == stops, "an admin may"
    if forbidden:
        with pytest.raises(Refusal) as refused:
            plan(allow_two_users=True, by_admin=False)
        told = refused.value
        assert told.code == "permission-denied"
        assert (told.reason, told.message) == next(iter(forbidden.items()))


def test_a_preview_is_the_survivor_with_what_moves_and_what_is_worth_a_second_look() -> None:
    world = World()
    ada = guest(world, "ada", marketingOptIn=True)
    bob = guest(world, "bob", day=2)
    world.put_user("u1", user("eve@example.com", name="Eve"))
    eve = world.with_uid("u1")["id"]
    tag(world, ada, "a", "both")
    tag(world, bob, "both")
    seen = merge(world, ada, bob, dry_run=True)
    done = merge(world, ada, bob)
    shown = public(bob, world.store.all("customers")[bob])
    moves = {"identities": 1, "orders": 1, "events": 1, "tags": ["a"]}
    assert done.customer == shown
    assert (done.moves, done.stops, done.warnings) == (moves, {}, {})
    assert (seen.writes, seen.merge_id, seen.moves, seen.stops) == ([], None, moves, {})
    assert {**seen.customer, "updatedAt": 0} == {**shown, "updatedAt": 0}
    assert seen.warnings == {
        "names-differ": "Their names differ.",
        "consent-differs": "Only one of them is subscribed, or has unsubscribed.",
    }
    world.put_user("u2", user("bob@example.com", name="Eve"))
    again = merge(world, eve, bob, dry_run=True)
    assert again.warnings == {"two-users": "Both are registered users."}
    assert again.stops == {"two-users": TWO_USERS}


@pytest.mark.parametrize("turned", [False, True])
def test_a_merge_that_was_made_is_answered_by_either_id_and_writes_nothing(turned: bool) -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge_id = merge(world, ada, bob).merge_id
    shown = public(bob, world.store.all("customers")[bob])
    ids = (bob, ada) if turned else (ada, bob)
    assert merge(world, *ids) == MergePlan([], merge_id, shown)
    assert merge(world, *ids, dry_run=True) == MergePlan([], None, shown)


def test_of_two_that_were_merged_away_the_merge_of_the_first_is_answered() -> None:
    world = World()
    ada, bob, cyd = (guest(world, name) for name in ("ada", "bob", "cyd"))
    first, second = merge(world, ada, cyd).merge_id, merge(world, bob, cyd).merge_id
    assert [merge(world, *ids).merge_id for ids in ((ada, bob), (bob, ada))] == [first, second]


# --- An undo -------------------------------------------------------------------------------------


def refusal(world: World, merge_id: str | None) -> tuple[str, str, str]:
    writes = world.store.writes
    with pytest.raises(Refusal) as refused:
        unmerge(world, merge_id)
    assert world.store.writes == writes
    return refused.value.code, refused.value.reason, refused.value.message


def test_an_undo_says_which_merge_stands_in_its_way() -> None:
    """The last one, of its survivor or of whom that was merged into."""
    world = World()
    ids = {name: guest(world, name) for name in ("ada", "bob", "cyd", "dan")}
    first = merge(world, ids["ada"], ids["bob"]).merge_id
    second = merge(world, ids["cyd"], ids["bob"]).merge_id
    third = merge(world, ids["dan"], ids["bob"]).merge_id

    def later(merge_id: str | None) -> tuple[str, str, str]:
        message = f"A later merge stands in the way: undo {merge_id} first."
        return "failed-precondition", "undo-later-merges-first", message

    assert refusal(world, first) == refusal(world, second) == later(third)
    eve = guest(world, "eve")
    fourth = merge(world, ids["bob"], eve).merge_id
    assert refusal(world, first) == refusal(world, third) == later(fourth)
    for merge_id in (fourth, third, second, first):
        unmerge(world, merge_id)
    assert {one["id"] for one in world.customers()} == {*ids.values(), eve}


def test_an_undo_leaves_nobody_without_anything() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge_id = merge(world, ada, bob).merge_id
    for name in ("ada", "bob"):
        world.delete_order(f"order-{name}")
        assert refusal(world, merge_id) == (
            *("failed-precondition", "nothing-left"),
            "One of the two would have no order, no user and nothing from staff left: leave them"
            " merged.",
        )
        world.put_order(f"order-{name}", order(f"{name}@example.com"))
    unmerge(world, merge_id)


def test_an_undo_that_cannot_be_says_why() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge_id = merge(world, ada, bob).merge_id
    assert refusal(world, "none") == (
        *("not-found", "no-such-merge"),
        "No merge has this id: check it.",
    )
    unmerge(world, merge_id)
    world.delete_order("order-bob")
    assert refusal(world, merge_id) == (
        *("failed-precondition", "undone-before"),
        "This merge was undone before, and one of the two customers has gone since: merged again,"
        " erased, or without an order.",
    )
    gone = merge(world, guest(world, "cyd"), guest(world, "dan")).merge_id
    for path in [f"customers/{key}" for key in world.store.all("customers")]:
        world.store.delete(path)
    for path in [f"crmLinks/{key}" for key in world.store.all("crmLinks")]:
        world.store.delete(path)
    assert refusal(world, gone) == (
        *("failed-precondition", "survivor-gone"),
        "The customer that this merge left is gone: there is nothing to take apart.",
    )


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (
            ("ada", "ada"),
            (
                *("invalid-argument", "same-customer"),
                "sourceId and targetId are one id: give two.",
            ),
        ),
        (
            ("ada", "nobody"),
            (
                *("not-found", "no-such-customer"),
                "No customer has one of these ids: check sourceId and targetId.",
            ),
        ),
        (
            ("nobody", "no one"),
            (
                *("not-found", "no-such-customer"),
                "No customer has one of these ids: check sourceId and targetId.",
            ),
        ),
    ],
)
def test_a_merge_of_whom_there_are_not_two_is_refused(ids: Any, expected: Any) -> None:
    world = World()
    known = {"ada": guest(world, "ada")}
    with pytest.raises(Refusal) as refused:
        merge(world, *(known.get(one, one) for one in ids))
    assert (refused.value.code, refused.value.reason, refused.value.message) == expected


def test_the_actor_of_a_merge_may_be_anybody_to_whom_it_gives_nothing() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    staff = replace(world.runner, actor=KEYS.user("staff"))
    plan, _ = staff.run(lambda tx: plan_merge(tx, ada, bob, by_admin=False))
    assert plan.merge_id is not None
