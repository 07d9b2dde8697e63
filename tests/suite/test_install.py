"""`docs/install.md`, followed to the letter with a small host app.

The commands and files are taken out of the document, where each is marked by its `step`.
"""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import Client

from suite import Suite, start_suite
from suite.launch import ROOT
from suite.node import find_firebase_tools, find_node
from testing.auth import Person, id_token, sign_up
from testing.patience import PATIENCE, eventually
from tests.support import installing
from tests.support.installing import (
    DOCUMENT,
    FUNCTION_ENTRY,
    HOST_APP,
    STEPS,
    App,
    host_app,
    install,
    node_modules,
    paste_rules,
    take_out,
)

REGION = "europe-west1"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return host_app(tmp_path)


def indexes(*files: Any) -> list[str]:
    """Everything in index files, in a form that can be compared."""
    return sorted(
        json.dumps([kind, entry], sort_keys=True)
        for file in files
        for kind, entries in file.items()
        for entry in entries
    )


def test_every_step_of_the_document_is_followed_here() -> None:
    here = "".join(Path(path).read_text() for path in (__file__, installing.__file__))
    followed = set(re.findall(r'(?:run|STEPS)[(\[]"([\w.-]+)"', here))
    assert set(STEPS) == {*followed, "venv", *PRODUCTION_STEPS}


def test_the_files_are_joined_and_parted_again(app: App) -> None:
    theirs = {name: app.json(name) for name in ("firebase.json", "firestore.indexes.json")}
    rules = app.text("firestore.rules")
    install(app)
    copied = {path.name for path in app.folder.joinpath("crm-lite").iterdir()} - {"venv"}
    assert copied == {path.name for path in app.clone.iterdir()}
    ours = json.loads((ROOT / "firestore.indexes.json").read_text())
    both = indexes(theirs["firestore.indexes.json"], ours)
    assert indexes(app.json("firestore.indexes.json")) == both
    app.run("indexes")
    assert indexes(app.json("firestore.indexes.json")) == both, "a second time adds nothing"
    assert app.text("firestore.rules").count("function hasCrmRole") == 1
    take_out(app)
    assert app.text("firestore.rules") == rules
    assert indexes(app.json("firestore.indexes.json")) == indexes(theirs["firestore.indexes.json"])
    assert app.json("firebase.json") == {
        **theirs["firebase.json"],
        "functions": [theirs["firebase.json"]["functions"]],
    }
    left = {path.name for path in app.folder.iterdir()}
    assert left == {path.name for path in HOST_APP.iterdir()}


def test_an_upgrade_brings_the_new_and_drops_the_old(app: App) -> None:
    app.clone.joinpath("crm", "gone_since.py").touch()
    install(app)
    app.clone.joinpath("crm", "gone_since.py").unlink()
    app.clone.joinpath("crm", "new.py").touch()
    changed = app.clone / "firestore.indexes.json"
    newer = json.loads(changed.read_text())
    newer["indexes"] = newer["indexes"][1:]
    changed.write_text(json.dumps(newer))
    app.run("cut")
    app.run("upgrade")
    paste_rules(app)
    app.run("indexes")
    assert app.folder.joinpath("crm-lite", "crm", "new.py").exists()
    assert not app.folder.joinpath("crm-lite", "crm", "gone_since.py").exists()
    assert app.text("crm-lite/crm.toml") == STEPS["crm.toml"]
    host = json.loads(HOST_APP.joinpath("firestore.indexes.json").read_text())
    assert indexes(app.json("firestore.indexes.json")) == indexes(host, newer)
    assert app.text("firestore.rules").count("function hasCrmRole") == 1


def by_node(script: str, *words: str) -> str:
    """Run a script of JavaScript; give what it printed."""
    command = [str(find_node()), "-e", script, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_deployment_uploads_what_runs_and_nothing_else(app: App) -> None:
    install(app)
    folder = app.folder / "crm-lite"
    for junk in ("crm/__pycache__/model.cpython-311.pyc", "firebase-debug.log", ".DS_Store"):
        folder.joinpath(junk).parent.mkdir(exist_ok=True)
        folder.joinpath(junk).touch()
    script = """
      const [reader, path, ignoreStrings] = process.argv.slice(1);
      require(reader).readdirRecursive({ path, ignoreStrings: JSON.parse(ignoreStrings) })
        .then((files) => console.log(JSON.stringify(files.map((file) => file.name))));
    """
    reader = find_firebase_tools().parents[1] / "fsAsync.js"
    listed = by_node(script, str(reader), str(folder), json.dumps(FUNCTION_ENTRY["ignore"]))
    uploaded = {str(Path(name).relative_to(folder)) for name in json.loads(listed)}
    runs = {"main.py", "crm.toml", "requirements.txt"}
    code = (app.clone / "crm").rglob("*")
    runs |= {str(path.relative_to(app.clone)) for path in code if path.is_file()}
    assert uploaded == runs


# --- What reaches production: the shell's part of it, and that the commands exist -----------------

PRODUCTION_STEPS = ("emulators", "secret", "deploy", "delete", "deploy-without")


def test_commands_of_the_firebase_cli_exist_and_take_these_options(app: App) -> None:
    for step in PRODUCTION_STEPS:
        app.run(step)
    secret = app.log.with_name("firebase.log.secret").read_text()
    assert re.fullmatch(r"[0-9a-f]{64}\n", secret)
    asked = [line.split() for line in app.log.read_text().splitlines()]
    asked += [["firestore:indexes"], ["functions:secrets:access"]]
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


def collections_deleted(app: App) -> set[str]:
    """The collections that the document tells to delete."""
    app.run("delete")
    return set(re.findall(r"^firestore:delete (\w+) ", app.log.read_text(), re.MULTILINE))


def test_every_collection_of_ours_is_deleted_in_the_end(app: App) -> None:
    files = [*ROOT.joinpath("crm").glob("*.py"), ROOT / "firestore.rules"]
    lines = [line for one in files for line in one.read_text(encoding="utf-8").splitlines()]
    code = "\n".join(line for line in lines if not line.lstrip().startswith("//"))
    named = set(re.findall(r'"(crm[A-Z]\w*)"', code)) | set(re.findall(r"match /(\w+)/{\w+}", code))
    # `crmClock` never holds a document: a missing one tells the database's time.
    assert collections_deleted(app) >= (named - {"databases", "crmClock"}) | {"customers"}


def test_the_prices_are_those_of_the_reads_and_writes() -> None:
    price = r"\$(\d+\.\d\d)"
    row = rf"^\|.*\| (\d+) \| (\d+) \| (\d+) \| {price} \| {price} \|$"
    rows = re.findall(row, DOCUMENT, re.MULTILINE)
    assert len(rows) >= 7
    for reads, met, writes, *dollars in rows:
        for read, told in zip((reads, met), dollars, strict=True):
            cents = int(read) * 30 + int(writes) * 90
            assert f"{cents // 100}.{cents % 100:02}" == told


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
    app.folder.joinpath("functions", "node_modules").symlink_to(node_modules())
    with start_suite("demo-my-app", config=app.folder / "firebase.json") as suite:
        for name, value in suite.env.items():
            monkeypatch.setenv(name, value)
        assert "takePayment" in suite.function_names()
        assert {"on_order_written", "on_user_written", "get_customer"} <= {*suite.function_names()}

        buyer, alice = sign_up(), sign_up(email="alice@example.com")
        database, admin = Database(suite), Client(project=suite.project)
        the_host_app_works_as_before(database, admin, buyer)
        eventually(lambda: its_buyer_is_a_customer(admin, buyer))
        staff_alone_read_customers(app, suite, database, buyer, alice)
        what_was_there_before_comes_in(app)

        made = {collection.id for collection in admin.collections()} - {"orders", "users"}
        assert {"customers", "crmOrders"} < made <= collections_deleted(app)


def the_host_app_works_as_before(database: Database, admin: Client, buyer: Person) -> None:
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


def its_buyer_is_a_customer(admin: Client, buyer: Person) -> None:
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
    client = Client(project=project)
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
