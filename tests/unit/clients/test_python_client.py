"""The Python client: each call under its name, its errors, and when a call is made again."""

from __future__ import annotations

import inspect
import json
import time
import typing
from collections.abc import Callable, Iterator
from typing import Any

import crm_lite_client
import pytest
import requests
from crm_lite_client import Crm, CrmError, NoAnswer, Refusal, pages, types, with_custom_token
from crm_lite_client.calls import Calls
from typing_extensions import is_typeddict

from clients import openapi
from clients.openapi import READING
from crm import __version__
from crm.entrypoints.callables.dispatch import CALLS
from crm.entrypoints.callables.numbers import SIGNED

DOCUMENT: dict[str, Any] = json.loads(openapi.FILE.read_text(encoding="utf-8"))


class Line(requests.Session):
    """What stands in for the network: gives these answers, one after the other."""

    def __init__(self, *answers: object) -> None:
        super().__init__()
        self.answers = list(answers)
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def post(self, url: Any, *_: Any, json: Any = None, **more: Any) -> requests.Response:
        self.sent.append((str(url), {"body": json, **more}))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, requests.Response)
        return answer


def said(body: object, status: int = 200) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return response


def refused(code: str, reason: str, **more: object) -> requests.Response:
    error = {"status": code, "message": "Do.", "details": {"reason": reason, **more}}
    return said({"error": error}, 400)


DONE = said({"result": {"done": True}})
SILENT = requests.ConnectionError("nobody is there")


def client(*answers: object, token: str | Callable[[], str] = "t", **more: Any) -> tuple[Any, ...]:
    line, waits = Line(*answers), list[float]()
    return Crm("p", token=token, session=line, sleep=waits.append, **more), line, waits


# Names


def methods() -> Iterator[tuple[str, Any]]:
    for name, method in vars(Calls).items():
        if not name.startswith("_"):
            yield name, method


def test_there_is_a_method_for_each_call_and_no_other() -> None:
    assert sorted(name for name, _ in methods()) == sorted(CALLS)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_method_takes_the_keys_of_its_call(name: str) -> None:
    crm, line, _ = client(DONE)
    fields = CALLS[name].request.model_fields.values()
    given = {str(one.alias): f"of {one.alias}" for one in fields}
    taken = {key if key != "from" else "from_": one for key, one in given.items()}
    assert getattr(crm, name)(**taken) == {"done": True}
    ((url, sent),) = line.sent
    assert url == f"https://us-central1-p.cloudfunctions.net/{name}"
    assert sent["body"] == {"data": given}
    assert sent["headers"] == {"Authorization": "Bearer t"}
    must = {
        key
        for key, one in inspect.signature(getattr(crm, name)).parameters.items()
        if one.default is inspect.Parameter.empty
    }
    assert must == {str(one.alias) for one in fields if one.is_required()}


def test_types_of_answers_are_whole() -> None:
    """Each name in them is there, and every answer has one."""
    for name, method in methods():
        answer = typing.get_type_hints(method)["return"]
        assert is_typeddict(answer), name
    for one in vars(types).values():
        if is_typeddict(one):
            typing.get_type_hints(one)


def test_a_key_that_is_no_name_in_python_is_kept() -> None:
    assert "from" in types.Campaign.__required_keys__
    assert "List-Unsubscribe" in types.UnsubscribeHeaders.__required_keys__


def test_the_version_is_that_of_crm_lite() -> None:
    assert crm_lite_client.__version__ == __version__


# What is sent


def test_nothing_is_sent_for_none_but_within_a_value() -> None:
    crm, line, _ = client(DONE)
    crm.get_figures(from_="2024-01-01", to=None, by="day")
    crm.set_fields(customerId="c", fields={"company": None})
    assert [sent["body"]["data"] for _, sent in line.sent] == [
        {"from": "2024-01-01", "by": "day"},
        {"customerId": "c", "fields": {"company": None}},
    ]


def test_tokens_may_be_asked_for_anew_each_time() -> None:
    given = iter(["one", "two"])
    crm, line, _ = client(DONE, token=lambda: next(given), app_check="checked")
    crm.list_tags()
    crm.list_tags()
    assert [sent["headers"]["Authorization"] for _, sent in line.sent] == [
        "Bearer one",
        "Bearer two",
    ]
    assert line.sent[0][1]["headers"]["X-Firebase-AppCheck"] == "checked"


def test_an_emulator_has_another_address() -> None:
    crm, line, _ = client(DONE, emulator="http://127.0.0.1:5001/", region="europe-west1")
    crm.list_tags()
    assert line.sent[0][0] == "http://127.0.0.1:5001/p/europe-west1/list_tags"


@pytest.mark.parametrize(("name", "seconds"), [("list_tags", 70), ("preview_rule", 550)])
def test_it_waits_longer_than_the_function_may_take(name: str, seconds: int) -> None:
    crm, line, _ = client(DONE)
    getattr(crm, name)()
    assert line.sent[0][1]["timeout"] == (10.0, seconds)


# What comes back


def test_a_number_that_is_wrapped_has_all_its_digits() -> None:
    large = {"@type": SIGNED, "value": "9007199254740993"}
    crm, *_ = client(said({"result": {"customer": {"totalSpend": {"JPY": large}}}}))
    assert crm.get_customer(userId="u") == {"customer": {"totalSpend": {"JPY": 2**53 + 1}}}


def test_a_refusal_says_why() -> None:
    crm, *_ = client(refused("FAILED_PRECONDITION", "ambiguous", customerIds=["a", "b"]))
    with pytest.raises(
        Refusal, match=r"get_customer: Do\. \(failed-precondition, ambiguous\)"
    ) as e:
        crm.get_customer(email="ada@example.com")
    assert (e.value.call, e.value.code, e.value.reason) == (
        "get_customer",
        "failed-precondition",
        "ambiguous",
    )
    assert e.value.message == "Do."
    assert e.value.details["customerIds"] == ["a", "b"]


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (said(b"<html>Not Found</html>", 404), 404, "is it deployed"),
        (said({"error": {"status": "INTERNAL"}}, 500), 500, "none of a callable"),
        (said([1]), 200, "none of a callable"),
        (said({"data": 1}), 200, "none of a callable"),
        (SILENT, None, "ConnectionError"),
    ],
    ids=["page", "no reason", "list", "other", "silence"],
)
def test_what_no_callable_answers_is_no_answer(answer: object, status: int, words: str) -> None:
    crm, *_ = client(answer)
    with pytest.raises(NoAnswer, match=words) as e:
        crm.delete_tag(tag="vip")
    assert e.value.status == status


# Again


BUSY = said(b"busy", 503)
READ, WRITE = "list_tags", "delete_tag"


@pytest.mark.parametrize(
    ("name", "first", "again"),
    [
        (READ, SILENT, True),
        (WRITE, SILENT, False),
        (READ, BUSY, True),
        (WRITE, BUSY, False),
        (READ, said(b"page", 404), False),
        (READ, refused("UNAVAILABLE", "unavailable"), True),
        (WRITE, refused("UNAVAILABLE", "unavailable"), False),
        (READ, refused("ABORTED", "conflict"), True),
        (WRITE, refused("ABORTED", "conflict"), True),
        (READ, refused("NOT_FOUND", "no-such-tag"), False),
        (READ, refused("INTERNAL", "internal"), False),
        (READ, refused("UNAUTHENTICATED", "sign-in"), False),
    ],
)
def test_a_call_is_made_again_only_where_that_changes_nothing_twice(
    name: str, first: object, again: bool
) -> None:
    crm, line, waits = client(first, DONE)
    if again:
        assert getattr(crm, name)(**({"tag": "vip"} if name == WRITE else {})) == {"done": True}
        assert [0.3 < one < 0.7 for one in waits] == [True]
    else:
        with pytest.raises(CrmError):
            getattr(crm, name)(**({"tag": "vip"} if name == WRITE else {}))
    assert len(line.sent) == 1 + again


@pytest.mark.parametrize("name", [READ, WRITE])
def test_too_many_calls_wait_for_as_long_as_they_are_told(name: str) -> None:
    full = refused("RESOURCE_EXHAUSTED", "too-many-calls", retryAfterSeconds=17)
    crm, _, waits = client(full, full, DONE)
    getattr(crm, name)(**({"tag": "vip"} if name == WRITE else {}))
    assert waits == [17, 17]


def test_it_gives_up_after_four_times() -> None:
    crm, line, waits = client(SILENT)
    with pytest.raises(NoAnswer):
        crm.list_tags()
    assert (len(line.sent), len(waits)) == (4, 3)


def test_calls_that_read_are_those_that_change_nothing() -> None:
    """Each name says what it does; who adds a call decides here which it is."""
    reading = {name for name in CALLS if name.startswith(READING)}
    changing = {name.split("_")[0] for name in CALLS.keys() - reading}
    assert changing == {
        *("add", "cancel", "claim", "delete", "export", "grant", "import", "merge", "pause"),
        *("rebuild", "rename", "resolve", "resume", "retry", "revoke", "save", "send", "set"),
        *("tag", "test", "undo", "unmerge"),
    }


def test_pages_go_on_until_the_last() -> None:
    first, last = (
        said({"result": {"nextPageToken": "n"}}),
        said({"result": {"nextPageToken": None}}),
    )
    crm, line, _ = client(first, last)
    assert len(list(pages(crm.list_orders, customerId="c", pageSize=2))) == 2
    assert [sent["body"]["data"] for _, sent in line.sent] == [
        {"customerId": "c", "pageSize": 2},
        {"customerId": "c", "pageSize": 2, "pageToken": "n"},
    ]


# Signing in


def test_a_token_is_renewed_before_it_is_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    now, asked = [1000.0], list[tuple[str, Any]]()

    def post(url: str, **more: Any) -> requests.Response:
        asked.append((url, more.get("json") or more.get("data")))
        number = len(asked)
        if "securetoken" in url:
            renewed = {"id_token": f"i{number}", "refresh_token": f"r{number}"}
            return said(renewed | {"expires_in": "3600"})
        return said({"idToken": f"i{number}", "refreshToken": f"r{number}", "expiresIn": "3600"})

    monkeypatch.setattr(requests, "post", post)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    token = with_custom_token("key", lambda: b"minted")
    assert [token(), token()] == ["i1", "i1"]
    now[0] += 3481
    assert [token(), token()] == ["i2", "i2"]
    token.again()
    assert token() == "i3"
    custom = {"token": "minted", "returnSecureToken": True}
    assert asked == [
        ("https://identitytoolkit.googleapis.com/v1/accounts:signInWithCustomToken", custom),
        (
            "https://securetoken.googleapis.com/v1/token",
            {"grant_type": "refresh_token", "refresh_token": "r1"},
        ),
        ("https://identitytoolkit.googleapis.com/v1/accounts:signInWithCustomToken", custom),
    ]


def test_who_cannot_sign_in_is_told_why_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = said({"error": {"message": "INVALID_PASSWORD"}}, 400)
    monkeypatch.setattr(requests, "post", lambda *_, **__: wrong)
    with pytest.raises(requests.HTTPError, match="INVALID_PASSWORD") as e:
        with_custom_token("secret-key", lambda: "t")()
    assert "secret-key" not in str(e.value)
