"""Entries are written with their change, chained, and sealed."""

from dataclasses import dataclass, replace
from typing import Protocol

from crm.audit.trail import CHAINS, START, Once, entry_id, record, seal
from crm.db.collections import AUDIT, AUDIT_HEADS
from crm.db.documents import Write
from crm.db.runner import Runner
from crm.db.transaction import Transaction
from testing.world import KEYS, World
from tests.support.faults import Fault, Faults, faulty


@dataclass
class Plan:
    writes: list[Write]


class Running(Protocol):
    """A world in memory or a live one."""

    runner: Runner


def recorded(world: Running, action: str, *customers: str, **facts: int) -> None:
    def plan(tx: Transaction) -> Plan:
        return Plan(record(tx, action, customers, **facts))

    replace(world.runner, actor="u1-someone").run(plan)


def test_an_entry_says_who_what_when_and_to_whom() -> None:
    world = World()
    recorded(world, "customer.tag", "c1", "c2", added=1)
    ((name, entry),) = world.store.all(AUDIT).items()
    assert name == entry_id(entry["chain"], 1)
    assert entry["actor"] == "u1-someone"
    assert (entry["action"], entry["customers"]) == ("customer.tag", ["c1", "c2"])
    assert entry["facts"] == {"added": 1}


def test_entries_form_chains_that_lead_to_their_heads() -> None:
    world = World()
    for number in range(100):
        recorded(world, "customer.tag", f"c{number}")
    entries, heads = world.store.all(AUDIT), world.store.all(AUDIT_HEADS)
    assert len(entries) == 100
    assert 1 < len(heads) <= CHAINS
    for chain, head in heads.items():
        last = START
        for number in range(1, head["count"] + 1):
            entry = entries.pop(entry_id(int(chain), number))
            assert entry["seal"] == seal(KEYS.derive("audit"), last, entry)
            last = entry["seal"]
        assert last == head["seal"]
    assert not entries


def test_an_entry_that_stands_alone_is_written_once_though_its_answer_is_lost() -> None:
    world = World()
    recorded(world, "customer.tag", "c0")  # so that some chain has begun
    runner = faulty(world.runner, Faults(3, Fault.LOST))  # nothing tried, the head, the commit
    for _ in range(2):
        runner.run(Once("customer.export", ["c1"], {"part": 1}))
    exports = [one for one in world.store.all(AUDIT).values() if one["action"] != "customer.tag"]
    assert [(one["customers"], one["facts"]) for one in exports] == [(["c1"], {"part": 1})] * 2


def test_a_seal_depends_on_every_field_the_entry_before_and_the_key() -> None:
    entry = {"number": 2, "actor": "a", "facts": {"added": 1}}
    sealed = seal(b"k" * 32, "before", entry)
    assert seal(b"k" * 32, "before", {**entry, "seal": sealed}) == sealed
    assert seal(b"k" * 32, "other", entry) != sealed
    assert seal(b"l" * 32, "before", entry) != sealed
    for key in entry:
        assert seal(b"k" * 32, "before", {**entry, key: 0}) != sealed
