from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from firebase_functions import https_fn
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import ConfigError, Conflict, Refusal, Transient
from crm.core.json import jsonable
from crm.core.roles import Role
from crm.customers import lookup
from crm.entrypoints.callables.dispatch import CALLS, answer
from crm.entrypoints.callables.requests import parse
from crm.entrypoints.rate_limit import RateLimit
from crm.tags import jobs as tag_jobs
from testing.hosts import order
from testing.world import World

ROOT = Path(__file__).parents[3]
NANOSECONDS = cast("Any", DatetimeWithNanoseconds)(2024, 3, 1, 12, tzinfo=UTC)
VIEWER: dict[str, object] = {"crm": "viewer", "email_verified": True}


def services(world: World) -> Any:
    # What the use cases need of it; the real one would open a connection.
    held = world.services
    return lambda: held


def call(
    name: str,
    data: object,
    world: World | None = None,
    claims: dict[str, object] | None = VIEWER,
    uid: str = "staff",
) -> Any:
    auth = https_fn.AuthData(uid, claims) if claims is not None else None
    request = https_fn.CallableRequest(data=data, raw_request=cast("Any", None), auth=auth)
    return answer(name, request, services(world or World()))


DETAILS = {"reason", "line", "column", "events", "freeEvents", "confirmHelps", "revision"} | {
    "field"
}


def refused(name: str, data: object, **more: Any) -> tuple[str, str, str]:
    """The error's code, reason and message, after a check of what every error has."""
    with pytest.raises(https_fn.HttpsError) as error:
        call(name, data, **more)
    refusal = error.value
    assert refusal.__cause__ is None
    assert refusal.__suppress_context__
    assert {"reason"} <= set(cast("Any", refusal.details)) <= DETAILS
    json.dumps([refusal.message, refusal.details], allow_nan=False).encode("ascii")
    return refusal.code.value, cast("Any", refusal.details)["reason"], refusal.message


Bad = tuple[str, Any, str, str]
"""A call, its data, the reason of the refusal, and what its message names."""


def each(
    name: str, good: dict[str, Any], key: str, reason: str, values: Iterable[Any]
) -> list[Bad]:
    """Requests that are good but for the value of one key."""
    return [(name, {**good, key: one}, reason, key) for one in values]


def test_a_mistake_in_a_text_comes_with_its_place() -> None:
    with pytest.raises(https_fn.HttpsError) as error:
        call("query_segment", {"segment": "tag:vip\n  or tag"})
    assert error.value.details == {"reason": "segment-syntax", "line": 2, "column": 9}


def with_an_order() -> tuple[World, str]:
    world = World()
    world.put_order("o1", order())
    return world, world.the_customer()["id"]


# Answers


def test_get_customer_answers_json() -> None:
    world, customer_id = with_an_order()
    answered = call("get_customer", {"email": "ADA@example.com"}, world)
    assert json.loads(json.dumps(answered, allow_nan=False)) == answered
    assert answered["customer"]["customerId"] == customer_id
    assert answered["customer"]["totalSpend"] == {"USD": 4990}
    assert answered["customer"]["firstOrderAt"] == "2024-03-01T12:00:00Z"
    assert answered["likelySame"] == []


def test_list_orders_pages_with_a_token_bound_to_the_caller() -> None:
    world = World()
    for number in range(3):
        world.put_order(f"o{number}", order(day=number))
    arguments = {"customerId": world.the_customer()["id"], "pageSize": 2}
    first = call("list_orders", arguments, world)
    assert [one["orderId"] for one in first["orders"]] == ["o2", "o1"]
    assert first["orders"][0]["createdAt"] == "2024-03-03T12:00:00Z"
    rest = arguments | {"pageToken": first["nextPageToken"]}
    last = call("list_orders", rest, world)
    assert [one["orderId"] for one in last["orders"]] == ["o0"]
    assert last["nextPageToken"] is None
    code, reason, _ = refused("list_orders", rest, world=world, uid="somebody else")
    assert (code, reason) == ("invalid-argument", "page-token")


def test_null_is_the_same_as_absent() -> None:
    world, customer_id = with_an_order()
    who = {"customerId": customer_id, "email": None, "userId": None}
    assert call("get_customer", who, world)["customer"]["customerId"] == customer_id
    arguments = {"customerId": customer_id, "pageSize": None, "pageToken": None}
    assert len(call("list_orders", arguments, world)["orders"]) == 1


def test_tags_are_given_listed_renamed_and_deleted() -> None:
    world, customer_id = with_an_order()
    editor: dict[str, object] = {"crm": "editor", "email_verified": True}

    def edit(name: str, **data: object) -> Any:
        return call(name, data, world, editor)

    tagged = edit("tag_customers", add=["VIP"], customerIds=[customer_id, "nobody"])
    assert tagged == {
        "updated": 1,
        "unchanged": 0,
        "full": 0,
        "notFound": ["nobody"],
        "warnings": [],
    }
    tagged = edit("tag_customers", add=["Guest"], remove=["vip"], segment="tag:vip")
    assert tagged == {"updated": 1, "unchanged": 0, "full": 0, "notFound": [], "warnings": []}
    first = call("list_tags", {"pageSize": 1}, world)
    assert first["tags"] == [{"tag": "guest", "label": "Guest", "customers": 1}]
    arguments = {"pageSize": 1, "pageToken": first["nextPageToken"]}
    last = call("list_tags", arguments, world)
    assert last == {
        "tags": [{"tag": "vip", "label": "VIP", "customers": 0}],
        "nextPageToken": None,
    }
    assert refused("list_tags", arguments, world=world, uid="other")[1] == "page-token"
    assert edit("rename_tag", tag="guest", to="Regular") == {"updated": 1}
    assert edit("delete_tag", tag="Regular") == {"updated": 1}
    assert world.the_customer()["tags"] == []


def test_a_large_segment_is_tagged_by_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_jobs, "PAGE", 1)
    world, _ = with_an_order()
    for number in range(4):
        world.put_order(f"x{number}", order(f"{number}@example.com"))
    arguments = {"add": ["x"], "segment": {}}
    job_id = call("tag_customers", arguments, world, {"crm": "editor", "email_verified": True})[
        "jobId"
    ]
    job = call("get_job", {"jobId": job_id}, world)["job"]
    assert (job["kind"], job["state"], job["done"], job["total"]) == (
        "tag_segment",
        "running",
        3,
        5,
    )
    world.work()
    job = call("get_job", {"jobId": job_id}, world)["job"]
    assert (job["state"], job["done"], job["error"]) == ("done", 5, None)
    assert job["result"] == {"updated": 5, "unchanged": 0, "full": 0}
    assert "arguments" not in job


def test_a_job_is_stopped_and_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_jobs, "PAGE", 1)
    world, _ = with_an_order()
    for number in range(4):
        world.put_order(f"x{number}", order(f"{number}@example.com"))
    editor: dict[str, object] = {"crm": "editor", "email_verified": True}
    arguments = {"add": ["x"], "segment": {}}
    asked = {"jobId": call("tag_customers", arguments, world, editor)["jobId"]}
    stopped = call("cancel_job", asked, world, editor)
    assert (stopped["job"]["state"], stopped["job"]["error"]) == ("failed", "cancelled")
    assert stopped == call("get_job", asked, world)
    again = call("retry_job", asked, world, editor)
    assert (again["job"]["state"], again["job"]["error"]) == ("queued", None)
    world.work()
    assert call("get_job", asked, world)["job"]["result"]["updated"] == 5
    over = refused("cancel_job", asked, world=world, claims=editor)
    assert over[:2] == ("failed-precondition", "job-over")
    # Whatever a role may begin it may stop, and nothing else; whether there is one, any role sees.
    rebuild = {
        "jobId": call("rebuild_customers", {}, world, {"crm": "admin", "email_verified": True})[
            "jobId"
        ]
    }
    for name in ("cancel_job", "retry_job"):
        assert refused(name, rebuild, world=world)[:2] == ("permission-denied", "role")
        assert refused(name, rebuild, world=world, claims=editor)[:2] == (
            "permission-denied",
            "role",
        )
        missing = refused(name, {"jobId": "none"}, world=world, claims=editor)
        assert missing[:2] == ("not-found", "no-such-job")
    assert (
        call("cancel_job", rebuild, world, {"crm": "admin", "email_verified": True})["job"]["error"]
        == "cancelled"
    )


# Roles

LOWER: list[dict[str, object] | None] = [None, {}, {"crm": True}, {"crm": ["viewer"]}, {"crm": ""}]


@pytest.mark.parametrize("name", sorted(CALLS))
@pytest.mark.parametrize("claims", LOWER, ids=repr)
def test_without_the_role_nothing_is_learnt(name: str, claims: dict[str, object] | None) -> None:
    world, customer_id = with_an_order()
    before = world.store.reads
    needed = "role" if isinstance(CALLS[name].role, Role) else "address-not-verified"
    expected = ("unauthenticated", "sign-in") if claims is None else ("permission-denied", needed)
    requests: list[object] = [
        {"customerId": customer_id},
        {"customerId": "no-such"},
        {"customerId": "a/b"},
        {"unknown": 1},
        None,
        [],
    ]
    answers = {refused(name, data, world=world, claims=claims) for data in requests}
    assert {one[:2] for one in answers} == {expected}
    assert len(answers) == 1
    assert world.store.reads == before


ROLES: list[tuple[str, str]] = [
    (name, lower.name.lower())
    for name, one in CALLS.items()
    if isinstance(one.role, Role)
    for lower in Role
    if lower < one.role
]


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_a_lower_role_learns_nothing(name: str, role: str) -> None:
    """Also where what is asked is no request at all, and whoever the customer is."""
    world, customer_id = with_an_order()
    before = world.store.reads
    claims: dict[str, object] = {"crm": role, "email_verified": True}
    requests: list[object] = [{"customerId": customer_id}, {"customerId": "none"}, {"?": 1}, None]
    answers = {refused(name, data, world=world, claims=claims) for data in requests}
    assert {one[:2] for one in answers} == {("permission-denied", "role")}
    assert len(answers) == 1
    assert world.store.reads == before


# Requests

BAD_IDS = [
    "",
    "/",
    "a/b",
    ".",
    "..",
    "__x__",
    "____",
    "__\n__",
    "x" * 1501,
    "é" * 751,
    "\0",
    "\ud800",
]
NOT_TEXT: list[object] = [1, 1.5, True, [], {}, ["x"], {"$ne": None}, float("nan")]
BAD_SIZES: list[object] = [0, -1, 201, 2**63, 2**200, 1.5, 50.0, float("nan"), True, "50", [], {}]
BAD_TAGS = ["", " ", "x" * 65, "a/b", "__x__", "..", "a\tb", "$where", "a;b", "\u200b", "é" * 2_000]
WHOM = {"customerIds": ["a"]}
BAD_TAGGING: list[tuple[object, str]] = [
    (None, "value-invalid"),
    ({"add": ["x"]}, "value-invalid"),
    ({"add": ["x"], **WHOM, "segment": {}}, "value-invalid"),
    ({**WHOM}, "value-invalid"),
    ({**WHOM, "add": [], "remove": []}, "value-invalid"),
    ({**WHOM, "add": "x"}, "value-invalid"),
    ({**WHOM, "add": [None]}, "value-invalid"),
    ({**WHOM, "add": [{"$ne": None}]}, "value-invalid"),
    ({**WHOM, "add": ["x"] * 101}, "value-invalid"),
    ({**WHOM, "add": ["\ud800"]}, "text-invalid"),
    ({**WHOM, "tags": ["x"]}, "unknown-key"),
    ({**WHOM, "add": ["VIP"], "remove": ["vip"]}, "tag-twice"),
    ({"add": ["x"], "customerIds": []}, "value-invalid"),
    ({"add": ["x"], "customerIds": "a"}, "value-invalid"),
    ({"add": ["x"], "customerIds": ["a"] * 501}, "value-invalid"),
    ({"add": ["x"], "customerIds": ["a", "b/c"]}, "id-invalid"),
    ({"add": ["x"], "segment": "tag:vip and"}, "segment-syntax"),
    ({"add": ["x"], "segment": {"$where": "1"}}, "segment-invalid"),
    ({"add": ["x"], "segment": 1}, "segment-invalid"),
    *(({**WHOM, "add": ["x", bad]}, "tag-invalid") for bad in BAD_TAGS),
    *(({**WHOM, "remove": [bad]}, "tag-invalid") for bad in BAD_TAGS),
]
BAD_REQUESTS: list[tuple[str, object, str]] = [
    ("get_customer", None, "who"),
    ("get_customer", {}, "who"),
    ("get_customer", {"customerId": None}, "who"),
    ("get_customer", {"customerId": "a", "email": "a@example.com"}, "who"),
    ("get_customer", {"customerId": "a", "userId": "b"}, "who"),
    ("get_customer", {"customerId": "a", "email": "a@example.com", "userId": "b"}, "who"),
    ("get_customer", {"customer_id": "a"}, "unknown-key"),
    ("get_customer", {"customerid": "a"}, "unknown-key"),
    ("get_customer", {"customerId": "a", "who": "b"}, "unknown-key"),
    ("get_customer", {"customerId": "a", "": None}, "unknown-key"),
    ("get_customer", {"customerId": "a", "\ud800": 1}, "unknown-key"),
    ("get_customer", {"customerId": "a", "x" * 100_000: 1}, "unknown-key"),
    ("get_customer", {"email": "no address"}, "email-invalid"),
    ("get_customer", {"email": " "}, "email-missing"),
    ("get_customer", {"email": "a@example.com\0"}, "text-invalid"),
    ("get_customer", {"email": "\udfff@example.com"}, "text-invalid"),
    ("list_orders", None, "missing-key"),
    ("list_orders", {"pageSize": 3}, "missing-key"),
    ("list_orders", {"customerId": None}, "missing-key"),
    ("list_orders", {"customerId": "a", "email": "a@example.com"}, "unknown-key"),
    *(("list_orders", {"customerId": bad}, "id-invalid") for bad in ("x" * 129, "é" * 20, "a-b")),
    ("list_audit", {"customerId": "x" * 1500}, "id-invalid"),
    ("delete_customer", {"customerId": "x" * 1500, "reason": "r"}, "id-invalid"),
    ("list_orders", {"customerId": "a", "pageToken": ""}, "page-token"),
    ("list_orders", {"customerId": "a", "pageToken": "forged"}, "page-token"),
    ("list_orders", {"customerId": "a", "pageToken": "x" * 20_000}, "value-invalid"),
    ("list_orders", {"customerId": "a", "pageToken": "\ud800"}, "text-invalid"),
    *(("get_customer", data, "not-an-object") for data in ([], "x", 1, True, ["customerId"])),
    *(("get_customer", {"customerId": bad}, "id-invalid") for bad in BAD_IDS),
    *(("get_customer", {"userId": bad}, "id-invalid") for bad in BAD_IDS),
    *(("list_orders", {"customerId": bad}, "id-invalid") for bad in BAD_IDS),
    *(("get_customer", {"customerId": bad}, "value-invalid") for bad in NOT_TEXT),
    *(("get_customer", {"email": bad}, "value-invalid") for bad in NOT_TEXT),
    *(("list_orders", {"customerId": "a", "pageToken": bad}, "value-invalid") for bad in NOT_TEXT),
    *(
        ("list_orders", {"customerId": "a", "pageSize": bad}, "value-invalid")
        for bad in BAD_SIZES
    ),
    *(("tag_customers", data, reason) for data, reason in BAD_TAGGING),
    *(("rename_tag", {"tag": bad, "to": "x"}, "tag-invalid") for bad in BAD_TAGS),
    *(("rename_tag", {"tag": "x", "to": bad}, "tag-invalid") for bad in BAD_TAGS),
    *(("delete_tag", {"tag": bad}, "tag-invalid") for bad in BAD_TAGS),
    ("rename_tag", {"tag": "x"}, "missing-key"),
    ("delete_tag", {"tag": None}, "missing-key"),
    ("list_tags", {"pageToken": "forged"}, "page-token"),
    *((name, {"jobId": "a/b"}, "id-invalid") for name in ("get_job", "cancel_job", "retry_job")),
    ("cancel_job", {}, "missing-key"),
    ("retry_job", {"jobId": "a", "force": True}, "unknown-key"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "reason"), BAD_REQUESTS, ids=lambda one: repr(one)[:60])
def test_a_bad_request_is_refused_before_anything_is_read(
    name: str, data: object, reason: str
) -> None:
    world = World()
    code, given_reason, message = refused(
        name, data, world=world, claims={"crm": "admin", "email_verified": True}
    )
    assert (code, given_reason) == ("invalid-argument", reason)
    assert len(message) < 300
    assert world.store.reads == 0


def test_a_refused_request_is_told_the_key_and_not_the_value() -> None:
    faults: list[tuple[str, object, str]] = [
        ("get_customer", {"customerId": "Ada/Secret"}, "customerId"),
        ("get_customer", {"email": ["Ada Secret"]}, "email"),
        ("list_orders", {"customerId": "a", "pageSize": "Ada Secret"}, "pageSize"),
        ("list_orders", {"customerId": "a", "colour": "Ada Secret"}, "colour"),
    ]
    for name, data, key in faults:
        message = refused(name, data)[2]
        assert f"`{key}`" in message
        assert "Secret" not in message


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KEYS_OF_CALLS = st.sampled_from(["customerId", "email", "userId", "pageSize", "pageToken"])


@given(st.dictionaries(KEYS_OF_CALLS | st.text(), JSON_VALUES, max_size=3) | JSON_VALUES)
def test_whatever_is_sent_is_read_or_refused(data: object) -> None:
    for one in CALLS.values():
        try:
            parse(one.request, data)
        except Refusal as refusal:
            outcome = str(refusal.code)
        else:
            outcome = "read"
        assert outcome in ("read", "invalid-argument")


# Errors


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Refusal("not-found", "no-such", "Look elsewhere."), ("not-found", "no-such")),
        (Refusal("failed-precondition", "later", "First this."), ("failed-precondition", "later")),
        (Refusal("resource-exhausted", "much", "Take less."), ("resource-exhausted", "much")),
        (Conflict("customers/secret"), ("aborted", "conflict")),
        (Transient("secret"), ("unavailable", "unavailable")),
        (ConfigError("CRM_KEY is missing"), ("failed-precondition", "configuration")),
        (KeyError("secret"), ("internal", "internal")),
        (ValueError("ada@example.com is secret"), ("internal", "internal")),
    ],
    ids=repr,
)
def test_an_error_becomes_its_code(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    expected: tuple[str, str],
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(lookup, "get_customer", fail)
    with caplog.at_level(logging.DEBUG):
        code, reason, message = refused("get_customer", {"email": "ada@example.com"})
    assert (code, reason) == expected
    assert "secret" not in message + caplog.text
    assert "ada@" not in caplog.text
    if code == "internal":
        (record,) = caplog.records
        assert record.levelname == "ERROR"
        assert f"get_customer failed: {type(error).__name__} at test_dispatch.py:" in caplog.text


def test_an_answer_that_is_no_json_is_a_defect() -> None:
    world, customer_id = with_an_order()
    document = world.store.all("customers")[customer_id]
    world.store.put(f"customers/{customer_id}", {**document, "orderCount": float("nan")})
    assert refused("get_customer", {"customerId": customer_id}, world=world)[0] == "internal"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2024, 3, 1, 12, tzinfo=UTC), "2024-03-01T12:00:00Z"),
        (datetime.fromisoformat("2024-03-01T12:00:00.5+02:00"), "2024-03-01T10:00:00.500000Z"),
        (NANOSECONDS, "2024-03-01T12:00:00Z"),
        ({"a": (1, None, True)}, {"a": [1, None, True]}),
        (2**62, 2**62),
    ],
)
def test_values_become_json(value: object, expected: object) -> None:
    assert jsonable(value) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"x", {1, 2}, object])
def test_what_no_answer_may_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        jsonable({"a": [value]})


# Declarations


def test_every_call_is_declared_under_its_name() -> None:
    import main

    for name in CALLS:
        endpoint: Any = getattr(main, name).__firebase_endpoint__
        assert endpoint.callableTrigger == {}


def test_every_call_its_keys_and_its_reasons_are_documented() -> None:
    text = (ROOT / "docs/calls.md").read_text(encoding="utf-8")
    sections = {part.split("`")[1]: part for part in text.split("\n## ") if part.startswith("`")}
    assert set(sections) == set(CALLS)
    for name, one in CALLS.items():
        assert f"**Role:** {one.role.word}" in sections[name]
        for field in one.request.model_fields.values():
            assert f"`{field.alias}`" in sections[name]
    for _, _, reason in BAD_REQUESTS:
        assert f"`{reason}`" in text


def test_a_caller_who_calls_too_often_is_told_when_to_go_on() -> None:
    world, rate_limit = World(), RateLimit()
    auth = https_fn.AuthData("staff", VIEWER)
    request = https_fn.CallableRequest(
        data={"collection": 1}, raw_request=cast("Any", None), auth=auth
    )
    for _ in range(CALLS["get_customer"].per_minute):
        rate_limit.admit("get_customer", "staff", CALLS["get_customer"].per_minute)
    with pytest.raises(https_fn.HttpsError) as error:
        answer("get_customer", request, services(world), rate_limit)
    assert error.value.code.value == "resource-exhausted"
    details = cast("Any", error.value.details)
    assert details["reason"] == "too-many-calls"
    assert 1 <= details["retryAfterSeconds"] <= 60
    assert world.store.reads == 0
