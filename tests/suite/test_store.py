"""The store in memory and Firestore behave alike: the same tests hold both."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.core.errors import Conflict, Transient
from crm.db.documents import (
    BY_ID,
    REMOVED,
    Clause,
    Create,
    Delete,
    Query,
    Set,
    Store,
    Sum,
    Update,
    Write,
    document_id,
    key_path,
    quoted,
    version_of,
)
from crm.firebase import store as store_room
from crm.firebase.store import FirestoreStore
from testing.memory import MemoryStore
from tests.support.live import LiveWorld


@pytest.fixture(params=["memory", "firestore"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
    else:
        yield request.getfixturevalue("live").store


def get(store: Store, path: str) -> Any:
    return store.read([path])[path]


def test_a_missing_document_has_the_time_of_reading(store: Store) -> None:
    before = get(store, "c/a").version
    store.commit([Create("c/b", {"n": 1})])
    assert before < get(store, "c/b").version < get(store, "c/a").version
    assert not get(store, "c/a").exists


def test_create_only_where_nothing_is(store: Store) -> None:
    store.commit([Create("c/a", {"n": 1})])
    with pytest.raises(Conflict):
        store.commit([Create("c/b", {}), Create("c/a", {"n": 2})])
    assert get(store, "c/a").data == {"n": 1}
    assert not get(store, "c/b").exists


def test_replace_sets_and_removes_keys_of_a_map(store: Store) -> None:
    kept = {"t:a b": True, "d:x.y": True, "`\\": True}
    store.commit([Create("c/a", {"facets": kept, "n": 1})])
    read = get(store, "c/a")
    changes = {key_path("facets", "t:ü.`\\"): True, key_path("facets", "d:x.y"): REMOVED}
    store.commit([Update("c/a", {**changes, "n": REMOVED, "m": 2}, read.version)])
    left = {"t:a b": True, "`\\": True, "t:ü.`\\": True}
    assert get(store, "c/a").data == {"facets": left, "m": 2}
    store.commit([Update("c/a", {key_path("new", "x"): 1}, get(store, "c/a").version)])
    assert get(store, "c/a").data == {"facets": left, "m": 2, "new": {"x": 1}}
    assert read.data == {"facets": kept, "n": 1}


@pytest.mark.parametrize(
    "name", ["a~b", "x*", "a/b", "[0]", "with.dot", "e-mail", "`", "\\", "ü 1"]
)
def test_replace_sets_a_field_of_any_name(store: Store, name: str) -> None:
    store.commit([Create("c/a", {name: 1, "n": 1})])
    store.commit([Update("c/a", {quoted(name): None}, get(store, "c/a").version)])
    assert get(store, "c/a").data == {name: None, "n": 1}


def test_replace_only_what_was_read(store: Store) -> None:
    store.commit([Create("c/a", {"n": 1, "map": {"x": 1, "y.z": {}}, "kept": True})])
    read = get(store, "c/a")
    store.commit([Update("c/a", {"n": 2, "map": {"y.z": {"`": 3}}}, read.version)])
    assert get(store, "c/a").data == {"n": 2, "map": {"y.z": {"`": 3}}, "kept": True}
    with pytest.raises(Conflict):
        store.commit([Update("c/a", {"n": 3}, read.version)])
    with pytest.raises(Conflict):
        store.commit([Update("c/none", {"n": 3}, read.version)])


def test_delete_only_what_was_read(store: Store) -> None:
    store.commit([Create("c/a", {"n": 1})])
    read = get(store, "c/a")
    store.commit([Set("c/a", {"n": 2})])
    with pytest.raises(Conflict):
        store.commit([Delete("c/a", read.version)])
    store.commit([Delete("c/a", get(store, "c/a").version)])
    with pytest.raises(Conflict):
        store.commit([Delete("c/a", read.version)])
    store.commit([Delete("c/a")])


def test_a_write_that_changes_nothing_keeps_the_version(store: Store) -> None:
    store.commit([Create("c/a", {"n": 1, "map": {}})])
    read = get(store, "c/a")
    store.commit([Update("c/a", {"n": 1, "map": {}}, read.version)])
    assert get(store, "c/a").version == read.version


def test_not_a_number_over_itself_changes_nothing(store: Store) -> None:
    odd = {"n": float("nan"), "map": {"at": [float("nan")]}}
    store.commit([Create("c/a", odd)])
    read = get(store, "c/a")
    store.commit([Update("c/a", {"n": float("nan"), "map": {"at": [float("nan")]}}, read.version)])
    assert get(store, "c/a").version == read.version
    store.commit([Update("c/a", {"n": 1.0}, read.version)])
    assert get(store, "c/a").version > read.version


def test_a_version_is_kept_to_the_nanosecond(store: Store) -> None:
    for number in range(20):
        store.commit([Set("c/a", {"n": number})])
        read = get(store, "c/a")
        store.commit([Set("c/b", {"version": read.version})])
        assert get(store, "c/b").data == {"version": read.version}
        store.commit([Update("c/a", {"n": -number}, read.version)])


def test_queries(store: Store) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    writes: list[Write] = [
        Create(
            f"c/d{n}", {"part": n % 2, "marks": ["x"] * (n > 2), "at": moment + timedelta(days=n)}
        )
        for n in range(6)
    ]
    store.commit([*writes, Create("c/tie", {"part": 1, "marks": [], "at": moment})])

    def ids(*where: Any, **more: Any) -> list[str]:
        return [document_id(s.path) for s in store.find(Query("c", where, **more))]

    assert ids(("part", "==", 1)) == ["d1", "d3", "d5", "tie"]
    assert ids(("part", "==", 1), ("marks", "array_contains", "x")) == ["d3", "d5"]
    assert ids(("marks", "array_contains_any", ("x", "y"))) == ["d3", "d4", "d5"]
    assert ids(("part", "in", (0, 1)), order=("at", "desc"), limit=2) == ["d5", "d4"]
    assert ids(("part", "in", (0, 1)), order=("at", "desc"), after=(moment, "tie")) == ["d0"]
    assert ids(("part", "==", 1), order=("at", "asc"), limit=2) == ["tie", "d1"]
    assert ids(("part", "==", 7)) == []
    by_id = {"order": BY_ID, "limit": 2}
    assert ids(("part", "==", 1), **by_id) == ["d1", "d3"]
    assert ids(("part", "==", 1), **by_id, after=(None, "d3")) == ["d5", "tie"]
    assert ids(**by_id, after=(None, "d5")) == ["tie"]
    (only,) = store.find(Query("c", (), BY_ID, 1, keys_only=True))
    assert (only.path, only.data, only.exists) == ("c/d0", {}, True)
    assert store.count(Query("c")) == 7
    assert store.count(Query("none")) == 0
    assert store.count(Query("c", (("part", "==", 1),), limit=3)) == 3
    between: tuple[Clause, ...] = (("__name__", ">=", "d1"), ("__name__", "<", "d4"))
    assert ids(*between, order=BY_ID) == ["d1", "d2", "d3"]
    assert ids(("part", "==", 1), *between, order=BY_ID) == ["d1", "d3"]
    assert store.count(Query("c", (("part", "==", 1), *between))) == 2
    assert ids(
        ("at", ">=", moment + timedelta(days=1)), ("at", "<", moment + timedelta(days=3))
    ) == [
        "d1",
        "d2",
    ]


def test_what_a_query_finds_is_added_up(store: Store) -> None:
    for name, net in {"a": 5, "b": -2, "c": 10**12, "d": None, "e": 7}.items():
        store.commit([Create(f"c/{name}", {"net": net, "on": name != "e"})])
    store.commit([Create("c/f", {"on": True})])  # of no index of the field
    on = Query("c", (("on", "==", True),))
    assert store.sum(on, "net") == Sum(4, 10**12 + 3)
    assert store.sum(Query("c", (("on", "==", False),)), "net") == Sum(1, 7)
    assert store.sum(Query("none"), "net") == Sum(0, 0)
    view = store.at()
    store.commit([Set("c/a", {"net": 6, "on": True})])
    assert store.sum(on, "net") - view.sum(on, "net") == Sum(0, 1)


def test_a_query_for_keys_of_a_map_in_one_of_several_ways(store: Store) -> None:
    for name, keys in {"a": ("t:x", "n"), "b": ("t:__y__",), "c": ("t:a.`b\\",), "d": ()}.items():
        store.commit([Create(f"c/{name}", {"facets": dict.fromkeys(keys, True), "live": True})])

    def has(key: str) -> Clause:
        escaped = key.replace("\\", "\\\\").replace("`", "\\`")
        return (f"facets.`{escaped}`", "==", True)

    def ids(*ways: str, **more: Any) -> list[str]:
        live: Clause = ("live", "==", True)
        either = tuple((has(way), live) for way in ways)
        query = Query("c", (("live", "==", True),), order=BY_ID, either=either, **more)
        assert store.count(query) == len(store.find(query))
        return [found.id for found in store.find(query)]

    assert ids("t:x", "n") == ["a"]
    assert ids("t:x", "t:a.`b\\", "t:__y__") == ["a", "b", "c"]
    assert ids("t:x", "t:a.`b\\", "t:__y__", limit=2) == ["a", "b"]
    assert ids("t") == []


def test_a_frozen_view_shows_one_moment(store: Store) -> None:
    store.commit([Create("c/a", {"n": 1}), Create("c/b", {"n": 1})])
    view = store.at()
    store.commit([Set("c/a", {"n": 2}), Delete("c/b"), Create("c/c", {"n": 1})])
    assert view.read(["c/a"])["c/a"].data == {"n": 1}
    assert [found.id for found in view.find(Query("c"))] == ["a", "b"]
    assert view.count(Query("c", (("n", "==", 1),))) == 2
    assert [found.id for found in store.find(Query("c"))] == ["a", "c"]


def test_a_frozen_view_is_found_again_by_its_moment(store: Store) -> None:
    assert store.moment is None
    store.commit([Create("c/a", {"n": 1})])
    moment = store.at().moment
    assert moment is not None
    store.commit([Set("c/a", {"n": 2})])
    again = store.at(datetime.fromisoformat(moment.isoformat()))
    assert again.read(["c/a"])["c/a"].data == {"n": 1}
    assert version_of(moment) % 1000 == 0, "Firestore takes microseconds"


def test_a_service_that_is_away_is_transient(
    live: LiveWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    from google.cloud.firestore import Client

    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setattr(store_room, "TIMEOUT", 1.0)
    away = FirestoreStore(Client(project=live.project))
    with pytest.raises(Transient):
        away.read(["c/a"])
    with pytest.raises(Transient):
        away.find(Query("c", ()))
    with pytest.raises(Transient):
        away.commit([Create("c/a", {})])
