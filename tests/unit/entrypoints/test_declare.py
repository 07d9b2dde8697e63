"""Requests as they come over HTTP: refused by their codes, and nothing of them in the logs."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.served import JSON, Ask, ask
from tests.unit.entrypoints.test_envelope import BAD

ROOT = Path(__file__).parents[3]

ADDRESS, NAME, PHONE, UID = "ada.canary@example.com", "Canary Lovelace", "+15550142", "uidCanary7"
CANARIES = (ADDRESS, ADDRESS.partition("@")[0], NAME, PHONE, UID, "Canary", "canary")
PERSON = {"email": ADDRESS, "name": NAME, "phone": PHONE, "uid": UID}


def leaks(printed: str) -> list[str]:
    """Canaries in a log, also in base64 or escaped."""
    spellings = {
        spelling
        for one in CANARIES
        for spelling in (one, base64.b64encode(one.encode()).decode()[:-4], one.encode().hex())
    }
    return [one for one in sorted(spellings) if one in printed]


def lines(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def jwt(payload: bytes, head: object = None) -> str:
    parts = [json.dumps(head or {"alg": "none", "typ": "JWT"}).encode(), payload, b""]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def bearer(token: str) -> dict[str, str]:
    return {**JSON, "Authorization": f"Bearer {token}"}


BODY = json.dumps({"data": {"email": ADDRESS}}).encode()
TOKENS = [
    ADDRESS,
    f"Bearer {ADDRESS}",
    "Bearer ",
    f"Bearer {ADDRESS}",
    f"Basic {UID}",
    f"Bearer {jwt(json.dumps(PERSON).encode())}",
    f"Bearer {jwt(json.dumps({**PERSON, 'aud': ADDRESS, 'iss': NAME, 'sub': UID}).encode())}",
    f"Bearer {jwt(json.dumps(PERSON).encode(), {'alg': ADDRESS, 'kid': NAME})}",
    f"Bearer {jwt(f'{ADDRESS} {NAME}'.encode())}",
    f"Bearer {jwt(ADDRESS.encode())}.{UID}",
]


@pytest.fixture(scope="module")
def malformed() -> tuple[list[dict[str, Any]], str]:
    return ask("get_customer", [Ask(body) for body, _ in BAD])


def test_every_malformed_body_gets_its_code(
    malformed: tuple[list[dict[str, Any]], str],
) -> None:
    for (body, reason), answer in zip(BAD, malformed[0], strict=True):
        assert answer["status"] == 400, body[:40]
        error = json.loads(answer["body"])["error"]
        assert (error["status"], error["details"]) == ("INVALID_ARGUMENT", {"reason": reason})
        assert error["message"].startswith("The request was refused: ")


def test_a_web_app_may_read_what_was_refused(malformed: tuple[list[dict[str, Any]], str]) -> None:
    for answer in malformed[0]:
        assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
        assert answer["headers"]["Content-Type"] == "application/json"
    (preflight,), _ = ask(
        "get_customer",
        [
            Ask(
                method="OPTIONS",
                headers={
                    "Origin": "https://shop.example",
                    "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "content-type,authorization",
                },
            )
        ],
    )
    assert preflight["status"] == 200
    assert preflight["headers"]["Access-Control-Allow-Origin"]
    assert "POST" in preflight["headers"]["Access-Control-Allow-Methods"]


def test_what_is_well_formed_comes_to_the_role() -> None:
    (answer,), _ = ask("get_customer", [Ask(BODY)])
    assert answer["status"] == 401
    assert json.loads(answer["body"])["error"]["details"] == {"reason": "sign-in"}


def test_no_request_leaves_a_trace_of_a_person_in_the_log() -> None:
    extra = json.dumps({"data": {}, **PERSON}).encode()
    bodies = [
        extra,
        json.dumps(PERSON).encode(),
        json.dumps([ADDRESS, NAME]).encode(),
        f"email={ADDRESS}".encode(),
        f'{{"data": {{"email": "{ADDRESS}"'.encode(),
        f'{{"data": "{ADDRESS}\udcff"}}'.encode("utf-8", "surrogateescape"),
        b'{"data": "' + b"\xff" + NAME.encode(),
        BODY,
    ]
    requests = [Ask(body) for body in bodies]
    requests += [Ask(body, headers={"Content-Type": ADDRESS}) for body in bodies]
    requests += [Ask(body, headers={}) for body in bodies]
    requests += [Ask(BODY, method=method) for method in ("GET", "PUT", "DELETE", "CANARY")]
    requests += [Ask(BODY, headers={**JSON, "Authorization": token}) for token in TOKENS]
    requests += [Ask(BODY, headers={**JSON, "X-Firebase-AppCheck": token}) for token in TOKENS]
    requests += [
        Ask(BODY, headers={**JSON, name: f"{ADDRESS} {NAME}"})
        for name in ("Function-Execution-Id", "X-Cloud-Trace-Context", "User-Agent", "Referer")
    ]
    answers, printed = ask("get_customer", requests, FIREBASE_AUTH_EMULATOR_HOST="")
    for request, answer in zip(requests, answers, strict=True):
        assert answer["status"] in (400, 401), request
        assert json.loads(answer["body"])["error"]["details"]["reason"]
        assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
        assert leaks(answer["body"]) == []
    assert leaks(printed) == []
    assert "Traceback" not in printed
    for line in lines(printed):
        assert line["function"] == "get_customer"
        assert line["severity"] in {"WARNING", "ERROR"}


def test_what_the_framework_cannot_read_of_an_event_leaves_no_trace_either() -> None:
    event = {
        **JSON,
        "ce-id": UID,
        "ce-source": ADDRESS,
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.firestore.document.v1.written",
        "ce-subject": f"documents/users/{UID}",
        "ce-time": NAME,
    }
    requests = [
        Ask(BODY),
        Ask(b"", headers=event),
        Ask(BODY, headers=event),
        Ask(ADDRESS.encode(), headers=event),
        Ask(ADDRESS.encode(), headers={**event, "Content-Type": "application/protobuf"}),
        Ask(b"", headers={**event, "ce-document": f"users/{UID}", "ce-project": "p"}),
    ]
    answers, printed = ask("on_user_written", requests)
    assert {answer["status"] for answer in answers} <= {400, 500}
    assert leaks(printed) == []
    assert printed  # that something failed is told
    for line in lines(printed):
        assert line["function"] == "on_user_written"


def test_every_callable_is_declared_with_its_requests_checked() -> None:
    source = (ROOT / "main.py").read_text(encoding="utf-8")
    assert not re.search(r"@https_fn\.on_call\b", source), "declare it by declare.on_call"
