"""Who belongs to a segment: leaf by leaf at the limits, and against another way to decide it."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from crm.segments.engine.formula import formula
from crm.segments.engine.predicate import matches
from crm.segments.language.ast import Node, Saved
from crm.segments.language.json_form import parse_json, to_json
from testing.enough import until_enough
from tests.support.segments import NOW, ZONE, customers, nodes, whole

DAY: Final = timedelta(days=1)
TICK: Final = timedelta(microseconds=1)

NOBODY: Final[dict[str, Any]] = {
    "emails": [],
    "registered": False,
    "tags": [],
    "totalSpend": {},
    "orderCount": 0,
    "firstOrderAt": None,
    "lastOrderAt": None,
    "eventIds": [],
    "attendedEventIds": [],
    "events": {},
    "updatedAt": NOW,
    "marketing": {"status": "none", "at": None, "source": None},
}
ANN: Final[dict[str, Any]] = {
    "emails": ["ann@acme.com", "ann@xn--bcher-kva.de"],
    "fields": {"company": "ACME", "seats": 1, "vegan": True, "born": "1990-01-02", "odd": "x"},
    "registered": True,
    "tags": ["2023-attendee", "vip"],
    "totalSpend": {"USD": 10_000, "EUR": 0},
    "orderCount": 3,
    "firstOrderAt": NOW - 90 * DAY,
    "lastOrderAt": NOW - 30 * DAY,
    "eventIds": ["devops-2024", "gala", "pycon"],
    "attendedEventIds": ["devops-2024"],
    "events": {
        "devops-2024": {"startsAt": NOW - 9 * DAY, "checkedIn": None, "tickets": 1},
        "pycon": {"startsAt": NOW - 3 * DAY, "checkedIn": 0, "tickets": 1},
        "gala": {"startsAt": NOW + 3 * DAY, "checkedIn": 0, "tickets": 1},
    },
    "updatedAt": NOW,
    "marketing": {"status": "subscribed", "at": NOW, "source": "order"},
}


def usd(**compared: int) -> dict[str, Any]:
    return {"totalSpend": {"currency": "USD", **compared}}


def iso(moment: datetime) -> str:
    return moment.isoformat()


@pytest.mark.parametrize(
    ("data", "ann", "nobody"),
    [
        ({}, True, True),
        ({"not": {}}, False, False),
        ({"tag": "vip"}, True, False),
        ({"tag": "2023 Attendee"}, True, False),
        ({"tag": "vi"}, False, False),
        ({"not": {"tag": "vip"}}, False, True),
        ({"attended": "devops-2024"}, True, False),
        ({"attended": "pycon"}, False, False),
        ({"hasTicket": "pycon"}, True, False),
        ({"hasTicket": "py"}, False, False),
        ({"noShow": "pycon"}, True, False),  # recorded, and nobody came
        ({"noShow": "devops-2024"}, False, False),  # not recorded
        ({"noShow": "gala"}, False, False),  # to come
        ({"noShow": "x"}, False, False),
        ({"field": "company", "eq": "ACME"}, True, False),
        ({"field": "company", "eq": " ACME"}, True, False),
        ({"field": "company", "eq": "acme"}, False, False),
        ({"not": {"field": "company", "eq": "acme"}}, True, True),
        ({"field": "company", "known": True}, True, False),
        ({"field": "company", "known": False}, False, True),
        ({"field": "seats", "eq": 1}, True, False),
        ({"field": "seats", "eq": 1.0}, True, False),
        ({"field": "seats", "eq": True}, False, False),
        ({"field": "seats", "gte": 1, "lt": 1.000001}, True, False),
        ({"field": "seats", "gt": 1}, False, False),
        ({"not": {"field": "seats", "gt": 1}}, True, True),
        ({"field": "vegan", "eq": True}, True, False),
        ({"field": "vegan", "eq": 1}, False, False),
        ({"field": "born", "gte": "1990-01-02", "lt": "1990-01-03"}, True, False),
        ({"field": "born", "eq": "1990-01-02"}, True, False),
        ({"field": "born", "gt": 0}, False, False),  # of another type
        ({"field": "odd", "gt": "1990-01-01"}, False, False),
        ({"field": "nowhere", "eq": 1}, False, False),
        ({"not": {"noShow": "pycon"}}, False, True),
        ({"tagged": True}, True, False),
        ({"tagged": False}, False, True),
        ({"not": {"tagged": False}}, True, False),
        (usd(gte=10_000), True, False),
        (usd(gt=10_000), False, False),
        (usd(gt=9_999), True, False),
        (usd(lte=10_000), True, True),
        (usd(lt=10_000), False, True),
        (usd(lt=10_001), True, True),
        (usd(eq=10_000), True, False),
        (usd(eq=0), False, True),  # an absent currency is 0
        (usd(gte=0), True, True),
        (usd(gte=9_000, lt=11_000), True, False),
        (usd(gte=9_000, lt=10_000), False, False),
        (usd(gte=5, lt=3), False, False),
        ({"totalSpend": {"currency": "JPY", "eq": 0}}, True, True),
        ({"totalSpend": {"currency": "JPY", "gt": 0}}, False, False),
        ({"orderCount": {"eq": 3}}, True, False),
        ({"orderCount": {"lt": 3}}, False, True),
        ({"orderCount": {"gt": 0, "lte": 3}}, True, False),
        ({"lastOrderAt": {"eq": iso(NOW - 30 * DAY)}}, True, False),
        ({"lastOrderAt": {"gte": iso(NOW - 30 * DAY)}}, True, False),
        ({"lastOrderAt": {"gt": iso(NOW - 30 * DAY)}}, False, False),
        ({"lastOrderAt": {"lte": iso(NOW - 30 * DAY)}}, True, False),
        ({"lastOrderAt": {"lt": iso(NOW - 30 * DAY)}}, False, False),
        ({"lastOrderAt": {"lt": iso(NOW + DAY)}}, True, False),
        ({"not": {"lastOrderAt": {"lt": iso(NOW + DAY)}}}, False, True),
        ({"lastOrderAt": {"withinDays": 30}}, True, False),
        ({"lastOrderAt": {"withinDays": 29}}, False, False),
        ({"lastOrderAt": {"olderThanDays": 30}}, False, False),
        ({"lastOrderAt": {"olderThanDays": 29}}, True, False),
        ({"lastOrderAt": {"withinDays": 31, "olderThanDays": 29}}, True, False),
        ({"lastOrderAt": {"withinDays": 31, "lt": iso(NOW - 40 * DAY)}}, False, False),
        ({"firstOrderAt": {"withinDays": 30}}, False, False),
        ({"firstOrderAt": {"withinDays": 36_500}}, True, False),
        ({"firstOrderAt": {"olderThanDays": 36_500}}, False, False),
        ({"marketing": "subscribed"}, True, False),
        ({"marketing": "unsubscribed"}, False, False),
        ({"marketing": "none"}, False, True),
        ({"registered": True}, True, False),
        ({"registered": False}, False, True),
        ({"emailDomain": "ACME.com"}, True, False),
        ({"emailDomain": "bücher.de"}, True, False),
        ({"emailDomain": "me.com"}, False, False),
        ({"emailDomain": "mail.acme.com"}, False, False),
        ({"all": [{"tag": "vip"}, {"registered": True}]}, True, False),
        ({"all": [{"tag": "vip"}, {"registered": False}]}, False, False),
        ({"any": [{"tag": "vip"}, {"registered": False}]}, True, True),
        ({"any": [{"tag": "x"}, {"tag": "y"}]}, False, False),
    ],
)
def test_who_belongs(data: Any, ann: bool, nobody: bool) -> None:
    node = parse_json(data)
    assert matches(node, ANN, NOW) is ann
    assert matches(node, NOBODY, NOW) is nobody


@pytest.mark.parametrize(
    ("last", "within", "older"),
    [
        (NOW - 90 * DAY - TICK, False, True),
        (NOW - 90 * DAY, True, False),
        (NOW - 90 * DAY + TICK, True, False),
        (NOW, True, False),
        (NOW + DAY, True, False),  # the future is not older
        (None, False, False),
    ],
)
def test_days_are_24_hours_back_from_now(last: datetime | None, within: bool, older: bool) -> None:
    customer = {**NOBODY, "lastOrderAt": last}
    assert matches(parse_json({"lastOrderAt": {"withinDays": 90}}), customer, NOW) is within
    assert matches(parse_json({"lastOrderAt": {"olderThanDays": 90}}), customer, NOW) is older


def test_days_are_counted_from_the_moment_that_is_given() -> None:
    node = parse_json({"lastOrderAt": {"withinDays": 30}})
    assert matches(node, ANN, NOW)
    assert not matches(node, ANN, NOW + TICK)
    assert matches(node, ANN, NOW.astimezone(UTC))


@pytest.mark.parametrize("node", [Saved("x"), parse_json({"lastOrderAt": {"eq": "2024-01-01"}})])
def test_saved_segments_and_days_mean_nothing_by_themselves(node: Node) -> None:
    with pytest.raises(ValueError, match="expand"):
        matches(node, ANN, NOW)
    with pytest.raises(ValueError, match="expand"):
        formula(node, NOW)


# --- Another way to decide it: on the JSON form, by sets of customers ----------------------------

OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def members(data: Any, people: list[dict[str, Any]]) -> set[int]:
    everyone = set(range(len(people)))
    if data == {}:
        return everyone
    if "field" in data:
        return {at for at, person in enumerate(people) if own_holds(person["fields"], data)}
    ((key, value),) = data.items()
    if key == "all":
        return everyone.intersection(*(members(one, people) for one in value))
    if key == "any":
        return set().union(*(members(one, people) for one in value))
    if key == "not":
        return everyone - members(value, people)
    return {at for at, person in enumerate(people) if LEAVES[key](person, value)}


def time_holds(moment: datetime | None, compared: dict[str, Any]) -> bool:
    if moment is None:
        return False
    days_ago = (NOW - moment) / DAY
    verdicts = []
    for name, wanted in compared.items():
        if name == "withinDays":
            verdicts.append(days_ago <= wanted)
        elif name == "olderThanDays":
            verdicts.append(days_ago > wanted)
        else:
            time = moment if "T" in wanted else moment.astimezone(ZONE).date().isoformat()
            limit = datetime.fromisoformat(wanted) if "T" in wanted else wanted
            verdicts.append(OPERATORS[name](time, limit))
    return False not in verdicts


def stayed_away(event: dict[str, Any] | None) -> bool:
    """Nobody came of whom it was recorded; the events of `customers` have begun."""
    return event is not None and event["checkedIn"] is not None and event["checkedIn"] < 1


def number_holds(number: int, compared: dict[str, Any]) -> bool:
    names = compared.keys() & OPERATORS.keys()
    return len(names) == sum(OPERATORS[name](number, compared[name]) for name in names)


def own_holds(held: dict[str, Any], asked: dict[str, Any]) -> bool:
    name = asked["field"]
    if "known" in asked:
        return asked["known"] is (name in held)
    if name not in held:
        return False

    def read(value: Any) -> Any:
        return date.fromisoformat(value) if name == "birthday" else value

    limits = {key: read(value) for key, value in asked.items() if key != "field"}
    return all(OPERATORS[key](read(held[name]), limit) for key, limit in limits.items())


LEAVES: Final[Mapping[str, Callable[[dict[str, Any], Any], bool]]] = {
    "tag": lambda person, value: person["tags"].count(value) == 1,
    "attended": lambda person, value: person["attendedEventIds"].count(value) == 1,
    "hasTicket": lambda person, value: value in person["events"],
    "noShow": lambda person, value: stayed_away(person["events"].get(value)),
    "tagged": lambda person, value: len(person["tags"]) >= 1 if value else person["tags"] == [],
    "totalSpend": lambda person, value: number_holds(
        ({value["currency"]: 0} | person["totalSpend"])[value["currency"]], value
    ),
    "orderCount": lambda person, value: number_holds(person["orderCount"], value),
    "firstOrderAt": lambda person, value: time_holds(person["firstOrderAt"], value),
    "lastOrderAt": lambda person, value: time_holds(person["lastOrderAt"], value),
    "marketing": lambda person, value: person["marketing"]["status"] == value,
    "registered": lambda person, value: len(person["userIds"]) == int(value),
    "emailDomain": lambda person, value: f"@{value} " in " ".join([*person["emails"], ""]),
}


@settings(max_examples=400)
@given(node=nodes(), people=st.lists(customers(), min_size=1, max_size=8))
def test_the_same_as_by_sets(node: Node, people: list[dict[str, Any]]) -> None:
    found = {at for at, person in enumerate(people) if matches(whole(node), person, NOW)}
    assert found == members(to_json(node), people)


def test_random_segments_find_some_and_leave_some() -> None:
    """Else the test above would show little: of random pairs a fair part must match."""
    outcomes: Counter[str] = Counter()

    @settings(max_examples=300, database=None)
    @given(nodes(levels=2), customers())
    def draw(node: Node, person: dict[str, Any]) -> None:
        outcomes["found" if matches(whole(node), person, NOW) else "left"] += 1

    until_enough(lambda number: seed(number)(draw)(), outcomes, {"found": 60, "left": 60}, 2)
