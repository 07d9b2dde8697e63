"""Roles given and taken by admins: what is guarded, and what the audit trail says of it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.core.errors import Refusal, Transient
from crm.core.roles import Role
from crm.db.accounts import StaffAccount
from crm.db.paging import Pager
from crm.staff import manage
from testing.scheduler import Scheduler
from testing.world import KEYS, World


def grant(world: World, email: str, role: Role, caller: str = "staff") -> dict[str, Any]:
    services = world.services.acting_for(caller)
    return manage.grant_role(services.runner, world.staff, caller, email, role)


def revoke(world: World, uid: str, caller: str = "staff") -> dict[str, Any]:
    services = world.services.acting_for(caller)
    return manage.revoke_role(services.runner, world.staff, caller, uid)


def change(world: World, uid: str, role: Role | None, caller: str = "staff") -> dict[str, Any]:
    if role is None:
        return revoke(world, uid, caller)
    return grant(world, f"{uid}@example.com", role, caller)


def reason(refused: pytest.ExceptionInfo[Refusal]) -> tuple[str, str]:
    return refused.value.code, refused.value.reason


def trail(world: World) -> list[tuple[Any, ...]]:
    found = sorted(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    return [
        (one["action"], one["actor"], one["facts"]["account"], one["facts"]["role"])
        for one in found
    ]


def listed(world: World, token: str | None = None, caller: str = "staff") -> dict[str, Any]:
    pager = Pager(world.services.page_tokens, caller, 50, token)
    return manage.list_staff(world.staff, KEYS, pager, caller)


@pytest.mark.parametrize("before", [None, *Role])
@pytest.mark.parametrize("after", [None, *Role])
def test_a_role_is_changed_and_the_trail_says_by_whom(
    before: Role | None, after: Role | None
) -> None:
    world = World()
    world.staff.hire("ada", before)
    row = change(world, "ada", after)
    assert row["role"] == (after.word if after else None)
    assert world.staff.of["ada"].role is after
    action = "staff.grant" if after else "staff.revoke"
    entry = (action, KEYS.user("staff"), KEYS.user("ada"), after.word if after else None)
    assert trail(world) == ([entry] if before is not after else [])
    assert world.staff.ended == (["ada"] if before and after is None else [])
    for one in world.store.all("crmAudit").values():
        assert one["facts"]["before"] == (before.word if before else None)
        assert one["customers"] == []
        assert "ada" not in str(one)


def test_the_list_says_what_an_admin_must_know_of_each() -> None:
    world = World()
    at = datetime(2024, 3, 1, tzinfo=UTC)
    for uid, role in {"cyd": Role.VIEWER, "bob": Role.EDITOR, "ada": Role.EDITOR}.items():
        world.staff.hire(uid, role, verified=uid != "cyd")
    world.staff.hire("nobody")
    world.staff.of["ada"] = replace(
        world.staff.of["ada"], name="Ada", second_factor=True, last_sign_in_at=at, disabled=True
    )
    answer = listed(world)
    assert answer["nextPageToken"] is None
    assert [one["uid"] for one in answer["staff"]] == ["staff", "ada", "bob", "cyd"]
    assert [one["you"] for one in answer["staff"]] == [True, False, False, False]
    assert answer["staff"][1] == {
        "uid": "ada",
        "email": "ada@example.com",
        "name": "Ada",
        "role": "editor",
        "verified": True,
        "secondFactor": True,
        "lastSignInAt": at,
        "disabled": True,
        "you": False,
        "actors": [KEYS.user("ada")],
    }
    assert not answer["staff"][3]["verified"]


def test_many_accounts_are_looked_through_in_several_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(manage, "PAGES", 2)
    world = World()
    world.staff.at_once = 3
    for number in range(20):
        world.staff.hire(f"u{number:02}", Role.VIEWER if number % 4 == 0 else None)
    found: list[str] = []
    token, calls = None, 0
    while True:
        answer = listed(world, token)
        found += [one["uid"] for one in answer["staff"]]
        calls += 1
        token = answer["nextPageToken"]
        if token is None:
            break
        with pytest.raises(Refusal, match="pageToken"):
            listed(world, token, caller="somebody else")
    assert sorted(found) == ["staff", "u00", "u04", "u08", "u12", "u16"]
    assert calls == 4


def test_nobody_changes_the_own_role() -> None:
    world = World()
    world.staff.hire("ada", Role.ADMIN)
    for role in Role:
        with pytest.raises(Refusal) as refused:
            grant(world, "staff@example.com", role)
        assert reason(refused) == ("failed-precondition", "own-role")
    with pytest.raises(Refusal) as refused:
        revoke(world, "staff")
    assert reason(refused) == ("failed-precondition", "own-role")
    assert trail(world) == []


def test_an_address_that_nobody_verified_gets_no_role_but_can_lose_one() -> None:
    """Anybody can sign up with anybody's address, and waits to be taken for its owner."""
    world = World()
    world.staff.hire("ada", None, verified=False)
    with pytest.raises(Refusal) as refused:
        grant(world, "ada@example.com", Role.VIEWER)
    assert reason(refused) == ("failed-precondition", "address-not-verified")
    assert "--" not in refused.value.message  # it is read in the console
    world.staff.hire("bob", Role.EDITOR, verified=False)
    with pytest.raises(Refusal):
        grant(world, "bob@example.com", Role.VIEWER)
    assert trail(world) == []
    assert revoke(world, "bob")["role"] is None


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("nobody@example.com", ("not-found", "no-such-account")),
        ("nobody", ("invalid-argument", "email-invalid")),
        ("ada@example.com, bob@example.com", ("invalid-argument", "email-invalid")),
    ],
)
def test_whom_nobody_knows_gets_no_role(email: str, expected: tuple[str, str]) -> None:
    world = World()
    with pytest.raises(Refusal) as refused:
        grant(world, email, Role.VIEWER)
    assert reason(refused) == expected
    with pytest.raises(Refusal) as refused:
        revoke(world, "nobody")
    assert reason(refused) == ("not-found", "no-such-account")
    assert trail(world) == []


def test_an_account_without_room_for_a_role_is_refused_before_anything_is_done() -> None:
    world = World()
    world.staff.hire("ada", full=True)
    with pytest.raises(Refusal) as refused:
        grant(world, "ada@example.com", Role.VIEWER)
    assert reason(refused) == ("failed-precondition", "claims-too-large")
    assert trail(world) == []
    assert world.staff.of["ada"].role is None


GONE = [
    None,
    StaffAccount("staff", "staff@example.com", verified=True, role=Role.EDITOR),
    StaffAccount("staff", "staff@example.com", verified=False, role=Role.ADMIN),
    StaffAccount("staff", "staff@example.com", verified=True, role=Role.ADMIN, disabled=True),
]


@pytest.mark.parametrize("own", GONE)
@pytest.mark.parametrize("after", [None, Role.VIEWER, Role.EDITOR])
def test_who_is_no_admin_any_more_takes_no_other_admins_role(
    own: StaffAccount | None, after: Role | None
) -> None:
    """Between the check of the caller and the change, somebody took the caller's own role."""
    world = World()
    world.staff.hire("ada", Role.ADMIN)
    del world.staff.of["staff"]
    if own is not None:
        world.staff.of["staff"] = own
    with pytest.raises(Refusal) as refused:
        change(world, "ada", after)
    assert reason(refused) == ("failed-precondition", "last-admin")
    assert world.staff.admins() == ["ada"]
    assert [one[0] for one in trail(world)][1:] == ["staff.restore"]


def test_what_a_third_one_decided_meanwhile_is_not_taken_back() -> None:
    world = World()
    world.staff.hire("ada", Role.ADMIN)
    del world.staff.of["staff"]
    calls = iter(range(100))

    def pause() -> None:
        if next(calls) == 4:  # after the change, before the own role is looked at
            world.staff.of["ada"] = replace(world.staff.of["ada"], role=None)

    world.staff.pause = pause
    with pytest.raises(Refusal):
        grant(world, "ada@example.com", Role.VIEWER)
    assert world.staff.of["ada"].role is None


@pytest.mark.parametrize("circle", [("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d")])
@pytest.mark.parametrize("seed", range(40))
def test_a_circle_of_admins_who_take_each_others_role_leaves_one(
    circle: tuple[str, ...], seed: int
) -> None:
    """Whoever goes on when: each is refused, or somebody remains; never nobody."""
    world = World()
    world.staff.of.clear()
    for uid in circle:
        world.staff.hire(uid, Role.ADMIN)
    scheduler = Scheduler(seed)
    draws = random.Random(seed)
    world.staff.pause = world.store.pause = scheduler.pause

    def attempt(caller: str, other: str, role: Role | None) -> str:
        try:
            change(world, other, role, caller)
        except Refusal as refused:
            return refused.reason
        return "done"

    tasks = []
    for caller, other in zip(circle, [*circle[1:], circle[0]], strict=True):
        role = draws.choice([None, Role.VIEWER, Role.EDITOR])
        tasks.append(scheduler.start(lambda c=caller, o=other, r=role: attempt(c, o, r)))  # type: ignore[misc]
    scheduler.run()
    world.staff.pause = world.store.pause = lambda: None
    outcomes = [one.result() for one in tasks]
    assert set(outcomes) <= {"done", "last-admin"}
    assert world.staff.admins()


def test_without_an_answer_it_is_safe_to_call_again() -> None:
    world = World()
    world.staff.hire("ada", Role.ADMIN)
    calls = iter(range(100))

    def pause() -> None:
        if next(calls) == 2:  # the change is made, and its answer lost
            raise Transient("away")

    world.staff.pause = pause
    assert revoke(world, "ada")["role"] is None
    assert world.staff.of["ada"].role is None
    assert world.staff.ended == ["ada"]
    assert len(trail(world)) == 1
