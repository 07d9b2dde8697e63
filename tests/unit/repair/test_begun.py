"""An event begins: whoever holds tickets attends it from then on, though nobody writes to them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.core.errors import Conflict, Transient
from crm.customers.lookup import get_customer
from crm.customers.reference import CustomerRef
from crm.db.collections import CUSTOMERS
from crm.db.documents import Write
from crm.db.retry import RetryPolicy
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from crm.repair import begun
from crm.repair.begun import attend_begun
from crm.repair.rebuild import rebuild
from crm.repair.sums import LATE
from crm.repair.sweep import sweep
from crm.repair.verify import verify
from crm.segments.engine.count import count
from crm.segments.language.text import parse
from testing.hosts import item, order, user
from testing.world import World
from tests.unit.privacy.test_erasure import ADA

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Hall(World):
    """A world in which time passes when the test says so."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.opens = self.store.now()

    def at(self, hours: float) -> datetime:
        return self.opens + hours * HOUR

    def pass_to(self, moment: datetime) -> None:
        self.store.wait(moment - self.store.now())

    def sell(self, order_id: str, *events: tuple[str, float | None], **fields: Any) -> None:
        items = [
            item(event, eventName=None, eventStartsAt=None if hours is None else self.at(hours))
            for event, hours in events
        ]
        self.put_order(order_id, order(**{"items": items, **fields}))

    def attended(self, email: str = "ada@example.com") -> list[str]:
        held: list[str] = self.with_email(email)["attendedEventIds"]
        return held

    def begin(self, **options: Any) -> int:
        """What the scheduler calls for; return how many were written."""
        report = attend_begun(self.runner, threads=2, **options)
        assert report.failed == []
        return report.mended[CUSTOMERS]

    def faults(self) -> list[str]:
        return [what for _, what in verify(self.runner)]

    def counted(self, segment: str) -> int:
        return count(self.store, parse(segment), self.store.now()).value


@pytest.fixture
def hall(monkeypatch: pytest.MonkeyPatch) -> Hall:
    monkeypatch.setattr(begun, "PAGE", 3)  # so that a few customers are several pages
    return Hall()


def test_an_event_to_come_is_attended_by_nobody_until_it_begins(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    assert hall.the_customer()["eventIds"] == ["gala"]
    assert hall.attended() == []
    hall.pass_to(hall.at(1.99))
    assert hall.begin() == 0
    assert hall.attended() == []
    hall.pass_to(hall.at(2) + timedelta(milliseconds=1))
    assert hall.begin() == 1
    assert hall.attended() == ["gala"]
    assert hall.wrong() == []
    assert hall.faults() == []


def test_segments_find_them_from_the_same_commit_on(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    assert (hall.counted("attended:gala"), hall.counted("has_ticket:gala")) == (0, 1)
    hall.pass_to(hall.at(3))
    commits: list[Sequence[Write]] = []
    commit = hall.store.commit
    hall.store.commit = lambda writes: (commits.append(writes), commit(writes))[1]  # type: ignore[method-assign,func-returns-value]
    hall.begin()
    assert [[write.path for write in writes] for writes in commits] == [
        [f"customers/{hall.the_customer()['id']}"]
    ]
    assert (hall.counted("attended:gala"), hall.counted("not attended:gala")) == (1, 0)


def test_of_several_events_each_has_its_start(hall: Hall) -> None:
    hall.sell("o", ("opening", 1), ("gala", 3), ("party", 3), ("undated", None))
    hall.sell("later", ("brunch", 9), day=1)
    assert hall.attended() == ["undated"]
    seen = []
    for hours in (0.5, 1.5, 2.5, 3.5, 8.5, 9.5, 99):
        hall.pass_to(hall.at(hours))
        seen.append((hall.begin(), hall.attended()))
    some = ["opening", "undated"]
    most = sorted([*some, "gala", "party"])
    every = sorted([*most, "brunch"])
    assert seen == [
        *[(0, ["undated"]), (1, some), (0, some)],
        *[(1, most), (0, most), (1, every), (0, every)],
    ]


def test_a_run_with_nobody_due_costs_one_read(hall: Hall) -> None:
    for number in range(9):
        hall.sell(f"o{number}", ("gala", 2), email=f"p{number}@example.com")
    reads, writes = hall.store.reads, hall.store.writes
    assert hall.begin() == 0
    assert (hall.store.reads - reads, hall.store.writes - writes) == (1, 0)
    hall.pass_to(hall.at(3))
    reads = hall.store.reads
    assert hall.begin() == 9
    # Of each customer one of both; an end of the last page.
    assert (hall.store.reads - reads, hall.store.writes - writes) == (10, 9)
    reads, writes = hall.store.reads, hall.store.writes
    assert hall.begin() == 0
    assert (hall.store.reads - reads, hall.store.writes - writes) == (1, 0)
    assert not hall.resync()


def test_the_sweep_does_it_too_and_then_is_quiet(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    hall.pass_to(hall.at(3))
    report = sweep(hall.runner, hall.queue.append, threads=2)
    assert report.mended == {CUSTOMERS: 1}
    assert hall.attended() == ["gala"]
    writes = hall.store.writes
    assert sweep(hall.runner, hall.queue.append, threads=2).mended == {}
    assert hall.store.writes == writes


def test_a_large_event_is_gone_through_in_steps_and_the_next_run_goes_on(hall: Hall) -> None:
    for number in range(30):
        hall.sell(f"o{number}", ("gala", 2), email=f"p{number}@example.com")
    hall.pass_to(hall.at(2.5))
    ticks = iter(range(10_000))
    runs = [hall.begin(seconds=15, clock=lambda: float(next(ticks)))]
    while runs[-1]:
        runs.append(hall.begin(seconds=15, clock=lambda: float(next(ticks))))
    assert sum(runs) == 30
    assert len(runs) > 3
    assert all(one["attendedEventIds"] == ["gala"] for one in hall.customers())


def test_who_waits_longest_is_first(hall: Hall) -> None:
    for number, hours in enumerate((5, 2, 4, 3)):
        hall.sell(f"o{number}", (f"e{hours}", hours), email=f"p{hours}@example.com")
    hall.pass_to(hall.at(9))
    ticks = iter(range(10_000))
    attend_begun(hall.runner, threads=1, seconds=4, clock=lambda: float(next(ticks)))
    attended = {one["attendedEventIds"][0] for one in hall.customers() if one["attendedEventIds"]}
    assert attended
    assert attended == {*sorted(["e2", "e3", "e4", "e5"])[: len(attended)]}


def test_one_that_cannot_be_written_is_named_and_the_rest_goes_on(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a page of them, in front: the run gets behind them, each time."""
    for number in range(9):
        hall.sell(f"o{number}", ("gala", 2 + number / 9), email=f"p{number}@example.com")
    ids = [hall.with_email(f"p{number}@example.com")["id"] for number in range(9)]
    for name in ids[:4]:
        data = hall.store.all(CUSTOMERS)[name]
        del data["parts"]
        hall.store.put(f"{CUSTOMERS}/{name}", data)
    hall.pass_to(hall.at(9))
    report = attend_begun(hall.runner, threads=2)
    assert {name for _, name, _ in report.failed} == {*ids[:4]}
    assert report.mended[CUSTOMERS] == 5
    assert report.finished


def test_a_field_that_is_no_time_stops_nobody_and_is_named_and_mended(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    hall.sell("p", ("gala", 2), email="bob@example.com")
    ada = hall.with_email("ada@example.com")
    hall.store.put(f"{CUSTOMERS}/{ada.pop('id')}", ada | {"nextStartAt": "tonight"})
    hall.pass_to(hall.at(3))
    assert hall.begin() == 1
    assert hall.attended("bob@example.com") == ["gala"]
    assert "nextStartAt is not what its parts say" in hall.faults()
    assert rebuild(hall.runner, threads=1).failed == []
    assert hall.attended() == ["gala"]
    assert hall.faults() == []


# --- Beside everything else ---


def test_any_other_write_after_the_start_does_it_as_well(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    hall.pass_to(hall.at(3))
    hall.sell("p", ("brunch", 9), day=1)
    assert hall.attended() == ["gala"]
    assert hall.begin() == 0


def test_a_start_that_is_moved(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    hall.sell("o", ("gala", 5))
    hall.pass_to(hall.at(3))
    assert (hall.begin(), hall.attended()) == (0, [])
    hall.pass_to(hall.at(6))
    assert (hall.begin(), hall.attended()) == (1, ["gala"])
    hall.sell("o", ("gala", 9))  # put off after all
    assert hall.attended() == []
    hall.sell("o", ("gala", None))
    assert hall.attended() == ["gala"]
    assert hall.the_customer()["nextStartAt"] is None
    assert hall.wrong() == []


def test_of_several_orders_the_newest_says_when(hall: Hall) -> None:
    hall.sell("new", ("gala", 5), day=9)
    hall.sell("old", ("gala", 2), day=1)
    hall.pass_to(hall.at(3))
    assert (hall.begin(), hall.attended()) == (0, [])
    hall.delete_order("new")
    assert hall.attended() == ["gala"]
    assert hall.wrong() == []


@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"items": []}])
def test_a_ticket_that_is_no_more_attends_nothing(hall: Hall, change: dict[str, Any]) -> None:
    hall.sell("o", ("gala", 2))
    hall.sell("o", ("gala", 2), **change)
    hall.pass_to(hall.at(3))
    assert (hall.begin(), hall.attended()) == (0, [])


def test_who_is_checked_in_attends_and_who_was_absent_does_not(hall: Hall) -> None:
    starts = hall.at(2)
    gala = [
        item("gala", eventStartsAt=starts, checkedIn=True),
        item("workshop", eventStartsAt=starts, checkedIn=0),
    ]
    hall.put_order("o", order(items=gala))
    assert hall.attended() == ["gala"]
    hall.pass_to(hall.at(3))
    assert (hall.begin(), hall.attended()) == (1, ["gala"])
    assert {"x:workshop", "c:gala"} <= hall.the_customer()["facets"].keys()
    assert hall.begin() == 0


def test_a_merge_and_its_undo_take_the_start_along(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    hall.sell("p", ("brunch", 5), email="bob@example.com")
    ada, bob = (hall.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob"))
    merged, _ = hall.runner.run(lambda tx: plan_merge(tx, ada, bob))
    hall.pass_to(hall.at(3))
    assert (hall.begin(), hall.attended()) == (1, ["gala"])
    assert merged.merge_id
    hall.runner.run(lambda tx: plan_unmerge(tx, merged.merge_id or ""))
    assert hall.attended("bob@example.com") == []
    hall.pass_to(hall.at(6))
    assert (hall.begin(), hall.attended("bob@example.com")) == (1, ["brunch"])
    assert hall.wrong() == []


def test_orders_that_are_linked_bring_their_start(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    hall.sell("p", ("brunch", 5), userId="u1", email="typed@example.com", day=1)
    hall.put_user("u1", user())
    hall.pass_to(hall.at(3))
    assert (hall.begin(), hall.attended()) == (1, ["gala"])


def test_an_erased_person_is_not_brought_back(hall: Hall) -> None:
    """Erased while the run is at it: between its query and its commit."""
    hall.sell("o", ("gala", 2))
    hall.pass_to(hall.at(3))
    find = hall.store.find

    def erased(query: Any) -> Any:
        found = find(query)
        hall.store.find = find  # type: ignore[method-assign]
        erase(hall.runner, hall.queue.append, ADA, reason="asked by letter")
        return found

    hall.store.find = erased  # type: ignore[method-assign]
    assert hall.begin() == 0
    hall.work()
    assert hall.customers() == []
    assert hall.begin() == 0


def test_beside_a_live_event_nothing_is_lost(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    hall.pass_to(hall.at(3))
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:  # read, and about to be committed
            hall.store.pause = lambda: None
            hall.sell("p", ("brunch", 9), total=7, day=1)

    hall.store.pause = pause
    hall.begin()
    assert hall.attended() == ["gala"]
    assert hall.the_customer()["totalSpend"] == {"USD": 5690}
    assert hall.wrong() == []


def test_whoever_dies_at_whatever_call_leaves_it_to_the_next(hall: Hall) -> None:
    for number in range(5):
        hall.sell(f"o{number}", ("gala", 2), email=f"p{number}@example.com")
    hall.pass_to(hall.at(3))
    start = dict(hall.store._kept)

    class Death(BaseException):
        pass

    for fatal in range(1, 99):
        hall.store._kept = dict(start)
        calls = 0

        def pause() -> None:
            nonlocal calls
            calls += 1
            if calls == fatal:
                raise Death

        hall.store.pause = pause
        try:
            attend_begun(hall.runner, threads=1)
            break
        except Death:
            hall.store.pause = lambda: None
            hall.begin()
            assert all(one["attendedEventIds"] == ["gala"] for one in hall.customers())
            assert hall.wrong() == []
    assert fatal > 10
    hall.store.pause = lambda: None


def test_a_database_that_is_away_for_a_commit_is_asked_again(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.sell("o", ("gala", 2))
    hall.pass_to(hall.at(3))
    commit, errors = hall.store.commit, iter([Transient("away"), Conflict("x"), None])

    def flaky(writes: Any) -> None:
        error = next(errors)
        if error is not None:
            if isinstance(error, Transient):
                commit(writes)  # and its answer is lost
            raise error
        commit(writes)

    monkeypatch.setattr(hall.store, "commit", flaky)
    hall.begin()
    assert hall.attended() == ["gala"]


def test_a_database_that_does_not_answer_is_an_error(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_query: object) -> Any:
        raise Transient("away")

    monkeypatch.setattr(hall.store, "find", away)
    hall.runner = replace(hall.runner, retry=RetryPolicy(seconds=0))
    with pytest.raises(Transient):
        attend_begun(hall.runner)


def test_nobody_acted_so_the_audit_trail_says_nothing(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    hall.pass_to(hall.at(3))
    hall.begin()
    assert hall.store.all("crmAudit") == {}


def test_the_field_is_in_no_answer(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    answer: Any = get_customer(hall.runner, CustomerRef("email", "ada@example.com"))
    assert "nextStartAt" not in answer["customer"]
    assert answer["customer"]["attendedEventIds"] == []


# --- What repair says of it ---


def test_verify_waits_ten_minutes_and_then_names_whom_nobody_wrote(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    hall.pass_to(hall.at(2) + LATE - MINUTE)
    assert hall.faults() == []
    assert hall.wrong() == []
    writes = hall.store.writes
    assert rebuild(hall.runner, threads=1).changed.total() == 0
    assert hall.store.writes == writes, "the next sweep is in time"
    hall.pass_to(hall.at(2) + LATE + MINUTE)
    assert hall.faults() == ["an event has begun, and it is not said to have attended it"]
    assert hall.wrong() != []
    dry = rebuild(hall.runner, dry_run=True, threads=1)
    assert [*dry.drift.values()] == [{"attendedEventIds"}]
    assert rebuild(hall.runner, threads=1).changed.total() == 1
    assert hall.attended() == ["gala"]
    assert hall.faults() == []
    assert rebuild(hall.runner, threads=1).changed.total() == 0


def test_a_long_check_judges_by_the_moment_that_it_reads(hall: Hall) -> None:
    hall.sell("o", ("gala", 2))
    frozen = hall.store.at()
    hall.pass_to(hall.at(9))
    hall.store.at = lambda moment=None: frozen  # type: ignore[method-assign]
    assert hall.faults() == []


def test_customers_of_an_earlier_version_are_named_and_mended(hall: Hall) -> None:
    """They lack the field, and attended whatever they hold a ticket of."""
    hall.sell("o", ("gala", 2), ("party", 1))
    hall.sell("p", ("undated", None), email="bob@example.com")
    for one in hall.customers():
        customer_id = one.pop("id")
        del one["nextStartAt"]
        one["attendedEventIds"] = one["eventIds"]
        one["facets"] |= {f"a:{event}": True for event in one["eventIds"]}
        hall.store.put(f"{CUSTOMERS}/{customer_id}", one)
    hall.pass_to(hall.at(1.1))
    assert {what.split()[0] for what in hall.faults()} == {
        "attendedEventIds",
        "facets",
        "nextStartAt",
    }
    assert len({path for path, _ in verify(hall.runner)}) == 1, "of who has none nothing changes"
    rebuild(hall.runner, threads=1)
    assert hall.attended() == ["party"]
    assert hall.faults() == []
    assert rebuild(hall.runner, threads=1).changed.total() == 0
    hall.pass_to(hall.at(3))
    assert (hall.begin(), hall.attended()) == (1, ["gala", "party"])


@pytest.mark.parametrize("seed", range(6))
def test_whenever_runs_and_events_come_the_end_is_the_same(seed: int) -> None:
    """Orders in any order and twice, runs in between, time in steps; then one run."""

    def life(chance: random.Random) -> dict[str, tuple[list[str], object]]:
        hall = Hall()
        shuffled = [*range(8), *range(8)]
        chance.shuffle(shuffled)
        passing = sorted(chance.uniform(0, 20) for _ in shuffled)
        for number, hours in zip(shuffled, passing, strict=True):
            email = f"p{number % 3}@example.com"
            events = (("gala", 5 + number), ("party", 30), (f"e{number}", 2 * number))
            hall.sell(f"o{number}", *events, email=email, day=number)
            hall.pass_to(hall.at(hours))
            if chance.random() < 0.4:
                hall.begin()
        hall.pass_to(hall.at(21))
        hall.begin()
        assert hall.wrong() == []
        assert hall.faults() == []
        writes = hall.store.writes
        assert not hall.resync()
        assert hall.begin() == 0
        assert hall.store.writes == writes
        return {
            one["primaryEmail"]: (one["attendedEventIds"], one["nextStartAt"])
            for one in hall.customers()
        }

    assert life(random.Random(seed)) == life(random.Random(seed + 1_000))
