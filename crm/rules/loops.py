"""Rules that would set each other off: what one does makes somebody enter another. Pure.

A rule changes tags alone, so a rule can follow from another only where its segment asks for a tag.
What else a segment asks is taken to hold: so a loop that is refused may be none that ever ran, and
what is accepted ends, whoever is acted on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from crm.core.errors import Refusal
from crm.core.tag_names import tag_id
from crm.rules.rule import Rule
from crm.segments.language import ast
from crm.segments.language.json_form import parse_json


@dataclass(frozen=True)
class Wants:
    """Which changes of tags can make somebody enter a segment.

    Attributes:
        given: Tags that may have to be given.
        taken: Tags that may have to be taken.
        any_given: Whether any tag will do that is given.
        any_taken: Whether any tag will do that is taken.
    """

    given: frozenset[str] = field(default_factory=frozenset)
    taken: frozenset[str] = field(default_factory=frozenset)
    any_given: bool = False
    any_taken: bool = False

    def __or__(self, other: Wants) -> Wants:
        return Wants(
            self.given | other.given,
            self.taken | other.taken,
            self.any_given or other.any_given,
            self.any_taken or other.any_taken,
        )


def wants(node: ast.Node, *, holds: bool = True) -> Wants:
    """Return which changes of tags can make a segment hold; or, of `not`, hold no more."""
    match node:
        case ast.Not(item):
            return wants(item, holds=not holds)
        case ast.Tag(tag):
            some = frozenset({tag})
            return Wants(given=some) if holds else Wants(taken=some)
        case ast.Tagged(value):
            return Wants(any_given=True) if value is holds else Wants(any_taken=True)
    found = Wants()
    for item in ast.children(node):
        found |= wants(item, holds=holds)
    return found


def sets_off(first: Rule, second: Rule) -> bool:
    """Return whether what a rule does can make somebody enter another."""
    if first.campaign_id is not None or second.kind != "enters":
        return False
    wanted = wants(parse_json(second.entered))
    given = {tag_id(label) for label in first.then["addTags"]}
    taken = {*first.then["removeTags"]}
    return bool(
        given & wanted.given
        or taken & wanted.taken
        or (given and wanted.any_given)
        or (taken and wanted.any_taken)
    )


def loop_of(rules: Mapping[str, Rule], rule_id: str) -> Sequence[Rule]:
    """Return rules that set each other off, each the next, from one rule back to it; none else."""

    @cache
    def following(one: str) -> tuple[str, ...]:
        return tuple(other for other in rules if sets_off(rules[one], rules[other]))

    ways: list[tuple[str, ...]] = [(rule_id,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for other in following(way[-1]):
            if other == rule_id:
                return [rules[one] for one in way]
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return ()


def refuse_loop(rules: Mapping[str, Rule], rule_id: str) -> None:
    """Refuse a rule that would, by way of others or alone, set itself off.

    Raises:
        Refusal: `failed-precondition` (`rules-loop`).
    """
    loop = loop_of(rules, rule_id)
    if not loop:
        return
    names = ", ".join(f"“{one.name}”" for one in loop)
    several = f"The rules {names} would set each other off"
    said = several if len(loop) > 1 else f"The rule {names} would set itself off"
    raise Refusal(
        "failed-precondition",
        "rules-loop",
        f"{said}: leave out a tag that one gives or takes, or ask for another one.",
        {"ruleIds": [one.id for one in loop]},
    )
