"""The text form of segments: what staff may write, how it is written back, where mistakes are."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.core.ids import is_event_id
from crm.core.money import DIGITS
from crm.segments.language.ast import (
    All,
    AnyOf,
    Attended,
    Bounds,
    Everyone,
    FirstOrderAt,
    HasTicket,
    LastOrderAt,
    Leaf,
    Node,
    NoShow,
    Not,
    OrderCount,
    Saved,
    Tag,
    TotalSpend,
    When,
)
from crm.segments.language.json_form import to_json
from crm.segments.language.text import MAX_TEXT, parse, parse_text, to_text
from tests.support.segments import bounds, leaves, nodes, whens

USD = {"currency": "USD"}


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("everyone", {}),
        ("tag:vip", {"tag": "vip"}),
        ("tag:region:eu", {"tag": "region:eu"}),
        ("tag:c++", {"tag": "c++"}),
        ("attended:devops-2024", {"attended": "devops-2024"}),
        ("has_ticket:a/b", {"hasTicket": "a/b"}),
        ('attended:" e "', {"attended": " e "}),
        ('attended:"say \\"hi\\" \\\\ (1, 2)"', {"attended": 'say "hi" \\ (1, 2)'}),
        ('attended:"a\\nb"', {"attended": "a\nb"}),
        ("attended:日本", {"attended": "日本"}),
        ("total_spend >= 100 USD", {"totalSpend": {**USD, "gte": 10_000}}),
        ("total_spend > 99.90 USD", {"totalSpend": {**USD, "gt": 9_990}}),
        ("total_spend = 0.05 USD", {"totalSpend": {**USD, "eq": 5}}),
        ("total_spend < 100 JPY", {"totalSpend": {"currency": "JPY", "lt": 100}}),
        ("total_spend <= 1.005 KWD", {"totalSpend": {"currency": "KWD", "lte": 1_005}}),
        ("total_spend >= 1 USD, < 2 USD", {"totalSpend": {**USD, "gte": 100, "lt": 200}}),
        (
            "total_spend <= 92233720368547758.07 USD",
            {"totalSpend": {**USD, "lte": 2**63 - 1}},
        ),
        ("order_count >= 2", {"orderCount": {"gte": 2}}),
        ("order_count >= 2, < 5", {"orderCount": {"gte": 2, "lt": 5}}),
        ("first_order_at >= 2024-01-01", {"firstOrderAt": {"gte": "2024-01-01"}}),
        (
            "first_order_at = 2024-01-01, < 2024-01-01T00:00:00Z",
            {"firstOrderAt": {"eq": "2024-01-01", "lt": "2024-01-01T00:00:00Z"}},
        ),
        ("no_show:devops-2024", {"noShow": "devops-2024"}),
        ("tagged", {"tagged": True}),
        ("untagged", {"tagged": False}),
        ("last_order_at < 2024-01-01T08:00:00Z", {"lastOrderAt": {"lt": "2024-01-01T08:00:00Z"}}),
        ("last_order_at within 90 days", {"lastOrderAt": {"withinDays": 90}}),
        ("last_order_at older than 90 days", {"lastOrderAt": {"olderThanDays": 90}}),
        (
            "first_order_at > 2024-01-01, within 90 days, older than 30 days",
            {
                "firstOrderAt": {
                    "gt": "2024-01-01",
                    "withinDays": 90,
                    "olderThanDays": 30,
                }
            },
        ),
        ("marketing:subscribed", {"marketing": "subscribed"}),
        ("marketing:none", {"marketing": "none"}),
        ("registered", {"registered": True}),
        ("registered:false", {"registered": False}),
        ("email_domain:acme.com", {"emailDomain": "acme.com"}),
        ('field:company = "ACME"', {"field": "company", "eq": "ACME"}),
        ('field:company = "3"', {"field": "company", "eq": "3"}),
        ('field:company = "true"', {"field": "company", "eq": "true"}),
        ('field:company = "a \\"b\\", (c)"', {"field": "company", "eq": 'a "b", (c)'}),
        ("field:seats >= 3", {"field": "seats", "gte": 3}),
        ("field:seats > -0.5, <= 1.25", {"field": "seats", "gt": -0.5, "lte": 1.25}),
        ("field:seats = 0.000001", {"field": "seats", "eq": 0.000001}),
        ("field:vegan = true", {"field": "vegan", "eq": True}),
        ("field:birthday < 1990-01-01", {"field": "birthday", "lt": "1990-01-01"}),
        ("field:company known", {"field": "company", "known": True}),
        ("field:company unknown", {"field": "company", "known": False}),
        (
            "not field:vegan = false and tag:vip",
            {"all": [{"not": {"field": "vegan", "eq": False}}, {"tag": "vip"}]},
        ),
        ("segment:k3b7", {"segment": "k3b7"}),
        ('segment:"big spenders"', {"segment": "big spenders"}),
        ("not tag:vip", {"not": {"tag": "vip"}}),
        ("not not tag:vip", {"not": {"not": {"tag": "vip"}}}),
        ("tag:a and tag:b and tag:c", {"all": [{"tag": "a"}, {"tag": "b"}, {"tag": "c"}]}),
        ("tag:a or tag:b or tag:c", {"any": [{"tag": "a"}, {"tag": "b"}, {"tag": "c"}]}),
        (
            "tag:a or tag:b and tag:c",
            {"any": [{"tag": "a"}, {"all": [{"tag": "b"}, {"tag": "c"}]}]},
        ),
        (
            "(tag:a or tag:b) and not tag:c",
            {"all": [{"any": [{"tag": "a"}, {"tag": "b"}]}, {"not": {"tag": "c"}}]},
        ),
        (
            "(tag:a or tag:b) or tag:c",
            {"any": [{"any": [{"tag": "a"}, {"tag": "b"}]}, {"tag": "c"}]},
        ),
        (
            "tag:a and (tag:b and tag:c)",
            {"all": [{"tag": "a"}, {"all": [{"tag": "b"}, {"tag": "c"}]}]},
        ),
        ("not (tag:a and tag:b)", {"not": {"all": [{"tag": "a"}, {"tag": "b"}]}}),
        ("not tag:a and tag:b", {"all": [{"not": {"tag": "a"}}, {"tag": "b"}]}),
        ("tag:and or tag:or", {"any": [{"tag": "and"}, {"tag": "or"}]}),
    ],
)
def test_text_and_json_are_one_language(text: str, data: Any) -> None:
    assert to_json(parse_text(text)) == data
    assert to_text(parse(data)) == text
    assert parse(text) == parse(data)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            "tag:vip and attended:devops-2024 and total_spend >= 100 USD"
            ' and not tag:"2023 attendee"',
            "tag:vip and attended:devops-2024 and total_spend >= 100 USD and not tag:2023-attendee",
        ),
        ("TAG:VIP AND NOT Tag:x", "tag:vip and not tag:x"),
        ("  tag : vip\n\tor\r\n(tag:x)  ", "tag:vip or tag:x"),
        ("((((tag:vip))))", "tag:vip"),
        ("not(tag:vip)", "not tag:vip"),
        ("tag:a or (tag:b and tag:c)", "tag:a or tag:b and tag:c"),
        ("subscribed", "marketing:subscribed"),
        ("UNSUBSCRIBED", "marketing:unsubscribed"),
        ("marketing:None", "marketing:none"),
        ("registered:TRUE", "registered"),
        ("total_spend>=100usd", "total_spend >= 100 USD"),
        ("total_spend == 100.00 USD", "total_spend = 100 USD"),
        ("total_spend < 99.9 USD, > 007 USD", "total_spend > 7 USD, < 99.90 USD"),
        ("total_spend < 5.000 JPY", "total_spend < 5 JPY"),
        ("order_count<=2", "order_count <= 2"),
        ("last_order_at WITHIN 1 day", "last_order_at within 1 days"),
        ("last_order_at older\n than 1 day", "last_order_at older than 1 days"),
        ("last_order_at > 2024-01-01T02:00+02:00", "last_order_at > 2024-01-01T00:00:00Z"),
        ("last_order_at > 2024-01-01T00:00:00.5Z", "last_order_at > 2024-01-01T00:00:00.500000Z"),
        ("email_domain:Bücher.de", "email_domain:xn--bcher-kva.de"),
        ('tag:"vip"', "tag:vip"),
        ("noShow:x or NO_SHOW:y", "no_show:x or no_show:y"),
        ("tagged:true or Tagged:FALSE or UNTAGGED", "tagged or untagged or untagged"),
        # The names of the JSON form are understood too.
        ("hasTicket:x and emailDomain:acme.com", "has_ticket:x and email_domain:acme.com"),
        ("totalSpend > 1 USD or orderCount = 1", "total_spend > 1 USD or order_count = 1"),
        ("firstOrderAt within 1 days", "first_order_at within 1 days"),
        ("FIELD : company=ACME", 'field:company = "ACME"'),
        ("field:company == “Café & Co”", 'field:company = "Café & Co"'),
        ("field:seats>=３.50", "field:seats >= 3.5"),
        ("field:seats = +3", "field:seats = 3"),
        ("field:vegan=TRUE", "field:vegan = true"),
        ("field:birthday ≥ １９９０-01-01", "field:birthday >= 1990-01-01"),
        ("field:a Known or field:b UNKNOWN", "field:a known or field:b unknown"),
    ],
)
def test_what_is_written_back(text: str, canonical: str) -> None:
    assert to_text(parse_text(text)) == canonical
    assert parse_text(canonical) == parse_text(text)


def plain(node: Node) -> Node:
    """The same without lists of one, which the text form does not tell from what is in them."""
    match node:
        case All((item,)) | AnyOf((item,)):
            return plain(item)
        case All(items):
            return All(tuple(map(plain, items)))
        case AnyOf(items):
            return AnyOf(tuple(map(plain, items)))
        case Not(item):
            return Not(plain(item))
    return node


EVENT_IDS = st.text(max_size=30).filter(is_event_id)
NUMBERS = st.integers(0, 2**63 - 1)
ANY_LEAF: st.SearchStrategy[Leaf] = st.one_of(
    leaves(),
    st.text("aA1 -_:.+&#é", min_size=1, max_size=20)
    .filter(lambda text: text.strip(" ._"))
    .map(Tag),
    EVENT_IDS.map(Attended),
    EVENT_IDS.map(HasTicket),
    EVENT_IDS.map(NoShow),
    EVENT_IDS.filter(lambda text: "/" not in text and text not in {".", ".."}).map(Saved),
    st.builds(TotalSpend, st.sampled_from(sorted(DIGITS)), bounds(NUMBERS)),
    bounds(NUMBERS).map(OrderCount),
    whens(st.datetimes(timezones=st.just(UTC))).map(FirstOrderAt),
    whens(st.datetimes(timezones=st.just(UTC))).map(LastOrderAt),
)


@given(nodes(ANY_LEAF))
def test_text_round_trips(node: Node) -> None:
    text = to_text(node)
    assert parse_text(text) == plain(node)
    assert to_text(parse_text(text)) == text


@given(nodes())
def test_no_parenthesis_is_too_many(node: Node) -> None:
    """Without any one pair the text means something else, or nothing."""
    text = to_text(node)
    for at, sign in enumerate(text):
        if sign != "(":
            continue
        depth, end = 1, at
        while depth:
            end += 1
            depth += {"(": 1, ")": -1}.get(text[end], 0)
        less = f"{text[:at]} {text[at + 1 : end]} {text[end + 1 :]}"
        assert parse_text(less) != parse_text(text)


CONDITION = "a condition such as"


@pytest.mark.parametrize(
    ("text", "reason", "column", "rule"),
    [
        ("", "segment-syntax", 1, CONDITION),
        (" \n ", "segment-syntax", 1, CONDITION),
        ("vip", "segment-syntax", 1, CONDITION),
        ("tagged:vip", "segment-invalid", 8, "true or false"),
        ("tags:vip", "segment-syntax", 1, CONDITION),
        ('{"tag": "vip"}', "segment-syntax", 1, CONDITION),
        ("tag", "segment-syntax", 4, "a colon"),
        ("tag = vip", "segment-syntax", 5, "a colon"),
        ("tag:", "segment-syntax", 5, "a word"),
        ("tag:(vip)", "segment-syntax", 5, "a word"),
        ("tag:vip and", "segment-syntax", 12, CONDITION),
        ("tag:vip or or tag:x", "segment-syntax", 12, CONDITION),
        ("and tag:vip", "segment-syntax", 1, CONDITION),
        ("not", "segment-syntax", 4, CONDITION),
        ("tag:vip tag:x", "segment-syntax", 9, "`and`, `or`, the end"),
        ("tag:vip, tag:x", "segment-syntax", 8, "`and`, `or`, the end"),
        ("registered ortag:x", "segment-syntax", 12, "`and`, `or`"),
        ("(tag:vip", "segment-syntax", 9, "a closing parenthesis"),
        ("tag:vip)", "segment-syntax", 8, "the end"),
        ("()", "segment-syntax", 2, CONDITION),
        ('tag:"vip', "segment-syntax", 5, "in double quotes"),
        ('tag:"\\x"', "segment-syntax", 5, "a backslash"),
        ('tag:"\\ud8"', "segment-syntax", 5, "a backslash"),
        ("total_spend", "segment-syntax", 12, "one of ="),
        ("total_spend 100 USD", "segment-syntax", 13, "one of ="),
        ("total_spend != 100 USD", "segment-syntax", 13, "one of ="),
        ("total_spend >= USD", "segment-syntax", 16, "a number"),
        ("total_spend >= -5 USD", "segment-syntax", 16, "a number"),
        ("total_spend >= nan USD", "segment-syntax", 16, "a number"),
        ("total_spend >= 1e3 USD", "segment-syntax", 17, "a currency"),
        ("total_spend >= 1,000 USD", "segment-syntax", 17, "a currency"),
        ("total_spend >= 100", "segment-syntax", 19, "a currency"),
        ("total_spend >= 100 USD,", "segment-syntax", 24, "one of ="),
        ("total_spend >= 100 dollars", "segment-syntax", 20, "a currency"),
        ("total_spend >= 100 XXX", "segment-invalid", 20, "ISO 4217"),
        ("total_spend >= 1.005 USD", "segment-invalid", 16, "in USD with at most 2 decimals"),
        ("total_spend >= 1.5 JPY", "segment-invalid", 16, "an amount in JPY with no decimals"),
        ("total_spend >= 99999999999999999999 USD", "segment-invalid", 16, "smaller"),
        ("total_spend >= 92233720368547758.08 USD", "segment-invalid", 16, "less than"),
        ("total_spend > 1 USD, < 5 EUR", "segment-invalid", 26, "one currency"),
        ("order_count >= 2.0", "segment-invalid", 16, "a whole number"),
        ("order_count >= 10000000000000000000", "segment-invalid", 16, "a whole number"),
        ("order_count >= 9999999999999999999", "segment-invalid", 16, "less than"),
        ("order_count >= 2, >= 3", "segment-invalid", 19, "once"),
        ("order_count = 2, == 2", "segment-invalid", 18, "once"),
        ("order_count >= 2 USD", "segment-syntax", 18, "`and`, `or`, a comma"),
        ("order_count within 2 days", "segment-syntax", 13, "one of ="),
        ("first_order_at >= 0001-12-31", "segment-invalid", 19, "a day of the calendar"),
        ("first_order_at >= 2023-02-29", "segment-invalid", 19, "a day of the calendar"),
        ("first_order_at >= 2024", "segment-syntax", 19, "a date"),
        ("first_order_at >= yesterday", "segment-syntax", 19, "a date"),
        ("first_order_at >= 2024-13-01", "segment-invalid", 19, "of the calendar"),
        ("first_order_at >= 2024-01-01T10:00", "segment-invalid", 19, "with its zone"),
        ("last_order_at 90 days", "segment-syntax", 15, "`within` or `older than`"),
        ("last_order_at older 90 days", "segment-syntax", 15, "`within` or `older than`"),
        ("last_order_at within 90", "segment-syntax", 24, "`days`"),
        ("last_order_at within 2 weeks", "segment-syntax", 24, "`days`"),
        ("last_order_at within 1.5 days", "segment-invalid", 22, "a whole number"),
        ("last_order_at within 99999 days", "segment-invalid", 22, "less than"),
        ("field", "segment-syntax", 6, "a colon"),
        ("field:", "segment-syntax", 7, "the name of an own field"),
        ('field:"company" = 1', "segment-syntax", 7, "the name of an own field"),
        ("field:company", "segment-syntax", 14, "`known` or `unknown`"),
        ("field:company ACME", "segment-syntax", 15, "one of ="),
        ("field:company =", "segment-syntax", 16, "a word"),
        ("field:company = ACME Corp", "segment-syntax", 22, "`and`, `or`, a comma"),
        ("field:Company = 1", "segment-invalid", 7, "own field"),
        ('field:company = ""', "segment-invalid", 17, "a text in one line"),
        ("field:seats > many", "segment-invalid", 15, "a number, or a day"),
        ("field:seats = 1, = 2", "segment-invalid", 18, "once"),
        ("field:seats > 1000000000000000", "segment-invalid", 15, "a number"),
        ("field:birthday < 2023-02-29", "segment-invalid", 18, "a day"),
        ("marketing:maybe", "segment-invalid", 11, "must be 'subscribed'"),
        ("registered:", "segment-syntax", 12, "a word"),
        ("registered:yes", "segment-invalid", 12, "true or false"),
        ("email_domain:acme", "segment-invalid", 14, "behind the @"),
        ("tag:a*b", "tag-invalid", 5, "may hold letters"),
        ("tag:__x__", "tag-invalid", 5, "two underscores"),
        ('tag:""', "tag-invalid", 5, "1 to 64"),
        ("tag:a/b", "tag-invalid", 5, "may hold letters"),
        ('attended:"\\ud800"', "id-invalid", 10, "an event id"),
        ("attended:__x__", "id-invalid", 10, "an event id"),
        ("segment:a/b", "id-invalid", 9, "a document id"),
        ("\ud800", "segment-syntax", 1, CONDITION),
        ("tag:vip\x00", "tag-invalid", 5, "may hold letters"),
        ("ſubscribed", "segment-syntax", 1, CONDITION),  # no s, though `re` thinks so
    ],
)  # fmt: skip
def test_a_mistake_is_pointed_at(text: str, reason: str, column: int, rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_text(text)
    found = refused.value
    assert (found.code, found.reason) == ("invalid-argument", reason)
    assert found.more == {"line": 1, "column": column}
    assert f"at column {column}: " in found.message
    assert rule in found.message


def test_a_mistake_on_a_later_line() -> None:
    with pytest.raises(Refusal, match="at line 3, column 3: expected a condition") as refused:
        parse_text("tag:vip\nand\n  tagg:secret")
    assert refused.value.more == {"line": 3, "column": 3}
    assert "secret" not in refused.value.message
    with pytest.raises(Refusal, match="at line 2, column 5: A tag may") as refused:
        parse_text("tag:vip or\ntag:a*b")
    assert refused.value.more == {"line": 2, "column": 5}
    with pytest.raises(Refusal, match="at line 2, column 1: expected a condition") as refused:
        parse_text("\ntagg:vip")
    assert refused.value.more == {"line": 2, "column": 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(" * 10_000, "segment-syntax"),
        (")" * 10_000, "segment-syntax"),
        ("(" * 9_000 + "tag:x" + ")" * 8_999, "segment-syntax"),
        ("not " * 4_999 + "tag", "segment-syntax"),
        ("not " * 4_990 + "tag:x", "segment-too-deep"),
        ("not (" * 3_000 + "tag:x" + ")" * 3_000, "segment-too-deep"),
        ("tag:x or (" * 1_500 + "tag:x" + ")" * 1_500, "segment-too-deep"),
        ("tag:x or " * 2_000 + "tag:x", "segment-too-wide"),
        ("registered and " * 50 + "registered", "segment-too-wide"),
        ("order_count " + ",".join(["> 1"] * 4_000), "segment-invalid"),
        ("total_spend >= " + "9" * 19_000 + " USD", "segment-invalid"),
        ("total_spend >= 0." + "1" * 19_000 + " USD", "segment-invalid"),
        ("tag:" + "x" * 19_000, "tag-invalid"),
        ('attended:"' + '\\"' * 9_000 + '"', "id-invalid"),
        ('tag:"' + "\\" * 19_001, "segment-syntax"),
        ('"' * MAX_TEXT, "segment-syntax"),
        (" " * MAX_TEXT, "segment-syntax"),
        (" " * (MAX_TEXT + 1), "segment-too-long"),
        ("tag:x or " * 1_000_000, "segment-too-long"),
    ],
    ids=lambda value: value[:12],
)
def test_no_text_is_too_much(text: str, reason: str) -> None:
    parse_text("tag:x")  # builds the parser
    begun = time.process_time()
    with pytest.raises(Refusal) as refused:
        parse_text(text)
    assert refused.value.reason == reason
    assert len(refused.value.message) < 250
    assert time.process_time() - begun < 10


def test_as_many_parentheses_as_there_is_room_for() -> None:
    half = (MAX_TEXT - len("tag:x")) // 2
    assert parse_text("(" * half + "tag:x" + ")" * half) == Tag("x")


@given(st.text(alphabet=st.sampled_from('tag:vip()"\\ andornot<>=,0123456789USD-\n'), max_size=80))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        node = parse_text(text)
    except Refusal as refusal:
        assert refusal.code == "invalid-argument"
        assert refusal.more["column"] in range(1, len(text) + 2)
    else:
        assert parse_text(to_text(node)) == node


def test_a_time_is_written_in_utc_and_exactly() -> None:
    first = LastOrderAt(When(gte=datetime(1, 1, 1, tzinfo=UTC)))
    assert to_text(first) == "last_order_at >= 0001-01-01T00:00:00Z"
    assert parse_text(to_text(first)) == first
    assert to_text(AnyOf((All((Everyone(),)), Not(AnyOf((OrderCount(Bounds(eq=0)),)))))) == (
        "everyone or not order_count = 0"
    )


def test_the_parser_is_loaded_with_the_first_text() -> None:
    """What reads JSON and decides who belongs does not pay for it."""
    code = """
import sys
from crm.segments.engine import predicate
from crm.segments.language import expansion, text
text.parse({"tag": "vip"})
assert "lark" not in sys.modules
text.parse("tag:vip")
assert "lark" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
