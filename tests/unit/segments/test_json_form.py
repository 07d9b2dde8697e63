"""The JSON form of segments: every leaf, and what is refused before anything is read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from crm.core.errors import Refusal
from crm.segments.language.ast import (
    MAX_LEAVES,
    MAX_LEVELS,
    All,
    AnyOf,
    Attended,
    Bounds,
    EmailDomain,
    Everyone,
    FirstOrderAt,
    HasTicket,
    LastOrderAt,
    Marketing,
    Node,
    NoShow,
    Not,
    OrderCount,
    Own,
    Registered,
    Saved,
    Tag,
    Tagged,
    TotalSpend,
    When,
    check_size,
)
from crm.segments.language.json_form import parse_json, to_json
from tests.support.segments import nodes

JANUARY = datetime(2024, 1, 1, tzinfo=UTC)


def nots(levels: int) -> Any:
    """A segment of so many levels."""
    data: Any = {}
    for _ in range(levels - 1):
        data = {"not": data}
    return data


@pytest.mark.parametrize(
    ("data", "node"),
    [
        ({}, Everyone()),
        ({"tag": "vip"}, Tag("vip")),
        ({"attended": "devops-2024"}, Attended("devops-2024")),
        ({"attended": "a/b"}, Attended("a/b")),  # an id of the host's, kept exactly
        ({"attended": " E "}, Attended(" E ")),
        ({"hasTicket": "pycon"}, HasTicket("pycon")),
        (
            {"totalSpend": {"currency": "USD", "gte": 10_000}},
            TotalSpend("USD", Bounds(gte=10_000)),
        ),
        (
            {"totalSpend": {"currency": "HRK", "gt": 1, "lte": 2}},
            TotalSpend("HRK", Bounds(gt=1, lte=2)),
        ),
        ({"orderCount": {"gte": 2}}, OrderCount(Bounds(gte=2))),
        ({"orderCount": {"gte": 5, "lt": 3}}, OrderCount(Bounds(gte=5, lt=3))),
        ({"orderCount": {"eq": 2**63 - 1}}, OrderCount(Bounds(eq=2**63 - 1))),
        ({"orderCount": {"eq": 0}}, OrderCount(Bounds(eq=0))),
        (
            {"firstOrderAt": {"eq": "2024-01-01T00:00:00Z"}},
            FirstOrderAt(When(eq=JANUARY)),
        ),
        (
            {"lastOrderAt": {"gte": "2024-01-01T00:00:00Z", "lt": "2024-01-01T00:00:00.000001Z"}},
            LastOrderAt(When(gte=JANUARY, lt=JANUARY.replace(microsecond=1))),
        ),
        ({"lastOrderAt": {"eq": "2024-01-01"}}, LastOrderAt(When(eq=JANUARY.date()))),
        (
            {"lastOrderAt": {"gte": "0002-01-01", "lte": "9998-12-31"}},
            LastOrderAt(When(gte=date(2, 1, 1), lte=date(9998, 12, 31))),
        ),
        ({"noShow": "a/b"}, NoShow("a/b")),
        ({"tagged": True}, Tagged(True)),
        ({"tagged": False}, Tagged(False)),
        ({"lastOrderAt": {"withinDays": 90}}, LastOrderAt(When(within_days=90))),
        ({"firstOrderAt": {"olderThanDays": 0}}, FirstOrderAt(When(older_than_days=0))),
        (
            {"lastOrderAt": {"withinDays": 90, "olderThanDays": 30}},
            LastOrderAt(When(within_days=90, older_than_days=30)),
        ),
        ({"marketing": "subscribed"}, Marketing("subscribed")),
        ({"marketing": "none"}, Marketing("none")),
        ({"registered": True}, Registered(True)),
        ({"registered": False}, Registered(False)),
        ({"emailDomain": "acme.com"}, EmailDomain("acme.com")),
        ({"field": "company", "eq": "ACME"}, Own("company", eq="ACME")),
        ({"field": "seats", "gte": 3, "lt": 4.5}, Own("seats", gte=3, lt=4.5)),
        ({"field": "vegan", "eq": True}, Own("vegan", eq=True)),
        ({"field": "birthday", "lt": "1990-01-01"}, Own("birthday", lt="1990-01-01")),
        ({"field": "company", "known": False}, Own("company", known=False)),
        ({"segment": "k3b7"}, Saved("k3b7")),
        ({"not": {"tag": "vip"}}, Not(Tag("vip"))),
        ({"all": [{"tag": "vip"}]}, All((Tag("vip"),))),
        (
            {"any": [{"tag": "vip"}, {"all": [{}, {"not": {}}]}]},
            AnyOf((Tag("vip"), All((Everyone(), Not(Everyone()))))),
        ),
        (nots(MAX_LEVELS), check_size(parse_json(nots(MAX_LEVELS)))),
        ({"any": [{}] * MAX_LEAVES}, AnyOf((Everyone(),) * MAX_LEAVES)),
    ],
)
def test_json_in_and_out(data: Any, node: Node) -> None:
    assert parse_json(data) == node
    assert to_json(node) == data


@pytest.mark.parametrize(
    ("data", "canonical"),
    [
        ({"tag": "VIP"}, {"tag": "vip"}),
        ({"tag": " 2023 Attendee "}, {"tag": "2023-attendee"}),
        (
            {"totalSpend": {"currency": "usd", "eq": 1}},
            {"totalSpend": {"currency": "USD", "eq": 1}},
        ),
        ({"emailDomain": "ACME.com"}, {"emailDomain": "acme.com"}),
        ({"emailDomain": "Bücher.de"}, {"emailDomain": "xn--bcher-kva.de"}),
        (
            {"lastOrderAt": {"gte": "2024-01-01T02:00+02:00"}},
            {"lastOrderAt": {"gte": "2024-01-01T00:00:00Z"}},
        ),
        ({"tag": "vip", "any": None, "not": None}, {"tag": "vip"}),
        ({"noShow": None, "all": [{"all": None, "tag": "vip"}]}, {"all": [{"tag": "vip"}]}),
        ({"not": {"tag": "vip", "segment": None}}, {"not": {"tag": "vip"}}),
        (
            {"lastOrderAt": {"gte": "2024-01-01", "lt": None}},
            {"lastOrderAt": {"gte": "2024-01-01"}},
        ),
        (
            {"lastOrderAt": {"gte": "2024-01-01T00:00:00.1234567Z"}},
            {"lastOrderAt": {"gte": "2024-01-01T00:00:00.123456Z"}},
        ),
        ({"orderCount": {"gte": 2, "lt": None}}, {"orderCount": {"gte": 2}}),
        ({"field": "x", "eq": " Cafe\u0301 ", "known": None}, {"field": "x", "eq": "Café"}),
        ({"field": "x", "gt": -0.0, "lt": 3.0}, {"field": "x", "gt": 0, "lt": 3}),
        ({"field": None, "tag": "vip"}, {"tag": "vip"}),
    ],
)
def test_one_way_to_write_each_thing(data: Any, canonical: Any) -> None:
    assert parse_json(data) == parse_json(canonical)
    assert to_json(parse_json(data)) == canonical


@given(nodes())
def test_json_round_trips(node: Node) -> None:
    assert parse_json(to_json(node)) == node
    assert check_size(node) is node
    assert {node, parse_json(to_json(node))} == {node}


USD = {"currency": "USD"}
WIDE: Any = {"any": [{}] * (MAX_LEAVES + 1)}


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (None, "segment-invalid", None),
        ([], "segment-invalid", None),
        ("tag:vip", "segment-invalid", None),
        (7, "segment-invalid", None),
        (True, "segment-invalid", None),
        (float("nan"), "segment-invalid", None),
        ({"tags": "vip"}, "segment-invalid", None),
        ({"ALL": [{}]}, "segment-invalid", None),
        ({"": {}}, "segment-invalid", None),
        ({"$where": "1"}, "segment-invalid", None),
        ({"__class__": {}}, "segment-invalid", None),
        ({"\ud800": 1}, "segment-invalid", None),
        ({"tag": "a", "not": {}}, "segment-invalid", None),
        ({"tag": "a", "attended": "b"}, "segment-invalid", None),
        ({"tag": None, "not": None}, "segment-invalid", None),  # nothing is left, not everyone
        ({"tag": "a", "tags": None}, "segment-invalid", None),
        ({"all": [{"tag": None, "any": None}]}, "segment-invalid", "all[0]"),
        ({"all": []}, "segment-invalid", "all"),
        ({"any": []}, "segment-invalid", "any"),
        ({"all": {}}, "segment-invalid", "all"),
        ({"all": None}, "segment-invalid", "all"),
        ({"any": "tag"}, "segment-invalid", "any"),
        ({"all": [None]}, "segment-invalid", "all[0]"),
        ({"all": [{}, {"any": [{}, []]}]}, "segment-invalid", "all[1].any[1]"),
        ({"not": None}, "segment-invalid", "not"),
        ({"not": [{}]}, "segment-invalid", "not"),
        ({"not": {"not": {"x": 1}}}, "segment-invalid", "not.not"),
        (nots(MAX_LEVELS + 1), "segment-too-deep", None),
        (nots(10_000), "segment-too-deep", None),
        ({"all": [nots(MAX_LEVELS)]}, "segment-too-deep", None),
        (WIDE, "segment-too-wide", None),
        ({"any": [{}] * 1_000_000}, "segment-too-wide", None),
        ({"all": [{"any": [{}] * 26}, {"any": [{}] * 25}]}, "segment-too-wide", None),
        ({"field": 7, "eq": 1}, "segment-invalid", "field"),
        ({"field": "Company", "eq": 1}, "segment-invalid", "field"),
        ({"field": "a@b", "known": True}, "segment-invalid", "field"),
        ({"field": "company"}, "segment-invalid", None),
        ({"field": None}, "segment-invalid", "field"),
        ({"all": [{"field": "company"}]}, "segment-invalid", "all[0]"),
        ({"field": "company", "known": True, "eq": "x"}, "segment-invalid", None),
        ({"field": "company", "known": 1}, "segment-invalid", "known"),
        ({"field": "company", "is": "x"}, "segment-invalid", None),
        ({"field": "company", "eq": "x", "tag": "vip"}, "segment-invalid", None),
        ({"field": "company", "eq": ""}, "segment-invalid", "eq"),
        ({"field": "company", "eq": "x" * 201}, "segment-invalid", "eq"),
        ({"field": "company", "eq": "\ud800"}, "segment-invalid", "eq"),
        ({"field": "company", "eq": ["x"]}, "segment-invalid", "eq"),
        ({"not": {"field": "seats", "gt": 10**15}}, "segment-invalid", "not.gt"),
        ({"field": "seats", "eq": float("inf")}, "segment-invalid", "eq"),
        ({"field": "seats", "eq": 10**400}, "segment-invalid", "eq"),
        ({"field": "seats", "gt": True}, "segment-invalid", "gt"),
        ({"field": "birthday", "lt": "2023-02-29"}, "segment-invalid", "lt"),
        ({"field": "birthday", "lt": "soon"}, "segment-invalid", "lt"),
        ({"any": [{"field": "x", "eq": 1}] * (MAX_LEAVES + 1)}, "segment-too-wide", None),
        ({"tag": None}, "segment-invalid", "tag"),
        ({"tag": 7}, "segment-invalid", "tag"),
        ({"tag": True}, "segment-invalid", "tag"),
        ({"tag": ["vip"]}, "segment-invalid", "tag"),
        ({"tag": {"$ne": None}}, "segment-invalid", "tag"),
        ({"tag": nots(10_000)}, "segment-invalid", "tag"),
        ({"tag": ""}, "tag-invalid", "tag"),
        ({"tag": "a/b"}, "tag-invalid", "tag"),
        ({"tag": "__x__"}, "tag-invalid", "tag"),
        ({"tag": "x" * 65}, "tag-invalid", "tag"),
        ({"tag": "\ud800"}, "tag-invalid", "tag"),
        ({"attended": ""}, "id-invalid", "attended"),
        ({"attended": "  "}, "id-invalid", "attended"),
        ({"attended": "__x__"}, "id-invalid", "attended"),
        ({"attended": "é" * 129}, "id-invalid", "attended"),
        ({"attended": "a\x00"}, "id-invalid", "attended"),
        ({"attended": "\udfff"}, "id-invalid", "attended"),
        ({"attended": 7}, "segment-invalid", "attended"),
        ({"hasTicket": None}, "segment-invalid", "hasTicket"),
        ({"noShow": ""}, "id-invalid", "noShow"),
        ({"noShow": ["a"]}, "segment-invalid", "noShow"),
        ({"tagged": None}, "segment-invalid", "tagged"),
        ({"tagged": 0}, "segment-invalid", "tagged"),
        ({"tagged": "false"}, "segment-invalid", "tagged"),
        ({"hasTicket": "\n"}, "id-invalid", "hasTicket"),
        ({"totalSpend": 100}, "segment-invalid", "totalSpend"),
        ({"totalSpend": {}}, "segment-invalid", "totalSpend"),
        ({"totalSpend": USD}, "segment-invalid", "totalSpend"),
        ({"totalSpend": {"gte": 1}}, "segment-invalid", "totalSpend.currency"),
        ({"totalSpend": {"currency": "XXX", "gte": 1}}, "segment-invalid", "totalSpend.currency"),
        ({"totalSpend": {"currency": "US", "gte": 1}}, "segment-invalid", "totalSpend.currency"),
        ({"totalSpend": {"currency": "uſd", "gte": 1}}, "segment-invalid", "totalSpend.currency"),
        ({"totalSpend": {"currency": 840, "gte": 1}}, "segment-invalid", "totalSpend.currency"),
        ({"totalSpend": {**USD, "gte": 1.0}}, "segment-invalid", "totalSpend.gte"),
        ({"totalSpend": {**USD, "gte": "1"}}, "segment-invalid", "totalSpend.gte"),
        ({"totalSpend": {**USD, "gte": 1, "to": 2}}, "segment-invalid", "totalSpend"),
        ({"totalSpend": {**USD, "withinDays": 1}}, "segment-invalid", "totalSpend"),
        ({"orderCount": 2}, "segment-invalid", "orderCount"),
        ({"orderCount": {}}, "segment-invalid", "orderCount"),
        ({"orderCount": []}, "segment-invalid", "orderCount"),
        ({"orderCount": {"gte": None}}, "segment-invalid", "orderCount"),
        ({"orderCount": {">=": 2}}, "segment-invalid", "orderCount"),
        ({"orderCount": {"self": 2}}, "segment-invalid", "orderCount"),
        ({"orderCount": {"ne": 2}}, "segment-invalid", "orderCount"),
        ({"orderCount": {"currency": "USD", "gte": 1}}, "segment-invalid", "orderCount"),
        ({"orderCount": {"gte": True}}, "segment-invalid", "orderCount.gte"),
        ({"orderCount": {"gte": -1}}, "segment-invalid", "orderCount.gte"),
        ({"orderCount": {"lt": 2**63}}, "segment-invalid", "orderCount.lt"),
        ({"orderCount": {"lt": 10**4_000}}, "segment-invalid", "orderCount.lt"),
        ({"orderCount": {"eq": float("nan")}}, "segment-invalid", "orderCount.eq"),
        ({"orderCount": {"eq": float("inf")}}, "segment-invalid", "orderCount.eq"),
        ({"orderCount": {"eq": [1]}}, "segment-invalid", "orderCount.eq"),
        ({"firstOrderAt": "2024-01-01"}, "segment-invalid", "firstOrderAt"),
        ({"firstOrderAt": {"gte": "2024-1-1"}}, "segment-invalid", "firstOrderAt.gte"),
        ({"firstOrderAt": {"gte": "2024-13-01"}}, "segment-invalid", "firstOrderAt.gte"),
        ({"firstOrderAt": {"gte": "2023-02-29"}}, "segment-invalid", "firstOrderAt.gte"),
        ({"firstOrderAt": {"gte": "0001-12-31"}}, "segment-invalid", "firstOrderAt.gte"),
        ({"firstOrderAt": {"gte": "9999-01-01"}}, "segment-invalid", "firstOrderAt.gte"),
        ({"firstOrderAt": {"gt": "2024-01-01T00:00:00"}}, "segment-invalid", "firstOrderAt.gt"),
        ({"firstOrderAt": {"gt": "2024-13-01T00:00:00Z"}}, "segment-invalid", "firstOrderAt.gt"),
        ({"firstOrderAt": {"gt": "2024-02-30T00:00:00Z"}}, "segment-invalid", "firstOrderAt.gt"),
        ({"firstOrderAt": {"gt": "0000-01-01T00:00:00Z"}}, "segment-invalid", "firstOrderAt.gt"),
        (
            {"lastOrderAt": {"gt": "0001-01-01T00:00:00+01:00"}},
            "segment-invalid",
            "lastOrderAt.gt",
        ),
        (
            {"lastOrderAt": {"gt": "2024-01-01T00:00:00.1234567890Z"}},
            "segment-invalid",
            "lastOrderAt.gt",
        ),
        ({"lastOrderAt": {"lt": "٢٠٢٤-01-01T00:00:00Z"}}, "segment-invalid", "lastOrderAt.lt"),
        ({"lastOrderAt": {"lt": "now"}}, "segment-invalid", "lastOrderAt.lt"),
        ({"lastOrderAt": {"lt": 1_704_067_200}}, "segment-invalid", "lastOrderAt.lt"),
        ({"lastOrderAt": {"lt": True}}, "segment-invalid", "lastOrderAt.lt"),
        ({"lastOrderAt": {"lte": {}}}, "segment-invalid", "lastOrderAt.lte"),
        ({"lastOrderAt": {"within_days": 5}}, "segment-invalid", "lastOrderAt"),
        ({"lastOrderAt": {"withinDays": -1}}, "segment-invalid", "lastOrderAt.withinDays"),
        ({"lastOrderAt": {"withinDays": 1.5}}, "segment-invalid", "lastOrderAt.withinDays"),
        ({"lastOrderAt": {"withinDays": "90"}}, "segment-invalid", "lastOrderAt.withinDays"),
        ({"lastOrderAt": {"withinDays": 36_501}}, "segment-invalid", "lastOrderAt.withinDays"),
        (
            {"lastOrderAt": {"olderThanDays": True}},
            "segment-invalid",
            "lastOrderAt.olderThanDays",
        ),
        ({"marketing": "Subscribed"}, "segment-invalid", "marketing"),
        ({"marketing": None}, "segment-invalid", "marketing"),
        ({"marketing": {}}, "segment-invalid", "marketing"),
        ({"registered": 1}, "segment-invalid", "registered"),
        ({"registered": "true"}, "segment-invalid", "registered"),
        ({"registered": None}, "segment-invalid", "registered"),
        ({"emailDomain": ""}, "segment-invalid", "emailDomain"),
        ({"emailDomain": "acme"}, "segment-invalid", "emailDomain"),
        ({"emailDomain": "@acme.com"}, "segment-invalid", "emailDomain"),
        ({"emailDomain": "ann@acme.com"}, "segment-invalid", "emailDomain"),
        ({"emailDomain": "acme..com"}, "segment-invalid", "emailDomain"),
        ({"emailDomain": "a b.com"}, "segment-invalid", "emailDomain"),
        ({"emailDomain": "acme.com\r\n"}, "segment-invalid", "emailDomain"),
        ({"emailDomain": "ａcme.com"}, "segment-invalid", "emailDomain"),
        ({"emailDomain": "[127.0.0.1]"}, "segment-invalid", "emailDomain"),
        ({"emailDomain": "a." * 130 + "com"}, "segment-invalid", "emailDomain"),
        ({"emailDomain": 7}, "segment-invalid", "emailDomain"),
        ({"segment": ""}, "id-invalid", "segment"),
        ({"segment": "a/b"}, "id-invalid", "segment"),
        ({"segment": ".."}, "id-invalid", "segment"),
        ({"segment": "__x__"}, "id-invalid", "segment"),
        ({"segment": "x" * 1_501}, "id-invalid", "segment"),
        ({"segment": {"tag": "vip"}}, "segment-invalid", "segment"),
        ({"all": [{}, {}, {"totalSpend": {**USD, "gte": "x"}}]}, "segment-invalid",
         "all[2].totalSpend.gte"),
    ],
)  # fmt: skip
def test_what_is_refused(data: Any, reason: str, place: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        parse_json(data)
    assert (refused.value.code, refused.value.reason) == ("invalid-argument", reason)
    message = refused.value.message
    if place is None:
        assert " at `" not in message
    else:
        assert f" at `{place}`: " in message
    assert len(message) < 250


def test_a_refusal_never_repeats_a_value() -> None:
    secret = "ann@secret.example"
    for leaf in ("tag", "totalSpend", "lastOrderAt", "marketing", "emailDomain", secret):
        for data in ({leaf: secret}, {leaf: {secret: 1}}, {leaf: {"gte": secret}}):
            with pytest.raises(Refusal) as refused:
                parse_json(data)
            assert secret not in refused.value.message


@pytest.mark.parametrize(
    "make",
    [
        lambda: Tag("a/b"),
        lambda: Bounds(),
        lambda: When(),
        lambda: When(gte=datetime(2024, 1, 1)),  # noqa: DTZ001
        lambda: TotalSpend("XXX", Bounds(gte=1)),
        lambda: All(()),
        lambda: AnyOf(("tag",)),  # type: ignore[arg-type]
        lambda: Not({}),  # type: ignore[arg-type]
    ],
)
def test_no_wrong_node_can_be_made(make: Any) -> None:
    with pytest.raises(ValidationError):
        make()


def test_a_size_is_checked_without_recursion() -> None:
    deep: Node = Everyone()
    for _ in range(10_000):
        deep = Not(deep)
    with pytest.raises(Refusal, match="8 levels"):
        check_size(deep)
    with pytest.raises(Refusal, match="50 conditions"):
        check_size(AnyOf((Everyone(),) * 51))
