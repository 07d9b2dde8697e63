"""Whether the queue keeps a task until its time."""

from __future__ import annotations

import pytest

from crm.firebase import tasks


@pytest.mark.parametrize(
    ("env", "waits"),
    [
        ({}, True),
        ({"CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:1"}, False),
        ({"CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:1", "CLOUD_TASKS_EMULATOR_WAITS": "1"}, True),
    ],
)
def test_cloud_tasks_waits_and_an_emulator_where_it_says_so(
    env: dict[str, str], waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CLOUD_TASKS_EMULATOR_HOST", "CLOUD_TASKS_EMULATOR_WAITS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert tasks.waits() is waits
