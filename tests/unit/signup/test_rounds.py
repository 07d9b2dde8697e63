"""A round of the sweep over sign-ups: in which order, how many at a time, and where it stops."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.entrypoints.sign_ups import post_of
from crm.mail.port import Accepted, Answer, Halt, Later, Refused, Uncertain
from crm.signup import orders, sending, waiting
from crm.signup.record import LIFE, Asked, SignUp, path_of
from crm.signup.sending import delete_expired, hand_over_waiting
from crm.signup.waiting import Report
from testing.hosts import order
from testing.world import KEYS
from tests.support.signing_up import ADA, DAY, HOUR, Door
from tests.support.stored import DAY as NOW

TICK = timedelta(microseconds=1)

DOUBLE: dict[str, Any] = {"newsletter": {"opt_in": "double"}}


def frozen(door: Door) -> None:
    """Let the clock stand still."""
    door.runner = replace(door.runner, now=lambda: NOW)


def waits(door: Door, name: str, ago: timedelta = timedelta(), **more: Any) -> str:
    """Put a sign-up whose mail has been due for so long; give its key."""
    address = f"{name}@example.com"
    at = NOW - HOUR
    version = door.runner.settings.forms["press"].version("en")
    one = Asked(at, "press", version, "en", f"m-{name}")
    made = SignUp(KEYS.address(address), "pending", at, at + LIFE, address, (one,), "press")
    made = replace(made, **{"due": NOW - ago, **more})
    door.store.put(made.path, made.to_data())
    return made.id


def handed(door: Door, seconds: float = 60, **more: Any) -> int:
    return hand_over_waiting(post_of(door.services), seconds=seconds, **more)


# --- Handing over


def test_who_waits_longest_is_handed_over_first(door: Door) -> None:
    frozen(door)
    for name, minutes in (("cyd", 1), ("ada", 3), ("bob", 2)):
        waits(door, name, timedelta(minutes=minutes))
    waits(door, "dan", -TICK)
    assert handed(door) == 3
    assert [one.to for one in door.box.mails] == [f"{n}@example.com" for n in ("ada", "bob", "cyd")]
    assert door.box.closed == 1


@pytest.mark.parametrize(("due", "sent"), [(TICK, 1), (0 * TICK, 0), (-TICK, 0)])
def test_a_mail_is_handed_over_once_it_is_due(door: Door, due: timedelta, sent: int) -> None:
    frozen(door)
    waits(door, "ada", due)
    assert handed(door) == sent
    assert len(door.box.mails) == sent


@pytest.mark.parametrize(
    ("answer", "sent", "tried"),
    [
        (Accepted(), 3, 3),
        (Later("451"), 2, 3),
        (Refused("550"), 2, 3),
        (Uncertain("lost"), 2, 3),
        (Later("budget", whole=True), 0, 1),
        (Halt("535", "Mend it."), 0, 1),
    ],
)
def test_what_holds_for_all_ends_a_round(door: Door, answer: Answer, sent: int, tried: int) -> None:
    frozen(door)
    for minutes, name in enumerate(("cyd", "bob", "ada"), 1):
        waits(door, name, timedelta(minutes=minutes))
    door.box.answers = [answer]
    assert handed(door) == sent
    tries = [one["tries"] for one in door.store.all("crmSignups").values()]
    assert sum(tries) == tried


@pytest.mark.parametrize(("seconds", "sent"), [(3, 2), (2, 1), (1, 0), (60, 3)])
def test_after_its_time_nothing_more_is_handed_over(door: Door, seconds: float, sent: int) -> None:
    frozen(door)
    for minutes, name in enumerate(("cyd", "bob", "ada"), 1):
        waits(door, name, timedelta(minutes=minutes))
    ticks: Iterator[float] = iter([float(one) for one in range(9)])
    assert handed(door, seconds, clock=lambda: next(ticks)) == sent
    assert door.box.closed == 1


def test_a_mail_that_is_given_up_counts_as_none_and_the_next_one_goes_out(door: Door) -> None:
    frozen(door)
    waits(door, "ada", timedelta(minutes=2), address=None)
    waits(door, "bob", timedelta(minutes=1))
    assert handed(door) == 1
    assert [one.to for one in door.box.mails] == ["bob@example.com"]


def test_a_text_that_has_changed_is_refused_and_not_mailed(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    frozen(door)
    key = waits(door, "ada", TICK)
    found = door.store.all("crmSignups")[key]
    (one,) = found["asked"]
    door.store.put(f"crmSignups/{key}", {**found, "asked": [{**one, "version": "other"}]})
    with caplog.at_level(logging.INFO):
        assert handed(door) == 0
    now = door.store.all("crmSignups")[key]
    assert (now["due"], now["sentAt"], now["tries"]) == (None, NOW, 1)
    assert door.box.mails == []
    assert "sign-up: a confirmation mail was not taken: form-changed" in caplog.messages


def test_a_mail_about_an_order_is_logged_as_such(caplog: pytest.LogCaptureFixture) -> None:
    door = Door(settings=DOUBLE)
    door.put_order("o", order(ADA, marketingOptIn=True, createdAt=door.now))
    with caplog.at_level(logging.INFO):
        door.sweep()
    assert "sign-up: a confirmation mail is out: order" in caplog.messages


@pytest.mark.parametrize(
    ("answer", "level"),
    [(Accepted(), "INFO"), (Halt("535", "Mend it."), "ERROR"), (Uncertain("lost"), "WARNING")],
)
def test_how_loud_a_log_is(
    door: Door, caplog: pytest.LogCaptureFixture, answer: Answer, level: str
) -> None:
    frozen(door)
    waits(door, "ada", TICK)
    door.box.answers = [answer]
    with caplog.at_level(logging.INFO):
        handed(door)
    assert [one.levelname for one in caplog.records] == [level]


# --- Deleting what is over


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5])
def test_what_is_over_is_deleted_however_many_are_read_at_a_time(
    door: Door, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PAGE", page)
    frozen(door)
    for number in range(4):
        waits(door, f"v{number}", expire_at=NOW - TICK - number * HOUR)
    stays = [waits(door, "ada", expire_at=NOW), waits(door, "bob", expire_at=NOW + HOUR)]
    assert delete_expired(door.runner) == 4
    assert sorted(door.store.all("crmSignups")) == sorted(stays)
    assert delete_expired(door.runner) == 0


def test_where_fewer_are_over_than_are_read_at_a_time_it_is_asked_once(door: Door) -> None:
    frozen(door)
    waits(door, "ada", expire_at=NOW - HOUR)
    find, asked = door.store.find, [0]

    def counted(query: Any) -> Any:
        asked[0] += 1
        return find(query)

    door.store.find = counted  # type: ignore[method-assign]
    assert (delete_expired(door.runner), asked) == (1, [1])
    assert (delete_expired(door.runner), asked) == (0, [2])


def test_one_who_asks_just_again_is_not_deleted(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PAGE", 1)
    frozen(door)
    first = waits(door, "ada", expire_at=NOW - 2 * HOUR)
    second = waits(door, "bob", expire_at=NOW - HOUR)
    commit, calls = door.store.commit, [0]

    def beside(writes: Any) -> Any:
        calls[0] += 1
        if calls[0] == 2:
            door.store.put(path_of(second), {**door.store.all("crmSignups")[second], "tries": 7})
        return commit(writes)

    door.store.commit = beside  # type: ignore[method-assign]
    assert delete_expired(door.runner) == 1
    assert [*door.store.all("crmSignups")] == [second]
    assert first != second


# --- The whole round


def opted(*days: float, door: Door | None = None) -> Door:
    """A door with customers whose opt-in has waited for so many days."""
    door = door or Door(settings=DOUBLE)
    for number, ago in enumerate(days):
        at = door.now - timedelta(days=ago)
        data = order(f"v{number}@example.com", marketingOptIn=True, createdAt=at)
        door.put_order(f"o{number}", data)
    return door


def both() -> Door:
    """A door with a customer to be asked, a mail that waits, and a sign-up that is over."""
    door = opted(1)
    now = door.now
    waits(door, "ada", due=now - HOUR, requested_at=now - HOUR, expire_at=now + DAY)
    waits(door, "bob", due=None, expire_at=now - HOUR)
    return door


def test_a_round_deletes_hands_over_and_asks() -> None:
    door = both()
    assert door.sweep() == Report(deleted=1, sent=1, asked=1)
    assert [one.to for one in door.box.mails] == [ADA, "v0@example.com"]
    assert door.kept("bob@example.com") is None
    assert door.sweep() == Report()


def test_where_no_mail_is_sent_from_here_a_round_only_deletes() -> None:
    door = both()
    assert waiting.attend(door.runner, None) == Report(deleted=1)
    assert door.box.mails == []


def test_each_part_of_a_round_has_what_is_left_of_its_time(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, float]] = []

    def handing(_post: Any, *, seconds: float, clock: Any) -> int:
        given.append(("hand over", seconds))
        clock()
        return 0

    def asking_(_post: Any, *, seconds: float, clock: Any) -> orders.Report:
        given.append(("ask", seconds))
        clock()
        return orders.Report()

    monkeypatch.setattr(sending, "hand_over_waiting", handing)
    monkeypatch.setattr(orders, "ask", asking_)
    ticks = iter([float(one) for one in range(9)])
    door.sweep(seconds=10, clock=lambda: next(ticks))
    assert given == [("hand over", 9.0), ("ask", 7.0)]
