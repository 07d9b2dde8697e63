"""Indexes that are wanted, held against those that there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crm.db.installed import IndexLists
from crm.setup.indexes import compared
from tests.support.google_apis import as_listed

WANTED: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "firestore.indexes.json").read_text(encoding="utf-8")
)


def lists() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return as_listed(WANTED)


def test_all_that_is_listed_ready_is_well() -> None:
    found = compared(WANTED, IndexLists(*lists()))
    assert (found.missing, found.building, found.broken) == ([], [], [])
    assert found.wanted == len(WANTED["indexes"]) + len(WANTED["fieldOverrides"])


def test_nothing_there_is_everything_missing() -> None:
    assert (
        len(compared(WANTED, IndexLists([], [])).missing)
        == compared(WANTED, IndexLists(*lists())).wanted
    )


def test_others_that_are_there_too_do_not_matter() -> None:
    composite, fields = lists()
    other = {"indexes": [{**WANTED["indexes"][0], "collectionGroup": "orders"}]}
    more, _ = as_listed(other)
    assert compared(WANTED, IndexLists([*more, *composite], fields)).missing == []


@pytest.mark.parametrize(
    ("state", "kind"),
    [("CREATING", "building"), ("NEEDS_REPAIR", "broken"), ("READY", None)],
)
def test_an_index_that_is_not_ready_is_named(state: str, kind: str | None) -> None:
    composite, fields = lists()
    composite[0]["state"] = state
    found = compared(WANTED, IndexLists(composite, fields))
    told = {"building": found.building, "broken": found.broken}
    assert {name for name, some in told.items() if some} == ({kind} if kind else set())
    if kind:
        assert told[kind] == ["crmAudit (action, at)"]


def test_an_order_the_other_way_is_another_index() -> None:
    composite, fields = lists()
    composite[0]["fields"][0]["order"] = "DESCENDING"
    assert compared(WANTED, IndexLists(composite, fields)).missing == ["crmAudit (action, at)"]


def test_a_field_that_lost_its_settings_or_its_time_to_live_is_named() -> None:
    composite, fields = lists()
    by_name = {one["name"].partition("/collectionGroups/")[2]: one for one in fields}
    by_name["customers/fields/parts"]["indexConfig"]["indexes"] = [
        {"queryScope": "COLLECTION", "fields": [{"fieldPath": "parts", "order": "ASCENDING"}]}
    ]
    del by_name["crmSignups/fields/expireAt"]["ttlConfig"]
    by_name["crmImported/fields/goesAt"]["ttlConfig"]["state"] = "CREATING"
    found = compared(WANTED, IndexLists(composite, fields))
    assert sorted(found.missing) == ["crmSignups.expireAt", "customers.parts"]
    assert found.building == ["crmImported.goesAt"]
