"""What a window of the console in the tests counts as a problem."""

from __future__ import annotations

from testing.console import Desk

BLOCKED = "Access to fetch at 'http://h:1/demo-crm/r/query_segment' has been blocked by CORS policy"


def desk() -> Desk:
    """A window without a browser: only what it has heard."""
    made = object.__new__(Desk)
    made.problems, made._unanswered = [], 0
    return made


def test_one_call_without_its_headers_is_none_and_a_second_one_is() -> None:
    window = desk()
    window._problem(BLOCKED)
    assert window.problems == []
    window._problem(BLOCKED)
    assert window.problems == [BLOCKED]


def test_anything_else_is_a_problem_at_once() -> None:
    window = desk()
    elsewhere = BLOCKED.replace("/demo-crm/", "/another/")
    for text in ("TypeError: x is undefined", elsewhere):
        window._problem(text)
    assert window.problems == ["TypeError: x is undefined", elsewhere]
