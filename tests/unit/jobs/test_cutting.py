"""Ranges hold each id once, whether ids are read or counted."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.db.documents import BY_ID, Clause, Query, Snapshot
from crm.db.ranges import Range
from crm.db.scan import PAGE
from crm.jobs import cutting
from crm.jobs.cutting import ALL, FEW, cut
from crm.repair.partitions import is_within
from testing.world import World

KEPT = "crmTest"


def shop(names: set[str], collection: str = KEPT) -> World:
    world = World()
    for name in names:
        world.store.put(f"{collection}/{name}", {})
    return world


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.from_regex(r"[a-d0-9]{1,4}", fullmatch=True)), st.integers(1, 9), st.booleans())
def test_each_id_is_in_one_range(
    monkeypatch: pytest.MonkeyPatch, names: set[str], pieces: int, count: bool
) -> None:
    monkeypatch.setattr(cutting, "FEW", 0 if count else 1_000)
    made = cut(shop(names).runner, Query(KEPT), len(names), pieces)
    assert 1 <= len(made) <= pieces
    assert (made[0][0], made[-1][1]) == ALL
    assert all(one[1] == following[0] for one, following in pairwise(made))
    inner = [high or "" for _, high in made[:-1]]
    assert inner == sorted({*inner})
    if not count and names:
        held = [[one for one in names if is_within(one, ids)] for ids in made]
        assert max(map(len, held)) <= -(-len(names) // pieces)


def test_ids_are_read_page_by_page() -> None:
    names = {f"{number:04}" for number in range(2 * PAGE + 7)}
    made = cut(shop(names).runner, Query(KEPT), len(names), 4)
    assert [high for _, high in made] == ["0252", "0504", "0756", None]


def test_no_query_names_an_empty_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """No document can have one, so Firestore need not take it."""
    world, asked = shop({"a", "b", "c"}), list[Query]()
    find = world.store.find

    def noted(query: Query) -> list[Snapshot]:
        asked.append(query)
        return find(query)

    monkeypatch.setattr(world.store, "find", noted)
    assert len(cut(world.runner, Query(KEPT), 3, 2)) == 2
    assert [query.where for query in asked] == [()]


def test_a_pattern_is_cut_at_names_of_its_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "FEW", 0)
    world = World(settings={"orders": {"path": "users/{uid}/orders"}})
    for number in range(6):
        world.store.put(f"users/u{number}/orders/o", {})
    made = cut(world.runner, Query("users/{uid}/orders"), 6, 3)
    assert [high for _, high in made] == ["u2#o", "u4#o", None]


@pytest.mark.parametrize(
    ("total", "pieces", "made"),
    [
        (5, 0, [ALL]),
        (5, 1, [ALL]),
        (5, 2, [(None, "d"), ("d", None)]),
        (6, 3, [(None, "c"), ("c", "e"), ("e", None)]),
        (5, 5, [(None, "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", None)]),
        (5, 9, [(None, "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", None)]),
        (0, 3, [(None, "b"), ("b", "c"), ("c", None)]),  # more have come since
        (50, 2, [ALL]),  # most have gone since
        (4, 2, [(None, "c"), ("c", None)]),
    ],
)
def test_few_ids_are_cut_at_every_so_many(total: int, pieces: int, made: list[Range]) -> None:
    assert cut(shop({*"abcde"}).runner, Query(KEPT), total, pieces) == made


def watched(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Query]:
    asked: list[Query] = []
    find = world.store.find

    def noted(query: Query) -> list[Snapshot]:
        asked.append(query)
        return find(query)

    monkeypatch.setattr(world.store, "find", noted)
    return asked


def test_pages_are_read_by_the_id_alone_each_from_the_last_one_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cutting, "PAGE", 2)
    world = shop({*"abcde"})
    asked = watched(world, monkeypatch)
    mine: Clause = ("x", "==", 1)
    for name in "abcde":
        world.store.put(f"{KEPT}/{name}", {"x": 1})
        world.store.put(f"{KEPT}/{name}z", {"x": 2})
    query = Query(KEPT, (mine,), ("x", "desc"), limit=1)
    assert cut(world.runner, query, 5, 5)[-1] == ("e", None)
    pages: list[tuple[Clause, ...]] = [
        (mine,),
        (mine, ("__name__", ">=", "c")),
        (mine, ("__name__", ">=", "e")),
    ]
    assert asked == [Query(KEPT, one, BY_ID, limit=3, keys_only=True) for one in pages]


@pytest.mark.parametrize(("number", "pages"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_a_page_is_asked_for_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, number: int, pages: int
) -> None:
    monkeypatch.setattr(cutting, "PAGE", 2)
    world = shop({*"abcde"[:number]})
    asked = watched(world, monkeypatch)
    found = cut(world.runner, Query(KEPT), number, number + 1)
    assert [high for _, high in found] == [*"abcde"[1:number], None]
    assert len(asked) == pages


@pytest.mark.parametrize(("total", "counted"), [(FEW, False), (FEW + 1, True)])
def test_many_ids_are_found_by_counts(total: int, counted: bool) -> None:
    """All of them would be read, else; how many there are need not be counted then."""
    world = shop({*"abcd"})
    found = cut(world.runner, Query(KEPT), total, 2)
    # By so many in all, all that there are fall far short of a half.
    assert found == ([(None, "d"), ("d", None)] if counted else [ALL])


def test_ids_of_a_pattern_are_read_however_many() -> None:
    world = World(settings={"orders": {"path": "users/{uid}/orders"}})
    for number in range(4):
        world.store.put(f"users/u{number}/orders/o", {})
    assert cut(world.runner, Query("users/{uid}/orders"), FEW + 1, 2) == [ALL]
    assert cut(world.runner, Query("users/{uid}/orders"), 4, 2) == [
        (None, "u2#o"),
        ("u2#o", None),
    ]
