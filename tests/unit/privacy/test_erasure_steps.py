"""The steps of an erasure, one by one: in which order, in what pages, and how they end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.db.collections import ERASURES
from crm.db.documents import Data, Update
from crm.jobs.job import Cut, Progress
from crm.jobs.slices import Slice
from crm.privacy.erasure import job as steps
from testing.hosts import DAY, order
from testing.world import World
from tests.support.erasing import (
    ADDRESS,
    OTHER,
    PHASES,
    USER,
    a_job,
    all_taken,
    erasure,
    put_all,
    taken,
    version,
)


@pytest.fixture
def world() -> World:
    return World()


# --- The way through ------------------------------------------------------------------------------


def test_the_accounts_come_first_then_a_search_after_the_other_then_the_end(world: World) -> None:
    erasure(world)
    cursors = [began for began, _ in all_taken(world, None)]
    assert cursors == [None, *([number, None] for number in range(1, 12))]
    assert world.store.all(ERASURES)["e"]["state"] == "done"


@pytest.mark.parametrize(
    ("more", "left_out"),
    [
        ({"parts": ()}, [1]),
        ({"keys": (USER,)}, [2]),
        ({"keys": (ADDRESS,)}, [3]),
        ({"parts": (), "keys": (ADDRESS,)}, [1, 3]),
    ],
)
def test_a_search_of_orders_that_has_nothing_to_look_for_is_left_out(
    world: World, more: dict[str, Any], left_out: list[int]
) -> None:
    erasure(world, **more)
    went = [progress.cursor for _, progress in all_taken(world, None)][:4]
    looked = [number for number in (1, 2, 3) if number not in left_out]
    assert went[: len(looked) + 1] == [[1, None], *([number + 1, None] for number in looked)]


def test_an_erasure_that_is_over_is_left_alone(world: World) -> None:
    record = erasure(world, state="done", uids=("u1",))
    world.accounts.of["u1"] = "ada@example.com"
    assert taken(world) == taken(world, [7, "x"]) == Progress(finished=True)
    assert world.accounts.of
    for phase in PHASES[1:4]:
        now = world.store.now()
        part = Slice("s", "j", 1, 0, None, None, now, now)
        assert phase.step(world.runner, a_job(world), part) == Progress(finished=True)
    assert world.store.all(ERASURES)["e"] == record.to_data()


def test_accounts_are_deleted_and_their_uids_forgotten(world: World) -> None:
    record = erasure(world, uids=("u1", "u2"))
    world.accounts.of = {"u1": None, "u2": "x@y.zz", "u3": None}
    cuts = put_all(world, {"crmSweep/crmIdentities": {"ids": ["a", "u2", "z"], "complete": True}})
    at = version(world, f"{ERASURES}/e")
    assert taken(world) == Progress(
        [1, None],
        writes=[
            Update(f"{ERASURES}/e", {"uids": []}, at),
            Update("crmSweep/crmIdentities", {"ids": ["a", "z"]}, cuts["crmSweep/crmIdentities"]),
        ],
    )
    assert world.accounts.of == {"u3": None}
    assert world.store.all(ERASURES)["e"] == record.to_data()


@pytest.mark.parametrize("kept", [None, {}, {"ids": []}, {"ids": ["a", "z"]}])
def test_cuts_of_a_sweep_that_name_nobody_of_them_stay(world: World, kept: Data | None) -> None:
    erasure(world, uids=("u1",))
    if kept is not None:
        world.store.put("crmSweep/crmIdentities", kept)
    assert [one.path for one in taken(world).writes] == [f"{ERASURES}/e"]


# --- Pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "pages"),
    [
        (0, [(0, None)]),
        (2, [(2, None)]),
        (3, [(3, "n2"), (0, None)]),
        (4, [(3, "n2"), (1, None)]),
        (6, [(3, "n2"), (3, "n5"), (0, None)]),
    ],
)
def test_a_page_that_is_full_is_followed_by_another_behind_its_last_id(
    world: World, monkeypatch: pytest.MonkeyPatch, there: int, pages: list[tuple[int, str | None]]
) -> None:
    monkeypatch.setattr(steps, "PAGE", 3)
    erasure(world)
    notes = {f"crmNotes/n{number}": {"partId": "p"} for number in range(there)}
    put_all(world, {**notes, "crmNotes/other": {"partId": "q"}})
    found = []
    cursor: object = [10, None]
    while cursor != [11, None]:
        progress = taken(world, cursor)
        assert (progress.done, progress.finished) == (0, False)
        cursor = progress.cursor
        last = progress.cursor[1] if progress.cursor[0] == 10 else None
        found.append((len(progress.writes), last))
    assert found == pages


def test_orders_are_counted_as_they_are_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "PAGE", 2)
    for number in range(3):
        world.put_order(f"o{number}", order())
    (part,) = world.the_customer()["parts"]
    erasure(world, parts=(part,))
    assert taken(world, [1, None]) == Progress([1, "o1"], done=2, writes=[])
    assert taken(world, [1, "o1"]) == Progress([2, None], done=1, writes=[])


# --- The end --------------------------------------------------------------------------------------


def test_the_end_counts_orders_and_mails_of_this_erasure_alone(world: World) -> None:
    record = erasure(world, counts={"customers": 1, "links": 0})
    for number, whose in enumerate(["e", "e", "e2", None]):
        world.store.put(f"crmOrders/o{number}", {"erased": whose, "partId": None})
        world.store.put(f"crmMails/m{number}", {"erased": whose if number else None})
    at = version(world, f"{ERASURES}/e")
    counts = {"orders": 2, "mails": 1}
    done = replace(record, state="done", counts={"customers": 1, "links": 0, **counts})
    assert taken(world, [11, None]) == Progress(
        finished=True, counts=counts, writes=[Update(f"{ERASURES}/e", done.to_data(), at)]
    )


def test_where_no_mail_went_out_none_is_counted(world: World) -> None:
    erasure(world)
    assert taken(world, [11, None]).counts == {"orders": 0}


def test_an_erasure_does_not_end_before_all_orders_are_redacted(world: World) -> None:
    erasure(world)
    world.store.put("crmOrders/o1", {"erased": None, "partId": "p"})
    with pytest.raises(Refusal) as refusal:
        taken(world, [11, None])
    assert (refusal.value.code, refusal.value.reason) == ("failed-precondition", "orders-left")
    erasure(world, parts=("q",))
    assert taken(world, [11, None]).finished
    erasure(world, parts=())
    assert taken(world, [11, None]).finished


# --- Slices ---------------------------------------------------------------------------------------


def cut(world: World, number: int, cursor: object) -> Cut:
    return PHASES[number].cut(world.runner, a_job(world, cursor))


@pytest.mark.parametrize(
    ("cursor", "phases"),
    [
        (None, [0, 1, 2, 3, 4]),
        ([0, None], [0, 1, 2, 3, 4]),
        ([1, None], [1, 2, 3, 4]),
        ([1, "o1"], [1, 2, 3, 4]),
        ([2, None], [2, 3, 4]),
        ([3, None], [3, 4]),
        ([4, None], [4]),
        ([9, "m1"], [4]),
    ],
)
def test_what_a_call_has_done_is_not_cut_again(
    world: World, cursor: object, phases: list[int]
) -> None:
    erasure(world)
    row = {"partId": "p", "addressKey": ADDRESS, "userKey": USER}
    put_all(world, {f"crmOrders/o{number}": row for number in range(5)})
    cuts = [cut(world, number, cursor) for number in range(len(PHASES))]
    assert [number for number, one in enumerate(cuts) if one.bounds] == phases
    assert all(one in (Cut(()), Cut([(None, None)])) for one in cuts)


def test_orders_that_are_many_are_cut_into_ranges_and_none_into_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "PAGE", 2)
    erasure(world)
    rows = {f"crmOrders/o{number}": {"partId": "p", "addressKey": OTHER} for number in range(4)}
    put_all(world, rows)
    assert cut(world, 1, None) == Cut([(None, "o2"), ("o2", None)])
    assert cut(world, 2, None) == cut(world, 3, None) == Cut(())
    erasure(world, parts=())
    assert cut(world, 1, None) == Cut(())


def test_orders_of_more_parts_than_a_query_takes_are_one_slice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "PAGE", 2)
    erasure(world, parts=tuple(f"p{number:02}" for number in range(31)))
    assert cut(world, 1, None) == Cut(())
    for name, part in (("b", "p00"), ("c", "p30"), ("a", "p30"), ("d", "p31")):
        world.store.put(f"crmOrders/{name}", {"partId": part, "name": None, "quarantined": None})
    assert cut(world, 1, None) == Cut([(None, None)])
    assert taken(world, [1, None]) == Progress([1, "b"], done=2, writes=[])
    assert taken(world, [1, "b"]) == Progress([2, None], done=1, writes=[])
    with pytest.raises(Refusal):
        taken(world, [11, None])


def test_a_slice_looks_at_its_own_range(world: World) -> None:
    for number in range(4):
        world.put_order(f"o{number}", order())
    (part,) = world.the_customer()["parts"]
    erasure(world, parts=(part,))
    now = world.store.now()
    piece = Slice("s", "j", 1, 0, "o1", "o3", now, now)
    assert PHASES[1].step(world.runner, a_job(world), piece) == Progress(
        done=2, finished=True, writes=[]
    )
    behind = replace(piece, cursor="o1")
    assert PHASES[1].step(world.runner, a_job(world), behind) == Progress(
        done=1, finished=True, writes=[]
    )
    nobody = erasure(world, parts=())
    assert nobody.parts == ()
    assert PHASES[1].step(world.runner, a_job(world), piece) == Progress(finished=True)


def test_the_steps_before_and_behind_the_orders_are_one_slice_each(world: World) -> None:
    record = erasure(world, uids=("u1",))
    now = world.store.now()
    whole = Slice("s", "j", 0, 0, None, None, now, now)
    first = PHASES[0].step(world.runner, a_job(world), whole)
    at = version(world, f"{ERASURES}/e")
    uids = Update(f"{ERASURES}/e", {"uids": []}, at)
    assert first == Progress([1, None], finished=True, writes=[uids])
    last = PHASES[4]
    assert last.step(world.runner, a_job(world), whole).cursor == [5, None]
    assert last.step(world.runner, a_job(world, [2, "o1"]), whole).cursor == [5, None]
    assert last.step(world.runner, a_job(world, [6, None]), whole).cursor == [7, None]
    world.store.put("crmConsents/a", {"identity": ADDRESS, "at": DAY})
    world.store.put("crmConsents/b", {"identity": ADDRESS, "at": DAY})
    behind = last.step(world.runner, a_job(world, [4, "a"]), whole)
    assert [one.path for one in behind.writes] == ["crmConsents/b"]
    going = replace(whole, cursor=[8, None])
    assert last.step(world.runner, a_job(world, [6, None]), going).cursor == [9, None]
    end = last.step(world.runner, a_job(world), replace(whole, cursor=[11, None]))
    assert (end.finished, end.cursor) == (True, None)
    assert record.uids == ("u1",)
