"""Which customer an order's event leads to, as far as this process has seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from crm.db.documents import Create, Delete, Write
from crm.sync.affinity import Affinity
from crm.sync.customer_cache import CustomerCache


@pytest.fixture
def held() -> list[str]:
    return []


@pytest.fixture
def affinity(held: list[str]) -> Affinity:
    @contextmanager
    def hold(key: str) -> Iterator[None]:
        held.append(key)
        yield

    return Affinity(CustomerCache(), hold)


def customer(customer_id: str) -> Write:
    return Create(f"customers/{customer_id}", {})


def test_nobody_waits_for_an_order_of_which_nothing_is_known(
    affinity: Affinity, held: list[str]
) -> None:
    with affinity.turn(()):
        assert held == []
    assert affinity.prefetch(()) == ()


def test_turns_are_by_the_first_key_until_its_customer_is_known(
    affinity: Affinity, held: list[str]
) -> None:
    with affinity.turn(("user", "address")):
        assert held == ["user"]
    affinity.remember(("user", "address"), [customer("c1")])
    with affinity.turn(("user", "other")), affinity.turn(("address",)):
        assert held == ["user", "c1", "address"], "the key that decides is the one remembered"


def test_everything_that_a_plan_will_likely_ask_for_is_read_at_once(affinity: Affinity) -> None:
    keys = ("user", "address")
    assert affinity.prefetch(keys) == ("crmIdentities/user", "crmIdentities/address")
    affinity.remember(keys, [customer("c1")])
    assert affinity.prefetch(keys) == (
        "crmIdentities/user",
        "crmIdentities/address",
        "customers/c1",
    )


@pytest.mark.parametrize(
    "writes",
    [
        [],
        [customer("c1"), customer("c2")],  # an order that moves
        [Delete("customers/c1", 1)],
        [Create("customersOfOthers/c1", {}), Create("crmOrders/o1", {})],
    ],
)
def test_nothing_is_remembered_of_a_commit_that_shows_no_one_customer(
    affinity: Affinity, writes: list[Write]
) -> None:
    affinity.remember(("user",), writes)
    assert affinity.cache.get("user") is None
    affinity.remember((), [customer("c1")])


def test_the_customer_that_stays_is_remembered_when_another_goes(affinity: Affinity) -> None:
    affinity.remember(("user",), [Delete("customers/c1", 1), customer("c2")])
    assert affinity.cache.get("user") == "c2"
