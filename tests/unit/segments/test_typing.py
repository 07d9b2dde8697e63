"""Text as telephones, word processors and keyboards of other scripts write it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.segments.language.ast import Attended, HasTicket, Node, leaves
from crm.segments.language.text import parse_text, to_text
from tests.support.segments import nodes

GALA = 'attended:"spring gala"'


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        # Quotes, as languages pair them.
        ("attended:“spring gala”", GALA),
        ("attended:”spring gala”", GALA),  # Swedish
        ("attended:„spring gala“", GALA),  # German
        ("attended:„spring gala”", GALA),  # Polish
        ("attended:‟spring gala”", GALA),
        ("attended:«spring gala»", GALA),
        ("attended:»spring gala«", GALA),  # Danish
        ("attended:« spring gala »", GALA),  # French, with blanks inside
        ("attended:«\u202fspring gala\u202f»", GALA),
        ("attended:‘spring gala’", GALA),
        ("attended:‘90s rock’n’roll’ and tag:x", 'attended:"90s rock’n’roll" and tag:x'),
        ("attended：“spring gala” and tag:“2023 Attendee”", f"{GALA} and tag:2023-attendee"),
        ("attended:“say \"hi\", C:\\new”", r'attended:"say \"hi\", C:\\new"'),
        ("segment:“Big spenders”", 'segment:"Big spenders"'),
        ("registered:“false” or tagged:«false»", "registered:false or untagged"),
        # Inside plain quotes and inside words they are letters like others.
        ('attended:"the “best” « gala »"', 'attended:"the “best” « gala »"'),
        ("attended:rock’n’roll", 'attended:"rock’n’roll"'),
        ("attended:’90s", 'attended:"’90s"'),
        ("attended:5“disc", 'attended:"5“disc"'),
        ("attended:a：b", 'attended:"a：b"'),
        ("attended:２０２４", "attended:２０２４"),
        # Signs of full width, and those that stand for two.
        ("tag：vip", "tag:vip"),
        ("（tag：a　or　tag：b）and not（tag：c）", "(tag:a or tag:b) and not tag:c"),
        ("total_spend≥100 USD", "total_spend >= 100 USD"),
        ("total_spend ≧ 100 USD，≦ 200 USD", "total_spend >= 100 USD, <= 200 USD"),
        ("total_spend ⩾ 100 USD, ⩽ 200 USD", "total_spend >= 100 USD, <= 200 USD"),
        ("order_count ≤ 2", "order_count <= 2"),
        ("order_count ＝ 2", "order_count = 2"),
        ("order_count ＝＝ 2", "order_count = 2"),
        ("order_count ＞＝ 2，＜ 5", "order_count >= 2, < 5"),
        ("order_count ＜= 2", "order_count <= 2"),
        ("order_count >＝ ２３", "order_count >= 23"),
        ("total_spend ＞ ９９．９０ USD", "total_spend > 99.90 USD"),
        ("last_order_at ≤ ２０２４－０１－３１", "last_order_at <= 2024-01-31"),
        ("last_order_at within ９０ days", "last_order_at within 90 days"),
    ],
)  # fmt: skip
def test_what_is_typed_is_taken_as_it_is_meant(text: str, plain: str) -> None:
    assert parse_text(text) == parse_text(plain)
    assert to_text(parse_text(text)) == plain


@pytest.mark.parametrize(
    ("text", "reason", "column", "rule"),
    [
        ("tag:“vip", "segment-syntax", 5, "in double quotes"),
        ("tag:«vip”", "segment-syntax", 5, "in double quotes"),
        ("tag:‘vip", "segment-syntax", 5, "in double quotes"),
        ("tag:“”", "tag-invalid", 5, "1 to 64"),
        ("attended:“ ”", "id-invalid", 10, "an event id"),
        ("tag:“vip” tag:x", "segment-syntax", 11, "`and`"),
        ("attended:“a b” and tag:“a/b”", "tag-invalid", 24, "may hold letters"),
        ("（tag：vip", "segment-syntax", 9, "a closing parenthesis"),
        ("tag:vip）", "segment-syntax", 8, "the end"),
        ("order_count ≠ 2", "segment-syntax", 13, "one of ="),
        ("order_count ≥ ２．５", "segment-invalid", 15, "a whole number"),
        ("order_count ≥ 2, >= 3", "segment-invalid", 18, "once"),
        ("total_spend ≥ １．００５ USD", "segment-invalid", 15, "at most 2 decimals"),
        ("last_order_at ≥ ２０２３－０２－２９", "segment-invalid", 17, "a day of the calendar"),
        ("“tag:vip”", "segment-syntax", 1, "a condition such as"),
    ],
)
def test_the_column_of_a_mistake_is_still_right(
    text: str, reason: str, column: int, rule: str
) -> None:
    with pytest.raises(Refusal) as refused:
        parse_text(text)
    assert refused.value.reason == reason
    assert refused.value.more == {"line": 1, "column": column}
    assert rule in refused.value.message


WIDE = str.maketrans("(),:=<>", "（），：＝＜＞")
SIGNS = re.compile(r'"[^"]*"|[0-9]T[0-9:.]*|region:eu|[(),:=<>]')


@given(nodes())
def test_signs_of_full_width_say_the_same(node: Node) -> None:
    text = to_text(node)
    typed = SIGNS.sub(lambda found: found[0].translate(WIDE if len(found[0]) == 1 else {}), text)
    assert parse_text(typed) == parse_text(text)


@given(st.text(alphabet=st.sampled_from('tag:：vip“”„«»‘’（）()"，≥＝２2 and'), max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    try:
        node = parse_text(text)
    except Refusal as refusal:
        assert refusal.more["column"] in range(1, len(text) + 2)
    else:
        assert parse_text(to_text(node)) == node


def test_what_was_quoted_may_be_a_name() -> None:
    text = "attended:“a” or has_ticket:'b' or has_ticket:c or no_show:\"d\""
    told = [(one.event_id, one.quoted) for one in leaves(parse_text(text))]  # type: ignore[union-attr]
    assert told == [("a", True), ("'b'", False), ("c", False), ("d", True)]
    assert Attended("a", quoted=True) == Attended("a")
    assert len({HasTicket("a", quoted=True), HasTicket("a")}) == 1
