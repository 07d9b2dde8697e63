"""Google's management APIs, answered as their references say: `tests/support/google_apis.py`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import crm
from crm.core.errors import ConfigError, Transient
from crm.db.installed import DatabasePlace, Function, Schedule, as_label
from crm.entrypoints.names import FUNCTIONS
from crm.firebase import management
from crm.firebase.management import Management
from crm.setup.indexes import compared
from tests.support.google_apis import Deployed, function, served

WANTED: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "firestore.indexes.json").read_text(encoding="utf-8")
)


def test_functions_are_read_to_the_last_page() -> None:
    foreign = function("pay", "europe-west1", labels={}, state="FAILED", serviceConfig={})
    with served(Deployed(functions=[*Deployed().functions, foreign], page=10)) as apis:
        found = apis.functions()
    assert {one.name for one in found} == {*FUNCTIONS, "pay"}
    assert found[0].secrets == {"CRM_KEY"}
    assert found[0].version == as_label(crm.__version__)
    assert found[-1] == Function("pay", "europe-west1", "FAILED", "python311", "default")


def test_a_list_that_never_ends_is_left() -> None:
    deployed = Deployed(page=0)
    with served(deployed) as apis:
        assert apis.functions() == []
    assert len(deployed.asked) == management.PAGES


def test_rules_are_those_of_the_release() -> None:
    with served(Deployed()) as apis:
        assert "CRM-Lite: begin" in apis.rules()
    with served(Deployed(rules=None)) as apis:
        assert apis.rules() == ""


def test_indexes_and_the_place_of_the_database_are_read() -> None:
    with served(Deployed(page=7)) as apis:
        found = compared(WANTED, apis.indexes())
        assert apis.database() == DatabasePlace("us-central1", "FIRESTORE_NATIVE")
    assert (found.missing, found.building, found.broken) == ([], [], [])
    with served(Deployed(location=None)) as apis, pytest.raises(ConfigError, match="make one"):
        apis.database()


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (None, None),
        ({"state": "ENABLED"}, Schedule("ENABLED")),
        (
            {
                "state": "PAUSED",
                "lastAttemptTime": "2026-11-29T14:35:00.123456Z",
                "status": {"code": 13},
            },
            Schedule("PAUSED", datetime(2026, 11, 29, 14, 35, 0, 123456, tzinfo=UTC), 13),
        ),
    ],
)
def test_the_schedule_is_the_job_of_the_firebase_cli(
    job: dict[str, Any] | None, expected: Schedule | None
) -> None:
    with served(Deployed(job=job)) as apis:
        assert apis.schedule("sweep", "us-central1") == expected
        assert apis.schedule("sweep", "europe-west1") is None


ASKS: list[tuple[str, Callable[[Management], object], str]] = [
    ("functions", Management.functions, "roles/cloudfunctions.viewer"),
    ("releases", Management.rules, "roles/firebaserules.viewer"),
    ("databases", Management.database, "roles/datastore.indexAdmin"),
    ("jobs", lambda apis: apis.schedule("sweep", "us-central1"), "roles/cloudscheduler.viewer"),
]


@pytest.mark.parametrize(("part", "ask", "role"), ASKS)
def test_who_may_not_look_is_told_the_role(
    part: str, ask: Callable[[Management], object], role: str
) -> None:
    with served(Deployed(refuses=(part,))) as apis, pytest.raises(ConfigError) as told:
        ask(apis)
    assert role in str(told.value)
    assert str(told.value).startswith("It is not known ")


def test_an_api_that_is_away_or_answers_nonsense_is_said_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served(Deployed()) as apis:
        pass
    with pytest.raises(Transient, match="Google's APIs did not answer"):
        apis.functions()
    monkeypatch.setattr(Deployed, "answer", lambda *_: (500, {}))
    with served(Deployed()) as apis, pytest.raises(Transient, match="answered 500"):
        apis.functions()


def test_without_credentials_it_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "none.json").write_text("{}")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(ConfigError, match="gcloud auth application-default login"):
        management.session()
