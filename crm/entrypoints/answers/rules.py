"""Rules: what is done by itself, and what it did."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from crm.entrypoints.answers.shared import Audience, Doubt, Moment, Page, Problem


class Once(TypedDict):
    """A rule acts on a person again after so many days."""

    days: int


class Rule(TypedDict):
    """A rule; docs/rules.md says what `when`, `only`, `once` and `then` may be."""

    ruleId: str
    revision: int
    name: str
    on: bool
    when: dict[str, object]
    only: dict[str, object] | None
    once: Literal["ever", "event"] | Once
    then: dict[str, object]
    most: int
    since: Moment | None
    paused: str | None
    waiting: int | None
    createdAt: Moment
    updatedAt: Moment
    acted: NotRequired[int]


class RuleSaved(TypedDict):
    """`save_rule`."""

    rule: Rule
    warnings: list[Doubt]


class RulesPage(Page):
    """`list_rules`."""

    rules: list[Rule]


class RuleDeleted(TypedDict):
    """`delete_rule`."""

    ruleId: str


class RuleRun(TypedDict):
    """What a rule did, once."""

    ruleId: str
    rule: str | None
    """Its name; null where it was deleted."""
    customerId: str | None
    did: Literal["tags", "send"]
    eventId: str | None
    campaignId: str | None
    at: Moment


class RuleRunsPage(Page):
    """`list_rule_runs`."""

    runs: list[RuleRun]


class RulePerson(TypedDict):
    """Somebody whom a rule is about."""

    customerId: str
    name: str | None
    email: str | None
    excluded: str | None
    """Why it would not act on the person."""
    dueAt: Moment | None


class RuleEvent(TypedDict):
    """An event that a rule is about."""

    eventId: str
    name: str | None
    startsAt: Moment
    dueAt: Moment
    dueLocal: str
    people: int
    begun: bool


class RulePreview(TypedDict):
    """`preview_rule`."""

    matching: int
    people: list[RulePerson]
    events: list[RuleEvent]
    audience: Audience | None
    most: int
    pauses: bool
    problems: list[Problem]
    warnings: list[Doubt]
