"""Saved segments to the letter: the documents, the audit trail, the refusals and the answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from crm.core.errors import Conflict, Refusal, Transient
from crm.db.paging import Pager, PageTokens
from crm.segments.language.text import parse_text
from crm.segments.saved import counted, delete, find_segment, finder, list_segments, save
from crm.segments.saved_plan import (
    Definition,
    name_path,
    revision_of,
)
from testing.world import KEYS, World

TOKENS: Final = PageTokens(KEYS.derive("page-token"))


@pytest.fixture
def world() -> World:
    return World()


def keep(
    world: World, name: str, text: str, segment_id: str | None = None, about: str | None = None
) -> str:
    return save(world.runner, Definition(name, parse_text(text), about), segment_id)[0]


def segments(world: World) -> dict[str, Any]:
    return world.store.all("crmSegments")


def guards(world: World) -> dict[str, str]:
    """Whose each name is."""
    return {key: one["segmentId"] for key, one in world.store.all("crmSegmentNames").items()}


def guard(name: str) -> str:
    return name_path(KEYS, name).partition("/")[2]


def entries(world: World) -> list[tuple[str, str, list[str], dict[str, Any]]]:
    audit = sorted(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    return [(one["actor"], one["action"], one["customers"], one["facts"]) for one in audit]


def refusal(action: Callable[[], object]) -> tuple[str, str, str, dict[str, object]]:
    with pytest.raises(Refusal) as error:
        action()
    found = error.value
    return found.code, found.reason, found.message, dict(found.more)


def test_the_documents_of_a_segment_from_its_first_day_to_its_last(world: World) -> None:
    one, first = save(world.runner, Definition("VIPs", parse_text("tag:vip"), "The best"))
    made = segments(world)[one]["createdAt"]
    fresh = {
        "name": "VIPs",
        "description": "The best",
        "segment": {"tag": "vip"},
        "text": "tag:vip",
        "nameKey": "vips",
        "updatedAt": made,
        "revision": 1,
        "usedBy": [],
        "counts": [],
        "createdAt": made,
        "lastCount": None,
        "lastCountAt": None,
    }
    assert (first, segments(world)) == (1, {one: fresh})
    assert guards(world) == {guard("VIPs"): one}

    at = world.store.now()
    counted(world.runner, one, 7, at)
    history = [{"day": at.date().isoformat(), "count": 7, "changed": False}]
    told = {**fresh, "lastCount": 7, "lastCountAt": at, "counts": history}
    assert segments(world) == {one: told}

    # Another name and description: the question is the same, and so is its count.
    wanted = Definition("Guests", parse_text("tag:vip"))
    assert save(world.runner, wanted, one, 1) == (one, 2)
    renamed = segments(world)[one]["updatedAt"]
    assert renamed > made
    told |= {"name": "Guests", "nameKey": "guests", "description": None}
    told |= {"updatedAt": renamed, "revision": 2}
    assert segments(world) == {one: told}
    assert guards(world) == {guard("Guests"): one}

    # Another question: it is not counted yet.
    wanted = Definition("guests", parse_text("not tag:press"))
    assert save(world.runner, wanted, one) == (one, 3)
    told |= {"name": "guests", "segment": {"not": {"tag": "press"}}, "text": "not tag:press"}
    told |= {"updatedAt": segments(world)[one]["updatedAt"], "revision": 3}
    told |= {"lastCount": None, "lastCountAt": None}
    assert segments(world) == {one: told}
    assert guards(world) == {guard("guests"): one}
    assert segments(world)[one]["updatedAt"] > renamed

    delete(world.runner, one)
    assert segments(world) == guards(world) == {}
    assert entries(world) == [
        ("system", "segment.save", [], {"segment": one, "new": True}),
        ("system", "segment.save", [], {"segment": one, "new": False}),
        ("system", "segment.save", [], {"segment": one, "new": False}),
        ("system", "segment.delete", [], {"segment": one}),
    ]


def test_each_segment_knows_which_others_use_it(world: World) -> None:
    ids = {name: keep(world, name, f"tag:{name}") for name in "abc"}
    u = keep(world, "u", "segment:a and not segment:b")
    v = keep(world, "v", "segment:a or segment:u")

    def used() -> dict[str, list[str]]:
        names = {key: one["name"] for key, one in segments(world).items()}
        return {
            names[key]: [names[user] for user in one["usedBy"]]
            for key, one in segments(world).items()
        }

    assert used() == {"a": sorted("uv"), "b": ["u"], "c": [], "u": ["v"], "v": []}
    assert segments(world)[u]["text"] == f"segment:{ids['a']} and not segment:{ids['b']}"
    keep(world, "u", "segment:b or segment:c", u)
    assert used() == {"a": ["v"], "b": ["u"], "c": ["u"], "u": ["v"], "v": []}
    keep(world, "v", "(not segment:c)", v)
    assert used() == {"a": [], "b": ["u"], "c": sorted("uv"), "u": [], "v": []}
    delete(world.runner, u)
    assert used() == {"a": [], "b": [], "c": ["v"], "v": []}
    delete(world.runner, v)
    assert used() == {"a": [], "b": [], "c": []}


def test_a_use_that_somebody_took_away_by_hand_is_passed_over(world: World) -> None:
    base = keep(world, "Base", "tag:vip")
    user = keep(world, "User", f"segment:{base}")
    world.store.delete(f"crmSegments/{base}")
    keep(world, "User", "everyone", user)
    assert set(segments(world)) == {user}


# --- Refusals -------------------------------------------------------------------------------------

TAKEN: Final = (
    "already-exists",
    "segment-name-taken",
    "Another saved segment has this name: choose another, or change that one by its segmentId.",
)
UNKNOWN: Final = (
    "not-found",
    "no-such-segment",
    "No saved segment has this id or name: `list_segments` names them all.",
)
IN_USE: Final = (
    "failed-precondition",
    "segment-in-use",
    "Other saved segments use this one: change or delete those first: {one}, {two}.",
)
CHANGED: Final = (
    "failed-precondition",
    "changed-meanwhile",
    "Somebody else has changed this segment since you read it: load it again, and save over the"
    " revision in `details.revision`, or leave `revision` out to replace what is there.",
)
CYCLE: Final = (
    "invalid-argument",
    "segment-cycle",
    "The segment leads back to itself by way of a saved segment: leave that one out.",
)
WIDE: Final = (
    "failed-precondition",
    "segment-too-wide",
    "The saved segment {two} uses this one and would be refused then: The segment has more than 50"
    " conditions, saved segments in it counted: ask for fewer, such as one tag in the place of many"
    " events.",
)
MANY: Final = " or ".join(f"tag:t{number}" for number in range(26))

Action = Callable[[World, dict[str, str]], object]


@pytest.mark.parametrize(
    ("action", "expected", "more"),
    [
        (lambda w, _: keep(w, "base", "everyone"), TAKEN, {}),
        (lambda w, ids: keep(w, "BASE", "everyone", ids["one"]), TAKEN, {}),
        (lambda w, _: keep(w, "New", "everyone", "nothing"), UNKNOWN, {}),
        (lambda w, _: keep(w, "New", "tag:x or segment:nothing"), UNKNOWN, {}),
        (lambda w, _: delete(w.runner, "nothing"), UNKNOWN, {}),
        (lambda w, ids: delete(w.runner, ids["base"]), IN_USE, {}),
        (
            lambda w, ids: save(w.runner, Definition("x", parse_text("tag:x")), ids["base"], 2),
            CHANGED,
            {"revision": 1},
        ),
        (lambda w, ids: keep(w, "Base", "segment:Two", ids["base"]), CYCLE, {}),
        (lambda w, ids: keep(w, "Base", MANY, ids["base"]), WIDE, {}),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(
    world: World, action: Action, expected: tuple[str, str, str], more: dict[str, object]
) -> None:
    ids = {"base": keep(world, "Base", "tag:vip")}
    ids["one"] = keep(world, "One", f"segment:{ids['base']}")
    ids["two"] = keep(world, "Two", f"segment:{ids['base']} or not segment:{ids['base']}")
    before, audited = segments(world), len(entries(world))
    code, reason, message = expected
    told = (code, reason, message.format(**ids), more)
    assert refusal(lambda: action(world, ids)) == told
    assert (segments(world), len(entries(world))) == (before, audited)
    assert set(guards(world).values()) == set(ids.values())


@pytest.mark.parametrize(
    ("held", "revision"),
    [({}, 1), ({"revision": 2}, 2), ({"revision": 1}, 1), ({"revision": 9}, 9)],
)
def test_the_revision_of_a_document(held: dict[str, object], revision: int) -> None:
    assert revision_of(held) == revision


def test_whoever_uses_it_by_way_of_others_must_hold_too(world: World) -> None:
    """Also behind one that was looked at before, and one that somebody took away by hand."""
    base = keep(world, "Base", "tag:vip")
    gone = keep(world, "Gone", "segment:Base")
    inner = keep(world, "Inner", "segment:Base")
    keep(world, "Both", "segment:Base and not segment:Inner")
    lost = keep(world, "Lost", "segment:Inner")
    for one in (gone, lost):
        world.store.delete(f"crmSegments/{one}")
    wide = keep(world, "Wide", f"segment:Inner or {MANY}")
    assert segments(world)[base]["usedBy"][0] == gone
    users = segments(world)[inner]["usedBy"]
    assert (users[1], users[2]) == (lost, wide)
    more = " or ".join(f"tag:u{number}" for number in range(25))
    code, reason, message, _ = refusal(lambda: keep(world, "Base", more, base))
    assert (code, reason) == WIDE[:2]
    assert message == WIDE[2].format(two=wide)
    keep(world, "Base", "tag:vip or tag:press", base)
    assert segments(world)[base]["revision"] == 2


# --- What is kept of a count ----------------------------------------------------------------------


def test_a_count_that_cannot_be_kept_keeps_no_answer_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = keep(world, "VIPs", "tag:vip")
    before = segments(world)
    for error in (Conflict("somebody else"), Transient("away")):

        def fail(_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(world.store, "commit", fail)
        counted(world.runner, one, 3, world.store.now())
    assert segments(world) == before


def test_a_count_beside_a_change_is_not_kept(world: World) -> None:
    """What was counted is another question by then."""
    one = keep(world, "VIPs", "tag:vip")
    at = world.store.now()
    commit = world.store.commit

    def beside(writes: Any) -> Any:
        world.store.commit = commit  # type: ignore[method-assign]
        keep(world, "VIPs", "tag:press", one)
        return commit(writes)

    world.store.commit = beside  # type: ignore[method-assign]
    counted(world.runner, one, 3, at)
    assert segments(world)[one]["lastCount"] is None
    assert segments(world)[one]["text"] == "tag:press"


@pytest.mark.parametrize(
    ("begun", "kept"), [(-1, None), (0, 3), (1, 3)], ids=["before", "at once", "after"]
)
def test_a_count_is_of_a_segment_as_it_was_when_the_counting_began(
    world: World, begun: int, kept: int | None
) -> None:
    one = keep(world, "VIPs", "tag:vip")
    saved = segments(world)[one]["updatedAt"]
    counted(world.runner, one, 3, saved + timedelta(microseconds=begun))
    assert segments(world)[one]["lastCount"] == kept


@pytest.mark.parametrize(("begun", "kept"), [(-1, 3), (0, 4), (1, 4)])
def test_of_two_counts_the_later_one_is_kept(world: World, begun: int, kept: int) -> None:
    one = keep(world, "VIPs", "tag:vip")
    at = world.store.now() + timedelta(hours=1)
    counted(world.runner, one, 3, at)
    counted(world.runner, one, 4, at + timedelta(microseconds=begun))
    assert segments(world)[one]["lastCount"] == kept


# --- Finding and listing --------------------------------------------------------------------------


def test_a_segment_is_found_by_its_id_or_else_by_its_name(world: World) -> None:
    one = keep(world, "VIPs", "tag:vip")
    two = keep(world, one, "tag:press")  # a name that is another one's id
    for reference, found in ((one, one), (two, two), ("vips", one), ("ＶＩＰｓ", one)):
        snapshot = find_segment(world.runner, reference)
        assert snapshot
        assert (snapshot.id, snapshot.fields) == (found, segments(world)[found])
    assert finder(world.runner)("VIPs") == parse_text("tag:vip")
    assert finder(world.runner)(two) == parse_text("tag:press")
    assert find_segment(world.runner, "nothing") is None
    assert finder(world.runner)("nothing") is None


def test_a_name_whose_segment_is_gone_finds_nothing(world: World) -> None:
    one = keep(world, "VIPs", "tag:vip")
    world.store.delete(f"crmSegments/{one}")
    assert find_segment(world.runner, "VIPs") is None


def test_a_list_shows_what_staff_may_see_and_where_it_goes_on(world: World) -> None:
    two, one = keep(world, "Two", "tag:b", about="Second"), keep(world, "one", "tag:a")

    def shown(segment_id: str) -> dict[str, Any]:
        data = segments(world)[segment_id]
        del data["nameKey"]
        return {"segmentId": segment_id, **data}

    pager = Pager(TOKENS, "staff", 50)
    both = {"segments": [shown(one), shown(two)], "nextPageToken": None}
    assert list_segments(world.store, pager) == both
    first: Any = list_segments(world.store, Pager(TOKENS, "staff", 1))
    assert first["segments"] == [shown(one)]
    rest = list_segments(world.store, Pager(TOKENS, "staff", 1, first["nextPageToken"]))
    assert rest == {"segments": [shown(two)], "nextPageToken": None}


def test_a_document_of_before_lists_without_a_history_and_as_its_first_revision(
    world: World,
) -> None:
    one = keep(world, "VIPs", "tag:vip")
    data = segments(world)[one]
    world.store.put(
        f"crmSegments/{one}",
        {key: value for key, value in data.items() if key not in {"counts", "revision"}},
    )
    page: Any = list_segments(world.store, Pager(TOKENS, "staff", 50))
    (listed,) = page["segments"]
    assert (listed["counts"], listed["revision"]) == ([], 1)
