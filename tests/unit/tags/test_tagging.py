"""Tagging by ids and by segments, renaming, deleting, listing: case by case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Refusal, Transient
from crm.customers.limits import MAX_TAGS
from crm.db.collections import AUDIT, JOBS, MERGES, SEGMENTS, TAGS
from crm.jobs import run as jobs
from crm.segments.language.text import parse, to_text
from crm.segments.saved import save
from crm.segments.saved_plan import Definition
from crm.tags import jobs as tag_jobs
from crm.tags import plan as tag_plan
from crm.tags import tagging
from crm.tags.plan import Change, change_of
from testing.hosts import order, user
from tests.support.tagging import Shop


def refusal(act: Callable[[], object]) -> tuple[str, str, str]:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code, refused.value.reason, refused.value.message


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two customers a step, one step in the call."""
    monkeypatch.setattr(tag_jobs, "PAGE", 2)
    monkeypatch.setattr(tagging, "INLINE_STEPS", 1)


# By ids


def test_tags_are_added_and_removed() -> None:
    shop = Shop()
    done = {"updated": 2, "unchanged": 0, "full": 0, "notFound": []}
    assert shop.tag("ab", add=["VIP", "Event: DevOps"]) == done
    assert shop.tags("a") == shop.tags("b") == ["event:-devops", "vip"]
    assert shop.tags("c") == []
    assert shop.tag("ab", add=["new"], remove=["vip"])["updated"] == 2
    assert shop.tags("a") == ["event:-devops", "new"]
    assert shop.wrong() == []


def test_the_same_again_changes_and_records_nothing() -> None:
    shop = Shop()
    shop.tag("ab", add=["vip"])
    writes = shop.store.writes
    assert shop.tag("ab", add=["VIP"]) == {
        "updated": 0,
        "unchanged": 2,
        "full": 0,
        "notFound": [],
    }
    assert shop.tag("c", remove=["vip", "never"])["unchanged"] == 1
    assert shop.store.writes == writes


def test_the_first_label_is_kept() -> None:
    shop = Shop()
    shop.tag("a", add=["Big Spender", "big spender"])
    shop.tag("b", add=["BIG-SPENDER"])
    assert shop.listed() == {"big-spender": ("Big Spender", 2)}


def test_ids_that_were_merged_lead_to_the_survivor_and_count_once() -> None:
    shop = Shop()
    ids = shop.ids("abc")
    shop.merge("a", "b")
    change = change_of(["vip"], [])
    answer = tagging.tag_customers(shop.runner, [*ids, "nobody", ids[0]], change)
    assert answer == {"updated": 2, "unchanged": 0, "full": 0, "notFound": ["nobody"]}
    assert shop.tags("a") == shop.tags("c") == ["vip"]


def test_nobody_found_makes_no_tag() -> None:
    shop = Shop()
    answer = tagging.tag_customers(shop.runner, ["x", "y"], change_of(["vip"], []))
    assert answer["notFound"] == ["x", "y"]
    assert shop.store.all(TAGS) == {}


def test_one_with_too_many_stops_all_before_anything_is_written() -> None:
    shop = Shop()
    shop.tag("b", add=[f"t{number}" for number in range(MAX_TAGS)])
    before = shop.store.writes
    code, reason, message = refusal(lambda: shop.tag("abc", add=["one more"]))
    assert (code, reason) == ("failed-precondition", "too-many-tags")
    assert shop.id("b") in message
    assert shop.id("a") not in message
    assert shop.store.writes == before
    # One more for one less is fine, and so is one that is there.
    assert shop.tag("b", add=["one more"], remove=["t0"])["updated"] == 1
    assert shop.tag("b", add=["t1"])["unchanged"] == 1


def test_customers_with_too_many_tags_between_them_do_not_merge() -> None:
    shop = Shop("ab")
    for name in "ab":
        shop.tag(name, add=["both", *(f"{name}{number}" for number in range(50))])
    code, reason, _ = refusal(lambda: shop.merge("a", "b"))
    assert (code, reason) == ("failed-precondition", "too-many-tags")
    shop.tag("a", remove=["a0"])
    shop.merge("a", "b")
    assert len(shop.tags("b")) == MAX_TAGS


def test_a_proof_does_not_unite_more_tags_than_one_customer_has() -> None:
    shop = Shop("a", trust="auth")
    guest = shop.id("a")
    shop.tag("a", add=[f"a{number}" for number in range(60)])
    shop.verified["u1"] = None
    shop.put_user("u1", user("a@example.com"))
    shop.put_order("o-u", order(None, userId="u1"))
    member = shop.with_uid("u1")["id"]
    change = change_of([f"b{number}" for number in range(60)], [])
    tagging.tag_customers(shop.runner, [member], change)
    shop.verified["u1"] = "a@example.com"
    shop.sync.sync_user("u1")
    assert {one["id"] for one in shop.customers()} == {guest, member}
    tagging.tag_customers(shop.runner, [guest], change_of([], [f"a{n}" for n in range(20)]))
    shop.sync.sync_user("u1")
    assert [one["id"] for one in shop.customers()] == [member]
    assert len(shop.the_customer()["tags"]) == MAX_TAGS


def test_what_does_not_fit_one_commit_goes_into_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_plan, "COMMIT_BYTES", 1)
    shop = Shop("abcd")
    assert shop.tag("abcd", add=["vip"])["updated"] == 4
    assert shop.listed() == {"vip": ("vip", 4)}
    assert len(shop.store.all(AUDIT)) == 4


def test_a_change_is_recorded_without_its_words() -> None:
    shop = Shop()
    shop.tag("ab", add=["friend of Anna"])
    (entry,) = shop.store.all(AUDIT).values()
    assert entry["action"] == "customer.tag"
    assert sorted(entry["customers"]) == sorted(shop.ids("ab"))
    (key,) = {*entry["facts"]} - {"added", "removed", "job"}
    assert key == "addedTags"
    assert (entry["facts"]["added"], entry["facts"]["removed"], entry["facts"]["job"]) == (
        1,
        0,
        None,
    )
    assert "nna" not in str(entry)


def test_a_tag_keeps_a_customer_and_the_last_one_lets_it_go() -> None:
    shop = Shop("ab")
    customer_id = shop.id("a")
    shop.tag("a", add=["vip"])
    shop.delete_order("o-a")
    assert shop.tags("a") == ["vip"]
    assert shop.tag("a", remove=["vip"])["updated"] == 1
    assert customer_id not in shop.store.all("customers")
    assert shop.wrong() == []


def test_the_same_tag_in_add_and_remove_is_refused() -> None:
    code, reason, _ = refusal(lambda: change_of(["VIP"], ["vip"]))
    assert (code, reason) == ("invalid-argument", "tag-twice")


def test_a_change_is_sorted_and_without_doubles() -> None:
    change = Change({"b": "B", "a": "A"}, frozenset({"c"}))
    assert change.of(["c", "b", "z"]) == ("a", "b", "z")


# By a segment


def test_few_are_tagged_at_once() -> None:
    shop = Shop()
    shop.tag("a", add=["old"])
    answer = shop.tag_segment("not tag:old", add=["new"])
    assert answer == {"updated": 2, "unchanged": 0, "full": 0, "notFound": []}
    assert shop.queue == []
    assert shop.listed() == {"new": ("new", 2), "old": ("old", 1)}


@pytest.mark.usefixtures("small_steps")
def test_many_are_left_to_a_job() -> None:
    shop = Shop("abcdefg")
    shop.tag("ab", add=["x"])
    answer = shop.tag_segment({"not": {"tag": "x"}}, add=["x", "y"])
    assert list(answer) == ["jobId"]
    assert shop.queue == [answer["jobId"]]
    shop.work()
    job = shop.job(answer["jobId"])
    assert (job["state"], job["result"]) == ("done", {"updated": 5, "unchanged": 0, "full": 0})
    assert job["done"] == 5
    assert shop.listed() == {"x": ("x", 7), "y": ("y", 5)}


@pytest.mark.usefixtures("small_steps")
def test_a_job_leaves_the_full_alone_and_counts_them() -> None:
    shop = Shop("abcde")
    shop.tag("c", add=[f"t{number}" for number in range(MAX_TAGS)])
    answer = shop.tag_segment("everyone", add=["x"])
    shop.work()
    assert shop.job(answer["jobId"])["result"] == {"updated": 4, "unchanged": 0, "full": 1}
    assert len(shop.tags("c")) == MAX_TAGS


@pytest.mark.usefixtures("small_steps")
def test_a_job_goes_on_behind_what_fitted_one_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_plan, "COMMIT_BYTES", 1)
    shop = Shop("abcde")
    answer = shop.tag_segment("everyone", add=["x"])
    shop.work()
    assert shop.job(answer["jobId"])["result"]["updated"] == 5


@pytest.mark.usefixtures("small_steps")
def test_who_leaves_the_segment_before_the_job_comes_by_is_left_alone() -> None:
    shop = Shop("abcdef")
    shop.tag("abcdef", add=["in"])
    answer = shop.tag_segment("tag:in", add=["x"])
    last = max("abcdef", key=shop.id)
    shop.tag(last, remove=["in"])
    shop.work()
    assert shop.tags(last) == []
    assert shop.job(answer["jobId"])["result"]["updated"] == 5


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("act", ["delete", "rename"])
def test_a_tag_that_goes_while_a_job_gives_it_ends_the_job(act: str) -> None:
    shop = Shop("abcdef")
    answer = shop.tag_segment("everyone", add=["x"])
    ended = shop.delete("x") if act == "delete" else shop.rename("x", "y")
    shop.queue.reverse()  # the deletion's worker comes first
    shop.work()
    assert shop.job(ended["jobId"])["state"] == "done"
    job = shop.job(answer["jobId"])
    assert (job["state"], job["error"]) == ("failed", "tag-gone")
    assert "x" not in shop.listed()


def test_a_job_is_dropped_of_its_words_when_it_is_over() -> None:
    shop = Shop()
    shop.tag_segment('email_domain:example.com and not tag:"friend of anna"', add=["Anna"])
    (job,) = shop.store.all(JOBS).values()
    assert "nna" not in str(job)
    assert "example.com" not in str(job)


def test_a_segment_that_nobody_is_in_leaves_an_empty_tag() -> None:
    shop = Shop()
    assert shop.tag_segment("tag:none", add=["x"])["updated"] == 0
    assert shop.listed() == {"x": ("x", 0)}


def test_a_queue_that_is_away_still_answers_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_jobs, "PAGE", 2)
    monkeypatch.setattr(tagging, "INLINE_STEPS", 1)
    shop = Shop()

    def away(_job_id: str) -> None:
        raise Transient("away")

    change = change_of(["x"], [])
    answer = tagging.tag_segment(shop.runner, away, parse("everyone"), change)
    assert shop.job(answer["jobId"])["state"] == "running"


# Renaming and deleting


def test_a_tag_is_renamed() -> None:
    shop = Shop()
    shop.tag("ab", add=["Old", "z"])
    made = shop.store.all(TAGS)["old"]["createdAt"]
    assert shop.rename("OLD", "New One") == {"updated": 2}
    assert shop.tags("a") == ["new-one", "z"]
    assert shop.listed() == {"new-one": ("New One", 2), "z": ("z", 2)}
    row = shop.store.all(TAGS)["new-one"]
    assert (row["createdAt"], row["state"], row["jobId"]) == (made, None, None)


def test_renaming_onto_a_tag_makes_them_one() -> None:
    shop = Shop()
    shop.tag("ab", add=["x"])
    shop.tag("bc", add=["Y y"])
    assert shop.rename("x", "y Y") == {"updated": 2}
    assert shop.listed() == {"y-y": ("Y y", 3)}


def test_another_spelling_changes_the_label_alone() -> None:
    shop = Shop()
    shop.tag("ab", add=["vip"])
    before = shop.store.all("customers")
    assert shop.rename("vip", "VIP") == {"updated": 0}
    assert shop.listed() == {"vip": ("VIP", 2)}
    writes = shop.store.writes
    assert shop.rename("vip", "VIP") == {"updated": 0}
    assert shop.store.writes == writes
    assert shop.store.all("customers") == before


def test_a_tag_is_deleted_with_customers_who_are_nothing_else() -> None:
    shop = Shop()
    shop.tag("ab", add=["x"])
    shop.delete_order("o-a")
    assert shop.delete("x") == {"updated": 2}
    assert shop.listed() == {}
    assert len(shop.customers()) == 2
    assert shop.wrong() == []


@pytest.mark.parametrize("act", [lambda s: s.rename("x", "y"), lambda s: s.delete("x")])
def test_a_tag_that_is_not_there(act: Callable[[Shop], object]) -> None:
    shop = Shop()
    assert refusal(lambda: act(shop))[:2] == ("not-found", "no-such-tag")
    assert refusal(lambda: shop.rename("x", "X"))[:2] == ("not-found", "no-such-tag")
    assert shop.store.all(JOBS) == {}


@pytest.mark.usefixtures("small_steps")
def test_a_tag_that_a_job_has_in_hand_is_left_alone() -> None:
    shop = Shop("abcdef")
    shop.tag("abcdef", add=["x", "z"])
    job_id = shop.rename("x", "y")["jobId"]
    busy: list[Callable[[], object]] = [
        lambda: shop.tag("a", add=["x"]),
        lambda: shop.tag_segment("everyone", add=["x"]),
        lambda: shop.rename("x", "w"),
        lambda: shop.rename("x", "X"),
        lambda: shop.delete("x"),
        lambda: shop.rename("y", "w"),
        lambda: shop.rename("z", "x"),
        lambda: shop.rename("z", "y"),
        lambda: shop.delete("y"),
    ]
    for act in busy:
        code, reason, message = refusal(act)
        assert (code, reason) == ("failed-precondition", "tag-busy")
        assert str(job_id) in message
    # Taking it away, giving the new one and asking the same again are fine.
    shop.tag("a", remove=["x"], add=["y"])
    assert shop.rename("x", "y") == {"jobId": job_id}
    shop.work()
    assert shop.job(job_id)["state"] == "done"
    assert shop.listed() == {"y": ("y", 6), "z": ("z", 6)}
    assert shop.tag("a", add=["x"])["updated"] == 1


@pytest.mark.usefixtures("small_steps")
def test_a_job_that_failed_holds_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop("abcdef")
    shop.tag("abcdef", add=["x"])
    job_id = str(shop.rename("x", "y")["jobId"])

    def broken(_runner: object, _job: object) -> Any:
        raise KeyError

    kinds = {tag_jobs.RENAME: replace(tag_jobs.KINDS[tag_jobs.RENAME], step=broken)}
    jobs.run(shop.runner, kinds, job_id, 1)
    assert shop.job(job_id)["state"] == "failed"
    shop.queue.clear()
    again = shop.rename("x", "y")["jobId"]
    assert again != job_id
    shop.work()
    assert shop.listed() == {"y": ("y", 6)}


def test_a_renamed_tag_comes_back_right_when_merges_are_undone() -> None:
    shop = Shop("abc")
    shop.tag("a", add=["x"])
    shop.tag("b", add=["x", "both"])
    shop.tag("c", add=["c"])
    first = shop.merge("a", "b")
    second = shop.merge("b", "c")
    shop.rename("x", "y")
    shop.delete("both")
    for record in shop.store.all(MERGES).values():
        assert "x" not in record["source"]["tags"] + record["target"]["tags"]
        assert "both" not in record["source"]["tags"] + record["target"]["tags"]
    shop.unmerge(second)
    assert (shop.tags("b"), shop.tags("c")) == (["y"], ["c"])
    shop.unmerge(first)
    assert (shop.tags("a"), shop.tags("b")) == (["y"], ["y"])
    assert shop.listed() == {"c": ("c", 1), "y": ("y", 2)}


def test_saved_segments_follow_a_renamed_tag() -> None:
    shop = Shop("abc")
    shop.tag("a", add=["x"])
    node = parse("tag:x and not (tag:other or tag:x and registered)")
    saved, _ = save(shop.runner, Definition("Mine", node))
    other, _ = save(shop.runner, Definition("Other", parse("tag:other")))
    before = shop.store.all(SEGMENTS)[other]
    shop.rename("x", "New one")
    row = shop.store.all(SEGMENTS)[saved]
    expected = parse("tag:new-one and not (tag:other or tag:new-one and registered)")
    assert parse(row["segment"]) == parse(row["text"]) == expected
    assert row["text"] == to_text(expected)
    assert shop.store.all(SEGMENTS)[other] == before


# The list


def test_the_list_comes_in_pages() -> None:
    shop = Shop()
    names = [f"t{number}" for number in range(7)]
    shop.tag("ab", add=names)
    for size in (1, 3, 7, 50):
        assert shop.listed(size) == {name: (name, 2) for name in names}


def test_a_tag_that_nobody_has_any_more_stays_with_none() -> None:
    shop = Shop()
    shop.tag("a", add=["x"])
    shop.tag("a", remove=["x"])
    assert shop.listed() == {"x": ("x", 0)}
