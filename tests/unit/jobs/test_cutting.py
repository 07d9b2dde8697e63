"""Ranges hold each id once, whether ids are read or counted."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.db.documents import Query, Snapshot
from crm.db.scan import PAGE
from crm.jobs import cutting
from crm.jobs.cutting import ALL, cut
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
