"""What staff ask of a rule, checked; refusals say what to write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from crm.campaigns.saving import find_campaign
from crm.core.errors import Refusal
from crm.core.ids import is_id
from crm.customers.limits import MAX_TAGS
from crm.db.retry import INTERACTIVE
from crm.db.runner import Runner
from crm.rules.rule import MOST, THIS_EVENT, Rule
from crm.segments.asking import understand
from crm.segments.language import ast
from crm.segments.language.json_form import to_json
from crm.segments.language.text import parse
from crm.segments.names import Doubt
from crm.segments.saved import find_segment
from crm.segments.saved_plan import by_id, name_of, node_of, unknown_segment
from crm.tags.plan import change_of

MOST_DAYS: Final = 365
"""After an event's end."""

MOST_PAUSE: Final = 3_650
"""Days since the last order, and between two times that a rule acts on a person."""

MOST_AT_ALL: Final = 100_000
"""People at once: whoever means more writes a campaign."""

_CLOCK: Final = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)

Waiting = Literal["act", "drop"]


@dataclass(frozen=True)
class Asked:
    """A rule as staff ask for it; nothing of it is checked.

    Attributes:
        name: What they call it.
        when: When it acts (see `Rule.when`); segments in JSON or text.
        then: What it does (see `Rule.then`).
        on: Whether it acts.
        only: A segment, in JSON or text, that is asked again at the moment of acting; None for
            everybody.
        once: How often it acts on a person; None for `ever`.
        most: How many people it acts on at once; None for `MOST`.
        waiting: What becomes of those who waited while it was paused; None for no answer.
    """

    name: str
    when: object
    then: object
    on: bool = False
    only: object = None
    once: object = None
    most: int | None = None
    waiting: Waiting | None = None


@dataclass(frozen=True)
class Checked:
    """A rule that is well made, but for what the others in the book say to it.

    Attributes:
        said: The fields of `Rule` that staff say: `name`, `on`, `when`, `then`, `once`, `most`,
            `only`, `entered`, `asked`, `uses`.
        waiting: As of `Asked`.
        doubts: What in its segments may not be meant so.
    """

    said: Mapping[str, Any]
    waiting: Waiting | None = None
    doubts: tuple[Doubt, ...] = ()

    def rule(self, rule_id: str, now: datetime) -> Rule:
        """Return it as a rule that is saved now for the first time."""
        since = now if self.said["on"] else None
        return Rule(rule_id, created_at=now, updated_at=now, since=since, **self.said)


def check(runner: Runner, asked: Asked) -> Checked:
    """Check a rule that staff ask for.

    Args:
        runner: Reads what it names: saved segments, events, the campaign.
        asked: The rule.

    Raises:
        Refusal: `invalid-argument` (`name-invalid`, `rule-invalid`, `this-event`, `tag-invalid`,
            `tag-twice`), or as `understand`; `not-found` (`no-such-campaign`);
            `failed-precondition` (`template-not-draft`).
        Conflict, Transient: Not checked before the deadline.
    """
    kind, value = _one_of(
        "when", asked.when, ("enters", "eventEnded", "sinceLastOrder", "subscribed")
    )
    of_event = kind == "eventEnded"
    entered: _Segment | None = None
    if kind == "enters":
        entered = _segment(runner, value, of_event=False)
        value = entered.asked
    elif kind == "eventEnded":
        value = _event_ended(value)
    elif kind == "sinceLastOrder":
        value = {"days": _days("when.sinceLastOrder", value, 1, MOST_PAUSE)}
    elif value is not True:
        raise _invalid("when.subscribed", "write true")
    only = None if asked.only is None else _segment(runner, asked.only, of_event=of_event)
    segments = [one for one in (entered, only) if one is not None]
    said = {
        "name": name_of(asked.name),
        "on": asked.on,
        "when": {kind: value},
        "then": _then(runner, asked.then),
        "once": _once(asked.once, of_event=of_event),
        "most": _whole("most", MOST if asked.most is None else asked.most, 1, MOST_AT_ALL),
        "only": only.asked if only else None,
        "entered": entered.whole if entered else _SUBSCRIBED if kind == "subscribed" else None,
        "asked": only.whole if only else None,
        "uses": tuple(sorted({used for one in segments for used in one.uses})),
    }
    doubts = tuple(doubt for one in segments for doubt in one.doubts if doubt.name != THIS_EVENT)
    return Checked(said, asked.waiting, doubts)


def expanded(runner: Runner, rule: Rule) -> Mapping[str, Any]:
    """Return the fields of a rule that follow from its saved segments, as these are now.

    Raises:
        Refusal: As `understand`.
        Conflict, Transient: Not understood before the deadline.
    """
    enters = rule.when.get("enters")
    entered = None if enters is None else _segment(runner, enters, of_event=False)
    only = None if rule.only is None else _segment(runner, rule.only, of_event=True)
    used = {one for some in (entered, only) if some for one in some.uses}
    return {
        "entered": entered.whole if entered else rule.entered,
        "asked": only.whole if only else None,
        "uses": tuple(sorted(used)),
    }


_SUBSCRIBED: Final = to_json(ast.Marketing("subscribed"))


def about(node: ast.Node, event_id: str) -> ast.Node:
    """Return a question with an event in the place of `this_event`."""
    match node:
        case ast.All(items):
            return ast.All(tuple(about(item, event_id) for item in items))
        case ast.AnyOf(items):
            return ast.AnyOf(tuple(about(item, event_id) for item in items))
        case ast.Not(item):
            return ast.Not(about(item, event_id))
    if isinstance(node, ast.EventLeaf) and node.event_id == THIS_EVENT:
        return type(node)(event_id)
    return node


def names_this_event(node: ast.Node) -> bool:
    """Return whether a question is about the event for which a rule acts."""
    named = (one.event_id for one in ast.leaves(node) if isinstance(one, ast.EventLeaf))
    return THIS_EVENT in named


@dataclass(frozen=True)
class _Segment:
    """A segment of a rule: as asked and as the engine takes it, in JSON; ids of saved ones."""

    asked: object
    whole: object
    uses: frozenset[str]
    doubts: tuple[Doubt, ...]


def _segment(runner: Runner, asked: object, *, of_event: bool) -> _Segment:
    question = understand(runner, parse(asked))
    if names_this_event(question.whole) and not of_event:
        raise Refusal(
            "invalid-argument",
            "this-event",
            "`this_event` stands for an event in `only` of a rule with `eventEnded`: name the"
            " event here.",
        )
    node = by_id(question.asked, lambda reference: _found(runner, reference)[0])
    return _Segment(
        to_json(node), to_json(question.whole), frozenset(_used(runner, node)), question.doubts
    )


def _used(runner: Runner, node: ast.Node) -> set[str]:
    """Return the ids of the saved segments that a question is made of, at whatever depth."""
    seen: set[str] = set()
    rest = [node]
    while rest:
        for leaf in ast.leaves(rest.pop()):
            if isinstance(leaf, ast.Saved) and leaf.segment_id not in seen:
                seen.add(leaf.segment_id)
                rest.append(_found(runner, leaf.segment_id)[1])
    return seen


def _found(runner: Runner, reference: str) -> tuple[str, ast.Node]:
    found = INTERACTIVE.call(lambda: find_segment(runner, reference))
    if found is None:
        raise unknown_segment()
    return found.id, node_of(found.fields)


def _event_ended(value: object) -> Mapping[str, object]:
    at = "when.eventEnded"
    if not isinstance(value, dict) or value.keys() != {"days", "at"}:
        raise _invalid(at, 'write {"days": 1, "at": "10:00"}')
    if not isinstance(value["at"], str) or not _CLOCK.fullmatch(value["at"]):
        raise _invalid(f"{at}.at", "write a time of the day such as 10:00")
    return {"days": _whole(f"{at}.days", value["days"], 0, MOST_DAYS), "at": value["at"]}


def _once(value: object, *, of_event: bool) -> object:
    if value is None or value == "ever":
        return "ever"
    if value == "event":
        if not of_event:
            raise _invalid("once", "`event` belongs to a rule with `eventEnded`: write `ever`")
        return value
    if not isinstance(value, dict):
        raise _invalid("once", 'write "ever", "event" or {"days": 365}')
    return {"days": _days("once", value, 1, MOST_PAUSE)}


def _then(runner: Runner, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _invalid("then", 'write {"addTags": […], "removeTags": […]} or {"send": campaignId}')
    given = {key: one for key, one in value.items() if one is not None}
    if given.keys() == {"send"}:
        return {"send": _template(runner, given["send"])}
    if not given or not given.keys() <= {"addTags", "removeTags"}:
        raise _invalid("then", "write addTags and removeTags, or send alone")
    labels = {key: _texts(f"then.{key}", given.get(key) or []) for key in ("addTags", "removeTags")}
    change = change_of(labels["addTags"], labels["removeTags"])
    if not (change.add or change.remove):
        raise _invalid("then", "write a tag in addTags or in removeTags")
    return {"addTags": list(change.add.values()), "removeTags": sorted(change.remove)}


def _template(runner: Runner, value: object) -> str:
    if not isinstance(value, str) or not is_id(value):
        raise _invalid("then.send", "write the campaignId of a draft")
    campaign = find_campaign(runner, value)
    if campaign.state != "draft" or campaign.rule is not None:
        raise Refusal(
            "failed-precondition",
            "template-not-draft",
            "A rule sends what a draft says, and this campaign is none any more: save its text as a"
            " new campaign, and name that one.",
        )
    return campaign.id


def _texts(at: str, value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > MAX_TAGS:
        raise _invalid(at, f"write a list of at most {MAX_TAGS} tags")
    if not all(isinstance(one, str) for one in value):
        raise _invalid(at, "write a list of tags")
    return value


def _one_of(at: str, value: object, keys: tuple[str, ...]) -> tuple[str, Any]:
    given = {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else {}
    if len(given) != 1 or given.keys().isdisjoint(keys):
        raise _invalid(at, f"write an object with exactly one of the keys {', '.join(keys)}")
    return next(iter(given.items()))


def _days(at: str, value: object, low: int, high: int) -> int:
    if not isinstance(value, dict) or value.keys() != {"days"}:
        raise _invalid(at, 'write {"days": 180}')
    return _whole(f"{at}.days", value["days"], low, high)


def _whole(at: str, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _invalid(at, f"write a whole number from {low:,} to {high:,}")
    return value


def _invalid(at: str, rule: str) -> Refusal:
    return Refusal("invalid-argument", "rule-invalid", f"The rule was refused at `{at}`: {rule}.")
