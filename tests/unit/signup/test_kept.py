"""What is kept of an address that news were asked for, as a whole, whatever happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.entrypoints.sign_ups import post_of
from crm.mail.port import Accepted, Answer, Halt, Later, Refused, Uncertain
from crm.signup.guards import network_of
from crm.signup.record import (
    HANDING_OVER,
    LIFE,
    ONE_DAY,
    REFUSED_FOR,
    Asked,
    SignUp,
    path_of,
)
from crm.signup.sending import MAX_TRIES, WAIT, _plan_answer, _plan_turn, hand_over
from crm.signup.waiting import Report
from testing.hosts import order
from testing.world import KEYS
from tests.support.signing_up import ADA, DAY, HOUR, Box, Door
from tests.support.stored import DAY as NOW

KEY = KEYS.address(ADA)

TICK = timedelta(microseconds=1)


def asked(message: str = "m1", ago: timedelta = timedelta(), form: str | None = "press") -> Asked:
    return Asked(NOW - ago, form, "v1" if form else None, "en", message)


FRESH = SignUp(KEY, "pending", NOW, NOW + LIFE)


# --- Pure


@pytest.mark.parametrize(
    ("kept", "quiet"),
    [
        ({}, False),
        ({"due": NOW}, True),
        ({"sent_at": NOW}, True),
        ({"requested_at": NOW - ONE_DAY + TICK, "due": NOW}, True),
        ({"requested_at": NOW - ONE_DAY, "due": NOW}, False),
        ({"requested_at": NOW - ONE_DAY * 2, "sent_at": NOW - ONE_DAY + TICK}, True),
        ({"requested_at": NOW, "sent_at": NOW - ONE_DAY}, False),
        ({"requested_at": NOW}, False),  # given up: nothing is under way
        ({"state": "confirmed"}, False),
        ({"state": "confirmed", "sent_at": NOW}, True),
        ({"state": "refused", "expire_at": NOW + TICK}, True),
        ({"state": "refused", "expire_at": NOW}, False),
    ],
)
def test_an_address_that_got_a_mail_today_or_refused_gets_none(
    kept: dict[str, Any], quiet: bool
) -> None:
    assert replace(FRESH, **kept).is_quiet(NOW) is quiet


def test_a_new_request_stands_in_the_place_of_what_was_known() -> None:
    old, week = asked("m0", LIFE - TICK), asked("gone", LIFE)
    was = SignUp(
        KEY,
        "confirmed",
        NOW - DAY,
        NOW,
        None,
        (week, old),
        "newsletter",
        "network",
        worked=True,
        sent_at=NOW - DAY,
        due=None,
        tries=4,
    )
    one = asked("m1")
    assert was.asks(one, ADA, network="other", worked=False) == SignUp(
        KEY,
        "pending",
        NOW,
        NOW + LIFE,
        ADA,
        (old, one),
        "press",
        "other",
        worked=False,
        sent_at=None,
        due=NOW + HANDING_OVER,
        tries=0,
    )
    assert was.asks(asked(form=None), ADA, network=None, worked=True).form is None


def test_a_request_is_found_by_its_moment_alone() -> None:
    old, new = asked("m0", DAY), asked("m1")
    was = replace(FRESH, asked=(old, new))
    assert [was.request(at) for at in (NOW - DAY, NOW, NOW - TICK)] == [old, new, None]


def test_a_confirmation_of_the_newest_request_takes_the_address() -> None:
    old, new = asked("m0", DAY), asked("m1")
    was = replace(FRESH, address=ADA, asked=(old, new), due=NOW + HOUR, network="n", tries=2)
    later = NOW + timedelta(days=2)
    assert was.confirmed(NOW, later) == replace(
        was,
        state="confirmed",
        expire_at=later + LIFE,
        address=None,
        asked=(old, replace(new, confirmed_at=later)),
        due=None,
    )
    assert was.confirmed(NOW - DAY, later) == replace(
        was, expire_at=later + LIFE, asked=(replace(old, confirmed_at=later), new)
    )


def test_a_refusal_takes_the_address_and_whence_it_came() -> None:
    was = replace(FRESH, address=ADA, asked=(asked(),), due=NOW, network="n", form="press")
    assert was.refused(NOW) == replace(
        was,
        state="refused",
        expire_at=NOW + REFUSED_FOR,
        address=None,
        asked=(),
        network=None,
        due=None,
    )
    assert was.path == path_of(KEY) == f"crmSignups/{KEY}"


# --- As it comes


def test_what_is_kept_of_a_post_of_a_form(door: Door) -> None:
    door.box.answers = [Later("451")]
    door.post(ADA)
    found = door.kept()
    assert found is not None
    at = found["requestedAt"]
    (one,) = found.pop("asked")
    assert found == {
        "state": "pending",
        "requestedAt": at,
        "expireAt": at + LIFE,
        "address": ADA,
        "form": "newsletter",
        "network": network_of(KEYS, "192.0.2.1"),
        "worked": False,
        "sentAt": None,
        "due": found["due"],
        "tries": 1,
    }
    assert one == {
        "at": at,
        "form": "newsletter",
        "version": door.runner.settings.forms["newsletter"].version("en"),
        "language": "en",
        "message": one["message"],
        "confirmedAt": None,
    }
    door.fill_in("bob@example.com")
    worked = door.kept("bob@example.com")
    assert worked is not None
    assert (worked["worked"], worked["due"], worked["tries"]) == (True, None, 1)
    assert worked["sentAt"] > worked["requestedAt"]


def test_what_is_kept_of_an_order() -> None:
    door = Door(settings={"newsletter": {"opt_in": "double", "language": "de"}})
    door.put_order("o", order(ADA, marketingOptIn=True, createdAt=door.now))
    door.sweep()
    found = door.kept()
    assert found is not None
    (one,) = found["asked"]
    assert (one["form"], one["version"], one["language"]) == (None, None, "de")
    assert (found["form"], found["network"], found["worked"]) == (None, None, False)


# --- Handing over


def waits(door: Door, **more: Any) -> SignUp:
    """Put a sign-up whose mail waits."""
    now = door.now
    one = Asked(now, "newsletter", "v1", "en", "m1")
    made = SignUp(KEY, "pending", now, now + LIFE, ADA, (one,), "newsletter", due=now)
    made = replace(made, **more)
    door.store.put(made.path, made.to_data())
    return made


@pytest.mark.parametrize(
    ("answer", "tries", "minutes"),
    [
        (Later("451"), 0, 10),
        (Later("451"), 1, 20),
        (Later("451"), 3, 80),
        (Later("451"), 4, 160),
        (Later("451"), 5, 240),
        (Later("451"), 9, 240),
        (Later("451", seconds=599), 0, 10),
        (Later("451", seconds=1_800), 0, 30),
        (Later("451", seconds=1_800), 2, 40),
        (Later("budget", whole=True, seconds=3 * 3_600), 0, 180),
        (Later("budget", whole=True, seconds=9 * 3_600), 0, 240),
        (Halt("535", "Mend it."), 0, 10),
        (Halt("535", "Mend it."), 2, 40),
        (Accepted(), 2, None),
        (Refused("550"), 0, None),
        (Uncertain("connection-lost"), 1, None),
    ],
)
def test_an_answer_says_when_a_mail_is_tried_again(
    door: Door, answer: Answer, tries: int, minutes: int | None
) -> None:
    was = waits(door, tries=tries)
    _, tx = door.runner.run(lambda tx: _plan_answer(tx, KEY, "m1", answer))
    found = door.store.all("crmSignups")[KEY]
    over = {"sentAt": tx.now, "due": None}
    again = {"due": tx.now + timedelta(minutes=minutes or 0)}
    assert timedelta(minutes=10) == WAIT
    assert found == {
        **was.to_data(),
        "tries": tries + 1,
        **(over if minutes is None else again),
    }


@pytest.mark.parametrize("how", ["other", "none", "gone"])
def test_an_answer_that_comes_after_something_else_changes_nothing(door: Door, how: str) -> None:
    was = waits(door)
    if how == "gone":
        door.store.delete(was.path)
    elif how == "none":
        waits(door, asked=())
    before = door.store.all("crmSignups")
    message = "m1" if how != "other" else "m2"
    plan, _ = door.runner.run(lambda tx: _plan_answer(tx, KEY, message, Accepted()))
    assert plan.writes == []
    assert door.store.all("crmSignups") == before


def turn(door: Door) -> tuple[SignUp | None, int]:
    plan, _ = door.runner.run(lambda tx: _plan_turn(tx, KEY))
    return plan.result, len(plan.writes)


@pytest.mark.parametrize(
    "change",
    [
        {"address": None},
        {"tries": MAX_TRIES},
        {"tries": MAX_TRIES + 1},
        {"requested_at": NOW - ONE_DAY},
    ],
)
def test_a_mail_that_has_waited_or_was_tried_too_long_is_given_up(
    door: Door, change: dict[str, Any]
) -> None:
    was = waits(door, due=NOW, **{"requested_at": NOW - HOUR, **change})
    door.runner = replace(door.runner, now=lambda: NOW)
    assert turn(door) == (None, 1)
    assert door.store.all("crmSignups")[KEY] == {**was.to_data(), "due": None}
    assert turn(door) == (None, 0)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"tries": MAX_TRIES - 1},
        {"requested_at": NOW - ONE_DAY + TICK},
        {"due": NOW - HOUR},
    ],
)
def test_a_mail_is_taken_in_hand_once_for_some_minutes(door: Door, change: dict[str, Any]) -> None:
    was = waits(door, **{"due": NOW, "requested_at": NOW - HOUR, **change})
    door.runner = replace(door.runner, now=lambda: NOW)
    mine = replace(was, due=NOW + HANDING_OVER)
    assert turn(door) == (mine, 1)
    assert door.store.all("crmSignups")[KEY] == mine.to_data()
    assert turn(door) == (None, 0)


@pytest.mark.parametrize("change", [{"due": NOW + TICK}, {"due": None}])
def test_what_is_not_due_is_not_taken_in_hand(door: Door, change: dict[str, Any]) -> None:
    waits(door, **{"requested_at": NOW, **change})
    door.runner = replace(door.runner, now=lambda: NOW)
    assert turn(door) == (None, 0)
    door.store.delete(path_of(KEY))
    assert turn(door) == (None, 0)


@pytest.mark.parametrize("change", [{"address": None}, {"asked": ()}])
def test_where_there_is_nothing_to_hand_over_nothing_is(door: Door, change: Any) -> None:
    waits(door, **change)
    box, writes = Box(), door.store.writes
    assert hand_over(post_of(door.services), box, KEY) is None
    assert hand_over(post_of(door.services), box, KEYS.address("bob@example.com")) is None
    assert (box.mails, door.store.writes) == ([], writes)


def test_what_was_confirmed_or_refused_while_it_waited_is_not_mailed(door: Door) -> None:
    door.box.answers = [Later("451")]
    door.fill_in()
    kept = door.kept()
    assert kept is not None
    refused = SignUp.from_data(KEY, kept).refused(door.now)
    door.store.put(refused.path, {**refused.to_data(), "due": door.now})
    door.store.wait(HOUR)
    assert door.sweep() == Report()
    assert door.box.mails == []
