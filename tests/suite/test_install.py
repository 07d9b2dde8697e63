"""`docs/install.md` and `docs/upgrading.md`, followed to the letter with apps of hosts.

The commands and files are taken out of the documents, where each is marked by its `step`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm.db.collections import ALL
from suite import Suite, start_suite
from suite.launch import ROOT
from suite.node import find_firebase_tools, find_node
from testing.auth import Person, id_token, sign_up
from testing.client import PatientClient
from testing.patience import PATIENCE, eventually
from tests.support import installing
from tests.support.firebase_init import NAMES, shapes
from tests.support.installing import (
    DOCUMENTS,
    STEPS,
    App,
    host_app,
    install,
    make_loadable,
    node_modules,
    template_app,
)

REGION = "europe-west1"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return host_app(tmp_path)


def test_every_step_of_the_documents_is_followed_here() -> None:
    here = "".join(Path(path).read_text() for path in (__file__, installing.__file__))
    followed = set(re.findall(r'(?:run|STEPS)[(\[]"([\w.-]+)"', here))
    assert set(STEPS) == {*followed, *PRODUCTION_STEPS}


def test_the_page_has_five_steps() -> None:
    headings = re.findall(r"^## (\d)\.", DOCUMENTS[0], re.MULTILINE)
    assert headings == ["1", "2", "3", "4", "5"]


def by_node(script: str, *words: str) -> str:
    """Run a script of JavaScript; give what it printed."""
    command = [str(find_node()), "-e", script, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_comes_in_once_is_brought_up_to_date_and_goes_out_to_the_byte(app: App) -> None:
    before = app.files()
    install(app)
    after = app.files()
    assert "No file changes." in app.run("init")
    assert "No file changes." in app.run("upgrade")
    assert app.files() == after
    what_is_uploaded(app)
    app.run("uninstall", typed="y\n")
    assert app.files() == before
    assert not app.folder.joinpath("crm-lite").exists()


def what_is_uploaded(app: App) -> None:
    """A deployment takes along what runs, and nothing else."""
    folder = app.folder / "crm-lite"
    for junk in ("__pycache__/main.cpython-311.pyc", "firebase-debug.log", "console/index.html"):
        folder.joinpath(junk).parent.mkdir(exist_ok=True)
        folder.joinpath(junk).touch()
    script = """
      const [reader, path, ignoreStrings] = process.argv.slice(1);
      require(reader).readdirRecursive({ path, ignoreStrings: JSON.parse(ignoreStrings) })
        .then((files) => console.log(JSON.stringify(files.map((file) => file.name))));
    """
    reader = find_firebase_tools().parents[1] / "fsAsync.js"
    (entry,) = [one for one in app.json("firebase.json")["functions"] if "ignore" in one]
    listed = by_node(script, str(reader), str(folder), json.dumps(entry["ignore"]))
    assert {str(Path(name).relative_to(folder)) for name in json.loads(listed)} == {
        *("main.py", "crm.toml", "requirements.txt", "requirements-anymail.txt", app.wheel.name),
    }
    folder.joinpath("firebase-debug.log").unlink()  # which would be the host's


# --- What reaches production: the shell's part of it, and that the commands exist -----------------

PRODUCTION_STEPS = ("emulators", "secret", "deploy", "delete", "deploy-without")


def test_commands_of_the_firebase_cli_exist_and_take_these_options(app: App) -> None:
    for step in PRODUCTION_STEPS:
        app.run(step)
    secret = app.log.with_name("firebase.log.secret").read_text()
    assert re.fullmatch(r"[0-9a-f]{64}\n", secret)
    asked = [line.split() for line in app.log.read_text().splitlines()]
    asked += [["firestore:indexes"], ["functions:secrets:access"], ["hosting:sites:create"]]
    script = """
      const [tools, ...names] = process.argv.slice(1);
      const { getCommand } = require(tools);
      const told = names.map((name) => [name, getCommand(name).options.map((o) => o.long)]);
      console.log(JSON.stringify(Object.fromEntries(told)));
    """
    tools = str(find_firebase_tools().parents[2])
    told = json.loads(by_node(script, tools, *{name for name, *_ in asked}))
    for name, *given in asked:
        known = {"--project", *told[name]}  # which every command takes
        assert {word for word in given if word.startswith("--")} <= known, name


def test_the_prices_are_those_of_the_reads_and_writes() -> None:
    text = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
    price = r"\$(\d+\.\d\d)"
    row = rf"^\|.*\| (\d+) \| (\d+) \| (\d+) \| {price} \| {price} \|$"
    rows = re.findall(row, text, re.MULTILINE)
    assert len(rows) >= 7
    for reads, met, writes, *dollars in rows:
        for read, told in zip((reads, met), dollars, strict=True):
            cents = int(read) * 30 + int(writes) * 90
            assert f"{cents // 100}.{cents % 100:02}" == told


# --- From the wheel to the first customer ---------------------------------------------------------


EVERY_SHAPE = os.environ.get("CRM_SHAPES") == "all"
"""Whether all apps are gone through that there are files of (`make shapes`), or two."""


@pytest.mark.live
@pytest.mark.parametrize("shape", NAMES if EVERY_SHAPE else ("a single-page app", "two codebases"))
def test_from_the_wheel_to_the_first_customer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    """In an app that `firebase init` has just made, with nothing edited by hand."""
    app = template_app(tmp_path, shapes()[shape])
    before = app.files()
    begun = time.monotonic()
    said = install(app, "\n\nEurope/Berlin\nnone\ny\n")
    installed = time.monotonic()
    assert "Warning: firebase.json named no rules so far." not in said, "a warning is on stderr"
    make_loadable(app)
    with start_suite("demo-my-app", config=app.folder / "firebase.json") as suite:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
        orders = PatientClient(project=suite.project).collection("orders")
        orders.document("o1").set(
            {"email": "ada@example.com", "status": "paid", "total": "49.90", "currency": "EUR"}
        )
        eventually(lambda: first_customer(suite))
        seconds = time.monotonic() - begun
    commands = sum(len(STEPS[step].splitlines()) for step in ("package", "init", "emulators"))
    with capsys.disabled():
        print(
            f"\nfrom the wheel to the first customer ({shape}): {seconds:.0f} s, of them"
            f" {installed - begun:.0f} s to install; {commands} commands and an order"
        )
    assert commands + 1 <= 5
    assert "No file changes." in app.run("init")
    app.run("uninstall", typed="y\n")
    assert app.files() == before


def first_customer(suite: Suite) -> None:
    (customer,) = PatientClient(project=suite.project).collection("customers").get()
    assert customer.get("primaryEmail") == "ada@example.com"
    assert customer.get("totalSpend") == {"EUR": 4990}


# --- The story, live ------------------------------------------------------------------------------


class Database:
    """Firestore as a client meets it: bound by the app's joined rules."""

    def __init__(self, suite: Suite) -> None:
        self._base = (
            f"http://{suite.firestore_host}/v1/projects/{suite.project}"
            "/databases/(default)/documents"
        )

    def call(self, person: Person | None, path: str, fields: object = None) -> tuple[int, Any]:
        """Read a document or list a collection; with fields, create a document."""
        headers = {"Content-Type": "application/json"}
        if person:
            headers["Authorization"] = f"Bearer {id_token(person)}"
        body = json.dumps({"fields": fields}).encode() if fields else None
        request = urllib.request.Request(f"{self._base}/{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None


def order_fields(person: Person, **changes: object) -> dict[str, object]:
    """An order as this host's client writes it, in Firestore's JSON."""
    name = {"stringValue": "Ada Lovelace"}
    return {
        "buyer": {"mapValue": {"fields": {"email": {"stringValue": person.email}, "name": name}}},
        "userId": {"stringValue": person.uid},
        "status": {"stringValue": "pending"},
        "total": {"stringValue": "49.90"},
        "currency": {"stringValue": "EUR"},
        "createdAt": {"timestampValue": datetime.now(UTC).isoformat()},
        **changes,
    }


@pytest.mark.live
def test_both_live_side_by_side(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    install(app)
    app.write("crm-lite/crm.toml", STEPS["crm.toml"])
    app.folder.joinpath("functions", "node_modules").symlink_to(node_modules())
    with start_suite("demo-my-app", config=app.folder / "firebase.json") as suite:
        for name, value in suite.env.items():
            monkeypatch.setenv(name, value)
        assert "takePayment" in suite.function_names()
        assert {"on_order_written", "on_user_written", "get_customer"} <= {*suite.function_names()}

        buyer, alice = sign_up(), sign_up(email="alice@example.com")
        database, admin = Database(suite), PatientClient(project=suite.project)
        the_host_app_works_as_before(database, admin, buyer)
        eventually(lambda: its_buyer_is_a_customer(admin, buyer))
        staff_alone_read_customers(app, suite, database, buyer, alice)
        what_was_there_before_comes_in(app)

        stored = {collection.id for collection in admin.collections()} - {"orders", "users"}
        assert {"customers", "crmOrders"} < stored <= ALL
        all_of_it_is_taken_out(app, suite, admin, alice)


def all_of_it_is_taken_out(app: App, suite: Suite, admin: PatientClient, alice: Person) -> None:
    """The step of the document, with `--data`."""
    before = {one.id: one.to_dict() for one in admin.collection("orders").get()}
    command = STEPS["uninstall"].replace("uninstall", "uninstall --data")
    app.run_text(command, suite.env, typed=f"{suite.project}\ny\n")
    assert {collection.id for collection in admin.collections()} <= {"orders", "users"}
    assert {one.id: one.to_dict() for one in admin.collection("orders").get()} == before
    assert "crm" not in (claims_of(suite, alice) or {})


def claims_of(suite: Suite, person: Person) -> Any:
    url = f"http://{suite.auth_host}/identitytoolkit.googleapis.com/v1/projects/{suite.project}"
    request = urllib.request.Request(
        f"{url}/accounts:lookup",
        json.dumps({"localId": [person.uid]}).encode(),
        {"Content-Type": "application/json", "Authorization": "Bearer owner"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.loads(json.load(response)["users"][0].get("customAttributes", "{}"))


def the_host_app_works_as_before(database: Database, admin: PatientClient, buyer: Person) -> None:
    stranger = sign_up()
    assert database.call(buyer, "orders?documentId=o1", order_fields(buyer))[0] == 200
    paid = {"status": {"stringValue": "paid"}}
    assert database.call(buyer, "orders?documentId=o2", order_fields(buyer, **paid))[0] == 403
    assert database.call(stranger, "orders?documentId=o3", order_fields(buyer))[0] == 403
    assert database.call(stranger, "orders/o1")[0] == 403

    def is_paid() -> None:
        assert database.call(buyer, "orders/o1")[1]["fields"]["status"] == paid["status"]

    eventually(is_paid)
    assert (admin.document("orders/o1").get().to_dict() or {})["paidBy"] == "takePayment"


def its_buyer_is_a_customer(admin: PatientClient, buyer: Person) -> None:
    (customer,) = [found.to_dict() or {} for found in admin.collection("customers").get()]
    assert (customer["primaryEmail"], customer["name"]) == (buyer.email, "Ada Lovelace")
    assert (customer["orderCount"], customer["totalSpend"]) == (1, {"EUR": 4990})


def staff_alone_read_customers(
    app: App, suite: Suite, database: Database, buyer: Person, alice: Person
) -> None:
    for who in (None, buyer, alice):
        assert database.call(who, "customers")[0] == 403
    said = app.run("grant", suite.env)
    assert f"viewer\t{alice.email}\t{alice.uid}" in said.splitlines()
    status, listed = database.call(alice, "customers")
    assert (status, len(listed["documents"])) == (200, 1)
    assert database.call(alice, "crmOrders")[0] == 403
    assert database.call(alice, "orders/o1")[0] == 403, "the host's rules know no staff"
    assert database.call(buyer, "customers")[0] == 403
    assert called(suite, alice, {"email": buyer.email})["customer"]["orderCount"] == 1


def called(suite: Suite, person: Person, data: object) -> Any:
    request = urllib.request.Request(
        suite.function_url("get_customer", REGION),
        json.dumps({"data": data}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {id_token(person)}"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.load(response)["result"]


def what_was_there_before_comes_in(app: App) -> None:
    """On another project of the same emulators no function fires, as before the installation."""
    project = "demo-before"
    client = PatientClient(project=project)
    orders = [("ada", 1, "paid"), ("ada", 2, "paid"), ("bob", 4, "pending")]
    for number, (name, total, status) in enumerate(orders):
        client.document(f"orders/{number}").set(
            {
                "buyer": {"email": f"{name}@example.com"},
                "status": status,
                "total": total,
                "currency": "EUR",
            }
        )
    ada = sign_up(email="ada@example.com", project=project)
    client.document(f"users/{ada.uid}").set({"email": ada.email, "name": "Ada"})
    env = {"GCLOUD_PROJECT": project, "CRM_KEY": "k" * 32}

    def backfilled() -> list[str]:
        lines = app.run("backfill", env).splitlines()
        assert lines.count("orders: 3 understood, 0 not") == 2
        other = ("fields of ", "users: 1 understood", "orders: 3 understood")
        return [line for line in lines if not line.startswith(other)]

    assert backfilled() == [
        "users: 1 looked at, 1 would be brought up to date",
        "orders: 3 looked at, 3 would be brought up to date",
        "users: 1 looked at, 1 brought up to date",
        "orders: 3 looked at, 3 brought up to date",
        "sums: 2 looked at, 0 brought up to date",
    ]
    found = {
        (snapshot.get("primaryEmail"), snapshot.get("orderCount"), snapshot.get("registered"))
        for snapshot in client.collection("customers").get()
    }
    assert found == {("ada@example.com", 2, True), ("bob@example.com", 0, False)}
    again = backfilled()
    assert all(
        line.endswith((" 0 brought up to date", " 0 would be brought up to date")) for line in again
    )
