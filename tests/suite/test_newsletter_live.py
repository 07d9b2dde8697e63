"""Saved segments and the newsletter list on the real functions, over HTTP."""

from __future__ import annotations

import csv
import http.client
import io
import json
import tomllib
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter

from crm.config.settings import settings
from crm.core.roles import Role
from crm.firebase.staff import grant
from crm.newsletter.csv_rows import COLUMNS
from suite.running import Suite
from testing.auth import Person, id_token, sign_up
from testing.client import PatientClient
from testing.hosts import item, order
from testing.patience import PATIENCE, eventually
from tests.support.web import call


@dataclass(frozen=True)
class Desk:
    """Staff of each role in the suite's own project, and an event of the test's own."""

    suite: Suite
    documents: PatientClient
    staff: dict[Role, Person]
    event: str

    @property
    def url(self) -> str:
        return self.suite.function_url("export_segment_csv", settings().region)

    def call(self, function: str, /, **data: Any) -> dict[str, Any]:
        return call(self.suite, self.staff[Role.EDITOR], (function, data))[0]

    def buy(self, name: str, **fields: Any) -> str:
        """An order of the event, and its buyer's address once there is a customer."""
        email = f"{uuid.uuid4().hex}@example.com"
        bought = order(email, name=name, items=[item(self.event)], **fields)
        self.documents.document(f"orders/{email.split('@')[0]}").set(bought)
        of_email = FieldFilter("emails", "array_contains", email)
        found = self.documents.collection("customers").where(filter=of_email)

        def known() -> None:
            assert list(found.stream())

        eventually(known)
        return email

    def get(self, token: str | None, method: str = "GET", **parameters: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.url}?{urllib.parse.urlencode(parameters)}"
        request = urllib.request.Request(url, headers=headers, method=method)
        return urllib.request.urlopen(request, timeout=PATIENCE)

    def rows(self, role: Role = Role.EDITOR, **parameters: str) -> dict[str, dict[str, str]]:
        """The list, by address."""
        with self.get(id_token(self.staff[role]), **parameters) as answer:
            text = answer.read().decode()
        rows = csv.DictReader(io.StringIO(text, newline=""))
        assert tuple(rows.fieldnames or ()) == (*COLUMNS, *own_fields(self.suite))
        return {one["email"]: one for one in rows}


def own_fields(suite: Suite) -> list[str]:
    """Return the names of those that the suite's functions declare."""
    return list(tomllib.loads(suite.contacts)["fields"])


@pytest.fixture(scope="module")
def desk(suite: Suite) -> Desk:
    staff = {}
    for role in Role:
        staff[role] = sign_up()
        grant(staff[role].email, role)
    return Desk(suite, PatientClient(project=suite.project), staff, f"event-{uuid.uuid4().hex}")


@pytest.fixture(scope="module")
def buyers(desk: Desk) -> list[str]:
    """Two who opted in, and one who did not."""
    return [
        desk.buy("Ada Lovelace", marketingOptIn=True),
        desk.buy('=HYPERLINK("https://example.com")', marketingOptIn=True, total="1000"),
        desk.buy("Silent Bob"),
    ]


def test_a_list_of_who_attended_and_subscribed(desk: Desk, buyers: list[str]) -> None:
    one, two, _ = buyers
    for role in (Role.EDITOR, Role.ADMIN):
        rows = desk.rows(role, segment=f"attended:{desk.event}")
        assert set(rows) == {one, two}
    assert rows[one] == {
        "email": one,
        "name": "Ada Lovelace",
        "tags": "",
        "spend": "49.90 USD",
        "orders": "1",
        "last_order": "2024-03-01",
        "unsubscribe": rows[one]["unsubscribe"],
        **dict.fromkeys(own_fields(desk.suite), ""),
    }
    assert rows[two]["name"] == '\'=HYPERLINK("https://example.com")'
    assert rows[two]["spend"] == "1000.00 USD"
    json_form = json.dumps({"all": [{"attended": desk.event}, {"not": {"tag": "vip"}}]})
    assert set(desk.rows(segment=json_form)) == {one, two}


def test_an_answer_says_what_it_is(desk: Desk, buyers: list[str]) -> None:
    with desk.get(id_token(desk.staff[Role.EDITOR]), segment=f"attended:{desk.event}") as answer:
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.read().endswith(b"\r\n")


def test_a_browser_may_ask_from_the_hosts_page(desk: Desk) -> None:
    request = urllib.request.Request(
        desk.url,
        method="OPTIONS",
        headers={
            "Origin": "https://shop.example.com",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        assert answer.status == 200
        assert "GET" in answer.headers["Access-Control-Allow-Methods"]
        assert answer.headers["Access-Control-Allow-Headers"].lower() == "authorization"


def test_who_withdrew_is_not_on_the_next_list(desk: Desk) -> None:
    leaving = desk.buy("Leaving", marketingOptIn=True)
    staying = desk.buy("Staying", marketingOptIn=True)
    rows = desk.rows(segment=f"has_ticket:{desk.event}")
    assert {leaving, staying} <= set(rows)
    request = urllib.request.Request(
        rows[leaving]["unsubscribe"], data=b"List-Unsubscribe=One-Click", method="POST"
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        assert answer.status == 200
    rows = desk.rows(segment=f"has_ticket:{desk.event}")
    assert leaving not in rows
    assert staying in rows


@pytest.mark.parametrize(
    ("role", "method", "parameters", "status", "reason"),
    [
        (None, "GET", {"segment": "everyone"}, 401, "sign-in"),
        (Role.VIEWER, "GET", {"segment": "everyone"}, 403, "role"),
        (Role.EDITOR, "GET", {"segment": "tag:vip nad"}, 400, "segment-syntax"),
        (Role.EDITOR, "GET", {}, 400, "value-invalid"),
        (Role.EDITOR, "GET", {"segmentId": "none"}, 404, "no-such-segment"),
        (Role.EDITOR, "POST", {"segment": "everyone"}, 405, "method"),
        (Role.EDITOR, "HEAD", {"segment": "everyone"}, 405, None),
    ],
)
def test_what_is_refused(
    desk: Desk,
    role: Role | None,
    method: str,
    parameters: dict[str, str],
    status: int,
    reason: str | None,
) -> None:
    token = id_token(desk.staff[role]) if role else None
    with pytest.raises(urllib.error.HTTPError) as refused:
        desk.get(token, method, **parameters)
    with refused.value as error:
        assert error.code == status
        if reason:
            assert json.load(error)["error"]["details"]["reason"] == reason


def test_a_token_of_another_project_is_none(desk: Desk) -> None:
    head, claims, signature = id_token(desk.staff[Role.ADMIN]).split(".")
    for forged in (f"{head}.{claims[:-4]}.{signature}", "x.y.z", "", "\u2603"):
        connection = http.client.HTTPConnection(desk.url.split("/")[2], timeout=PATIENCE)
        path = "/" + desk.url.split("/", 3)[3]
        headers = {"Authorization": f"Bearer {forged}".encode()}
        connection.request("GET", f"{path}?segment=everyone", headers=headers)
        assert connection.getresponse().status == 401
        connection.close()


def test_a_saved_segment_from_its_saving_to_its_end(desk: Desk, buyers: list[str]) -> None:
    name = f"Attended {desk.event[-8:]}"
    saved = desk.call("save_segment", name=name, segment=f"attended:{desk.event}")["data"]
    segment_id = saved["segmentId"]
    assert set(desk.rows(segmentId=segment_id)) >= set(buyers[:2])
    user = desk.call("save_segment", name=f"{name}, again", segment=f'segment:"{name}"')["data"]
    listed = desk.call("list_segments", pageSize=200)["data"]["segments"]
    (shown,) = (one for one in listed if one["segmentId"] == segment_id)
    assert (shown["name"], shown["usedBy"]) == (name, [user["segmentId"]])
    assert shown["segment"] == {"attended": desk.event}
    assert shown["text"] == f"attended:{desk.event}"
    assert (saved["revision"], shown["revision"]) == (1, 1)
    mine = {"name": name, "segmentId": segment_id, "revision": 1, "description": "by my tab"}
    for _ in range(2):  # the second time as after a lost answer
        answer = desk.call("save_segment", segment=f"attended:{desk.event}", **mine)["data"]
        assert answer == {"segmentId": segment_id, "revision": 2, "warnings": []}
    theirs = desk.call("save_segment", segment="everyone", **mine)
    assert theirs["code"] == "functions/failed-precondition"
    assert (theirs["details"]["reason"], theirs["details"]["revision"]) == ("changed-meanwhile", 2)
    taken = desk.call("save_segment", name=name.upper(), segment="everyone")
    assert taken["code"] == "functions/already-exists"
    assert taken["details"]["reason"] == "segment-name-taken"
    used = desk.call("delete_segment", segmentId=segment_id)
    assert used["code"] == "functions/failed-precondition"
    assert used["details"]["reason"] == "segment-in-use"
    circle = desk.call(
        "save_segment", name=name, segment={"segment": user["segmentId"]}, segmentId=segment_id
    )
    assert circle["details"]["reason"] == "segment-cycle"
    for one in (user["segmentId"], segment_id):
        assert desk.call("delete_segment", segmentId=one)["data"] == {"segmentId": one}
    gone = desk.call("delete_segment", segmentId=segment_id)
    assert gone["details"]["reason"] == "no-such-segment"
    viewer = call(desk.suite, desk.staff[Role.VIEWER], ("save_segment", {}), ("list_segments", {}))
    assert viewer[0]["code"] == "functions/permission-denied"
    assert "data" in viewer[1]


def test_a_list_is_in_the_audit_trail(desk: Desk, buyers: list[str]) -> None:
    rows = desk.rows(segment=f"attended:{desk.event} and not tag:nobody-has-this")

    def entries() -> list[dict[str, Any]]:
        trail = desk.documents.collection("crmAudit").where(
            filter=FieldFilter("action", "==", "newsletter.exported")
        )
        found = [one.to_dict() or {} for one in trail.stream()]
        assert any(one["facts"]["rows"] == len(rows) for one in found)
        return found

    assert all(one["facts"]["complete"] for one in eventually(entries))
    for email in buyers:
        assert email not in desk.suite.logs()
