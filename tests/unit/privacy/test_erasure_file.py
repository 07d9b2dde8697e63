"""The file in which erasures are kept beside the database: what it holds, and what is none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.privacy.erasure.file import read, write
from crm.privacy.erasure.record import Erasure
from testing.hosts import DAY

DONE = Erasure(
    "e1",
    datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC),
    "staff",
    "asked by letter",
    ("c1", "c2"),
    ("e1-key", "u1-key"),
    ("p1",),
    "j1",
    forced=True,
    state="done",
    counts={"customers": 1, "orders": 2},
    left_open={"claims-another": 1},
    newest=DAY,
    suppressed=DAY + timedelta(days=1),
)
RUNNING = Erasure("e2", DAY, "boss", "asked", (), ("e1-other",), (), "j2", uids=("ada",))


def test_a_file_is_read_as_it_was_written_but_for_uids_of_accounts() -> None:
    text = write([DONE, RUNNING])
    assert read(text) == [DONE, replace(RUNNING, uids=())]
    assert read(write([])) == []


def test_a_file_says_what_it_is_and_tells_each_erasure_whole() -> None:
    assert json.loads(write([DONE])) == {
        "format": "crm-lite-erasures",
        "version": 1,
        "erasures": [
            {
                "erasureId": "e1",
                "at": "2026-01-02T03:04:05.600000Z",
                "actor": "staff",
                "reason": "asked by letter",
                "customers": ["c1", "c2"],
                "keys": ["e1-key", "u1-key"],
                "parts": ["p1"],
                "jobId": "j1",
                "forced": True,
                "state": "done",
                "uids": [],
                "counts": {"customers": 1, "orders": 2},
                "open": {"claims-another": 1},
                "newest": "2024-03-01T12:00:00Z",
                "suppressed": "2024-03-02T12:00:00Z",
            }
        ],
    }


def test_a_file_is_written_in_lines_so_that_people_can_compare_two() -> None:
    assert write([]).splitlines() == [
        "{",
        ' "format": "crm-lite-erasures",',
        ' "version": 1,',
        ' "erasures": []',
        "}",
    ]


def test_an_id_that_looks_like_a_number_is_read_as_text() -> None:
    data = json.loads(write([DONE]))
    data["erasures"][0]["erasureId"] = 7
    assert read(json.dumps(data)) == [replace(DONE, id="7")]


def damaged(**changes: Any) -> str:
    return json.dumps({**json.loads(write([DONE])), **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "7",
        "{}",
        '{"format": "crm-lite-erasures", "version": 1}',
        damaged(format="crm-lite-export"),
        damaged(version=2),
        damaged(erasures=None),
        damaged(erasures=[{}]),
        damaged(erasures=["e1"]),
        damaged(erasures=[{**json.loads(write([DONE]))["erasures"][0], "at": "yesterday"}]),
        damaged(erasures=[{**json.loads(write([DONE]))["erasures"][0], "newest": 7}]),
    ],
)
def test_what_is_no_file_of_erasures_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read(text)
    assert (refusal.value.code, refusal.value.reason) == ("invalid-argument", "erasures-invalid")
    assert "list-erasures --save" in refusal.value.message
