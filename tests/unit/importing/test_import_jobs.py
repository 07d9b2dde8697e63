"""The jobs of an import and its undo: how they are cut, and what each step of a slice says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Transient
from crm.core.roles import Role
from crm.db.collections import IMPORTED, IMPORTS
from crm.db.documents import Update
from crm.importing import record
from crm.importing.imports import import_contacts
from crm.importing.jobs import IMPORT, KINDS, UNDO
from crm.jobs.cutting import ALL
from crm.jobs.job import Cut, Job, Kind, Phase, Progress
from crm.jobs.slices import Slice
from crm.tags.catalogue import TagRow
from tests.support.importing import Desk
from tests.unit.importing.test_imports import crowd

WORK, END = 0, 1


def job_of(desk: Desk, kind: str = IMPORT, chunks: int = 4, **fields: Any) -> Job:
    now = desk.store.now()
    arguments = {"importId": "i1", "chunks": chunks}
    return replace(Job("j1", kind, arguments, "u1-staff", now, now), **fields)


def slice_of(desk: Desk, low: int, high: int, cursor: int | None = None) -> Slice:
    now = desk.store.now()
    bounds = record.chunk_id("i1", low), record.chunk_id("i1", high)
    return Slice("j1-0-0", "j1", 0, 0, *bounds, now, now, cursor=cursor)


def begun(monkeypatch: pytest.MonkeyPatch, people: int = 8) -> Desk:
    """An import of as many chunks of two, known as `i1`, whose job nobody works at."""
    monkeypatch.setattr(record, "CHUNK", 2)
    desk = Desk()
    names = iter(["i1", "j1"])
    numbered = desk.runner.new_id
    named = replace(desk.runner, new_id=lambda: next(names, None) or numbered())
    import_contacts(named, lambda _: None, crowd(people), source="a fair", evidence="paper")
    assert {*desk.store.all(IMPORTS)} == {"i1"}
    return desk


@pytest.mark.parametrize(
    ("chunks", "cursor", "bounds"),
    [
        (1, None, [(0, 1)]),
        (3, None, [(0, 1), (1, 2), (2, 3)]),
        (4, None, [(0, 1), (1, 2), (2, 3), (3, 4)]),
        (5, None, [(0, 2), (2, 4), (4, 5)]),
        (9, None, [(0, 3), (3, 6), (6, 9)]),
        (9, 2, [(2, 4), (4, 6), (6, 8), (8, 9)]),
        (4, 3, [(3, 4)]),
        (4, 4, []),
        (0, None, []),
    ],
)
@pytest.mark.parametrize("kind", [IMPORT, UNDO])
def test_the_chunks_that_are_left_are_cut_for_the_workers(
    kind: str, chunks: int, cursor: int | None, bounds: list[tuple[int, int]]
) -> None:
    """One worker has four slices at most."""
    desk = Desk(jobs={"workers": 1})
    job = job_of(desk, kind, chunks, cursor=cursor)
    names = [(record.chunk_id("i1", low), record.chunk_id("i1", high)) for low, high in bounds]
    assert KINDS[kind].phases[WORK].cut(desk.runner, job) == Cut(names)
    assert KINDS[kind].phases[END].cut(desk.runner, job) == Cut([ALL])


@pytest.mark.parametrize("kind", [IMPORT, UNDO])
def test_admins_may_begin_cancel_and_go_on_with_both(kind: str) -> None:
    work: Any = KINDS[kind].step.__self__  # type: ignore[attr-defined]
    phases = [Phase(work.cut, work.slice), Phase(work.cut_end, work.slice_of_end)]
    expected = Kind(work.step, Role.ADMIN, cancellable=True, resumes="cursor", phases=phases)
    assert KINDS[kind] == work.kind() == expected


def step(desk: Desk, part: Slice, kind: str = IMPORT) -> Progress:
    return KINDS[kind].phases[WORK].step(desk.runner, job_of(desk, kind), part)


@pytest.mark.parametrize(
    ("low", "high", "cursor", "turn", "finished"),
    [
        (0, 1, None, 0, True),
        (0, 2, None, 0, False),
        (0, 2, 1, 1, True),
        (1, 4, None, 1, False),
        (1, 4, 2, 2, False),
        (1, 4, 3, 3, True),
        (0, 1, 0, 0, True),
    ],
)
def test_a_step_handles_the_next_chunk_of_its_slice(
    monkeypatch: pytest.MonkeyPatch,
    low: int,
    high: int,
    cursor: int | None,
    turn: int,
    finished: bool,
) -> None:
    desk = begun(monkeypatch)
    progress = step(desk, slice_of(desk, low, high, cursor))
    paths = [one.path for one in progress.writes]
    assert progress == Progress(
        cursor=turn + 1, done=2, counts={"added": 2}, finished=finished, writes=progress.writes
    )
    assert [one for one in paths if one.startswith(IMPORTED)] == [f"{IMPORTED}/i1-{turn:06}"]
    desk.store.commit([*progress.writes])
    emails = sorted(one["primaryEmail"] for one in desk.customers())
    assert emails == [f"p{one:04}@example.com" for one in (2 * turn, 2 * turn + 1)]
    again = step(desk, slice_of(desk, low, high, cursor))
    assert again == Progress(cursor=turn + 1, finished=finished)


def test_an_undo_begins_with_the_last_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = begun(monkeypatch)
    for number in range(4):
        desk.store.commit([*step(desk, slice_of(desk, number, number + 1)).writes])
    progress = step(desk, slice_of(desk, 0, 4), UNDO)
    expected = Progress(cursor=1, done=2, counts={"removed": 2}, writes=progress.writes)
    assert progress == expected
    desk.store.commit([*progress.writes])
    emails = sorted(one["primaryEmail"] for one in desk.customers())
    assert emails == [f"p{one:04}@example.com" for one in range(6)]
    assert step(desk, slice_of(desk, 0, 4), UNDO) == Progress(cursor=1)


def test_a_chunk_that_is_forgotten_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = begun(monkeypatch)
    for number in (0, 3):  # the first one of an import, and of its undo
        desk.store.delete(f"{IMPORTED}/i1-{number:06}")
    for kind in (IMPORT, UNDO):
        assert step(desk, slice_of(desk, 0, 2), kind) == Progress(cursor=1)


def test_what_is_undone_is_not_taken_in_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = begun(monkeypatch)
    undone = step(desk, slice_of(desk, 3, 4), UNDO)  # the first one, of which nothing was done
    assert (undone.done, undone.counts) == (0, {})
    desk.store.commit([*undone.writes])
    assert step(desk, slice_of(desk, 0, 1)) == Progress(cursor=1, finished=True)
    assert desk.customers() == []


@pytest.mark.parametrize(("turn", "last"), [(None, False), (3, False), (4, True), (5, True)])
@pytest.mark.parametrize(
    ("kind", "state", "at"), [(IMPORT, "done", "finishedAt"), (UNDO, "undone", "undoneAt")]
)
def test_who_does_it_alone_ends_behind_the_last_chunk(
    monkeypatch: pytest.MonkeyPatch, kind: str, state: str, at: str, turn: int | None, last: bool
) -> None:
    desk = begun(monkeypatch)
    now = desk.store.now()
    desk.runner = replace(desk.runner, now=lambda: now)
    job = job_of(desk, kind, cursor=turn, result={"added": 8})
    progress = KINDS[kind].step(desk.runner, job)
    assert progress.finished is last
    counts = "counts" if kind == IMPORT else "undone"
    fields = {"state": state, counts: {"added": 8}, at: now}
    path = f"{IMPORTS}/i1"
    end = Update(path, fields, desk.store.read([path])[path].version)
    assert ([*progress.writes] == [end]) is last
    ending = KINDS[kind].phases[END].step(desk.runner, job, slice_of(desk, 0, 1))
    assert ending == Progress(finished=True, writes=[end])
    assert progress.cursor == (None if last else (turn or 0) + 1)


def test_an_import_is_no_entry_for_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = begun(monkeypatch)

    class Never:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    desk.runner = replace(desk.runner, watch=Never())
    assert step(desk, slice_of(desk, 0, 1)).counts == {"added": 2}


def test_a_chunk_with_a_tag_that_is_renamed_just_now_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = begun(monkeypatch)
    now = desk.store.now()
    renaming = Job("j9", "rename_tag", {}, "u1-staff", now, now)
    desk.store.put(renaming.path, renaming.to_data())
    row = TagRow("vip", now, "renaming", "j9", now)
    desk.store.put("crmTags/vip", row.to_data())
    with pytest.raises(Transient, match=r"^tag-busy$"):
        step(desk, slice_of(desk, 0, 1))
    desk.store.put(renaming.path, replace(renaming, state="done").to_data())
    assert step(desk, slice_of(desk, 0, 1)).counts == {"added": 2}
