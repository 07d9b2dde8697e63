"""The model of the commit protocol keeps the limits that are known without it."""

from dataclasses import replace
from random import Random

import pytest

from bench.discrete import Clock, Places, Process, Try
from bench.parameters import IDS, SNAPSHOTS, Load, Look, Platform, Protocol
from bench.simulation import Outcome, Simulation
from crm.db.retry import RetryPolicy

COMMIT = 0.03
SWIFT = Platform(receive=0, ask=0, plan=0, link=0, read=0.01, commit=COMMIT)
"""An instance whose computing takes no time: what is left is the database."""

BUSY = replace(SWIFT, plan=0.005)
ALONE = Load(customers=1)
CROWD = Load(customers=1_000_000)
PROTOCOLS = pytest.mark.parametrize("protocol", [IDS, SNAPSHOTS], ids=["ids", "snapshots"])


def outcome(platform: Platform, protocol: Protocol, load: Load, instances: int) -> Outcome:
    return Simulation(platform, protocol, load, instances).run(10.0, warm=2.0)


@PROTOCOLS
@pytest.mark.parametrize("instances", [1, 2, 8])
def test_one_customer_takes_one_commit_after_the_other(protocol: Protocol, instances: int) -> None:
    found = outcome(SWIFT, protocol, ALONE, instances)
    assert 0 < found.rate <= 1 / COMMIT + 0.1  # one may end as the count begins


def test_one_instance_that_remembers_commits_without_a_pause() -> None:
    found = outcome(SWIFT, SNAPSHOTS, ALONE, 1)
    assert found.rate == pytest.approx(1 / COMMIT, rel=0.02)
    assert found.reads == found.conflicts == 0


@PROTOCOLS
def test_among_many_customers_instances_add_up(protocol: Protocol) -> None:
    one, four = (outcome(BUSY, protocol, CROWD, instances) for instances in (1, 4))
    assert four.rate == pytest.approx(4 * one.rate, rel=0.02)
    assert four.conflicts < 0.001


def test_an_instance_plans_one_event_at_a_time() -> None:
    slow = replace(SWIFT, plan=0.05)
    assert outcome(slow, IDS, CROWD, 1).rate == pytest.approx(1 / slow.plan, rel=0.02)


@pytest.mark.parametrize("cores", [0.5, 1, 1.5, 2])
def test_processes_that_share_cores_have_no_more_than_these(cores: float) -> None:
    shared = Platform(
        receive=0, ask=0.001, plan=0.004, link=0, read=0.001, commit=0.002, cores=cores
    )
    each = 2 * (shared.ask + shared.read) + shared.plan + shared.commit  # everybody is a stranger
    found = outcome(shared, SNAPSHOTS, CROWD, 4)
    assert found.rate == pytest.approx(cores / each, rel=0.05)


def test_a_database_serves_as_many_at_a_time_as_it_can() -> None:
    found = outcome(replace(SWIFT, workers=2), SNAPSHOTS, CROWD, 4)
    assert found.rate == pytest.approx(2 / (2 * SWIFT.read + COMMIT), rel=0.03)


@PROTOCOLS
@pytest.mark.parametrize(
    "load",
    [
        Load(customers=3, in_flight=5),
        Load(customers=50, skew=1.2),
        Load(customers=200, hot=0.5, rate=60, events=3, gap=0.2),
    ],
    ids=["few", "zipf", "box office"],
)
def test_no_event_is_lost_or_counted_twice(protocol: Protocol, load: Load) -> None:
    simulation = Simulation(replace(BUSY, spread=0.5), protocol, load, 3)
    simulation.run(5.0)
    simulation.finish()
    assert simulation.done == +simulation.versions  # each event is one commit that was accepted
    assert simulation.done.total() == simulation.tally.arrived - simulation.tally.failed
    assert simulation.tally.collisions > 0


def test_who_gives_up_is_delivered_again_and_done_once() -> None:
    retry = RetryPolicy(seconds=0.05)
    load = Load(customers=1, rate=40)
    simulation = Simulation(replace(SWIFT, spread=0.5), IDS, load, 4, retry=retry)
    simulation.run(5.0)
    simulation.finish()
    assert simulation.tally.failed > 0
    assert simulation.done == simulation.versions
    assert simulation.done.total() == simulation.tally.arrived - simulation.tally.failed


@PROTOCOLS
def test_a_seed_makes_the_same_always(protocol: Protocol) -> None:
    load = Load(customers=20, skew=1.0, rate=100)

    def seeded(seed: int) -> Outcome:
        return Simulation(replace(BUSY, spread=0.4), protocol, load, 3, seed).run(3.0)

    assert seeded(7) == seeded(7)
    assert seeded(7) != seeded(8)


def test_turns_keep_the_threads_of_an_instance_from_colliding() -> None:
    assert outcome(SWIFT, IDS, ALONE, 1).conflicts == 0
    assert outcome(SWIFT, replace(IDS, turns=False), ALONE, 1).conflicts > 0.5


def test_who_has_waited_long_for_a_turn_is_delivered_again() -> None:
    slow = replace(SWIFT, commit=1.0)  # sixteen wait, and a turn takes a second
    simulation = Simulation(slow, replace(IDS, patience=5.0, sheds=True), ALONE, 1)
    found = simulation.run(30.0)
    assert found.conflicts == 0
    assert simulation.tally.failed > 10
    going_on = Simulation(slow, replace(IDS, patience=5.0, sheds=False), ALONE, 1).run(30.0)
    assert going_on.conflicts > 0.1
    assert going_on.rate <= 1 / slow.commit


def test_more_events_of_one_customer_than_can_be_committed_bring_nothing_down() -> None:
    rush = Load(customers=1, rate=1.5 / COMMIT)
    shed, going_on = (
        Simulation(SWIFT, replace(SNAPSHOTS, patience=5.0, sheds=sheds), rush, 10).run(60.0, 20.0)
        for sheds in (True, False)
    )
    assert shed.rate > 0.7 / COMMIT
    assert shed.reads < 5
    assert going_on.rate < 0.3 / COMMIT


def test_what_another_instance_wrote_makes_a_memory_old() -> None:
    slow = Load(customers=1, rate=2)  # nobody meets anybody
    found = Simulation(SWIFT, SNAPSHOTS, slow, 4).run(200.0)
    assert found.stale > 0.3
    assert found.stale == pytest.approx(found.conflicts, abs=0.05)
    assert found.reads < SNAPSHOTS.stranger.documents + SNAPSHOTS.again.documents
    assert outcome(SWIFT, SNAPSHOTS, slow, 1).conflicts == 0


@pytest.mark.parametrize(
    ("more", "reads"),
    [({}, 0), ({"age": 0.001}, 2), ({"room": 1}, 2)],
    ids=["remembered", "too old", "no room"],
)
def test_an_instance_forgets(more: dict[str, float], reads: int) -> None:
    protocol = replace(SNAPSHOTS, **more)  # type: ignore[arg-type]
    two = Load(customers=2, rate=5)
    found = outcome(SWIFT, protocol, two, 1).reads
    assert found == 0 if reads == 0 else found > 0.8
    assert found <= reads


def test_a_stranger_costs_what_the_protocol_says() -> None:
    assert outcome(SWIFT, SNAPSHOTS, CROWD, 2).reads == pytest.approx(2, rel=0.02)
    dear = replace(IDS, stranger=Look(3, 7))
    assert outcome(SWIFT, dear, CROWD, 2).reads == pytest.approx(7, rel=0.02)


def test_more_orders_than_can_be_taken_wait() -> None:
    slow = replace(SWIFT, plan=0.05)
    found = outcome(slow, IDS, replace(CROWD, rate=40), 1)
    assert found.rate == pytest.approx(20, rel=0.05)
    assert found.behind == pytest.approx(10 * 20, rel=0.2)


@pytest.mark.parametrize(("skew", "hot", "least"), [(0, 0, 0.0), (1.2, 0, 0.15), (0, 0.5, 0.45)])
def test_buyers_are_as_unequal_as_is_said(skew: float, hot: float, least: float) -> None:
    draw = Load(customers=1_000, skew=skew, hot=hot).buyers(Random(3))
    drawn = [draw() for _ in range(4_000)]
    assert set(drawn) <= set(range(1_000))
    assert least <= drawn.count(0) / len(drawn) <= least + 0.1


def test_places_are_given_in_the_order_in_which_they_were_asked_for() -> None:
    clock, came = Clock(), []
    places = Places(clock)

    def comer(number: int) -> Process:
        yield places
        yield 1.0
        came.append((number, clock.now))
        places.leave()

    for number in range(3):
        clock.start(comer(number), number / 10)
    clock.run(0.5)
    assert places.waiting == 2
    clock.run(10)
    assert came == [(0, 1.0), (1, 2.0), (2, 3.0)]
    assert places.free == 1


def test_who_tries_to_get_a_place_waits_no_longer_than_it_said() -> None:
    clock, came = Clock(), []
    places = Places(clock)

    def comer(number: int, patience: float) -> Process:
        wanted = Try(places, patience)
        yield wanted
        came.append((number, clock.now, wanted.has))
        yield 1.0
        if wanted.has:
            places.leave()

    for number, patience in enumerate((1.0, 0.4, 5.0)):
        clock.start(comer(number, patience))
    clock.run(10)
    assert came == [(0, 0.0, True), (1, 0.4, False), (2, 1.0, True)]
    assert places.free == 1
    assert places.waiting == 0
