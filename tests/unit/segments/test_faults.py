"""Mistakes in a question, to the letter: what a refusal says and tells a program."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import pytest
from pydantic import ValidationError

from crm.core.errors import Refusal
from crm.segments.language.ast import (
    MAX_LEVELS,
    Attended,
    Bounds,
    EmailDomain,
    FirstOrderAt,
    HasTicket,
    LastOrderAt,
    Leaf,
    Marketing,
    Node,
    Own,
    Saved,
    Tag,
    TotalSpend,
    When,
)
from crm.segments.language.expansion import expand
from crm.segments.language.json_form import parse_json, to_json
from crm.segments.language.text import parse_text, to_text
from crm.segments.own_fields import check_fields
from tests.support.segments import OWN, ZONE

KEYS: Final = (
    "all, any, not, tag, tagged, attended, hasTicket, noShow, totalSpend, orderCount, firstOrderAt,"
    " lastOrderAt, marketing, registered, emailDomain, field, segment"
)
TIME: Final = (
    "write a day of the calendar such as 2024-01-31, or a time with its zone such as"
    " 2024-01-31T18:00:00Z"
)
TAG: Final = "A tag may hold letters, digits, spaces and - _ : . + & # only: choose another name"
EVENT: Final = "write an event id: 1 to 256 bytes of text, not blank and not `__…__`"
LIMIT: Final = "compare with a number, or a day such as 2024-01-31"
VALUE: Final = "write a text in one line, a number, a day such as 2024-01-31, true or false"
FIELD: Final = "write the name of an own field, as in crm.toml: [fields.company]"
DOMAIN: Final = "write the part of an address behind the @, such as acme.com"
CODE: Final = "write an ISO 4217 code such as EUR"
SOME: Final = "write at least one comparison"
ONE: Final = "write `known`, or at least one comparison, and not both"


def told(error: pytest.ExceptionInfo[Refusal]) -> tuple[str, str, str, dict[str, object]]:
    found = error.value
    return found.code, found.reason, found.message, dict(found.more)


@pytest.mark.parametrize(
    ("make", "kind", "place", "rule"),
    [
        (lambda: Tag("a/b"), "tag-invalid", (0,), TAG),
        (lambda: Attended(" "), "id-invalid", (0,), EVENT),
        (lambda: HasTicket("__x__"), "id-invalid", (0,), EVENT),
        (lambda: Bounds(), "segment-invalid", (), SOME),
        (lambda: When(), "segment-invalid", (), SOME),
        (lambda: When(gte=datetime(2024, 1, 1)), "segment-invalid", ("gte",), TIME),  # noqa: DTZ001
        (lambda: When(lt="2023-02-29"), "segment-invalid", ("lt",), TIME),  # type: ignore[arg-type]
        (lambda: TotalSpend("XXX", Bounds(gte=1)), "segment-invalid", (0,), CODE),
        (lambda: EmailDomain("acme"), "segment-invalid", (0,), DOMAIN),
        (lambda: Own("Company", eq=1), "segment-invalid", (0,), FIELD),
        (lambda: Own("company", eq=""), "segment-invalid", ("eq",), VALUE),
        (lambda: Own("company", gt="soon"), "segment-invalid", ("gt",), LIMIT),
        (lambda: Own("company"), "segment-invalid", (), ONE),
        (lambda: Own("company", eq=1, known=True), "segment-invalid", (), ONE),
    ],
)
def test_a_leaf_that_cannot_be_says_what_to_write(
    make: Any, kind: str, place: tuple[object, ...], rule: str
) -> None:
    with pytest.raises(ValidationError) as error:
        make()
    (found,) = error.value.errors()
    assert (found["type"], found["loc"], found["msg"]) == (kind, place, rule)


@pytest.mark.parametrize(
    ("data", "reason", "place", "rule"),
    [
        ([], "segment-invalid", "", "write a JSON object with one key, or {} for everyone"),
        ({"tag": None, "not": None}, "segment-invalid", "",
         "write a JSON object with one key, or {} for everyone"),
        ({"not": 7}, "segment-invalid", " at `not`",
         "write a JSON object with one key, or {} for everyone"),
        ({"x": 1}, "segment-invalid", "", f"use one of the keys {KEYS}"),
        ({"all": [{}, {"x": 1}]}, "segment-invalid", " at `all[1]`", f"use one of the keys {KEYS}"),
        ({"any": []}, "segment-invalid", " at `any`", "write a list of one or more segments"),
        ({"tag": "a/b"}, "tag-invalid", " at `tag`", TAG),
        ({"not": {"attended": ""}}, "id-invalid", " at `not.attended`", EVENT),
        ({"orderCount": 2}, "segment-invalid", " at `orderCount`",
         "write an object with some of the keys eq, gt, gte, lt, lte"),
        ({"totalSpend": 2}, "segment-invalid", " at `totalSpend`",
         "write an object with some of the keys currency, eq, gt, gte, lt, lte"),
        ({"lastOrderAt": 2}, "segment-invalid", " at `lastOrderAt`",
         "write an object with some of the keys eq, gt, gte, lt, lte, withinDays, olderThanDays"),
        ({"field": "x", "is": 1}, "segment-invalid", "",
         "write an object with some of the keys field, eq, gt, gte, lt, lte, known"),
        ({"orderCount": {}}, "segment-invalid", " at `orderCount`", SOME),
        ({"orderCount": {"gte": -1}}, "segment-invalid", " at `orderCount.gte`",
         "must be greater than or equal to 0"),
        ({"lastOrderAt": {"withinDays": "9"}}, "segment-invalid", " at `lastOrderAt.withinDays`",
         "must be a valid integer"),
        ({"lastOrderAt": {"lt": "now"}}, "segment-invalid", " at `lastOrderAt.lt`", TIME),
        ({"totalSpend": {"currency": "XXX", "eq": 1}}, "segment-invalid",
         " at `totalSpend.currency`", CODE),
        ({"field": "X", "eq": 1}, "segment-invalid", " at `field`", FIELD),
        ({"field": "x"}, "segment-invalid", "", ONE),
        ({"field": "x", "gt": "a"}, "segment-invalid", " at `gt`", LIMIT),
        ({"all": [{"field": "x", "eq": ""}]}, "segment-invalid", " at `all[0].eq`", VALUE),
        ({"emailDomain": "x"}, "segment-invalid", " at `emailDomain`", DOMAIN),
    ],
)  # fmt: skip
def test_a_mistake_in_json(data: Any, reason: str, place: str, rule: str) -> None:
    with pytest.raises(Refusal) as error:
        parse_json(data)
    message = f"The segment was refused{place}: {rule}."
    assert told(error) == ("invalid-argument", reason, message, {})


CONDITION: Final = "a condition such as tag:vip or order_count >= 2"


@pytest.mark.parametrize(
    ("text", "reason", "line", "column", "rule"),
    [
        ("vip", "segment-syntax", 1, 1, f"expected {CONDITION}"),
        ("tag", "segment-syntax", 1, 4, "expected a colon"),
        ("tag:", "segment-syntax", 1, 5, "expected a word, or a text in double quotes"),
        ("tag:a tag:b", "segment-syntax", 1, 7, "expected `and`, `or`, the end"),
        ("(tag:a", "segment-syntax", 1, 7, "expected a closing parenthesis"),
        ("field:", "segment-syntax", 1, 7, "expected the name of an own field"),
        ("field:a", "segment-syntax", 1, 8,
         "expected one of = > >= < <=, `known` or `unknown`"),
        ("total_spend > 1", "segment-syntax", 1, 16, "expected a currency such as USD"),
        ("total_spend > 1 USD tag:a", "segment-syntax", 1, 21,
         "expected `and`, `or`, a comma and another comparison, the end"),
        ("last_order_at", "segment-syntax", 1, 14,
         "expected one of = > >= < <=, `within` or `older than` and a number of days"),
        ("last_order_at within", "segment-syntax", 1, 21, "expected a number"),
        ("last_order_at within 9", "segment-syntax", 1, 23, "expected `days`"),
        ("last_order_at > x", "segment-syntax", 1, 17,
         "expected a date such as 2024-01-31 or a time such as 2024-01-31T18:00:00Z"),
        ("tag:a/b", "tag-invalid", 1, 5, TAG),
        ("attended:__x__", "id-invalid", 1, 10, EVENT),
        ("tagged:x", "segment-invalid", 1, 8, "write true or false"),
        ("order_count > 1.5", "segment-invalid", 1, 15,
         "write a whole number of at most 19 digits"),
        ("total_spend > 1 XXX", "segment-invalid", 1, 17, CODE),
        ("total_spend > 1.5 JPY", "segment-invalid", 1, 15,
         "write an amount in JPY with no decimals"),
        ("total_spend > 1.555 USD", "segment-invalid", 1, 15,
         "write an amount in USD with at most 2 decimals"),
        ("total_spend > 1 USD, < 2 EUR", "segment-invalid", 1, 26,
         "compare one currency here, and another behind `and`"),
        ("order_count > 1, > 2", "segment-invalid", 1, 18, "write each comparison once"),
        ('tag:"\\x"', "segment-syntax", 1, 5,
         'write `\\"` and `\\\\` for a quote and a backslash'),
        # Where something follows, on this line and on others.
        ("tagg:vip\nor tag:x\n", "segment-syntax", 1, 1, f"expected {CONDITION}"),
        ("tag:vip\n or tagg:x and tag:y\n\n", "segment-syntax", 2, 5, f"expected {CONDITION}"),
        ("tag:vip\nor\n\n", "segment-syntax", 2, 3, f"expected {CONDITION}"),
        ("tag:vip or\n\n  tag:a/b\nor x", "tag-invalid", 3, 7, TAG),
    ],
)  # fmt: skip
def test_a_mistake_in_text(text: str, reason: str, line: int, column: int, rule: str) -> None:
    with pytest.raises(Refusal) as error:
        parse_text(text)
    place = f"column {column}" if line == 1 else f"line {line}, column {column}"
    message = f"The segment was refused at {place}: {rule}."
    assert told(error) == ("invalid-argument", reason, message, {"line": line, "column": column})


@pytest.mark.parametrize(
    ("text", "name", "rule"),
    [
        (
            "field:seats = many",
            "seats",
            "write a number of at most 15 digits, and 6 behind the point",
        ),
        ("field:company > 3", "company", "a text is compared by = alone (`eq`)"),
        ("field:size >= 1990-01-01", "size", "a choice is compared by = alone (`eq`)"),
        ("field:vegan < 3", "vegan", "a bool is compared by = alone (`eq`)"),
        ("field:size = XL", "size", "write one of S, M"),
        ("field:vegan = 1", "vegan", "write true or false"),
    ],
)
def test_a_value_that_does_not_fit_its_field(text: str, name: str, rule: str) -> None:
    with pytest.raises(Refusal) as error:
        check_fields(parse_text(text), OWN)
    message = f"The segment was refused at the own field `{name}`: {rule}."
    assert told(error) == ("invalid-argument", "segment-invalid", message, {"field": name})


def test_a_text_that_looks_like_something_else_is_asked_for_in_quotes() -> None:
    with pytest.raises(Refusal) as error:
        check_fields(parse_text("field:company = 3"), OWN)
    assert error.value.message.endswith(", in double quotes where it looks like something else.")
    for text in ("field:seats = many", "field:size = XL", "field:birthday = soon"):
        with pytest.raises(Refusal) as error:
            check_fields(parse_text(text), OWN)
        assert "quotes" not in error.value.message


# --- What is no mistake ---------------------------------------------------------------------------


def test_an_object_may_have_every_key_there_is_but_one_value() -> None:
    keys = dict.fromkeys(KEYS.split(", "))
    assert parse_json({**keys, "tag": "vip"}) == Tag("vip")
    every = {"eq": 1, "gt": 2, "gte": 3, "lt": 4, "lte": 5}
    assert parse_json({"totalSpend": {"currency": "USD", **every}}) == TotalSpend(
        "USD", Bounds(1, 2, 3, 4, 5)
    )
    assert parse_json({"field": "x", **every, "known": None}) == Own("x", 1, 2, 3, 4, 5)
    when = {**dict.fromkeys(every, "2024-01-31"), "withinDays": 9, "olderThanDays": 3}
    for key, kind in (("firstOrderAt", FirstOrderAt), ("lastOrderAt", LastOrderAt)):
        node = parse_json({key: when})
        assert isinstance(node, kind)
        assert to_json(node) == {key: when}


@pytest.mark.parametrize(
    ("text", "leaf"),
    [
        # A tab and a new line within quotes are letters like others.
        ('attended:"a\tb\nc"', Attended("a\tb\nc")),
        ('segment:"a\tb"', Saved("a\tb")),
        # Digits of full width in a word stay, but for those of a number and a day.
        ("field:company = Ｍ２", Own("company", eq="Ｍ２")),
        ("field:company = “１９９０-01-01”", Own("company", eq="１９９０-01-01")),
        ("field:company = １９９０-01-01", Own("company", eq="1990-01-01")),
        ("field:seats = ３", Own("seats", eq=3)),
        ("field:seats = -3.50", Own("seats", eq=-3.5)),
        ("field:seats = 999999999999999", Own("seats", eq=999_999_999_999_999)),
        ("UNSUBSCRIBED", Marketing("unsubscribed")),
    ],
)
def test_what_a_word_and_a_text_in_quotes_are(text: str, leaf: Leaf) -> None:
    assert parse_text(text) == leaf
    assert parse_text(to_text(leaf)) == leaf


def test_a_chain_of_names_alone_may_be_as_long_as_a_segment_is_deep_and_one_more() -> None:
    def chain(length: int) -> Node:
        found: dict[str, Node] = {f"s{one}": Saved(f"s{one + 1}") for one in range(length - 1)}
        return expand(Saved("s0"), {**found, f"s{length - 1}": Tag("x")}.get, ZONE)

    assert chain(MAX_LEVELS + 1) == Tag("x")
    with pytest.raises(Refusal) as error:
        chain(MAX_LEVELS + 2)
    assert told(error) == (
        "invalid-argument",
        "segment-too-deep",
        "The segment has more than 8 levels, saved segments in it counted: nest less.",
        {},
    )
