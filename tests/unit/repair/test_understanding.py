"""A mapping that understands nothing is told from one that does, by every way of looking."""

from __future__ import annotations

import pytest

from crm.db.accounts import Account
from crm.repair import rebuild as room
from crm.repair.rebuild import rebuild
from crm.repair.understanding import FAILED, NOT_SEEN, Understanding, Understood
from crm.repair.verify import verify
from testing.hosts import order, user
from testing.world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(room, "PAGE", 3)
    world = World()
    for number in range(5):
        world.store.put(f"orders/o{number}", order(f"p{number % 2}@example.com", day=number))
        world.store.put(f"orders/w{number}", order("x@example.com", status="weird"))
    world.store.put("orders/nobody", order(email=None))
    world.store.put("users/u0", user("p0@example.com"))
    world.store.put("users/u1", user("no address"))
    return world


READ = {
    "users": {"understood": 1, "notUnderstood": 1, "reasons": {"email-invalid": 1}},
    "orders": {
        "understood": 5,
        "notUnderstood": 6,
        "reasons": {"email-missing": 1, "status-unknown": 5},
    },
}


def data(found: Understood) -> dict[str, object]:
    return {path: one.to_data() for path, one in found.items()}


def verified(world: World) -> dict[str, object]:
    found: Understood = {}
    assert list(verify(world.runner, understood=found)) == []
    return data(found)


def test_a_dry_run_a_rebuild_a_second_one_and_verify_count_the_same(world: World) -> None:
    assert data(rebuild(world.runner, dry_run=True, threads=2).understood) == READ
    assert data(rebuild(world.runner, threads=2).understood) == READ
    assert data(rebuild(world.runner, threads=2).understood) == READ
    assert data(rebuild(world.runner, dry_run=True, threads=2).understood) == READ
    assert verified(world) == READ


def test_what_changed_since_is_counted_as_it_is_now(world: World) -> None:
    rebuild(world.runner, threads=2)
    world.store.put("orders/o1", order(total="much"))
    world.store.put("orders/w1", order("x@example.com"))
    world.store.delete("orders/o0")
    world.store.delete("orders/w0")
    for dry_run in (True, False, True):
        orders = rebuild(world.runner, dry_run=dry_run, threads=2).understood["orders"]
        assert orders.understood == 4
        assert orders.reasons == {"email-missing": 1, "status-unknown": 3, "amount-invalid": 1}


def test_what_nobody_has_looked_at_is_not_understood(world: World) -> None:
    found: Understood = {}
    list(verify(world.runner, understood=found))
    assert found["orders"].reasons == {NOT_SEEN: 11}
    assert found["orders"].hardly_any


def test_what_an_error_kept_from_being_looked_at_is_not_understood() -> None:
    world = World(trust="auth")
    world.store.put("users/u0", user("p0@example.com"))
    world.store.put("users/u1", user("no address"))

    def find(uid: str) -> Account:
        raise RuntimeError(uid)

    world.accounts.find = find  # type: ignore[method-assign]
    found = rebuild(world.runner, threads=2).understood["users"]
    assert found.reasons[FAILED] == 2
    assert found.hardly_any


@pytest.mark.parametrize(
    ("understood", "missed", "bad"),
    [(0, 0, False), (0, 1, True), (1, 0, False), (1, 3, False), (1, 4, True), (25, 75, False)],
)
def test_fewer_than_a_quarter_is_hardly_any(understood: int, missed: int, bad: bool) -> None:
    one = Understanding(understood)
    for _ in range(missed):
        one.add("status-unknown")
    assert one.hardly_any == bad
