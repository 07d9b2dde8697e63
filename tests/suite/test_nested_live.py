"""Orders below users, on real emulators whose functions listen there: `users/{uid}/orders`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter

from crm.config.paths import name_in
from crm.customers.reference import CustomerRef
from crm.db.documents import BY_ID, Query, Snapshot
from crm.privacy.erasure.erase import erase
from crm.repair import comparison, mirrors
from crm.repair.rebuild import rebuild
from crm.repair.sweep import sweep
from crm.repair.sweep_run import SweepReport
from crm.repair.verify import verify
from suite import Suite, start_suite
from suite.launch import ROOT
from testing.auth import sign_up
from testing.client import PatientClient
from testing.hosts import order, user
from testing.patience import eventually
from tests.support.live import LiveWorld

PATH = "users/{uid}/orders"

# Ids in which something sorts before, beside or after what joins them.
UIDS = (
    "a",
    "a b",
    "a!",
    "a#",
    "a#b",
    "a$",
    "a-",
    "a.b",
    "aB",
    "ab",
    "A",
    "__a",
    "ä",
    "注",
    "\U0001f39f",
)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """Return a suite of a host whose orders are below its users."""
    folder = tmp_path_factory.mktemp("nested")
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "crm", folder / "crm", ignore=unwanted)
    for name in ("main.py", "requirements.txt", "firestore.rules", "firestore.indexes.json"):
        shutil.copy(ROOT / name, folder / name)
    for name in (".env", ".secret.local"):
        shutil.copy(ROOT / name, folder / name)
    folder.joinpath("crm.toml").write_text(f'[orders]\npath = "{PATH}"\n')
    folder.joinpath("venv").symlink_to(ROOT / "venv")
    config = json.loads(ROOT.joinpath("firebase.json").read_text())
    del config["hosting"], config["emulators"]["hosting"]
    folder.joinpath("firebase.json").write_text(json.dumps(config))
    with (
        start_suite("demo-nested", config=folder / "firebase.json") as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.env.items():
            patch.setenv(name, value)
        yield running


@pytest.fixture
def live(project_id: str, monkeypatch: pytest.MonkeyPatch) -> LiveWorld:
    """Return a project where no function fires, read in small pages."""
    monkeypatch.setattr(comparison, "PAGE", 7)
    monkeypatch.setattr(mirrors, "PAGE", 7)
    return LiveWorld(project_id, orders=PATH)


def elsewhere(client: PatientClient, many: int = 10) -> None:
    """Write other collections of that name, which are not the host's orders."""
    batch = client.batch()
    for number in range(many):
        for path in ("orders", "archive/x/orders", "users/a/years/2024/orders", "zoo/x/orders"):
            batch.set(client.document(f"{path}/o{number}"), order("eve@example.com"))
    batch.commit()


def names(found: list[Snapshot]) -> list[str]:
    return [str(name_in(PATH, one.path)) for one in found]


def swept(live: LiveWorld) -> SweepReport:
    return sweep(live.runner, lambda _job: None, threads=2)


# --- Firestore beside the names -------------------------------------------------------------------


def test_firestore_answers_in_the_order_of_names(live: LiveWorld) -> None:
    for uid in UIDS:
        for own in ("o", "o ", "o#", "p"):
            live.host.put(f"users/{uid}/orders/{own}", {"total": 1})
    elsewhere(live.client)
    found = names(live.store.find(Query(PATH, order=BY_ID)))
    assert found == sorted(found, key=str.encode)
    assert len(found) == 4 * len(UIDS)
    assert (
        live.store.count(Query(PATH)) == len(found) + 10
    )  # with those that are deeper below users

    paged: list[str] = []
    while page := live.store.find(
        Query(PATH, order=BY_ID, limit=3, after=(None, paged[-1]) if paged else None)
    ):
        assert len(page) == 3 or page[-1].id == "p"
        paged += names(page)
    assert paged == found
    for low, high in ((found[0], found[1]), (found[5], found[40]), (found[20], found[20])):
        where = (("__name__", ">=", low), ("__name__", "<", high))
        ids = Query(PATH, where, BY_ID, keys_only=True)  # type: ignore[arg-type]
        assert names(live.store.find(ids)) == [one for one in found if low <= one < high]
    assert names(live.store.at().find(Query(PATH, order=BY_ID))) == found


def test_the_newest_are_found_in_the_group(live: LiveWorld) -> None:
    elsewhere(live.client)
    live.host.put("users/u1/orders/o1", order(day=2))
    live.host.put("users/u2/orders/o1", order(day=3))
    newest = Query(PATH, (), ("createdAt", "desc"), 5, keys_only=True)
    assert names(live.store.find(newest)) == ["u2#o1", "u1#o1"]


# --- What looks at all of them --------------------------------------------------------------------


def fill(live: LiveWorld) -> None:
    for number, uid in enumerate(UIDS):
        live.put_order(
            f"{name_in(PATH, f'users/{uid}/orders/o1')}", order(f"p{number}@example.com")
        )


def test_a_sweep_and_a_rebuild_find_what_was_lost_and_nothing_else(live: LiveWorld) -> None:
    fill(live)
    elsewhere(live.client)
    live.host.put("users/a/orders/lost", order("lost@example.com"))
    live.host.put("users/zoe/orders/o1", order("lost@example.com"))
    live.host.delete("users/a#b/orders/o1")
    report = swept(live)
    assert (report.mended[PATH], report.failed) == (3, [])
    assert sum(swept(live).mended.values()) == 0
    assert list(verify(live.runner)) == []
    assert len(live.customers()) == len(UIDS) + 1 - 1

    live.host.put("users/ab/orders/lost", order("late@example.com"))
    assert [path for path, _ in verify(live.runner)] == ["users/ab/orders/lost"]
    rebuilt = rebuild(live.runner, threads=2)
    assert (rebuilt.changed[PATH], rebuilt.failed) == (1, [])
    assert sum(rebuild(live.runner, threads=2).changed.values()) == 0
    assert list(verify(live.runner)) == []


def test_an_erasure_writes_the_documents_of_the_person_alone(live: LiveWorld) -> None:
    for uid, email in (("ada", "ada@example.com"), ("bob", "bob@example.com")):
        live.host.put(f"users/{uid}", user(email))
        live.sync.sync_user(uid)
        live.put_order(f"{uid}#o1", order(email))
    live.host.put("orders/o1", order("ada@example.com"))
    erase(live.runner, lambda _: None, CustomerRef("userId", "ada"), reason="asked by letter")
    adas = live.host.all("users/ada/orders")["o1"]
    assert (adas["email"].partition("@")[2], adas["name"]) == ("erased.invalid", None)
    assert live.host.all("users/bob/orders")["o1"]["email"] == "bob@example.com"
    assert live.host.all("orders")["o1"]["email"] == "ada@example.com"
    rebuild(live.runner, threads=2)
    assert [one["userIds"] for one in live.customers()] == [["bob"]]
    assert list(verify(live.runner)) == []


# --- The deployed functions -----------------------------------------------------------------------


def customers(client: PatientClient, email: str) -> list[dict[str, Any]]:
    holds = FieldFilter("emails", "array_contains", email)
    found = client.collection("customers").where(filter=holds).get()
    return [one.to_dict() or {} for one in found]


def test_the_triggers_listen_below_users(suite: Suite) -> None:
    client = PatientClient(project=suite.project)
    ada, bob = sign_up(email="ada@example.com"), sign_up(email="bob@example.com")
    elsewhere(client, many=1)
    # The same id twice; one before its user, who verified another address than the order's.
    client.document(f"users/{ada.uid}/orders/o1").set(order("guest@example.com"))
    client.document(f"users/{ada.uid}").set(user(ada.email))
    client.document(f"users/{bob.uid}").set(user(bob.email))
    client.document(f"users/{bob.uid}/orders/o1").set(order(bob.email, userId=ada.uid))
    client.document(f"users/{bob.uid}/orders/größe 注文").set(order(bob.email, total="10.00"))
    client.document("users/kiosk/orders/o1").set(order("guest@example.com"))

    def each_has_their_own() -> None:
        (adas,) = customers(client, ada.email)
        (bobs,) = customers(client, bob.email)
        (guests,) = customers(client, "guest@example.com")
        assert (adas["userIds"], adas["totalSpend"]) == ([ada.uid], {"USD": 4990})
        assert (bobs["userIds"], bobs["totalSpend"]) == ([bob.uid], {"USD": 5990})
        assert (guests["userIds"], guests["totalSpend"]) == ([], {"USD": 4990})

    eventually(each_has_their_own)
    client.document(f"users/{ada.uid}/orders/o1").update({"total": "12,50"})

    def is_listed() -> None:
        (row,) = [one.to_dict() or {} for one in client.collection("crmQuarantine").get()]
        assert (row["collection"], row["documentId"]) == (f"users/{ada.uid}/orders", "o1")

    eventually(is_listed)
    client.document(f"users/{ada.uid}/orders/o1").delete()
    client.document(f"users/{bob.uid}/orders/o1").delete()

    def is_gone() -> None:
        (bobs,) = customers(client, bob.email)
        (adas,) = customers(client, ada.email)
        assert (adas["orderCount"], bobs["totalSpend"]) == (0, {"USD": 1000})
        assert list(client.collection("crmQuarantine").get()) == []

    eventually(is_gone)
    assert customers(client, "eve@example.com") == []
