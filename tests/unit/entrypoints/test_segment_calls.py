"""`query_segment` and `count_segment` as the callables answer them."""

from __future__ import annotations

from typing import Any

import pytest

from crm.campaigns import reach
from crm.core.errors import Transient
from testing.hosts import DAY, order, user
from testing.world import World
from tests.unit.entrypoints.test_dispatch import call, refused

SUBSCRIBED_IN_MARCH = "marketing:subscribed and last_order_at >= 2024-03-01"


@pytest.fixture
def world() -> World:
    """Nine guests, each with one more order than the one before; every third subscribed."""
    world = World()
    for number in range(9):
        for day in range(number + 1):
            fields: dict[str, Any] = {"marketingOptIn": True} if number % 3 == 0 else {}
            world.put_order(f"o{number}-{day}", order(f"p{number}@example.com", day=day, **fields))
    world.put_user("u1", user("p8@example.com"))
    return world


def asked(world: World, segment: object, size: int = 2, **more: object) -> list[str]:
    """The addresses that all pages together answer."""
    found: list[str] = []
    arguments = {"segment": segment, "pageSize": size, **more}
    while True:
        page = call("query_segment", arguments, world)
        assert len(page["customers"]) <= size
        found += [one["primaryEmail"] for one in page["customers"]]
        if page["nextPageToken"] is None:
            return sorted(found)
        arguments["pageToken"] = page["nextPageToken"]


def people(*numbers: int) -> list[str]:
    return [f"p{number}@example.com" for number in numbers]


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ({}, people(*range(9))),
        ("everyone", people(*range(9))),
        (SUBSCRIBED_IN_MARCH, people(0, 3, 6)),
        ({"orderCount": {"gte": 3, "lt": 6}}, people(2, 3, 4)),
        ("order_count >= 8 or total_spend < 50 USD", people(0, 7, 8)),
        ("registered", people(8)),
        ("not attended:devops-2024", []),
        ("order_count >= 3 and order_count < 3", []),
        ("not marketing:subscribed and order_count > 7", people(7, 8)),
    ],
)
def test_pages_and_the_count_are_the_segment(
    world: World, segment: object, expected: list[str]
) -> None:
    assert asked(world, segment) == expected
    assert call("count_segment", {"segment": segment}, world)["count"] == len(expected)


def test_a_customer_is_answered_as_everywhere(world: World) -> None:
    (found,) = call("query_segment", {"segment": "registered"}, world)["customers"]
    who = {"customerId": found["customerId"]}
    assert found == call("get_customer", who, world)["customer"]
    assert not {"facets", "search", "parts"} & set(found)


def test_explain_says_what_was_read(world: World) -> None:
    page = call("query_segment", {"segment": SUBSCRIBED_IN_MARCH, "explain": True}, world)
    told = page["explain"]
    assert told["plan"] == "One query on facets."
    assert told["checked"] is False
    assert told["documentsRead"] == 3
    assert all("m:subscribed" in keys for keys in told["queries"][0])
    for segment, words in {
        "last_order_at < 2024-03-01T12:30:00Z": "One query on facets; who comes back is checked.",
        "not tag:vip": "Every customer is read in the order of ids; who comes back is checked.",
        "everyone": "Every customer is read in the order of ids.",
        "order_count < 0": "Nobody can match: nothing is read.",
    }.items():
        page = call("query_segment", {"segment": segment, "explain": True}, world)
        assert page["explain"]["plan"] == words
    assert "explain" not in call("query_segment", {"segment": "registered"}, world)


def test_days_are_counted_from_the_first_page(world: World) -> None:
    for number in range(9):  # all bought "now", by the clock of this world
        world.put_order(
            f"now{number}", order(f"p{number}@example.com", createdAt=world.store.now())
        )
    arguments: dict[str, Any] = {"segment": "last_order_at within 1 days", "pageSize": 5}
    first = call("query_segment", arguments, world)
    world.store._clock += 3 * 86_400 * 10**9
    assert call("query_segment", arguments, world)["customers"] == []
    rest = call("query_segment", arguments | {"pageToken": first["nextPageToken"]}, world)
    assert len(first["customers"]) + len(rest["customers"]) == 9


def test_a_saved_segment_is_asked_by_id_and_by_name(world: World) -> None:
    editor: dict[str, object] = {"crm": "editor", "email_verified": True}
    saved = {"name": "Loyal", "segment": "order_count >= 7"}
    key = call("save_segment", saved, world, editor)["segmentId"]
    assert asked(world, {"segment": key}) == people(6, 7, 8)
    assert asked(world, "segment:Loyal and not registered") == people(6, 7)
    assert call("count_segment", {"segment": {"segment": key}}, world)["count"] == 3
    (listed,) = call("list_segments", {}, world)["segments"]
    assert listed["lastCount"] == 3


def test_a_saved_segment_is_changed_over_the_revision_that_was_read(world: World) -> None:
    editor: dict[str, object] = {"crm": "editor", "email_verified": True}
    saved = call("save_segment", {"name": "Loyal", "segment": "order_count >= 7"}, world, editor)
    assert (saved.pop("warnings"), saved["revision"]) == ([], 1)
    change = {"name": "Loyal", "segment": "order_count >= 8", **saved}
    changed = {**saved, "revision": 2, "warnings": []}
    assert call("save_segment", change, world, editor) == changed
    assert call("save_segment", change, world, editor) == changed  # its answer was lost
    (listed,) = call("list_segments", {}, world)["segments"]
    assert listed["revision"] == 2
    other: dict[str, object] = change | {"segment": "everyone"}
    staff: dict[str, Any] = {"world": world, "claims": editor}
    assert refused("save_segment", other, **staff)[1] == "changed-meanwhile"
    for revision in (0, -1, 1.5, "2", True, [2]):
        odd = other | {"revision": revision}
        assert refused("save_segment", odd, **staff)[1] == "value-invalid"
    new = {"name": "New", "segment": "everyone", "revision": 1}
    assert refused("save_segment", new, **staff)[1] == "value-invalid"
    del other["revision"]
    assert call("save_segment", other, world, editor) == changed | {"revision": 3}


def test_a_count_says_how_it_was_reached(world: World) -> None:
    counted = call("count_segment", {"segment": "order_count >= 3"}, world)
    assert counted == {
        "count": 7,
        "how": "indexes",
        "documentsRead": 1,
        "segment": {"orderCount": {"gte": 3}},
        "text": "order_count >= 3",
        "warnings": [],
    }
    late = DAY.replace(minute=30).isoformat().replace("+00:00", "Z")
    at_edge = {"segment": {"firstOrderAt": {"lt": late}}}
    counted = call("count_segment", at_edge, world)
    assert (counted["count"], counted["how"]) == (9, "indexes and documents")
    rare = {"segment": {"totalSpend": {"currency": "THB", "lt": 100}}}
    assert call("count_segment", rare, world)["how"] == "indexes"


BAD: list[tuple[object, str]] = [
    (None, "segment-invalid"),
    ("", "segment-syntax"),
    ("tag:", "segment-syntax"),
    (7, "segment-invalid"),
    ([], "segment-invalid"),
    ({"tag": "vip", "not": {}}, "segment-invalid"),
    ({"tag": "a/b"}, "tag-invalid"),
    ({"$where": "1"}, "segment-invalid"),
]


@pytest.mark.parametrize("name", ["query_segment", "count_segment"])
@pytest.mark.parametrize(("segment", "reason"), BAD, ids=lambda value: str(value)[:20])
def test_a_malformed_segment_is_refused_before_any_read(
    world: World, name: str, segment: object, reason: str
) -> None:
    reads = world.store.reads
    assert refused(name, {"segment": segment}, world=world)[:2] == ("invalid-argument", reason)
    assert world.store.reads == reads


def test_a_segment_must_be_given(world: World) -> None:
    for name in ("query_segment", "count_segment"):
        assert refused(name, {}, world=world)[:2] == ("invalid-argument", "missing-key")


def test_a_token_is_for_its_caller_and_its_segment(world: World) -> None:
    arguments = {"segment": {"all": [{"orderCount": {"gte": 1}}]}, "pageSize": 2}
    token = call("query_segment", arguments, world)["nextPageToken"]
    reads = world.store.reads
    for changed, uid in (
        ({"pageToken": token}, "somebody else"),
        ({"pageToken": token, "segment": "everyone"}, "staff"),
        ({"pageToken": token[:-9] + token[-8:]}, "staff"),
        ({"pageToken": "x"}, "staff"),
        ({"pageToken": "\u2028"}, "staff"),
    ):
        found = refused("query_segment", arguments | changed, world=world, uid=uid)
        assert found[:2] == ("invalid-argument", "page-token")
    assert world.store.reads == reads
    same = {"segment": "(order_count >= 1)", "pageToken": token}
    assert refused("query_segment", same, world=world)[1] == "page-token"
    assert call("query_segment", arguments | {"pageToken": token, "pageSize": 9}, world)


# --- Sorted ---------------------------------------------------------------------------------------


def in_order(world: World, sort: object, segment: object = "everyone", size: int = 2) -> list[str]:
    """The numbers of the people on all pages together, as they come."""
    arguments: dict[str, Any] = {"segment": segment, "pageSize": size, "sort": sort}
    found = ""
    while True:
        page = call("query_segment", arguments, world)
        found += "".join(one["primaryEmail"][1] for one in page["customers"])
        if page["nextPageToken"] is None:
            return list(found)
        arguments["pageToken"] = page["nextPageToken"]


@pytest.mark.parametrize("size", [1, 2, 4, 200])
def test_a_segment_is_sorted_by_what_was_asked_for(world: World, size: int) -> None:
    rising = list("012345678")
    for sort in (
        {"by": "orderCount"},
        {"by": "totalSpend", "currency": "USD"},
        {"by": "totalSpend", "currency": "usd", "direction": None},
        {"by": "lastOrderAt", "direction": "desc", "currency": None},
    ):
        assert in_order(world, sort, size=size) == rising[::-1]
    by_count = {"by": "orderCount", "direction": "asc"}
    assert in_order(world, by_count, size=size) == rising
    assert in_order(world, by_count, "order_count >= 8 or order_count < 3", size) == list("0178")
    # All first bought on one day, and nobody anything in euros: by their ids.
    ids = [
        one["primaryEmail"][1] for one in call("query_segment", {"segment": {}}, world)["customers"]
    ]
    for direction in ("asc", "desc"):
        assert in_order(world, {"by": "firstOrderAt", "direction": direction}, size=size) == ids
        spend = {"by": "totalSpend", "currency": "THB", "direction": direction}
        assert in_order(world, spend, size=size) == ids


def test_explain_says_how_a_sorted_page_was_found(world: World) -> None:
    def told(segment: str, size: int, sort: object) -> Any:
        arguments = {"segment": segment, "sort": sort, "pageSize": size, "explain": True}
        return call("query_segment", arguments, world)["explain"]

    small = told("order_count >= 3", 50, {"by": "lastOrderAt"})
    assert small["plan"] == "Sorted by lastOrderAt: all were read and sorted."
    assert (small["counts"], small["documentsRead"], small["checked"]) == (1, 8, False)
    walked = told("everyone", 2, {"by": "totalSpend", "currency": "USD"})
    assert (
        walked["plan"] == "Sorted by totalSpend.USD: everyone was read in the order of the field."
    )
    assert (walked["counts"], walked["documentsRead"]) == (0, 4)
    tied = told("order_count >= 1", 2, {"by": "firstOrderAt"})
    assert (
        "counts told how far to reach" in told("order_count >= 1", 1, {"by": "orderCount"})["plan"]
    )
    assert tied["counts"] >= 1


BAD_SORTS: list[tuple[object, str, str]] = [
    ({"by": "name"}, "value-invalid", "`sort.by`: Input should be 'lastOrderAt', 'firstOrderAt'"),
    ({}, "missing-key", "`sort.by`: must be given"),
    ({"by": "totalSpend"}, "value-invalid", "give a currency beside totalSpend, such as USD"),
    ({"by": "totalSpend", "currency": "XXQ"}, "value-invalid", "an ISO 4217 code such as EUR"),
    ({"by": "totalSpend", "currency": "USD`.x"}, "value-invalid", "an ISO 4217 code such as EUR"),
    ({"by": "totalSpend", "currency": 7}, "value-invalid", "`sort.currency`"),
    ({"by": "orderCount", "currency": "USD"}, "value-invalid", "beside totalSpend alone"),
    ({"by": "orderCount", "direction": "up"}, "value-invalid", "should be 'asc' or 'desc'"),
    ({"by": "orderCount", "limit": 9}, "unknown-key", "`sort.limit`"),
    ("orderCount", "not-an-object", "`sort`"),
    ([{"by": "orderCount"}], "not-an-object", "`sort`"),
]


@pytest.mark.parametrize(("sort", "reason", "words"), BAD_SORTS, ids=lambda value: str(value)[:30])
def test_a_malformed_sort_is_refused_before_any_read(
    world: World, sort: object, reason: str, words: str
) -> None:
    reads = world.store.reads
    code, told, message = refused("query_segment", {"segment": {}, "sort": sort}, world=world)
    assert (code, told) == ("invalid-argument", reason)
    assert words in message
    assert world.store.reads == reads


def test_a_token_is_for_its_order(world: World) -> None:
    spend = {"by": "totalSpend", "currency": "USD"}
    arguments: dict[str, Any] = {"segment": "everyone", "pageSize": 2}
    token = call("query_segment", arguments | {"sort": spend}, world)["nextPageToken"]
    plain = call("query_segment", arguments, world)["nextPageToken"]
    reads = world.store.reads
    for sort, held in (
        (None, token),
        ({**spend, "currency": "EUR"}, token),
        ({**spend, "direction": "asc"}, token),
        ({"by": "orderCount"}, token),
        (spend, plain),
    ):
        found = refused("query_segment", arguments | {"sort": sort, "pageToken": held}, world=world)
        assert found[:2] == ("invalid-argument", "page-token")
    assert world.store.reads == reads
    same = {"sort": {**spend, "direction": "desc"}, "pageToken": token, "pageSize": 9}
    assert len(call("query_segment", arguments | same, world)["customers"]) == 7


def test_days_of_a_sorted_answer_are_counted_from_its_first_page(world: World) -> None:
    for number in range(9):
        now = world.store.now()
        world.put_order(f"now{number}", order(f"p{number}@example.com", createdAt=now))
    arguments: dict[str, Any] = {
        "segment": "last_order_at within 1 days",
        "pageSize": 5,
        "sort": {"by": "orderCount"},
    }
    first = call("query_segment", arguments, world)
    world.store._clock += 3 * 86_400 * 10**9
    assert call("query_segment", arguments, world)["customers"] == []
    rest = call("query_segment", arguments | {"pageToken": first["nextPageToken"]}, world)
    assert len(first["customers"]) + len(rest["customers"]) == 9


def test_pages_of_a_sorted_answer_stay_bounded_by_their_deadline(world: World) -> None:
    """A page that cannot be read is tried again, whole: nothing of it is handed out twice."""
    find, tried = world.store.find, []

    def find_at_second_try(query: Any) -> Any:
        tried.append(query)
        if len(tried) == 1:
            raise Transient("away")
        return find(query)

    world.store.find = find_at_second_try  # type: ignore[method-assign]
    assert in_order(world, {"by": "orderCount"}, size=200) == list("876543210")


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ({}, people(*range(9))),
        ("marketing:subscribed", people(0, 3, 6)),
        ({"orderCount": {"gte": 3, "lt": 6}}, people(2, 3, 4)),
        ("registered:false and order_count >= 8", people(7)),
    ],
)
def test_a_search_finds_those_of_a_segment_alone(
    world: World, segment: object, expected: list[str]
) -> None:
    found: list[str] = []
    asked: dict[str, object] = {"q": "@example.com", "segment": segment, "pageSize": 2}
    while True:
        page = call("search_customers", asked, world)
        assert page["warnings"] == []
        found += [one["primaryEmail"] for one in page["customers"]]
        if page["nextPageToken"] is None:
            break
        asked["pageToken"] = page["nextPageToken"]
    assert sorted(found) == expected


def test_a_search_among_a_segment_doubts_and_refuses_as_a_question_does(world: World) -> None:
    asked = {"q": "@example.com", "segment": "attended:nowhere", "pageSize": 1}
    page = call("search_customers", asked, world)
    assert [one["reason"] for one in page["warnings"]] == ["unknown-event"]
    broken = {**asked, "segment": "order_count >"}
    assert refused("search_customers", broken, world=world)[1] == "segment-syntax"
    first = call("search_customers", {**asked, "segment": "order_count >= 1"}, world)
    turned = {**asked, "segment": "order_count >= 2", "pageToken": first["nextPageToken"]}
    assert refused("search_customers", turned, world=world)[1] == "page-token"


def test_the_reach_of_a_segment_adds_up(world: World) -> None:
    withdrawn = call("get_customer", {"email": "p3@example.com"}, world)["customer"]["customerId"]
    editor: dict[str, object] = {"crm": "editor", "email_verified": True}
    call("set_consent", {"customerId": withdrawn, "status": "unsubscribed"}, world, editor)
    counted = call("count_segment", {"segment": "order_count >= 2", "reach": True}, world)
    assert counted["count"] == 8
    assert counted["reach"] == {
        "subscribed": 1,
        "unsubscribed": 1,
        "notSubscribed": 6,
        "reachable": 1,
        "excluded": {},
    }
    assert "reach" not in call("count_segment", {"segment": "order_count >= 2"}, world)


def test_of_too_many_who_are_subscribed_nobody_is_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "MOST_LOOKED_AT", 2)
    told = call("count_segment", {"segment": {}, "reach": True}, world)["reach"]
    assert (told["subscribed"], told["reachable"], told["excluded"]) == (3, None, None)
