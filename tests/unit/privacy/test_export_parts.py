"""The parts of an archive: what goes into which, to the entry and the character."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.customers.reference import CustomerRef
from crm.db.documents import Query
from crm.db.paging import PageTokens
from crm.privacy.export.archive import MAX_AGE, Limits, export
from crm.privacy.export.lists import NAMES
from testing.hosts import order
from testing.world import KEYS, World
from tests.unit.privacy.test_export import SCOPE

ADA = CustomerRef("email", "ada@example.com")
HEAD = ("format", "version", "exportedAt", "part", "complete")


@pytest.fixture
def world() -> World:
    """Ada with five orders, of which two opted in, and one that nobody can read."""
    made = World()
    for number in range(5):
        made.put_order(f"o{number}", order(marketingOptIn=number < 2, day=number))
    made.put_order("odd", order(status="odd"))
    return made


def part(world: World, token: str | None = None, **limits: Any) -> tuple[dict[str, Any], Any]:
    answer: Any = export(world.runner, SCOPE, ADA, token, Limits(**limits))
    assert {*answer} == {"archive", "nextPageToken"}
    return answer["archive"], answer["nextPageToken"]


def parts(world: World, **limits: Any) -> list[dict[str, Any]]:
    """Every part, from first to last."""
    archive, token = part(world, **limits)
    found = [archive]
    while token:
        archive, token = part(world, token, **limits)
        found.append(archive)
    return found


def held(archive: dict[str, Any]) -> list[str]:
    """What a part holds of the lists: orders by their ids, of others the list's name."""
    entries = [(name, one) for name in NAMES for one in archive[name]]
    return [str(one.get("orderId", name)) for name, one in entries]


CONTENT = ["o0", "o1", "o2", "o3", "o4", "odd", "consents", "consents"]


@pytest.mark.parametrize("items", [1, 2, 3, 4, 5, 6, 7, 8, 9])
def test_a_part_takes_as_many_entries_as_it_may_across_lists(world: World, items: int) -> None:
    found = parts(world, items=items, page=2, chunk=1)
    expected = [CONTENT[at : at + items] for at in range(0, len(CONTENT), items)]
    # The export of the first part is in the trail when the snapshot is taken: not in this archive.
    assert [held(one) for one in found] == expected
    assert [one["part"] for one in found] == list(range(1, len(expected) + 1))
    assert [one["complete"] for one in found] == [False] * (len(expected) - 1) + [True]


def test_the_first_part_alone_tells_what_is_no_list(world: World) -> None:
    first, second, *_ = parts(world, items=3)
    assert [*second] == [*HEAD, *NAMES]
    assert {*first} > {*second}
    assert first["exportedAt"] == second["exportedAt"]


def test_a_part_holds_as_many_characters_as_it_may_and_no_more(world: World) -> None:
    whole = parts(world)[0]
    head = {key: value for key, value in whole.items() if key not in (*HEAD, *NAMES)}
    orders = [len(json.dumps(one)) for one in whole["orders"]]
    two = len(json.dumps(head)) + sum(orders[:2])
    assert held(parts(world, size=two)[0]) == ["o0", "o1"]
    assert held(parts(world, size=two - 1)[0]) == ["o0"]
    # A later part has no head but its braces.
    three = len("{}") + sum(orders[1:4])
    sizes = [held(one) for one in parts(world, size=three)]
    assert sizes[:2] == [["o0"], ["o1", "o2", "o3"]]
    assert [held(one) for one in parts(world, size=three - 1)][:2] == [["o0"], ["o1", "o2"]]


def test_what_is_looked_at_and_not_shown_counts_as_an_entry_and_weighs_nothing(
    world: World,
) -> None:
    for number in (1, 2):
        world.store.delete(f"orders/o{number}")  # no event yet
    found = [held(one) for one in parts(world, items=3)]
    assert found == [["o0"], ["o3", "o4", "odd"], ["consents", "consents"]]
    whole = parts(world)[0]
    two = len("{}") + sum(len(json.dumps(one)) for one in whole["orders"][1:])
    assert held(parts(world, size=two)[1]) == ["o3", "o4"]


def test_a_token_holds_the_moment_and_the_place_alone(world: World) -> None:
    archive, token = part(world, items=2)
    tokens = PageTokens(KEYS.derive("page-token"))
    moment = archive["exportedAt"].removesuffix("Z") + "+00:00"
    assert tokens.read(SCOPE, token) == [moment, 2, 0, "o1"]
    _, token = part(world, token, items=5)
    assert tokens.read(SCOPE, token) == [moment, 3, 2, archive_id(world)]


def archive_id(world: World) -> str:
    """The id of the first record of consent."""
    return sorted(world.store.all("crmConsents"))[0]


def test_an_archive_goes_on_for_as_long_as_its_snapshot_is_kept(world: World) -> None:
    archive, token = part(world, items=2)
    began = archive["exportedAt"]
    moment = PageTokens(KEYS.derive("page-token")).read(SCOPE, token)[0]
    at = datetime.fromisoformat(moment) + MAX_AGE
    wait(world, at)
    assert part(world, token, items=2)[0]["exportedAt"] == began
    wait(world, at + timedelta(microseconds=1))
    with pytest.raises(Refusal) as refusal:
        part(world, token, items=2)
    assert (refusal.value.code, refusal.value.reason) == ("failed-precondition", "export-expired")
    assert "begin again at its first part" in refusal.value.message


def wait(world: World, until: datetime) -> None:
    """Have the time be a moment, until something else happens."""
    world.runner = replace(world.runner, now=lambda: until)


def test_rows_are_found_a_page_at_a_time_and_their_documents_read_in_smaller_pieces(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = type(world.store)
    find, read = view.find, view.read
    asked: list[tuple[int | None, object]] = []
    pieces: list[list[str]] = []

    def finding(self: Any, query: Query) -> Any:
        if query.collection == "crmOrders" and query.limit is not None:
            asked.append((query.limit, query.after))
        return find(self, query)

    def reading(self: Any, paths: Iterable[str]) -> Any:
        paths = [*paths]
        if paths and paths[0].startswith("orders/"):
            pieces.append(paths)
        return read(self, paths)

    monkeypatch.setattr(view, "find", finding)
    monkeypatch.setattr(view, "read", reading)
    (whole,) = parts(world, page=3, chunk=2)
    assert held(whole) == CONTENT
    assert asked == [(3, None), (3, (None, "o2")), (3, None)]
    assert pieces == [
        ["orders/o0", "orders/o1"],
        ["orders/o2"],
        ["orders/o3", "orders/o4"],
        ["orders/odd"],
    ]
    asked.clear()
    parts(world, page=5)
    assert asked == [(5, None), (5, (None, "o4")), (5, None)]
