"""Malformed requests to the running functions: their codes, and what the log says of them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping

import pytest

from crm.config.settings import settings
from crm.core.roles import Role
from crm.entrypoints.callables.envelope import MAX_BYTES
from crm.firebase.staff import grant
from suite.running import Suite
from testing.auth import id_token, sign_up
from testing.patience import PATIENCE, eventually
from tests.support.live import LiveWorld
from tests.support.served import JSON
from tests.unit.entrypoints.test_declare import jwt, leaks

NAMES = ["get_customer", "merge_customers", "claim_my_orders"]


def post(
    suite: Suite, name: str, body: bytes, headers: Mapping[str, str] = JSON, method: str = "POST"
) -> tuple[int, str]:
    url = suite.function_url(name, settings().region)
    request = urllib.request.Request(url, body, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def reason(answer: tuple[int, str]) -> tuple[int, str, str | None]:
    error = json.loads(answer[1])["error"]
    return answer[0], error["status"], (error.get("details") or {}).get("reason")


@pytest.mark.parametrize("name", NAMES)
def test_malformed_requests_get_their_codes_and_leave_nothing_in_the_log(
    suite: Suite, name: str
) -> None:
    staff = sign_up()
    grant(staff.email, Role.ADMIN)
    signed_in = {**JSON, "Authorization": f"Bearer {id_token(staff)}"}
    mark = uuid.uuid4().hex
    person = {"email": f"{mark}@example.com", "name": f"Name {mark}", "uid": f"uid{mark}"}
    text = json.dumps(person).encode()

    def told(body: bytes, **more: str) -> tuple[int, str, str | None]:
        return reason(post(suite, name, body, {**signed_in, **more}))

    bad = (400, "INVALID_ARGUMENT")
    assert told(text) == (*bad, "missing-key")
    assert told(json.dumps({"data": {}, **person}).encode()) == (*bad, "unknown-key")
    assert told(json.dumps({"data": person | {mark: 1}}).encode())[:2] == bad
    assert told(json.dumps({"data": [mark]}).encode()) == (*bad, "not-an-object")
    assert told(text[:-3]) == (*bad, "not-json")
    assert told(b'"\xff' + text) == (*bad, "not-json")
    assert told(b"") == (*bad, "not-json")
    assert told(b'["data"]') == (*bad, "not-an-object")
    assert told(b'{"data": ' + b"[" * 10_000 + text + b"]" * 10_000 + b"}") == (*bad, "too-deep")
    assert told(text * (MAX_BYTES // len(text) + 1)) == (*bad, "body-too-large")
    assert told(text, **{"Content-Type": f"text/{mark}"}) == (*bad, "content-type")
    assert reason(post(suite, name, text, signed_in, method="PUT")) == (*bad, "not-post")

    tokens = [mark, f"Bearer {mark}", f"Bearer {jwt(text)}", f"Bearer {jwt(mark.encode())}"]
    for token in tokens:
        status, _ = post(suite, name, b'{"data": {}}', {**JSON, "Authorization": token})
        assert status in (401, 403)

    # A line about a request shows that what came before it has been written, too.
    about = f'"function": "{name}"'
    eventually(lambda: suite.logs().index(about))
    assert mark not in suite.logs()
    assert person["name"] not in suite.logs()


def test_what_a_trigger_cannot_read_leaves_ids_alone(suite: Suite) -> None:
    """A host document that cannot be understood is listed by its id, and not shown in the log."""
    mark = uuid.uuid4().hex
    project = LiveWorld(suite.project)
    project.host.put(f"orders/{mark}", {"email": f"{mark}x@example.com", "total": f"secret {mark}"})

    def quarantined() -> str:
        rows = project.host.all("crmQuarantine").values()
        (row,) = [row for row in rows if row["documentId"] == mark]
        return str(row["reason"])

    assert eventually(quarantined)
    assert f"{mark}x" not in suite.logs()
    assert f"secret {mark}" not in suite.logs()
    assert leaks(suite.logs()) == []
