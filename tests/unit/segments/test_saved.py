"""Saved segments: their names, what they may build on, and that no race leaves them in a circle."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal, Transient
from crm.db.paging import Pager, PageTokens
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from crm.segments.language.ast import Saved
from crm.segments.language.expansion import expand
from crm.segments.language.text import parse_text
from crm.segments.saved import counted, delete, finder, list_segments, save
from crm.segments.saved_plan import Definition, description_of, folded, name_of
from testing.world import KEYS, World

TOKENS = PageTokens(KEYS.derive("page-token"))


@pytest.fixture
def world() -> World:
    return World()


def keep(world: World, name: str, text: str, segment_id: str | None = None) -> str:
    return save(world.runner, Definition(name_of(name), parse_text(text)), segment_id)[0]


def refused(action: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refusal) as error:
        action()
    return error.value.code, error.value.reason


def held(world: World, segment_id: str) -> dict[str, Any]:
    return world.store.all("crmSegments")[segment_id]


def names(world: World, size: int = 50) -> list[str]:
    """Every name, page by page."""
    found: list[str] = []
    token = None
    while True:
        page: Any = list_segments(world.store, Pager(TOKENS, "staff", size, token))
        assert len(page["segments"]) <= size
        found += [one["name"] for one in page["segments"]]
        token = page["nextPageToken"]
        if token is None:
            return found


def whole(world: World) -> None:
    """What must hold of all segments together: names, uses, and that each can be asked."""
    segments = world.store.all("crmSegments")
    guards = world.store.all("crmSegmentNames")
    assert sorted(guard["segmentId"] for guard in guards.values()) == sorted(segments)
    find = finder(world.runner)
    for segment_id, data in segments.items():
        assert find(data["name"]) == find(segment_id)
        expand(Saved(segment_id), find, world.runner.settings.time_zone)
        users = [one for one, other in segments.items() if segment_id in other["text"]]
        assert data["usedBy"] == sorted(users)


def test_a_segment_is_kept_in_both_forms(world: World) -> None:
    segment_id = keep(world, "  VIP\u00a0 buyers ", "tag:VIP and total_spend >= 100 USD")
    kept = held(world, segment_id)
    assert kept["name"] == "VIP buyers"
    assert kept["segment"] == {
        "all": [{"tag": "vip"}, {"totalSpend": {"currency": "USD", "gte": 10000}}]
    }
    assert kept["text"] == "tag:vip and total_spend >= 100 USD"
    assert (kept["description"], kept["lastCount"], kept["lastCountAt"]) == (None, None, None)
    assert (kept["counts"], kept["createdAt"]) == ([], kept["updatedAt"])
    page: Any = list_segments(world.store, Pager(TOKENS, "staff", 50))
    (answered,) = page["segments"]
    assert answered == {"segmentId": segment_id} | {
        key: value for key, value in kept.items() if key != "nameKey"
    }
    whole(world)


def test_a_change_is_of_the_whole_and_forgets_the_count(world: World) -> None:
    segment_id = keep(world, "VIPs", "tag:vip")
    counted(world.runner, segment_id, 7, world.store.now())
    assert keep(world, "Very important", "tag:vip", segment_id) == segment_id
    assert (held(world, segment_id)["name"], held(world, segment_id)["lastCount"]) == (
        "Very important",
        7,
    )
    keep(world, "Very important", "tag:press", segment_id)
    assert held(world, segment_id)["lastCount"] is None
    assert keep(world, "VIPs", "everyone") != segment_id  # the old name is free
    whole(world)


def days(world: World, segment_id: str) -> list[tuple[str, int, bool]]:
    rows = held(world, segment_id)["counts"]
    return [(one["day"], one["count"], one["changed"]) for one in rows]


def days_of(*some: str) -> list[dict[str, Any]]:
    return [{"day": day, "count": 1, "changed": False} for day in some]


def test_a_day_keeps_its_last_count_and_says_where_the_question_has_changed() -> None:
    world = World(settings={"time_zone": "Pacific/Kiritimati"})
    segment_id = keep(world, "VIPs", "tag:vip")
    begun = world.store.now()  # midnight in UTC: the organiser's clock says 14:00
    for number, hours in ((3, 0), (4, 9.9), (5, 10), (6, 34)):
        counted(world.runner, segment_id, number, begun + timedelta(hours=hours))
    told = [("2026-01-01", 4, False), ("2026-01-02", 5, False), ("2026-01-03", 6, False)]
    assert days(world, segment_id) == told
    world.store.wait(timedelta(days=4))
    keep(world, "Very important", "tag:vip", segment_id)
    counted(world.runner, segment_id, 7, world.store.now())
    keep(world, "Very important", "tag:press", segment_id)
    assert days(world, segment_id) == [*told, ("2026-01-05", 7, False)]
    for number in (8, 9):
        counted(world.runner, segment_id, number, world.store.now())
        assert days(world, segment_id) == [*told, ("2026-01-05", number, True)]
    world.store.wait(timedelta(days=1))
    counted(world.runner, segment_id, 9, world.store.now())
    assert days(world, segment_id)[-1] == ("2026-01-06", 9, False)


def test_a_history_has_the_latest_366_days_and_takes_no_write_of_its_own(world: World) -> None:
    segment_id = keep(world, "VIPs", "tag:vip")
    begun, before = world.store.now(), world.store.writes
    for number in range(370):
        counted(world.runner, segment_id, number, begun + timedelta(days=number))
    assert world.store.writes == before + 370
    numbers = [number for _, number, _ in days(world, segment_id)]
    assert numbers == [*range(4, 370)]


def test_where_the_zone_is_another_one_no_day_comes_twice_or_before_another(world: World) -> None:
    segment_id = keep(world, "VIPs", "tag:vip")
    at = world.store.now() + timedelta(hours=1)
    for number, zone in enumerate(("Pacific/Auckland", "UTC", "America/New_York", "UTC")):
        settings = world.runner.settings.model_copy(update={"time_zone": ZoneInfo(zone)})
        counted(replace(world.runner, settings=settings), segment_id, number, at)
        assert len(days(world, segment_id)) == 1 + (zone == "UTC" and number == 3)


def test_a_segment_of_an_earlier_version_has_no_history_until_it_is_counted(world: World) -> None:
    segment_id = keep(world, "VIPs", "tag:vip")
    counted(world.runner, segment_id, 7, world.store.now())
    older = {key: one for key, one in held(world, segment_id).items() if key != "counts"}
    world.store.put(f"crmSegments/{segment_id}", older)
    page: Any = list_segments(world.store, Pager(TOKENS, "staff", 50))
    assert page["segments"][0]["counts"] == []
    counted(world.runner, segment_id, 8, world.store.now())
    assert days(world, segment_id) == [("2026-01-01", 8, False)]
    for kept in (None, [*reversed(days_of("2026-01-01", "2026-01-02"))], days_of("soon", "soon")):
        some = {} if kept is None else {"counts": kept}
        world.store.put(f"crmSegments/{segment_id}", {**older, **some})
        assert [what.split(" ", 1)[0] for _, what in verify(world.runner)] == ["counts"]
        assert rebuild(world.runner).failed == []
        assert held(world, segment_id)["counts"] == []


def test_saving_the_same_again_writes_nothing(world: World) -> None:
    segment_id = keep(world, "VIPs", "tag:vip")
    before = world.store.writes
    assert keep(world, "VIPs", "tag:vip", segment_id) == segment_id
    assert world.store.writes == before


@pytest.mark.parametrize("twin", ["vips", "VIPS", " VIPs ", "ＶＩＰｓ", "VI\u3164Ps"])
def test_a_name_belongs_to_one_segment(world: World, twin: str) -> None:
    first = keep(world, "VIPs", "tag:vip")
    taken = ("already-exists", "segment-name-taken")
    assert refused(lambda: keep(world, twin, "tag:press")) == taken
    other = keep(world, "Press", "tag:press")
    assert refused(lambda: keep(world, twin, "tag:press", other)) == taken
    keep(world, twin, "tag:vip", first)  # its own name, spelt otherwise
    whole(world)


def test_a_segment_may_use_others_by_id_or_name_and_keeps_their_ids(world: World) -> None:
    vips = keep(world, "VIP buyers", "tag:vip")
    mixed = keep(world, "Mixed", f'segment:{vips} or not segment:"vip BUYERS"')
    assert held(world, mixed)["text"] == f"segment:{vips} or not segment:{vips}"
    keep(world, "Renamed", "tag:vip", vips)
    assert held(world, vips)["usedBy"] == [mixed]
    keep(world, "Mixed", "everyone", mixed)
    assert held(world, vips)["usedBy"] == []
    whole(world)


def test_circles_and_what_is_not_there_are_refused(world: World) -> None:
    one = keep(world, "One", "tag:vip")
    two = keep(world, "Two", f"segment:{one}")
    three = keep(world, "Three", f"not segment:{two}")
    circle = ("invalid-argument", "segment-cycle")
    for used in (one, two, three):
        saving = functools.partial(keep, world, "One", f"segment:{used}", one)
        assert refused(saving) == circle
    missing = ("not-found", "no-such-segment")
    assert refused(lambda: keep(world, "New", "segment:nothing")) == missing
    assert refused(lambda: keep(world, "New", "segment:New")) == missing
    assert refused(lambda: keep(world, "New", "everyone", "nothing")) == missing
    assert names(world) == ["One", "Three", "Two"]
    whole(world)


def test_a_change_that_would_make_a_user_too_large_is_refused(world: World) -> None:
    many = " or ".join(f"tag:t{number}" for number in range(30))
    base = keep(world, "Base", "tag:vip")
    user = keep(world, "User", f"segment:{base} and ({many})")
    keep(world, "Its user", f"not segment:{user}")
    with pytest.raises(Refusal) as error:
        keep(world, "Base", many, base)
    assert (error.value.code, error.value.reason) == ("failed-precondition", "segment-too-wide")
    assert user in error.value.message
    whole(world)


def test_deleting(world: World) -> None:
    base = keep(world, "Base", "tag:vip")
    user = keep(world, "User", f"segment:{base}")
    with pytest.raises(Refusal) as error:
        delete(world.runner, base)
    assert (error.value.code, error.value.reason) == ("failed-precondition", "segment-in-use")
    assert user in error.value.message
    delete(world.runner, user)
    assert held(world, base)["usedBy"] == []
    delete(world.runner, base)
    assert world.store.all("crmSegments") == world.store.all("crmSegmentNames") == {}
    assert refused(lambda: delete(world.runner, base)) == ("not-found", "no-such-segment")
    keep(world, "Base", "everyone")


def test_every_change_is_audited_without_its_words(world: World) -> None:
    segment_id = keep(world, "Secret plans", "tag:vip")
    keep(world, "Secret plans", "tag:press", segment_id)
    delete(world.runner, segment_id)
    entries = sorted(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    assert [(one["action"], one["facts"]) for one in entries] == [
        ("segment.save", {"segment": segment_id, "new": True}),
        ("segment.save", {"segment": segment_id, "new": False}),
        ("segment.delete", {"segment": segment_id}),
    ]
    assert "Secret" not in str(world.store.all("crmSegmentNames"))


def test_names_are_listed_in_their_order(world: World) -> None:
    for name in ("beta", "Alpha", "gamma", "Älter", "delta"):
        keep(world, name, "everyone")
    for size in (1, 2, 4, 5):
        assert names(world, size) == ["Alpha", "beta", "delta", "gamma", "Älter"]


def test_a_token_is_for_its_caller_alone(world: World) -> None:
    for name in ("a", "b"):
        keep(world, name, "everyone")
    page: Any = list_segments(world.store, Pager(TOKENS, "staff", 1))
    for caller, token in (("other", page["nextPageToken"]), ("staff", "forged")):
        asked = functools.partial(list_segments, world.store, Pager(TOKENS, caller, 1, token))
        assert refused(asked) == ("invalid-argument", "page-token")


BAD_NAMES = [
    "",
    " \t\n",
    "x" * 101,
    "a\x00b",
    "a\u202eb",
    "\u3164",
    "ada@example.com",
    "to ada@example.com, first",
    "\x1b[31m",
    "x" * 10_000_000,
]


@pytest.mark.parametrize("name", BAD_NAMES, ids=range(len(BAD_NAMES)))
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(Refusal) as error:
        name_of(name)
    assert (error.value.code, error.value.reason) == ("invalid-argument", "name-invalid")
    assert "ada" not in error.value.message


@pytest.mark.parametrize("text", ["x" * 501, "a\x00", "by ada@example.com", "\u202e"])
def test_a_description_that_is_none(text: str) -> None:
    with pytest.raises(Refusal) as error:
        description_of(text)
    assert error.value.reason == "name-invalid"


def test_a_description() -> None:
    assert description_of(None) is description_of(" \n ") is None
    assert description_of(" Two\n\nlines, #1 @ 9 ") == "Two\n\nlines, #1 @ 9"


@given(st.text(max_size=120))
def test_a_name_is_itself_again(text: str) -> None:
    try:
        name = name_of(text)
    except Refusal:
        return
    assert name_of(name) == name
    assert 1 <= len(name) <= 100
    assert folded(name)
    assert folded(name) == folded(folded(name))


def test_the_count_of_a_segment_is_kept(world: World) -> None:
    segment_id = keep(world, "VIPs", "tag:vip")
    at = world.store.now()
    counted(world.runner, "vips", 3, at)
    kept = held(world, segment_id)
    assert (kept["lastCount"], kept["lastCountAt"]) == (3, at)
    counted(world.runner, "nothing", 4, at)
    keep(world, "VIPs", "tag:press", segment_id)
    counted(world.runner, segment_id, 3, at)  # counted before the change
    assert held(world, segment_id)["lastCount"] is None
    later = world.store.now()
    counted(world.runner, segment_id, 9, later)
    counted(world.runner, segment_id, 8, at)
    assert held(world, segment_id)["lastCount"] == 9


# --- Revisions ---------------------------------------------------------------------------------


def over(world: World, text: str, segment_id: str, revision: int | None) -> int:
    """Save a question over a revision of a segment; give the revision that it has now."""
    wanted = Definition("VIPs", parse_text(text))
    assert save(world.runner, wanted, segment_id, revision)[0] == segment_id
    return save(world.runner, wanted, segment_id, revision)[1]  # again: its answer was lost


def test_each_change_is_a_revision_and_a_count_is_none(world: World) -> None:
    segment_id, revision = save(world.runner, Definition("VIPs", parse_text("tag:vip")))
    assert revision == 1
    counted(world.runner, segment_id, 7, world.store.now())
    assert over(world, "tag:press", segment_id, 1) == 2
    assert over(world, "tag:other", segment_id, None) == 3
    page: Any = list_segments(world.store, Pager(TOKENS, "staff", 50))
    assert [one["revision"] for one in page["segments"]] == [3]


@pytest.mark.parametrize("stale", [1, 3, 2**53])
def test_a_save_over_another_revision_is_refused_and_changes_nothing(
    world: World, stale: int
) -> None:
    segment_id = keep(world, "VIPs", "tag:vip")
    assert over(world, "tag:press", segment_id, 1) == 2
    before = held(world, segment_id)
    with pytest.raises(Refusal) as error:
        over(world, "tag:mine", segment_id, stale)
    refusal = error.value
    assert (refusal.code, refusal.reason) == ("failed-precondition", "changed-meanwhile")
    assert refusal.more == {"revision": 2}
    assert held(world, segment_id) == before
    assert over(world, "tag:press", segment_id, stale) == 2  # what is there already
    assert over(world, "tag:mine", segment_id, 2) == 3


@pytest.mark.parametrize("lost", [None, "x", 0, -7, [1]])
def test_a_segment_without_a_revision_has_the_first(world: World, lost: object) -> None:
    segment_id = keep(world, "VIPs", "tag:vip")
    kept = {key: value for key, value in held(world, segment_id).items() if key != "revision"}
    world.store.put(
        f"crmSegments/{segment_id}", kept if lost is None else kept | {"revision": lost}
    )
    page: Any = list_segments(world.store, Pager(TOKENS, "staff", 50))
    assert [one["revision"] for one in page["segments"]] == [1]
    assert refused(lambda: over(world, "tag:press", segment_id, 2))[1] == "changed-meanwhile"
    assert over(world, "tag:press", segment_id, 1) == 2


@pytest.mark.parametrize("at", range(8))
def test_of_two_who_save_over_one_revision_one_is_refused(world: World, at: int) -> None:
    """The other saves whole between any two remote calls of the first."""
    segment_id = keep(world, "VIPs", "tag:vip")
    won: list[str] = []
    reasons: list[str] = []

    def saving(text: str) -> None:
        try:
            save(world.runner, Definition("VIPs", parse_text(text)), segment_id, 1)
            won.append(text)
        except Refusal as refusal:
            reasons.append(refusal.reason)

    meanwhile(world, at, lambda: saving("tag:second"))
    saving("tag:first")
    world.store.pause = lambda: None
    if len(won) + len(reasons) == 1:  # the first was over before its turn came
        saving("tag:second")
    assert reasons == ["changed-meanwhile"]
    assert [held(world, segment_id)["text"]] == won
    assert held(world, segment_id)["revision"] == 2


def meanwhile(world: World, at: int, other: Callable[[], object]) -> None:
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == at + 1:
            world.store.pause = lambda: None
            with contextlib.suppress(Refusal):  # the first to commit wins
                other()

    world.store.pause = pause


def chain(world: World) -> dict[str, str]:
    """Four segments; b uses c, d uses a: two more uses would close a circle."""
    ids = {name: keep(world, name, f"tag:{name}") for name in "abcd"}
    keep(world, "b", f"segment:{ids['c']}", ids["b"])
    keep(world, "d", f"segment:{ids['a']}", ids["d"])
    return ids


BESIDE: dict[str, Any] = {
    "the circle's other half": lambda w, ids: keep(w, "c", f"segment:{ids['d']}", ids["c"]),
    "the same name": lambda w, ids: keep(w, "new", "everyone"),
    "what is used is deleted": lambda w, ids: delete(w.runner, ids["b"]),
    "what is used changes its name": lambda w, ids: keep(w, "z", "tag:z", ids["b"]),
    "another use of the same": lambda w, ids: keep(w, "y", f"segment:{ids['b']}"),
    "a count": lambda w, ids: counted(w.runner, ids["b"], 1, w.store.now()),
}


@pytest.mark.parametrize("at", range(14))
@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("own", ["a", None])
def test_saving_beside_something_else(world: World, name: str, at: int, own: str | None) -> None:
    """The other happens whole between any two remote calls of the saving."""
    ids = chain(world)
    meanwhile(world, at, lambda: BESIDE[name](world, ids))
    try:
        keep(world, own or "new", f"segment:{ids['b']}", ids[own] if own else None)
    except Refusal as refusal:
        assert refusal.reason in {"segment-cycle", "segment-name-taken", "no-such-segment"}
    world.store.pause = lambda: None
    whole(world)


@pytest.mark.parametrize("at", range(8))
def test_deleting_beside_a_new_use(world: World, at: int) -> None:
    base = keep(world, "Base", "tag:vip")
    meanwhile(world, at, lambda: keep(world, "User", f"segment:{base}"))
    try:
        delete(world.runner, base)
    except Refusal as refusal:
        assert refusal.reason == "segment-in-use"
    world.store.pause = lambda: None
    whole(world)


def test_an_answer_that_was_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving and deleting go on where a commit happened and nobody was told."""
    commit = world.store.commit
    lost = iter([True])

    def forgetful(writes: Any) -> None:
        commit(writes)
        if next(lost, False):
            raise Transient("lost")

    monkeypatch.setattr(world.store, "commit", forgetful)
    segment_id = keep(world, "VIPs", "tag:vip")
    assert list(world.store.all("crmSegments")) == [segment_id]
    assert len(world.store.all("crmAudit")) == 1
    lost = iter([True])
    delete(world.runner, segment_id)
    assert world.store.all("crmSegments") == {}
    assert len(world.store.all("crmAudit")) == 2
