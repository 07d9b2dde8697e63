"""Asking an address back: by a post of a form, and about the opt-in of an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Conflict, Transient
from crm.db.retry import RetryPolicy
from crm.entrypoints.sign_ups import post_of
from crm.mail.port import Answer, Halt, Later, Refused
from crm.signup import orders
from crm.signup.asking import Request, asking, plan_request, sign_up
from crm.signup.orders import NEWEST, ask, plan_ask
from crm.signup.record import LIFE, Asked, SignUp
from testing.hosts import order
from testing.world import KEYS
from tests.support.faults import Faults, FaultyStore
from tests.support.signing_up import ADA, DAY, HOUR, Door
from tests.support.stored import DAY as NOW

KEY = KEYS.address(ADA)

TICK = timedelta(microseconds=1)

DOUBLE: dict[str, Any] = {"newsletter": {"opt_in": "double"}}


# --- Asking about orders


def opted(*days: float, door: Door | None = None) -> Door:
    """A door with customers whose opt-in has waited for so many days."""
    door = door or Door(settings=DOUBLE)
    for number, ago in enumerate(days):
        at = door.now - timedelta(days=ago)
        data = order(f"v{number}@example.com", marketingOptIn=True, createdAt=at)
        door.put_order(f"o{number}", data)
    return door


def run(door: Door, seconds: float = 60, **more: Any) -> orders.Report:
    return ask(post_of(door.services), seconds=seconds, **more)


def test_a_run_says_how_many_it_looked_at_and_asked() -> None:
    door = opted(3, 2, 1)
    door.sign_up("v1@example.com")
    assert run(door) == orders.Report(looked=3, asked=2)
    assert [one.to for one in door.box.mails][1:] == ["v0@example.com", "v2@example.com"]
    assert run(door) == orders.Report(looked=1, asked=0)


@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_each_is_looked_at_once_however_many_are_read_at_a_time(
    page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "PAGE", page)
    door = opted(3, 3, 3)
    for number in range(3):  # asked today: they wait on
        door.post(f"v{number}@example.com")
    assert run(door) == orders.Report(looked=3, asked=0)


@pytest.mark.parametrize(("most", "looked"), [(1, 1), (2, 2), (3, 3)])
def test_a_run_looks_at_so_many(most: int, looked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "PAGE", 1)
    monkeypatch.setattr(orders, "MOST", most)
    assert run(opted(3, 2, 1)) == orders.Report(looked=looked, asked=looked)


@pytest.mark.parametrize(("seconds", "asked"), [(1, 0), (2, 0), (3, 1), (4, 2), (60, 3)])
def test_after_its_time_nobody_more_is_asked(seconds: float, asked: int) -> None:
    door = opted(3, 2, 1)
    ticks = iter([float(one) for one in range(99)])
    assert run(door, seconds, clock=lambda: next(ticks)) == orders.Report(asked, asked)
    assert len(door.box.mails) == asked
    assert door.box.closed == int(asked > 0)


def test_without_anybody_who_waits_no_server_is_asked() -> None:
    door = opted()
    assert run(door) == orders.Report()
    assert door.box.closed == 0


@pytest.mark.parametrize(
    ("answer", "report"),
    [
        (Later("451"), orders.Report(3, 3)),
        (Refused("550"), orders.Report(3, 3)),
        (Later("budget", whole=True), orders.Report(1, 1)),
        (Halt("535", "Mend it."), orders.Report(1, 1)),
    ],
)
def test_what_holds_for_all_ends_a_run(answer: Answer, report: orders.Report) -> None:
    door = opted(3, 2, 1)
    door.box.answers = [answer]
    assert run(door) == report


def test_one_who_cannot_be_asked_stops_no_other() -> None:
    door = opted(3, 2, 1)
    faults, once = Faults(at=2), RetryPolicy(seconds=0)  # behind the question who waits
    runner = door.runner
    door.runner = replace(runner, store=FaultyStore(door.store, faults), retry=once)
    assert run(door) == orders.Report(looked=3, asked=2)
    door.runner = runner
    assert run(door) == orders.Report(looked=1, asked=1)
    assert sorted(one.to for one in door.box.mails) == [f"v{n}@example.com" for n in range(3)]


# --- One customer


def asked_of(door: Door, name: str = "v0") -> tuple[str | None, dict[str, Any]]:
    mine = door.with_email(f"{name}@example.com")["id"]
    plan, _ = door.runner.run(lambda tx: plan_ask(tx, mine, "m1"))
    return plan.result, door.with_email(f"{name}@example.com")


@pytest.mark.parametrize(
    ("ago", "asked"), [(NEWEST, True), (NEWEST + TICK, False), (0 * TICK, True), (-TICK, False)]
)
def test_a_box_is_asked_about_for_thirty_days(ago: timedelta, asked: bool) -> None:
    door = opted(0)
    waits_from = door.with_email("v0@example.com")["confirmFrom"]
    door.runner = replace(door.runner, now=lambda: waits_from + ago)
    result, customer = asked_of(door)
    assert result == (KEYS.address("v0@example.com") if asked else None)
    assert (customer["confirmFrom"] is None) is asked


def test_who_is_asked_is_noted_with_the_moment_and_the_request_is_kept() -> None:
    door = opted(1)
    before = door.with_email("v0@example.com")
    now = door.now + HOUR
    door.runner = replace(door.runner, now=lambda: now)
    result, after = asked_of(door)
    assert result == KEYS.address("v0@example.com")
    ((part_id, part),) = before["parts"].items()
    assert after["parts"] == {part_id: {**part, "askedAt": now}}
    found = door.kept("v0@example.com")
    assert found == {
        "state": "pending",
        "requestedAt": now,
        "expireAt": now + LIFE,
        "address": "v0@example.com",
        "asked": [
            {
                "at": now,
                "form": None,
                "version": None,
                "language": "en",
                "message": "m1",
                "confirmedAt": None,
            }
        ],
        "form": None,
        "network": None,
        "worked": False,
        "sentAt": None,
        "due": now + timedelta(minutes=5),
        "tries": 0,
    }


def test_a_hosts_clock_that_runs_ahead_is_waited_for() -> None:
    door = opted(0)
    waits_from = door.with_email("v0@example.com")["confirmFrom"]
    ((part_id, part),) = door.with_email("v0@example.com")["parts"].items()
    customer = {**door.with_email("v0@example.com")}
    ahead = waits_from + HOUR
    customer["parts"] = {part_id: {**part, "optedInAt": ahead}}
    door.store.put(f"customers/{customer.pop('id')}", customer)
    door.runner = replace(door.runner, now=lambda: waits_from + TICK)
    _, after = asked_of(door)
    assert after["parts"][part_id]["askedAt"] == ahead


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"state": "refused", "expire_at": NOW + TICK}, False),
        ({"state": "refused", "expire_at": NOW}, True),
        ({"state": "confirmed", "expire_at": NOW + DAY}, True),
    ],
)
def test_who_has_said_this_was_not_me_is_not_asked_and_it_is_noted(
    change: dict[str, Any], asked: bool
) -> None:
    door = opted(0)
    waits_from = door.with_email("v0@example.com")["confirmFrom"]
    shift = waits_from + HOUR - NOW
    was = SignUp(KEYS.address("v0@example.com"), "pending", NOW, NOW)
    was = replace(was, **change)
    was = replace(was, expire_at=was.expire_at + shift, requested_at=NOW - 9 * DAY)
    door.store.put(was.path, was.to_data())
    door.runner = replace(door.runner, now=lambda: NOW + shift)
    result, customer = asked_of(door)
    assert result == (was.id if asked else None)
    assert customer["confirmFrom"] is None
    assert (door.kept("v0@example.com") == was.to_data()) is not asked


def test_nobody_is_asked_of_whom_nothing_waits() -> None:
    door = Door(settings=DOUBLE)
    door.put_order("o", order(ADA))
    writes = door.store.writes
    for mine in (door.the_customer()["id"], "nobody"):
        plan, _ = door.runner.run(lambda tx, one=mine: plan_ask(tx, one, "m1"))  # type: ignore[misc]
        assert (plan.result, plan.writes) == (None, [])
    assert door.store.writes == writes


# --- Asking by a form


def request(door: Door, **more: Any) -> Request:
    form = door.runner.settings.forms["newsletter"]
    return replace(Request(form, "newsletter", ADA, "en", "n", worked=True), **more)


def test_a_request_whose_answer_was_lost_is_kept_once(door: Door) -> None:
    one = Asked(door.now, "newsletter", "v", "en", "m1")
    plan, _ = door.runner.run(lambda tx: plan_request(tx, request(door), one))
    assert (plan.result, len(plan.writes)) == (True, 1)
    plan, _ = door.runner.run(lambda tx: plan_request(tx, request(door), one))
    assert (plan.result, plan.writes) == (True, [])
    other = replace(one, message="m2")
    plan, _ = door.runner.run(lambda tx: plan_request(tx, request(door), other))
    assert (plan.result, plan.writes) == (False, [])


def test_a_request_of_an_address_says_whence_it_came(door: Door) -> None:
    one = Asked(door.now, "newsletter", "v", "en", "m1")
    expected = SignUp(KEY, "pending", one.at, one.at + LIFE).asks(
        one, ADA, network="n", worked=False
    )

    def plan(tx: Any) -> Any:
        return asking(tx, ADA, one, network="n", worked=False)

    (write,) = door.runner.evaluate(plan)
    assert (write.path, write.data) == (expected.path, expected.to_data())


@pytest.mark.parametrize(
    ("answers", "out"),
    [([], True), ([Later("451")], False), ([Refused("550")], False), ([Halt("5", "x")], False)],
)
def test_whether_a_mail_is_out(door: Door, answers: list[Answer], out: bool) -> None:
    door.box.answers = answers
    assert sign_up(post_of(door.services), request(door)) is out
    assert door.box.closed == 1
    assert sign_up(post_of(door.services), request(door)) is False
    assert door.box.closed == 1


def test_an_address_that_got_a_mail_today_costs_one_read(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    sign_up(post_of(door.services), request(door))
    reads = door.store.reads
    form = door.runner.settings.forms["newsletter"].model_copy(update={"per_network": 1})
    assert sign_up(post_of(door.services), request(door, form=form)) is False
    assert door.store.reads == reads + 1
    assert caplog.records == []


def test_of_two_requests_of_an_address_at_once_one_has_a_mail(door: Door) -> None:
    count, left = door.store.count, [1]

    def meanwhile(query: Any) -> int:
        if left and left.pop():
            assert sign_up(post_of(door.services), request(door, network="other")) is True
        return count(query)

    door.store.count = meanwhile  # type: ignore[method-assign]
    assert sign_up(post_of(door.services), request(door)) is False
    assert len(door.box.mails) == 1


@pytest.mark.parametrize("error", [Conflict, Transient])
def test_a_request_that_is_kept_is_not_lost_where_the_mail_cannot_be_noted(
    door: Door, error: type[Exception]
) -> None:
    def away() -> Any:
        raise error("nobody answers")

    post = replace(post_of(door.services), mailer=away)
    assert sign_up(post, request(door)) is False
    found = door.kept()
    assert found is not None
    assert (found["state"], found["tries"]) == ("pending", 0)


@pytest.mark.parametrize(
    ("guard", "level"), [("network", "WARNING"), ("form", "WARNING"), ("paused", "ERROR")]
)
def test_a_guard_that_stops_a_mail_is_named(
    door: Door,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    guard: str,
    level: str,
) -> None:
    monkeypatch.setattr("crm.signup.asking.stopped_by", lambda *_, **__: guard)
    assert sign_up(post_of(door.services), request(door)) is False
    (record,) = caplog.records
    assert record.levelname == level
    assert record.getMessage() == (
        f"sign-up: no mail, for a guard stopped it: {guard} (form newsletter)"
    )
    assert door.store.all("crmSignups") == {}
