"""Alternatives of a question, and the queries that they fill: exactly which, and where it ends."""

from __future__ import annotations

from typing import Final

import pytest

from crm.db.documents import BY_ID, Clause, Query
from crm.segments.engine.formula import (
    EVERYONE,
    NOBODY,
    And,
    Formula,
    Has,
    Lacks,
    OneOf,
    Or,
    formula,
)
from crm.segments.engine.planner import (
    FINENESS,
    MAX_DISJUNCTIONS,
    MAX_FILTERS,
    Disjuncts,
    NormalForm,
    QueryPlan,
    finest,
    fits_queries,
    minimised,
    plan,
    plan_of,
    query,
    single_query,
    split,
    to_dnf,
)
from crm.segments.language.text import parse_text
from tests.support.segments import NOW, whole


def sets(*texts: str) -> Disjuncts:
    """Each a set of facets, blanks between them."""
    return tuple(frozenset(text.split()) for text in texts)


def numbered(number: int, size: int = 1, first: int = 0) -> Disjuncts:
    """So many alternatives of so many facets each."""
    return tuple(
        frozenset(f"t:{place:03}-{one}" for one in range(size))
        for place in range(first, first + number)
    )


@pytest.mark.parametrize(
    ("number", "size", "queries", "fit"),
    [
        (MAX_DISJUNCTIONS, 1, 1, True),
        (MAX_DISJUNCTIONS + 1, 1, 1, False),
        (MAX_FILTERS // 4, 4, 1, True),
        (MAX_FILTERS // 4 + 1, 4, 1, False),
        (2 * MAX_DISJUNCTIONS, 1, 2, True),
        (2 * MAX_DISJUNCTIONS + 1, 1, 2, False),
        (2 * MAX_FILTERS // 4, 4, 2, True),
        (2 * MAX_FILTERS // 4 + 1, 4, 2, False),
        (0, 1, 1, True),
    ],
)
def test_what_goes_into_so_many_queries(number: int, size: int, queries: int, fit: bool) -> None:
    terms = numbered(number, size)
    assert fits_queries(terms, queries) is fit
    assert NormalForm(terms, exact=True).fits(queries) is fit
    assert not NormalForm(terms, exact=True, whole=False).fits(queries)
    if queries == 1:
        assert fits_queries(terms) is NormalForm(terms, exact=False).fits() is fit


@pytest.mark.parametrize(
    ("number", "size", "lengths"),
    [(0, 1, []), (30, 1, [30]), (31, 1, [30, 1]), (26, 4, [25, 1]), (61, 1, [30, 30, 1])],
)
def test_alternatives_are_divided_among_queries_in_their_order(
    number: int, size: int, lengths: list[int]
) -> None:
    terms = numbered(number, size)
    queries = split(terms)
    assert [len(one) for one in queries] == lengths
    assert tuple(keys for one in queries for keys in one) == terms


@pytest.mark.parametrize(
    ("terms", "kept"),
    [
        (sets("b", "a", "b"), sets("a", "b")),
        (sets("a b", "a"), sets("a")),  # says no more
        (sets("a b", "b c", "b"), sets("b")),
        (sets("a b", "a c"), sets("a b", "a c")),
        (sets("a b c", "a b", "d"), sets("d", "a b")),
        (sets("a b c", "b d", "a"), sets("a", "b d")),
        (sets("a", ""), sets("")),  # everyone
        # What nobody can have.
        (sets("m:none m:subscribed"), ()),
        (sets("r:0 r:1"), ()),
        (sets("g:0 g:1"), ()),
        (sets("g:0 t:a"), ()),
        (sets("n:0 f:>3"), ()),
        (sets("f:0 l:5:19"), ()),
        (sets("l:0 n:>0"), ()),
        (sets("n:0 s:USD:>5"), ()),
        (sets("l:0 s:THB:5:9"), ()),
        # What somebody can.
        (sets("m:none r:1 g:1 t:a"), sets("m:none r:1 g:1 t:a")),
        (sets("g:0 a:t"), sets("g:0 a:t")),
        (sets("n:0 f:0 l:0 s:USD:0"), sets("n:0 f:0 l:0 s:USD:0")),
        (sets("s:USD:0 s:EUR:>0"), sets("s:USD:0 s:EUR:>0")),
        (sets("s:USD:0 n:>0"), sets("s:USD:0 n:>0")),
        (sets("n:0 d:x.org a:e x:e v:x=1"), sets("n:0 d:x.org a:e x:e v:x=1")),
        # One that cannot hold leaves the others as they are.
        (sets("r:0 r:1", "t:a r:0"), sets("t:a r:0")),
        (sets("r:0 r:1", "r:0 r:1 t:a"), ()),
    ],
)
def test_only_alternatives_that_say_something_are_kept(terms: Disjuncts, kept: Disjuncts) -> None:
    assert minimised(terms) == minimised(tuple(reversed(terms))) == kept


A, B, C, D = (Has(one) for one in "abcd")
SOME: Final = OneOf(sets("x1", "x2 x3"))


@pytest.mark.parametrize(
    ("wanted", "alternatives", "exact"),
    [
        (A, sets("a"), True),
        (Lacks(A), sets(""), False),
        (SOME, SOME.items, True),
        (EVERYONE, sets(""), True),
        (NOBODY, (), True),
        (And((A, B)), sets("a b"), True),
        (Or((A, B)), sets("a", "b"), True),
        (And((A, Lacks(B))), sets("a"), False),
        (Or((A, Lacks(B))), sets(""), False),
        (Or((A, And((A, B)))), sets("a"), True),
        (And((Or((A, B)), Or((C, D)))), sets("a c", "a d", "b c", "b d"), True),
        (And((SOME, Or((A, B)))), sets("a x1", "b x1", "a x2 x3", "b x2 x3"), True),
        (And((Has("r:0"), Or((Has("r:1"), A)))), sets("a r:0"), True),
    ],
)
def test_the_alternatives_of_a_formula(
    wanted: Formula, alternatives: Disjuncts, exact: bool
) -> None:
    assert to_dnf(wanted) == NormalForm(alternatives, exact, whole=True)


def test_a_range_is_as_fine_as_it_is_told_to_be_and_else_one_node() -> None:
    five_to_six_hundred = formula(parse_text("order_count >= 5, < 600"), NOW)
    for nodes in (1, 2):
        coarse = NormalForm(sets("n:<10 n:>2"), exact=False)
        assert to_dnf(five_to_six_hundred, nodes) == to_dnf(five_to_six_hundred) == coarse
    assert to_dnf(five_to_six_hundred, 3) == NormalForm(
        sets("n:<9 n:>3", "n:4:2", "n:6:36"), exact=False
    )
    three_apart = formula(parse_text("order_count = 3 or order_count = 5"), NOW)
    assert to_dnf(three_apart) == NormalForm(sets("n:<3 n:>1"), exact=False)
    assert to_dnf(three_apart, 2) == NormalForm(sets("n:5:3", "n:6:9"), exact=True)


def tags(number: int, first: int = 0) -> Or:
    return Or(tuple(Has(f"t:{place:03}-0") for place in range(first, first + number)))


@pytest.mark.parametrize(
    ("queries", "number", "told"),
    [(1, 30, True), (1, 31, False), (2, 60, True), (2, 61, False)],
)
def test_what_there_is_no_room_for_is_left_out_of_a_product(
    queries: int, number: int, told: bool
) -> None:
    """The shortest lists go in first; who is found then may lack what was left out."""
    few, many = tags(1), tags(number, first=500)
    made = to_dnf(And((many, few)), 1, queries)
    assert (made.exact, made.whole) == (told, told)
    assert made.disjuncts == (
        tuple(numbered(1)[0] | one for one in numbered(number, first=500)) if told else numbered(1)
    )
    assert made.fits(queries) is told


def test_alternatives_that_say_nothing_new_need_room_to_be_told() -> None:
    """As many again as fit are looked at."""
    for number, shortened in ((60, True), (61, False)):
        twice = Or((*(And((A, Has(f"{one}"))) for one in range(number - 1)), A))
        assert to_dnf(twice).disjuncts == (
            sets("a") if shortened else sets(*(f"a {one}" for one in range(number - 1)), "a")
        )


def test_a_product_of_which_much_cannot_hold_fits() -> None:
    """Of 60 alternatives half cannot hold, or say no more than another."""
    statuses = Or(tuple(Has(f"m:{one}") for one in ("none", "subscribed", "unsubscribed")))
    made = to_dnf(And((And((statuses, Or((Has("m:none"), Has("x"))))), tags(10))))
    assert made.whole
    assert len(made.disjuncts) == 30


# --- The plan -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "lengths", "exact"),
    [
        (NOBODY, [], True),
        (tags(30), [30], True),
        (tags(31), [30, 1], True),
        (tags(90), [30, 30, 30], True),
        (tags(91), [1], False),  # four queries would be too many: everyone is read
        (And((A, tags(90))), [30, 30, 30], True),
        (And((A, tags(91))), [1], False),
        (And((A, Lacks(B))), [1], False),
    ],
)
def test_a_plan_has_at_most_three_queries(wanted: Formula, lengths: list[int], exact: bool) -> None:
    planned = plan_of(wanted)
    assert ([len(one) for one in planned.queries], planned.exact) == (lengths, exact)


def test_what_is_too_much_is_read_by_what_it_shares_else_whole() -> None:
    assert plan_of(And((A, tags(91)))) == QueryPlan((sets("a"),), exact=False)
    assert plan_of(tags(91)) == QueryPlan((sets(""),), exact=False)
    assert plan_of(tags(91)).everyone
    assert not plan_of(And((A, tags(91)))).everyone
    assert not QueryPlan((), exact=True).everyone


def test_one_query_is_planned_or_none() -> None:
    assert single_query(tags(30)) == QueryPlan((numbered(30),), exact=True)
    assert single_query(tags(31)) is None
    assert single_query(And((A, tags(31)))) is None  # though what they share would fit
    assert single_query(NOBODY) == QueryPlan((), exact=True)


@pytest.mark.parametrize(
    ("text", "terms", "exact"),
    [
        ("tag:vip and order_count = 3", ["n:5:3 t:vip"], True),
        ("tag:vip and order_count = 600", ["n:12:2348 t:vip"], False),
        ("order_count = 600 or tag:b", ["n:12:2348", "t:b"], False),
        ("not order_count = 3", ["n:0", "n:4:0", "n:>2", "n:5:2"], True),
        # As fine as is quick: 16 alternatives, of 48 filters at most.
        ("order_count >= 600 and total_spend > 99 THB",
         [f"{n} {s}" for n in ("n:5:19", "n:6:37", "n:7:73", "n:>10")
          for s in ("s:THB:5:9", "s:THB:6:16", "s:THB:6:17", "s:THB:>5")], False),
    ],
)  # fmt: skip
def test_the_query_of_a_question(text: str, terms: list[str], exact: bool) -> None:
    planned = plan(whole(parse_text(text)), NOW)
    assert planned == QueryPlan((sets(*terms),), exact)


@pytest.mark.parametrize("most", range(1, 35))
def test_the_finest_ranges_that_succeed_are_taken(most: int) -> None:
    tried: list[int] = []

    def attempt(nodes: int) -> int | None:
        tried.append(nodes)
        return nodes if nodes <= most else None

    assert finest(attempt) == max(nodes for nodes in FINENESS if nodes <= most)
    assert tried[0] == FINENESS[0]
    assert len(tried) == len(set(tried)) <= 5  # the list is halved
    assert len(tried) == 1 or most < FINENESS[0]


def test_where_not_even_the_coarsest_ranges_succeed_there_is_nothing() -> None:
    tried: list[int] = []
    assert finest(tried.append) is None
    assert tried[0] == FINENESS[0]
    assert tried[-1] == FINENESS[-1]


# --- The query ------------------------------------------------------------------------------------


def test_a_query_asks_what_all_share_and_either_of_the_rest() -> None:
    shared: Clause = ("facets.`t:a`", "==", True)
    assert query(sets("t:a"), 7, "c") == Query("customers", (shared,), BY_ID, 7, (None, "c"))
    assert query(sets("t:a")) == Query("customers", (shared,), BY_ID)
    assert query(sets("")) == Query("customers", (), BY_ID)
    assert query(sets("t:a t:c", "t:b t:a t:d")) == Query(
        "customers",
        (shared,),
        BY_ID,
        either=(
            (("facets.`t:c`", "==", True),),
            (("facets.`t:b`", "==", True), ("facets.`t:d`", "==", True)),
        ),
    )


def test_where_one_says_no_more_than_all_share_there_is_no_either() -> None:
    assert query(sets("t:a", "t:a t:b")) == query(sets("t:a"))


def test_a_formula_and_its_plan_are_those_of_the_question() -> None:
    node = whole(parse_text("tag:vip and not tag:press"))
    assert plan(node, NOW) == plan_of(formula(node, NOW)) == QueryPlan((sets("t:vip"),), False)
