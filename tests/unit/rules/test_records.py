"""When a rule may act on a person, to the microsecond, and the records that say that it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.db.documents import Create, Delete, Update, Write
from crm.db.transaction import Transaction
from crm.rules.acting import LATE, Looked, floor_of, in_time, look, plan_act
from crm.rules.entry import RuleEntry
from crm.rules.occurrence import is_occurrence, is_progress, occurrence_path, progress_path
from crm.rules.once import acted, run_paths, run_writes, subjects
from crm.rules.rule import Rule
from crm.rules.run import run_id
from testing.world import KEYS
from tests.support.ruled import Ruled
from tests.support.stored import DAY

TICK = timedelta(microseconds=1)

HOUR = timedelta(hours=1)


def rule(**said: Any) -> Rule:
    tags = {"addTags": ["VIP"], "removeTags": []}
    made = Rule("r", "R", True, {"subscribed": True}, tags, "ever", 9, DAY, DAY)
    return replace(made, **said)


# --- In time


@pytest.mark.parametrize(
    ("said", "floor"),
    [
        ({"since": None}, DAY),
        ({"since": DAY - HOUR}, DAY - HOUR),
        ({"since": DAY - LATE}, DAY - LATE),
        ({"since": DAY - LATE * 2}, DAY - LATE),
        # Staff have allowed those who waited: for a day nothing of theirs is too late.
        ({"since": DAY - LATE * 9, "allowed": DAY}, DAY - LATE * 9),
        ({"since": DAY - LATE * 9, "allowed": DAY - LATE + TICK}, DAY - LATE * 9),
        ({"since": DAY - LATE * 9, "allowed": DAY - LATE}, DAY - LATE),
        ({"since": DAY - HOUR, "allowed": DAY - LATE * 2}, DAY - HOUR),
    ],
)
def test_since_when_reasons_count(said: dict[str, Any], floor: Any) -> None:
    made = rule(**said)
    assert floor_of(made, DAY) == floor
    assert [in_time(made, floor + one, DAY) for one in (-TICK, 0 * TICK, TICK)] == [
        *(False, True, True),
    ]


# --- Looked at


def somebody(**said: Any) -> tuple[Ruled, Rule, RuleEntry]:
    """A world in which somebody waits for a rule."""
    world = Ruled()
    made = world.save(**said)
    world.buy("ada")
    ((name, row),) = world.store.all("crmOutbox").items()
    return world, made, RuleEntry.from_data(name, row)


def looked(world: Ruled, entry: RuleEntry) -> Looked:
    return world.runner.evaluate(partial(look, entry=entry))


def test_whom_a_rule_acts_on_is_given_as_the_person_is_now() -> None:
    world, made, entry = somebody()
    world.buy("ada")
    found = looked(world, entry)
    path = f"customers/{world.id('ada')}"
    snapshot = world.store.read([path])[path]
    customer = Customer.from_data(snapshot.id, snapshot.fields)
    assert found == Looked(None, made, customer, snapshot)


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        ("unknown", "off"),
        ("off", "off"),
        ("since", "off"),
        ("paused", "paused"),
        ("early", "late"),
        ("nobody", "gone"),
        ("only", "not-meant"),
        ("acted", "before"),
    ],
)
def test_whom_it_does_not_act_on_is_said_by_a_code_alone(how: str, outcome: Any) -> None:
    world, made, entry = somebody()
    book = world.store.all("crmRules")["book"]
    kept = book["rules"][made.id]
    if how == "unknown":
        entry = replace(entry, rule_id="nobody")
    elif how == "since":
        entry = replace(entry, since=entry.at)
    elif how == "early":
        assert made.since is not None
        entry = replace(entry, at=made.since - TICK)
    elif how == "nobody":
        entry = replace(entry, customer_id="nobody")
    elif how == "acted":
        world.drain()
    else:
        kept |= {
            "off": {"on": False},
            "paused": {"paused": "loop"},
            "only": {"asked": {"tag": "a"}},
        }[how]
        world.store.put("crmRules/book", book)
    assert looked(world, entry) == Looked(outcome)


def test_its_work_is_one_commit() -> None:
    world, _, entry = somebody()
    plan = world.runner.evaluate(partial(plan_act, entry=entry))
    assert plan.result == "done"
    kinds = sorted((type(one).__name__, one.path.partition("/")[0]) for one in plan.writes)
    assert kinds == [
        ("Create", "crmAudit"),
        ("Create", "crmAuditHeads"),
        ("Create", "crmRuleRuns"),
        ("Create", "crmTags"),
        ("Delete", "crmOutbox"),
        ("Update", "customers"),
    ]
    (gone,) = [one for one in plan.writes if isinstance(one, Delete)]
    assert gone == Delete(entry.path, world.store.read([entry.path])[entry.path].version)
    without = world.runner.evaluate(partial(plan_act, entry=entry, stored=False))
    assert [type(one) for one in without.writes if isinstance(one, Delete)] == []
    assert len(without.writes) == 5


def test_somebody_who_has_the_tag_already_is_guarded_by_what_never_changes() -> None:
    world, _, entry = somebody()
    world.tag("ada", ["VIP"])
    plan = world.runner.evaluate(partial(plan_act, entry=entry))
    path = f"customers/{world.id('ada')}"
    found = world.store.read([path])[path]
    (guard,) = [one for one in plan.writes if one.path == path]
    assert guard == Update(path, {"createdAt": found.fields["createdAt"]}, found.version)
    world.store.commit(plan.writes)
    assert world.store.all("customers")[world.id("ada")] == found.fields


@pytest.mark.parametrize(
    ("how", "outcome", "stays"), [("off", "off", False), ("paused", "paused", True)]
)
def test_whoever_waits_for_a_rule_that_asks_waits_on(how: str, outcome: str, stays: bool) -> None:
    world, made, entry = somebody()
    book = world.store.all("crmRules")["book"]
    book["rules"][made.id] |= {"off": {"on": False}, "paused": {"paused": "loop"}}[how]
    world.store.put("crmRules/book", book)
    done, _ = world.runner.run(partial(plan_act, entry=entry))
    assert (done.result, len(world.rows())) == (outcome, int(stays))


def test_a_row_that_another_worker_has_taken_is_handled() -> None:
    world, _, entry = somebody()
    world.store.delete(entry.path)
    plan = world.runner.evaluate(partial(plan_act, entry=entry))
    assert (plan.result, plan.writes) == ("handled", [])


# --- Once


def person(parts: Mapping[str, Part] | None = None) -> Customer:
    return Customer("c", DAY, parts or {"p": Part("e1-k", address="a@example.com")})


def test_what_is_somebodys_own_is_named_in_one_order() -> None:
    several = {
        "p": Part("u1-z", uid="z"),
        "q": Part("e1-a", address="a@example.com"),
        "r": Part("u1-b", uid="b", address="b@example.com"),
        "s": Part("e1-former"),
    }
    assert subjects(person(several)) == [
        ("e1-a", "e:a@example.com"),
        ("u1-b", "u:b"),
        ("u1-z", "u:z"),
    ]
    former = {"q": Part("e1-b"), "p": Part("e1-a")}
    assert subjects(person(former)) == [(None, "p:p"), (None, "p:q")]


def test_a_record_without_an_event_keeps_its_id_too() -> None:
    """Else a rule would act again on everybody after an update."""
    kept = "r1-lol44h6x54ljiyw4ekf7voje"
    assert run_id(KEYS, "r1", "e1-k", None) == run_id(KEYS, "r1", "e1-k", "") == kept
    assert len({run_id(KEYS, *one) for one in SUBJECTS}) == len(SUBJECTS)


SUBJECTS: Sequence[tuple[str, str, str | None]] = [
    ("r1", "e1-k", None),
    ("r2", "e1-k", None),
    ("r1", "e1-l", None),
    ("r1", "e1-k", "gala"),
]


@pytest.mark.parametrize(
    ("once", "ago", "before"),
    [
        ("ever", timedelta(days=4_000), True),
        ({"days": 10}, timedelta(days=10) - TICK, True),
        ({"days": 10}, timedelta(days=10), False),
        ({"days": 10}, timedelta(days=11), False),
        ({"days": 1}, timedelta(days=1) - TICK, True),
    ],
)
def test_a_rule_acts_again_when_so_many_days_are_over(
    once: Any, ago: timedelta, before: bool
) -> None:
    world, made, somebody = Ruled(), rule(once=once), person()

    def asked(tx: Transaction) -> bool:
        return acted(tx, made, somebody, None)

    def writes(tx: Transaction) -> list[Write]:
        assert not asked(tx)
        return run_writes(tx, made, somebody, None, "tags")

    first, later = world.runner.begin(), world.runner.begin()
    first.now, later.now = DAY, DAY + ago
    world.store.commit(world.runner.evaluate(writes, first))
    assert world.runner.evaluate(asked, later) is before


def test_an_event_is_noted_by_rules_alone_that_act_once_an_event() -> None:
    world, somebody = Ruled(), person()
    for once, scope in (("event", "gala"), ("ever", None), ({"days": 3}, None)):
        made = rule(once=once)

        def writes(tx: Transaction, made: Rule = made) -> list[Write]:
            acted(tx, made, somebody, "gala")
            return run_writes(tx, made, somebody, "gala", "send", "c1")

        (write,) = world.runner.evaluate(writes)
        assert isinstance(write, Create)
        (path,) = run_paths(KEYS, made, somebody, "gala")
        assert write.path == path
        assert {**write.data, "at": None} == {
            "ruleId": "r",
            "customerId": "c",
            "identity": "e1-k",
            "scope": scope,
            "at": None,
            "did": "send",
            "campaignId": "c1",
            "counted": True,
            "erased": None,
        }


# --- What is beside the book


def test_documents_beside_the_book_are_told_apart_by_their_ids() -> None:
    paths = ["crmRules/book", progress_path("r"), occurrence_path("r", "e")]
    names = [one.partition("/")[2] for one in paths]
    assert [is_progress(one) for one in names] == [False, True, False]
    assert [is_occurrence(one) for one in names] == [False, False, True]
