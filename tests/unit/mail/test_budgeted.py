"""Mailers of several instances that keep to one budget, stored in one document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.config.settings import Settings
from crm.core.errors import Transient
from crm.core.keyring import Keyring
from crm.db.documents import Write
from crm.db.runner import Runner
from crm.mail.budget import Limits, Spent
from crm.mail.budgeted import Budget, Budgeted
from crm.mail.port import Accepted, Answer, Halt, Later, Mail
from testing.memory import MemoryStore
from testing.world import Accounts

START = datetime(2027, 1, 1, tzinfo=UTC)


class CountingStore(MemoryStore):
    """A store that counts its commits."""

    commits = 0

    def commit(self, writes: Sequence[Write]) -> list[int]:
        self.commits += bool(writes)
        return super().commit(writes)


class Desk:
    """Instances over one store, with a clock that goes on when somebody waits or sends."""

    def __init__(self, limits: Limits) -> None:
        self.now = START
        self.limits = limits
        self.store = CountingStore()
        self.runner = Runner(
            self.store, Settings(), Keyring(b"a secret for tests"), Accounts(), now=lambda: self.now
        )
        self.left: list[datetime] = []
        self.answer: Answer = Accepted("x")
        self.takes = 0.0

    def mailer(self, *, first: bool = False) -> Budgeted:
        return Budgeted(self, Budget(self.runner, self.limits, first=first), self.sleep)

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += timedelta(seconds=seconds)

    def send(self, mails: Sequence[Mail]) -> Iterator[Answer]:
        for _ in mails:
            self.left.append(self.now)
            self.sleep(self.takes or 1e-6)
            yield self.answer

    def close(self) -> None:
        pass

    @property
    def commits(self) -> int:
        return self.store.commits

    def most_in(self, seconds: float) -> int:
        return max(
            sum(begin <= time < begin + timedelta(seconds=seconds) for time in self.left)
            for begin in self.left
        )


def mails(count: int) -> list[Mail]:
    return [
        Mail(f"k-{n}", "n@example.com", "ann@example.org", "Hi", "Hi", campaign="c")
        for n in range(count)
    ]


def test_mails_are_paced_and_a_commit_does_for_many() -> None:
    desk = Desk(Limits(20, None, None))
    mailer = desk.mailer()
    for _ in range(30):
        assert set(mailer.send(mails(10))) == {Accepted("x")}
    assert desk.most_in(1) <= 20
    assert desk.now - START < timedelta(seconds=18)
    assert desk.commits <= 0.1 * 300


@pytest.mark.parametrize("takes", [0.001, 0.05, 0.2])
@pytest.mark.parametrize("limit", [14, 100])
def test_a_commit_does_for_many_however_quick_the_server_is(limit: int, takes: float) -> None:
    desk = Desk(Limits(limit, None, None))
    desk.takes = takes
    mailer = desk.mailer()
    for _ in range(30):
        list(mailer.send(mails(10)))
    assert desk.commits <= 0.1 * 300
    assert (desk.now - START).total_seconds() < 1.3 * max(300 / limit, 300 * takes)


def test_nothing_is_taken_before_it_is_asked_for() -> None:
    desk = Desk(Limits(20, None, None))
    found = desk.mailer().send(mails(3))
    assert desk.commits == 0
    next(found)
    assert len(desk.left) == 1


def test_a_day_that_is_used_up_is_later_for_everybody_and_says_how_long() -> None:
    desk = Desk(Limits(None, None, 19))
    mailer = desk.mailer()
    found = [*mailer.send(mails(12)), *mailer.send(mails(12))]
    assert found[:19] == [Accepted("x")] * 19
    (wait,) = set(found[19:])
    assert isinstance(wait, Later)
    assert (wait.code, wait.whole) == ("budget", True)
    assert wait.seconds is not None
    desk.sleep(wait.seconds)
    assert next(mailer.send(mails(1))) == Accepted("x")


def test_it_is_kept_across_restarts_and_shared() -> None:
    desk = Desk(Limits(None, 15, None))
    assert list(desk.mailer().send(mails(10))) == [Accepted("x")] * 10
    found = list(desk.mailer().send(mails(10)))
    assert [isinstance(answer, Later) for answer in found] == [False] * 5 + [True] * 5


def test_what_was_not_used_is_given_back_when_the_connection_ends() -> None:
    desk = Desk(Limits(None, 40, None))
    first = desk.mailer()
    asked = first.send(mails(38))
    next(asked)
    first.close()
    assert list(desk.mailer().send(mails(37))) == [Accepted("x")] * 37


def test_a_worker_that_died_has_used_what_it_took() -> None:
    desk = Desk(Limits(None, 19, None))
    next(desk.mailer().send(mails(12)))
    found = list(desk.mailer().send(mails(12)))
    assert sum(isinstance(answer, Accepted) for answer in found) == 7


def test_confirmations_go_when_campaigns_have_to_wait() -> None:
    desk = Desk(Limits(None, 20, None))
    list(desk.mailer().send(mails(30)))
    assert len(desk.left) == 19
    assert next(desk.mailer(first=True).send(mails(2))) == Accepted("x")


def test_after_a_halt_nothing_more_is_handed_over() -> None:
    desk = Desk(Limits(None, 20, None))
    desk.answer = Halt("535", "mend it")
    assert list(desk.mailer().send(mails(5))) == [desk.answer] * 5
    assert len(desk.left) == 1


def test_a_database_that_does_not_answer_is_later(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(Limits(None, 20, None))

    def silent(*_: object) -> None:
        raise Transient

    monkeypatch.setattr(Runner, "run", silent)
    mailer = desk.mailer()
    assert set(mailer.send(mails(3))) == {Later("budget", whole=True, seconds=5.0)}
    mailer.close()
    assert desk.left == []


def test_a_short_wait_is_waited_out() -> None:
    desk = Desk(Limits(2, None, None))
    first, second = desk.mailer(), desk.mailer()
    asked = first.send(mails(6))
    next(asked)
    assert set(second.send(mails(2))) == {Accepted("x")}
    assert desk.left[1] - desk.left[0] >= timedelta(seconds=3)


def test_giving_back_to_a_budget_that_is_gone_is_no_error() -> None:
    desk = Desk(Limits(None, 40, None))
    mailer = desk.mailer()
    next(mailer.send(mails(5)))
    desk.store.delete(Spent().path)
    mailer.close()


def test_two_who_take_at_the_same_moment_do_not_take_the_same() -> None:
    desk = Desk(Limits(None, None, 19))
    one, other = desk.mailer(), desk.mailer()

    def meanwhile() -> None:
        desk.store.pause = lambda: None
        list(other.send(mails(10)))

    desk.store.pause = meanwhile
    found = list(one.send(mails(15)))
    assert len(desk.left) == 19
    assert sum(isinstance(answer, Accepted) for answer in found) == 9


@given(
    st.integers(2, 30),
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 12), st.sampled_from([0, 0.02, 0.2, 1.5])),
        max_size=30,
    ),
)
@settings(max_examples=60, deadline=None)
def test_instances_together_keep_to_a_second(
    limit: int, turns: list[tuple[int, int, float]]
) -> None:
    desk = Desk(Limits(limit, None, None))
    instances = [desk.mailer() for _ in range(3)]
    for who, count, takes in turns:
        desk.takes = takes
        list(instances[who].send(mails(count)))
    if desk.left:
        # One more than the limit where a mail leaves at the end of its moment.
        assert desk.most_in(1) <= limit + len(instances)


def test_nothing_that_is_stored_names_anybody() -> None:
    desk = Desk(Limits(5, 50, 500))
    list(desk.mailer().send(mails(5)))
    stored = desk.store.read([Spent().path])[Spent().path]
    assert "@" not in repr(stored)
    assert stored.fields.keys() == {"latest", "second", "hour", "day"}
