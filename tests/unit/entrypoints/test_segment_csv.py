"""`export_segment_csv` over HTTP: who may, what is refused, and what an answer carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Request, Response
from werkzeug.test import EnvironBuilder

from crm.core.errors import ConfigError, Conflict, Refusal, Transient
from crm.core.roles import Claims
from crm.entrypoints.http.segment_csv import PER_MINUTE, answer
from crm.entrypoints.rate_limit import RateLimit
from crm.events.event import Event, event_path
from crm.newsletter.csv_rows import BOM
from crm.segments.language.ast import Tag
from crm.segments.saved import save
from crm.segments.saved_plan import Definition
from testing.hosts import order
from testing.world import World

TOKENS: Mapping[str, Claims] = {
    role: {"uid": f"uid-of-{role}", "crm": role, "email_verified": True}
    for role in ("viewer", "editor", "admin")
} | {"nobody": {"uid": "nobody"}}


def verified(token: str) -> Claims:
    if token not in TOKENS:
        raise Refusal("unauthenticated", "sign-in", "Sign in.")
    return TOKENS[token]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-x")
    world = World()
    for name in ("ada", "bob"):
        email = f"{name}@example.com"
        world.put_order(name, order(email, marketingOptIn=name == "ada"))
    return world


def ask(
    world: World,
    token: str | None = "editor",
    method: str = "GET",
    rate_limit: RateLimit | None = None,
    **parameters: Any,
) -> Response:
    builder = EnvironBuilder(method=method, query_string=parameters)
    if token is not None:
        builder.headers["Authorization"] = f"Bearer {token}"
    request = Request(builder.get_environ())
    return answer(request, lambda: world.services, verified, rate_limit or RateLimit())


def refusal(response: Response) -> tuple[int, str, str]:
    assert response.mimetype == "application/json"
    error = json.loads(response.get_data())["error"]
    assert set(error) == {"status", "message", "details"}
    return response.status_code, error["status"], error["details"]["reason"]


def secured(response: Response) -> None:
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("role", ["editor", "admin"])
@pytest.mark.parametrize("segment", ["everyone", "{}", ' {"not": {"tag": "vip"}} ', "not tag:vip"])
def test_a_list_in_either_form(world: World, role: str, segment: str) -> None:
    response = ask(world, role, segment=segment)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="newsletter-20')
    secured(response)
    _, ada = response.get_data(as_text=True).splitlines()
    assert ada.startswith("ada@example.com,Ada Lovelace,,49.90 USD,1,2024-03-01,https://")
    actors = {one["actor"] for one in world.store.all("crmAudit").values()}
    assert actors == {world.runner.keys.user(f"uid-of-{role}")}


def test_a_saved_segment(world: World) -> None:
    segment_id, _ = save(world.runner, Definition("All", Tag("vip")))
    by_id: list[dict[str, Any]] = [
        {"segmentId": segment_id},
        {"segment": f"segment:{segment_id}"},
    ]
    for parameters in by_id:
        assert ask(world, **parameters).get_data(as_text=True).count("\r\n") == 1
    by_name = ask(world, segment='not segment:"ALL"', bom="true")
    assert by_name.get_data().startswith(BOM)
    facts = [
        one["facts"]
        for one in world.store.all("crmAudit").values()
        if one["action"] == "newsletter.export"
    ]
    assert [one.get("segment") for one in facts].count(segment_id) == 1
    assert len({one["question"] for one in facts if "question" in one}) == 2


def test_a_list_by_the_name_of_an_event_and_by_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-x")
    world = World(settings={"time_zone": "Asia/Tokyo"})
    late = datetime(2024, 1, 31, 15, 30, tzinfo=UTC)  # half past midnight in Tokyo
    world.put_order("o1", order("ada@example.com", marketingOptIn=True, createdAt=late))
    event = Event("devops-2024", late, "DevOps Days").to_data()
    world.store.put(event_path("devops-2024"), event)
    for segment, rows in {
        'has_ticket:"devops days"': 1,
        'has_ticket:"another"': 0,
        "last_order_at = 2024-02-01": 1,
        "last_order_at <= 2024-01-31": 0,
    }.items():
        lines = ask(world, segment=segment).get_data(as_text=True).splitlines()
        assert len(lines) == 1 + rows, segment


def test_a_name_that_is_given_for_an_id_is_not_in_the_audit_trail(world: World) -> None:
    segment_id, _ = save(world.runner, Definition("Friends of Ada", Tag("vip")))
    assert ask(world, segmentId="friends of ADA").status_code == 200
    assert "ADA" not in str(world.store.all("crmAudit"))
    assert segment_id in str(world.store.all("crmAudit"))


def test_a_list_for_a_double_click_in_excel(world: World) -> None:
    asked: list[dict[str, Any]] = [{"for": "excel"}, {"for": "excel", "bom": "true"}]
    for parameters in asked:
        response = ask(world, segment="everyone", **parameters)
        assert response.headers["Content-Type"] == "text/csv; charset=utf-16"
        _, ada = response.get_data().decode("utf-16").splitlines()
        assert ada.startswith("ada@example.com\tAda Lovelace\t")


REFUSED: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
    ({"token": None}, (401, "UNAUTHENTICATED", "sign-in")),
    ({"token": ""}, (401, "UNAUTHENTICATED", "sign-in")),
    ({"token": "forged"}, (401, "UNAUTHENTICATED", "sign-in")),
    ({"token": "nobody"}, (403, "PERMISSION_DENIED", "role")),
    ({"token": "viewer"}, (403, "PERMISSION_DENIED", "role")),
    ({"token": "viewer", "segment": "nonsense ("}, (403, "PERMISSION_DENIED", "role")),
    *(
        ({"method": method, "segment": "everyone"}, (405, "INVALID_ARGUMENT", "method"))
        for method in ("HEAD", "POST", "PUT", "DELETE", "PATCH")
    ),
    ({}, (400, "INVALID_ARGUMENT", "value-invalid")),
    ({"segment": "everyone", "segmentId": "x"}, (400, "INVALID_ARGUMENT", "value-invalid")),
    ({"segment": ["everyone", "tag:vip"]}, (400, "INVALID_ARGUMENT", "value-invalid")),
    ({"segment": "everyone", "bom": "yes"}, (400, "INVALID_ARGUMENT", "value-invalid")),
    ({"segment": "everyone", "for": "word"}, (400, "INVALID_ARGUMENT", "value-invalid")),
    ({"segment": "everyone", "opened_by": "excel"}, (400, "INVALID_ARGUMENT", "unknown-key")),
    ({"segment": "everyone", "x": "1"}, (400, "INVALID_ARGUMENT", "unknown-key")),
    ({"segment": "everyone", "access_token": "t"}, (400, "INVALID_ARGUMENT", "unknown-key")),
    ({"segmentId": "a/b"}, (400, "INVALID_ARGUMENT", "id-invalid")),
    ({"segmentId": ""}, (400, "INVALID_ARGUMENT", "id-invalid")),
    ({"segment": "\x00"}, (400, "INVALID_ARGUMENT", "text-invalid")),
    ({"segment": ""}, (400, "INVALID_ARGUMENT", "segment-syntax")),
    ({"segment": "tag:"}, (400, "INVALID_ARGUMENT", "segment-syntax")),
    ({"segment": "{"}, (400, "INVALID_ARGUMENT", "segment-invalid")),
    ({"segment": '{"all": []}'}, (400, "INVALID_ARGUMENT", "segment-invalid")),
    ({"segment": '{"orderCount": {"gte": NaN}}'}, (400, "INVALID_ARGUMENT", "segment-invalid")),
    ({"segment": '{"not":' * 20_000}, (400, "INVALID_ARGUMENT", "segment-too-deep")),
    (
        {"segment": '{"orderCount": {"gte": ' + "9" * 5_000 + "}}"},
        (400, "INVALID_ARGUMENT", "segment-invalid"),
    ),
]


@pytest.mark.parametrize(("parameters", "wanted"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused_is_refused_before_any_read(
    world: World, parameters: dict[str, Any], wanted: tuple[int, str, str]
) -> None:
    before = (world.store.reads, world.store.writes)
    response = ask(world, **parameters)
    assert refusal(response) == wanted
    assert (world.store.reads, world.store.writes) == before
    secured(response)
    assert response.headers.get("WWW-Authenticate") == ("Bearer" if wanted[0] == 401 else None)
    assert response.headers.get("Allow") == ("GET, OPTIONS" if wanted[0] == 405 else None)


def test_a_mistake_in_a_text_is_pointed_at(world: World) -> None:
    error = json.loads(ask(world, segment="tag:vip nad").get_data())["error"]
    assert error["details"] == {"reason": "segment-syntax", "line": 1, "column": 9}


@pytest.mark.parametrize("parameters", [{"segmentId": "none"}, {"segment": "segment:none"}])
def test_a_segment_that_is_not_there(world: World, parameters: dict[str, Any]) -> None:
    assert refusal(ask(world, **parameters)) == (404, "NOT_FOUND", "no-such-segment")
    assert world.store.all("crmAudit") == {}


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (Conflict("x"), (409, "ABORTED", "conflict")),
        (Transient("x"), (503, "UNAVAILABLE", "unavailable")),
        (ConfigError("region: wrong"), (400, "FAILED_PRECONDITION", "configuration")),
        (ValueError("ada@example.com"), (500, "INTERNAL", "internal")),
    ],
)
def test_what_fails_has_its_status(
    world: World,
    error: Exception,
    wanted: tuple[int, str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing(_: str) -> Claims:
        raise error

    builder = EnvironBuilder(query_string={"segment": "everyone"})
    builder.headers["Authorization"] = "bearer x"
    response = answer(Request(builder.get_environ()), lambda: world.services, failing)
    assert refusal(response) == wanted
    assert "ada" not in caplog.text + response.get_data(as_text=True)


def test_a_caller_who_asks_too_often_is_told_when_to_come_back(world: World) -> None:
    rate_limit = RateLimit()
    for _ in range(PER_MINUTE):
        assert ask(world, segment="tag:vip", rate_limit=rate_limit).status_code == 200
    response = ask(world, segment="tag:vip", rate_limit=rate_limit)
    assert refusal(response) == (429, "RESOURCE_EXHAUSTED", "too-many-calls")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert ask(world, "admin", segment="tag:vip", rate_limit=rate_limit).status_code == 200
