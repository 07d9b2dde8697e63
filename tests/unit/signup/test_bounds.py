"""Budgets, proofs and links, each just within its bound and just beyond."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.config.forms import Form
from crm.core.keyring import Former, Keyring
from crm.signup import proof
from crm.signup.guards import ENOUGH, network_of, stopped_by
from crm.signup.link import Link, read, token
from crm.signup.proof import GOOD_FOR, LEAST, challenge, is_work, judge, worked_out
from crm.signup.record import LIFE
from testing.memory import MemoryStore
from testing.world import KEYS
from tests.support.signing_up import ADA

NOW = datetime(2026, 11, 28, 10, 0, 0, 123456, tzinfo=UTC)

TICK = timedelta(microseconds=1)

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)


# --- Budgets


def signed_up(number: int, ago: timedelta = timedelta(), **more: Any) -> MemoryStore:
    """A store with so many sign-ups by the form `f`, each of a network of its own."""
    return also(MemoryStore(), number, ago, **more)


def also(store: MemoryStore, number: int, ago: timedelta = timedelta(), **more: Any) -> MemoryStore:
    known = len(store.all("crmSignups"))
    for at in range(known, known + number):
        data = {"form": "f", "network": f"n{at}", "worked": True, "state": "pending"}
        store.put(f"crmSignups/s{at}", {**data, "requestedAt": NOW - ago, **more})
    return store


def guard(
    store: MemoryStore, *, worked: bool = True, network: str | None = "n", **said: int
) -> Any:
    form = Form.model_validate({"text": {"en": "Yes."}, **said})
    return stopped_by(store, form, "f", network, NOW, worked=worked)


@pytest.mark.parametrize(
    ("per_network", "worked", "least"),
    [(1, True, 1), (5, True, 5), (1, False, 1), (4, False, 2), (5, False, 3), (6, False, 3)],
)
def test_a_network_has_so_many_in_an_hour(per_network: int, worked: bool, least: int) -> None:
    for number in (0, least - 1, least, least + 1):
        store = signed_up(number, network="n")
        found = guard(store, worked=worked, per_network=per_network)
        assert found == ("network" if number >= least else None), number
    many = signed_up(least, network="n")
    assert guard(many, worked=worked, per_network=per_network, network="other") is None


@pytest.mark.parametrize("per_hour", [1, 7])
def test_a_form_has_so_many_in_an_hour(per_hour: int) -> None:
    for number in (per_hour - 1, per_hour, per_hour + 1):
        found = guard(signed_up(number), per_hour=per_hour)
        assert found == ("form" if number >= per_hour else None)
    assert guard(signed_up(per_hour, form="g"), per_hour=per_hour) is None


@pytest.mark.parametrize(("per_hour", "least"), [(8, 2), (9, 3), (12, 3), (13, 4)])
def test_posts_without_work_have_a_quarter_of_a_form(per_hour: int, least: int) -> None:
    for number in (least - 1, least):
        store = signed_up(number, worked=False)
        assert guard(store, per_hour=per_hour) is None
        found = guard(store, worked=False, per_hour=per_hour)
        assert found == ("unproven" if number >= least else None)
    proven = signed_up(least)
    assert guard(proven, worked=False, per_hour=per_hour) is None


@pytest.mark.parametrize(("ago", "counts"), [(HOUR, True), (HOUR + TICK, False)])
def test_what_is_an_hour_old_counts(ago: timedelta, counts: bool) -> None:
    found = [
        guard(signed_up(3, ago, network="n"), per_network=3),
        guard(signed_up(3, ago), per_hour=3),
        guard(signed_up(3, ago, worked=False), worked=False, per_hour=12),
    ]
    assert found == (["network", "form", "unproven"] if counts else [None] * 3)


@pytest.mark.parametrize(
    ("sent", "confirmed", "paused"),
    [
        (ENOUGH - 1, 0, False),
        (ENOUGH, 0, True),
        (ENOUGH, 2, True),
        (ENOUGH, 3, False),
        (60, 3, False),
        (61, 3, True),
        (61, 4, False),
    ],
)
def test_a_form_pauses_of_which_fewer_than_one_of_twenty_confirm(
    sent: int, confirmed: int, paused: bool
) -> None:
    store = also(signed_up(sent - confirmed, DAY), confirmed, DAY, state="confirmed")
    assert guard(store) == ("paused" if paused else None)
    others = also(signed_up(sent - confirmed, DAY), confirmed, DAY, state="confirmed", form="g")
    assert guard(others) == ("paused" if sent - confirmed >= ENOUGH else None)
    assert guard(also(signed_up(sent, DAY + TICK), 1)) is None


# --- Networks


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.0", "192.0.2.255", True),
        ("192.0.1.255", "192.0.2.0", False),
        ("2001:db8:1::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:ffff::", "2001:db8:1::", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.3.1", False),
        (" 192.0.2.1 ", "192.0.2.1", True),
    ],
)
def test_networks_end_where_those_of_providers_customers_do(
    one: str, other: str, same: bool
) -> None:
    found = [network_of(KEYS, text) for text in (one, other)]
    assert all(re.fullmatch("[a-z2-7]{26}", text or "") for text in found)
    assert (found[0] == found[1]) is same


@pytest.mark.parametrize("text", [None, "", " ", "nonsense", "192.0.2", "192.0.2.1/24"])
def test_what_is_no_address_is_no_network(text: str | None) -> None:
    assert network_of(KEYS, text) is None


def test_a_network_is_known_to_this_installation_alone() -> None:
    other = Keyring(b"somebody else's own secret")
    assert network_of(KEYS, "192.0.2.1") != network_of(other, "192.0.2.1")
    assert network_of(KEYS, "192.0.2.1") == "lap42q45iy5svi63yjrypqdbhy"


# --- Proofs


GIVEN = "1795860000123-0123456789abcdef.mIrf2mRi56MG19dj58CfCZQsOgOnBjGoyNew1BULzn0"
"""A challenge of 28 November 2026, 10:00:00.123."""

MADE = datetime(2026, 11, 28, 10, 0, 0, 123000, tzinfo=UTC)


def test_a_page_that_was_opened_before_an_update_can_be_posted_after_it() -> None:
    done = worked_out(GIVEN, ADA)
    assert judge(KEYS, GIVEN, done, ADA, MADE + LEAST) == "worked"


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        (LEAST - TICK, "early"),
        (LEAST, "none"),
        (GOOD_FOR, "none"),
        (GOOD_FOR + TICK, "stale"),
        (-HOUR, "early"),
    ],
)
def test_a_challenge_is_good_from_two_seconds_to_half_an_hour(
    after: timedelta, verdict: str
) -> None:
    assert judge(KEYS, GIVEN, "", ADA, MADE + after) == verdict


def test_a_challenge_is_the_time_to_the_millisecond_and_some_chance() -> None:
    first, second = challenge(KEYS, NOW), challenge(KEYS, NOW)
    assert first != second
    for one in (first, second):
        assert re.fullmatch(r"1795860000123-[0-9a-f]{16}\.[\w-]{43}", one)
        assert judge(KEYS, one, "", ADA, MADE + LEAST) == "none"


@pytest.mark.parametrize(
    ("given", "work", "verdict"),
    [
        ("", "", "none"),
        ("", "1", "wrong"),
        (GIVEN, "", "none"),
        (f"{GIVEN} ", "", "wrong"),
        (f" {GIVEN}", "", "wrong"),
        (GIVEN.replace("1795", "1796"), "", "wrong"),
        (GIVEN.replace("-", "_"), "", "wrong"),
        (GIVEN.replace("0123456789abcdef", "0123456789ABCDEF"), "", "wrong"),
        (GIVEN.partition(".")[0], "", "wrong"),
    ],
)
def test_what_is_no_challenge_of_ours_is_wrong(given: str, work: str, verdict: str) -> None:
    assert judge(KEYS, given, work, ADA, MADE + LEAST) == verdict


def test_a_number_of_more_than_twenty_digits_is_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "BITS", 0)  # so that every number is
    for digits, verdict in ((1, "worked"), (20, "worked"), (21, "wrong")):
        assert judge(KEYS, GIVEN, "1" * digits, ADA, MADE + LEAST) == verdict


def test_challenges_of_all_secrets_before_are_good() -> None:
    older, old = Keyring(b"the first secret of all"), Keyring(b"the second secret of all")
    formers = (Former(older.secret, NOW), Former(old.secret, NOW))
    new = Keyring(b"the third secret of all", formers)
    for keys in (older, old, new):
        assert judge(new, challenge(keys, MADE), "", ADA, MADE + LEAST) == "none"
    assert judge(old, challenge(new, MADE), "", ADA, MADE + LEAST) == "wrong"


def test_the_first_number_that_is_work_is_found() -> None:
    assert (worked_out("x", ADA), worked_out("19834", ADA)) == ("209", "0")
    assert not any(is_work("x", ADA, str(number)) for number in range(209))
    # Their digests begin with fourteen zero bits, and with thirteen.
    assert [is_work("x", ADA, one) for one in ("2042", "52954")] == [True, False]


# --- Links


def test_a_link_that_was_mailed_before_an_update_is_good_after_it() -> None:
    mailed = "e1-k_1795860000123456.3rXskFC8CbPOQb31XE5UDYyoufUPad1yHx_Pj1Gilas"
    assert token(KEYS, "e1-k", NOW) == mailed
    assert read(KEYS, mailed, NOW) == Link("e1-k", NOW)


@pytest.mark.parametrize(
    ("age", "over"), [(LIFE - TICK, False), (LIFE, True), (LIFE + TICK, True), (-HOUR, False)]
)
def test_a_link_ends_seven_days_after_the_asking(age: timedelta, over: bool) -> None:
    assert Link("e1-k", NOW).is_over(NOW + age) is over


def test_links_of_secrets_before_are_good_for_seven_days_each() -> None:
    older, old = Keyring(b"the first secret of all"), Keyring(b"the second secret of all")
    formers = (Former(older.secret, NOW - DAY), Former(old.secret, NOW))
    new = Keyring(b"the third secret of all", formers)
    key = older.address(ADA)
    for after, good in (
        (timedelta(), [True, True]),
        (LIFE - DAY - TICK, [True, True]),
        (LIFE - DAY, [False, True]),
        (LIFE - TICK, [False, True]),
        (LIFE, [False, False]),
    ):
        found = [read(new, token(one, key, NOW), NOW + after) for one in (older, old)]
        assert [one is not None for one in found] == good
    assert read(new, token(older, key, NOW), NOW) == Link(new.address(ADA), NOW)


@pytest.mark.parametrize(("length", "good"), [(400, True), (401, False)])
def test_of_a_long_text_nothing_is_read(length: int, good: bool) -> None:
    mailed = token(KEYS, "e1-k", NOW)
    text = mailed + "." * (length - len(mailed))
    assert (read(KEYS, text, NOW) is not None) is good


def test_a_moment_that_no_calendar_has_is_no_link() -> None:
    from crm.signup.link import _signer

    for held in ("e1-k_99999999999999999999", "e1-k_", "e1-k", "e1-k_x"):
        assert read(KEYS, _signer(KEYS).sign(held).decode(), NOW) is None
