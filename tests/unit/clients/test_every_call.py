"""Every call by each client, to a shop in memory; live it is in `tests/suite`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from crm_lite_client import Crm, Refusal
from firebase_functions import https_fn

from crm.entrypoints.callables.dispatch import CALLS
from testing.hosts import item, order, user
from tests.support.asked import Asks, Everything, Refused
from tests.support.stage import Process
from tests.support.typescript import MODULES, calling, installed, packed

SENDING = {"send_campaign", "pause_campaign", "resume_campaign"}
"""After these the queue waits for the time to come, which in memory it never does."""


class Line(requests.Session):
    """Hands calls to a world in memory."""

    def __init__(self, world: Process, uid: str) -> None:
        super().__init__()
        self.world, self.uid = world, uid

    def post(self, url: Any, *_: Any, json: Any = None, **_more: Any) -> requests.Response:
        return said(*answered(self.world, self.uid, str(url), json))


def answered(world: Process, uid: str, url: str, sent: Any) -> tuple[int, object]:
    """Return what a world in memory answers to a request: HTTP's status, and the body."""
    name = url.rpartition("/")[2]
    try:
        answer = world.call(name, uid, **sent["data"])
        if name not in SENDING:
            world.deliver()
        return 200, {"result": answer}
    except https_fn.HttpsError as error:
        return error._http_error_code.status, {"error": error._as_dict()}


def said(status: int, body: object) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content = status, json.dumps(body).encode()
    return response


def asking(world: Process, uid: str) -> Any:
    crm = Crm("p", token="t", session=Line(world, uid))

    def ask(name: str, /, **data: Any) -> Any:
        taken = {"from_" if key == "from" else key: one for key, one in data.items()}
        try:
            return getattr(crm, name)(**taken)
        except Refusal as refusal:
            raise Refused(refusal.reason) from refusal

    return ask


@contextmanager
def served(world: Process, uid: str) -> Iterator[dict[str, Any]]:
    """Serve a world's calls over HTTP, all as one person; give where."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = answered(world, uid, self.path, sent)
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield {
            "project": "p",
            "region": "us-central1",
            "functionsHost": "127.0.0.1",
            "functionsPort": server.server_port,
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Process:
    monkeypatch.setenv("GCLOUD_PROJECT", "p")
    world = Process()
    for day, name in enumerate(("ada", "bob", "cyd")):
        bought = order(f"{name}@example.com", day=day, items=[item("gala")])
        world.put_order(f"o-{name}", bought)
    world.put_order("o-odd", order("odd@example.com", status="unheard of"))
    world.put_order("o-eve", order("eve@example.com", total=0, items=[item("fair")]))
    world.accounts.of["u-eve"] = "eve@example.com"
    world.put_user("u-eve", user("eve@example.com", name="Eve"))
    world.staff.hire("hired", None)
    return world


def everything(world: Process, admin: Asks, member: Asks) -> Everything:
    (odd,) = world.store.all("crmQuarantine")
    return Everything(
        admin=admin,
        member=member,
        ada="ada@example.com",
        bob="bob@example.com",
        cyd="cyd@example.com",
        event="gala",
        another="fair",
        odd=odd,
        hired="hired@example.com",
    )


def test_every_call_is_made_by_the_python_client(world: Process) -> None:
    all_of_it = everything(world, asking(world, "staff"), asking(world, "u-eve"))
    all_of_it.run()
    assert all_of_it.made == set(CALLS)


@pytest.mark.skipif(not MODULES.exists(), reason="the console's packages are not installed")
def test_every_call_is_made_by_the_typescript_client(world: Process, tmp_path: Path) -> None:
    app = installed(tmp_path, packed(tmp_path / "packed"))
    with (
        served(world, "staff") as staff,
        served(world, "u-eve") as eve,
        calling(app, staff) as admin,
        calling(app, eve) as member,
    ):
        all_of_it = everything(world, admin, member)
        all_of_it.run()
    assert all_of_it.made == set(CALLS)
