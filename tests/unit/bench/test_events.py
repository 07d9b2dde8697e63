"""Events of the benchmarks say what the platform's say, with the versions that they were given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import Client
from google.events.cloud.firestore import DocumentEventData

from bench.costs import handle, in_memory, order
from bench.events import Change, Version, sdk_event
from bench.place import Host
from bench.serving import event

CREATED = datetime(2024, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
LATER = CREATED + timedelta(minutes=5)
FIRST = Version({"total": "1.00"}, CREATED, CREATED)
SECOND = Version({"total": "2.00"}, CREATED, LATER)

CHANGES = [Change("o1", None, FIRST), Change("o1", FIRST, SECOND), Change("o1", SECOND, None)]


@pytest.mark.parametrize("change", CHANGES)
def test_a_served_event_carries_both_versions(change: Change) -> None:
    posted = event("demo", "orders", change)
    data = DocumentEventData.deserialize(posted.body)
    for version, part in ((change.after, data.value), (change.before, data.old_value)):
        assert bool(part) == (version is not None)
        if version is not None:
            assert (part.create_time, part.update_time) == (version.created, version.updated)
            assert part.fields["total"].string_value == version.fields["total"]
    assert posted.head["ce-document"] == "orders/o1"


@pytest.mark.parametrize("change", CHANGES)
def test_an_event_in_one_process_carries_both_versions(change: Change) -> None:
    data: Any = sdk_event(change).data
    for version, part in ((change.after, data.after), (change.before, data.before)):
        assert (part is None) == (version is None)
        if version is not None:
            assert (part.create_time, part.update_time) == (version.created, version.updated)
            assert part.to_dict() == version.fields


def test_a_life_hands_over_the_versions_of_its_database() -> None:
    shop = in_memory()
    change = shop.write("o1", order("ada"))
    assert change.before is None
    again = shop.write("o1", order("ada", refunded="1.00"))
    assert again.before == change.after
    assert again.after is not None
    assert change.after is not None
    assert again.after.created == change.after.created < again.after.updated
    sync = shop.instance()
    handle(sync, change)
    handle(sync, again)
    row = shop.free.read(["crmOrders/o1"])["crmOrders/o1"]
    assert row.fields["refunded"] == 100


def test_a_host_writes_a_document_once_in_a_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[list[str]] = []

    class Api:
        def commit(self, request: Any, **_: Any) -> Any:
            from google.cloud.firestore_v1.types import CommitResponse, WriteResult

            commits.append([one.update.name.rsplit("/", 1)[1] for one in request["writes"]])
            at = CREATED + timedelta(minutes=len(commits))
            results = [WriteResult(update_time=at) for _ in request["writes"]]
            return CommitResponse(write_results=results, commit_time=at)

    client = Client(project="demo", credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]
    monkeypatch.setattr(client, "_firestore_api_internal", Api())
    changes = Host(client).write([("a", {"n": 1}), ("b", {"n": 2}), ("a", {"n": 3})])
    assert commits == [["a", "b"], ["a"]]
    first, _, last = changes
    assert first.before is None
    assert last.before == first.after
    assert last.after == Version(
        {"n": 3}, CREATED + timedelta(minutes=1), CREATED + timedelta(minutes=2)
    )
