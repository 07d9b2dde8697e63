"""Rules that would set each other off."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.rules.loops import Wants, loop_of, refuse_loop, sets_off, wants
from crm.rules.rule import Rule
from crm.segments.engine.predicate import matches
from crm.segments.language.json_form import parse_json, to_json
from crm.segments.language.text import parse
from tests.support.ruled import Ruled
from tests.support.stored import DAY


def rule(name: str, enters: object, add: Any = (), remove: Any = ()) -> Rule:
    segment = to_json(parse(enters))
    then = {"addTags": [*add], "removeTags": [*remove]}
    when = {"enters": segment}
    return Rule(name, name, True, when, then, "ever", 9, DAY, DAY, entered=segment)


@pytest.mark.parametrize(
    ("enters", "add", "remove", "loops"),
    [
        ("total_spend >= 100 USD and not tag:vip", ["VIP"], [], False),
        ("total_spend >= 100 USD and not tag:vip", [], ["vip"], True),
        ("tag:vip", [], ["vip"], False),
        ("tag:vip", ["VIP"], [], True),
        ("not not tag:vip", ["vip"], [], True),
        ("untagged", ["vip"], [], False),
        ("untagged", [], ["vip"], True),
        ("tagged", ["vip"], [], True),
        ("not tagged", [], ["vip"], True),
        ("not untagged", ["vip"], [], True),
        ("order_count >= 2", ["vip"], ["old"], False),
        ("order_count >= 2 or tag:a", ["vip"], ["a"], False),
    ],
)
def test_a_rule_sets_itself_off(enters: str, add: Any, remove: Any, loops: bool) -> None:
    one = rule("a", enters, add, remove)
    assert sets_off(one, one) is loops
    assert bool(loop_of({"a": one}, "a")) is loops


def test_rules_that_set_each_other_off_are_refused_by_name() -> None:
    world = Ruled()
    first = world.save(name="One", when={"enters": "tag:a"}, then={"addTags": ["B"]})
    world.save(name="Two", when={"enters": "tag:b"}, then={"addTags": ["C"]})
    with pytest.raises(Refusal) as refused:
        world.save(name="Three", when={"enters": "tag:c"}, then={"addTags": ["A"]})
    assert refused.value.reason == "rules-loop"
    assert all(f"“{name}”" in refused.value.message for name in ("One", "Two", "Three"))
    assert first.id in refused.value.more["ruleIds"]  # type: ignore[operator]
    assert len(world.listed()) == 2
    with pytest.raises(Refusal, match="“One” would set itself off"):
        world.save(first.id, name="One", when={"enters": "tag:a"}, then={"addTags": ["A"]})


def test_one_that_is_off_counts_too() -> None:
    world = Ruled()
    world.save(on=False, name="One", when={"enters": "tag:a"}, then={"addTags": ["B"]})
    with pytest.raises(Refusal, match="set each other off"):
        world.save(name="Two", when={"enters": "tag:b"}, then={"addTags": ["A"]})


def test_what_waits_for_time_or_sends_is_set_off_by_nothing() -> None:
    world = Ruled()
    ended: Any = {"sinceLastOrder": {"days": 180}}
    waits = world.save(when=ended, only="tag:a", then={"addTags": ["A"]})
    assert not sets_off(waits, waits)
    sends = rule("s", "tag:a")
    sends = Rule.from_data({**sends.to_data(), "then": {"send": "c"}})
    assert not sets_off(sends, rule("a", "tag:a"))


TAGS = ("a", "b")
LEAVES: Any = st.sampled_from(
    [{"tag": "a"}, {"tag": "b"}, {"tagged": True}, {"tagged": False}, {"orderCount": {"gte": 1}}]
)
SEGMENTS: Any = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda one: {"not": one}),
        st.lists(inner, min_size=1, max_size=2).map(lambda some: {"all": some}),
        st.lists(inner, min_size=1, max_size=2).map(lambda some: {"any": some}),
    ),
    max_leaves=4,
)
EFFECTS: Any = st.sampled_from([*itertools.product("ar", TAGS)])
RULES: Any = st.lists(st.tuples(SEGMENTS, EFFECTS), min_size=1, max_size=4)


def customer(tags: frozenset[str], orders: int) -> dict[str, Any]:
    return {"tags": sorted(tags), "orderCount": orders}


WORLDS = [
    (frozenset(tags), orders)
    for size in range(3)
    for tags in itertools.combinations(TAGS, size)
    for orders in (0, 1)
]


def changed(tags: frozenset[str], effect: tuple[str, str]) -> frozenset[str]:
    way, tag = effect
    return tags | {tag} if way == "a" else tags - {tag}


@given(SEGMENTS)
def test_whatever_makes_somebody_enter_is_known_to(segment: Any) -> None:
    node = parse_json(segment)
    found = wants(node)
    for (tags, orders), effect in itertools.product(WORLDS, itertools.product("ar", TAGS)):
        after = changed(tags, effect)
        before_in = matches(node, customer(tags, orders), DAY)
        if not before_in and matches(node, customer(after, orders), DAY):
            way, tag = effect
            if way == "a":
                assert tag in found.given or found.any_given
            else:
                assert tag in found.taken or found.any_taken


def endless(rules: list[tuple[Any, tuple[str, str]]]) -> bool:
    """Whether somebody could be acted on for ever, were there no records that it was done."""
    nodes = [(parse_json(segment), effect) for segment, effect in rules]

    def entered(before: frozenset[str], after: frozenset[str], orders: int) -> frozenset[int]:
        return frozenset(
            number
            for number, (node, _) in enumerate(nodes)
            if not matches(node, customer(before, orders), DAY)
            and matches(node, customer(after, orders), DAY)
        )

    # A state: tags, orders, and the rules that have rows in the outbox; any of them acts next.
    # Endless, where a state can be come to again over an act.
    seen: dict[Any, int] = {}

    def visit(state: Any) -> bool:
        if seen.get(state) == 1:
            return True
        if seen.get(state) == 2:
            return False
        seen[state] = 1
        tags, orders, waiting = state
        for one in waiting:
            after = changed(tags, nodes[one][1])
            more = entered(tags, after, orders)
            if visit((after, orders, frozenset((waiting - {one}) | more))):
                return True
        seen[state] = 2
        return False

    starts = [
        (tags, orders, frozenset({number}))
        for tags, orders in WORLDS
        for number in range(len(nodes))
    ]
    return any(visit(start) for start in starts)


@given(RULES)
def test_rules_that_are_accepted_come_to_an_end(rules: list[tuple[Any, tuple[str, str]]]) -> None:
    """Against brute force over every person, every order of acting and every start."""
    made: dict[str, Rule] = {}
    kept: list[tuple[Any, tuple[str, str]]] = []
    for number, (segment, (way, tag)) in enumerate(rules):
        name = str(number)
        one = rule(name, segment, [tag] if way == "a" else [], [tag] if way == "r" else [])
        if not loop_of({**made, name: one}, name):
            made[name] = one
            kept.append((segment, (way, tag)))
    assert not endless(kept)


def test_brute_force_finds_a_loop() -> None:
    assert endless([({"tag": "a"}, ("r", "a")), ({"not": {"tag": "a"}}, ("a", "a"))])
    assert not endless([({"tag": "a"}, ("r", "a"))])


def chain(*names: str, off: str = "") -> dict[str, Rule]:
    """Rules of which each gives the tag that the next one asks for, and the last one the first."""
    following = [*names[1:], names[0]]
    rules = {
        one: rule(one, f"tag:{one}", [then]) for one, then in zip(names, following, strict=True)
    }
    if off:
        rules[off] = rule(off, f"tag:{off}", ["elsewhere"])
    return rules


def test_a_loop_is_named_from_a_rule_back_to_it_in_the_order_of_setting_off() -> None:
    rules = {**chain("a", "b", "c"), "x": rule("x", "tag:b", ["y"]), "z": rule("z", "tag:y")}
    for start, names in (("a", "abc"), ("b", "bca"), ("c", "cab")):
        assert [one.id for one in loop_of(rules, start)] == [*names]
    assert [*loop_of(rules, "x")] == [*loop_of(rules, "z")] == []
    assert [*loop_of(chain("a", "b", "c", off="c"), "a")] == []


def test_the_shortest_loop_is_named() -> None:
    rules = {**chain("a", "b", "c"), "b2": rule("b2", "tag:b", ["a"])}
    assert [one.id for one in loop_of(rules, "a")] == ["a", "b2"]


def test_a_loop_that_a_rule_leads_to_and_is_not_in_is_none_of_its() -> None:
    rules = {**chain("a", "b"), "x": rule("x", "tag:x", ["a"])}
    assert [*loop_of(rules, "x")] == []


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("a", "The rule “a” would set itself off: "),
        ("ab", "The rules “a”, “b” would set each other off: "),
        ("abc", "The rules “a”, “b”, “c” would set each other off: "),
    ],
)
def test_a_refusal_names_the_loop(names: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        refuse_loop(chain(*names), "a")
    error = refused.value
    assert (error.code, error.reason, error.more) == (
        "failed-precondition",
        "rules-loop",
        {"ruleIds": [*names]},
    )
    assert error.message.startswith(said)
    refuse_loop(chain(*names, off="a"), "a")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tag:a", Wants(given=frozenset("a"))),
        ("not tag:a", Wants(taken=frozenset("a"))),
        ("tagged", Wants(any_given=True)),
        ("untagged", Wants(any_taken=True)),
        ("order_count >= 2", Wants()),
        ("tag:a and tag:b", Wants(given=frozenset("ab"))),
        ("not (tag:a or tag:b)", Wants(taken=frozenset("ab"))),
        ("tag:a and not tag:b", Wants(frozenset("a"), frozenset("b"))),
        ("tagged or untagged", Wants(any_given=True, any_taken=True)),
        ("tag:a and (untagged or tag:b)", Wants(frozenset("ab"), any_taken=True)),
        ("tagged and not tag:b", Wants(taken=frozenset("b"), any_given=True)),
    ],
)
def test_which_changes_of_tags_a_segment_waits_for(text: str, found: Wants) -> None:
    assert wants(parse(text)) == found


@pytest.mark.parametrize(
    ("enters", "add", "remove", "off"),
    [
        ("tag:a", ["A"], [], True),
        ("tag:a", ["b"], ["c"], False),
        ("not tag:a", [], ["a"], True),
        ("not tag:a", ["a"], [], False),
        ("tagged", ["x"], [], True),
        ("tagged", [], ["x"], False),
        ("untagged", [], ["x"], True),
        ("untagged", ["x"], [], False),
    ],
)
def test_a_rule_sets_another_off_by_what_it_gives_or_takes(
    enters: str, add: Any, remove: Any, off: bool
) -> None:
    second = rule("b", enters)
    assert sets_off(rule("a", "order_count >= 1", add, remove), second) is off
    waits = Rule.from_data({**second.to_data(), "when": {"subscribed": True}})
    assert sets_off(rule("a", "order_count >= 1", add, remove), waits) is False
