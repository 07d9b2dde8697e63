"""Answers and their models: every call has one, and no answer is something else unnoticed."""

from __future__ import annotations

from typing import Any, cast

import pytest
from firebase_functions import https_fn
from pydantic import ValidationError
from typing_extensions import is_typeddict

from clients.answers import check, models
from crm.entrypoints.callables import dispatch
from crm.entrypoints.callables.dispatch import CALLS, answer
from crm.tags import tagging
from testing.hosts import order
from testing.world import World
from tests.support.stage import Process, shop

JOB = {
    "jobId": "j",
    "kind": "rebuild",
    "state": "done",
    "done": 1,
    "total": None,
    "error": None,
    "startedAt": "2024-03-01T12:00:00Z",
    "updatedAt": "2024-03-01T12:00:00.000001Z",
    "result": {"changed": 1},
    "drift": [{"customerId": "c", "fields": ["name"]}],
}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_call_has_a_model_of_its_answer(name: str) -> None:
    assert is_typeddict(CALLS[name].answer)
    assert CALLS[name].answer in models().values()


def test_every_model_is_part_of_an_answer() -> None:
    """Else nothing holds it to what is answered."""
    asked: list[Any] = [call.answer for call in CALLS.values()]
    used: set[object] = set()
    while asked:
        one = asked.pop()
        if one in used:
            continue
        used.add(one)
        asked += [*getattr(one, "__args__", ()), *getattr(one, "__orig_bases__", ())]
        asked += [one.__value__] if hasattr(one, "__value__") else []
        asked += one.__annotations__.values() if is_typeddict(one) else []
    assert [name for name, one in models().items() if one not in used] == []


def test_an_answer_as_promised_is_taken() -> None:
    check("get_job", {"job": JOB})


@pytest.mark.parametrize(
    "job",
    [
        {key: one for key, one in JOB.items() if key != "error"},
        JOB | {"more": 1},
        JOB | {"done": "1"},
        JOB | {"done": True},
        JOB | {"done": 1.0},
        JOB | {"state": "over"},
        JOB | {"startedAt": "2024-03-01T12:00:00"},
        JOB | {"startedAt": "2024-03-01 12:00:00Z"},
        JOB | {"startedAt": None},
        JOB | {"drift": [{"customerId": "c"}]},
        JOB | {"drift": [{"customerId": "c", "fields": [], "name": "Ada"}]},
    ],
    ids=lambda one: repr(one)[-60:],
)
def test_a_key_more_or_less_or_another_kind_of_value_is_refused(job: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        check("get_job", {"job": job})


def tags_of(world: World) -> Any:
    claims: dict[str, object] = {"crm": "viewer", "email_verified": True}
    auth = https_fn.AuthData("staff", claims)
    request = https_fn.CallableRequest[Any](data={}, raw_request=cast("Any", None), auth=auth)
    return answer("list_tags", request, lambda: world.services)


def test_every_test_that_gets_an_answer_holds_it_to_its_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.put_order("o1", order())
    assert tags_of(world) == {"tags": [], "nextPageToken": None}
    monkeypatch.setattr(tagging, "list_tags", lambda *_: {"tags": [], "next": None})
    with pytest.raises(pytest.fail.Exception, match="list_tags answers what its model"):
        tags_of(world)
    monkeypatch.undo()
    assert dispatch.CALLS is CALLS


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("search_customers", {"q": "ada"}),
        ("search_customers", {"q": "ada", "segment": "tag:nobody"}),
        ("query_segment", {"segment": "everyone", "sort": {"by": "orderCount"}, "explain": True}),
        ("query_segment", {"segment": "tag:vip", "explain": True}),
        ("count_segment", {"segment": "everyone", "reach": True}),
        ("list_events", {}),
        ("list_events", {"sales": True}),
        ("get_event", {"eventId": "devops-2024"}),
        ("get_event_sales", {"eventId": "devops-2024"}),
        ("get_cohorts", {"from": "2024-01-01", "to": "2024-06-30"}),
        ("get_growth", {"from": "2024-01-01", "to": "2024-06-30", "by": "month"}),
        ("get_news", {"since": "2024-01-01T00:00:00Z"}),
        ("list_segments", {}),
        ("list_audit", {}),
        ("list_requests", {}),
        ("list_quarantine", {}),
        ("get_processing_record", {}),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_a_shop_with_a_past_answers_is_as_promised(name: str, asked: dict[str, Any]) -> None:
    """`Process.call` fails where it is not."""
    assert Process(start=shop()).call(name, **asked)
