"""Requests as they come over HTTP: refused by their codes, and nothing of them in the logs."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Request

import main
from crm.entrypoints.callables.declare import LISTS, LITTLE
from crm.entrypoints.callables.envelope import MAX_BYTES
from tests.support.cloud_run import token
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


PROJECT = "demo-served"
EMULATED = {"FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:1"}
"""Auth's emulator takes tokens that nobody has signed; nothing is asked of it."""


def signed_in(**claims: object) -> dict[str, str]:
    return bearer(token(PROJECT, sub="u1", **claims))


STAFF = signed_in(crm="viewer", email="v@example.com", email_verified=True)


@pytest.fixture(scope="module")
def malformed() -> tuple[list[dict[str, Any]], str]:
    return ask("get_customer", [Ask(body, headers=STAFF) for body, _ in BAD], **EMULATED)


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
    nobody, (guest,) = (
        ask("get_customer", [Ask(BODY)])[0],
        ask("get_customer", [Ask(BODY, headers=signed_in())], **EMULATED)[0],
    )
    assert [one["status"] for one in (*nobody, guest)] == [401, 403]
    assert json.loads(nobody[0]["body"])["error"]["details"] == {"reason": "sign-in"}
    assert json.loads(guest["body"])["error"]["details"] == {"reason": "role"}


def test_who_has_no_token_learns_nothing_of_the_body() -> None:
    bodies = [b"", BODY, *(body for body, _ in BAD)]
    for headers in (JSON, {**JSON, "Authorization": "Bearer "}, {**JSON, "Authorization": "x"}):
        answers, _ = ask("get_customer", [Ask(body, headers=headers) for body in bodies])
        assert {one["status"] for one in answers} == {401}
        assert len({one["body"] for one in answers}) == 1
        assert json.loads(answers[0]["body"])["error"]["details"] == {"reason": "sign-in"}
        assert answers[0]["headers"]["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("headers", "size", "expected"),
    [
        (JSON, 0, (401, "sign-in")),
        (JSON, MAX_BYTES, (401, "sign-in")),
        ({**JSON, "Authorization": "Basic abc"}, MAX_BYTES, (401, "sign-in")),
        (bearer("forged"), LITTLE + 1, (401, "sign-in")),
        (bearer(token("another-project", sub="u1")), LITTLE + 1, (401, "sign-in")),
        (signed_in(firebase={"tenant": "t"}), LITTLE + 1, (401, "tenant")),
        (signed_in(), LITTLE + 1, (403, "role")),
        (signed_in(crm="admin"), LITTLE + 1, (403, "role")),
        (STAFF, MAX_BYTES + 1, (400, "body-too-large")),
    ],
)
def test_a_body_is_not_parsed_for_whom_nothing_can_come_of_it(
    headers: dict[str, str],
    size: int,
    expected: tuple[int, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("GCLOUD_PROJECT", PROJECT)

    def parsed(_: bytes) -> None:
        raise AssertionError("the body was parsed")

    monkeypatch.setattr("crm.entrypoints.callables.envelope.check_body", parsed)
    monkeypatch.setattr(Request, "get_data", parsed)
    context = Flask(__name__).test_request_context(
        "/", method="POST", data=b"[" * size, headers=headers
    )
    with context:
        answer = main.get_customer(context.request)
        assert not context.request.stream.read(1), "it was read to its end"
    reason = json.loads(answer.data)["error"]["details"]["reason"]
    assert (answer.status_code, reason) == expected


def test_a_little_body_is_left_to_the_sdk_and_a_large_one_of_staff_taken() -> None:
    large = json.dumps({"data": {"email": ADDRESS, "x": "y" * LITTLE}}).encode()
    little, unknown = ask(
        "get_customer", [Ask(b"[", headers=bearer("forged")), Ask(large, headers=STAFF)], **EMULATED
    )[0]
    assert json.loads(little["body"])["error"]["details"] == {"reason": "not-json"}
    assert json.loads(unknown["body"])["error"]["details"] == {"reason": "unknown-key"}


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


@pytest.mark.parametrize(
    ("role", "size", "expected"),
    [
        ("editor", MAX_BYTES + 1, (403, "role")),
        ("admin", MAX_BYTES + 1, (400, "not-json")),
        ("editor", LITTLE + 1, (400, "not-json")),  # refused behind that, as of any call
        ("admin", LISTS + 1, (400, "body-too-large")),
    ],
)
def test_only_an_admins_list_is_read(
    role: str, size: int, expected: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("GCLOUD_PROJECT", PROJECT)
    headers = signed_in(crm=role, email="a@example.com", email_verified=True)
    context = Flask(__name__).test_request_context(
        "/", method="POST", data=b"[" * size, headers=headers
    )
    with context:
        answer = main.import_contacts(context.request)
    assert answer.status_code == expected[0]
    reason = json.loads(answer.data)["error"]["details"]["reason"]
    assert reason == expected[1] or (expected[1], reason) == ("not-json", "too-deep")
