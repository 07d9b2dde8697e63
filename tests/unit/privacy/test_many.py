"""Who is found by more values than one query takes: pages, archives and erasures."""

from __future__ import annotations

from typing import Any

import pytest

from crm.db.documents import Query
from crm.privacy.erasure.erase import erase
from crm.privacy.erasure.reason import OWN
from crm.privacy.export.archive import Limits, export
from crm.privacy.many import find_page, named, some
from crm.privacy.own import SignedIn
from testing.hosts import order, user
from testing.memory import MemoryStore
from testing.world import KEYS, World
from tests.support.archive import whole
from tests.unit.privacy.test_export import SCOPE

LAST = 31


@pytest.mark.parametrize(
    ("number", "sizes"), [(0, []), (1, [1]), (30, [30]), (31, [30, 1]), (61, [30, 30, 1])]
)
def test_values_are_asked_for_in_pieces_that_a_query_takes(number: int, sizes: list[int]) -> None:
    values = [f"v{one:02}" for one in range(number)]
    assert [len(one) for one in some(values)] == sizes
    assert [one for piece in some(values) for one in piece] == values
    queries = named("c", "f", values)
    assert queries == tuple(Query("c", (("f", "in", piece),)) for piece in some(values))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 9])
@pytest.mark.parametrize("queries", [1, 2, 3])
def test_pages_hold_each_document_once_in_the_order_of_ids(size: int, queries: int) -> None:
    store = MemoryStore()
    for number in range(8):
        store.put(f"c/{7 - number}", {"f": number % 3, "g": ["a", "b"][number % 2]})
    asked = [Query("c"), Query("c", (("f", "in", (0, 1)),)), Query("c", (("g", "==", "a"),))]
    found: list[str] = []
    after = None
    while True:
        page = [one.id for one in find_page(store, asked[:queries], size, after)]
        found += page
        if len(page) < size:
            break
        after = page[-1]
    assert found == [str(number) for number in range(8)]
    assert find_page(store, [], size, None) == []


@pytest.fixture
def world() -> World:
    """A user with as many addresses as one customer has, and who has proven one more since."""
    made = World(trust="auth")
    for number in range(LAST):
        made.accounts.of["u1"] = address(number)
        made.put_user("u1", user(address(number)))
        made.put_order(f"o{number:02}", order(address(number), marketingOptIn=True))
    made.put_order("odd", order(address(LAST - 1), status="odd"))
    made.put_order("uid", order(None, userId="u1", status="odd"))
    made.put_order("bob", order("bob@example.com", marketingOptIn=True))
    held = sorted(len(one["parts"]) for one in made.customers())
    assert held == [1, 1, 1, 30]
    return made


def address(number: int) -> str:
    return f"a{number:02}@example.com"


PERSON = SignedIn("u1", address(LAST - 1))


def mine(world: World) -> set[str]:
    """The orders that count for the two customers that are the person's."""
    customers = [world.with_uid("u1"), world.with_email(PERSON.address)]
    parts = {name for one in customers for name in one["parts"]}
    rows = world.store.all("crmOrders").items()
    return {name for name, one in rows if one["partId"] in parts}


@pytest.mark.parametrize("limits", [Limits(), Limits(items=7, page=3, chunk=2)])
def test_an_archive_of_them_shows_everything_once(world: World, limits: Limits) -> None:
    expected = sorted(mine(world))
    archive: dict[str, Any] = whole(
        lambda token: export(world.runner, SCOPE, PERSON, token, limits)
    )
    assert [one["orderId"] for one in archive["orders"]] == expected
    assert [one["orderId"] for one in archive["unreadOrders"]] == ["odd", "uid"]
    assert len(archive["identities"]) == 31
    consents = [one["address"] for one in archive["consents"]]
    assert sorted(consents) == sorted(archive["profile"]["emails"])
    assert archive["ordersOfOthers"] == 0
    links = [*world.store.all("crmLinks")]
    assert len(archive["merges"]) == len(links)


def test_an_erasure_of_them_leaves_nothing(world: World) -> None:
    expected = mine(world) | {"odd", "uid"}
    answer = erase(world.runner, world.queue.append, PERSON, reason=OWN, seconds=0)
    world.work()
    ((erasure_id, record),) = world.store.all("crmErasures").items()
    assert (answer["erasureId"], record["state"], len(record["keys"])) == (erasure_id, "done", 31)
    rows = world.store.all("crmOrders").items()
    assert {name for name, one in rows if one["erased"]} == expected
    bobs = {one["identity"] for one in world.store.all("crmConsents").values()}
    assert KEYS.address("bob@example.com") in bobs
    assert not bobs & {*record["keys"]}
    (job,) = world.store.all("crmJobs").values()
    assert (job["state"], job["result"]) == ("done", {"orders": len(expected)})
    assert world.wrong() == []
