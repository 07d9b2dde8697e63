"""Every call by the Python client, to a shop in memory; live it is in `tests/suite`."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from crm_lite_client import Crm, Refusal
from firebase_functions import https_fn

from crm.entrypoints.callables.dispatch import CALLS
from testing.hosts import item, order, user
from tests.support.asked import Everything, Refused
from tests.support.stage import Process

SENDING = {"send_campaign", "pause_campaign", "resume_campaign"}
"""After these the queue waits for the time to come, which in memory it never does."""


class Line(requests.Session):
    """Hands calls to a world in memory."""

    def __init__(self, world: Process, uid: str) -> None:
        super().__init__()
        self.world, self.uid = world, uid

    def post(self, url: Any, *_: Any, json: Any = None, **_more: Any) -> requests.Response:
        name = str(url).rpartition("/")[2]
        try:
            status, body = 200, {"result": self.world.call(name, self.uid, **json["data"])}
            if name not in SENDING:
                self.world.deliver()
        except https_fn.HttpsError as error:
            status, body = 400, {"error": error._as_dict()}
        return said(status, body)


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


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> Everything:
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
    (odd,) = world.store.all("crmQuarantine")
    return Everything(
        admin=asking(world, "staff"),
        member=asking(world, "u-eve"),
        ada="ada@example.com",
        bob="bob@example.com",
        cyd="cyd@example.com",
        event="gala",
        another="fair",
        odd=odd,
        hired=world.staff.of["hired"].email or "",
    )


def test_every_call_is_made_by_the_python_client(everything: Everything) -> None:
    everything.run()
    assert everything.made == set(CALLS)
