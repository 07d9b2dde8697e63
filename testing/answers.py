"""Every answer that a test gets is held to its model: a key more or less fails the test.

What the functions answer in this process is held by itself, once `hold` was called; who calls over
HTTP hands the answer to `clients.answers.check`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from clients.answers import check
from crm.core.json import jsonable
from crm.entrypoints.callables import dispatch
from crm.entrypoints.callables.call import Caller
from crm.runtime.services import Services

_free = False


@contextmanager
def of_damaged_documents() -> Iterator[None]:
    """Let answers be as damaged as the documents that they show, for as long as this goes on."""
    global _free
    _free = True
    try:
        yield
    finally:
        _free = False


def held(name: str, answer: object) -> None:
    """Fail the test unless an answer is what its model says.

    Args:
        name: The callable that gave it.
        answer: What it gave, as JSON.
    """
    try:
        check(name, answer)
    except ValidationError as error:
        # No Exception: it is not to be taken for a failure of the call.
        pytest.fail(f"{name} answers what its model in crm/entrypoints/answers does not: {error}")


def hold() -> None:
    """Hold every answer that is given in this process."""
    done = dispatch._done

    def done_and_held(services: Services, name: str, caller: Caller, asked: Any) -> Any:
        found = done(services, name, caller, asked)
        if not _free:
            held(name, jsonable(found))
        return found

    dispatch._done = done_and_held
