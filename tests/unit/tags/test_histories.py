"""Tags after any history: counts are a recount's, and a death anywhere changes no end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.core.roles import Role
from crm.customers.facets import facets
from crm.db.collections import JOBS, MERGES, SEGMENTS, TAGS
from crm.entrypoints.job_kinds import KINDS
from crm.jobs import control as job_control
from crm.jobs import housekeeping
from crm.jobs import run as jobs
from crm.segments.language.text import parse
from crm.segments.saved import save
from crm.segments.saved_plan import Definition
from crm.tags import jobs as tag_jobs
from crm.tags import plan as tag_plan
from crm.tags import tagging
from testing.enough import until_enough
from tests.support.tagging import Shop

NAMES = "abcdef"
TAGS_USED = ("t", "u", "v")
DONE: Counter[str] = Counter()
"""What the histories really did."""


@pytest.fixture(autouse=True)
def small_steps() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tag_jobs, "PAGE", 2)
        patch.setattr(tagging, "INLINE_STEPS", 1)
        yield


# The same end as a few sets


class Model:
    """The shop's tags in a few dictionaries: who has what, and what an undo gives back."""

    def __init__(self) -> None:
        self.tags: dict[str, set[str]] = {name: set() for name in NAMES}
        self.home = {name: name for name in NAMES}
        self.catalogue: set[str] = set()
        self.merges: list[tuple[str, str, str, set[str], set[str], dict[str, str]]] = []

    def tag(self, name: str, add: set[str], remove: set[str]) -> None:
        own = self.tags[self.home[name]]
        self.catalogue |= add
        own -= remove
        own |= add

    def tag_segment(self, having: str, add: set[str], remove: set[str]) -> None:
        self.catalogue |= add
        for own in self.tags.values():
            if having in own:
                own -= remove
                own |= add

    def end(self, old: str, new: str | None) -> None:
        self.catalogue.discard(old)
        self.catalogue |= {new} if new else set()
        # What an undo gives back to customers who have the tag now.
        known = [one for one in self.merges if old in self.tags[self.home[one[1]]]]
        records = [side for one in known for side in one[3:5]]
        for own in [*self.tags.values(), *records]:
            if old in own:
                own.discard(old)
                own |= {new} if new else set()

    def merge(self, merge_id: str, source: str, target: str) -> None:
        a, b = self.home[source], self.home[target]
        before = dict(self.home)
        self.merges.append((merge_id, a, b, set(self.tags[a]), set(self.tags[b]), before))
        self.tags[b] |= self.tags.pop(a)
        self.home = {name: b if home == a else home for name, home in self.home.items()}

    def unmerge(self) -> str:
        merge_id, a, b, had_a, had_b, before = self.merges.pop()
        now = self.tags[b]
        self.tags[a] = had_a & now
        self.tags[b] = now - (had_a - had_b)
        self.home = before
        return merge_id


NAME = st.sampled_from(NAMES)
TAG = st.sampled_from(TAGS_USED)
SOME = st.sets(TAG, max_size=2)
CHANGE = st.tuples(SOME, SOME).filter(lambda one: bool(one[0] | one[1]) and not one[0] & one[1])
ACTION = st.one_of(
    st.tuples(st.just("tag"), st.sets(NAME, min_size=1, max_size=4), CHANGE),
    st.tuples(st.just("segment"), TAG, CHANGE),
    st.tuples(st.just("rename"), TAG, TAG),
    st.tuples(st.just("delete"), TAG, st.none()),
    st.tuples(st.just("merge"), NAME, NAME),
    st.tuples(st.just("unmerge"), st.none(), st.none()),
)
CONTROL = st.tuples(st.sampled_from(["cancel", "retry"]), st.integers(0, 99), st.none())
"""Of some job that there is."""

Action = tuple[str, Any, Any]


def act(shop: Shop, action: Action, merges: list[str]) -> None:
    kind, one, two = action
    try:
        match kind:
            case "tag":
                shop.tag("".join(sorted(one)), add=two[0], remove=two[1])
            case "segment":
                shop.tag_segment({"tag": one}, add=two[0], remove=two[1])
            case "rename":
                shop.rename(one, two)
            case "delete":
                shop.delete(one)
            case "merge":
                merges.append(shop.merge(one, two))
            case "unmerge" if merges:
                shop.unmerge(merges.pop())
            case "cancel" | "retry" if found := sorted(shop.store.all(JOBS)):
                control(shop, kind, found[one % len(found)])
            case _:
                return
    except Refusal as refusal:
        DONE[f"refused {refusal.reason}"] += 1
        return
    DONE[kind] += 1


def control(shop: Shop, kind: str, job_id: str) -> None:
    if kind == "cancel":
        job_control.cancel(shop.runner, KINDS, Role.EDITOR, job_id)
    else:
        job_control.retry(shop.runner, shop.queue.append, KINDS, Role.EDITOR, job_id)


def model_act(model: Model, shop: Shop, action: Action) -> None:
    kind, one, two = action
    if kind == "tag":
        shop.tag("".join(sorted(one)), add=two[0], remove=two[1])
        for name in one:
            model.tag(name, *two)
    elif kind == "segment":
        shop.tag_segment({"tag": one}, add=two[0], remove=two[1])
        model.tag_segment(one, *two)
    elif kind in ("rename", "delete"):
        if one in model.catalogue and one != two:
            model.end(one, two)
            shop.rename(one, two) if two else shop.delete(one)
    elif kind == "merge":
        if model.home[one] != model.home[two]:
            model.merge(shop.merge(one, two), one, two)
    elif model.merges:
        shop.unmerge(model.unmerge())
    shop.work()


def recount(shop: Shop) -> dict[str, int]:
    """Count from the customers, and so see tags that are missing in the catalogue."""
    counts = Counter(tag for customer in shop.customers() for tag in customer["tags"])
    return {tag: counts[tag] for tag in {*counts, *shop.store.all(TAGS)}}


def counted(shop: Shop) -> dict[str, int]:
    return {tag: count for tag, (_, count) in shop.listed(2).items()}


@given(st.lists(ACTION, max_size=12))
def test_a_history_ends_as_sets_say(actions: list[Action]) -> None:
    shop, model = Shop(NAMES), Model()
    for action in actions:
        model_act(model, shop, action)
        assert {name: set(shop.tags(name)) for name in NAMES} == {
            name: model.tags[model.home[name]] for name in NAMES
        }
        assert {*shop.store.all(TAGS)} == model.catalogue
        for customer in shop.customers():
            assert customer["facets"] == facets(customer)
        assert counted(shop) == recount(shop)


# Beside each other

SOME_ACTION = st.one_of(ACTION, ACTION, CONTROL)
BESIDE = st.lists(st.tuples(SOME_ACTION, st.integers(0, 12), SOME_ACTION), min_size=2, max_size=8)


FLOORS = {
    **dict.fromkeys(
        ["tag", "segment", "rename", "delete", "merge", "unmerge", "cancel", "retry"], 10
    ),
    "worker in between": 10,
    "done": 100,
    "refused tag-busy": 10,
}
"""How often each must really have happened."""


def test_counts_are_right_whatever_happens_at_once() -> None:
    """An action meets another one, or a worker, between any two of its remote calls."""

    @settings(max_examples=120, database=None)
    @given(BESIDE, st.randoms(use_true_random=False))
    def check(actions: list[tuple[Action, int, Action]], chance: Any) -> None:
        beside(actions, chance)

    DONE.clear()
    until_enough(lambda number: seed(number)(check)(), DONE, FLOORS)


def beside(actions: list[tuple[Action, int, Action]], chance: Any) -> None:
    shop = Shop(NAMES)
    shop.tag(NAMES, add=TAGS_USED)
    merges: list[str] = []
    for first, moment, second in actions:
        calls = 0

        def pause(moment: int = moment, second: Action = second) -> None:
            nonlocal calls
            calls += 1
            if calls == moment:
                act(shop, second, merges)
                if shop.queue and chance.random() < 0.5:
                    jobs.run(shop.runner, KINDS, chance.choice(shop.queue), 60, steps=1)
                    DONE["worker in between"] += 1

        shop.store.pause = pause
        act(shop, first, merges)
        shop.store.pause = lambda: None
        assert counted(shop) == recount(shop)
    chance.shuffle(shop.queue)
    shop.work()
    for job_id in sorted(shop.store.all(JOBS)):  # what was cancelled, or failed beside a rename
        with suppress(Refusal):
            control(shop, "retry", job_id)
        shop.work()
    assert counted(shop) == recount(shop)
    assert shop.wrong() == []
    for row in shop.store.all(TAGS).values():
        assert (row["state"], row["jobId"]) == (None, None)
    DONE.update(job["state"] for job in shop.store.all(JOBS).values())


# A death at every remote call


class Killed(BaseException):
    """The end of a process: nothing in it gets to see it."""


def prepared() -> Shop:
    """Five with `t`, some merged, a saved segment that names it."""
    shop = Shop("abcdefg")
    shop.tag("abcde", add=["t"])
    shop.tag("aef", add=["u"])
    shop.merge("a", "b")
    shop.merge("b", "c")
    save(shop.runner, Definition("Mine", parse("tag:t")))
    return shop


def end_of(shop: Shop) -> dict[str, object]:
    return {
        "customers": {one["id"]: one["tags"] for one in shop.customers()},
        "catalogue": shop.listed(),
        "marks": [(row["state"], row["jobId"]) for row in shop.store.all(TAGS).values()],
        "records": [
            (one["source"]["tags"], one["target"]["tags"])
            for one in shop.store.all(MERGES).values()
        ],
        "saved": [one["text"] for one in shop.store.all(SEGMENTS).values()],
    }


LONG: dict[str, Callable[[Shop], object]] = {
    "tag": lambda shop: shop.tag("defg", add=["x"], remove=["u"]),
    "segment": lambda shop: shop.tag_segment("tag:t or tag:u", add=["x"], remove=["u"]),
    "rename": lambda shop: shop.rename("t", "New"),
    "unite": lambda shop: shop.rename("t", "u"),
    "delete": lambda shop: shop.delete("t"),
}


def finish(shop: Shop) -> None:
    """What the queue does, and the sweep for jobs that never came to it."""
    shop.work()
    shop.queue += housekeeping.stale(shop.store, shop.store.now() + 2 * housekeeping.STALE)
    shop.work()


@pytest.mark.parametrize("name", LONG)
def test_a_death_at_any_remote_call_changes_no_end(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "tag":
        monkeypatch.setattr(tag_plan, "COMMIT_BYTES", 1)
    expected = prepared()
    LONG[name](expected)
    finish(expected)
    deaths = 0
    for kill_at in range(1, 500):
        shop = prepared()
        calls = 0

        def pause(shop: Shop = shop, kill_at: int = kill_at) -> None:
            nonlocal calls
            calls += 1
            if calls == kill_at:
                raise Killed

        shop.store.pause = pause
        queued: list[str] = []
        try:
            LONG[name](shop)
            queued = list(shop.queue)
            shop.work()
        except Killed:
            deaths += 1
        shop.store.pause = lambda: None
        shop.queue += queued  # a task whose worker died is delivered again
        finish(shop)
        if calls < kill_at:
            break
        results = [one["result"] for one in shop.store.all(JOBS).values()]
        again(shop, name)
        finish(shop)
        assert end_of(shop) == end_of(expected), kill_at
        if results:
            (whole,) = [one["result"] for one in expected.store.all(JOBS).values()]
            assert results == [whole], kill_at
    assert deaths > 10


def again(shop: Shop, name: str) -> None:
    """The caller who got no answer calls again."""
    try:
        LONG[name](shop)
    except Refusal as refusal:
        assert refusal.reason == "no-such-tag"  # done already
