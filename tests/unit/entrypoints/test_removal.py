"""`crm uninstall --data`: what is deleted, who must say so, and what stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crm.core.roles import Role
from crm.db.accounts import StaffAccount
from crm.db.collections import ALL
from crm.db.installed import Function
from crm.entrypoints import removal
from crm.entrypoints.cli import cli
from crm.firebase import staff, store
from testing.hosts import order, user
from testing.world import World


class Staff:
    """Accounts with roles."""

    def __init__(self, *uids: str) -> None:
        self.left = list(uids)

    def roles(self) -> list[StaffAccount]:
        return [StaffAccount(uid, None, True, Role.ADMIN) for uid in self.left]

    def take(self, uid: str) -> None:
        self.left.remove(uid)


def a_shop() -> World:
    world = World()
    for number in range(3):
        world.put_order(f"o{number}", order(f"p{number}@example.com"))
    world.put_user("u1", user("p1@example.com"))
    return world


def silent(_name: str, _done: int, _total: int) -> None:
    pass


def documents_of(world: World) -> dict[str, Any]:
    names = world.store.collections()
    return {f"{name}/{key}": data for name in names for key, data in world.store.all(name).items()}


def collections_of(world: World) -> set[str]:
    return {path.split("/")[0] for path in documents_of(world)}


def test_all_of_ours_goes_and_nothing_of_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "PAGE", 2)
    world = a_shop()
    for collection in ALL:
        world.store.put(f"{collection}/one", {"a": 1})
    host = {
        path: data for path, data in documents_of(world).items() if path.split("/")[0] not in ALL
    }
    count = len(documents_of(world)) - len(host)
    told: list[tuple[str, int, int]] = []
    assert removal.delete_documents(world.store, lambda *one: told.append(one)) == count
    assert documents_of(world) == host
    assert {name for name, _, _ in told} == ALL
    assert removal.delete_documents(world.store, silent) == 0


def test_all_roles_go() -> None:
    people = Staff("a", "b")
    assert removal.take_roles(people, silent) == ["a", "b"]
    assert people.left == []


# --- The command ----------------------------------------------------------------------------------


@pytest.fixture
def app(tmp_path: Path) -> Path:
    tmp_path.joinpath("firebase.json").write_text("{}")
    return tmp_path


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world, people = a_shop(), Staff("a")
    monkeypatch.setattr(store, "client", lambda _project: None)
    monkeypatch.setattr(store, "FirestoreStore", lambda _client: world.store)
    monkeypatch.setattr(staff, "roles", people.roles)
    monkeypatch.setattr(staff, "take", people.take)
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    return world


def run(app: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["uninstall", str(app), "--data", *words], input=typed)


def test_the_projects_id_must_be_typed(app: Path, world: World) -> None:
    before = documents_of(world)
    for typed in ("\n", "y\n", "my-sho\n"):
        result = run(app, "--project", "my-shop", "--yes", typed=typed)
        assert result.exit_code == 1
        assert "That is not my-shop: nothing was deleted." in result.output
    assert documents_of(world) == before
    result = run(app, "--project", "my-shop", "--yes", typed="my-shop\n")
    assert result.exit_code == 0, result.output
    assert collections_of(world) == {"orders", "users"}
    assert "and the roles of 1 accounts" in result.output


def test_a_project_must_be_named(app: Path, world: World) -> None:
    result = run(app, "--yes", typed="my-shop\n")
    assert result.exit_code == 1
    assert "GCLOUD_PROJECT is not set" in result.output
    assert "customers" in collections_of(world)


@pytest.mark.parametrize(("codebase", "refused"), [("crm", True), ("default", False)])
def test_while_functions_are_deployed_nothing_is_deleted(
    app: Path, world: World, monkeypatch: pytest.MonkeyPatch, codebase: str, refused: bool
) -> None:
    class Deployed:
        def __init__(self, *_: Any) -> None:
            pass

        def functions(self) -> list[Function]:
            return [Function("worker", "us-central1", codebase=codebase)]

    no_session: Callable[[], None] = lambda: None  # noqa: E731
    monkeypatch.setattr("crm.firebase.management.Management", Deployed)
    monkeypatch.setattr("crm.firebase.management.session", no_session)
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST")
    result = run(app, "--project", "my-shop", "--yes", typed="my-shop\n")
    assert result.exit_code == int(refused)
    assert ("customers" in collections_of(world)) == refused
    if refused:
        assert "run `firebase functions:delete crm --force` first. Nothing was deleted." in (
            result.output
        )
