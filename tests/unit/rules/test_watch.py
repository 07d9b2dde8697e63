"""Who enters, and who does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Transient
from crm.db.documents import Create
from crm.repair.begun import attend_begun
from crm.repair.rebuild import rebuild
from crm.repair.sweep import sweep
from crm.rules.watch import AGAIN, KEPT, BookWatch
from crm.sync.sync import Sync
from crm.tags import tagging
from crm.tags.plan import change_of
from testing.hosts import item, order, user
from tests.support.ruled import Ruled


def shop(**said: Any) -> Ruled:
    world = Ruled()
    world.rule_saved = world.save(**said)  # type: ignore[attr-defined]
    return world


def test_who_enters_by_an_order_has_a_row_in_the_same_commit() -> None:
    world = shop()
    world.buy("ada", 99)
    assert world.rows() == []
    commits: list[list[str]] = []
    commit = world.store.commit
    world.store.commit = lambda writes: commits.append([w.path for w in writes]) or commit(writes)  # type: ignore[method-assign,func-returns-value]
    world.buy("ada", 1)
    (row,) = world.rows()
    assert row["customerId"] == world.id("ada")
    (by,) = [paths for paths in commits if any(path.startswith("crmOutbox/") for path in paths)]
    assert f"customers/{world.id('ada')}" in by


def test_who_belongs_already_does_not_enter() -> None:
    world = Ruled()
    world.buy("ada", 150)
    world.save()
    world.buy("ada", 10)
    world.buy("ada", 200)
    assert world.rows() == []


def test_who_leaves_and_comes_back_enters_again() -> None:
    world = shop()
    world.put_order("o", order("ada@example.com", total=150))
    world.put_order("o", order("ada@example.com", total=150, refunded=100))
    world.put_order("o", order("ada@example.com", total=150))
    assert len(world.rows()) == 2


@pytest.mark.parametrize("said", [{"on": False}, {"when": {"sinceLastOrder": {"days": 3}}}])
def test_a_rule_that_is_off_or_waits_for_time_sees_nobody(said: dict[str, Any]) -> None:
    world = shop(**said)
    world.buy("ada")
    assert world.rows() == []


def test_who_subscribes_enters() -> None:
    world = shop(when={"subscribed": True})
    world.buy("ada")
    world.buy("bob", marketingOptIn=True)
    assert [row["customerId"] for row in world.rows()] == [world.id("bob")]
    world.consent("ada", "subscribed")
    assert {row["customerId"] for row in world.rows()} == {world.id("ada"), world.id("bob")}


def test_who_is_tagged_one_by_one_or_in_a_segment_enters() -> None:
    world = shop(when={"enters": "tag:press"}, then={"addTags": ["Friend"]})
    for name in "abc":
        world.buy(name)
    world.tag("a", ["Press"])
    assert len(world.rows()) == 1
    tagging.tag_segment(world.seen, world.queue.append, _everyone(), change_of(["Press"], []))
    world.work()
    assert sorted(row["customerId"] for row in world.rows()) == sorted(map(world.id, "abc"))


def test_a_tag_that_is_renamed_lets_nobody_enter() -> None:
    world = shop(when={"enters": "tag:press"}, then={"addTags": ["Friend"]})
    world.buy("ada")
    world.tag("ada", ["Media"])
    tagging.rename_tag(world.runner, world.queue.append, "media", "Press")
    world.work()
    assert world.tags("ada") == ["press"]
    assert world.rows() == []


def test_who_attends_an_event_that_begins_enters() -> None:
    world = shop(when={"enters": "attended:gala"})
    soon = world.store.now() + timedelta(hours=1)
    world.buy("ada", items=[item("gala", eventStartsAt=soon)])
    assert world.rows() == []
    world.store.wait(timedelta(hours=2))
    attend_begun(world.runner, watch=world.watch)
    assert len(world.rows()) == 1
    assert world.the_customer()["attendedEventIds"] == ["gala"]


def test_what_is_counted_anew_lets_nobody_enter() -> None:
    world = shop()
    for name in "abc":  # nothing heard of these
        world.store.put(f"orders/{name}", order(f"{name}@example.com", total=500))
    rebuild(world.runner, dry_run=False)
    assert len(world.customers()) == 3
    assert world.rows() == []


def test_what_a_sweep_mends_lets_nobody_enter() -> None:
    world = shop()
    for name in "abc":
        world.store.put(f"orders/{name}", order(f"{name}@example.com", total=500))
    sweep(world.runner, world.queue.append, watch=world.watch)
    assert len(world.customers()) == 3
    assert world.rows() == []


def test_what_is_imported_lets_nobody_enter() -> None:
    world = shop()
    for name in "abc":
        world.store.put(f"orders/{name}", order(f"{name}@example.com", total=500))
        Sync(world.runner).sync_order(name)
    assert world.rows() == []


def test_a_merge_and_its_undo_let_nobody_enter() -> None:
    world = shop(when={"enters": "total_spend >= 100 USD and order_count >= 2"})
    world.buy("ada", 60)
    world.buy("bob", 60)
    merged = world.merge("bob", "ada")
    assert world.the_customer()["totalSpend"] == {"USD": 12_000}
    world.unmerge(merged)
    assert world.rows() == []
    world.merge("bob", "ada")
    world.buy("ada", 10)
    assert world.rows() == []  # belonged already, by the merge


def test_a_proof_that_joins_two_customers_lets_nobody_enter() -> None:
    world = shop(when={"enters": "registered and total_spend >= 100 USD"})
    world.buy("ada", 150)
    world.put_order("u", order(None, userId="u1", total=5))
    world.put_user("u1", user("ada0@example.com"))
    assert world.rows() == []
    world.put_user("u1", user("ada@example.com"))
    assert len(world.customers()) == 1
    assert world.rows() == []


def test_a_defect_of_a_rule_keeps_no_order_back(caplog: pytest.LogCaptureFixture) -> None:
    world = shop()
    world.watch._awaited = ()
    world.watch._rules = lambda: [object()]  # type: ignore[method-assign,list-item]
    world.buy("ada")
    assert world.wrong() == []
    assert "rules did not see who entered: AttributeError at " in caplog.text


def test_the_book_is_read_once_a_minute_and_kept_while_nobody_answers() -> None:
    world = shop()
    now, reads = [0.0], [0]
    read = world.store.read

    def counted(paths: Any) -> Any:
        paths = list(paths)
        if paths == ["crmRules/book"]:
            reads[0] += 1
            if reads[0] in {2, 4}:
                raise Transient("nobody answers")
        return read(paths)

    watch = BookWatch(world.store, clock=lambda: now[0])
    world.store.read = counted  # type: ignore[method-assign]
    tx = world.runner.begin()
    customer = Create("customers/a", {"totalSpend": {"USD": 10_000}})

    def seen() -> int:
        return len(watch.adds(tx, [customer]))

    assert [seen(), seen(), reads[0]] == [1, 1, 1]
    now[0] = KEPT
    assert [seen(), seen(), reads[0]] == [1, 1, 2]  # it failed
    now[0] += AGAIN
    assert [seen(), seen(), reads[0]] == [1, 1, 3]
    watch.forget()
    assert [seen(), seen(), reads[0]] == [1, 1, 4]  # what was known is better than nothing


def test_before_the_book_was_ever_read_a_commit_waits_for_it() -> None:
    world = shop()
    read, left = world.store.read, [1]

    def away(paths: Any) -> Any:
        paths = list(paths)
        if paths == ["crmRules/book"] and left and left.pop():
            raise Transient("nobody answers")
        return read(paths)

    world.watch = BookWatch(world.store)
    world.sync = Sync(replace(world.runner, watch=world.watch))
    world.store.read = away  # type: ignore[method-assign]
    world.buy("ada")
    assert len(world.rows()) == 1


def test_where_nobody_is_changed_the_book_is_not_read() -> None:
    world = Ruled()
    before = world.store.reads
    assert world.watch.adds(world.runner.begin(), [Create("crmEvents/e", {})]) == []
    assert world.store.reads == before


def test_ten_rules_that_nobody_enters_cost_an_order_nothing() -> None:
    world = Ruled()
    for number in range(10):
        world.save(when={"enters": f"order_count >= {100 + number}"})
    plain = Ruled()
    for one in (world, plain):
        one.buy("ada")
        one.buy("ada")

    def bill(one: Ruled, runner: Any) -> tuple[int, int]:
        one.sync = Sync(runner)
        reads, writes = one.store.reads, one.store.writes
        one.buy("ada")
        return one.store.reads - reads, one.store.writes - writes

    bare = bill(plain, plain.runner)
    assert bill(world, world.seen) == bare
    world.watch.forget()
    assert bill(world, world.seen) == (bare[0] + 1, bare[1])
    world.save(when={"enters": "order_count >= 5"})
    assert bill(world, world.seen) == (bare[0] + 1, bare[1] + 1)


def test_a_change_that_is_made_again_adds_one_row() -> None:
    world = shop()
    world.seen = replace(world.seen)
    again = [True]
    commit = world.store.commit

    def lost(writes: Any) -> Any:
        done = commit(writes)
        if again.pop() if again else False:
            raise Transient("the answer was lost")
        return done

    world.store.commit = lost  # type: ignore[method-assign]
    world.buy("ada")
    assert len(world.rows()) == 1


def _everyone() -> Any:
    from crm.segments.language.ast import Everyone

    return Everyone()
