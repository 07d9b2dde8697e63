"""How an import and its undo begin: at once or by workers, once each, and what is refused."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal, Transient
from crm.db.collections import IMPORTED, IMPORTS, JOBS
from crm.db.documents import Update, Write
from crm.importing import imports, record
from crm.importing.record import KEPT
from crm.importing.row import Row
from tests.support.importing import Desk
from tests.unit.importing.test_imports import crowd
from tests.unit.importing.test_kept import FILE, REPORT, at_of, named, only, told, undone, waiting


@pytest.fixture
def desk() -> Desk:
    return named()


# Inline, or by workers


@pytest.mark.parametrize(("people", "inline"), [(2, True), (3, False)])
def test_two_chunks_are_done_at_once_and_more_by_workers(
    monkeypatch: pytest.MonkeyPatch, desk: Desk, people: int, inline: bool
) -> None:
    monkeypatch.setattr(record, "CHUNK", 1)
    done = waiting(desk, crowd(people))
    (job_id,) = desk.store.all(JOBS)
    assert (done["jobId"], desk.queue) == ((None, []) if inline else (job_id, [job_id]))
    assert done["report"]["added"] == (people if inline else 0)
    desk.work()
    undo = undone(desk, done["importId"])
    assert desk.queue == ([] if inline else [undo])
    assert undone(desk, done["importId"]) == undo  # and has a worker look at it once more
    assert desk.queue == ([] if inline else [undo] * 2)


def test_what_cannot_be_done_at_once_is_left_to_workers(desk: Desk) -> None:
    commit, seconds, runner = desk.store.commit, itertools.count(), desk.runner

    def away(writes: Sequence[Write]) -> list[int]:
        if any(isinstance(one, Update) and one.path.startswith(JOBS) for one in writes):
            raise Transient("no answer")
        return commit(writes)

    hurried = replace(runner.retry, clock=lambda: float(next(seconds)))
    desk.runner = replace(runner, retry=hurried)
    desk.store.commit = away  # type: ignore[method-assign]
    done = waiting(desk, FILE)
    assert desk.queue == [done["jobId"]]
    desk.runner, desk.store.commit = runner, commit  # type: ignore[method-assign]
    desk.work()
    assert desk.imports()[0]["report"] == REPORT


def test_rows_are_written_in_few_commits_of_some_chunks_before_the_job_is(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setattr(record, "CHUNK", 1)
    commit, seen = desk.store.commit, list[list[str]]()

    def watched(writes: Sequence[Write]) -> list[int]:
        seen.append([one.path for one in writes])
        return commit(writes)

    desk.store.commit = watched  # type: ignore[method-assign]
    import_id = waiting(desk, crowd(18))["importId"]
    paths = [f"{IMPORTED}/{import_id}-{number:06}" for number in range(18)]
    assert seen[:3] == [paths[:8], paths[8:16], paths[16:]]
    assert f"{IMPORTS}/{import_id}" in seen[3]
    assert only(desk, IMPORTS)[1]["chunks"] == 18


def test_an_import_whose_commits_answer_is_lost_is_one(desk: Desk) -> None:
    commit, lost = desk.store.commit, [f"{IMPORTS}/"]

    def losing(writes: Sequence[Write]) -> list[int]:
        versions = commit(writes)
        if lost and any(one.path.startswith(lost[0]) for one in writes):
            lost.clear()
            raise Transient("no answer")
        return versions

    desk.store.commit = losing  # type: ignore[method-assign]
    assert waiting(desk, FILE)["report"] == REPORT
    assert not lost
    assert len(desk.store.all(IMPORTS)) == len(desk.store.all(JOBS)) == 1
    assert len(told(desk, "import.begin")) == 1


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_a_preview_adds_its_chunks_up(
    monkeypatch: pytest.MonkeyPatch, desk: Desk, chunk: int
) -> None:
    waiting(desk, "email,name\np0000@example.com,P0\nbob@example.com,Bob")
    desk.unsubscribe("bob@example.com")
    monkeypatch.setattr(record, "CHUNK", chunk)
    text = "email,status\np0000@example.com,\nbob@example.com,subscribed\nx,\n" + "".join(
        f"n{one}@example.com,\n" for one in range(3)
    )
    answer = imports.import_contacts(
        desk.runner, desk.queue.append, text, source=None, evidence=None, dry_run=True
    )
    report = {
        "rows": 6,
        "added": 3,
        "changed": 0,
        "unchanged": 1,
        "keptOut": {"withdrew": 1},
        "duplicates": 0,
        "errors": [{"row": 4, "reason": "email-invalid", "column": "email"}],
        "errorCount": 1,
        "evidenceNeeded": True,
    }
    assert answer == {"report": report, "importId": None, "jobId": None}


@pytest.mark.parametrize(
    ("row", "texts"),
    [
        (Row("a@x.org"), 7),
        (Row("é@x.org"), 8),
        (Row("a@x.org", name="Zoë"), 11),
        (Row("a@x.org", tags=("ü", "vip")), 12),
        (Row("a@x.org", fields={"company": "Café", "seats": 1.5, "vegan": True}), 19),
        (Row("a@x.org", key="k" * 50, status="subscribed"), 7),
    ],
)
def test_a_piece_holds_what_its_rows_say_in_utf_8(
    monkeypatch: pytest.MonkeyPatch, row: Row, texts: int
) -> None:
    size = record.ROW_BYTES + texts
    for most, pieces in ((3 * size, [3, 3]), (3 * size - 1, [2, 2, 2]), (size - 1, [1] * 6)):
        monkeypatch.setattr(record, "CHUNK_BYTES", most)
        assert [len(one) for one in record.chunks([row] * 6)] == pieces


@pytest.mark.parametrize(
    ("people", "pieces"), [(0, []), (1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])]
)
def test_a_piece_holds_so_many_rows_in_their_order(
    monkeypatch: pytest.MonkeyPatch, people: int, pieces: list[int]
) -> None:
    monkeypatch.setattr(record, "CHUNK", 2)
    rows = [Row(f"p{one}@x.org") for one in range(people)]
    found = [*record.chunks(rows)]
    assert [len(one) for one in found] == pieces
    assert [row for one in found for row in one] == rows


# Refused


def refused(act: Any) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught:
        act()
    assert caught.value.more == {}
    return caught.value.code, caught.value.reason


def test_what_an_import_lacks_is_refused_by_its_code(desk: Desk) -> None:
    def asked(**more: Any) -> Any:
        given = {"source": "a fair", "evidence": "paper", **more}
        return lambda: imports.import_contacts(desk.runner, desk.queue.append, FILE, **given)

    assert refused(asked(source=None)) == ("invalid-argument", "source-missing")
    assert refused(asked(evidence=None)) == ("invalid-argument", "evidence-missing")


def test_an_undo_is_refused_by_its_code(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setattr(imports, "INLINE", 0)
    unknown = ("not-found", "no-such-import")
    assert refused(lambda: undone(desk, "nothing")) == unknown
    import_id = waiting(desk, FILE)["importId"]
    running = ("failed-precondition", "import-running")
    assert refused(lambda: undone(desk, import_id)) == running


@pytest.mark.parametrize(
    ("late", "can"), [(timedelta(0), True), (timedelta(microseconds=1), False)]
)
def test_an_import_can_be_undone_to_the_last_moment_of_its_days(
    desk: Desk, late: timedelta, can: bool
) -> None:
    import_id = waiting(desk, FILE)["importId"]
    moment = at_of(desk) + KEPT + late
    desk.runner = replace(desk.runner, now=lambda: moment)
    assert desk.imports()[0]["undoable"] is can
    if can:
        undone(desk, import_id)
        assert desk.imports()[0]["state"] == "undone"
    else:
        old = ("failed-precondition", "import-too-old")
        assert refused(lambda: undone(desk, import_id)) == old
